/* t_send_edges.c - the sender at its edges: answers of every kind, patience, no memory, no threads, one connection's failure for all, and Ctrl-C. */
#include "send_kit.h"

#include "nth_call.h"
#include "tl_port.h"
#include "tl_run.h"

NTH_CODE(NTH_OTHER, pthread_create, (pthread_t * t, const pthread_attr_t *a, void *(*f)(void *), void *arg), (t, a, f, arg))
NTH_BEFORE(NTH_OTHER, void *, curl_easy_init, (void), (), NULL)

/* ---- a clock that can be ahead: patience ends at once ---- */
static atomic_long ahead_us;
static int64_t (*true_mono)(struct tl_clock *c);

static int64_t
mono_ahead(struct tl_clock *c)
{
    return true_mono(c) + atomic_load(&ahead_us);
}

static struct sender *
open_sender(struct sender_cfg cfg)
{
    struct sender *s = NULL;
    struct tl_err err = { 0 };
    if (!cfg.key)
        cfg.key = "k";
    if (sender_open(&s, &cfg, &err) != 0)
        fail_msg("%s", err.text);
    return s;
}

static int
put_n(struct sender *s, unsigned from, unsigned n, struct tl_err *err)
{
    int rc = 0;
    for (unsigned i = from; i < from + n && rc == 0; i++)
        rc = put(s, i, 5, err);
    return rc;
}

/* ---- answers ---- */
static uint64_t told, told_line;

static void
tell(void *arg, uint64_t line, struct tl_str id, struct tl_str reason, struct tl_str field)
{
    (void)arg, (void)id, (void)reason, (void)field;
    told++;
    told_line = line;
}

static void
t_answers(void **state)
{
    (void)state;
    static char long_no[1000] = "no: ";
    const struct {
        int status;
        const char *body;
        int rc;
        uint64_t accepted, quarantined, told;
        const char *text;
    } rows[] = {
        { 202, "{\"accepted\":3}", 0, 3, 0, 0, NULL },
        { 200, "{\"accepted\":2,\"quarantined\":[{\"index\":2,\"reason\":\"x\"}]}", 0, 2, 1, 1, NULL },
        { 202, "{\"accepted\":0,\"quarantined\":[{\"index\":-1},{\"index\":3},{\"id\":\"i\"}]}", 0, 0, 3, 0, NULL },
        { 202, "<html>", TL_EINVAL, 0, 0, 0, "" },
        { 202, "", TL_EINVAL, 0, 0, 0, "" },
        { 400, "{}", TL_EINVAL, 0, 0, 0, "(HTTP 400): {}" },
        { 413, long_no, TL_EINVAL, 0, 0, 0, "(HTTP 413): no: " },
        { 301, "elsewhere", TL_EINVAL, 0, 0, 0, "(HTTP 301)" },
        { 404, "", TL_EINVAL, 0, 0, 0, "(HTTP 404)" },
    };
    memset(long_no + 4, 'n', sizeof long_no - 5);
    struct door *d = door_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int listening = 0; listening < 2; listening++) {
            struct sender_counts c;
            struct tl_err err = { 0 };
            d->status = rows[i].status;
            d->body = rows[i].body;
            d->requests = 0;
            told = 0;
            struct sender *s = open_sender((struct sender_cfg){ .url = d->url, .refused = listening ? tell : NULL, .connections = 1 });
            assert_int_equal(put_n(s, 0, 3, &err), 0);
            int rc = sender_close(&s, &c, &err);
            if (rc != rows[i].rc)
                fail_msg("row %zu: %d %s", i, rc, err.text);
            assert_int_equal(err.code, rc);
            assert_int_equal(c.accepted, rows[i].accepted);
            assert_int_equal(c.quarantined, rows[i].quarantined);
            assert_int_equal(told, listening ? rows[i].told : 0);
            if (told)
                assert_int_equal(told_line, 1002);
            if (rows[i].text)
                assert_non_null(strstr(err.text, rows[i].text));
            assert_int_equal(d->requests, 1);           /* what says no is not asked again */
        }
    door_free(d);
}

static void
t_busy_then_good(void **state)
{
    (void)state;
    struct door *d = door_new();
    struct sender_counts c;
    struct tl_err err;
    char url[96];
    d->busy_first = 3;
    snprintf(url, sizeof url, "%s/", d->url);
    struct sender *s = open_sender((struct sender_cfg){ .url = url, .token = "secret", .connections = 1 });
    sender_counts(s, &c);
    assert_int_equal(c.events, 0);
    assert_int_equal(sender_push(s, &err), 0);          /* nothing to push */
    assert_int_equal(sender_flush(s, &err), 0);
    for (unsigned i = 0; i < 7; i++)                    /* more bodies than there is room for: it waits for them */
        assert_int_equal(put_n(s, i * SENDER_BODY_EVENTS, SENDER_BODY_EVENTS, &err), 0);
    assert_int_equal(sender_push(s, &err), 0);
    assert_int_equal(sender_push(s, &err), 0);
    assert_int_equal(sender_close(&s, &c, &err), 0);
    assert_int_equal(c.events, 7 * SENDER_BODY_EVENTS);
    assert_int_equal(c.accepted, c.events);
    assert_int_equal(c.resent, 3);
    for (unsigned i = 0; i < 7 * SENDER_BODY_EVENTS; i++)
        assert_int_equal(d->seen[i], 1);
    assert_string_equal(d->token, "secret");
    assert_int_equal(sender_close(&s, NULL, NULL), 0);
    door_free(d);
}

/* ---- patience ---- */
static void
run_ahead(void *arg, char url[80])
{
    (void)url;
    atomic_fetch_add(&ahead_us, *(const long *)arg);
}

static void
t_patience(void **state)
{
    (void)state;
    static const struct {
        int status, patience_s;
        const char *url;
        int rc;
        const char *says;
    } rows[] = {
        { 503, 2, NULL, TL_EBUSY, "has answered 503 (busy) for 2 s" },
        { 429, 60, NULL, TL_EBUSY, "has answered 429 (busy) for 60 s" },
        { 202, 0, "http://127.0.0.1:1", TL_ENET, "no collector answers at http://127.0.0.1:1 for 5 s" },    /* never answered: likely the wrong address */
        { 202, 3, "http://127.0.0.1:1", TL_ENET, "for 3 s" },
    };
    static long step_us = 0;
    true_mono = tl_clock_real()->mono_us;
    tl_clock_real()->mono_us = mono_ahead;
    struct door *d = door_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tl_err err = { 0 };
        d->status = rows[i].status;
        struct sender *s = open_sender((struct sender_cfg){ .url = rows[i].url ? rows[i].url : d->url, .patience_s = rows[i].patience_s, .connections = 99 });
        assert_int_equal(put_n(s, 0, 3, &err), 0);
        assert_int_equal(sender_push(s, &err), 0);
        atomic_fetch_add(&ahead_us, 61000000);
        assert_int_equal(sender_close(&s, NULL, &err), rows[i].rc);
        if (!strstr(err.text, rows[i].says))
            fail_msg("row %zu: %s", i, err.text);
    }
    d->status = 202;                                    /* looking for it again is no silence: the clock runs while it is looked for, and it is there */
    struct sender_counts c;
    d->busy_first = 1;
    step_us = 100000000;
    struct sender *s = open_sender((struct sender_cfg){ .url = d->url, .find = run_ahead, .arg = &step_us });
    assert_int_equal(put_n(s, 0, 3, NULL), 0);
    assert_int_equal(sender_close(&s, &c, NULL), 0);
    assert_int_equal(c.accepted, 3);
    door_free(d);
    tl_clock_real()->mono_us = true_mono;
}

/* ---- no memory, no threads ---- */
static void
t_open_fails(void **state)
{
    (void)state;
    const struct sender_cfg cfg = { .url = "", .key = "k", .token = "", .connections = 2 };
    uint64_t k = 1;
    for (int rc = TL_ENOMEM; rc != 0; k++) {
        struct sender *s = NULL;
        struct tl_err err = { 0 };
        tl_alloc_fail_at(k, false);
        rc = sender_open(&s, &cfg, &err);
        tl_alloc_fail_at(0, false);
        assert_int_equal(err.code, rc);
        if (rc != 0) {
            assert_int_equal(rc, TL_ENOMEM);
            assert_null(s);
        }
        sender_close(&s, NULL, NULL);
    }
    assert_in_range(k, 12, 16);                 /* itself, six bodies of two parts */
    for (uint64_t n = 1; n < 3; n++) {
        struct sender *s = NULL;
        struct tl_err err = { 0 };
        nth_only("pthread_create", n, EAGAIN, false);
        assert_int_equal(sender_open(&s, &cfg, &err), TL_ENOMEM);
        assert_true(nth_done());
        assert_non_null(strstr(err.text, "thread"));
        assert_null(s);
    }
}

static void
t_no_connection(void **state)
{
    (void)state;
    struct door *d = door_new();
    struct tl_err err = { 0 };
    nth_anywhere("curl_easy_init", 1, ENOMEM, true);
    struct sender *s = open_sender((struct sender_cfg){ .url = d->url });
    assert_int_equal(put_n(s, 0, 3, &err), 0);
    assert_int_equal(sender_flush(s, &err), TL_ENOMEM);
    assert_non_null(strstr(err.text, "connection"));
    assert_int_equal(sender_push(s, NULL), TL_ENOMEM);
    assert_int_equal(sender_close(&s, NULL, &err), TL_ENOMEM);
    nth_done();
    assert_int_equal(d->requests, 0);
    door_free(d);
}

static void
starve(void *arg, char url[80])
{
    (void)url;
    uint64_t *k = arg;
    tl_alloc_fail_at(*k, false);                /* on the connection's thread, before the body goes again */
}

/* Every allocation of taking an answer fails once: either the body goes again, or the failure is said; the events are counted once or not at all. */
static void
t_no_memory_for_the_answer(void **state)
{
    (void)state;
    uint64_t failed = 0, good = 0;
    struct door *d = door_new();
    for (uint64_t k = 1; k < 8; k++) {
        struct sender_counts c;
        struct tl_err err = { 0 };
        d->busy_first = 1;
        struct sender *s = open_sender((struct sender_cfg){ .url = d->url, .find = starve, .arg = &k, .connections = 1 });
        assert_int_equal(put_n(s, 0, 3, &err), 0);
        int rc = sender_close(&s, &c, &err);
        assert_true(rc == 0 || rc == TL_ENOMEM);
        assert_int_equal(err.code, rc);
        assert_int_equal(c.accepted, rc == 0 ? 3 : 0);
        failed += rc != 0, good += rc == 0;
    }
    door_free(d);
    assert_true(failed > 0 && good > 0);
}

/* An event larger than a body, and no memory for it: it is refused whole, those after it go. */
static void
t_no_memory_for_an_event(void **state)
{
    (void)state;
    struct door *d = door_new();
    struct sender_counts c;
    struct tl_err err = { 0 };
    size_t n = SENDER_BODY_BYTES * 2;
    char *big = malloc(n);
    memset(big, '1', n);
    struct sender *s = open_sender((struct sender_cfg){ .url = d->url });
    assert_int_equal(put_n(s, 0, 1, &err), 0);
    tl_alloc_fail_at(1, false);
    assert_int_equal(sender_put(s, (struct tl_str){ big, n }, 7, &err), TL_ENOMEM);
    tl_alloc_fail_at(0, false);
    assert_non_null(strstr(err.text, "1000000 bytes"));
    assert_int_equal(put_n(s, 1, 1, &err), 0);
    assert_int_equal(sender_close(&s, &c, &err), 0);
    assert_int_equal(c.events, 2);
    assert_int_equal(d->seen[0] + d->seen[1], 2);
    free(big);
    door_free(d);
}

/* ---- one failure for all, and Ctrl-C ---- */
static void
wait_requests(struct door *d, uint64_t n)
{
    for (uint64_t seen = 0; seen < n; usleep(1000)) {
        pthread_mutex_lock(&d->lock);
        seen = d->requests;
        pthread_mutex_unlock(&d->lock);
    }
}

static void
t_one_fails_for_all(void **state)
{
    (void)state;
    struct door *d = door_new();
    struct tl_err err = { 0 };
    d->status = 503;                            /* the first waits for ten minutes, the second is refused */
    d->retry_after = "600";
    d->unwilling_later = true;
    struct sender *s = open_sender((struct sender_cfg){ .url = d->url, .connections = 2 });
    put_n(s, 0, 1, NULL);
    sender_push(s, NULL);
    wait_requests(d, 1);
    put_n(s, 1, 1, NULL);
    assert_int_equal(sender_flush(s, &err), TL_EINVAL);
    assert_non_null(strstr(err.text, "401"));
    int rc = 0;
    for (unsigned i = 0; i < 10 && rc == 0; i++)
        rc = put_n(s, 2, SENDER_BODY_EVENTS, &err);
    assert_int_equal(rc, TL_EINVAL);            /* whoever goes on is told the same */
    assert_int_equal(sender_close(&s, NULL, NULL), TL_EINVAL);
    assert_int_equal(d->requests, 2);
    door_free(d);
}

static void *
stop_when_asked(void *arg)
{
    wait_requests(arg, 1);
    tl_run_stop();
    return NULL;
}

/* The last test: a stopped program stays stopped. */
static void
t_stopped(void **state)
{
    (void)state;
    struct door *d = door_new();
    struct tl_err err = { 0 };
    pthread_t thread;
    d->status = 429;
    d->retry_after = "600";
    struct sender *s = open_sender((struct sender_cfg){ .url = d->url, .connections = 1 });
    pthread_create(&thread, NULL, stop_when_asked, d);
    assert_int_equal(put_n(s, 0, 3, &err), 0);
    assert_int_equal(sender_flush(s, &err), TL_EINTR);
    assert_non_null(strstr(err.text, "run the same command again"));
    pthread_join(thread, NULL);
    assert_int_equal(put_n(s, 3, 1, &err), TL_EINTR);
    assert_int_equal(sender_close(&s, NULL, &err), TL_EINTR);
    door_free(d);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_answers),       cmocka_unit_test(t_busy_then_good),           cmocka_unit_test(t_patience),
        cmocka_unit_test(t_open_fails),    cmocka_unit_test(t_no_connection),            cmocka_unit_test(t_no_memory_for_the_answer),
        cmocka_unit_test(t_no_memory_for_an_event), cmocka_unit_test(t_one_fails_for_all), cmocka_unit_test(t_stopped),
    };
    tl_hash_init();
    return cmocka_run_group_tests_name("send_edges", tests, NULL, NULL);
}
