/* t_visit_record.c - one visit as its record says: what is read, what is left out, whose events are its, and the link to the shopper's page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "nth_kit.h"
#include "tl_hash.h"
#include "tl_time.h"
#include "tl_visit.h"
#include "tl_visit_link.h"

#define H1 "00112233445566778899aabbccddeeff"
#define H2 "ff112233445566778899aabbccddeeff"
#define NONE TL_TIME_NONE

static struct tl_arena *arena;

static int
read_one(const char *body, struct tl_visit *v)
{
    tl_arena_reset(arena);
    return tl_visit_read(arena, tl_str_of(body), v);
}

static void
what_is_read(void **state)
{
    static const struct { const char *body; int rc; int64_t from, to; uint32_t hashes, orders, stamps, answers, evidence; enum tl_visit_state as; } rows[] = {
        { "{\"id\":\"v\"}", 0, NONE, NONE, 0, 0, 0, 0, 0, TL_VISIT_FINISHED },
        { "{\"id\":\"v\",\"from\":5}", 0, 5, 5, 0, 0, 0, 0, 0, TL_VISIT_FINISHED },
        { "{\"id\":\"v\",\"to\":\"1970-01-01T00:00:01Z\"}", 0, 1000, 1000, 0, 0, 0, 0, 0, TL_VISIT_FINISHED },
        { "{\"id\":\"v\",\"from\":9,\"to\":5}", 0, 9, 9, 0, 0, 0, 0, 0, TL_VISIT_FINISHED },
        { "{\"id\":\"v\",\"from\":\"noon\",\"to\":true}", 0, NONE, NONE, 0, 0, 0, 0, 0, TL_VISIT_FINISHED },
        { "{\"id\":\"v\",\"from\":0,\"to\":9000000000000}", 0, 0, TL_VISIT_MS_MAX, 0, 0, 0, 0, 0, TL_VISIT_FINISHED },
        { "{\"id\":\"v\",\"hashes\":[\"" H1 "\",\"00\",\"zz112233445566778899aabbccddeeff\",7],\"orders\":[\"o\",\"\",3]}", 0, NONE, NONE, 1, 1, 0, 0, 0, TL_VISIT_FINISHED },
        { "{\"id\":\"v\",\"hashes\":\"" H1 "\",\"orders\":{},\"stamps\":7,\"answers\":null,\"evidence\":\"\"}", 0, NONE, NONE, 0, 0, 0, 0, 0, TL_VISIT_FINISHED },
        { "{\"id\":\"v\",\"state\":\"started\",\"stamps\":[{\"what\":\"in\",\"time\":5},{\"what\":\"in\"},{\"time\":5}]}", 0, NONE, NONE, 0, 0, 1, 0, 0, TL_VISIT_STARTED },
        { "{\"id\":\"v\",\"state\":\"planned\",\"answers\":[{\"item\":\"i\",\"value\":\"yes\"},{\"item\":\"k\",\"value\":\"maybe\"},{\"value\":\"no\"}]}", 0, NONE, NONE, 0, 0, 0, 1, 0, TL_VISIT_PLANNED },
        { "{\"id\":\"v\",\"state\":\"other\",\"evidence\":[{\"name\":\"a.jpg\",\"bytes\":12},{\"name\":\"b.jpg\",\"bytes\":-1},{\"bytes\":1}]}", 0, NONE, NONE, 0, 0, 0, 0, 2, TL_VISIT_FINISHED },
        { "{\"id\":\"v\",\"withdrawn\":true,\"state\":\"planned\"}", 0, NONE, NONE, 0, 0, 0, 0, 0, TL_VISIT_WITHDRAWN },
        { "{\"id\":\"\"}", TL_EINVAL, 0, 0, 0, 0, 0, 0, 0, 0 }, { "{}", TL_EINVAL, 0, 0, 0, 0, 0, 0, 0, 0 }, { "[", TL_EINVAL, 0, 0, 0, 0, 0, 0, 0, 0 }, { NULL, TL_EINVAL, 0, 0, 0, 0, 0, 0, 0, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tl_visit v;
        int rc = read_one(rows[i].body, &v);
        if (rc != rows[i].rc)
            fail_msg("%s: %s", rows[i].body, tl_err_name(rc));
        if (rc == 0 && (v.from_ms != rows[i].from || v.to_ms != rows[i].to || v.hash_n != rows[i].hashes || v.order_n != rows[i].orders || v.stamp_n != rows[i].stamps ||
                        v.answer_n != rows[i].answers || v.evidence_n != rows[i].evidence || v.state != rows[i].as))
            fail_msg("%s", rows[i].body);
    }
}

/* as many as a visit may have, and one more */
static void
parts_beyond_the_most_are_left_out(void **state)
{
    static const struct { const char *name, *part; uint32_t most; } lists[] = {
        { "hashes", "\"" H1 "\"", TL_VISIT_IDENTITIES_MAX }, { "orders", "\"o\"", TL_VISIT_ORDERS_MAX }, { "stamps", "{\"what\":\"in\",\"time\":5}", TL_VISIT_STAMPS_MAX },
        { "answers", "{\"item\":\"i\",\"value\":\"na\"}", TL_VISIT_ANSWERS_MAX }, { "evidence", "{\"name\":\"a\"}", TL_VISIT_EVIDENCE_MAX },
    };
    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct tl_buf b = {0};
        struct tl_visit v;
        tl_buf_printf(&b, "{\"id\":\"v\",\"%s\":[", lists[i].name);
        for (uint32_t n = 0; n <= lists[i].most; n++)
            tl_buf_printf(&b, "%s%s", n ? "," : "", lists[i].part);
        tl_buf_put_str(&b, "]}");
        tl_buf_put_u8(&b, 0);
        assert_int_equal(read_one((char *)b.data, &v), 0);
        assert_int_equal(v.hash_n + v.order_n + v.stamp_n + v.answer_n + v.evidence_n, lists[i].most);
        tl_buf_free(&b);
    }
}

static void
without_memory(void **state)
{
    static const char body[] = "{\"id\":\"v\",\"hashes\":[\"" H1 "\"],\"orders\":[\"o\"],\"stamps\":[{\"what\":\"in\",\"time\":5}],\"answers\":[],\"evidence\":[]}";
    int rc = TL_ENOMEM, failed = 0;
    (void)state;
    for (size_t room = 0; rc != 0; room += 16) {
        struct tl_arena *a = tl_arena_new(room);
        struct tl_visit v;
        rc = tl_visit_read(a, TL_STR(body), &v);
        assert_true(rc == 0 || rc == TL_ENOMEM);
        failed += rc != 0;
        tl_arena_free(&a);
    }
    assert_true(failed > 8);
}

static void
what_is_asked_of_one(void **state)
{
    struct tl_visit v;
    struct tl_note n = { .body = TL_STR("{\"id\":\"v\",\"from\":1000,\"to\":2000}"), .withdrawn = true };
    (void)state;
    assert_int_equal(read_one("{\"id\":\"v\",\"from\":1000000000,\"to\":1000000000,\"stamps\":[{\"what\":\"in\",\"time\":5},{\"what\":\"in\",\"time\":6}],"
                              "\"answers\":[{\"item\":\"i\",\"value\":\"no\"}]}", &v), 0);
    assert_int_equal(tl_visit_stamp(&v, TL_STR("in"))->ms, 5);
    assert_null(tl_visit_stamp(&v, TL_STR("out")));
    assert_int_equal(tl_visit_answer(&v, TL_STR("i"))->value, TL_VISIT_NO);
    assert_null(tl_visit_answer(&v, TL_STR("k")));
    const struct { int64_t at; bool has; } times[] = {
        { v.from_ms - TL_VISIT_BEFORE_MS, true }, { v.from_ms - TL_VISIT_BEFORE_MS - 1, false }, { v.to_ms + TL_VISIT_AFTER_MS, true }, { v.to_ms + TL_VISIT_AFTER_MS + 1, false },
    };
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        assert_int_equal(tl_visit_has(&v, times[i].at), times[i].has);
    v.state = TL_VISIT_WITHDRAWN;
    assert_false(tl_visit_has(&v, v.from_ms));
    v.state = TL_VISIT_PLANNED;
    v.from_ms = NONE;
    assert_false(tl_visit_has(&v, 0));
    assert_int_equal(tl_visit_of_note(arena, &n, &v), 0);
    assert_int_equal(v.state, TL_VISIT_WITHDRAWN);
    n.withdrawn = false;
    assert_int_equal(tl_visit_of_note(arena, &n, &v), 0);
    assert_int_equal(v.state, TL_VISIT_FINISHED);
    n.body = TL_STR("[]");
    assert_int_equal(tl_visit_of_note(arena, &n, &v), TL_EINVAL);
}

static void
two_at_once(void **state)
{
    static const struct { const char *a, *b; bool at_once; } rows[] = {
        { "\"hashes\":[\"" H1 "\",\"" H2 "\"],\"from\":10,\"to\":20", "\"hashes\":[\"" H2 "\"],\"from\":20,\"to\":30", true },
        { "\"hashes\":[\"" H1 "\"],\"from\":10,\"to\":20", "\"hashes\":[\"" H2 "\"],\"from\":10,\"to\":20", false },
        { "\"orders\":[\"a\",\"b\"],\"from\":10,\"to\":20", "\"orders\":[\"c\",\"b\"],\"from\":5,\"to\":10", true },
        { "\"orders\":[\"a\"],\"from\":10,\"to\":20", "\"orders\":[\"b\"],\"from\":5,\"to\":10", false },
        { "\"orders\":[\"a\"],\"from\":10,\"to\":20", "\"orders\":[\"a\"],\"from\":5,\"to\":9", false },
        { "\"orders\":[\"a\"]", "\"orders\":[\"a\"],\"from\":5,\"to\":9", false },
        { "\"orders\":[\"a\"],\"from\":5,\"to\":9,\"withdrawn\":true", "\"orders\":[\"a\"],\"from\":5,\"to\":9", false },
    };
    struct tl_arena *other = tl_arena_new(1 << 20);
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char body[300];
        struct tl_visit a, b;
        snprintf(body, sizeof body, "{\"id\":\"a\",%s}", rows[i].a);
        assert_int_equal(read_one(body, &a), 0);
        snprintf(body, sizeof body, "{\"id\":\"b\",%s}", rows[i].b);
        assert_int_equal(tl_visit_read(other, tl_str_of(body), &b), 0);
        if (tl_visit_at_once(&a, &b) != rows[i].at_once || tl_visit_at_once(&b, &a) != rows[i].at_once)
            fail_msg("%s and %s", rows[i].a, rows[i].b);
    }
    tl_arena_free(&other);
}

static void
links(void **state)
{
    char token[TL_VISIT_TOKEN_CHARS + 1], other[TL_VISIT_TOKEN_CHARS + 1], hash[65], again[65];
    static const struct { const char *base; bool nowhere; } bases[] = {
        { "http://0.0.0.0:8080", true }, { "https://[::]:8080", true }, { "0.0.0.0", true }, { "::", true }, { "http://127.0.0.1", false }, { "https://shop.example/x", false }, { "", false },
    };
    (void)state;
    for (int i = 0; i < 200; i++) {         /* both letters that base64 has for URLs come up */
        tl_visit_link_make(token, hash);
        assert_int_equal(strlen(token), TL_VISIT_TOKEN_CHARS);
        assert_int_equal(strspn(token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"), TL_VISIT_TOKEN_CHARS);
        assert_true(tl_visit_link_hash(tl_str_of(token), again));
        assert_string_equal(hash, again);
    }
    tl_visit_link_make(other, again);
    assert_string_not_equal(token, other);
    assert_string_not_equal(hash, again);
    assert_false(tl_visit_link_hash(TL_STR("short"), again));
    for (const char *bad = "+/=. {[`@:\x7f"; *bad != 0; bad++) {
        char was = token[3];
        token[3] = *bad;
        assert_false(tl_visit_link_hash(tl_str_of(token), again));
        token[3] = was;
    }
    for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++)
        assert_int_equal(tl_visit_link_nowhere(bases[i].base), bases[i].nowhere);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read), cmocka_unit_test(parts_beyond_the_most_are_left_out), cmocka_unit_test(without_memory),
        cmocka_unit_test(what_is_asked_of_one), cmocka_unit_test(two_at_once), cmocka_unit_test(links),
    };
    arena = tl_arena_new(1 << 22);
    int rc = tl_hash_init() == 0 ? cmocka_run_group_tests_name("visit_record", tests, NULL, NULL) : 1;
    tl_arena_free(&arena);
    return rc;
}
