/* t_gather.c - the set of a customer's events: copies, other payloads, ids that share a hash, too many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../aggregator/gather.h"
#include "tl_hash.h"
#include "tl_time.h"

struct asked { int judged, refused; uint64_t refused_position; int answer; bool keep_second; };

static int
judge(void *arg, uint64_t first, uint64_t second, bool *keep_second, uint64_t *lost, struct tl_err *err)
{
    struct asked *a = arg;

    (void)first;
    (void)second;
    (void)err;
    a->judged++;
    *keep_second = a->keep_second;
    *lost = 7;
    return a->answer;
}

static int
refuse(void *arg, const struct tl_kept *e, uint64_t hash, enum tl_reason reason, struct tl_err *err)
{
    struct asked *a = arg;

    (void)hash;
    (void)reason;
    (void)err;
    a->refused++;
    a->refused_position = e->position;
    return 0;
}

static struct tl_kept
kept(uint64_t id, uint64_t position, int64_t received_ms, uint16_t check)
{
    return (struct tl_kept){ .id_hash = id, .position = position, .check = check, .time_ms = 1000, .received_ms = received_ms, .skew_ms = TL_TIME_NONE, .wait_ms = -1, .handle_ms = -1 };
}

static void
run(struct tl_store_kept *k, struct asked *a, const struct tl_kept *fresh, uint32_t n, struct gather *g)
{
    const struct tl_kept *one[16];

    for (uint32_t i = 0; i < n; i++)
        one[i] = &fresh[i];
    *g = (struct gather){ .kept = k, .judge = judge, .refuse = refuse, .arg = a };
    assert_int_equal(gather_events(g, one, n, NULL), 0);
}

static void
copies_are_one_event_received_first(void **state)
{
    struct tl_store_kept k = {0};
    struct asked a = {0};
    struct gather g;
    const struct tl_kept first[] = { kept(1, 10, 500, 3), kept(2, 11, 400, 3), kept(1, 12, 300, 3) }, late[] = { kept(2, 20, 900, 3), kept(3, 21, 100, 3) };

    (void)state;
    run(&k, &a, first, 3, &g);
    assert_int_equal(k.n, 2);
    assert_int_equal(g.duplicates, 1);
    assert_true(k.event[0].position == 10 && k.event[0].received_ms == 300);
    run(&k, &a, late, 2, &g);
    assert_int_equal(k.n, 3);
    assert_int_equal(g.same, 2);
    assert_true(k.event[1].position == 11 && k.event[1].received_ms == 400);
    assert_int_equal(a.judged, 0);
    tl_store_kept_free(&k);
}

static void
of_two_payloads_the_judge_keeps_one(void **state)
{
    for (int second = 0; second < 2; second++) {
        struct tl_store_kept k = {0};
        struct asked a = { .answer = GATHER_DIFFER, .keep_second = second };
        struct gather g;
        const struct tl_kept e[] = { kept(1, 10, 500, 3), kept(4, 11, 500, 3), kept(1, 12, 600, 9) };

        (void)state;
        run(&k, &a, e, 3, &g);
        assert_int_equal(k.n, 2);
        assert_int_equal(a.refused, 1);
        assert_int_equal(g.refused, 1);
        assert_int_equal(a.refused_position, second ? 10 : 12);
        assert_int_equal(k.event[0].position, second ? 11 : 10);     /* log order again */
        tl_store_kept_free(&k);
    }
}

static void
ids_that_share_a_hash_are_both_kept(void **state)
{
    struct tl_store_kept k = {0};
    struct asked a = { .answer = GATHER_OTHER_ID };
    struct gather g;
    const struct tl_kept e[] = { kept(1, 10, 500, 3), kept(1, 11, 500, 4), kept(1, 12, 500, 5) }, copy[] = { kept(1, 13, 100, 4) };

    (void)state;
    run(&k, &a, e, 3, &g);
    assert_int_equal(k.n, 3);
    run(&k, &a, copy, 1, &g);
    assert_int_equal(k.n, 3);
    assert_int_equal(k.event[1].received_ms, 100);
    assert_int_equal(g.duplicates, 1);
    tl_store_kept_free(&k);
}

/* The earliest 100,000 stay, in one round or in many; what was cut does not come back. */
static void
a_customer_too_large_is_cut_alike(void **state)
{
    enum { N = GATHER_EVENTS_MAX + 500 };
    struct tl_kept *e = tl_alloc(N * sizeof *e);
    const struct tl_kept **one = tl_alloc(N * sizeof *one);
    struct tl_store_kept at_once = {0}, in_parts = {0};
    struct asked a = {0}, b = {0};

    (void)state;
    for (uint32_t i = 0; i < N; i++) {
        e[i] = kept(tl_mix64(i) & TL_KEPT_ID_MASK, i + 1, 5, 1);
        e[i].time_ms = (int64_t)(tl_mix64(i + 77) % 1000000);
        one[i] = &e[i];
    }
    struct gather g = { .kept = &at_once, .judge = judge, .refuse = refuse, .arg = &a };
    assert_int_equal(gather_events(&g, one, N, NULL), 0);
    g = (struct gather){ .kept = &in_parts, .judge = judge, .refuse = refuse, .arg = &b };
    assert_int_equal(gather_events(&g, one, N - 300, NULL), 0);
    g = (struct gather){ .kept = &in_parts, .judge = judge, .refuse = refuse, .arg = &b };
    assert_int_equal(gather_events(&g, one + N - 300, 300, NULL), 0);
    assert_int_equal(at_once.n, GATHER_EVENTS_MAX);
    assert_int_equal(in_parts.n, GATHER_EVENTS_MAX);
    assert_int_equal(a.refused, 500);
    assert_int_equal(b.refused, 500);
    for (uint32_t i = 0; i < GATHER_EVENTS_MAX; i++)
        assert_true(at_once.event[i].position == in_parts.event[i].position);
    tl_store_kept_free(&at_once);
    tl_store_kept_free(&in_parts);
    tl_free(e);
    tl_free(one);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_are_one_event_received_first), cmocka_unit_test(of_two_payloads_the_judge_keeps_one),
        cmocka_unit_test(ids_that_share_a_hash_are_both_kept), cmocka_unit_test(a_customer_too_large_is_cut_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
