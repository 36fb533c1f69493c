/* t_visits.c - the register of mystery visits: who belongs to one and when; entered before, during or after, changed, withdrawn, it comes to the same, and
 * the store is not made anew for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../aggregator/visits.h"
#include "store_kit.h"

#define HASH "00112233445566778899aabbccddeeff"

static void
t_bodies(void **state)
{
    static const struct { const char *body; int rc; uint32_t keys; } rows[] = {
        { "{\"id\":\"a\",\"hashes\":[\"" HASH "\"],\"orders\":[\"o1\",\"o2\"],\"from\":1000000,\"to\":\"1970-01-01T01:00:00Z\"}", 0, 3 },
        { "{\"id\":\"a\",\"orders\":[],\"from\":1,\"to\":2}", 0, 0 },
        { "{\"id\":\"a\",\"withdrawn\":true}", 0, 0 },
        { "{\"id\":\"a\",\"withdrawn\":true,\"orders\":[\"o\"],\"from\":1,\"to\":2}", 0, 0 },
        { "{\"id\":\"a\",\"orders\":[\"o\"],\"from\":1}", 0, 1 },
        { "{\"id\":\"a\",\"orders\":[\"o\"],\"from\":\"noon\",\"to\":\"one\"}", TL_EINVAL, 0 },
        { "{\"id\":\"a\",\"hashes\":[\"00\"],\"from\":1,\"to\":2}", 0, 0 },
        { "{\"id\":\"a\",\"hashes\":[\"zz112233445566778899aabbccddeeff\"],\"from\":1,\"to\":2}", 0, 0 },
        { "[]", TL_EINVAL, 0 }, { "", TL_EINVAL, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct visit v;
        int rc = visit_read(tl_str_of(rows[i].body), &v);
        if (rc != rows[i].rc || v.key_n != rows[i].keys)
            fail_msg("%s: %d, %u keys", rows[i].body, rc, v.key_n);
        visit_free(&v);
    }
}

static void
t_window(void **state)
{
    const int64_t from = 1780000000000, to = from + 1800000;
    struct visits *r = visits_new();
    struct visit v;
    char body[200];
    struct visit_key order = visit_key_of_order(tl_kept_hash('o', TL_STR("o1"), (struct tl_str){0})), other = visit_key_of_order(7);
    (void)state;

    assert_false(visits_has(r, &order, 1, from));
    for (int i = 0; i < 50; i++) {      /* others, at other times */
        snprintf(body, sizeof body, "{\"id\":\"x%d\",\"orders\":[\"o1\",\"p%d\"],\"from\":%lld,\"to\":%lld}", i, i, (long long)from + (i + 10) * TL_DAY_MS, (long long)from + (i + 10) * TL_DAY_MS);
        assert_int_equal(visit_read(tl_str_of(body), &v), 0);
        assert_int_equal(visits_put(r, &v), 0);
    }
    snprintf(body, sizeof body, "{\"id\":\"v\",\"orders\":[\"o1\"],\"from\":%lld,\"to\":%lld}", (long long)from, (long long)to);
    assert_int_equal(visit_read(tl_str_of(body), &v), 0);
    assert_int_equal(visits_put(r, &v), 0);
    const struct { int64_t at; bool in; } rows[] = {
        { from - 15 * 60000, true }, { from - 15 * 60000 - 1, false }, { from, true }, { to, true },
        { to + INT64_C(72) * 3600000, true }, { to + INT64_C(72) * 3600000 + 1, false }, { INT64_MIN, false }, { INT64_MAX, false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct visit_key both[] = { other, order };
        assert_int_equal(visits_has(r, both, 2, rows[i].at), rows[i].in);
        assert_false(visits_has(r, &other, 1, rows[i].at));
    }
    assert_true(visits_take(r, TL_STR("v"), &v));
    assert_false(visits_has(r, &order, 1, from));
    assert_false(visits_take(r, TL_STR("v"), &v) && v.key_n > 0);
    visit_free(&v);
    visits_free(&r);
    assert_null(r);
}

/* A shopper who gives their own telephone, which a real customer has too; an order paid at a till that knows nobody; a replay and a pilot of the shopper. */
#define EV(id, t, ids, more) { "{\"id\":\"" id "\",\"type\":\"view\",\"time\":\"2026-03-" t "Z\",\"ids\":{" ids "}" more "}", "web", 1900000000000 }
static const struct kit_event events[] = {
    EV("r1", "01T10:00:00", "\"member\":\"m1\",\"phone\":\"13800000000\"", ""),
    EV("v1", "10T12:00:00", "\"user\":\"u90000\",\"phone\":\"13800000000\"", ",\"order\":\"o77\""),
    EV("v2", "10T12:05:00", "\"device\":\"till3\"", ",\"order\":\"o77\""),
    EV("v3", "10T12:06:00", "\"user\":\"u90000\"", ",\"stream\":\"replay\""),
    EV("r2", "10T12:07:00", "\"member\":\"m1\"", ""),
    EV("v4", "12T12:00:00", "\"user\":\"u90000\",\"email\":\"a@b.c\"", ",\"stream\":\"pilot\""),
    EV("r3", "20T10:00:00", "\"device\":\"till3\"", ",\"order\":\"o77\""),
    EV("r4", "21T10:00:00", "\"email\":\"a@b.c\"", ""),
};
enum { EVENTS_N = sizeof events / sizeof events[0] };
#define VISIT "{\"id\":\"v0\",\"identities\":[{\"kind\":\"user\",\"value\":\"u90000\"}],\"orders\":[\"o77\"],\"from\":\"2026-03-10T12:00:00Z\",\"to\":\"2026-03-10T12:30:00Z\"}"
#define OTHER "{\"id\":\"v0\",\"orders\":[\"o1\"],\"from\":\"2026-03-19T12:00:00Z\",\"to\":\"2026-03-20T12:30:00Z\"}"

static void
log_events(struct kit *k, int from, int to)
{
    for (int i = from; i < to; i++)
        kit_log(k, &events[i], 1);
}

static char *
known_from_the_start(const char *visit)
{
    struct kit k;

    kit_open(&k, NULL);
    if (visit != NULL)
        kit_control(&k, "visit", visit);
    log_events(&k, 0, EVENTS_N);
    kit_follow(&k);
    char *rows = kit_rows(&k);
    kit_close(&k);
    return rows;
}

static void
expect_rows(struct kit *k, const char *want, const char *what)
{
    char path[PATH_MAX], *is = kit_rows(k);

    if (strcmp(is, want) != 0)
        fail_msg("%s:\n%s\nbut known from the start:\n%s", what, is, want);
    tl_free(is);
    assert_string_equal(strrchr(kit_store_path(k, path), '/') + 1, "journeys.1");        /* never made anew */
}

static void
t_who_is_whose(void **state)
{
    (void)state;
    char *with = known_from_the_start(VISIT), *without = known_from_the_start(NULL);
    /* journeys of each stream: who is who is told by their smallest identity */
    assert_non_null(strstr(with, "\"customer\":\"member:m1\",\"start\":1772359200000,\"last\":1773144420000,\"outcome\":\"undecided\",\"stream\":\"live\""));
    assert_non_null(strstr(with, "\"customer\":\"user:u90000\",\"start\":1773144000000,\"last\":1773144000000,\"outcome\":\"undecided\",\"stream\":\"mystery\""));
    assert_non_null(strstr(with, "\"customer\":\"device:till3\",\"start\":1773144300000,\"last\":1773144300000,\"outcome\":\"undecided\",\"stream\":\"mystery\""));
    assert_non_null(strstr(with, "\"customer\":\"device:till3\",\"start\":1774000800000,\"last\":1774000800000,\"outcome\":\"undecided\",\"stream\":\"live\""));
    assert_non_null(strstr(with, "\"customer\":\"user:u90000\",\"start\":1773144360000,\"last\":1773144360000,\"outcome\":\"undecided\",\"stream\":\"replay\""));
    assert_non_null(strstr(with, "\"customer\":\"user:u90000\",\"start\":1773316800000,\"last\":1773316800000,\"outcome\":\"undecided\",\"stream\":\"pilot\""));
    assert_non_null(strstr(with, "\"customer\":\"email:a@b.c\",\"start\":1774087200000"));      /* tied by a visit's event alone: not tied */
    assert_non_null(strstr(without, "\"customer\":\"member:m1\",\"start\":1772359200000,"));
    assert_non_null(strstr(without, "\"customer\":\"email:a@b.c\",\"start\":1774087200000"));   /* a pilot ties nobody */
    tl_free(with);
    tl_free(without);
}

static void
t_whenever_it_is_entered(void **state)
{
    char *with = known_from_the_start(VISIT), *without = known_from_the_start(NULL), what[60];
    (void)state;

    for (int at = 0; at <= EVENTS_N; at++)
        for (int rounds = at % 2; rounds >= 0; rounds -= 2) {
            struct kit k;
            kit_open(&k, NULL);
            log_events(&k, 0, at);
            if (rounds)
                kit_follow(&k);
            kit_control(&k, "visit", VISIT);
            if (rounds)
                kit_follow(&k);
            log_events(&k, at, EVENTS_N);
            kit_follow(&k);
            snprintf(what, sizeof what, "entered after %d events, rounds %d", at, rounds);
            expect_rows(&k, with, what);
            kit_control(&k, "visit", OTHER);
            kit_follow(&k);
            expect_rows(&k, without, "changed");
            kit_control(&k, "visit", VISIT);
            if (rounds)
                kit_follow(&k);
            kit_control(&k, "visit", "{\"id\":\"v0\",\"withdrawn\":true}");
            kit_follow(&k);
            expect_rows(&k, without, "withdrawn");
            kit_control(&k, "visit", VISIT);
            kit_follow(&k);
            expect_rows(&k, with, "entered again");
            kit_close(&k);
        }
    tl_free(with);
    tl_free(without);
}

/* Two visits share a shopper: one of them going changes nothing of what the other covers. */
static void
t_two_visits_of_one_shopper(void **state)
{
    struct kit k;
    char *with = known_from_the_start(VISIT);
    (void)state;

    kit_open(&k, NULL);
    log_events(&k, 0, EVENTS_N);
    kit_control(&k, "visit", VISIT);
    kit_control(&k, "visit", "{\"id\":\"v1\",\"identities\":[{\"kind\":\"phone\",\"value\":\"+86 13800000000\"},{\"kind\":\"user\",\"value\":\"u90000\"}],\"from\":\"2026-03-10T11:00:00Z\",\"to\":\"2026-03-10T13:30:00Z\"}");
    kit_follow(&k);
    kit_control(&k, "visit", "{\"id\":\"v1\",\"withdrawn\":true}");
    kit_follow(&k);
    expect_rows(&k, with, "the other visit");
    kit_close(&k);
    tl_free(with);
}

/* A run that was taken back counts for nothing when the log is read again: neither its links come back with a withdrawn visit, nor its events. */
static void
t_undone_arrivals_stay_away(void **state)
{
    struct kit k;
    struct kit_event run[EVENTS_N];
    (void)state;

    for (int i = 0; i < EVENTS_N; i++)
        run[i] = (struct kit_event){ events[i].json, "import:csv:r", events[i].received_ms };
    kit_open(&k, NULL);
    kit_control(&k, "visit", VISIT);
    kit_log(&k, run, EVENTS_N);
    kit_follow(&k);
    kit_control(&k, "undo", "{\"origin\":\"import:csv:r\"}");
    log_events(&k, 0, 1);
    kit_follow(&k);
    kit_control(&k, "visit", "{\"id\":\"v0\",\"withdrawn\":true}");
    kit_follow(&k);
    char *is = kit_rows(&k);
    assert_null(strstr(is, "import:csv:r"));
    assert_null(strstr(is, "u90000"));
    kit_control(&k, "visit", VISIT);
    kit_log(&k, run, EVENTS_N);             /* imported again: it counts, as if it had not been before */
    kit_follow(&k);
    kit_control(&k, "visit", "{\"id\":\"v0\",\"withdrawn\":true}");
    kit_follow(&k);
    tl_free(is);
    is = kit_rows(&k);
    kit_rebuild(&k);
    char *built = kit_rows(&k);
    assert_string_equal(built, is);
    assert_non_null(strstr(is, "\"customer\":\"email:a@b.c\""));
    tl_free(is);
    tl_free(built);
    kit_close(&k);
}

/* Whichever allocation fails while the register changes: the round is done again, and comes to the same. */
static void
t_memory_failing(void **state)
{
    const struct follow_limits limits = {0};
    char *with = known_from_the_start(VISIT);
    int failed = 0;
    (void)state;

    for (uint64_t at = 1; at < 120; at += 3) {
        struct kit k;
        struct tl_err err = {0};
        kit_open(&k, NULL);
        log_events(&k, 0, EVENTS_N);
        kit_follow(&k);
        kit_control(&k, "visit", VISIT);
        tl_alloc_fail_at(at, at % 2 == 0);
        int64_t taken = follow_round(k.follow, &limits, &err);
        tl_alloc_fail_at(0, false);
        failed += taken < 0;
        kit_follow(&k);
        expect_rows(&k, with, "after a failure");
        kit_close(&k);
    }
    assert_true(failed > 5);
    tl_free(with);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_bodies), cmocka_unit_test(t_window), cmocka_unit_test(t_who_is_whose), cmocka_unit_test(t_whenever_it_is_entered), cmocka_unit_test(t_two_visits_of_one_shopper),
        cmocka_unit_test(t_undone_arrivals_stay_away), cmocka_unit_test(t_memory_failing),
    };
    return tl_hash_init() == 0 ? cmocka_run_group_tests_name("visits", tests, NULL, NULL) : 1;
}
