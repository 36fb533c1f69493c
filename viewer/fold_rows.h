/* fold_rows.h - the rows of one day through a sieve: one read transaction, decode, test, hand on. */
#ifndef FOLD_ROWS_H
#define FOLD_ROWS_H

#include "fold.h"

struct fold_rows {                  /* scratch of one thread */
    struct look *look;
    struct tl_step *steps;          /* TL_JOURNEY_STEPS_MAX */
    uint8_t *both;                  /* by dictionary number: 0 not asked, 1 no, 2 yes; so that a lock is taken once a touchpoint */
    uint32_t both_n;
    struct tl_store_txn *txn;       /* of the day being read */
    struct sieve sieve;             /* a copy of the look's, with the interval of this day */
};
int fold_rows_init(struct fold_rows *r, struct look *k, struct tl_err *err);
void fold_rows_done(struct fold_rows *r);
/* fold_rows_day - *revision out (may be NULL): the day's, as of the same transaction. ends: the ends of journeys are asked for. */
int fold_rows_day(struct fold_rows *r, int32_t day, bool ends, fold_each each, void *arg, uint64_t *revision, struct tl_err *err);

#endif
