/* t_peers.c - routes of one collector that supersede each other: whose frames count, and when it is too often. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../aggregator/intake_peers.h"
#include "tl_count.h"
#include "tl_logfmt.h"

#define MINUTE_US INT64_C(60000000)

static struct intake_route
route(unsigned number)
{
    return (struct intake_route){ .b = { (uint8_t)number, (uint8_t)(number >> 8) }, .n = 2 };
}

static int64_t
alarms(void)
{
    return tl_count_get(A_COLLECTOR_TWICE);
}

/* Example of use: the fourth change of connection within a minute is an alarm, saying HELLO again on the same one never is. */
static void
t_twice(void **state)
{
    static const struct { int64_t at_s; unsigned route; int64_t alarms; } rows[] = {
        { 0, 1, 0 }, { 1, 1, 0 }, { 2, 1, 0 }, { 3, 1, 0 }, { 4, 1, 0 },    /* the first connection, and it speaks again */
        { 10, 2, 0 }, { 20, 3, 0 }, { 30, 4, 0 },                           /* three changes */
        { 70, 5, 1 },                                                       /* the fourth since 10 s */
        { 81, 6, 1 }, { 82, 6, 1 },                                         /* since 20 s: more than a minute */
        { 140, 7, 1 }, { 141, 8, 1 }, { 142, 9, 1 }, { 143, 8, 2 }, { 144, 9, 3 },
    };
    struct intake_peer p = { 0 };
    int64_t before = alarms();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct intake_route r = route(rows[i].route);
        intake_peer_supersede(&p, &r, rows[i].at_s * 1000000);
        assert_int_equal(alarms() - before, rows[i].alarms);
    }
}

/* Random changes against counting them: an alarm when the third change before this one is at most a minute ago. */
static void
t_as_counted(void **state)
{
    enum { N = 3000 };
    static int64_t changed_us[N];
    struct intake_peer p = { 0 };
    int64_t now_us = 0, want = 0, before = alarms();
    size_t n = 0;
    (void)state;
    srand(6);
    for (unsigned i = 0; i < N; i++) {
        unsigned last = p.route.n ? (unsigned)(p.route.b[0] | p.route.b[1] << 8) : 0, next = 1 + (unsigned)rand() % 6;
        now_us += rand() % (MINUTE_US / 2);
        struct intake_route r = route(next);
        intake_peer_supersede(&p, &r, now_us);
        if (last != 0 && last != next) {
            changed_us[n++] = now_us;
            want += n > 3 && now_us - changed_us[n - 4] <= MINUTE_US;
            struct intake_route old = route(last);
            assert_true(intake_peer_superseded(&p, &old));
        }
        assert_false(intake_peer_superseded(&p, &r));
        assert_int_equal(alarms() - before, want);
    }
    assert_true(want > 100 && (size_t)want < n);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(t_twice), cmocka_unit_test(t_as_counted) };
    tl_log_level((enum tl_level)(TL_ERROR + 1));
    return cmocka_run_group_tests_name("intake_peers", tests, NULL, NULL);
}
