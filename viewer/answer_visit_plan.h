/* answer_visit_plan.h - the scenarios of the catalogue, and visits proposed for one: made by fold_visit_plan.c. Nothing is entered: a page or `touchline visits plan`
 * enters each proposed visit as a control record. */
#ifndef ANSWER_VISIT_PLAN_H
#define ANSWER_VISIT_PLAN_H

#include "analysis/visit_plan.h"
#include "fold.h"

struct visit_proposed { struct tl_str id, place; const struct tl_scenario_slot *slot; int32_t day; int64_t from_ms, to_ms; };    /* slot: NULL, the whole day */
struct visit_plan_answer {
    const struct tl_scenario *scenario;
    int32_t from_day, to_day;
    uint32_t each;
    struct visit_proposed *visit; uint32_t visit_n;
    struct visit_missing *missing; uint32_t missing_n;
};
/* fold_visit_plan - TL_ENOTFOUND: no such scenario, err names those there are; TL_EINVAL: the period or the number of visits is too large */
int fold_visit_plan(struct look *k, struct visit_plan_answer *out, struct tl_err *err);
void render_visit_plan(struct tl_buf *out, const struct visit_plan_answer *a);
/* fold_scenario - TL_ENOTFOUND: err names those there are */
int fold_scenario(const struct tl_catalogue *c, struct tl_str id, const struct tl_scenario **out, struct tl_err *err);
void render_scenarios(struct tl_buf *out, const struct tl_catalogue *c);
/* render_scenario - one as an object: {id, title, persona, goal, channel, blueprint, visits_per_place, apart_ms, slots, stamps, clocks, steps: [{touchpoint, title, action, items}]} */
struct tl_jw;
void render_scenario(struct tl_jw *w, const char *name, const struct tl_catalogue *c, const struct tl_scenario *s);

#endif
