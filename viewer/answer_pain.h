/* answer_pain.h - what /api/heatmap and /api/impact answer. */
#ifndef ANSWER_PAIN_H
#define ANSWER_PAIN_H

#include "analysis/pain.h"
#include "answer.h"

/* ---- the heat map (fold_heatmap.c) ---- */
struct heat_break { struct tl_str cell, id; struct tl_title name; };
struct heat {
    struct tl_str touchpoint, stage;    /* stage absent: none in this model */
    struct tl_title title;
    struct pain_point of;
    struct interval rate;               /* Wilson */
    double severity, pain;
    struct heat_break *brk;             /* what breaks there */
    uint32_t brk_n;
};
struct heatmap_answer {
    int32_t from_day, to_day;
    uint64_t journeys;
    struct heat *item;                  /* the most pain first */
    uint32_t item_n;
};
int fold_heatmap(struct look *k, struct heatmap_answer *out, struct tl_err *err);

/* ---- impact (fold_impact.c) ---- */
struct impact {
    struct tl_str cell, id, type, touchpoint, owner, journeys;
    struct tl_title name, title;
    struct stratum all;                 /* with: bad, not; without: bad, not */
    struct interval with, without, lift;
    struct strata judged;
    struct strata_gate gate;
    uint64_t excluded, waiting;
    double de, q;
    struct verdict verdict;
};
struct impacts_answer {
    struct tl_str outcome;              /* absent: the journey type names none */
    struct tl_title outcome_title;
    uint32_t tests;
    struct impact *item;                /* by the lower bound of bad outcomes that would not be */
    uint32_t item_n;
};
int fold_impact(struct look *k, struct impacts_answer *out, struct tl_err *err);

#endif
