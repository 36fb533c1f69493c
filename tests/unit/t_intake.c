/* intake over a log in memory: the conversation row by row, then a bad network and a failing log with one demand: every batch once, in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../aggregator/intake.h"
#include "tl_hash.h"
#include "tl_logfmt.h"
#include "tl_zstd.h"

/* ---- a log in memory: what the transaction did is kept aside until commit ---- */

#define ROWS_MAX 20000
#define COLLECTORS 4

struct memory {
    uint64_t rows_n, staged_n;
    struct { uint8_t who; uint64_t seq; } row[ROWS_MAX];    /* of events, controls (who 0xff) */
    uint64_t hwm[COLLECTORS], staged_hwm[COLLECTORS];
    uint64_t refused_n, staged_refused_n, poison_n;
    size_t last_refused_bytes;
    bool open;
    int fail_commits, fail_appends;
    uint8_t rotten;             /* the collector whose hwm cannot be read */
};

static struct memory mem;

static int
m_begin(void *self, struct tl_err *err)
{
    struct memory *m = self;
    (void)err;
    assert_false(m->open);
    m->open = true;
    m->staged_n = m->rows_n;
    m->staged_refused_n = m->refused_n;
    memcpy(m->staged_hwm, m->hwm, sizeof m->hwm);
    return 0;
}

static int
m_hwm(void *self, const uint8_t collector[16], uint64_t epoch, uint16_t partition, uint64_t *seq, struct tl_err *err)
{
    struct memory *m = self;
    (void)epoch, (void)partition;
    *seq = m->open ? m->staged_hwm[collector[0]] : m->hwm[collector[0]];
    if (m->rotten == collector[0] && m->rotten)
        return tl_fail(err, TL_ECORRUPT, "a bit flipped");
    return 0;
}

static int
m_set_hwm(void *self, const uint8_t collector[16], uint64_t epoch, uint16_t partition, uint64_t seq, struct tl_err *err)
{
    struct memory *m = self;
    (void)epoch, (void)partition, (void)err;
    assert_true(m->open);
    assert_true(seq > m->staged_hwm[collector[0]]);
    m->staged_hwm[collector[0]] = seq;
    return 0;
}

static int
m_append(void *self, const struct tl_wire_head *h, struct tl_str payload, int64_t received_ms, uint64_t *position, struct tl_err *err)
{
    struct memory *m = self;
    (void)payload, (void)received_ms;
    assert_true(m->open);
    if (m->fail_appends && m->fail_appends-- == 1)
        return tl_fail(err, TL_ENOSPC, "no room");
    *position = m->staged_n + 1;
    assert_true(m->staged_n < ROWS_MAX);
    m->row[m->staged_n].who = h->collector[0];
    m->row[m->staged_n++].seq = h->seq;
    return 0;
}

static int
m_append_control(void *self, const char *kind, const char *actor, int64_t time_ms, struct tl_str body, uint64_t *position, struct tl_err *err)
{
    struct memory *m = self;
    (void)kind, (void)actor, (void)time_ms, (void)body, (void)err;
    m->row[m->staged_n++].who = 0xff;
    *position = m->staged_n;
    return 0;
}

static int
m_refuse(void *self, const struct tl_refused *r, struct tl_err *err)
{
    struct memory *m = self;
    (void)err;
    m->staged_refused_n++;
    m->poison_n += tl_str_is(r->reason, "poison_batch");
    m->last_refused_bytes = r->bytes.n;
    return 0;
}

static int
m_commit(void *self, struct tl_err *err)
{
    struct memory *m = self;
    assert_true(m->open);
    m->open = false;
    if (m->fail_commits && m->fail_commits-- == 1)
        return tl_fail(err, TL_EIO, "the disk is on fire");
    m->rows_n = m->staged_n;
    m->refused_n = m->staged_refused_n;
    memcpy(m->hwm, m->staged_hwm, sizeof m->hwm);
    return 0;
}

static void
m_abort(void *self)
{
    ((struct memory *)self)->open = false;
}

/* ---- frames out, kept in order ---- */

struct sent {
    char route[INTAKE_ROUTE_BYTES + 1];
    enum tl_wire_type type;
    struct tl_wire_head head;
};
static struct sent sent[4096];
static size_t sent_n;

static void
n_send(void *self, const uint8_t *route, size_t route_n, const struct tl_str *frame, int frames_n)
{
    (void)self;
    assert_int_equal(frames_n, 2);
    struct sent *s = &sent[sent_n++ % 4096];
    snprintf(s->route, sizeof s->route, "%.*s", (int)route_n, (const char *)route);
    assert_int_equal(tl_wire_get_type(frame[0].p, frame[0].n, &s->type), 0);
    assert_int_equal(tl_wire_get_head(frame[1].p, frame[1].n, &s->head), 0);
}

static int64_t now_us;

static int64_t
c_wall(struct tl_clock *c)
{
    (void)c;
    return now_us / 1000;
}

static int64_t
c_mono(struct tl_clock *c)
{
    (void)c;
    return now_us;
}

static struct tl_clock test_clock = { c_wall, c_mono };

static struct intake *
start(void)
{
    const struct intake_log log = { &mem, m_begin, m_hwm, m_set_hwm, m_append, m_append_control, m_refuse, m_commit, m_abort };
    const struct intake_net net = { NULL, n_send };
    struct intake *in = intake_new(&log, &net, &test_clock);
    assert_non_null(in);
    mem.open = false;
    return in;
}

static struct intake *
fresh(void)
{
    memset(&mem, 0, sizeof mem);
    sent_n = 0;
    now_us = 1000000;
    return start();
}

/* ---- frames in ---- */

static struct tl_wire_head
head(uint8_t who, uint64_t seq)
{
    return (struct tl_wire_head){ .collector = { who, 'x' }, .epoch = 5, .seq = seq, .version_min = 1, .version_max = 1 };
}

static int
put(struct intake *in, const char *route, enum tl_wire_type type, const struct tl_wire_head *h, struct tl_str payload)
{
    uint8_t f0[4], f1[TL_WIRE_HEAD_BYTES];
    tl_wire_put_type(f0, type);
    tl_wire_put_head(f1, h);
    const struct tl_str frame[] = { { (char *)f0, sizeof f0 }, { (char *)f1, sizeof f1 }, payload };
    return intake_take(in, (const uint8_t *)route, strlen(route), frame, type == TL_BATCH ? 3 : 2, NULL);
}

static void
hello(struct intake *in, const char *route, uint8_t who, uint64_t first)
{
    struct tl_wire_head h = head(who, 0);
    h.aux = first;
    assert_int_equal(put(in, route, TL_HELLO, &h, (struct tl_str){ NULL, 0 }), 0);
}

static void
make_events(struct tl_buf *b, uint32_t n)
{
    tl_wire_begin(b, TL_KIND_EVENTS);
    for (uint32_t i = 0; i < n; i++) {
        const struct tl_event ev = { .has = TL_HAS(type), .type_ = TL_STR("view"), .raw = TL_STR("{}") };
        tl_wire_put_event(b, &ev);
    }
    tl_wire_end(b, n);
}

static int
put_payload(struct intake *in, const char *route, uint8_t who, uint64_t seq, const struct tl_buf *b)
{
    struct tl_wire_head h = head(who, seq);
    struct tl_str payload = { (char *)b->data, b->len };
    assert_int_equal(tl_wire_describe(&h, payload), 0);
    return put(in, route, TL_BATCH, &h, payload);
}

static int
batch(struct intake *in, const char *route, uint8_t who, uint64_t seq)
{
    struct tl_buf b = { 0 };
    make_events(&b, 1);
    int rc = put_payload(in, route, who, seq, &b);
    tl_buf_free(&b);
    return rc;
}

static const struct sent *
last(enum tl_wire_type type)
{
    assert_true(sent_n > 0);
    assert_int_equal(sent[sent_n - 1].type, type);
    return &sent[sent_n - 1];
}

/* Example of use: nothing is acknowledged before the commit. */
static void
t_conversation(void **state)
{
    (void)state;
    struct intake *in = fresh();
    hello(in, "r", 1, 1);
    const struct sent *s = last(TL_WELCOME);
    assert_true(strcmp(s->route, "r") == 0 && s->head.seq == 0 && s->head.aux == INTAKE_CREDIT_BYTES && s->head.n_events == INTAKE_CREDIT_BATCHES);
    assert_false(intake_pending(in));
    for (uint64_t seq = 1; seq <= 3; seq++)
        assert_int_equal(batch(in, "r", 1, seq), 0);
    assert_true(intake_pending(in) && sent_n == 1 && mem.rows_n == 0);
    assert_int_equal(intake_commit(in, NULL), 0);
    s = last(TL_ACK);
    assert_true(sent_n == 2 && s->head.seq == 3 && s->head.epoch == 5 && mem.rows_n == 3 && mem.hwm[1] == 3);
    assert_false(intake_pending(in));
    assert_int_equal(intake_commit(in, NULL), 0);
    assert_int_equal(sent_n, 2);
    intake_free(&in);
    assert_null(in);
    in = start();                                   /* the next process knows what was committed */
    hello(in, "r2", 1, 1);
    assert_int_equal(last(TL_WELCOME)->head.seq, 3);
    intake_free(&in);
}

static void
t_again_and_gap(void **state)
{
    (void)state;
    struct intake *in = fresh();
    hello(in, "r", 1, 1);
    batch(in, "r", 1, 1);
    batch(in, "r", 1, 1);
    assert_int_equal(intake_commit(in, NULL), 0);
    assert_true(mem.rows_n == 1 && last(TL_ACK)->head.seq == 1);
    batch(in, "r", 1, 1);                           /* a resend alone is acknowledged too */
    assert_int_equal(intake_commit(in, NULL), 0);
    assert_true(sent_n == 3 && last(TL_ACK)->head.seq == 1 && mem.rows_n == 1);
    for (uint64_t seq = 3; seq < 9; seq++)
        batch(in, "r", 1, seq);
    assert_true(sent_n == 4 && last(TL_RESYNC)->head.seq == 1);     /* said once */
    batch(in, "r", 1, 2);
    batch(in, "r", 1, 3);
    batch(in, "r", 1, 5);
    assert_int_equal(last(TL_RESYNC)->head.seq, 1);                 /* what is committed, not what is pending */
    assert_int_equal(intake_commit(in, NULL), 0);
    assert_true(last(TL_ACK)->head.seq == 3 && mem.rows_n == 3);
    intake_free(&in);
}

static void
t_damaged_frames(void **state)
{
    (void)state;
    struct intake *in = fresh();
    struct tl_buf b = { 0 };
    hello(in, "r", 1, 1);
    make_events(&b, 2);
    struct tl_wire_head h = head(1, 1);
    struct tl_str payload = { (char *)b.data, b.len };
    assert_int_equal(tl_wire_describe(&h, payload), 0);
    h.crc ^= 1;
    assert_int_equal(put(in, "r", TL_BATCH, &h, payload), 0);
    assert_true(last(TL_RESYNC)->head.seq == 0 && !intake_pending(in));
    size_t said = sent_n;
    for (uint32_t i = 0; i < 3000; i++) {           /* anything at all, in any frame */
        uint8_t junk[3][80];
        for (size_t k = 0; k < sizeof junk; k++)
            ((uint8_t *)junk)[k] = (uint8_t)rand();
        memcpy(junk[0], "TL1A", i % 3 ? 4 : 2);
        const struct tl_str frame[] = { { (char *)junk[0], i % 7 ? 4 : i % 80 }, { (char *)junk[1], i % 5 ? 64 : i % 80 }, { (char *)junk[2], i % 80 } };
        assert_int_equal(intake_take(in, (const uint8_t *)"q", 1, frame, (int)(i % 4), NULL), 0);
    }
    assert_true(sent_n == said && !intake_pending(in));
    tl_buf_free(&b);
    intake_free(&in);
}

/* A good checksum over what nobody can read: kept whole, and the line goes on. */
static void
t_poison(void **state)
{
    (void)state;
    struct intake *in = fresh();
    hello(in, "r", 1, 1);
    struct tl_buf b = { 0 };
    make_events(&b, 3);
    struct tl_wire_head good = head(1, 0);
    struct tl_str payload = { (char *)b.data, b.len };
    assert_int_equal(tl_wire_describe(&good, payload), 0);
    const struct { size_t cut; uint32_t n; uint8_t flags, codec, version; } rows[] = {
        { 1, 3, 0, 0, 1 },      /* the last event is cut short */
        { 0, 2, 0, 0, 1 },      /* the head counts otherwise */
        { 0, 3, TL_WIRE_FLAG_QUARANTINE, 0, 1 },
        { 0, 3, 0, TL_CODEC_ZSTD, 1 },
        { 0, 3, 0, 0, 2 },      /* a payload version from the future */
    };
    uint64_t seq = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tl_wire_head h = good;
        b.data[0] = rows[i].version;
        h.seq = ++seq;
        h.n_events = rows[i].n;
        h.flags = rows[i].flags;
        h.codec = rows[i].codec;
        h.raw_len = (uint32_t)(payload.n - rows[i].cut);
        h.crc = tl_crc32c(0, payload.p, payload.n - rows[i].cut);
        assert_int_equal(put(in, "r", TL_BATCH, &h, (struct tl_str){ payload.p, payload.n - rows[i].cut }), 0);
        assert_int_equal(mem.poison_n, i + 1);
        assert_int_equal(mem.last_refused_bytes, payload.n - rows[i].cut);
    }
    assert_int_equal(batch(in, "r", 1, seq + 1), 0);
    assert_int_equal(intake_commit(in, NULL), 0);
    assert_true(last(TL_ACK)->head.seq == seq + 1 && mem.rows_n == 1 && mem.refused_n == seq);
    tl_buf_free(&b);
    intake_free(&in);
}

static void
t_other_payloads(void **state)
{
    (void)state;
    struct intake *in = fresh();
    struct tl_buf b = { 0 }, packed = { 0 };
    hello(in, "r", 1, 1);
    tl_wire_begin(&b, TL_KIND_QUARANTINE);
    const struct tl_refused r = { .reason = TL_STR("bad_json"), .bytes = TL_STR("{{"), .bytes_n = 2 };
    tl_wire_put_refused(&b, &r);
    tl_wire_put_refused(&b, &r);
    tl_wire_end(&b, 2);
    assert_int_equal(put_payload(in, "r", 1, 1, &b), 0);
    make_events(&b, 0);
    assert_int_equal(put_payload(in, "r", 1, 2, &b), 0);
    make_events(&b, 500);
    struct tl_wire_head h = head(1, 3);
    assert_int_equal(tl_wire_describe(&h, (struct tl_str){ (char *)b.data, b.len }), 0);
    assert_int_equal(tl_zstd_pack((struct tl_str){ (char *)b.data, b.len }, 1, &packed, NULL), 0);
    h.codec = TL_CODEC_ZSTD;
    h.crc = tl_crc32c(0, packed.data, packed.len);
    assert_int_equal(put(in, "r", TL_BATCH, &h, (struct tl_str){ (char *)packed.data, packed.len }), 0);
    assert_int_equal(intake_commit(in, NULL), 0);
    assert_true(mem.refused_n == 2 && mem.poison_n == 0 && mem.rows_n == 1 && mem.hwm[1] == 3);
    tl_buf_free(&b);
    tl_buf_free(&packed);
    intake_free(&in);
}

static void
t_rejects(void **state)
{
    (void)state;
    struct intake *in = fresh();
    struct tl_wire_head h = head(1, 0);
    h.aux = 1;
    h.version_min = 2, h.version_max = 3;
    assert_int_equal(put(in, "r", TL_HELLO, &h, (struct tl_str){ NULL, 0 }), 0);
    assert_int_equal(last(TL_REJECT)->head.n_events, TL_REJECT_VERSION);
    mem.hwm[2] = 10;
    hello(in, "r", 2, 11);
    assert_int_equal(last(TL_WELCOME)->head.seq, 10);
    hello(in, "r", 2, 12);
    assert_true(last(TL_REJECT)->head.n_events == TL_REJECT_GAP && last(TL_REJECT)->head.aux == 10);
    batch(in, "r", 2, 11);
    assert_int_equal(last(TL_RESYNC)->head.seq, 10);
    assert_false(intake_pending(in));
    intake_free(&in);
}

/* The hwm of one collector has rotted: it is refused, in the middle of a round, too, and the others' line goes on. */
static void
t_rotten_hwm(void **state)
{
    (void)state;
    struct intake *in = fresh();
    mem.rotten = 2;
    hello(in, "one", 1, 1);
    batch(in, "one", 1, 1);
    assert_true(intake_pending(in));
    hello(in, "two", 2, 1);
    assert_true(last(TL_REJECT)->head.n_events == TL_REJECT_DAMAGED && strcmp(last(TL_REJECT)->route, "two") == 0);
    batch(in, "two", 2, 1);
    assert_int_equal(intake_commit(in, NULL), 0);
    assert_true(mem.rows_n == 1 && mem.hwm[2] == 0 && strcmp(last(TL_ACK)->route, "one") == 0);
    mem.rotten = 0;                                 /* restored */
    hello(in, "two", 2, 1);
    batch(in, "two", 2, 1);
    assert_int_equal(intake_commit(in, NULL), 0);
    assert_int_equal(mem.rows_n, 2);
    intake_free(&in);
}

struct told { int rc, calls; uint64_t position; };

static void
tell(void *self, int rc, uint64_t position, const struct tl_err *err)
{
    struct told *t = self;
    (void)err;
    *t = (struct told){ rc, t->calls + 1, position };
}

/* A gap is refused and told; given up, it is a control record and a hwm in one commit, and the line goes on behind it. */
static void
t_gap_accepted(void **state)
{
    (void)state;
    struct intake *in = fresh();
    struct intake_gap g[4];
    struct told told = { 0 };
    mem.hwm[2] = 10;
    hello(in, "r", 2, 15);
    hello(in, "s", 1, 1);
    assert_int_equal(intake_gaps(in, g, 4), 1);
    assert_true(g[0].committed == 10 && g[0].first == 15 && g[0].collector[0] == 2);
    assert_int_equal(intake_accept_gaps(in, "who", 0, TL_STR("ff"), (struct intake_ticket){ &told, tell }, NULL), 0);
    assert_true(told.rc == TL_ENOTFOUND && told.calls == 1 && !intake_pending(in));
    mem.fail_commits = 1;
    assert_int_equal(intake_accept_gaps(in, "who", 0, TL_STR("02"), (struct intake_ticket){ &told, tell }, NULL), 0);
    assert_int_equal(intake_commit(in, NULL), TL_EIO);
    assert_true(told.rc == TL_EIO && mem.hwm[2] == 10 && mem.rows_n == 0 && intake_gaps(in, g, 4) == 1);
    assert_int_equal(intake_accept_gaps(in, "who", 0, TL_STR(""), (struct intake_ticket){ &told, tell }, NULL), 0);
    hello(in, "r", 2, 15);                          /* not committed yet: still refused */
    assert_int_equal(last(TL_REJECT)->head.aux, 10);
    assert_int_equal(intake_commit(in, NULL), 0);
    assert_true(told.rc == 0 && told.calls == 3 && told.position == 1 && mem.hwm[2] == 14 && mem.row[0].who == 0xff);
    assert_true(last(TL_BYE) && strcmp(last(TL_BYE)->route, "r") == 0 && intake_gaps(in, g, 4) == 0);
    hello(in, "r", 2, 15);
    assert_int_equal(last(TL_WELCOME)->head.seq, 14);
    batch(in, "r", 2, 15);
    assert_int_equal(intake_commit(in, NULL), 0);
    assert_true(mem.rows_n == 2 && mem.hwm[2] == 15);
    intake_free(&in);
}

static void
t_supersede(void **state)
{
    (void)state;
    struct intake *in = fresh();
    batch(in, "new", 1, 1);                         /* a route without HELLO: say HELLO first */
    assert_true(last(TL_RESYNC)->head.seq == 0 && strcmp(last(TL_RESYNC)->route, "new") == 0);
    hello(in, "one", 1, 1);
    batch(in, "one", 1, 1);
    hello(in, "two", 1, 1);
    assert_int_equal(last(TL_WELCOME)->head.seq, 0);
    batch(in, "one", 1, 2);                         /* ignored: no frame, no row */
    size_t said = sent_n;
    batch(in, "one", 1, 9);
    assert_int_equal(sent_n, said);
    batch(in, "two", 1, 1);
    assert_int_equal(intake_commit(in, NULL), 0);
    assert_true(mem.rows_n == 1 && strcmp(last(TL_ACK)->route, "two") == 0);
    struct tl_wire_head h = head(1, 0);
    put(in, "one", TL_BYE, &h, (struct tl_str){ NULL, 0 });         /* not its to say */
    batch(in, "two", 1, 2);
    assert_int_equal(intake_commit(in, NULL), 0);
    assert_int_equal(last(TL_ACK)->head.seq, 2);
    put(in, "two", TL_BYE, &h, (struct tl_str){ NULL, 0 });
    batch(in, "two", 1, 3);
    assert_int_equal(last(TL_RESYNC)->head.seq, 2);
    hello(in, "one", 1, 1);                         /* an old route may come back */
    batch(in, "one", 1, 3);
    assert_int_equal(intake_commit(in, NULL), 0);
    assert_int_equal(last(TL_ACK)->head.seq, 3);
    intake_free(&in);
}

struct answer {
    int count, rc;
    uint64_t position;
};

static void
on_done(void *self, int rc, uint64_t position, const struct tl_err *err)
{
    struct answer *a = self;
    a->count++;
    a->rc = rc;
    a->position = position;
    assert_true(rc == 0 || err->text[0]);
}

static int
control(struct intake *in, struct answer *a)
{
    return intake_control(in, "note", "me", 1, TL_STR("{}"), (struct intake_ticket){ a, on_done }, NULL);
}

static void
t_control(void **state)
{
    (void)state;
    struct intake *in = fresh();
    struct answer one = { 0 }, two = { 0 }, three = { 0 };
    hello(in, "r", 1, 1);
    batch(in, "r", 1, 1);
    assert_int_equal(control(in, &one), 0);
    assert_int_equal(one.count, 0);
    assert_int_equal(intake_commit(in, NULL), 0);
    assert_true(one.count == 1 && one.rc == 0 && one.position == 2);
    mem.fail_commits = 1;
    batch(in, "r", 1, 2);
    assert_int_equal(control(in, &two), 0);
    assert_int_equal(intake_commit(in, NULL), TL_EIO);
    assert_true(two.count == 1 && two.rc == TL_EIO && last(TL_RESYNC)->head.seq == 1 && mem.rows_n == 2);
    assert_int_equal(control(in, &three), 0);
    intake_free(&in);
    assert_true(three.count == 1 && three.rc == TL_EINTR && mem.rows_n == 2);
}

/* A round that fails half way leaves nothing, and asks for all of it again. */
static void
t_failed_append(void **state)
{
    (void)state;
    struct intake *in = fresh();
    hello(in, "r", 1, 1);
    hello(in, "s", 2, 1);
    batch(in, "s", 2, 1);
    mem.fail_appends = 2;
    assert_int_equal(batch(in, "r", 1, 1), 0);
    assert_int_equal(batch(in, "r", 1, 2), TL_ENOSPC);
    assert_true(!intake_pending(in) && sent_n == 4 && sent[2].type == TL_RESYNC && sent[3].type == TL_RESYNC && sent[2].head.seq == 0);
    batch(in, "s", 2, 1);
    batch(in, "r", 1, 1);
    batch(in, "r", 1, 2);
    assert_int_equal(intake_commit(in, NULL), 0);
    assert_true(mem.rows_n == 3 && mem.hwm[1] == 2 && mem.hwm[2] == 1);
    intake_free(&in);
}

static void
t_round_ends(void **state)
{
    (void)state;
    struct intake *in = fresh();
    hello(in, "r", 1, 1);
    assert_false(intake_due(in));
    batch(in, "r", 1, 1);
    assert_false(intake_due(in));
    now_us += INTAKE_ROUND_US;
    assert_true(intake_due(in));
    assert_int_equal(intake_commit(in, NULL), 0);
    assert_false(intake_due(in));
    for (uint64_t seq = 2; seq < 2 + INTAKE_ROUND_BATCHES; seq++) {
        assert_false(intake_due(in));
        batch(in, "r", 1, seq);
    }
    assert_true(intake_due(in));
    assert_int_equal(intake_commit(in, NULL), 0);
    intake_hold(in, true);
    batch(in, "r", 1, 2 + INTAKE_ROUND_BATCHES);
    assert_int_equal(intake_commit(in, NULL), 0);
    assert_true(last(TL_ACK)->head.aux == 0 && last(TL_ACK)->head.n_events == 0);
    intake_hold(in, false);
    assert_int_equal(last(TL_ACK)->head.aux, INTAKE_CREDIT_BYTES);
    intake_free(&in);
}

/* More collectors than are remembered: the log remembers for them. */
static void
t_many_peers(void **state)
{
    (void)state;
    struct intake *in = fresh();
    for (uint64_t i = 0; i < 3 * INTAKE_PEERS_MAX; i++) {
        struct tl_wire_head h = head(1, 0);
        h.aux = 1;
        h.epoch = i;
        now_us++;
        assert_int_equal(put(in, "r", TL_HELLO, &h, (struct tl_str){ NULL, 0 }), 0);
        assert_int_equal(last(TL_WELCOME)->head.epoch, i);
    }
    intake_free(&in);
}

/* ---- the bad network ---- */

struct sender {
    char route[8];
    uint64_t acked, next;
    bool up;
};

/* one answer of the aggregator reaches the sender, or does not */
static void
hear(struct sender *s, const struct sent *f)
{
    switch (f->type) {
    case TL_WELCOME: s->up = true; s->next = f->head.seq + 1; break;
    case TL_RESYNC: s->up = false; break;
    case TL_ACK: break;
    default: fail();
    }
    if (f->head.seq > s->acked)
        s->acked = f->head.seq;
    assert_true(f->head.seq >= s->acked || f->type != TL_WELCOME);  /* a later process never knows less */
}

static void
check_rows(uint64_t each)
{
    uint64_t seen[COLLECTORS] = { 0 };
    for (uint64_t i = 0; i < mem.rows_n; i++) {
        uint8_t who = mem.row[i].who;
        assert_int_equal(mem.row[i].seq, seen[who] + 1);
        seen[who]++;
    }
    for (int c = 0; c < COLLECTORS; c++)
        assert_true(seen[c] == mem.hwm[c] && (each == 0 || seen[c] == each));
}

static void
run_seed(unsigned seed)
{
    enum { EACH = 60 };
    struct sender s[COLLECTORS] = { 0 };
    struct intake *in = fresh();
    size_t heard = 0;
    uint64_t done = 0;
    srand(seed);
    for (int step = 0; done < COLLECTORS; step++) {
        assert_true(step < 200000);
        int c = rand() % COLLECTORS;
        struct sender *me = &s[c];
        now_us += rand() % 3000;
        if (rand() % 400 == 0) {                    /* the aggregator dies */
            intake_free(&in);
            in = start();
        }
        if (rand() % 100 == 0)
            mem.fail_commits = 1 + rand() % 3;
        if (rand() % 100 == 0)
            mem.fail_appends = 1 + rand() % 9;
        if (rand() % 50 == 0)                       /* timeout or a new connection */
            me->up = false;
        if (!me->up) {
            snprintf(me->route, sizeof me->route, "%d-%d", c, rand() % 5);
            hello(in, me->route, (uint8_t)c, 1);
        } else if (me->next <= EACH && me->next < me->acked + 20) {
            uint64_t seq = me->next++;
            for (int copies = rand() % 12 ? 1 : rand() % 3; copies > 0; copies--)
                batch(in, me->route, (uint8_t)c, seq);
        } else if (rand() % 4 == 0) {
            me->up = false;
        }
        if (rand() % 5 == 0 || intake_due(in))
            intake_commit(in, NULL);
        for (; heard < sent_n; heard++)
            if (rand() % 8)
                hear(&s[sent[heard % 4096].head.collector[0]], &sent[heard % 4096]);
        done = 0;
        for (int i = 0; i < COLLECTORS; i++) {
            assert_true(s[i].acked <= mem.hwm[i]);  /* nothing is acknowledged that is not committed */
            done += s[i].acked == EACH;
        }
        if (step % 64 == 0)
            check_rows(0);
    }
    check_rows(EACH);
    intake_free(&in);
}

static void
t_bad_network(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 60; seed++)
        run_seed(seed);
}

int
main(void)
{
    tl_hash_init();
    tl_log_level((enum tl_level)(TL_ERROR + 1));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_conversation), cmocka_unit_test(t_again_and_gap), cmocka_unit_test(t_gap_accepted), cmocka_unit_test(t_damaged_frames), cmocka_unit_test(t_poison),
        cmocka_unit_test(t_other_payloads), cmocka_unit_test(t_rejects), cmocka_unit_test(t_rotten_hwm), cmocka_unit_test(t_supersede), cmocka_unit_test(t_control),
        cmocka_unit_test(t_failed_append), cmocka_unit_test(t_round_ends), cmocka_unit_test(t_many_peers), cmocka_unit_test(t_bad_network),
    };
    return cmocka_run_group_tests_name("intake", tests, NULL, NULL);
}
