/* t_event.c - one event: what is taken, what is refused and why, and the rules that hold for every protocol.
 *   t_event --write-schema     writes schemas/event.schema.json anew */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "cases_event.h"
#include "kit_event.h"
#include "kit_schema.h"
#include "tl_time.h"

#define SCHEMA "schemas/event.schema.json"
#define NOW INT64_C(1772330400000)

/* ---- one event ---- */

static void
test_example(void **state)
{
    struct tl_event ev;
    struct tl_refusal why;
    (void)state;
    assert_int_equal(read_one("{\"id\":\"a-1\",\"type\":\"order.placed\",\"channel\":\"app\",\"time\":\"2026-03-01T10:00:00.5+08:00\",\"sent_at\":1772330400123,\"seq\":7,"
                              "\"ids\":{\"member\":\"M1\",\"em\\u0061il\":\"\\u00e9@x\",\"phone\":null},\"scores\":{\"nps\":9,\"emotion\":-1.5},"
                              "\"promise\":{\"what\":\"call back\",\"due\":\"2026-03-02\"},\"value\":{\"amount_minor\":-1290,\"currency\":\"CNY\"},\"agent\":null,\"tier\":\"\","
                              "\"text\":\"a\\nb\",\"consent\":{\"ads\":false},\"props\":{\"x\":[1,1e400]},\"unknown\":{\"y\":1}}",
                         &ev, &why), 0);
    assert_true(ev.has == (TL_HAS(id) | TL_HAS(type) | TL_HAS(channel) | TL_HAS(time) | TL_HAS(sent_at) | TL_HAS(seq) | TL_HAS(ids) | TL_HAS(scores) | TL_HAS(promise)
                           | TL_HAS(value) | TL_HAS(text) | TL_HAS(consent) | TL_HAS(props)));
    assert_true(tl_str_is(ev.id_, "a-1") && tl_str_is(ev.type_, "order.placed") && tl_str_is(ev.channel_, "app"));
    assert_true(ev.time_ == INT64_C(1772330400500) && ev.time_offset_min == 480 && ev.sent_at_ == INT64_C(1772330400123) && ev.seq_ == 7);
    assert_int_equal(ev.ids_n, 2);
    assert_true(tl_str_is(ev.ids_[0].kind, "member") && tl_str_is(ev.ids_[0].value, "M1"));
    assert_true(tl_str_is(ev.ids_[1].kind, "email") && tl_str_is(ev.ids_[1].value, "\xc3\xa9@x"));
    assert_true(ev.scores_n == 2 && ev.scores_[0].value == 9 && ev.scores_[1].value == -1.5 && tl_str_is(ev.scores_[1].kind, "emotion"));
    assert_true(tl_str_is(ev.promise_.what, "call back") && ev.promise_.due_ms == INT64_C(1772409600000) && ev.promise_.kept == -1);
    assert_true(ev.value_.amount_minor == -1290);
    assert_string_equal(ev.value_.currency, "CNY");
    assert_true(tl_str_is(ev.text_, "a\nb") && tl_str_is(ev.consent_, "{\"ads\":false}") && tl_str_is(ev.props_, "{\"x\":[1,1e400]}"));
    assert_true(ev.received_at_ == TL_TIME_NONE && !ev.agent_.p && !ev.tier_.p);
    assert_int_equal(tl_event_check(&ev, NOW, &why), 0);
}

static void
test_tables(void **state)
{
    struct tl_event ev;
    struct tl_refusal why;
    (void)state;
    for (size_t i = 0; i < sizeof must_accept / sizeof *must_accept; i++)
        if (read_one(must_accept[i], &ev, &why) != 0)
            fail_msg("%s refused: %s %s", must_accept[i], tl_reason_word(why.reason), why.field);
    for (size_t i = 0; i < sizeof must_reject / sizeof *must_reject; i++) {
        int rc = read_one(must_reject[i].text, &ev, &why);
        if (rc != TL_EINVAL || why.reason != must_reject[i].reason || strcmp(why.field, must_reject[i].field) != 0)
            fail_msg("%s: %d %s %s", must_reject[i].text, rc, tl_reason_word(why.reason), why.field);
        if (must_reject[i].at && strncmp(must_reject[i].text + why.offset, must_reject[i].at, strlen(must_reject[i].at)) != 0)
            fail_msg("%s: offset %zu", must_reject[i].text, why.offset);
    }
}

/* Each text field takes its maximum and not a byte more; escapes count as what they mean. */
static void
test_lengths(void **state)
{
    static const struct {
        const char *name;
        size_t max;
    } row[] = { { "id", 100 }, { "type", 120 }, { "session", 100 }, { "lifecycle", 40 }, { "text", 4096 } };
    struct tl_event ev;
    struct tl_refusal why;
    char t[8192];
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        for (size_t over = 0; over < 2; over++) {
            int n = snprintf(t, sizeof t, "{\"%s\":\"\\u0041%0*d\"}", row[i].name, (int)(row[i].max - 1 + over), 0);
            assert_true(n > 0);
            assert_int_equal(read_one(t, &ev, &why), over ? TL_EINVAL : 0);
            if (over) {
                assert_int_equal(why.reason, TL_REASON_FIELD_RANGE);
                assert_string_equal(why.field, row[i].name);
            }
        }
    for (size_t over = 0; over < 2; over++) {
        snprintf(t, sizeof t, "{\"ids\":{\"member\":\"%0*d\"}}", (int)(256 + over), 0);
        assert_int_equal(read_one(t, &ev, &why), over ? TL_EINVAL : 0);
        snprintf(t, sizeof t, "{\"consent\":{\"x\":\"%0*d\"}}", (int)(2048 - 8 + over), 0);
        assert_int_equal(read_one(t, &ev, &why), over ? TL_EINVAL : 0);
    }
}

static void
test_too_many_ids(void **state)
{
    struct tl_event ev;
    struct tl_refusal why;
    (void)state;
    for (size_t n = 16; n <= 17; n++) {
        char t[1024] = "{\"ids\":{";
        for (size_t i = 0; i < n; i++)
            snprintf(t + strlen(t), sizeof t - strlen(t), "%s\"k%zu\":\"v\"", i ? "," : "", i);
        strcat(t, "}}");
        assert_int_equal(read_one(t, &ev, &why), n > 16 ? TL_EINVAL : 0);
        if (n > 16)
            assert_string_equal(why.field, "ids");
    }
}

static void
test_refused_with_its_id(void **state)
{
    static const char *const with_id[] = {
        "{\"id\":\"me-1\",\"seq\":-1}", "{\"seq\":-1,\"id\":\"me-1\"}", "{\"id\":\"me-1\",\"a\":nul}", "{\"id\":\"\\u006de-1\",\"a\":1,\"a\":2}", "{\"id\":\"me-1\",\"a\":[[[[[[[[1]]]]]]]]}",
    };
    struct tl_event ev;
    struct tl_refusal why;
    (void)state;
    for (size_t i = 0; i < sizeof with_id / sizeof *with_id; i++) {
        assert_int_equal(read_one(with_id[i], &ev, &why), TL_EINVAL);
        assert_string_equal(why.id, "me-1");
    }
    assert_int_equal(read_one("{\"props\":{\"id\":\"not-me\"},\"seq\":-1}", &ev, &why), TL_EINVAL);
    assert_string_equal(why.id, "");
}

/* ---- rules ---- */

static void
test_check(void **state)
{
    static const struct {
        const char *text;
        enum tl_reason reason;
        const char *field;
    } row[] = {
        { "{\"type\":\"a\",\"ids\":{\"member\":\"1\"}}", TL_REASON_NONE, "" },
        { "{\"touchpoint\":\"a\",\"ids\":{\"x\":\"1\"}}", TL_REASON_NONE, "" },
        { "{\"ids\":{\"member\":\"1\"}}", TL_REASON_TYPE_MISSING, "type" },
        { "{\"type\":\"\",\"ids\":{\"member\":\"1\"}}", TL_REASON_TYPE_MISSING, "type" },
        { "{\"type\":\"a\"}", TL_REASON_IDENTITY_MISSING, "ids" },
        { "{\"type\":\"heartbeat\"}", TL_REASON_NONE, "" },
        { "{\"type\":\"heartbeat\",\"ids\":{\"device\":\"0\"}}", TL_REASON_IDENTITY_MISSING, "ids" },
        { "{\"type\":\"heartbeat\",\"time\":1772416800001}", TL_REASON_TIME_RANGE, "time" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"\",\"user\":\"null\",\"device\":\"00000000-0000-0000-0000-000000000000\"}}", TL_REASON_IDENTITY_MISSING, "ids" },
        { "{\"type\":\"a\",\"ids\":{\"member\":\"undefined\",\"user\":\"u\"}}", TL_REASON_NONE, "" },
        { "{\"type\":\"a\",\"ids\":{\"user\":\"u\"},\"time\":1772416800000}", TL_REASON_NONE, "" },
        { "{\"type\":\"a\",\"ids\":{\"user\":\"u\"},\"time\":1772416800001}", TL_REASON_TIME_RANGE, "time" },
        { "{\"type\":\"a\",\"ids\":{\"user\":\"u\"},\"time\":\"0000-01-01\"}", TL_REASON_NONE, "" },
    };
    struct tl_event ev;
    struct tl_refusal why;
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        assert_int_equal(read_one(row[i].text, &ev, &why), 0);
        memset(&why, 0, sizeof why);
        int rc = tl_event_check(&ev, NOW, &why);
        if (why.reason != row[i].reason || strcmp(why.field, row[i].field) != 0 || (rc != 0) != (row[i].reason != 0))
            fail_msg("%s: %s %s", row[i].text, tl_reason_word(why.reason), why.field);
    }
    assert_int_equal(read_one("{\"id\":\"x\",\"type\":\"a\",\"ids\":{\"a\":\"0\",\"b\":\"keep\",\"c\":\"NULL\",\"d\":\"too\"}}", &ev, &why), 0);
    assert_int_equal(tl_event_check(&ev, NOW, &why), 0);
    assert_true(ev.ids_n == 2 && tl_str_is(ev.ids_[0].value, "keep") && tl_str_is(ev.ids_[1].value, "too"));
}

/* An event built by hand, as other protocols do, meets the same limits. */
static void
test_check_by_hand(void **state)
{
    struct tl_event ev;
    struct tl_refusal why;
    (void)state;
    tl_event_init(&ev);
    ev.id_ = TL_STR("me");
    ev.type_ = TL_STR("page");
    ev.ids_[0] = (struct tl_id){ TL_STR("user"), TL_STR("u1") };
    ev.ids_n = 1;
    ev.has = TL_HAS(id) | TL_HAS(type) | TL_HAS(ids);
    assert_int_equal(tl_event_check(&ev, NOW, &why), 0);
    ev.channel_ = TL_STR("fax");
    ev.has |= TL_HAS(channel);
    assert_int_equal(tl_event_check(&ev, NOW, &why), TL_EINVAL);
    assert_int_equal(why.reason, TL_REASON_FIELD_RANGE);
    assert_string_equal(why.field, "channel");
    assert_string_equal(why.id, "me");
}

static void
test_junk(void **state)
{
    static const char *const junk[] = { "", " ", "0", "null", "NULL", "Undefined", "anonymous", "[object Object]", "00000000-0000-0000-0000-000000000000", "000", "None", "N/A", "unknown", "FALSE", "(null)", "\u65e0", "未知", "匿名",
                                        "9774D56D682E549C", "FFFFFFFF-ffff-ffff-ffff-ffffffffffff" };
    static const char *const sound[] = { "1", "nullify", "10", "a", "anonymous1", "u", "00000000-0000-0000-0000-000000000001", "[x]", "nobody", "unknown1", "n/ab", "未知数", "ffffffff-ffff-ffff-ffff-fffffffffffe" };
    (void)state;
    for (size_t i = 0; i < sizeof junk / sizeof *junk; i++)
        assert_true(tl_event_junk_id(tl_str_of(junk[i])));
    for (size_t i = 0; i < sizeof sound / sizeof *sound; i++)
        assert_false(tl_event_junk_id(tl_str_of(sound[i])));
}

/* ---- the published schema ---- */

static void
test_schema_is_current(void **state)
{
    struct tl_buf b = { 0 };
    struct tl_jv *root;
    (void)state;
    tl_event_json_schema(&b);
    assert_false(b.failed);
    assert_int_equal(tl_json_tree(fx.arena, (struct tl_str){ (char *)b.data, b.len }, 0, &root, NULL, NULL), 0);
    assert_int_equal(tl_jv_get(root, "properties")->children_n, TL_EVENT_FIELDS);
    FILE *f = fopen(SCHEMA, "rb");
    assert_non_null(f);
    char *kept = malloc(b.len + 2);
    size_t n = fread(kept, 1, b.len + 1, f);
    fclose(f);
    if (n != b.len || memcmp(kept, b.data, n) != 0)
        fail_msg("%s is not what schemas/event.def says: run t_event --write-schema", SCHEMA);
    free(kept);
    tl_buf_free(&b);
}

/* The case as an event that has what is required, so that only the field in question decides. */
static bool
schema_takes_case(const struct tl_jv *schema, const char *text)
{
    char whole[1024];
    struct tl_jv *v;
    snprintf(whole, sizeof whole, "{%s%s%s", strstr(text, "\"type\":") == text + 1 ? "" : "\"type\":\"t\",", strstr(text, "\"ids\":") ? "" : text[1] == '}' ? "\"ids\":{}" : "\"ids\":{},", text + 1);
    if (tl_json_tree(fx.arena, tl_str_of(whole), 0, &v, NULL, NULL) != 0)
        fail_msg("%s", whole);
    return schema_takes(schema, v);
}

/* Reader and schema agree, where a schema can see. */
static void
test_schema_agrees(void **state)
{
    struct tl_buf b = { 0 };
    struct tl_jv *schema;
    (void)state;
    tl_event_json_schema(&b);
    tl_arena_reset(fx.arena);
    assert_int_equal(tl_json_tree(fx.arena, (struct tl_str){ (char *)b.data, b.len }, 0, &schema, NULL, NULL), 0);
    for (size_t i = 0; i < sizeof must_accept / sizeof *must_accept; i++)
        if (!schema_takes_case(schema, must_accept[i]))
            fail_msg("the schema refuses %s", must_accept[i]);
    for (size_t i = 0; i < sizeof must_reject / sizeof *must_reject; i++)
        if (!must_reject[i].schema_is_blind && schema_takes_case(schema, must_reject[i].text))
            fail_msg("the schema takes %s", must_reject[i].text);
    struct tl_jv *v;
    tl_json_tree(fx.arena, TL_STR("{\"ids\":{}}"), 0, &v, NULL, NULL);
    assert_false(schema_takes(schema, v));
    tl_json_tree(fx.arena, TL_STR("{\"type\":\"a\"}"), 0, &v, NULL, NULL);
    assert_false(schema_takes(schema, v));
    tl_buf_free(&b);
}

/* Out of memory at any call: said so, nothing left behind, and the next time it works. */
static void
test_without_memory(void **state)
{
    (void)state;
    for (uint64_t k = 1; k < 12; k++) {
        tl_alloc_fail_at(k, true);
        struct tl_event_reader *r = tl_event_reader_new();
        struct tl_event ev;
        struct tl_refusal why;
        int rc = TL_ENOMEM;
        if (r)
            rc = tl_event_read(r, fx.arena, put_body(must_accept[0], strlen(must_accept[0])), &ev, &why);
        tl_alloc_fail_at(0, false);
        assert_true(rc == TL_ENOMEM || (rc == 0 && k > 3));
        if (r)
            assert_int_equal(tl_event_read(r, fx.arena, put_body(must_accept[0], strlen(must_accept[0])), &ev, &why), 0);
        tl_event_reader_free(&r);
    }
}

static int
write_schema(void)
{
    struct tl_buf b = { 0 };
    FILE *f = fopen(SCHEMA, "wb");
    tl_event_json_schema(&b);
    return f && fwrite(b.data, 1, b.len, f) == b.len && fclose(f) == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example), cmocka_unit_test(test_tables), cmocka_unit_test(test_lengths), cmocka_unit_test(test_too_many_ids),
        cmocka_unit_test(test_refused_with_its_id), cmocka_unit_test(test_check), cmocka_unit_test(test_check_by_hand), cmocka_unit_test(test_junk),
        cmocka_unit_test(test_schema_is_current), cmocka_unit_test(test_schema_agrees),
        cmocka_unit_test(test_without_memory),
    };
    if (argc > 1 && strcmp(argv[1], "--write-schema") == 0)
        return write_schema();
    return cmocka_run_group_tests_name("event", tests, set_up, tear_down);
}
