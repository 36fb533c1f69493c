/* t_stitch.c - from log to rows: the same set of events gives the same canonical rows in any order, with copies, in any batches and rounds, merged
 * early or late, and those rows are the oracle's; a store built in bulk has the live one's bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>

#include "world_kit.h"
#include "tl_db.h"

static struct o_event work[ALL];

/* Every byte of every database of the current store. */
static void
dump(struct kit *k, struct tl_buf *out)
{
    static const char *const dbs[] = { "meta", "ident", "cut", "cust", "journey", "dayrev", "refused", "dict", "note", "due", "span", NULL };
    char path[PATH_MAX];
    struct tl_db *db = NULL;
    struct tl_db_txn *t = NULL;
    struct tl_err err = {0};

    follow_close(&k->follow);
    assert_int_equal(tl_db_open(&db, kit_store_path(k, path), TL_DB_READONLY, 0, dbs, &err), 0);
    assert_int_equal(tl_db_begin(db, false, &t, &err), 0);
    for (int i = 0; dbs[i] != NULL; i++) {
        struct tl_db_cursor *c = NULL;
        struct tl_str key, v;
        assert_int_equal(tl_db_cursor_open(t, i, &c, &err), 0);
        for (int rc = tl_db_seek(c, (struct tl_str){0}, &key, &v, NULL); rc == 0; rc = tl_db_next(c, &key, &v, NULL)) {
            tl_buf_printf(out, "%s ", dbs[i]);
            tl_buf_put_text(out, key);
            tl_buf_put_text(out, v);
        }
        tl_db_cursor_close(&c);
    }
    tl_db_abort(&t);
    tl_db_close(&db);
    kit_open_follow(k);
}

static void
tell_difference(uint64_t world_number, const struct tl_buf *live, const struct tl_buf *built)
{
    size_t i = 0;

    while (i < live->len && i < built->len && live->data[i] == built->data[i])
        i++;
    fprintf(stderr, "world %llu: live (%zu bytes) and built (%zu bytes) differ at %zu, after: ", (unsigned long long)world_number, live->len, built->len, i);
    for (size_t k = i > 60 ? i - 60 : 0; k < i + 20 && k < live->len; k++)
        fprintf(stderr, live->data[k] >= 32 && live->data[k] < 127 ? "%c" : "\\%02x", live->data[k]);
    fprintf(stderr, "\n");
    fail();
}

static void
one_world(uint64_t s)
{
    struct tl_zone *zone = NULL;
    struct kit k;

    seed = s * 1000003;
    int people = 2 + (int)below(12), n = make_world(people), cuts_n = s % 3 == 0 ? 0 : make_cuts(n), visits_n = s % 2 == 0 ? 0 : 1 + (int)below(VISITS);
    for (int i = 0; i < visits_n; i++)
        some_visit(&visits[i], n);
    assert_int_equal(tl_zone_open(&zone, "Asia/Shanghai", NULL), 0);
    memcpy(work, world, sizeof work);
    char *want = o_rows(work, n, cuts, cuts_n, visits, visits_n, types, 3, zone);
    for (int times = 0; times < 2; times++) {
        struct tl_buf live = {0}, built = {0};
        kit_open(&k, world_catalogue);
        world_feed(&k, n, cuts_n, visits_n, times == 0);
        char *got = kit_rows(&k);
        same_text(want, got, times == 0 ? "in many rounds" : "in one round");
        tl_free(got);
        dump(&k, &live);
        kit_rebuild(&k);
        got = kit_rows(&k);
        same_text(want, got, "built in bulk");
        tl_free(got);
        dump(&k, &built);
        if (live.len != built.len || memcmp(live.data, built.data, live.len) != 0)
            tell_difference(s, &live, &built);
        tl_buf_free(&live);
        tl_buf_free(&built);
        kit_close(&k);
    }
    tl_free(want);
    tl_zone_free(&zone);
}

static void
rows_depend_on_the_set_alone(void **state)
{
    const char *worlds = getenv("STITCH_WORLDS");
    uint64_t n = worlds != NULL ? strtoull(worlds, NULL, 10) : 8;

    (void)state;
    const char *from = getenv("STITCH_FROM");

    for (uint64_t s = from != NULL ? strtoull(from, NULL, 10) : 1; s <= n; s++)
        one_world(s);
}

/* Whichever allocation of a round or a rebuild fails: nothing of it is written, and the next try gives what an untroubled store has. */
static void
memory_failing_anywhere_leaves_the_store_whole(void **state)
{
    const struct follow_limits limits = {0};
    struct kit k, calm;
    int failed = 0, stopped = 0;

    (void)state;
    seed = 4243;
    int n = make_world(6);
    kit_open(&k, world_catalogue);
    kit_open(&calm, world_catalogue);
    for (int i = 0; i < n; i += 2) {
        struct tl_err err = {0};
        struct kit_event batch[2];
        for (int b = 0; b < 2; b++)
            batch[b] = (struct kit_event){ world[(i + b) % n].json, world[(i + b) % n].origin, world[(i + b) % n].received_ms };
        kit_log(&k, batch, 2);
        kit_log(&calm, batch, 2);
        tl_alloc_fail_at((uint64_t)i / 2 + 1, i % 4 == 0);
        int64_t taken = follow_round(k.follow, &limits, &err);
        tl_alloc_fail_at(0, false);
        failed += taken < 0;
        if (taken < 0)
            assert_int_equal(taken, TL_ENOMEM);
        if (i % 20 == 0)
            kit_follow(&k);
    }
    kit_follow(&k);
    for (uint64_t at = 1; at < 200; at += 3) {
        struct tl_err err = {0};
        tl_alloc_fail_at(at, at % 2 == 0);
        int rc = follow_rebuild(k.follow, NULL, NULL, &err);
        tl_alloc_fail_at(0, false);
        stopped += rc != 0;
    }
    if (failed <= 10 || stopped <= 20)
        fail_msg("only %d rounds and %d rebuilds failed", failed, stopped);
    kit_follow(&k);
    kit_follow(&calm);
    char *a = kit_rows(&k), *b = kit_rows(&calm);
    same_text(b, a, "after failures");
    tl_free(a);
    tl_free(b);
    kit_close(&k);
    kit_close(&calm);
}

/* The first 10,000 steps stand in the row, the rest is counted. */
static void
a_journey_too_long_is_cut_and_says_so(void **state)
{
    enum { STEPS = TL_JOURNEY_STEPS_MAX + 50, BATCH = 2010 };
    static char json[BATCH][120];
    static struct kit_event e[BATCH];
    struct kit k;

    (void)state;
    kit_open(&k, NULL);
    for (int i = 0; i < STEPS; i++) {
        snprintf(json[i % BATCH], sizeof json[0], "{\"id\":\"%d\",\"type\":\"%s\",\"time\":%lld,\"ids\":{\"member\":\"m1\"}}", i, i % 2 ? "a" : "b", 1770000000000LL + i);
        e[i % BATCH] = (struct kit_event){ json[i % BATCH], "web", 1900000000000 };
        if (i % BATCH == BATCH - 1)
            kit_log(&k, e, BATCH);
    }
    kit_follow(&k);
    char *rows = kit_rows(&k);
    assert_non_null(strstr(rows, "\"cut\":50,"));
    assert_non_null(strstr(rows, "\"start\":1770000009999,"));
    assert_null(strstr(rows, "\"start\":1770000010000,"));
    assert_non_null(strstr(rows, "\"last\":1770000010049,"));
    tl_free(rows);
    kit_close(&k);
}

static void
an_undone_run_leaves_nothing(void **state)
{
    struct kit k, other;
    const struct kit_event kept[] = {
        { "{\"id\":\"1\",\"type\":\"view\",\"time\":\"2026-03-01T10:00:00Z\",\"ids\":{\"member\":\"m1\"}}", "web", 1900000000000 },
        { "{\"id\":\"2\",\"type\":\"call\",\"time\":\"2026-03-02T10:00:00Z\",\"ids\":{\"phone\":\"13800000000\"}}", "web", 1900000000000 },
    };
    const struct kit_event run[] = {
        { "{\"id\":\"x\",\"type\":\"step\",\"time\":\"2026-03-01T12:00:00Z\",\"ids\":{\"member\":\"m1\",\"phone\":\"13800000000\"}}", "import:csv:r", 1900000000000 },
    };
    (void)state;
    kit_open(&k, NULL);
    kit_open(&other, NULL);
    kit_log(&k, kept, 1);
    kit_log(&k, run, 1);
    kit_log(&k, kept + 1, 1);
    kit_follow(&k);
    kit_control(&k, "undo", "{\"origin\":\"import:csv:r\"}");
    kit_follow(&k);
    kit_log(&other, kept, 2);
    kit_follow(&other);
    char *a = kit_rows(&k), *b = kit_rows(&other);
    same_text(b, a, "after undo");
    tl_free(a);
    /* imported again after the undo, it counts */
    kit_log(&k, run, 1);
    kit_log(&other, run, 1);
    kit_follow(&k);
    kit_follow(&other);
    a = kit_rows(&k);
    tl_free(b);
    b = kit_rows(&other);
    same_text(b, a, "imported again");
    assert_non_null(strstr(a, "import:csv:r"));
    tl_free(a);
    tl_free(b);
    kit_close(&k);
    kit_close(&other);
}

static void
another_log_or_catalogue_is_rebuilt_for(void **state)
{
    struct kit k;
    char path[PATH_MAX];
    const struct kit_event e[] = {
        { "{\"id\":\"1\",\"type\":\"a\",\"time\":\"2026-03-01T10:00:00Z\",\"ids\":{\"member\":\"m1\"}}", "web", 1900000000000 },
        { "{\"id\":\"2\",\"type\":\"b\",\"time\":\"2026-03-01T18:00:00Z\",\"ids\":{\"member\":\"m1\"}}", "web", 1900000000000 },
    };
    (void)state;
    kit_open(&k, NULL);
    kit_log(&k, e, 2);
    kit_follow(&k);
    assert_null(follow_wants_rebuild(k.follow));
    follow_close(&k.follow);
    mkdir(tl_run_path(path, k.data, "catalogue"), 0700);
    FILE *f = fopen(tl_run_path(path, k.data, "catalogue/x.json"), "w");
    fputs("{\"journey_types\":[{\"id\":\"night\",\"start\":[\"b\"]}]}", f);
    fclose(f);
    kit_open_follow(&k);
    assert_non_null(follow_wants_rebuild(k.follow));
    kit_follow(&k);
    assert_null(follow_wants_rebuild(k.follow));
    char *rows = kit_rows(&k);
    assert_non_null(strstr(rows, "\"journey\":\"night\""));
    tl_free(rows);
    /* changed under a running aggregator: in force with the next rebuild, and not at all when it cannot be read */
    f = fopen(tl_run_path(path, k.data, "catalogue/x.json"), "w");
    fputs("{\"journey_types\":[{\"id\":\"day\",\"start\":[\"a\"]}]}", f);
    fclose(f);
    kit_rebuild(&k);
    assert_null(follow_wants_rebuild(k.follow));
    rows = kit_rows(&k);
    assert_non_null(strstr(rows, "\"journey\":\"day\""));
    assert_null(strstr(rows, "\"journey\":\"night\""));
    tl_free(rows);
    struct tl_err err = {0};
    f = fopen(tl_run_path(path, k.data, "catalogue/y.json"), "w");
    fputs("{\"journey\":1}", f);
    fclose(f);
    assert_int_equal(follow_rebuild(k.follow, NULL, NULL, &err), TL_ECONFIG);
    kit_log(&k, e, 1);
    kit_follow(&k);
    kit_close(&k);
}

/* A flipped byte in the live store is met, told and mended from the log. */
static void
a_damaged_store_is_made_again(void **state)
{
    struct kit k;
    char path[PATH_MAX];
    const struct follow_limits limits = {0};
    struct tl_err err = {0};
    const struct kit_event e[] = {
        { "{\"id\":\"1\",\"type\":\"aaaa\",\"time\":\"2026-03-01T10:00:00Z\",\"ids\":{\"member\":\"m1\"}}", "web", 1900000000000 },
        { "{\"id\":\"2\",\"type\":\"bbbb\",\"time\":\"2026-03-01T18:00:00Z\",\"ids\":{\"member\":\"m1\"}}", "web", 1900000000000 },
    };
    (void)state;
    kit_open(&k, NULL);
    kit_log(&k, e, 1);
    kit_follow(&k);
    follow_close(&k.follow);
    /* every stored copy of the profile: version, not lossy, one event */
    FILE *f = fopen(tl_run_path(path, k.data, "journeys/journeys.1/data.mdb"), "r+b");
    assert_non_null(f);
    static uint8_t page[1 << 20];
    size_t n = fread(page, 1, sizeof page, f);
    for (size_t i = 0; i + 16 < n; i++)
        if (memcmp(page + i, "\0\0\0\0\0\0\0\1\0\0\0\0\2\0\1", 15) == 0)
            page[i + 14] ^= 64;
    rewind(f);
    assert_int_equal(fwrite(page, 1, n, f), n);
    fclose(f);
    kit_open_follow(&k);
    kit_log(&k, e + 1, 1);
    assert_true(follow_round(k.follow, &limits, &err) < 0);
    assert_non_null(follow_wants_rebuild(k.follow));
    kit_follow(&k);
    char *rows = kit_rows(&k);
    assert_non_null(strstr(rows, "\"aaaa\""));
    assert_non_null(strstr(rows, "\"bbbb\""));
    tl_free(rows);
    kit_close(&k);
}

/* A store that an older or a newer program has made: made again from the log, with the same rows, and said. */
static void
another_version_is_made_again(void **state)
{
    static const char *const dbs[] = { "meta", NULL };
    const struct kit_event e[] = {
        { "{\"id\":\"1\",\"type\":\"aaaa\",\"time\":\"2026-03-01T10:00:00Z\",\"ids\":{\"member\":\"m1\"}}", "web", 1900000000000 },
        { "{\"id\":\"2\",\"type\":\"bbbb\",\"time\":\"2026-03-01T18:00:00Z\",\"ids\":{\"member\":\"m2\"}}", "web", 1900000000000 },
    };
    struct kit k;
    (void)state;
    kit_open(&k, NULL);
    kit_log(&k, e, 2);
    kit_follow(&k);
    char *want = kit_rows(&k);
    for (int step = -1; step <= 1; step += 2) {
        char path[PATH_MAX], said[4096] = "";
        uint8_t head[4096];
        struct tl_db *db = NULL;
        struct tl_db_txn *t = NULL;
        struct tl_store *store = NULL;
        struct tl_err err = {0};
        struct tl_str v;
        follow_close(&k.follow);
        assert_int_equal(tl_db_open(&db, kit_store_path(&k, path), 0, 0, dbs, &err), 0);
        assert_int_equal(tl_db_begin(db, true, &t, &err), 0);
        assert_int_equal(tl_db_get(t, 0, TL_STR("head"), &v, &err), 0);
        assert_true(v.n < sizeof head);
        memcpy(head, v.p, v.n);
        head[0] = (uint8_t)(head[0] + step);
        assert_int_equal(tl_db_put(t, 0, TL_STR("head"), (struct tl_str){ (char *)head, v.n }, 0, &err), 0);
        assert_int_equal(tl_db_commit(&t, &err), 0);
        tl_db_close(&db);
        int rc = tl_store_open_read(&store, tl_run_path(path, k.data, "journeys"), &err);
        assert_int_equal(rc, TL_EVERSION);      /* a viewer shows nothing of it */
        assert_non_null(strstr(err.text, "rebuild"));
        FILE *log = tmpfile();
        int saved = dup(2);
        assert_true(log != NULL && saved >= 0 && dup2(fileno(log), 2) == 2);
        kit_open_follow(&k);
        dup2(saved, 2);
        close(saved);
        rewind(log);
        said[fread(said, 1, sizeof said - 1, log)] = 0;
        fclose(log);
        assert_non_null(strstr(said, "journeys_unreadable"));
        assert_non_null(strstr(said, "made anew from the log"));
        kit_follow(&k);
        char *rows = kit_rows(&k);
        assert_string_equal(rows, want);
        tl_free(rows);
    }
    tl_free(want);
    kit_close(&k);
}

static int
log_more(void *arg, const char *phase, uint64_t done, uint64_t total)
{
    static int n;
    char json[160];
    struct kit_event e = { json, "web", 1900000000000 };

    (void)total;
    snprintf(json, sizeof json, "{\"id\":\"late%d\",\"type\":\"%s\",\"time\":\"2026-03-02T10:00:0%dZ\",\"ids\":{\"member\":\"m%d\"}}", n, phase, n % 10, n % 3);
    n++;
    kit_log(arg, &e, 1);
    return done == UINT64_MAX ? -1 : 0;
}

static int
stop_it(void *arg, const char *phase, uint64_t done, uint64_t total)
{
    (void)arg;
    (void)phase;
    (void)done;
    (void)total;
    return TL_EINTR;
}

static void
what_comes_during_a_rebuild_is_in(void **state)
{
    struct kit k;
    struct tl_err err = {0};
    const struct kit_event e = { "{\"id\":\"1\",\"type\":\"a\",\"time\":\"2026-03-01T10:00:00Z\",\"ids\":{\"member\":\"m1\"}}", "web", 1900000000000 };

    (void)state;
    kit_open(&k, NULL);
    kit_log(&k, &e, 1);
    kit_follow(&k);
    assert_int_equal(follow_rebuild(k.follow, stop_it, NULL, &err), TL_EINTR);      /* stopped: the live store goes on */
    assert_int_equal(follow_rebuild(k.follow, log_more, &k, &err), 0);
    assert_int_equal(follow_position(k.follow), tl_eventlog_end(k.log));
    char *rows = kit_rows(&k);
    assert_non_null(strstr(rows, "late0"));
    assert_non_null(strstr(rows, "late1"));
    tl_free(rows);
    kit_close(&k);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_depend_on_the_set_alone),
        cmocka_unit_test(memory_failing_anywhere_leaves_the_store_whole),
        cmocka_unit_test(a_journey_too_long_is_cut_and_says_so),
        cmocka_unit_test(an_undone_run_leaves_nothing),
        cmocka_unit_test(another_log_or_catalogue_is_rebuilt_for),
        cmocka_unit_test(a_damaged_store_is_made_again),
        cmocka_unit_test(another_version_is_made_again),
        cmocka_unit_test(what_comes_during_a_rebuild_is_in),
    };
    return tl_hash_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
