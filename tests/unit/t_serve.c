/* t_serve.c - the viewer over HTTP: pages, headers, 304, refusals, an empty store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../viewer/serve.h"
#include "folder_kit.h"
#include "tl_hash.h"
#include "tl_logfmt.h"
#include "tl_mem.h"

static struct serve *serve;
static struct tl_buf answer;

/* ask - one request on a connection of its own; returns the status, the whole answer with a NUL is in `answer` */
static int
ask_body(const char *request_line, const char *headers, const char *sent)
{
    char text[20000], chunk[4096];
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)serve_port(serve)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0), n = snprintf(text, sizeof text, "%s HTTP/1.1\r\n%sConnection: close\r\n\r\n%s", request_line, headers, sent);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(write(fd, text, (size_t)n), n);
    tl_buf_reset(&answer);
    for (ssize_t got; (got = read(fd, chunk, sizeof chunk)) > 0;) tl_buf_put(&answer, chunk, (size_t)got);
    close(fd);
    tl_buf_put_u8(&answer, 0);
    return answer.len > 12 ? atoi((char *)answer.data + 9) : 0;
}

static int
ask(const char *request_line, const char *headers)
{
    return ask_body(request_line, headers, "");
}

static const char *
body(void)
{
    const char *b = strstr((char *)answer.data, "\r\n\r\n");
    return b ? b + 4 : "";
}

static bool
has(const char *text)
{
    return strstr((char *)answer.data, text) != NULL;
}

static void
header_value(const char *name, char *out, size_t cap)
{
    const char *p = strstr((char *)answer.data, name);
    assert_non_null(p);
    p += strlen(name) + 2;
    snprintf(out, cap, "%.*s", (int)strcspn(p, "\r"), p);
}

#define HOST "Host: 127.0.0.1\r\n"

static void
pages_are_served(void **state)
{
    (void)state;
    char etag[80], again[160];
    static const char *const page[] = { "GET /", "GET /customers/00112233445566778899aabbccddeeff", "GET /quarantine", "GET /map.js", "GET /d3.min.js", "GET /style.css" };
    for (size_t i = 0; i < sizeof page / sizeof page[0]; i++) {
        if (ask(page[i], HOST) != 200) fail_msg("%s", page[i]);
        assert_true(has("default-src 'self'") && has("nosniff"));
        header_value("ETag", etag, sizeof etag);
        snprintf(again, sizeof again, HOST "If-None-Match: W/\"x\", %s\r\n", etag);
        assert_int_equal(ask(page[i], again), 304);
        assert_string_equal(body(), "");
        assert_int_equal(ask(page[i], HOST "Accept-Encoding: br, gzip\r\n"), 200);
        assert_true(has("Content-Encoding: gzip") && has("Vary: Accept-Encoding"));
    }
    assert_int_equal(ask("HEAD /", HOST), 200);
    assert_string_equal(body(), "");
    assert_int_equal(ask("GET /../serve.c", HOST), 404);
    assert_int_equal(ask("GET /nothing", HOST), 404);
    assert_int_equal(ask("GET /customers/", HOST), 404);
}

static void
an_empty_store_answers(void **state)
{
    (void)state;
    char etag[80], again[160];
    static const char *const address[] = { "/api/map", "/api/about", "/api/journeys?node=a", "/api/variants", "/api/funnel?steps=a,b", "/api/metrics", "/api/customers", "/api/quarantine",
                                           "/api/export?format=ndjson", "/api/export?format=csv", "/api/export?format=xes", "/api/export?format=rows", "/api/openapi.json", "/api/alerts", "/api/suggest", "/api/emotion", "/api/metrics?by=week", "/api/report", "/report?lang=zh", "/report.css", "/healthz", "/metrics" };
    for (size_t i = 0; i < sizeof address / sizeof address[0]; i++) {
        char line[128];
        snprintf(line, sizeof line, "GET %s", address[i]);
        if (ask(line, HOST) != 200) fail_msg("%s: %s", address[i], (char *)answer.data);
    }
    assert_int_equal(ask("GET /api/map", HOST), 200);
    assert_non_null(strstr(body(), "\"journeys\":0,"));
    assert_true(has("X-Touchline-Lag-Ms: 0"));
    header_value("ETag", etag, sizeof etag);
    snprintf(again, sizeof again, HOST "If-None-Match: %s\r\n", etag);
    assert_int_equal(ask("GET /api/map", again), 304);
    assert_int_equal(ask("GET /api/map?nodes=3", again), 304);       /* the same bytes are the same answer */
    assert_int_equal(ask("GET /api/map?lifecycle=all", again), 200);
    assert_int_equal(ask("GET /api/export", HOST), 200);
    assert_true(has("no-store") && has("Content-Disposition: attachment"));
}

/* /api/live: a page that knows nothing is told at once, with a content policy and an id to come back with; stopping answers those that wait (teardown) */
static void
news_are_told(void **state)
{
    (void)state;
    assert_int_equal(ask("GET /api/live", HOST), 200);
    assert_true(has("text/event-stream") && has("no-store") && has("default-src 'self'"));
    assert_non_null(strstr(body(), "retry: "));
    assert_non_null(strstr(body(), "id: 0\ndata: {\"position\":0,\"lag_ms\":0}\n\n"));
    assert_int_equal(ask("GET /api/live?since=7", HOST), 200);       /* it stands elsewhere */
    assert_int_equal(ask("GET /api/live?since=x", HOST), 200);       /* no position: none is known */
    assert_int_equal(ask("POST /api/live", HOST "Content-Length: 0\r\n"), 405);
}

static void
wrong_questions_are_refused(void **state)
{
    (void)state;
    static const struct { const char *line; int status; const char *says; } row[] = {
        { "GET /api/map?nodes=many", 400, "parameter nodes" }, { "GET /api/map?journey=none", 404, "known: all" }, { "GET /api/none", 404, "openapi.json" }, { "GET /api/diff", 404, "nothing to compare with" },
        { "GET /api/customers/00112233445566778899aabbccddeeff", 404, "customer" }, { "GET /api/map?filter=a%3Db", 400, "parameter filter" }, { "GET /api/report?freeze=1&filter=place%3DA", 400, "freeze" }, { "GET /report?week=2999-W01", 400, "not begun" }, { "POST /report", 405, "GET" },
        { "POST /api/map", 405, "GET" }, { "DELETE /", 405, "GET" },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        int status = ask(row[i].line, HOST "Content-Length: 0\r\n");
        if (status != row[i].status || !strstr(body(), row[i].says)) fail_msg("%s: %d %s", row[i].line, status, body());
    }
}

static void
foreign_names_are_refused(void **state)
{
    (void)state;
    static const struct { const char *host; int status; } row[] = {
        { "Host: localhost:8090\r\n", 200 }, { "Host: 127.0.0.1:8090\r\n", 200 }, { "Host: [::1]:8090\r\n", 200 }, { "Host: viewer\r\n", 200 }, { "Host: a.localhost\r\n", 200 },
        { "Host: example.com\r\n", 403 }, { "Host: rebind.example.com:8090\r\n", 403 }, { "Host: 127.0.0.1.example.com\r\n", 403 }, { "Host: x.notlocalhost\r\n", 403 },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        if (ask("GET /api/metrics", row[i].host) != row[i].status) fail_msg("%s", row[i].host);
}

static void
only_own_pages_enter_records(void **state)
{
    (void)state;
#define JSON_ "Content-Type: application/json\r\n"
#define OURS "Origin: http://127.0.0.1\r\n"
    static const struct { const char *line, *headers; int status; const char *says; } row[] = {
        { "POST /api/control/break", HOST JSON_, 403, "own pages only" },
        { "POST /api/control/break", HOST JSON_ "Origin: http://example.com\r\n", 403, "own pages only" },
        { "POST /api/control/break", HOST JSON_ "Origin: null\r\n", 403, "own pages only" },
        { "POST /api/control/break", HOST JSON_ "Origin: http://127.0.0.1:8090\r\n", 403, "own pages only" },
        { "POST /api/control/break", HOST JSON_ OURS "Sec-Fetch-Site: same-site\r\n", 403, "own pages only" },
        { "POST /api/control/break", "Host: example.com\r\nOrigin: http://example.com\r\n" JSON_, 403, "localhost" },
        { "POST /api/control/break", HOST OURS "Content-Type: text/plain\r\n", 400, "Content-Type: application/json" },
        { "POST /api/control/break", HOST OURS "Content-Type: application/jsonx\r\n", 400, "Content-Type: application/json" },
        { "POST /api/control/rebuild", HOST OURS JSON_, 404, "pages enter no such record" },
        { "POST /api/control/undo", HOST OURS JSON_, 404, "pages enter no such record" },
        { "POST /api/control/", HOST OURS JSON_, 405, "GET" },
        { "GET /api/control/break", HOST OURS JSON_, 405, "POST" },
        { "POST /api/control/break", HOST OURS JSON_ "Sec-Fetch-Site: same-origin\r\n", 503, "the aggregator is not running" },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        char headers[400];
        snprintf(headers, sizeof headers, "%sContent-Length: 2\r\n", row[i].headers);
        int status = ask_body(row[i].line, headers, "{}");
        if (status != row[i].status || !strstr(body(), row[i].says)) fail_msg("%s %s: %d %s", row[i].line, row[i].headers, status, body());
    }
    char large[16386];
    memset(large, 32, sizeof large - 1);
    large[sizeof large - 1] = 0;
    assert_int_equal(ask_body("POST /api/control/break", HOST OURS JSON_ "Content-Length: 16385\r\n", large), 413);
    assert_int_equal(ask_body("POST /api/control/break", HOST OURS JSON_ "Content-Length: 0\r\n", ""), 400);
}

static int
setup(void **state)
{
    struct tl_conf conf;
    struct tl_err err = { 0, "" };
    tl_log_level(TL_ERROR);
    if (tl_hash_init() || folder_make(state)) return -1;
    tl_conf_defaults(&conf);
    snprintf(conf.data, sizeof conf.data, "%s", dir);
    conf.viewer_port = 0;
    return serve_start(&serve, &conf, &err);
}

static int
teardown(void **state)
{
    serve_stop(&serve);
    tl_buf_free(&answer);
    return folder_drop(state);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_served), cmocka_unit_test(an_empty_store_answers), cmocka_unit_test(news_are_told), cmocka_unit_test(wrong_questions_are_refused), cmocka_unit_test(foreign_names_are_refused),
        cmocka_unit_test(only_own_pages_enter_records),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
