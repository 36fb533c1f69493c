/* cluster.c - see the header. */
#include "cluster.h"

void
cluster_add_rest(struct cluster *c, double rest, double variance)
{
    c->customers++;
    c->squares += rest * rest;
    c->variance += variance;
}

void
cluster_add_share(struct cluster *c, uint64_t hits, uint64_t rows, double p)
{
    cluster_add_rest(c, (double)hits - (double)rows * p, (double)rows * p * (1 - p));
}

void
cluster_add_sums(struct cluster *c, uint64_t customers, double hits2, double rows_hits, double rows2, double rows, double p)
{
    double squares = hits2 - 2 * p * rows_hits + p * p * rows2;
    c->customers += customers;
    c->squares += squares > 0 ? squares : 0;
    c->variance += rows * p * (1 - p);
}

double
cluster_effect(const struct cluster *c)
{
    if (c->customers < 2 || !(c->variance > 0)) return 1;
    double n = (double)c->customers, de = n / (n - 1) * c->squares / c->variance;
    return de > 1 ? de : 1;
}
