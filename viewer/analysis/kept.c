/* kept.c - see kept.h. */
#include "kept.h"

#include <stdlib.h>

#include "cluster.h"
#include "quantile_ci.h"
#include "tl_mem.h"
#include "tl_time.h"

struct rows { struct kept_row *p; size_t n, cap; bool failed; };

static void
row_add(struct rows *l, const struct kept_row *r)
{
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 1024;
        struct kept_row *p = tl_realloc(l->p, cap * sizeof *p);
        if (!p) {
            l->failed = true;
            return;
        }
        l->p = p;
        l->cap = cap;
    }
    l->p[l->n++] = *r;
}

static uint32_t
group_of(const struct kept_ask *q, uint32_t rule, const struct told_journey *j, const struct told_chance *c)
{
    switch (q->by) {
    case KEPT_BY_TOUCHPOINT: return q->rule[rule].touchpoint ? q->rule[rule].touchpoint : c->touchpoint;
    case KEPT_BY_TIER: return c->of.tier;
    case KEPT_BY_CHANNEL: return c->of.channel;
    case KEPT_BY_PLACE: return c->of.place;
    case KEPT_BY_WEEK: return (uint32_t)(j->day - ((j->day + 3) % 7 + 7) % 7);      /* day 0 was a Thursday */
    case KEPT_BY_NONE: break;
    }
    return KEPT_NO_GROUP;
}

static uint32_t
rule_of(const struct kept_ask *q, uint32_t standard)
{
    uint32_t i = 0;
    while (i < q->rule_n && (q->rule[i].standard != standard || !standard)) i++;
    return i;
}

/* passed_on - how many transfers of a rule (of any: rule_n) the journey tells */
static uint32_t
passed_on(const struct kept_ask *q, uint32_t rule, const struct told_journey *j, const struct told_chance *c)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < j->chance_n; i++) {
        uint32_t r = rule_of(q, c[i].of.standard);
        n += r < q->rule_n && q->rule[r].kind == TL_STANDARD_TRANSFERS && (rule == q->rule_n || r == rule);
    }
    return n;
}

static void
row_of_chance(struct rows *l, const struct kept_ask *q, uint32_t r, const struct told_journey *j, const struct told_chance *first, const struct told_chance *c)
{
    enum chance_is is = chance_known(&q->rule[r], &c->of, chance_judge(q->rule[r].kind, &c->of, q->as_of_ms));
    if (is == CHANCE_OUT || is == CHANCE_CANCELLED || is == CHANCE_UNKNOWN) return;
    bool ended = c->of.ended_ms != TL_TIME_NONE && c->of.ended_ms <= q->as_of_ms;
    struct kept_row x = { r, group_of(q, r, j, c), j->customer, (ended ? c->of.ended_ms : q->as_of_ms) - c->of.start_ms, is == CHANCE_KEPT, ended };
    if (q->rule[r].kind == TL_STANDARD_REPEAT && x.kept) x.kept = passed_on(q, q->rule_n, j, first) == 0;
    row_add(l, &x);
}

/* rows_of_contacts - the contacts of a journey, as many of them passed on as it tells of transfers */
static void
rows_of_contacts(struct rows *l, const struct kept_ask *q, uint32_t r, uint32_t contact, const struct told_journey *j, const struct told_chance *c)
{
    uint32_t passed = passed_on(q, r, j, c);
    for (uint32_t i = 0; i < j->chance_n; i++) {
        if (c[i].of.standard != q->rule[contact].standard || c[i].of.start_ms > q->as_of_ms) continue;
        struct kept_row x = { r, group_of(q, r, j, &c[i]), j->customer, 0, passed == 0, true };
        passed -= passed > 0;
        row_add(l, &x);
    }
}

static int
cell_order(const struct kept_row *a, const struct kept_row *b)
{
    if (a->rule != b->rule) return a->rule < b->rule ? -1 : 1;
    return (a->group > b->group) - (a->group < b->group);
}

static int
row_order(const void *x, const void *y)
{
    const struct kept_row *a = x, *b = y;
    int c = cell_order(a, b);
    if (c) return c;
    return (a->customer > b->customer) - (a->customer < b->customer);
}

static void
rows_of(struct rows *l, const struct told *t, const struct kept_ask *q, const uint32_t *contact)
{
    const struct told_chance *c = t->chance;
    for (size_t i = 0; i < t->journey_n; c += t->journey[i++].chance_n) {
        const struct told_journey *j = &t->journey[i];
        if (j->day < q->from_day || j->day > q->to_day) continue;
        for (uint32_t k = 0; k < j->chance_n; k++) {
            uint32_t r = rule_of(q, c[k].of.standard);
            if (r < q->rule_n && q->rule[r].kind != TL_STANDARD_TRANSFERS) row_of_chance(l, q, r, j, c, &c[k]);
        }
        for (uint32_t r = 0; r < q->rule_n; r++)
            if (q->rule[r].standard && q->rule[r].kind == TL_STANDARD_TRANSFERS && contact[r] < q->rule_n) rows_of_contacts(l, q, r, contact[r], j, c);
    }
}

/* cells_of - the cells that sorted rows stand in */
static int
cells_of(struct kept_row *p, size_t n, struct kept_cells *out)
{
    *out = (struct kept_cells){ .row = p, .cell = tl_alloc((n + 1) * sizeof *out->cell) };
    if (!out->cell) {
        kept_cells_free(out);
        return TL_ENOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || cell_order(&p[i - 1], &p[i])) out->cell[out->cell_n++] = (struct kept_cell){ p[i].rule, p[i].group, &p[i], 0 };
        out->cell[out->cell_n - 1].n++;
    }
    return 0;
}

int
kept_cells(const struct told *t, const struct kept_ask *q, const uint32_t *contact, struct kept_cells *out)
{
    struct rows l = { NULL, 0, 0, false };
    rows_of(&l, t, q, contact);
    if (l.failed) {
        tl_free(l.p);
        *out = (struct kept_cells){ NULL, 0, NULL };
        return TL_ENOMEM;
    }
    if (l.n > 1) qsort(l.p, l.n, sizeof *l.p, row_order);
    return cells_of(l.p, l.n, out);
}

int
kept_whole(const struct kept_cells *by, struct kept_cells *out)
{
    size_t n = 0;
    for (size_t i = 0; i < by->cell_n; i++) n += by->cell[i].n;
    struct kept_row *p = tl_alloc((n + 1) * sizeof *p);
    if (!p) return TL_ENOMEM;
    if (n) memcpy(p, by->row, n * sizeof *p);
    for (size_t i = 0; i < n; i++) p[i].group = KEPT_NO_GROUP;
    for (size_t i = 0, k, at = 0; i < by->cell_n; i = k) {          /* a rule of one cell stands by customer already */
        size_t rows = 0;
        for (k = i; k < by->cell_n && by->cell[k].rule == by->cell[i].rule; k++) rows += by->cell[k].n;
        if (k > i + 1) qsort(p + at, rows, sizeof *p, row_order);
        at += rows;
    }
    return cells_of(p, n, out);
}

void
kept_cells_free(struct kept_cells *c)
{
    tl_free(c->row);
    tl_free(c->cell);
    *c = (struct kept_cells){ NULL, 0, NULL };
}

const struct kept_cell *
kept_cell(const struct kept_cells *c, uint32_t rule, uint32_t group)
{
    const struct kept_row want = { .rule = rule, .group = group };
    size_t lo = 0, hi = c->cell_n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (cell_order(c->cell[mid].row, &want) < 0) lo = mid + 1;
        else hi = mid;
    }
    return lo < c->cell_n && cell_order(c->cell[lo].row, &want) == 0 ? &c->cell[lo] : NULL;
}

/* ---- what is said of a cell ---- */

struct pair { uint32_t rows, hits; };

static int
pair_order(const void *x, const void *y)
{
    const struct pair *a = x, *b = y;
    if (a->rows != b->rows) return a->rows < b->rows ? -1 : 1;
    return (a->hits > b->hits) - (a->hits < b->hits);
}

/* design - rows stand by customer; customers are fed by what they did, so that no digit hangs on their numbers */
static double
design(const struct kept_cell *c, double p)
{
    struct cluster all = { 0, 0, 0 };
    struct pair *pair = tl_alloc(c->n * sizeof *pair);
    size_t n = 0;
    for (size_t i = 0; pair && i < c->n; i++) {
        if (i == 0 || c->row[i].customer != c->row[i - 1].customer) n++;
        pair[n - 1].rows++;
        pair[n - 1].hits += c->row[i].kept;
    }
    if (!pair || n == c->n) {
        tl_free(pair);
        return 1;
    }
    qsort(pair, n, sizeof *pair, pair_order);
    for (size_t i = 0; i < n; i++) cluster_add_share(&all, pair[i].hits, pair[i].rows, p);
    tl_free(pair);
    return cluster_effect(&all);
}

struct share
kept_share(const struct kept_cell *c)
{
    struct share s = { 0, c ? c->n : 0, 1 };
    for (size_t i = 0; c && i < c->n; i++) s.k += c->row[i].kept;
    if (s.n) s.de = design(c, (double)s.k / (double)s.n);
    return s;
}

uint64_t
kept_customers(const struct kept_cell *c)
{
    uint64_t n = 0;
    for (size_t i = 0; c && i < c->n; i++) n += i == 0 || c->row[i].customer != c->row[i - 1].customer;
    return n;
}

/* those that ended by how long they took, then those that have not, by how long they wait */
static int
took_order(const void *x, const void *y)
{
    const struct kept_row *a = x, *b = y;
    if (a->ended != b->ended) return a->ended ? -1 : 1;
    return (a->took_ms > b->took_ms) - (a->took_ms < b->took_ms);
}

static int
least_order(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

/* quantile - least: how long each took at least, ascending: what lies beyond all that ended is known no better */
static struct kept_quantile
quantile(const struct kept_row *r, const int64_t *least, size_t n, uint64_t ended, uint32_t per_mille)
{
    struct quantile_ranks k = quantile_ranks(n, per_mille);
    struct kept_quantile q = { .known = n > 0 };
    if (!n) return q;
    q.over = k.rank > ended;
    q.ms = (double)(q.over ? least[k.rank - 1] : r[k.rank - 1].took_ms);
    q.has_lo = k.lo > 0;
    if (q.has_lo) q.lo_ms = (double)(k.lo > ended ? least[k.lo - 1] : r[k.lo - 1].took_ms);
    if (q.has_lo && q.lo_ms > q.ms) q.lo_ms = q.ms;
    q.has_hi = k.hi <= ended;                       /* beyond: nobody knows how long those will take */
    if (q.has_hi) q.hi_ms = (double)r[k.hi - 1].took_ms;
    return q;
}

int
kept_times(const struct kept_cell *c, struct kept_times *out)
{
    size_t n = c ? c->n : 0;
    struct kept_row *r = tl_alloc((n + 1) * sizeof *r);
    int64_t *least = tl_alloc((n + 1) * sizeof *least);
    double sum = 0;
    *out = (struct kept_times){ 0 };
    if (!r || !least) {
        tl_free(r);
        tl_free(least);
        return TL_ENOMEM;
    }
    for (size_t i = 0; i < n; i++) least[i] = c->row[i].took_ms;
    if (n > 1) qsort(least, n, sizeof *least, least_order);
    if (n) memcpy(r, c->row, n * sizeof *r);
    if (n > 1) qsort(r, n, sizeof *r, took_order);
    while (out->ended < n && r[out->ended].ended) sum += (double)r[out->ended++].took_ms;
    out->open = n - out->ended;
    if (out->ended) out->mean_ms = sum / (double)out->ended;
    out->p50 = quantile(r, least, n, out->ended, 500);
    out->p90 = quantile(r, least, n, out->ended, 900);
    tl_free(r);
    tl_free(least);
    return 0;
}
