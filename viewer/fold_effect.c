/* fold_effect.c - one improvement measured: the chances of its cell, or the journeys that its outcome is open for, counted in the weeks before and after, where it was
 * acted and where not. Asked in a look of its own, of the journey type that the cell names. */
#include "answer_improvements.h"

#include "analysis/drops.h"
#include "cell_name.h"
#include "fold_findings.h"
#include "fold_period.h"

#define PLACE_KEY "place"

struct measuring {
    struct look *k;
    struct improvement *m;
    struct findings f;
    struct cell_name name;
    uint32_t rule, touchpoint, daypart;         /* of a break cell */
    bool stops;                                 /* the cell is where journeys stop: of all places */
    const struct tl_outcome_def *outcome;       /* or this */
    struct moment_ask ask;
    uint32_t *place, *rest;                     /* as the store's numbers */
    uint32_t place_n, rest_n;
    int32_t today;
    struct effect_window window;                /* being counted */
    struct effect *into;
    int32_t day;                                /* of the journey whose rows come */
};

/* ---- what is counted ---- */

static bool
among(const uint32_t *list, uint32_t n, uint32_t place)
{
    for (uint32_t i = 0; i < n; i++)
        if (list[i] == place && place) return true;
    return false;
}

/* share_of - the share that something on the day, at the place counts in; NULL: in none */
static struct share *
share_of(struct measuring *c, int32_t day, uint32_t place)
{
    const struct effect_window *w = &c->window;
    bool after = day >= w->after_from && day <= w->after_to, before = day >= w->before_from && day <= w->before_to;
    bool acted = !c->place_n || among(c->place, c->place_n, place), rest = among(c->rest, c->rest_n, place);
    if ((!after && !before) || (!acted && !rest)) return NULL;
    struct change *g = acted ? &c->into->acted : &c->into->rest;
    return after ? &g->after : &g->before;
}

static void
count_row(void *arg, const struct break_row *r)
{
    struct measuring *c = arg;
    if (r->rule != c->rule || r->touchpoint != c->touchpoint || (c->daypart && r->daypart != c->daypart) || (r->is != CHANCE_HIT && r->is != CHANCE_KEPT)) return;
    struct share *s = share_of(c, c->day, r->place);
    if (!s) return;
    s->n++;
    s->k += r->is == CHANCE_HIT;
}

static void
count_outcome(struct measuring *c, const struct told_journey *j, const struct tl_marked *mark)
{
    struct share *s = share_of(c, j->day, j->stratum[0]);
    int met = s ? moments_met(&c->ask, j, mark) : -1;
    if (met < 0) return;
    s->n++;
    s->k += (uint64_t)met;
}

static void
count(struct measuring *c)
{
    const struct told *t = c->f.told;
    const struct told_chance *chance = t->chance;
    const struct tl_break *b = t->brk;
    const struct tl_marked *mark = t->mark;
    struct breaks_ask q = findings_ask(c->k, &c->f);
    q.by = c->daypart ? BREAKS_BY_DAYPART : c->place_n ? BREAKS_BY_PLACE : BREAKS_BY_NOTHING;
    for (size_t i = 0; i < t->journey_n; i++) {
        const struct told_journey *j = &t->journey[i];
        c->day = j->day;
        if (j->day >= c->window.before_from && j->day <= c->window.after_to) {
            if (c->outcome) count_outcome(c, j, mark);
            else breaks_each(&q, j, chance, b, count_row, c);
        }
        chance += j->chance_n;
        b += j->brk_n;
        mark += j->mark_n;
    }
}

/* count_stops - journeys that came to the touchpoint, and those that stopped there */
static int
count_stops(struct measuring *c, int32_t from_day, int32_t to_day, struct share *s, struct tl_err *err)
{
    struct analysis_arg arg = { .end = -1, .as_of_ms = c->k->as_of_ms, .gap_ms = c->k->sieve.gap_ms };
    struct fold_part *part = NULL;
    int rc = findings_run(c->k, from_day, to_day, &analysis_drops, &arg, &part, err);
    if (rc == 0) {
        struct drop d = drops_between(part->part, c->touchpoint, from_day, to_day);
        *s = (struct share){ d.dropped, d.reached, 1 };
    }
    fold_run_done(c->k, part);
    return rc;
}

static int
measure(struct measuring *c, int32_t today, int32_t weeks_max, struct measure *out, struct tl_err *err)
{
    *out = (struct measure){ .window = effect_window(c->m->start, today, weeks_max) };
    out->effect.compared = c->rest_n > 0;
    c->window = out->window;
    c->into = &out->effect;
    int rc = 0;
    if (out->window.weeks && c->stops) {
        rc = count_stops(c, c->window.before_from, c->window.before_to, &c->into->acted.before, err);
        if (rc == 0) rc = count_stops(c, c->window.after_from, c->window.after_to, &c->into->acted.after, err);
    } else if (out->window.weeks) {
        count(c);
    }
    effect_judge(&out->effect, c->m->more_is_better, (c->m->expected < 0 ? -c->m->expected : c->m->expected) / 100);
    return rc;
}

/* ---- what the cell names ---- */

static const struct tl_outcome_def *
outcome_of(const struct tl_catalogue *c, struct tl_str id)
{
    int i = tl_catalogue_outcome(c, id);
    return i < 0 ? NULL : &c->outcome[i];
}

/* name_of - [TYPE:]OUTCOME, or a cell of break points */
static bool
name_of(struct look *k, struct improvement *m, struct cell_name *name, struct tl_err *err, int *rc)
{
    const char *colon = m->cell.n ? memchr(m->cell.p, ':', m->cell.n) : NULL;
    size_t n = colon ? (size_t)(colon - m->cell.p) : 0;
    int bad = cell_name_read(m->cell, k->arena, name);
    if (bad == -2) *rc = tl_fail(err, TL_ENOMEM, "out of memory");
    if (bad != -1) return bad == 0;
    *name = (struct cell_name){ .type = { colon ? m->cell.p : NULL, n }, .what = { m->cell.p + (colon ? n + 1 : 0), m->cell.n - (colon ? n + 1 : 0) } };
    return name->what.n > 0 && !memchr(name->what.p, '/', name->what.n);
}

/* type_of - the journey type of a cell that does not say: the first whose damage or moments is that outcome, else that asked for, else the catalogue's first own */
static struct tl_str
type_of(const struct look *k, const struct cell_name *name)
{
    const struct tl_catalogue *c = k->catalogue;
    if (name->type.n) return name->type;
    for (uint32_t i = 1; !name->touchpoint.n && i < c->type_n; i++)
        if (tl_str_eq(c->type[i].damage, name->what) || tl_str_eq(c->type[i].moments, name->what)) return c->type[i].id;
    return k->ask->has_journey || c->type_n < 2 ? k->ask->journey : c->type[1].id;
}

static uint32_t *
numbers(struct look *k, struct tl_store_txn *t, const struct tl_str *list, uint32_t n)
{
    uint32_t *out = tl_arena_alloc(k->arena, (n + 1) * sizeof *out);
    for (uint32_t i = 0; out && i < n; i++) out[i] = t ? tl_store_word_number(t, list[i]) : 0;
    return out;
}

static bool
find_daypart(struct measuring *c)
{
    const struct tl_catalogue *cat = c->k->catalogue;
    if (!c->name.daypart.n) return true;
    for (uint32_t i = 0; i < cat->daypart_n; i++)
        if (tl_str_eq(cat->daypart[i].id, c->name.daypart)) c->daypart = i + 1;
    return c->daypart > 0;
}

/* find - the rule or the outcome; false: m->trouble says why not */
static bool
find(struct measuring *c, struct tl_store_txn *t)
{
    struct improvement *m = c->m;
    if (!c->name.touchpoint.n) {
        c->outcome = outcome_of(c->k->catalogue, c->name.what);
        if (!c->outcome) m->trouble = "the cell names no outcome of the catalogue, and no break cell (TYPE:WHAT/TOUCHPOINT)";
        if (c->outcome) m->what_title = c->outcome->title;
        m->more_is_better = c->outcome && !c->outcome->bad;
        return c->outcome != NULL;
    }
    for (c->rule = 0; c->rule < c->f.rule_n && !tl_str_eq(findings_id(&c->f, c->rule), c->name.what);) c->rule++;
    c->touchpoint = t ? tl_store_word_number(t, c->name.touchpoint) : 0;
    c->stops = tl_str_is(c->name.what, FINDINGS_DROP_OFF);
    if (c->stops && (m->place_n || m->rest_n || c->name.place.n)) m->trouble = "where journeys stop has no place: leave places and comparison out, or name a standard";
    else if (!c->stops && c->rule == c->f.rule_n && tl_catalogue_standard(c->k->catalogue, c->name.what) < 0 && !findings_kind(c->name.what)) m->trouble = "the cell names no standard of the catalogue";
    else if (!find_daypart(c)) m->trouble = "the cell names no daypart of the catalogue";
    if (c->rule < c->f.rule_n && c->f.standard[c->rule]) m->what_title = c->f.standard[c->rule]->title;
    return !m->trouble;
}

static int
begin(struct measuring *c, struct tl_err *err)
{
    struct look *k = c->k;
    struct tl_store_txn *t = NULL;
    struct analysis_arg arg = { .end = -1, .word_n = TOLD_AFTER_MAX + 1 };
    struct period p;
    k->sieve.lifecycle = ASK_LC_ALL;
    int rc = fold_period(k, &p, err);
    c->today = p.today;
    if (rc == 0 && k->store) rc = tl_store_begin(k->store, &t, err);
    if (rc == 0) rc = findings_resolve(k, t, &c->f, err);
    if (rc == 0 && find(c, t)) {
        struct improvement *m = c->m;
        c->place = numbers(k, t, m->place_n || !c->name.place.n ? m->place : &c->name.place, m->place_n || !c->name.place.n ? m->place_n : 1);
        c->place_n = m->place_n || !c->name.place.n ? m->place_n : 1;
        c->rest = numbers(k, t, m->rest, m->rest_n);
        c->rest_n = m->rest_n;
        if (!c->place || !c->rest) rc = tl_fail(err, TL_ENOMEM, "out of memory");
        arg.word[0] = t && c->f.damage ? tl_store_word_number(t, c->f.damage->after) : 0;
        arg.word[1] = t && c->outcome ? tl_store_word_number(t, c->outcome->after) : 0;
        arg.word[TOLD_AFTER_MAX] = t ? tl_store_word_number(t, TL_STR(PLACE_KEY)) : 0;
    }
    if (t) tl_store_end(&t);
    if (rc || c->m->trouble) return rc;
    static const struct tl_str by_place[] = { { PLACE_KEY, sizeof PLACE_KEY - 1 } };
    c->f.strata = by_place;         /* what told_journey.stratum holds here */
    c->f.strata_n = 1;
    rc = findings_run(k, INT32_MIN, INT32_MAX, &analysis_told, &arg, &c->f.part, err);
    if (rc == 0) c->f.told = c->f.part->part;
    return rc == 0 && c->outcome ? findings_of(k, &c->f, c->outcome, &c->ask, err) : rc;
}

static int
measure_all(struct measuring *c, struct tl_err *err)
{
    static const int32_t days[IMPROVEMENT_AGAIN] = { 30, 90 };
    struct improvement *m = c->m;
    int rc = measure(c, c->today, EFFECT_WEEKS_MAX, &m->now, err);
    for (int i = 0; rc == 0 && i < IMPROVEMENT_AGAIN; i++) {
        struct measure_again *a = &m->again[i];
        *a = (struct measure_again){ .days = days[i], .due = m->start + days[i], .due_passed = c->today >= m->start + days[i] };
        if (a->due_passed) rc = measure(c, a->due, days[i] / 7, &a->of, err);
    }
    m->overlaps = m->found_from != INT32_MIN && m->now.window.weeks && m->found_from <= m->now.window.before_to && m->found_to >= m->now.window.before_from;
    return rc;
}

int
improvement_measure(struct look *k, struct improvement *m, struct tl_err *err)
{
    struct measuring *c = tl_arena_alloc(k->arena, sizeof *c);
    struct ask *q = tl_arena_alloc(k->arena, sizeof *q);
    struct look own;
    struct tl_err why = { 0, "" };
    int rc = c && q ? 0 : tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc) return rc;
    *c = (struct measuring){ .k = &own, .m = m };
    if (!name_of(k, m, &c->name, err, &rc)) {
        m->trouble = "the cell is no text like TYPE:WHAT/TOUCHPOINT or TYPE:OUTCOME";
        return rc;
    }
    m->journey = type_of(k, &c->name);
    m->what = c->name.what;
    m->touchpoint = c->name.touchpoint;
    m->daypart = c->name.daypart;
    *q = *k->ask;
    q->journey = m->journey;
    q->as_of_ms = k->as_of_ms;
    q->brk = (struct tl_str){ NULL, 0 };
    rc = fold_look(k->fold, q, k->now_ms, k->arena, &own, &why);
    if (rc == TL_ENOTFOUND) {
        m->trouble = "there is no such journey type";
        return 0;
    }
    if (rc) return tl_fail(err, rc, "%s", why.text);
    rc = begin(c, err);
    if (rc == 0 && !m->trouble) rc = measure_all(c, err);
    findings_end(&own, &c->f);
    fold_look_end(&own);
    return rc;
}
