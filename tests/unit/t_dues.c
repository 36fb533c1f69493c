/* t_dues.c - which moments of journeys may alert: boundary by boundary, from events through the log into the store, against the words of schemas/alerts.md; what goes
 * from one customer to another is there once; a clock's end that comes late takes back what it repairs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store_kit.h"
#include "tl_due.h"

#define RULES \
    "{\"touchpoints\":[{\"id\":\"rating\",\"key\":true,\"match\":{\"type\":\"feedback.text\"}},{\"id\":\"pay\",\"key\":true,\"match\":{\"type\":\"order.placed\"}}]," \
    "\"journey_types\":[{\"id\":\"order\",\"key\":\"order\",\"gap_d\":3}]," \
    "\"clocks\":[{\"id\":\"vip\",\"start\":\"complaint.opened\",\"end\":\"complaint.assigned\",\"cancel\":\"complaint.withdrawn\",\"key\":\"case\",\"limit_s\":600,\"tiers\":[\"gold\"]}," \
    "{\"id\":\"ordinary\",\"start\":\"complaint.opened\",\"end\":\"complaint.solution\",\"key\":\"case\",\"limit_s\":1800,\"except_tiers\":[\"gold\"],\"warn\":0.5}," \
    "{\"id\":\"delight\",\"start\":\"complaint.opened\",\"end\":\"gift\",\"key\":\"case\",\"limit_s\":60,\"class\":\"beyond\"}]," \
    "\"checks\":[{\"id\":\"paid\",\"kind\":\"failed\",\"at\":\"order.placed\",\"on\":\"pay\",\"key\":\"order\"}]," \
    "\"promises\":[{\"id\":\"pickup\"}],\"alerts\":[{\"id\":\"vip_opened\",\"kind\":\"complaint\",\"at\":\"complaint.opened\",\"tiers\":[\"gold\"]},{\"id\":\"low\",\"kind\":\"score\",\"at\":{\"scores.nps\":{\"max\":6}}}]}"

static int64_t
t0(void)
{
    int64_t ms = 0;
    assert_int_equal(tl_time_parse(TL_STR("2026-03-01T12:00:00Z"), &ms, NULL), 0);
    return ms;
}

static void
tell(struct kit *k, const char *id, const char *type, const char *at, const char *member, const char *more)
{
    char json[500];
    snprintf(json, sizeof json, "{\"id\":\"%s\",\"type\":\"%s\",\"time\":\"2026-03-01T%sZ\",\"ids\":{\"member\":\"%s\"}%s%s}", id, type, at, member, more[0] ? "," : "", more);
    const struct kit_event e = { json, "web", t0() + 40 * 86400000ll };
    kit_log(k, &e, 1);
    kit_follow(k);
}

static int
write_one(void *arg, const struct tl_due *d)
{
    struct tl_buf *b = arg;
    tl_buf_printf(b, "%s+%lld%s ", tl_alert_kind_word(d->kind), (long long)((d->at_ms - t0()) / 1000), d->ended_ms != TL_TIME_NONE ? "!" : "");
    return 0;
}

/* every moment, by time: kind+seconds, "!" when the wait is over */
static void
moments(struct kit *k, const char *want)
{
    struct tl_buf b = {0};
    assert_int_equal(tl_store_w_due_window(follow_store(k->follow), INT64_MIN / 2, INT64_MAX / 2, write_one, &b, NULL), 0);
    tl_buf_put_u8(&b, 0);
    if (strcmp((char *)b.data, want) != 0)
        fail_msg("got  %s\nwant %s", (char *)b.data, want);
    tl_buf_free(&b);
}

static void
both_ways(struct kit *k, const char *want)
{
    moments(k, want);
    kit_rebuild(k);
    moments(k, want);
}

#define OPEN "complaint+0 near+480 passed+600 "

static void
a_wait_by_its_boundaries(void **state)
{
    (void)state;
    static const struct { const char *end, *at, *want; } rows[] = {
        { "complaint.assigned", "12:07:59", "complaint+0 " }, { "complaint.assigned", "12:10:00", "complaint+0 " },          /* exactly at the limit is in time */
        { "complaint.assigned", "12:10:01", "complaint+0 passed+600! " }, { "complaint.withdrawn", "12:09:59", "complaint+0 " },
        { "complaint.withdrawn", "12:10:00", "complaint+0 passed+600 " }, { "complaint.solution", "12:00:10", OPEN }, { "gift", "12:30:00", OPEN },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct kit k;
        kit_open(&k, RULES);
        tell(&k, "a", "complaint.opened", "12:00:00", "m", "\"case\":\"c\",\"tier\":\"gold\"");
        moments(&k, OPEN);
        tell(&k, "b", rows[i].end, rows[i].at, "m", "\"case\":\"c\"");
        both_ways(&k, rows[i].want);
        kit_close(&k);
    }
}

static void
an_end_that_comes_late_repairs(void **state)
{
    (void)state;
    struct kit k;
    uint32_t n = 0;
    bool all = false;
    kit_open(&k, RULES);
    tell(&k, "a", "complaint.opened", "12:00:00", "m", "\"case\":\"c\",\"tier\":\"gold\"");
    tell(&k, "late", "complaint.assigned", "12:15:00", "m", "\"case\":\"c\"");
    moments(&k, "complaint+0 passed+600! ");
    tl_store_w_due_told(follow_store(k.follow));
    tell(&k, "right", "complaint.assigned", "12:09:00", "m", "\"case\":\"c\"");
    moments(&k, "complaint+0 ");
    assert_non_null(tl_store_w_due_touched(follow_store(k.follow), &n, &all));
    assert_true(n == 1 && !all);        /* the one that went; what is as it was is not touched */
    tl_store_w_due_told(follow_store(k.follow));
    tell(&k, "right", "complaint.assigned", "12:09:00", "m", "\"case\":\"c\"");      /* a copy changes nothing */
    tl_store_w_due_touched(follow_store(k.follow), &n, &all);
    assert_int_equal(n, 0);
    kit_close(&k);
}

static void
other_tiers_streams_and_scores(void **state)
{
    (void)state;
    struct kit k;
    kit_open(&k, RULES);
    tell(&k, "a", "complaint.opened", "12:00:00", "m", "\"case\":\"c\",\"tier\":\"silver\"");
    moments(&k, "near+900 passed+1800 ");
    tell(&k, "b", "complaint.opened", "12:00:00", "p", "\"case\":\"d\",\"tier\":\"gold\",\"stream\":\"test\"");
    moments(&k, "near+900 passed+1800 ");                            /* not a customer's */
    tell(&k, "c", "complaint.solution", "12:01:00", "m", "\"case\":\"c\"");
    moments(&k, "");
    tell(&k, "d", "feedback.text", "12:02:00", "m", "\"scores\":{\"csat5\":3}");
    tell(&k, "e", "feedback.text", "12:03:00", "m", "\"scores\":{\"csat5\":2}");
    tell(&k, "f", "survey.response", "12:04:00", "m", "\"scores\":{\"nps\":6}");
    tell(&k, "g", "survey.response", "12:05:00", "m", "\"scores\":{\"nps\":7}");
    tell(&k, "h", "order.placed", "12:06:00", "m", "\"order\":\"o\",\"outcome\":\"fail\"");
    both_ways(&k, "moment+180 score+240 moment+360 ");
    kit_close(&k);
}

static void
promises_are_waits(void **state)
{
    (void)state;
    struct kit k;
    kit_open(&k, RULES);
    tell(&k, "a", "promise.made", "12:00:00", "m", "\"order\":\"o\",\"promise\":{\"what\":\"pickup\",\"due\":\"2026-03-01T12:10:00Z\"}");
    moments(&k, "near+480 passed+600 ");
    tell(&k, "b", "promise.kept", "12:09:00", "m", "\"order\":\"o\",\"promise\":{\"what\":\"pickup\"}");
    both_ways(&k, "");
    kit_close(&k);
}

static int
whole(void *arg, const struct tl_due *d)
{
    struct tl_buf *b = arg;
    tl_buf_printf(b, "%d %d %d %lld %lld %lld;", d->kind, d->severity, d->pair != 0, (long long)d->at_ms, (long long)d->started_ms, (long long)d->ended_ms);
    return 0;
}

/* Six events in any order, some of them twice: the same moments. */
static void
order_and_copies_change_nothing(void **state)
{
    (void)state;
    static const struct { const char *id, *type, *at, *more; } event[] = {
        { "a", "complaint.opened", "12:00:00", "\"case\":\"c\",\"tier\":\"gold\"" }, { "b", "complaint.assigned", "12:11:00", "\"case\":\"c\"" },
        { "c", "complaint.opened", "12:20:00", "\"case\":\"d\"" },                     { "d", "feedback.text", "12:25:00", "\"scores\":{\"csat5\":1}" },
        { "e", "order.placed", "12:30:00", "\"order\":\"o\",\"outcome\":\"fail\"" }, { "f", "complaint.assigned", "12:29:00", "\"case\":\"d\"" },
    };
    struct tl_buf first = {0}, now = {0};
    uint64_t seed = 7;
    for (int turn = 0; turn < 4; turn++) {
        struct kit k;
        kit_open(&k, RULES);
        unsigned left = 63;
        while (left) {
            seed += UINT64_C(0x9E3779B97F4A7C15);
            unsigned i = turn == 0 ? (unsigned)__builtin_ctz(left) : (unsigned)(tl_mix64(seed) % 6);
            if (left >> i & 1 || tl_mix64(seed ^ 1) % 3 == 0)
                tell(&k, event[i].id, event[i].type, event[i].at, "m", event[i].more);
            left &= ~(1u << i);
        }
        struct tl_buf *b = turn == 0 ? &first : &now;
        tl_buf_reset(b);
        assert_int_equal(tl_store_w_due_window(follow_store(k.follow), INT64_MIN / 2, INT64_MAX / 2, whole, b, NULL), 0);
        assert_true(first.len > 200);
        if (turn > 0 && (first.len != now.len || memcmp(first.data, now.data, first.len) != 0))
            fail_msg("turn %d: %.*s\ninstead of %.*s", turn, (int)now.len, (char *)now.data, (int)first.len, (char *)first.data);
        kit_close(&k);
    }
    tl_buf_free(&first);
    tl_buf_free(&now);
}

static int
whose(void *arg, const struct tl_due *d)
{
    struct tl_buf *b = arg;
    tl_buf_printf(b, "%llu:%016llx ", (unsigned long long)d->customer, (unsigned long long)d->id);
    return 0;
}

static void
people_who_are_one_have_theirs_once(void **state)
{
    (void)state;
    struct kit k;
    struct tl_buf before = {0}, after = {0};
    kit_open(&k, RULES);
    tell(&k, "a", "complaint.opened", "12:00:00", "m1", "\"case\":\"c\",\"tier\":\"gold\"");
    tell(&k, "b", "complaint.opened", "12:00:00", "m2", "\"case\":\"d\",\"tier\":\"gold\"");
    moments(&k, "complaint+0 complaint+0 near+480 near+480 passed+600 passed+600 ");
    tl_store_w_due_window(follow_store(k.follow), 0, INT64_MAX / 2, whose, &before, NULL);
    kit_control(&k, "link", "{\"a\":{\"kind\":\"member\",\"value\":\"m1\"},\"b\":{\"kind\":\"member\",\"value\":\"m2\"}}");
    kit_follow(&k);
    moments(&k, "complaint+0 complaint+0 near+480 near+480 passed+600 passed+600 ");
    kit_control(&k, "unlink", "{\"a\":{\"kind\":\"member\",\"value\":\"m1\"},\"b\":{\"kind\":\"member\",\"value\":\"m2\"}}");
    kit_follow(&k);
    tl_store_w_due_window(follow_store(k.follow), 0, INT64_MAX / 2, whose, &after, NULL);
    size_t ids = 0;
    for (size_t i = 0; i < before.len; i += strcspn((char *)before.data + i, " ") + 1) {     /* the ids are the same, whoever has them */
        const char *id = strchr((char *)before.data + i, ':');
        assert_non_null(memmem(after.data, after.len, id, 17));
        ids++;
        if (ids == 6)
            break;
    }
    assert_int_equal(before.len, after.len);
    both_ways(&k, "complaint+0 complaint+0 near+480 near+480 passed+600 passed+600 ");
    tl_buf_free(&before);
    tl_buf_free(&after);
    kit_close(&k);
}

static void
rows_come_back(void **state)
{
    (void)state;
    const struct tl_due d = { .id = 5, .pair = 6, .customer = 7, .kind = TL_ALERT_NEAR, .severity = 3, .stream = 4, .priority = 2, .at_ms = -5, .started_ms = INT64_MAX / 2, .due_ms = 9,
                              .ended_ms = TL_TIME_NONE, .journey_ms = -1, .type = 1, .rule = 2, .touchpoint = 3, .place = 4, .channel = 5, .tier = 6, .break_kind = 7, .score = 8, .milli = -2000 };
    struct tl_due r;
    struct tl_buf b = {0};
    tl_due_put(&b, &d);
    assert_int_equal(tl_due_get(5, (struct tl_str){ (char *)b.data, b.len }, &r), 0);
    assert_true(r.pair == 6 && r.customer == 7 && r.stream == 4 && r.at_ms == -5 && r.started_ms == d.started_ms && r.due_ms == 9 && r.ended_ms == TL_TIME_NONE && r.journey_ms == -1 &&
                r.tier == 6 && r.break_kind == 7 && r.score == 8 && r.milli == -2000 && r.priority == 2 && r.severity == 3);
    for (size_t n = 0; n < b.len; n++)
        assert_int_not_equal(tl_due_get(5, (struct tl_str){ (char *)b.data, n }, &r), 0);
    b.data[0] = 9;
    assert_int_equal(tl_due_get(5, (struct tl_str){ (char *)b.data, b.len }, &r), TL_EVERSION);
    tl_buf_free(&b);
    const uint8_t ann[16] = { 1 }, bob[16] = { 2 };
    assert_true(tl_due_id(tl_due_rule(1, TL_STR("a")), 1, ann) != tl_due_id(tl_due_rule(1, TL_STR("a")), 1, bob));
    assert_true(tl_due_rule(0, TL_STR("a")) != tl_due_rule(1, TL_STR("a")) && tl_due_rule(1, TL_STR("a")) != tl_due_rule(1, TL_STR("b")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_wait_by_its_boundaries), cmocka_unit_test(an_end_that_comes_late_repairs), cmocka_unit_test(other_tiers_streams_and_scores),
                                        cmocka_unit_test(promises_are_waits), cmocka_unit_test(order_and_copies_change_nothing),
                                        cmocka_unit_test(people_who_are_one_have_theirs_once), cmocka_unit_test(rows_come_back) };
    assert_int_equal(tl_hash_init(), 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
