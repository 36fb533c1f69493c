/* tl_removal.c - N = (I - Q)^-1 by Gauss-Jordan with row pivots; h = N r; f_s = sum_j start_j N[j,s] / N[s,s]. */
#include "tl_removal.h"

#include <math.h>
#include <string.h>

#include "tl_mem.h"

struct tl_removal {
    uint32_t m;
    double *go;                 /* m + 1 rows (touchpoints, then START) of m + 2 counts (touchpoints, converted, lost) */
};

struct tl_removal *
tl_removal_new(uint32_t touchpoints)
{
    if (touchpoints == 0 || touchpoints > TL_REMOVAL_TOUCHPOINTS_MAX) return NULL;
    struct tl_removal *r = tl_alloc(sizeof *r);
    if (!r) return NULL;
    r->m = touchpoints;
    r->go = tl_alloc((size_t)(touchpoints + 1) * (touchpoints + 2) * sizeof *r->go);
    if (!r->go) tl_removal_free(&r);
    return r;
}

void
tl_removal_free(struct tl_removal **r)
{
    if (!*r) return;
    tl_free((*r)->go);
    tl_free(*r);
    *r = NULL;
}

void
tl_removal_add(struct tl_removal *r, const uint32_t *step, size_t n, uint64_t converted, uint64_t lost)
{
    double paths = (double)(converted + lost);
    uint32_t at = r->m;
    for (size_t i = 0; i < n; i++) {
        tl_assert(step[i] < r->m);
        r->go[(size_t)at * (r->m + 2) + step[i]] += paths;
        at = step[i];
    }
    double *end = r->go + (size_t)at * (r->m + 2) + r->m;
    end[0] += (double)converted;
    end[1] += (double)lost;
}

void
tl_removal_move(struct tl_removal *r, uint32_t from, uint32_t to, uint64_t times)
{
    tl_assert(from <= r->m && to < r->m + 2);
    r->go[(size_t)from * (r->m + 2) + to] += (double)times;
}

static double
row_sum(const struct tl_removal *r, uint32_t row)
{
    double sum = 0;
    for (uint32_t j = 0; j < r->m + 2; j++) sum += r->go[(size_t)row * (r->m + 2) + j];
    return sum;
}

/* x: m rows of 2m numbers, I - Q beside I; N beside it afterwards. A touchpoint that nobody left keeps a row of I. */
static void
set_up(const struct tl_removal *r, double *x)
{
    size_t m = r->m;
    memset(x, 0, 2 * m * m * sizeof *x);
    for (uint32_t i = 0; i < m; i++) {
        double sum = row_sum(r, i), *row = x + i * 2 * m;
        for (size_t j = 0; j < m && sum > 0; j++) row[j] = -r->go[i * (m + 2) + j] / sum;
        row[i] += 1;
        row[m + i] = 1;
    }
}

static void
swap_rows(double *a, double *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double t = a[i];
        a[i] = b[i];
        b[i] = t;
    }
}

static bool
invert(double *x, size_t m)
{
    for (size_t col = 0; col < m; col++) {
        size_t best = col;
        for (size_t i = col + 1; i < m; i++)
            if (fabs(x[i * 2 * m + col]) > fabs(x[best * 2 * m + col])) best = i;
        double *row = x + col * 2 * m, pivot = x[best * 2 * m + col];
        if (fabs(pivot) < 1e-13) return false;
        if (best != col) swap_rows(row, x + best * 2 * m, 2 * m);
        for (size_t j = col; j < 2 * m; j++) row[j] /= pivot;
        for (size_t i = 0; i < m; i++) {
            double *other = x + i * 2 * m, by = other[col];
            if (i == col || by == 0) continue;
            for (size_t j = col; j < 2 * m; j++) other[j] -= by * row[j];
        }
    }
    return true;
}

static double
bounded(double share)
{
    return share > 0 ? fmin(share, 1) : 0;
}

static void
effects_of(const struct tl_removal *r, const double *x, double *effect, double *converts)
{
    size_t m = r->m;
    const double *start = r->go + m * (m + 2);
    double sum = row_sum(r, r->m), all = sum > 0 ? start[m] / sum : 0;
    for (size_t s = 0; s < m; s++) {            /* effect holds h until all is known */
        effect[s] = 0;
        for (uint32_t j = 0; j < m; j++) {
            double left = row_sum(r, j);
            if (left > 0) effect[s] += x[s * 2 * m + m + j] * r->go[j * (m + 2) + m] / left;
        }
        if (sum > 0) all += start[s] / sum * effect[s];
    }
    *converts = bounded(all);
    for (size_t s = 0; s < m; s++) {
        double visits = 0;
        for (size_t j = 0; j < m && sum > 0; j++) visits += start[j] / sum * x[j * 2 * m + m + s];
        effect[s] = all > 0 ? bounded(visits / x[s * 2 * m + m + s] * effect[s] / all) : 0;
    }
}

int
tl_removal_effects(const struct tl_removal *r, double *effect, double *converts, struct tl_err *err)
{
    double *x = tl_alloc(2 * (size_t)r->m * r->m * sizeof *x);
    int rc = 0;
    if (!x) return tl_fail(err, TL_ENOMEM, "no memory for the chain of %u touchpoints", r->m);
    set_up(r, x);
    if (invert(x, r->m)) effects_of(r, x, effect, converts);
    else rc = tl_fail(err, TL_EINVAL, "from some touchpoint no path ever ends");
    tl_free(x);
    return rc;
}
