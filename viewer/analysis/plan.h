/* plan.h - planned and actual: how many journeys came to each step of a blueprint, when after the step before, and where. Pure.
 *
 * Of a journey the first visit of each planned touchpoint counts; one that only begins there ends with the next step there that completes (so all lifecycles
 * are looked at, but what was merely scheduled is no visit). The step before is the nearest earlier one in the plan that the journey visited and that is
 * no alternative of it; the wait runs from the end of that visit. A visit that began before it came early, and has no wait. Steps that are not planned are not
 * looked at here. */
#ifndef PLAN_H
#define PLAN_H

#include "analysis.h"
#include "tl_hist.h"

#define PLAN_STEPS_MAX 64

struct plan_step_ask {           /* no padding: hashed as it lies */
    uint32_t touchpoint;        /* dictionary number; 0: found nowhere */
    uint32_t group;             /* alternatives share one; 0: stands alone */
    uint64_t channels;          /* bit by dictionary number (channels are below 64); 0: anywhere */
    int64_t max_wait_ms;        /* 0: not said */
};
struct plan_ask { struct plan_step_ask step[PLAN_STEPS_MAX]; uint32_t n; };    /* analysis_arg.more points to it */

struct plan_step {
    uint64_t in[TL_END_N];      /* journeys with a visit, by how they ended */
    uint64_t met_good;          /* journeys closed good with a visit of it or of an alternative */
    uint64_t elsewhere, early;  /* of the first visits: on another channel than planned; before the step before */
    uint64_t waits, over;       /* first visits that have a step before; those beyond max_wait_ms */
    struct tl_hist *wait;       /* of waits, NULL when there are none */
};
struct plan {
    uint64_t ends[TL_END_N];    /* all journeys of the set */
    struct plan_step step[PLAN_STEPS_MAX];
};
/* plan_wait - a quantile of the waits before a step, q in thousandths, with its interval by exact ranks, times (1 -+ 1 %). */
struct plan_wait { double ms, lo_ms, hi_ms; bool known, has_lo, has_hi; };
struct plan_wait plan_wait(const struct plan_step *s, uint32_t per_mille);

#endif
