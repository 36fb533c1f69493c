/* t_stats_prob.c - distribution functions against sums of exact terms, numerical integrals and printed tables. */
#include "stats_kit.h"

#include "../../viewer/analysis/binomial.h"
#include "../../viewer/analysis/prob.h"

static void
test_tables(void **state)
{
    static const struct { double df, t; } t975[] = { { 1, 12.7062047364 }, { 2, 4.3026527297 }, { 4, 2.7764451052 }, { 9, 2.2621571628 }, { 29, 2.0452296421 },
                                                     { 99, 1.9842169516 }, { 1e9, 1.9599639869 } };
    static const struct { double df, x; } chi95[] = { { 1, 3.8414588207 }, { 2, 5.9914645471 }, { 3, 7.8147279033 }, { 10, 18.3070380533 }, { 100, 124.3421134019 } };
    (void)state;
    for (size_t i = 0; i < sizeof t975 / sizeof *t975; i++) {
        near(prob_t_quantile_upper(t975[i].df, 0.025), t975[i].t, (t975[i].df < 1e6 ? 1e-10 : 1e-8) * t975[i].t);
        near(prob_t_two_sided(t975[i].t, t975[i].df), 0.05, t975[i].df < 1e6 ? 1e-11 : 1e-8);
    }
    for (size_t i = 0; i < sizeof chi95 / sizeof *chi95; i++) near(prob_chi2_upper(chi95[i].x, chi95[i].df), 0.05, 1e-10);
    near(prob_f_upper(3.3258345304, 5, 10), 0.05, 1e-10);
    near(prob_normal_quantile(0.975), PROB_Z, 1e-14);
    near(prob_normal_two_sided(PROB_Z), 0.05, 1e-15);
}

/* One function as another: chi-square of 1 is a squared normal, of 2 an exponential; F(1, d) is a squared t; t of 1 is Cauchy's. */
static void
test_identities(void **state)
{
    (void)state;
    for (double x = 0.01; x < 60; x *= 1.3) {
        double two = prob_normal_two_sided(sqrt(x)), half = exp(-x / 2);
        near(prob_chi2_upper(x, 1), two, 1e-13 + 1e-12 * two);
        near(prob_chi2_upper(x, 2), half, 1e-13 + 1e-12 * half);
        near(prob_f_upper(x, 1, 7), prob_t_two_sided(sqrt(x), 7), 1e-13);
        near(prob_t_two_sided(x, 1), 1 - 2 / M_PI * atan(x), 1e-13);
    }
    for (double p = 1e-12; p < 1; p = p < 0.4 ? p * 7 : p + 0.07) near(0.5 * erfc(-prob_normal_quantile(p) / M_SQRT2), p, 1e-13 * p + 1e-15);
}

/* Binomial tails as sums of whole numbers: sum C(n,i) a^i b^(n-i) over (a+b)^n, exact in 128 bits for these n. */
static void
test_binomial_exact(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= 30; n++)
        for (unsigned a = 1, b = 9; a <= 9; a++, b--) {     /* p = a/10 */
            unsigned __int128 term = 1, sum = 0, all = 1;
            for (unsigned i = 0; i < n; i++) all *= 10, term *= a;
            for (unsigned k = n;; k--) {                    /* term = C(n,k) a^k b^(n-k) */
                sum += term;
                double exact = (double)((long double)sum / (long double)all);
                near(binomial_upper(k, n, a / 10.0), exact, 1e-13 * exact);
                if (k == 0) break;
                near(binomial_lower(k - 1, n, a / 10.0), (double)((long double)(all - sum) / (long double)all), 1e-13);
                near(prob_binomial_term(k, n, a / 10.0), (double)((long double)term / (long double)all), 1e-12);
                term = term / a * k * b / (n - k + 1);
            }
        }
}

/* Large n: terms from lgammal, summed from the far end. */
static void
test_binomial_large(void **state)
{
    static const struct { unsigned k, n; double p; } row[] = { { 600, 10000, 0.05 }, { 5300, 100000, 0.05 }, { 20400, 1000000, 0.02 }, { 40, 2000, 0.02 }, { 900, 1000, 0.1 } };
    (void)state;
    for (size_t r = 0; r < sizeof row / sizeof *row; r++) {
        long double p = row[r].p, n = row[r].n, sum = 0;
        for (unsigned i = row[r].n; i + 1 > row[r].k; i--) {
            long double x = i;
            sum += expl(lgammal(n + 1) - lgammal(x + 1) - lgammal(n - x + 1) + x * logl(p) + (n - x) * log1pl(-p));
        }
        near(binomial_upper(row[r].k, row[r].n, row[r].p), (double)sum, 1e-10 * (double)sum);
    }
    near(binomial_upper(500000000, 1000000000, 0.5), 0.5 + 0.5 * prob_binomial_term(5e8, 1e9, 0.5), 1e-12);     /* symmetric */
}

static void
test_binomial_golden(void **state)
{
    (void)state;
    near(binomial_upper(9, 60, 0.05), 0.00284860, 6e-9);
    near(binomial_upper(5, 30, 0.05), 0.01563551, 6e-9);
    assert_true(binomial_upper(0, 10, 0.05) == 1);
    assert_true(binomial_upper(11, 10, 0.05) == 0);
    assert_true(binomial_upper(0, 0, 0.05) == 1);
    near(binomial_upper(10, 10, 0.5), 1.0 / 1024, 1e-16);
    assert_true(binomial_upper(3, 10, 0) == 0);
    assert_true(binomial_upper(3, 10, 1) == 1);
    assert_true(binomial_upper_de(9, 60, 0.05, 1) == binomial_upper(9, 60, 0.05));
    near(binomial_upper_de(18, 120, 0.05, 2), binomial_upper(9, 60, 0.05), 1e-15);
    assert_true(binomial_upper_de(9, 60, 0.05, 1.7) > binomial_upper(9, 60, 0.05));
}

/* P(Beta <= x) by Simpson's rule, with x = sin^2 so that ends with a, b >= .5 are smooth. */
static double
integrated(double x, double a, double b)
{
    enum { STEPS = 1200 };
    double sum[2] = { 0, 0 }, top[2] = { asin(sqrt(x)), M_PI / 2 };
    for (int part = 0; part < 2; part++)
        for (int i = 0; i <= STEPS; i++) {
            double u = top[part] * i / STEPS, f = pow(sin(u), 2 * a - 1) * pow(cos(u), 2 * b - 1);
            if (2 * a - 1 == 0 && i == 0) f = 1;
            sum[part] += f * top[part] * (i == 0 || i == STEPS ? 1 : i % 2 ? 4 : 2);
        }
    return sum[0] / sum[1];
}

static void
test_beta(void **state)
{
    static const double shape[][2] = { { 2.5, 3 }, { 8.7, 41.3 }, { 30, 4 }, { 1, 1 }, { 60.5, 300.25 }, { 1.5, 200 } }, p[] = { 0.025, 0.5, 0.975 };
    (void)state;
    for (size_t s = 0; s < sizeof shape / sizeof *shape; s++)
        for (size_t i = 0; i < 3; i++) {
            double a = shape[s][0], b = shape[s][1], lo = 0, hi = 1;
            for (int k = 0; k < 45; k++) {
                double mid = (lo + hi) / 2;
                if (integrated(mid, a, b) < p[i]) lo = mid; else hi = mid;
            }
            near(prob_beta_quantile(p[i], a, b), lo, 1e-8);
        }
    for (double a = 1e-3; a < 1e6; a *= 17)
        for (double b = 1e-3; b < 1e6; b *= 13)
            for (size_t i = 0; i < 3; i++) {
                double x = prob_beta_quantile(p[i], a, b);
                assert_true(x >= 0 && x <= 1);
                if (x > 1e-300 && x < 1 - 1e-9) near(prob_beta_lower(x, a, b), p[i], 1e-8);
                near(prob_beta_lower(0.3, a, b) + prob_beta_lower(0.7, b, a), 1, 1e-12);
            }
}

/* Ends and nonsense: defined, finite. */
static void
test_edges(void **state)
{
    const double x[] = { -1, 0, 1e-300, 0.5, 1, 2, 1e300 }, d[] = { -1, 0, 1e-3, 1, 50, 1e8 };
    (void)state;
    for (size_t i = 0; i < 7; i++)
        for (size_t j = 0; j < 6; j++)
            for (size_t k = 0; k < 6; k++) {
                double got[] = { prob_chi2_upper(x[i], d[j]), prob_t_two_sided(x[i], d[j]), prob_f_upper(x[i], d[j], d[k]), prob_beta_lower(x[i], d[j], d[k]),
                                 prob_beta_quantile(x[i], d[j], d[k]), prob_binomial_term(d[j], d[k], x[i]), prob_t_quantile_upper(d[j], 0.025),
                                 prob_normal_quantile(x[i]), prob_normal_two_sided(x[i]) };
                finite_all(got, sizeof got / sizeof *got, __LINE__);
                for (size_t g = 0; g < 6; g++) assert_true(got[g] >= 0 && got[g] <= 1 + 1e-12);
            }
}

int
main(void)
{
    const struct CMUnitTest t[] = {
        cmocka_unit_test(test_tables),         cmocka_unit_test(test_identities),      cmocka_unit_test(test_binomial_exact), cmocka_unit_test(test_binomial_large),
        cmocka_unit_test(test_binomial_golden), cmocka_unit_test(test_beta),           cmocka_unit_test(test_edges),
    };
    return cmocka_run_group_tests(t, NULL, NULL);
}
