/* t_known.c - which verdicts rest on silence, and what a silent source makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../viewer/analysis/moments.h"
#include "tl_mem.h"
#include "tl_time.h"

enum { S01 = 7, S03 = 9 };

static void
silence_of_a_source_is_unknown(void **state)
{
    static const int64_t none = TL_TIME_NONE;
    static const struct known told[] = { { S01, 100 }, { S03, 99 } }, all[] = { { 0, 99 } };
    static const struct { enum tl_standard_kind kind; int64_t due, ended; enum chance_is is; uint32_t place; const struct known *known; enum chance_is want; } t[] = {
        { TL_STANDARD_CLOCK, 100, none, CHANCE_HIT, S01, told, CHANCE_HIT },          /* told up to when it was due: silence is the customer's wait */
        { TL_STANDARD_CLOCK, 100, none, CHANCE_HIT, S03, told, CHANCE_UNKNOWN },
        { TL_STANDARD_CLOCK, 100, none, CHANCE_HIT, 0, told, CHANCE_UNKNOWN },         /* of no place, or of one that never told */
        { TL_STANDARD_CLOCK, 100, none, CHANCE_HIT, 8, told, CHANCE_UNKNOWN },
        { TL_STANDARD_CLOCK, 100, none, CHANCE_HIT, 8, all, CHANCE_UNKNOWN },
        { TL_STANDARD_CLOCK, 99, none, CHANCE_HIT, 8, all, CHANCE_HIT },
        { TL_STANDARD_CLOCK, 100, none, CHANCE_HIT, S03, NULL, CHANCE_HIT },           /* nobody is asked */
        { TL_STANDARD_CLOCK, 100, 101, CHANCE_HIT, S03, told, CHANCE_HIT },            /* late, and known to be */
        { TL_STANDARD_CLOCK, 100, 50, CHANCE_KEPT, S03, told, CHANCE_KEPT },
        { TL_STANDARD_CLOCK, 100, none, CHANCE_CANCELLED, S03, told, CHANCE_CANCELLED },
        { TL_STANDARD_CLOCK, 100, none, CHANCE_OUT, S03, told, CHANCE_OUT },
        { TL_STANDARD_PROMISE, 100, none, CHANCE_HIT, S03, told, CHANCE_UNKNOWN },
        { TL_STANDARD_WORD, 100, 101, CHANCE_HIT, S03, told, CHANCE_UNKNOWN },         /* the promise was late; whether there was word is not known */
        { TL_STANDARD_WORD, 100, 101, CHANCE_KEPT, S03, told, CHANCE_KEPT },
        { TL_STANDARD_REQUIRED, 100, none, CHANCE_HIT, S03, told, CHANCE_UNKNOWN },
        { TL_STANDARD_REQUIRED, none, none, CHANCE_HIT, S03, told, CHANCE_HIT },
        { TL_STANDARD_REQUIRED, none, 50, CHANCE_KEPT, S03, told, CHANCE_KEPT },
        { TL_STANDARD_REPEAT, 100, none, CHANCE_KEPT, S03, told, CHANCE_UNKNOWN },     /* that they did not come again is silence too */
        { TL_STANDARD_REPEAT, 100, 50, CHANCE_HIT, S03, told, CHANCE_HIT },
        { TL_STANDARD_FAILED, none, none, CHANCE_HIT, S03, told, CHANCE_HIT },
    };
    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct break_rule r = { .standard = 1, .kind = t[i].kind, .known = t[i].known, .known_n = t[i].known == told ? 2 : t[i].known == all };
        struct tl_chance c = { .standard = 1, .due_ms = t[i].due, .ended_ms = t[i].ended, .cancelled_ms = none, .place = t[i].place };
        if (chance_known(&r, &c, t[i].is) != t[i].want)
            fail_msg("row %zu", i);
    }
}

/* An outcome that is told by its absence: where the window reaches beyond what the source has told, met or not, the journey is left out and counted. */
static void
a_window_not_told_whole_is_left_out(void **state)
{
    enum { N = 4 };
    struct told_journey journey[N];
    struct told_chance chance[N];
    struct told t = { .journey = journey, .chance = chance, .journey_n = N, .chance_n = N };
    const struct break_rule rule = { .standard = 1, .touchpoint = 5, .kind = TL_STANDARD_FAILED, .severity_min = 1 };
    const struct customer_mark back = { 4, 350 };
    struct moment_ask q = { .breaks = { .rule = &rule, .rule_n = 1, .as_of_ms = 1000 }, .rules = 1, .touchpoint = 5, .mark = &back, .mark_n = 1,
                            .outcome = { .word = 9, .of_customer = true, .absent = true, .after = -1, .within_ms = 100, .horizon_ms = 100 } };
    static const struct { bool asks; int64_t told; size_t n; uint64_t unknown; } rows[] = {
        { false, 0, 4, 0 }, { true, 400, 4, 0 }, { true, 399, 2, 2 }, { true, 250, 1, 3 }, { true, TL_TIME_NONE, 0, 4 },
    };

    (void)state;
    for (int i = 0; i < N; i++) {               /* experiences at 100, 200, 300 and 300, which the last customer came back after */
        int64_t at = i < 3 ? 100 * (i + 1) : 300;
        journey[i] = (struct told_journey){ .customer = (uint64_t)i + 1, .start_ms = at, .last_ms = at, .chance_n = 1 };
        chance[i] = (struct told_chance){ { .standard = 1, .start_ms = at, .due_ms = TL_TIME_NONE, .ended_ms = TL_TIME_NONE, .cancelled_ms = TL_TIME_NONE }, 5 };
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct moment_rows out;
        q.outcome.asks = rows[i].asks;
        q.outcome.told_ms = rows[i].told;
        assert_int_equal(moments_rows(&t, &q, &out), 0);
        if (out.unknown != rows[i].unknown || out.n != rows[i].n)
            fail_msg("row %zu: %zu rows, %llu unknown", i, out.n, (unsigned long long)out.unknown);
        tl_free(out.row);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(silence_of_a_source_is_unknown), cmocka_unit_test(a_window_not_told_whole_is_left_out) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
