/* answer_shared.h - identities that are everybody's, and so nobody's: told with more people than one person can be. */
#ifndef ANSWER_SHARED_H
#define ANSWER_SHARED_H

#include "answer_identity.h"

#define SHARED_MAX 200                  /* told one by one; all are counted */
struct shared_item { struct identity_link at; };        /* a: the identity; the rest: of the event that was one too many */
struct shared_answer { struct shared_item *item; uint32_t item_n; uint64_t count; };
int fold_shared(struct look *k, struct shared_answer *out, struct tl_err *err);
void render_shared(struct tl_buf *out, const struct shared_answer *a);

#endif
