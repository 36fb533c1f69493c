/* t_confirm.c - customers' break points beside those of visits: the boundaries, and a visit counts once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../viewer/analysis/confirm.h"

static void
two_hits_or_a_third_of_three_make_a_break_point_of_visits(void **state)
{
    static const struct { unsigned visits, hits; bool is; } row[] = {
        { 0, 0, false }, { 1, 1, false }, { 2, 1, false }, { 2, 2, true }, { 3, 0, false }, { 3, 1, true }, { 4, 1, false }, { 4, 2, true }, { 16, 1, false }, { 16, 2, true }, { 1000, 2, true },
    };
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) assert_int_equal(confirm_visits(row[i].visits, row[i].hits), row[i].is);
}

static void
four_marks_and_nothing(void **state)
{
    static const struct { bool customers; unsigned visits, hits; enum confirm_mark mark; } row[] = {
        { true, 2, 2, CONFIRM_BOTH }, { true, 2, 0, CONFIRM_CUSTOMERS }, { true, 2, 1, CONFIRM_CUSTOMERS }, { true, 0, 0, CONFIRM_UNTESTED },
        { false, 2, 2, CONFIRM_VISITS }, { false, 2, 1, CONFIRM_NOTHING }, { false, 0, 0, CONFIRM_NOTHING },
    };
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) assert_int_equal(confirm_mark(row[i].customers, row[i].visits, row[i].hits), row[i].mark);
}

static void
a_visit_counts_once_in_a_cell(void **state)
{
    struct confirm_row row[] = { { 1, 7, false }, { 0, 7, false }, { 1, 7, true }, { 1, 3, false }, { 1, 7, true }, { 0, 9, true }, { 1, 3, false } };
    struct confirm_cell cell[3];
    (void)state;
    confirm_count(row, 7, cell, 3);
    assert_int_equal(cell[0].visits, 2);
    assert_int_equal(cell[0].hits, 1);
    assert_int_equal(cell[1].visits, 2);
    assert_int_equal(cell[1].hits, 1);
    assert_int_equal(cell[2].visits, 0);
    confirm_count(NULL, 0, NULL, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_hits_or_a_third_of_three_make_a_break_point_of_visits),
        cmocka_unit_test(four_marks_and_nothing),
        cmocka_unit_test(a_visit_counts_once_in_a_cell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
