/* quantile_ci.c - the binomial distribution function rises with the rank, so that halving finds both. */
#include "quantile_ci.h"

#include "binomial.h"

/* The least r in 0..n with P(B <= r) >= limit (strictly above it when over), n + 1 when there is none. */
static uint64_t
first_reaching(uint64_t n, double q, double limit, int over)
{
    uint64_t lo = 0, hi = n + 1;
    while (lo < hi) {
        uint64_t mid = lo + (hi - lo) / 2;
        double p = mid > n ? 1 : binomial_lower(mid, n, q);
        if (over ? p > limit : p >= limit) hi = mid; else lo = mid + 1;
    }
    return lo;
}

struct quantile_ranks
quantile_ranks(uint64_t n, uint32_t per_mille)
{
    if (n == 0 || per_mille == 0 || per_mille >= 1000) return (struct quantile_ranks){ 0 };
    double q = per_mille / 1000.0;
    uint64_t rank = n / 1000 * per_mille + (n % 1000 * per_mille + 999) / 1000;
    uint64_t hi = first_reaching(n, q, 0.975, 0) + 1;
    return (struct quantile_ranks){ rank, first_reaching(n, q, 0.025, 1), hi > n ? n + 1 : hi };
}
