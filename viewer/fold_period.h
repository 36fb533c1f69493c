/* fold_period.h - the period that an answer speaks of, and the one that it is held against. */
#ifndef FOLD_PERIOD_H
#define FOLD_PERIOD_H

#include "fold.h"

/* Days on which journeys start, both ends counted, in the store's time zone. before: of equal length in whole weeks, ending that much earlier. */
struct period { int32_t from_day, to_day, before_from, before_to, today; };        /* today: the day of as_of */
/* fold_period - what was asked, else the last four whole weeks before as_of. TL_EINVAL: from is later than as_of, or more than 100 years. */
int fold_period(const struct look *k, struct period *out, struct tl_err *err);

#endif
