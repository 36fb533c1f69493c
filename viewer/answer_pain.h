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

/* ---- consistency across channels (fold_consistency.c) ---- */
struct consistency_channel { struct tl_str channel; struct share of; struct interval kept; };
struct consistency_pair { uint32_t a, b; struct interval difference; double p, q; struct verdict verdict; };     /* a, b: places in channel[] */
struct consistency {
    struct tl_str id, type, touchpoint, owner;
    struct tl_title name, title;
    struct consistency_channel *channel;
    uint32_t channel_n;
    struct consistency_pair *pair;
    uint32_t pair_n;
    double spread, mean;                /* spread: largest less smallest share kept, when apart; mean: of all channels together */
    bool apart;                         /* some pair of channels differs */
    bool flagged;                       /* and some channel is more than a fifth away from the mean */
};
struct consistencies_answer { int32_t from_day, to_day; uint32_t tests; struct consistency *item; uint32_t item_n; };
int fold_consistency(struct look *k, struct consistencies_answer *out, struct tl_err *err);

#endif
