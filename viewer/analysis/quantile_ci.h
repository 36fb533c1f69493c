/* quantile_ci.h - between which ranks a quantile lies: exact, whatever the values are distributed like. */
#ifndef QUANTILE_CI_H
#define QUANTILE_CI_H

#include <stdint.h>

/* Ranks are 1-based. rank = ceil(q n); lo = 0: no lower bound can be had from so few values; hi = n + 1: no upper one. n = 0: all 0. */
struct quantile_ranks { uint64_t rank, lo, hi; };

/* quantile_ranks - q in thousandths, 1..999. lo = the largest r with P(B <= r-1) <= .025, hi = the least s with P(B <= s-1) >= .975, B binomial of n
 * with share q. Values read from a histogram are then widened by its own error: times 1 - a, 1 + a. */
struct quantile_ranks quantile_ranks(uint64_t n, uint32_t per_mille);

#endif
