/* prob.c - normal and chi-square. */
#include "prob.h"

#include <float.h>
#include <math.h>

double
prob_normal_two_sided(double z)
{
    return erfc(fabs(z) * M_SQRT1_2);
}

/* Halving, then nothing: erfc is exact to the last digits, and this is called a few times an answer. */
double
prob_normal_quantile(double p)
{
    double lo = -38, hi = 38;
    if (p <= 0) return lo;
    if (p >= 1) return hi;
    for (int i = 0; i < 100; i++) {
        double z = lo + (hi - lo) / 2;
        if (0.5 * erfc(-z * M_SQRT1_2) < p) lo = z; else hi = z;
    }
    return lo + (hi - lo) / 2;
}

/* Upper regularised gamma Q(a,x), a = df/2: series of P below x = a + 1 (DLMF 8.7.1), continued fraction above (8.9.2). */
double
prob_chi2_upper(double chi2, double df)
{
    if (!(df > 0) || !(chi2 > 0)) return 1;
    int sign;
    double a = df / 2, x = chi2 / 2;
    double factor = exp(a * log(x) - x - lgamma_r(a, &sign));
    if (x < a + 1) {
        double term = 1 / a, sum = term;
        for (double n = a + 1; term > sum * 1e-17; n++) sum += term *= x / n;
        return fmax(0, 1 - factor * sum);
    }
    double b = x + 1 - a, c = 1 / DBL_MIN, d = 1 / b, f = d;
    for (double i = 1; i < 1e6; i++) {
        double an = -i * (i - a);
        b += 2;
        d = an * d + b;
        d = 1 / (fabs(d) < DBL_MIN ? DBL_MIN : d);
        c = b + an / c;
        if (fabs(c) < DBL_MIN) c = DBL_MIN;
        f *= c * d;
        if (fabs(c * d - 1) < 1e-15) break;
    }
    return fmin(1, factor * f);
}
