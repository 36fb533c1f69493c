/* t_past.c - what lay behind a customer when a visit began; landmarks, and outcomes that are decided the other way. */
#include "stats_kit.h"

#include "../../viewer/analysis/moments.h"
#include "../../viewer/analysis/verdict.h"
#include "tl_time.h"

enum { WAIT = 20, AGAIN, DELIGHT, BAD_END = 30, GOOD_END, POINT = 5 };
#define DAY TL_DAY_MS
static const struct break_rule rules[] = {
    { .standard = WAIT, .touchpoint = POINT, .kind = TL_STANDARD_CLOCK, .severity_min = 1 }, { .standard = AGAIN, .touchpoint = POINT, .kind = TL_STANDARD_REPEAT, .severity_min = 1 },
    { .standard = DELIGHT, .touchpoint = POINT, .kind = TL_STANDARD_CLOCK, .beyond = true, .severity_min = 1 },
};

static struct tl_chance
chance(uint32_t standard, int64_t start, int64_t due, int64_t ended)
{
    return (struct tl_chance){ standard, TL_NO_STEP, 0, start, due, ended, TL_TIME_NONE, 0, 0, 0 };
}

/* a told of journeys of one chance each */
static struct told *
told_of(const struct tl_chance *c, const uint64_t *customer, size_t n, const struct tl_marked *m, const uint32_t *mark_n)
{
    static struct tl_facts f;
    static struct tl_step step = { .touchpoint = POINT };
    void *acc = analysis_told.begin(NULL);
    for (size_t i = 0; i < n; i++) {
        struct tl_buf b = { NULL, 0, 0, false };
        struct tl_journey j = { .customer = customer[i], .start_ms = c[i].start_ms, .last_ms = c[i].start_ms, .steps_n = 1, .step = &step };
        memset(&f, 0, sizeof f);
        f.chance[f.chance_n++] = c[i];
        for (uint32_t k = 0; mark_n && k < mark_n[i]; k++) f.marked[f.marked_n++] = *m++;
        tl_facts_put(&b, &f, j.start_ms);
        j.facts = (struct tl_str){ (const char *)b.data, b.len };
        assert_int_equal(analysis_told.journey(acc, &j, TL_END_OPEN), 0);
        tl_buf_free(&b);
    }
    struct told *t = analysis_told.finish(acc);
    analysis_told.abandon(acc);
    return t;
}

static void
breaks_met_before(void **state)
{
    const struct tl_chance c[] = { chance(WAIT, 0, 10, 30), chance(WAIT, 100, 110, 105), chance(WAIT, 200, 210, 230), chance(WAIT, 300, 310, 330), chance(DELIGHT, 310, 320, 390), chance(WAIT, 400, 410, 430) };
    static const uint64_t who[] = { 7, 7, 7, 7, 7, 8 };
    static const struct { uint64_t customer; int64_t at; uint32_t value; } t[] = {
        { 7, 10, 1 },       /* known at 10: not before it */
        { 7, 11, 2 }, { 7, 200, 2 }, { 7, 211, 3 }, { 7, 311, 3 },      /* 2 or more are alike */
        { 8, 410, 1 }, { 8, 411, 2 }, { 9, 1000, 1 },
    };
    struct breaks_ask q = { .rule = rules, .rule_n = 3, .as_of_ms = 10000 };
    struct past p = { .kind = { PAST_PRIOR_BAD, PAST_ATTR } };
    struct told *told = told_of(c, who, 6, NULL, NULL);
    (void)state;
    assert_int_equal(past_bads(told, &q, 7, &p), 0);
    assert_int_equal(p.bad_n, 4);           /* what goes beyond and was not met is no break */
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        const struct told_journey j = { .customer = t[i].customer, .stratum = { 99, 98 } };
        assert_int_equal(past_value(&p, 0, &j, t[i].at), t[i].value);
        assert_int_equal(past_value(&p, 1, &j, t[i].at), 98);
    }
    tl_free(p.bad);
    analysis_told.free(told);
}

static void
tenure_and_daypart(void **state)
{
    static const struct past_first first[] = { { 3, 0 }, { 5, 10 * DAY }, { 6, TL_TIME_NONE } };
    static const struct tl_daypart parts[] = { { .from_min = 480, .to_min = 660 }, { .from_min = 1320, .to_min = 120 } };
    static const struct { uint64_t customer; int64_t at; uint32_t tenure, part; } t[] = {
        { 3, 0, 1, 2 }, { 3, 30 * DAY - 1, 1, 2 }, { 3, 30 * DAY, 2, 2 }, { 3, 180 * DAY - 1, 2, 2 }, { 3, 180 * DAY, 3, 2 }, { 5, 39 * DAY, 1, 2 }, { 5, 40 * DAY, 2, 2 },
        { 6, 40 * DAY, 0, 2 }, { 4, 40 * DAY, 0, 2 },                                                   /* not known */
        { 3, 480 * 60000, 1, 1 }, { 3, 660 * 60000 - 1, 1, 1 }, { 3, 660 * 60000, 1, 0 }, { 3, 1320 * 60000, 1, 2 }, { 3, 120 * 60000, 1, 0 }, { 3, 119 * 60000, 1, 2 },
    };
    struct tl_zone *zone = NULL;
    (void)state;
    assert_int_equal(tl_zone_open(&zone, "UTC", NULL), 0);
    const struct breaks_ask q = { .daypart = parts, .daypart_n = 2, .zone = zone };
    const struct past p = { .kind = { PAST_TENURE, PAST_DAYPART }, .ask = &q, .first = first, .first_n = 3 };
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        const struct told_journey j = { .customer = t[i].customer };
        if (past_value(&p, 0, &j, t[i].at) != t[i].tenure || past_value(&p, 1, &j, t[i].at) != t[i].part) fail_msg("case %zu", i);
    }
    tl_zone_free(&zone);
}

/* chased within the days of the landmark; decided good, bad, or not yet */
static void
landmarks_and_two_ends(void **state)
{
    static const struct { int days; int64_t again; uint32_t end; int64_t at; unsigned n, exposed, met, excluded, waiting; } t[] = {
        { 3, 2 * DAY, BAD_END, 9 * DAY, 1, 1, 1, 0, 0 }, { 3, 2 * DAY, GOOD_END, 9 * DAY, 1, 1, 0, 0, 0 },
        { 3, 3 * DAY, BAD_END, 9 * DAY, 1, 1, 1, 0, 0 },        /* on the last moment */
        { 3, 3 * DAY + 1, BAD_END, 9 * DAY, 1, 0, 1, 0, 0 },    /* later: not by the landmark */
        { 7, 3 * DAY + 1, BAD_END, 9 * DAY, 1, 1, 1, 0, 0 }, { 3, TL_TIME_NONE, GOOD_END, 9 * DAY, 1, 0, 0, 0, 0 },
        { 3, DAY, GOOD_END, 3 * DAY, 0, 0, 0, 1, 0 },           /* decided at the landmark: open no more */
        { 3, DAY, BAD_END, 3 * DAY + 1, 1, 1, 1, 0, 0 }, { 7, DAY, BAD_END, 3 * DAY + 1, 0, 0, 0, 1, 0 },
        { 3, DAY, 0, 0, 0, 0, 0, 0, 1 },                        /* neither yet */
        { 0, 2 * DAY, BAD_END, 9 * DAY, 1, 1, 1, 0, 0 }, { 0, 2 * DAY, BAD_END, 5 * DAY, 0, 0, 0, 1, 0 },       /* without one: when the time of the standard, 7 days, is over */
    };
    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        const struct tl_chance c = chance(AGAIN, 0, 7 * DAY, t[i].again);
        const struct tl_marked m = { t[i].end, 0, t[i].at };
        const uint32_t marks = t[i].end != 0;
        static const uint64_t who = 1;
        struct told *told = told_of(&c, &who, 1, &m, &marks);
        struct moment_ask q = { .breaks = { .rule = rules, .rule_n = 3, .as_of_ms = 40 * DAY }, .rules = 2, .touchpoint = POINT, .first = true, .landmark_ms = t[i].days * DAY,
                                .outcome = { .word = BAD_END, .against = GOOD_END, .after = -1, .within_ms = 90 * DAY, .horizon_ms = DAY } };
        struct moment_rows r;
        assert_int_equal(moments_rows(told, &q, &r), 0);
        if (r.n != t[i].n || r.excluded != t[i].excluded || r.waiting != t[i].waiting || (r.n && (r.row[0].exposed != (t[i].exposed == 1) || r.row[0].met != (t[i].met == 1))))
            fail_msg("case %zu: %zu rows, %u excluded, %u waiting", i, r.n, (unsigned)r.excluded, (unsigned)r.waiting);
        tl_free(r.row);
        analysis_told.free(told);
    }
}

static void
rows_for_a_p(void **state)
{
    (void)state;
    near(verdict_times_for_p(.05, .05), 1, 1e-12);
    near(verdict_times_for_p(.01, .05), 1, 1e-12);                  /* there already */
    near(verdict_times_for_p(.15865525393145707, .022750131948179212), 4, 1e-6);      /* one deviation to two: four times the rows */
    near(verdict_times_for_p(.5, .01), 1e12, 1);
    near(verdict_times_for_p(.9, .01), 1e12, 1);
    near(verdict_times_for_p(.01, .6), 1, 1e-12);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(breaks_met_before), cmocka_unit_test(tenure_and_daypart), cmocka_unit_test(landmarks_and_two_ends), cmocka_unit_test(rows_for_a_p),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
