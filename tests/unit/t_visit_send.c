/* t_visit_send.c - what a shopper's page sends, as control records: each is taken by the door's own check, times are set right, and merged they are the visit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "../../aggregator/control.h"
#include "../../viewer/visit_door.h"
#include "../../viewer/visit_in.h"
#include "tl_hash.h"
#include "tl_time.h"

#define NOW INT64_C(1780000000000)
#define ITEMS 120

static struct tl_arena *arena;
static struct tl_scenario_stamp stamps[] = { { .id = TL_STR("enter"), .touchpoint = TL_STR("arrive") }, { .id = TL_STR("leave") } };
static struct tl_scenario_item items[ITEMS];
static char ids[ITEMS][16];
static struct tl_scenario scenario = { .id = TL_STR("s"), .stamp = stamps, .stamp_n = 2, .item = items, .item_n = ITEMS };
static struct visit_guest guest = { .visit = { .id = TL_STR("v\"1"), .state = TL_VISIT_PLANNED, .from_ms = NOW - 9000000, .to_ms = NOW - 1800000 }, .scenario = &scenario };

static int
send(const struct visit_guest *g, const char *text, struct tl_buf *out, struct tl_err *err)
{
    struct tl_jv *root = NULL;
    assert_int_equal(tl_json_tree(arena, tl_str_of(text), 0, &root, NULL, err), 0);
    return visit_send_all(g, root, NOW, out, err);
}

/* every record passes the door, and what they add up to */
static struct tl_visit
merged(const struct tl_buf *records, int *n)
{
    struct tl_visit v;
    struct tl_str body = { NULL, 0 };
    struct tl_err err = {0};
    const char *kind = NULL;
    *n = 0;
    for (size_t at = 0; at < records->len; ++*n) {
        struct tl_str one = tl_str_of((const char *)records->data + at);
        struct tl_buf sum = {0};
        if (control_check(TL_STR("visit"), one, &kind, &err) != 0)
            fail_msg("%s: %s", err.text, one.p);
        assert_int_equal(tl_visit_merge(arena, body, one, &sum), 0);
        body = (struct tl_str){ tl_arena_dup(arena, sum.data, sum.len), sum.len };
        tl_buf_free(&sum);
        at += one.n + 1;
    }
    assert_int_equal(tl_visit_read(arena, body, &v), 0);
    return v;
}

static void
t_clock(void **state)
{
    /* the phone says `now`; its moments move by what it is wrong, from a minute on, and lie never after ours */
    static const struct { int64_t phone_now, enter, leave, from, to; } rows[] = {
        { NOW, NOW - 600000, NOW - 60000, NOW - 600000, NOW - 60000 },
        { NOW - 7200000, NOW - 7800000, NOW - 7200000, NOW - 600000, NOW },
        { NOW + 3600000, NOW + 3000000, NOW + 3600000, NOW - 600000, NOW },
        { NOW - 59000, NOW - 600000, NOW - 60000, NOW - 600000, NOW - 60000 },
        { NOW, NOW + 5000, NOW + 9000, NOW, NOW },
        { -5, NOW - 600000, NOW - 60000, NOW - 600000, NOW - 60000 },
    };
    char text[300];
    int n;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tl_buf out = {0};
        struct tl_err err = {0};
        snprintf(text, sizeof text, "{\"now\":%lld,\"stamps\":[{\"what\":\"leave\",\"time\":%lld},{\"what\":\"enter\",\"time\":%lld}]}", (long long)rows[i].phone_now, (long long)rows[i].leave, (long long)rows[i].enter);
        assert_int_equal(send(&guest, text, &out, &err), 0);
        struct tl_visit v = merged(&out, &n);
        if (v.from_ms != rows[i].from || v.to_ms != rows[i].to || v.state != TL_VISIT_FINISHED)
            fail_msg("%s: %lld to %lld", text, (long long)(v.from_ms - NOW), (long long)(v.to_ms - NOW));
        assert_true(tl_str_is(tl_visit_stamp(&v, TL_STR("enter"))->touchpoint, "arrive"));
        tl_buf_free(&out);
    }
}

static void
t_many(void **state)
{
    struct tl_buf text = {0}, out = {0};
    struct tl_err err = {0};
    int n;
    (void)state;
    tl_buf_put_str(&text, "{\"order\":\"  A-1 \",\"note\":\"n\",\"answers\":[");
    for (int i = 0; i < ITEMS; i++) {       /* the longest notes, of letters that take six bytes in JSON */
        tl_buf_printf(&text, "%s{\"item\":\"i%d\",\"value\":\"%s\",\"note\":\"", i > 0 ? "," : "", i, i % 2 ? "yes" : "no");
        for (int k = 0; k < 400; k++)
            tl_buf_put_str(&text, "\\u0001");
        tl_buf_put_str(&text, "\"}");
    }
    tl_buf_put_str(&text, "]}");
    tl_buf_put_u8(&text, 0);
    assert_int_equal(send(&guest, (const char *)text.data, &out, &err), 0);
    struct tl_visit v = merged(&out, &n);
    assert_true(v.answer_n == ITEMS && n > 1 && v.left_out == 0);
    assert_true(v.order_n == 1 && tl_str_is(v.order[0], "A-1") && tl_str_is(v.note, "n") && tl_str_is(v.id, "v\"1"));
    assert_true(v.answer[0].note.n <= TL_VISIT_NOTE_MAX && v.from_ms == NOW && v.to_ms == NOW);
    tl_buf_free(&text);
    tl_buf_free(&out);
}

static void
t_refused(void **state)
{
    static const struct { const char *text, *told; } rows[] = {
        { "[]", "must be lists" }, { "{\"answers\":{}}", "must be lists" }, { "{\"stamps\":[{\"what\":\"fly\"}]}", "no stamp \"fly\"" }, { "{\"stamps\":[7]}", "no stamp" },
        { "{\"answers\":[{\"item\":\"x\",\"value\":\"yes\"}]}", "does not ask \"x\"" }, { "{\"answers\":[{\"item\":\"i1\",\"value\":\"na\"}]}", "yes or no" }, { "{\"answers\":[{\"item\":\"i0\",\"value\":\"maybe\"}]}", "or na" },
        { "{\"answers\":[{}]}", "does not ask" },
    };
    struct tl_err err = {0};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tl_buf out = {0};
        assert_int_equal(send(&guest, rows[i].text, &out, &err), TL_EINVAL);
        assert_non_null(strstr(err.text, rows[i].told));
        tl_buf_free(&out);
    }
}

static void
t_without_scenario(void **state)
{
    struct visit_guest bare = { .visit = { .id = TL_STR("v"), .state = TL_VISIT_STARTED, .from_ms = NOW - 1000, .to_ms = NOW + 1000 } };
    struct tl_buf out = {0};
    struct tl_err err = {0};
    int n;
    (void)state;
    assert_int_equal(send(&bare, "{\"stamps\":[{\"what\":\"receive\",\"time\":1779999999500}]}", &out, &err), 0);
    struct tl_visit v = merged(&out, &n);
    assert_true(v.stamp_n == 1 && v.from_ms == NOW - 500 && n == 1);
    tl_buf_free(&out);
    assert_int_equal(send(&bare, "{}", &out, &err), 0);
    v = merged(&out, &n);
    assert_true(v.from_ms == NOW - 1000 && v.to_ms == NOW);
    tl_buf_free(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(t_clock), cmocka_unit_test(t_many), cmocka_unit_test(t_refused), cmocka_unit_test(t_without_scenario) };
    arena = tl_arena_new(64u << 20);
    for (int i = 0; i < ITEMS; i++) {
        snprintf(ids[i], sizeof ids[i], "i%d", i);
        items[i] = (struct tl_scenario_item){ .id = tl_str_of(ids[i]), .weight = 1, .na = i % 2 == 0 };
    }
    int rc = arena != NULL && tl_hash_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
    tl_arena_free(&arena);
    return rc;
}
