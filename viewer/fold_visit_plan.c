/* fold_visit_plan.c - see answer_visit_plan.h. What is planned or done already is read from the register, withdrawn visits left out. */
#include "answer_visit_plan.h"

#include <stdio.h>

#include "tl_visit.h"

#define DAYS_DEFAULT 28
#define ID_BYTES 400

int
fold_scenario(const struct tl_catalogue *c, struct tl_str id, const struct tl_scenario **out, struct tl_err *err)
{
    int i = tl_catalogue_scenario(c, id);
    char listed[160] = "";
    size_t n = 0;
    if (i >= 0) return *out = &c->scenario[i], 0;
    for (uint32_t s = 0; s < c->scenario_n && n < sizeof listed; s++)
        n += (size_t)snprintf(listed + n, sizeof listed - n, " %.*s", (int)c->scenario[s].id.n, c->scenario[s].id.p);
    return tl_fail(err, TL_ENOTFOUND, "the catalogue has no scenario \"%.*s\"; it has%s", (int)(id.n < 60 ? id.n : 60), id.p, listed[0] ? listed : " none (section scenarios)");
}

struct taking { struct look *k; const struct tl_scenario *scenario; struct visit_taken *list; uint32_t n, cap; };

static int
take(void *arg, const struct tl_note *n)
{
    struct taking *t = arg;
    struct tl_visit v;
    int rc = tl_visit_of_note(t->k->arena, n, &v);
    if (rc || v.state == TL_VISIT_WITHDRAWN || v.from_ms == TL_TIME_NONE || !tl_str_eq(v.scenario, t->scenario->id)) return rc == TL_ENOMEM ? rc : 0;
    if (t->n == t->cap) {
        uint32_t cap = t->cap * 2 + 64;
        struct visit_taken *more = tl_arena_alloc(t->k->arena, cap * sizeof *more);
        if (!more) return TL_ENOMEM;
        if (t->n) memcpy(more, t->list, t->n * sizeof *more);
        t->list = more;
        t->cap = cap;
    }
    int64_t local_ms = v.from_ms + (int64_t)tl_zone_offset_s(t->k->zone, v.from_ms) * 1000;
    t->list[t->n++] = (struct visit_taken){ v.place, (local_ms >= 0 ? local_ms : local_ms - 59999) / 60000 };
    return 0;
}

static int
take_all(struct taking *t, struct tl_err *err)
{
    struct tl_store_txn *txn = NULL;
    int rc = t->k->store ? tl_store_begin(t->k->store, &txn, err) : 0;
    if (rc == 0 && txn) rc = tl_store_notes(txn, "visit", take, t, err);
    if (txn) tl_store_end(&txn);
    return rc;
}

/* propose - SCENARIO-PLACE-DAY-SLOT: whoever plans the same again names the same visits */
static int
propose(struct look *k, const struct tl_scenario *s, const struct visit_planned *p, struct visit_proposed *out, struct tl_err *err)
{
    char id[ID_BYTES], day[16];
    const struct tl_scenario_slot *slot = p->slot < 0 ? NULL : &s->slot[p->slot];
    int n = snprintf(id, sizeof id, "%.*s-%.*s-%s%s%.*s", (int)s->id.n, s->id.p, (int)p->place.n, p->place.p, tl_day_format(p->day, day), slot ? "-" : "", slot ? (int)slot->id.n : 0, slot ? slot->id.p : "");
    if (n < 0 || n > 120) return tl_fail(err, TL_EINVAL, "the ids of scenario, place and slot are too long together: a visit's id has 120 bytes at most");
    int64_t start_ms = tl_zone_day_start_ms(k->zone, p->day), minute = p->from_minute - (int64_t)p->day * TL_DAY_MIN;
    const char *copy = tl_arena_dup(k->arena, id, (size_t)n);
    if (!copy) return tl_fail(err, TL_ENOMEM, "out of memory");
    *out = (struct visit_proposed){ { copy, (size_t)n }, p->place, slot, p->day, start_ms + minute * 60000, start_ms + (minute + p->to_minute - p->from_minute) * 60000 };
    return 0;
}

int
fold_visit_plan(struct look *k, struct visit_plan_answer *out, struct tl_err *err)
{
    struct taking t = { .k = k };
    struct visit_plan plan;
    *out = (struct visit_plan_answer){ .from_day = k->ask->from_day, .to_day = k->ask->to_day };
    int rc = fold_scenario(k->catalogue, k->ask->scenario, &out->scenario, err);
    if (rc == 0) rc = fold_zone(k, err);
    if (rc) return rc;
    if (out->from_day == INT32_MIN) out->from_day = tl_zone_day(k->zone, k->now_ms) + 1;
    if (out->to_day == INT32_MAX) out->to_day = out->from_day + DAYS_DEFAULT - 1;
    out->each = k->ask->each ? k->ask->each : out->scenario->visits_per_place;
    t.scenario = out->scenario;
    rc = take_all(&t, err);
    struct visit_plan_ask ask = { out->scenario, k->ask->place, k->ask->place_n, out->from_day, out->to_day, out->each, t.list, t.n };
    if (rc == 0) rc = visit_plan_make(&ask, k->arena, &plan, err);
    if (rc == 0 && !(out->visit = tl_arena_alloc(k->arena, (plan.planned_n + 1) * sizeof *out->visit))) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    for (uint32_t i = 0; rc == 0 && i < plan.planned_n; i++, out->visit_n++) rc = propose(k, out->scenario, &plan.planned[i], &out->visit[i], err);
    if (rc == 0) out->missing = plan.missing, out->missing_n = plan.missing_n;
    return rc;
}
