/* link.c - see link.h. */
#include "link.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tl_bus.h"
#include "tl_count.h"
#include "tl_logfmt.h"

#define TICK_US INT64_C(200000)
#define RESOLVE_US INT64_C(500000)
#define AGAIN_FIRST_US INT64_C(500000)          /* after a refused key */
#define AGAIN_MOST_US INT64_C(10000000)
#define SILENT_US INT64_C(10000000)             /* with keys and no WELCOME: make the socket anew */
#define INFLIGHT_BYTES_MAX (2u * 1024 * 1024)   /* sent and not acknowledged, whatever credit there is: all of it may lie in the socket's memory */

struct link {
    struct link_cfg cfg;
    struct publish *publish;
    struct tl_bus *bus;
    char endpoint[80];
    int keyed;                                  /* what cfg.curve said */
    struct tl_bus_curve keys;
    int64_t connected_us, again_us, pause_us;
    char trouble[TL_ERR_TEXT_BYTES];            /* told once */
    pthread_t thread;
    int wake_fd;
    atomic_bool stopping, up;
    int64_t resolved_us;
    struct publish_stats told;
    enum publish_alarm alarm;
};

/* ---- the socket ---- */
static void
tell_trouble(struct link *l, const char *endpoint, const struct tl_err *err)
{
    if (!strcmp(l->trouble, err->text)) return;
    snprintf(l->trouble, sizeof l->trouble, "%s", err->text);
    tl_log(TL_WARN, "link_failed", "endpoint=%s error=\"%s\"", endpoint, err->text);
}

static void
connect_to(struct link *l, const char *endpoint)
{
    struct tl_err err;
    tl_bus_close(&l->bus);
    if (endpoint != l->endpoint) snprintf(l->endpoint, sizeof l->endpoint, "%s", endpoint);
    l->connected_us = l->cfg.mono_us(l->cfg.publish.arg);
    if (tl_bus_open(&l->bus, &(struct tl_bus_cfg){ .endpoint = l->endpoint, .curve = l->keyed ? &l->keys : NULL }, &err) != 0) tell_trouble(l, l->endpoint, &err);
    else l->trouble[0] = 0;
}

/* The keys for endpoint, as they are now: 1 other than before, 0 the same, negative: none. */
static int
take_keys(struct link *l, const char *endpoint)
{
    struct tl_bus_curve keys = { 0 };
    struct tl_err err;
    int keyed = l->cfg.curve ? l->cfg.curve(l->cfg.publish.arg, endpoint, &keys, &err) : 0;
    if (keyed < 0) tell_trouble(l, endpoint, &err);
    if (keyed < 0 || (keyed == l->keyed && !memcmp(&keys, &l->keys, sizeof keys))) return keyed < 0 ? keyed : 0;
    l->keyed = keyed;
    l->keys = keys;
    l->again_us = l->pause_us = 0;
    return 1;
}

/* Ask where the aggregator is; true when that is news: then the old socket is gone, and there is a new one unless it could not be made. */
static bool
find_aggregator(struct link *l, int64_t now_us)
{
    char endpoint[80];
    if (now_us - l->resolved_us < RESOLVE_US) return false;
    l->resolved_us = now_us;
    if (l->cfg.resolve(l->cfg.publish.arg, endpoint) != 0) return false;
    int keys = take_keys(l, endpoint);
    if (keys < 0 || (l->bus && keys == 0 && !strcmp(endpoint, l->endpoint)) || (now_us < l->again_us && !strcmp(endpoint, l->endpoint))) return false;
    connect_to(l, endpoint);
    return true;
}

/* With keys: end a socket that was refused, or that hears nothing. */
static void
watch(struct link *l, int64_t now_us)
{
    if (!l->bus || !l->keyed) return;
    bool refused = tl_bus_refused(l->bus);
    if (publish_linked(l->publish)) l->pause_us = 0;
    else if (refused || now_us - l->connected_us >= SILENT_US) {
        if (refused) {
            l->pause_us = l->pause_us == 0 ? AGAIN_FIRST_US : l->pause_us * 2 < AGAIN_MOST_US ? l->pause_us * 2 : AGAIN_MOST_US;
            l->again_us = now_us + l->pause_us;
            tl_count_add(C_LINK_REFUSED, 1);
            tl_log(TL_ERROR, "link_refused", "endpoint=%s text=\"the aggregator does not take this collector's key; events are kept\" again_ms=%lld", l->endpoint,
                   (long long)(l->pause_us / 1000));
        }
        tl_bus_close(&l->bus);
    }
}

static bool
send_frame(struct link *l, const struct publish_actions *out)
{
    uint8_t f0[4], f1[TL_WIRE_HEAD_BYTES];
    struct tl_str frames[3] = { { (char *)f0, sizeof f0 }, { (char *)f1, sizeof f1 }, out->payload };
    if (!l->bus) return false;
    tl_wire_put_type(f0, out->type);
    tl_wire_put_head(f1, &out->head);
    return tl_bus_send(l->bus, NULL, 0, frames, out->type == TL_BATCH ? 3 : 2, NULL) == 0;
}

/* One frame into *in; false when none waits. A frame that cannot be read is dropped: the peer is no aggregator. */
static bool
receive_frame(struct link *l, struct publish_input *in)
{
    struct tl_bus_msg m;
    bool good = false;
    while (l->bus && !good && tl_bus_recv(l->bus, &m, NULL) == 0) {
        good = m.frames_n >= 2 && tl_wire_get_type(m.frame[0].p, m.frame[0].n, &in->type) == 0
               && tl_wire_get_head(m.frame[1].p, m.frame[1].n, &in->head) == 0;
        tl_bus_done(&m);
    }
    if (good && in->head.aux > INFLIGHT_BYTES_MAX && (in->type == TL_WELCOME || in->type == TL_ACK)) in->head.aux = INFLIGHT_BYTES_MAX;
    return good;
}

/* ---- the protocol ---- */
static void
tell(struct link *l, const struct publish_actions *out)
{
    struct publish_stats st;
    bool up = publish_linked(l->publish);
    publish_stats(l->publish, &st);
    tl_count_add(C_BATCHES_SENT, (int64_t)(st.sent_n - l->told.sent_n));
    tl_count_add(C_LINK_RESETS, (int64_t)(st.relinks_n - l->told.relinks_n));
    tl_count_set(C_LINK_UP, up);
    l->told = st;
    if (up != atomic_exchange(&l->up, up)) tl_log(TL_INFO, up ? "link_up" : "link_down", "endpoint=%s", l->endpoint);
    if (out->alarm == l->alarm) return;
    l->alarm = out->alarm;
    static const char *const what[] = { "link_fine", "link_rejected", "link_gap", "link_behind" };
    tl_log(out->alarm == PUBLISH_FINE ? TL_INFO : TL_ERROR, what[out->alarm], "endpoint=%s hwm=%llu reject=%d", l->endpoint, (unsigned long long)st.hwm,
           (int)out->reject);
}

/* Step until nothing more is to be done now; when to step again at the latest. */
static int64_t
step(struct link *l, enum publish_what what)
{
    struct publish_input in = { .what = what };
    struct publish_actions out;
    for (;;) {
        in.now_us = l->cfg.mono_us(l->cfg.publish.arg);
        l->cfg.extent(l->cfg.publish.arg, &in.first_seq, &in.durable_seq);
        publish_step(l->publish, &in, &out);
        if (out.relink) connect_to(l, l->endpoint);
        if (out.acked) l->cfg.acked(l->cfg.publish.arg, out.hwm);
        bool stuck = out.send && !send_frame(l, &out);
        tell(l, &out);
        if (stuck) in.what = PUBLISH_NOT_SENT;
        else if (receive_frame(l, &in)) in.what = PUBLISH_FRAME;
        else if (out.more) in.what = PUBLISH_TICK;
        else return out.wake_us;
    }
}

static void
rest(struct link *l, int64_t until_us)
{
    struct pollfd p[2] = { { .fd = l->wake_fd, .events = POLLIN }, { .fd = l->bus ? tl_bus_fd(l->bus) : -1, .events = POLLIN } };
    int64_t left_us = until_us - l->cfg.mono_us(l->cfg.publish.arg);
    uint64_t n;
    if (left_us > TICK_US) left_us = TICK_US;
    if (poll(p, 2, left_us > 0 ? (int)(left_us / 1000) + 1 : 0) > 0 && p[0].revents) eventfd_read(l->wake_fd, &n);
}

static void *
link_main(void *arg)
{
    struct link *l = arg;
    while (!atomic_load(&l->stopping)) {
        int64_t now_us = l->cfg.mono_us(l->cfg.publish.arg), until_us = now_us + TICK_US;
        bool fresh = find_aggregator(l, now_us);
        if (l->bus || fresh) until_us = step(l, fresh ? PUBLISH_LINK_NEW : PUBLISH_TICK);
        watch(l, now_us);
        l->cfg.tick(l->cfg.publish.arg);
        rest(l, until_us);
    }
    if (l->bus) step(l, PUBLISH_STOP);
    return NULL;
}

/* ---- start and stop ---- */
int
link_start(struct link **out, const struct link_cfg *cfg, struct tl_err *err)
{
    struct link *l = tl_alloc(sizeof *l);
    if (!l) return tl_fail(err, TL_ENOMEM, "out of memory");
    l->cfg = *cfg;
    l->resolved_us = INT64_MIN / 2;
    l->publish = publish_new(&cfg->publish);
    l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (l->publish && l->wake_fd >= 0 && pthread_create(&l->thread, NULL, link_main, l) == 0) {
        *out = l;
        return 0;
    }
    if (l->wake_fd >= 0) close(l->wake_fd);
    publish_free(&l->publish);
    tl_free(l);
    return tl_fail(err, TL_ENOMEM, "no thread for the link to the aggregator");
}

void
link_wake(struct link *l)
{
    eventfd_write(l->wake_fd, 1);       /* full means that it is awake */
}

bool
link_up(const struct link *l)
{
    return atomic_load(&l->up);
}

void
link_stop(struct link **lp)
{
    struct link *l = *lp;
    if (!l) return;
    *lp = NULL;
    atomic_store(&l->stopping, true);
    link_wake(l);
    pthread_join(l->thread, NULL);
    tl_bus_close(&l->bus);
    publish_free(&l->publish);
    close(l->wake_fd);
    tl_free(l);
}
