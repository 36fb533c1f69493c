/* tl_eventlog: what is appended is read back under its position, for ever; what is aborted never was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "folder_kit.h"
#include "tl_db.h"
#include "tl_eventlog.h"
#include "tl_hash.h"
#include "tl_zstd.h"

static uint64_t fail_at;
static const uint8_t collector[16] = "collector-number";

static struct tl_eventlog *
open_log(bool readonly)
{
    struct tl_eventlog *l = NULL;
    struct tl_err err = { 0 };
    if (tl_eventlog_open(&l, dir, readonly, &err) != 0)
        fail_msg("%s", err.text);
    return l;
}

/* A payload of n events whose ids are first, first + 1, ... */
static struct tl_wire_head
make_batch(struct tl_buf *b, uint64_t first, uint32_t n)
{
    struct tl_wire_head h = { 0 };
    tl_wire_begin(b, TL_KIND_EVENTS);
    for (uint32_t i = 0; i < n; i++) {
        char id[24], raw[64];
        struct tl_event ev = { .has = TL_HAS(id) | TL_HAS(time) };
        snprintf(id, sizeof id, "%llu", (unsigned long long)(first + i));
        snprintf(raw, sizeof raw, "{\"id\":\"%s\"}", id);
        ev.id_ = tl_str_of(id);
        ev.time_ = (int64_t)(first + i) * 1000;
        ev.raw = tl_str_of(raw);
        tl_wire_put_event(b, &ev);
    }
    tl_wire_end(b, n);
    assert_int_equal(tl_wire_describe(&h, (struct tl_str){ (char *)b->data, b->len }), 0);
    return h;
}

static uint64_t
append(struct tl_eventlog *l, uint64_t first, uint32_t n)
{
    struct tl_buf b = { 0 };
    uint64_t position = 0;
    struct tl_wire_head h = make_batch(&b, first, n);
    assert_int_equal(tl_eventlog_append(l, &h, (struct tl_str){ (char *)b.data, b.len }, 1700000000000, &position, NULL), 0);
    tl_buf_free(&b);
    return position;
}

static void
begin(struct tl_eventlog *l)
{
    assert_int_equal(tl_eventlog_begin(l, NULL), 0);
}

static void
commit(struct tl_eventlog *l)
{
    assert_int_equal(tl_eventlog_commit(l, NULL), 0);
}

struct seen {
    uint64_t position[512];
    uint32_t n[512];
    bool control[512];
    size_t count, most;
};

static int
see(void *arg, const struct tl_logged *rec)
{
    struct seen *s = arg;
    s->position[s->count] = rec->position;
    s->n[s->count] = rec->n;
    s->control[s->count++] = rec->control;
    return s->count == s->most;
}

static int
take_control(void *arg, const struct tl_logged *rec)
{
    (void)arg;
    assert_true(rec->control && rec->position == 4 && rec->n == 1 && rec->time_ms == -5);
    assert_true(tl_str_is(rec->kind, "note") && tl_str_is(rec->actor, "me") && tl_str_is(rec->body, "{\"text\":\"x\"}"));
    return 1;
}

/* Example of use. */
static void
t_append_and_read(void **state)
{
    (void)state;
    struct tl_eventlog *l = open_log(false);
    uint64_t position = 0;
    assert_int_equal(tl_eventlog_end(l), 1);
    begin(l);
    assert_int_equal(append(l, 100, 3), 1);
    assert_int_equal(tl_eventlog_append_control(l, "note", "me", -5, TL_STR("{\"text\":\"x\"}"), &position, NULL), 0);
    assert_int_equal(position, 4);
    assert_int_equal(append(l, 200, 2), 5);
    assert_int_equal(tl_eventlog_end(l), 1);                /* not committed */
    commit(l);
    assert_int_equal(tl_eventlog_end(l), 7);
    struct seen s = { 0 };
    assert_int_equal(tl_eventlog_read(l, 2, see, &s, NULL), 0);
    assert_true(s.count == 3 && s.position[0] == 1 && s.n[0] == 3 && s.control[1] && s.position[2] == 5 && s.n[2] == 2);
    assert_int_equal(tl_eventlog_read(l, 4, take_control, NULL, NULL), 0);
    struct tl_buf hold = { 0 };
    struct tl_event ev;
    assert_int_equal(tl_eventlog_event(l, 6, &hold, &ev, NULL), 0);
    assert_true(tl_str_is(ev.id_, "201") && ev.time_ == 201000);
    assert_int_equal(tl_eventlog_event(l, 4, &hold, &ev, NULL), TL_ENOTFOUND);
    assert_int_equal(tl_eventlog_event(l, 7, &hold, &ev, NULL), TL_ENOTFOUND);
    assert_int_equal(tl_eventlog_event(l, 0, &hold, &ev, NULL), TL_ENOTFOUND);
    tl_buf_free(&hold);
    tl_eventlog_close(&l);
    assert_null(l);
}

/* Batches of many sizes, in many transactions, re-opened now and then: every position leads to its event. */
static void
t_every_position(void **state)
{
    (void)state;
    struct tl_eventlog *l = open_log(false);
    uint64_t next = 1, starts[400];
    size_t rows = 0;
    uint32_t random = 7;
    while (rows < 400) {
        begin(l);
        for (int i = 0; i < 40; i++) {
            random = random * 1664525u + 1013904223u;
            uint32_t n = 1 + (random >> 24) % 30;
            starts[rows++] = next;
            assert_int_equal(append(l, next, n), next);     /* the id of an event is its position */
            next += n;
        }
        commit(l);
        if (rows % 160 == 0) {
            tl_eventlog_close(&l);
            l = open_log(false);
        }
    }
    assert_int_equal(tl_eventlog_end(l), next);
    struct tl_buf hold = { 0 };
    for (uint64_t p = 1; p < next; p += 3) {
        struct tl_event ev;
        assert_int_equal(tl_eventlog_event(l, p, &hold, &ev, NULL), 0);
        assert_int_equal(ev.time_, (int64_t)p * 1000);
    }
    tl_buf_free(&hold);
    for (size_t r = 0, holder = 0; r < 400; r += 7) {
        struct seen s = { .most = 2 };
        uint64_t from = starts[r] + r % 5;
        while (holder + 1 < 400 && starts[holder + 1] <= from)
            holder++;
        assert_int_equal(tl_eventlog_read(l, from, see, &s, NULL), 0);
        assert_int_equal(s.position[0], starts[holder]);
        assert_true(s.count == (holder + 1 < 400 ? 2 : 1));
    }
    struct seen all = { 0 };
    assert_int_equal(tl_eventlog_read(l, 0, see, &all, NULL), 0);
    assert_int_equal(all.count, 400);
    assert_int_equal(tl_eventlog_read(l, next, see, &all, NULL), 0);
    assert_int_equal(all.count, 400);
    tl_eventlog_close(&l);
}

static void
t_abort_and_hwm(void **state)
{
    (void)state;
    struct tl_eventlog *l = open_log(false);
    uint64_t seq = 9;
    begin(l);
    append(l, 1, 5);
    assert_int_equal(tl_eventlog_set_hwm(l, collector, 1, 0, 17, NULL), 0);
    assert_int_equal(tl_eventlog_hwm(l, collector, 1, 0, &seq, NULL), 0);
    assert_int_equal(seq, 17);
    tl_eventlog_abort(l);
    tl_eventlog_abort(l);
    assert_int_equal(tl_eventlog_hwm(l, collector, 1, 0, &seq, NULL), 0);
    assert_int_equal(seq, 0);
    begin(l);
    assert_int_equal(append(l, 1, 1), 1);
    assert_int_equal(tl_eventlog_set_hwm(l, collector, 1, 0, 18, NULL), 0);
    assert_int_equal(tl_eventlog_set_hwm(l, collector, 1, 1, 19, NULL), 0);
    assert_int_equal(tl_eventlog_set_hwm(l, collector, 2, 0, UINT64_MAX, NULL), 0);
    commit(l);
    begin(l);
    append(l, 2, 1);
    tl_eventlog_close(&l);                                  /* an open transaction is dropped */
    l = open_log(true);
    const struct { uint64_t epoch; uint16_t partition; uint64_t want; } rows[] = { { 1, 0, 18 }, { 1, 1, 19 }, { 2, 0, UINT64_MAX }, { 3, 0, 0 } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(tl_eventlog_hwm(l, collector, rows[i].epoch, rows[i].partition, &seq, NULL), 0);
        assert_int_equal(seq, rows[i].want);
    }
    assert_int_equal(tl_eventlog_end(l), 2);
    tl_eventlog_close(&l);
}

static void
t_name(void **state)
{
    (void)state;
    uint8_t one[16], again[16];
    struct tl_eventlog *l = NULL;
    assert_int_equal(tl_eventlog_open(&l, "/tmp/t_eventlog.absent", true, NULL), TL_ENOTFOUND);
    l = open_log(false);
    tl_eventlog_id(l, one);
    tl_eventlog_close(&l);
    l = open_log(true);
    tl_eventlog_id(l, again);
    assert_memory_equal(one, again, sizeof one);
    tl_eventlog_close(&l);
}

/* A log of a newer program is refused before anything of it is touched; with its own format back it is the log it was. */
static void
t_newer_format(void **state)
{
    static const char *const dbs[] = { "meta", NULL };
    (void)state;
    struct tl_eventlog *l = open_log(false);
    begin(l);
    append(l, 1, 3);
    commit(l);
    tl_eventlog_close(&l);
    for (int step = 1; step >= -1; step -= 2) {
        struct tl_db *db = NULL;
        struct tl_db_txn *t = NULL;
        struct tl_err err = { 0 };
        struct tl_str v;
        char name[64];
        assert_int_equal(tl_db_open(&db, dir, 0, 0, dbs, NULL), 0);
        assert_int_equal(tl_db_begin(db, true, &t, NULL), 0);
        assert_int_equal(tl_db_get(t, 0, TL_STR("log"), &v, NULL), 0);
        assert_true(v.n < sizeof name);
        memcpy(name, v.p, v.n);
        name[0] = (char)(name[0] + step);
        assert_int_equal(tl_db_put(t, 0, TL_STR("log"), (struct tl_str){ name, v.n }, 0, NULL), 0);
        assert_int_equal(tl_db_commit(&t, NULL), 0);
        tl_db_close(&db);
        if (step < 0)
            break;
        for (int readonly = 0; readonly < 2; readonly++) {
            assert_int_equal(tl_eventlog_open(&l, dir, readonly, &err), TL_EVERSION);
            assert_null(l);
            assert_string_equal(err.text, "the log has format 2; this program knows 1");
        }
    }
    l = open_log(false);
    assert_int_equal(tl_eventlog_end(l), 4);
    tl_eventlog_close(&l);
}

static void
t_packed_batch(void **state)
{
    (void)state;
    struct tl_eventlog *l = open_log(false);
    struct tl_buf b = { 0 }, packed = { 0 }, hold = { 0 };
    struct tl_wire_head h = make_batch(&b, 1, 200);
    struct tl_event ev;
    uint64_t position = 0;
    assert_int_equal(tl_zstd_pack((struct tl_str){ (char *)b.data, b.len }, 1, &packed, NULL), 0);
    h.codec = TL_CODEC_ZSTD;
    begin(l);
    assert_int_equal(tl_eventlog_append(l, &h, (struct tl_str){ (char *)packed.data, packed.len }, 1, &position, NULL), 0);
    h.n_events = 0;
    assert_int_equal(tl_eventlog_append(l, &h, TL_STR("x"), 1, &position, NULL), TL_ERANGE);
    commit(l);
    assert_int_equal(tl_eventlog_event(l, 150, &hold, &ev, NULL), 0);
    assert_true(tl_str_is(ev.id_, "150"));
    tl_buf_free(&b);
    tl_buf_free(&packed);
    tl_buf_free(&hold);
    tl_eventlog_close(&l);
}

struct refused_seen {
    uint64_t number[8];
    size_t bytes_n[8];
    int count;
};

static int
see_refused(void *arg, uint64_t number, const struct tl_refused *r)
{
    struct refused_seen *s = arg;
    assert_true(tl_str_is(r->origin, "key") && tl_str_is(r->reason, "field_type") && tl_str_is(r->field, "ids.email") && r->received_at_ms == 77);
    assert_int_equal(r->offset, 12);
    s->number[s->count] = number;
    s->bytes_n[s->count++] = r->bytes.n;
    return s->count == 3;
}

static void
refuse(struct tl_eventlog *l, struct tl_str bytes)
{
    const struct tl_refused r = { 77, TL_STR("key"), TL_STR("field_type"), TL_STR("ids.email"), { NULL, 0 }, bytes, 12, bytes.n };
    assert_int_equal(tl_eventlog_refuse(l, &r, NULL), 0);
}

static void
t_refused(void **state)
{
    (void)state;
    static char whole[1 << 20];
    struct tl_eventlog *l = open_log(false);
    for (size_t i = 1; i <= 5; i++) {
        begin(l);
        refuse(l, (struct tl_str){ whole, i == 5 ? sizeof whole : i });
        commit(l);
    }
    struct refused_seen s = { 0 };
    assert_int_equal(tl_eventlog_refused(l, 0, see_refused, &s, NULL), 0);
    assert_true(s.count == 3 && s.number[0] == 5 && s.bytes_n[0] == sizeof whole && s.number[2] == 3);
    s = (struct refused_seen){ 0 };
    assert_int_equal(tl_eventlog_refused(l, 3, see_refused, &s, NULL), 0);
    assert_true(s.count == 2 && s.number[0] == 2 && s.number[1] == 1);
    s = (struct refused_seen){ 0 };
    assert_int_equal(tl_eventlog_refused(l, 99, see_refused, &s, NULL), 0);
    assert_true(s.number[0] == 5);
    assert_int_equal(tl_eventlog_refused_n(l), 5);
    assert_int_equal(tl_eventlog_end(l), 1);                /* quarantine takes no positions */
    tl_eventlog_close(&l);
}

/* Beyond the budget the oldest go, and numbers go on. */
static void
t_refused_budget(void **state)
{
    (void)state;
    static char mega[1 << 20];
    struct tl_eventlog *l = open_log(false);
    for (int round = 0; round < 9; round++) {
        begin(l);
        for (int i = 0; i < 30; i++)
            refuse(l, (struct tl_str){ mega, sizeof mega });
        commit(l);
    }
    struct refused_seen s = { 0 };
    uint64_t n = tl_eventlog_refused_n(l);
    assert_true(n < 256 && n > 250);
    assert_int_equal(tl_eventlog_refused(l, 0, see_refused, &s, NULL), 0);
    assert_int_equal(s.number[0], 270);
    tl_eventlog_close(&l);
}

/* One round of everything; false when memory ran out somewhere. */
static bool
round_trip(void)
{
    struct tl_eventlog *l = NULL;
    struct tl_buf b = { 0 }, hold = { 0 };
    struct tl_event ev;
    struct seen s = { .most = 1 };
    uint64_t position = 0;
    struct tl_wire_head h = { 0 };
    const struct tl_refused r = { .reason = TL_STR("bad_json"), .bytes = TL_STR("x"), .bytes_n = 1 };
    tl_alloc_fail_at(0, false);
    h = make_batch(&b, 1, 3);
    tl_alloc_fail_at(fail_at, false);
    int rc = tl_eventlog_open(&l, dir, false, NULL);
    if (rc == 0 && (rc = tl_eventlog_begin(l, NULL)) == 0) {
        rc = tl_eventlog_append(l, &h, (struct tl_str){ (char *)b.data, b.len }, 1, &position, NULL);
        if (rc == 0)
            rc = tl_eventlog_refuse(l, &r, NULL);
        if (rc == 0)
            rc = tl_eventlog_set_hwm(l, collector, 1, 0, fail_at, NULL);
        if (rc == 0)
            rc = tl_eventlog_commit(l, NULL);
        else
            tl_eventlog_abort(l);
    }
    if (rc == 0)
        rc = tl_eventlog_read(l, 1, see, &s, NULL);
    if (rc == 0)
        rc = tl_eventlog_event(l, position, &hold, &ev, NULL);
    tl_alloc_fail_at(0, false);
    assert_true(rc == 0 || rc == TL_ENOMEM);
    tl_eventlog_close(&l);
    tl_buf_free(&b);
    tl_buf_free(&hold);
    return rc == 0;
}

/* The k-th allocation fails, for every k: refused as a whole, nothing half written. */
static void
t_out_of_memory(void **state)
{
    (void)state;
    for (fail_at = 1; !round_trip(); fail_at++) {
        assert_true(fail_at < 200);
        uint64_t seq = 0;
        struct tl_eventlog *l = open_log(false);
        assert_int_equal(tl_eventlog_hwm(l, collector, 1, 0, &seq, NULL), 0);
        uint64_t n = (tl_eventlog_end(l) - 1) / 3;
        assert_int_equal(tl_eventlog_refused_n(l), n);
        assert_true((n == 0) == (seq == 0));
        tl_eventlog_close(&l);
    }
    assert_true(fail_at > 5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, folder_make, folder_drop)
        T(t_append_and_read), T(t_every_position), T(t_abort_and_hwm), T(t_name), T(t_newer_format), T(t_packed_batch), T(t_refused), T(t_refused_budget), T(t_out_of_memory),
    };
    if (tl_hash_init() != 0) return 1;
    return cmocka_run_group_tests_name("tl_eventlog", tests, NULL, NULL);
}
