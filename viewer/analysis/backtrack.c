/* backtrack.c - see backtrack.h. */
#include "backtrack.h"

#include <stdlib.h>

#include "tl_mem.h"
#include "tl_time.h"

/* ---- one journey ---- */

struct walking { const struct breaks_ask *q; struct backtrack_order order; struct backtrack_one *out; int64_t before_ms; };

static bool
earlier(const struct walking *w, const struct backtrack_break *a, const struct backtrack_break *b)
{
    if (a->at_ms != b->at_ms) return a->at_ms < b->at_ms;
    uint32_t u = w->order.rank(w->order.arg, a->touchpoint), v = w->order.rank(w->order.arg, b->touchpoint);
    return u != v ? u < v : a->rule < b->rule;
}

static bool
worse(const struct walking *w, const struct backtrack_break *a, const struct backtrack_break *b)
{
    if (a->severity != b->severity) return a->severity > b->severity;
    if (a->ratio > b->ratio || a->ratio < b->ratio) return a->ratio > b->ratio;
    return earlier(w, a, b);
}

static void
see(struct walking *w, const struct backtrack_break *x)
{
    struct backtrack_one *o = w->out;
    if (x->broken_ms >= w->before_ms || x->at_ms >= w->before_ms) return;
    if (!o->any || earlier(w, x, &o->first)) o->first = *x;
    if (!o->any || worse(w, x, &o->worst)) o->worst = *x;
    o->any = true;
    o->n++;
}

static double
ratio_of(enum tl_standard_kind kind, const struct tl_chance *c, int64_t as_of_ms)
{
    double limit = (double)(c->due_ms - c->start_ms);
    if ((kind != TL_STANDARD_CLOCK && kind != TL_STANDARD_PROMISE) || !(limit > 0)) return 1;
    return (double)((c->ended_ms != TL_TIME_NONE ? c->ended_ms : as_of_ms) - c->start_ms) / limit;
}

static void
see_chance(struct walking *w, const struct told_chance *c)
{
    uint32_t r = breaks_rule_of(w->q, c->of.standard);
    if (r == w->q->rule_n || w->q->rule[r].beyond) return;
    const struct break_rule *rule = &w->q->rule[r];
    enum chance_is is = chance_known(rule, &c->of, chance_judge(rule->kind, &c->of, w->q->as_of_ms));
    if (is != CHANCE_HIT) return;
    int64_t broken_ms = rule->kind == TL_STANDARD_REPEAT ? c->of.ended_ms : chance_settled_ms(rule->kind, &c->of, is);
    see(w, &(struct backtrack_break){ r, rule->touchpoint ? rule->touchpoint : c->touchpoint, c->of.start_ms, broken_ms, chance_severity(rule, &c->of, w->q->as_of_ms),
                                      ratio_of(rule->kind, &c->of, w->q->as_of_ms) });
}

static void
see_break(struct walking *w, const struct tl_break *b)
{
    uint32_t r = 0;
    if (b->standard || b->at_ms > w->q->as_of_ms) return;
    while (r < w->q->rule_n && (w->q->rule[r].standard || w->q->rule[r].without != b->kind)) r++;
    if (r == w->q->rule_n) r += b->kind;
    see(w, &(struct backtrack_break){ r, b->touchpoint, b->at_ms, b->at_ms, b->severity, 1 });
}

struct backtrack_one
backtrack_of(const struct breaks_ask *q, const struct told_journey *j, const struct told_chance *c, const struct tl_break *b, int64_t before_ms, struct backtrack_order order)
{
    struct backtrack_one out = { .any = false };
    struct walking w = { q, order, &out, before_ms };
    for (uint32_t i = 0; i < j->chance_n; i++) see_chance(&w, &c[i]);
    for (uint32_t i = 0; i < j->brk_n; i++) see_break(&w, &b[i]);
    return out;
}

/* ---- many ---- */

struct bad { uint64_t customer; int64_t start_ms, at_ms; uint32_t rule, touchpoint; };       /* touchpoint, rule of the first break; rule UINT32_MAX: none */
struct counting { struct backtracks *out; struct bad *bad; size_t bad_n, bad_cap, cell_cap; };

static struct backtrack_cell *
cell_of(struct counting *c, const struct backtrack_break *x)
{
    struct backtracks *o = c->out;
    for (size_t i = 0; i < o->n; i++)
        if (o->cell[i].rule == x->rule && o->cell[i].touchpoint == x->touchpoint) return &o->cell[i];
    if (o->n == c->cell_cap) {
        size_t cap = c->cell_cap ? c->cell_cap * 2 : 32;
        struct backtrack_cell *p = tl_realloc(o->cell, cap * sizeof *p);
        if (!p) return NULL;
        o->cell = p;
        c->cell_cap = cap;
    }
    o->cell[o->n] = (struct backtrack_cell){ .rule = x->rule, .touchpoint = x->touchpoint, .de = 1 };
    return &o->cell[o->n++];
}

static bool
keep(struct counting *c, const struct told_journey *j, int64_t at_ms, const struct backtrack_one *one)
{
    if (c->bad_n == c->bad_cap) {
        size_t cap = c->bad_cap ? c->bad_cap * 2 : 1024;
        struct bad *p = tl_realloc(c->bad, cap * sizeof *p);
        if (!p) return false;
        c->bad = p;
        c->bad_cap = cap;
    }
    struct bad *b = &c->bad[c->bad_n++];
    *b = (struct bad){ j->customer, j->start_ms, at_ms, UINT32_MAX, 0 };
    c->out->bad++;
    c->out->none += !one->any;
    if (!one->any) return true;
    b->rule = one->first.rule;
    b->touchpoint = one->first.touchpoint;
    struct backtrack_cell *x = cell_of(c, &one->first);
    if (x) x->first++;
    struct backtrack_cell *y = x ? cell_of(c, &one->worst) : NULL;
    if (y) y->worst++;
    return y != NULL;
}

static int
latest(const void *x, const void *y)
{
    const struct bad *a = x, *b = y;
    if (a->start_ms != b->start_ms) return a->start_ms > b->start_ms ? -1 : 1;
    return a->customer < b->customer ? -1 : a->customer > b->customer;
}

static int
examples(struct counting *c)
{
    struct hit_row *row = tl_alloc((c->bad_n + 1) * sizeof *row);
    if (!row) return TL_ENOMEM;
    if (c->bad_n) qsort(c->bad, c->bad_n, sizeof *c->bad, latest);
    for (size_t i = 0; i < c->out->n; i++) {
        struct backtrack_cell *x = &c->out->cell[i];
        for (size_t k = 0; k < c->bad_n; k++) {
            const struct bad *b = &c->bad[k];
            bool mine = b->rule == x->rule && b->touchpoint == x->touchpoint;
            row[k] = (struct hit_row){ b->customer, mine };
            if (mine && x->example_n < BACKTRACK_EXAMPLES_MAX) x->example[x->example_n++] = (struct backtrack_example){ b->customer, b->start_ms, b->at_ms };
        }
        x->de = breaks_design(row, c->bad_n);
    }
    tl_free(row);
    return 0;
}

static int
most_first(const void *x, const void *y)
{
    const struct backtrack_cell *a = x, *b = y;
    if (a->first != b->first) return a->first > b->first ? -1 : 1;
    if (a->worst != b->worst) return a->worst > b->worst ? -1 : 1;
    if (a->rule != b->rule) return a->rule < b->rule ? -1 : 1;
    return a->touchpoint < b->touchpoint ? -1 : a->touchpoint > b->touchpoint;
}

int
backtracks_count(const struct told *t, const struct breaks_ask *q, backtrack_when when, void *arg, struct backtrack_order order, struct backtracks *out)
{
    struct counting c = { .out = out };
    const struct told_chance *ch = t->chance;
    const struct tl_break *b = t->brk;
    const struct tl_marked *m = t->mark;
    int rc = 0;
    *out = (struct backtracks){ .cell = NULL };
    for (size_t i = 0; rc == 0 && i < t->journey_n; i++) {
        const struct told_journey *j = &t->journey[i];
        if (j->day >= q->from_day && j->day <= q->to_day && j->start_ms <= q->as_of_ms) {
            int64_t at_ms = when(arg, j, m);
            out->waiting += at_ms == BACKTRACK_OPEN;
            out->journeys += at_ms != BACKTRACK_OPEN;
            if (at_ms != BACKTRACK_OPEN && at_ms != TL_TIME_NONE) {
                struct backtrack_one one = backtrack_of(q, j, ch, b, at_ms, order);
                if (!keep(&c, j, at_ms, &one)) rc = TL_ENOMEM;
            }
        }
        ch += j->chance_n;
        b += j->brk_n;
        m += j->mark_n;
    }
    if (rc == 0) rc = examples(&c);
    if (rc == 0 && out->n) qsort(out->cell, out->n, sizeof *out->cell, most_first);
    tl_free(c.bad);
    if (rc) tl_free(out->cell), *out = (struct backtracks){ .cell = NULL };
    return rc;
}
