/* tl_bus between two ends in this process: order, wholeness, and no wake-up lost by a caller who only polls the descriptor. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "tl_bus.h"

static struct tl_bus *
open_end(const char *endpoint, bool router)
{
    struct tl_bus *b = NULL;
    struct tl_err err = { 0 };
    const struct tl_bus_cfg cfg = { .endpoint = endpoint, .router = router };
    if (tl_bus_open(&b, &cfg, &err) != 0)
        fail_msg("%s", err.text);
    return b;
}

static bool
readable(struct tl_bus *b, int wait_ms)
{
    struct pollfd p = { .fd = tl_bus_fd(b), .events = POLLIN };
    return poll(&p, 1, wait_ms) == 1;
}

/* receive - as a main loop does it: wait for the descriptor alone. */
static int
receive(struct tl_bus *b, struct tl_bus_msg *m)
{
    for (int i = 0; i < 50; i++) {
        int rc = tl_bus_recv(b, m, NULL);
        if (rc != TL_EAGAIN)
            return rc;
        if (!readable(b, 5000))
            return TL_EAGAIN;
    }
    return TL_EAGAIN;
}

static void
send_when_up(struct tl_bus *b, const struct tl_str *frame, int n)
{
    int rc = TL_EAGAIN;
    for (int i = 0; i < 500 && rc == TL_EAGAIN; i++) {
        rc = tl_bus_send(b, NULL, 0, frame, n, NULL);
        if (rc == TL_EAGAIN)
            usleep(10000);
    }
    assert_int_equal(rc, 0);
}

/* Example of use: ask and answer. */
static void
t_there_and_back(void **state)
{
    (void)state;
    struct tl_bus *r = open_end("tcp://127.0.0.1:*", true);
    assert_true(strncmp(tl_bus_endpoint(r), "tcp://127.0.0.1:", 16) == 0 && atoi(tl_bus_endpoint(r) + 16) > 0);
    struct tl_bus *d = open_end(tl_bus_endpoint(r), false);
    const struct tl_str ask[] = { TL_STR("TL1B"), TL_STR("head"), TL_STR("") };
    send_when_up(d, ask, 3);
    struct tl_bus_msg m;
    assert_int_equal(receive(r, &m), 0);
    assert_int_equal(m.frames_n, 3);
    assert_true(tl_str_is(m.frame[0], "TL1B") && tl_str_is(m.frame[1], "head") && m.frame[2].n == 0);
    const struct tl_str answer[] = { TL_STR("TL1A") };
    assert_int_equal(tl_bus_send(r, m.route, m.route_n, answer, 1, NULL), 0);
    tl_bus_done(&m);
    assert_int_equal(receive(d, &m), 0);
    assert_true(m.frames_n == 1 && m.route_n == 0 && tl_str_is(m.frame[0], "TL1A"));
    tl_bus_done(&m);
    assert_int_equal(tl_bus_recv(d, &m, NULL), TL_EAGAIN);
    assert_false(readable(d, 20));
    tl_bus_close(&d);
    tl_bus_close(&r);
}

/* Stopping half way, and sending in between, must not make the rest invisible to poll. */
static void
t_no_lost_wakeup(void **state)
{
    (void)state;
    struct tl_bus *r = open_end("tcp://127.0.0.1:*", true), *d = open_end(tl_bus_endpoint(r), false);
    uint32_t got = 0;
    for (uint32_t round = 0; round < 200; round++) {
        struct tl_bus_msg m;
        uint32_t v[3];
        for (uint32_t i = 0; i < 3; i++) {
            v[i] = round * 3 + i;
            const struct tl_str f = { (char *)&v[i], sizeof v[i] };
            send_when_up(d, &f, 1);
        }
        for (int i = 0; i < 3; i++) {
            assert_true(readable(r, 5000));         /* one message per wake-up */
            assert_int_equal(receive(r, &m), 0);
            assert_memory_equal(m.frame[0].p, &got, sizeof got);
            got++;
            assert_int_equal(tl_bus_send(r, m.route, m.route_n, m.frame, 1, NULL), 0);
            tl_bus_done(&m);
        }
        for (int i = 0; i < 3; i++) {
            assert_true(readable(d, 5000));
            assert_int_equal(receive(d, &m), 0);
            tl_bus_done(&m);
        }
    }
    tl_bus_close(&d);
    tl_bus_close(&r);
}

static void
t_refuses(void **state)
{
    (void)state;
    struct tl_bus *r = open_end("tcp://127.0.0.1:*", true), *b = NULL;
    struct tl_err err = { 0 };
    struct tl_bus_cfg cfg = { .endpoint = tl_bus_endpoint(r), .router = true };
    assert_int_equal(tl_bus_open(&b, &cfg, &err), TL_EBUSY);
    assert_non_null(strstr(err.text, tl_bus_endpoint(r)));
    cfg.endpoint = "nonsense";
    assert_int_equal(tl_bus_open(&b, &cfg, &err), TL_ECONFIG);
    assert_null(b);
    const struct tl_str f = TL_STR("x");
    assert_int_equal(tl_bus_send(r, (const uint8_t *)"nobody", 6, &f, 1, NULL), TL_EAGAIN);
    tl_bus_close(&r);
    struct tl_bus *alone = open_end("tcp://127.0.0.1:9", false);   /* IMMEDIATE: nothing is queued for a peer that is not there */
    assert_int_equal(tl_bus_send(alone, NULL, 0, &f, 1, NULL), TL_EAGAIN);
    tl_bus_close(&alone);
}

/* A message of too many frames is dropped whole; the next one is whole again. */
static void
t_too_many_frames(void **state)
{
    (void)state;
    struct tl_bus *r = open_end("tcp://127.0.0.1:*", true), *d = open_end(tl_bus_endpoint(r), false);
    const struct tl_str f[] = { TL_STR("1"), TL_STR("2"), TL_STR("3"), TL_STR("4"), TL_STR("5") };
    send_when_up(d, f, 5);
    send_when_up(d, f, 4);
    struct tl_bus_msg m;
    assert_int_equal(receive(r, &m), 0);
    assert_int_equal(m.frames_n, 4);
    assert_true(tl_str_is(m.frame[3], "4"));
    tl_bus_done(&m);
    tl_bus_close(&d);
    tl_bus_close(&r);
}

static void
t_large(void **state)
{
    (void)state;
    struct tl_bus *r = open_end("tcp://127.0.0.1:*", true), *d = open_end(tl_bus_endpoint(r), false);
    size_t n = 1 << 20;
    char *p = tl_alloc(n);
    for (size_t i = 0; i < n; i++)
        p[i] = (char)(i * 31 >> 3);
    for (int i = 0; i < 20; i++) {
        const struct tl_str f = { p, n };
        send_when_up(d, &f, 1);
        struct tl_bus_msg m;
        assert_int_equal(receive(r, &m), 0);
        assert_int_equal(m.frame[0].n, n);
        assert_memory_equal(m.frame[0].p, p, n);
        tl_bus_done(&m);
    }
    tl_free(p);
    tl_bus_close(&d);
    tl_bus_close(&r);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_there_and_back), cmocka_unit_test(t_no_lost_wakeup), cmocka_unit_test(t_refuses), cmocka_unit_test(t_too_many_frames),
        cmocka_unit_test(t_large),
    };
    return cmocka_run_group_tests_name("tl_bus", tests, NULL, NULL);
}
