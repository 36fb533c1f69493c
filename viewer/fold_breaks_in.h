/* fold_breaks_in.h - what the files of break points share. */
#ifndef FOLD_BREAKS_IN_H
#define FOLD_BREAKS_IN_H

#include "analysis/drops.h"
#include "fold_findings.h"

#define BREAKS_WATCH_DAYS_MAX 400       /* a rise is looked for in so many days before the last one at most */

struct break_of {                       /* what an item of the answer is made of */
    uint32_t rule;                      /* in f.rule; f.rule_n: where journeys stopped */
    uint32_t touchpoint, place, daypart;
    uint32_t tally;                     /* in counts.cell; of those with a rule */
};
struct breaks_ctx {
    struct look *k;
    struct findings f;
    struct breaks_ask ask;
    struct tl_store_txn *t;
    struct breaks_answer *out;
    struct break_of *of;                /* by item */
    struct tallies counts;
    struct fold_part *drops;            /* held; of all days that are looked at; NULL: not asked */
};
/* breaks_drops - where journeys stopped, over all days looked at; customers are told of the touchpoints in arg->word */
int breaks_drops(struct breaks_ctx *c, const struct analysis_arg *arg, struct fold_part **out, struct tl_err *err);
/* breaks_test - rates, q and verdicts of all items, in two passes */
int breaks_test(struct breaks_ctx *c, struct tl_err *err);
/* breaks_trend - since when each cell is above its usual share */
int breaks_trend(struct breaks_ctx *c, struct tl_err *err);
/* breaks_shrink - the rates of places, drawn towards that of all of them */
int breaks_shrink(struct breaks_ctx *c, struct tl_err *err);

#endif
