/* rowsort.h - journey rows, made customer by customer, into key order: sorted runs, then one merge. */
#ifndef ROWSORT_H
#define ROWSORT_H

#include "tl_err.h"
#include "tl_mem.h"
#include "tl_rows.h"

struct rowsort;
struct rowsort *rowsort_new(const char *dir, size_t run_bytes);     /* dir, for the runs, is borrowed; run_bytes: held in memory */
void rowsort_free(struct rowsort **rp);
/* rowsort_put - rows of one (type, day) must come in key order, as customers in number order with rows in key order do */
int rowsort_put(struct rowsort *r, const uint8_t key[TL_JOURNEY_KEY_BYTES], struct tl_str row, struct tl_err *err);
/* rowsort_each - all rows in key order; nothing may be put any more */
int rowsort_each(struct rowsort *r, int (*each)(void *arg, const uint8_t *key, struct tl_str row, struct tl_err *err), void *arg, struct tl_err *err);

#endif
