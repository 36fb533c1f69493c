/* t_event.c - one event: what is taken, what is refused and why, and the rules that hold for every protocol.
 *   t_event --write-schema     writes schemas/event.schema.json anew */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "kit_event.h"
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

static const char *const must_accept[] = {
    "{}",
    "{\"type\":null,\"ids\":null,\"scores\":{},\"promise\":{},\"props\":null}",
    "{\"time\":0}",
    "{\"time\":-62167219200000}",
    "{\"time\":\"9999-12-31T23:59:59.999Z\"}",
    "{\"time\":\"\",\"channel\":\"\",\"id\":\"\"}",
    "{\"seq\":9223372036854775807,\"wait_ms\":0}",
    "{\"channel\":\"mail\",\"stream\":\"test\",\"mode\":\"nonpersonal\",\"outcome\":\"escalated\",\"direction\":\"in\"}",
    "{\"ids\":{\"loyalty card\":\"x\",\"\\u4e2d\":\"y\"}}",
    "{\"scores\":{\"nps\":0,\"csat5\":5,\"csat7\":7.0,\"ces7\":1,\"emotion\":-2,\"servqual.empathy\":7,\"own\":1e9}}",
    "{\"value\":{\"amount_minor\":0,\"currency\":\"EUR\"}}",
    "{\"props\":{\"Type\":1,\"type\":[],\"deep\":[[[[[1]]]]]}}",
    "{\"promise\":{\"what\":\"x\",\"kept\":true,\"more\":1}}",
    "{\"TYPE\":5,\"typ\":5,\"types\":5,\"received\":5,\"initiates\":5}",
    "{\"type\":\"lone \\ud800 surrogate\"}",
};

static const struct {
    const char *text;
    enum tl_reason reason;
    const char *field, *at;     /* at: what stands at the offset */
} must_reject[] = {
    { "", TL_REASON_BAD_JSON, "", "" },
    { "5", TL_REASON_BAD_JSON, "", "" },
    { "[]", TL_REASON_BAD_JSON, "", "[" },
    { "{\"a\":nul}", TL_REASON_BAD_JSON, "", "}" },
    { "{\"a\":1.2.3}", TL_REASON_BAD_JSON, "", ".3" },
    { "{\"a\":1}{\"b\":1}", TL_REASON_BAD_JSON, "", "{\"b\"" },
    { "{\"a\":[1,{\"b\":2}", TL_REASON_BAD_JSON, "", "" },
    { "{\"a\":\"\xff\"}", TL_REASON_BAD_UTF8, "", "\xff" },
    { "{\"a\":1,\"b\":{\"c\":1,\"c\":2}}", TL_REASON_DUPLICATE_MEMBER, "b.c", "\"c\":2" },
    { "{\"type\":\"a\",\"typ\\u0065\":\"b\"}", TL_REASON_DUPLICATE_MEMBER, "type", "\"typ\\" },
    { "{\"props\":{\"a\":[[[[[[[1]]]]]]]}}", TL_REASON_TOO_DEEP, "props.a", "[1]" },
    { "{\"agent\":\"a\\u0000b\"}", TL_REASON_FIELD_RANGE, "agent", "\"a\\u" },
    { "{\"type\":5}", TL_REASON_FIELD_TYPE, "type", "5" },
    { "{\"type\":{}}", TL_REASON_FIELD_TYPE, "type", "{}" },
    { "{\"id\":true}", TL_REASON_FIELD_TYPE, "id", "true" },
    { "{\"channel\":\"fax\"}", TL_REASON_FIELD_RANGE, "channel", "fax" },
    { "{\"channel\":\"ap\"}", TL_REASON_FIELD_RANGE, "channel", "ap" },
    { "{\"channel\":\"app web\"}", TL_REASON_FIELD_RANGE, "channel", "app web" },
    { "{\"stream\":\"mystery\"}", TL_REASON_FIELD_RANGE, "stream", "mystery" },
    { "{\"time\":\"yesterday\"}", TL_REASON_FIELD_RANGE, "time", "\"yest" },
    { "{\"time\":1.5}", TL_REASON_FIELD_TYPE, "time", "1.5" },
    { "{\"time\":true}", TL_REASON_FIELD_TYPE, "time", "true" },
    { "{\"time\":99999999999999999999}", TL_REASON_FIELD_RANGE, "time", "999" },
    { "{\"time\":253402300800000}", TL_REASON_FIELD_RANGE, "time", "2534" },
    { "{\"received_at\":1}", TL_REASON_FIELD_RANGE, "received_at", "1" },
    { "{\"origin\":\"x\"}", TL_REASON_FIELD_RANGE, "origin", "\"x" },
    { "{\"seq\":-1}", TL_REASON_FIELD_RANGE, "seq", "-1" },
    { "{\"seq\":9223372036854775808}", TL_REASON_FIELD_RANGE, "seq", "922" },
    { "{\"seq\":\"1\"}", TL_REASON_FIELD_TYPE, "seq", "\"1" },
    { "{\"wait_ms\":1e3}", TL_REASON_FIELD_TYPE, "wait_ms", "1e3" },
    { "{\"ids\":\"x\"}", TL_REASON_FIELD_TYPE, "ids", "\"x" },
    { "{\"ids\":{\"email\":5}}", TL_REASON_FIELD_TYPE, "ids.email", "5" },
    { "{\"ids\":{\"\":\"x\"}}", TL_REASON_FIELD_RANGE, "ids.", "x" },
    { "{\"scores\":{\"nps\":11}}", TL_REASON_FIELD_RANGE, "scores.nps", NULL },
    { "{\"scores\":{\"nps\":\"9\"}}", TL_REASON_FIELD_TYPE, "scores.nps", "\"9" },
    { "{\"scores\":{\"servqual.x\":0}}", TL_REASON_FIELD_RANGE, "scores.servqual.x", NULL },
    { "{\"scores\":{\"own\":1e400}}", TL_REASON_FIELD_RANGE, "scores.own", NULL },
    { "{\"promise\":{\"due\":\"soon\"}}", TL_REASON_FIELD_RANGE, "promise.due", "\"soon" },
    { "{\"promise\":{\"kept\":1}}", TL_REASON_FIELD_TYPE, "promise.kept", "1" },
    { "{\"promise\":[]}", TL_REASON_FIELD_TYPE, "promise", "[" },
    { "{\"value\":{\"amount_minor\":1}}", TL_REASON_FIELD_RANGE, "value.currency", "{\"am" },
    { "{\"value\":{\"amount_minor\":1.5,\"currency\":\"CNY\"}}", TL_REASON_FIELD_TYPE, "value.amount_minor", "1.5" },
    { "{\"value\":{\"amount_minor\":1,\"currency\":\"yuan\"}}", TL_REASON_FIELD_RANGE, "value.currency", "\"yuan" },
    { "{\"value\":{\"amount_minor\":1,\"currency\":\"cny\"}}", TL_REASON_FIELD_RANGE, "value.currency", NULL },
    { "{\"value\":12}", TL_REASON_FIELD_TYPE, "value", "12" },
    { "{\"props\":[]}", TL_REASON_FIELD_TYPE, "props", "[]" },
    { "{\"consent\":true}", TL_REASON_FIELD_TYPE, "consent", "true" },
};

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
    static const char *const junk[] = { "", " ", "0", "null", "NULL", "Undefined", "anonymous", "[object Object]", "00000000-0000-0000-0000-000000000000", "000" };
    static const char *const sound[] = { "1", "nullify", "10", "a", "anonymous1", "u", "00000000-0000-0000-0000-000000000001", "[x]", "nobody" };
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
        cmocka_unit_test(test_schema_is_current),
    };
    if (argc > 1 && strcmp(argv[1], "--write-schema") == 0)
        return write_schema();
    return cmocka_run_group_tests_name("event", tests, set_up, tear_down);
}
