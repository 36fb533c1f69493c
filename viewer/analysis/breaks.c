/* breaks.c - see breaks.h. Every chance becomes a row; rows are sorted by cell and customer, so one pass gives counts and the design effect. */
#include "breaks.h"

#include <stdlib.h>
#include "tl_mem.h"
#include "tl_time.h"

/* ---- one chance ---- */

static enum chance_is
judge_clock(const struct tl_chance *c, int64_t as_of_ms)
{
    if (c->cancelled_ms != TL_TIME_NONE && c->cancelled_ms < c->due_ms) return CHANCE_CANCELLED;
    if (c->due_ms > as_of_ms) return CHANCE_OUT;
    return c->ended_ms != TL_TIME_NONE && c->ended_ms <= c->due_ms ? CHANCE_KEPT : CHANCE_HIT;
}

/* word is owed of what is late, or was */
static enum chance_is
judge_word(const struct tl_chance *c, int64_t as_of_ms)
{
    enum chance_is late = judge_clock(c, as_of_ms);
    if (late != CHANCE_HIT) return late == CHANCE_KEPT ? CHANCE_OUT : late;
    return c->flags & TL_CHANCE_KEPT ? CHANCE_KEPT : CHANCE_HIT;
}

enum chance_is
chance_judge(enum tl_standard_kind kind, const struct tl_chance *c, int64_t as_of_ms)
{
    if (c->start_ms > as_of_ms) return CHANCE_OUT;
    switch (kind) {
    case TL_STANDARD_CLOCK:
    case TL_STANDARD_PROMISE:
        return judge_clock(c, as_of_ms);
    case TL_STANDARD_WORD:
        return judge_word(c, as_of_ms);
    case TL_STANDARD_REPEAT:
        if (c->ended_ms != TL_TIME_NONE && c->ended_ms <= c->due_ms && c->ended_ms <= as_of_ms) return CHANCE_HIT;
        return c->due_ms <= as_of_ms ? CHANCE_KEPT : CHANCE_OUT;
    case TL_STANDARD_REQUIRED:
        return c->flags & TL_CHANCE_HIT ? CHANCE_HIT : c->flags & TL_CHANCE_KEPT ? CHANCE_KEPT : CHANCE_OUT;
    case TL_STANDARD_FAILED:
    case TL_STANDARD_TRANSFERS:
    case TL_STANDARD_CONTEXT:
    case TL_STANDARD_SCORE:
        break;
    }
    return c->flags & TL_CHANCE_HIT ? CHANCE_HIT : CHANCE_KEPT;
}

int64_t
chance_settled_ms(const struct tl_chance *c, enum chance_is is)
{
    if (is == CHANCE_HIT && c->due_ms != TL_TIME_NONE) return c->due_ms;
    return c->ended_ms != TL_TIME_NONE ? c->ended_ms : c->start_ms;
}

int
chance_severity(const struct break_rule *r, const struct tl_chance *c, int64_t as_of_ms)
{
    int s = 1;
    if (r->kind == TL_STANDARD_CLOCK || r->kind == TL_STANDARD_PROMISE) {
        double limit = (double)(c->due_ms - c->start_ms), took = (double)((c->ended_ms != TL_TIME_NONE ? c->ended_ms : as_of_ms) - c->start_ms);
        s = took <= 1.5 * limit ? 1 : took <= 3 * limit ? 2 : 3;
    }
    s += r->basic;
    if (s < r->severity_min) s = r->severity_min;
    return s < 3 ? s : 3;
}

/* ---- rows ---- */

struct row { uint32_t rule, touchpoint, place; uint64_t customer; uint8_t is, severity; };
struct rows { struct row *p; size_t n, cap; bool failed; };

static void
row_add(struct rows *l, const struct row *r)
{
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 1024;
        struct row *p = tl_realloc(l->p, cap * sizeof *p);
        if (!p) {
            l->failed = true;
            return;
        }
        l->p = p;
        l->cap = cap;
    }
    l->p[l->n++] = *r;
}

uint32_t
breaks_rule_of(const struct breaks_ask *q, uint32_t standard)
{
    uint32_t i = 0;
    while (i < q->rule_n && (q->rule[i].standard != standard || !standard)) i++;
    return i;
}

static void
rows_of_chances(struct rows *l, const struct breaks_ask *q, const struct told_journey *j, const struct told_chance *c)
{
    for (uint32_t i = 0; i < j->chance_n; i++, c++) {
        uint32_t r = breaks_rule_of(q, c->of.standard);
        if (r == q->rule_n || q->rule[r].beyond || (q->by_place && !c->of.place)) continue;
        enum chance_is is = chance_judge(q->rule[r].kind, &c->of, q->as_of_ms);
        if (is == CHANCE_OUT) continue;
        struct row x = { r, q->rule[r].touchpoint ? q->rule[r].touchpoint : c->touchpoint, q->by_place ? c->of.place : 0, j->customer, (uint8_t)is, 0 };
        if (is == CHANCE_HIT) x.severity = (uint8_t)chance_severity(&q->rule[r], &c->of, q->as_of_ms);
        row_add(l, &x);
    }
}

/* rows_of_required - a journey closed good has a chance to lack, or to misplace, each required step */
static void
rows_of_required(struct rows *l, const struct breaks_ask *q, uint32_t r, const struct told_journey *j, const struct tl_break *b)
{
    uint32_t first = q->rule[r].without == TL_BREAK_ORDER ? 1 : 0;      /* nothing is before the first */
    for (uint32_t t = first; t < q->required_n; t++) {
        struct row x = { r, q->required[t], 0, j->customer, CHANCE_KEPT, 0 };
        for (uint32_t i = 0; i < j->brk_n; i++)
            if (b[i].kind == q->rule[r].without && b[i].touchpoint == q->required[t]) {
                x.is = CHANCE_HIT;
                x.severity = b[i].severity;
            }
        row_add(l, &x);
    }
}

static int
row_order(const void *x, const void *y)
{
    const struct row *a = x, *b = y;
    if (a->rule != b->rule) return a->rule < b->rule ? -1 : 1;
    if (a->touchpoint != b->touchpoint) return a->touchpoint < b->touchpoint ? -1 : 1;
    if (a->place != b->place) return a->place < b->place ? -1 : 1;
    return (a->customer > b->customer) - (a->customer < b->customer);
}

/* ---- the design effect: customers are fed by what they did, so that it does not hang on their numbers ---- */

struct pair { uint32_t rows, hits; };

static int
pair_order(const void *x, const void *y)
{
    const struct pair *a = x, *b = y;
    if (a->rows != b->rows) return a->rows < b->rows ? -1 : 1;
    return (a->hits > b->hits) - (a->hits < b->hits);
}

static int
hit_order(const void *x, const void *y)
{
    const struct hit_row *a = x, *b = y;
    return (a->customer > b->customer) - (a->customer < b->customer);
}

double
breaks_design(struct hit_row *row, size_t n)
{
    struct cluster c = { 0, 0, 0 };
    struct pair *pair = n ? tl_alloc(n * sizeof *pair) : NULL;
    size_t pairs = 0, hits = 0;
    if (!pair) return 1;
    qsort(row, n, sizeof *row, hit_order);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || row[i].customer != row[i - 1].customer) pairs++;
        pair[pairs - 1].rows++;
        pair[pairs - 1].hits += row[i].hit;
        hits += row[i].hit;
    }
    qsort(pair, pairs, sizeof *pair, pair_order);
    for (size_t i = 0; i < pairs; i++) cluster_add_share(&c, pair[i].hits, pair[i].rows, (double)hits / (double)n);
    tl_free(pair);
    return cluster_effect(&c);
}

/* ---- cells ---- */

static bool
same_cell(const struct row *a, const struct row *b)
{
    return a->rule == b->rule && a->touchpoint == b->touchpoint && a->place == b->place;
}

static void
tally_of(const struct row *r, size_t n, struct hit_row *hits, struct tally *t)
{
    *t = (struct tally){ .rule = r->rule, .touchpoint = r->touchpoint, .place = r->place };
    for (size_t i = 0; i < n; i++) {
        if (r[i].is == CHANCE_CANCELLED) {
            t->cancelled++;
            continue;
        }
        hits[t->n++] = (struct hit_row){ r[i].customer, r[i].is == CHANCE_HIT };
        t->k += r[i].is == CHANCE_HIT;
        if (r[i].severity > t->severity) t->severity = r[i].severity;
    }
    t->de = breaks_design(hits, t->n);
}

static int
tallies(struct rows *l, struct tally **out, size_t *n)
{
    struct tally *t = tl_alloc((l->n + 1) * sizeof *t);
    struct hit_row *hits = tl_alloc((l->n + 1) * sizeof *hits);
    int rc = t && hits ? 0 : TL_ENOMEM;
    if (l->n) qsort(l->p, l->n, sizeof *l->p, row_order);
    for (size_t i = 0, k; rc == 0 && i < l->n; i = k) {
        for (k = i + 1; k < l->n && same_cell(&l->p[i], &l->p[k]);) k++;
        tally_of(l->p + i, k - i, hits, &t[(*n)++]);
    }
    tl_free(hits);
    if (rc) tl_free(t);
    else *out = t;
    return rc;
}

int
breaks_count(const struct told *t, const struct breaks_ask *q, struct tally **out, size_t *n)
{
    struct rows l = { NULL, 0, 0, false };
    const struct told_chance *c = t->chance;
    const struct tl_break *b = t->brk;
    *n = 0;
    *out = NULL;
    for (size_t i = 0; i < t->journey_n; i++) {
        const struct told_journey *j = &t->journey[i];
        if (j->day >= q->from_day && j->day <= q->to_day) {
            rows_of_chances(&l, q, j, c);
            for (uint32_t r = 0; r < q->rule_n && j->outcome == TL_GOOD && !q->by_place; r++)
                if (!q->rule[r].standard) rows_of_required(&l, q, r, j, b);
        }
        c += j->chance_n;
        b += j->brk_n;
    }
    int rc = l.failed ? TL_ENOMEM : tallies(&l, out, n);
    tl_free(l.p);
    return rc;
}
