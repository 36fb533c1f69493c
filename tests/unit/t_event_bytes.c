/* t_event_bytes.c - an event's bytes in a batch come back as they went; damaged ones are refused or stay inside themselves. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "kit_event.h"
#include "oracle_json.h"
#include "tl_time.h"

/* ---- bytes ---- */

static void
same_text(struct tl_str a, struct tl_str b)
{
    assert_int_equal(a.n, b.n);
    assert_int_equal(a.p == NULL, b.p == NULL);
    if (a.n)
        assert_memory_equal(a.p, b.p, a.n);
}

static void
same_event(const struct tl_event *a, const struct tl_event *b)
{
    assert_true(a->has == b->has && a->time_offset_min == b->time_offset_min);
    same_text(a->raw, b->raw);
#define EV_TEXT(name, ...) same_text(a->name##_, b->name##_);
#define EV_WORD(name, ...) same_text(a->name##_, b->name##_);
#define EV_TIME(name, ...) assert_true(a->name##_ == b->name##_);
#define EV_U64(name, ...) assert_true(a->name##_ == b->name##_);
#define EV_IDS(name, ...)
#define EV_SCORES(name, ...)
#define EV_PROMISE(name, ...)
#define EV_VALUE(name, ...) assert_true(a->name##_.amount_minor == b->name##_.amount_minor && memcmp(a->name##_.currency, b->name##_.currency, 4) == 0);
#define EV_JSON(name, ...) same_text(a->name##_, b->name##_);
#include "event.def"
#undef EV_TEXT
#undef EV_WORD
#undef EV_TIME
#undef EV_U64
#undef EV_IDS
#undef EV_SCORES
#undef EV_PROMISE
#undef EV_VALUE
#undef EV_JSON
    assert_int_equal(a->ids_n, b->ids_n);
    for (uint32_t i = 0; i < a->ids_n; i++) {
        same_text(a->ids_[i].kind, b->ids_[i].kind);
        same_text(a->ids_[i].value, b->ids_[i].value);
    }
    assert_int_equal(a->scores_n, b->scores_n);
    for (uint32_t i = 0; i < a->scores_n; i++) {
        same_text(a->scores_[i].kind, b->scores_[i].kind);
        assert_true(a->scores_[i].value == b->scores_[i].value);
    }
    same_text(a->promise_.what, b->promise_.what);
    assert_true(a->promise_.due_ms == b->promise_.due_ms && a->promise_.kept == b->promise_.kept);
}

/* Any set of fields, any values, texts partly inside the slice. */
static void
make_event(struct tl_event *ev, uint64_t *s)
{
    static const char pool[] = "a slice as it was sent, of which texts are parts; \xe4\xb8\xad\xe6\x96\x87";
    static const char elsewhere[] = "texts that lie elsewhere, unescaped or given by the collector";
#define SOME_TEXT() \
    (oracle_random(s) % 2 ? (struct tl_str){ pool + oracle_random(s) % 20, oracle_random(s) % 30 } : (struct tl_str){ elsewhere + oracle_random(s) % 20, oracle_random(s) % 30 })
    tl_event_init(ev);
    if (oracle_random(s) % 8)
        ev->raw = (struct tl_str){ pool, sizeof pool - 1 };
    else
        ev->raw = TL_STR("");
    uint64_t want = oracle_random(s) & oracle_random(s);
#define PICK(name) if (want & TL_HAS(name) && (ev->has |= TL_HAS(name)))
#define EV_TEXT(name, ...) PICK(name) ev->name##_ = SOME_TEXT();
#define EV_WORD(name, ...) PICK(name) ev->name##_ = SOME_TEXT();
#define EV_TIME(name, ...) PICK(name) ev->name##_ = (int64_t)oracle_random(s) >> oracle_random(s) % 40;
#define EV_U64(name, ...) PICK(name) ev->name##_ = oracle_random(s) >> oracle_random(s) % 60;
#define EV_IDS(name, ...) PICK(name) ev->ids_n = (uint32_t)(oracle_random(s) % 17);
#define EV_SCORES(name, ...) PICK(name) ev->scores_n = (uint32_t)(oracle_random(s) % 17);
#define EV_PROMISE(name, ...) PICK(name) ev->promise_ = (struct tl_promise){ SOME_TEXT(), oracle_random(s) % 2 ? TL_TIME_NONE : 5, (int)(oracle_random(s) % 3) - 1 };
#define EV_VALUE(name, ...) PICK(name) ev->value_ = (struct tl_value){ (int64_t)oracle_random(s), "EUR" };
#define EV_JSON(name, ...) PICK(name) ev->name##_ = SOME_TEXT();
#include "event.def"
#undef EV_TEXT
#undef EV_WORD
#undef EV_TIME
#undef EV_U64
#undef EV_IDS
#undef EV_SCORES
#undef EV_PROMISE
#undef EV_VALUE
#undef EV_JSON
    for (uint32_t i = 0; i < ev->ids_n; i++)
        ev->ids_[i] = (struct tl_id){ SOME_TEXT(), SOME_TEXT() };
    for (uint32_t i = 0; i < ev->scores_n; i++)
        ev->scores_[i] = (struct tl_score){ SOME_TEXT(), (double)(int64_t)oracle_random(s) / 7 };
    if (ev->has & TL_HAS(time))
        ev->time_offset_min = (int32_t)(oracle_random(s) % 1681) - 840;
}

static void
test_bytes_come_back(void **state)
{
    uint64_t random = 11;
    struct tl_buf b = { 0 };
    struct tl_event sent[8], got;
    (void)state;
    for (int round = 0; round < 5000; round++) {
        tl_buf_reset(&b);
        for (int i = 0; i < 8; i++) {
            make_event(&sent[i], &random);
            tl_event_encode(&b, &sent[i]);
        }
        assert_false(b.failed);
        struct tl_cur c = tl_cur_of(b.data, b.len);
        for (int i = 0; i < 8; i++) {
            assert_int_equal(tl_event_decode(&c, &got), 0);
            same_event(&sent[i], &got);
        }
        assert_int_equal(tl_cur_left(&c), 0);
    }
    tl_buf_free(&b);
}

static void
inside(struct tl_str s, const uint8_t *from, const uint8_t *to)
{
    if (s.n)
        assert_true((const uint8_t *)s.p >= from && (const uint8_t *)s.p + s.n <= to);
}

/* Damaged or cut bytes are an error, or an event whose every text lies inside them. */
static void
test_damaged_bytes(void **state)
{
    uint64_t random = 12;
    struct tl_buf b = { 0 };
    struct tl_event ev;
    size_t good_n = 0;
    (void)state;
    for (int round = 0; round < 100000; round++) {
        tl_buf_reset(&b);
        make_event(&ev, &random);
        tl_event_encode(&b, &ev);
        size_t n = b.len;
        if (round % 3 == 0)
            n = oracle_random(&random) % b.len;
        else
            for (uint64_t k = oracle_random(&random) % 3 + 1; k > 0; k--)
                b.data[oracle_random(&random) % b.len] = (uint8_t)oracle_random(&random);
        uint8_t *exact = malloc(n + 1);
        memcpy(exact, b.data, n);
        struct tl_cur c = tl_cur_of(exact, n);
        int rc = tl_event_decode(&c, &ev);
        assert_true(rc == 0 || rc == TL_ETRUNC || rc == TL_ERANGE);
        assert_true(round % 3 != 0 || rc == TL_ETRUNC);
        if (rc == 0) {
#define EV_TEXT(name, ...) inside(ev.name##_, exact, exact + n);
#define EV_WORD(name, ...) inside(ev.name##_, exact, exact + n);
#define EV_TIME(name, ...)
#define EV_U64(name, ...)
#define EV_IDS(name, ...) for (uint32_t i = 0; i < ev.ids_n; i++) inside(ev.ids_[i].kind, exact, exact + n), inside(ev.ids_[i].value, exact, exact + n);
#define EV_SCORES(name, ...) for (uint32_t i = 0; i < ev.scores_n; i++) inside(ev.scores_[i].kind, exact, exact + n);
#define EV_PROMISE(name, ...) inside(ev.name##_.what, exact, exact + n);
#define EV_VALUE(name, ...)
#define EV_JSON(name, ...) inside(ev.name##_, exact, exact + n);
#include "event.def"
#undef EV_TEXT
#undef EV_WORD
#undef EV_TIME
#undef EV_U64
#undef EV_IDS
#undef EV_SCORES
#undef EV_PROMISE
#undef EV_VALUE
#undef EV_JSON
            good_n++;
        }
        free(exact);
    }
    assert_true(good_n > 1000);
    tl_buf_free(&b);
}

/* A later version's row after ours is stepped over; ours stay readable. */
static void
test_newer_row(void **state)
{
    struct tl_buf b = { 0 };
    struct tl_event ev;
    (void)state;
    tl_buf_put_varint(&b, 8 + 1 + 1 + 2 + 3 + 2);
    tl_buf_put_le64(&b, TL_HAS(type) | UINT64_C(1) << 62);
    tl_buf_put(&b, "\x02\x00\x00\x02\x09\x09\x09hi", 9);
    struct tl_cur c = tl_cur_of(b.data, b.len);
    assert_int_equal(tl_event_decode(&c, &ev), 0);
    assert_true(ev.has == TL_HAS(type) && tl_str_is(ev.type_, "hi"));
    tl_buf_free(&b);
}

/* What is written as JSON reads back as the same event. */
static void
test_json_round_trip(void **state)
{
    static const char text[] = "{\"id\":\"a\\\"1\",\"type\":\"t\",\"channel\":\"web\",\"time\":\"2026-03-01T10:00:00.500-03:30\",\"sent_at\":5,\"seq\":18,\"ids\":{\"k\\n\":\"\\u4e2d\"},"
                               "\"scores\":{\"nps\":9.5},\"promise\":{\"what\":\"w\",\"due\":7,\"kept\":false},\"value\":{\"amount_minor\":5,\"currency\":\"CNY\"},\"props\":{\"a\":1}}";
    struct tl_event first, again;
    struct tl_refusal why;
    struct tl_buf b = { 0 };
    (void)state;
    assert_int_equal(read_one(text, &first, &why), 0);
    struct tl_jw w = tl_jw_to(&b);
    tl_event_json(&w, &first);
    tl_buf_put_u8(&b, 0);
    char *copy = strdup((char *)b.data);
    tl_buf_reset(&b);
    tl_event_encode(&b, &first);
    struct tl_cur c = tl_cur_of(b.data, b.len);
    assert_int_equal(tl_event_decode(&c, &first), 0);
    assert_int_equal(read_one(copy, &again, &why), 0);
    first.raw = again.raw;
    same_event(&first, &again);
    assert_non_null(strstr(copy, "\"time\":\"2026-03-01T10:00:00.500-03:30\""));
    free(copy);
    tl_buf_free(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_come_back), cmocka_unit_test(test_damaged_bytes), cmocka_unit_test(test_newer_row),
        cmocka_unit_test(test_json_round_trip),
    };
    return cmocka_run_group_tests_name("event_bytes", tests, set_up, tear_down);
}
