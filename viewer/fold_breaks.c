/* fold_breaks.c - break points.
 *
 *   cells        standard x touchpoint (x place), and drop-off x touchpoint: chances n, hits k in the period, and in the one before
 *   first pass   p of every cell with n >= 30, as if rows were independent: one family; q by Benjamini and Hochberg
 *   second pass  those that would be shown again with their design effect; q of the family with those p
 *   damage       of the ones shown, over all journeys old enough, in strata */
#include <stdlib.h>

#include "analysis/bh.h"
#include "analysis/drops.h"
#include "fold_findings.h"
#include "fold_period.h"

struct ctx {
    struct look *k;
    struct findings f;
    struct tl_store_txn *t;
    struct breaks_answer *out;
    uint32_t cap;
    uint32_t *word, *place, *rule;      /* by item: touchpoint and place as numbers, place in f.rule; rule_n for drop-off */
    struct fold_part *drops;            /* held */
};

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
    return 0;
}

/* ---- cells ---- */

static const char *
type_of(const struct break_rule *r)
{
    static const char *const word[] = { [TL_STANDARD_CLOCK] = "wait", [TL_STANDARD_FAILED] = "failed", [TL_STANDARD_REQUIRED] = "required", [TL_STANDARD_REPEAT] = "repeat",
                                        [TL_STANDARD_TRANSFERS] = "transfers", [TL_STANDARD_CONTEXT] = "context", [TL_STANDARD_SCORE] = "low_score", [TL_STANDARD_PROMISE] = "promise",
                                        [TL_STANDARD_WORD] = "no_word" };
    if (r->standard) return word[r->kind];
    return r->without == TL_BREAK_MISSING ? "missing" : "out_of_order";
}

static struct break_answer *
item_add(struct ctx *c, uint32_t rule, uint32_t touchpoint, uint32_t place)
{
    struct breaks_answer *o = c->out;
    struct break_answer *b = &o->item[o->item_n];
    c->word[o->item_n] = touchpoint;
    c->place[o->item_n] = place;
    c->rule[o->item_n++] = rule;
    *b = (struct break_answer){ .de = 1, .q = 1, .loss = -1, .touchpoint = fold_word(c->k, c->t, touchpoint) };
    b->title = fold_title(c->k, b->touchpoint);
    if (place) b->place = fold_word(c->k, c->t, place);
    return b;
}

static void
standard_fill(struct ctx *c, struct break_answer *b, const struct tally *t)
{
    const struct tl_standard *s = c->f.standard[t->rule];
    b->type = type_of(&c->f.rule[t->rule]);
    b->id = s ? s->id : tl_str_of(b->type);
    b->name = s ? s->title : (struct tl_title){ { NULL, 0 }, { NULL, 0 } };
    b->owner = s ? s->owner : (struct tl_str){ NULL, 0 };
    b->allowed = s ? s->allowed : .02;
    b->n = t->n;
    b->k = t->k;
    b->cancelled = t->cancelled;
    b->de = t->de;
    b->severity = t->severity;
}

static const struct tally *
tally_at(const struct tally *t, size_t n, const struct tally *like)
{
    for (size_t i = 0; i < n; i++)
        if (t[i].rule == like->rule && t[i].touchpoint == like->touchpoint && t[i].place == like->place) return &t[i];
    return NULL;
}

static int
room(struct ctx *c, size_t n)
{
    struct tl_arena *a = c->k->arena;
    c->out->item = tl_arena_alloc(a, (n + 1) * sizeof *c->out->item);
    c->word = tl_arena_alloc(a, (n + 1) * sizeof *c->word);
    c->place = tl_arena_alloc(a, (n + 1) * sizeof *c->place);
    c->rule = tl_arena_alloc(a, (n + 1) * sizeof *c->rule);
    return c->out->item && c->word && c->place && c->rule ? 0 : TL_ENOMEM;
}

static int
cells_of_standards(struct ctx *c, const struct drops *now)
{
    struct breaks_ask q = { c->f.rule, c->f.rule_n, c->f.required, c->f.required_n, c->k->as_of_ms, c->out->from_day, c->out->to_day, c->k->ask->by_place };
    struct tally *t = NULL, *before = NULL;
    size_t n = 0, before_n = 0;
    int rc = breaks_count(c->f.told, &q, &t, &n);
    q.from_day = c->out->before_from;
    q.to_day = c->out->before_to;
    if (rc == 0) rc = breaks_count(c->f.told, &q, &before, &before_n);
    if (rc == 0) rc = room(c, n + now->drop_n);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        struct break_answer *b = item_add(c, t[i].rule, t[i].touchpoint, t[i].place);
        const struct tally *x = tally_at(before, before_n, &t[i]);
        standard_fill(c, b, &t[i]);
        if (x) b->before = (struct share){ x->k, x->n, x->de };
    }
    tl_free(t);
    tl_free(before);
    return rc;
}

static void
cells_of_drops(struct ctx *c, const struct drops *now, const struct drops *before)
{
    for (size_t i = 0; i < now->drop_n; i++) {
        const struct drop *x = drops_of(before, now->drop[i].touchpoint);
        struct break_answer *b = item_add(c, c->f.rule_n, now->drop[i].touchpoint, 0);
        b->type = "drop_off";
        b->id = TL_STR("drop_off");
        b->unfinished = true;
        b->n = now->drop[i].reached;
        b->k = now->drop[i].dropped;
        b->before = (struct share){ x ? x->dropped : 0, x ? x->reached : 0, 1 };
        b->severity = b->k ? 1 : 0;
    }
}

static int
drops_run(struct ctx *c, bool before, const struct analysis_arg *arg, struct fold_part **out, struct tl_err *err)
{
    const struct breaks_answer *o = c->out;
    return findings_run(c->k, before ? o->before_from : o->from_day, before ? o->before_to : o->to_day, &analysis_drops, arg, out, err);
}

static int
cells(struct ctx *c, struct tl_err *err)
{
    static const struct drops none;
    struct analysis_arg arg = { .end = -1, .as_of_ms = c->k->as_of_ms, .gap_ms = c->k->sieve.gap_ms };
    struct fold_part *now = NULL, *before = NULL;
    bool drops = !c->k->ask->by_place && c->k->catalogue->type[c->k->type].good_n > 0;    /* a journey that stops has no one place; without a goal none is missed */
    int rc = drops ? drops_run(c, false, &arg, &now, err) : 0;
    if (rc == 0 && drops) rc = drops_run(c, true, &arg, &before, err);
    if (rc == 0 && cells_of_standards(c, now ? now->part : &none)) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0 && drops) cells_of_drops(c, now->part, before->part);
    fold_run_done(c->k, now);
    fold_run_done(c->k, before);
    return rc;
}

/* ---- tests ---- */

static void
judge(struct break_answer *b, bool again)
{
    struct share now = { b->k, b->n, again ? b->de : 1 }, before = b->before;
    if (!again) before.de = 1;
    b->cell = b->allowed > 0 ? cell_against_allowed(now, b->allowed) : cell_against_before(now, before);
    if (again) return;
    b->row_lo = b->cell.rate.lo;
    b->row_hi = b->cell.rate.hi;
}

static bool
tested(const struct break_answer *b)
{
    return b->n >= CELL_ROWS_MIN && (b->allowed > 0 || b->before.n >= CELL_ROWS_MIN);
}

static int
family(struct breaks_answer *o)
{
    double *p = tl_alloc((o->item_n + 1) * sizeof *p);
    size_t m = 0;
    int rc = p ? 0 : TL_ENOMEM;
    for (uint32_t i = 0; rc == 0 && i < o->item_n; i++)
        if (tested(&o->item[i])) p[m++] = o->item[i].cell.p;
    if (rc == 0 && m && bh_q(p, p, m)) rc = TL_ENOMEM;
    o->tests = (uint32_t)m;
    m = 0;
    for (uint32_t i = 0; rc == 0 && i < o->item_n; i++) {
        struct break_answer *b = &o->item[i];
        if (!tested(b)) continue;
        b->q = p[m++];
        b->shown = cell_shown(&b->cell, (struct share){ b->k, b->n, b->de }, b->q);
    }
    tl_free(p);
    return rc;
}

static double
drop_design(const struct drops *d, uint32_t touchpoint)
{
    struct hit_row *r = tl_alloc((d->row_n + 1) * sizeof *r);
    size_t n = 0;
    for (size_t i = 0; r && i < d->row_n; i++)
        if (d->row[i].touchpoint == touchpoint) r[n++] = (struct hit_row){ d->row[i].customer, d->row[i].dropped };
    double de = r ? breaks_design(r, n) : 1;
    tl_free(r);
    return de;
}

/* drops_design - the design effects of the drop-offs that would be shown */
static int
drops_design(struct ctx *c, struct tl_err *err)
{
    struct analysis_arg arg = { .end = -1, .as_of_ms = c->k->as_of_ms, .gap_ms = c->k->sieve.gap_ms };
    struct breaks_answer *o = c->out;
    struct fold_part *now = NULL, *before = NULL;
    for (uint32_t i = 0; i < o->item_n && arg.word_n < ANALYSIS_WORDS_MAX; i++)
        if (o->item[i].shown && o->item[i].unfinished) arg.word[arg.word_n++] = c->word[i];
    if (!arg.word_n) return 0;
    int rc = drops_run(c, false, &arg, &now, err);
    if (rc == 0) rc = drops_run(c, true, &arg, &before, err);
    for (uint32_t i = 0; rc == 0 && i < o->item_n; i++)
        if (o->item[i].shown && o->item[i].unfinished) {
            o->item[i].de = drop_design(now->part, c->word[i]);
            o->item[i].before.de = drop_design(before->part, c->word[i]);
        }
    fold_run_done(c->k, now);
    fold_run_done(c->k, before);
    return rc;
}

static void
verdict(struct break_answer *b)
{
    struct share now = { b->k, b->n, b->de };
    b->change = differ_newcombe(now, b->before);
    b->verdict = verdict_of(&b->cell.over, b->n, CELL_ROWS_MIN);
    if (b->shown) b->verdict = (struct verdict){ VERDICT_SUPPORTED, 0 };
    else if (b->n >= CELL_ROWS_MIN && b->cell.over.known && b->cell.over.hi <= VERDICT_SMALL) b->verdict = (struct verdict){ VERDICT_IS_SMALL, 0 };  /* at most 2 points over */
    else if (b->verdict.word == VERDICT_SUPPORTED) b->verdict = (struct verdict){ VERDICT_TOO_LITTLE, 1 };     /* not among so many tests */
}

static int
tests(struct ctx *c, struct tl_err *err)
{
    struct breaks_answer *o = c->out;
    for (uint32_t i = 0; i < o->item_n; i++) judge(&o->item[i], false);
    int rc = family(o) ? tl_fail(err, TL_ENOMEM, "out of memory") : 0;
    if (rc == 0) rc = drops_design(c, err);
    for (uint32_t i = 0; rc == 0 && i < o->item_n; i++)
        if (o->item[i].shown || !o->item[i].unfinished) judge(&o->item[i], o->item[i].shown);
    if (rc == 0 && family(o)) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    for (uint32_t i = 0; rc == 0 && i < o->item_n; i++) verdict(&o->item[i]);
    return rc;
}

/* ---- damage ---- */

static int
damage_of(struct ctx *c, struct moment_ask *q, uint32_t i)
{
    struct break_answer *b = &c->out->item[i];
    struct moment_rows rows;
    struct moment_judged j;
    q->rules = UINT64_C(1) << c->rule[i];
    q->touchpoint = c->word[i];
    int rc = moments_rows(c->f.told, q, &rows);
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

static int
damages(struct ctx *c, struct tl_err *err)
{
    struct moment_ask q;
    struct breaks_answer *o = c->out;
    int rc = c->f.damage ? findings_of(c->k, &c->f, c->f.damage, &q, err) : 0;
    for (uint32_t i = 0; rc == 0 && i < o->item_n; i++) {
        if (!o->item[i].shown) continue;
        if (o->item[i].unfinished) o->item[i].loss = o->item[i].cell.excess;
        else if (c->f.damage && c->rule[i] < 64 && c->f.standard[c->rule[i]] && damage_of(c, &q, i)) rc = tl_fail(err, TL_ENOMEM, "out of memory");
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
    int c = tl_str_cmp(a->id, b->id);
    if (c == 0) c = tl_str_cmp(a->touchpoint, b->touchpoint);
    return c ? c : tl_str_cmp(a->place, b->place);
}

int
fold_breaks(struct look *k, struct breaks_answer *out, struct tl_err *err)
{
    struct ctx c = { .k = k, .out = out };
    memset(out, 0, sizeof *out);
    int rc = period(k, out, err);
    if (rc == 0) rc = findings_begin(k, &c.f, err);
    if (rc == 0 && k->store) rc = tl_store_begin(k->store, &c.t, err);
    if (rc == 0 && c.t) rc = cells(&c, err);
    if (c.t) tl_store_end(&c.t);
    if (rc == 0) rc = tests(&c, err);
    if (rc == 0) rc = damages(&c, err);
    for (size_t i = 0; rc == 0 && i < c.f.told->journey_n; i++)
        out->journeys += c.f.told->journey[i].day >= out->from_day && c.f.told->journey[i].day <= out->to_day;
    if (c.f.damage) out->damage_outcome = c.f.damage->id;
    findings_end(k, &c.f);
    if (rc == 0 && out->item_n) qsort(out->item, out->item_n, sizeof *out->item, order);
    return rc;
}
