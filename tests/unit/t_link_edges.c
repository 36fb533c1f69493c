/* t_link_edges.c - the link when the other end refuses, lies, is deaf or cannot be reached: it says so once, goes on by itself when that is over, and every
 * record arrives in order and is acknowledged. */
#include "link_kit.h"

#include <sys/eventfd.h>
#include <sys/mman.h>

#include "nth_call.h"
#include "tl_count.h"

NTH_CALL(NTH_OTHER, int, eventfd, (unsigned n, int flags), (n, flags))
NTH_CODE(NTH_OTHER, pthread_create, (pthread_t * t, const pthread_attr_t *a, void *(*f)(void *), void *arg), (t, a, f, arg))

/* ---- what the program says: stderr into memory ---- */
static int log_fd = -1, true_stderr;

static void
log_begin(void)
{
    fflush(stderr);
    true_stderr = dup(2);
    log_fd = memfd_create("log", MFD_CLOEXEC);
    dup2(log_fd, 2);
}

static int
log_count(const char *text)
{
    static char all[1 << 18];
    ssize_t n = pread(log_fd, all, sizeof all - 1, 0);
    int found = 0;
    all[n > 0 ? n : 0] = 0;
    for (const char *at = all; (at = strstr(at, text)); at++)
        found++;
    return found;
}

static void
log_end(void)
{
    fflush(stderr);
    dup2(true_stderr, 2);
    close(true_stderr);
    close(log_fd);
}

/* ---- a link, its world and its peer ---- */
struct edge {
    struct world w;
    struct link *link;
    struct link_cfg cfg;
    struct peer peer;
    atomic_int keys;                    /* which pair: 0 plain, 1 or 2, negative none */
    struct tl_bus_curve pair[3];
    atomic_bool welcome;                /* those pairs are known to the peer */
    atomic_int starve;                  /* the next look for the aggregator finds no memory */
};

static void
wait_a_little(struct edge *e)
{
    if (e->peer.bus) serve(&e->peer, 0, 5);
    else usleep(5000);
    link_wake(e->link);
}

#define UNTIL(e, what)                                                            \
    for (int64_t until_us = mono_us(NULL) + 20000000; !(what); wait_a_little(e))  \
        if (mono_us(NULL) > until_us) fail_msg("line %d: never: %s", __LINE__, #what)

static void
later(struct edge *e, int ms)
{
    atomic_fetch_add(&e->w.skipped_us, ms * 1000L);
    link_wake(e->link);
}

static int
curve(void *arg, const char *endpoint, struct tl_bus_curve *out, struct tl_err *err)
{
    struct edge *e = arg;
    int which = atomic_load(&e->keys);
    (void)endpoint;
    if (which < 0) return tl_fail(err, TL_ENOTFOUND, "no key for this place");
    if (which > 0) *out = e->pair[which];
    return which > 0;
}

static int
who(void *arg, const uint8_t public_key[TL_BUS_KEY_BYTES], char user[TL_BUS_USER_BYTES])
{
    struct edge *e = arg;
    for (int i = 1; i < 3; i++)
        if (!memcmp(public_key, e->pair[i].public_key, TL_BUS_KEY_BYTES)) {
            snprintf(user, TL_BUS_USER_BYTES, "pair-%d", i);
            return atomic_load(&e->welcome) ? 0 : TL_EAUTH;
        }
    return TL_EAUTH;
}

static int
resolve_or_starve(void *arg, char endpoint[80])
{
    struct edge *e = arg;
    if (atomic_exchange(&e->starve, 0)) tl_alloc_fail_at(1, false);
    return resolve(arg, endpoint);
}

static struct edge *
edge_new(bool keyed)
{
    struct edge *e = calloc(1, sizeof *e);
    log_begin();
    pthread_mutex_init(&e->w.lock, NULL);
    e->cfg = (struct link_cfg){ .publish = { .collector = "collector-number", .epoch = 7, .read = read_record, .arg = e },
                                .extent = extent, .acked = acked, .tick = tick, .resolve = resolve_or_starve, .mono_us = mono_us };
    if (!keyed) return e;
    uint8_t server[2][TL_BUS_KEY_BYTES];
    e->cfg.curve = curve;
    assert_int_equal(tl_bus_keypair(server[0], server[1]), 0);
    memcpy(e->pair[0].secret_key, server[1], TL_BUS_KEY_BYTES);
    for (int i = 1; i < 3; i++) {
        assert_int_equal(tl_bus_keypair(e->pair[i].public_key, e->pair[i].secret_key), 0);
        memcpy(e->pair[i].server_key, server[0], TL_BUS_KEY_BYTES);
    }
    return e;
}

static void
start_link(struct edge *e)
{
    struct tl_err err = { 0 };
    if (link_start(&e->link, &e->cfg, &err) != 0) fail_msg("%s", err.text);
}

static void
set_endpoint(struct edge *e, const char *endpoint)
{
    pthread_mutex_lock(&e->w.lock);
    snprintf(e->w.endpoint, sizeof e->w.endpoint, "%s", endpoint);
    pthread_mutex_unlock(&e->w.lock);
}

/* All records up to n arrive, in order and once, and are acknowledged; then it ends with BYE. */
static void
all_arrive_and_end(struct edge *e, uint64_t n)
{
    atomic_store(&e->w.durable, n);
    UNTIL(e, e->peer.hwm == n && atomic_load(&e->w.acked) == n && link_up(e->link));
    link_stop(&e->link);
    assert_null(e->link);
    for (int i = 0; i < 400 && !e->peer.bye; i++)
        serve(&e->peer, 0, 5);
    assert_true(e->peer.bye);
    tl_bus_close(&e->peer.bus);
    log_end();
    free(e);
}

/* ---- keys ---- */
static void
keyed_peer(struct edge *e)
{
    struct tl_bus_cfg cfg = { .endpoint = "tcp://127.0.0.1:*", .router = true, .curve = &e->pair[0], .who = who, .who_arg = e };
    assert_int_equal(tl_bus_open(&e->peer.bus, &cfg, NULL), 0);
    set_endpoint(e, tl_bus_endpoint(e->peer.bus));
}

static void
t_keys(void **s)
{
    struct edge *e = edge_new(true);
    int64_t refused = tl_count_get(C_LINK_REFUSED);
    (void)s;
    keyed_peer(e);
    atomic_store(&e->keys, -1);
    start_link(e);
    UNTIL(e, log_count("no key for this place") == 1);
    for (int i = 0; i < 4; i++)
        later(e, 600), wait_a_little(e);
    assert_int_equal(log_count("no key for this place"), 1);        /* told once */
    assert_int_equal(e->peer.hellos, 0);                            /* and never spoken to without */
    atomic_store(&e->keys, 1);
    later(e, 600);
    static const char *const pauses[] = { "again_ms=500\n", "again_ms=1000\n", "again_ms=2000\n", "again_ms=4000\n", "again_ms=8000\n", "again_ms=10000\n" };
    for (size_t i = 0; i < sizeof pauses / sizeof *pauses; i++) {
        UNTIL(e, log_count(pauses[i]) > 0);     /* the clock jumps on while the link works: it may have come by itself */
        wait_a_little(e);
        later(e, 10001);
    }
    atomic_store(&e->welcome, true);
    later(e, 10001);
    UNTIL(e, link_up(e->link));
    assert_int_equal(tl_count_get(C_LINK_REFUSED) - refused, log_count("again_ms="));
    assert_string_equal(e->peer.user, "pair-1");
    atomic_store(&e->w.durable, 20);
    UNTIL(e, atomic_load(&e->w.acked) == 20);
    atomic_store(&e->keys, 2);                                      /* another pair: the connection is made anew */
    later(e, 600);
    UNTIL(e, !strcmp(e->peer.user, "pair-2") && link_up(e->link));
    all_arrive_and_end(e, 40);
}

/* With keys and no word back the socket is made anew, however good it looks. */
static void
t_keyed_and_silent(void **s)
{
    struct edge *e = edge_new(true);
    (void)s;
    keyed_peer(e);
    atomic_store(&e->keys, 1);
    atomic_store(&e->welcome, true);
    e->peer.deaf = true;
    start_link(e);
    UNTIL(e, e->peer.hellos > 0);
    later(e, 10001);
    UNTIL(e, e->peer.routes >= 2);
    assert_false(link_up(e->link));
    e->peer.deaf = false;
    later(e, 1001);
    all_arrive_and_end(e, 30);
}

/* ---- what comes in ---- */
static void
plain_peer(struct edge *e)
{
    e->peer = peer_open(&e->w, 0);
}

static void
say(struct edge *e, const char *f0, size_t f0_n, const void *f1, size_t f1_n)
{
    struct tl_str frames[2] = { { f0, f0_n }, { f1, f1_n } };
    assert_int_equal(tl_bus_send(e->peer.bus, e->peer.route, e->peer.route_n, frames, f1 ? 2 : 1, NULL), 0);
}

static void
say_head(struct edge *e, enum tl_wire_type type, struct tl_wire_head h)
{
    uint8_t f0[4], f1[TL_WIRE_HEAD_BYTES];
    memcpy(h.collector, e->cfg.publish.collector, sizeof h.collector);
    h.epoch = 7;
    tl_wire_put_type(f0, type);
    tl_wire_put_head(f1, &h);
    say(e, (char *)f0, sizeof f0, f1, sizeof f1);
}

static void
t_strange_frames(void **s)
{
    struct edge *e = edge_new(false);
    uint8_t f1[TL_WIRE_HEAD_BYTES] = { 0 };
    (void)s;
    plain_peer(e);
    e->peer.deaf = true;
    start_link(e);
    UNTIL(e, e->peer.hellos > 0);
    say(e, "TL1W", 4, NULL, 0);
    say(e, "HTTP", 4, f1, sizeof f1);
    say(e, "TL1W", 4, f1, 63);
    say(e, "TL1W", 4, f1, sizeof f1);           /* to another collector */
    wait_a_little(e);
    assert_false(link_up(e->link));
    e->peer.deaf = false;
    later(e, 1001);
    all_arrive_and_end(e, 25);
}

/* However much credit is given, what is sent and not acknowledged stays bounded. */
static void
t_boundless_credit(void **s)
{
    struct edge *e = edge_new(false);
    (void)s;
    plain_peer(e);
    e->w.record_bytes = TL_WIRE_REFUSED_BYTES_MAX;
    e->peer.credit = UINT64_MAX;
    atomic_store(&e->w.durable, 0);
    start_link(e);
    UNTIL(e, link_up(e->link));
    e->peer.deaf = true;
    atomic_store(&e->w.durable, 100);
    UNTIL(e, e->peer.batches >= 32);
    for (int i = 0; i < 20; i++)
        wait_a_little(e);
    assert_in_range(e->peer.batches, 32, 33);   /* 2 MB, and the one that passes it */
    e->peer.deaf = false;
    later(e, 2001);                              /* nobody says that they came: HELLO, and all of them again */
    all_arrive_and_end(e, 100);
}

static void
t_alarms(void **s)
{
    struct edge *e = edge_new(false);
    (void)s;
    plain_peer(e);
    start_link(e);
    UNTIL(e, link_up(e->link));
    static const struct { enum tl_wire_reject why; const char *says; } rejects[] = {
        { TL_REJECT_GAP, "event=link_gap" }, { TL_REJECT_VERSION, "event=link_rejected" }, { TL_REJECT_UNKNOWN_COLLECTOR, "event=link_rejected" },
    };
    for (size_t i = 0; i < 3; i++) {
        say_head(e, TL_REJECT, (struct tl_wire_head){ .n_events = rejects[i].why });
        UNTIL(e, !link_up(e->link));
        UNTIL(e, log_count(rejects[i].says) == (i < 2 ? 1 : 2));
        later(e, 30001);
        UNTIL(e, link_up(e->link));
        assert_int_equal(log_count("event=link_fine"), (int)i + 1);
    }
    say_head(e, TL_ACK, (struct tl_wire_head){ .seq = 1000, .aux = 1 << 20, .n_events = 8 });       /* more than the spool ever held */
    UNTIL(e, log_count("event=link_behind") == 1);
    assert_int_equal(atomic_load(&e->w.acked), 0);
    later(e, 30001);
    all_arrive_and_end(e, 12);
}

static void
t_deaf(void **s)
{
    struct edge *e = edge_new(false);
    int64_t resets = tl_count_get(C_LINK_RESETS);
    (void)s;
    plain_peer(e);
    start_link(e);
    UNTIL(e, link_up(e->link));
    e->peer.deaf = true;
    int hellos = e->peer.hellos, routes = e->peer.routes;
    atomic_store(&e->w.durable, 5);
    UNTIL(e, e->peer.batches == 5);
    later(e, 2001);
    UNTIL(e, e->peer.hellos > hellos);
    later(e, 10001);
    UNTIL(e, tl_count_get(C_LINK_RESETS) > resets);
    UNTIL(e, e->peer.routes > routes);
    assert_false(link_up(e->link));
    assert_int_equal(atomic_load(&e->w.acked), 0);
    e->peer.deaf = false;
    later(e, 1001);
    all_arrive_and_end(e, 15);
}

/* ---- what cannot be reached ---- */
static void
t_no_address(void **s)
{
    struct edge *e = edge_new(false);
    char good[80];
    (void)s;
    plain_peer(e);
    snprintf(good, sizeof good, "%s", e->w.endpoint);
    set_endpoint(e, "nonsense");
    start_link(e);
    UNTIL(e, log_count("nonsense is no address") == 1);
    for (int i = 0; i < 3; i++)
        later(e, 600), wait_a_little(e);
    assert_int_equal(log_count("nonsense is no address"), 1);
    set_endpoint(e, good);
    atomic_store(&e->starve, 1);                    /* and then there is no memory for it, once */
    later(e, 600);
    UNTIL(e, atomic_load(&e->starve) == 0);
    later(e, 600);
    atomic_store(&e->w.durable, 10);
    UNTIL(e, link_up(e->link) && atomic_load(&e->w.acked) == 10);
    set_endpoint(e, "nonsense");                    /* it moves to where nobody can be: no link is said to be up */
    later(e, 600);
    UNTIL(e, !link_up(e->link));
    assert_int_equal(tl_count_get(C_LINK_UP), 0);
    set_endpoint(e, good);
    later(e, 600);
    all_arrive_and_end(e, 30);
}

static void
t_nobody_at_all(void **s)
{
    struct edge *e = edge_new(false);
    (void)s;
    start_link(e);
    usleep(1000);
    link_stop(&e->link);
    link_stop(&e->link);
    assert_null(e->link);
    log_end();
    free(e);
}

static void
t_start_fails(void **s)
{
    struct edge *e = edge_new(false);
    struct tl_err err = { 0 };
    (void)s;
    for (int how = 0; how < 4; how++) {
        if (how < 2) tl_alloc_fail_at((uint64_t)how + 1, false);
        else nth_only(how == 2 ? "eventfd" : "pthread_create", 1, how == 2 ? EMFILE : EAGAIN, false);
        int rc = link_start(&e->link, &e->cfg, &err);
        nth_done();
        assert_int_equal(rc, TL_ENOMEM);
        assert_int_equal(err.code, TL_ENOMEM);
        assert_non_null(strstr(err.text, how == 0 ? "out of memory" : "no thread for the link"));
        assert_null(e->link);
    }
    plain_peer(e);
    start_link(e);
    all_arrive_and_end(e, 5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_keys),   cmocka_unit_test(t_keyed_and_silent), cmocka_unit_test(t_strange_frames), cmocka_unit_test(t_boundless_credit),
        cmocka_unit_test(t_alarms), cmocka_unit_test(t_deaf),             cmocka_unit_test(t_no_address),     cmocka_unit_test(t_nobody_at_all),
        cmocka_unit_test(t_start_fails),
    };
    if (tl_hash_init() != 0) return 1;
    return cmocka_run_group_tests_name("link_edges", tests, NULL, NULL);
}
