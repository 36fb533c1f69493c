/* verdict.h - the three things that may be said of a difference, and about how much more data it would take. */
#ifndef VERDICT_H
#define VERDICT_H

#include <stdint.h>

#include "interval.h"

#define VERDICT_SMALL 0.02      /* +-2 points: differences inside are small whatever the test says */

enum verdict_word { VERDICT_TOO_LITTLE, VERDICT_IS_SMALL, VERDICT_SUPPORTED };
struct verdict { enum verdict_word word; uint64_t more; };      /* more: rows still wanted, >= 1, for VERDICT_TOO_LITTLE; else 0 */

/* verdict_of - small: the whole interval lies within +-2 points. Supported: it leaves out 0. Else, or with fewer than n_min of the n rows it rests on, or
 * when unknown or flat: too little data. `more` is what would narrow the interval, at the same rates, to either of the other two: width falls with the
 * root of n. */
struct verdict verdict_of(const struct interval *difference, uint64_t n, uint64_t n_min);
/* verdict_times_for_p - how many times the rows, at the same rates, until a one-sided p would be as small as `wanted`: a deviate grows with the root of n.
 * At least 1; 1e12 when the difference points the other way. */
double verdict_times_for_p(double p, double wanted);

#endif
