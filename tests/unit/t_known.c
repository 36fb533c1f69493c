/* t_known.c - which verdicts rest on silence, and what a silent source makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../viewer/analysis/breaks.h"
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

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(silence_of_a_source_is_unknown) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
