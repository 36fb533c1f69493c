/* t_stats_strata.c - pooled tables: golden values, published logs counted again, one stratum against its plain table, simulation, empty cells. */
#include "stats_kit.h"

#include "../../viewer/analysis/differ.h"
#include "../../viewer/analysis/prob.h"
#include "../../viewer/analysis/strata.h"

static const struct stratum telco[3] = { { 1350, 1330, 206, 465 }, { 82, 475, 75, 477 }, { 14, 222, 29, 792 } };
static const struct stratum bpic[5] = { { 65, 184, 129, 173 }, { 68, 197, 88, 217 }, { 54, 196, 107, 210 }, { 60, 265, 111, 309 }, { 88, 254, 142, 241 } };

static void
test_telco(void **state)
{
    struct strata r;
    (void)state;
    strata_judge(telco, 3, 1, &r);
    near(r.crude_rd.value, 0.2646913314509527, 1e-12);
    near(r.crude_or.value, 3.9902668809777677, 1e-12);
    interval_is(r.odds, 1.9428361503193474, 1.6663802395359153, 2.265156665587277, 1e-8);
    near(r.rd.value, 0.11343535838736735, 1e-12);
    interval_is(r.rd, 0.113435, 0.08767, 0.13920, 5.1e-6);
    interval_is(r.rr, 1.5415, 1.3827, 1.7185, 5.1e-5);
    near(r.e.value, 2.455, 5.1e-4);
    near(r.e.limit, 2.110, 5.1e-4);
    near(r.cmh.value, 73.36772251476164, 1e-9);
    near(r.saved.value, 539.2, 0.051);
    near(r.saved.lo, 430.1, 0.051);
    assert_int_equal(r.compared, 3);
    near(r.vary.value, 54.6, 0.051);
    near(r.vary.df, 2, 0);
    near(r.odds_vary.value, 14.4867, 5.1e-5);
    near(r.odds_vary.p, 0.00071, 5.1e-6);
    assert_int_equal(strata_gate(telco, 3).missing, STRATA_ENOUGH);
}

static void
test_chasing(void **state)
{
    struct strata r;
    (void)state;
    strata_judge(bpic, 5, 1, &r);
    interval_is(r.odds, 0.603040568646124, 0.5145752975066226, 0.7067147008322145, 1e-8);
    near(r.crude_or.value, 0.6091949297271313, 1e-12);
    near(r.cmh.value, 39.39715212021218, 1e-9);
    near(r.rd.value, -0.10138617409257927, 1e-12);
    near(r.rd.lo, -0.13253, 5.1e-6);
    near(r.rd.hi, -0.07024, 5.1e-6);
    near(r.odds_vary.value, 5.4331, 5.1e-5);
}

static void
test_landmarks(void **state)
{
    static const struct { struct stratum t; double o, lo, hi; enum strata_missing missing; } row[] = {
        { { 115, 402, 434, 1082 }, 0.713, 0.564, 0.902, STRATA_FEW_STRATA }, { { 132, 428, 11, 30 }, 0.841, 0.410, 1.724, STRATA_FEW_OTHERS } };
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct strata r;
        strata_judge(&row[i].t, 1, 1, &r);
        interval_is(r.crude_or, row[i].o, row[i].lo, row[i].hi, 5.1e-4);
        interval_is(r.odds, row[i].o, row[i].lo, row[i].hi, 5.1e-4);
        struct strata_gate g = strata_gate(&row[i].t, 1);
        assert_int_equal(g.missing, row[i].missing);
        if (i == 1) assert_int_equal(g.others, 41);             /* "41 of 50 comparison journeys" */
    }
}

/* The demonstration's moments: gold, silver, regular. */
static void
test_demo(void **state)
{
    static const struct { struct stratum t[3]; double crude[3], rd[3], p; } row[] = {
        { { { 75, 447, 91, 1287 }, { 87, 159, 543, 1609 }, { 122, 77, 2379, 2197 } }, { -0.078008, -0.107795, -0.046731 }, { 0.088012, 0.059142, 0.116883 }, 2.41e-10 },
        { { { 159, 489, 98, 1799 }, { 67, 241, 155, 2655 }, { 60, 206, 406, 5385 } }, { 0.171269, 0.147888, 0.196224 }, { 0.175553, 0.15103, 0.200076 }, 5.65e-88 },
        { { { 10, 143, 156, 1591 }, { 53, 145, 577, 1623 }, { 207, 194, 2294, 2080 } }, { -0.004736, -0.039803, 0.031667 }, { -0.007855, -0.041056, 0.025346 }, 0.645 },
        { { { 1, 9, 18, 199 }, { 12, 18, 61, 181 }, { 35, 30, 288, 230 } }, { 0.081503, -0.015598, 0.181183 }, { 0.032972, -0.063109, 0.129053 }, 0.491 },
        { { { 0, 14, 36, 253 }, { 4, 38, 24, 288 }, { 9, 81, 57, 603 } }, { -0.003742, -0.043913, 0.055475 }, { 0.00073, -0.048223, 0.049683 }, 0.977 },
        { { { 23, 17, 26, 288 }, { 21, 22, 22, 424 }, { 42, 45, 46, 723 } }, { 0.444404, 0.368796, 0.519402 }, { 0.443148, 0.367052, 0.519244 }, 2.92e-70 },
        { { { 12, 30, 4, 51 }, { 8, 24, 5, 63 }, { 24, 59, 8, 99 } }, { 0.206342, 0.129896, 0.286005 }, { 0.20509, 0.126838, 0.283343 }, 7.42e-08 },
        { { { 2, 50, 16, 40 }, { 7, 30, 17, 26 }, { 37, 59, 54, 29 } }, { -0.229373, -0.321262, -0.131505 }, { -0.247045, -0.336358, -0.157733 }, 2.58e-07 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct strata r;
        strata_judge(row[i].t, 3, 1, &r);
        interval_is(r.crude_rd, row[i].crude[0], row[i].crude[1], row[i].crude[2], 1e-6);
        interval_is(r.rd, row[i].rd[0], row[i].rd[1], row[i].rd[2], 1e-6);
        near(r.cmh.p, row[i].p, 0.0051 * row[i].p);
        assert_int_equal(strata_gate(row[i].t, 3).missing, STRATA_ENOUGH);
    }
}

/* With one stratum the pool is the table itself. */
static void
test_one_stratum(void **state)
{
    uint64_t seed = 11;
    (void)state;
    for (int i = 0; i < 2000; i++) {
        struct stratum t = { 1 + (uint64_t)(stats_random(&seed) * 90), 1 + (uint64_t)(stats_random(&seed) * 90), 1 + (uint64_t)(stats_random(&seed) * 90),
                             1 + (uint64_t)(stats_random(&seed) * 90) };
        double a = (double)t.a, b = (double)t.b, c = (double)t.c, d = (double)t.d, n1 = a + b, n0 = c + d, z;
        struct strata r;
        strata_judge(&t, 1, 1, &r);
        near(r.rd.value, a / n1 - c / n0, 1e-13);
        near(r.odds.value, a * d / (b * c), 1e-10 * r.odds.value);
        near(r.odds.hi, r.crude_or.hi, 1e-9 * r.odds.hi);                       /* RBG of one table is Woolf */
        near(r.rr.value, a / n1 / (c / n0), 1e-12 * r.rr.value);
        struct interval katz = differ_katz((struct share){ t.a, t.a + t.b, 1 }, (struct share){ t.c, t.c + t.d, 1 });
        near(r.rr.hi, katz.hi, 1e-9 * katz.hi);                                 /* Greenland-Robins of one table is Katz */
        differ_score_p((struct share){ t.a, t.a + t.b, 1 }, (struct share){ t.c, t.c + t.d, 1 }, &z);
        double n = n1 + n0;
        near(r.cmh.value, z * z * (n - 1) / n, 1e-9 * (1 + z * z));
        near(r.saved.value, n0 >= 5 ? a - n1 * c / n0 : 0, 1e-10 * n);
        assert_true(r.vary.df == 0 && r.vary.p == 1 && r.odds_vary.p == 1);
    }
}

/* Breslow-Day's fitted count by halving on the odds ratio of the table, not by the quadratic. */
static void
test_odds_vary_by_halving(void **state)
{
    uint64_t seed = 5;
    (void)state;
    for (int i = 0; i < 300; i++) {
        struct stratum t[4];
        double odds = exp(4 * stats_random(&seed) - 2), value = 0, off = 0, vars = 0;
        for (int s = 0; s < 4; s++) {
            t[s] = (struct stratum){ 1 + (uint64_t)(stats_random(&seed) * 40), 1 + (uint64_t)(stats_random(&seed) * 200), 1 + (uint64_t)(stats_random(&seed) * 200),
                                     1 + (uint64_t)(stats_random(&seed) * 40) };
            double a = (double)t[s].a, n1 = a + (double)t[s].b, m1 = a + (double)t[s].c, n0 = (double)(t[s].c + t[s].d), lo = fmax(0, m1 - n0), hi = fmin(n1, m1);
            for (int k = 0; k < 200; k++) {
                double mid = (lo + hi) / 2;
                if (mid * (n0 - m1 + mid) < odds * (n1 - mid) * (m1 - mid)) lo = mid; else hi = mid;
            }
            double var = 1 / (1 / lo + 1 / (n1 - lo) + 1 / (m1 - lo) + 1 / (n0 - m1 + lo));
            value += (a - lo) * (a - lo) / var, off += a - lo, vars += var;
        }
        value -= off * off / vars;
        struct chi2 got = strata_odds_vary(t, 4, odds);
        near(got.value, value, 1e-7 * (1 + fabs(value)));
        near(got.df, 3, 0);
    }
}

static uint64_t
draw(uint64_t n, double p, uint64_t *seed)
{
    uint64_t k = 0;
    for (uint64_t i = 0; i < n; i++) k += stats_random(seed) < p;
    return k;
}

/* 4,000 repetitions of three strata whose difference is 12 points: the intervals hold the truth 95 times in 100, the printed width is the real one. */
static void
test_coverage(void **state)
{
    enum { RUNS = 4000 };
    static const double base[3] = { 0.1, 0.25, 0.5 }, arms[3][2] = { { 40, 200 }, { 80, 120 }, { 60, 40 } };
    uint64_t seed = 3;
    int held = 0, held_saved = 0;
    double sum = 0, squares = 0, width = 0;
    (void)state;
    for (int run = 0; run < RUNS; run++) {
        struct stratum t[3];
        struct strata r;
        for (int s = 0; s < 3; s++) {
            uint64_t n1 = (uint64_t)arms[s][0], n0 = (uint64_t)arms[s][1], a = draw(n1, base[s] + 0.12, &seed), c = draw(n0, base[s], &seed);
            t[s] = (struct stratum){ a, n1 - a, c, n0 - c };
        }
        strata_judge(t, 3, 1, &r);
        held += r.rd.lo <= 0.12 && 0.12 <= r.rd.hi;
        held_saved += r.saved.lo <= 0.12 * 180 && 0.12 * 180 <= r.saved.hi;
        sum += r.rd.value, squares += r.rd.value * r.rd.value, width += r.rd.hi - r.rd.lo;
    }
    double sd = sqrt(squares / RUNS - sum / RUNS * sum / RUNS);
    near(sum / RUNS, 0.12, 0.003);
    near(width / RUNS / (2 * PROB_Z), sd, 0.04 * sd);
    near((double)held / RUNS, 0.95, 0.015);
    near((double)held_saved / RUNS, 0.95, 0.02);
}

static void
test_gate(void **state)
{
    static const struct { struct stratum t[2]; enum strata_missing missing; } row[] = {
        { { { 0, 0, 0, 0 }, { 0, 0, 0, 0 } }, STRATA_FEW_EXPOSED },          { { { 10, 14, 400, 400 }, { 10, 15, 400, 400 } }, STRATA_FEW_EXPOSED },
        { { { 400, 400, 9, 15 }, { 400, 400, 10, 15 } }, STRATA_FEW_OTHERS }, { { { 40, 40, 40, 40 }, { 40, 40, 0, 0 } }, STRATA_FEW_STRATA },
        { { { 25, 0, 25, 0 }, { 20, 20, 20, 20 } }, STRATA_FEW_STRATA },     { { { 2, 28, 2, 28 }, { 2, 28, 2, 28 } }, STRATA_FEW_OUTCOMES },
        { { { 0, 30, 12, 18 }, { 0, 30, 12, 18 } }, STRATA_ENOUGH },         { { { 10, 15, 10, 15 }, { 10, 15, 10, 15 } }, STRATA_ENOUGH } };
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) assert_int_equal(strata_gate(row[i].t, 2).missing, row[i].missing);
    near(strata_gate(row[5].t, 2).mantel_fleiss, 4, 1e-12);                  /* expected 2 + 2, could be 0 + 0 */
}

static void
all_finite(const struct strata *r)
{
    const struct interval *i[] = { &r->crude_rd, &r->crude_or, &r->rd, &r->odds, &r->rr, &r->saved };
    const struct chi2 *c[] = { &r->cmh, &r->cmh_de, &r->vary, &r->odds_vary };
    for (size_t k = 0; k < 6; k++) finite_interval(*i[k], __LINE__);
    for (size_t k = 0; k < 4; k++) {
        double x[3] = { c[k]->value, c[k]->df, c[k]->p };
        finite_all(x, 3, __LINE__);
        assert_true(c[k]->value >= 0 && c[k]->p >= 0 && c[k]->p <= 1);
    }
    finite_all(&r->e.value, 2, __LINE__);
}

/* Every pair of tables with cells 0, 1, 7: nothing is NaN, more design effect is never narrower, order is nothing. */
static void
test_empty_cells(void **state)
{
    static const uint64_t cell[3] = { 0, 1, 7 };
    struct stratum t[81];
    (void)state;
    for (int i = 0; i < 81; i++) t[i] = (struct stratum){ cell[i % 3], cell[i / 3 % 3], cell[i / 9 % 3], cell[i / 27] };
    for (int i = 0; i < 81; i++)
        for (int j = 0; j < 81; j++) {
            struct stratum pair[2] = { t[i], t[j] }, turned[2] = { t[j], t[i] };
            struct strata r, wide, back;
            strata_judge(pair, 2, 1, &r);
            strata_judge(pair, 2, 1e7, &wide);
            strata_judge(turned, 2, 1, &back);
            all_finite(&r);
            all_finite(&wide);
            near(back.rd.lo, r.rd.lo, 1e-12);
            near(back.odds_vary.value, r.odds_vary.value, 1e-9);
            if (r.rd.known) assert_true(r.rd.hi > r.rd.lo && wide.rd.hi - wide.rd.lo >= r.rd.hi - r.rd.lo);
            assert_true(wide.cmh_de.p >= r.cmh.p && wide.cmh.p == r.cmh.p);
        }
    struct strata none;
    strata_judge(t, 0, 1, &none);
    all_finite(&none);
    assert_false(none.rd.known || none.odds.known || none.rr.known || none.saved.known || none.e.known || none.crude_rd.known);
}

/* All exposed bad, no other: the formula's variance is 0, the interval still has a width and leaves out 0. */
static void
test_separation(void **state)
{
    const struct stratum t[2] = { { 50, 0, 0, 50 }, { 30, 0, 0, 40 } };
    struct strata r;
    (void)state;
    strata_judge(t, 2, 1, &r);
    near(r.rd.value, 1, 1e-12);
    assert_true(r.rd.lo < 0.97 && r.rd.lo > 0.85 && r.saved.lo > 60 && r.saved.lo < 79);
    assert_false(r.odds.known || r.rr.known || r.e.known);
    assert_true(r.cmh.p < 1e-20);
}

static char *
column(char *line, int at)
{
    for (; at > 0 && line; at--) line = strchr(line, ',') ? strchr(line, ',') + 1 : NULL;
    return line;
}

/* The published customers counted again, where the logs lie beside the project (REAL_LOGS, default ../shared/data). */
static void
test_telco_rows(void **state)
{
    const char *dir = getenv("REAL_LOGS");
    char path[1024], line[1024];
    struct stratum t[3] = { { 0 } };
    (void)state;
    snprintf(path, sizeof path, "%s/telco_churn.csv", dir ? dir : "../shared/data");
    FILE *f = fopen(path, "r");
    if (!f) {
        print_message("skipped: no %s\n", path);
        skip();
    }
    while (fgets(line, sizeof line, f)) {
        char *support = column(line, 12), *contract = column(line, 15), *churn = column(line, 20);
        if (!churn) continue;
        int s = *contract == 'M' ? 0 : *contract == 'O' ? 1 : *contract == 'T' ? 2 : 3;
        bool no = !strncmp(support, "No,", 3), yes = !strncmp(support, "Yes,", 4), bad = !strncmp(churn, "Yes", 3);
        if (s == 3 || !(no || yes)) continue;
        *(no ? bad ? &t[s].a : &t[s].b : bad ? &t[s].c : &t[s].d) += 1;
    }
    fclose(f);
    assert_memory_equal(t, telco, sizeof t);
}

int
main(void)
{
    const struct CMUnitTest t[] = {
        cmocka_unit_test(test_telco),       cmocka_unit_test(test_chasing),    cmocka_unit_test(test_landmarks),   cmocka_unit_test(test_demo),
        cmocka_unit_test(test_one_stratum), cmocka_unit_test(test_odds_vary_by_halving), cmocka_unit_test(test_coverage), cmocka_unit_test(test_gate),
        cmocka_unit_test(test_empty_cells), cmocka_unit_test(test_separation), cmocka_unit_test(test_telco_rows),
    };
    return cmocka_run_group_tests(t, NULL, NULL);
}
