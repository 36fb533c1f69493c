/* t_activate.c - a catalogue that is activated by a control record: which one holds at any moment, what a store keeps of it, and that the log alone tells it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "store_kit.h"
#include "tl_catalogue_files.h"

#define FILE_OF(json) "{\"files\":[{\"name\":\"t.json\",\"text\":\"" json "\"}]}"
#define TYPE(id, start) FILE_OF("{\\\"journey_types\\\":[{\\\"id\\\":\\\"" id "\\\",\\\"start\\\":[\\\"" start "\\\"]}]}")
#define NIGHT "{\"journey_types\":[{\"id\":\"night\",\"start\":[\"b\"]}]}"

static const struct kit_event some[] = {
    { "{\"id\":\"1\",\"type\":\"a\",\"time\":\"2026-03-01T10:00:00Z\",\"ids\":{\"member\":\"m1\"}}", "web", 1900000000000 },
    { "{\"id\":\"2\",\"type\":\"b\",\"time\":\"2026-03-01T18:00:00Z\",\"ids\":{\"member\":\"m1\"}}", "web", 1900000000000 },
    { "{\"id\":\"3\",\"type\":\"c\",\"time\":\"2026-03-02T18:00:00Z\",\"ids\":{\"member\":\"m2\"}}", "web", 1900000000000 },
};

static uint64_t
record(struct kit *k, const char *body)
{
    struct tl_err err = {0};
    uint64_t position = 0;

    assert_int_equal(tl_eventlog_begin(k->log, &err), 0);
    assert_int_equal(tl_eventlog_append_control(k->log, "catalogue", "tester", 1900000000000, tl_str_of(body), &position, &err), 0);
    assert_int_equal(tl_eventlog_commit(k->log, &err), 0);
    return position;
}

/* one round, then what the store says of its version */
static struct follow_catalogue
round_of(struct kit *k)
{
    const struct follow_limits limits = {0};
    struct follow_catalogue c;
    struct tl_err err = {0};

    assert_true(follow_round(k->follow, &limits, &err) >= 0);
    follow_catalogue(k->follow, &c);
    return c;
}

static bool
has(struct kit *k, const char *what)
{
    char *rows = kit_rows(k);
    bool found = strstr(rows, what) != NULL;

    tl_free(rows);
    return found;
}

static void
the_last_record_holds(void **state)
{
    struct kit k;
    struct follow_catalogue c;
    (void)state;
    kit_open(&k, NIGHT);
    kit_log(&k, some, 3);
    c = round_of(&k);
    assert_int_equal(c.at, 0);
    assert_true(c.time_ms == TL_TIME_NONE);
    assert_true(has(&k, "\"journey\":\"night\""));
    uint64_t first = record(&k, TYPE("day", "a"));
    c = round_of(&k);               /* passed: the live store goes on by its own */
    assert_int_equal(c.at, 0);
    assert_int_equal(c.due, first);
    assert_int_equal(strlen(c.due_hash), 32);
    assert_true(has(&k, "\"journey\":\"night\""));
    assert_non_null(strstr(follow_wants_rebuild(k.follow), "activated"));
    uint64_t second = record(&k, TYPE("late", "c"));
    c = round_of(&k);
    assert_true(c.at == first || c.at == second);
    kit_follow(&k);
    follow_catalogue(k.follow, &c);
    assert_int_equal(c.at, second);
    assert_int_equal(c.due, second);
    assert_true(c.time_ms == 1900000000000);
    assert_string_equal(c.due_hash, "");
    assert_true(has(&k, "\"journey\":\"late\""));
    assert_false(has(&k, "\"journey\":\"night\""));
    assert_null(follow_wants_rebuild(k.follow));
    kit_close(&k);
}

/* The folder is a working copy then: edited, broken or gone, nothing depends on it, and a store made from the log alone is the same. */
static void
the_log_alone_tells(void **state)
{
    struct kit k;
    char path[PATH_MAX], *before, *after;
    struct follow_catalogue c;
    (void)state;
    kit_open(&k, NIGHT);
    kit_log(&k, some, 2);
    record(&k, TYPE("day", "a"));
    kit_log(&k, some + 2, 1);
    uint64_t last = record(&k, TYPE("late", "c"));
    record(&k, "{\"files\":[{\"name\":\"t.json\",\"text\":\"what another program wrote\"}]}");    /* passed over */
    kit_follow(&k);
    before = kit_rows(&k);
    follow_close(&k.follow);
    FILE *f = fopen(tl_run_path(path, k.data, "catalogue/test.json"), "w");
    fputs("{broken", f);
    fclose(f);
    kit_remove(tl_run_path(path, k.data, "journeys"));
    kit_open_follow(&k);
    kit_follow(&k);
    follow_catalogue(k.follow, &c);
    assert_int_equal(c.at, last);
    assert_null(follow_wants_rebuild(k.follow));
    after = kit_rows(&k);
    assert_string_equal(before, after);
    tl_free(before);
    tl_free(after);
    kit_close(&k);
}

/* A start that finds a record passed but not acted on goes on with it: where the process ended makes no difference. */
static void
a_start_goes_on(void **state)
{
    struct kit k;
    struct follow_catalogue c;
    (void)state;
    kit_open(&k, NIGHT);
    kit_log(&k, some, 3);
    kit_follow(&k);
    uint64_t at = record(&k, TYPE("day", "a"));
    round_of(&k);
    follow_close(&k.follow);
    kit_open_follow(&k);
    follow_catalogue(k.follow, &c);
    assert_int_equal(c.due, at);
    assert_int_equal(strlen(c.due_hash), 32);
    assert_non_null(follow_wants_rebuild(k.follow));
    kit_follow(&k);
    assert_true(has(&k, "\"journey\":\"day\""));
    kit_close(&k);
}

static int
stop_it(void *arg, const char *phase, uint64_t done, uint64_t total)
{
    (void)arg, (void)phase, (void)done, (void)total;
    return TL_EINTR;
}

struct later { struct kit *k; int calls; uint64_t at; };

static int
activate_later(void *arg, const char *phase, uint64_t done, uint64_t total)
{
    struct later *l = arg;
    (void)phase, (void)done, (void)total;
    if (l->calls++ == 0)
        l->at = record(l->k, TYPE("late", "c"));
    return 0;
}

/* Stopped in the middle nothing has changed; one that is activated during a rebuild is the one that holds in the end. */
static void
a_rebuild_may_be_stopped_or_overtaken(void **state)
{
    struct kit k;
    struct follow_catalogue c;
    struct later l = { .k = &k };
    struct tl_err err = {0};
    (void)state;
    kit_open(&k, NIGHT);
    kit_log(&k, some, 3);
    record(&k, TYPE("day", "a"));
    round_of(&k);
    assert_int_equal(follow_rebuild(k.follow, stop_it, NULL, &err), TL_EINTR);
    assert_true(has(&k, "\"journey\":\"night\""));
    assert_int_equal(follow_rebuild(k.follow, activate_later, &l, &err), 0);
    kit_follow(&k);
    follow_catalogue(k.follow, &c);
    assert_int_equal(c.at, l.at);
    assert_true(has(&k, "\"journey\":\"late\""));
    kit_close(&k);
}

static int
no_disk(void *arg, const char *phase, uint64_t done, uint64_t total)
{
    (void)arg, (void)phase, (void)done, (void)total;
    return TL_ENOSPC;
}

/* What cannot be made yet holds nothing up: rounds go on by the version before, it is said why, and tried again later. */
static void
trouble_holds_nothing_up(void **state)
{
    struct kit k;
    struct follow_catalogue c;
    struct tl_err err = {0};
    (void)state;
    kit_open(&k, NIGHT);
    kit_log(&k, some, 2);
    uint64_t at = record(&k, TYPE("late", "c"));
    round_of(&k);
    assert_int_equal(follow_rebuild(k.follow, no_disk, NULL, &err), TL_ENOSPC);
    follow_catalogue(k.follow, &c);
    assert_int_equal(c.due, at);
    assert_true(c.trouble[0] != 0);
    assert_null(follow_wants_rebuild(k.follow));        /* not at once */
    kit_log(&k, some + 2, 1);
    c = round_of(&k);
    assert_int_equal(follow_position(k.follow), tl_eventlog_end(k.log));
    assert_int_equal(c.at, 0);
    assert_true(c.trouble[0] != 0);
    assert_int_equal(follow_rebuild(k.follow, NULL, NULL, &err), 0);
    follow_catalogue(k.follow, &c);
    assert_int_equal(c.at, at);
    assert_string_equal(c.trouble, "");
    assert_true(has(&k, "\"journey\":\"late\""));
    kit_close(&k);
}

/* What says the same needs no journeys made: only the record is noted. A store that passed it and one that was made after it are equal. */
static void
the_same_again_changes_nothing(void **state)
{
    struct kit k;
    struct follow_catalogue c;
    (void)state;
    kit_open(&k, NIGHT);
    kit_log(&k, some, 3);
    kit_follow(&k);
    uint64_t at = record(&k, FILE_OF("{ \\\"journey_types\\\": [ {\\\"id\\\":\\\"night\\\", \\\"start\\\":[\\\"b\\\"]} ] }"));
    c = round_of(&k);
    assert_int_equal(c.at, at);
    assert_int_equal(c.due, at);
    assert_null(follow_wants_rebuild(k.follow));
    kit_close(&k);
}

static void
text_and_folder_say_the_same(void **state)
{
    struct kit k;
    char path[PATH_MAX];
    struct tl_arena *a = tl_arena_new(1u << 24);
    struct tl_catalogue_files f;
    struct tl_catalogue *x = NULL, *y = NULL;
    struct tl_buf b = {0};
    struct tl_err err = {0};
    (void)state;
    kit_open(&k, NIGHT);
    tl_run_path(path, k.data, "catalogue");
    assert_int_equal(tl_catalogue_files_read(path, a, &f, &err), 0);
    assert_int_equal(f.n, 1);
    struct tl_jw w = tl_jw_to(&b);
    tl_jw_open(&w, NULL);
    tl_catalogue_files_json(&w, &f);
    tl_jw_close(&w);
    assert_int_equal(tl_catalogue_load(path, &x, &err), 0);
    assert_int_equal(tl_catalogue_of_body((struct tl_str){ (char *)b.data, b.len }, &y, &err), 0);
    assert_string_equal(x->hash, y->hash);
    tl_catalogue_free(&x);
    tl_catalogue_free(&y);
    tl_buf_free(&b);
    tl_arena_free(&a);
    kit_close(&k);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_record_holds),
        cmocka_unit_test(the_log_alone_tells),
        cmocka_unit_test(a_start_goes_on),
        cmocka_unit_test(a_rebuild_may_be_stopped_or_overtaken),
        cmocka_unit_test(trouble_holds_nothing_up),
        cmocka_unit_test(the_same_again_changes_nothing),
        cmocka_unit_test(text_and_folder_say_the_same),
    };
    if (tl_hash_init() != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
