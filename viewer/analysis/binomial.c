/* binomial.c - P(B >= k) = I_p(k, n - k + 1), DLMF 8.17.5. */
#include "binomial.h"

#include "prob.h"

double
binomial_upper_de(uint64_t k, uint64_t n, double p, double de)
{
    if (k == 0) return 1;
    if (k > n) return 0;
    double hits = (double)k / de, rest = (double)(n - k) / de + 1;
    return prob_beta_lower(p, hits, rest);
}

double
binomial_upper(uint64_t k, uint64_t n, double p)
{
    return binomial_upper_de(k, n, p, 1);
}

double
binomial_lower(uint64_t k, uint64_t n, double p)
{
    return k >= n ? 1 : prob_beta_lower(1 - p, (double)(n - k), (double)k + 1);
}
