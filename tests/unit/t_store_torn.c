/* t_store_torn.c - every value of a store in turn is not what it should be, though its checksum is: cut short, empty, or of another version. Whoever reads
 * it says so or does without it, and stitching comes to the same rows, from the log where need be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "nth_kit.h"
#include "tl_db.h"
#include "world_kit.h"

static const char *const dbs[] = { "meta", "ident", "cut", "cust", "journey", "dayrev", "refused", "dict", "note", "due", "span", NULL };
enum { VALUES_MAX = 4000 };
static struct value { int db; struct tl_str key, was; } values[VALUES_MAX];
static int values_n;

static struct tl_str
kept(struct tl_str s)
{
    return (struct tl_str){ tl_strdup(s), s.n };
}

static void
list_values(const struct kit *k)
{
    char path[PATH_MAX];
    struct tl_db *db = NULL;
    struct tl_db_txn *t = NULL;

    assert_int_equal(tl_db_open(&db, kit_store_path(k, path), TL_DB_READONLY, 0, dbs, NULL), 0);
    assert_int_equal(tl_db_begin(db, false, &t, NULL), 0);
    values_n = 0;
    for (int i = 0; dbs[i] != NULL; i++) {
        struct tl_db_cursor *c = NULL;
        struct tl_str key, v;
        assert_int_equal(tl_db_cursor_open(t, i, &c, NULL), 0);
        for (int rc = tl_db_seek(c, (struct tl_str){0}, &key, &v, NULL); rc == 0 && values_n < VALUES_MAX; rc = tl_db_next(c, &key, &v, NULL))
            values[values_n++] = (struct value){ i, kept(key), kept(v) };
        tl_db_cursor_close(&c);
    }
    tl_db_abort(&t);
    tl_db_close(&db);
    assert_true(values_n > 100 && values_n < VALUES_MAX);
}

static void
free_values(void)
{
    for (int i = 0; i < values_n; i++) {
        tl_free((void *)(uintptr_t)values[i].key.p);
        tl_free((void *)(uintptr_t)values[i].was.p);
    }
}

static void
put_value(const struct kit *k, const struct value *v, struct tl_str as)
{
    char path[PATH_MAX];
    struct tl_db *db = NULL;
    struct tl_db_txn *t = NULL;

    assert_int_equal(tl_db_open(&db, kit_store_path(k, path), TL_DB_NOSYNC, 0, dbs, NULL), 0);
    assert_int_equal(tl_db_begin(db, true, &t, NULL), 0);
    assert_int_equal(tl_db_put(t, v->db, v->key, as, 0, NULL), 0);
    assert_int_equal(tl_db_commit(&t, NULL), 0);
    tl_db_close(&db);
}

/* one of its torn forms; false: it has no such */
static bool
torn(const struct value *v, int how, struct tl_str *as, char hold[1 << 16])
{
    if (v->was.n == 0 || v->was.n >= 1 << 16)
        return false;
    memcpy(hold, v->was.p, v->was.n);
    *as = (struct tl_str){ hold, how == 0 ? v->was.n - 1 : how == 1 ? v->was.n / 2 : how == 2 ? 0 : v->was.n };
    if (how == 3)
        hold[0] ^= 0x55;
    return how != 1 || v->was.n > 3;
}

/* ---- readers ---- */

static int see_said(void *arg, const struct tl_store_said *s) { (void)arg, (void)s; return 0; }
static int see_shared(void *arg, const struct tl_store_shared *s) { (void)arg, (void)s; return 0; }
static int see_note(void *arg, const struct tl_note *n) { (void)arg, (void)n; return 0; }
static int see_day(void *arg, const struct tl_store_day *d) { (void)arg, (void)d; return 0; }

struct readings { struct kit *k; uint8_t key[TL_KEY_BYTES]; struct tl_buf text; };

static void
expect_told(int rc, const struct tl_err *err, const struct value *v)
{
    if (rc != 0 && err->text[0] == 0)
        fail_msg("a value of %s: %s without a word", dbs[v->db], tl_err_name(rc));
}

static int
read_all(struct readings *r, const struct value *v)
{
    char path[PATH_MAX];
    struct tl_store *s = NULL;
    struct tl_store_txn *t = NULL;
    struct tl_note n;
    struct tl_err err = {0};
    int rc = tl_store_open_read(&s, tl_run_path(path, r->k->data, "journeys"), &err);

    expect_told(rc, &err, v);
    if (rc != 0)
        return rc;
    assert_int_equal(tl_store_begin(s, &t, &err), 0);
    tl_buf_reset(&r->text);
    rc = tl_canon_rows(t, r->k->log, r->key, kit_line, &r->text, &err);
    expect_told(rc, &err, v);
    for (int i = 0; i < values_n; i++)
        if (values[i].db == 2) {
            err = (struct tl_err){0};
            expect_told(tl_store_said(t, (const uint8_t *)values[i].key.p, see_said, NULL, &err), &err, v);
        }
    err = (struct tl_err){0};
    expect_told(tl_store_shared(t, see_shared, NULL, &err), &err, v);
    err = (struct tl_err){0};
    expect_told(tl_store_notes(t, "visit", see_note, NULL, &err), &err, v);
    err = (struct tl_err){0};
    expect_told(tl_store_note(t, "visit", TL_STR("v0"), &n, &err), &err, v);
    for (uint16_t type = 0; type < 100; type++) {
        err = (struct tl_err){0};
        expect_told(tl_store_days(t, type, -30000, 30000, see_day, NULL, &err), &err, v);
    }
    tl_store_end(&t);
    tl_store_close(&s);
    return rc;
}

static void
readers_say_so(void **state)
{
    static char hold[1 << 16];
    char path[PATH_MAX];
    struct kit k, calm;
    struct tl_str as;
    int told = 0;

    (void)state;
    small_world(&k, &calm);
    char *want = kit_rows(&calm);
    follow_close(&k.follow);
    list_values(&k);
    struct readings r = { .k = &k };
    assert_int_equal(tl_key_load(tl_run_path(path, k.data, "keys/identity.key"), 0, r.key, NULL), 0);
    for (int i = 0; i < values_n; i++) {
        if (!torn(&values[i], i % 4, &as, hold))
            continue;
        put_value(&k, &values[i], as);
        told += read_all(&r, &values[i]) != 0;
        put_value(&k, &values[i], values[i].was);
    }
    assert_int_equal(read_all(&r, &values[0]), 0);
    assert_int_equal(r.text.len, strlen(want));
    assert_memory_equal(r.text.data, want, r.text.len);
    assert_true(told > 20);
    tl_buf_free(&r.text);
    tl_free(want);
    free_values();
    kit_open_follow(&k);
    kit_close(&k);
    kit_close(&calm);
}

/* ---- the one writer ---- */

static void
stitching_comes_to_the_same(void **state)
{
    static char hold[1 << 16];
    struct kit k, calm;
    struct tl_str as;

    (void)state;
    small_world(&k, &calm);
    for (int i = 0, at = 24; at < 150; i++, at++) {
        const struct follow_limits limits = {0};
        follow_close(&k.follow);
        list_values(&k);
        const struct value *v = &values[tl_mix64((uint64_t)i) % (uint64_t)values_n];
        bool is = torn(v, i % 4, &as, hold);
        if (is)
            put_value(&k, v, as);
        kit_open_follow(&k);
        log_both(&k, &calm, at, 1);
        int64_t taken = -1;
        for (int tries = 0; tries < 6 && (taken < 0 || follow_position(k.follow) < tl_eventlog_end(k.log)); tries++) {
            struct tl_err err = {0};
            taken = follow_round(k.follow, &limits, &err);
            if (taken < 0 && err.text[0] == 0)
                fail_msg("a value of %s: %s without a word", dbs[v->db], tl_err_name((int)taken));
        }
        if (taken < 0)
            fail_msg("a value of %s stops the line", dbs[v->db]);
        free_values();
    }
    kit_follow(&calm);
    kit_rebuild(&k);                /* what nobody has read since is made anew as well */
    expect_same_rows(&k, &calm, "after torn values");
    kit_close(&k);
    kit_close(&calm);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_say_so), cmocka_unit_test(stitching_comes_to_the_same),
    };
    return tl_hash_init() == 0 ? cmocka_run_group_tests_name("store_torn", tests, NULL, NULL) : 1;
}
