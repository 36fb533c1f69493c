/* rate.c - centre = (p + z^2/2n) / (1 + z^2/n), half = z sqrt(p (1 - p) / n + z^2 / 4n^2) / (1 + z^2/n). */
#include "rate.h"

#include <math.h>

struct interval
rate_wilson_de(uint64_t k, uint64_t n, double de)
{
    if (n == 0) return (struct interval){ 0 };
    double m = (double)n / de, p = (double)k / (double)n, z2 = RATE_Z * RATE_Z;
    double centre = (p + z2 / (2 * m)) / (1 + z2 / m);
    double half = RATE_Z * sqrt(p * (1 - p) / m + z2 / (4 * m * m)) / (1 + z2 / m);
    return (struct interval){ p, k == 0 ? 0 : centre - half, k == n ? 1 : centre + half, .known = true };
}

struct rate
rate_wilson(uint64_t k, uint64_t n)
{
    if (n == 0) return (struct rate){ NAN, NAN, NAN };
    struct interval r = rate_wilson_de(k, n, 1);
    return (struct rate){ r.value, r.lo, r.hi };
}
