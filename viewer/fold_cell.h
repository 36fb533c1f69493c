/* fold_cell.h - break= of a question: the journeys behind one cell of break points. */
#ifndef FOLD_CELL_H
#define FOLD_CELL_H

#include "fold.h"

/* fold_cell - resolves k->ask->brk against the catalogue and the store's words, and lets k->sieve ask for it. t may be NULL: an empty store.
 * 0; TL_EINVAL: it is no cell's name, or its standard, kind of break or daypart is unknown: err names those there are. */
int fold_cell(struct look *k, struct tl_store_txn *t, struct tl_err *err);

#endif
