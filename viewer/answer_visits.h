/* answer_visits.h - mystery visits: the register with what each came to, and one visit as a scorecard. Identities are counted, never shown.
 *
 * A checklist item is answered by the shopper, else, where the scenario names a standard for it, by the visit's own events. Journeys are those of the visit's customers that
 * start in its time (visit_list.h), of the catalogue's own types and stream mystery; what was planned is the scenario's steps, with needs, channels and waits of its
 * blueprint. */
#ifndef ANSWER_VISITS_H
#define ANSWER_VISITS_H

#include "analysis/alignment.h"
#include "analysis/scorecard.h"
#include "answer.h"
#include "journey_breaks.h"
#include "visit_list.h"

#define VISIT_JOURNEYS_MAX 16           /* of one visit; further ones are counted */
#define VISIT_TIMINGS_MAX 64
#define VISITS_AGAIN_DAYS 7             /* a later visit so many days after an earlier one is a re-inspection */

/* ---- one visit ---- */
struct visit_item {
    const struct tl_scenario_item *of;
    enum scorecard_answer answer;
    bool by_events;                     /* answered by the visit's events; else by the shopper, or not at all */
    const struct tl_visit_answer *said; /* NULL: the shopper did not answer */
};
enum visit_timing_is { VISIT_TIMING_KEPT, VISIT_TIMING_BROKEN, VISIT_TIMING_RUNNING, VISIT_TIMING_UNKNOWN /* a stamp is missing, or its source is silent */ };
struct visit_timing {
    struct tl_str id, touchpoint;       /* touchpoint absent: of stamps */
    struct tl_title title;
    bool by_events;                     /* else by the shopper's stamps */
    enum visit_timing_is is;
    int64_t from_ms, took_ms, limit_ms; /* took: -1 not known; of what runs still, so far */
};
struct visit_move {
    struct align_move of;
    struct tl_str touchpoint, channel;  /* channel: of the actual step, or absent */
    struct tl_title title;
    bool required, accepted;
    int64_t at_ms, max_wait_ms;         /* TL_TIME_NONE: skipped */
};
struct visit_journey { uint8_t customer[16]; struct timeline of; };
struct visit_card {
    const struct visit_seen *of;
    const struct tl_scenario *scenario; /* NULL: it names none, or none that the catalogue has */
    struct visit_item *item;            /* scenario->item_n */
    struct scorecard all, *section;     /* section: by scenario step */
    struct visit_timing *timing; uint32_t timing_n;
    bool aligned;                       /* there is a plan, and at least one journey */
    double fitness;
    int64_t cost, worst_cost;
    uint32_t edits, steps_cut;
    struct visit_move *move; uint32_t move_n;
    struct visit_journey *journey; uint32_t journey_n, journeys_left_out;
    const struct journey_break *first, *worst;      /* among the breaks of all journeys; NULL: none */
    uint32_t break_n;
};
struct visit_cards;                     /* what cards are made with; in the look's arena */
int visit_cards_begin(struct look *k, struct tl_store_txn *t, const struct visit_list *all, struct visit_cards **out, struct tl_err *err);
/* visit_card_make - of all->item[i]; everything in arena a, which may be another one than the look's */
int visit_card_make(struct visit_cards *c, uint32_t i, struct tl_arena *a, struct visit_card *out, struct tl_err *err);
/* fold_visit - the one that ask->visit names. TL_ENOTFOUND. */
struct visit_answer { struct visit_list all; struct visit_card card; };
int fold_visit(struct look *k, struct visit_answer *out, struct tl_err *err);

/* ---- all of them ---- */
struct visit_named { struct tl_str id, touchpoint; struct tl_title name, title; int severity; };     /* a break, in short; id absent: none */
struct visit_shown {
    const struct visit_seen *of;
    const struct tl_scenario *scenario;
    struct scorecard all;
    bool aligned;
    double fitness;
    uint32_t journeys, breaks;
    struct visit_named first, worst;
    enum scorecard_answer *answer;      /* by scenario item; NULL without a scenario */
};
struct visit_rate { struct tl_str id, more; struct tl_title title; uint32_t visits; uint64_t yes, no, na, open; struct interval share; };     /* Wilson after the design effect of visits; of places shrunken; more: the scenario of an item */
struct visit_again { const struct visit_shown *before, *after; int32_t days; struct interval change; };
struct visits_sums {
    double de;                          /* design effect of visits on shares of answers */
    struct visit_rate *item, *touchpoint, *place, *month;      /* by scenario and order; by order; by name; by time */
    uint32_t item_n, touchpoint_n, place_n, month_n;
    struct scorecard_alike alike;       /* double visits: of one scenario at one place on one day */
    struct interval alike_share;
    uint32_t pairs;
    struct visit_again *again; uint32_t again_n;
};
struct visits_answer {
    struct visit_list all;
    struct visit_shown *item; uint32_t item_n, more;    /* asked for; more: beyond what the list can hold */
    uint32_t state[TL_VISIT_WITHDRAWN + 1];
    struct visits_sums sums;
};
int fold_visits(struct look *k, struct visits_answer *out, struct tl_err *err);      /* by from, then id */
int visits_sum(struct look *k, struct visits_answer *a, struct tl_err *err);         /* fills sums (fold_visits_sums.c) */

void render_visits(struct tl_buf *out, const struct look *k, const struct visits_answer *a);
/* render_visit - for_outlet: nothing that tells who the shopper is: no identities, orders, customers, events, remarks to QA or names of files */
void render_visit(struct tl_buf *out, const struct look *k, const struct visit_card *c, bool for_outlet);

#endif
