/* t_event.c - events in and out: what is taken, what is refused and why, that no neighbour is ever lost, and that bytes come back as they went.
 *   t_event --write-schema     writes schemas/event.schema.json anew */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "oracle_json.h"
#include "tl_event.h"
#include "tl_time.h"

#define SCHEMA "schemas/event.schema.json"
#define NOW INT64_C(1772330400000)

struct fixture {
    struct tl_event_reader *reader;
    struct tl_arena *arena;
    char *body;                 /* TL_EVENT_BODY_BYTES_MAX, then padding */
};
static struct fixture fx;

static int
set_up(void **state)
{
    (void)state;
    fx.reader = tl_event_reader_new();
    fx.arena = tl_arena_new(4 << 20);
    fx.body = malloc(TL_EVENT_BODY_BYTES_MAX + 1 + TL_JSON_PADDING);
    return fx.reader && fx.arena && fx.body ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    tl_event_reader_free(&fx.reader);
    tl_arena_free(&fx.arena);
    free(fx.body);
    return 0;
}

static struct tl_str
put_body(const char *t, size_t n)
{
    memcpy(fx.body, t, n);
    memset(fx.body + n, '1', TL_JSON_PADDING);
    return (struct tl_str){ fx.body, n };
}

static int
read_one(const char *t, struct tl_event *ev, struct tl_refusal *why)
{
    memset(why, 0, sizeof *why);
    tl_arena_reset(fx.arena);
    return tl_event_read(fx.reader, fx.arena, put_body(t, strlen(t)), ev, why);
}

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

/* ---- bodies ---- */

struct got {
    char text[1024];            /* "ok:ID" or "reason:field" for each, blank between */
    size_t taken_n, refused_n, stop_after;
    size_t id_n[512];           /* by number in the id "e-N" */
};

static int
take(void *arg, size_t index, struct tl_event *ev, const struct tl_refusal *why, struct tl_str slice)
{
    struct got *g = arg;
    size_t used = strlen(g->text);
    assert_int_equal(index, g->taken_n + g->refused_n);
    assert_true(slice.p >= fx.body && slice.p + slice.n <= fx.body + TL_EVENT_BODY_BYTES_MAX);
    if (ev) {
        unsigned number = 0;
        assert_true(ev->raw.p == slice.p && ev->raw.n == slice.n);
        if (ev->id_.n > 2 && sscanf(ev->id_.p, "e-%u\"", &number) == 1 && number < 512)
            g->id_n[number]++;
        g->taken_n++;
        snprintf(g->text + used, sizeof g->text - used, "ok:%.*s ", (int)ev->id_.n, ev->id_.p ? ev->id_.p : "");
    } else {
        g->refused_n++;
        snprintf(g->text + used, sizeof g->text - used, "%s:%s ", tl_reason_word(why->reason), why->field);
    }
    return g->stop_after && g->taken_n + g->refused_n == g->stop_after ? TL_EIO : 0;
}

static int
split(const char *t, size_t n, size_t max, struct got *g, struct tl_err *err)
{
    size_t stop = g->stop_after;
    memset(g, 0, sizeof *g);
    g->stop_after = stop;
    tl_arena_reset(fx.arena);
    return tl_event_body(fx.reader, fx.arena, put_body(t, n), max, take, g, err);
}

static void
test_bodies(void **state)
{
    static const struct {
        const char *body, *parts;
        int rc;
    } row[] = {
        /* one object, in any shape */
        { "{\"id\":\"1\"}", "ok:1 ", 0 },
        { "\xef\xbb\xbf{\"id\":\"1\"}\r\n", "ok:1 ", 0 },
        { "\n\n{\n  \"id\": \"1\",\n  \"ids\": {\n    \"member\": \"m\"\n  }\n}\n", "ok:1 ", 0 },
        { "{\"seq\":-1}", "field_range:seq ", 0 },
        { "{\"a\":1,\"a\":1}", "duplicate_member:a ", 0 },
        { "{\"id\":nul}", "bad_json: ", 0 },
        { "{\n  \"id\": \"1\",\n  \"ids\": {\n    \"member\": nul\n  }\n}\n", "bad_json: ", 0 },
        { "{\"id\":\"1\"", "bad_json: ", 0 },
        { "{\"id\":\"\xff\"}", "bad_utf8: ", 0 },
        { "{\"id\":\"1\"}{\"id\":\"2\"}", "bad_json: ", 0 },
        /* array */
        { "[]", "", 0 },
        { "[{\"id\":\"1\"},{\"id\":\"2\"}]", "ok:1 ok:2 ", 0 },
        { " [ {\"id\":\"1\"} ,\n 5 , {\"id\":\"2\",\"seq\":-1}, {\"id\":\"3\"} ] \n", "ok:1 bad_json: field_range:seq ok:3 ", 0 },
        { "[{\"id\":\"1\"},{\"a\":{\"b\":1,\"b\":1}},{\"p\":[[[[[[[[1]]]]]]]]},{\"id\":\"2\"}]", "ok:1 duplicate_member:a.b too_deep:p ok:2 ", 0 },
        { "[{\"id\":\"1\"},[{\"id\":\"2\"}],{\"id\":\"3\"}]", "ok:1 bad_json: ok:3 ", 0 },
        { "[{\"id\":\"1\"},{\"id\":nul},{\"id\":\"3\"}]", "", TL_EINVAL },
        { "[{\"id\":\"1\"},{\"id\":\"2\",\"a\":1.2.3}]", "", TL_EINVAL },
        { "[{\"id\":\"1\",\"props\":{\"a\":[1},{\"id\":\"2\"}]", "", TL_EINVAL },
        { "[{\"id\":\"1\"},{\"id\":\"2\"}", "", TL_EINVAL },
        { "[{\"id\":\"1\"},{\"id\":\"2\xff\"}]", "", TL_EINVAL },
        { "[{\"id\":\"1\"}]\n[{\"id\":\"2\"}]", "", TL_EINVAL },
        /* lines */
        { "{\"id\":\"1\"}\n{\"id\":\"2\"}", "ok:1 ok:2 ", 0 },
        { "{\"id\":\"1\"}\r\n\r\n \t\n{\"id\":\"2\"}\r\n\n", "ok:1 ok:2 ", 0 },
        { "{\"id\":\"1\"}\n{\"id\":nul}\n{\"id\":\"3\"}\n", "ok:1 bad_json: ok:3 ", 0 },
        { "{\"id\":nul}\n{\"id\":\"2\"}\n", "bad_json: ok:2 ", 0 },
        { "{\"id\":\"1\"}\n{\"id\":\"2\",\"a\":1.2.3}\n{\"id\":\"3\"}\n", "ok:1 bad_json: ok:3 ", 0 },
        { "{\"id\":\"1\"}\n{\"id\":\"2\",\"a\":[1}\n{\"id\":\"3\"}\n", "ok:1 bad_json: ok:3 ", 0 },
        { "{\"id\":\"1\"}\n{\"id\":\"2\",\"a\":{\n{\"id\":\"3\"}\n{\"id\":\"4\"}}\n{\"id\":\"5\"}\n", "ok:1 bad_json: ok:3 bad_json: ok:5 ", 0 },
        { "{\"id\":\"1\"}\n{\"id\":\"2\n{\"id\":\"3\"}\n", "ok:1 bad_json: ok:3 ", 0 },
        { "{\"id\":\"1\"}\n{\"id\":\"2\\\n{\"id\":\"3\"}\n", "ok:1 bad_json: ok:3 ", 0 },
        { "{\"id\":\"1\"}\n\\\"\n{\"id\":\"3\"}\n", "ok:1 bad_json: ok:3 ", 0 },
        { "{\"id\":\"1\"}\n{\"id\":\"2\xff\"}\n{\"id\":\"3\"}\n", "ok:1 bad_utf8: ok:3 ", 0 },
        { "{\"id\":\"1\"}\n{\"id\":\"2\",\"id\":\"2\"}\n[[[[[[[[[1]]]]]]]]]\n{\"id\":\"3\"}\n", "ok:1 duplicate_member:id too_deep: ok:3 ", 0 },
        { "{\"id\":\"1\",\n\"seq\":1}\n{\"id\":\"2\"}\n", "bad_json: bad_json: ok:2 ", 0 },
        { "{\"id\":\"1\",\"ty\n{\"id\":\"2\"}\n", "bad_json: ok:2 ", 0 },
        { "{\"id\":\"1\"}{\"id\":\"2\"}\n{\"id\":\"3\"}\n", "bad_json: ok:3 ", 0 },
        { "5\n{\"id\":\"2\"}\n", "bad_json: ok:2 ", 0 },
        { "{\"id\":\"1\"}\n[{\"id\":\"2\"}]\nnull\n", "ok:1 bad_json: bad_json: ", 0 },
        /* nothing that could be an event */
        { "", "", TL_EINVAL },
        { " \r\n\t", "", TL_EINVAL },
        { "hello", "", TL_EINVAL },
        { "null", "", TL_EINVAL },
        { "<xml/>\n<xml/>", "", TL_EINVAL },
        { "type=x&id=1", "", TL_EINVAL },
    };
    struct got g = { .stop_after = 0 };
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct tl_err err = { 0 };
        int rc = split(row[i].body, strlen(row[i].body), 2500, &g, &err);
        if (rc != row[i].rc || strcmp(g.text, row[i].parts) != 0)
            fail_msg("%s: %d %s (%s)", row[i].body, rc, g.text, err.text);
        assert_true(rc == 0 || err.text[0]);
    }
}

static void
test_body_limits(void **state)
{
    struct got g = { .stop_after = 0 };
    struct tl_err err;
    char t[64];
    (void)state;
    assert_int_equal(split("[{},{},{}]", 10, 3, &g, &err), 0);
    assert_int_equal(split("[{},{},{}]", 10, 2, &g, &err), TL_ETOOBIG);
    assert_int_equal(split("{}\n{}\n\n{}\n", 10, 3, &g, &err), 0);
    assert_int_equal(split("{}\n{}\n\n{}\n", 10, 2, &g, &err), TL_ETOOBIG);
    assert_int_equal(g.taken_n, 0);
    g.stop_after = 2;
    assert_int_equal(split("[{},{},{}]", 10, 3, &g, &err), TL_EIO);
    assert_int_equal(g.taken_n, 2);
    g.stop_after = 0;

    size_t n = TL_EVENT_BODY_BYTES_MAX;
    char *big = malloc(n + 1);
    memset(big, ' ', n + 1);
    memcpy(big, "{}", 2);
    assert_int_equal(split(big, n, 10, &g, &err), 0);
    assert_int_equal(split(big, n + 1, 10, &g, &err), TL_ETOOBIG);
    memset(big, '[', n);                                /* as deep as a body can be */
    assert_int_equal(split(big, n, 10, &g, &err), TL_EINVAL);
    memset(big + n / 2, ']', n / 2);
    assert_int_equal(split(big, n, 10, &g, &err), 0);
    assert_string_equal(g.text, "too_large: ");
    memcpy(big, "{\"id\":\"e-1\",\"text\":\"", 20);      /* a large one between two small ones */
    memset(big + 20, 'x', 40000);
    snprintf(t, sizeof t, "\"}\n{\"id\":\"e-2\"}\n");
    memcpy(big + 40020, t, strlen(t));
    assert_int_equal(split(big, 40020 + strlen(t), 10, &g, &err), 0);
    assert_string_equal(g.text, "too_large: ok:e-2 ");
    free(big);
}

/* Lines of which some are damaged: every sound one is taken, every other one refused, by the second opinion's verdict. */
static void
test_damaged_lines(void **state)
{
    uint64_t random = 42;
    struct got *g = malloc(sizeof *g);
    (void)state;
    g->stop_after = 0;
    for (int round = 0; round < 4000; round++) {
        char body[8192], line[400];
        size_t n = 0, lines = oracle_random(&random) % 12 + 3, good = 0, bad = 0, at;
        bool sound[20] = { false };
        for (size_t i = 0; i < lines; i++) {
            size_t k = (size_t)snprintf(line, sizeof line, "{\"id\":\"e-%zu\",\"x\":\"\\u00e9 \xe4\xb8\xad\",\"ids\":{\"member\":\"m\"},\"props\":{\"a\":[1,2,{\"b\":null}]}}", i);
            if (i > 0 && i + 1 < lines && oracle_random(&random) % 3 == 0)
                k = oracle_mutate(line, k, sizeof line, &random);
            for (size_t p = 0; p < k; p++)
                if (line[p] == '\n')
                    line[p] = ' ';
            memcpy(body + n, line, k);
            n += k;
            body[n++] = '\n';
            sound[i] = oracle_judge(line, k, TL_JSON_DEPTH_MAX, &at) == V_GOOD && strspn(line, " \t\r") < k && line[strspn(line, " \t\r")] == '{';
            good += sound[i];
            bad += !sound[i] && strspn(line, " \t\r") < k;
        }
        struct tl_err err = { 0 };
        assert_int_equal(split(body, n, 100, g, &err), 0);
        /* a sound line may still say something out of range: then it is refused by name, never lost */
        assert_int_equal(g->taken_n + g->refused_n, good + bad);
        assert_true(g->taken_n <= good);
        assert_int_equal(g->id_n[0], 1);
        assert_int_equal(g->id_n[lines - 1], 1);
    }
    free(g);
}

static int
count(void *arg, size_t index, struct tl_event *ev, const struct tl_refusal *why, struct tl_str slice)
{
    size_t at, *n = arg;
    (void)ev;
    assert_int_equal(index, n[0]++);
    if (why)
        n[1]++;
    else
        assert_int_equal(oracle_judge(slice.p, slice.n, TL_JSON_DEPTH_MAX, &at), V_GOOD);
    return 0;
}

/* A damaged array is taken element by element, or not at all. */
static void
test_damaged_arrays(void **state)
{
    uint64_t random = 77;
    size_t whole_n = 0;
    (void)state;
    for (int round = 0; round < 60000; round++) {
        char body[1024];
        size_t n = 0, k[2] = { 0, 0 }, at;
        body[n++] = '[';
        for (int i = 0; i < 4; i++)
            n += (size_t)snprintf(body + n, sizeof body - n, "%s{\"id\":\"e-%d\",\"a\":[1,[],{\"b\":\"\\\"\"}]}", i ? ", " : "", i);
        body[n++] = ']';
        n = oracle_mutate(body, n, sizeof body, &random);
        enum verdict v = oracle_judge(body, n, 1000, &at);
        size_t first = 0;
        while (first < n && strchr(" \t\r\n", body[first]) && body[first])
            first++;
        if (first == n || body[first] != '[')
            continue;
        tl_arena_reset(fx.arena);
        int rc = tl_event_body(fx.reader, fx.arena, put_body(body, n), 1000, count, k, NULL);
        assert_int_equal(rc, v == V_BROKEN || v == V_UTF8 ? TL_EINVAL : 0);
        assert_true(rc == 0 || k[0] == 0);
        whole_n += rc == 0;
    }
    assert_true(whole_n > 1000);
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
        cmocka_unit_test(test_refused_with_its_id), cmocka_unit_test(test_bodies), cmocka_unit_test(test_body_limits), cmocka_unit_test(test_damaged_lines),
        cmocka_unit_test(test_damaged_arrays), cmocka_unit_test(test_check), cmocka_unit_test(test_check_by_hand), cmocka_unit_test(test_junk),
        cmocka_unit_test(test_bytes_come_back), cmocka_unit_test(test_damaged_bytes), cmocka_unit_test(test_newer_row), cmocka_unit_test(test_json_round_trip),
        cmocka_unit_test(test_schema_is_current),
    };
    if (argc > 1 && strcmp(argv[1], "--write-schema") == 0)
        return write_schema();
    return cmocka_run_group_tests_name("event", tests, set_up, tear_down);
}
