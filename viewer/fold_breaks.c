/* fold_breaks.c - break points.
 *
 *   cells        standard x touchpoint (x place (x daypart)), and drop-off x touchpoint: chances n, hits k in the period, and in the one before
 *   first pass   p of every cell with n >= 30, as if rows were independent: one family; q by Benjamini and Hochberg        (fold_breaks_tests.c)
 *   second pass  those that would be shown again with their design effect; q of the family with those p
 *   trend        day by day; places drawn towards each other                                                               (fold_breaks_trend.c)
 *   damage       of the ones shown, over all journeys old enough, in strata */
#include <stdlib.h>

#include "fold_breaks_in.h"
#include "fold_period.h"

/* ---- the period ---- */

static int
period(struct look *k, struct breaks_answer *out, struct tl_err *err)
{
    struct period p;
    int rc = fold_period(k, &p, err);
    if (rc) return rc;
    out->from_day = p.from_day;
    out->to_day = p.to_day;
    out->before_from = p.before_from;
    out->before_to = p.before_to;
    int32_t watch = out->before_from - CUSUM_BASE_DAYS - CUSUM_GAP_DAYS;
    out->watch_from = watch > out->to_day - BREAKS_WATCH_DAYS_MAX ? watch : out->to_day - BREAKS_WATCH_DAYS_MAX;
    return 0;
}

/* ---- cells ---- */

static struct break_answer *
item_add(struct breaks_ctx *c, struct break_of of)
{
    struct breaks_answer *o = c->out;
    struct break_answer *b = &o->item[o->item_n];
    const struct tl_standard *s = of.rule < c->f.rule_n ? c->f.standard[of.rule] : NULL;
    c->of[o->item_n++] = of;
    *b = (struct break_answer){ .de = 1, .q = 1, .loss = -1, .touchpoint = fold_word(c->k, c->t, of.touchpoint), .id = findings_id(&c->f, of.rule) };
    b->type = findings_type(&c->f, of.rule);
    b->title = fold_title(c->k, b->touchpoint);
    if (of.place) b->place = fold_word(c->k, c->t, of.place);
    if (of.daypart) b->daypart = c->k->catalogue->daypart[of.daypart - 1].id;
    if (s) b->name = s->title;
    if (s) b->owner = s->owner;
    return b;
}

static void
standard_fill(struct breaks_ctx *c, struct break_answer *b, const struct tally *t)
{
    const struct tl_standard *s = c->f.standard[t->rule];
    b->allowed = s ? s->allowed : .02;
    b->n = t->n;
    b->k = t->k;
    b->cancelled = t->cancelled;
    b->unknown = t->unknown;
    b->severity = t->severity;
    b->before = (struct share){ t->before_k, t->before_n, 1 };
}

static int
room(struct breaks_ctx *c, size_t n)
{
    c->out->item = tl_arena_alloc(c->k->arena, (n + 1) * sizeof *c->out->item);
    c->of = tl_arena_alloc(c->k->arena, (n + 1) * sizeof *c->of);
    return c->out->item && c->of ? 0 : TL_ENOMEM;
}

static void
cells_of_drops(struct breaks_ctx *c)
{
    const struct drops *d = c->drops->part;
    const struct breaks_answer *o = c->out;
    for (size_t i = 0; i < d->drop_n; i++) {
        uint32_t at = d->drop[i].touchpoint, place = d->drop[i].place;
        if (i && d->drop[i - 1].touchpoint == at && d->drop[i - 1].place == place) continue;
        const struct drop now = drops_at(d, at, place, o->from_day, o->to_day), before = drops_at(d, at, place, o->before_from, o->before_to);
        if (!now.reached) continue;
        struct break_answer *b = item_add(c, (struct break_of){ c->f.rule_n, at, place, 0, 0 });
        b->unfinished = true;
        b->n = now.reached;
        b->k = now.dropped;
        b->before = (struct share){ before.dropped, before.reached, 1 };
        b->severity = b->k ? 1 : 0;
    }
}

int
breaks_drops(struct breaks_ctx *c, const struct analysis_arg *arg, struct fold_part **out, struct tl_err *err)
{
    int32_t from = c->out->before_from < c->out->watch_from ? c->out->before_from : c->out->watch_from;
    struct drops_ask by = { c->k->ask->by_place ? fold_number(c->k, TL_STR("place")) : 0 };
    struct analysis_arg asked = *arg;
    if (by.place_key) {
        asked.more = &by;
        asked.more_mark = by.place_key;
    }
    return findings_run(c->k, from, c->out->to_day, &analysis_drops, &asked, out, err);
}

static struct breaks_ask
question(const struct breaks_ctx *c)
{
    const struct breaks_answer *o = c->out;
    const struct ask *q = c->k->ask;
    struct breaks_ask ask = findings_ask(c->k, &c->f);
    ask.from_day = o->from_day;
    ask.to_day = o->to_day;
    ask.before_from = o->before_from;
    ask.before_to = o->before_to;
    ask.watch_from = o->watch_from;
    ask.by = q->by_daypart ? BREAKS_BY_DAYPART : q->by_place ? BREAKS_BY_PLACE : BREAKS_BY_NOTHING;
    return ask;
}

static int
cells(struct breaks_ctx *c, struct tl_err *err)
{
    struct analysis_arg arg = { .end = -1, .as_of_ms = c->k->as_of_ms, .gap_ms = c->k->sieve.gap_ms };
    bool placed = !c->k->ask->by_place || fold_number(c->k, TL_STR("place")) != 0;
    bool drops = placed && !c->k->ask->by_daypart && c->k->catalogue->type[c->k->type].good_n > 0;    /* a journey that stops has no one daypart; without a goal none is missed */
    c->ask = question(c);
    int rc = drops ? breaks_drops(c, &arg, &c->drops, err) : 0;
    if (rc) return rc;
    rc = breaks_count(c->f.told, &c->ask, &c->counts);
    if (rc == 0) rc = room(c, c->counts.n + (c->drops ? ((const struct drops *)c->drops->part)->drop_n : 0));
    for (size_t i = 0; rc == 0 && i < c->counts.n; i++) {
        const struct tally *t = &c->counts.cell[i];
        standard_fill(c, item_add(c, (struct break_of){ t->rule, t->touchpoint, t->place, t->daypart, (uint32_t)i }), t);
    }
    if (rc) return tl_fail(err, rc, "out of memory");
    if (c->drops) cells_of_drops(c);
    return 0;
}

/* ---- names and links ---- */

static int
names(struct breaks_ctx *c, struct tl_err *err)
{
    for (uint32_t i = 0; i < c->out->item_n; i++) {
        struct break_answer *x = &c->out->item[i];
        x->called = findings_cell(c->k, x->id, x->touchpoint, x->place, x->daypart);
        x->journeys = x->called.p ? findings_link(c->k, x->called, c->out->from_day, c->out->to_day) : x->called;
        if (!x->journeys.p) return tl_fail(err, TL_ENOMEM, "out of memory");
    }
    return 0;
}

/* ---- damage ---- */

static int
damage_of(struct breaks_ctx *c, struct moment_ask *q, uint32_t i)
{
    struct break_answer *b = &c->out->item[i];
    struct moment_rows rows;
    struct moment_judged j;
    q->rules = UINT64_C(1) << c->of[i].rule;
    q->touchpoint = c->of[i].touchpoint;
    struct findings_cuts cuts;
    int rc = moments_rows(c->f.told, q, &rows);
    if (rc == 0) rc = findings_cut(c->k, &c->f, &rows, &cuts, NULL);
    if (rc == 0 && (rc = moments_judge(&rows, &j)) == 0) {
        struct stratum *table = tl_arena_alloc(c->k->arena, (j.n + 1) * sizeof *table);
        if (table && j.n) memcpy(table, j.table, j.n * sizeof *table);
        b->has_damage = j.judged.rd.known;
        b->damage = j.judged.rd;
        b->damage_crude = j.judged.crude_rd;
        b->damage_n = rows.n;
        b->damage_de = j.de;
        b->damage_table = table;
        b->damage_table_n = table ? (uint32_t)j.n : 0;
        if (b->has_damage) b->loss = b->cell.excess * (b->damage.lo > 0 ? b->damage.lo : 0);
        moments_judged_free(&j);
    }
    tl_free(rows.row);
    return rc;
}

/* damage_as - the same break elsewhere is the same question */
static bool
damage_as(struct breaks_ctx *c, uint32_t i)
{
    struct break_answer *b = &c->out->item[i];
    uint32_t k = 0;
    while (k < i && !(c->out->item[k].shown && c->of[k].rule == c->of[i].rule && c->of[k].touchpoint == c->of[i].touchpoint)) k++;
    const struct break_answer *like = &c->out->item[k];
    if (k == i) return false;
    b->has_damage = like->has_damage;
    b->damage = like->damage;
    b->damage_crude = like->damage_crude;
    b->damage_n = like->damage_n;
    b->damage_de = like->damage_de;
    b->damage_table = like->damage_table;
    b->damage_table_n = like->damage_table_n;
    if (b->has_damage) b->loss = b->cell.excess * (b->damage.lo > 0 ? b->damage.lo : 0);
    return true;
}

static int
damages(struct breaks_ctx *c, struct tl_err *err)
{
    struct moment_ask q;
    struct breaks_answer *o = c->out;
    int rc = c->f.damage ? findings_of(c->k, &c->f, c->f.damage, &q, err) : 0;
    for (uint32_t i = 0; rc == 0 && i < o->item_n; i++) {
        uint32_t rule = c->of[i].rule;
        if (!o->item[i].shown) continue;
        if (o->item[i].unfinished) o->item[i].loss = o->item[i].cell.excess;
        else if (c->f.damage && rule < 64 && c->f.standard[rule] && !damage_as(c, i) && damage_of(c, &q, i)) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    }
    return rc;
}

/* ---- the answer ---- */

static int
order(const void *x, const void *y)
{
    const struct break_answer *a = x, *b = y;
    if (a->shown != b->shown) return a->shown ? -1 : 1;
    double u = a->shown ? a->cell.excess : a->cell.over.value, v = b->shown ? b->cell.excess : b->cell.over.value;
    if (u > v || u < v) return u > v ? -1 : 1;
    return tl_str_cmp(a->called, b->called);
}

int
fold_breaks(struct look *k, struct breaks_answer *out, struct tl_err *err)
{
    struct breaks_ctx c = { .k = k, .out = out };
    memset(out, 0, sizeof *out);
    int rc = period(k, out, err);
    if (rc == 0) rc = findings_begin(k, &c.f, err);
    if (rc == 0 && k->store) rc = tl_store_begin(k->store, &c.t, err);
    if (rc == 0 && c.t) rc = cells(&c, err);
    if (c.t) tl_store_end(&c.t);
    if (rc == 0) rc = names(&c, err);
    if (rc == 0) rc = breaks_test(&c, err);
    if (rc == 0) rc = breaks_trend(&c, err);
    if (rc == 0 && k->ask->by_place) rc = breaks_shrink(&c, err);
    if (rc == 0) rc = damages(&c, err);
    for (size_t i = 0; rc == 0 && i < c.f.told->journey_n; i++)
        out->journeys += c.f.told->journey[i].day >= out->from_day && c.f.told->journey[i].day <= out->to_day;
    for (uint32_t i = 0; rc == 0 && i < out->item_n; i++) out->unknown += out->item[i].unknown;
    out->left_out = c.f.unplanned_left_out;
    if (c.f.damage) out->damage_outcome = c.f.damage->id;
    fold_run_done(k, c.drops);
    breaks_free(&c.counts);
    findings_end(k, &c.f);
    if (rc == 0 && out->item_n) qsort(out->item, out->item_n, sizeof *out->item, order);
    return rc;
}
