/* kept.h - standards from the side of what was kept: shares within standard, how long it took, resolved at the first contact, handled without a transfer. Pure.
 *
 * The chances are those of breaks.h, judged at as_of in the same way: a wait that may still end in time counts for nothing yet. */
#ifndef KEPT_H
#define KEPT_H

#include "breaks.h"
#include "differ.h"

enum kept_by { KEPT_BY_NONE, KEPT_BY_TOUCHPOINT, KEPT_BY_TIER, KEPT_BY_CHANNEL, KEPT_BY_PLACE, KEPT_BY_WEEK };
struct kept_ask {
    const struct break_rule *rule;  /* standards only are counted, kinds of break without one are not */
    uint32_t rule_n;
    int64_t as_of_ms;
    int32_t from_day, to_day;       /* journeys that start in it */
    enum kept_by by;
};
/* What a row of a rule is:
 *   clock                an eligible wait; took_ms: how long, or as yet when it has not ended
 *   failed, required     an eligible chance
 *   repeat               a chance whose time is over; kept: the customer did not come again, and nothing in the journey was passed on
 *   transfers            a chance of the clock `contact` of its rule; kept: not passed on. No such clock: none. */
struct kept_row { uint32_t rule, group; uint64_t customer; int64_t took_ms; bool kept, ended; };
struct kept_cell { uint32_t rule, group; const struct kept_row *row; size_t n; };      /* rows by customer */
struct kept_cells { struct kept_cell *cell; size_t cell_n; struct kept_row *row; };
#define KEPT_NO_GROUP UINT32_MAX        /* by = KEPT_BY_NONE */
/* kept_cells - by (rule, group): the touchpoint, or a field of the chance (0 where it has none), or the Monday of the journey's start as a day. contact: by rule, the rule of
 * the clock whose chances are the contacts of a transfers rule, rule_n when there is none. *out owned. 0, TL_ENOMEM. */
int kept_cells(const struct told *t, const struct kept_ask *q, const uint32_t *contact, struct kept_cells *out);
/* kept_whole - the same rows, each rule in one cell (group KEPT_NO_GROUP); by: cells of any grouping. *out owned. 0, TL_ENOMEM. */
int kept_whole(const struct kept_cells *by, struct kept_cells *out);
void kept_cells_free(struct kept_cells *c);
const struct kept_cell *kept_cell(const struct kept_cells *c, uint32_t rule, uint32_t group);       /* NULL: there is none */

/* kept_share - rows kept, with the design effect of customers who come again. c NULL: none. */
struct share kept_share(const struct kept_cell *c);
uint64_t kept_customers(const struct kept_cell *c);

/* How long it took. One that has not ended lies beyond every one that has: a quantile that falls there says at least how long (over). */
struct kept_quantile { double ms, lo_ms, hi_ms; bool known, over, has_lo, has_hi; };
struct kept_times { uint64_t ended, open; double mean_ms; struct kept_quantile p50, p90; };         /* mean_ms: of those that ended */
int kept_times(const struct kept_cell *c, struct kept_times *out);                                  /* 0, TL_ENOMEM */

#endif
