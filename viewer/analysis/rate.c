/* rate.c - centre = (p + z^2/2n) / (1 + z^2/n), half = z sqrt(p (1 - p) / n + z^2 / 4n^2) / (1 + z^2/n). */
#include "rate.h"

#include <math.h>

struct rate
rate_wilson(uint64_t k, uint64_t n)
{
    if (n == 0) return (struct rate){ NAN, NAN, NAN };
    double m = (double)n, p = (double)k / m, z2 = RATE_Z * RATE_Z;
    double centre = (p + z2 / (2 * m)) / (1 + z2 / m);
    double half = RATE_Z * sqrt(p * (1 - p) / m + z2 / (4 * m * m)) / (1 + z2 / m);
    return (struct rate){ p, k == 0 ? 0 : centre - half, k == n ? 1 : centre + half };
}
