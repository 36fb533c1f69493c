/* t_link.c - the link thread over the real bus, against an aggregator of a few lines: all records in order and once, an aggregator that comes back on
 * another port, BYE at the end. */
#include "../../collector/link.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "tl_bus.h"
#include "tl_hash.h"
#include "tl_port.h"

struct world {
    atomic_ulong durable, acked;        /* the spool: records 1..durable, each naming its number */
    pthread_mutex_t lock;
    char endpoint[80];                  /* "" while nobody knows */
};

static int
read_record(void *arg, uint64_t seq, struct tl_buf *out)
{
    struct tl_refused r = { .received_at_ms = (int64_t)seq, .origin = TL_STR("o"), .reason = TL_STR("bad_json"), .bytes = TL_STR("{"), .bytes_n = 1 };
    (void)arg;
    tl_wire_begin(out, TL_KIND_QUARANTINE);
    tl_wire_put_refused(out, &r);
    tl_wire_end(out, 1);
    return 0;
}

static void
extent(void *arg, uint64_t *first, uint64_t *durable)
{
    struct world *w = arg;
    *first = 1;
    *durable = atomic_load(&w->durable);
}

static void
acked(void *arg, uint64_t hwm)
{
    struct world *w = arg;
    atomic_store(&w->acked, hwm);
}

static void
tick(void *arg)
{
    (void)arg;
}

static int
resolve(void *arg, char endpoint[80])
{
    struct world *w = arg;
    pthread_mutex_lock(&w->lock);
    memcpy(endpoint, w->endpoint, 80);
    pthread_mutex_unlock(&w->lock);
    return endpoint[0] ? 0 : TL_ENOTFOUND;
}

static int64_t
mono_us(void *arg)
{
    (void)arg;
    return tl_clock_real()->mono_us(tl_clock_real());
}

/* ---- the aggregator ---- */
struct peer {
    struct tl_bus *bus;
    uint64_t hwm;
    bool bye;
};

static struct peer
peer_open(struct world *w, uint64_t hwm)
{
    struct peer p = { .hwm = hwm };
    assert_int_equal(tl_bus_open(&p.bus, &(struct tl_bus_cfg){ .endpoint = "tcp://127.0.0.1:*", .router = true }, NULL), 0);
    pthread_mutex_lock(&w->lock);
    snprintf(w->endpoint, sizeof w->endpoint, "%s", tl_bus_endpoint(p.bus));
    pthread_mutex_unlock(&w->lock);
    return p;
}

static void
reply(struct peer *p, const struct tl_bus_msg *m, enum tl_wire_type type, struct tl_wire_head h)
{
    uint8_t f0[4], f1[TL_WIRE_HEAD_BYTES];
    struct tl_str frames[2] = { { (char *)f0, sizeof f0 }, { (char *)f1, sizeof f1 } };
    h.seq = p->hwm;
    h.aux = 1 << 20;
    h.n_events = 8;
    tl_wire_put_type(f0, type);
    tl_wire_put_head(f1, &h);
    tl_bus_send(p->bus, m->route, m->route_n, frames, 2, NULL);
}

static void
on_message(struct peer *p, const struct tl_bus_msg *m)
{
    enum tl_wire_type type;
    struct tl_wire_head h;
    assert_int_equal(tl_wire_get_type(m->frame[0].p, m->frame[0].n, &type), 0);
    assert_int_equal(tl_wire_get_head(m->frame[1].p, m->frame[1].n, &h), 0);
    if (type == TL_BYE) p->bye = true;
    if (type == TL_HELLO) reply(p, m, TL_WELCOME, h);
    if (type != TL_BATCH) return;
    assert_int_equal(tl_wire_check_batch(&h, m->frame[2].p, m->frame[2].n), 0);
    struct tl_cur c = tl_cur_of(m->frame[2].p, m->frame[2].n);
    struct tl_refused r;
    int kind;
    uint32_t n;
    assert_int_equal(tl_wire_open(&c, &kind, &n), 0);
    assert_int_equal(tl_wire_next_refused(&c, &r), 0);
    assert_int_equal(r.received_at_ms, (int64_t)h.seq);
    if (h.seq == p->hwm + 1) p->hwm++;
    else assert_true(h.seq <= p->hwm);
    reply(p, m, TL_ACK, h);
}

/* Serve until hwm is reached, or for ms when that is 0. */
static void
serve(struct peer *p, uint64_t hwm, int ms)
{
    int64_t end_us = mono_us(NULL) + (hwm ? 20000 : ms) * INT64_C(1000);
    while (mono_us(NULL) < end_us && (hwm == 0 || p->hwm < hwm)) {
        struct pollfd f = { .fd = tl_bus_fd(p->bus), .events = POLLIN };
        struct tl_bus_msg m;
        poll(&f, 1, 20);
        while (tl_bus_recv(p->bus, &m, NULL) == 0) {
            on_message(p, &m);
            tl_bus_done(&m);
        }
    }
    assert_true(p->hwm >= hwm);
}

static void
t_link(void **s)
{
    struct world w = { .lock = PTHREAD_MUTEX_INITIALIZER };
    struct link_cfg cfg = {
        .publish = { .collector = "collector-number", .epoch = 7, .read = read_record, .arg = &w },
        .extent = extent, .acked = acked, .tick = tick, .resolve = resolve, .mono_us = mono_us,
    };
    struct link *l = NULL;
    (void)s;
    assert_int_equal(tl_hash_init(), 0);
    atomic_store(&w.durable, 100);
    assert_int_equal(link_start(&l, &cfg, NULL), 0);
    usleep(50000);
    assert_false(link_up(l));                   /* nobody knows an aggregator */

    struct peer p = peer_open(&w, 0);
    serve(&p, 100, 0);
    atomic_store(&w.durable, 150);
    link_wake(l);
    serve(&p, 150, 0);
    serve(&p, 0, 100);
    assert_true(link_up(l));
    assert_int_equal(atomic_load(&w.acked), 150);

    tl_bus_close(&p.bus);                       /* gone, and back elsewhere with what it had committed */
    atomic_store(&w.durable, 200);
    link_wake(l);
    struct peer q = peer_open(&w, 150);
    serve(&q, 200, 0);
    serve(&q, 0, 100);
    assert_int_equal(atomic_load(&w.acked), 200);

    link_stop(&l);
    serve(&q, 0, 100);
    assert_true(q.bye);
    tl_bus_close(&q.bus);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(t_link) };
    return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
