/* t_http.c - the HTTP server against a plain socket client: keep-alive crowds, kept answers, smuggling, slow senders, limits.
 *
 * Example of use: echo() below answers at once, keeper() keeps every request and another thread answers all of them together, as a group commit does. */
#include "http_kit.h"

static void
echo(void *arg, int loop, struct tl_http_req *rq)
{
    struct tl_buf b = { 0 };
    struct tl_str body = tl_http_body(rq), path = tl_http_path(rq), q = tl_http_query(rq, "x", 1), m = tl_http_method(rq);
    (void)arg;
    (void)loop;
    tl_buf_printf(&b, "%.*s|%.*s|%.*s|%zu|", (int)m.n, m.p, (int)path.n, path.p, (int)q.n, q.p ? q.p : "", body.n);
    tl_buf_put(&b, body.p, body.n < 100 ? body.n : 100);
    struct tl_http_reply r = { .status = 200, .content_type = "text/plain", .body = { (char *)b.data, b.len } };
    tl_http_answer(rq, &r);
    tl_buf_free(&b);
}

struct keeper {
    pthread_mutex_t lock;
    struct tl_http_req *rq[512];
    int n, batches, largest;
    atomic_bool stop;
};

static void
keep(void *arg, int loop, struct tl_http_req *rq)
{
    struct keeper *k = arg;
    (void)loop;
    pthread_mutex_lock(&k->lock);
    k->rq[k->n++] = rq;
    pthread_mutex_unlock(&k->lock);
}

static void *
keeper_main(void *arg)
{
    struct keeper *k = arg;
    struct tl_http_req *rq[512];
    static const struct tl_http_reply ok = { .status = 202, .content_type = "text/plain", .body = { "kept", 4 } };
    for (bool stop = false; !stop; ) {
        struct timespec t = { .tv_nsec = 500000 };
        nanosleep(&t, NULL);
        pthread_mutex_lock(&k->lock);
        int n = k->n;
        memcpy(rq, k->rq, (size_t)n * sizeof *rq);
        k->n = 0;
        k->batches += n > 0;
        if (n > k->largest) k->largest = n;
        stop = k->stop;
        pthread_mutex_unlock(&k->lock);
        for (int i = 0; i < n; i++)
            tl_http_answer(rq[i], &ok);
    }
    return NULL;
}

/* The library's own epoll thread stalls at exactly 128 k ready sockets: here every count must be answered. */
static void
crowd(int connections, int posts)
{
    struct keeper k = { .lock = PTHREAD_MUTEX_INITIALIZER };
    struct tl_http *h = start(keep, &k, (struct tl_http_cfg){ 0 });
    pthread_t t;
    int *fd = calloc((size_t)connections, sizeof *fd);
    char out[1000];
    pthread_create(&t, NULL, keeper_main, &k);
    for (int i = 0; i < connections; i++)
        fd[i] = dial(h);
    for (int p = 0; p < posts; p++) {
        for (int i = 0; i < connections; i++)
            say(fd[i], "POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
        for (int i = 0; i < connections; i++)
            assert_int_equal(hear(fd[i], out, sizeof out), 202);
    }
    k.stop = true;
    pthread_join(t, NULL);
    for (int i = 0; i < connections; i++)
        close(fd[i]);
    tl_http_stop(&h);
    free(fd);
    assert_true(k.largest > 1);
}
static void t_crowd_127(void **s) { (void)s; crowd(127, 20); }
static void t_crowd_128(void **s) { (void)s; crowd(128, 20); }
static void t_crowd_256(void **s) { (void)s; crowd(256, 20); }

static void
t_parts_of_a_request(void **s)
{
    char out[2000];
    (void)s;
    struct tl_http *h = start(echo, NULL, (struct tl_http_cfg){ 0 });
    assert_int_equal(ask(h, "GET /a%20b/%zz?x=1&y&x=2+%26 HTTP/1.1\r\nHost: a\r\n\r\n", out, sizeof out), 200);
    assert_non_null(strstr(out, "GET|/a b/%zz|2 &|0|"));
    assert_int_equal(ask(h, "GET /a%2 HTTP/1.1\r\nHost: a\r\n\r\n", out, sizeof out), 200);
    assert_non_null(strstr(out, "GET|/a%2||0|"));
    assert_int_equal(ask(h, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n", out, sizeof out), 200);
    assert_non_null(strstr(out, "POST|/||7|abcdefg"));
    tl_http_stop(&h);
}

/* Several requests in one packet: all answered, in order, though each is kept for a while. */
static void
t_pipelined(void **s)
{
    struct keeper k = { .lock = PTHREAD_MUTEX_INITIALIZER };
    struct tl_http *h = start(keep, &k, (struct tl_http_cfg){ 0 });
    char out[4000];
    size_t got = 0;
    int answers = 0, fd = dial(h);
    pthread_t t;
    (void)s;
    pthread_create(&t, NULL, keeper_main, &k);
    say(fd, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhiPOST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
            "GET /c HTTP/1.1\r\nHost: a\r\n\r\n");
    for (ssize_t n = 1; n > 0 && answers < 3; ) {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        n = poll(&p, 1, 20000) > 0 ? recv(fd, out + got, sizeof out - 1 - got, 0) : 0;
        got += n > 0 ? (size_t)n : 0;
        out[got] = 0;
        answers = 0;
        for (const char *at = out; (at = strstr(at, "202 Accepted")) != NULL; at++)
            answers++;
    }
    assert_int_equal(answers, 3);
    k.stop = true;
    pthread_join(t, NULL);
    close(fd);
    tl_http_stop(&h);
}

/* After each of these, the bytes that follow must not be read as a second request. */
static void
t_smuggling(void **s)
{
    static const char *const must_reject[] = {
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 37\r\n\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n     ",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3x\r\n\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nX-Odd: a\rContent-Length: 37\r\n\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nX-\x7f: 1\r\nContent-Length: 0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent Length: 37\r\n\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n",
    };
    char out[4000];
    (void)s;
    struct tl_http *h = start(echo, NULL, (struct tl_http_cfg){ 0 });
    for (size_t i = 0; i < sizeof must_reject / sizeof *must_reject; i++) {
        int fd = dial(h);
        say(fd, must_reject[i]);
        int first = hear(fd, out, sizeof out);
        if (first / 100 != 4 && first != 0) fail_msg("case %zu answered %d", i, first);
        if (hear(fd, out, sizeof out) != 0) fail_msg("case %zu: a hidden request was answered", i);
        close(fd);
    }
    tl_http_stop(&h);
}

static int64_t
now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* One byte at a time keeps the library's own timeout from ever firing. */
static void
drip(const struct tl_http *h, const char *head, const char *piece)
{
    int fd = dial(h);
    char out[500];
    int64_t since_ms = now_ms();
    struct pollfd p = { .fd = fd, .events = POLLIN };
    say(fd, head);
    while (poll(&p, 1, 50) == 0 && now_ms() - since_ms < 20000)
        send(fd, piece, 1, MSG_NOSIGNAL);
    assert_in_range(now_ms() - since_ms, 250, 20000);
    assert_int_equal(hear(fd, out, sizeof out), 408);
    close(fd);
}

static void
t_slow_senders(void **s)
{
    char out[500];
    (void)s;
    struct tl_http *h = start(echo, NULL, (struct tl_http_cfg){ .deadline_ms = 300, .threads = 1 });
    int idle = dial(h);                 /* an idle connection is no slow sender */
    drip(h, "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ", "x");
    drip(h, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n", "x");
    say(idle, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(hear(idle, out, sizeof out), 200);
    close(idle);
    tl_http_stop(&h);
}

static void
t_limits(void **s)
{
    char out[2000], *big = calloc(1, 300001);
    (void)s;
    memset(big, 'x', 300000);
    struct tl_http *h = start(echo, NULL, (struct tl_http_cfg){ .body_max = 100000, .body_budget = 150000 });
    int fd = dial(h);
    say(fd, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n");
    say(fd, big);
    assert_int_equal(hear(fd, out, sizeof out), 413);           /* read away, so that the connection lives on */
    say(fd, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n493E0\r\n");
    say(fd, big);
    say(fd, "\r\n0\r\n\r\n");
    assert_int_equal(hear(fd, out, sizeof out), 413);
    say(fd, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
    big[100000] = 0;
    say(fd, big);
    assert_int_equal(hear(fd, out, sizeof out), 200);
    int other = dial(h);
    say(other, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
    big[99999] = 0;
    say(other, big);                                            /* all but one byte: holds most of the budget */
    while (tl_count_get(HTTP_BODY_BYTES) < 99999)
        usleep(1000);
    say(fd, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\n");
    say(fd, big);
    assert_int_equal(hear(fd, out, sizeof out), 503);
    assert_non_null(strstr(out, "Retry-After:"));
    say(other, "x");
    assert_int_equal(hear(other, out, sizeof out), 200);
    close(fd);
    close(other);
    assert_int_equal(ask(h, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n", out, sizeof out), 413);
    tl_http_stop(&h);
    free(big);
}

static void
send_file(void *arg, int loop, struct tl_http_req *rq)
{
    (void)loop;
    tl_http_answer(rq, &(struct tl_http_reply){ .status = 200, .content_type = "text/plain", .file_fd = open(arg, O_RDONLY | O_CLOEXEC) });
}

static void
t_file(void **s)
{
    char path[] = "/tmp/t_http_XXXXXX", out[2000];
    (void)s;
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "from a file", 11), 11);
    close(fd);
    struct tl_http *h = start(send_file, path, (struct tl_http_cfg){ 0 });
    assert_int_equal(ask(h, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", out, sizeof out), 200);
    assert_non_null(strstr(out, "\r\n\r\nfrom a file"));
    unlink(path);
    tl_http_stop(&h);
}

/* Whoever answers 429 or 503, the answer says when to come again; once. */
static void
say_status(void *arg, int loop, struct tl_http_req *rq)
{
    struct tl_str path = tl_http_path(rq);
    struct tl_http_reply r = { .status = atoi(path.p + 1), .body = TL_STR("{}") };
    (void)arg;
    (void)loop;
    if (path.n > 4) r.header[r.headers_n].name = "retry-after", r.header[r.headers_n++].value = "77";
    tl_http_answer(rq, &r);
}

static void
t_retry_after(void **s)
{
    static const struct { const char *path, *want; } row[] = { { "/503", "Retry-After: 1\r" }, { "/429", "Retry-After: 1\r" }, { "/503/own", "retry-after: 77\r" }, { "/429/own", "retry-after: 77\r" },
                                                               { "/200", NULL }, { "/500", NULL }, { "/404", NULL } };
    char out[1000], text[100];
    (void)s;
    struct tl_http *h = start(say_status, NULL, (struct tl_http_cfg){ 0 });
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", row[i].path);
        assert_int_equal(ask(h, text, out, sizeof out), atoi(row[i].path + 1));
        const char *said = strcasestr(out, "retry-after");
        if (!row[i].want) assert_null(said);
        else if (!said || strncmp(said, row[i].want, strlen(row[i].want)) != 0 || strcasestr(said + 1, "retry-after")) fail_msg("%s: %s", row[i].path, out);
    }
    tl_http_stop(&h);
}

static void
t_stop_answers_kept(void **s)
{
    char out[500];
    struct keeper k = { .lock = PTHREAD_MUTEX_INITIALIZER };
    (void)s;
    struct tl_http *h = start(keep, &k, (struct tl_http_cfg){ 0 });
    int fd = dial(h), n = 0;
    say(fd, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
    while (n == 0) {
        pthread_mutex_lock(&k.lock);
        n = k.n;
        pthread_mutex_unlock(&k.lock);
        usleep(1000);
    }
    tl_http_stop(&h);
    assert_int_equal(hear(fd, out, sizeof out), 503);
    assert_non_null(strstr(out, "Retry-After: 1"));
    close(fd);
}

static void
t_port_taken(void **s)
{
    struct tl_http *h, *second = NULL;
    struct tl_err err = { 0 };
    char pid[32];
    (void)s;
    h = start(echo, NULL, (struct tl_http_cfg){ 0 });
    struct tl_http_cfg c = { .bind = "127.0.0.1", .port = tl_http_port(h), .threads = 1, .body_max = 1, .body_budget = 1, .handler = echo };
    assert_int_equal(tl_http_start(&second, &c, &err), TL_EBUSY);
    snprintf(pid, sizeof pid, "(pid %d)", getpid());
    assert_non_null(strstr(err.text, pid));
    tl_http_stop(&h);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_crowd_127), cmocka_unit_test(t_crowd_128), cmocka_unit_test(t_crowd_256),
        cmocka_unit_test(t_parts_of_a_request), cmocka_unit_test(t_pipelined), cmocka_unit_test(t_smuggling), cmocka_unit_test(t_slow_senders),
        cmocka_unit_test(t_limits), cmocka_unit_test(t_file), cmocka_unit_test(t_retry_after), cmocka_unit_test(t_stop_answers_kept), cmocka_unit_test(t_port_taken),
    };
    return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
