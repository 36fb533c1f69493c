/* bh.c - sorted by p, the running minimum from the largest down. */
#include "bh.h"

#include <stdlib.h>

#include "tl_mem.h"

struct ranked { double p; size_t at; };

static int
descending(const void *x, const void *y)
{
    const struct ranked *a = x, *b = y;
    return (a->p < b->p) - (a->p > b->p);
}

int
bh_q(const double *p, double *q, size_t m)
{
    if (m == 0) return 0;
    struct ranked *r = tl_alloc(m * sizeof *r);
    if (!r) return -1;
    for (size_t i = 0; i < m; i++) r[i] = (struct ranked){ p[i], i };
    qsort(r, m, sizeof *r, descending);
    double least = 1;
    for (size_t i = 0; i < m; i++) {
        double here = (double)m * r[i].p / (double)(m - i);
        if (here < least) least = here;
        q[r[i].at] = least;
    }
    tl_free(r);
    return 0;
}
