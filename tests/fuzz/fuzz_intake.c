/* fuzz_intake - any run of frames into the aggregator's end of the wire, over a log in memory.
 *
 *   input: messages of  type u8 | route and flags u8 | length u16 LE | head bytes | payload bytes
 *   flags: 0x10 mend seq, sizes and checksum so that the batch gets as far as its payload; 0x20 commit after it; 0x40 the log fails at it
 *
 * Holds: hwm only grows, by batches that were applied; every ACK and WELCOME says what is committed; nothing is appended outside a transaction. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../aggregator/intake.h"
#include "tl_hash.h"
#include "tl_logfmt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PARTITIONS 4            /* of mended batches */
#define MESSAGES_MAX 200

/* how far each sender's partition is */
struct sender {
    uint8_t collector[16];
    uint64_t epoch;
    uint16_t partition;
    uint64_t hwm, staged;
};
struct memory {
    bool open, fail;
    uint64_t rows;
    struct sender sender[MESSAGES_MAX];     /* at most one a message */
    size_t senders_n;
};

static void
must(bool ok)
{
    if (!ok)
        abort();
}

static struct sender *
sender_of(struct memory *m, const uint8_t collector[16], uint64_t epoch, uint16_t partition)
{
    struct sender *s = m->sender;
    for (; s < m->sender + m->senders_n; s++)
        if (memcmp(s->collector, collector, sizeof s->collector) == 0 && s->epoch == epoch && s->partition == partition)
            return s;
    must(m->senders_n++ < MESSAGES_MAX);
    *s = (struct sender){ .epoch = epoch, .partition = partition };
    memcpy(s->collector, collector, sizeof s->collector);
    return s;
}

static int
m_begin(void *self, struct tl_err *err)
{
    struct memory *m = self;
    (void)err;
    must(!m->open);
    m->open = true;
    for (size_t i = 0; i < m->senders_n; i++)
        m->sender[i].staged = m->sender[i].hwm;
    return 0;
}

static int
m_hwm(void *self, const uint8_t collector[16], uint64_t epoch, uint16_t partition, uint64_t *seq, struct tl_err *err)
{
    (void)err;
    *seq = sender_of(self, collector, epoch, partition)->hwm;
    return 0;
}

static int
m_set_hwm(void *self, const uint8_t collector[16], uint64_t epoch, uint16_t partition, uint64_t seq, struct tl_err *err)
{
    struct memory *m = self;
    struct sender *s = sender_of(m, collector, epoch, partition);
    (void)err;
    must(m->open && seq > s->staged);
    s->staged = seq;
    return 0;
}

static int
m_append(void *self, const struct tl_wire_head *h, struct tl_str payload, int64_t received_ms, uint64_t *position, struct tl_err *err)
{
    struct memory *m = self;
    (void)received_ms;
    must(m->open && h->n_events > 0 && payload.n > 0);
    *position = m->rows;
    m->rows += h->n_events;
    return m->fail ? tl_fail(err, TL_EIO, "asked to fail") : 0;
}

static int
m_control(void *self, const char *kind, const char *actor, int64_t time_ms, struct tl_str body, uint64_t *position, struct tl_err *err)
{
    (void)self, (void)kind, (void)actor, (void)time_ms, (void)body, (void)position, (void)err;
    return 0;
}

static int
m_refuse(void *self, const struct tl_refused *r, struct tl_err *err)
{
    const struct memory *m = self;
    (void)err;
    must(m->open && (r->bytes.n == 0 || r->bytes.p != NULL));
    return 0;
}

static int
m_commit(void *self, struct tl_err *err)
{
    struct memory *m = self;
    must(m->open);
    m->open = false;
    if (m->fail)
        return tl_fail(err, TL_EIO, "asked to fail");
    for (size_t i = 0; i < m->senders_n; i++)
        m->sender[i].hwm = m->sender[i].staged;
    return 0;
}

static void
m_abort(void *self)
{
    struct memory *m = self;
    must(m->open);
    m->open = false;
}

static void
n_send(void *self, const uint8_t *route, size_t route_n, const struct tl_str *frame, int frames_n)
{
    struct memory *m = self;
    struct tl_wire_head h;
    enum tl_wire_type type;
    must(route_n == 1 && route[0] < 4 && frames_n == 2);
    must(tl_wire_get_type(frame[0].p, frame[0].n, &type) == 0 && tl_wire_get_head(frame[1].p, frame[1].n, &h) == 0);
    if (type == TL_ACK || type == TL_WELCOME || type == TL_RESYNC)
        must(h.seq == sender_of(m, h.collector, h.epoch, h.partition)->hwm);
}

static int64_t
c_now(struct tl_clock *c)
{
    (void)c;
    return 1;
}

/* mend - make the head fit the payload, and be the next of its partition. */
static void
mend(struct memory *m, uint8_t f1[TL_WIRE_HEAD_BYTES], struct tl_str payload)
{
    struct tl_wire_head h = { 0 };
    if (tl_wire_get_head(f1, TL_WIRE_HEAD_BYTES, &h) < 0)
        return;
    uint8_t flags = h.flags;
    h.partition %= PARTITIONS;
    memset(h.collector, 0, sizeof h.collector);
    h.epoch = 0;
    h.version_min = h.version_max = 1;
    h.aux = 1;
    h.seq = sender_of(m, h.collector, 0, h.partition)->hwm + 1 + h.seq % 3;
    if (tl_wire_describe(&h, payload) < 0) {
        h.codec = TL_CODEC_RAW;
        h.raw_len = (uint32_t)payload.n;
        h.crc = tl_crc32c(0, payload.p, payload.n);
    }
    if (flags & 2) {
        h.codec = TL_CODEC_ZSTD;
        h.raw_len = 1 + (uint32_t)flags * 16;
    }
    tl_wire_put_head(f1, &h);
}

static void
take_one(struct intake *in, struct memory *m, struct tl_cur *c)
{
    uint8_t f0[4], f1[TL_WIRE_HEAD_BYTES] = { 0 };
    uint8_t type = tl_cur_u8(c), how = tl_cur_u8(c);
    size_t n = tl_cur_u8(c);
    n |= (size_t)tl_cur_u8(c) << 8;
    struct tl_str head = tl_cur_bytes(c, tl_cur_left(c) < sizeof f1 ? tl_cur_left(c) : sizeof f1);
    struct tl_str payload = tl_cur_bytes(c, n < tl_cur_left(c) ? n : tl_cur_left(c));
    uint8_t route = how & 3;
    if (head.n)
        memcpy(f1, head.p, head.n);
    if (how & 0x10)
        mend(m, f1, payload);
    tl_wire_put_type(f0, (enum tl_wire_type)type);
    const struct tl_str frame[] = { { (char *)f0, sizeof f0 }, { (char *)f1, sizeof f1 }, payload };
    m->fail = how & 0x40;
    intake_take(in, &route, 1, frame, type == TL_BATCH ? 3 : 2, NULL);
    if ((how & 0x20) || intake_due(in))
        intake_commit(in, NULL);
    m->fail = false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct memory m = { 0 };
    struct tl_clock clock = { c_now, c_now };
    const struct intake_log log = { &m, m_begin, m_hwm, m_set_hwm, m_append, m_control, m_refuse, m_commit, m_abort };
    const struct intake_net net = { &m, n_send };
    tl_log_level((enum tl_level)(TL_ERROR + 1));
    struct intake *in = intake_new(&log, &net, &clock);
    struct tl_cur c = tl_cur_of(data, size);
    for (int i = 0; i < MESSAGES_MAX - PARTITIONS && tl_cur_left(&c) > 4; i++)
        take_one(in, &m, &c);
    intake_commit(in, NULL);
    intake_free(&in);
    must(!m.open);
    return 0;
}
