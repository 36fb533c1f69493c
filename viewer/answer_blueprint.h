/* answer_blueprint.h - the catalogue held against what happened: a blueprint, planned and actual (fold_blueprint.c), and coverage (fold_coverage.c). */
#ifndef ANSWER_BLUEPRINT_H
#define ANSWER_BLUEPRINT_H

#include "analysis/plan.h"
#include "analysis/rate.h"
#include "fold.h"

/* A touchpoint that is seen and not planned, or not in the catalogue: 未归类. */
struct seen_answer { struct tl_str touchpoint; struct tl_title title; uint64_t steps, journeys; };

/* ---- a blueprint, planned and actual ---- */
struct blueprint_step_answer {
    const struct tl_blueprint_step *plan;       /* the catalogue's, which the look holds */
    const struct tl_touchpoint *touchpoint;     /* never NULL: blueprints name touchpoints of the catalogue */
    struct tl_str stage;                        /* under the model asked, absent when there is none */
    struct tl_title standard;                   /* of the clock, check or promise; absent ones have no zh and no en */
    uint64_t n, reached, open;                  /* journeys that have ended, those of them with a visit; visits in open journeys, which may still come */
    struct rate share;                          /* reached of n, when n > 0 */
    uint64_t good, missing;                     /* journeys closed good; those of them without it and without an alternative */
    uint64_t elsewhere, early;                  /* of all visits */
    uint64_t waits, over;
    struct rate over_share;                     /* over of waits, when waits > 0 */
    struct plan_wait p50, p90;
};
struct blueprint_answer {
    const struct tl_blueprint *of;              /* NULL: the catalogue has none */
    uint64_t journeys, ended, open;
    struct blueprint_step_answer *step;         /* of->step_n */
    struct seen_answer *unplanned;              /* seen in these journeys, the commonest first */
    uint32_t unplanned_n;
};
/* fold_blueprint - the one asked for (ask->id_value), else the first of the journey type asked, else the first. The look turns to its journey type. TL_ENOTFOUND: err lists them. */
int fold_blueprint(struct look *k, struct blueprint_answer *out, struct tl_err *err);

/* ---- coverage ---- */
struct covered_answer { const struct tl_touchpoint *touchpoint; uint64_t steps, journeys; };
struct missing_answer {                         /* a key touchpoint that journeys closed good should contain */
    const struct tl_touchpoint *touchpoint;
    struct tl_str journey;                      /* the type of those journeys */
    uint64_t n, missing;
    struct rate share;                          /* missing of n, when n > 0 */
};
struct coverage_answer {
    uint64_t journeys, steps;
    uint32_t touchpoints, covered;              /* of the catalogue: those that can be steps; those with at least one */
    struct covered_answer *item;                /* touchpoints, in the catalogue's order */
    struct missing_answer *missing;             /* most missing first */
    uint32_t missing_n;
    struct seen_answer *unassigned;             /* seen, and not in the catalogue; the commonest first */
    uint32_t unassigned_n;
    uint64_t unassigned_steps;
    uint32_t signals;                           /* touchpoints of the catalogue that are no steps: not counted */
};
int fold_coverage(struct look *k, struct coverage_answer *out, struct tl_err *err);

/* ---- what both read ---- */
/* fold_turn_to - the question is about journeys of another type (its index in the catalogue) */
void fold_turn_to(struct look *k, int type);
/* fold_plan - analysis_plan over the days asked: (*sum)->part is a struct plan, held until fold_run_done */
int fold_plan(struct look *k, const struct plan_ask *plan, struct fold_part **sum, struct tl_err *err);
/* fold_seen - the touchpoints of the look's journeys for which keep(arg, touchpoint) says so, the commonest first; in the arena */
typedef bool (*fold_seen_keep)(const void *arg, struct tl_str touchpoint);
int fold_seen(struct look *k, fold_seen_keep keep, const void *arg, struct seen_answer **out, uint32_t *n, uint64_t *journeys, uint64_t *steps, struct tl_err *err);

#endif
