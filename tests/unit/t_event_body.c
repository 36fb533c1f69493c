/* t_event_body.c - bodies into events: every shape, every damage, and never a neighbour lost. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "kit_event.h"
#include "oracle_json.h"

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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bodies), cmocka_unit_test(test_body_limits), cmocka_unit_test(test_damaged_lines),
        cmocka_unit_test(test_damaged_arrays),
    };
    return cmocka_run_group_tests_name("event_body", tests, set_up, tear_down);
}
