/* receive_open on requests that are made here: whose key, which parameters and headers, the body's codec; each limit, and memory that runs out at each place. */
#include "../../collector/receive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

#include <cmocka.h>

#include "tl_gzip.h"
#include "tl_hash.h"
#include "tl_time.h"

#define BODY_MAX 100000

/* ---- a request: what tl_http would say of one ---- */

struct pair { const char *name, *value; };
struct tl_http_req {
    struct pair header[200], query[200];        /* end with a NULL name */
    struct tl_str body;
    bool cut;
};

static struct tl_str
find(const struct pair *p, const char *name, bool any_case)
{
    for (; p->name; p++)
        if (any_case ? strcasecmp(p->name, name) == 0 : strcmp(p->name, name) == 0)
            return tl_str_of(p->value);
    return (struct tl_str){ NULL, 0 };
}

static void
each(const struct pair *p, void (*f)(void *arg, struct tl_str name, struct tl_str value), void *arg)
{
    for (; p->name; p++)
        f(arg, tl_str_of(p->name), tl_str_of(p->value));
}

struct tl_str tl_http_header(const struct tl_http_req *rq, const char *name) { return find(rq->header, name, true); }
struct tl_str tl_http_query(const struct tl_http_req *rq, const char *name, int n) { (void)n; return find(rq->query, name, false); }
void tl_http_header_each(const struct tl_http_req *rq, void (*f)(void *arg, struct tl_str name, struct tl_str value), void *arg) { each(rq->header, f, arg); }
void tl_http_query_each(const struct tl_http_req *rq, void (*f)(void *arg, struct tl_str name, struct tl_str value), void *arg) { each(rq->query, f, arg); }
struct tl_str tl_http_body(const struct tl_http_req *rq) { return rq->body; }
bool tl_http_body_cut(const struct tl_http_req *rq) { return rq->cut; }

static struct receive r;
static struct tl_err err;

static int
open_on(const char *path, const struct tl_http_req *rq)
{
    const struct source *s = receive_source(tl_str_of(path));
    assert_non_null(s);
    err = (struct tl_err){ 0 };
    return receive_open(&r, s, rq, BODY_MAX, &err);
}

static int
setup(void **state)
{
    (void)state;
    return receive_init(&r, BODY_MAX, 100, &err);
}

static int
teardown(void **state)
{
    (void)state;
    receive_free(&r);
    return 0;
}

static void
t_whose(void **state)
{
    (void)state;
    char hundred_and_more[122];
    snprintf(hundred_and_more, sizeof hundred_and_more, "%0121d", 0);
    static const struct { struct pair header, query; const char *origin; bool given; } rows[] = {
        { { NULL, NULL }, { NULL, NULL }, "public", false },
        { { "Authorization", "Bearer abc" }, { "key", "q" }, "abc", true },
        { { "x-write-key", "h" }, { "key", "q" }, "h", true },
        { { NULL, NULL }, { "key", "q" }, "q", true },
        { { NULL, NULL }, { "writeKey", "w" }, "w", true },
        { { NULL, NULL }, { "token", "t" }, "t", true },
        { { NULL, NULL }, { "api_key", "a" }, "a", true },
        { { NULL, NULL }, { "project", "p" }, "p", true },
        { { "Authorization", "Bearer " }, { NULL, NULL }, "public", false },
        { { "Authorization", "BearerX" }, { NULL, NULL }, "public", false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct tl_http_req rq = { .header = { rows[i].header }, .query = { rows[i].query }, .body = TL_STR("{}") };
        assert_int_equal(open_on("/v1/batch", &rq), 0);
        assert_true(tl_str_is(r.in.origin, rows[i].origin) && r.in.origin_given == rows[i].given && r.in.call && !r.until_logged);
        assert_true(tl_str_is(r.in.body, "{}") && r.in.sent_at_ms == TL_TIME_NONE);
        receive_close(&r);
    }
    const struct tl_http_req bad = { .header = { { "X-Write-Key", "a\tb" } } };
    assert_int_equal(open_on("/v1/batch", &bad), TL_EAUTH);
    assert_non_null(strstr(err.text, "printable"));
    const struct tl_http_req long_key = { .header = { { "X-Write-Key", hundred_and_more } } };
    assert_int_equal(open_on("/v1/batch", &long_key), TL_EAUTH);
    assert_non_null(strstr(err.text, "longer than 120 bytes"));
}

static void
t_said_beside(void **state)
{
    (void)state;
    const struct tl_http_req by_header = { .header = { { "sentAt", "2026-03-01T00:00:00Z" } }, .query = { { "ack", "logged" }, { "sent_at", "5" } } };
    assert_int_equal(open_on("/v1/events", &by_header), 0);
    assert_true(r.until_logged && r.in.sent_at_ms == INT64_C(1772323200000));
    const struct tl_http_req by_query = { .header = { { "sentAt", "yesterday" } }, .query = { { "ack", "stored" }, { "sent_at", "2026-03-01T00:00:01Z" } } };
    assert_int_equal(open_on("/v1/events", &by_query), 0);
    assert_true(!r.until_logged && r.in.sent_at_ms == INT64_C(1772323201000));
}

/* Only what a protocol reads is kept, and it is copied. */
static void
t_pairs(void **state)
{
    (void)state;
    const struct tl_http_req rq = {
        .header = { { "CE-Type", "x" }, { "ce", "short" }, { "Content-Type", "text/plain" }, { "ce-id", NULL }, { "cf-ray", "y" } },
        .query = { { "e", "pv" }, { "page", "" } },
    };
    assert_int_equal(open_on("/v1/events", &rq), 0);
    assert_true(r.in.header_n == 2 && tl_str_is(r.in.header[0].name, "CE-Type") && tl_str_is(r.in.header[0].value, "x") && r.in.header[1].value.n == 0);
    assert_true(tl_str_is(r.in.content_type, "text/plain") && r.in.param_n == 2);
    assert_int_equal(open_on("/i", &rq), 0);            /* by GET: its parameters, no headers */
    assert_true(r.in.param_n == 2 && r.in.header_n == 0 && tl_str_is(r.in.param[0].value, "pv"));
    assert_int_equal(open_on("/v1/track", &rq), 0);
    assert_true(r.in.param_n == 0 && r.in.header_n == 0);
    receive_close(&r);
}

static void
t_too_many_pairs(void **state)
{
    (void)state;
    for (int side = 0; side < 2; side++)
        for (int more = 0; more < 2; more++) {
            struct tl_http_req rq = { .body = TL_STR("{}") };
            for (int i = 0; i < SOURCE_PAIRS_MAX + more; i++)
                (side ? rq.header : rq.query)[i] = (struct pair){ "ce-x", "v" };
            assert_int_equal(open_on("/v1/events", &rq), more ? TL_EINVAL : 0);
            assert_true(!more || strstr(err.text, "more than 128 parameters"));
            receive_close(&r);
        }
}

static struct tl_str
view(const struct tl_buf *b)
{
    return (struct tl_str){ (const char *)b->data, b->len };
}

static void
t_bodies(void **state)
{
    (void)state;
    static char zeroes[BODY_MAX + 1];
    static const uint8_t deflated[] = { 0x78, 0x9c, 0xab, 0xae, 0x05, 0x00, 0x01, 0x75, 0x00, 0xf9 };      /* {} by zlib */
    struct tl_buf packed = { 0 }, bomb = { 0 }, flipped = { 0 };
    assert_int_equal(tl_gzip_deflate("{\"a\":1}", 7, &packed, NULL), 0);
    assert_int_equal(tl_gzip_deflate(zeroes, sizeof zeroes, &bomb, NULL), 0);
    tl_buf_put(&flipped, packed.data, packed.len);
    flipped.data[flipped.len / 2] ^= 0x55;
    const struct { struct pair header; struct tl_str body; bool cut; int rc; const char *is, *says; } rows[] = {
        { { NULL, NULL }, TL_STR("{}"), false, 0, "{}", "" },
        { { NULL, NULL }, { "", 0 }, false, 0, "", "" },
        { { NULL, NULL }, TL_STR("{}"), true, TL_ETOOBIG, "", "larger than its limit" },
        { { NULL, NULL }, view(&packed), false, 0, "{\"a\":1}", "" },                   /* by its first bytes, whatever is said */
        { { "Content-Encoding", "identity" }, view(&packed), false, 0, "{\"a\":1}", "" },
        { { "Content-Encoding", "DEFLATE" }, { (const char *)deflated, sizeof deflated }, false, 0, "{}", "" },
        { { "Content-Encoding", "deflate" }, TL_STR("{}"), false, TL_EINVAL, "", "damaged" },
        { { "Content-Encoding", "deflata" }, TL_STR("{}"), false, 0, "{}", "" },
        { { NULL, NULL }, { (const char *)packed.data, packed.len - 4 }, false, TL_EINVAL, "", "damaged or cut short" },
        { { NULL, NULL }, view(&flipped), false, TL_EINVAL, "", "damaged or cut short" },
        { { NULL, NULL }, { (const char *)bomb.data, bomb.len / 2 }, false, TL_EINVAL, "", "damaged or cut short" },
        { { NULL, NULL }, view(&bomb), false, TL_ETOOBIG, "", "inflates to more than" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct tl_http_req rq = { .header = { rows[i].header }, .body = rows[i].body, .cut = rows[i].cut };
        int rc = open_on("/v1/batch", &rq);
        if (rc != rows[i].rc || !strstr(err.text, rows[i].says) || (rc == 0 && !tl_str_is(r.in.body, rows[i].is)))
            fail_msg("row %zu: %d %s", i, rc, err.text);
        receive_close(&r);
    }
    tl_buf_free(&packed);
    tl_buf_free(&bomb);
    tl_buf_free(&flipped);
}

/* The k-th allocation fails: refused as such, and the same request is taken after it. */
static void
t_without_memory(void **state)
{
    (void)state;
    struct tl_buf packed = { 0 };
    static char large[70000];
    memset(large, 'x', sizeof large - 1);
    assert_int_equal(tl_gzip_deflate("{\"a\":1}", 7, &packed, NULL), 0);
    const struct tl_http_req rq = { .header = { { "ce-id", large } }, .query = { { "a", "b" } }, .body = view(&packed) };
    struct receive fresh;
    int rc = -1;
    uint64_t k = 1;
    for (; rc != 0; k++) {
        tl_alloc_fail_at(k, false);
        rc = receive_init(&fresh, BODY_MAX, 100, &err);
        tl_alloc_fail_at(0, false);
        assert_true(rc == 0 || (rc == TL_ENOMEM && strstr(err.text, "memory") && !fresh.in.reader && !fresh.in.json && !fresh.in.arena && !fresh.in.scratch));
        assert_true(k < 30);
    }
    assert_true(k > 4);
    for (k = 1, rc = -1; rc != 0; k++) {
        tl_arena_free(&fresh.in.arena);                 /* one that holds nothing yet: its blocks are asked for, too */
        fresh.in.arena = tl_arena_new(RECEIVE_ARENA_BYTES);
        tl_alloc_fail_at(k, false);
        err = (struct tl_err){ 0 };
        rc = receive_open(&fresh, receive_source(TL_STR("/v1/events")), &rq, BODY_MAX, &err);
        tl_alloc_fail_at(0, false);
        assert_true(rc == 0 || (rc == TL_ENOMEM && strstr(err.text, "memory")));
        assert_true(k < 30);
        if (rc == 0)
            assert_true(tl_str_is(fresh.in.body, "{\"a\":1}") && fresh.in.header_n == 1 && fresh.in.header[0].value.n == sizeof large - 1);
        receive_close(&fresh);
    }
    assert_true(k > 3);
    receive_free(&fresh);
    tl_buf_free(&packed);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(t_whose), T(t_said_beside), T(t_pairs), T(t_too_many_pairs), T(t_bodies), T(t_without_memory),
    };
    return cmocka_run_group_tests_name("receive: requests", tests, NULL, NULL);
}
