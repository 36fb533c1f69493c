/* binomial.h - exact binomial tails. */
#ifndef BINOMIAL_H
#define BINOMIAL_H

#include <stdint.h>

double binomial_upper(uint64_t k, uint64_t n, double p);        /* P(B >= k), B of n with share p; k = 0 gives 1, k > n gives 0 */
double binomial_lower(uint64_t k, uint64_t n, double p);        /* P(B <= k) */
/* binomial_upper_de - the upper tail of k/de among n/de, de >= 1: the incomplete beta at fractions. Equals binomial_upper at de = 1. */
double binomial_upper_de(uint64_t k, uint64_t n, double p, double de);

#endif
