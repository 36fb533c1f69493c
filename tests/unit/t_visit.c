/* t_visit.c - the record of one mystery visit: how it is read, and how it grows part by part, in any order and doubled, to the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "tl_hash.h"
#include "tl_time.h"
#include "tl_visit.h"

#define HASH "00112233445566778899aabbccddeeff"

static struct tl_arena *arena;

static struct tl_visit
read_body(const char *body)
{
    struct tl_visit v;
    assert_int_equal(tl_visit_read(arena, tl_str_of(body), &v), 0);
    return v;
}

static void
t_read(void **state)
{
    struct tl_visit v = read_body("{\"id\":\"v\",\"state\":\"started\",\"from\":1000,\"to\":\"1970-01-01T00:00:02Z\",\"place\":\"S01\",\"hashes\":[\"" HASH "\",\"junk\"],\"orders\":[\"o1\"],"
                                  "\"stamps\":[{\"what\":\"enter\",\"touchpoint\":\"arrive\",\"time\":1200},{\"what\":\"leave\"}],"
                                  "\"answers\":[{\"item\":\"greet\",\"value\":\"no\",\"time\":1300,\"note\":\"没有\"},{\"item\":\"x\",\"value\":\"perhaps\"}],"
                                  "\"evidence\":[{\"name\":\"1.jpg\",\"hash\":\"ab\",\"bytes\":12,\"type\":\"image/jpeg\",\"item\":\"greet\"}],\"link\":{\"hash\":\"cd\",\"expires\":9000},\"later\":{}}");
    (void)state;
    assert_int_equal(v.state, TL_VISIT_STARTED);
    assert_true(v.from_ms == 1000 && v.to_ms == 2000);
    assert_true(v.hash_n == 1 && v.hash[0][1] == 0x11 && v.order_n == 1 && tl_str_is(v.order[0], "o1"));
    assert_true(v.stamp_n == 1 && tl_visit_stamp(&v, TL_STR("enter"))->ms == 1200 && tl_visit_stamp(&v, TL_STR("leave")) == NULL);
    assert_true(v.answer_n == 1 && tl_visit_answer(&v, TL_STR("greet"))->value == TL_VISIT_NO && tl_visit_answer(&v, TL_STR("x")) == NULL);
    assert_true(v.evidence_n == 1 && v.evidence[0].bytes == 12 && tl_str_is(v.link_hash, "cd") && v.link_expires_ms == 9000);
}

static void
t_states(void **state)
{
    static const struct { const char *body; enum tl_visit_state state; int64_t from, to; } rows[] = {
        { "{\"id\":\"v\",\"from\":5,\"to\":9}", TL_VISIT_FINISHED, 5, 9 },                       /* of the register */
        { "{\"id\":\"v\",\"state\":\"planned\",\"from\":5,\"to\":9}", TL_VISIT_PLANNED, 5, 9 },
        { "{\"id\":\"v\",\"state\":\"dancing\",\"from\":5}", TL_VISIT_FINISHED, 5, 5 },
        { "{\"id\":\"v\",\"state\":\"started\",\"to\":9}", TL_VISIT_STARTED, 9, 9 },
        { "{\"id\":\"v\",\"state\":\"finished\",\"from\":9,\"to\":5}", TL_VISIT_FINISHED, 9, 9 },
        { "{\"id\":\"v\",\"state\":\"started\"}", TL_VISIT_STARTED, TL_TIME_NONE, TL_TIME_NONE },
        { "{\"id\":\"v\",\"state\":\"started\",\"withdrawn\":true}", TL_VISIT_WITHDRAWN, TL_TIME_NONE, TL_TIME_NONE },
        { "{\"id\":\"v\",\"from\":0,\"to\":99999999999999}", TL_VISIT_FINISHED, 0, TL_VISIT_MS_MAX },
        { "{\"id\":\"v\",\"from\":-9223372036854775807,\"to\":9223372036854775807}", TL_VISIT_FINISHED, -(INT64_MAX / 4), -(INT64_MAX / 4) + TL_VISIT_MS_MAX },
    };
    struct tl_visit v;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        v = read_body(rows[i].body);
        if (v.state != rows[i].state || v.from_ms != rows[i].from || v.to_ms != rows[i].to)
            fail_msg("%s: %s %lld %lld", rows[i].body, tl_visit_state_word(v.state), (long long)v.from_ms, (long long)v.to_ms);
    }
    assert_int_equal(tl_visit_read(arena, TL_STR("{\"from\":1}"), &v), TL_EINVAL);
    assert_int_equal(tl_visit_read(arena, TL_STR("[]"), &v), TL_EINVAL);
    assert_int_equal(tl_visit_read(arena, (struct tl_str){ NULL, 0 }, &v), TL_EINVAL);
}

static void
t_at_once(void **state)
{
    struct tl_visit a = read_body("{\"id\":\"a\",\"hashes\":[\"" HASH "\"],\"from\":100,\"to\":200}"), b = read_body("{\"id\":\"b\",\"hashes\":[\"" HASH "\"],\"from\":200,\"to\":300}"),
                    c = read_body("{\"id\":\"c\",\"hashes\":[\"" HASH "\"],\"from\":201,\"to\":300}"), d = read_body("{\"id\":\"d\",\"orders\":[\"o\"],\"from\":100,\"to\":200}"),
                    e = read_body("{\"id\":\"e\",\"hashes\":[\"" HASH "\"],\"from\":100,\"to\":200,\"withdrawn\":true}");
    (void)state;
    assert_true(tl_visit_at_once(&a, &b) && tl_visit_at_once(&b, &a));
    assert_false(tl_visit_at_once(&a, &c));
    assert_false(tl_visit_at_once(&a, &d));
    assert_false(tl_visit_at_once(&a, &e));
}

/* ---- growing ---- */

static char *
merged(const char *before, const char *added)
{
    struct tl_buf out = {0};
    assert_int_equal(tl_visit_merge(arena, tl_str_of(before), tl_str_of(added), &out), 0);
    char *text = tl_arena_dup(arena, out.data, out.len);
    tl_buf_free(&out);
    return text;
}

static void
t_merge(void **state)
{
    static const struct { const char *before, *added, *after; } rows[] = {
        { NULL, "{\"id\":\"v\",\"merge\":true,\"state\":\"started\"}", "{\"id\":\"v\",\"state\":\"started\"}" },
        { "{\"id\":\"v\",\"state\":\"planned\",\"from\":1}", "{\"id\":\"v\",\"merge\":true,\"from\":2,\"to\":3,\"state\":\"started\"}", "{\"id\":\"v\",\"state\":\"started\",\"from\":2,\"to\":3}" },
        { "{\"id\":\"v\",\"state\":\"finished\"}", "{\"id\":\"v\",\"state\":\"started\"}", "{\"id\":\"v\",\"state\":\"finished\"}" },
        { "{\"id\":\"v\",\"orders\":[\"a\",\"b\"]}", "{\"id\":\"v\",\"orders\":[\"b\",\"c\",\"c\"]}", "{\"id\":\"v\",\"orders\":[\"a\",\"b\",\"c\"]}" },
        { "{\"id\":\"v\",\"hashes\":[\"a\"]}", "{\"id\":\"v\",\"hashes\":[\"b\"]}", "{\"id\":\"v\",\"hashes\":[\"a\",\"b\"]}" },
        { "{\"id\":\"v\",\"answers\":[{\"item\":\"x\",\"value\":\"no\"},{\"item\":\"y\",\"value\":\"no\"}]}", "{\"id\":\"v\",\"answers\":[{\"item\":\"z\",\"value\":\"na\"},{\"item\":\"x\",\"value\":\"yes\"}]}",
          "{\"id\":\"v\",\"answers\":[{\"item\":\"x\",\"value\":\"yes\"},{\"item\":\"y\",\"value\":\"no\"},{\"item\":\"z\",\"value\":\"na\"}]}" },
        { "{\"id\":\"v\",\"stamps\":[{\"what\":\"a\",\"touchpoint\":\"p\",\"time\":1}]}", "{\"id\":\"v\",\"stamps\":[{\"what\":\"a\",\"touchpoint\":\"q\",\"time\":2},{\"what\":\"a\",\"touchpoint\":\"p\",\"time\":3}]}",
          "{\"id\":\"v\",\"stamps\":[{\"what\":\"a\",\"touchpoint\":\"p\",\"time\":3},{\"what\":\"a\",\"touchpoint\":\"q\",\"time\":2}]}" },
        { "{\"id\":\"v\",\"withdrawn\":true}", "{\"id\":\"v\",\"note\":\"late\"}", "{\"id\":\"v\",\"withdrawn\":true,\"note\":\"late\"}" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *once = merged(rows[i].before, rows[i].added);
        assert_string_equal(once, rows[i].after);
        assert_string_equal(merged(once, rows[i].added), once);      /* sent twice */
    }
    struct tl_buf out = {0};
    assert_int_equal(tl_visit_merge(arena, TL_STR("{\"id\":\"v\"}"), TL_STR("[]"), &out), TL_EINVAL);
    tl_buf_free(&out);
}

static void
t_renew(void **state)
{
    static const struct { const char *before, *renewed, *after; } rows[] = {
        { NULL, "{\"id\":\"v\",\"from\":1}", "{\"id\":\"v\",\"from\":1}" },
        { "{\"id\":\"v\",\"from\":1,\"note\":\"n\",\"hashes\":[\"a\"],\"answers\":[{\"item\":\"x\"}],\"evidence\":[1],\"link\":{\"hash\":\"h\"}}", "{\"id\":\"v\",\"from\":2,\"answers\":[]}",
          "{\"id\":\"v\",\"from\":2,\"answers\":[],\"evidence\":[1],\"link\":{\"hash\":\"h\"}}" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tl_buf out = {0};
        assert_int_equal(tl_visit_renew(arena, tl_str_of(rows[i].before), tl_str_of(rows[i].renewed), &out), 0);
        assert_true(tl_str_is((struct tl_str){ (char *)out.data, out.len }, rows[i].after));
        tl_buf_free(&out);
    }
}

/* parts of different items in any order come to the same answers, and those beyond the most are told */
static void
t_merge_many(void **state)
{
    char text[2][120];
    char *forth = "{\"id\":\"v\"}", *back = "{\"id\":\"v\"}";
    const int many = TL_VISIT_ANSWERS_MAX + 3;

    (void)state;
    for (int i = 0; i < 40; i++) {
        snprintf(text[0], sizeof text[0], "{\"id\":\"v\",\"merge\":true,\"answers\":[{\"item\":\"i%d\",\"value\":\"yes\"}]}", i);
        snprintf(text[1], sizeof text[1], "{\"id\":\"v\",\"merge\":true,\"answers\":[{\"item\":\"i%d\",\"value\":\"yes\"}]}", 39 - i);
        forth = merged(merged(forth, text[0]), text[0]);
        back = merged(back, text[1]);
    }
    struct tl_visit a = read_body(forth), b = read_body(back);
    assert_int_equal(a.answer_n, 40);
    for (uint32_t i = 0; i < a.answer_n; i++)
        assert_non_null(tl_visit_answer(&b, a.answer[i].item));

    struct tl_buf all = {0};
    tl_buf_put_str(&all, "{\"id\":\"v\",\"answers\":[");
    for (int i = 0; i < many; i++)
        tl_buf_printf(&all, "%s{\"item\":\"i%d\",\"value\":\"yes\"}", i > 0 ? "," : "", i);
    tl_buf_put_str(&all, "]}");
    tl_buf_put_u8(&all, 0);
    char *full = merged("{\"id\":\"v\"}", (char *)all.data);
    a = read_body(full);
    assert_true(a.answer_n == TL_VISIT_ANSWERS_MAX && a.left_out == 3);
    a = read_body(merged(full, (char *)all.data));
    assert_true(a.answer_n == TL_VISIT_ANSWERS_MAX && a.left_out == 3);
    tl_buf_free(&all);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(t_read), cmocka_unit_test(t_states), cmocka_unit_test(t_at_once), cmocka_unit_test(t_merge), cmocka_unit_test(t_renew), cmocka_unit_test(t_merge_many) };
    arena = tl_arena_new(64u << 20);
    int rc = arena != NULL && tl_hash_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
    tl_arena_free(&arena);
    return rc;
}
