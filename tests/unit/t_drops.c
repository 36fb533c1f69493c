/* t_drops.c - where journeys stopped, by place: counted in whole, in parts, and straight from the journeys; the list behind each number is as long as it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../viewer/analysis/behind.h"
#include "../../viewer/analysis/drops.h"
#include "tl_hash.h"
#include "tl_time.h"

enum { JOURNEYS = 600, PLACE_KEY = 5, PLACE = 40, PLACES = 4 /* the first is none */, TOUCHPOINT = 70, TOUCHPOINTS = 5, GAP = 100, AS_OF = 5000 };
static struct tl_journey journeys[JOURNEYS];
static struct tl_step steps[JOURNEYS][6];
static uint64_t seed = 11;

static uint64_t
below(uint64_t n)
{
    seed += UINT64_C(0x9E3779B97F4A7C15);
    return tl_mix64(seed) % n;
}

static void
make_journeys(void)
{
    for (int i = 0; i < JOURNEYS; i++) {
        struct tl_journey *j = &journeys[i];
        uint32_t place = (uint32_t)below(PLACES);
        int64_t at = (int64_t)below(AS_OF + 200);
        *j = (struct tl_journey){ .customer = 1 + below(50), .day = (int32_t)below(3), .start_ms = at, .outcome = (uint8_t)below(2), .step = steps[i], .steps_n = 1 + (uint32_t)below(6) };
        j->attrs_n = place != 0;
        j->attr[0] = (struct tl_attr){ PLACE_KEY, PLACE + place };
        for (uint32_t s = 0; s < j->steps_n; s++, at += (int64_t)below(40))
            steps[i][s] = (struct tl_step){ .touchpoint = TOUCHPOINT + (uint32_t)below(TOUCHPOINTS), .start_ms = at, .end_ms = at };
        j->last_ms = steps[i][j->steps_n - 1].end_ms;
    }
}

static void *
fold(uint32_t place_key, int from, int step)
{
    struct drops_ask by = { place_key };
    struct analysis_arg arg = { .end = -1, .as_of_ms = AS_OF, .gap_ms = GAP, .more = place_key ? &by : NULL, .word = { TOUCHPOINT }, .word_n = 1 };
    void *acc = analysis_drops.begin(&arg);
    for (int i = from; i < JOURNEYS; i += step) assert_int_equal(analysis_drops.journey(acc, &journeys[i], tl_journey_end(&journeys[i], GAP, AS_OF)), 0);
    void *part = analysis_drops.finish(acc);
    analysis_drops.abandon(acc);
    return part;
}

/* straight: of journeys of the place (0: of all), those whose last visit of the touchpoint is mature, and those that stopped there */
static struct drop
count(uint32_t touchpoint, uint32_t place, int32_t from_day, int32_t to_day)
{
    struct drop d = { touchpoint, place, from_day, 0, 0 };
    for (int i = 0; i < JOURNEYS; i++) {
        const struct tl_journey *j = &journeys[i];
        int last = -1;
        for (uint32_t s = 0; s < j->steps_n; s++) last = j->step[s].touchpoint == touchpoint ? (int)s : last;
        if (j->day < from_day || j->day > to_day || last < 0 || j->step[last].end_ms > AS_OF - GAP) continue;
        if (place && (!j->attrs_n || j->attr[0].value != place)) continue;
        d.reached++;
        d.dropped += last + 1 == (int)j->steps_n && tl_journey_end(j, GAP, AS_OF) == TL_END_LAPSED;
    }
    return d;
}

static void
check(const struct drops *d, bool by_place)
{
    for (uint32_t t = TOUCHPOINT; t < TOUCHPOINT + TOUCHPOINTS; t++)
        for (uint32_t p = by_place ? 1 : 0; p < (by_place ? PLACES : 1); p++)
            for (int32_t from = 0; from < 3; from++) {
                const struct drop want = count(t, p ? PLACE + p : 0, from, 2), got = drops_at(d, t, p ? PLACE + p : 0, from, 2);
                assert_true(want.reached == got.reached && want.dropped == got.dropped);
            }
}

static void
places_are_counted_apart(void **state)
{
    (void)state;
    make_journeys();
    for (int by = 0; by < 2; by++) {
        uint32_t key = by ? PLACE_KEY : 0;
        void *whole = fold(key, 0, 1), *part[] = { fold(key, 1, 3), fold(key, 0, 3), fold(key, 2, 3) }, *sum = analysis_drops.sum((const void *const *)part, 3);
        check(whole, by == 1);
        check(sum, by == 1);
        assert_int_equal(((struct drops *)whole)->row_n, ((struct drops *)sum)->row_n);
        for (int i = 0; i < 3; i++) analysis_drops.free(part[i]);
        analysis_drops.free(whole);
        analysis_drops.free(sum);
    }
}

static void
lists_are_as_long_as_their_numbers(void **state)
{
    static struct behind_pad pad;
    (void)state;
    make_journeys();
    for (uint32_t t = TOUCHPOINT; t < TOUCHPOINT + TOUCHPOINTS; t++)
        for (uint32_t p = 1; p < PLACES; p++) {
            struct behind b = { .ask = { .as_of_ms = AS_OF, .from_day = 0, .to_day = 2 }, .touchpoint = t, .place = PLACE + p, .place_key = PLACE_KEY, .hit = true, .gap_ms = GAP };
            const struct drop want = count(t, PLACE + p, 0, 2);
            uint64_t hit = 0, not_hit = 0;
            for (int i = 0; i < JOURNEYS; i++) {
                int64_t lo = INT64_MIN, hi = INT64_MAX;
                b.hit = true;
                hit += behind_rows(&b, &journeys[i], &pad, &lo, &hi);
                b.hit = false;
                not_hit += behind_rows(&b, &journeys[i], &pad, &lo, &hi);
            }
            assert_true(hit == want.dropped && hit + not_hit == want.reached);
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(places_are_counted_apart), cmocka_unit_test(lists_are_as_long_as_their_numbers) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
