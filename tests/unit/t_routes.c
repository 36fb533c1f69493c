/* t_routes.c - addresses and parameters: what is taken, what is refused and how; the OpenAPI document lists every address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "../../viewer/routes.h"
#include "tl_json.h"

#define PARAMS_MAX 40

/* ask_at - "path?name=value&name=value", nothing escaped */
static int
ask_at(const char *address, struct ask *q, struct tl_err *err)
{
    static char text[2048];
    struct route_param p[PARAMS_MAX];
    size_t n = 0;
    struct tl_str rest;
    snprintf(text, sizeof text, "%s", address);
    char *query = strchr(text, '?');
    if (query) *query++ = '\0';
    const struct route *r = routes_find(tl_str_of(text), &rest);
    if (!r) return TL_ENOTFOUND;
    for (char *one = query ? strtok(query, "&") : NULL; one; one = strtok(NULL, "&")) {
        char *eq = strchr(one, '=');
        if (eq) *eq++ = '\0';
        p[n++] = (struct route_param){ tl_str_of(one), eq ? tl_str_of(eq) : TL_STR("") };
    }
    return routes_read(r, rest, p, n, q, err);
}

static void
good_addresses_are_taken(void **state)
{
    (void)state;
    static const char *const must_accept[] = {
        "/api/about", "/api/map", "/api/map?journey=order&from=2026-03-01&to=2026-03-31&lifecycle=all&nodes=20&edges=40", "/api/map?filter=place=S01&filter=any.channel=app",
        "/api/map?as_of=1772323200000", "/api/map?as_of=2026-03-01T00:00:00+08:00", "/api/map?stream=mystery", "/api/map?stream=all&model=A",
        "/api/journeys?node=A&end=lapsed&limit=5", "/api/journeys?node=A&start=1", "/api/journeys?edge=A&edge=B", "/api/journeys?edge=A,B", "/api/journeys?edge=A,x&edge=B,y",
        "/api/journeys?cursor=20412.1772323200000.7", "/api/funnel?steps=a,b,c", "/api/funnel?steps=a&steps=b", "/api/variants?limit=3", "/api/metrics?filter=tier=gold",
        "/api/customers?id=email:ann@example.com", "/api/customers?after=17", "/api/customers/00112233445566778899aabbccddeeff", "/api/customers/00112233445566778899aabbccddeeff?raw=17",
        "/api/quarantine?limit=10&cursor=5", "/api/diff?journey=order&as_of=2026-03-02&from=2026-01-01", "/api/breaks?journey=order&by=place&from=2026-03-01", "/api/moments?journey=order&filter=tier=gold", "/api/emotion?journey=order&model=A&from=2026-03-01", "/api/metrics?by=segment&filter=segment=a", "/api/metrics?by=week",
        "/api/report?week=2026-W08&freeze=1", "/report?week=2009-W53&lang=zh&journey=order", "/report", "/report?freeze=1&theme=dark&lifecycle=all&from=2026-03-01&to=2026-03-28&nodes=20", "/api/alerts", "/api/alerts?since=0&limit=5&state=open&stream=mystery", "/api/export?format=xes&journey=order", "/api/openapi.json", "/api/map?from=2026-03-01&to=2026-03-01",
    };
    for (size_t i = 0; i < sizeof must_accept / sizeof must_accept[0]; i++) {
        struct ask q;
        struct tl_err err = { 0, "" };
        if (ask_at(must_accept[i], &q, &err)) fail_msg("%s: %s", must_accept[i], err.text);
    }
}

static void
bad_ones_are_told_why(void **state)
{
    (void)state;
    static const struct { const char *address; int rc; const char *says; } must_reject[] = {
        { "/api/nothing", TL_ENOTFOUND, NULL }, { "/api/map/x", TL_ENOTFOUND, NULL }, { "/api/customers/", TL_ENOTFOUND, NULL },
        { "/api/map?limit=5", TL_EINVAL, "limit is not known to /api/map; allowed: journey" }, { "/api/map?from=2026-02-30", TL_EINVAL, "from" }, { "/api/map?from=today", TL_EINVAL, "2026-03-01" },
        { "/api/map?from=2026-03-02&to=2026-03-01", TL_EINVAL, "later than to" }, { "/api/map?lifecycle=both", TL_EINVAL, "all, or complete" },
        { "/api/map?stream=dev", TL_EINVAL, "live (default), pilot" }, { "/api/map?filter=place", TL_EINVAL, "KEY=VALUE" }, { "/api/map?filter==x", TL_EINVAL, "KEY=VALUE" },
        { "/api/map?nodes=-1", TL_EINVAL, "nodes" }, { "/api/map?nodes=", TL_EINVAL, "nodes" }, { "/api/map?edges=1e3", TL_EINVAL, "edges" }, { "/api/map?edges=99999999999999999999", TL_EINVAL, "edges" },
        { "/api/map?journey=a&journey=b", TL_EINVAL, "given twice" }, { "/api/map?as_of=yesterday", TL_EINVAL, "RFC 3339" }, { "/api/journeys?edge=A", TL_EINVAL, "from and to" },
        { "/api/journeys?edge=A,B,C", TL_EINVAL, "from and to" }, { "/api/journeys?edge=A&edge=B&edge=C", TL_EINVAL, "edge" }, { "/api/journeys?node=A&edge=A,B", TL_EINVAL, "exclude" },
        { "/api/journeys?start=1", TL_EINVAL, "needs node" }, { "/api/journeys?end=won", TL_EINVAL, "good, bad, lapsed or open" }, { "/api/journeys?limit=0", TL_EINVAL, "1 to 1000" },
        { "/api/journeys?limit=1001", TL_EINVAL, "1 to 1000" }, { "/api/journeys?cursor=abc", TL_EINVAL, "cursor" }, { "/api/funnel", TL_EINVAL, "steps is missing" }, { "/api/funnel?steps=a,,b", TL_EINVAL, "steps" },
        { "/api/customers?id=ann", TL_EINVAL, "KIND:VALUE" }, { "/api/customers/0011", TL_EINVAL, "32 hex" }, { "/api/customers/zz112233445566778899aabbccddeeff", TL_EINVAL, "32 hex" },
        { "/api/customers/00112233445566778899aabbccddeeff?raw=x", TL_EINVAL, "raw" }, { "/api/export?format=pdf", TL_EINVAL, "ndjson" }, { "/api/breaks?by=day", TL_EINVAL, "place" }, { "/api/breaks?lifecycle=all", TL_EINVAL, "not known" },
        { "/api/moments?from=2026-03-01", TL_EINVAL, "not known" }, { "/api/emotion?by=place", TL_EINVAL, "not known" }, { "/api/metrics?by=colour", TL_EINVAL, "touchpoint" },
        { "/api/report?week=2026-W54", TL_EINVAL, "2026-W08" }, { "/api/report?week=2026-08", TL_EINVAL, "2026-W08" }, { "/api/report?freeze=yes", TL_EINVAL, "freeze" }, { "/report?lang=fr", TL_EINVAL, "zh or en" },
 { "/api/alerts?since=-1", TL_EINVAL, "next" }, { "/api/alerts?state=new", TL_EINVAL, "acknowledged" },
    };
    for (size_t i = 0; i < sizeof must_reject / sizeof must_reject[0]; i++) {
        struct ask q;
        struct tl_err err = { 0, "" };
        int rc = ask_at(must_reject[i].address, &q, &err);
        if (rc != must_reject[i].rc || (must_reject[i].says && !strstr(err.text, must_reject[i].says))) fail_msg("%s: %d '%s'", must_reject[i].address, rc, err.text);
    }
}

static void
values_arrive(void **state)
{
    (void)state;
    struct ask q;
    struct tl_err err = { 0, "" };
    assert_int_equal(ask_at("/api/journeys?edge=A, b,B", &q, &err), TL_EINVAL);
    assert_int_equal(ask_at("/api/journeys?edge=A&edge=B&filter=place=S01=x&from=1970-01-02&to=1970-01-03&end=lapsed", &q, &err), 0);
    assert_true(tl_str_is(q.edge_from, "A") && tl_str_is(q.edge_to, "B"));
    assert_true(tl_str_is(q.filter[0].key, "place") && tl_str_is(q.filter[0].value, "S01=x"));
    assert_true(q.from_day == 1 && q.to_day == 2 && q.has_from && q.has_to);
    assert_int_equal(q.end, TL_END_LAPSED);
    assert_int_equal(q.limit, 50);
    assert_int_equal(ask_at("/api/map?as_of=1970-01-01T08:00:01%2B08:00", &q, &err), TL_EINVAL);     /* decoding is the server's */
    assert_int_equal(ask_at("/api/map?as_of=1970-01-01T08:00:01+08:00", &q, &err), 0);
    assert_int_equal(q.as_of_ms, 1000);
    assert_int_equal(ask_at("/api/map", &q, &err), 0);
    assert_true(q.as_of_ms == TL_TIME_NONE && q.from_day == INT32_MIN && q.to_day == INT32_MAX && q.nodes_max == -1 && tl_str_is(q.journey, "all"));
    assert_int_equal(ask_at("/api/funnel?steps=a,b&steps=c", &q, &err), 0);
    assert_true(q.step_n == 3 && tl_str_is(q.step[2], "c"));
}

static void
openapi_lists_every_address(void **state)
{
    (void)state;
    struct tl_buf b = { NULL, 0, 0, false };
    struct tl_arena *a = tl_arena_new(8 << 20);
    struct tl_jv *root = NULL;
    struct tl_json_fault fault;
    struct tl_err err = { 0, "" };
    routes_openapi(&b, "1");
    assert_false(b.failed);
    if (tl_json_tree(a, (struct tl_str){ (const char *)b.data, b.len }, 16, &root, &fault, &err)) fail_msg("%s", err.text);
    assert_true(tl_str_is(tl_jv_text(root, "openapi"), "3.1.0"));
    const struct tl_jv *paths = tl_jv_get(root, "paths");
    for (const struct route *r = routes; r->path; r++) assert_non_null(tl_jv_get(paths, r->path));
    tl_arena_free(&a);
    tl_buf_free(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_addresses_are_taken), cmocka_unit_test(bad_ones_are_told_why), cmocka_unit_test(values_arrive), cmocka_unit_test(openapi_lists_every_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
