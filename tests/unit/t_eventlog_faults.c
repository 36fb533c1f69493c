/* tl_eventlog where things go wrong: the k-th call of LMDB fails, or memory, for every k; and rows that this program would never write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "folder_kit.h"
#include "nth_kit.h"
#include "tl_db.h"
#include "tl_eventlog.h"
#include "tl_hash.h"
#include "tl_zstd.h"

#define SETTLED 4                       /* positions of what every round finds: three events, a control record */

/* Unpacking asks for memory of its own. */
NTH_CALL(NTH_OTHER, int, msgpack_unpack_next, (void *unpacked, const char *p, size_t n, size_t *at), (unpacked, p, n, at))

static const uint8_t collector[16] = "collector-number";
static const char *const names[] = { "batch", "hwm", "dlq", "meta", NULL };
enum { BATCH, HWM, DLQ, META };

static struct tl_eventlog *
open_log(void)
{
    struct tl_eventlog *l = NULL;
    struct tl_err err = { 0 };
    if (tl_eventlog_open(&l, dir, false, &err) != 0)
        fail_msg("%s", err.text);
    return l;
}

static struct tl_str
view(const struct tl_buf *b)
{
    return (struct tl_str){ (const char *)b->data, b->len };
}

static struct tl_wire_head
make_batch(struct tl_buf *b, uint32_t n)
{
    struct tl_wire_head h = { 0 };
    tl_wire_begin(b, TL_KIND_EVENTS);
    for (uint32_t i = 0; i < n; i++) {
        const struct tl_event ev = { .has = TL_HAS(type), .type_ = TL_STR("view"), .raw = TL_STR("{}") };
        tl_wire_put_event(b, &ev);
    }
    tl_wire_end(b, n);
    assert_int_equal(tl_wire_describe(&h, view(b)), 0);
    return h;
}

static int
count_logged(void *arg, const struct tl_logged *rec)
{
    *(uint64_t *)arg += rec->n;
    return 0;
}

static int
count_refused(void *arg, uint64_t number, const struct tl_refused *r)
{
    (void)number, (void)r;
    *(uint64_t *)arg += 1;
    return 0;
}

/* ---- one transaction of every kind of write, and one of every read ---- */

struct round {
    struct tl_buf batch, hold;
    struct tl_wire_head head;
    uint64_t seq;                       /* hwm said in this round */
};

static int
write_all(struct tl_eventlog *l, struct round *r, struct tl_err *err)
{
    const struct tl_refused bad = { .reason = TL_STR("bad_json"), .bytes = TL_STR("x"), .bytes_n = 1 };
    uint64_t position = 0, seq = 0;
    int rc = tl_eventlog_begin(l, err);
    if (rc < 0)
        return rc;
    rc = tl_eventlog_hwm(l, collector, 1, 0, &seq, err);
    if (rc == 0)
        rc = tl_eventlog_append(l, &r->head, view(&r->batch), 1, &position, err);
    if (rc == 0)
        rc = tl_eventlog_append_control(l, "note", "me", 1, TL_STR("{}"), &position, err);
    for (int i = 0; i < 2 && rc == 0; i++)
        rc = tl_eventlog_refuse(l, &bad, err);
    if (rc == 0)
        rc = tl_eventlog_set_hwm(l, collector, 1, 0, r->seq, err);
    if (rc < 0)
        tl_eventlog_abort(l);
    else
        rc = tl_eventlog_commit(l, err);
    return rc;
}

static int
read_all(struct tl_eventlog *l, struct round *r, struct tl_err *err)
{
    uint64_t n = 0, refused_n = 0, seq = 0;
    struct tl_event ev;
    int rc = tl_eventlog_hwm(l, collector, 1, 0, &seq, err);
    if (rc == 0)
        rc = tl_eventlog_read(l, 1, count_logged, &n, err);
    if (rc == 0)
        rc = tl_eventlog_event(l, 2, &r->hold, &ev, err);
    if (rc == 0)
        rc = tl_eventlog_refused(l, 0, count_refused, &refused_n, err);
    if (rc == 0)
        rc = tl_eventlog_refused(l, 2, count_refused, &refused_n, err);
    assert_true(rc < 0 || (seq == r->seq && n == tl_eventlog_end(l) - 1));
    return rc;
}

/* What must be there, read with nothing failing: whole rounds, and each counter with them. */
static void
check_whole(struct tl_eventlog *l, uint64_t rounds, uint64_t seq)
{
    uint64_t said = 99, n = 0, refused_n = 0;
    assert_int_equal(tl_eventlog_end(l), 1 + SETTLED * rounds);
    assert_int_equal(tl_eventlog_hwm(l, collector, 1, 0, &said, NULL), 0);
    assert_int_equal(said, seq);
    assert_int_equal(tl_eventlog_read(l, 0, count_logged, &n, NULL), 0);
    assert_int_equal(n, SETTLED * rounds);
    assert_int_equal(tl_eventlog_refused(l, 0, count_refused, &refused_n, NULL), 0);
    assert_int_equal(refused_n, 2 * rounds);
    assert_int_equal(tl_eventlog_refused_n(l), 2 * rounds);
    assert_int_equal(tl_eventlog_refused_total(l), 2 * rounds);
}

/* Fails the k-th call of a round of writes, then of reads, for every k: the log is as before, and the same handle goes on. */
static void
fail_each(unsigned kinds, int code, int want)
{
    int (*const act[])(struct tl_eventlog *, struct round *, struct tl_err *) = { write_all, read_all };
    struct round r = { .seq = 1 };
    uint64_t failed_n[2] = { 0 };
    struct tl_eventlog *l = open_log();
    r.head = make_batch(&r.batch, SETTLED - 1);
    assert_int_equal(write_all(l, &r, NULL), 0);
    for (int i = 0; i < 2; i++) {
        uint64_t rounds = i ? 2 : 1, seq = r.seq;
        r.seq += i == 0;
        for (int rc = -1; rc != 0;) {
            struct tl_err err = { 0 };
            nth_more(kinds, failed_n[i] + 1, code);
            rc = act[i](l, &r, &err);
            nth_done();
            if (rc == 0)
                break;
            failed_n[i]++;
            if (rc != want || err.code != want || !err.text[0])
                fail_msg("call %d of round %d, %s: %d %s", (int)failed_n[i], i, nth.name, rc, err.text);
            check_whole(l, rounds, seq);
        }
        tl_eventlog_close(&l);          /* and on disk it is no other than in this process */
        l = open_log();
        check_whole(l, 2, 2);
    }
    assert_true(failed_n[0] > 2 && failed_n[1] > 5);
    tl_eventlog_close(&l);
    tl_buf_free(&r.batch);
    tl_buf_free(&r.hold);
}

static void
t_store_fails(void **state)
{
    (void)state;
    fail_each(NTH_DB, EIO, TL_EIO);
}

static void
t_map_full(void **state)
{
    (void)state;
    fail_each(NTH_DB, MDB_MAP_FULL, TL_ENOSPC);
}

static void
t_memory_fails(void **state)
{
    (void)state;
    fail_each(NTH_ALLOC, ENOMEM, TL_ENOMEM);
}

/* ---- opening: a log that is made, or one that is there ---- */

static void
open_each(bool there)
{
    struct tl_err err;
    uint8_t first[16] = { 0 }, id[16];
    struct tl_eventlog *l = NULL;
    if (there) {
        l = open_log();
        tl_eventlog_id(l, first);
        tl_eventlog_close(&l);
    }
    int opened = 0, refused = 0;
    for (uint64_t k = 1; nth_more(NTH_DB, k, EIO); k++) {
        err = (struct tl_err){ 0 };
        int rc = tl_eventlog_open(&l, dir, false, &err);
        nth_done();
        assert_true(rc == 0 ? l != NULL : l == NULL && rc == TL_EIO && err.text[0]);
        rc == 0 ? opened++ : refused++;
        tl_eventlog_close(&l);
        l = open_log();                 /* what failed leaves nothing in the way */
        tl_eventlog_id(l, id);
        assert_true(!there || memcmp(id, first, sizeof id) == 0);
        check_whole(l, 0, 0);
        tl_eventlog_close(&l);
        if (!there) {
            folder_drop(NULL);
            folder_make(NULL);
        }
    }
    assert_true(refused > 5 && opened >= 1 && opened <= 2);        /* a failing look for dead readers is no reason not to open */
}

static void
t_open_fails(void **state)
{
    (void)state;
    open_each(true);
    open_each(false);
}

static void
t_open_without_memory(void **state)
{
    (void)state;
    struct tl_eventlog *l = NULL;
    int rc = -1;
    for (uint64_t k = 1; rc != 0; k++) {
        struct tl_err err = { 0 };
        folder_drop(NULL);
        folder_make(NULL);
        tl_alloc_fail_at(k, false);
        rc = tl_eventlog_open(&l, dir, false, &err);
        tl_alloc_fail_at(0, false);
        assert_true(rc == 0 || (rc == TL_ENOMEM && !l && strstr(err.text, "memory")));
        assert_true(k < 50 && (k > 3 || rc != 0));
    }
    tl_eventlog_close(&l);
}

/* ---- what is not known cannot be told: numbers without an error of their own ---- */

static void
t_numbers_when_reading_fails(void **state)
{
    (void)state;
    struct round r = { .seq = 7 };
    struct tl_eventlog *l = open_log();
    r.head = make_batch(&r.batch, SETTLED - 1);
    assert_int_equal(write_all(l, &r, NULL), 0);
    tl_eventlog_close(&l);
    assert_int_equal(tl_eventlog_open(&l, dir, true, NULL), 0);
    uint64_t (*const number[])(struct tl_eventlog *) = { tl_eventlog_end, tl_eventlog_refused_n, tl_eventlog_refused_total };
    const uint64_t want[] = { 1 + SETTLED, 2, 2 };
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++)
        for (uint64_t k = 1; nth_more(NTH_DB, k, EIO); k++) {
            uint64_t got = number[i](l);
            nth_done();
            assert_int_equal(got, nth.hit ? 0 : want[i]);
            assert_int_equal(number[i](l), want[i]);
        }
    tl_eventlog_tend(l);
    tl_eventlog_close(&l);
    tl_eventlog_close(&l);
    tl_buf_free(&r.batch);
}

/* ---- rows that this program would never write ---- */

static void
plant(int db, uint64_t number, const char *name, struct tl_str value)
{
    struct tl_db *d = NULL;
    struct tl_db_txn *t = NULL;
    uint8_t k[8];
    for (int i = 0; i < 8; i++)
        k[i] = (uint8_t)(number >> (56 - 8 * i));
    assert_int_equal(tl_db_open(&d, dir, 0, 0, names, NULL), 0);
    assert_int_equal(tl_db_begin(d, true, &t, NULL), 0);
    struct tl_str key = name ? tl_str_of(name) : (struct tl_str){ (char *)k, sizeof k };
    assert_int_equal(value.p ? tl_db_put(t, db, key, value, 0, NULL) : tl_db_del(t, db, key, NULL), 0);
    assert_int_equal(tl_db_commit(&t, NULL), 0);
    tl_db_close(&d);
}

/* A row: version, kind, codec, n; payload behind the head. */
static void
plant_row(uint64_t position, uint8_t version, char kind, uint8_t codec, uint32_t n, struct tl_str payload)
{
    struct tl_buf b = { 0 };
    tl_buf_put_u8(&b, version);
    tl_buf_put_u8(&b, (uint8_t)kind);
    tl_buf_put_u8(&b, codec);
    tl_buf_put_u8(&b, 0);
    tl_buf_put_le32(&b, n);
    tl_buf_put_le64(&b, 1);
    tl_buf_put_le32(&b, (uint32_t)payload.n);
    tl_buf_put(&b, payload.p, payload.n);
    plant(BATCH, position, NULL, view(&b));
    tl_buf_free(&b);
}

static void
t_rows_of_others(void **state)
{
    (void)state;
    struct tl_buf two = { 0 }, other = { 0 };
    make_batch(&two, 2);
    tl_wire_begin(&other, TL_KIND_QUARANTINE);
    tl_wire_end(&other, 0);
    const struct { uint8_t version; char kind; uint8_t codec; uint32_t n; struct tl_str payload; int reads, event, begins; const char *says; } rows[] = {
        { 1, 'E', 0, 2, view(&two), 0, 0, 0, "" },
        { 2, 'E', 0, 2, view(&two), TL_EVERSION, TL_EVERSION, TL_EVERSION, "version 2" },
        { 1, 'E', 0, 0, view(&two), TL_ECORRUPT, TL_ECORRUPT, TL_ECORRUPT, "damaged" },
        { 1, 'E', 7, 2, view(&two), TL_EVERSION, TL_EVERSION, 0, "codec 7" },
        { 1, 'E', TL_CODEC_ZSTD, 2, view(&two), TL_ECORRUPT, TL_ECORRUPT, 0, "zstd" },
        { 1, 'E', 0, 9, view(&two), 0, TL_ENOTFOUND, 0, "" },                       /* the head counts more events than there are */
        { 1, 'E', 0, 2, { (char *)two.data, two.len - 4 }, 0, TL_ETRUNC, 0, "" },
        { 1, 'E', 0, 2, { (char *)two.data, 2 }, 0, TL_ENOTFOUND, 0, "" },
        { 1, 'E', 0, 2, view(&other), 0, TL_ENOTFOUND, 0, "" },
        { 1, 'C', 0, 1, TL_STR("\x81\xa4kind"), TL_ECORRUPT, TL_ENOTFOUND, 0, "control record at 1" },
        { 1, 'C', 0, 1, TL_STR("\x82\xa4kind\xa1x\xa5other\x01"), 0, TL_ENOTFOUND, 0, "" },         /* a member from the future is passed over */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tl_eventlog *l = open_log();
        struct tl_buf hold = { 0 };
        struct tl_event ev;
        struct tl_err err = { 0 };
        uint64_t n = 0;
        tl_eventlog_close(&l);
        plant_row(1, rows[i].version, rows[i].kind, rows[i].codec, rows[i].n, rows[i].payload);
        l = open_log();
        assert_int_equal(tl_eventlog_event(l, rows[i].n > 1 ? rows[i].n : 1, &hold, &ev, NULL), rows[i].event);
        int rc = tl_eventlog_read(l, 1, count_logged, &n, &err);
        if (rc != rows[i].reads || !strstr(err.text, rows[i].says))
            fail_msg("row %zu: %d %s", i, rc, err.text);
        assert_int_equal(n, rc == 0 ? rows[i].n : 0);
        assert_int_equal(tl_eventlog_begin(l, NULL), rows[i].begins);               /* nothing is appended behind what cannot be told apart */
        assert_int_equal(tl_eventlog_end(l), rows[i].begins == 0 ? 1 + rows[i].n : 0);
        tl_eventlog_close(&l);
        tl_buf_free(&hold);
    }
    plant(BATCH, 1, NULL, TL_STR("short"));
    struct tl_eventlog *l = open_log();
    assert_int_equal(tl_eventlog_begin(l, NULL), TL_ECORRUPT);
    tl_eventlog_close(&l);
    tl_buf_free(&two);
    tl_buf_free(&other);
}

/* Rows behind the first are held to the same, whether they are walked to or sought. */
static void
t_damage_behind(void **state)
{
    (void)state;
    struct tl_buf two = { 0 }, hold = { 0 };
    struct tl_event ev;
    struct tl_eventlog *l = open_log();
    uint64_t n = 0;
    tl_eventlog_close(&l);
    make_batch(&two, 2);
    plant_row(1, 1, 'E', 0, 2, view(&two));
    plant_row(7, 2, 'E', 0, 2, view(&two));         /* 3 to 6 are gone, and 7 is of a version to come */
    l = open_log();
    assert_int_equal(tl_eventlog_read(l, 1, count_logged, &n, NULL), TL_EVERSION);
    assert_int_equal(n, 2);
    assert_int_equal(tl_eventlog_read(l, 4, count_logged, &n, NULL), TL_EVERSION);
    tl_eventlog_close(&l);
    plant_row(7, 1, 'E', 0, 2, view(&two));
    l = open_log();
    n = 0;
    assert_int_equal(tl_eventlog_read(l, 4, count_logged, &n, NULL), 0);            /* from within what is gone: on behind it */
    assert_int_equal(n, 2);
    assert_int_equal(tl_eventlog_event(l, 4, &hold, &ev, NULL), TL_ENOTFOUND);
    assert_int_equal(tl_eventlog_event(l, 8, &hold, &ev, NULL), 0);
    tl_eventlog_close(&l);
    plant(BATCH, 1, NULL, (struct tl_str){ NULL, 0 });
    l = open_log();
    assert_int_equal(tl_eventlog_event(l, 2, &hold, &ev, NULL), TL_ENOTFOUND);
    assert_int_equal(tl_eventlog_end(l), 9);
    tl_eventlog_close(&l);
    tl_buf_free(&two);
    tl_buf_free(&hold);
}

/* The log's own name: of another format, cut short, or not there. */
static void
t_name_of_others(void **state)
{
    (void)state;
    const struct { struct tl_str value; int code; const char *says; } rows[] = {
        { TL_STR("\x02" "0123456789abcdef12345678"), TL_EVERSION, "format 2; this program knows 1" },
        { TL_STR("\x01" "0123"), TL_ECORRUPT, "name is damaged" },
        { { NULL, 0 }, TL_ENOTFOUND, "" },
    };
    struct tl_eventlog *l = open_log();
    tl_eventlog_close(&l);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tl_err err = { 0 };
        plant(META, 0, "log", rows[i].value);
        assert_int_equal(tl_eventlog_open(&l, dir, true, &err), rows[i].code);
        assert_null(l);
        assert_non_null(strstr(err.text, rows[i].says));
    }
    l = open_log();                                     /* who writes gives a name where none is */
    tl_eventlog_close(&l);
    assert_int_equal(tl_eventlog_open(&l, dir, true, NULL), 0);
    tl_eventlog_close(&l);
}

/* ---- the dlq ---- */

static void
t_refused_of_others(void **state)
{
    (void)state;
    const struct { struct tl_str value; int code; } rows[] = {
        { TL_STR(""), TL_ECORRUPT }, { TL_STR("\x02\x80"), TL_EVERSION }, { TL_STR("\x01\x81"), TL_ECORRUPT }, { TL_STR("\x01\x80"), 0 },
        { TL_STR("\x01\x81\xa6" "future\x01"), 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tl_err err = { 0 };
        struct tl_eventlog *l = open_log();
        uint64_t n = 0;
        tl_eventlog_close(&l);
        plant(DLQ, 1, NULL, rows[i].value);
        l = open_log();
        assert_int_equal(tl_eventlog_refused(l, 0, count_refused, &n, &err), rows[i].code);
        assert_true(n == (rows[i].code == 0) && (n == 1 || strstr(err.text, "dlq is damaged")));
        assert_int_equal(tl_eventlog_refused_n(l), 1);
        tl_eventlog_close(&l);
    }
}

/* No memory to unpack a row is no damage of it. */
static void
t_unpacked_without_memory(void **state)
{
    (void)state;
    struct round r = { .seq = 1 };
    struct tl_eventlog *l = open_log();
    r.head = make_batch(&r.batch, SETTLED - 1);
    assert_int_equal(write_all(l, &r, NULL), 0);
    for (int i = 0; i < 2; i++) {
        struct tl_err err = { 0 };
        uint64_t n = 0;
        nth_only("msgpack_unpack_next", 1, ENOMEM, false);
        assert_int_equal(i ? tl_eventlog_refused(l, 0, count_refused, &n, &err) : tl_eventlog_read(l, 1, count_logged, &n, &err), TL_ENOMEM);
        nth_done();
        assert_true(err.code == TL_ENOMEM && strstr(err.text, "out of memory") && n == (i ? 0 : SETTLED - 1));
    }
    check_whole(l, 1, 1);
    tl_eventlog_close(&l);
    tl_buf_free(&r.batch);
}

static int
stop_with(void *arg, uint64_t number, const struct tl_refused *r)
{
    (void)number, (void)r;
    return *(int *)arg;
}

static int
stop_read_with(void *arg, const struct tl_logged *rec)
{
    (void)rec;
    return *(int *)arg;
}

/* Who is shown things may stop: with his error, or just so. */
static void
t_stopped(void **state)
{
    (void)state;
    struct round r = { .seq = 1 };
    struct tl_eventlog *l = open_log();
    r.head = make_batch(&r.batch, SETTLED - 1);
    assert_int_equal(write_all(l, &r, NULL), 0);
    static const int stops[] = { TL_EIO, TL_ENOTFOUND, 1 };
    for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++) {
        int stop = stops[i];
        assert_int_equal(tl_eventlog_refused(l, 0, stop_with, &stop, NULL), stop < 0 ? stop : 0);
        assert_int_equal(tl_eventlog_read(l, 1, stop_read_with, &stop, NULL), stop < 0 ? stop : 0);
    }
    tl_eventlog_close(&l);
    tl_buf_free(&r.batch);
}

/* The budget is passed by one item: the oldest go, or, when the store fails then, none goes and nothing is refused. */
static void
t_budget_when_store_fails(void **state)
{
    (void)state;
    static const uint8_t full[8] = { 0, 0, 0, 0x10 };               /* 256 MB, little-endian */
    struct tl_str mark = { (const char *)full, sizeof full };
    const struct tl_refused bad = { .reason = TL_STR("bad_json"), .bytes = TL_STR("x"), .bytes_n = 1 };
    struct tl_eventlog *l = open_log();
    assert_int_equal(tl_eventlog_begin(l, NULL), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(tl_eventlog_refuse(l, &bad, NULL), 0);
    assert_int_equal(tl_eventlog_commit(l, NULL), 0);
    tl_eventlog_close(&l);
    plant(META, 0, "dlq", mark);
    l = open_log();
    for (uint64_t k = 1;; k++) {
        struct tl_err err = { 0 };
        assert_int_equal(tl_eventlog_begin(l, NULL), 0);
        nth_more(NTH_DB, k, EIO);
        int rc = tl_eventlog_refuse(l, &bad, &err);
        if (!nth_done()) {
            assert_int_equal(rc, 0);
            assert_int_equal(tl_eventlog_commit(l, NULL), 0);
            break;
        }
        assert_true(rc == TL_EIO && err.text[0]);
        if (k % 2)
            tl_eventlog_abort(l);
        else if (strcmp(nth.name, "mdb_put") == 0 || strcmp(nth.name, "mdb_del") == 0)
            assert_int_equal(tl_eventlog_commit(l, NULL), TL_EIO);  /* a failed write cannot be committed by mistake */
        else
            tl_eventlog_abort(l);
        assert_int_equal(tl_eventlog_refused_n(l), 3);
        assert_int_equal(tl_eventlog_refused_total(l), 3);
    }
    assert_int_equal(tl_eventlog_refused_total(l), 4);
    assert_int_equal(tl_eventlog_refused_n(l), 3);                  /* one of them was enough */
    tl_eventlog_close(&l);
    plant(META, 0, "dlq", TL_STR("\xff\xff\xff\xff\xff\xff\xff\x00"));   /* a size that no rows have: all but the newest go, then it is right again */
    l = open_log();
    assert_int_equal(tl_eventlog_begin(l, NULL), 0);
    assert_int_equal(tl_eventlog_refuse(l, &bad, NULL), 0);
    assert_int_equal(tl_eventlog_commit(l, NULL), 0);
    assert_int_equal(tl_eventlog_refused_n(l), 1);
    assert_int_equal(tl_eventlog_refused_total(l), 5);
    tl_eventlog_close(&l);
}

/* A read holds its transaction for a number of rows or bytes, then takes another: nobody sees where. */
static void
t_long_reads(void **state)
{
    (void)state;
    enum { ROWS = 1100 };
    static char large[3u << 20];
    struct tl_eventlog *l = open_log();
    struct tl_buf two = { 0 };
    struct tl_wire_head h = make_batch(&two, 2);
    uint64_t position = 0, n = 0;
    assert_int_equal(tl_eventlog_begin(l, NULL), 0);
    for (int i = 0; i < ROWS; i++)
        assert_int_equal(tl_eventlog_append(l, &h, view(&two), 1, &position, NULL), 0);
    for (int i = 0; i < 5; i++)
        assert_int_equal(tl_eventlog_append(l, &h, (struct tl_str){ large, sizeof large }, 1, &position, NULL), 0);
    assert_int_equal(tl_eventlog_commit(l, NULL), 0);
    assert_int_equal(tl_eventlog_read(l, 1, count_logged, &n, NULL), 0);
    assert_int_equal(n, 2 * (ROWS + 5));
    h.n_events = 0;
    assert_int_equal(tl_eventlog_begin(l, NULL), 0);
    assert_int_equal(tl_eventlog_append(l, &h, view(&two), 1, &position, NULL), TL_ERANGE);
    h.n_events = 2;
    assert_int_equal(tl_eventlog_append(l, &h, (struct tl_str){ "", 0 }, 1, &position, NULL), TL_ERANGE);
    tl_eventlog_abort(l);
    tl_eventlog_close(&l);
    tl_buf_free(&two);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, folder_make, folder_drop)
        T(t_store_fails), T(t_map_full), T(t_memory_fails), T(t_open_fails), T(t_open_without_memory), T(t_numbers_when_reading_fails), T(t_rows_of_others),
        T(t_damage_behind), T(t_name_of_others), T(t_refused_of_others), T(t_unpacked_without_memory), T(t_stopped), T(t_budget_when_store_fails), T(t_long_reads),
    };
    if (tl_hash_init() != 0) return 1;
    return cmocka_run_group_tests_name("tl_eventlog: faults", tests, NULL, NULL);
}
