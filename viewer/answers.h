/* answers.h - answers of the dear kind, kept whole while nothing new has come in and the same is asked as of the same moment. The least recently used go first.
 * Thread-safe. */
#ifndef ANSWERS_H
#define ANSWERS_H

#include "tl_mem.h"

#define ANSWERS_MAX 128                 /* kept at most */
#define ANSWERS_BYTES (8u << 20)        /* of all together */

struct answers;
struct answers *answers_new(void);      /* NULL: out of memory */
void answers_free(struct answers **ap);
/* key: a hash of the address, and of all that the answer hangs on. get - the body is appended to out; false: not kept */
bool answers_get(struct answers *a, const uint8_t key[16], struct tl_buf *out);
void answers_put(struct answers *a, const uint8_t key[16], const struct tl_buf *body);      /* one that does not fit is not kept */

#endif
