/* envelope.c - outer objects, byte by byte: which are taken, which refused and where; each cut of a good one is refused or whole; one bad event alone falls. */
#include "../../collector/envelope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define BODY_MAX 20000
#define EVENTS_MAX 5

static struct source_input in;
static struct { unsigned elements, bad, members; int stop; } seen;
static char body[BODY_MAX + TL_JSON_PADDING];

static int
member(void *arg, struct tl_str name, const struct tl_jv *v)
{
    (void)arg, (void)v;
    seen.members++;
    return tl_str_is(name, "stop") ? TL_EAUTH : 0;
}

static int
element(void *arg, size_t index, struct tl_str slice, size_t offset, const struct tl_json_fault *fault)
{
    (void)arg;
    assert_true(index == seen.elements && slice.n > 1 && slice.p[0] == '{' && offset < in.body.n);
    seen.elements++;
    seen.bad += fault != NULL;
    if (seen.elements > EVENTS_MAX)
        return TL_ETOOBIG;
    return seen.stop && (int)seen.elements == seen.stop ? TL_EIO : 0;
}

static const struct envelope batch = { .list = "batch", .member = member, .element = element };

static void
put_body(struct tl_str s)
{
    assert_true(s.n < BODY_MAX);
    memset(body, 0, sizeof body);
    memcpy(body, s.p, s.n);
    in.body = (struct tl_str){ body, s.n };
    memset(&seen, 0, sizeof seen);
    tl_arena_reset(in.arena);
}

static int
list_of(const char *text, struct tl_err *err)
{
    put_body(tl_str_of(text));
    *err = (struct tl_err){ 0 };
    return envelope_list(&in, &batch, err);
}

static int
setup(void **state)
{
    (void)state;
    in = (struct source_input){ .events_max = EVENTS_MAX, .json = tl_json_new(BODY_MAX), .arena = tl_arena_new(1 << 20) };
    return in.json && in.arena ? 0 : -1;
}

static int
teardown(void **state)
{
    (void)state;
    tl_json_free(&in.json);
    tl_arena_free(&in.arena);
    return 0;
}

static void
t_must_accept(void **state)
{
    (void)state;
    static const struct { const char *text; unsigned elements, bad, members; } rows[] = {
        { "{\"batch\":[]}", 0, 0, 0 },
        { "{\"batch\":[{}]}", 1, 0, 0 },
        { " \t\r\n{ \t\"batch\" \r:\n [ {} , {} ] \t} \r\n", 2, 0, 0 },
        { "{\"a\":1,\"batch\":[{\"x\":\"]}\\\"\"}],\"b\":\"}\",\"c\":[[],{}],\"d\":null , \"e\":{\"f\":[1]}}", 1, 0, 5 },
        { "{\"writeKey\":\"k\\\\\",\"batch\":[{}]}", 1, 0, 1 },
        { "{\"batch\":[{},{\"a\":1,\"a\":2},{}]}", 3, 1, 0 },                     /* one bad event is refused alone */
        { "{\"Batch\":[1],\"batc\":2,\"batchs\":3,\"batch\":[{}]}", 1, 0, 3 },
        { "{\"n\":-1.5e3,\"t\":true\n,\"batch\":[{},{},{},{},{}]}", 5, 0, 2 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tl_err err;
        if (list_of(rows[i].text, &err) != 0)
            fail_msg("%s: %s", rows[i].text, err.text);
        if (seen.elements != rows[i].elements || seen.bad != rows[i].bad || seen.members != rows[i].members)
            fail_msg("%s: %u events, %u bad, %u members", rows[i].text, seen.elements, seen.bad, seen.members);
        assert_true(envelope_has(&in, "batch"));
        assert_false(envelope_has(&in, "events"));
    }
}

static void
t_must_reject(void **state)
{
    (void)state;
    static const struct { const char *text; int code; const char *says; } rows[] = {
        { "", TL_EINVAL, "not a JSON object {\"batch\":[...]}" },
        { "  ", TL_EINVAL, "not a JSON object" },
        { "[]", TL_EINVAL, "not a JSON object" },
        { "{}", TL_EINVAL, "no array \"batch\"" },
        { "{\"batch\":{}}", TL_EINVAL, "no array \"batch\"" },
        { "{\"batch\":[],\"batch\":[]}", TL_EINVAL, "two members \"batch\"" },
        { "{", TL_EINVAL, "byte 1 of the body is not JSON" },
        { "{\"batch\"", TL_EINVAL, "byte 8 of the body is not JSON" },
        { "{\"batch", TL_EINVAL, "is not JSON" },
        { "{\"batch\":", TL_EINVAL, "is not JSON" },
        { "{\"batch\" []}", TL_EINVAL, "is not JSON" },
        { "{batch:[]}", TL_EINVAL, "byte 1 of the body is not JSON" },
        { "{\"a\":1 \"batch\":[]}", TL_EINVAL, "is not JSON" },
        { "{\"a\":1", TL_EINVAL, "is not JSON" },
        { "{\"a\":1,", TL_EINVAL, "is not JSON" },
        { "{\"a\":\"x", TL_EINVAL, "is not JSON" },
        { "{\"a\":\"x\\", TL_EINVAL, "is not JSON" },
        { "{\"a\":[\"x", TL_EINVAL, "is not JSON" },
        { "{\"a\":}", TL_EINVAL, "is not JSON" },
        { "{\"a\":,\"batch\":[]}", TL_EINVAL, "is not JSON" },
        { "{\"a\":]", TL_EINVAL, "is not JSON" },
        { "{\"batch\":[]} x", TL_EINVAL, "byte 13 of the body is not JSON" },
        { "{\"batch\":[]}}", TL_EINVAL, "is not JSON" },
        { "{\"a\":nul,\"batch\":[]}", TL_EINVAL, "in member \"a\"" },
        { "{\"a\\x\":1,\"batch\":[]}", TL_EINVAL, "in member \"a\\x\"" },
        { "{\"a member whose name is much longer than what is ever said of one in an error\":x,\"batch\":[]}", TL_EINVAL, "much longer than what is ever said o:" },
        { "{\"stop\":1,\"batch\":[]}", TL_EAUTH, "" },
        { "{\"batch\":[{},{},{},{},{},{}]}", TL_ETOOBIG, "more than 5 events in one body" },
        { "{\"batch\":[{} {}]}", TL_EINVAL, "of the body: " },
        { "{\"batch\":[{},{\"a\":1,},{}]}", TL_EINVAL, "of the body: " },      /* an array that is no JSON is refused whole */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tl_err err;
        int rc = list_of(rows[i].text, &err);
        if (rc != rows[i].code || !strstr(err.text, rows[i].says))
            fail_msg("%s: %d %s", rows[i].text, rc, err.text);
    }
    put_body(TL_STR("x"));
    assert_false(envelope_has(&in, "batch"));
    put_body(TL_STR(" "));
    assert_false(envelope_has(&in, "batch"));
}

/* Cut anywhere, an object is refused: nothing after the cut is made up, and nobody is asked who stands before a member that is none. */
static void
t_every_cut(void **state)
{
    (void)state;
    static const char whole[] = "{\"a\":[1,{\"b\":\"\\\"]\"}],\"writeKey\":\"k\",\"batch\":[{\"id\":\"1\"},{\"id\":\"2\"}],\"z\":null}";
    for (size_t n = 0; n < sizeof whole - 1; n++) {
        struct tl_err err = { 0 };
        put_body((struct tl_str){ whole, n });
        assert_int_equal(envelope_list(&in, &batch, &err), TL_EINVAL);
        assert_true(err.text[0] && seen.elements == 0);
    }
    put_body(TL_STR(whole));
    assert_int_equal(envelope_list(&in, &batch, NULL), 0);
    assert_int_equal(seen.elements, 2);
    seen.elements = 0;
    seen.stop = 1;
    assert_int_equal(envelope_list(&in, &batch, NULL), TL_EIO);         /* what the functions return is passed on */
    assert_int_equal(seen.elements, 1);
}

static void
t_single(void **state)
{
    (void)state;
    static const struct { const char *text; int code; unsigned elements, bad; const char *origin; } rows[] = {
        { "{\"a\":1}", 0, 1, 0, "" },
        { " {\"key\":\"shop\"} \n", 0, 1, 0, "shop" },
        { "{\"key\":5}", 0, 1, 0, "" },
        { "{\"key\":\"shop\"", TL_EINVAL, 0, 0, "" },
        { "[]", TL_EINVAL, 0, 0, "" },
        { "", TL_EINVAL, 0, 0, "" },
    };
    for (int given = 0; given < 2; given++)
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            struct tl_err err = { 0 };
            put_body(tl_str_of(rows[i].text));
            in.origin = given ? TL_STR("head") : TL_STR("");
            in.origin_given = given;
            int rc = envelope_single(&in, "key", element, NULL, &err);
            const char *want = given ? "head" : rows[i].origin;
            if (rc != rows[i].code || seen.elements - seen.bad != rows[i].elements || in.origin.n != strlen(want) || memcmp(in.origin.p, want, in.origin.n) != 0)
                fail_msg("%s: %d %s, %u events, origin %.*s", rows[i].text, rc, err.text, seen.elements, (int)in.origin.n, in.origin.p);
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(t_must_accept), T(t_must_reject), T(t_every_cut), T(t_single),
    };
    return cmocka_run_group_tests_name("envelope", tests, NULL, NULL);
}
