/* t_recognition.c - recognition by channel against the plain sums, customer by customer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "../../viewer/analysis/recognition.h"

static void
counts_and_design_effect(void **state)
{
    struct recognition r = { .at_n = 0 };
    struct cluster plain = { 0 };
    uint64_t rows[200], hits[200], n = 0, k = 0;
    double de = 0;
    (void)state;
    srand(3);
    for (int i = 0; i < 200; i++) {
        rows[i] = (uint64_t)(rand() % 9);
        hits[i] = rows[i] ? (uint64_t)rand() % (rows[i] + 1) : 0;
        n += rows[i];
        k += hits[i];
        recognition_add(&r, 7, rows[i], hits[i], i % 3 == 0);
        recognition_add(&r, 9, rows[i], rows[i], true);
    }
    for (int i = 0; i < 200; i++)
        if (rows[i]) cluster_add_share(&plain, hits[i], rows[i], (double)k / (double)n);
    assert_int_equal(r.at_n, 2);
    assert_int_equal(r.at[0].n, n);
    assert_int_equal(r.at[0].k[0], k);
    struct interval x = recognition_rate(&r.at[0], 0, &de);
    assert_true(x.known && x.lo < x.value && x.value < x.hi);
    assert_float_equal(de, cluster_effect(&plain), 1e-9);
    x = recognition_rate(&r.at[1], 1, &de);
    assert_float_equal(x.value, 1, 0);
    assert_float_equal(de, 1, 0);
}

static void
channels_beyond_the_most_are_counted(void **state)
{
    struct recognition r = { .at_n = 0 };
    double de;
    (void)state;
    for (uint32_t c = 0; c < RECOGNITION_CHANNELS_MAX + 5; c++) recognition_add(&r, c, 2, 1, true);
    recognition_add(&r, 3, 0, 0, true);
    assert_int_equal(r.at_n, RECOGNITION_CHANNELS_MAX);
    assert_int_equal(r.other, 10);
    assert_int_equal(r.at[3].n, 2);
    struct recognised none = { .channel = 1 };
    assert_false(recognition_rate(&none, 0, &de).known);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(counts_and_design_effect), cmocka_unit_test(channels_beyond_the_most_are_counted) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
