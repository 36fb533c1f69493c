/* moments.h - journeys that met, or did not meet, an experience at a touchpoint, and how things went on: rows for strata.h. Pure. */
#ifndef MOMENTS_H
#define MOMENTS_H

#include "breaks.h"
#include "past.h"
#include "strata.h"

struct outcome_ask {
    uint32_t word;                  /* number of the outcome's id */
    bool of_customer;               /* any event of the customer, else those of the journey */
    bool absent;                    /* it is met when no such event came */
    uint32_t against;               /* outcome that decides it the other way, 0: none. With one, journeys that met neither are waiting */
    int after;                      /* slot of told_journey.after_ms that opens the window; -1: when the experience was settled */
    int64_t within_ms, horizon_ms;
    bool asks;                      /* the source that tells of it has told everything up to told_ms only: a window beyond that is not known */
    int64_t told_ms;
};
/* What customers did, whole store: by (customer, at_ms), all of the outcome asked about. */
struct customer_mark { uint64_t customer; int64_t at_ms; };

enum moment_side { SIDE_BAD, SIDE_GOOD };
struct moment_ask {
    struct breaks_ask breaks;       /* rules, as_of; every journey in it, whatever its day */
    uint64_t rules;                 /* bit by rule: what makes the experience */
    uint32_t touchpoint;            /* only chances counted there; 0: any */
    enum moment_side side;          /* bad: some rule hit, against neutral; good: none hit and one that goes beyond met, against neutral */
    struct outcome_ask outcome;
    int64_t landmark_ms;            /* the experience is what was known so long after its chance began, and the outcome's window opens then; 0: as it ended */
    bool first;                     /* only the first chance of each rule in a journey: the first visit */
    const struct past *past;        /* what strata are made of; NULL: attributes alone */
    const struct customer_mark *mark;
    size_t mark_n;
};
struct moment_row { uint64_t customer; uint32_t stratum[TOLD_STRATA_MAX]; bool exposed, met; };
struct moment_rows {
    struct moment_row *row;         /* owned */
    size_t n;
    uint64_t excluded;              /* eligible, but the outcome was no longer open at the landmark, or there is no landmark */
    uint64_t waiting;               /* landmark later than as_of - horizon, or not decided yet */
    uint64_t unknown;               /* the source that would have told of the outcome is silent in its window */
};
/* moments_met - how the outcome of q (with its as_of) went in a journey, whatever was experienced: 1 met, 0 not; -1: it is not open there, or not decided yet. m: its own marks */
int moments_met(const struct moment_ask *q, const struct told_journey *j, const struct tl_marked *m);
/* moments_rows - 0, TL_ENOMEM */
int moments_rows(const struct told *t, const struct moment_ask *q, struct moment_rows *out);

struct moment_stratum { uint32_t word[TOLD_STRATA_MAX]; struct stratum of; };
struct moment_judged {
    struct moment_stratum *stratum; /* owned; the largest first; those of one table in any order */
    struct stratum *table;          /* owned; the same tables */
    size_t n;
    double de;                      /* of residuals */
    struct strata judged;
    struct strata_gate gate;
};
/* moments_judge - 0, TL_ENOMEM */
int moments_judge(const struct moment_rows *rows, struct moment_judged *out);
void moments_judged_free(struct moment_judged *m);

#endif
