/* t_receive_edges.c - requests of each protocol over a real socket, read and sorted into items: with every allocation of that way failing in turn, the answer
 * is 'no memory' or what it always is, and the same request afterwards is taken whole. What is too much or damaged: t_receive_request.c. */
#include "http_kit.h"

#include "../../collector/body.h"
#include "../../collector/receive.h"
#include "tl_gzip.h"
#include "tl_hash.h"
#include "tl_time.h"

#define BODY_MAX 60000

struct intake {
    struct receive r;
    struct body b;
};

static int
each(void *arg, size_t index, struct tl_event *ev, const struct tl_refusal *why, struct tl_str slice)
{
    struct intake *in = arg;
    if (ev) body_take(&in->b, ev);
    else body_refuse(&in->b, index, why, slice, index & 1, in->r.in.origin, 5, in->r.source->id_name);
    return 0;
}

/* X-Fail: k lets the k-th allocation from here on fail. Answers "rc accepted refused origin flags", and in a header of the answer whether it was met. */
static void
take_in(void *arg, int loop, struct tl_http_req *rq)
{
    struct intake *in = arg;
    struct tl_err err = { 0 };
    struct tl_str k = tl_http_header(rq, "X-Fail");
    if (k.p && k.p[0] != '0') body_free(&in->b), in->b = (struct body){ 0 };        /* all of it from nothing */
    uint64_t at = k.p ? strtoul(k.p, NULL, 10) : 0, before = tl_alloc_calls();
    char text[600];
    (void)loop;
    const struct source *source = receive_source(tl_http_path(rq));
    tl_alloc_fail_at(at, false);
    int rc = receive_open(&in->r, source, rq, BODY_MAX, &err);
    if (rc == 0) rc = source->read(&in->r.in, each, in, &err);
    if (rc == 0 && body_failed(&in->b)) rc = tl_fail(&err, TL_ENOMEM, "out of memory for the items");
    tl_alloc_fail_at(0, false);
    bool met = at > 0 && tl_alloc_calls() - before >= at;
    if (rc == 0) assert_true(body_bytes(&in->b) > 0 || in->b.events_n + in->b.refused_n == 0);
    snprintf(text, sizeof text, "%d %u %u %s%s%s|%s", rc, rc ? 0 : in->b.events_n, rc ? 0 : in->b.refused_n, in->r.origin, in->r.until_logged ? " logged" : "",
             in->r.in.sent_at_ms == TL_TIME_NONE ? "" : " sent", err.text);
    receive_close(&in->r);
    body_reset(&in->b);
    struct tl_http_reply r = { .status = 200, .header = { { "X-Met", met ? "yes" : "no" } }, .headers_n = 1, .body = tl_str_of(text) };
    tl_http_answer(rq, &r);
}

/* The answer's text for this request into out[2000]; whether the k-th allocation was met. */
static bool
request(int fd, const char *first_line, const char *headers, struct tl_str body, uint64_t k, char *out)
{
    struct tl_buf all = { 0 };
    char answer[2000];
    tl_buf_printf(&all, "%s HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\nX-Fail: %llu\r\n%s\r\n", first_line, body.n, (unsigned long long)k, headers);
    tl_buf_put(&all, body.p, body.n);          /* in one piece: two would wait for each other */
    assert_int_equal(send(fd, all.data, all.len, MSG_NOSIGNAL), (ssize_t)all.len);
    tl_buf_free(&all);
    assert_int_equal(hear(fd, answer, sizeof answer), 200);
    snprintf(out, 2000, "%s", strstr(answer, "\r\n\r\n") + 4);
    return strcasestr(answer, "x-met: yes") != NULL;
}

/* zlib with one stored block */
static struct tl_buf
stored(struct tl_str s)
{
    struct tl_buf b = { 0 };
    uint32_t a = 1, c = 0;
    for (size_t i = 0; i < s.n; i++)
        a = (a + (uint8_t)s.p[i]) % 65521, c = (c + a) % 65521;
    tl_buf_put(&b, "\x78\x01\x01", 3);
    uint16_t n = (uint16_t)s.n, not_n = (uint16_t)~n;
    tl_buf_put_u8(&b, (uint8_t)n), tl_buf_put_u8(&b, (uint8_t)(n >> 8));
    tl_buf_put_u8(&b, (uint8_t)not_n), tl_buf_put_u8(&b, (uint8_t)(not_n >> 8));
    tl_buf_put(&b, s.p, s.n);
    tl_buf_put_be32(&b, c << 16 | a);
    return b;
}

static struct tl_buf
gzipped(struct tl_str s)
{
    struct tl_buf b = { 0 };
    assert_int_equal(tl_gzip_deflate(s.p, s.n, &b, NULL), 0);
    return b;
}

#define NATIVE "[{\"type\":\"a\",\"ids\":{\"user\":\"u\"},\"id\":\"1\"},{\"type\":5,\"id\":\"2\"},{\"type\":\"b\",\"props\":{\"x\":[1,2,{\"y\":null}]}},{\"type\":[]}]"
#define BATCH "{\"context\":{\"ip\":\"1\"},\"batch\":[{\"type\":\"track\",\"event\":\"a\",\"userId\":\"u\",\"properties\":{\"a\":1}},{\"type\":\"bogus\",\"messageId\":\"m\"}]}"

enum how { PLAIN, GZIP, ZLIB };
static const struct { const char *line, *headers, *body; enum how how; const char *want; } rows[] = {
    { "POST /v1/events", "", NATIVE, PLAIN, "0 2 2 |" },
    { "POST /v1/events?key=web&ack=logged", "sentAt: 2026-03-01T00:00:00Z\r\n", NATIVE, GZIP, "0 2 2 web logged sent|" },
    { "POST /v1/events?sent_at=2026-03-01T00:00:00Z", "X-Write-Key: till\r\nContent-Encoding: deflate\r\n", NATIVE, ZLIB, "0 2 2 till sent|" },
    { "POST /v1/events", "ce-specversion: 1.0\r\nce-type: x\r\nce-source: s\r\nce-id: 7\r\nContent-Type: application/json\r\n", "{\"user\":\"u\"}", PLAIN, "0 " },
    { "POST /v1/cloudevents", "Content-Type: application/cloudevents+json\r\n", "{\"specversion\":\"1.0\",\"type\":\"x\",\"source\":\"s\",\"id\":\"7\",\"data\":{\"a\":1}}", PLAIN, "0 " },
    { "POST /v1/batch", "Authorization: Basic d2s6\r\n", BATCH, PLAIN, "0 1 1 wk|" },
    { "POST /v1/batch?writeKey=a", "", BATCH, GZIP, "0 1 1 a|" },
    { "POST /v1/track", "Authorization: Bearer b\r\n", "{\"event\":\"x\",\"userId\":\"u\",\"context\":{\"traits\":{\"email\":\"e\"}}}", PLAIN, "0 1 0 b|" },
    { "GET /pixel.gif?type=view&user=7&page=%2Fa&key=px", "", "", PLAIN, "0 " },
    { "POST /batch?token=t", "", "{\"api_key\":\"k\",\"batch\":[{\"event\":\"$pageview\",\"distinct_id\":\"d\",\"properties\":{\"$current_url\":\"/a\"}},{\"event\":[]}]}", PLAIN, "0 " },
    { "POST /com.snowplowanalytics.snowplow/tp2", "",
      "{\"schema\":\"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4\",\"data\":[{\"e\":\"pv\",\"duid\":\"d\",\"eid\":\"1\",\"p\":\"web\",\"tv\":\"js\",\"url\":\"/a\"}]}", PLAIN, "0 " },
    { "POST /sa?project=p", "", "{\"type\":\"track\",\"event\":\"x\",\"distinct_id\":\"d\",\"time\":1772323203000,\"properties\":{\"a\":1}}", PLAIN, "0 " },
};

static struct tl_buf
packed(size_t i)
{
    struct tl_str plain = tl_str_of(rows[i].body);
    struct tl_buf b = { 0 };
    if (rows[i].how == GZIP) return gzipped(plain);
    if (rows[i].how == ZLIB) return stored(plain);
    tl_buf_put(&b, plain.p, plain.n);
    return b;
}

static void
t_each_allocation_fails(void **s)
{
    struct intake in = { 0 };
    struct tl_err err;
    uint64_t failed = 0;
    (void)s;
    assert_int_equal(receive_init(&in.r, BODY_MAX, 100, &err), 0);
    struct tl_http *h = start(take_in, &in, (struct tl_http_cfg){ .threads = 1, .body_max = 2 * BODY_MAX });
    int fd = dial(h);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char want[2000], got[2000];
        struct tl_buf b = packed(i);
        struct tl_str body = { (char *)b.data, b.len };
        request(fd, rows[i].line, rows[i].headers, body, 0, want);
        if (strncmp(want, rows[i].want, strlen(rows[i].want)) != 0) fail_msg("row %zu: %s", i, want);
        bool met = true;
        for (uint64_t k = 1; met && k < 200; k++) {
            met = request(fd, rows[i].line, rows[i].headers, body, k, got);
            bool none = !strncmp(got, "-2 ", 3);
            failed += none;
            if (none) assert_non_null(strchr(got, '|')[1] ? got : NULL);
            else if (strcmp(got, want) != 0) fail_msg("row %zu, allocation %llu: %s, not %s", i, (unsigned long long)k, got, want);
            request(fd, rows[i].line, rows[i].headers, body, 0, got);
            assert_string_equal(got, want);
        }
        assert_false(met);
        tl_buf_free(&b);
    }
    assert_true(failed > 2 * sizeof rows / sizeof *rows);
    close(fd);
    tl_http_stop(&h);
    receive_free(&in.r);
    body_free(&in.b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(t_each_allocation_fails) };
    if (tl_hash_init() != 0) return 1;
    return cmocka_run_group_tests_name("receive_edges", tests, NULL, NULL);
}
