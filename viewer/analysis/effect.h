/* effect.h - did an action work? Whole weeks before it against as many after it, where it was taken and elsewhere; and what may be said of the difference. Pure. */
#ifndef EFFECT_H
#define EFFECT_H

#include "differ.h"

#define EFFECT_WEEKS_MAX 26         /* either side: longer is another season */
#define EFFECT_WORTH 0.05           /* a change that an action was worth, when nobody said how much was expected */
#define EFFECT_ROWS_MIN 30          /* of each of the shares compared */

/* Days, both ends counted. weeks 0: the first whole week is not over. */
struct effect_window { int32_t weeks, before_from, before_to, after_from, after_to; bool capped; };
/* effect_window - from start on, up to the day before today; weeks_max 1..EFFECT_WEEKS_MAX */
struct effect_window effect_window(int32_t start_day, int32_t today, int32_t weeks_max);

enum effect_word { EFFECT_WORKS, EFFECT_NONE /* no effect seen */, EFFECT_TOO_LITTLE };
struct effect_verdict { enum effect_word word; bool worse; uint64_t more; };       /* worse: the other way, and not by chance; more: rows still wanted */
struct effect {
    struct change acted, rest;
    bool compared;                  /* rest holds a comparison; else value is before against after alone */
    struct interval points;         /* (after - before) acted - (after - before) rest */
    struct interval ratio;          /* of the rate before where it was acted: points / before; Katz' interval without a comparison */
    struct effect_verdict verdict;
};
/* effect_judge - fills the rest from acted, rest and compared. more_is_better: of outcomes that are wanted. worth: points expected, > 0, 0: EFFECT_WORTH.
 * works: the interval lies on the good side of 0. none: it does not, and it leaves out a change of `worth` (or lies within +-2 points). Else too little. */
void effect_judge(struct effect *e, bool more_is_better, double worth);

#endif
