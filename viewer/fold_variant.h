/* fold_variant.h - variant= of a question: the journeys that went one exact way, named by a hash of its touchpoints' names, so that a link holds in any store. */
#ifndef FOLD_VARIANT_H
#define FOLD_VARIANT_H

#include "analysis/variants.h"
#include "fold.h"

#define VARIANT_ID_HEX 24

/* fold_variant_id - its name; t: of the store whose numbers v has */
void fold_variant_id(struct tl_store_txn *t, const struct variants *v, const struct variant *one, char out[VARIANT_ID_HEX + 1]);
/* fold_variant - finds k->ask->variant among the ways of the other journeys asked about, and lets k->sieve ask for it. A way that nobody went is no mistake: no journey. */
int fold_variant(struct look *k, struct tl_err *err);

#endif
