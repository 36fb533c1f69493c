/* fold_visits_sums.c - visits beside each other: by checklist item, touchpoint, place and month; double visits; re-inspections. Shares are of answers yes among yes and
 * no; answers of one visit go together, so intervals are widened by the design effect of visits. A place's share is drawn towards all places: no league table. */
#include "answer_visits.h"

#include <stdio.h>
#include <stdlib.h>

#include "analysis/rate.h"
#include "tl_time.h"

#define TITLE_IS(t) ((t).zh.p || (t).en.p)

struct summing { struct look *k; struct visits_answer *a; struct visits_sums *s; };

/* ---- lists that grow in the arena ---- */

static struct visit_rate *
rate_of(struct visit_rate *list, uint32_t *n, struct tl_str id, struct tl_str more)
{
    for (uint32_t i = 0; i < *n; i++)
        if (tl_str_eq(list[i].id, id) && tl_str_eq(list[i].more, more)) return &list[i];
    list[*n] = (struct visit_rate){ .id = id, .more = more };
    return &list[(*n)++];
}

static void
count(struct visit_rate *r, enum scorecard_answer a)
{
    r->yes += a == SCORECARD_YES;
    r->no += a == SCORECARD_NO;
    r->na += a == SCORECARD_NA;
    r->open += a == SCORECARD_OPEN;
}

static void
count_visit(struct visit_rate *r, const struct visit_shown *v)
{
    r->visits++;
    r->yes += v->all.yes;
    r->no += v->all.no;
    r->na += v->all.na;
    r->open += v->all.open;
}

/* ---- by item and touchpoint ---- */

static void
items_of(struct summing *m, const struct visit_shown *v)
{
    struct visits_sums *s = m->s;
    const struct tl_scenario *sc = v->scenario;
    uint32_t step = UINT32_MAX;
    for (uint32_t i = 0; sc && i < sc->item_n; i++) {
        const struct tl_scenario_item *of = &sc->item[i];
        struct tl_str at = sc->step[of->step].touchpoint;
        struct visit_rate *item = rate_of(s->item, &s->item_n, of->id, sc->id), *tp = rate_of(s->touchpoint, &s->touchpoint_n, at, (struct tl_str){ NULL, 0 });
        item->title = TITLE_IS(of->title) ? of->title : (struct tl_title){ of->id, of->id };
        item->visits++;
        tp->title = fold_title(m->k, at);
        tp->visits += step != of->step;
        step = of->step;
        count(item, v->answer[i]);
        count(tp, v->answer[i]);
    }
}

/* ---- by place and month ---- */

static struct tl_str
month_of(struct summing *m, int64_t ms)
{
    char day[16];
    if (ms == TL_TIME_NONE) return TL_STR("-");
    tl_day_format(tl_zone_day(m->k->zone, ms), day);
    char *p = tl_arena_dup(m->k->arena, day, 7);
    return (struct tl_str){ p, p ? 7 : 0 };
}

static int
by_id(const void *x, const void *y)
{
    return tl_str_cmp(((const struct visit_rate *)x)->id, ((const struct visit_rate *)y)->id);
}

static int
places(struct summing *m, struct tl_err *err)
{
    struct visits_answer *a = m->a;
    struct visits_sums *s = m->s;
    struct scorecard_visit *v = tl_alloc((a->item_n + 1) * sizeof *v);
    struct scorecard_place *p = NULL;
    for (uint32_t i = 0; i < a->item_n; i++) count_visit(rate_of(s->place, &s->place_n, a->item[i].of->of.place, (struct tl_str){ NULL, 0 }), &a->item[i]);
    if (s->place_n) qsort(s->place, s->place_n, sizeof *s->place, by_id);
    p = tl_alloc((s->place_n + 1) * sizeof *p);
    for (uint32_t i = 0; v && p && i < a->item_n; i++) {
        const struct visit_shown *x = &a->item[i];
        v[i] = (struct scorecard_visit){ (uint32_t)(rate_of(s->place, &s->place_n, x->of->of.place, (struct tl_str){ NULL, 0 }) - s->place), x->all.yes, x->all.yes + x->all.no };
    }
    if (v && p) s->de = scorecard_places(v, a->item_n, p, s->place_n);
    for (uint32_t i = 0; v && p && i < s->place_n; i++) s->place[i].share = p[i].share;
    bool ok = v && p;
    tl_free(v);
    tl_free(p);
    return ok ? 0 : tl_fail(err, TL_ENOMEM, "out of memory");
}

/* ---- pairs of visits ---- */

static bool
answers_alike(const struct visit_shown *a, const struct visit_shown *b)
{
    return a->scenario && a->scenario == b->scenario && a->of->of.place.n && tl_str_eq(a->of->of.place, b->of->of.place) && a->of->of.from_ms != TL_TIME_NONE && b->of->of.from_ms != TL_TIME_NONE;
}

static int32_t
days_between(const struct summing *m, const struct visit_shown *a, const struct visit_shown *b)
{
    return tl_zone_day(m->k->zone, b->of->of.from_ms) - tl_zone_day(m->k->zone, a->of->of.from_ms);
}

/* pairs - each visit with the next one of its scenario and place: the same day, it is a double visit; a week later or more, a re-inspection */
static void
pairs(struct summing *m)
{
    struct visits_answer *a = m->a;
    for (uint32_t i = 0; i < a->item_n; i++)
        for (uint32_t k = i + 1; k < a->item_n; k++) {
            const struct visit_shown *x = &a->item[i], *y = &a->item[k];
            if (!answers_alike(x, y)) continue;
            int32_t days = days_between(m, x, y);
            struct interval change = scorecard_again(&x->all, &y->all);
            if (days == 0) {
                struct scorecard_alike one = scorecard_alike(x->answer, y->answer, x->scenario->item_n);
                m->s->alike.same += one.same;
                m->s->alike.both += one.both;
                m->s->pairs += one.both > 0;
            } else if (days >= VISITS_AGAIN_DAYS && change.known) {
                m->s->again[m->s->again_n++] = (struct visit_again){ x, y, days, change };
            }
            break;
        }
    m->s->alike_share = rate_wilson_de(m->s->alike.same, m->s->alike.both, 1);
}

/* ---- all of it ---- */

static int
room(struct summing *m, struct tl_err *err)
{
    const struct tl_catalogue *c = m->k->catalogue;
    struct visits_sums *s = m->s;
    size_t items = 1, steps = 1, visits = m->a->item_n + 1;
    for (uint32_t i = 0; i < c->scenario_n; i++) {
        items += c->scenario[i].item_n;
        steps += c->scenario[i].step_n;
    }
    s->item = tl_arena_alloc(m->k->arena, items * sizeof *s->item);
    s->touchpoint = tl_arena_alloc(m->k->arena, steps * sizeof *s->touchpoint);
    s->place = tl_arena_alloc(m->k->arena, visits * sizeof *s->place);
    s->month = tl_arena_alloc(m->k->arena, visits * sizeof *s->month);
    s->again = tl_arena_alloc(m->k->arena, visits * sizeof *s->again);
    return s->item && s->touchpoint && s->place && s->month && s->again ? 0 : tl_fail(err, TL_ENOMEM, "out of memory");
}

static void
shares(struct visit_rate *list, uint32_t n, double de)
{
    for (uint32_t i = 0; i < n; i++) list[i].share = rate_wilson_de(list[i].yes, list[i].yes + list[i].no, de);
}

int
visits_sum(struct look *k, struct visits_answer *a, struct tl_err *err)
{
    struct summing m = { k, a, &a->sums };
    *m.s = (struct visits_sums){ .de = 1 };
    int rc = room(&m, err);
    if (rc == 0) rc = places(&m, err);
    for (uint32_t i = 0; rc == 0 && i < a->item_n; i++) {
        items_of(&m, &a->item[i]);
        count_visit(rate_of(m.s->month, &m.s->month_n, month_of(&m, a->item[i].of->of.from_ms), (struct tl_str){ NULL, 0 }), &a->item[i]);
    }
    if (rc) return rc;
    shares(m.s->item, m.s->item_n, 1);          /* one answer a visit */
    shares(m.s->touchpoint, m.s->touchpoint_n, m.s->de);
    shares(m.s->month, m.s->month_n, m.s->de);
    pairs(&m);
    return 0;
}
