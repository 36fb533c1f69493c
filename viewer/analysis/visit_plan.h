/* visit_plan.h - which days and slots mystery visits should take: so many a place, spread over the period, no two of one place nearer than wanted. Pure.
 *
 * Times are minutes: day number * 1440 + minute of the day, in the store's time zone. The days of a place are drawn by its name: the same question gives the
 * same plan, and nobody at one place learns from another's when to expect it. */
#ifndef VISIT_PLAN_H
#define VISIT_PLAN_H

#include "tl_catalogue.h"
#include "tl_mem.h"

#define VISIT_PLAN_DAYS_MAX 366
#define VISIT_PLAN_MAX 2000             /* visits of one plan */

struct visit_taken { struct tl_str place; int64_t minute; };            /* planned or done already */
struct visit_planned { struct tl_str place; int slot; int32_t day; int64_t from_minute, to_minute; };  /* slot: index in the scenario, -1: it has none, the whole day */
struct visit_missing { struct tl_str place; uint32_t had, found, wanted; };    /* had: taken before, in the period */
struct visit_plan_ask {
    const struct tl_scenario *scenario;
    const struct tl_str *place; uint32_t place_n;
    int32_t from_day, to_day;           /* inclusive */
    uint32_t each;                      /* a place; those taken in the period count */
    const struct visit_taken *taken; uint32_t taken_n;
};
struct visit_plan {
    struct visit_planned *planned; uint32_t planned_n;      /* by place as asked, then time */
    struct visit_missing *missing; uint32_t missing_n;      /* places where fewer fit */
};
/* visit_plan_make - into the arena. 0, TL_ENOMEM, TL_EINVAL: a period longer than VISIT_PLAN_DAYS_MAX, or more than VISIT_PLAN_MAX visits (err says so). */
int visit_plan_make(const struct visit_plan_ask *ask, struct tl_arena *a, struct visit_plan *out, struct tl_err *err);

#endif
