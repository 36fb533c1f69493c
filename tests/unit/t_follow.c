/* t_follow.c - when a store no longer fits, what is said of it, and that it is made anew; a store made aside to look at; what stands unreadable in the log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../aggregator/follow_in.h"
#include "nth_kit.h"
#include "world_kit.h"

/* ---- what no longer fits ---- */

static void
expect_unfit(struct kit *k, struct kit *calm, const char *why)
{
    const char *said = follow_wants_rebuild(k->follow);

    if (said == NULL || strstr(said, why) == NULL)
        fail_msg("\"%s\", not \"%s\"", said != NULL ? said : "it fits", why);
    kit_follow(k);
    assert_null(follow_wants_rebuild(k->follow));
    if (calm != NULL)
        expect_same_rows(k, calm, why);
}

static void
a_store_that_no_longer_fits_is_made_anew(void **state)
{
    char path[PATH_MAX];
    struct tl_store_head *head = NULL;
    struct kit k, calm;

    (void)state;
    small_world(&k, &calm);
    head = tl_store_w_head(k.follow->store);
    head->tallied = false;
    expect_unfit(&k, &calm, "older program");
    head = tl_store_w_head(k.follow->store);
    head->position += 1000;
    expect_unfit(&k, &calm, "ahead of the log");
    tl_store_w_head(k.follow->store)->log[3] ^= 1;
    expect_unfit(&k, &calm, "another log");
    k.follow->damaged = true;
    expect_unfit(&k, &calm, "damaged");
    k.follow->split_lossy = true;
    expect_unfit(&k, &calm, "partly refused");
    k.follow->undone = true;
    expect_unfit(&k, &calm, "taken back");
    snprintf(tl_store_w_head(k.follow->store)->catalogue, 33, "%032d", 7);
    expect_unfit(&k, &calm, "catalogue has changed");
    /* another zone, another region: rows of that, and those of before when they are set back */
    static const struct { const char *zone, *region, *why; } settings[] = { { "UTC", "CN", "time zone" }, { "Asia/Shanghai", "DE", "time zone" }, { "Asia/Shanghai", "CN", "region" } };
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        follow_close(&k.follow);
        snprintf(k.conf.timezone, sizeof k.conf.timezone, "%s", settings[i].zone);
        snprintf(k.conf.identity_region, sizeof k.conf.identity_region, "%s", settings[i].region);
        kit_open_follow(&k);
        expect_unfit(&k, NULL, settings[i].why);
        assert_string_equal(follow_zone(k.follow), settings[i].zone);
    }
    expect_same_rows(&k, &calm, "set back");
    /* another key: customers have other hashes, the rows are the same */
    follow_close(&k.follow);
    unlink(tl_run_path(path, k.data, "keys/identity.key"));
    kit_open_follow(&k);
    expect_unfit(&k, &calm, "identity key");
    kit_close(&k);
    kit_close(&calm);
}

static void
zone_and_region_stay_where_none_is_set(void **state)
{
    static const unsigned kinds[] = { NTH_ALLOC, NTH_BEGIN | NTH_GET, NTH_ENV };
    struct tl_err err = {0};
    struct kit k, calm;

    (void)state;
    small_world(&k, &calm);
    follow_close(&k.follow);
    k.conf.timezone[0] = k.conf.identity_region[0] = 0;
    setenv("TZ", "America/New_York", 1);
    kit_open_follow(&k);
    assert_null(follow_wants_rebuild(k.follow));
    assert_string_equal(follow_zone(k.follow), "Asia/Shanghai");
    follow_close(&k.follow);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {        /* a store that cannot be read just now is asked again, not made anew by another zone */
        int failed = 0;
        for (uint64_t n = 1; nth_more(kinds[i], n, EIO); n++) {
            int rc = follow_open(&k.follow, k.data, &k.conf, k.log, &err);
            assert_true(nth_done() || rc == 0);
            failed += rc != 0;
            if (rc == 0)
                assert_string_equal(follow_zone(k.follow), "Asia/Shanghai");
            follow_close(&k.follow);
        }
        assert_true(failed > 3);
    }
    snprintf(k.conf.identity_region, sizeof k.conf.identity_region, "XX");
    assert_int_equal(follow_open(&k.follow, k.data, &k.conf, k.log, &err), TL_ECONFIG);
    assert_non_null(strstr(err.text, "\"XX\""));
    assert_non_null(strstr(err.text, "allowed"));
    k.conf.identity_region[0] = 0;
    snprintf(k.conf.timezone, sizeof k.conf.timezone, "Mars/Olympus");
    assert_int_equal(follow_open(&k.follow, k.data, &k.conf, k.log, &err), TL_ENOTFOUND);
    unsetenv("TZ");
    k.conf.timezone[0] = 0;
    kit_open_follow(&k);
    kit_close(&k);
    kit_close(&calm);
}

/* ---- small rounds ---- */

static void
rounds_of_any_size_come_to_the_same(void **state)
{
    static const struct follow_limits limits[] = { { .events_max = 1 }, { .customers_max = 1 }, { .events_max = 3, .customers_max = 2 }, { .round_ms = 1 } };
    struct kit k, calm;

    (void)state;
    small_world(&k, &calm);
    for (int i = 24, turn = 0; i + 8 < 160; i += 8, turn++) {
        struct tl_err err = {0};
        int64_t taken = 1;
        log_both(&k, &calm, i, 8);
        while (taken > 0) {
            taken = follow_round(k.follow, &limits[turn % 4], &err);
            assert_true(taken >= 0);
        }
    }
    kit_follow(&calm);
    expect_same_rows(&k, &calm, "in small rounds");
    kit_close(&k);
    kit_close(&calm);
}

/* ---- undo ---- */

static void
an_undo_failing_anywhere(void **state)
{
    static const unsigned kinds[] = { NTH_ALLOC, NTH_GET | NTH_CURSOR | NTH_PUT, NTH_BEGIN | NTH_COMMIT };
    struct kit k, calm;
    int failed = 0;

    (void)state;
    small_world(&k, &calm);
    for (int i = 24; i < 64; i += 8)
        log_both(&k, &calm, i, 8);
    kit_control(&calm, "undo", "{\"origin\":\"import:xes:run\"}");
    kit_control(&calm, "undo", "{\"origin\":\"import:none\"}");
    kit_control(&k, "undo", "{\"origin\":\"import:xes:run\"}");
    kit_control(&k, "undo", "{\"origin\":\"import:none\"}");
    log_both(&k, &calm, 100, 8);
    kit_follow(&calm);
    for (size_t f = 0; f < sizeof kinds / sizeof kinds[0]; f++)
        for (uint64_t n = 1; nth_more(kinds[f], n, EIO); n += n / 20 + 1) {
            struct tl_err err = {0};
            int rc = follow_rebuild(k.follow, NULL, NULL, &err);
            bool hit = nth_done();
            assert_true(rc == 0 || (hit && err.text[0] != 0));
            failed += rc != 0;
        }
    assert_true(failed > 50);
    kit_follow(&k);
    expect_same_rows(&k, &calm, "after an undo that failed");
    kit_close(&k);
    kit_close(&calm);
}

/* What only a rebuild mends is still to be mended after one that failed late. */
static void
what_failed_is_still_to_do(void **state)
{
    static const char *const fails[] = { "mdb_env_sync", "rename" };
    struct kit k, calm;

    (void)state;
    small_world(&k, &calm);
    for (size_t i = 0; i < sizeof fails / sizeof fails[0]; i++) {
        struct tl_err err = {0};
        k.follow->undone = k.follow->split_lossy = k.follow->damaged = k.follow->folder_changed = true;
        nth_only(fails[i], 1, EIO, true);
        int rc = follow_rebuild(k.follow, NULL, NULL, &err);
        assert_true(nth_done() && rc != 0);
        assert_true(k.follow->undone && k.follow->split_lossy && k.follow->damaged && k.follow->folder_changed);
    }
    assert_int_equal(follow_rebuild(k.follow, NULL, NULL, NULL), 0);
    assert_false(k.follow->undone || k.follow->split_lossy || k.follow->damaged || k.follow->folder_changed);
    expect_same_rows(&k, &calm, "after one that failed late");
    kit_close(&k);
    kit_close(&calm);
}

/* ---- a split that the log alone can tell ---- */

/* Whatever ends the rebuild that a split needs, the next start, or the next round, begins it again. */
static void
a_split_survives_its_rebuild_failing(void **state)
{
    static const struct kit_event e[] = {
        { "{\"id\":\"1\",\"type\":\"a\",\"time\":\"2026-03-01T10:00:00Z\",\"ids\":{\"member\":\"m1\",\"phone\":\"13800138000\"}}", "web", 1900000000000 },
        { "{\"id\":\"2\",\"type\":\"b\",\"time\":\"2026-03-01T11:00:00Z\",\"ids\":{\"member\":\"m1\"}}", "web", 1900000000000 },
        { "{\"id\":\"2\",\"type\":\"c\",\"time\":\"2026-03-01T12:00:00Z\",\"ids\":{\"phone\":\"13800138000\"}}", "web", 1900000000000 },
    };
    static const char cut[] = "{\"a\":{\"kind\":\"member\",\"value\":\"m1\"},\"b\":{\"kind\":\"phone\",\"value\":\"13800138000\"}}";
    static const char *const fails[] = { "mkdir", "mdb_env_sync", "rename", NULL };     /* at its beginning, before and in the swing; or the process ends */
    struct kit k, calm;

    (void)state;
    kit_open(&calm, NULL);
    kit_log(&calm, e, 3);
    kit_control(&calm, "unlink", cut);
    kit_rebuild(&calm);
    for (size_t i = 0; i < 2 * sizeof fails / sizeof fails[0]; i++) {
        struct tl_err err = {0};
        kit_open(&k, NULL);
        kit_log(&k, e, 3);
        kit_follow(&k);
        kit_control(&k, "unlink", cut);
        if (fails[i / 2] != NULL) {
            nth_only(fails[i / 2], 1, EIO, true);
            int64_t taken = follow_round(k.follow, &(struct follow_limits){0}, &err);
            assert_true(nth_done() && taken < 0);
        } else {
            assert_true(follow_one(k.follow, k.follow->weave, &(struct follow_limits){0}, &err) >= 0);
        }
        if (i % 2 || fails[i / 2] == NULL) {
            follow_close(&k.follow);
            kit_open_follow(&k);
        }
        kit_follow(&k);
        expect_same_rows(&k, &calm, fails[i / 2] != NULL ? fails[i / 2] : "ended");
        kit_close(&k);
    }
    kit_close(&calm);
}

/* ---- what the log holds that cannot be read ---- */

static void
a_batch_that_cannot_be_read_is_counted_and_passed(void **state)
{
    static const struct kit_event e[] = {
        { "{\"id\":\"1\",\"type\":\"a\",\"time\":\"2026-03-01T10:00:00Z\",\"ids\":{\"member\":\"m1\"}}", "web", 1900000000000 },
        { "{\"id\":\"2\",\"type\":\"b\",\"time\":\"2026-03-01T18:00:00Z\",\"ids\":{\"member\":\"m1\"}}", "web", 1900000000000 },
    };
    struct tl_wire_head head = { .n_events = 5, .raw_len = 40 };
    struct follow_totals totals;
    struct tl_buf half = {0};
    struct tl_event ev = { .has = 0 };
    uint64_t position = 0;
    struct kit k;

    (void)state;
    kit_open(&k, NULL);
    kit_log(&k, e, 1);
    tl_wire_begin(&half, TL_KIND_EVENTS);
    tl_wire_put_event(&half, &ev);
    tl_wire_end(&half, 5);              /* says five and holds one, which nobody sent: neither customer nor type */
    head.raw_len = (uint32_t)half.len;
    assert_int_equal(tl_eventlog_begin(k.log, NULL), 0);
    assert_int_equal(tl_eventlog_append(k.log, &head, (struct tl_str){ (char *)half.data, half.len }, 1800000000000, &position, NULL), 0);
    assert_int_equal(tl_eventlog_commit(k.log, NULL), 0);
    kit_log(&k, e + 1, 1);
    for (int built = 0; built < 2; built++) {
        if (built)
            kit_rebuild(&k);
        else
            kit_follow(&k);
        follow_totals(k.follow, &totals);
        assert_int_equal(totals.position, 8);
        assert_int_equal(totals.refused, 5);
        assert_int_equal(totals.stitched, 2);
        char *rows = kit_rows(&k);
        assert_non_null(strstr(rows, "\"touchpoint\":\"b\""));
        tl_free(rows);
    }
    tl_buf_free(&half);
    kit_close(&k);
}

/* ---- a store to look at ---- */

static int
no_more(void *arg, const char *phase, uint64_t done, uint64_t total)
{
    (void)arg, (void)phase, (void)done, (void)total;
    return TL_EINTR;
}

static char *
rows_aside(const struct follow_scratch *s, struct tl_eventlog *log)
{
    char path[PATH_MAX];
    uint8_t key[TL_KEY_BYTES];
    struct tl_store *store = NULL;
    struct tl_store_txn *t = NULL;
    struct tl_buf out = {0};

    assert_int_equal(tl_key_load(tl_run_path(path, s->dir, "keys/identity.key"), 0, key, NULL), 0);
    assert_int_equal(tl_store_open_read(&store, tl_run_path(path, s->dir, "journeys"), NULL), 0);
    assert_int_equal(tl_store_begin(store, &t, NULL), 0);
    assert_int_equal(tl_canon_rows(t, log, key, kit_line, &out, NULL), 0);
    tl_store_end(&t);
    tl_store_close(&store);
    tl_buf_put_u8(&out, 0);
    return (char *)out.data;
}

static void
a_store_aside(void **state)
{
    static const unsigned kinds[] = { NTH_ALLOC, NTH_DB & ~NTH_ENV, NTH_ENV, NTH_FILE };
    char path[PATH_MAX], aside[PATH_MAX];
    struct tl_err err = {0};
    struct kit k, calm;

    (void)state;
    small_world(&k, &calm);
    char *want = kit_rows(&calm);
    struct follow_scratch s = { aside, "Asia/Shanghai", "CN", tl_eventlog_end(k.log) };
    tl_run_path(aside, k.data, "aside");
    mkdir(aside, 0700);
    assert_int_equal(follow_scratch(&s, k.log, NULL, NULL, &err), TL_ENOTFOUND);        /* without a key */
    mkdir(tl_run_path(path, aside, "keys"), 0700);
    mkdir(tl_run_path(path, aside, "catalogue"), 0700);
    uint8_t key[TL_KEY_BYTES];
    assert_int_equal(tl_key_load(tl_run_path(path, k.data, "keys/identity.key"), 0, key, NULL), 0);
    FILE *f = fopen(tl_run_path(path, aside, "keys/identity.key"), "w");
    fwrite(key, 1, sizeof key, f);
    fclose(f);
    f = fopen(tl_run_path(path, aside, "catalogue/test.json"), "w");
    fputs(world_catalogue, f);
    fclose(f);
    s.zone = "No/Where";
    assert_int_equal(follow_scratch(&s, k.log, NULL, NULL, &err), TL_ENOTFOUND);
    s.zone = "Asia/Shanghai";
    s.region = "XX";
    assert_int_equal(follow_scratch(&s, k.log, NULL, NULL, &err), TL_ECONFIG);
    s.region = "CN";
    assert_int_equal(follow_scratch(&s, k.log, no_more, NULL, &err), TL_EINTR);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        int failed = 0;
        for (uint64_t n = 1; nth_more(kinds[i], n, EIO); n += n / 20 + 1) {
            err = (struct tl_err){0};
            int rc = follow_scratch(&s, k.log, NULL, NULL, &err);
            bool hit = nth_done();
            if (rc != 0 && (!hit || err.text[0] == 0))
                fail_msg("the %lluth of %u: %s \"%s\"", (unsigned long long)n, kinds[i], tl_err_name(rc), err.text);
            failed += rc != 0;
        }
        assert_true(failed > 3);
        char *got = rows_aside(&s, k.log);
        same_text(want, got, "aside");
        tl_free(got);
    }
    /* up to a position: later ones are not in it */
    s.until = 9;
    assert_int_equal(follow_scratch(&s, k.log, NULL, NULL, &err), 0);
    char *early = rows_aside(&s, k.log);
    assert_true(strlen(early) < strlen(want));
    tl_free(early);
    tl_free(want);
    expect_same_rows(&k, &calm, "beside the one aside");
    kit_close(&k);
    kit_close(&calm);
}

/* ---- versions in the log ---- */

static void
versions(void **state)
{
    static const char body[] = "{\"files\":[{\"name\":\"t.json\",\"text\":\"{\\\"journey_types\\\":[{\\\"id\\\":\\\"day\\\",\\\"start\\\":[\\\"a\\\"]}]}\"}]}";
    struct tl_err err = {0};
    struct version v = {0};
    struct kit k;

    (void)state;
    kit_open(&k, NULL);
    assert_false(version_since(k.log, 1, 10));
    kit_control(&k, "improvement", "{\"id\":\"i\"}");
    assert_false(version_since(k.log, 1, 10));
    assert_true(version_since(k.log, 1, 0));            /* too many to look at */
    assert_int_equal(version_at(&v, k.log, 1, &err), TL_ENOTFOUND);
    assert_non_null(strstr(err.text, "position 1"));
    assert_int_equal(version_last(&v, k.log, &err), TL_ENOTFOUND);
    kit_control(&k, "catalogue", body);
    kit_control(&k, "catalogue", "{\"files\":7}");      /* cannot be read: passed over */
    assert_true(version_since(k.log, 1, 10));
    assert_true(version_since(k.log, 2, 10));
    assert_int_equal(version_at(&v, k.log, 2, &err), 0);
    assert_int_equal(v.at, 2);
    version_free(&v);
    assert_int_equal(version_at(&v, k.log, 3, &err), TL_EINVAL);
    int failed = 0;
    for (uint64_t n = 1; nth_more(NTH_ALLOC, n, 0); n++) {      /* never an earlier one, for want of memory */
        int rc = version_last(&v, k.log, &err);
        bool hit = nth_done();
        assert_true(hit || rc == 0);
        if (rc == 0)
            assert_int_equal(v.at, 2);
        else
            assert_int_equal(rc, TL_ENOMEM);
        failed += rc != 0;
        version_free(&v);
    }
    assert_true(failed > 3);
    nth_more(NTH_GET | NTH_CURSOR, 1, EIO);
    assert_true(version_since(k.log, 1, 10));           /* not known: then it may */
    nth_done();
    nth_more(NTH_GET | NTH_CURSOR, 1, EIO);
    assert_int_equal(version_last(&v, k.log, &err), TL_EIO);
    nth_done();
    kit_close(&k);
}

/* Words of a lifecycle in any letters, events known by their touchpoint alone, sources that cannot be kept. */
static void
what_events_say_of_themselves(void **state)
{
    static const struct { const char *more, *want; } rows[] = {
        { ",\"type\":\"a0\",\"lifecycle\":\"COMPLETE\"", "\"type\":\"a0\",\"touchpoint\":\"a0\",\"stream\":\"live\",\"role\":\"step\",\"lifecycle\":\"complete\"" },
        { ",\"type\":\"a1\",\"lifecycle\":\"sTarT\"", "\"touchpoint\":\"a1\",\"stream\":\"live\",\"role\":\"step\",\"lifecycle\":\"start\"" },
        { ",\"type\":\"a2\",\"lifecycle\":\"st~rt\"", "\"touchpoint\":\"a2\",\"stream\":\"live\",\"role\":\"step\",\"lifecycle\":\"other\"" },
        { ",\"type\":\"a3\",\"lifecycle\":\"\"", "\"touchpoint\":\"a3\",\"stream\":\"live\",\"role\":\"step\",\"lifecycle\":\"none\"" },
        { ",\"type\":\"a4\",\"outcome\":\"fail\",\"stream\":\"pilot\"", "\"touchpoint\":\"a4\",\"stream\":\"pilot\",\"role\":\"step\",\"lifecycle\":\"none\",\"outcome\":\"fail\"" },
        { ",\"touchpoint\":\"a5\"", "\"touchpoint\":\"a5\"" },
        { ",\"type\":\"a6\",\"touchpoint\":\"t6\"", "\"type\":\"a6\",\"touchpoint\":\"t6\"" },
        { ",\"type\":\"a7\",\"scores\":{\"own\":1e300,\"csat5\":4,\"other\":-1e300}", "\"type\":\"a7\"" },
        { ",\"type\":\"a8\",\"handle_ms\":700,\"wait_ms\":5", "\"type\":\"a8\"" },
    };
    enum { ROWS = sizeof rows / sizeof rows[0] };
    static char longest[TL_WATERMARK_NAME_MAX + 2];
    static const char beat[] = "{\"type\":\"heartbeat\",\"time\":1780243200000}";
    const struct kit_event beats[] = { { beat, "", 1900000000000 }, { beat, longest, 1900000000000 }, { beat, "import:csv:x", 1900000000000 }, { beat, "till", 1900000000000 } };
    char json[ROWS][300];
    struct follow_totals totals;
    struct kit k;

    (void)state;
    memset(longest, 0x78, sizeof longest - 1);
    kit_open(&k, NULL);
    for (size_t i = 0; i < ROWS; i++) {
        snprintf(json[i], sizeof json[i], "{\"id\":\"%zu\",\"time\":\"2026-03-01T10:00:00Z\",\"ids\":{\"member\":\"m%zu\"}%s}", i, i, rows[i].more);
        kit_log(&k, &(struct kit_event){ json[i], "web", 1900000000000 }, 1);
    }
    kit_log(&k, beats, 4);
    kit_follow(&k);
    char *got = kit_rows(&k);
    for (size_t i = 0; i < ROWS; i++)
        if (strstr(got, rows[i].want) == NULL)
            fail_msg("%s is not in\n%s", rows[i].want, got);
    assert_non_null(strstr(got, "\"source\":\"till\""));
    assert_null(strstr(got, "xxxx"));
    assert_null(strstr(got, "\"source\":\"\""));
    follow_totals(k.follow, &totals);
    assert_int_equal(totals.heartbeats, 4);
    assert_int_equal(totals.stitched, ROWS);
    tl_free(got);
    kit_close(&k);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_events_say_of_themselves),
        cmocka_unit_test(a_store_that_no_longer_fits_is_made_anew), cmocka_unit_test(zone_and_region_stay_where_none_is_set),
        cmocka_unit_test(rounds_of_any_size_come_to_the_same),      cmocka_unit_test(an_undo_failing_anywhere), cmocka_unit_test(a_split_survives_its_rebuild_failing), cmocka_unit_test(what_failed_is_still_to_do),
        cmocka_unit_test(a_batch_that_cannot_be_read_is_counted_and_passed), cmocka_unit_test(a_store_aside), cmocka_unit_test(versions),
    };
    return tl_hash_init() == 0 ? cmocka_run_group_tests_name("follow", tests, NULL, NULL) : 1;
}
