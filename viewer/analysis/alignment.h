/* alignment.h - what a visit should have been against what it was: the cheapest way to read one as the other. Pure.
 *
 * A way is a list of moves: both go on together (sync, only at one touchpoint), a planned step is skipped, an actual one is an extra. Costs are millionths of a weight:
 *   sync   min(w, .5 on another channel than planned + min(1, excess / limit) w)      skip   w of a required step, 0 of an optional one
 *   extra  .5, 0 where it is accepted
 * Of alternatives (`group`) one is wanted: that all are skipped costs the largest weight among them, once, at the last. The excess is what the wait from the step before is beyond max_wait_ms
 * (exactly then is in time): the nearest earlier planned step, no alternative of it, that had been visited by then, from the end of its first visit, as the blueprint
 * page counts waits (plan.h).
 * Ties: fewest edits (moves that are no sync); then, sync by sync, the earliest planned step, then the earliest actual one. All sums are whole numbers, so a tie is a tie. */
#ifndef ALIGNMENT_H
#define ALIGNMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ALIGN_PLANNED_MAX 64
#define ALIGN_ACTUAL_MAX 400            /* further ones are counted in cut */
#define ALIGN_GROUPS_OPEN_MAX 4         /* groups that may lie across each other; the steps of further ones count as optional: groups_cut */
#define ALIGN_UNIT 1000000              /* a weight of 1 */
#define ALIGN_WEIGHT_MAX (100 * (int64_t)ALIGN_UNIT)

struct align_planned {
    uint32_t touchpoint;                /* any number; equal ones are the same place */
    uint32_t group;                     /* alternatives share one; 0: stands alone */
    uint64_t channels;                  /* bit by channel number below 64; 0: anywhere */
    int64_t weight;                     /* 0..ALIGN_WEIGHT_MAX */
    int64_t max_wait_ms;                /* 0: not said */
    bool required;
};
struct align_actual {
    uint32_t touchpoint;
    uint32_t channel;                   /* 0 or 64 and beyond: none that a plan could name */
    int64_t start_ms, end_ms;
    bool accepted;                      /* as an extra it costs nothing */
};
enum align_kind { ALIGN_SYNC, ALIGN_SKIP, ALIGN_EXTRA };
struct align_move {
    enum align_kind kind;
    uint32_t planned, actual;           /* indices; of a skip planned alone, of an extra actual alone */
    int64_t cost;
    bool elsewhere;                     /* sync: on another channel */
    int64_t wait_ms, excess_ms;         /* sync: -1 where there is no step before; beyond max_wait_ms, 0 in time */
};
struct alignment {
    struct align_move *move;            /* in order; between two syncs skips stand before extras */
    uint32_t move_n, edits;
    int64_t cost, worst;                /* worst: everything skipped and everything an extra */
    uint32_t cut, groups_cut;
};
/* alignment_make - returns owned moves. n <= ALIGN_PLANNED_MAX. 0, or TL_ENOMEM. Time and memory: n x m, times 2 for each group that is open at once. */
int alignment_make(const struct align_planned *planned, uint32_t n, const struct align_actual *actual, uint32_t m, struct alignment *out);
void alignment_free(struct alignment *a);
/* alignment_fitness - 1 - cost / worst; 1 where there is nothing to compare */
double alignment_fitness(const struct alignment *a);

#endif
