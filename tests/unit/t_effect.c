/* t_effect.c - did an action work: whole weeks, the golden differences and their verdicts, and what few rows, no rows or a turn for the worse come to. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../viewer/analysis/effect.h"

static void
weeks_are_whole_and_equal(void **state)
{
    static const struct { int32_t start, today, max, weeks, before_from, before_to, after_from, after_to; bool capped; } row[] = {
        { 100, 100, 26, 0, 0, 0, 0, 0, false }, { 100, 106, 26, 0, 0, 0, 0, 0, false }, { 100, 90, 26, 0, 0, 0, 0, 0, false },
        { 100, 107, 26, 1, 93, 99, 100, 106, false }, { 100, 113, 26, 1, 93, 99, 100, 106, false }, { 100, 128, 26, 4, 72, 99, 100, 127, false },
        { 100, 130, 4, 4, 72, 99, 100, 127, false }, { 100, 190, 12, 12, 16, 99, 100, 183, false }, { 100, 400, 26, 26, -82, 99, 100, 281, true },
        { INT32_MIN + 400, INT32_MAX, 26, 26, INT32_MIN + 400 - 182, INT32_MIN + 399, INT32_MIN + 400, INT32_MIN + 581, true },
    };
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct effect_window w = effect_window(row[i].start, row[i].today, row[i].max);
        assert_int_equal(w.weeks, row[i].weeks);
        assert_int_equal(w.capped, row[i].capped);
        if (w.weeks)
            assert_true(w.before_from == row[i].before_from && w.before_to == row[i].before_to && w.after_from == row[i].after_from && w.after_to == row[i].after_to);
    }
}

static bool
near(double a, double b, double by)
{
    return fabs(a - b) <= by;
}

struct want { double value, lo, hi; enum effect_word word; };

static void
expect(const struct effect *e, struct want w, double by, const char *what)
{
    if (!near(e->points.value, w.value, by) || !near(e->points.lo, w.lo, by) || !near(e->points.hi, w.hi, by) || e->verdict.word != w.word)
        fail_msg("%s: %f (%f..%f) verdict %d", what, e->points.value, e->points.lo, e->points.hi, (int)e->verdict.word);
}

static struct effect
before_after(uint64_t k, uint64_t n, uint64_t k2, uint64_t n2, bool more, double worth)
{
    struct effect e = { .acted = { { k, n, 1 }, { k2, n2, 1 } } };
    effect_judge(&e, more, worth);
    return e;
}

static void
before_and_after_alone(void **state)
{
    (void)state;
    struct effect e = before_after(50, 200, 29, 200, false, 0);
    expect(&e, (struct want){ -.105, -.182, -.027, EFFECT_WORKS }, .0006, "50 to 29 of 200");
    assert_true(near(e.ratio.value, -.42, .001) && near(e.ratio.lo, -.62, .006) && near(e.ratio.hi, -.12, .006));
    e = before_after(40, 200, 26, 200, false, 0);
    expect(&e, (struct want){ -.07, -.143, .003, EFFECT_TOO_LITTLE }, .0006, "40 to 26 of 200: not yet proven");
    assert_true(e.verdict.more > 0 && !e.verdict.worse);
    e = before_after(29, 200, 50, 200, false, 0);
    expect(&e, (struct want){ .105, .027, .182, EFFECT_NONE }, .0006, "it got worse");
    assert_true(e.verdict.worse);
    e = before_after(29, 200, 50, 200, true, 0);
    expect(&e, (struct want){ .105, .027, .182, EFFECT_WORKS }, .0006, "more is better");
    e = before_after(400, 2000, 396, 2000, false, 0);
    assert_int_equal(e.verdict.word, EFFECT_NONE);
    e = before_after(400, 2000, 396, 2000, false, .01);     /* a point was hoped for: that is not excluded */
    assert_int_equal(e.verdict.word, EFFECT_TOO_LITTLE);
    e = before_after(4000, 20000, 3960, 20000, false, .001);   /* within two points: small, whatever was hoped for */
    assert_int_equal(e.verdict.word, EFFECT_NONE);
}

static void
the_demo(void **state)
{
    struct effect e = { .acted = { { 290, 625, 1 }, { 140, 860, 1 } }, .rest = { { 239, 543, 1 }, { 302, 681, 1 } }, .compared = true };
    (void)state;
    effect_judge(&e, false, .25);
    expect(&e, (struct want){ -.304527, -.377142, -.231913, EFFECT_WORKS }, 1e-6, "I1");
    e = (struct effect){ .acted = { { 74, 919, 1 }, { 61, 855, 1 } }, .rest = { { 247, 3644, 1 }, { 232, 3377, 1 } }, .compared = true };
    effect_judge(&e, false, 0);
    expect(&e, (struct want){ -.010095, -.037418, .017229, EFFECT_NONE }, 1e-6, "I2");
}

static void
little_or_nothing(void **state)
{
    static const uint64_t row[][4] = { { 0, 0, 0, 0 }, { 5, 10, 0, 0 }, { 0, 0, 3, 9 }, { 29, 29, 0, 29 }, { 0, 40, 0, 40 }, { 40, 40, 40, 40 }, { 0, 1000, 1000, 1000 } };
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        for (int compared = 0; compared < 2; compared++) {
            struct effect e = { .acted = { { row[i][0], row[i][1], 1 }, { row[i][2], row[i][3], 1 } }, .rest = { { 3, 40, 1 }, { 0, compared ? 0 : 40, 1 } }, .compared = compared };
            effect_judge(&e, false, 0);
            assert_true(isfinite(e.points.value) && isfinite(e.points.lo) && isfinite(e.points.hi) && isfinite(e.ratio.value) && isfinite(e.ratio.lo) && isfinite(e.ratio.hi));
            if (i < 4 || compared) assert_int_equal(e.verdict.word, EFFECT_TOO_LITTLE);
            if (i < 4) assert_true(e.verdict.more >= 1);
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weeks_are_whole_and_equal), cmocka_unit_test(before_and_after_alone), cmocka_unit_test(the_demo), cmocka_unit_test(little_or_nothing),
    };
    return cmocka_run_group_tests_name("effect", tests, NULL, NULL);
}
