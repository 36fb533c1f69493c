/* backtrack.h - from a bad outcome back over the journey: which break came first, which was the worst. Over many journeys: how often each was the first. Pure.
 *
 * A break counts when it was one before the outcome came (strictly: what is told by the outcome itself explains nothing). First: earliest evidence, then the order planned, then the
 * order of rules. Worst: severity, then actual / limit, then the earliest. */
#ifndef BACKTRACK_H
#define BACKTRACK_H

#include "moments.h"

struct backtrack_break {
    uint32_t rule;                  /* of breaks_ask; rule_n + enum tl_break_kind: a kind that no rule is of */
    uint32_t touchpoint;
    int64_t at_ms, broken_ms;       /* of the earliest evidence; when it was a break */
    int severity;
    double ratio;                   /* actual / limit; 1 where that says nothing */
};
struct backtrack_order { uint32_t (*rank)(void *arg, uint32_t touchpoint); void *arg; };     /* where a touchpoint stands in the plan */
struct backtrack_one { bool any; struct backtrack_break first, worst; uint32_t n; };
/* backtrack_of - the breaks of one journey before a moment; c and b are its own chances and breaks */
struct backtrack_one backtrack_of(const struct breaks_ask *q, const struct told_journey *j, const struct told_chance *c, const struct tl_break *b, int64_t before_ms, struct backtrack_order order);

#define BACKTRACK_EXAMPLES_MAX 5
struct backtrack_example { uint64_t customer; int64_t start_ms, at_ms; };
struct backtrack_cell {
    uint32_t rule, touchpoint;
    uint64_t first, worst;          /* journeys whose first break it was; whose worst */
    double de;                      /* design effect of customers who come again, on first */
    struct backtrack_example example[BACKTRACK_EXAMPLES_MAX];       /* the latest journeys it was first in */
    uint32_t example_n;
};
struct backtracks {
    struct backtrack_cell *cell; size_t n;      /* most often first, first; owned (tl_free) */
    uint64_t journeys;              /* of the days asked whose outcome is known */
    uint64_t bad;                   /* of those, with the bad outcome */
    uint64_t none;                  /* of those, without a break before it */
    uint64_t waiting;               /* not decided yet */
};
/* backtrack_when - when a journey met the outcome: Unix ms; TL_TIME_NONE: it did not; BACKTRACK_OPEN: not decided (yet) */
#define BACKTRACK_OPEN INT64_MAX
typedef int64_t (*backtrack_when)(void *arg, const struct told_journey *j, const struct tl_marked *m);
/* backtracks_count - over the journeys of q's days. 0, TL_ENOMEM. */
int backtracks_count(const struct told *t, const struct breaks_ask *q, backtrack_when when, void *arg, struct backtrack_order order, struct backtracks *out);

#endif
