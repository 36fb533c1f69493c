/* t_backtrack.c - from a bad outcome back: the first and the worst break by hand, and counts over random journeys against an oracle that sorts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../viewer/analysis/backtrack.h"
#include "tl_mem.h"
#include "tl_time.h"

#define LATER 1000000
enum { WAIT = 11, CHECK = 12, BEYOND = 13 };

static const struct break_rule rules[] = {
    { .standard = WAIT, .touchpoint = 3, .kind = TL_STANDARD_CLOCK, .severity_min = 1 },
    { .standard = CHECK, .touchpoint = 2, .kind = TL_STANDARD_FAILED, .severity_min = 1 },
    { .standard = BEYOND, .touchpoint = 2, .kind = TL_STANDARD_FAILED, .severity_min = 3, .beyond = true },
    { .without = TL_BREAK_MISSING, .severity_min = 1 },
};
static const struct breaks_ask ask = { .rule = rules, .rule_n = 4, .as_of_ms = LATER, .from_day = INT32_MIN, .to_day = INT32_MAX, .before_from = INT32_MAX, .before_to = INT32_MIN, .watch_from = INT32_MAX };

static uint32_t
by_number(void *arg, uint32_t touchpoint)
{
    (void)arg;
    return touchpoint;
}
static const struct backtrack_order order = { by_number, NULL };

static struct told_chance
waited(int64_t start, int64_t limit, int64_t took)
{
    return (struct told_chance){ { .standard = WAIT, .start_ms = start, .due_ms = start + limit, .ended_ms = start + took, .cancelled_ms = TL_TIME_NONE }, 3 };
}

static struct told_chance
checked(int64_t at, bool failed)
{
    return (struct told_chance){ { .standard = CHECK, .start_ms = at, .due_ms = TL_TIME_NONE, .ended_ms = TL_TIME_NONE, .cancelled_ms = TL_TIME_NONE, .flags = failed ? TL_CHANCE_HIT : 0 }, 2 };
}

static struct backtrack_one
walk(const struct told_chance *c, uint32_t n, const struct tl_break *b, uint32_t m, int64_t before)
{
    const struct told_journey j = { .chance_n = n, .brk_n = m };
    return backtrack_of(&ask, &j, c, b, before, order);
}

static void
the_earliest_evidence_is_first_and_the_longest_wait_worst(void **state)
{
    const struct told_chance c[] = { checked(500, true), waited(100, 480, 481), waited(600, 100, 900) };
    (void)state;
    struct backtrack_one o = walk(c, 3, NULL, 0, 5000);
    assert_int_equal(o.n, 3);
    assert_int_equal(o.first.rule, 0);
    assert_int_equal(o.first.at_ms, 100);
    assert_int_equal(o.worst.at_ms, 600);
    assert_int_equal(o.worst.severity, 3);
}

static void
what_came_with_the_outcome_or_after_it_explains_nothing(void **state)
{
    const struct told_chance c[] = { checked(500, true), waited(100, 480, 900) };
    (void)state;
    assert_int_equal(walk(c, 2, NULL, 0, 500).n, 0);         /* the wait is late at 580 only */
    assert_int_equal(walk(c, 2, NULL, 0, 501).n, 1);
    assert_int_equal(walk(c, 2, NULL, 0, 580).n, 1);
    assert_int_equal(walk(c, 2, NULL, 0, 581).n, 2);
    assert_int_equal(walk(c, 2, NULL, 0, 581).first.rule, 0);
}

static void
of_breaks_at_one_moment_the_plan_says_which_is_first(void **state)
{
    const struct told_chance c[] = { waited(100, 10, 50), checked(100, true) };
    const struct tl_break b[] = { { .kind = TL_BREAK_MISSING, .touchpoint = 1, .severity = 1, .at_ms = 100 }, { .kind = TL_BREAK_FAILURE, .touchpoint = 9, .severity = 3, .at_ms = 200 } };
    (void)state;
    assert_int_equal(walk(c, 2, b, 2, 5000).first.rule, 3);
    assert_int_equal(walk(c, 2, NULL, 0, 5000).first.rule, 1);
    assert_int_equal(walk(c, 2, b, 2, 5000).worst.rule, 0);                  /* severity 3 both: five times the limit is more than 1 */
    assert_int_equal(walk(NULL, 0, b + 1, 1, 5000).first.rule, 4 + TL_BREAK_FAILURE);
}

static void
what_was_kept_or_only_not_a_delight_is_no_break(void **state)
{
    const struct told_chance c[] = { waited(100, 480, 480), checked(1, false), { { .standard = BEYOND, .start_ms = 1, .due_ms = TL_TIME_NONE, .ended_ms = TL_TIME_NONE, .cancelled_ms = TL_TIME_NONE, .flags = TL_CHANCE_HIT }, 2 } };
    (void)state;
    assert_false(walk(c, 3, NULL, 0, 5000).any);
}

/* ---- many ---- */

#define JOURNEYS 600
static struct told_journey journey[JOURNEYS];
static struct told_chance chance[3 * JOURNEYS];
static int64_t outcome_at[JOURNEYS];

static int64_t
when(void *arg, const struct told_journey *j, const struct tl_marked *m)
{
    (void)arg;
    (void)m;
    return outcome_at[j - journey];
}

static uint64_t
rnd(uint64_t *s, uint64_t n)
{
    *s = *s * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (*s >> 33) % n;
}

static void
counts_are_those_of_the_journeys_one_by_one(void **state)
{
    uint64_t seed = 7, first[2] = { 0, 0 }, worst[2] = { 0, 0 }, bad = 0, none = 0, open = 0;
    struct told t = { .journey = journey, .chance = chance, .journey_n = JOURNEYS };
    struct backtracks out;
    (void)state;
    for (uint32_t i = 0; i < JOURNEYS; i++) {
        struct told_chance *c = chance + t.chance_n;
        journey[i] = (struct told_journey){ .customer = rnd(&seed, 200), .start_ms = i, .chance_n = (uint32_t)rnd(&seed, 4) };
        for (uint32_t k = 0; k < journey[i].chance_n; k++) c[k] = rnd(&seed, 2) ? waited(1000 + (int64_t)rnd(&seed, 50), 100, 20 + (int64_t)rnd(&seed, 400)) : checked(1000 + (int64_t)rnd(&seed, 300), rnd(&seed, 2));
        outcome_at[i] = rnd(&seed, 4) == 0 ? TL_TIME_NONE : rnd(&seed, 5) == 0 ? BACKTRACK_OPEN : 900 + (int64_t)rnd(&seed, 500);
        open += outcome_at[i] == BACKTRACK_OPEN;
        if (outcome_at[i] != TL_TIME_NONE && outcome_at[i] != BACKTRACK_OPEN) {
            struct backtrack_one o = walk(c, journey[i].chance_n, NULL, 0, outcome_at[i]);
            bad++;
            none += !o.any;
            if (o.any) first[o.first.rule]++, worst[o.worst.rule]++;
        }
        t.chance_n += journey[i].chance_n;
    }
    assert_int_equal(backtracks_count(&t, &ask, when, NULL, order, &out), 0);
    assert_int_equal(out.bad, bad);
    assert_int_equal(out.none, none);
    assert_int_equal(out.waiting, open);
    assert_int_equal(out.journeys, JOURNEYS - open);
    assert_int_equal(out.n, 2);
    uint64_t sum = 0;
    for (size_t i = 0; i < out.n; i++) {
        const struct backtrack_cell *c = &out.cell[i];
        assert_int_equal(c->first, first[c->rule]);
        assert_int_equal(c->worst, worst[c->rule]);
        assert_true(c->de >= 1 && c->example_n == BACKTRACK_EXAMPLES_MAX);
        assert_true(c->example[0].start_ms > c->example[1].start_ms);
        sum += c->first;
    }
    assert_int_equal(sum + none, bad);           /* each has one first break, or none */
    assert_true(out.cell[0].first >= out.cell[1].first);
    tl_free(out.cell);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_earliest_evidence_is_first_and_the_longest_wait_worst),
        cmocka_unit_test(what_came_with_the_outcome_or_after_it_explains_nothing),
        cmocka_unit_test(of_breaks_at_one_moment_the_plan_says_which_is_first),
        cmocka_unit_test(what_was_kept_or_only_not_a_delight_is_no_break),
        cmocka_unit_test(counts_are_those_of_the_journeys_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
