/* t_publish.c - the collector's end of TLP/1, told as scripts: what comes in, what must go out. The simulator (tests/sim) does the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../collector/publish.h"
#include "tl_hash.h"

struct stage {
    struct publish *p;
    struct publish_input in;
    struct publish_actions out;
    int read_rc;
    uint32_t payload_bytes;
};

static int
read_record(void *arg, uint64_t seq, struct tl_buf *out)
{
    const struct stage *s = arg;
    struct tl_buf b = { 0 };
    if (s->read_rc != 0)
        return s->read_rc;
    tl_wire_begin(&b, seq % 10 == 0 ? TL_KIND_QUARANTINE : TL_KIND_EVENTS);
    while (b.len < s->payload_bytes)
        tl_buf_put_u8(&b, (uint8_t)seq);
    tl_wire_end(&b, 1);
    tl_buf_put(out, b.data, b.len);
    tl_buf_free(&b);
    return 0;
}

static void
stage_init(struct stage *s, uint64_t recovered)
{
    struct publish_cfg cfg = { .collector = { 7 }, .epoch = 42, .recovered_seq = recovered, .read = read_record, .arg = s };
    *s = (struct stage){ .in = { .first_seq = 1, .durable_seq = recovered, .now_us = 100000000 }, .payload_bytes = 100 };
    s->p = publish_new(&cfg);
    assert_non_null(s->p);
}

static void
step(struct stage *s, enum publish_what what)
{
    s->in.what = what;
    publish_step(s->p, &s->in, &s->out);
}

static void
after(struct stage *s, int64_t us)
{
    s->in.now_us += us;
    step(s, PUBLISH_TICK);
}

static void
hear(struct stage *s, enum tl_wire_type type, uint64_t seq, uint64_t credit_bytes, uint32_t n)
{
    s->in.type = type;
    s->in.head = (struct tl_wire_head){ .collector = { 7 }, .epoch = 42, .seq = seq, .aux = credit_bytes, .n_events = n };
    step(s, PUBLISH_FRAME);
}

static void
expect_sent(const struct stage *s, enum tl_wire_type type, uint64_t seq)
{
    assert_true(s->out.send);
    assert_int_equal(s->out.type, type);
    assert_int_equal(s->out.head.seq, seq);
    assert_int_equal(s->out.head.collector[0], 7);
    assert_int_equal(s->out.head.epoch, 42);
}

/* Up to STREAMING with hwm, whose first batch goes out in the same step when there is one. */
static void
connect_at(struct stage *s, uint64_t hwm)
{
    step(s, PUBLISH_TICK);
    expect_sent(s, TL_HELLO, s->in.durable_seq);
    assert_int_equal(s->out.head.aux, s->in.first_seq);
    hear(s, TL_WELCOME, hwm, 1 << 20, 64);
    assert_int_equal(publish_state(s->p), PUBLISH_STREAMING);
    assert_true(publish_linked(s->p));
}

static void
t_stream(void **state)
{
    (void)state;
    struct stage s;
    stage_init(&s, 12);
    connect_at(&s, 9);
    assert_true(s.out.acked);
    assert_int_equal(s.out.hwm, 9);
    expect_sent(&s, TL_BATCH, 10);
    assert_int_equal(s.out.head.flags, TL_WIRE_FLAG_QUARANTINE);
    assert_int_equal(s.out.head.n_events, 1);
    assert_int_equal(tl_wire_check_batch(&s.out.head, s.out.payload.p, s.out.payload.n), 0);
    assert_true(s.out.more);
    step(&s, PUBLISH_TICK);
    expect_sent(&s, TL_BATCH, 11);
    step(&s, PUBLISH_TICK);
    expect_sent(&s, TL_BATCH, 12);
    assert_false(s.out.more);
    hear(&s, TL_ACK, 12, 1 << 20, 64);
    assert_true(s.out.acked);
    assert_int_equal(s.out.hwm, 12);
    assert_false(s.out.send);
    hear(&s, TL_ACK, 11, 1 << 20, 64);      /* an old one says nothing new */
    assert_false(s.out.acked);
    s.in.durable_seq = 13;
    step(&s, PUBLISH_TICK);
    expect_sent(&s, TL_BATCH, 13);
    publish_free(&s.p);
}

static void
t_hello_until_welcome(void **state)
{
    (void)state;
    struct stage s;
    int hellos = 0, relinks = 0;
    stage_init(&s, 0);
    for (int i = 0; i < 2500; i++) {
        after(&s, 10000);
        hellos += s.out.send && s.out.type == TL_HELLO;
        relinks += s.out.relink;
        assert_false(s.out.send && s.out.type != TL_HELLO);
        assert_true(s.out.wake_us > s.in.now_us && s.out.wake_us <= s.in.now_us + PUBLISH_HELLO_US);
    }
    assert_in_range(hellos, 24, 28);        /* 25 s: one a second, one more with each new link */
    assert_int_equal(relinks, 2);
    assert_false(publish_linked(s.p));
    publish_free(&s.p);
}

static void
t_bus_is_full(void **state)
{
    (void)state;
    struct stage s;
    stage_init(&s, 3);
    step(&s, PUBLISH_TICK);
    expect_sent(&s, TL_HELLO, 3);
    step(&s, PUBLISH_NOT_SENT);
    assert_false(s.out.send);
    after(&s, PUBLISH_RETRY_US);
    expect_sent(&s, TL_HELLO, 3);
    hear(&s, TL_WELCOME, 0, 1 << 20, 64);
    expect_sent(&s, TL_BATCH, 1);
    step(&s, PUBLISH_TICK);
    expect_sent(&s, TL_BATCH, 2);
    step(&s, PUBLISH_NOT_SENT);
    assert_false(s.out.send);
    assert_int_equal(s.out.wake_us, s.in.now_us + PUBLISH_RETRY_US);
    after(&s, PUBLISH_RETRY_US);
    expect_sent(&s, TL_BATCH, 2);           /* the same again, none left out */
    publish_free(&s.p);
}

static void
t_credit(void **state)
{
    (void)state;
    static const struct {
        uint64_t bytes;
        uint32_t batches;
        int sent;
    } rows[] = { { 0, 64, 0 }, { 1000, 0, 0 }, { 1, 64, 1 }, { 100, 64, 1 }, { 101, 64, 2 }, { 1000, 3, 3 }, { 1000, 64, 10 }, { 1 << 30, 1u << 30, 1024 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct stage s;
        struct publish_stats st;
        int sent = 0;
        stage_init(&s, 5000);
        step(&s, PUBLISH_TICK);
        hear(&s, TL_WELCOME, 0, rows[i].bytes, rows[i].batches);
        assert_int_equal(publish_state(s.p), rows[i].sent ? PUBLISH_STREAMING : PUBLISH_STALLED);
        for (; s.out.send; sent++)
            step(&s, PUBLISH_TICK);
        assert_int_equal(sent, rows[i].sent);
        publish_stats(s.p, &st);
        assert_int_equal(st.inflight_n, sent);
        assert_int_equal(st.inflight_bytes, sent * 100);
        hear(&s, TL_ACK, (uint64_t)sent, 1000, 10);     /* and on again */
        expect_sent(&s, TL_BATCH, (uint64_t)sent + 1);
        publish_stats(s.p, &st);
        assert_int_equal(st.inflight_bytes, 100);
        hear(&s, TL_ACK, (uint64_t)sent + 1, 0, 0);
        assert_false(s.out.send);
        assert_int_equal(publish_state(s.p), PUBLISH_STALLED);
        publish_free(&s.p);
    }
}

static void
t_resync(void **state)
{
    (void)state;
    struct stage s;
    stage_init(&s, 6);
    connect_at(&s, 0);
    step(&s, PUBLISH_TICK);
    step(&s, PUBLISH_TICK);                 /* 1, 2, 3 on their way */
    hear(&s, TL_ACK, 1, 1 << 20, 64);
    after(&s, 200000);
    hear(&s, TL_RESYNC, 1, 0, 0);
    expect_sent(&s, TL_HELLO, 6);
    hear(&s, TL_RESYNC, 1, 0, 0);           /* a second one changes nothing */
    assert_false(s.out.send);
    hear(&s, TL_WELCOME, 1, 1 << 20, 64);
    expect_sent(&s, TL_BATCH, 2);
    publish_free(&s.p);
}

/* An aggregator that asks again and again must not be answered at the speed of the wire. */
static void
t_resync_storm(void **state)
{
    (void)state;
    struct stage s;
    int hellos = 0;
    stage_init(&s, 6);
    connect_at(&s, 0);
    for (int i = 0; i < 1000; i++) {
        s.in.now_us += 1000;
        hear(&s, publish_state(s.p) == PUBLISH_HELLO_SENT ? TL_WELCOME : TL_RESYNC, 0, 1 << 20, 64);
        hellos += s.out.send && s.out.type == TL_HELLO;
    }
    assert_in_range(hellos, 5, 21);
    publish_free(&s.p);
}

static void
t_silence(void **state)
{
    (void)state;
    struct stage s;
    stage_init(&s, 2);
    connect_at(&s, 0);
    step(&s, PUBLISH_TICK);
    after(&s, PUBLISH_TIMEOUT_US - 1);
    assert_false(s.out.relink);
    hear(&s, TL_ACK, 1, 1 << 20, 64);       /* it moves: more patience */
    after(&s, PUBLISH_TIMEOUT_US - 1);
    assert_false(s.out.relink);
    after(&s, 1);
    assert_true(s.out.relink);
    expect_sent(&s, TL_HELLO, 2);
    hear(&s, TL_WELCOME, 1, 1 << 20, 64);
    expect_sent(&s, TL_BATCH, 2);           /* from hwm + 1 */
    hear(&s, TL_ACK, 2, 1 << 20, 64);
    after(&s, PUBLISH_PROBE_US);
    expect_sent(&s, TL_HELLO, 2);           /* idle: is it still there? */
    assert_true(publish_linked(s.p));
    hear(&s, TL_WELCOME, 2, 1 << 20, 64);
    assert_false(s.out.send);
    for (int i = 0; i < 16; i++)
        after(&s, 1000000);
    assert_false(publish_linked(s.p));
    publish_free(&s.p);
}

/* The window is full and the aggregator is another process now, which has nothing to ask for: HELLO after two seconds, on the same link. */
static void
t_died_with_full_window(void **state)
{
    (void)state;
    struct stage s;
    stage_init(&s, 50);
    step(&s, PUBLISH_TICK);
    hear(&s, TL_WELCOME, 0, 1000, 2);
    step(&s, PUBLISH_TICK);
    expect_sent(&s, TL_BATCH, 2);
    step(&s, PUBLISH_TICK);
    assert_false(s.out.send);
    assert_in_range(s.out.wake_us, s.in.now_us + 1, s.in.now_us + PUBLISH_OVERDUE_US);
    after(&s, PUBLISH_OVERDUE_US - 1);
    assert_false(s.out.send);
    after(&s, 1);
    expect_sent(&s, TL_HELLO, 50);
    assert_false(s.out.relink);
    hear(&s, TL_WELCOME, 0, 1000, 2);
    expect_sent(&s, TL_BATCH, 1);
    hear(&s, TL_ACK, 0, 1000, 2);           /* alive, but its disk is slow: no HELLO while something is heard */
    expect_sent(&s, TL_BATCH, 2);
    after(&s, PUBLISH_OVERDUE_US - 1);
    assert_false(s.out.send);
    hear(&s, TL_ACK, 0, 1000, 2);
    after(&s, PUBLISH_OVERDUE_US - 1);
    assert_false(s.out.send);
    publish_free(&s.p);
}

/* A log restored from a backup asks for records that it had acknowledged. */
static void
t_log_went_back(void **state)
{
    (void)state;
    struct stage s;
    stage_init(&s, 5);
    connect_at(&s, 5);
    after(&s, PUBLISH_PROBE_US);
    expect_sent(&s, TL_HELLO, 5);
    hear(&s, TL_WELCOME, 2, 1 << 20, 64);
    assert_false(s.out.acked);
    expect_sent(&s, TL_BATCH, 3);
    publish_free(&s.p);
}

static void
t_alarms(void **state)
{
    (void)state;
    static const struct {
        enum tl_wire_type type;
        uint64_t seq;
        uint32_t n;
        enum publish_alarm alarm;
    } rows[] = {
        { TL_REJECT, 0, TL_REJECT_VERSION, PUBLISH_REJECTED },
        { TL_REJECT, 0, TL_REJECT_UNKNOWN_COLLECTOR, PUBLISH_REJECTED },
        { TL_REJECT, 0, TL_REJECT_GAP, PUBLISH_GAP },
        { TL_WELCOME, 8, 64, PUBLISH_GAP },         /* 9 is wanted, 10 is the first here */
        { TL_WELCOME, 21, 64, PUBLISH_BEHIND },     /* 20 was all this spool ever held */
        { TL_WELCOME, 9, 64, PUBLISH_FINE },
        { TL_WELCOME, 20, 64, PUBLISH_FINE },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct stage s;
        stage_init(&s, 20);
        s.in.first_seq = 10;
        s.in.durable_seq = 25;              /* five more since it was opened */
        step(&s, PUBLISH_TICK);
        hear(&s, rows[i].type, rows[i].seq, 1 << 20, rows[i].n);
        assert_int_equal(s.out.alarm, rows[i].alarm);
        assert_int_equal(publish_linked(s.p), rows[i].alarm == PUBLISH_FINE);
        if (rows[i].alarm != PUBLISH_FINE) {
            assert_false(s.out.send);
            after(&s, PUBLISH_REJECT_US - 1);
            assert_false(s.out.send);
            after(&s, 1);
            expect_sent(&s, TL_HELLO, 25);
            hear(&s, TL_WELCOME, 9, 1 << 20, 64);   /* an operator has put it right */
            assert_int_equal(s.out.alarm, PUBLISH_FINE);
        }
        publish_free(&s.p);
    }
}

static void
t_strangers_and_ends(void **state)
{
    (void)state;
    struct stage s;
    struct publish_stats st;
    stage_init(&s, 3);
    step(&s, PUBLISH_TICK);
    s.in.type = TL_WELCOME;
    for (int i = 0; i < 3; i++) {
        s.in.head = (struct tl_wire_head){ .collector = { (uint8_t)(i == 0 ? 8 : 7) }, .epoch = i == 1 ? 43 : 42, .partition = i == 2, .aux = 1000, .n_events = 9 };
        step(&s, PUBLISH_FRAME);
        assert_int_equal(publish_state(s.p), PUBLISH_HELLO_SENT);
    }
    publish_stats(s.p, &st);
    assert_int_equal(st.strangers_n, 3);
    hear(&s, TL_WELCOME, 3, 1 << 20, 64);
    hear(&s, TL_BYE, 0, 0, 0);
    assert_int_equal(publish_state(s.p), PUBLISH_OFFLINE);
    after(&s, PUBLISH_HELLO_US);
    expect_sent(&s, TL_HELLO, 3);
    hear(&s, TL_WELCOME, 3, 1 << 20, 64);
    step(&s, PUBLISH_STOP);
    assert_true(s.out.send && s.out.type == TL_BYE);
    s.in.durable_seq = 4;
    after(&s, 60000000);
    assert_false(s.out.send);
    publish_free(&s.p);
}

static void
t_unreadable(void **state)
{
    (void)state;
    struct stage s;
    stage_init(&s, 3);
    s.read_rc = TL_EIO;
    connect_at(&s, 0);
    assert_false(s.out.send);
    assert_false(s.out.more);
    s.read_rc = 0;
    after(&s, PUBLISH_RETRY_US);
    expect_sent(&s, TL_BATCH, 1);
    publish_free(&s.p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_stream),        cmocka_unit_test(t_hello_until_welcome), cmocka_unit_test(t_bus_is_full), cmocka_unit_test(t_credit),
        cmocka_unit_test(t_resync),        cmocka_unit_test(t_resync_storm),        cmocka_unit_test(t_silence),     cmocka_unit_test(t_log_went_back),
        cmocka_unit_test(t_alarms), cmocka_unit_test(t_died_with_full_window),        cmocka_unit_test(t_strangers_and_ends),  cmocka_unit_test(t_unreadable),
    };
    if (tl_hash_init() != 0)
        return 1;
    return cmocka_run_group_tests_name("publish", tests, NULL, NULL);
}
