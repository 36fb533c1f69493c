/* answer.h - what each address answers, as structs in the look's arena: made by the fold_*.c files, written out by render.c. */
#ifndef ANSWER_H
#define ANSWER_H

#include "analysis/rate.h"
#include "analysis/shown.h"
#include "fold.h"

/* ---- map (fold_map.c) ---- */
struct place { struct tl_title title; struct tl_str stage, channel; };      /* of a touchpoint; stage and channel absent when there is none */
struct map_answer {
    uint64_t journeys, steps, customers;
    struct shown shown;
    struct place *place;        /* by shown node */
};
int fold_map(struct look *k, struct map_answer *out, struct tl_err *err);
struct metrics_answer { uint64_t journeys, steps, customers, events; };
int fold_metrics(struct look *k, struct metrics_answer *out, struct tl_err *err);

/* ---- variants and funnel (fold_ways.c) ---- */
struct variant_answer { struct tl_str *touchpoint; uint32_t touchpoint_n; uint64_t journeys; double share; };
struct variants_answer { uint64_t journeys, variants; struct variant_answer *top; uint32_t top_n; };
int fold_variants(struct look *k, struct variants_answer *out, struct tl_err *err);
struct funnel_answer { struct { uint64_t journeys; struct rate rate; } step[ASK_STEPS_MAX]; uint64_t journeys; };
int fold_funnel(struct look *k, struct funnel_answer *out, struct tl_err *err);

/* ---- journeys behind a number (fold_journeys.c) ---- */
struct journey_item { uint8_t customer[16]; int64_t start_ms, last_ms; enum tl_end end; uint32_t steps, cut; int64_t wait_ms; };   /* cut: steps beyond the most that a journey keeps */
struct bucket_answer { int64_t lo_ms, hi_ms; uint64_t n; };
struct journeys_answer {
    uint64_t count, steps, waits;
    double mean_ms, p50_ms, p90_ms, p95_ms;
    struct bucket_answer *bucket;
    uint32_t bucket_n;
    struct journey_item *item;
    uint32_t item_n;
    char next[96];              /* "" at the end */
};
int fold_journeys(struct look *k, struct journeys_answer *out, struct tl_err *err);

/* ---- customers (fold_customers.c) ---- */
struct customer_item { uint8_t hash[16]; uint64_t events; int64_t first_ms, last_ms; uint32_t identities, journeys; };
struct customers_answer { struct customer_item *item; uint32_t item_n; uint64_t next; };     /* next: 0 at the end */
int fold_customers(struct look *k, struct customers_answer *out, struct tl_err *err);
struct identity_answer { struct tl_str kind; uint8_t hash[16]; uint64_t events; int64_t first_ms; };
struct step_answer { struct tl_str touchpoint, channel; struct tl_title title; const char *lifecycle; int64_t start_ms, end_ms, wait_ms; };
struct timeline { struct tl_str type; int64_t start_ms, last_ms; enum tl_end end; struct step_answer *step; uint32_t step_n, cut_n; };
struct event_answer { uint64_t position; int64_t time_ms, received_ms; struct tl_str type, touchpoint, channel, origin; struct tl_title title; uint8_t stream; };
struct customer_answer {
    struct tl_customer customer;
    struct identity_answer *identity;
    struct timeline *journey;
    uint32_t journey_n;
    struct event_answer *event;
    uint32_t event_n;
    uint64_t next;              /* events older than those shown, 0 at the end */
};
int fold_customer(struct look *k, struct customer_answer *out, struct tl_err *err);
/* fold_raw - the JSON of one event of the customer, as sent; in hold */
int fold_raw(struct look *k, struct tl_buf *hold, struct tl_str *raw, struct tl_err *err);

/* ---- quarantine (fold_quarantine.c) ---- */
struct refused_item { int64_t number, received_ms; uint64_t offset, bytes; struct tl_str origin, reason, field, head; };
struct quarantine_answer { uint64_t count; struct refused_item *item; uint32_t item_n; int64_t next; };     /* next: 0 at the end */
int fold_quarantine(struct look *k, struct quarantine_answer *out, struct tl_err *err);

#endif
