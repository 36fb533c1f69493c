/* matches.h - the journeys behind one number of the map: those that touch a node, make a move, begin or end somewhere. */
#ifndef MATCHES_H
#define MATCHES_H

#include "analysis.h"
#include "waits.h"

struct matches {
    uint64_t journeys, steps, sum_ms, waits;    /* steps at the node, times the move was made, or all steps; waits: how many were measured */
    uint16_t *bucket;
    uint32_t *count;
    uint32_t waits_n;
};
/* matches_one - is j behind the number that arg names? steps: its part of that number. wait_ms: its longest wait there (before the node, on the
 * move), -1 when there is none; on_wait (may be NULL) is called for each.
 *   word_n 0: every journey; 1: with a step there; 2: with that move.  start: it starts at word[0].  end >= 0: it ended so, and at word[0] when given. */
bool matches_one(const struct analysis_arg *arg, const struct tl_journey *j, enum tl_end end, uint64_t *steps, int64_t *wait_ms,
                 void (*on_wait)(void *to, int64_t ms), void *to);
struct waits matches_waits(const struct matches *m);

#endif
