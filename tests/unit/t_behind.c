/* t_behind.c - the journeys behind a cell of break points: as many as the cell counts, for any cell, any as_of; the text that names one. */
#include "stats_kit.h"

#include "../../viewer/analysis/behind.h"
#include "../../viewer/analysis/drops.h"
#include "../../viewer/cell_name.h"
#include "tl_time.h"

enum { JOURNEYS = 400, GAP = 100, PLACES = 3, POINTS = 4 };
static const struct break_rule rules[] = {
    { .standard = 20, .touchpoint = 1, .kind = TL_STANDARD_CLOCK, .severity_min = 1 }, { .standard = 21, .kind = TL_STANDARD_REPEAT, .severity_min = 1 },
    { .standard = 22, .touchpoint = 2, .kind = TL_STANDARD_REQUIRED, .severity_min = 1 }, { .standard = 23, .touchpoint = 3, .kind = TL_STANDARD_CLOCK, .beyond = true, .severity_min = 1 },
    { .without = TL_BREAK_MISSING, .severity_min = 1 },
};
enum { RULES = sizeof rules / sizeof rules[0] };
static const uint32_t required[] = { 1, 3 };
static const struct tl_daypart parts[] = { { .from_min = 0, .to_min = 720 }, { .from_min = 720, .to_min = 1400 }, { .from_min = 1400, .to_min = 0 } };
static struct tl_journey journeys[JOURNEYS];
static struct tl_step steps[JOURNEYS][5];
static struct tl_buf packed[JOURNEYS];
static struct tl_zone *zone;

static uint32_t
upto(uint64_t *seed, uint32_t n)
{
    return (uint32_t)(stats_random(seed) * n);
}

static int
make_journeys(void **state)
{
    static struct tl_facts f;
    uint64_t seed = 11;
    (void)state;
    for (int i = 0; i < JOURNEYS; i++) {
        int64_t ms = upto(&seed, 1000);
        journeys[i] = (struct tl_journey){ .customer = (uint64_t)i / 3, .day = (int32_t)upto(&seed, 6), .start_ms = ms, .outcome = (uint8_t)upto(&seed, 3), .steps_n = 1 + upto(&seed, 5), .step = steps[i] };
        for (uint32_t s = 0; s < journeys[i].steps_n; s++, ms += upto(&seed, 60)) steps[i][s] = (struct tl_step){ .touchpoint = 1 + upto(&seed, POINTS), .start_ms = ms, .end_ms = ms };
        journeys[i].last_ms = ms;
        memset(&f, 0, sizeof f);
        for (uint32_t c = upto(&seed, 4); c > 0; c--) {
            int64_t at = journeys[i].start_ms + upto(&seed, 50);
            struct tl_chance *x = &f.chance[f.chance_n++];
            *x = (struct tl_chance){ 20 + upto(&seed, 5), upto(&seed, 6), (uint8_t)upto(&seed, 3), at, at + 30, upto(&seed, 3) ? at + upto(&seed, 60) : TL_TIME_NONE,
                                     upto(&seed, 5) ? TL_TIME_NONE : at + upto(&seed, 40), upto(&seed, PLACES + 1), 0, 0 };
            if (upto(&seed, 2)) x->start_ms += 13 * 3600000;        /* another daypart, judged late */
            if (x->start_ms > at) x->due_ms = x->start_ms + 30, x->ended_ms = x->start_ms + 31;
        }
        if (upto(&seed, 4) == 0) f.brk[f.break_n++] = (struct tl_break){ .kind = TL_BREAK_MISSING, .severity = 1, .touchpoint = 1 + 2 * upto(&seed, 2) };
        tl_facts_put(&packed[i], &f, journeys[i].start_ms);
        journeys[i].facts = (struct tl_str){ (const char *)packed[i].data, packed[i].len };
    }
    return tl_zone_open(&zone, "UTC", NULL);
}

static int
end_journeys(void **state)
{
    (void)state;
    for (int i = 0; i < JOURNEYS; i++) tl_buf_free(&packed[i]);
    tl_zone_free(&zone);
    return 0;
}

/* counted - the journeys of the days asked behind b: rows of those hit, rows of the others; what is claimed of as_of is tried at both ends */
static void
counted(struct behind *b, uint64_t *hits, uint64_t *others)
{
    static struct behind_pad pad;
    *hits = *others = 0;
    for (int i = 0; i < JOURNEYS; i++) {
        const struct tl_journey *j = &journeys[i];
        int64_t lo = INT64_MIN, hi = INT64_MAX, as_of = b->ask.as_of_ms;
        if (j->day < b->ask.from_day || j->day > b->ask.to_day) continue;
        b->hit = true;
        uint32_t hit = behind_rows(b, j, &pad, &lo, &hi);
        b->hit = false;
        uint32_t other = behind_rows(b, j, &pad, &lo, &hi);
        assert_true(lo <= as_of && as_of <= hi);
        assert_true(!hit || !other);
        for (int end = 0; end < 2; end++) {
            b->ask.as_of_ms = end ? (hi < INT64_MAX ? hi : as_of) : (lo > INT64_MIN ? lo : as_of);
            int64_t l = INT64_MIN, h = INT64_MAX;
            assert_int_equal(behind_rows(b, j, &pad, &l, &h), other);
        }
        b->ask.as_of_ms = as_of;
        *hits += hit;
        *others += other;
    }
}

static struct told *
all_told(void)
{
    void *acc = analysis_told.begin(NULL);
    for (int i = 0; i < JOURNEYS; i++) assert_int_equal(analysis_told.journey(acc, &journeys[i], TL_END_OPEN), 0);
    struct told *t = analysis_told.finish(acc);
    analysis_told.abandon(acc);
    return t;
}

static void
lists_are_as_long_as_numbers(void **state)
{
    struct told *told = all_told();
    unsigned cells = 0;
    (void)state;
    for (int64_t as_of = 0; as_of < 1500; as_of += 113)
        for (int by = BREAKS_BY_NOTHING; by <= BREAKS_BY_DAYPART; by++) {
            struct breaks_ask q = { .rule = rules, .rule_n = RULES, .required = required, .required_n = 2, .as_of_ms = as_of * 40000, .from_day = 1, .to_day = 4, .before_from = 1,
                                    .before_to = 0, .watch_from = INT32_MAX, .by = (enum breaks_by)by, .daypart = parts, .daypart_n = 3, .zone = zone };
            struct tallies t;
            assert_int_equal(breaks_count(told, &q, &t), 0);
            for (size_t i = 0; i < t.n; i++, cells++) {
                const struct tally *x = &t.cell[i];
                struct behind b = { .ask = q, .rule = x->rule, .touchpoint = x->touchpoint, .place = x->place, .daypart = x->daypart, .gap_ms = GAP };
                uint64_t hits = 0, others = 0;
                counted(&b, &hits, &others);
                assert_int_equal(hits, x->k);
                assert_true(others <= x->n - x->k);         /* a journey hit and kept in one cell is among those hit */
            }
            breaks_free(&t);
        }
    assert_true(cells > 300);
    analysis_told.free(told);
}

static void
stops_are_listed(void **state)
{
    (void)state;
    for (int64_t as_of = 0; as_of < 2000; as_of += 41) {
        struct analysis_arg arg = { .as_of_ms = as_of, .gap_ms = GAP };
        void *acc = analysis_drops.begin(&arg);
        for (int i = 0; i < JOURNEYS; i++) assert_int_equal(analysis_drops.journey(acc, &journeys[i], tl_journey_end(&journeys[i], GAP, as_of)), 0);
        struct drops *d = analysis_drops.finish(acc);
        for (uint32_t at = 1; at <= POINTS; at++) {
            struct behind b = { .ask = { .rule = rules, .rule_n = RULES, .as_of_ms = as_of, .from_day = 2, .to_day = 3 }, .rule = RULES, .touchpoint = at, .gap_ms = GAP };
            const struct drop x = drops_between(d, at, 2, 3);
            uint64_t hits = 0, others = 0;
            counted(&b, &hits, &others);
            assert_int_equal(hits, x.dropped);
            assert_int_equal(others, x.reached - x.dropped);
        }
        analysis_drops.free(d);
        analysis_drops.abandon(acc);
    }
}

static void
nobody_is_behind_the_unknown(void **state)
{
    struct behind b = { .ask = { .rule = rules, .rule_n = RULES, .as_of_ms = 60000000, .from_day = 0, .to_day = 9 }, .rule = UINT32_MAX, .touchpoint = 1 };
    uint64_t hits = 0, others = 0;
    (void)state;
    counted(&b, &hits, &others);
    b.rule = RULES;
    b.touchpoint = 0;
    counted(&b, &hits, &others);
    assert_true(hits == 0 && others == 0);
}

static void
names_read_back(void **state)
{
    static const struct cell_name name[] = {
        { { NULL, 0 }, { "wait", 4 }, { "handover", 8 }, { NULL, 0 }, { NULL, 0 } }, { { "order", 5 }, { "wait", 4 }, { "handover", 8 }, { "S07", 3 }, { "lunch", 5 } },
        { { "a:b/c%", 6 }, { "x/y", 3 }, { "W_Nabellen: 50%", 15 }, { "\xe5\xba\x97", 3 }, { NULL, 0 } },
    };
    static const char *const must_reject[] = { "", "wait", "wait/", "/handover", "a/b/c/d/e", "a//b", "a/%", "a/%4", "a/%zz", ":a/b", "t:", "t:a", "a/b/" };
    struct tl_arena *a = tl_arena_new(1 << 20);
    struct tl_buf b = { NULL, 0, 0, false };
    struct cell_name got;
    (void)state;
    for (size_t i = 0; i < sizeof name / sizeof name[0]; i++) {
        tl_buf_reset(&b);
        cell_name_put(&b, &name[i]);
        assert_int_equal(cell_name_read((struct tl_str){ (const char *)b.data, b.len }, a, &got), 0);
        assert_true(tl_str_eq(got.type, name[i].type) && tl_str_eq(got.what, name[i].what) && tl_str_eq(got.touchpoint, name[i].touchpoint));
        assert_true(tl_str_eq(got.place, name[i].place) && tl_str_eq(got.daypart, name[i].daypart));
    }
    assert_true(b.len == 42 && memcmp(b.data, "a%3Ab%2Fc%25:x%2Fy/W_Nabellen%3A 50%25/", 39) == 0);
    for (size_t i = 0; i < sizeof must_reject / sizeof must_reject[0]; i++)
        if (cell_name_read(tl_str_of(must_reject[i]), a, &got) != -1) fail_msg("%s", must_reject[i]);
    tl_buf_free(&b);
    tl_arena_free(&a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_as_long_as_numbers), cmocka_unit_test(stops_are_listed), cmocka_unit_test(nobody_is_behind_the_unknown), cmocka_unit_test(names_read_back),
    };
    return cmocka_run_group_tests(tests, make_journeys, end_journeys);
}
