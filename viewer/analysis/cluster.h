/* cluster.h - the design effect: by how much the variance grows since the same customers come again.
 *
 * DE = C/(C-1) * sum over customers (what was seen - what was expected)^2 / the variance that independent rows would have, at least 1. One customer, or no
 * variance, gives 1. Feed customers one at a time. */
#ifndef CLUSTER_H
#define CLUSTER_H

#include <stdint.h>

struct cluster { uint64_t customers; double squares, variance; };       /* starts as {0} */

/* cluster_add_share - a customer with hits of rows, where the share is p. */
void cluster_add_share(struct cluster *c, uint64_t hits, uint64_t rows, double p);
/* cluster_add_rest - a customer whose rows differ in their expected share: rest = sum (y - p), variance = sum p (1 - p), p being that of the row's
 * stratum and arm. */
void cluster_add_rest(struct cluster *c, double rest, double variance);
/* cluster_add_sums - many customers at once: of hits^2, rows x hits, rows^2 and rows. Whole numbers, so their order is nothing. */
void cluster_add_sums(struct cluster *c, uint64_t customers, double hits2, double rows_hits, double rows2, double rows, double p);
double cluster_effect(const struct cluster *c);

#endif
