/* voice_cells.c - see voice_cells.h. One sort by cell and customer; customers are then fed by what they said, so that no digit hangs on their numbers. */
#include "voice_cells.h"

#include <math.h>
#include <stdlib.h>

#include "cluster.h"
#include "prob.h"
#include "tl_mem.h"

#define PROMOTER_MILLI 9000
#define PASSIVE_MILLI 7000

/* ---- cells ---- */

static int
cell_order(const struct voice_row *a, const struct voice_row *b)
{
    if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
    if (a->touchpoint != b->touchpoint) return a->touchpoint < b->touchpoint ? -1 : 1;
    return (a->group > b->group) - (a->group < b->group);
}

static int
row_order(const void *x, const void *y)
{
    const struct voice_row *a = x, *b = y;
    int c = cell_order(a, b);
    if (c) return c;
    if (a->customer != b->customer) return a->customer < b->customer ? -1 : 1;
    if (a->at_ms != b->at_ms) return a->at_ms < b->at_ms ? -1 : 1;
    return (a->milli > b->milli) - (a->milli < b->milli);
}

int
voice_cells(const struct voice *v, bool by_touchpoint, bool by_group, int64_t as_of_ms, struct voice_cells *out)
{
    size_t n = 0;
    *out = (struct voice_cells){ .row = tl_alloc((v->row_n + 1) * sizeof *out->row), .cell = tl_alloc((v->row_n + 1) * sizeof *out->cell) };
    if (!out->row || !out->cell) {
        voice_cells_free(out);
        return TL_ENOMEM;
    }
    for (size_t i = 0; i < v->row_n; i++) {
        if (v->row[i].at_ms > as_of_ms) continue;
        out->row[n] = v->row[i];
        if (!by_touchpoint) out->row[n].touchpoint = VOICE_ANY;
        if (!by_group) out->row[n].group = VOICE_ANY;
        n++;
    }
    if (n > 1) qsort(out->row, n, sizeof *out->row, row_order);
    for (size_t i = 0; i < n; i++) {
        const struct voice_row *r = &out->row[i];
        if (i == 0 || cell_order(r - 1, r)) out->cell[out->cell_n++] = (struct voice_cell){ r->kind, r->touchpoint, r->group, r, 0 };
        out->cell[out->cell_n - 1].n++;
    }
    return 0;
}

void
voice_cells_free(struct voice_cells *c)
{
    tl_free(c->row);
    tl_free(c->cell);
    *c = (struct voice_cells){ NULL, 0, NULL };
}

const struct voice_cell *
voice_cell(const struct voice_cells *c, uint32_t kind, uint32_t touchpoint, uint32_t group)
{
    const struct voice_row want = { .kind = kind, .touchpoint = touchpoint, .group = group };
    size_t lo = 0, hi = c->cell_n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (cell_order(c->cell[mid].row, &want) < 0) lo = mid + 1;
        else hi = mid;
    }
    return lo < c->cell_n && cell_order(c->cell[lo].row, &want) == 0 ? &c->cell[lo] : NULL;
}

/* ---- customers of a cell ---- */

struct said { int64_t sum; uint64_t n; };       /* of one customer: what is added up, and how many answers */
typedef int64_t (*worth)(const struct voice_row *r, int32_t arg);

static int
by_mean(const void *x, const void *y)
{
    const struct said *a = x, *b = y;
    double u = (double)a->sum / (double)a->n, v = (double)b->sum / (double)b->n;
    if (u < v || u > v) return u < v ? -1 : 1;
    return (a->n > b->n) - (a->n < b->n);
}

/* customers - one entry a customer, by their means; *n how many. NULL: out of memory. */
static struct said *
customers(const struct voice_cell *c, worth of, int32_t arg, size_t *n)
{
    size_t rows = c ? c->n : 0;
    struct said *s = tl_alloc((rows + 1) * sizeof *s);
    *n = 0;
    for (size_t i = 0; s && i < rows; i++) {
        if (i == 0 || c->row[i].customer != c->row[i - 1].customer) (*n)++;
        s[*n - 1].sum += of(&c->row[i], arg);
        s[*n - 1].n++;
    }
    if (s && *n > 1) qsort(s, *n, sizeof *s, by_mean);
    return s;
}

uint64_t
voice_customers(const struct voice_cell *c)
{
    uint64_t n = 0;
    for (size_t i = 0; c && i < c->n; i++) n += i == 0 || c->row[i].customer != c->row[i - 1].customer;
    return n;
}

/* design - the design effect of answers whose mean is `mean` and whose variance one by one is `var`; 1 when nobody answered twice */
static double
design(const struct said *s, size_t n, uint64_t rows, double mean, double var)
{
    struct cluster c = { 0, 0, 0 };
    if (n == rows) return 1;
    for (size_t i = 0; i < n; i++) cluster_add_rest(&c, (double)s[i].sum - (double)s[i].n * mean, (double)s[i].n * var);
    return cluster_effect(&c);
}

static int64_t
worth_milli(const struct voice_row *r, int32_t arg)
{
    (void)arg;
    return r->milli;
}

static int64_t
worth_from(const struct voice_row *r, int32_t lo_milli)
{
    return r->milli >= lo_milli;
}

static int64_t
worth_net(const struct voice_row *r, int32_t arg)
{
    (void)arg;
    return r->milli >= PROMOTER_MILLI ? 1 : r->milli < PASSIVE_MILLI ? -1 : 0;
}

/* ---- means ---- */

int
voice_mean(const struct voice_cell *c, struct voice_mean *out)
{
    size_t n = 0;
    struct said *s = customers(c, worth_milli, 0, &n);
    *out = (struct voice_mean){ .n = c ? c->n : 0 };
    if (!s) return TL_ENOMEM;
    for (size_t i = 0; i < n; i++) score_mean_add(&out->of, (double)s[i].sum / (double)s[i].n / 1000);
    out->mean = score_mean(&out->of);
    tl_free(s);
    return 0;
}

struct interval
voice_mean_change(const struct score_mean *now, const struct score_mean *before)
{
    if (now->customers < 2 || before->customers < 2) return (struct interval){ 0 };
    double n = (double)now->customers, m = (double)before->customers, d = now->mean - before->mean;
    double a = now->squares / (n - 1) / n, b = before->squares / (m - 1) / m, var = a + b;
    if (!(var > 0)) return (struct interval){ d, d, d, .known = true, .flat = true };
    double df = var * var / (a * a / (n - 1) + b * b / (m - 1)), half = prob_t_quantile_upper(df, 0.025) * sqrt(var);
    return (struct interval){ d, d - half, d + half, .known = true };
}

/* ---- shares ---- */

int
voice_share(const struct voice_cell *c, int32_t lo_milli, struct share *out)
{
    size_t n = 0;
    struct said *s = customers(c, worth_from, lo_milli, &n);
    *out = (struct share){ 0, c ? c->n : 0, 1 };
    if (!s) return TL_ENOMEM;
    for (size_t i = 0; i < n; i++) out->k += (uint64_t)s[i].sum;
    double p = out->n ? (double)out->k / (double)out->n : 0;
    if (out->n) out->de = design(s, n, out->n, p, p * (1 - p));
    tl_free(s);
    return 0;
}

/* ---- NPS ---- */

int
voice_nps(const struct voice_cell *c, struct voice_nps *out)
{
    size_t n = 0;
    struct said *s = customers(c, worth_net, 0, &n);
    *out = (struct voice_nps){ .n = c ? c->n : 0, .customers = n, .de = 1 };
    if (!s) return TL_ENOMEM;
    for (size_t i = 0; i < out->n; i++) {
        int64_t w = worth_net(&c->row[i], 0);
        out->promoters += w > 0;
        out->detractors += w < 0;
    }
    out->passives = out->n - out->promoters - out->detractors;
    struct score_nps all = score_nps(out->promoters, out->detractors, out->n);
    out->nps = all.nps;
    if (out->n) {
        double m = (double)out->n, net = all.nps.value, var = fmax(0, (double)(out->promoters + out->detractors) / m - net * net);
        out->de = design(s, n, out->n, net, var);
        out->var = var / m * out->de;
        double wider = sqrt(out->de);           /* as if there were n / de answers */
        out->nps.lo = fmax(-1, net - wider * (net - all.nps.lo));
        out->nps.hi = fmin(1, net + wider * (all.nps.hi - net));
    }
    tl_free(s);
    return 0;
}

struct interval
voice_nps_change(const struct voice_nps *now, const struct voice_nps *before)
{
    if (!now->n || !before->n) return (struct interval){ 0 };
    double d = now->nps.value - before->nps.value, half = PROB_Z * sqrt(now->var + before->var);
    return (struct interval){ d, fmax(-2, d - half), fmin(2, d + half), .known = true, .flat = !(half > 0) };
}

/* ---- values, answers ---- */

static int
value_order(const void *x, const void *y)
{
    const struct voice_value *a = x, *b = y;
    return (a->milli > b->milli) - (a->milli < b->milli);
}

size_t
voice_counts(const struct voice_cell *c, struct voice_value *out)
{
    size_t n = 0;
    for (size_t i = 0; c && i < c->n; i++) out[i] = (struct voice_value){ c->row[i].milli, 1 };
    if (c && c->n > 1) qsort(out, c->n, sizeof *out, value_order);
    for (size_t i = 0; c && i < c->n; i++) {
        if (n && out[n - 1].milli == out[i].milli) out[n - 1].n++;
        else out[n++] = out[i];
    }
    return n;
}

struct voice_response
voice_response(const struct voice *v, const struct voice_cells *c, uint32_t kind, uint32_t ask, uint32_t touchpoint, uint32_t group)
{
    const struct voice_cell *rated = voice_cell(c, kind, touchpoint, group), *asked = ask ? voice_cell(c, ask, touchpoint, group) : NULL;
    struct voice_response r = { .asked = asked != NULL, .share = { 0, 0, 1 } };
    for (size_t i = 0; rated && i < rated->n; i++) {
        if (!(rated->row[i].flags & VOICE_FIRST)) continue;
        r.rated++;
        r.share.k += asked ? (rated->row[i].flags & VOICE_WAS_ASKED) != 0 : touchpoint != 0 && touchpoint != VOICE_ANY;
    }
    for (size_t i = 0; asked && i < asked->n; i++) r.share.n += (asked->row[i].flags & VOICE_FIRST) != 0;
    for (size_t i = 0; !asked && touchpoint && i < v->seen_n; i++)
        if (v->seen[i].touchpoint == touchpoint && (group == VOICE_ANY || v->seen[i].group == group)) r.share.n += v->seen[i].journeys;
    if (r.share.k > r.share.n) r.share.k = r.share.n;
    return r;
}
