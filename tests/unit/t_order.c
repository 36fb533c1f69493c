/* t_order.c - when an event happened: the sender's clock placed by the session's least skew, never behind its receipt, never against the sequence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tl_hash.h"
#include "tl_order.h"
#include "tl_time.h"

#define NONE TL_TIME_NONE
#define HOUR INT64_C(3600000)

/* name: any number, to find it again; session and seq 0: none */
struct row { uint64_t name, session, seq; int64_t time, skew, received, want_at; };

static void
check(const struct row *rows, uint32_t n, const char *order)
{
    struct tl_kept e[16];

    for (int round = 0; round < 20; round++) {
        for (uint32_t i = 0; i < n; i++) {
            uint32_t at = (i + (uint32_t)round) % n;     /* whatever order they came in */
            e[at] = (struct tl_kept){ .id_hash = rows[i].name, .session = rows[i].session, .seq = rows[i].seq, .flags = rows[i].seq != 0 ? TL_KEPT_HAS_SEQ : 0,
                                      .time_ms = rows[i].time, .skew_ms = rows[i].skew, .received_ms = rows[i].received };
        }
        assert_int_equal(tl_order_events(e, n), 0);
        for (uint32_t i = 0; i < n; i++) {
            assert_int_equal(e[i].id_hash, order[i] - '0');
            for (uint32_t r = 0; r < n; r++)
                if (rows[r].name == e[i].id_hash) {
                    assert_true(rows[r].want_at == e[i].at_ms);
                    assert_true(tl_order_bound_ms(&e[i]) >= e[i].at_ms || rows[r].seq != 0);
                }
        }
    }
}

static void
a_good_clock_is_believed(void **state)
{
    const struct row rows[] = { { 1, 7, 1, 100, 0, NONE, 100 }, { 2, 7, 2, 200, 0, NONE, 200 }, { 3, 0, 0, 150, NONE, NONE, 150 } };

    (void)state;
    check(rows, 3, "132");
}

/* The device is two hours behind: the whole session moves by the least skew, the quickest sending. */
static void
a_slow_clock_is_moved_by_the_least_skew(void **state)
{
    const struct row rows[] = { { 1, 7, 1, 1000, 2 * HOUR + 500, 2 * HOUR + 9000, 2 * HOUR + 1300 }, { 2, 7, 2, 2000, 2 * HOUR + 300, 2 * HOUR + 9000, 2 * HOUR + 2300 },
                                { 3, 8, 1, 2 * HOUR + 1500, 0, NONE, 2 * HOUR + 1500 } };

    (void)state;
    check(rows, 3, "132");
}

static void
a_fast_clock_is_moved_back(void **state)
{
    const struct row rows[] = { { 1, 7, 1, HOUR + 1000, -HOUR, 1500, 1000 }, { 2, 7, 2, HOUR + 2000, -HOUR + 100, 2500, 2000 } };

    (void)state;
    check(rows, 2, "12");
}

/* Sent without sent_at: nothing is known of its clock, but nothing happens after it was received. */
static void
nothing_happens_after_its_receipt(void **state)
{
    const struct row rows[] = { { 1, 7, 1, 5000, NONE, 3000, 3000 }, { 2, 0, 0, 4000, NONE, 3500, 3500 }, { 3, 0, 0, NONE, NONE, 2000, 2000 } };

    (void)state;
    check(rows, 3, "312");
}

/* The clock was set back between 2 and 3: the sequence decides. */
static void
the_sequence_decides(void **state)
{
    const struct row rows[] = { { 1, 7, 1, 1000, 0, NONE, 1000 }, { 2, 7, 2, 5000, 0, NONE, 5000 }, { 3, 7, 3, 2000, 0, NONE, 5000 }, { 4, 7, 4, 6000, 0, NONE, 6000 },
                                { 5, 7, 0, 2500, 0, NONE, 2500 } };

    (void)state;
    check(rows, 5, "15234");
}

static void
equal_times_go_by_session_sequence_and_id(void **state)
{
    const struct row rows[] = { { 4, 0, 0, 10, 0, NONE, 10 }, { 3, 5, 2, 10, 0, NONE, 10 }, { 6, 5, 1, 10, 0, NONE, 10 }, { 1, 5, 2, 10, 0, NONE, 10 }, { 2, 9, 1, 10, 0, NONE, 10 } };

    (void)state;
    check(rows, 5, "46132");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_clock_is_believed),          cmocka_unit_test(a_slow_clock_is_moved_by_the_least_skew), cmocka_unit_test(a_fast_clock_is_moved_back),
        cmocka_unit_test(nothing_happens_after_its_receipt), cmocka_unit_test(the_sequence_decides),                    cmocka_unit_test(equal_times_go_by_session_sequence_and_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
