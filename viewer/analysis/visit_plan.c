/* visit_plan.c - see visit_plan.h. The days that the least distances leave free are cut into as many parts as visits are wanted, and each visit takes a drawn one
 * of its part: so all are far enough apart, and spread. Where others are in the way it moves on to the next day that is free. */
#include "visit_plan.h"

#include <stdlib.h>

#define DAY_MIN 1440
#define DRAWS 1024              /* a day's part of a part is drawn so finely */

struct drawing {
    const struct visit_plan_ask *ask;
    struct tl_str place;
    uint64_t seed;
    int64_t apart_min;
    int64_t *at; uint32_t at_n;         /* minutes that are taken at this place */
};

/* FNV-1a, then a finaliser (splitmix64): draws are told apart by n */
static uint64_t
draw(uint64_t seed, uint64_t n)
{
    uint64_t x = seed + (n + 1) * 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

static uint64_t
seed_of(struct tl_str a, struct tl_str b)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < a.n; i++) h = (h ^ (uint8_t)a.p[i]) * 0x100000001b3u;
    for (size_t i = 0; i < b.n; i++) h = (h ^ (uint8_t)b.p[i]) * 0x100000001b3u;
    return h;
}

static int64_t
minute_at(const struct drawing *d, int32_t day, int slot)
{
    return (int64_t)day * DAY_MIN + (slot < 0 ? 0 : d->ask->scenario->slot[slot].from_min);
}

/* two visits are never at one time, however near they may be */
static bool
is_free(const struct drawing *d, int64_t minute)
{
    for (uint32_t i = 0; i < d->at_n; i++) {
        int64_t apart = llabs(minute - d->at[i]);
        if (apart == 0 || apart < d->apart_min) return false;
    }
    return true;
}

/* find - the first free slot from `day` on, then from the period's first day on; slots in turn from `slot` */
static bool
find(const struct drawing *d, int32_t day, int slot, struct visit_planned *out)
{
    int32_t days = d->ask->to_day - d->ask->from_day + 1;
    int slots = (int)d->ask->scenario->slot_n;
    for (int32_t i = 0; i < days; i++) {
        int32_t at = d->ask->from_day + (day - d->ask->from_day + i) % days;
        for (int s = 0; s < (slots ? slots : 1); s++) {
            int k = slots ? (slot + s) % slots : -1;
            int64_t minute = minute_at(d, at, k);
            if (!is_free(d, minute)) continue;
            int32_t to = k < 0 ? DAY_MIN : d->ask->scenario->slot[k].to_min, from = k < 0 ? 0 : d->ask->scenario->slot[k].from_min;
            *out = (struct visit_planned){ d->place, k, at, minute, minute + (to > from ? to - from : to + DAY_MIN - from) };
            return true;
        }
    }
    return false;
}

static int
by_time(const void *x, const void *y)
{
    const struct visit_planned *a = x, *b = y;
    return (a->from_minute > b->from_minute) - (a->from_minute < b->from_minute);
}

static uint32_t
taken_at(struct drawing *d)
{
    uint32_t within = 0;
    d->at_n = 0;
    for (uint32_t i = 0; i < d->ask->taken_n; i++) {
        const struct visit_taken *t = &d->ask->taken[i];
        if (!tl_str_eq(t->place, d->place)) continue;
        d->at[d->at_n++] = t->minute;
        within += t->minute >= (int64_t)d->ask->from_day * DAY_MIN && t->minute < (int64_t)(d->ask->to_day + 1) * DAY_MIN;
    }
    return within;
}

static void
plan_place(struct drawing *d, struct visit_plan *out)
{
    const struct visit_plan_ask *ask = d->ask;
    uint32_t had = taken_at(d), wanted = ask->each > had ? ask->each - had : 0, first = out->planned_n;
    int32_t days = ask->to_day - ask->from_day + 1;
    int64_t apart_d = (d->apart_min + DAY_MIN - 1) / DAY_MIN, slack = wanted ? days - (wanted - 1) * apart_d : 0;
    for (uint32_t i = 0; i < wanted; i++) {
        int64_t day = i * apart_d + (slack > 0 ? (int64_t)(((uint64_t)slack * ((uint64_t)i * DRAWS + draw(d->seed, i) % DRAWS)) / ((uint64_t)wanted * DRAWS)) : 0);
        struct visit_planned *p = &out->planned[out->planned_n];
        if (!find(d, ask->from_day + (int32_t)(day < days ? day : days - 1), (int)(draw(d->seed, i + wanted) & 0xffff), p)) break;
        d->at[d->at_n++] = p->from_minute;
        out->planned_n++;
    }
    uint32_t found = out->planned_n - first;
    if (found > 1) qsort(&out->planned[first], found, sizeof *out->planned, by_time);
    if (found < wanted) out->missing[out->missing_n++] = (struct visit_missing){ d->place, had, found, ask->each };
}

int
visit_plan_make(const struct visit_plan_ask *ask, struct tl_arena *a, struct visit_plan *out, struct tl_err *err)
{
    *out = (struct visit_plan){ .planned_n = 0 };
    if (ask->to_day < ask->from_day || ask->to_day - ask->from_day >= VISIT_PLAN_DAYS_MAX)
        return tl_fail(err, TL_EINVAL, "a plan is for 1 to %d days", VISIT_PLAN_DAYS_MAX);
    if ((uint64_t)ask->place_n * ask->each > VISIT_PLAN_MAX)
        return tl_fail(err, TL_EINVAL, "%u visits at each of %u places: one plan has %d visits at most, ask for fewer places", ask->each, ask->place_n, VISIT_PLAN_MAX);
    struct drawing d = { .ask = ask, .apart_min = (ask->scenario->apart_ms + 59999) / 60000 };
    out->planned = tl_arena_alloc(a, ((size_t)ask->place_n * ask->each + 1) * sizeof *out->planned);
    out->missing = tl_arena_alloc(a, (ask->place_n + 1) * sizeof *out->missing);
    d.at = tl_arena_alloc(a, (ask->taken_n + ask->each + 1) * sizeof *d.at);
    if (!out->planned || !out->missing || !d.at) return tl_fail(err, TL_ENOMEM, "out of memory");
    for (uint32_t i = 0; i < ask->place_n; i++) {
        d.place = ask->place[i];
        d.seed = seed_of(ask->scenario->id, d.place);
        plan_place(&d, out);
    }
    return 0;
}
