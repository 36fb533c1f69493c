/* keep.c - from an event to what is kept of it: each field present and absent, words that are none of ours, numbers beyond any scale. */
#include "../../aggregator/keep.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "folder_kit.h"
#include "tl_catalogue_files.h"
#include "tl_hash.h"
#include "tl_journey.h"
#include "tl_time.h"

static const char files[] =
    "{\"files\":[{\"name\":\"a.json\",\"text\":\"{\\\"touchpoints\\\":[{\\\"id\\\":\\\"till\\\",\\\"channel\\\":\\\"store\\\",\\\"match\\\":{\\\"type\\\":\\\"pay\\\"}}],"
    "\\\"promote\\\":[\\\"props.n\\\",\\\"props.m\\\"],\\\"checks\\\":[{\\\"id\\\":\\\"cx\\\",\\\"kind\\\":\\\"context\\\"}],\\\"promises\\\":[{\\\"id\\\":\\\"pickup\\\"}],"
    "\\\"journey_types\\\":[{\\\"id\\\":\\\"order\\\",\\\"key\\\":\\\"order\\\",\\\"start\\\":[\\\"order.placed\\\"],\\\"good\\\":[\\\"order.fulfilled\\\"],\\\"bad\\\":[\\\"order.cancelled\\\"]}]}\"}]}";
static const char nothing[] = "{\"files\":[]}";

static struct tl_catalogue *catalogue;
static struct tl_store_w *words;
static struct keep *keep;

static void
open_keep(const char *body)
{
    struct tl_err err = { 0 };
    char path[96];
    const struct tl_store_head head = { 0 };
    assert_int_equal(folder_make(NULL), 0);
    snprintf(path, sizeof path, "%s/journeys", dir);
    if (tl_catalogue_of_body(tl_str_of(body), &catalogue, &err) != 0 || tl_store_w_make(&words, path, &head, &err) != 0 || tl_store_w_begin(words, &err) != 0)
        fail_msg("%s", err.text);
    keep = keep_new(catalogue, words);
    assert_non_null(keep);
}

static void
close_keep(void)
{
    keep_free(&keep);
    assert_null(keep);
    keep_free(&keep);
    tl_store_w_abort(words);
    tl_store_w_close(&words);
    tl_catalogue_free(&catalogue);
    assert_int_equal(folder_drop(NULL), 0);
}

static struct tl_kept
kept(const struct tl_event *ev)
{
    struct tl_kept e;
    memset(&e, 0xee, sizeof e);
    keep_event(keep, ev, 77, 5000, &e);
    return e;
}

static uint32_t
word(const char *text)
{
    return tl_store_w_word(words, tl_str_of(text));
}

/* With nothing said: nothing is made up, and the log's clock stands for the receipt. */
static void
t_nothing_said(void **state)
{
    (void)state;
    open_keep(files);
    const struct tl_event ev = { .raw = TL_STR("{}") };
    struct tl_kept e = kept(&ev);
    assert_true(e.type == 0 && e.touchpoint == 0 && e.channel == 0 && e.origin == 0 && e.tier == 0 && e.place == 0);
    assert_true(e.stream == TL_STREAM_LIVE && e.lifecycle == TL_LC_NONE && e.outcome == TL_KO_NONE && e.flags == 0 && e.seq == 0);
    assert_true(e.wait_ms == -1 && e.handle_ms == -1 && e.scores_n == 0 && e.promoted_n == 0 && e.agent == 0 && e.promise.said == 0);
    assert_true(e.session == 0 && e.case_hash == 0 && e.order_hash == 0 && e.journey_hash == 0 && e.home == 0);
    assert_true(e.time_ms == TL_TIME_NONE && e.skew_ms == TL_TIME_NONE && e.received_ms == 5000 && e.at_ms == TL_TIME_NONE);
    struct tl_kept other = kept(&ev);
    assert_true(e.id_hash == other.id_hash);                    /* without an id the position is it */
    keep_outline(&ev, 78, 5000, &other);
    assert_true(e.id_hash != other.id_hash && e.id_hash <= TL_KEPT_ID_MASK);
    assert_false(keep_is_import(&ev));
    close_keep();
}

static void
t_words(void **state)
{
    (void)state;
    open_keep(files);
    struct tl_event ev = { .has = TL_HAS(type), .type_ = TL_STR("pay"), .raw = TL_STR("{}") };
    struct tl_kept e = kept(&ev);
    assert_true(e.type == word("pay") && e.touchpoint == word("till") && e.channel == word("store"));       /* the catalogue's, by its rule */
    ev.has |= TL_HAS(channel) | TL_HAS(origin) | TL_HAS(tier) | TL_HAS(place);
    ev.channel_ = TL_STR("app"), ev.origin_ = TL_STR("key"), ev.tier_ = TL_STR("gold"), ev.place_ = TL_STR("S01");
    e = kept(&ev);
    assert_true(e.channel == word("app") && e.origin == word("key") && e.tier == word("gold") && e.place == word("S01"));
    ev = (struct tl_event){ .has = TL_HAS(touchpoint), .touchpoint_ = TL_STR("door"), .raw = TL_STR("{}") };
    e = kept(&ev);
    assert_true(e.type == word("door") && e.touchpoint == word("door") && e.channel == 0);
    ev.has |= TL_HAS(type);
    ev.type_ = TL_STR("enter");
    e = kept(&ev);
    assert_true(e.type == word("enter") && e.touchpoint == word("door"));
    ev = (struct tl_event){ .has = TL_HAS(type), .type_ = TL_STR("enter"), .raw = TL_STR("{}") };
    e = kept(&ev);
    assert_true(e.touchpoint == word("enter"));
    uint8_t role = e.role;
    keep_forget(keep);
    assert_int_equal(kept(&ev).role, role);
    close_keep();
}

static void
t_marks(void **state)
{
    (void)state;
    static const struct { const char *outcome, *lifecycle, *origin, *stream; int ko, lc, flags, st; bool import; } rows[] = {
        { "ok", "complete", "key", "live", TL_KO_OK, TL_LC_COMPLETE, 0, TL_STREAM_LIVE, false },
        { "escalated", "COMPLETE", "import:xes:run", "replay", TL_KO_ESCALATED, TL_LC_COMPLETE, TL_KEPT_NO_MERGE, TL_STREAM_REPLAY, true },
        { "fail", "Start", "import:csv:run", "pilot", TL_KO_FAIL, TL_LC_START, TL_KEPT_NO_MERGE, TL_STREAM_PILOT, true },
        { "timeout", "schedule", "import:ndjson:run", "test", TL_KO_TIMEOUT, TL_LC_SCHEDULE, 0, TL_STREAM_TEST, true },
        { "lost", "stert", "import", "elsewhere", TL_KO_NONE, TL_LC_OTHER, 0, TL_STREAM_LIVE, false },
        { "abandoned", "suspend", "importx", "live", TL_KO_ABANDONED, TL_LC_OTHER, 0, TL_STREAM_LIVE, false },
        { "transferred", "[tart", "", "live", TL_KO_TRANSFERRED, TL_LC_OTHER, 0, TL_STREAM_LIVE, false },
        { "ok", "", "key", "live", TL_KO_OK, TL_LC_NONE, 0, TL_STREAM_LIVE, false },
    };
    open_keep(files);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct tl_event ev = { .has = TL_HAS(type) | TL_HAS(outcome) | TL_HAS(lifecycle) | TL_HAS(origin) | TL_HAS(stream), .type_ = TL_STR("pay"), .raw = TL_STR("{}"),
                                     .outcome_ = tl_str_of(rows[i].outcome), .lifecycle_ = tl_str_of(rows[i].lifecycle), .origin_ = tl_str_of(rows[i].origin),
                                     .stream_ = tl_str_of(rows[i].stream) };
        struct tl_kept e = kept(&ev);
        if (e.outcome != rows[i].ko || e.lifecycle != rows[i].lc || e.flags != rows[i].flags || e.stream != rows[i].st || keep_is_import(&ev) != rows[i].import)
            fail_msg("row %zu: outcome %d lifecycle %d flags %d stream %d", i, e.outcome, e.lifecycle, e.flags, e.stream);
    }
    close_keep();
}

/* What can bear on the corrected time is kept, nothing else. */
static void
t_times(void **state)
{
    (void)state;
    static const struct { int64_t time, sent, received; bool session; int64_t kept_skew, kept_received; } rows[] = {
        { 100, TL_TIME_NONE, 200, false, TL_TIME_NONE, TL_TIME_NONE },
        { 100, TL_TIME_NONE, 200, true, TL_TIME_NONE, 200 },            /* others of its session may tell how wrong its clock is */
        { 300, TL_TIME_NONE, 200, false, TL_TIME_NONE, 200 },
        { 100, 150, 200, true, 0, TL_TIME_NONE },
        { 160, 150, 200, false, 0, 200 },
        { 100, 150, 150 + TL_KEPT_SKEW_MS, false, TL_KEPT_SKEW_MS, TL_TIME_NONE },
        { 100, 200 + TL_KEPT_SKEW_MS, 200, false, -TL_KEPT_SKEW_MS, TL_TIME_NONE },
        { TL_TIME_NONE, 150, 200, false, 0, 200 },
    };
    open_keep(files);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tl_event ev = { .has = TL_HAS(received_at), .received_at_ = rows[i].received, .raw = TL_STR("{}"), .time_ = rows[i].time, .sent_at_ = rows[i].sent,
                               .session_ = TL_STR("s") };
        ev.has |= (rows[i].time != TL_TIME_NONE ? TL_HAS(time) : 0) | (rows[i].sent != TL_TIME_NONE ? TL_HAS(sent_at) : 0) | (rows[i].session ? TL_HAS(session) : 0);
        struct tl_kept e = kept(&ev);
        if (e.time_ms != rows[i].time || e.skew_ms != rows[i].kept_skew || e.received_ms != rows[i].kept_received || (e.session != 0) != rows[i].session)
            fail_msg("row %zu: time %lld skew %lld received %lld", i, (long long)e.time_ms, (long long)e.skew_ms, (long long)e.received_ms);
    }
    close_keep();
}

static void
t_numbers_and_props(void **state)
{
    (void)state;
    char props[400], longest[200];
    memset(longest, 'y', sizeof longest);
    snprintf(props, sizeof props, "{\"n\":\"three\",\"m\":\"%.121s\"}", longest);
    open_keep(files);
    struct tl_event ev = { .has = TL_HAS(type) | TL_HAS(wait_ms) | TL_HAS(handle_ms) | TL_HAS(seq) | TL_HAS(scores) | TL_HAS(props) | TL_HAS(id) | TL_HAS(case) | TL_HAS(order) | TL_HAS(journey),
                           .type_ = TL_STR("pay"), .wait_ms_ = 7, .handle_ms_ = 8, .seq_ = 9, .raw = TL_STR("{}"), .props_ = tl_str_of(props), .id_ = TL_STR("e1"),
                           .case_ = TL_STR("c"), .order_ = TL_STR("c"), .journey_ = TL_STR("c") };
    static const double values[] = { 9, 1.0015, -1e6, 1e6, 1e6 + 1, -1e6 - 1 };
    for (size_t i = 0; i < 6; i++)
        ev.scores_[ev.scores_n++] = (struct tl_score){ TL_STR("nps"), values[(i + 4) % 6] };            /* what is beyond any scale comes first */
    struct tl_kept e = kept(&ev);
    assert_true(e.wait_ms == 7 && e.handle_ms == 8 && e.seq == 9 && (e.flags & TL_KEPT_HAS_SEQ));
    assert_true(e.scores_n == 4 && e.score[0].milli == 9000 && e.score[1].milli == 1002 && e.score[2].milli == -1000000000 && e.score[3].milli == 1000000000);
    assert_true(e.promoted_n == 1 && e.promoted[0].value == word("three"));                             /* a value too long is no dimension */
    assert_true(e.case_hash && e.order_hash && e.journey_hash && e.case_hash != e.order_hash && e.order_hash != e.journey_hash);
    ev.scores_n = 0;
    for (size_t i = 0; i < TL_KEPT_SCORES_MAX + 1; i++)
        ev.scores_[ev.scores_n++] = (struct tl_score){ TL_STR("nps"), (double)i };
    e = kept(&ev);
    assert_true(e.scores_n == TL_KEPT_SCORES_MAX && e.score[3].milli == 3000);                          /* the first that it told */
    ev.props_ = TL_STR("{}");
    assert_int_equal(kept(&ev).promoted_n, 0);
    close_keep();
}

/* Agents and promises are kept where a standard asks for them. */
static void
t_asked(void **state)
{
    (void)state;
    const struct { struct tl_promise p; uint8_t said; int64_t due; bool what; } rows[] = {
        { { TL_STR("pickup"), 500, -1 }, TL_PROMISE_DUE, 500, true },
        { { TL_STR("pickup"), TL_TIME_NONE, 1 }, TL_PROMISE_SAID | TL_PROMISE_KEPT, 0, true },
        { { { NULL, 0 }, TL_TIME_NONE, 0 }, TL_PROMISE_SAID, 0, false },
        { { { NULL, 0 }, TL_TIME_NONE, -1 }, 0, 0, false },
    };
    struct tl_event ev = { .has = TL_HAS(type) | TL_HAS(agent) | TL_HAS(promise), .type_ = TL_STR("pay"), .agent_ = TL_STR("Li"), .raw = TL_STR("{}") };
    for (int asks = 0; asks < 2; asks++) {
        open_keep(asks ? files : nothing);
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            ev.promise_ = rows[i].p;
            struct tl_kept e = kept(&ev);
            assert_int_equal(e.agent != 0, asks);
            assert_true(asks ? e.promise.said == rows[i].said && e.promise.due_ms == rows[i].due && (e.promise.what != 0) == rows[i].what : e.promise.said == 0 && e.promise.what == 0);
        }
        close_keep();
    }
}

static void
t_without_memory(void **state)
{
    (void)state;
    open_keep(nothing);
    keep_free(&keep);
    for (uint64_t k = 1; k <= 2; k++) {
        tl_alloc_fail_at(k, false);
        keep = keep_new(catalogue, words);
        tl_alloc_fail_at(0, false);
        assert_null(keep);
    }
    close_keep();
}

int
main(void)
{
    tl_hash_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_nothing_said), cmocka_unit_test(t_words), cmocka_unit_test(t_marks), cmocka_unit_test(t_times), cmocka_unit_test(t_numbers_and_props),
        cmocka_unit_test(t_asked), cmocka_unit_test(t_without_memory),
    };
    return cmocka_run_group_tests_name("keep", tests, NULL, NULL);
}
