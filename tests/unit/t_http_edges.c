/* t_http_edges.c - the HTTP server short of memory, of descriptors, of threads and of time; ports that are taken; sockets that are handed over. What was
 * refused can be sent again on the next connection, and all memory is given back. */
#include "http_kit.h"

#include <sys/un.h>

#include "nth_call.h"
#include "../../lib/tl_http_listen.h"

NTH_CALL(NTH_OTHER, int, eventfd, (unsigned n, int flags), (n, flags))
NTH_CALL(NTH_OTHER, int, epoll_create1, (int flags), (flags))
NTH_CODE(NTH_OTHER, pthread_create, (pthread_t * t, const pthread_attr_t *a, void *(*f)(void *), void *arg), (t, a, f, arg))
NTH_CALL(NTH_OTHER, int, setsockopt, (int fd, int level, int name, const void *p, socklen_t n), (fd, level, name, p, n))
NTH_CALL(NTH_OTHER, int, listen, (int fd, int n), (fd, n))
NTH_BEFORE(NTH_OTHER, FILE *, fopen, (const char *path, const char *mode), (path, mode), NULL)

static atomic_long ahead_s;             /* the clock of all threads runs so much ahead */
int
clock_gettime(clockid_t id, struct timespec *t)
{
    NTH_REAL(clock_gettime);
    int rc = real(id, t);
    t->tv_sec += atomic_load(&ahead_s);
    return rc;
}

#define LARGE_BYTES (32 << 20)          /* more than the sockets of both ends hold */
#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define POST(path, n) "POST " path " HTTP/1.1\r\nHost: a\r\nContent-Length: " n "\r\n\r\n"

/* ---- a handler that does what the address says ---- */
static struct tl_http_req *kept;
static pthread_mutex_t kept_lock = PTHREAD_MUTEX_INITIALIZER;

static void
names(void *arg, struct tl_str name, struct tl_str value)
{
    tl_buf_printf(arg, "[%.*s=%.*s]", (int)name.n, name.p, (int)value.n, value.p);
}

static void
act(void *arg, int loop, struct tl_http_req *rq)
{
    struct tl_buf b = { 0 };
    struct tl_err err;
    struct tl_str path = tl_http_path(rq), k = tl_http_query(rq, "k", 0);
    struct tl_http_reply r = { .status = 200, .content_type = "text/plain" };
    (void)arg, (void)loop;
    if (tl_str_is(path, "/starve")) tl_alloc_fail_at(strtoul(k.p, NULL, 10), false);        /* on this loop, from here on */
    if (tl_str_is(path, "/error")) {
        tl_fail(&err, TL_EBUSY, "say \"what\" \\ and\nwhere");
        tl_http_answer_error(rq, &err);
        return;
    }
    if (tl_str_is(path, "/json")) {
        tl_buf_put_str(&b, "{}");
        b.failed = k.p != NULL;
        tl_http_answer_json(rq, 201, &b);
        tl_buf_free(&b);
        return;
    }
    if (tl_str_is(path, "/keep")) {
        pthread_mutex_lock(&kept_lock);
        kept = rq;
        pthread_mutex_unlock(&kept_lock);
        return;
    }
    if (tl_str_is(path, "/large")) {
        static const char large[LARGE_BYTES];
        r.body = (struct tl_str){ large, sizeof large };
        r.body_static = true;
        tl_http_answer(rq, &r);
        return;
    }
    if (tl_str_is(path, "/file")) r.file_fd = 1 << 20;
    if (tl_str_is(path, "/trade")) tl_buf_printf(&b, "traded %d", tl_http_body_trade(rq, strtoul(k.p, NULL, 10)));
    else tl_buf_printf(&b, "%s %zu cut %d", tl_http_peer(rq).p, tl_http_body(rq).n, tl_http_body_cut(rq));
    tl_http_query_each(rq, names, &b);
    r.body = (struct tl_str){ (char *)b.data, b.len };
    tl_http_answer(rq, &r);
    tl_buf_free(&b);
}

static void
is_there(const struct tl_http *h)
{
    char out[500];
    assert_int_equal(ask(h, GET("/"), out, sizeof out), 200);
}

/* ---- memory ---- */
static void
t_no_memory(void **s)
{
    char out[2000], starve[60];
    (void)s;
    struct tl_http *h = start(act, NULL, (struct tl_http_cfg){ .threads = 1 });
    int64_t bodies = tl_count_get(HTTP_BODY_BYTES), connections = tl_count_get(HTTP_CONNECTIONS);
    int refused = 0, gone = 0;
    for (int k = 1; k < 5; k++)
        for (int fresh = 0; fresh < 2; fresh++) {
            int fd = dial(h);
            snprintf(starve, sizeof starve, "GET /starve?k=%d HTTP/1.1\r\nHost: a\r\n\r\n", k + 1);        /* the first is the answer's text */
            say(fd, starve);
            assert_int_equal(hear(fd, out, sizeof out), 200);
            int other = fresh ? dial(h) : fd;
            say(other, POST("/", "5") "hello");
            int status = hear(other, out, sizeof out);
            refused += status == 503, gone += status == 0;
            if (status == 503) assert_non_null(strstr(out, "Retry-After: 1"));
            else if (status != 0) assert_int_equal(status, 200);
            if (fresh) close(other);
            close(fd);
            for (int i = 0; ask(h, GET("/starve?k=0"), out, sizeof out) != 200; i++)       /* one that was not met yet is met here */
                assert_in_range(i, 0, 1);
            is_there(h);
        }
    assert_true(refused >= 1 && gone >= 2);         /* no room for a body: later; none for the request itself: the connection ends */
    tl_http_stop(&h);
    assert_int_equal(tl_count_get(HTTP_BODY_BYTES), bodies);
    assert_int_equal(tl_count_get(HTTP_CONNECTIONS), connections);
}

static void
t_one_budget_for_all(void **s)
{
    char out[2000], body[8001];
    (void)s;
    memset(body, 'x', 8000);
    body[8000] = 0;
    struct tl_http *h = start(act, NULL, (struct tl_http_cfg){ .threads = 1, .memory_budget = 2 * 12 * 1024 + 10000, .body_budget = 1 << 20 });
    int fd = dial(h), more[3];
    say(fd, POST("/", "8000"));
    say(fd, body);
    assert_int_equal(hear(fd, out, sizeof out), 200);
    for (int i = 0; i < 3; i++)                     /* their own memory is of the same budget */
        more[i] = dial(h), say(more[i], GET("/")), assert_int_equal(hear(more[i], out, sizeof out), 200);
    say(fd, POST("/", "8000"));
    say(fd, body);
    assert_int_equal(hear(fd, out, sizeof out), 503);
    assert_non_null(strstr(out, "Retry-After"));
    for (int i = 0; i < 3; i++)
        close(more[i]);
    for (int status = 503; status == 503; ) {       /* until the server has seen that they are gone */
        say(fd, POST("/", "8000"));
        say(fd, body);
        status = hear(fd, out, sizeof out);
    }
    assert_non_null(strstr(out, " 8000 cut 0"));
    close(fd);
    tl_http_stop(&h);
}

static void
t_trade(void **s)
{
    char out[2000];
    (void)s;
    struct tl_http *h = start(act, NULL, (struct tl_http_cfg){ .body_budget = 20000 });
    assert_int_equal(ask(h, POST("/trade?k=10000", "5") "hello", out, sizeof out), 200);
    assert_non_null(strstr(out, "traded 1"));
    assert_int_equal(ask(h, POST("/trade?k=20001", "5") "hello", out, sizeof out), 200);
    assert_non_null(strstr(out, "traded 0"));
    is_there(h);
    tl_http_stop(&h);
}

/* ---- bodies over the limit ---- */
static void
refuse_some(void *arg, struct tl_http_req *rq, const struct tl_err *err)
{
    (void)arg;
    if (!tl_str_is(tl_http_path(rq), "/own")) return;
    struct tl_http_reply r = { .status = tl_err_http(err->code), .body = TL_STR("my own words") };
    tl_http_answer(rq, &r);
}

static bool
cut_some(void *arg, struct tl_http_req *rq)
{
    (void)arg;
    return tl_str_is(tl_http_path(rq), "/cut");
}

static void
t_over_the_limit(void **s)
{
    static const struct { const char *head, *want; int status; } rows[] = {
        { POST("/own", "1500"), "my own words", 413 },
        { POST("/", "1500"), "the body is larger than its limit", 413 },
        { POST("/cut", "1500"), " 0 cut 1", 200 },
        { POST("/own", "900000"), "the body is larger than its limit", 413 },       /* so much that nobody is asked */
        { POST("/cut", "900000"), "the body is larger than its limit", 413 },
    };
    char out[2000], body[1501];
    (void)s;
    memset(body, 'x', 1500);
    body[1500] = 0;
    struct tl_http *h = start(act, NULL, (struct tl_http_cfg){ .body_max = 1000, .refused = refuse_some, .cuts = cut_some });
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = dial(h);
        say(fd, rows[i].head);
        say(fd, body);
        assert_int_equal(hear(fd, out, sizeof out), rows[i].status);
        if (!strstr(out, rows[i].want)) fail_msg("row %zu: %s", i, out);
        close(fd);
    }
    for (int cut = 0; cut < 2; cut++) {             /* its length is not told before: it shows */
        int fd = dial(h);
        say(fd, cut ? "POST /cut HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n384\r\n" : "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n384\r\n");
        body[900] = 0;
        say(fd, body);
        usleep(20000);
        say(fd, "\r\n384\r\n");
        say(fd, body);
        say(fd, "\r\n0\r\n\r\n");
        assert_int_equal(hear(fd, out, sizeof out), cut ? 200 : 413);
        if (cut) assert_non_null(strstr(out, "cut 1"));
        close(fd);
    }
    tl_http_stop(&h);
}

/* ---- answers ---- */
static void
t_answers(void **s)
{
    static const struct { const char *ask, *want; int status; } rows[] = {
        { GET("/error"), "say 'what' ' and where\"", 503 },
        { GET("/json"), "\r\n\r\n{}", 201 },
        { GET("/json?k"), "out of memory", 503 },
        { GET("/file"), "Retry-After: 1", 503 },            /* a file that is none */
        { GET("/?&&a=%41%4a%6A&b+c=d+e&=&f"), "[a=AJj][b c=d e][=][f=]", 200 },
        { GET("/%g1%1g%?a=%:1%/1%@1%`1%G1"), "[a=%:1%/1%@1%`1%G1]", 200 },
    };
    char out[2000];
    (void)s;
    struct tl_http *h = start(act, NULL, (struct tl_http_cfg){ 0 });
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (ask(h, rows[i].ask, out, sizeof out) != rows[i].status || !strstr(out, rows[i].want)) fail_msg("row %zu: %s", i, out);
    }
    tl_http_stop(&h);
    struct tl_buf b = { 0 };
    char form[] = "a=1&b=%31+2&&c";
    tl_http_form_each(form, names, &b);
    assert_int_equal(b.len, strlen("[a=1][b=1 2][c=]"));
    assert_memory_equal(b.data, "[a=1][b=1 2][c=]", b.len);
    tl_buf_free(&b);
}

/* From then on every answer ends its connection, those that wait too; new ones are not taken. */
static void
t_quiesce(void **s)
{
    static const struct tl_http_reply ok = { .status = 202, .body = { "late", 4 } };
    char out[500];
    (void)s;
    struct tl_http *h = start(act, NULL, (struct tl_http_cfg){ .threads = 1 });
    int fd = dial(h);
    kept = NULL;
    say(fd, GET("/keep"));
    for (struct tl_http_req *rq = NULL; !rq; usleep(1000)) {
        pthread_mutex_lock(&kept_lock);
        rq = kept;
        pthread_mutex_unlock(&kept_lock);
    }
    tl_http_quiesce(h);
    tl_http_answer(kept, &ok);
    assert_int_equal(hear(fd, out, sizeof out), 202);
    assert_non_null(strcasestr(out, "connection: close"));
    close(fd);
    tl_http_stop(&h);
    tl_http_stop(&h);
    assert_null(h);
}

/* A connection on which nothing is asked is closed in time. */
static void
t_idle(void **s)
{
    char out[500];
    (void)s;
    struct tl_http *h = start(act, NULL, (struct tl_http_cfg){ .threads = 1, .deadline_ms = 60000 });
    int fd = dial(h), late = dial(h);
    say(fd, GET("/"));
    assert_int_equal(hear(fd, out, sizeof out), 200);
    say(late, "GET / HTTP/1.1\r\nHost: a\r\n");
    usleep(20000);
    atomic_fetch_add(&ahead_s, 11);
    assert_int_equal(hear(fd, out, sizeof out), 0);
    close(fd);
    close(late);
    is_there(h);
    tl_http_stop(&h);
}

/* How much of an answer of LARGE_BYTES comes to who reads none of it for so long. */
static size_t
read_after(const struct tl_http *h, long wait_s)
{
    static char out[1 << 20];
    size_t got = 0;
    int fd = dial(h);
    struct pollfd begun = { .fd = fd, .events = POLLIN };
    say(fd, GET("/large"));
    assert_int_equal(poll(&begun, 1, 20000), 1);
    for (int i = 0; i < 2; i++) is_there(h);
    atomic_fetch_add(&ahead_s, wait_s);
    for (int i = 0; i < 2; i++) is_there(h);
    for (ssize_t n = 1; n > 0 && got < LARGE_BYTES; got += n > 0 ? (size_t)n : 0) n = recv(fd, out, sizeof out, 0);
    close(fd);
    return got;
}

/* Who reads slowly looks from here like who reads nothing, until half of what the sockets hold has gone. */
static void
t_slow_reader(void **s)
{
    (void)s;
    struct tl_http *h = start(act, NULL, (struct tl_http_cfg){ .threads = 1 });
    assert_in_range(read_after(h, 50), LARGE_BYTES, SIZE_MAX);
    assert_in_range(read_after(h, 70), 1, LARGE_BYTES - 1);
    tl_http_stop(&h);
}

/* ---- starting ---- */
static int
try_start(struct tl_http_cfg cfg, struct tl_err *err)
{
    struct tl_http *h = NULL;
    *err = (struct tl_err){ 0 };
    if (!cfg.bind) cfg.bind = "127.0.0.1";
    cfg.handler = act;
    cfg.threads = 3;
    cfg.body_max = 1000;
    int rc = tl_http_start(&h, &cfg, err);
    if (rc == 0) {
        is_there(h);
        tl_http_stop(&h);
    }
    return rc;
}

static void
t_start_fails(void **s)
{
    static const struct { const char *call; uint64_t k; int code, rc; const char *says; } rows[] = {
        { "eventfd", 1, EMFILE, TL_EIO, "descriptors" },      { "eventfd", 3, EMFILE, TL_EIO, "descriptors" },
        { "pthread_create", 1, EAGAIN, TL_ENOMEM, "thread" }, { "pthread_create", 2, EAGAIN, TL_ENOMEM, "thread" },
        { "epoll_create1", 2, EMFILE, TL_EIO, "did not start" }, { "listen", 1, EIO, TL_EIO, "cannot listen on 127.0.0.1" },
        { "setsockopt", 1, EIO, TL_EIO, "cannot listen on" },
    };
    struct tl_err err;
    (void)s;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        nth_anywhere(rows[i].call, rows[i].k, rows[i].code, false);
        int rc = try_start((struct tl_http_cfg){ 0 }, &err);
        if (!nth_done()) continue;                   /* this library asks in another way */
        if (rc != rows[i].rc || !strstr(err.text, rows[i].says)) fail_msg("%s: %d %s", rows[i].call, rc, err.text);
        assert_int_equal(try_start((struct tl_http_cfg){ 0 }, &err), 0);
    }
    tl_alloc_fail_at(1, false);
    assert_int_equal(try_start((struct tl_http_cfg){ 0 }, &err), TL_ENOMEM);
    tl_alloc_fail_at(0, false);
    assert_int_equal(try_start((struct tl_http_cfg){ .bind = "no place" }, &err), TL_ECONFIG);
    assert_non_null(strstr(err.text, "no place is not an address"));
    assert_int_equal(try_start((struct tl_http_cfg){ .bind = "192.0.2.1" }, &err), TL_EIO);
    assert_int_equal(try_start((struct tl_http_cfg){ .tls_cert = "no certificate", .tls_key = "no key" }, &err), TL_ECONFIG);
    assert_int_equal(try_start((struct tl_http_cfg){ .tls_cert = "without a key" }, &err), 0);
}

static void
t_port_taken(void **s)
{
    struct tl_err err;
    (void)s;
    int fd = tl_http_listen("127.0.0.1", 0, &err), port = tl_http_socket_port(fd);
    assert_true(fd >= 0 && port > 0);
    assert_int_equal(try_start((struct tl_http_cfg){ .port = port }, &err), TL_EBUSY);
    assert_non_null(strstr(err.text, "taken by t_http_edges (pid"));
    nth_anywhere("fopen", 1, EACCES, true);         /* who it is cannot be seen */
    assert_int_equal(try_start((struct tl_http_cfg){ .port = port }, &err), TL_EBUSY);
    nth_done();
    assert_non_null(strstr(err.text, "taken by another program"));
    close(fd);
    assert_int_equal(try_start((struct tl_http_cfg){ .port = port }, &err), 0);
    assert_int_equal(tl_http_socket_port(-1), 0);
}

static void
t_ipv6(void **s)
{
    struct tl_err err;
    char out[500];
    struct tl_http *h = NULL;
    struct tl_http_cfg cfg = { .bind = "::1", .handler = act, .threads = 1, .body_max = 1000 };
    (void)s;
    if (tl_http_start(&h, &cfg, &err) != 0) skip();            /* a machine without IPv6 */
    struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)tl_http_port(h)), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    say(fd, GET("/"));
    assert_int_equal(hear(fd, out, sizeof out), 200);
    assert_non_null(strstr(out, "::1 0 cut 0"));
    close(fd);
    int port = tl_http_port(h);
    assert_int_equal(tl_http_listen("::1", port, &err), TL_EBUSY);
    tl_http_stop(&h);
}

/* ---- sockets handed over ---- */
static int
handed(const char *many, const char *pid, int fd, bool beyond)
{
    struct tl_err err = { 0 };
    int before = dup(3);
    if (many) setenv("LISTEN_FDS", many, 1);
    if (pid) setenv("LISTEN_PID", pid, 1);
    if (fd >= 0) dup2(fd, 3);
    else close(3);
    int rc = tl_http_inherited(0, beyond, &err);
    if (rc < 0) assert_non_null(strstr(err.text, "LISTEN_FDS"));
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_PID");
    close(3);
    if (before >= 0) dup2(before, 3), close(before);
    if (fd >= 0) close(fd);
    return rc;
}

static int
unix_listener(void)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at.sun_family), 0);       /* a name of the kernel's */
    assert_int_equal(listen(fd, 1), 0);
    return fd;
}

static void
t_handed_over(void **s)
{
    char me[20], other[20];
    struct tl_err err;
    (void)s;
    snprintf(me, sizeof me, "%d", (int)getpid());
    snprintf(other, sizeof other, "%d", (int)getpid() + 1);
    assert_int_equal(handed(NULL, NULL, -1, false), 0);
    assert_int_equal(handed("1", NULL, -1, false), 0);
    assert_int_equal(handed("0", me, -1, false), 0);
    assert_int_equal(handed("1", other, -1, false), 0);
    assert_int_equal(handed("1", me, -1, false), TL_ECONFIG);
    assert_int_equal(handed("1", me, open("/dev/null", O_RDONLY), false), TL_ECONFIG);
    assert_int_equal(handed("1", me, socket(AF_INET, SOCK_STREAM, 0), false), TL_ECONFIG);
    assert_int_equal(handed("1", me, tl_http_listen("127.0.0.1", 0, &err), false), 3);
    assert_int_equal(handed("1", me, tl_http_listen("0.0.0.0", 0, &err), false), TL_ECONFIG);
    assert_int_equal(handed("2", me, tl_http_listen("0.0.0.0", 0, &err), true), 3);
    assert_int_equal(handed("1", me, unix_listener(), false), TL_ECONFIG);
    int six = tl_http_listen("::1", 0, &err);
    if (six >= 0) assert_int_equal(handed("1", me, six, false), 3);
    six = tl_http_listen("::", 0, &err);
    if (six >= 0) assert_int_equal(handed("1", me, six, false), TL_ECONFIG);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_no_memory),      cmocka_unit_test(t_one_budget_for_all), cmocka_unit_test(t_trade),      cmocka_unit_test(t_over_the_limit),
        cmocka_unit_test(t_answers),        cmocka_unit_test(t_quiesce),            cmocka_unit_test(t_idle), cmocka_unit_test(t_slow_reader),       cmocka_unit_test(t_start_fails),
        cmocka_unit_test(t_port_taken),     cmocka_unit_test(t_ipv6),               cmocka_unit_test(t_handed_over),
    };
    return cmocka_run_group_tests_name("http_edges", tests, NULL, NULL);
}
