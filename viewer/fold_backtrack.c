/* fold_backtrack.c - see answer_backtrack.h: the first breaks before a bad outcome, over all journeys of a period. An outcome is one of the catalogue (default: what the
 * journey type holds breaks against), or how the journey ended. */
#include "answer_backtrack.h"

#include <stdlib.h>

#include "analysis/rate.h"
#include "fold_findings.h"
#include "fold_period.h"

struct ctx {
    struct look *k;
    struct findings f;
    struct tl_store_txn *t;
    struct moment_ask q;
    struct backtrack_answer *out;
    enum { OF_CATALOGUE, OF_BAD_END, OF_LAPSE } by;
    uint32_t *plan;                     /* words of touchpoints in the order planned */
    uint32_t plan_n;
};

/* ---- when a journey met it ---- */

static int64_t
by_marks(const struct ctx *c, const struct told_journey *j, const struct tl_marked *m)
{
    const struct outcome_ask *o = &c->q.outcome;
    int64_t landmark = o->after >= 0 ? j->after_ms[o->after] : j->start_ms, met = INT64_MAX;
    if (landmark == TL_TIME_NONE) return BACKTRACK_OPEN;
    for (uint32_t i = 0; !o->of_customer && !o->absent && i < j->mark_n; i++)
        if (m[i].outcome == o->word && m[i].at_ms > landmark && m[i].at_ms <= landmark + o->within_ms && m[i].at_ms <= c->k->as_of_ms && m[i].at_ms < met) met = m[i].at_ms;
    if (met != INT64_MAX) return met;
    int is = moments_met(&c->q, j, m);
    return is < 0 ? BACKTRACK_OPEN : is ? landmark + o->within_ms : TL_TIME_NONE;
}

static int64_t
by_end(const struct ctx *c, const struct told_journey *j)
{
    bool lapsed = j->outcome == TL_UNDECIDED && j->last_ms < c->k->as_of_ms - c->k->sieve.gap_ms;
    if (j->outcome == TL_UNDECIDED && !lapsed) return BACKTRACK_OPEN;
    if (c->by == OF_LAPSE) return lapsed ? j->last_ms + c->k->sieve.gap_ms : TL_TIME_NONE;
    return j->outcome == TL_BAD ? j->last_ms + 1 : TL_TIME_NONE;
}

static int64_t
when(void *arg, const struct told_journey *j, const struct tl_marked *m)
{
    const struct ctx *c = arg;
    return c->by == OF_CATALOGUE ? by_marks(c, j, m) : by_end(c, j);
}

/* ---- the order planned ---- */

static uint32_t
rank(void *arg, uint32_t touchpoint)
{
    const struct ctx *c = arg;
    for (uint32_t i = 0; i < c->plan_n; i++)
        if (c->plan[i] == touchpoint) return i;
    return UINT32_MAX;
}

static int
plan(struct ctx *c, struct tl_err *err)
{
    const struct tl_catalogue *cat = c->k->catalogue;
    const struct tl_blueprint *b = tl_catalogue_plan_of(cat, &cat->type[c->k->type]);
    uint32_t n = b ? b->step_n : cat->touchpoint_n;
    c->plan = tl_arena_alloc(c->k->arena, (n + 1) * sizeof *c->plan);
    if (!c->plan) return tl_fail(err, TL_ENOMEM, "out of memory");
    for (uint32_t i = 0; i < n; i++) c->plan[c->plan_n++] = tl_store_word_number(c->t, b ? b->step[i].touchpoint : cat->touchpoint[i].id);
    return 0;
}

/* ---- what is said of a cell ---- */

static void
item(struct ctx *c, const struct backtrack_cell *x, struct backtrack_item *o)
{
    bool of_rule = x->rule < c->f.rule_n;
    const struct tl_standard *s = of_rule ? c->f.standard[x->rule] : NULL;
    *o = (struct backtrack_item){ .id = of_rule ? findings_id(&c->f, x->rule) : TL_STR("failure"), .type = of_rule ? findings_type(&c->f, x->rule) : TL_STR("failure"),
                                  .touchpoint = fold_word(c->k, c->t, x->touchpoint), .first = x->first, .worst = x->worst, .de = x->de };
    const struct tl_touchpoint *tp = tl_catalogue_touchpoint(c->k->catalogue, o->touchpoint);
    o->title = fold_title(c->k, o->touchpoint);
    o->owner = s && s->owner.n ? s->owner : tp ? tp->owner : (struct tl_str){ NULL, 0 };
    if (s) o->name = s->title;
    if (of_rule) o->cell = findings_cell(c->k, o->id, o->touchpoint, (struct tl_str){ NULL, 0 }, (struct tl_str){ NULL, 0 });
    o->share = rate_wilson_de(x->first, c->out->of.bad, x->de);
    for (uint32_t i = 0; i < x->example_n; i++) {
        struct tl_customer who;
        if (tl_store_customer(c->t, x->example[i].customer, c->k->arena, &who, NULL)) continue;
        memcpy(o->example[o->example_n].customer, who.hash, 16);
        o->example[o->example_n].start_ms = x->example[i].start_ms;
        o->example[o->example_n++].at_ms = x->example[i].at_ms;
    }
}

static int
count(struct ctx *c, struct tl_err *err)
{
    struct breaks_ask q = findings_ask(c->k, &c->f);
    struct backtrack_answer *o = c->out;
    q.from_day = o->from_day;
    q.to_day = o->to_day;
    int rc = plan(c, err);
    if (rc) return rc;
    if (backtracks_count(c->f.told, &q, when, c, (struct backtrack_order){ rank, c }, &o->of)) return tl_fail(err, TL_ENOMEM, "out of memory");
    o->item = tl_arena_alloc(c->k->arena, (o->of.n + 1) * sizeof *o->item);
    for (size_t i = 0; o->item && i < o->of.n; i++) item(c, &o->of.cell[i], &o->item[o->item_n++]);
    tl_free(o->of.cell);
    o->of.cell = NULL;
    o->none = rate_wilson_de(o->of.none, o->of.bad, 1);
    return o->item ? 0 : tl_fail(err, TL_ENOMEM, "out of memory");
}

/* ---- the answer ---- */

static int
outcome(struct ctx *c, bool by_word, struct tl_err *err)
{
    static const struct tl_title bad = { { "以失败告终", 15 }, { "ended badly", 11 } }, lapsed = { { "中途流失", 12 }, { "lapsed", 6 } };
    struct backtrack_answer *o = c->out;
    if (c->by == OF_CATALOGUE && !c->f.damage && !by_word) c->by = OF_BAD_END;
    o->outcome = c->by == OF_CATALOGUE ? c->f.damage->id : c->by == OF_BAD_END ? TL_STR(BACKTRACK_ENDED_BAD) : TL_STR(BACKTRACK_LAPSED);
    o->outcome_title = c->by == OF_CATALOGUE ? c->f.damage->title : c->by == OF_BAD_END ? bad : lapsed;
    return c->by == OF_CATALOGUE ? findings_of(c->k, &c->f, c->f.damage, &c->q, err) : 0;
}

int
fold_backtrack(struct look *k, struct backtrack_answer *out, struct tl_err *err)
{
    struct ctx c = { .k = k, .out = out };
    const struct ask *asked = k->ask;
    struct ask *q = tl_arena_alloc(k->arena, sizeof *q);
    struct period p;
    memset(out, 0, sizeof *out);
    if (!q) return tl_fail(err, TL_ENOMEM, "out of memory");
    *q = *asked;
    bool known = q->outcome.p && tl_catalogue_outcome(k->catalogue, q->outcome) >= 0;
    if (!known && tl_str_is(q->outcome, BACKTRACK_ENDED_BAD)) c.by = OF_BAD_END;
    if (!known && tl_str_is(q->outcome, BACKTRACK_LAPSED)) c.by = OF_LAPSE;
    if (c.by != OF_CATALOGUE) q->outcome = (struct tl_str){ NULL, 0 };
    k->ask = q;
    int rc = fold_period(k, &p, err);
    if (rc == 0) rc = findings_begin(k, &c.f, err);
    if (rc == 0) rc = outcome(&c, known, err);
    out->from_day = p.from_day;
    out->to_day = p.to_day;
    if (rc == 0 && k->store) rc = tl_store_begin(k->store, &c.t, err);
    if (rc == 0 && c.t) rc = count(&c, err);
    if (c.t) tl_store_end(&c.t);
    findings_end(k, &c.f);
    k->ask = asked;
    return rc;
}
