/* t_event_edges.c - events at the edges of what is taken: members that say nothing, one part too many, numbers that are none, and no room for a name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <cmocka.h>

#include "tl_event.h"
#include "tl_hash.h"
#include "tl_time.h"

#define NOW INT64_C(1800000000000)

static struct tl_event_reader *reader;
static struct tl_arena *arena;

static int
read_in(struct tl_arena *a, const char *json, struct tl_event *ev, struct tl_refusal *why)
{
    static char text[1 << 15];
    size_t n = strlen(json);

    memset(text, 0, sizeof text);
    memcpy(text, json, n);
    memset(why, 0, sizeof *why);
    return tl_event_read(reader, a, (struct tl_str){ text, n }, ev, why);
}

static void
read_and_checked(void **state)
{
    /* reason NONE: taken */
    static const struct { const char *json; enum tl_reason reason; const char *field; } rows[] = {
        { "{\"type\":\"a\",\"ids\":{\"member\":null,\"phone\":\"1\"}}", TL_REASON_NONE, "" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"scores\":{\"nps\":null}}", TL_REASON_NONE, "" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"promise\":{\"what\":null,\"kept\":null,\"due\":null,\"more\":1}}", TL_REASON_NONE, "" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"promise\":{\"what\":\"w\",\"kept\":false,\"due\":\"2026-01-01T00:00:00Z\"}}", TL_REASON_NONE, "" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"scores\":{\"own\":12345678901234567890}}", TL_REASON_NONE, "" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"scores\":{\"n\\u0070s\":7}}", TL_REASON_NONE, "" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"scores\":{\"own\":\"7\"}}", TL_REASON_FIELD_TYPE, "scores.own" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"scores\":{\"own\":1e999}}", TL_REASON_FIELD_RANGE, "scores.own" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"scores\":{\"\":1}}", TL_REASON_FIELD_RANGE, "scores." },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"scores\":{\"csat5\":6}}", TL_REASON_FIELD_RANGE, "scores.csat5" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"scores\":{\"servqual.\":0}}", TL_REASON_FIELD_RANGE, "scores.servqual." },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"scores\":{\"servqual!\":0}}", TL_REASON_NONE, "" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"promise\":{\"what\":7}}", TL_REASON_FIELD_TYPE, "promise.what" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"promise\":{\"due\":true}}", TL_REASON_FIELD_TYPE, "promise.due" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"promise\":{\"due\":1E5}}", TL_REASON_FIELD_TYPE, "promise.due" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"promise\":{\"due\":9223372036854775806}}", TL_REASON_FIELD_RANGE, "promise.due" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"promise\":{\"kept\":\"yes\"}}", TL_REASON_FIELD_TYPE, "promise.kept" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"value\":{\"amount_minor\":\"5\",\"currency\":\"EUR\"}}", TL_REASON_FIELD_TYPE, "value.amount_minor" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"value\":{\"amount_minor\":5.5,\"currency\":\"EUR\"}}", TL_REASON_FIELD_TYPE, "value.amount_minor" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"value\":{\"amount_minor\":5,\"currency\":7}}", TL_REASON_FIELD_TYPE, "value.currency" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"value\":{\"amount_minor\":5,\"currency\":\"EURO\"}}", TL_REASON_FIELD_RANGE, "value.currency" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"value\":{\"amount_minor\":5,\"currency\":\"\\n\\n\"}}", TL_REASON_FIELD_RANGE, "value.currency" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"value\":{\"amount_minor\":5,\"currency\":\"eUR\"}}", TL_REASON_FIELD_RANGE, "value.currency" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"value\":{\"amount_minor\":5,\"currency\":\"E~R\"}}", TL_REASON_FIELD_RANGE, "value.currency" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"value\":{\"currency\":\"EUR\",\"more\":1}}", TL_REASON_FIELD_RANGE, "value.amount_minor" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"value\":{\"amount_minor\":5}}", TL_REASON_FIELD_RANGE, "value.currency" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"wait_ms\":1E2}", TL_REASON_FIELD_TYPE, "wait_ms" },
        { "{\"type\":\"a\",\"ids\":{\"\":\"m\"}}", TL_REASON_FIELD_RANGE, "ids." },
        { "{\"touchpoint\":\"t\",\"ids\":{\"member\":\"m\"}}", TL_REASON_NONE, "" },
        { "{\"ids\":{\"member\":\"m\"}}", TL_REASON_TYPE_MISSING, "type" },
        { "{\"type\":\"heartbeat\"}", TL_REASON_NONE, "" },
        { "{\"type\":\"heartbeats\"}", TL_REASON_IDENTITY_MISSING, "ids" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"null\",\"phone\":\"0-0 0\"}}", TL_REASON_IDENTITY_MISSING, "ids" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tl_event ev;
        struct tl_refusal why;
        tl_arena_reset(arena);
        int rc = read_in(arena, rows[i].json, &ev, &why);
        if (rc == 0)
            rc = tl_event_check(&ev, NOW, &why);
        if ((rc != 0) != (rows[i].reason != TL_REASON_NONE) || (rc != 0 && (why.reason != rows[i].reason || strcmp(why.field, rows[i].field) != 0)))
            fail_msg("%s: %d %s %s", rows[i].json, rc, tl_reason_word(why.reason), why.field);
    }
}

static void
one_part_too_many(void **state)
{
    static const struct { const char *name, *value; int most; } lists[] = { { "scores", "1", TL_EVENT_SCORES_MAX }, { "ids", "\"x1\"", TL_EVENT_IDS_MAX } };
    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        for (int n = lists[i].most; n <= lists[i].most + 1; n++) {
            struct tl_buf b = {0};
            struct tl_event ev;
            struct tl_refusal why;
            tl_buf_printf(&b, "{\"type\":\"a\",\"%s\":{", lists[i].name);
            for (int k = 0; k < n; k++)
                tl_buf_printf(&b, "%s\"k%d\":%s", k ? "," : "", k, lists[i].value);
            tl_buf_put_str(&b, "}}");
            tl_buf_put_u8(&b, 0);
            int rc = read_in(arena, (char *)b.data, &ev, &why);
            assert_int_equal(rc, n == lists[i].most ? 0 : TL_EINVAL);
            if (rc != 0) {
                assert_int_equal(why.reason, TL_REASON_FIELD_RANGE);
                assert_string_equal(why.field, lists[i].name);
            }
            tl_buf_free(&b);
        }
}

/* events that no text was read for: importers and SDKs make them */
static void
made_by_hand(void **state)
{
    static char longer[1 << 14];
    struct tl_event ev = { .has = TL_HAS(type) | TL_HAS(ids), .type_ = TL_STR("a"), .ids_n = 1 }, e;
    struct tl_refusal why;

    (void)state;
    memset(longer, 'x', sizeof longer);
    ev.ids_[0] = (struct tl_id){ TL_STR("member"), TL_STR("m") };
    e = ev;
    assert_int_equal(tl_event_check(&e, NOW, &why), 0);
    e = ev;
    e.ids_n = TL_EVENT_IDS_MAX + 1;
    assert_int_equal(tl_event_check(&e, NOW, &why), TL_EINVAL);
    assert_string_equal(why.field, "ids");
    e = ev;
    e.ids_[0].value = (struct tl_str){ longer, sizeof longer };
    assert_int_equal(tl_event_check(&e, NOW, &why), TL_EINVAL);
    e = ev;
    e.ids_[0].kind = (struct tl_str){ longer, sizeof longer };
    assert_int_equal(tl_event_check(&e, NOW, &why), TL_EINVAL);
    assert_int_equal(strncmp(why.field, "ids.xxx", 7), 0);      /* cut to its room */
    e = ev;
    e.has |= TL_HAS(scores);
    e.scores_n = TL_EVENT_SCORES_MAX + 1;
    assert_int_equal(tl_event_check(&e, NOW, &why), TL_EINVAL);
    assert_string_equal(why.field, "scores");
    const double values[] = { NAN, INFINITY, -INFINITY, -1, 11 };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        e = ev;
        e.has |= TL_HAS(scores);
        e.scores_n = 1;
        e.scores_[0] = (struct tl_score){ TL_STR("nps"), values[i] };
        assert_int_equal(tl_event_check(&e, NOW, &why), TL_EINVAL);
        assert_string_equal(why.field, "scores.nps");
    }
    e.scores_[0] = (struct tl_score){ { longer, sizeof longer }, 1 };
    assert_int_equal(tl_event_check(&e, NOW, &why), TL_EINVAL);
    e = ev;
    e.has |= TL_HAS(promise);
    e.promise_ = (struct tl_promise){ .what = { longer, sizeof longer }, .due_ms = TL_TIME_NONE };
    assert_int_equal(tl_event_check(&e, NOW, &why), TL_EINVAL);
    assert_string_equal(why.field, "promise.what");
    e.promise_ = (struct tl_promise){ .what = TL_STR("w"), .due_ms = INT64_MAX };
    assert_int_equal(tl_event_check(&e, NOW, &why), TL_EINVAL);
    assert_string_equal(why.field, "promise.due");
    e = ev;
    e.has |= TL_HAS(wait_ms);
    e.wait_ms_ = UINT64_MAX;
    assert_int_equal(tl_event_check(&e, NOW, &why), TL_EINVAL);
    assert_string_equal(why.field, "wait_ms");
    const int64_t times[] = { INT64_MIN + 1, INT64_MAX, NOW + INT64_C(400) * 86400000 };
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        e = ev;
        e.has |= TL_HAS(time);
        e.time_ = times[i];
        assert_int_equal(tl_event_check(&e, NOW, &why), TL_EINVAL);
        assert_string_equal(why.field, "time");
    }
    e = ev;
    e.type_ = (struct tl_str){ "", 0 };
    e.has |= TL_HAS(touchpoint);
    e.touchpoint_ = (struct tl_str){ "", 0 };
    assert_int_equal(tl_event_check(&e, NOW, &why), TL_EINVAL);
    assert_int_equal(why.reason, TL_REASON_TYPE_MISSING);
}

/* texts and names with escapes are copied: said when there is no room for them */
static void
no_room_for_a_copy(void **state)
{
    static const char *const bodies[] = {
        "{\"type\":\"\\u0061\",\"ids\":{\"member\":\"m\"}}", "{\"type\":\"a\",\"ids\":{\"m\\u0065mber\":\"m\"}}", "{\"type\":\"a\",\"ids\":{\"member\":\"\\u006d\"}}",
        "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"scores\":{\"n\\u0070s\":1}}", "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"promise\":{\"what\":\"\\u0077\"}}",
        "{\"type\":\"a\",\"ids\":{\"member\":\"m\"},\"time\":\"2026-01-01T00:00:00\\u005a\"}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct tl_arena *none = tl_arena_new(0);
        struct tl_event ev;
        struct tl_refusal why;
        assert_int_equal(read_in(none, bodies[i], &ev, &why), TL_ENOMEM);
        assert_int_equal(read_in(arena, bodies[i], &ev, &why), 0);
        assert_int_equal(tl_event_check(&ev, NOW, &why), 0);
        tl_arena_free(&none);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_and_checked), cmocka_unit_test(one_part_too_many), cmocka_unit_test(made_by_hand), cmocka_unit_test(no_room_for_a_copy),
    };
    reader = tl_event_reader_new();
    arena = tl_arena_new(1 << 20);
    int rc = tl_hash_init() == 0 ? cmocka_run_group_tests_name("event_edges", tests, NULL, NULL) : 1;
    tl_event_reader_free(&reader);
    tl_arena_free(&arena);
    return rc;
}
