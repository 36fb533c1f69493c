/* intake - see intake.h for the step machine, schemas/wire.md for the frames.
 *
 * A peer is one (collector, epoch, partition) with the route of its newest HELLO. Two numbers stand for it: committed (in the log, what every frame
 * out says) and pending (applied in the open round). They meet again at commit or at abort.
 * A BATCH on a route that never said HELLO (its connection was made anew, or this process was) is answered with RESYNC, which makes the collector say
 * HELLO; on a route that a later HELLO superseded it is ignored. */
#include "intake.h"
#include "intake_peers.h"

#include <inttypes.h>
#include <stdio.h>

#include "tl_count.h"
#include "tl_hash.h"
#include "tl_logfmt.h"
#include "tl_zstd.h"

#define VERSION 1
#define TICKETS_MAX 256
#define GAP_BYTES_MAX 256                   /* of one gap in the control record that accepts it */

struct waiting {
    struct intake_ticket ticket;
    uint64_t position;
};

struct intake {
    struct intake_log log;
    struct intake_net net;
    struct tl_clock *clock;
    struct intake_peers peers;
    bool txn;                           /* a log transaction is open */
    bool round;                         /* something waits for intake_commit */
    bool hold;
    int64_t round_us;
    size_t round_batches, round_bytes;
    uint64_t end;                       /* of the log, in the open transaction; 0 unknown */
    struct { int64_t batches, events, quarantined, poison; } counted;
    struct waiting waiting[TICKETS_MAX];
    size_t waiting_n;
    struct tl_buf raw;
};

struct intake *
intake_new(const struct intake_log *log, const struct intake_net *net, struct tl_clock *clock)
{
    struct intake *in = tl_alloc(sizeof *in);
    if (in) {
        in->log = *log;
        in->net = *net;
        in->clock = clock;
    }
    return in;
}

/* ---- frames out ---- */

static void
send_head(struct intake *in, const struct intake_route *to, enum tl_wire_type type, struct tl_wire_head *h)
{
    uint8_t f0[4], f1[TL_WIRE_HEAD_BYTES];
    h->version_min = h->version_max = VERSION;
    tl_wire_put_type(f0, type);
    tl_wire_put_head(f1, h);
    const struct tl_str frame[] = { { (const char *)f0, sizeof f0 }, { (const char *)f1, sizeof f1 } };
    if (to->n)
        in->net.send(in->net.self, to->b, to->n, frame, 2);
}

static struct tl_wire_head
head_to(const struct tl_wire_head *from)
{
    struct tl_wire_head h = { .epoch = from->epoch, .partition = from->partition };
    memcpy(h.collector, from->collector, sizeof h.collector);
    return h;
}

static struct tl_wire_head
head_of(const struct intake_peer *p)
{
    struct tl_wire_head h = { .epoch = p->epoch, .partition = p->partition, .seq = p->committed };
    memcpy(h.collector, p->collector, sizeof h.collector);
    return h;
}

/* say - WELCOME or ACK: what is committed, and how much more may be on its way. */
static void
say(struct intake *in, const struct intake_peer *p, enum tl_wire_type type)
{
    struct tl_wire_head h = head_of(p);
    h.aux = in->hold ? 0 : INTAKE_CREDIT_BYTES;
    h.n_events = in->hold ? 0 : INTAKE_CREDIT_BATCHES;
    send_head(in, &p->route, type, &h);
}

/* One RESYNC until the right batch or a HELLO comes: what was on its way behind the first gap would ask for more of them. */
static void
say_resync(struct intake *in, struct intake_peer *p)
{
    if (p->resync_said)
        return;
    struct tl_wire_head h = head_of(p);
    p->resync_said = true;
    tl_count_add(A_RESYNCS, 1);
    send_head(in, &p->route, TL_RESYNC, &h);
}

static void
say_reject(struct intake *in, const struct intake_route *to, const struct tl_wire_head *from, enum tl_wire_reject why, uint64_t hwm)
{
    struct tl_wire_head h = head_to(from);
    static const char *const whys[] = { [TL_REJECT_VERSION] = "version", [TL_REJECT_GAP] = "gap", [TL_REJECT_DAMAGED] = "damaged" };
    char name[33];
    tl_hex(from->collector, sizeof from->collector, name);
    tl_log(TL_WARN, "collector_rejected", "collector=%s reason=%s committed=%" PRIu64 " offered=%" PRIu64, name, whys[why], hwm,
           from->aux);
    h.n_events = why;
    h.aux = hwm;
    send_head(in, to, TL_REJECT, &h);
}

/* end_gap - what was missing is given up and committed as such: BYE makes the collector say HELLO at once. */
static void
end_gap(struct intake *in, struct intake_peer *p)
{
    char name[33];
    tl_hex(p->collector, sizeof p->collector, name);
    tl_log(TL_WARN, "gap_accepted", "collector=%s to=%" PRIu64, name, p->gap_first - 1);
    struct tl_wire_head h = head_of(p);
    send_head(in, &p->gap_route, TL_BYE, &h);
    p->gap_first = 0;
}

/* ---- rounds ---- */

static void
open_round(struct intake *in)
{
    if (in->round)
        return;
    in->round = true;
    in->round_us = in->clock->mono_us(in->clock);
}

static void
close_round(struct intake *in)
{
    in->txn = in->round = false;
    in->round_batches = in->round_bytes = in->waiting_n = 0;
    memset(&in->counted, 0, sizeof in->counted);
}

/* fail_round - nothing of this round is in the log: its collectors send it again, its tickets fail. */
static int
fail_round(struct intake *in, int rc, const struct tl_err *err)
{
    struct waiting failed[TICKETS_MAX];
    size_t failed_n = in->waiting_n;
    if (in->txn)
        in->log.abort(in->log.self);
    memcpy(failed, in->waiting, failed_n * sizeof failed[0]);
    close_round(in);
    for (size_t i = 0; i < in->peers.n; i++) {
        struct intake_peer *p = &in->peers.at[i];
        if (!p->in_round)
            continue;
        p->in_round = p->resync_said = false;
        p->pending = p->committed;
        say_resync(in, p);
    }
    for (size_t i = 0; i < failed_n; i++)
        failed[i].ticket.done(failed[i].ticket.self, rc, 0, err);
    return rc;
}

static int
begin(struct intake *in, struct tl_err *err)
{
    open_round(in);
    if (in->txn)
        return 0;
    int rc = in->log.begin(in->log.self, err);
    in->txn = rc == 0;
    return rc;
}

static int
put_hwms(struct intake *in, struct tl_err *err)
{
    int rc = 0;
    for (size_t i = 0; i < in->peers.n && rc == 0; i++) {
        const struct intake_peer *p = &in->peers.at[i];
        if (p->in_round && p->pending != p->committed)
            rc = in->log.set_hwm(in->log.self, p->collector, p->epoch, p->partition, p->pending, err);
    }
    return rc;
}

static int
commit(struct intake *in, struct tl_err *err)
{
    int rc = put_hwms(in, err);
    if (rc < 0)
        return rc;
    in->txn = false;                    /* a failed commit has ended the transaction too */
    rc = in->log.commit(in->log.self, err);
    if (rc < 0)
        return rc;
    tl_count_add(A_COMMITS, 1);
    tl_count_add(A_BATCHES, in->counted.batches);
    tl_count_add(A_BATCHES_POISON, in->counted.poison);
    tl_count_add(A_EVENTS_LOGGED, in->counted.events);
    tl_count_add(A_EVENTS_QUARANTINED, in->counted.quarantined);
    tl_count_add(A_CONTROLS, (int64_t)in->waiting_n);
    if (in->end)
        tl_count_set(A_LOG_POSITION, (int64_t)in->end);
    return 0;
}

int
intake_commit(struct intake *in, struct tl_err *err)
{
    struct tl_err own = { 0 };
    struct tl_err *e = err ? err : &own;
    if (!in->round)
        return 0;
    int rc = in->txn ? commit(in, e) : 0;
    if (rc < 0)
        return fail_round(in, rc, e);
    for (size_t i = 0; i < in->peers.n; i++) {
        struct intake_peer *p = &in->peers.at[i];
        if (!p->in_round)
            continue;
        p->in_round = false;
        p->committed = p->pending;
        if (p->gap_first)
            end_gap(in, p);
        say(in, p, TL_ACK);
    }
    for (size_t i = 0; i < in->waiting_n; i++)
        in->waiting[i].ticket.done(in->waiting[i].ticket.self, 0, in->waiting[i].position, NULL);
    close_round(in);
    return 0;
}

bool
intake_pending(const struct intake *in)
{
    return in->round;
}

bool
intake_due(const struct intake *in)
{
    return in->round && (in->round_batches >= INTAKE_ROUND_BATCHES || in->round_bytes >= INTAKE_ROUND_BYTES || in->waiting_n == TICKETS_MAX ||
                         in->clock->mono_us(in->clock) - in->round_us >= INTAKE_ROUND_US);
}

void
intake_hold(struct intake *in, bool hold)
{
    bool freed = in->hold && !hold;
    in->hold = hold;
    for (size_t i = 0; freed && i < in->peers.n; i++)
        say(in, &in->peers.at[i], TL_ACK);
}

void
intake_free(struct intake **ip)
{
    struct intake *in = *ip;
    if (!in)
        return;
    struct tl_err err;
    tl_fail(&err, TL_EINTR, "the aggregator is stopping");
    if (in->round)
        fail_round(in, TL_EINTR, &err);
    tl_buf_free(&in->raw);
    tl_free(in->peers.at);
    tl_free(in);
    *ip = NULL;
}

/* ---- peers ---- */

/* hwm_of - what the log says of a stranger. An open transaction says the same: whoever is in the round is known. */
static int
hwm_of(struct intake *in, const struct tl_wire_head *h, uint64_t *seq, struct tl_err *err)
{
    return in->log.hwm(in->log.self, h->collector, h->epoch, h->partition, seq, err);
}

/* reject_damaged - how far this collector has come can no longer be read: it is refused and goes on spooling until the log is restored; others go on. */
static int
reject_damaged(struct intake *in, const struct intake_route *route, const struct tl_wire_head *h)
{
    tl_count_add(A_HWM_DAMAGED, 1);
    say_reject(in, route, h, TL_REJECT_DAMAGED, 0);
    return 0;
}

static int
add_peer(struct intake *in, const struct tl_wire_head *h, struct intake_peer **out, struct tl_err *err)
{
    uint64_t hwm = 0;
    *out = NULL;
    int rc = hwm_of(in, h, &hwm, err);
    if (rc < 0)
        return rc;
    struct intake_peer *p = intake_peers_place(&in->peers);
    if (!p)
        return 0;
    *p = (struct intake_peer){ .epoch = h->epoch, .partition = h->partition, .committed = hwm, .pending = hwm };
    memcpy(p->collector, h->collector, sizeof p->collector);
    *out = p;
    return 0;
}

/* ---- frames in ---- */

static int
hello(struct intake *in, const struct intake_route *route, const struct tl_wire_head *h, struct tl_err *err)
{
    if (h->version_min > VERSION || h->version_max < VERSION) {
        say_reject(in, route, h, TL_REJECT_VERSION, 0);
        return 0;
    }
    struct intake_peer *p = intake_peers_find(&in->peers, h);
    int rc = p ? 0 : add_peer(in, h, &p, err);
    if (rc == TL_ECORRUPT)
        return reject_damaged(in, route, h);
    if (rc < 0 || !p)
        return rc;
    p->heard_us = in->clock->mono_us(in->clock);
    p->resync_said = false;
    intake_peer_supersede(p, route, p->heard_us);
    p->gap_first = 0;
    if (h->aux > p->committed + 1) {
        say_reject(in, route, h, TL_REJECT_GAP, p->committed);
        p->gap_first = h->aux;
        p->gap_route = *route;
        p->route.n = 0;
        return 0;
    }
    say(in, p, TL_WELCOME);
    return 0;
}

/* stranger - a BATCH on a route without HELLO. */
static int
stranger(struct intake *in, const struct intake_peer *known, const struct intake_route *route, const struct tl_wire_head *from, struct tl_err *err)
{
    if (known && intake_peer_superseded(known, route))
        return 0;
    struct tl_wire_head h = head_to(from);
    int rc = known ? 0 : hwm_of(in, from, &h.seq, err);
    if (rc == TL_ECORRUPT)
        return reject_damaged(in, route, from);
    if (rc < 0)
        return rc;
    if (known)
        h.seq = known->committed;
    tl_count_add(A_RESYNCS, 1);
    send_head(in, route, TL_RESYNC, &h);
    return 0;
}

/* plain - the payload with its codec undone. TL_ENOMEM says nothing about the batch; another code: it cannot be undone. */
static int
plain(struct intake *in, const struct tl_wire_head *h, struct tl_str payload, struct tl_str *raw, struct tl_err *err)
{
    *raw = payload;
    if (h->codec == TL_CODEC_RAW)
        return 0;
    tl_buf_reset(&in->raw);
    int rc = tl_zstd_unpack(payload, h->raw_len, &in->raw, err);
    *raw = (struct tl_str){ (const char *)in->raw.data, in->raw.len };
    return rc == 0 && in->raw.len != h->raw_len ? TL_ECORRUPT : rc;
}

/* decodes - every item can be read, and nothing stands behind the last. */
static bool
decodes(const struct tl_wire_head *h, struct tl_str raw)
{
    struct tl_cur c = tl_cur_of(raw.p, raw.n);
    struct tl_event ev;
    struct tl_refused r;
    int kind = 0;
    uint32_t n = 0;
    int rc = tl_wire_open(&c, &kind, &n);
    if (rc < 0 || n != h->n_events || (kind == TL_KIND_QUARANTINE) != ((h->flags & TL_WIRE_FLAG_QUARANTINE) != 0))
        return false;
    for (uint32_t i = 0; i < n && rc == 0; i++)
        rc = kind == TL_KIND_EVENTS ? tl_wire_next_event(&c, &ev) : tl_wire_next_refused(&c, &r);
    return rc == 0 && tl_cur_left(&c) == 0;
}

/* file_refused - the items of a payload that decodes. */
static int
file_refused(struct intake *in, struct tl_str raw, struct tl_err *err)
{
    struct tl_cur c = tl_cur_of(raw.p, raw.n);
    struct tl_refused r;
    int kind = 0;
    uint32_t n = 0;
    int rc = tl_wire_open(&c, &kind, &n);
    for (uint32_t i = 0; i < n && rc == 0; i++) {
        tl_wire_next_refused(&c, &r);
        rc = in->log.refuse(in->log.self, &r, err);
    }
    in->counted.quarantined += n;
    return rc;
}

static int
file_poison(struct intake *in, const struct tl_wire_head *h, struct tl_str payload, struct tl_err *err)
{
    char name[80], hex[33];
    tl_hex(h->collector, sizeof h->collector, hex);
    snprintf(name, sizeof name, "%s/%" PRIu64, hex, h->seq);
    const struct tl_refused r = {
        .received_at_ms = in->clock->wall_ms(in->clock),
        .reason = tl_str_of(tl_reason_word(TL_REASON_POISON_BATCH)),
        .id = tl_str_of(name),
        .bytes = payload,
        .bytes_n = payload.n,
    };
    in->counted.poison++;
    tl_log(TL_ERROR, "poison_batch", "collector=%s seq=%" PRIu64 " bytes=%zu", hex, h->seq, payload.n);
    return in->log.refuse(in->log.self, &r, err);
}

static int
apply(struct intake *in, const struct tl_wire_head *h, struct tl_str payload, struct tl_err *err)
{
    struct tl_str raw;
    uint64_t position = 0;
    int rc = begin(in, err);
    if (rc < 0)
        return rc;
    in->counted.batches++;
    rc = plain(in, h, payload, &raw, err);
    if (rc == TL_ENOMEM)
        return rc;
    if (rc < 0 || !decodes(h, raw))
        return file_poison(in, h, payload, err);
    if (h->flags & TL_WIRE_FLAG_QUARANTINE)
        return file_refused(in, raw, err);
    if (h->n_events == 0)
        return 0;
    rc = in->log.append(in->log.self, h, payload, in->clock->wall_ms(in->clock), &position, err);
    if (rc == 0) {
        in->end = position + h->n_events;
        in->counted.events += h->n_events;
    }
    return rc;
}

static int
batch(struct intake *in, const struct intake_route *route, const struct tl_wire_head *h, struct tl_str payload, struct tl_err *err)
{
    struct intake_peer *p = intake_peers_find(&in->peers, h);
    if (!p || !intake_route_same(&p->route, route))
        return stranger(in, p, route, h, err);
    p->heard_us = in->clock->mono_us(in->clock);
    if (h->seq > p->pending + 1 || tl_wire_check_batch(h, payload.p, payload.n) < 0) {
        say_resync(in, p);
        return 0;
    }
    open_round(in);
    p->in_round = true;
    in->round_batches++;
    in->round_bytes += payload.n;
    if (h->seq <= p->pending) {
        tl_count_add(A_BATCHES_DUPLICATE, 1);
        return 0;
    }
    p->resync_said = false;
    int rc = apply(in, h, payload, err);
    if (rc == 0)
        p->pending = h->seq;
    return rc;
}

static int
bye(struct intake *in, const struct intake_route *route, const struct tl_wire_head *h)
{
    struct intake_peer *p = intake_peers_find(&in->peers, h);
    if (p && intake_route_same(&p->route, route))
        p->route.n = 0;
    return 0;
}

static int
stray(void)
{
    tl_count_add(A_FRAMES_STRAY, 1);
    return 0;
}

int
intake_take(struct intake *in, const uint8_t *route, size_t route_n, const struct tl_str *frame, int frames_n, struct tl_err *err)
{
    struct tl_err own = { 0 };
    struct tl_err *e = err ? err : &own;
    struct intake_route from = { .n = route_n };
    struct tl_wire_head h = { 0 };
    enum tl_wire_type type = TL_BYE;
    if (route_n == 0 || route_n > sizeof from.b || frames_n < 2 || tl_wire_get_type(frame[0].p, frame[0].n, &type) < 0 ||
        tl_wire_get_head(frame[1].p, frame[1].n, &h) < 0 || frames_n != (type == TL_BATCH ? 3 : 2))
        return stray();
    memcpy(from.b, route, route_n);
    int rc = 0;
    switch (type) {
    case TL_HELLO: rc = hello(in, &from, &h, e); break;
    case TL_BATCH: rc = batch(in, &from, &h, frame[2], e); break;
    case TL_BYE: rc = bye(in, &from, &h); break;
    default: rc = stray();
    }
    return rc < 0 ? fail_round(in, rc, e) : 0;
}

int
intake_control(struct intake *in, const char *kind, const char *actor, int64_t time_ms, struct tl_str body, struct intake_ticket ticket, struct tl_err *err)
{
    struct tl_err own = { 0 };
    struct tl_err *e = err ? err : &own;
    uint64_t position = 0;
    tl_assert(in->waiting_n < TICKETS_MAX);
    int rc = begin(in, e);
    if (rc == 0)
        rc = in->log.append_control(in->log.self, kind, actor, time_ms, body, &position, e);
    in->waiting[in->waiting_n++] = (struct waiting){ ticket, position };
    if (rc < 0)
        return fail_round(in, rc, e);
    in->end = position + 1;
    return 0;
}

/* ---- gaps ---- */

static bool
waits_at_gap(const struct intake_peer *p, struct tl_str hex)
{
    char name[33];
    if (!p->gap_first || p->in_round || hex.n > 32)
        return false;
    tl_hex(p->collector, sizeof p->collector, name);
    return hex.n == 0 || memcmp(name, hex.p, hex.n) == 0;
}

size_t
intake_gaps(const struct intake *in, struct intake_gap *out, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < in->peers.n && n < max; i++) {
        const struct intake_peer *p = &in->peers.at[i];
        if (!waits_at_gap(p, TL_STR("")))
            continue;
        out[n] = (struct intake_gap){ .epoch = p->epoch, .partition = p->partition, .committed = p->committed, .first = p->gap_first };
        memcpy(out[n++].collector, p->collector, sizeof p->collector);
    }
    return n;
}

static void
describe_gap(struct tl_buf *b, const struct intake_peer *p)
{
    char name[33];
    tl_hex(p->collector, sizeof p->collector, name);
    tl_buf_printf(b, "%s{\"collector\":\"%s\",\"epoch\":\"%016" PRIx64 "\",\"partition\":%u,\"from\":%" PRIu64 ",\"to\":%" PRIu64 "}", b->len > 9 ? "," : "", name,
                  p->epoch, p->partition, p->committed + 1, p->gap_first - 1);
}

int
intake_accept_gaps(struct intake *in, const char *actor, int64_t time_ms, struct tl_str hex, struct intake_ticket ticket, struct tl_err *err)
{
    struct tl_buf b = { 0 };
    struct tl_err none = { 0 };
    size_t n = 0;
    if (!tl_buf_reserve(&b, (INTAKE_GAPS_MAX + 1) * GAP_BYTES_MAX)) {
        ticket.done(ticket.self, TL_ENOMEM, 0, (tl_fail(&none, TL_ENOMEM, "out of memory accepting a gap"), &none));
        return 0;
    }
    tl_buf_put_str(&b, "{\"gaps\":[");
    for (size_t i = 0; i < in->peers.n && n < INTAKE_GAPS_MAX; i++) {
        struct intake_peer *p = &in->peers.at[i];
        if (!waits_at_gap(p, hex))
            continue;
        describe_gap(&b, p);
        p->pending = p->gap_first - 1;
        p->in_round = true;
        n++;
    }
    tl_buf_put_str(&b, "]}");
    int rc = 0;
    if (n == 0)
        ticket.done(ticket.self, TL_ENOTFOUND, 0, (tl_fail(&none, TL_ENOTFOUND, "no collector waits before a gap, or none by that number"), &none));
    else
        rc = intake_control(in, "gap", actor, time_ms, (struct tl_str){ (const char *)b.data, b.len }, ticket, err);
    tl_buf_free(&b);
    return rc;
}
