/* t_scorecard.c - the score of a checklist, places with few visits, double visits, re-inspection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "../../viewer/analysis/scorecard.h"

enum { OPEN = SCORECARD_OPEN, YES = SCORECARD_YES, NO = SCORECARD_NO, NA = SCORECARD_NA };

/* the tea chain's checklist: greeting 20, wait 30 (critical), note 25, tidy 10, goodbye 15 */
static struct scorecard
tea(int greeting, int wait, int note, int tidy, int goodbye)
{
    const struct scorecard_item item[] = { { 0, 20, false, (enum scorecard_answer)greeting }, { 0, 30, true, (enum scorecard_answer)wait }, { 1, 25, false, (enum scorecard_answer)note },
                                           { 1, 10, false, (enum scorecard_answer)tidy }, { 1, 15, false, (enum scorecard_answer)goodbye } };
    return scorecard_of(item, 5, SCORECARD_ALL);
}

static void
a_score_is_what_was_met_of_what_applied(void **state)
{
    static const struct { int answer[5]; double score; unsigned critical, open; bool known; } row[] = {
        { { YES, YES, YES, YES, YES }, 1, 0, 0, true }, { { NO, YES, YES, YES, YES }, .8, 0, 0, true }, { { YES, NO, YES, YES, YES }, .7, 1, 0, true },
        { { YES, YES, NA, YES, YES }, 1, 0, 0, true }, { { NO, YES, NA, YES, YES }, 55. / 75, 0, 0, true }, { { YES, OPEN, NO, OPEN, OPEN }, 20. / 45, 0, 3, true },
        { { NA, NA, NA, NA, NA }, 0, 0, 0, false }, { { OPEN, OPEN, OPEN, OPEN, OPEN }, 0, 0, 5, false }, { { NO, NO, NO, NO, NO }, 0, 1, 0, true },
    };
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        const int *a = row[i].answer;
        struct scorecard s = tea(a[0], a[1], a[2], a[3], a[4]);
        assert_true(fabs(s.score - row[i].score) < 1e-12);
        assert_int_equal(s.critical, row[i].critical);
        assert_int_equal(s.open, row[i].open);
        assert_int_equal(s.known, row[i].known);
        assert_int_equal(s.yes + s.no + s.na + s.open, 5);
    }
}

static void
sections_add_up_to_the_whole(void **state)
{
    const struct scorecard_item item[] = { { 3, 20, false, SCORECARD_YES }, { 5, 30, true, SCORECARD_NO }, { 3, 25, false, SCORECARD_NO }, { 5, 10, false, SCORECARD_NA } };
    (void)state;
    struct scorecard all = scorecard_of(item, 4, SCORECARD_ALL), three = scorecard_of(item, 4, 3), five = scorecard_of(item, 4, 5), none = scorecard_of(item, 4, 4);
    assert_true(fabs(three.score - 20. / 45) < 1e-12);
    assert_true(five.known && five.score == 0);
    assert_int_equal(five.critical, 1);
    assert_false(none.known);
    assert_true(three.weight_yes + five.weight_yes == all.weight_yes && three.weight_no + five.weight_no == all.weight_no);
    assert_int_equal(three.yes + five.yes, all.yes);
}

static void
places_with_few_visits_are_drawn_to_the_mean(void **state)
{
    struct scorecard_visit visit[24];
    struct scorecard_place place[8];
    (void)state;
    for (uint32_t i = 0; i < 24; i++) visit[i] = (struct scorecard_visit){ i % 8, i % 8 == 1 ? 3 : 5 - (i % 7 == 0), 5 };
    double de = scorecard_places(visit, 24, place, 8);
    assert_true(de >= 1);
    for (size_t i = 0; i < 8; i++) {
        double raw = (double)place[i].yes / (double)place[i].answered;
        assert_int_equal(place[i].visits, 3);
        assert_int_equal(place[i].answered, 15);
        assert_true(place[i].share.known && place[i].share.lo <= place[i].share.value && place[i].share.value <= place[i].share.hi);
        if (i == 1) assert_true(place[i].share.value > raw);
    }
}

static void
fewer_than_five_places_have_no_shrunken_score(void **state)
{
    const struct scorecard_visit visit[] = { { 0, 4, 5 }, { 1, 5, 5 }, { 2, 0, 0 } };
    struct scorecard_place place[3];
    (void)state;
    scorecard_places(visit, 3, place, 3);
    for (size_t i = 0; i < 3; i++) assert_false(place[i].share.known);
    assert_int_equal(place[2].visits, 1);
    assert_true(scorecard_places(NULL, 0, place, 0) == 1);
}

static void
double_visits_are_held_against_each_other(void **state)
{
    const enum scorecard_answer a[] = { SCORECARD_YES, SCORECARD_NO, SCORECARD_NA, SCORECARD_OPEN, SCORECARD_YES }, b[] = { SCORECARD_YES, SCORECARD_YES, SCORECARD_NA, SCORECARD_YES, SCORECARD_OPEN };
    (void)state;
    struct scorecard_alike x = scorecard_alike(a, b, 5), y = scorecard_alike(b, a, 5);
    assert_int_equal(x.same, 2);
    assert_int_equal(x.both, 3);
    assert_int_equal(y.same, 2);
    assert_int_equal(y.both, 3);
}

static void
a_second_look_says_what_changed(void **state)
{
    (void)state;
    struct scorecard before = tea(NO, NO, YES, YES, YES), after = tea(YES, YES, YES, YES, YES), none = tea(NA, NA, NA, NA, NA);
    struct interval d = scorecard_again(&before, &after), back = scorecard_again(&after, &before);
    assert_true(d.known && fabs(d.value - .4) < 1e-12 && d.lo < 0 && d.hi > .4);           /* five items prove little */
    assert_true(fabs(d.value + back.value) < 1e-12 && fabs(d.lo + back.hi) < 1e-12);
    assert_false(scorecard_again(&none, &after).known);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_score_is_what_was_met_of_what_applied),
        cmocka_unit_test(sections_add_up_to_the_whole),
        cmocka_unit_test(places_with_few_visits_are_drawn_to_the_mean),
        cmocka_unit_test(fewer_than_five_places_have_no_shrunken_score),
        cmocka_unit_test(double_visits_are_held_against_each_other),
        cmocka_unit_test(a_second_look_says_what_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
