/* visit_card.c - one visit: its journeys and their breaks, the checklist, the clocks, planned against actual. See answer_visits.h. */
#include "answer_visits.h"

#include <stdlib.h>

#include "tl_rows.h"

struct actual { struct align_actual of; uint32_t nth; struct tl_str touchpoint, channel; };
struct visit_cards {
    struct look *k;
    struct tl_store_txn *t;
    const struct visit_list *all;
    struct findings f;
    struct breaks_ask q;
    struct tl_step *step;                       /* of the row at hand */
    struct tl_facts *facts;
    uint16_t type_all;
    /* of the visit at hand */
    struct look in;                             /* the same look, over the caller's arena */
    struct visit_card *out;
    enum scorecard_answer told[FINDINGS_RULES_MAX];      /* by rule: what the events say of it */
    struct actual *actual;
    uint32_t actual_n, actual_cap;
};

int
visit_cards_begin(struct look *k, struct tl_store_txn *t, const struct visit_list *all, struct visit_cards **out, struct tl_err *err)
{
    struct visit_cards *c = tl_arena_alloc(k->arena, sizeof *c);
    if (!c) return tl_fail(err, TL_ENOMEM, "out of memory");
    memset(c, 0, sizeof *c);
    c->k = k;
    c->t = t;
    c->all = all;
    c->step = tl_arena_alloc(k->arena, TL_JOURNEY_STEPS_MAX * sizeof *c->step);
    c->facts = tl_arena_alloc(k->arena, sizeof *c->facts);
    c->type_all = t ? (uint16_t)tl_store_word_number(t, TL_STR("all")) : 0;
    *out = c;
    if (!c->step || !c->facts) return tl_fail(err, TL_ENOMEM, "out of memory");
    int rc = findings_resolve(k, t, &c->f, err);
    c->q = findings_ask(k, &c->f);
    return rc;
}

/* ---- the clocks that ran ---- */

static struct visit_timing *
timing_add(struct visit_card *o)
{
    return o->timing_n == VISIT_TIMINGS_MAX ? NULL : &o->timing[o->timing_n++];
}

static void
timing_of_chance(struct visit_cards *c, uint32_t r, const struct tl_chance *x, uint32_t at)
{
    const struct tl_standard *s = c->f.standard[r];
    bool ended = x->ended_ms != TL_TIME_NONE, promised = s->kind == TL_STANDARD_PROMISE;
    if ((s->kind != TL_STANDARD_CLOCK && !promised) || (x->cancelled_ms != TL_TIME_NONE && x->cancelled_ms < x->due_ms)) return;
    struct visit_timing *o = timing_add(c->out);
    if (!o) return;
    enum chance_is is = chance_known(&c->q.rule[r], x, chance_judge(s->kind, x, c->k->as_of_ms));
    *o = (struct visit_timing){ .id = s->id, .title = s->title, .by_events = true, .touchpoint = s->on.n ? s->on : fold_word(&c->in, c->t, at), .from_ms = x->start_ms,
                                .limit_ms = x->due_ms - x->start_ms, .took_ms = (ended ? x->ended_ms : c->k->as_of_ms) - x->start_ms };
    if (ended) o->is = x->ended_ms <= x->due_ms ? VISIT_TIMING_KEPT : VISIT_TIMING_BROKEN;
    else o->is = is == CHANCE_UNKNOWN ? VISIT_TIMING_UNKNOWN : is == CHANCE_HIT ? VISIT_TIMING_BROKEN : VISIT_TIMING_RUNNING;
}

static void
timings_of_stamps(struct visit_cards *c)
{
    const struct tl_scenario *s = c->out->scenario;
    const struct tl_visit *v = &c->out->of->of;
    for (uint32_t i = 0; s && i < s->clock_n; i++) {
        const struct tl_visit_stamp *from = tl_visit_stamp(v, s->clock[i].from), *to = tl_visit_stamp(v, s->clock[i].to);
        struct visit_timing *o = from || to ? timing_add(c->out) : NULL;        /* nothing was stamped: nothing was measured */
        if (!o) continue;
        *o = (struct visit_timing){ .id = s->clock[i].id, .title = s->clock[i].title, .is = VISIT_TIMING_UNKNOWN, .from_ms = from ? from->ms : TL_TIME_NONE, .took_ms = -1, .limit_ms = s->clock[i].limit_ms };
        if (!from || (to && to->ms < from->ms)) continue;
        if (!to && v->state != TL_VISIT_STARTED) continue;
        o->took_ms = (to ? to->ms : c->k->as_of_ms) - from->ms;
        o->is = o->took_ms > o->limit_ms ? VISIT_TIMING_BROKEN : to ? VISIT_TIMING_KEPT : VISIT_TIMING_RUNNING;
    }
}

/* ---- what the events of one journey say ---- */

static void
facts_of(struct visit_cards *c, const struct tl_journey *j)
{
    if (tl_facts_get(j, c->facts)) return;
    for (uint32_t i = 0; i < c->facts->chance_n; i++) {
        const struct tl_chance *x = &c->facts->chance[i];
        uint32_t r = breaks_rule_of(&c->q, x->standard);
        if (r == c->q.rule_n || !c->f.standard[r] || c->q.rule[r].beyond) continue;
        enum chance_is is = chance_known(&c->q.rule[r], x, chance_judge(c->f.standard[r]->kind, x, c->k->as_of_ms));
        if (is == CHANCE_HIT) c->told[r] = SCORECARD_NO;
        if (is == CHANCE_KEPT && c->told[r] == SCORECARD_OPEN) c->told[r] = SCORECARD_YES;
        timing_of_chance(c, r, x, x->step < j->steps_n ? j->step[x->step].touchpoint : 0);
    }
}

static bool
actual_room(struct visit_cards *c, uint32_t more)
{
    uint32_t cap = c->actual_n + more;
    if (cap <= c->actual_cap) return true;
    struct actual *a = tl_arena_alloc(c->in.arena, cap * sizeof *a);
    if (!a) return false;
    if (c->actual_n) memcpy(a, c->actual, c->actual_n * sizeof *a);
    c->actual = a;
    c->actual_cap = cap;
    return true;
}

/* steps_of - what was merely scheduled is no step; one that only begins ends with the next there that completes */
static int
steps_of(struct visit_cards *c, const struct tl_journey *j)
{
    if (!actual_room(c, j->steps_n)) return TL_ENOMEM;
    uint32_t from = c->actual_n;
    for (uint32_t i = 0; i < j->steps_n; i++) {
        const struct tl_step *s = &j->step[i];
        struct align_actual *last = c->actual_n > from ? &c->actual[c->actual_n - 1].of : NULL;
        if (s->lifecycle == TL_LC_SCHEDULE) continue;
        if (s->lifecycle == TL_LC_COMPLETE && last && last->touchpoint == s->touchpoint) {
            last->end_ms = s->end_ms;
            continue;
        }
        struct actual *x = &c->actual[c->actual_n];
        *x = (struct actual){ .nth = c->actual_n++, .touchpoint = fold_word(&c->in, c->t, s->touchpoint) };
        if (s->channel) x->channel = fold_word(&c->in, c->t, s->channel);
        x->of = (struct align_actual){ .touchpoint = s->touchpoint, .channel = s->channel, .start_ms = s->start_ms, .end_ms = s->end_ms,
                                                          .accepted = s->flags & TL_STEP_BACKSTAGE };
    }
    return 0;
}

static int
journey_add(struct visit_cards *c, const struct tl_customer *who, struct journey_breaks_teller *b, struct tl_journey *j, struct tl_err *err)
{
    struct visit_card *o = c->out;
    if (o->journey_n == VISIT_JOURNEYS_MAX) return o->journeys_left_out++, 0;
    struct visit_journey *x = &o->journey[o->journey_n++];
    memcpy(x->customer, who->hash, sizeof x->customer);
    facts_of(c, j);
    int rc = steps_of(c, j);
    return rc ? rc : fold_timeline(&c->in, c->t, b, j, &x->of, err);
}

static int
journeys_of(struct visit_cards *c, uint32_t visit, uint64_t customer, struct tl_err *err)
{
    struct tl_customer who;
    struct journey_breaks_teller *b = NULL;
    struct tl_kept *e = NULL;
    uint32_t n = 0;
    bool replay = c->k->ask->run.p != NULL;
    int rc = tl_store_customer(c->t, customer, c->in.arena, &who, err);
    if (rc == 0) rc = tl_store_events(c->t, customer, &e, &n, err);
    if (rc == 0) rc = journey_breaks_begin(&c->in, c->t, e, n, &b, err);
    for (uint32_t i = 0; rc == 0 && i < who.journey_n; i++) {
        struct tl_journey j;
        struct tl_str key = { (const char *)who.journey[i].key, TL_JOURNEY_KEY_BYTES };
        if (tl_rows_journey_key_read(key, &j) || (c->k->catalogue->type_n > 1) == (j.type == c->type_all) || (!replay && visit_list_of(c->all, customer, j.start_ms) != visit)) continue;
        rc = tl_store_journey(c->t, key, c->step, &j, err);
        if (rc == 0 && j.stream == (replay ? TL_STREAM_REPLAY : TL_STREAM_MYSTERY)) rc = journey_add(c, &who, b, &j, err);
        if (rc == TL_ENOTFOUND) rc = 0;
    }
    tl_free(e);
    return rc == TL_ENOTFOUND ? 0 : rc;
}

/* ---- the checklist ---- */

static uint32_t
rule_of(const struct visit_cards *c, struct tl_str standard)
{
    for (uint32_t r = 0; standard.n && r < c->f.rule_n; r++)
        if (c->f.standard[r] && tl_str_eq(c->f.standard[r]->id, standard)) return r;
    return UINT32_MAX;
}

static void
answer(struct visit_cards *c, struct visit_item *x, const struct tl_scenario_item *of)
{
    static const enum scorecard_answer of_value[] = { [TL_VISIT_NO] = SCORECARD_NO, [TL_VISIT_YES] = SCORECARD_YES, [TL_VISIT_NA] = SCORECARD_NA };
    uint32_t r = rule_of(c, of->standard);
    *x = (struct visit_item){ .of = of, .said = tl_visit_answer(&c->out->of->of, of->id) };
    if (x->said) x->answer = of_value[x->said->value];
    if (x->answer == SCORECARD_NA && !of->na) x->answer = SCORECARD_OPEN;
    x->by_events = !x->said && r != UINT32_MAX && c->told[r] != SCORECARD_OPEN;
    if (x->by_events) x->answer = c->told[r];
}

static int
checklist(struct visit_cards *c)
{
    struct visit_card *o = c->out;
    const struct tl_scenario *s = o->scenario;
    uint32_t n = s ? s->item_n : 0, steps = s ? s->step_n : 0;
    struct scorecard_item *item = tl_arena_alloc(c->in.arena, (n + 1) * sizeof *item);
    o->item = tl_arena_alloc(c->in.arena, (n + 1) * sizeof *o->item);
    o->section = tl_arena_alloc(c->in.arena, (steps + 1) * sizeof *o->section);
    if (!item || !o->item || !o->section) return TL_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        answer(c, &o->item[i], &s->item[i]);
        item[i] = (struct scorecard_item){ s->item[i].step, s->item[i].weight, s->item[i].critical, o->item[i].answer };
    }
    o->all = scorecard_of(item, n, SCORECARD_ALL);
    for (uint32_t i = 0; i < steps; i++) o->section[i] = scorecard_of(item, n, i);
    return 0;
}

/* ---- planned against actual ---- */

static const struct tl_blueprint *
blueprint_of(const struct visit_cards *c)
{
    const struct tl_catalogue *cat = c->k->catalogue;
    const struct tl_scenario *s = c->out->scenario;
    int b = s && s->blueprint.n ? tl_catalogue_blueprint(cat, s->blueprint) : -1;
    int type = !s && c->out->journey_n ? tl_catalogue_type(cat, c->out->journey[0].of.type) : -1;
    return b >= 0 ? &cat->blueprint[b] : type >= 0 ? tl_catalogue_plan_of(cat, &cat->type[type]) : NULL;
}

static const struct tl_blueprint_step *
step_in(const struct tl_blueprint *b, struct tl_str touchpoint)
{
    for (uint32_t i = 0; b && i < b->step_n; i++)
        if (tl_str_eq(b->step[i].touchpoint, touchpoint)) return &b->step[i];
    return NULL;
}

static void
planned_step(struct visit_cards *c, const struct tl_blueprint *b, struct tl_str touchpoint, bool wanted, struct align_planned *p)
{
    const struct tl_blueprint_step *s = step_in(b, touchpoint);
    *p = (struct align_planned){ .touchpoint = tl_store_word_number(c->t, touchpoint), .weight = ALIGN_UNIT, .required = wanted || !s || s->required };
    if (!p->touchpoint) p->touchpoint = UINT32_MAX;        /* the store never saw it */
    if (!s) return;
    p->max_wait_ms = s->max_wait_ms;
    for (uint32_t i = 0; i < s->channel_n; i++) {
        uint32_t n = tl_store_word_number(c->t, s->channel[i]);
        p->channels |= n && n < 64 ? UINT64_C(1) << n : 0;
    }
    for (uint32_t i = 0; !wanted && s->group.n && i < b->step_n; i++)
        if (tl_str_eq(b->step[i].group, s->group)) {
            p->group = i + 1;
            return;
        }
}

/* plan - the scenario's own steps are all wanted; where it leaves them to its blueprint, or there is no scenario, the blueprint says which */
static uint32_t
plan(struct visit_cards *c, const struct tl_blueprint *b, struct align_planned p[ALIGN_PLANNED_MAX], struct tl_str touchpoint[ALIGN_PLANNED_MAX])
{
    const struct tl_scenario *s = c->out->scenario;
    uint32_t n = s && s->step_n ? s->step_n : b ? b->step_n : 0;
    bool own = s && s->step_n && !(b && s->item_n == 0 && s->step_n == b->step_n);
    for (uint32_t i = 0; i < n && i < ALIGN_PLANNED_MAX; i++) {
        touchpoint[i] = s && s->step_n ? s->step[i].touchpoint : b->step[i].touchpoint;
        planned_step(c, b, touchpoint[i], own, &p[i]);
    }
    return n < ALIGN_PLANNED_MAX ? n : ALIGN_PLANNED_MAX;
}

static int
tell_moves(struct visit_cards *c, const struct alignment *a, const struct align_planned *p, const struct tl_str *planned)
{
    struct visit_card *o = c->out;
    o->move = tl_arena_alloc(c->in.arena, (a->move_n + 1) * sizeof *o->move);
    for (uint32_t i = 0; o->move && i < a->move_n; i++) {
        const struct align_move *m = &a->move[i];
        struct visit_move *x = &o->move[o->move_n++];
        bool was = m->kind != ALIGN_SKIP, wanted = m->kind != ALIGN_EXTRA;
        *x = (struct visit_move){ .of = *m, .touchpoint = wanted ? planned[m->planned] : c->actual[m->actual].touchpoint, .required = wanted && p[m->planned].required,
                                  .accepted = was && c->actual[m->actual].of.accepted, .at_ms = was ? c->actual[m->actual].of.start_ms : TL_TIME_NONE, .max_wait_ms = wanted ? p[m->planned].max_wait_ms : 0 };
        if (was) x->channel = c->actual[m->actual].channel;
        x->title = fold_title(c->k, x->touchpoint);
    }
    return o->move ? 0 : TL_ENOMEM;
}

static int
by_start(const void *x, const void *y)
{
    const struct actual *a = x, *b = y;
    if (a->of.start_ms != b->of.start_ms) return a->of.start_ms < b->of.start_ms ? -1 : 1;
    return a->nth < b->nth ? -1 : a->nth > b->nth;
}

static int
align(struct visit_cards *c)
{
    struct align_planned p[ALIGN_PLANNED_MAX];
    struct tl_str touchpoint[ALIGN_PLANNED_MAX];
    struct alignment a;
    struct visit_card *o = c->out;
    const struct tl_blueprint *b = blueprint_of(c);
    uint32_t n = plan(c, b, p, touchpoint);
    struct align_actual *actual = tl_arena_alloc(c->in.arena, (c->actual_n + 1) * sizeof *actual);
    if (!n || !o->journey_n) return 0;
    if (!actual) return TL_ENOMEM;
    if (c->actual_n) qsort(c->actual, c->actual_n, sizeof *c->actual, by_start);
    for (uint32_t i = 0; i < c->actual_n; i++) {
        c->actual[i].of.accepted |= step_in(b, c->actual[i].touchpoint) != NULL;
        actual[i] = c->actual[i].of;
    }
    int rc = alignment_make(p, n, actual, c->actual_n, &a);
    if (rc) return rc;
    o->aligned = true;
    o->fitness = alignment_fitness(&a);
    o->cost = a.cost;
    o->worst_cost = a.worst;
    o->edits = a.edits;
    o->steps_cut = a.cut;
    rc = tell_moves(c, &a, p, touchpoint);
    alignment_free(&a);
    return rc;
}

/* ---- the card ---- */

static void
first_and_worst(struct visit_card *o)
{
    for (uint32_t j = 0; j < o->journey_n; j++) {
        const struct journey_breaks *b = o->journey[j].of.breaks;
        o->break_n += b->item_n + b->cut;
        for (uint32_t i = 0; i < b->item_n; i++) {
            const struct journey_break *x = &b->item[i], *w = o->worst;
            if (!o->first || x->at_ms < o->first->at_ms) o->first = x;
            if (!w || x->severity > w->severity || (x->severity == w->severity && (x->ratio > w->ratio || (!(x->ratio < w->ratio) && x->at_ms < w->at_ms)))) o->worst = x;
        }
    }
}

int
visit_card_make(struct visit_cards *c, uint32_t i, struct tl_arena *a, struct visit_card *out, struct tl_err *err)
{
    const struct visit_seen *v = &c->all->item[i];
    int s = v->of.scenario.n ? tl_catalogue_scenario(c->k->catalogue, v->of.scenario) : -1;
    *out = (struct visit_card){ .of = v, .scenario = s >= 0 ? &c->k->catalogue->scenario[s] : NULL };
    c->in = *c->k;
    c->in.arena = a;
    c->out = out;
    c->actual_n = c->actual_cap = 0;
    for (uint32_t r = 0; r < FINDINGS_RULES_MAX; r++) c->told[r] = SCORECARD_OPEN;
    out->journey = tl_arena_alloc(a, VISIT_JOURNEYS_MAX * sizeof *out->journey);
    out->timing = tl_arena_alloc(a, VISIT_TIMINGS_MAX * sizeof *out->timing);
    if (!out->journey || !out->timing) return tl_fail(err, TL_ENOMEM, "out of memory");
    int rc = 0;
    timings_of_stamps(c);
    for (uint32_t n = 0; rc == 0 && c->t && n < v->customer_n; n++) rc = journeys_of(c, i, v->customer[n], err);
    if (rc == 0) rc = checklist(c);
    if (rc == 0 && c->t) rc = align(c);
    first_and_worst(out);
    return rc == TL_ENOMEM ? tl_fail(err, rc, "out of memory") : rc;
}
