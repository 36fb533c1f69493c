/* answer.h - what each address answers, as structs in the look's arena: made by the fold_*.c files, written out by render.c. */
#ifndef ANSWER_H
#define ANSWER_H

#include "analysis/cell.h"
#include "analysis/moments.h"
#include "analysis/rate.h"
#include "analysis/shown.h"
#include "analysis/verdict.h"
#include "answer_identity.h"
#include "fold.h"
#include "tl_alerts.h"

/* ---- map (fold_map.c) ---- */
struct place { struct tl_title title; struct tl_str stage, channel; bool unassigned; };    /* of a touchpoint; stage and channel absent when there is none; unassigned: there is a catalogue, and it is not in it */
struct map_answer {
    uint64_t journeys, steps, customers;
    uint64_t unassigned, unassigned_steps;      /* touchpoints that are not in the catalogue, of all */
    struct shown shown;
    struct place *place;        /* by shown node */
};
int fold_map(struct look *k, struct map_answer *out, struct tl_err *err);

/* ---- variants and funnel (fold_ways.c) ---- */
struct variant_answer { char id[28]; struct tl_str *touchpoint; uint32_t touchpoint_n; uint64_t journeys; double share; };
struct variants_answer { uint64_t journeys, variants; struct variant_answer *top; uint32_t top_n; };
int fold_variants(struct look *k, struct variants_answer *out, struct tl_err *err);
struct funnel_answer { struct { uint64_t journeys; struct rate rate; double mean_ms, p50_ms, p90_ms, p95_ms; } step[ASK_STEPS_MAX]; uint64_t journeys; };   /* ms: to the step from the last visit of the one before */
int fold_funnel(struct look *k, struct funnel_answer *out, struct tl_err *err);

/* ---- rework (fold_rework.c) ---- */
struct rework_item { struct tl_str touchpoint; struct tl_title title; uint64_t journeys, again, redo; struct rate rate; };
struct rework_answer { uint64_t journeys; struct rework_item *item; uint32_t item_n; };      /* most journeys that came back first */
int fold_rework(struct look *k, struct rework_answer *out, struct tl_err *err);

/* ---- findings (fold_findings.c, fold_breaks.c, fold_moments.c) ---- */
struct break_answer {
    struct tl_str id, owner;            /* of the standard; id of those without one: drop_off, missing, out_of_order */
    struct tl_title name;
    struct tl_str type;                 /* wait, failed, required, repeat, transfers, missing, out_of_order, drop_off */
    struct tl_str touchpoint, place, daypart;   /* place and daypart absent unless asked by them */
    struct tl_str called;               /* its name: cell_name.h */
    struct tl_str journeys;             /* address that lists the journeys hit */
    struct tl_title title;
    bool unfinished, shown;
    uint64_t n, k, cancelled, unknown;     /* unknown: silence decides, and its source (ends_from) is silent too */
    double de, row_lo, row_hi;          /* row_*: as if every row were its own customer */
    double allowed;                     /* 0: against the period before */
    struct share before;                /* the period before: of the same standard too */
    struct interval change;             /* now - before */
    struct interval shrunk;             /* by place: the rate drawn towards that of all places; unknown with fewer than 5 of them */
    struct { bool watched, alarmed; int32_t since_day, alarm_day; double level, bar; } rise;     /* day by day: since when it is above its usual share */
    struct cell cell;
    double q;
    struct verdict verdict;
    int severity;
    bool has_damage;
    struct interval damage, damage_crude;
    uint64_t damage_n;
    double damage_de;
    const struct stratum *damage_table;
    uint32_t damage_table_n;
    double loss;                        /* journeys, at least; < 0: not known */
    struct break_status *work;          /* answer_status.h; NULL: nobody has entered anything about it */
};
struct breaks_answer {
    int32_t from_day, to_day, before_from, before_to, watch_from;
    uint64_t journeys;
    uint32_t tests, found;              /* m, and how many of them are shown */
    uint32_t left_out;                  /* touchpoints that a blueprint does not have beyond the 64 that are tested */
    uint64_t unknown;                   /* chances that silence decides and whose source is silent too */
    struct tl_str damage_outcome;
    struct break_answer *item;          /* shown ones first, then by how far their interval lies over what is allowed */
    uint32_t item_n;
};
int fold_breaks(struct look *k, struct breaks_answer *out, struct tl_err *err);
struct moment_table { struct tl_str name[TOLD_STRATA_MAX]; struct stratum of; struct interval rd; bool compared; };
struct moment_answer {
    struct tl_str touchpoint;
    struct tl_title title;
    bool good, declared, tested, shown;
    uint64_t excluded, waiting, unknown;
    double de, q;
    struct strata judged;
    struct strata_gate gate;
    struct verdict verdict;
    struct moment_table *table;
    uint32_t table_n;
};
struct moments_answer {
    uint32_t tests;
    struct tl_str outcome;
    struct tl_title outcome_title;
    int64_t horizon_ms, within_ms;
    int64_t landmark_ms;                /* 0: where the experience ended */
    const struct tl_str *strata;
    uint32_t strata_n;
    struct moment_answer *item;         /* shown ones first, by the lower bound of what could be saved */
    uint32_t item_n;
};
int fold_moments(struct look *k, struct moments_answer *out, struct tl_err *err);

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
struct identity_answer { struct tl_str kind; uint8_t hash[16]; uint64_t events; int64_t first_ms; bool shared /* everybody's: it links nobody */; };
struct step_answer { struct tl_str touchpoint, channel; struct tl_title title; const char *lifecycle; int64_t start_ms, end_ms, wait_ms; };
struct journey_breaks;
struct journey_waits;
struct person;
struct person_told;
struct timeline { struct tl_str type; int64_t start_ms, last_ms; enum tl_end end; struct step_answer *step; uint32_t step_n, cut_n; struct journey_breaks *breaks; struct journey_waits *waits; };
struct journey_breaks_teller;
/* fold_timeline - one journey as shown; b: of the events of its customer */
int fold_timeline(struct look *k, struct tl_store_txn *t, struct journey_breaks_teller *b, const struct tl_journey *j, struct timeline *o, struct tl_err *err);
struct event_answer { uint64_t position; int64_t time_ms, received_ms; struct tl_str type, touchpoint, channel, origin; struct tl_title title; uint8_t stream; struct person_told *told /* NULL: of the oldest, or gone */; };
struct customer_answer {
    struct tl_customer customer;
    struct identity_answer_all links;
    struct identity_answer *identity;
    struct timeline *journey;
    uint32_t journey_n;
    struct person *person;      /* NULL on further pages */
    struct event_answer *event;
    uint32_t event_n;
    uint64_t next;              /* events older than those shown, 0 at the end */
    bool live;                  /* as_of is now: waits that run go on running */
};
int fold_customer(struct look *k, struct customer_answer *out, struct tl_err *err);
/* fold_raw - the JSON of one event of the customer, as sent; in hold */
int fold_raw(struct look *k, struct tl_buf *hold, struct tl_str *raw, struct tl_err *err);

/* ---- quarantine (fold_quarantine.c) ---- */
struct refused_item { int64_t number, received_ms; uint64_t offset, bytes; struct tl_str origin, reason, field, head; };
struct quarantine_answer { uint64_t count; struct refused_item *item; uint32_t item_n; int64_t next; };     /* next: 0 at the end */
int fold_quarantine(struct look *k, struct quarantine_answer *out, struct tl_err *err);
/* fold_refused - the item of the door that raw= numbers, whole: its bytes (64 KB at most) are in hold. TL_ENOTFOUND. */
int fold_refused(struct look *k, struct tl_buf *hold, struct refused_item *out, struct tl_err *err);

/* ---- alerts (fold_alerts.c) ---- */
struct alerts_answer { struct tl_alert **alert; uint32_t alert_n; uint64_t next; bool more; struct tl_alerts_counts counts; };
int fold_alerts(struct look *k, struct alerts_answer *out, struct tl_err *err);

#endif
