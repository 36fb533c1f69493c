/* fold_days.h - partials of days, sums of months and of whole periods: found in the cache, or folded from rows by two threads. */
#ifndef FOLD_DAYS_H
#define FOLD_DAYS_H

#include "fold.h"

int fold_days_sum(struct look *k, struct fold_cache *c, const struct analysis *an, const struct analysis_arg *arg, struct fold_part **sum, struct tl_err *err);

#endif
