/* intake over a real log while LMDB or memory fails at each call: nothing is acknowledged that is not in the log, whoever sends again is taken once, and a
 * want of memory is never taken for a bad batch. Then what only numbers can reach: full rounds, full tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../aggregator/intake.h"
#include "../../aggregator/log.h"
#include "folder_kit.h"
#include "nth_kit.h"
#include "tl_hash.h"
#include "tl_logfmt.h"
#include "tl_zstd.h"

#define BATCHES 6                       /* of the scenario: events, refused, packed, poison, none, events */
#define EVENTS 8                        /* in them */
#define REFUSED 3                       /* two items and the poison */

/* Unpacking asks for memory of its own; ZSTD_error_memory_allocation is 64. */
NTH_BEFORE(NTH_OTHER, size_t, ZSTD_decompress, (void *to, size_t cap, const void *from, size_t n), (to, cap, from, n), -64)

static struct tl_eventlog *log_;
static struct { enum tl_wire_type type; struct tl_wire_head head; char route; } last;
static size_t said;
static int64_t now_us;

static void
n_send(void *self, const uint8_t *route, size_t route_n, const struct tl_str *frame, int frames_n)
{
    (void)self;
    assert_true(frames_n == 2 && route_n > 0);
    said++;
    last.route = (char)route[0];
    assert_int_equal(tl_wire_get_type(frame[0].p, frame[0].n, &last.type), 0);
    assert_int_equal(tl_wire_get_head(frame[1].p, frame[1].n, &last.head), 0);
}

static int64_t c_wall(struct tl_clock *c) { (void)c; return now_us / 1000; }
static int64_t c_mono(struct tl_clock *c) { (void)c; return now_us; }
static struct tl_clock test_clock = { c_wall, c_mono };

static struct intake *
start(void)
{
    struct tl_err err = { 0 };
    if (tl_eventlog_open(&log_, dir, false, &err) != 0)
        fail_msg("%s", err.text);
    const struct intake_log port = log_port(log_);
    const struct intake_net net = { NULL, n_send };
    struct intake *in = intake_new(&port, &net, &test_clock);
    assert_non_null(in);
    return in;
}

static void
stop(struct intake **in)
{
    intake_free(in);
    tl_eventlog_close(&log_);
}

static struct tl_wire_head
head(uint64_t epoch, uint64_t seq)
{
    return (struct tl_wire_head){ .collector = { 7, 'x' }, .epoch = epoch, .seq = seq, .version_min = 1, .version_max = 1 };
}

static int
put(struct intake *in, const char *route, enum tl_wire_type type, const struct tl_wire_head *h, struct tl_str payload, struct tl_err *err)
{
    uint8_t f0[4], f1[TL_WIRE_HEAD_BYTES];
    tl_wire_put_type(f0, type);
    tl_wire_put_head(f1, h);
    const struct tl_str frame[] = { { (char *)f0, sizeof f0 }, { (char *)f1, sizeof f1 }, payload };
    return intake_take(in, (const uint8_t *)route, strlen(route), frame, type == TL_BATCH ? 3 : 2, err);
}

static int
hello(struct intake *in, const char *route, uint64_t epoch, uint64_t first, struct tl_err *err)
{
    struct tl_wire_head h = head(epoch, 0);
    h.aux = first;
    return put(in, route, TL_HELLO, &h, (struct tl_str){ NULL, 0 }, err);
}

/* ---- the scenario: batches of every kind by their number ---- */

static struct tl_buf plain[BATCHES + 1], packed;
static struct tl_wire_head described[BATCHES + 1];

static void
make_batches(void)
{
    const struct tl_event ev = { .has = TL_HAS(type), .type_ = TL_STR("view"), .raw = TL_STR("{}") };
    const struct tl_refused r = { .reason = TL_STR("bad_json"), .bytes = TL_STR("{{"), .bytes_n = 2 };
    static const uint32_t n[BATCHES + 1] = { 0, 3, 2, 4, 1, 0, 1 };
    for (uint64_t seq = 1; seq <= BATCHES; seq++) {
        struct tl_buf *b = &plain[seq];
        tl_wire_begin(b, seq == 2 ? TL_KIND_QUARANTINE : TL_KIND_EVENTS);
        for (uint32_t i = 0; i < n[seq]; i++)
            seq == 2 ? tl_wire_put_refused(b, &r) : tl_wire_put_event(b, &ev);
        tl_wire_end(b, n[seq]);
        if (seq == 4)
            b->data[b->len - 1] ^= 0xff, b->len--;
        described[seq] = head(5, seq);
        if (seq != 4)
            assert_int_equal(tl_wire_describe(&described[seq], (struct tl_str){ (char *)b->data, b->len }), 0);
    }
    described[4].n_events = 1;
    described[4].raw_len = (uint32_t)plain[4].len;
    described[4].crc = tl_crc32c(0, plain[4].data, plain[4].len);
    tl_buf_reset(&packed);
    assert_int_equal(tl_zstd_pack((struct tl_str){ (char *)plain[3].data, plain[3].len }, 1, &packed, NULL), 0);
    described[3].codec = TL_CODEC_ZSTD;
    described[3].crc = tl_crc32c(0, packed.data, packed.len);
}

static void
free_batches(void)
{
    for (int i = 0; i <= BATCHES; i++)
        tl_buf_free(&plain[i]);
    tl_buf_free(&packed);
}

static int
send(struct intake *in, uint64_t seq, struct tl_err *err)
{
    const struct tl_buf *b = seq == 3 ? &packed : &plain[seq];
    return put(in, "r", TL_BATCH, &described[seq], (struct tl_str){ (char *)b->data, b->len }, err);
}

struct answer { int count, rc; uint64_t position; };

static void
on_done(void *self, int rc, uint64_t position, const struct tl_err *err)
{
    struct answer *a = self;
    *a = (struct answer){ a->count + 1, rc, position };
    assert_true(rc == 0 || (err->code == rc && err->text[0]));
}

/* One conversation, from where the aggregator says that the collector stands; stops at the first failure. */
static int
talk(struct intake *in, struct answer *a, struct tl_err *err)
{
    size_t before = said;
    int rc = hello(in, "r", 5, 1, err);
    if (rc == 0 && said == before)
        rc = hello(in, "r", 5, 1, err);         /* no place for one more collector: not answered, and it asks again */
    if (rc < 0)
        return rc;
    assert_int_equal(last.type, TL_WELCOME);
    for (uint64_t seq = last.head.seq + 1; seq <= BATCHES && rc == 0; seq++) {
        rc = send(in, seq, err);
        if (rc == 0 && seq % 2 == 0)
            rc = intake_commit(in, err);
    }
    if (rc == 0)
        rc = intake_control(in, "note", "me", 1, TL_STR("{}"), (struct intake_ticket){ a, on_done }, err);
    if (rc == 0)
        rc = intake_commit(in, err);
    return rc;
}

struct found { uint64_t events, controls; };

static int
find(void *arg, const struct tl_logged *rec)
{
    struct found *f = arg;
    *(rec->control ? &f->controls : &f->events) += rec->n;
    return 0;
}

static uint64_t
committed(void)
{
    uint64_t seq = 0;
    const struct tl_wire_head h = head(5, 0);
    assert_int_equal(tl_eventlog_hwm(log_, h.collector, 5, 0, &seq, NULL), 0);
    return seq;
}

static void
fail_each(unsigned kinds, int code, int want)
{
    bool met = true;
    uint64_t k = 1, failed_with_answer = 0;
    for (; met; k++) {
        struct answer a = { 0 };
        struct tl_err err = { 0 };
        struct found f = { 0 };
        struct intake *in = start();
        said = 0;
        nth_more(kinds, k, code);
        int rc = talk(in, &a, &err);
        met = nth_done();
        assert_true(rc == 0 || (met && rc == want && err.code == want && err.text[0]));
        assert_true(a.count <= 1 && (a.count == 0 || a.rc == rc));          /* the ticket is answered once, and says what became of it */
        failed_with_answer += rc < 0 && a.count == 1;
        assert_false(intake_pending(in));
        assert_true(said == 0 || last.head.seq <= committed());             /* no frame says more than is in the log */
        if (rc < 0 && said > 0)
            assert_true(last.head.seq == committed());
        if (rc < 0) {
            if (rc != TL_ENOSPC) {                                          /* the process ends; only a log that has grown lets it go on */
                stop(&in);
                in = start();
            }
            assert_int_equal(talk(in, &a, &err), 0);
        }
        assert_true(a.rc == 0 && last.type == TL_ACK ? last.head.seq == BATCHES : said > 0);
        assert_int_equal(committed(), BATCHES);
        assert_int_equal(tl_eventlog_read(log_, 1, find, &f, NULL), 0);
        assert_int_equal(f.events, EVENTS);                                 /* each once, however often it came */
        assert_int_equal(tl_eventlog_refused_n(log_), REFUSED);
        assert_int_equal(f.controls, a.count - (rc < 0 && a.count == 2));
        stop(&in);
        folder_drop(NULL);
        folder_make(NULL);
        assert_true(k < 300);
    }
    assert_true(k > 8 && (want == TL_ENOMEM || failed_with_answer > 0));
}

static void
t_store_fails(void **state)
{
    (void)state;
    fail_each(NTH_DB, EIO, TL_EIO);
}

static void
t_log_full(void **state)
{
    (void)state;
    fail_each(NTH_DB, MDB_MAP_FULL, TL_ENOSPC);
}

/* A batch that cannot be unpacked for want of memory is no poison: it comes again, and its events count. */
static void
t_memory_fails(void **state)
{
    (void)state;
    fail_each(NTH_ALLOC, ENOMEM, TL_ENOMEM);
    struct intake *in = start();
    struct answer a = { 0 };
    struct tl_err err = { 0 };
    nth_only("ZSTD_decompress", 1, ENOMEM, false);
    assert_int_equal(talk(in, &a, &err), TL_ENOMEM);
    nth_done();
    assert_true(committed() == 2 && tl_eventlog_refused_n(log_) == 2);
    assert_int_equal(talk(in, &a, &err), 0);
    assert_true(committed() == BATCHES && tl_eventlog_refused_n(log_) == REFUSED);
    stop(&in);
}

/* ---- ends of rounds, full tables ---- */

static int
batch_of(struct intake *in, uint64_t seq, const struct tl_buf *b)
{
    struct tl_wire_head h = head(5, seq);
    assert_int_equal(tl_wire_describe(&h, (struct tl_str){ (char *)b->data, b->len }), 0);
    return put(in, "r", TL_BATCH, &h, (struct tl_str){ (char *)b->data, b->len }, NULL);
}

static void
t_round_full_by_bytes(void **state)
{
    (void)state;
    static char raw[700000];
    const struct tl_event ev = { .has = TL_HAS(type), .type_ = TL_STR("view"), .raw = { raw, sizeof raw } };
    struct tl_buf b = { 0 };
    struct intake *in = start();
    memset(raw, ' ', sizeof raw);
    tl_wire_begin(&b, TL_KIND_EVENTS);
    tl_wire_put_event(&b, &ev);
    tl_wire_end(&b, 1);
    assert_int_equal(hello(in, "r", 5, 1, NULL), 0);
    for (uint64_t seq = 1; !intake_due(in); seq++) {
        assert_true(seq <= 1 + INTAKE_ROUND_BYTES / sizeof raw);
        assert_int_equal(batch_of(in, seq, &b), 0);
    }
    assert_int_equal(intake_commit(in, NULL), 0);
    assert_true(last.head.seq == INTAKE_ROUND_BYTES / sizeof raw + 1 && !intake_due(in));
    stop(&in);
    intake_free(&in);
    tl_buf_free(&b);
}

/* So many control records a round, and no more: the round is then due, and every one of them is answered. */
static void
t_round_full_of_controls(void **state)
{
    (void)state;
    static struct answer a[1000];
    struct intake *in = start();
    size_t n = 0;
    for (; !intake_due(in); n++)
        assert_int_equal(intake_control(in, "note", "me", 1, TL_STR("{}"), (struct intake_ticket){ &a[n], on_done }, NULL), 0);
    assert_true(n > 100 && n < 1000);
    assert_int_equal(intake_commit(in, NULL), 0);
    for (size_t i = 0; i < n; i++)
        assert_true(a[i].count == 1 && a[i].rc == 0 && a[i].position == i + 1);
    stop(&in);
}

/* A round of nothing but what was refused moves no position. */
static void
t_round_of_refused(void **state)
{
    (void)state;
    struct intake *in = start();
    assert_int_equal(hello(in, "r", 5, 1, NULL), 0);
    assert_int_equal(batch_of(in, 1, &plain[2]), 0);
    assert_int_equal(intake_commit(in, NULL), 0);
    assert_true(last.head.seq == 1 && tl_eventlog_end(log_) == 1 && tl_eventlog_refused_n(log_) == 2);
    intake_hold(in, true);
    intake_hold(in, true);
    size_t before = said;
    intake_hold(in, false);
    intake_hold(in, false);
    assert_int_equal(said, before + 1);             /* one ACK tells that credit is back */
    stop(&in);
}

/* What a codec says of its length must be so. */
static void
t_packed_otherwise(void **state)
{
    (void)state;
    struct intake *in = start();
    struct tl_wire_head h = described[3];
    assert_int_equal(hello(in, "r", 5, 1, NULL), 0);
    for (uint64_t seq = 1; seq <= 2; seq++) {
        h.seq = seq;
        h.raw_len = described[3].raw_len + (seq == 1 ? 1 : -1u);
        assert_int_equal(put(in, "r", TL_BATCH, &h, (struct tl_str){ (char *)packed.data, packed.len }, NULL), 0);
    }
    assert_int_equal(intake_commit(in, NULL), 0);
    assert_true(last.head.seq == 2 && tl_eventlog_refused_n(log_) == 2 && tl_eventlog_end(log_) == 1);
    stop(&in);
}

/* Frames that are none: no route, too long a route, versions on either side of ours, a BYE of somebody unknown. */
static void
t_strays(void **state)
{
    (void)state;
    static const uint8_t route[INTAKE_ROUTE_BYTES + 1] = "x";
    struct intake *in = start();
    struct tl_wire_head h = head(5, 0);
    uint8_t f0[4], f1[TL_WIRE_HEAD_BYTES];
    tl_wire_put_type(f0, TL_HELLO);
    tl_wire_put_head(f1, &h);
    const struct tl_str frame[] = { { (char *)f0, sizeof f0 }, { (char *)f1, sizeof f1 } };
    said = 0;
    assert_int_equal(intake_take(in, route, 0, frame, 2, NULL), 0);
    assert_int_equal(intake_take(in, route, sizeof route, frame, 2, NULL), 0);
    assert_int_equal(put(in, "r", TL_BYE, &h, (struct tl_str){ NULL, 0 }, NULL), 0);
    assert_int_equal(put(in, "r", TL_ACK, &h, (struct tl_str){ NULL, 0 }, NULL), 0);
    assert_int_equal(said, 0);
    assert_int_equal(intake_take(in, route, INTAKE_ROUTE_BYTES, frame, 2, NULL), 0);
    assert_true(said == 1 && last.type == TL_WELCOME);
    h.version_min = h.version_max = 0;
    assert_int_equal(put(in, "r", TL_HELLO, &h, (struct tl_str){ NULL, 0 }, NULL), 0);
    assert_true(last.type == TL_REJECT && last.head.n_events == TL_REJECT_VERSION);
    const struct intake_log port = log_port(log_);
    const struct intake_net net = { NULL, n_send };
    tl_alloc_fail_at(1, false);
    assert_null(intake_new(&port, &net, &test_clock));
    tl_alloc_fail_at(0, false);
    stop(&in);
}

/* ---- gaps ---- */

static void
see_body(struct tl_str body, unsigned gaps)
{
    unsigned n = 0;
    for (size_t i = 0; i + 11 <= body.n; i++)
        n += memcmp(body.p + i, "\"collector\"", 11) == 0;
    assert_int_equal(n, gaps);
    assert_true(body.p[body.n - 2] == ']' && body.p[body.n - 1] == '}');
}

static int
see_gaps(void *arg, const struct tl_logged *rec)
{
    unsigned **expect = arg;
    assert_true(rec->control && tl_str_is(rec->kind, "gap"));
    see_body(rec->body, *(*expect)++);
    return 0;
}

/* More gaps than are told or accepted at once: a number at a time, each record whole. */
static void
t_many_gaps(void **state)
{
    (void)state;
    enum { GAPS = INTAKE_GAPS_MAX + 6 };
    static const char too_long[] = "070000000000000000000000000000000000";
    struct intake *in = start();
    struct intake_gap g[GAPS];
    struct answer a = { 0 };
    for (uint64_t epoch = 1; epoch <= GAPS; epoch++) {
        assert_int_equal(hello(in, "r", epoch, 100 + epoch, NULL), 0);
        assert_true(last.type == TL_REJECT && last.head.n_events == TL_REJECT_GAP);
    }
    assert_int_equal(intake_gaps(in, g, GAPS), GAPS);
    assert_int_equal(intake_gaps(in, g, 3), 3);
    assert_true(g[2].epoch == 3 && g[2].first == 103 && g[2].committed == 0);
    const struct intake_ticket ticket = { &a, on_done };
    assert_int_equal(intake_accept_gaps(in, "me", 1, tl_str_of(too_long), ticket, NULL), 0);
    assert_true(a.rc == TL_ENOTFOUND && a.count == 1);
    tl_alloc_fail_at(1, false);                     /* nothing of a gap is accepted that cannot be written down */
    assert_int_equal(intake_accept_gaps(in, "me", 1, TL_STR("07"), ticket, NULL), 0);
    tl_alloc_fail_at(0, false);
    assert_true(a.rc == TL_ENOMEM && a.count == 2 && !intake_pending(in) && intake_gaps(in, g, GAPS) == GAPS);
    assert_int_equal(intake_accept_gaps(in, "me", 1, TL_STR("07"), ticket, NULL), 0);
    assert_int_equal(intake_gaps(in, g, GAPS), GAPS - INTAKE_GAPS_MAX);      /* those of the open round wait no more */
    assert_int_equal(intake_accept_gaps(in, "me", 1, TL_STR(""), ticket, NULL), 0);
    assert_int_equal(intake_commit(in, NULL), 0);
    assert_true(a.rc == 0 && a.count == 4 && intake_gaps(in, g, GAPS) == 0);
    unsigned want[] = { INTAKE_GAPS_MAX, GAPS - INTAKE_GAPS_MAX }, *at = want;
    assert_int_equal(tl_eventlog_read(log_, 1, see_gaps, &at, NULL), 0);
    assert_true(at == want + 2);
    for (uint64_t epoch = 1; epoch <= GAPS; epoch++) {
        assert_int_equal(hello(in, "r", epoch, 100 + epoch, NULL), 0);
        assert_true(last.type == TL_WELCOME && last.head.seq == 99 + epoch);
    }
    stop(&in);
}

/* A table full of collectors that are all in the open round has no place for another: it is not answered, and is taken when the round is over. */
static void
t_no_place(void **state)
{
    (void)state;
    struct intake *in = start();
    for (uint64_t epoch = 1; epoch <= INTAKE_PEERS_MAX; epoch++) {
        struct tl_wire_head h = described[1];
        h.epoch = epoch;
        assert_int_equal(hello(in, "r", epoch, 1, NULL), 0);
        assert_int_equal(put(in, "r", TL_BATCH, &h, (struct tl_str){ (char *)plain[1].data, plain[1].len }, NULL), 0);
    }
    size_t before = said;
    assert_int_equal(hello(in, "r", 5000, 1, NULL), 0);
    assert_int_equal(said, before);
    assert_int_equal(intake_commit(in, NULL), 0);
    assert_int_equal(tl_eventlog_end(log_), 1 + 3 * INTAKE_PEERS_MAX);
    assert_int_equal(hello(in, "r", 5000, 1, NULL), 0);
    assert_true(last.type == TL_WELCOME && last.head.epoch == 5000);
    stop(&in);
}

/* Two collectors on one spool take its line from each other; within a minute that is an alarm, after it the count begins anew. */
static void
t_routes_in_turn(void **state)
{
    (void)state;
    struct intake *in = start();
    for (int i = 0; i < 12; i++) {
        now_us += i == 6 ? INT64_C(61000000) : 1000;
        assert_int_equal(hello(in, i % 2 ? "a" : "b", 5, 1, NULL), 0);
        assert_true(last.type == TL_WELCOME && last.route == (i % 2 ? 'a' : 'b'));
    }
    struct tl_wire_head other = head(5, 0);
    other.partition = 1;
    other.aux = 1;
    assert_int_equal(put(in, "a", TL_HELLO, &other, (struct tl_str){ NULL, 0 }, NULL), 0);
    other.partition = 0;
    other.collector[15] = 1;
    assert_int_equal(put(in, "a", TL_HELLO, &other, (struct tl_str){ NULL, 0 }, NULL), 0);
    assert_true(last.type == TL_WELCOME && last.head.seq == 0 && last.head.collector[15] == 1);
    stop(&in);
}

int
main(void)
{
    tl_hash_init();
    tl_log_level((enum tl_level)(TL_ERROR + 1));
    make_batches();
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, folder_make, folder_drop)
        T(t_store_fails), T(t_log_full), T(t_memory_fails), T(t_round_full_by_bytes), T(t_round_full_of_controls), T(t_round_of_refused), T(t_packed_otherwise),
        T(t_strays), T(t_many_gaps), T(t_no_place), T(t_routes_in_turn),
    };
    int rc = cmocka_run_group_tests_name("intake: faults", tests, NULL, NULL);
    free_batches();
    return rc;
}
