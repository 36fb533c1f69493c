/* publish.c - the collector's end of TLP/1; see publish.h. Rules and reasons are in schemas/wire.md section 4.
 *
 * A step first takes in what happened (a frame, a refusal of the bus), then what time demands, then sends at most one frame. What is in flight is a
 * ring of byte counts from hwm + 1 to sent: sequence numbers have no holes, so that is all there is to remember. */
#include "publish.h"

struct publish {
    struct publish_cfg cfg;
    enum publish_state state;
    enum publish_alarm alarm;
    enum tl_wire_reject reject;
    bool stopped, bye_said;
    uint64_t hwm, sent, sent_max;           /* committed, last sent on this link, last ever sent by this process */
    uint32_t bytes[PUBLISH_INFLIGHT_MAX];   /* of batch seq, at seq % PUBLISH_INFLIGHT_MAX */
    uint64_t inflight_bytes, credit_bytes, credit_batches;
    int64_t hello_us, heard_us, link_us, retry_us;   /* last HELLO; last frame or progress; HELLO_SENT or in flight since; nothing is sent before retry_us */
    enum tl_wire_type last_type;            /* of the last step's frame, for NOT_SENT */
    bool last_sent;
    struct tl_buf payload;
    struct publish_stats stats;
};

struct publish *
publish_new(const struct publish_cfg *cfg)
{
    struct publish *p = tl_alloc(sizeof *p);
    if (p)
        p->cfg = *cfg;
    return p;
}

void
publish_free(struct publish **pp)
{
    if (*pp) {
        tl_buf_free(&(*pp)->payload);
        tl_free(*pp);
    }
    *pp = NULL;
}

/* ---- state ---- */

static void
go_offline(struct publish *p, int64_t retry_us)
{
    p->state = PUBLISH_OFFLINE;
    p->sent = p->hwm;
    p->inflight_bytes = 0;
    p->retry_us = retry_us;
}

static void
set_credit(struct publish *p, const struct tl_wire_head *h)
{
    p->credit_bytes = h->aux;
    p->credit_batches = h->n_events < PUBLISH_INFLIGHT_MAX ? h->n_events : PUBLISH_INFLIGHT_MAX;
    p->state = p->credit_bytes && p->credit_batches ? PUBLISH_STREAMING : PUBLISH_STALLED;
}

static void
raise_alarm(struct publish *p, enum publish_alarm alarm, int64_t now_us)
{
    p->alarm = alarm;
    go_offline(p, now_us + PUBLISH_REJECT_US);
}

/* Forward only; what stands between was sent in this link or an earlier one. */
static void
advance(struct publish *p, uint64_t hwm, struct publish_actions *out)
{
    if (hwm <= p->hwm)
        return;
    for (uint64_t seq = p->hwm + 1; seq <= hwm && seq <= p->sent; seq++)
        p->inflight_bytes -= p->bytes[seq % PUBLISH_INFLIGHT_MAX];
    p->hwm = hwm;
    if (p->sent < hwm)
        p->sent = hwm;
    out->acked = true;
    out->hwm = hwm;
}

/* ---- frames in ---- */

static bool
behind(const struct publish *p, uint64_t hwm)
{
    return hwm > p->cfg.recovered_seq && hwm > p->sent_max;
}

/* The log may have gone back to an older copy: then sending begins there again, and what it still has is skipped by number. */
static void
on_welcome(struct publish *p, const struct publish_input *in, struct publish_actions *out)
{
    uint64_t hwm = in->head.seq;
    if (behind(p, hwm)) {
        raise_alarm(p, PUBLISH_BEHIND, in->now_us);
        return;
    }
    if (hwm + 1 < in->first_seq) {
        raise_alarm(p, PUBLISH_GAP, in->now_us);
        return;
    }
    if (hwm < p->hwm || p->state == PUBLISH_HELLO_SENT) {
        p->inflight_bytes = 0;
        p->sent = p->hwm = hwm < p->hwm ? hwm : p->hwm;
    }
    p->alarm = PUBLISH_FINE;
    advance(p, hwm, out);
    set_credit(p, &in->head);
}

static void
on_ack(struct publish *p, const struct publish_input *in, struct publish_actions *out)
{
    if (behind(p, in->head.seq)) {
        raise_alarm(p, PUBLISH_BEHIND, in->now_us);
        return;
    }
    if (in->head.seq > p->hwm)
        p->link_us = in->now_us;
    advance(p, in->head.seq, out);
    if (p->state == PUBLISH_STREAMING || p->state == PUBLISH_STALLED)
        set_credit(p, &in->head);
}

static void
on_reject(struct publish *p, const struct publish_input *in)
{
    p->reject = (enum tl_wire_reject)in->head.n_events;
    raise_alarm(p, p->reject == TL_REJECT_GAP ? PUBLISH_GAP : PUBLISH_REJECTED, in->now_us);
}

static void
on_frame(struct publish *p, const struct publish_input *in, struct publish_actions *out)
{
    const struct tl_wire_head *h = &in->head;
    if (memcmp(h->collector, p->cfg.collector, sizeof h->collector) != 0 || h->epoch != p->cfg.epoch || h->partition != p->cfg.partition) {
        p->stats.strangers_n++;
        return;
    }
    p->heard_us = in->now_us;
    switch (in->type) {
    case TL_WELCOME:
        if (p->state != PUBLISH_OFFLINE)
            on_welcome(p, in, out);
        break;
    case TL_ACK:
        if (p->state != PUBLISH_OFFLINE)
            on_ack(p, in, out);
        break;
    case TL_RESYNC:     /* in HELLO_SENT the answer is under way already */
        if (p->state == PUBLISH_STREAMING || p->state == PUBLISH_STALLED)
            go_offline(p, p->hello_us + PUBLISH_RETRY_US);
        break;
    case TL_REJECT:
        on_reject(p, in);
        break;
    case TL_BYE:
        go_offline(p, in->now_us + PUBLISH_HELLO_US);
        break;
    case TL_HELLO:
    case TL_BATCH:
        p->stats.strangers_n++;
    }
}

/* ---- frames out ---- */

static void
send_frame(struct publish *p, enum tl_wire_type type, struct publish_actions *out)
{
    out->send = true;
    out->type = type;
    memcpy(out->head.collector, p->cfg.collector, sizeof out->head.collector);
    out->head.epoch = p->cfg.epoch;
    out->head.partition = p->cfg.partition;
    out->head.version_min = out->head.version_max = 1;
    p->last_type = type;
    p->last_sent = true;
}

static void
say_hello(struct publish *p, const struct publish_input *in, struct publish_actions *out)
{
    if (p->state == PUBLISH_OFFLINE) {
        p->state = PUBLISH_HELLO_SENT;
        p->link_us = in->now_us;
    }
    p->hello_us = in->now_us;
    send_frame(p, TL_HELLO, out);
    out->head.seq = in->durable_seq;
    out->head.aux = in->first_seq;
}

static bool
may_send_batch(const struct publish *p, const struct publish_input *in)
{
    uint64_t inflight = p->sent - p->hwm;
    return p->state == PUBLISH_STREAMING && p->sent < in->durable_seq && inflight < p->credit_batches && p->inflight_bytes < p->credit_bytes;
}

/* Credit in bytes may be passed by the last batch: else a credit below one batch would stop the line. */
static void
send_batch(struct publish *p, const struct publish_input *in, struct publish_actions *out)
{
    uint64_t seq = p->sent + 1;
    tl_buf_reset(&p->payload);
    if (p->cfg.read(p->cfg.arg, seq, &p->payload) != 0 || p->payload.failed) {
        p->retry_us = in->now_us + PUBLISH_RETRY_US;
        return;
    }
    out->payload = (struct tl_str){ (const char *)p->payload.data, p->payload.len };
    if (tl_wire_describe(&out->head, out->payload) != 0) {
        p->retry_us = in->now_us + PUBLISH_RETRY_US;
        return;
    }
    out->head.seq = seq;
    send_frame(p, TL_BATCH, out);
    if (p->sent == p->hwm)
        p->link_us = in->now_us;
    p->bytes[seq % PUBLISH_INFLIGHT_MAX] = (uint32_t)p->payload.len;
    p->inflight_bytes += p->payload.len;
    p->sent = seq;
    p->stats.sent_n++;
    p->stats.resent_n += seq <= p->sent_max;
    if (seq > p->sent_max)
        p->sent_max = seq;
    out->more = may_send_batch(p, in);
}

static void
take_back(struct publish *p, int64_t now_us)
{
    if (!p->last_sent)
        return;
    p->retry_us = now_us + PUBLISH_RETRY_US;
    if (p->last_type == TL_HELLO)
        p->hello_us = now_us - PUBLISH_HELLO_US;
    if (p->last_type == TL_BATCH && p->sent > p->hwm) {
        p->inflight_bytes -= p->bytes[p->sent % PUBLISH_INFLIGHT_MAX];
        p->sent--;
        p->stats.sent_n--;
    }
}

/* ---- time ---- */

static bool
timed_out(const struct publish *p, int64_t now_us)
{
    bool waiting = p->state == PUBLISH_HELLO_SENT || p->sent > p->hwm;
    if (p->state == PUBLISH_OFFLINE)
        return false;
    if (p->state != PUBLISH_HELLO_SENT && now_us - p->heard_us >= PUBLISH_PROBE_US + PUBLISH_TIMEOUT_US)
        return true;
    return waiting && now_us - p->link_us >= PUBLISH_TIMEOUT_US;
}

/* ack_overdue - in flight, and nobody says so: the other end may be a new process that knows nothing of it. HELLO on the same link settles that. */
static bool
ack_overdue(const struct publish *p, int64_t now_us)
{
    bool streaming = p->state == PUBLISH_STREAMING || p->state == PUBLISH_STALLED;
    return streaming && p->sent > p->hwm && now_us - p->link_us >= PUBLISH_OVERDUE_US && now_us - p->heard_us >= PUBLISH_OVERDUE_US;
}

static bool
hello_due(const struct publish *p, int64_t now_us)
{
    if (p->state == PUBLISH_OFFLINE)
        return true;
    if (now_us - p->hello_us < PUBLISH_HELLO_US)
        return false;
    return p->state == PUBLISH_HELLO_SENT || (p->sent == p->hwm && now_us - p->heard_us >= PUBLISH_PROBE_US);
}

static void
relink(struct publish *p, struct publish_actions *out)
{
    go_offline(p, 0);
    p->stats.relinks_n++;
    out->relink = true;
}

static void
act(struct publish *p, const struct publish_input *in, struct publish_actions *out)
{
    int64_t now_us = in->now_us;
    if (p->stopped) {
        if (!p->bye_said && p->state != PUBLISH_OFFLINE)
            send_frame(p, TL_BYE, out);
        p->bye_said = true;
        return;
    }
    if (timed_out(p, now_us))
        relink(p, out);
    else if (ack_overdue(p, now_us))
        go_offline(p, 0);
    if (now_us < p->retry_us)
        return;
    if (hello_due(p, now_us))
        say_hello(p, in, out);
    else if (may_send_batch(p, in))
        send_batch(p, in, out);
}

static int64_t
earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t
wake(const struct publish *p, const struct publish_input *in)
{
    if (p->stopped)
        return INT64_MAX;
    int64_t at = p->heard_us + PUBLISH_PROBE_US;
    if (at < p->hello_us + PUBLISH_HELLO_US || p->state == PUBLISH_HELLO_SENT)
        at = p->hello_us + PUBLISH_HELLO_US;
    if (p->sent > p->hwm || p->state == PUBLISH_HELLO_SENT)
        at = earlier(at, p->link_us + PUBLISH_TIMEOUT_US);
    if (p->sent > p->hwm)
        at = earlier(at, (p->link_us > p->heard_us ? p->link_us : p->heard_us) + PUBLISH_OVERDUE_US);
    if (p->retry_us > in->now_us && (p->state == PUBLISH_OFFLINE || may_send_batch(p, in)))
        at = p->retry_us;
    return at > in->now_us ? at : in->now_us + PUBLISH_RETRY_US;
}

void
publish_step(struct publish *p, const struct publish_input *in, struct publish_actions *out)
{
    *out = (struct publish_actions){ 0 };
    if (in->what == PUBLISH_FRAME && !p->stopped)
        on_frame(p, in, out);
    else if (in->what == PUBLISH_NOT_SENT)
        take_back(p, in->now_us);
    else if (in->what == PUBLISH_LINK_NEW)
        go_offline(p, 0);
    else if (in->what == PUBLISH_STOP)
        p->stopped = true;
    p->last_sent = false;
    act(p, in, out);
    out->alarm = p->alarm;
    out->reject = p->reject;
    out->wake_us = wake(p, in);
}

enum publish_state
publish_state(const struct publish *p)
{
    return p->state;
}

bool
publish_linked(const struct publish *p)
{
    return p->state == PUBLISH_STREAMING || p->state == PUBLISH_STALLED;
}

void
publish_stats(const struct publish *p, struct publish_stats *st)
{
    *st = p->stats;
    st->inflight_n = p->sent - p->hwm;
    st->inflight_bytes = p->inflight_bytes;
    st->hwm = p->hwm;
}
