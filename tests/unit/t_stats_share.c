/* t_stats_share.c - shares and their differences, scores, many tests at once, customers who repeat, small places, rising days, ranks, verdicts. */
#include "stats_kit.h"

#include "../../viewer/analysis/bh.h"
#include "../../viewer/analysis/binomial.h"
#include "../../viewer/analysis/cell.h"
#include "../../viewer/analysis/cluster.h"
#include "../../viewer/analysis/cusum.h"
#include "../../viewer/analysis/differ.h"
#include "../../viewer/analysis/prob.h"
#include "../../viewer/analysis/quantile_ci.h"
#include "../../viewer/analysis/rate.h"
#include "../../viewer/analysis/score.h"
#include "../../viewer/analysis/shrink.h"
#include "../../viewer/analysis/verdict.h"
#include "tl_mem.h"

#define OF(k, n) ((struct share){ (k), (n), 1 })

/* Newcombe 1998, Statistics in Medicine 17: tables I of both papers. */
static void
test_newcombe_published(void **state)
{
    (void)state;
    interval_is(rate_wilson_de(81, 263, 1), 81.0 / 263, 0.2553, 0.3662, 5.1e-5);
    interval_is(rate_wilson_de(15, 148, 1), 15.0 / 148, 0.0624, 0.1605, 5.1e-5);
    interval_is(rate_wilson_de(0, 10, 1), 0, 0, 0.2775, 5.1e-5);
    interval_is(differ_newcombe(OF(56, 70), OF(48, 80)), 0.2, 0.0524, 0.3339, 5.1e-5);
    interval_is(differ_newcombe(OF(9, 10), OF(3, 10)), 0.6, 0.1705, 0.8090, 5.1e-5);
    interval_is(differ_newcombe(OF(5, 56), OF(0, 29)), 0.0893, -0.0381, 0.1926, 5.1e-5);
    interval_is(differ_newcombe(OF(0, 10), OF(0, 20)), 0, -0.1611, 0.2775, 5.1e-5);
    interval_is(differ_newcombe(OF(10, 10), OF(0, 10)), 1, 0.6075, 1, 5.1e-5);
}

/* The worked comparisons, with the verdicts that are to be printed. */
static void
test_verdicts(void **state)
{
    (void)state;
    struct interval d = differ_newcombe(OF(29, 200), OF(50, 200)), r = differ_katz(OF(29, 200), OF(50, 200));
    interval_is(d, -0.105, -0.182, -0.027, 5.1e-4);
    interval_is(r, 0.58, 0.38, 0.88, 5.1e-3);
    assert_int_equal(verdict_of(&d, 400, 60).word, VERDICT_SUPPORTED);
    d = differ_newcombe(OF(26, 200), OF(40, 200));
    interval_is(d, -0.07, -0.143, 0.003, 5.1e-4);
    struct verdict v = verdict_of(&d, 400, 60);
    assert_int_equal(v.word, VERDICT_TOO_LITTLE);
    assert_in_range(v.more, 1, 60);                             /* nearly there */
    d = differ_newcombe(OF(26 * 5 / 4, 250), OF(50, 250));
    assert_int_equal(verdict_of(&d, 500, 60).word, VERDICT_SUPPORTED);
    assert_int_equal(verdict_of(&d, 500, 600).word, VERDICT_TOO_LITTLE);
    assert_int_equal(verdict_of(&d, 500, 600).more, 100);
    d = differ_newcombe(OF(1010, 10000), OF(1000, 10000));
    assert_int_equal(verdict_of(&d, 20000, 60).word, VERDICT_IS_SMALL);
    d = differ_newcombe(OF(10, 100), OF(10, 100));              /* no difference seen, and width for anything */
    v = verdict_of(&d, 200, 60);
    assert_int_equal(v.word, VERDICT_TOO_LITTLE);
    uint64_t n = (200 + v.more) / 2;
    d = differ_newcombe(OF(n / 10, n), OF(n / 10, n));          /* that many more, at the same rates, do settle it */
    assert_true(d.hi < 0.0205);
    assert_int_equal(verdict_of(&(struct interval){ 0 }, 3, 30).more, 27);
    assert_int_equal(verdict_of(&(struct interval){ .value = 1, .lo = 1, .hi = 1, .known = true, .flat = true }, 30, 30).word, VERDICT_TOO_LITTLE);
}

/* promoters 55 -> 63, detractors 17 -> 11 of 100: 38 -> 52. */
static void
test_nps(void **state)
{
    (void)state;
    struct score_nps a = score_nps(55, 17, 100), b = score_nps(63, 11, 100), ten = score_nps(5, 3, 10);
    near(a.nps.value, 0.38, 1e-15);
    near(b.nps.value, 0.52, 1e-15);
    double half = hypot(a.nps.hi - 0.38, b.nps.hi - 0.52);      /* +14 (-6.0..+34.0) */
    near(0.14 - half, -0.060, 5.1e-4);
    near(0.14 + half, 0.340, 5.1e-4);
    near(a.nps.hi - 0.38, PROB_Z * sqrt((0.55 + 0.17 - 0.38 * 0.38) / 100), 1e-14);
    assert_true(a.enough && !ten.enough && !score_nps(0, 0, 0).nps.known);
    near(ten.nps.value, 0.2, 1e-15);
    for (uint64_t p = 0; p <= 40; p++)
        for (uint64_t d = 0; p + d <= 40; d++) {
            struct interval r = score_nps(p, d, 40).nps;
            finite_interval(r, __LINE__);
            assert_true(r.lo >= -1 && r.hi <= 1 && r.hi > r.lo);
        }
}

static void
test_means(void **state)
{
    static const double x[5] = { 4, 5, 3, 5, 2 };
    struct score_mean m = { 0 }, far = { 0 }, same = { 0 };
    (void)state;
    for (int i = 0; i < 5; i++) {
        score_mean_add(&m, x[i]);
        score_mean_add(&far, x[i] + 1e9);
        assert_true(score_mean(&m).known == (i > 0));
    }
    double half = 2.7764451052 * sqrt(1.7 / 5);                 /* variance 6.8 / 4 */
    interval_is(score_mean(&m), 3.8, 3.8 - half, 3.8 + half, 1e-9);
    near(score_mean(&far).hi - score_mean(&far).value, half, 1e-6);
    for (int i = 0; i < 9; i++) score_mean_add(&same, 4.2);
    assert_true(score_mean(&same).known && score_mean(&same).flat);
    finite_interval(score_mean(&same), __LINE__);
}

static void
test_differences(void **state)
{
    double z;
    (void)state;
    const struct change s03 = { OF(290, 625), OF(140, 860) }, s07 = { OF(239, 543), OF(302, 681) };
    const struct change s01 = { OF(74, 919), OF(61, 855) }, elsewhere = { OF(247, 3644), OF(232, 3377) };
    interval_is(differ_in_differences(s03, s07), -0.304527, -0.377142, -0.231913, 1e-6);
    interval_is(differ_in_differences(s01, elsewhere), -0.010095, -0.037418, 0.017229, 1e-6);
    near(differ_change(s03).value, 140.0 / 860 - 290.0 / 625, 1e-15);
    double p = differ_score_p(OF(520, 2000), OF(400, 2000), &z);
    near(z, 0.06 / sqrt(0.23 * 0.77 / 1000), 1e-12);
    near(p, prob_normal_two_sided(z), 0);
    near(differ_score_p((struct share){ 1040, 4000, 2 }, (struct share){ 800, 4000, 2 }, NULL), p, 1e-15);     /* twice the rows, counted half */
    for (uint64_t n1 = 0; n1 <= 4; n1++)
        for (uint64_t n2 = 0; n2 <= 4; n2++)
            for (uint64_t k1 = 0; k1 <= n1; k1++)
                for (uint64_t k2 = 0; k2 <= n2; k2++) {
                    struct share a = OF(k1, n1), b = OF(k2, n2);
                    struct interval d = differ_newcombe(a, b), back = differ_newcombe(b, a), r = differ_katz(a, b);
                    struct interval dd = differ_in_differences((struct change){ a, b }, (struct change){ b, a });
                    finite_interval(d, __LINE__);
                    finite_interval(r, __LINE__);
                    finite_interval(dd, __LINE__);
                    near(d.lo, -back.hi, 1e-15);
                    assert_true(d.known == (n1 && n2) && d.lo >= -1 - 1e-12 && d.hi <= 1 + 1e-12);
                    assert_true(!dd.known || dd.hi > dd.lo);
                    p = differ_score_p(a, b, &z);
                    assert_true(p >= 0 && p <= 1 && isfinite(z));
                }
}

static void
test_bh_golden(void **state)
{
    static const double p[6] = { .001, .008, .012, .035, .04, .2 }, q[6] = { .006, .024, .024, .048, .048, .2 };
    double got[6], one = 0.3;
    (void)state;
    assert_int_equal(bh_q(p, got, 6), 0);
    for (int i = 0; i < 6; i++) near(got[i], q[i], 1e-15);
    assert_int_equal(bh_q(&one, &one, 1), 0);
    near(one, 0.3, 0);
    assert_int_equal(bh_q(NULL, NULL, 0), 0);
    tl_alloc_fail_at(1, true);
    assert_int_equal(bh_q(p, got, 6), -1);
    tl_alloc_fail_at(0, false);
}

/* By definition: at level t, the step-up procedure rejects the i smallest for the largest i with p_(i) <= i t / m. q is where that begins to take it in. */
static size_t
rejected_limit(const double *p, size_t m, double t)
{
    size_t best = 0;
    for (size_t i = 0; i < m; i++) {
        size_t rank = 0;
        for (size_t j = 0; j < m; j++) rank += p[j] <= p[i];
        if (p[i] <= (double)rank * t / (double)m * (1 + 1e-12) && rank > best) best = rank;
    }
    return best;
}

static void
test_bh_by_definition(void **state)
{
    uint64_t seed = 8;
    (void)state;
    for (int run = 0; run < 60; run++) {
        enum { N = 25 };
        double p[N], q[N];
        for (int i = 0; i < N; i++) p[i] = pow(stats_random(&seed), 3);
        p[3] = p[4];
        p[7] = 0;
        p[9] = 1;
        assert_int_equal(bh_q(p, q, N), 0);
        for (int i = 0; i < N; i++) {
            size_t rank = 0;
            for (int j = 0; j < N; j++) rank += p[j] <= p[i];
            assert_true(rejected_limit(p, N, q[i]) >= rank);
            if (q[i] > 0) assert_true(rejected_limit(p, N, q[i] * (1 - 1e-6)) < rank);
        }
    }
}

/* Customers with m rows each and intra-class correlation rho: the design effect is 1 + (m-1) rho. */
static void
test_cluster(void **state)
{
    enum { C = 20000, ROWS = 5 };
    const double p = 0.2, copies = 0.6;                         /* a row repeats the customer's own answer with this chance: rho = .36 */
    uint64_t seed = 21, hits = 0;
    static uint8_t of[C];
    (void)state;
    for (int c = 0; c < C; c++) {
        bool own = stats_random(&seed) < p;
        for (int i = 0; i < ROWS; i++) of[c] = (uint8_t)(of[c] + (stats_random(&seed) < copies ? own : stats_random(&seed) < p));
        hits += of[c];
    }
    struct cluster k = { 0 }, apart = { 0 };
    double share = (double)hits / (C * ROWS);
    for (int c = 0; c < C; c++) cluster_add_share(&k, of[c], ROWS, share);
    near(cluster_effect(&k), 1 + (ROWS - 1) * copies * copies, 0.06);
    cluster_add_share(&apart, 1, 1, 0.5);
    near(cluster_effect(&apart), 1, 0);                         /* one customer */
    cluster_add_share(&apart, 0, 1, 0.5);
    near(cluster_effect(&apart), 2, 1e-15);                     /* 2/1 * (.25 + .25) / .5 */
    apart = (struct cluster){ 0 };
    for (int i = 0; i < 40; i++) cluster_add_share(&apart, 3, 3, 1);
    near(cluster_effect(&apart), 1, 0);                         /* no variance */
    apart = (struct cluster){ 0 };
    for (int i = 0; i < 40; i++) cluster_add_share(&apart, 2, 8, 0.25);
    near(cluster_effect(&apart), 1, 0);                         /* less than chance: floored */
}

static void
test_shrink(void **state)
{
    static const uint64_t k[6] = { 4, 1, 7, 2, 9, 3 }, n[6] = { 40, 38, 41, 22, 40, 60 };
    static const double golden[6] = { .1031, .0598, .1461, .1002, .1783, .0677 };
    struct shrink_place p[8] = { { 0 } };
    (void)state;
    for (int i = 0; i < 6; i++) p[i] = (struct shrink_place){ .k = k[i], .n = n[i] };
    struct shrink s = shrink_places(p, 6);
    assert_true(s.known && !s.pooled);
    for (int i = 0; i < 6; i++) {
        double a = (double)k[i] + s.weight * s.mean, b = (double)(n[i] - k[i]) + s.weight * (1 - s.mean);
        near(p[i].share.value, golden[i], 5.1e-5);
        near(prob_beta_lower(p[i].share.lo, a, b), 0.025, 1e-12);
        near(prob_beta_lower(p[i].share.hi, a, b), 0.975, 1e-12);
    }
    assert_false(shrink_apart(&p[1].share, &p[4].share));       /* no league table here */
    double before = p[0].share.lo;
    s = shrink_places(p, 8);                                    /* two places without rows change nothing */
    near(p[0].share.lo, before, 0);
    near(p[7].share.value, s.mean, 1e-12);
    assert_false(shrink_places(p, 4).known);
    assert_false(p[0].share.known);
    for (int i = 0; i < 6; i++) p[i] = (struct shrink_place){ .k = 10, .n = 100 };
    s = shrink_places(p, 6);
    assert_true(s.pooled && s.between < 0);
    interval_is(p[2].share, 0.1, rate_wilson_de(60, 600, 1).lo, rate_wilson_de(60, 600, 1).hi, 1e-15);
    static const uint64_t odd[5][6] = { { 0, 0, 0, 0, 0, 0 }, { 5, 5, 5, 5, 5, 5 }, { 0, 5, 0, 5, 0, 5 }, { 0, 0, 0, 0, 0, 5 }, { 5, 4, 5, 5, 5, 5 } };
    for (int r = 0; r < 5; r++) {
        for (int i = 0; i < 6; i++) p[i] = (struct shrink_place){ .k = odd[r][i], .n = 5 };
        shrink_places(p, 6);
        for (int i = 0; i < 6; i++) {
            finite_interval(p[i].share, __LINE__);
            assert_true(p[i].share.known && p[i].share.lo >= 0 && p[i].share.hi <= 1);
        }
    }
}

static void
test_cusum(void **state)
{
    static const struct cusum_day day[4] = { { 5, 200 }, { 14, 210 }, { 15, 220 }, { 2, 200 } };
    static const double level[4] = { 0, 3.4967, 7.3910, 2.8655 };
    struct cusum c;
    uint64_t seed = 4;
    (void)state;
    cusum_begin(&c, 1);
    near(c.bar, log(365), 1e-15);
    for (int i = 0; i < 4; i++) {
        cusum_add(&c, day[i], 0.03);
        near(c.level, level[i], 5.1e-5);
    }
    assert_true(c.alarmed && c.alarm == 2 && c.alarm_since == 1 && c.since == 1);
    for (int run = 0; run < 50; run++) {                        /* S is the best sum that ends today: tried from every start */
        double up = log(2 / 1.1), down = log((1 - 0.2 / 1.1) / 0.9), step[40];
        cusum_begin(&c, 5);
        for (int t = 0; t < 40; t++) {
            struct cusum_day d = { (uint64_t)(stats_random(&seed) * 6), 5 + (uint64_t)(stats_random(&seed) * 30) };
            double best = 0, sum = 0;
            size_t from = 0;
            step[t] = (double)d.k * up + (double)(d.n - d.k) * down;
            for (int s = t; s >= 0; s--)
                if ((sum += step[s]) > best) best = sum, from = (size_t)s;
            cusum_add(&c, d, 0.1);
            near(c.level, best, 1e-10);
            if (best > 1e-9) assert_int_equal(c.since, from);
        }
    }
}

/* 60 days at 5 %, then twice as many: the alarm names the day on which it began, give or take two. */
static void
test_cusum_watch(void **state)
{
    struct cusum_day day[80];
    (void)state;
    for (size_t i = 0; i < 80; i++) day[i] = (struct cusum_day){ i < 60 ? 10 : 20, 200 };
    struct cusum c = cusum_watch(day, 80, 100);
    assert_true(c.alarmed && c.alarm_since == 60 && c.alarm >= 60 && c.alarm < 68);
    assert_false(cusum_watch(day, 60, 100).alarmed);
    near(cusum_usual(day, 60), (280 + 0.5) / (28 * 200 + 1), 1e-15);
    near(cusum_usual(day, 20), (140 + 0.5) / (14 * 200 + 1), 1e-15);          /* days 0..13 */
    near(cusum_usual(day, 19), 0, 0);
    near(cusum_usual(day, 3), 0, 0);
    day[5].n = day[5].k = 0;
    near(cusum_usual(day, 20), 0, 0);                           /* 13 days with rows */
    memset(day, 0, sizeof day);
    assert_false(cusum_watch(day, 80, 0).alarmed);
}

static void
test_quantile_ranks(void **state)
{
    (void)state;
    assert_int_equal(quantile_ranks(20, 950).rank, 19);
    assert_int_equal(quantile_ranks(10, 500).rank, 5);
    assert_int_equal(quantile_ranks(0, 500).rank, 0);
    struct quantile_ranks r = quantile_ranks(100, 500);
    assert_true(r.lo == 40 && r.hi == 61);                      /* the printed table of every textbook */
    r = quantile_ranks(10, 950);
    assert_true(r.rank == 10 && r.hi == 11 && r.lo == 8);       /* no upper bound from ten values */
    r = quantile_ranks(5, 100);
    assert_true(r.rank == 1 && r.lo == 0);                      /* no lower one */
    static const uint32_t q[] = { 1, 100, 500, 900, 950, 999 };
    for (uint64_t n = 1; n <= 400; n += n < 60 ? 1 : 37)
        for (size_t i = 0; i < sizeof q / sizeof *q; i++) {     /* by summation of terms */
            long double p = q[i] / 1000.0L, cdf = 0, term = powl(1 - p, (long double)n);
            uint64_t lo = 0, hi = n + 1;
            for (uint64_t b = 0; b <= n; b++) {                 /* cdf = P(B <= b) = P(B <= rank - 1) with rank b + 1 */
                cdf += term;
                if (cdf <= 0.025L && b + 1 <= n) lo = b + 1;
                if (cdf >= 0.975L && hi == n + 1 && b + 1 <= n) hi = b + 1;
                term *= (long double)(n - b) / (long double)(b + 1) * p / (1 - p);
            }
            r = quantile_ranks(n, q[i]);
            assert_int_equal(r.lo, lo);
            assert_int_equal(r.hi, hi);
            assert_true(r.rank >= 1 && r.rank <= n && r.lo <= r.rank && r.rank <= r.hi);
        }
    r = quantile_ranks(UINT64_C(1000000000), 500);
    assert_in_range(r.rank - r.lo, 30900, 31100);               /* 1.96 sqrt(n)/2 */
}

static void
test_cell(void **state)
{
    (void)state;
    struct share s = OF(670, 5934);
    struct cell c = cell_against_allowed(s, 0.05);
    interval_is(c.rate, 670.0 / 5934, 0.105105, 0.121213, 1e-6);
    near(c.excess, 5934 * (c.rate.lo - 0.05), 1e-9);
    assert_true(c.p < 1e-60 && cell_shown(&c, s, c.p));
    struct cell wide = cell_against_allowed((struct share){ 670, 5934, 2 }, 0.05);
    assert_true(wide.p > c.p && wide.rate.lo < c.rate.lo && wide.excess < c.excess);
    s = OF(4, 60);
    c = cell_against_allowed(s, 0.02);
    assert_false(cell_shown(&c, s, 0.001));                     /* fewer than 5 hits */
    s = OF(60, 1000);
    c = cell_against_allowed(s, 0.05);
    assert_false(cell_shown(&c, s, 0.001));                     /* one point over */
    assert_true(c.excess == 0);
    s = OF(388, 6174);
    c = cell_against_before(s, OF(175, 6109));                  /* the payment step before and after */
    near(c.over.value, 388.0 / 6174 - 175.0 / 6109, 1e-15);
    near(c.excess, 6174 * c.over.lo, 1e-9);
    assert_true(cell_shown(&c, s, c.p));
    static const struct share odd[] = { { 0, 0, 0 }, { 0, 1, 1 }, { 1, 1, 1 }, { 40, 40, 3 }, { 0, 40, 1e9 } };
    for (size_t i = 0; i < 5; i++)
        for (int against = 0; against < 6; against++) {
            c = against == 5 ? cell_against_allowed(odd[i], 0.05) : cell_against_before(odd[i], odd[against]);
            finite_interval(c.rate.known ? c.rate : (struct interval){ 0 }, __LINE__);
            finite_interval(c.over, __LINE__);
            assert_true(c.p >= 0 && c.p <= 1 && c.excess >= 0 && isfinite(c.excess));
        }
}

int
main(void)
{
    const struct CMUnitTest t[] = {
        cmocka_unit_test(test_newcombe_published), cmocka_unit_test(test_verdicts),  cmocka_unit_test(test_nps),           cmocka_unit_test(test_means),
        cmocka_unit_test(test_differences),        cmocka_unit_test(test_bh_golden), cmocka_unit_test(test_bh_by_definition), cmocka_unit_test(test_cluster),
        cmocka_unit_test(test_shrink),             cmocka_unit_test(test_cusum),     cmocka_unit_test(test_cusum_watch),   cmocka_unit_test(test_quantile_ranks),
        cmocka_unit_test(test_cell),
    };
    return cmocka_run_group_tests(t, NULL, NULL);
}
