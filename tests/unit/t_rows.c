/* t_rows.c - journey rows and event blocks give back what was put in, and survive any bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tl_hash.h"
#include "tl_rows.h"
#include "tl_time.h"

static uint64_t seed = 155;

static uint64_t
any(void)
{
    return seed = tl_mix64(seed + UINT64_C(0x9E3779B97F4A7C15));
}

static uint64_t
below(uint64_t n)
{
    return any() % n;
}

static int64_t
some_ms(void)
{
    switch (below(4)) {
    case 0: return 0;
    case 1: return (int64_t)below(1000);
    case 2: return (int64_t)below(UINT64_C(10000000000000));
    default: return -(int64_t)below(UINT64_C(60000000000000));
    }
}

static struct tl_step steps[TL_JOURNEY_STEPS_MAX], back[TL_JOURNEY_STEPS_MAX];

static void
some_journey(struct tl_journey *j)
{
    memset(j, 0, sizeof *j);
    j->type = (uint16_t)below(70000 % 65536);
    j->day = (int32_t)below(40000) - 20000;
    j->customer = any() >> below(64);
    j->start_ms = some_ms();
    j->tag = (uint32_t)any();
    j->outcome = (uint8_t)below(3);
    j->stream = (uint8_t)below(5);
    j->cut = below(8) == 0;
    j->cut_n = j->cut ? (uint32_t)below(100000) : 0;
    j->attrs_n = (uint32_t)below(TL_JOURNEY_ATTRS_MAX + 1);
    for (uint32_t i = 0; i < j->attrs_n; i++)
        j->attr[i] = (struct tl_attr){ (uint32_t)any(), (uint32_t)any() };
    j->steps_n = (uint32_t)below(below(10) == 0 ? 3000 : 12);
    j->step = steps;
    int64_t at = j->start_ms;
    for (uint32_t i = 0; i < j->steps_n; i++) {
        int64_t dt = below(3) == 0 ? 0 : (int64_t)(below(UINT64_C(10000000000)) >> below(30));
        at += dt;
        uint8_t flags = (uint8_t)(below(8) & (TL_STEP_TIME_MISSING | TL_STEP_FAIL | TL_STEP_BACKSTAGE));
        steps[i] = (struct tl_step){ .touchpoint = (uint32_t)(any() >> below(64) & UINT32_MAX), .channel = (uint16_t)below(4), .lifecycle = (uint8_t)below(6),
                                     .flags = (uint8_t)(flags | (dt == 0 && i > 0 ? TL_STEP_TIE : 0)), .start_ms = at,
                                     .end_ms = at + (below(4) == 0 ? (int64_t)below(100000) : 0), .wait_ms = below(4) == 0 ? (int64_t)below(1000000) : -1 };
    }
    j->last_ms = at + (int64_t)below(1000);
}

static void
check_step(const struct tl_step *a, const struct tl_step *b)
{
    assert_int_equal(a->touchpoint, b->touchpoint);
    assert_int_equal(a->channel, b->channel);
    assert_int_equal(a->lifecycle, b->lifecycle);
    assert_int_equal(a->flags, b->flags);
    assert_true(a->start_ms == b->start_ms && a->end_ms == b->end_ms && a->wait_ms == b->wait_ms);
}

static void
journeys_come_back(void **state)
{
    struct tl_buf row = {0};

    (void)state;
    for (int round = 0; round < 2000; round++) {
        struct tl_journey j, k;
        uint8_t key[TL_JOURNEY_KEY_BYTES];
        some_journey(&j);
        tl_buf_reset(&row);
        tl_rows_journey_key(&j, key);
        tl_rows_journey_put(&row, &j);
        struct tl_str ks = { (char *)key, sizeof key };
        assert_int_equal(tl_rows_journey_get(ks, (struct tl_str){ (char *)row.data, row.len }, back, &k), 0);
        assert_true(k.type == j.type && k.day == j.day && k.customer == j.customer && k.start_ms == j.start_ms && k.tag == j.tag);
        assert_true(k.last_ms == j.last_ms && k.outcome == j.outcome && k.stream == j.stream && k.cut == j.cut && k.cut_n == j.cut_n);
        assert_int_equal(k.attrs_n, j.attrs_n);
        assert_memory_equal(k.attr, j.attr, j.attrs_n * sizeof *j.attr);
        assert_int_equal(k.steps_n, j.steps_n);
        for (uint32_t i = 0; i < j.steps_n; i++)
            check_step(&k.step[i], &j.step[i]);
        /* every shorter row is told, and never read past its end */
        size_t cut = below(row.len);
        uint8_t *copy = tl_alloc(cut + 1);
        memcpy(copy, row.data, cut);
        assert_int_not_equal(tl_rows_journey_get(ks, (struct tl_str){ (char *)copy, cut }, back, &k), 0);
        tl_free(copy);
    }
    tl_buf_free(&row);
}

/* Keys sort as (type, day, customer, start, tag), negative days and times too. */
static void
keys_sort_by_their_fields(void **state)
{
    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct tl_journey a = { .type = (uint16_t)below(2), .day = (int32_t)below(5) - 2, .customer = below(3), .start_ms = (int64_t)below(5) - 2, .tag = (uint32_t)below(3) };
        struct tl_journey b = { .type = (uint16_t)below(2), .day = (int32_t)below(5) - 2, .customer = below(3), .start_ms = (int64_t)below(5) - 2, .tag = (uint32_t)below(3) };
        uint8_t ka[TL_JOURNEY_KEY_BYTES], kb[TL_JOURNEY_KEY_BYTES];
        tl_rows_journey_key(&a, ka);
        tl_rows_journey_key(&b, kb);
        int want = a.type != b.type ? (a.type < b.type ? -1 : 1) : a.day != b.day ? (a.day < b.day ? -1 : 1) : a.customer != b.customer ? (a.customer < b.customer ? -1 : 1) :
                   a.start_ms != b.start_ms ? (a.start_ms < b.start_ms ? -1 : 1) : a.tag != b.tag ? (a.tag < b.tag ? -1 : 1) : 0;
        int got = memcmp(ka, kb, sizeof ka);
        assert_int_equal(want, got < 0 ? -1 : got > 0);
    }
}

static void
some_event(struct tl_kept *e, uint64_t position)
{
    memset(e, 0, sizeof *e);
    e->id_hash = any() & TL_KEPT_ID_MASK;
    e->position = position;
    e->check = (uint16_t)any();
    e->home = (uint32_t)below(3);
    e->type = (uint32_t)below(20);
    e->touchpoint = (uint32_t)below(200);
    e->channel = (uint32_t)below(3);
    e->origin = (uint32_t)below(2);
    e->tier = (uint32_t)below(2);
    e->place = (uint32_t)below(2) * 70000;
    e->stream = (uint8_t)below(5);
    e->lifecycle = (uint8_t)below(6);
    e->outcome = (uint8_t)below(7);
    e->role = (uint8_t)below(3);
    e->flags = (uint8_t)below(4);
    e->time_ms = below(9) == 0 ? TL_TIME_NONE : some_ms();
    e->skew_ms = below(2) == 0 ? TL_TIME_NONE : below(2) == 0 ? 0 : some_ms();
    e->received_ms = e->time_ms != TL_TIME_NONE && below(2) == 0 ? TL_TIME_NONE : some_ms();
    e->session = below(3) == 0 ? 0 : below(2) + 7;
    e->seq = e->flags & TL_KEPT_HAS_SEQ ? (below(3) == 0 ? any() : below(5)) : 0;
    e->case_hash = below(4) == 0 ? any() : 0;
    e->order_hash = below(4) == 0 ? 99 : 0;
    e->journey_hash = below(4) == 0 ? 98 : 0;
    e->wait_ms = below(3) == 0 ? (int64_t)below(100000) : -1;
    e->handle_ms = below(3) == 0 ? (int64_t)below(100000) : -1;
    e->promoted_n = (uint8_t)(below(4) == 0 ? below(TL_KEPT_PROMOTED_MAX + 1) : 0);
    for (unsigned i = 0; i < e->promoted_n; i++)
        e->promoted[i] = (struct tl_attr){ (uint32_t)below(9), (uint32_t)any() };
    e->picks = below(3) == 0 ? (uint32_t)below(1u << 24) : 0;
    e->scores_n = (uint8_t)(below(4) == 0 ? below(TL_KEPT_SCORES_MAX + 1) : 0);
    for (unsigned i = 0; i < e->scores_n; i++)
        e->score[i] = (struct tl_kept_score){ (uint32_t)below(9), (int32_t)any() };
    e->agent = below(5) == 0 ? (uint32_t)any() : 0;
    if (below(5) == 0) {
        e->promise = (struct tl_kept_promise){ .what = below(2) == 0 ? (uint32_t)any() : 0, .said = (uint8_t)below(8) };
        e->promise.due_ms = e->promise.said & TL_PROMISE_DUE ? some_ms() : 0;
    }
    e->at_ms = TL_TIME_NONE;
}

static void
events_come_back(void **state)
{
    static struct tl_kept in[1000];
    struct tl_kept *out = NULL;
    struct tl_buf b = {0};
    uint32_t cap = 0;

    (void)state;
    for (int round = 0; round < 200; round++) {
        uint32_t n = (uint32_t)below(1000) + 1, got = 0;
        uint64_t position = 0;
        for (uint32_t i = 0; i < n; i++)
            some_event(&in[i], position += 1 + below(100000));
        for (uint32_t i = 0; i < n;) {
            tl_buf_reset(&b);
            uint32_t took = tl_rows_block_put(&b, in + i, n - i);
            assert_true(took > 0 && b.len <= TL_BLOCK_BYTES);
            assert_int_equal(tl_rows_block_get((struct tl_str){ (char *)b.data, b.len }, &out, &got, &cap), 0);
            i += took;
            assert_int_equal(got, i);
        }
        for (uint32_t i = 0; i < n; i++) {
            memset(&out[i].promoted[in[i].promoted_n], 0, (TL_KEPT_PROMOTED_MAX - in[i].promoted_n) * sizeof in[i].promoted[0]);
            struct tl_kept a = in[i], z = out[i];
            assert_true(a.id_hash == z.id_hash && a.position == z.position && a.check == z.check && a.home == z.home && a.origin == z.origin);
            assert_false(tl_kept_differs(&a, &z));
            assert_true(a.received_ms == z.received_ms && a.skew_ms == z.skew_ms && a.role == z.role && a.flags == z.flags && a.promoted_n == z.promoted_n);
            assert_memory_equal(a.promoted, z.promoted, sizeof a.promoted);
            assert_true(a.picks == z.picks && a.scores_n == z.scores_n);
            assert_memory_equal(a.score, z.score, a.scores_n * sizeof *a.score);
        }
    }
    tl_free(out);
    tl_buf_free(&b);
}

/* What a customer with one app session costs: the id hash is 8 bytes of it. */
static void
a_session_is_small(void **state)
{
    struct tl_kept in[60];
    struct tl_buf b = {0};
    int64_t at = INT64_C(1764000000000);

    (void)state;
    for (int i = 0; i < 60; i++) {
        some_event(&in[i], 1000000 + (uint64_t)i * 5000);
        at += (int64_t)below(60000);
        in[i] = (struct tl_kept){ .id_hash = any() & TL_KEPT_ID_MASK, .position = in[i].position, .type = 12 + (uint32_t)i % 8, .touchpoint = 12 + (uint32_t)i % 8, .channel = 2, .origin = 20,
                                  .time_ms = at, .skew_ms = 0, .received_ms = TL_TIME_NONE, .session = 5, .seq = (uint64_t)i + 1, .flags = TL_KEPT_HAS_SEQ,
                                  .wait_ms = -1, .handle_ms = -1 };
    }
    assert_int_equal(tl_rows_block_put(&b, in, 60), 60);
    assert_true(b.len <= 60 * 17 + 80);
    tl_buf_free(&b);
}

static void
any_bytes_are_survived(void **state)
{
    struct tl_kept *out = NULL;
    uint32_t cap = 0;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[300];
        uint8_t key[TL_JOURNEY_KEY_BYTES] = {0};
        size_t n = below(sizeof bytes);
        uint32_t got = 0;
        struct tl_journey j;
        for (size_t i = 0; i < n; i++)
            bytes[i] = (uint8_t)(any() & (round % 2 ? 255 : 7));
        bytes[0] = 1;
        (void)tl_rows_block_get((struct tl_str){ (char *)bytes, n }, &out, &got, &cap);
        (void)tl_rows_journey_get((struct tl_str){ (char *)key, sizeof key }, (struct tl_str){ (char *)bytes, n }, back, &j);
    }
    tl_free(out);
}

static void
ends_are_judged_at_as_of(void **state)
{
    struct tl_journey j = { .last_ms = 1000, .outcome = TL_UNDECIDED };

    (void)state;
    assert_int_equal(tl_journey_end(&j, 500, 900), TL_END_OPEN);
    assert_int_equal(tl_journey_end(&j, 500, 1500), TL_END_OPEN);
    assert_int_equal(tl_journey_end(&j, 500, 1501), TL_END_LAPSED);
    j.outcome = TL_GOOD;
    assert_int_equal(tl_journey_end(&j, 500, 9999), TL_END_GOOD);
    j.outcome = TL_BAD;
    assert_int_equal(tl_journey_end(&j, 500, 9999), TL_END_BAD);
}

/* Two events differ when one member that the sender told does. */
static void
each_member_makes_a_difference(void **state)
{
    struct tl_kept a = {0};
    (void)state;
#define DIFFERS(member) do { struct tl_kept b = a; b.member++; assert_true(tl_kept_differs(&a, &b)); assert_true(tl_kept_differs(&b, &a)); } while (0)
    DIFFERS(check); DIFFERS(time_ms); DIFFERS(type); DIFFERS(touchpoint); DIFFERS(channel); DIFFERS(session); DIFFERS(seq); DIFFERS(case_hash); DIFFERS(order_hash);
    DIFFERS(journey_hash); DIFFERS(lifecycle); DIFFERS(outcome); DIFFERS(stream); DIFFERS(tier); DIFFERS(place); DIFFERS(wait_ms); DIFFERS(handle_ms); DIFFERS(agent);
    DIFFERS(promise.said); DIFFERS(promise.what); DIFFERS(promise.due_ms);
#undef DIFFERS
    struct tl_kept b = a;
    b.position++;               /* what only says where it stands makes none */
    b.received_ms++;
    b.home++;
    assert_false(tl_kept_differs(&a, &b));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_member_makes_a_difference),
        cmocka_unit_test(journeys_come_back),     cmocka_unit_test(keys_sort_by_their_fields), cmocka_unit_test(events_come_back),
        cmocka_unit_test(a_session_is_small),     cmocka_unit_test(any_bytes_are_survived),    cmocka_unit_test(ends_are_judged_at_as_of),
    };
    return tl_hash_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
