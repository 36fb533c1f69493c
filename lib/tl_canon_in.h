/* tl_canon_in.h - what the files that write canonical rows share. */
#ifndef TL_CANON_IN_H
#define TL_CANON_IN_H

#include "tl_facts.h"
#include "tl_json.h"
#include "tl_store.h"

/* canon_facts - members "chances", "breaks", "scores", "outcomes", those that are not empty */
void canon_facts(struct tl_store_txn *t, struct tl_jw *w, const struct tl_facts *f);
void canon_scores(struct tl_store_txn *t, struct tl_jw *w, const struct tl_kept *e);
/* canon_asked - what is kept only where a standard asks: agent, promise */
void canon_asked(struct tl_jw *w, const struct tl_kept *e);
void canon_outcomes(struct tl_store_txn *t, struct tl_jw *w, const struct tl_profile_outcome *list, uint32_t n);

#endif
