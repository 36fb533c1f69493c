/* tl_db where LMDB, the disk or memory fails: each call once, at every place; the code says which, and the store is as before. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "db_kit.h"
#include "nth_kit.h"

#define MAP_BYTES (16ull << 20)

/* Waiting for the other transactions of this process: as it is, or as if the time were over at once. */
static bool time_is_over;

int
pthread_cond_timedwait(pthread_cond_t *restrict c, pthread_mutex_t *restrict m, const struct timespec *restrict until)
{
    NTH_REAL(pthread_cond_timedwait);
    return time_is_over ? ETIMEDOUT : real(c, m, until);
}

static void
put(struct tl_db *d, const char *key, struct tl_str value)
{
    struct tl_db_txn *t = begin(d, true);
    assert_int_equal(tl_db_put(t, ONE, tl_str_of(key), value, 0, NULL), 0);
    assert_int_equal(tl_db_commit(&t, NULL), 0);
}

static uint64_t
count(struct tl_db *d)
{
    uint64_t n = 99;
    struct tl_db_txn *t = begin(d, false);
    assert_int_equal(tl_db_count(t, ONE, &n, NULL), 0);
    tl_db_abort(&t);
    return n;
}

/* ---- codes ---- */

static void
t_codes(void **state)
{
    (void)state;
    const struct { int said, code; const char *says; } rows[] = {
        { -30798, TL_ENOTFOUND, "" }, { ENOENT, TL_ENOTFOUND, "No such file" }, { -30799, TL_EEXIST, "exist" }, { MDB_MAP_FULL, TL_ENOSPC, "mapsize" },
        { ENOSPC, TL_ENOSPC, "the disk is full" }, { -30790, TL_EBUSY, "maxreaders" }, { EAGAIN, TL_EBUSY, "temporarily" }, { EBUSY, TL_EBUSY, "busy" },
        { -30796, TL_ECORRUPT, "CORRUPTED" }, { -30797, TL_ECORRUPT, "page not found" }, { -30793, TL_ECORRUPT, "not an LMDB file" }, { -30795, TL_ECORRUPT, "" },
        { -30794, TL_EVERSION, "version mismatch" }, { -30781, TL_ERANGE, "" }, { ENOMEM, TL_ENOMEM, "memory" }, { EACCES, TL_EIO, "Permission" },
    };
    struct tl_db *d = open_at(dir, 0, MAP_BYTES);
    put(d, "a", TL_STR("x"));
    struct tl_db_txn *t = begin(d, false);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tl_err err = { 0 };
        struct tl_str v;
        uint64_t n = 7;
        nth_only("mdb_get", 1, rows[i].said, false);
        assert_int_equal(tl_db_get(t, ONE, TL_STR("a"), &v, &err), rows[i].code);
        if (!strstr(err.text, rows[i].says))
            fail_msg("%d: %s", rows[i].said, err.text);
        nth_only("mdb_stat", 1, rows[i].said, false);
        assert_int_equal(tl_db_count(t, ONE, &n, NULL), rows[i].code);
        assert_int_equal(n, 0);
        nth_done();
    }
    tl_db_abort(&t);
    tl_db_close(&d);
}

/* ---- opening ---- */

/* Every call of LMDB and of the disk fails once, on the way to a new store or to one that is there. */
static void
open_each(unsigned what, bool there)
{
    struct tl_db *d = NULL;
    unsigned refused = 0;
    if (there) {
        d = open_at(dir, 0, MAP_BYTES);
        put(d, "kept", TL_STR("x"));
        tl_db_close(&d);
    }
    for (uint64_t k = 1; nth_more(what, k, EIO); k++) {
        struct tl_err err = { 0 };
        int rc = tl_db_open(&d, dir, 0, MAP_BYTES, names, &err);
        nth_done();
        if (rc == 0 && nth.hit && strcmp(nth.name, "mdb_reader_check") != 0 && strcmp(nth.name, "unlink") != 0)
            fail_msg("%s failed at %d and nobody said so", nth.name, (int)k);
        refused += rc != 0;
        assert_true(rc == 0 ? d != NULL : !d && rc == TL_EIO && strstr(err.text, dir) && strstr(err.text, "Input/output error"));
        tl_db_close(&d);
        d = open_at(dir, 0, MAP_BYTES);
        assert_int_equal(count(d), there);
        tl_db_close(&d);
        if (!there) {
            folder_drop(NULL);
            folder_make(NULL);
        }
    }
    assert_true(refused >= 4);
}

static void
t_open(void **state)
{
    (void)state;
    open_each(NTH_DB, false);
    open_each(NTH_DB, true);
}

static void
t_open_on_bad_disk(void **state)
{
    (void)state;
    open_each(NTH_OPEN | NTH_SYNC | NTH_NAME | NTH_STAT, false);
    open_each(NTH_OPEN | NTH_SYNC | NTH_NAME | NTH_STAT, true);
}

static void
t_open_refused(void **state)
{
    (void)state;
    const struct { const char *call; int code; int flags; int want; const char *says; } rows[] = {
        { "mkdir", EACCES, 0, TL_EIO, "cannot make" },
        { "stat", EACCES, TL_DB_READONLY, TL_EIO, "Permission" },
        { "stat", ENOENT, TL_DB_READONLY, TL_ENOTFOUND, "No such file" },
        { "rename", EROFS, 0, TL_EIO, "cannot name" },
        { "openat", EMFILE, 0, TL_EIO, "cannot sync" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tl_db *d = NULL;
        struct tl_err err = { 0 };
        nth_only(rows[i].call, 1, rows[i].code, false);
        assert_int_equal(tl_db_open(&d, dir, rows[i].flags, MAP_BYTES, names, &err), rows[i].want);
        nth_done();
        assert_true(nth.hit && !d && strstr(err.text, rows[i].says) && strstr(err.text, strerror(rows[i].code)));
    }
    struct tl_db *d = NULL;
    int rc = -1;
    for (uint64_t k = 1; rc != 0; k++) {
        tl_alloc_fail_at(k, false);
        rc = tl_db_open(&d, dir, 0, MAP_BYTES, names, NULL);
        tl_alloc_fail_at(0, false);
        assert_true(rc == 0 || (rc == TL_ENOMEM && !d && k < 9));
    }
    tl_db_close(&d);
    for (int flags = TL_DB_NOMETASYNC; flags <= TL_DB_NOSYNC; flags *= 2) {
        d = open_at(dir, flags, MAP_BYTES);
        put(d, "a", TL_STR("x"));
        assert_int_equal(count(d), 1);
        tl_db_close(&d);
    }
}

/* ---- transactions ---- */

static void
t_begin(void **state)
{
    (void)state;
    struct tl_db *d = open_at(dir, 0, MAP_BYTES);
    struct tl_db_txn *t = NULL, *other = NULL;
    struct tl_err err = { 0 };
    nth_only("mdb_txn_begin", 1, MDB_MAP_RESIZED, false);           /* another process has grown the map: once is nothing */
    t = begin(d, false);
    assert_true(nth.hit);
    tl_db_abort(&t);
    nth_only("mdb_txn_begin", 1, MDB_MAP_RESIZED, true);            /* without end: said */
    assert_int_equal(tl_db_begin(d, false, &t, &err), TL_EBUSY);
    assert_true(!t && nth.seen == 3 && strstr(err.text, "beginning a transaction"));
    nth_done();
    other = begin(d, false);                                        /* it cannot be taken over while this one is open: busy, and why */
    nth_only("mdb_txn_begin", 1, MDB_MAP_RESIZED, false);
    time_is_over = true;
    assert_int_equal(tl_db_begin(d, false, &t, &err), TL_EBUSY);
    time_is_over = false;
    nth_done();
    assert_true(!t && strstr(err.text, "a transaction stays open"));
    tl_db_abort(&other);
    tl_alloc_fail_at(1, false);
    assert_int_equal(tl_db_begin(d, false, &t, NULL), TL_ENOMEM);
    tl_alloc_fail_at(0, false);
    t = begin(d, true);
    struct tl_db_cursor *c = NULL;
    tl_alloc_fail_at(1, false);
    assert_int_equal(tl_db_cursor_open(t, ONE, &c, NULL), TL_ENOMEM);
    tl_alloc_fail_at(0, false);
    nth_only("mdb_cursor_open", 1, ENOMEM, false);
    assert_int_equal(tl_db_cursor_open(t, ONE, &c, &err), TL_ENOMEM);
    nth_done();
    assert_null(c);
    tl_db_abort(&t);
    tl_db_close(&d);
}

/* A transaction whose commit fails has written nothing, and the next one can. */
static void
t_commit(void **state)
{
    (void)state;
    const struct { const char *call; int said; bool full; int code; const char *says; } rows[] = {
        { "mdb_txn_commit", EIO, false, TL_EIO, "Input/output error" },
        { "mdb_txn_commit", EIO, true, TL_ENOSPC, "the disk is full" },
        { "mdb_txn_commit", ENOSPC, false, TL_ENOSPC, "the disk is full" },
        { "mdb_txn_commit", MDB_MAP_FULL, false, TL_ENOSPC, "mapsize" },
        { "mdb_put", MDB_MAP_FULL, false, TL_ENOSPC, "mapsize" },
        { "mdb_put", EIO, true, TL_ENOSPC, "the disk is full" },
        { "mdb_del", EIO, false, TL_EIO, "Input/output error" },
    };
    struct tl_db *d = open_at(dir, 0, MAP_BYTES);
    put(d, "kept", TL_STR("x"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tl_err err = { 0 };
        struct tl_db_txn *t = begin(d, true);
        nth_only(rows[i].call, 1, rows[i].said, false);
        nth_disk_full = rows[i].full;
        bool now = strcmp(rows[i].call, "mdb_txn_commit") != 0;
        assert_int_equal(tl_db_put(t, ONE, TL_STR("a"), TL_STR("x"), 0, NULL) != 0, now && strcmp(rows[i].call, "mdb_put") == 0);
        int deleted = tl_db_del(t, ONE, TL_STR("kept"), &err);
        assert_int_equal(deleted != 0, now);
        assert_true(!now || err.text[0]);
        assert_int_equal(tl_db_commit(&t, &err), rows[i].code);
        nth_done();
        assert_true(nth.hit && !t && strstr(err.text, rows[i].says));
        assert_int_equal(count(d), 1);
    }
    tl_db_close(&d);
}

/* The map must grow and cannot: said instead of the cause, and tried again by the next one. */
static void
t_map_stays(void **state)
{
    (void)state;
    static char big[1u << 20];
    struct tl_db *d = open_at(dir, 0, MAP_BYTES);
    struct tl_db_txn *t = NULL;
    struct tl_err err = { 0 };
    put(d, "a", TL_STR("x"));
    for (int abort = 0; abort < 2; abort++) {
        t = begin(d, true);
        int rc = 0;
        for (int i = 0; i < 40 && rc == 0; i++) {
            char key[3] = { 'k', (char)('0' + i), 0 };
            rc = tl_db_put(t, ONE, tl_str_of(key), (struct tl_str){ big, sizeof big }, 0, NULL);
        }
        assert_int_equal(rc, TL_ENOSPC);
        nth_only("mdb_env_set_mapsize", 1, ENOMEM, false);
        if (abort)
            tl_db_abort(&t);
        else
            assert_int_equal(tl_db_commit(&t, &err), TL_ENOMEM);
        nth_done();
        assert_true(nth.hit && !t);
        assert_int_equal(count(d), 1);
    }
    assert_non_null(strstr(err.text, "changing the size of the store's map"));
    t = begin(d, true);                                             /* with a reader beside it: busy, not for ever */
    struct tl_db_txn *reader = begin(d, false);
    for (char key[] = "k0"; tl_db_put(t, ONE, tl_str_of(key), (struct tl_str){ big, sizeof big }, 0, NULL) == 0; key[1]++)
        ;
    time_is_over = true;
    assert_int_equal(tl_db_commit(&t, &err), TL_EBUSY);
    time_is_over = false;
    tl_db_abort(&reader);
    for (int tries = 0; tries < 2; tries++) {
        int rc = 0;
        t = begin(d, true);
        for (char key[] = "k0"; key[1] < '0' + 20 && rc == 0; key[1]++)
            rc = tl_db_put(t, ONE, tl_str_of(key), (struct tl_str){ big, sizeof big }, 0, NULL);
        rc = tl_db_commit(&t, NULL);
        assert_int_equal(rc, tries ? 0 : TL_ENOSPC);
    }
    assert_int_equal(count(d), 21);
    tl_db_close(&d);
}

/* A poisoned transaction refuses what follows, for the first reason; what is read wrong is said so. */
static void
t_poisoned(void **state)
{
    (void)state;
    struct tl_db *d = open_at(dir, 0, MAP_BYTES);
    struct tl_err err = { 0 };
    put(d, "a", TL_STR("x"));
    struct tl_db_txn *t = begin(d, true);
    nth_only("mdb_put", 1, ENOSPC, false);
    assert_int_equal(tl_db_put(t, ONE, TL_STR("b"), TL_STR("x"), 0, NULL), TL_ENOSPC);
    nth_done();
    assert_int_equal(tl_db_del(t, ONE, TL_STR("a"), &err), TL_ENOSPC);
    assert_non_null(strstr(err.text, "an earlier write of this transaction"));
    assert_int_equal(tl_db_put(t, ONE, TL_STR("c"), TL_STR("x"), 0, NULL), TL_ENOSPC);
    tl_db_abort(&t);
    assert_int_equal(count(d), 1);
    tl_db_close(&d);
}

/* ---- values and cursors ---- */

/* A value that no program of ours wrote: shorter than a checksum. */
static void
t_short_value(void **state)
{
    (void)state;
    char s[] = "s", abc[] = "abc";
    MDB_val key = { 1, s }, value = { 3, abc };
    MDB_env *env = NULL;
    MDB_txn *txn = NULL;
    MDB_dbi dbi = 0;
    struct tl_db *d = open_at(dir, 0, MAP_BYTES);
    tl_db_close(&d);
    assert_int_equal(mdb_env_create(&env) | mdb_env_set_maxdbs(env, 4) | mdb_env_open(env, dir, 0, 0600) | mdb_txn_begin(env, NULL, 0, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, "one", 0, &dbi) | mdb_put(txn, dbi, &key, &value, 0) | mdb_txn_commit(txn), 0);
    mdb_env_close(env);
    d = open_at(dir, 0, MAP_BYTES);
    struct tl_db_txn *t = begin(d, false);
    struct tl_db_cursor *c = NULL;
    struct tl_err err = { 0 };
    struct tl_str k, v;
    assert_int_equal(tl_db_get(t, ONE, TL_STR("s"), &v, &err), TL_ECORRUPT);
    assert_non_null(strstr(err.text, "3 bytes is too short for its checksum"));
    assert_int_equal(tl_db_cursor_open(t, ONE, &c, NULL), 0);
    assert_int_equal(tl_db_last(c, &k, &v, NULL), TL_ECORRUPT);
    tl_db_cursor_close(&c);
    tl_db_abort(&t);
    tl_db_close(&d);
}

/* Cursors close in any order, before or after their transaction; one that cannot read says why. */
static void
t_cursors(void **state)
{
    (void)state;
    static const int orders[][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 1, 0, 2 }, { 1, 2, 0 } };
    struct tl_db *d = open_at(dir, 0, MAP_BYTES);
    struct tl_str k, v;
    put(d, "a", TL_STR("x"));
    for (size_t o = 0; o < sizeof orders / sizeof orders[0]; o++)
        for (int before = 0; before <= 3; before++) {
            struct tl_db_cursor *c[3];
            struct tl_db_txn *t = begin(d, before % 2);
            for (int i = 0; i < 3; i++)
                assert_int_equal(tl_db_cursor_open(t, ONE, &c[i], NULL), 0);
            for (int i = 0; i < before; i++)
                tl_db_cursor_close(&c[orders[o][i]]);
            for (int i = before; i < 3; i++)
                assert_int_equal(tl_db_last(c[orders[o][i]], &k, &v, NULL), 0);
            tl_db_abort(&t);
            for (int i = 0; i < 3; i++)
                tl_db_cursor_close(&c[i]);
        }
    struct tl_db_txn *t = begin(d, false);
    struct tl_db_cursor *c = NULL;
    struct tl_err err = { 0 };
    assert_int_equal(tl_db_cursor_open(t, ONE, &c, NULL), 0);
    nth_only("mdb_cursor_get", 1, EIO, false);
    assert_int_equal(tl_db_last(c, &k, &v, &err), TL_EIO);
    nth_done();
    assert_non_null(strstr(err.text, "reading the store"));
    tl_db_cursor_close(&c);
    tl_db_abort(&t);
    tl_db_close(&d);
}

/* ---- a copy ---- */

/* A copy whose making failed does not exist under its name, but for the very last step; making it again is all it takes. */
static void
copy_each(unsigned what)
{
    char to[96], name[128], part[128];
    struct tl_db *d = open_at(dir, 0, MAP_BYTES), *e = NULL;
    unsigned failed = 0;
    put(d, "a", TL_STR("x"));
    snprintf(to, sizeof to, "%s/copy", dir);
    snprintf(name, sizeof name, "%s/data.mdb", to);
    snprintf(part, sizeof part, "%s/data.mdb.part", to);
    for (uint64_t k = 1; nth_more(what, k, EIO); k++) {
        struct tl_err err = { 0 };
        int rc = tl_db_copy(d, to, &err);
        nth_done();
        failed += rc != 0;
        assert_true(rc == 0 ? !nth.hit : rc == TL_EIO && strstr(err.text, to) && strstr(err.text, "Input/output error"));
        assert_int_not_equal(access(part, F_OK), 0);
        if (access(name, F_OK) == 0) {
            assert_int_equal(tl_db_open(&e, to, TL_DB_READONLY, MAP_BYTES, names, NULL), 0);
            assert_int_equal(count(e), 1);
            tl_db_close(&e);
            unlink(name);
        }
    }
    assert_true(failed > 0 && access(name, F_OK) != 0);
    nth_only("mdb_env_sync", 1, EIO, false);
    struct tl_err err = { 0 };
    assert_int_equal(tl_db_sync(d, &err), TL_EIO);
    nth_done();
    assert_non_null(strstr(err.text, "writing the store to disk"));
    assert_int_equal(tl_db_sync(d, NULL), 0);
    tl_db_close(&d);
}

static void
t_copy(void **state)
{
    (void)state;
    copy_each(NTH_DB);
    copy_each(NTH_OPEN | NTH_SYNC | NTH_NAME | NTH_STAT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, folder_make, folder_drop)
        T(t_codes), T(t_open), T(t_open_on_bad_disk), T(t_open_refused), T(t_begin), T(t_commit), T(t_map_stays), T(t_poisoned), T(t_short_value), T(t_cursors), T(t_copy),
    };
    return cmocka_run_group_tests_name("tl_db: faults", tests, NULL, NULL);
}
