/* journey_breaks.c - see journey_breaks.h. Chances say whether and when; the row's own breaks say more of those that no time can change. Evidence is found
 * among the customer's events: of the moment, picked by the standard, sharing its key. */
#include "journey_breaks.h"

#include <stdlib.h>

#include "evidence.h"
#include "tl_eventlog.h"

struct journey_breaks_teller {
    struct look *k;
    struct tl_store_txn *t;
    struct findings f;
    struct evidence who;
    struct tl_facts facts;
    struct tl_buf hold;
};

int
journey_breaks_begin(struct look *k, struct tl_store_txn *t, const struct tl_kept *e, uint32_t n, struct journey_breaks_teller **out, struct tl_err *err)
{
    struct journey_breaks_teller *b = tl_arena_alloc(k->arena, sizeof *b);
    if (!b) return tl_fail(err, TL_ENOMEM, "out of memory");
    memset(b, 0, sizeof *b);
    b->k = k;
    b->t = t;
    evidence_begin(&b->who, k->catalogue, t, e, n);
    *out = b;
    return findings_resolve(k, t, &b->f, err);
}

const struct findings *
journey_breaks_findings(const struct journey_breaks_teller *b)
{
    return &b->f;
}

/* ---- one break ---- */

static struct journey_break *
add(struct journey_breaks *o)
{
    if (o->item_n == JOURNEY_BREAKS_MAX) {
        o->cut++;
        return NULL;
    }
    struct journey_break *x = &o->item[o->item_n++];
    *x = (struct journey_break){ .confirmed = -1, .ratio = 1, .actual_known = true, .unit = BREAK_COUNT };
    return x;
}

static void
place_it(struct journey_breaks_teller *b, struct journey_break *x, uint32_t touchpoint, uint32_t channel, uint32_t place, const struct tl_standard *s)
{
    x->touchpoint = fold_word(b->k, b->t, touchpoint);
    x->tp = tl_catalogue_touchpoint(b->k->catalogue, x->touchpoint);
    x->title = fold_title(b->k, x->touchpoint);
    if (channel) x->channel = fold_word(b->k, b->t, channel);
    if (place) x->place = fold_word(b->k, b->t, place);
    x->owner = s && s->owner.n ? s->owner : x->tp ? x->tp->owner : (struct tl_str){ NULL, 0 };
}

static void
prove(struct journey_breaks_teller *b, struct journey_break *x, const struct tl_kept *e)
{
    if (!e || x->evidence_n == JOURNEY_BREAK_EVIDENCE_MAX || (x->evidence_n && x->evidence[0].position == e->position)) return;
    struct tl_event ev;
    struct tl_eventlog *log = fold_log(b->k->fold);
    struct journey_break_evidence *v = &x->evidence[x->evidence_n++];
    *v = (struct journey_break_evidence){ .position = e->position, .type = fold_word(b->k, b->t, e->type), .at_ms = e->at_ms };
    tl_buf_reset(&b->hold);
    if (!log || tl_eventlog_event(log, e->position, &b->hold, &ev, NULL) != 0 || !(ev.has & TL_HAS(id))) return;
    char *id = tl_arena_alloc(b->k->arena, ev.id_.n + 1);
    if (!id) return;
    memcpy(id, ev.id_.p, ev.id_.n);
    v->id = (struct tl_str){ id, ev.id_.n };
}

/* ---- of chances ---- */

static const struct tl_break *
own_break(const struct tl_facts *f, const struct tl_chance *c, enum tl_standard_kind kind)
{
    const struct tl_break *best = NULL;
    for (uint32_t i = 0; i < f->break_n; i++) {
        const struct tl_break *x = &f->brk[i];
        bool one_event = kind == TL_STANDARD_FAILED || kind == TL_STANDARD_CONTEXT || kind == TL_STANDARD_SCORE;
        if (x->standard == c->standard && x->step == c->step && (one_event ? x->at_ms == c->start_ms : x->at_ms >= c->start_ms) && (!best || x->at_ms < best->at_ms)) best = x;
    }
    return best;
}

static void
say_waits(struct journey_break *x, const struct tl_chance *c, bool promise, int64_t as_of_ms)
{
    int64_t limit = c->due_ms - c->start_ms, took = (c->ended_ms != TL_TIME_NONE ? c->ended_ms : as_of_ms) - c->start_ms;
    x->open = c->ended_ms == TL_TIME_NONE;
    x->unit = promise ? BREAK_TIME : BREAK_MS;
    x->expected = (double)(promise ? c->due_ms : limit);
    x->actual = (double)(promise ? c->ended_ms : took);
    x->actual_known = !promise || !x->open;
    x->ratio = limit > 0 ? (double)took / (double)limit : 1;
}

static void
say_more(struct journey_breaks_teller *b, struct journey_break *x, const struct tl_standard *s, const struct tl_chance *c, const struct tl_break *own)
{
    switch (s->kind) {
    case TL_STANDARD_CLOCK:
    case TL_STANDARD_PROMISE:
        say_waits(x, c, s->kind == TL_STANDARD_PROMISE, b->k->as_of_ms);
        return;
    case TL_STANDARD_WORD:
        x->unit = BREAK_TIME;
        x->expected = (double)c->due_ms;
        x->actual_known = false;
        return;
    case TL_STANDARD_REPEAT:
        x->unit = BREAK_MS;
        x->expected = (double)(c->due_ms - c->start_ms);
        x->actual = (double)(c->ended_ms - c->start_ms);
        return;
    case TL_STANDARD_REQUIRED:
        x->expected = 1;
        if (own && own->expected == 2) x->confirmed = own->actual > 0;
        return;
    case TL_STANDARD_TRANSFERS:
        x->ratio = own && own->expected > 0 ? (double)own->actual / (double)own->expected : 1;
        break;
    case TL_STANDARD_CONTEXT:
        x->unit = BREAK_WORD;
        if (own) x->expected_word = fold_word(b->k, b->t, (uint32_t)own->expected);
        if (own) x->actual_word = fold_word(b->k, b->t, (uint32_t)own->actual);
        return;
    case TL_STANDARD_SCORE:
        x->unit = BREAK_SCORE;
        x->expected = own ? (double)own->expected / 1000 : 0;
        x->actual = own ? (double)own->actual / 1000 : 0;
        return;
    case TL_STANDARD_FAILED:
        break;
    }
    x->expected = own ? (double)own->expected : 0;
    x->actual = own ? (double)own->actual : 1;
}

static void
tell_chance(struct journey_breaks_teller *b, const struct tl_journey *j, const struct tl_chance *c, struct journey_breaks *o)
{
    struct breaks_ask q = findings_ask(b->k, &b->f);
    uint32_t r = breaks_rule_of(&q, c->standard);
    if (r == q.rule_n || q.rule[r].beyond) return;
    const struct break_rule *rule = &q.rule[r];
    const struct tl_standard *s = b->f.standard[r];
    enum chance_is is = chance_known(rule, c, chance_judge(rule->kind, c, q.as_of_ms));
    o->unknown += is == CHANCE_UNKNOWN;
    struct journey_break *x = is == CHANCE_HIT ? add(o) : NULL;
    if (!x) return;
    const struct tl_break *own = own_break(&b->facts, c, rule->kind);
    uint32_t at = c->step < j->steps_n ? j->step[c->step].touchpoint : 0;
    place_it(b, x, rule->touchpoint ? rule->touchpoint : own ? own->touchpoint : at, c->channel, c->place, s);
    x->id = s->id;
    x->name = s->title;
    x->type = findings_type(&b->f, r);
    x->step = c->step;
    x->at_ms = c->start_ms;
    x->broken_ms = own ? own->at_ms : chance_settled_ms(rule->kind, c, is);
    if (rule->kind == TL_STANDARD_REPEAT) x->broken_ms = c->ended_ms;
    x->severity = chance_severity(rule, c, q.as_of_ms);
    tl_catalogue_rule_hash(b->k->catalogue, s, x->rule);
    say_more(b, x, s, c, own);
    const struct tl_kept *start = evidence_start(&b->who, s, c);
    prove(b, x, start);
    prove(b, x, own ? evidence_of(&b->who, own->evidence) : evidence_end(&b->who, s, c, start));
}

/* ---- of kinds without a standard ---- */

static void
tell_break(struct journey_breaks_teller *b, const struct tl_break *own, struct journey_breaks *o)
{
    static const char *const word[TL_BREAK_KINDS] = { [TL_BREAK_FAILURE] = "failure", [TL_BREAK_MISSING] = "missing", [TL_BREAK_ORDER] = "out_of_order", [TL_BREAK_ADHOC] = "ad_hoc" };
    struct journey_break *x = own->standard == 0 && own->kind < TL_BREAK_KINDS && word[own->kind] ? add(o) : NULL;
    if (!x) return;
    x->type = x->id = tl_str_of(word[own->kind]);
    place_it(b, x, own->touchpoint, own->channel, own->place, NULL);
    x->step = own->step;
    x->at_ms = x->broken_ms = own->at_ms;
    x->severity = own->severity;
    x->expected = (double)own->expected;
    x->actual = (double)own->actual;
    if (own->kind == TL_BREAK_ORDER) {
        x->unit = BREAK_WORD;
        x->expected_word = fold_word(b->k, b->t, (uint32_t)own->expected);
        x->actual_word = fold_word(b->k, b->t, (uint32_t)own->actual);
    }
    prove(b, x, evidence_of(&b->who, own->evidence));
}

/* A journey that has a goal, and stopped before it. */
static void
tell_stop(struct journey_breaks_teller *b, const struct tl_journey *j, struct journey_breaks *o)
{
    const struct tl_step *last = &j->step[j->steps_n - 1];
    struct journey_break *x = add(o);
    if (!x) return;
    x->type = x->id = TL_STR(FINDINGS_DROP_OFF);
    place_it(b, x, last->touchpoint, last->channel, 0, NULL);
    x->step = j->steps_n - 1;
    x->at_ms = x->broken_ms = last->end_ms;
    x->severity = 1;
    x->actual = 1;
    prove(b, x, evidence_last(&b->who, last->touchpoint, last->end_ms));
}

/* ---- all of one journey ---- */

struct planned { const struct tl_catalogue *c; int type; };

/* planned_at - where the touchpoint stands in the blueprint of the type, else among its required steps, else in the catalogue */
static uint32_t
planned_at(const struct planned *p, struct tl_str touchpoint)
{
    const struct tl_journey_type *type = p->type >= 0 ? &p->c->type[p->type] : NULL;
    for (uint32_t i = 0; type && i < p->c->blueprint_n; i++)
        for (uint32_t s = 0; p->c->blueprint[i].type == p->type && s < p->c->blueprint[i].step_n; s++)
            if (tl_str_eq(p->c->blueprint[i].step[s].touchpoint, touchpoint)) return s;
    for (uint32_t i = 0; type && i < type->required_n; i++)
        if (tl_str_eq(type->required[i], touchpoint)) return i;
    for (uint32_t i = 0; i < p->c->touchpoint_n; i++)
        if (tl_str_eq(p->c->touchpoint[i].id, touchpoint)) return 1000 + i;
    return UINT32_MAX;
}

static int
earliest(const void *x, const void *y, void *arg)
{
    const struct journey_break *a = x, *b = y;
    uint32_t u = planned_at(arg, a->touchpoint), v = planned_at(arg, b->touchpoint);
    if (a->at_ms != b->at_ms) return a->at_ms < b->at_ms ? -1 : 1;
    if (u != v) return u < v ? -1 : 1;
    return tl_str_cmp(a->id, b->id);
}

static void
mark_worst(struct journey_breaks *o)
{
    struct journey_break *worst = o->item_n ? &o->item[0] : NULL;
    for (uint32_t i = 1; i < o->item_n; i++) {
        struct journey_break *x = &o->item[i];
        if (x->severity > worst->severity || (x->severity == worst->severity && x->ratio > worst->ratio)) worst = x;
    }
    if (!worst) return;
    o->item[0].first = true;
    worst->worst = true;
}

int
journey_breaks_tell(struct journey_breaks_teller *b, const struct tl_journey *j, int type, enum tl_end end, struct journey_breaks *out, struct tl_err *err)
{
    struct planned planned = { b->k->catalogue, type };
    *out = (struct journey_breaks){ .item = tl_arena_alloc(b->k->arena, JOURNEY_BREAKS_MAX * sizeof *out->item) };
    if (!out->item) return tl_fail(err, TL_ENOMEM, "out of memory");
    int rc = tl_facts_get(j, &b->facts);
    if (rc) return tl_fail(err, rc, "a journey's row cannot be read: run touchline rebuild");
    for (uint32_t i = 0; i < b->facts.chance_n; i++) tell_chance(b, j, &b->facts.chance[i], out);
    for (uint32_t i = 0; i < b->facts.break_n; i++) tell_break(b, &b->facts.brk[i], out);
    if (end == TL_END_LAPSED && j->steps_n && type >= 0 && b->k->catalogue->type[type].good_n) tell_stop(b, j, out);
    out->cut += b->facts.cut_n;
    if (out->item_n > 1) qsort_r(out->item, out->item_n, sizeof *out->item, earliest, &planned);
    mark_worst(out);
    tl_buf_free(&b->hold);
    return 0;
}
