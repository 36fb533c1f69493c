/* t_fetch.c - the HTTP client against our own server: bodies there and back, streams to files, refusals, nobody there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tl_fetch.h"
#include "tl_http.h"

#define LARGE (5u * 1024 * 1024)

static struct tl_http *server;
static char base[64];
static char *large;

/* /echo gives the body back, /large LARGE bytes, /no refuses, /later is busy */
static void
on_request(void *arg, int loop, struct tl_http_req *rq)
{
    struct tl_str path = tl_http_path(rq);
    struct tl_http_reply r = { .status = 200, .content_type = "text/plain" };
    (void)arg;
    (void)loop;
    if (tl_str_is(path, "/echo")) {
        r.body = tl_http_body(rq);
    } else if (tl_str_is(path, "/large")) {
        r.body = (struct tl_str){ large, LARGE };
        r.body_static = true;
    } else if (tl_str_is(path, "/later")) {
        r.status = 503;
        r.header[0].name = "Retry-After";
        r.header[0].value = "7";
        r.headers_n = 1;
    } else {
        r.status = 400;
        r.body = TL_STR("no");
    }
    tl_http_answer(rq, &r);
}

static char *
url_of(const char *path, char out[128])
{
    snprintf(out, 128, "%s%s", base, path);
    return out;
}

static void
bodies(void **state)
{
    (void)state;
    struct tl_fetch *f = tl_fetch_new(5000);
    struct tl_buf out = {0};
    char url[128];
    int status = 0, retry = 0;
    assert_int_equal(tl_fetch_do(f, "POST", url_of("/echo", url), NULL, TL_STR("hello"), &status, &retry, &out, NULL), 0);
    assert_int_equal(status, 200);
    assert_int_equal(retry, -1);
    assert_memory_equal(out.data, "hello", 5);
    assert_int_equal(tl_fetch_do(f, "GET", url_of("/later", url), NULL, (struct tl_str){ NULL, 0 }, &status, &retry, &out, NULL), 0);
    assert_int_equal(status, 503);
    assert_int_equal(retry, 7);
    assert_int_equal(out.len, 5);                /* what was there stays */
    tl_fetch_reply_max(f, 1000);                 /* who sends more than wanted has failed, and what came is bounded */
    assert_int_equal(tl_fetch_do(f, "GET", url_of("/large", url), NULL, (struct tl_str){ NULL, 0 }, &status, &retry, &out, NULL), TL_ENET);
    assert_true(out.len <= 1000);
    tl_buf_free(&out);
    tl_fetch_free(&f);
}

static void
streams(void **state)
{
    (void)state;
    struct tl_fetch *f = tl_fetch_new(5000);
    struct tl_buf out = {0};
    struct tl_err err;
    char url[128], path[] = "/tmp/t_fetch_XXXXXX", *back = malloc(LARGE);
    uint64_t written = 1;
    int status = 0, fd = mkstemp(path), full = open("/dev/full", O_WRONLY);
    assert_true(fd >= 0 && full >= 0);
    assert_int_equal(tl_fetch_to_fd(f, url_of("/large", url), fd, &status, &written, &out, NULL), 0);
    assert_int_equal(status, 200);
    assert_int_equal(written, LARGE);
    assert_int_equal(pread(fd, back, LARGE, 0), LARGE);
    assert_memory_equal(back, large, LARGE);
    assert_int_equal(tl_fetch_to_fd(f, url_of("/no", url), fd, &status, &written, &out, NULL), 0);
    assert_int_equal(status, 400);
    assert_int_equal(written, 0);
    assert_memory_equal(out.data, "no", 2);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), LARGE);
    assert_int_equal(tl_fetch_to_fd(f, url_of("/large", url), full, &status, &written, &out, &err), TL_EIO);
    assert_non_null(strstr(err.text, "No space"));
    /* the handle is as good as new */
    tl_buf_reset(&out);
    assert_int_equal(tl_fetch_do(f, "POST", url_of("/echo", url), NULL, TL_STR("again"), &status, NULL, &out, NULL), 0);
    assert_memory_equal(out.data, "again", 5);
    close(fd);
    close(full);
    unlink(path);
    free(back);
    tl_buf_free(&out);
    tl_fetch_free(&f);
}

static void
nobody(void **state)
{
    (void)state;
    struct tl_fetch *f = tl_fetch_new(1000);
    struct tl_buf out = {0};
    struct tl_err err;
    uint64_t written;
    int status;
    assert_int_equal(tl_fetch_do(f, "GET", "http://127.0.0.1:1/x", NULL, (struct tl_str){ NULL, 0 }, &status, NULL, &out, &err), TL_ENET);
    assert_non_null(strstr(err.text, "127.0.0.1:1"));
    assert_int_equal(tl_fetch_to_fd(f, "http://127.0.0.1:1/x", 1, &status, &written, &out, &err), TL_ENET);
    tl_fetch_free(&f);
}

static void
escapes(void **state)
{
    (void)state;
    struct tl_buf b = {0};
    tl_fetch_escape(&b, TL_STR("a b&c=触/~."));
    tl_buf_put_u8(&b, 0);
    assert_string_equal((char *)b.data, "a%20b%26c%3D%E8%A7%A6%2F~.");
    tl_buf_free(&b);
}

static int
start(void **state)
{
    const struct tl_http_cfg cfg = { .bind = "127.0.0.1", .threads = 1, .body_max = 1 << 20, .body_budget = 1 << 22, .connections_max = 16, .deadline_ms = 5000,
                                     .handler = on_request };
    (void)state;
    large = malloc(LARGE);
    for (size_t i = 0; i < LARGE; i++)
        large[i] = (char)(i * 31 >> 3);
    if (tl_http_start(&server, &cfg, NULL) != 0)
        return -1;
    snprintf(base, sizeof base, "http://127.0.0.1:%d", tl_http_port(server));
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    tl_http_stop(&server);
    free(large);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(bodies), cmocka_unit_test(streams), cmocka_unit_test(nobody), cmocka_unit_test(escapes) };
    return cmocka_run_group_tests(tests, start, stop);
}
