/* tl_bus with CURVE: who comes in and who does not, and what is said when a call of libzmq fails while a socket is made or used. */
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>
#include <zmq.h>

#include "nth_kit.h"
#include "tl_bus.h"

/* ---- libzmq and what polls it, each of which may fail ---- */

NTH_BEFORE(NTH_OTHER, void *, zmq_socket, (void *context, int type), (context, type), NULL)
NTH_CALL(NTH_OTHER, int, zmq_setsockopt, (void *s, int option, const void *p, size_t n), (s, option, p, n))
NTH_CALL(NTH_OTHER, int, zmq_getsockopt, (void *s, int option, void *p, size_t *n), (s, option, p, n))
NTH_CALL(NTH_OTHER, int, zmq_bind, (void *s, const char *endpoint), (s, endpoint))
NTH_CALL(NTH_OTHER, int, zmq_connect, (void *s, const char *endpoint), (s, endpoint))
NTH_CALL(NTH_OTHER, int, zmq_socket_monitor, (void *s, const char *endpoint, int events), (s, endpoint, events))
NTH_CALL(NTH_OTHER, int, zmq_msg_recv, (zmq_msg_t *m, void *s, int flags), (m, s, flags))
NTH_CALL(NTH_OTHER, int, zmq_send, (void *s, const void *p, size_t n, int flags), (s, p, n, flags))
NTH_CALL(NTH_OTHER, int, zmq_curve_keypair, (char *public_key, char *secret_key), (public_key, secret_key))
NTH_CALL(NTH_OTHER, int, epoll_create1, (int flags), (flags))
NTH_CALL(NTH_OTHER, int, eventfd, (unsigned n, int flags), (n, flags))
NTH_CALL(NTH_OTHER, int, epoll_ctl, (int fd, int op, int at, struct epoll_event *ev), (fd, op, at, ev))

/* ---- a door with two listed keys, and one that is not ---- */

static struct { struct tl_bus_curve door, till, web, strange; } keys;

static int
listed(void *arg, const uint8_t public_key[TL_BUS_KEY_BYTES], char user[TL_BUS_USER_BYTES])
{
    (void)arg;
    const struct { const struct tl_bus_curve *key; const char *name; } row[] = { { &keys.till, "till-1" }, { &keys.web, "web" } };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (memcmp(row[i].key->public_key, public_key, TL_BUS_KEY_BYTES) == 0) {
            snprintf(user, TL_BUS_USER_BYTES, "%s", row[i].name);
            return 0;
        }
    return TL_EAUTH;
}

static struct tl_bus_cfg
door_cfg(void)
{
    return (struct tl_bus_cfg){ .endpoint = "tcp://127.0.0.1:*", .router = true, .curve = &keys.door, .who = listed };
}

/* libzmq closes behind our back: sockets of tries before still count for a while. */
static bool
too_many(const struct tl_err *err)
{
    return strstr(err->text, strerror(EMFILE)) != NULL;
}

static struct tl_bus *
open_bus(struct tl_bus_cfg cfg)
{
    struct tl_bus *b = NULL;
    struct tl_err err = { 0 };
    for (int i = 0; i < 1000 && tl_bus_open(&b, &cfg, &err) != 0 && too_many(&err); i++)
        usleep(10000);
    if (!b)
        fail_msg("%s", err.text);
    return b;
}

static struct tl_bus *
dial(const struct tl_bus *door, const struct tl_bus_curve *key)
{
    return open_bus((struct tl_bus_cfg){ .endpoint = tl_bus_endpoint(door), .curve = key });
}

/* Sends until it is taken, receives until it is there; false after ten seconds. */
static bool
passes(struct tl_bus *from, struct tl_bus *door, struct tl_bus_msg *m)
{
    const struct tl_str f = TL_STR("hello");
    int sent = TL_EAGAIN, got = TL_EAGAIN;
    for (int i = 0; i < 1000 && got == TL_EAGAIN && !tl_bus_refused(from); i++) {
        if (sent == TL_EAGAIN)
            sent = tl_bus_send(from, NULL, 0, &f, 1, NULL);
        got = tl_bus_recv(door, m, NULL);
        if (got == TL_EAGAIN)
            usleep(10000);
    }
    return got == 0;
}

static int
set_up(void **state)
{
    (void)state;
    struct tl_bus_curve *key[] = { &keys.door, &keys.till, &keys.web, &keys.strange };
    for (int i = 0; i < 4; i++)
        if (tl_bus_keypair(key[i]->public_key, key[i]->secret_key) != 0)
            return -1;
    for (int i = 1; i < 4; i++)
        memcpy(key[i]->server_key, keys.door.public_key, TL_BUS_KEY_BYTES);
    return 0;
}

/* Each that is listed is known by its own name; one that is not gets to know it, and nothing of it comes through. */
static void
t_who_comes_in(void **state)
{
    (void)state;
    struct tl_bus *door = open_bus(door_cfg()), *till = dial(door, &keys.till), *web = dial(door, &keys.web), *strange = dial(door, &keys.strange);
    struct tl_bus_msg m;
    assert_true(passes(till, door, &m));
    assert_string_equal(m.user, "till-1");
    tl_bus_done(&m);
    assert_true(passes(web, door, &m));
    assert_string_equal(m.user, "web");
    tl_bus_done(&m);
    assert_false(passes(strange, door, &m));
    assert_false(tl_bus_refused(strange));      /* told once */
    assert_false(tl_bus_refused(till));
    tl_bus_close(&strange);
    tl_bus_close(&web);
    tl_bus_close(&till);
    tl_bus_close(&door);
}

static void
nothing(int signal)
{
    (void)signal;
}

/* A signal that some thread of this process takes does not end the asking for keys. */
static void
t_interrupted(void **state)
{
    (void)state;
    struct tl_bus *door = open_bus(door_cfg());
    const struct sigaction took = { .sa_handler = nothing };
    struct sigaction before;
    DIR *tasks = opendir("/proc/self/task");
    assert_non_null(tasks);
    assert_int_equal(sigaction(SIGUSR1, &took, &before), 0);
    for (int i = 0; i < 20; i++, usleep(5000), rewinddir(tasks))     /* one of them while it waits */
        for (const struct dirent *e; (e = readdir(tasks)) != NULL;)
            if (atoi(e->d_name) > 0)
                syscall(SYS_tgkill, getpid(), atoi(e->d_name), SIGUSR1);
    closedir(tasks);
    struct tl_bus *till = dial(door, &keys.till);
    struct tl_bus_msg m;
    assert_true(passes(till, door, &m));
    tl_bus_done(&m);
    assert_int_equal(sigaction(SIGUSR1, &before, NULL), 0);
    tl_bus_close(&till);
    tl_bus_close(&door);
}

/* A socket whose making fails at any call says so, leaves nothing behind that would keep the address, and the next try is as good as new. */
static uint64_t
each_call_fails(unsigned kind, struct tl_bus_cfg cfg)
{
    uint64_t n = 1;
    for (; nth_more(kind, n, EMFILE); n++) {
        struct tl_bus *b = NULL;
        struct tl_err err = { 0 };
        int rc = tl_bus_open(&b, &cfg, &err);
        bool hit = nth_done();
        if (rc != 0 && !hit && too_many(&err)) {
            usleep(10000);
            nth.ended = false;
            n--;
            continue;
        }
        if (rc == 0) {                          /* a look at what waits may fail: nothing waits then */
            assert_non_null(b);
            tl_bus_close(&b);
            continue;
        }
        assert_true(hit);
        assert_null(b);
        assert_true(rc == TL_ENET || rc == TL_ENOMEM);
        assert_true(strlen(err.text) > 10);
    }
    return n;
}

static void
making_fails(struct tl_bus_cfg cfg, const struct tl_bus *door)
{
    assert_true(each_call_fails(NTH_OTHER, cfg) > 15);
    assert_true(each_call_fails(NTH_ALLOC, cfg) > 1);
    struct tl_bus *again = open_bus(cfg);
    struct tl_bus_msg m;
    if (door) {
        assert_true(passes(again, (struct tl_bus *)(uintptr_t)door, &m));
        tl_bus_done(&m);
    }
    tl_bus_close(&again);
}

static void
t_making_fails(void **state)
{
    (void)state;
    making_fails(door_cfg(), NULL);
    struct tl_bus *door = open_bus(door_cfg());
    making_fails((struct tl_bus_cfg){ .endpoint = tl_bus_endpoint(door), .curve = &keys.till }, door);
    tl_bus_close(&door);
    uint8_t pub[TL_BUS_KEY_BYTES], sec[TL_BUS_KEY_BYTES];
    assert_true(nth_more(NTH_OTHER, 1, ENOTSUP));
    assert_int_equal(tl_bus_keypair(pub, sec), TL_EIO);
    assert_true(nth_done());
}

/* An interrupted call is made again; one that fails says so, and what comes after it is whole. */
static void
t_using_fails(void **state)
{
    (void)state;
    struct tl_bus *door = open_bus(door_cfg()), *till = dial(door, &keys.till);
    struct tl_bus_msg m;
    struct tl_err err = { 0 };
    const struct tl_str f[] = { TL_STR("one"), TL_STR("two") };
    assert_true(passes(till, door, &m));
    assert_true(nth_more(NTH_OTHER, 1, EINTR));
    assert_int_equal(tl_bus_send(door, m.route, m.route_n, f, 2, NULL), 0);
    assert_true(nth_done());
    assert_true(nth_more(NTH_OTHER, 1, ETERM));
    assert_int_equal(tl_bus_send(door, m.route, m.route_n, f, 2, &err), TL_ENET);
    assert_true(nth_done());
    assert_non_null(strstr(err.text, "sending"));
    tl_bus_done(&m);

    int rc = TL_EAGAIN;
    for (int i = 0; i < 1000 && rc == TL_EAGAIN; i++) {
        nth_more(NTH_OTHER, 1, EINTR);
        rc = tl_bus_recv(till, &m, NULL);
        nth_done();
        if (rc == TL_EAGAIN)
            usleep(10000);
    }
    assert_int_equal(rc, 0);
    assert_true(m.frames_n == 2 && tl_str_is(m.frame[0], "one") && tl_str_is(m.frame[1], "two"));
    tl_bus_done(&m);
    assert_true(nth_more(NTH_OTHER, 1, ETERM));
    assert_int_equal(tl_bus_recv(till, &m, &err), TL_ENET);
    assert_true(nth_done());
    assert_non_null(strstr(err.text, "receiving"));
    assert_true(nth_more(NTH_ALLOC, 1, 0));
    assert_int_equal(tl_bus_recv(till, &m, &err), TL_ENOMEM);
    assert_true(nth_done());
    assert_true(passes(till, door, &m));
    tl_bus_done(&m);
    tl_bus_close(&till);
    tl_bus_close(&door);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_who_comes_in), cmocka_unit_test(t_interrupted), cmocka_unit_test(t_making_fails), cmocka_unit_test(t_using_fails),
    };
    return cmocka_run_group_tests_name("tl_bus with keys", tests, set_up, NULL);
}
