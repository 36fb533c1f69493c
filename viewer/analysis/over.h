/* over.h - flows against limits: of the journeys that made a move to a touchpoint with a limit, how many were beyond it there. Pure.
 *
 * A limit is a clock or promise that is counted at the touchpoint where the move ends. A journey counts once for each flow it made: it is over when any of its
 * eligible chances there is hit, as breaks.h judges them at as_of; one whose wait may still end in time counts for nothing yet. */
#ifndef OVER_H
#define OVER_H

#include "breaks.h"

struct over_ask { const struct break_rule *rule; uint32_t rule_n; int64_t as_of_ms; };     /* arg->more */
struct over_flow { uint32_t from, to; uint64_t n, k; };
struct over { struct over_flow *flow; size_t flow_n; };         /* ascending by (from, to) */
/* over_limits - does the rule say how long something may take at a touchpoint of its own? */
bool over_limits(const struct break_rule *r);
extern const struct analysis analysis_over;

#endif
