/* link_kit.h - a spool of numbered records for the link thread, and an aggregator of a few lines at the other end of a real bus. For the tests of the link. */
#ifndef LINK_KIT_H
#define LINK_KIT_H

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
    size_t record_bytes;                /* of each; 0: one */
    atomic_long skipped_us;             /* the link's clock is this much ahead of the real one */
};

static int
read_record(void *arg, uint64_t seq, struct tl_buf *out)
{
    static const char big[TL_WIRE_REFUSED_BYTES_MAX];
    const struct world *w = arg;
    size_t n = w->record_bytes ? w->record_bytes : 1;
    struct tl_refused r = { .received_at_ms = (int64_t)seq, .origin = TL_STR("o"), .reason = TL_STR("bad_json"), .bytes = { big, n }, .bytes_n = n };
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
    struct world *w = arg;
    return tl_clock_real()->mono_us(tl_clock_real()) + (w ? atomic_load(&w->skipped_us) : 0);
}

/* ---- the aggregator ---- */
struct peer {
    struct tl_bus *bus;
    uint64_t hwm;
    bool bye;
    bool deaf;                          /* takes frames and neither keeps nor answers them */
    uint64_t credit;                    /* 0: 1 MB and 8 batches; else so many bytes and 1000 batches */
    int hellos, routes;                 /* HELLOs, and the connections that they came by */
    uint64_t batches;
    uint8_t route[TL_BUS_ROUTE_BYTES];  /* of the last HELLO */
    size_t route_n;
    char user[TL_BUS_USER_BYTES];       /* who said the last HELLO */
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
    h.aux = p->credit ? p->credit : 1 << 20;
    h.n_events = p->credit ? 1000 : 8;
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
    if (type == TL_HELLO) {
        p->hellos++;
        p->routes += memcmp(p->route, m->route, m->route_n) != 0;
        memcpy(p->route, m->route, m->route_n);
        p->route_n = m->route_n;
        memcpy(p->user, m->user, sizeof p->user);
    }
    p->batches += type == TL_BATCH;
    if (p->deaf) return;
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

#endif
