/* The control door: which bodies are taken, how the others are refused, and the queue between threads. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include <cmocka.h>

#include "../../aggregator/control.h"
#include "../../aggregator/control_catalogue.h"
#include "nth_kit.h"

NTH_CALL(NTH_OTHER, int, eventfd, (unsigned n, int flags), (n, flags))

#define A "\"a\":{\"kind\":\"member\",\"value\":\"7\"}"
#define B "\"b\":{\"kind\":\"phone\",\"value\":\"+86 1\"}"

static void
t_must_accept(void **state)
{
    (void)state;
    static const struct { const char *kind, *body; } rows[] = {
        { "link", "{" A "," B "}" },
        { "link", "{\"reason\":\"same person at the desk\"," B "," A "}" },
        { "unlink", "{" A "," B "}" },
        { "note", "{\"id\":{\"kind\":\"email\",\"value\":\"x@y\"},\"text\":\"\xe5\xae\xa2\"}" },
        { "note", "{\"id\":{\"kind\":\"email\",\"value\":\"x@y\"},\"text\":\"t\",\"position\":12}" },
        { "undo", " {\"origin\":\"import:xes:may\"} " },
        { "visit", "{\"id\":\"v0\",\"identities\":[{\"kind\":\"user\",\"value\":\"u90000\"}],\"from\":\"2026-03-01T12:10:00+08:00\",\"to\":1772340000000}" },
        { "visit", "{\"id\":\"v0\",\"orders\":[\"o1\",\"o2\"],\"from\":1,\"to\":1,\"place\":\"S01\",\"scenario\":\"tea\",\"slot\":\"r0\",\"withdrawn\":false}" },
        { "visit", "{\"id\":\"v0\",\"withdrawn\":true}" },
        { "visit", "{\"id\":\"v0\",\"state\":\"planned\",\"from\":1,\"to\":2}" },
        { "visit", "{\"id\":\"v0\",\"merge\":true,\"state\":\"started\",\"from\":1}" },
        { "visit", "{\"id\":\"v0\",\"merge\":true,\"stamps\":[{\"what\":\"enter\",\"touchpoint\":\"arrive\",\"time\":1}],\"answers\":[{\"item\":\"a\",\"value\":\"na\",\"time\":2,\"note\":\"x\"}],"
                   "\"evidence\":[{\"name\":\"1.jpg\",\"hash\":\"ab\",\"bytes\":1,\"type\":\"image/jpeg\",\"item\":\"a\"}],\"link\":{\"hash\":\"ab\",\"expires\":9}}" },
        { "improvement", "{\"id\":\"I1\",\"cell\":\"order:wait/handover\",\"action\":\"new counter\",\"start\":\"2026-03-01\"}" },
        { "improvement", "{\"id\":\"I1\",\"title\":\"t\",\"cell\":\"unhappy\",\"cause\":\"c\",\"action\":\"a\",\"owner\":\"o\",\"start\":\"2026-03-01\",\"places\":[\"S03\"],\"comparison\":[\"S07\",\"S01\"],"
                         "\"expected_points\":-20.5,\"found_from\":\"2026-01-01\",\"found_to\":\"2026-01-28\",\"closed\":\"2026-06-01\"}" },
        { "break", "{\"cell\":\"order:wait/handover/S07\",\"status\":\"assigned\",\"owner\":\"stores\"}" },
        { "break", "{\"cell\":\"order:wait/handover/S07\",\"withdrawn\":true}" },
        { "alert", "{\"id\":\"a1\",\"status\":\"acknowledged\",\"owner\":\"me\"}" },
        { "opportunity", "{\"id\":\"1\",\"text\":\"\xe5\xae\xa2\",\"status\":\"open\"}" },
        { "catalogue", "{\"files\":[]}" },
        { "gap", "{}" },
        { "gap", "{\"collector\":\"07\"}" },
        { "link", "{\"a\":{\"kind\":\"email\",\"value\":\"a@b.c\"},\"b\":{\"kind\":\"email\",\"value\":\"d@b.c\"}}" },
        { "visit", "{\"id\":\"v0\",\"identities\":[],\"orders\":[\"o1\"],\"from\":1,\"to\":1}" },
        { "visit", "{\"id\":\"v0\",\"orders\":[],\"identities\":[{\"kind\":\"user\",\"value\":\"u90000\"}],\"from\":1,\"to\":1}" },
        { "improvement", "{\"id\":\"I1\",\"cell\":\"c\",\"action\":\"a\",\"start\":\"2026-03-01\",\"places\":[\"S03\"],\"found_from\":\"2026-01-01\",\"found_to\":\"2026-01-01\"}" },
        { "improvement", "{\"id\":\"I1\",\"cell\":\"c\",\"action\":\"a\",\"start\":\"2026-03-01\",\"comparison\":[]}" },
        { "catalogue", "{\"files\":[{\"name\":\"a.json\",\"text\":\"{}\"}],\"reason\":\"autumn menu\"}" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *word = NULL;
        struct tl_err err = { 0 };
        if (control_check(tl_str_of(rows[i].kind), tl_str_of(rows[i].body), &word, &err) != 0)
            fail_msg("%s: %s", rows[i].body, err.text);
        assert_string_equal(word, rows[i].kind);
    }
}

static void
t_must_reject(void **state)
{
    (void)state;
    static const struct { const char *kind, *body; int code; const char *says; } rows[] = {
        { "erase", "{}", TL_ENOTFOUND, "link, unlink, note, undo" },
        { "", "{}", TL_ENOTFOUND, "known" },
        { "link", "{" A "}", TL_EINVAL, "link.b is missing" },
        { "link", "{" A "," B ",\"c\":1}", TL_EINVAL, "link.c is not known here; allowed: a, b, reason" },
        { "link", "{" A "," B ",\"reason\":1}", TL_EINVAL, "link.reason must be text" },
        { "link", "{" A ",\"b\":\"+86 1\"}", TL_EINVAL, "link.b must be an object with the members kind, value" },
        { "link", "{" A ",\"b\":{\"kind\":\"phone\"}}", TL_EINVAL, "link.b.value is missing" },
        { "link", "{" A ",\"b\":{\"kind\":\"\",\"value\":\"1\"}}", TL_EINVAL, "link.b.kind must have 1 to 40 bytes" },
        { "link", "[]", TL_EINVAL, "link must be an object" },
        { "link", "{" A ",\"b\":{\"kind\":\"user\",\"value\":\"null\"}}", TL_EINVAL, "link.b.value is junk" },
        { "unlink", "{\"a\":{\"kind\":\"email\",\"value\":\"A@b.c\"},\"b\":{\"kind\":\"email\",\"value\":\" a@B.c\"}}", TL_EINVAL, "the same identity" },
        { "link", "{" A "," A "," B "}", TL_EINVAL, "" },
        { "undo", "", TL_EINVAL, "" },
        { "catalogue", "{}", TL_EINVAL, "catalogue.files is missing" },
        { "catalogue", "{\"files\":{}}", TL_EINVAL, "\"files\" is a list" },
        { "catalogue", "{\"files\":[{\"name\":\"../a.json\",\"text\":\"{}\"}]}", TL_EINVAL, "without /" },
        { "catalogue", "{\"files\":[{\"name\":\"a.txt\",\"text\":\"{}\"}]}", TL_EINVAL, "like touchpoints.json" },
        { "catalogue", "{\"files\":[{\"name\":\"a.json\"}]}", TL_EINVAL, "a.json of the catalogue has no \"text\"" },
        { "catalogue", "{\"files\":[{\"name\":\"a.json\",\"text\":\"{}\"},{\"name\":\"a.json\",\"text\":\"{}\"}]}", TL_EINVAL, "a.json comes twice" },
        { "catalogue", "{\"files\":[{\"name\":\"a.json\",\"text\":\"{\\n\\\"touchpoint\\\":[]}\"}]}", TL_EINVAL, "a.json, line 2: unknown member \"touchpoint\"" },
        { "catalogue", "{\"files\":[{\"name\":\"a.json\",\"text\":\"{}\"}],\"hash\":\"00000000000000000000000000000000\"}", TL_EINVAL, "not what \"hash\" says" },
        { "undo", "{\"origin\":\"x\"", TL_EINVAL, "" },
        { "undo", "{\"origin\":null}", TL_EINVAL, "undo.origin must be text" },
        { "note", "{\"id\":{\"kind\":\"e\",\"value\":\"x\"},\"text\":\"t\",\"position\":-1}", TL_EINVAL, "note.position" },
        { "note", "{\"id\":{\"kind\":\"e\",\"value\":\"x\"},\"text\":\"t\",\"position\":1.5}", TL_EINVAL, "note.position" },
        { "note", "{\"id\":{\"kind\":\"e\",\"value\":\"x\"},\"text\":\"t\",\"withdrawn\":true}", TL_EINVAL, "note.withdrawn is not known here" },
        { "visit", "{\"id\":\"v\",\"from\":1,\"to\":2}", TL_EINVAL, "visit needs identities or orders" },
        { "visit", "{\"id\":\"v\",\"from\":1,\"to\":2,\"orders\":[]}", TL_EINVAL, "visit needs identities or orders" },
        { "visit", "{\"id\":\"v\",\"from\":2,\"to\":1,\"orders\":[\"o\"]}", TL_EINVAL, "visit.to is before" },
        { "visit", "{\"id\":\"v\",\"from\":0,\"to\":2678400001,\"orders\":[\"o\"]}", TL_EINVAL, "31 days at most" },
        { "visit", "{\"id\":\"v\",\"from\":\"noon\",\"to\":2,\"orders\":[\"o\"]}", TL_EINVAL, "visit.from must be a time" },
        { "visit", "{\"id\":\"v\",\"from\":1,\"to\":2,\"orders\":[\"o\",1]}", TL_EINVAL, "visit.orders[1] must be text" },
        { "visit", "{\"id\":\"v\",\"from\":1,\"to\":2,\"orders\":\"o\"}", TL_EINVAL, "visit.orders must be a list of at most 100" },
        { "visit", "{\"id\":\"v\",\"from\":1,\"to\":2,\"identities\":[{\"kind\":\"user\",\"value\":\"null\"}]}", TL_EINVAL, "visit.identities[0].value is junk" },
        { "visit", "{\"withdrawn\":true}", TL_EINVAL, "visit.id is missing" },
        { "visit", "{\"merge\":true}", TL_EINVAL, "visit.id is missing" },
        { "visit", "{\"id\":\"v\",\"state\":\"planned\"}", TL_EINVAL, "visit.from is missing" },
        { "visit", "{\"id\":\"v\",\"state\":\"gone\",\"from\":1,\"to\":2}", TL_EINVAL, "planned, started, finished" },
        { "visit", "{\"id\":\"v\",\"merge\":true,\"from\":2,\"to\":1}", TL_EINVAL, "visit.to is before" },
        { "visit", "{\"id\":\"v\",\"merge\":true,\"answers\":[{\"item\":\"a\",\"value\":\"maybe\"}]}", TL_EINVAL, "visit.answers[0].value must be one of: yes, no, na" },
        { "visit", "{\"id\":\"v\",\"merge\":true,\"stamps\":[{\"what\":\"enter\"}]}", TL_EINVAL, "visit.stamps[0].time is missing" },
        { "visit", "{\"id\":\"v\",\"merge\":true,\"evidence\":[{\"name\":\"a\",\"hash\":\"b\",\"bytes\":-1}]}", TL_EINVAL, "visit.evidence[0].bytes must be an integer" },
        { "visit", "{\"id\":\"v\",\"merge\":true,\"link\":[]}", TL_EINVAL, "visit.link must be an object" },
        { "visit", "{\"id\":\"v\",\"withdrawn\":1}", TL_EINVAL, "visit.withdrawn must be true or false" },
        { "improvement", "{\"id\":\"I\",\"cell\":\"c\",\"action\":\"a\",\"start\":\"2026-02-30\"}", TL_EINVAL, "improvement.start must be a day" },
        { "improvement", "{\"id\":\"I\",\"cell\":\"c\",\"action\":\"a\",\"start\":\"2026-02-03\",\"expected_points\":101}", TL_EINVAL, "number from -100 to 100" },
        { "improvement", "{\"id\":\"I\",\"cell\":\"c\",\"action\":\"a\",\"start\":\"2026-02-03\",\"comparison\":[\"S1\"]}", TL_EINVAL, "comparison needs improvement.places" },
        { "improvement", "{\"id\":\"I\",\"cell\":\"c\",\"action\":\"a\",\"start\":\"2026-02-03\",\"places\":[\"S1\"],\"comparison\":[\"S2\",\"S1\"]}", TL_EINVAL, "S1 is among" },
        { "improvement", "{\"id\":\"I\",\"cell\":\"c\",\"action\":\"a\",\"start\":\"2026-02-03\",\"found_to\":\"2026-01-01\"}", TL_EINVAL, "go together" },
        { "break", "{\"cell\":\"c\",\"status\":\"fix\"}", TL_EINVAL, "break.status must be one of: open, assigned, fixed, verified" },
        { "break", "{\"cell\":\"c\",\"status\":\"\"}", TL_EINVAL, "break.status must be one of" },
        { "break", "{\"cell\":\"c\",\"status\":\"open, assigned\"}", TL_EINVAL, "break.status must be one of" },
        { "break", "{\"status\":\"open\"}", TL_EINVAL, "break.cell is missing" },
        { "break", "{\"cell\":\"c\",\"status\":5}", TL_EINVAL, "break.status must be one of" },
        { "break", "{\"cell\":\"c\",\"status\":\"open\",\"who\":1}", TL_EINVAL, "break.who is not known here; allowed: cell, status, owner, fixed_on, note, withdrawn" },
        { "break", "{\"a member whose name is longer than is ever said\":1}", TL_EINVAL, "break.a member whose name is longer than is ev is not known" },
        { "break", "{\"cell\":\"c\",\"status\":\"open\",\"fixed_on\":5}", TL_EINVAL, "break.fixed_on must be a day" },
        { "note", "{\"id\":{\"kind\":\"e\",\"value\":\"x\"},\"text\":\"\"}", TL_EINVAL, "note.text must have 1 to 4096 bytes, it has 0" },
        { "gap", "{\"collector\":\"0123456789abcdef0123456789abcdef0\"}", TL_EINVAL, "gap.collector must have 1 to 32 bytes, it has 33" },
        { "visit", "{\"id\":\"v\",\"from\":true,\"to\":2,\"orders\":[\"o\"]}", TL_EINVAL, "visit.from must be a time" },
        { "visit", "{\"id\":\"v\",\"from\":1,\"to\":2,\"identities\":[],\"orders\":[]}", TL_EINVAL, "visit needs identities or orders" },
        { "visit", "{\"id\":\"v\",\"from\":1,\"to\":2,\"identities\":[{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}]}", TL_EINVAL,
          "visit.identities" },
        { "improvement", "{\"id\":\"I\",\"cell\":\"c\",\"action\":\"a\",\"start\":\"2026-02-03\",\"expected_points\":\"5\"}", TL_EINVAL, "number from -100 to 100" },
        { "improvement", "{\"id\":\"I\",\"cell\":\"c\",\"action\":\"a\",\"start\":\"2026-02-03\",\"expected_points\":-100.5}", TL_EINVAL, "number from -100 to 100" },
        { "improvement", "{\"id\":\"I\",\"cell\":\"c\",\"action\":\"a\",\"start\":\"2026-02-03\",\"found_from\":\"2026-01-02\",\"found_to\":\"2026-01-01\"}", TL_EINVAL, "found_to is before" },
        { "improvement", "{\"id\":\"I\",\"cell\":\"c\",\"action\":\"a\",\"start\":\"2026-02-03\",\"places\":[],\"comparison\":[\"S1\"]}", TL_EINVAL, "comparison needs improvement.places" },
        { "improvement", "{\"id\":\"I\",\"cell\":\"c\",\"action\":\"a\",\"start\":\"2026-02-03\",\"places\":[\"the tea house behind the second bridge over the old canal in the east\"],"
                         "\"comparison\":[\"the tea house behind the second bridge over the old canal in the east\"]}", TL_EINVAL, "the old canal in is among" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *word = NULL;
        struct tl_err err = { 0 };
        int rc = control_check(tl_str_of(rows[i].kind), tl_str_of(rows[i].body), &word, &err);
        if (rc != rows[i].code || !strstr(err.text, rows[i].says))
            fail_msg("%s %s: %d %s", rows[i].kind, rows[i].body, rc, err.text);
    }
    static char large[CONTROL_BODY_MAX + 1];
    const char *word = NULL;
    assert_int_equal(control_check(TL_STR("undo"), (struct tl_str){ large, sizeof large }, &word, NULL), TL_ETOOBIG);
}

/* Whom a gap speaks of. Out of memory it is not known whom, and never "all". */
static void
t_gap_of_whom(void **state)
{
    (void)state;
    const struct { const char *body, *hex; } rows[] = { { "{}", "" }, { "{\"collector\":\"07ab\"}", "07ab" } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char hex[CONTROL_COLLECTOR_MAX + 1];
        int rc = -1;
        for (uint64_t k = 1; rc != 0; k++) {
            struct tl_err err = { 0 };
            tl_alloc_fail_at(k, false);
            rc = control_collector(tl_str_of(rows[i].body), hex, &err);
            tl_alloc_fail_at(0, false);
            assert_true(rc == 0 || (rc == TL_ENOMEM && strstr(err.text, "memory") && k < 20));
            assert_true(k > 1 || rc == TL_ENOMEM);
        }
        assert_string_equal(hex, rows[i].hex);
    }
}

/* The k-th allocation fails while a body is read: said, and the same body is taken after it. */
static void
t_checked_without_memory(void **state)
{
    (void)state;
    static const struct { const char *kind, *body; } rows[] = {
        { "link", "{" A "," B "}" },
        { "catalogue", "{\"files\":[{\"name\":\"a.json\",\"text\":\"{}\"}],\"reason\":\"autumn menu\"}" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int rc = -1;
        for (uint64_t k = 1; rc != 0; k++) {
            const char *word = NULL;
            struct tl_err err = { 0 };
            tl_alloc_fail_at(k, true);
            rc = control_check(tl_str_of(rows[i].kind), tl_str_of(rows[i].body), &word, &err);
            tl_alloc_fail_at(0, false);
            if (rc != 0 && rc != TL_ENOMEM)
                fail_msg("%s, allocation %d: %d %s", rows[i].kind, (int)k, rc, err.text);
            assert_true(rc == 0 || strstr(err.text, "memory"));
            assert_true(k < 2000);
        }
    }
}

static void
t_hash_of_catalogue(void **state)
{
    (void)state;
    char hash[33], again[33];
    struct tl_err err = { 0 };
    assert_int_equal(control_catalogue_hash(TL_STR("{\"files\":[{\"name\":\"a.json\",\"text\":\"{}\"}]}"), hash, &err), 0);
    assert_int_equal(strlen(hash), 32);
    assert_int_equal(control_catalogue_hash(TL_STR("{\"files\":[{\"name\":\"a.json\",\"text\":\"{\"}]}"), again, &err), TL_ECONFIG);
    assert_string_equal(again, "");
    char body[200];
    const char *word = NULL;
    snprintf(body, sizeof body, "{\"files\":[{\"name\":\"a.json\",\"text\":\"{}\"}],\"hash\":\"%s\"}", hash);
    assert_int_equal(control_check(TL_STR("catalogue"), tl_str_of(body), &word, NULL), 0);
}

/* An actor is cut to what fits; without memory there is no record and no queue. */
static void
t_items(void **state)
{
    (void)state;
    char actor[CONTROL_ACTOR_MAX + 10];
    struct control_queue *q = NULL;
    memset(actor, 'a', sizeof actor);
    struct control_item *it = control_item_new("note", (struct tl_str){ actor, sizeof actor }, 1, TL_STR("{}"), NULL);
    assert_int_equal(strlen(it->actor), CONTROL_ACTOR_MAX);
    control_item_free(&it);
    it = control_item_new("note", (struct tl_str){ NULL, 0 }, 1, TL_STR("{}"), NULL);
    assert_string_equal(it->actor, "");
    control_item_free(&it);
    assert_null(it);
    tl_alloc_fail_at(1, true);
    assert_null(control_item_new("note", TL_STR("me"), 1, TL_STR("{}"), NULL));
    assert_null(control_queue_new());
    tl_alloc_fail_at(0, false);
    control_queue_free(&q);
    nth_only("eventfd", 1, EMFILE, false);
    assert_null(control_queue_new());
    nth_done();
    assert_true(nth.hit);
}

static void
t_token(void **state)
{
    (void)state;
    static const struct { const char *header; bool good; } rows[] = {
        { "Bearer 0123abcd", true }, { "Bearer 0123abce", false }, { "Bearer 0123abcd ", false }, { "Bearer 0123abc", false },
        { "bearer 0123abcd", false }, { "0123abcd", false }, { "", false }, { "Bearer ", false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(control_authorized(tl_str_of(rows[i].header), "0123abcd"), rows[i].good);
    assert_false(control_authorized((struct tl_str){ NULL, 0 }, "0123abcd"));
    assert_false(control_authorized(TL_STR("Bearer "), ""));
}

static bool
readable(const struct control_queue *q)
{
    struct pollfd p = { .fd = control_queue_fd(q), .events = POLLIN };
    return poll(&p, 1, 0) == 1;
}

static struct control_item *
item(int64_t n)
{
    return control_item_new("note", TL_STR("me"), n, TL_STR("{}"), NULL);
}

static void
t_queue(void **state)
{
    (void)state;
    struct control_queue *q = control_queue_new();
    assert_null(control_take(q));
    assert_false(readable(q));
    for (int64_t i = 0; i < 3; i++)
        assert_int_equal(control_push(q, item(i), NULL), 0);
    for (int64_t i = 0; i < 3; i++) {
        assert_true(readable(q));
        struct control_item *it = control_take(q);
        assert_true(it->time_ms == i && tl_str_is(it->body, "{}") && strcmp(it->actor, "me") == 0);
        control_item_free(&it);
    }
    assert_false(readable(q));
    for (int64_t i = 0; i < CONTROL_QUEUE_MAX; i++)
        assert_int_equal(control_push(q, item(i), NULL), 0);
    struct control_item *one_more = item(0);
    assert_int_equal(control_push(q, one_more, NULL), TL_EBUSY);
    for (struct control_item *it = control_take(q); it; it = control_take(q))
        control_item_free(&it);
    control_close(q);
    assert_int_equal(control_push(q, one_more, NULL), TL_EBUSY);
    control_item_free(&one_more);
    control_queue_free(&q);
    assert_null(q);
}

enum { EACH = 5000 };

static void *
push_many(void *arg)
{
    for (int64_t i = 0; i < EACH; i++) {
        struct control_item *it = item(i);
        while (control_push(arg, it, NULL) != 0)
            poll(NULL, 0, 1);
    }
    return NULL;
}

static void
t_queue_threads(void **state)
{
    (void)state;
    struct control_queue *q = control_queue_new();
    pthread_t th[2];
    for (int i = 0; i < 2; i++)
        pthread_create(&th[i], NULL, push_many, q);
    int64_t sum = 0;
    for (int got = 0; got < 2 * EACH;) {
        struct pollfd p = { .fd = control_queue_fd(q), .events = POLLIN };
        assert_int_equal(poll(&p, 1, 5000), 1);
        struct control_item *it = control_take(q);
        if (!it)
            continue;
        sum += it->time_ms;
        got++;
        control_item_free(&it);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(th[i], NULL);
    assert_int_equal(sum, (int64_t)EACH * (EACH - 1));
    control_queue_free(&q);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_must_accept), cmocka_unit_test(t_must_reject), cmocka_unit_test(t_gap_of_whom), cmocka_unit_test(t_checked_without_memory),
        cmocka_unit_test(t_hash_of_catalogue), cmocka_unit_test(t_items), cmocka_unit_test(t_token), cmocka_unit_test(t_queue), cmocka_unit_test(t_queue_threads),
    };
    return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
