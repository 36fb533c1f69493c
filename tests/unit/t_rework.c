/* t_rework.c - journeys that came back to a touchpoint, counted in whole and in parts; over the same channel, over another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../viewer/analysis/rework.h"

/* touchpoint and channel by letter: upper case is channel 2 */
static void
feed(void *acc, const char *way)
{
    struct tl_step step[16];
    struct tl_journey j = { .step = step };

    for (; way[j.steps_n] != 0; j.steps_n++) {
        char c = way[j.steps_n];
        bool upper = c >= 'A' && c <= 'Z';
        step[j.steps_n] = (struct tl_step){ .touchpoint = (uint32_t)(upper ? c - 'A' : c - 'a') + 70, .channel = upper ? 2 : 1 };
    }
    assert_int_equal(analysis_rework.journey(acc, &j, TL_END_OPEN), 0);
}

static void *
part(const char *const *ways, size_t n)
{
    void *acc = analysis_rework.begin(NULL);
    for (size_t i = 0; i < n; i++) feed(acc, ways[i]);
    void *p = analysis_rework.finish(acc);
    analysis_rework.abandon(acc);
    return p;
}

static void
check(const struct rework *r)
{
    static const struct rework_row want[] = { { 70, 5, 3, 2 }, { 71, 4, 1, 0 }, { 72, 1, 0, 0 } };
    assert_int_equal(r->journeys, 6);
    assert_int_equal(r->row_n, 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(r->row[i].touchpoint == want[i].touchpoint && r->row[i].journeys == want[i].journeys && r->row[i].again == want[i].again && r->row[i].redo == want[i].redo);
}

static void
parts_add(void **state)
{
    static const char *const ways[] = { "abc", "aba", "aA", "Aab", "bb", "a" };
    (void)state;
    void *whole = part(ways, 6);
    check(whole);
    for (size_t at = 0; at <= 6; at++) {
        void *two[] = { part(ways + at, 6 - at), part(ways, at) };
        void *both = analysis_rework.sum((const void *const *)two, 2);
        check(both);
        assert_true(analysis_rework.bytes(both) > 0);
        analysis_rework.free(both);
        analysis_rework.free(two[0]);
        analysis_rework.free(two[1]);
    }
    analysis_rework.free(whole);
    void *none = analysis_rework.sum(NULL, 0);
    assert_int_equal(((struct rework *)none)->row_n, 0);
    analysis_rework.free(none);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(parts_add) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
