/* answer_lanes.h - what the map page shows besides the map: flows against limits, what customers wrote, opportunities, and what one may filter by. */
#ifndef ANSWER_LANES_H
#define ANSWER_LANES_H

#include "analysis/interval.h"
#include "fold.h"

/* ---- flows against limits (fold_flows.c) ---- */
struct flow_over { struct tl_str from, to; uint64_t n, k; struct interval rate; };      /* n: journeys with an eligible chance there that made this move */
struct flow_limit { struct tl_str touchpoint, standard; struct tl_title name; int64_t limit_ms; bool promise; };   /* limit_ms of a promise: its grace */
struct flows_answer { struct flow_over *flow; uint32_t flow_n; struct flow_limit *limit; uint32_t limit_n; };
int fold_flows(struct look *k, struct flows_answer *out, struct tl_err *err);           /* most over first */

/* ---- what customers wrote (fold_quotes.c) ---- */
#define QUOTE_BYTES 600             /* of a text; longer ones are cut at a character */
#define QUOTES_READ_MAX 1200        /* events looked up in the log for one answer */
#define QUOTES_JOURNEYS_MAX 4000    /* journeys looked at, the newest first */
#define QUOTE_TYPES_MAX 256
struct quote {
    struct tl_str text, touchpoint, channel, place, type, score_kind;
    struct tl_title title;
    int64_t at_ms, journey_start_ms;
    int32_t score_milli;            /* with score_kind */
    uint8_t customer[16];
    uint64_t position;
    bool cut;
};
struct quotes_answer { struct quote *item; uint32_t item_n, read, journeys; bool more; };       /* more: a cap was hit, older ones were not looked at */
int fold_quotes(struct look *k, struct quotes_answer *out, struct tl_err *err);         /* newest first */

/* ---- opportunities as entered (fold_opportunities.c) ---- */
#define OPPORTUNITIES_MAX 1000      /* further ones are counted in more */
struct opportunity { struct tl_str id, text, touchpoint, stage, journey, owner, status, actor; int64_t entered_ms, changed_ms; };
struct opportunities_answer { struct opportunity *item; uint32_t item_n, more; };
int fold_opportunities(struct look *k, struct opportunities_answer *out, struct tl_err *err);   /* by when entered, then id */

/* ---- what one may filter by (fold_facets.c) ---- */
#define FACET_VALUES_MAX 500        /* of one attribute, the commonest; further ones are counted in more */
enum { FACET_TIER, FACET_CHANNEL, FACET_PLACE, FACETS_N };
struct facet_value { struct tl_str value; uint64_t journeys; };
struct facet_list { struct facet_value *item; uint32_t item_n, more; };
struct facets_answer { struct facet_list of[FACETS_N]; };
int fold_facets(struct look *k, struct facets_answer *out, struct tl_err *err);

void render_flows(struct tl_buf *out, const struct look *k, const struct flows_answer *a);
void render_quotes(struct tl_buf *out, const struct look *k, const struct quotes_answer *a);
void render_opportunities(struct tl_buf *out, const struct opportunities_answer *a);
void render_facets(struct tl_buf *out, const struct look *k, const struct facets_answer *a);

#endif
