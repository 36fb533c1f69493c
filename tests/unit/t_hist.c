/* t_hist.c - buckets within 1 %, quantiles against sorted values, merging against adding. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <math.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tl_hash.h"
#include "tl_hist.h"

static void
test_buckets(void **state)
{
    (void)state;
    assert_int_equal(tl_hist_bucket(-5), 0);
    assert_int_equal(tl_hist_bucket(0), 0);
    for (int64_t ms = 1; ms < INT64_C(200000000000); ms += 1 + ms / 150) {
        int b = tl_hist_bucket(ms);
        assert_in_range(b, 1, TL_HIST_BUCKETS - 1);
        if (b < TL_HIST_BUCKETS - 1)
            assert_true(fabs(tl_hist_bucket_ms(b) - (double)ms) <= 0.0100001 * (double)ms);
        assert_true(tl_hist_bucket_lo_ms(b) <= ms);
        assert_true(tl_hist_bucket(ms + 1) >= b);
    }
}

static int
ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void
test_quantiles_and_merge(void **state)
{
    enum { N = 5000 };
    static int64_t v[N];
    struct tl_hist *whole = tl_hist_new(), *half[2] = { tl_hist_new(), tl_hist_new() };
    uint64_t seed = 7;
    (void)state;
    for (int i = 0; i < N; i++) {
        seed = tl_mix64(seed + 0x9E3779B97F4A7C15u);
        v[i] = (int64_t)exp((double)(seed % 25000) / 1000.0);
        assert_true(tl_hist_add(whole, v[i], 1) && tl_hist_add(half[i % 2], v[i], 1));
    }
    qsort(v, N, sizeof v[0], ascending);
    assert_true(tl_hist_merge(half[0], half[1]));
    assert_int_equal(tl_hist_count(half[0]), N);
    for (double q = 0.001; q < 1; q += 0.013) {
        double exact = (double)v[(int)ceil(q * N) - 1], got = tl_hist_quantile(whole, q);
        assert_true(fabs(got - exact) <= 0.0100001 * exact);
        assert_true(tl_hist_quantile(half[0], q) == got);
    }
    tl_hist_free(&whole);
    tl_hist_free(&half[0]);
    tl_hist_free(&half[1]);
}

static void
test_empty(void **state)
{
    struct tl_hist *h = tl_hist_new(), *g = tl_hist_new();
    (void)state;
    assert_true(tl_hist_quantile(h, 0.5) < 0);
    assert_true(tl_hist_merge(h, g));
    assert_true(tl_hist_add(h, -3, 2) && tl_hist_quantile(h, 0.5) <= 0);
    tl_hist_free(&h);
    tl_hist_free(&g);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_buckets), cmocka_unit_test(test_quantiles_and_merge), cmocka_unit_test(test_empty) };
    return cmocka_run_group_tests_name("hist", tests, NULL, NULL);
}
