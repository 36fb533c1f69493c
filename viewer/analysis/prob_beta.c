/* prob_beta.c - binomial term, incomplete beta, and what follows from it: Student's t and F.
 *
 * I_x(a,b) = term * fraction, with the factor x^a (1-x)^b / B(a,b) taken from the binomial term: differences of log gammas would lose as many
 * digits as n has. The fraction (DLMF 8.17.22) needs some sqrt(max(a, b)) rounds. */
#include "prob.h"

#include <float.h>
#include <math.h>

#define ROUNDS_MAX 1000000
#define HALF_LN_2PI 0.91893853320467274178

/* ln(x!) less Stirling's x ln x - x + ln(2 pi x)/2. */
static double
stirling_rest(double x)
{
    if (x <= 15) {
        int sign;
        return lgamma_r(x + 1, &sign) - (x + 0.5) * log(x) + x - HALF_LN_2PI;
    }
    double y = x * x;
    return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - (1.0 / 1188) / y) / y) / y) / y) / x;
}

/* x ln(x/m) + m - x without cancellation near x = m; off = x - m, given since it may be known better than x and m are. */
static double
deviance(double x, double m, double off)
{
    if (fabs(off) >= 0.1 * (x + m)) return x * log(x / m) - off;
    double v = off / (x + m), s = off * v, term = 2 * x * v;
    for (int j = 1; j < 1000; j++) {
        term *= v * v;
        double next = s + term / (2 * j + 1);
        if (next == s) break;
        s = next;
    }
    return s;
}

static double
term_ln(double k, double n, double p, double q)
{
    if (k <= 0) return n * log1p(-p);
    if (k >= n) return n * log(p);
    double off = p < q ? k - n * p : n * q - (n - k);
    double at = stirling_rest(n) - stirling_rest(k) - stirling_rest(n - k) - deviance(k, n * p, off) - deviance(n - k, n * q, -off);
    return at + 0.5 * (log(n) - log(k) - log(n - k)) - HALF_LN_2PI;
}

double
prob_binomial_term(double k, double n, double p)
{
    if (k < 0 || k > n) return 0;
    if (p <= 0) return k <= 0 ? 1 : 0;
    if (p >= 1) return k >= n ? 1 : 0;
    return exp(term_ln(k, n, p, 1 - p));
}

static double
fraction(double x, double a, double b)
{
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < DBL_MIN ? DBL_MIN : d);
    double f = d;
    for (double m = 1; m < ROUNDS_MAX; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double coef[2] = { even, odd }, step = 1;
        for (int i = 0; i < 2; i++) {
            d = 1 + coef[i] * d;
            d = 1 / (fabs(d) < DBL_MIN ? DBL_MIN : d);
            c = 1 + coef[i] / c;
            if (fabs(c) < DBL_MIN) c = DBL_MIN;
            step = c * d;
            f *= step;
        }
        if (fabs(step - 1) < 1e-15) break;
    }
    return f;
}

/* I_x(a,b) where the fraction converges fast: x below about a/(a+b). y = 1 - x, given since it may be known better than 1 - x. */
static double
lower_tail(double x, double y, double a, double b)
{
    double ln_factor = term_ln(a, a + b, x, y) + log(b / (a + b));
    return exp(ln_factor) * fraction(x, a, b);
}

static double
beta_lower(double x, double y, double a, double b)
{
    if (a <= 0) return 1;
    if (b <= 0) return y <= 0 ? 1 : 0;
    if (x <= 0) return 0;
    if (y <= 0) return 1;
    double p = x < (a + 1) / (a + b + 2) ? lower_tail(x, y, a, b) : 1 - lower_tail(y, x, b, a);
    return p < 0 ? 0 : p > 1 ? 1 : p;
}

double
prob_beta_lower(double x, double a, double b)
{
    return beta_lower(x, 1 - x, a, b);
}

/* Newton's steps from the middle, kept inside a bracket that halves where Newton would leave it. */
double
prob_beta_quantile(double p, double a, double b)
{
    if (a <= 0 || p <= 0) return a > 0 && b <= 0 ? 1 : 0;
    if (b <= 0 || p >= 1) return 1;
    double lo = 0, hi = 1, x = a / (a + b);
    for (int i = 0; i < 1200 && hi - lo > DBL_EPSILON * hi; i++) {
        double miss = prob_beta_lower(x, a, b) - p;
        if (miss == 0) break;
        if (miss > 0) hi = x; else lo = x;
        double density = exp(term_ln(a, a + b, x, 1 - x)) * a * b / ((a + b) * x * (1 - x));
        double next = density > 0 ? x - miss / density : lo;
        next = next > lo && next < hi ? next : lo + (hi - lo) / 2;
        if (fabs(next - x) <= DBL_EPSILON * x / 2) break;
        x = next;
    }
    return x;
}

double
prob_t_two_sided(double t, double df)
{
    if (!(df > 0)) return 1;
    double s = df + t * t;
    return beta_lower(df / s, t * t / s, df / 2, 0.5);
}

double
prob_t_quantile_upper(double df, double tail)
{
    if (!(df > 0) || tail >= 0.5) return 0;
    double y = prob_beta_quantile(1 - 2 * tail, 0.5, df / 2);       /* y = t^2 / (df + t^2) */
    return y >= 1 ? DBL_MAX : sqrt(df * y / (1 - y));
}

double
prob_f_upper(double f, double df1, double df2)
{
    if (f <= 0 || !(df1 > 0) || !(df2 > 0)) return 1;
    double s = df2 + df1 * f;
    return beta_lower(df2 / s, df1 * f / s, df2 / 2, df1 / 2);
}
