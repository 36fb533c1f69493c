/* t_facts.c - what a row tells besides its steps comes back as it went in; broken bytes are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tl_facts.h"
#include "tl_hash.h"
#include "tl_rows.h"

static uint64_t seed = 7;
static struct tl_facts in, out;

static uint64_t
below(uint64_t n)
{
    seed += UINT64_C(0x9E3779B97F4A7C15);
    return tl_mix64(seed) % n;
}

static int64_t
some_ms(void)
{
    return below(4) == 0 ? INT64_C(1780000000000) : INT64_C(1780000000000) + (int64_t)below(1000000) - 500000;
}

static void
some_facts(uint64_t most)
{
    memset(&in, 0, sizeof in);
    memset(&out, 0, sizeof out);
    in.chance_n = (uint32_t)below(most);
    in.break_n = (uint32_t)below(most);
    in.scored_n = (uint32_t)below(most);
    in.marked_n = (uint32_t)below(most);
    for (uint32_t i = 0; i < in.chance_n; i++) {
        struct tl_chance *x = &in.chance[i];
        *x = (struct tl_chance){ .standard = (uint32_t)below(90000), .step = below(5) == 0 ? TL_NO_STEP : (uint32_t)below(300), .flags = (uint8_t)below(4),
                                 .start_ms = some_ms(), .due_ms = below(3) == 0 ? TL_TIME_NONE : some_ms(), .ended_ms = below(3) == 0 ? TL_TIME_NONE : some_ms(),
                                 .cancelled_ms = below(3) == 0 ? TL_TIME_NONE : some_ms(), .place = (uint32_t)below(3), .channel = (uint32_t)below(3),
                                 .tier = (uint32_t)below(3) };
    }
    for (uint32_t i = 0; i < in.break_n; i++)
        in.brk[i] = (struct tl_break){ .standard = (uint32_t)below(9), .kind = (uint8_t)below(TL_BREAK_KINDS), .severity = (uint8_t)(1 + below(3)), .step = (uint32_t)below(9),
                                       .touchpoint = (uint32_t)below(900), .at_ms = some_ms(), .place = (uint32_t)below(300), .channel = (uint32_t)below(9),
                                       .expected = (int64_t)below(9) - 4, .actual = some_ms(), .evidence = tl_mix64(seed) & TL_KEPT_ID_MASK };
    for (uint32_t i = 0; i < in.scored_n; i++)
        in.scored[i] = (struct tl_scored){ (uint32_t)below(90), (int32_t)below(12000) - 2000, below(4) == 0 ? TL_NO_STEP : (uint32_t)below(9), some_ms() };
    for (uint32_t i = 0; i < in.marked_n; i++)
        in.marked[i] = (struct tl_marked){ (uint32_t)below(90), (uint32_t)below(9), some_ms() };
}

static void
check_lists(void)
{
    assert_int_equal(in.chance_n, out.chance_n);
    assert_int_equal(in.break_n, out.break_n);
    assert_int_equal(in.scored_n, out.scored_n);
    assert_int_equal(in.marked_n, out.marked_n);
    for (uint32_t i = 0; i < in.chance_n; i++) {
        const struct tl_chance *a = &in.chance[i], *b = &out.chance[i];
        assert_true(a->standard == b->standard && a->step == b->step && a->flags == b->flags && a->start_ms == b->start_ms && a->due_ms == b->due_ms);
        assert_true(a->ended_ms == b->ended_ms && a->cancelled_ms == b->cancelled_ms && a->place == b->place && a->channel == b->channel && a->tier == b->tier);
    }
    for (uint32_t i = 0; i < in.break_n; i++) {
        const struct tl_break *a = &in.brk[i], *b = &out.brk[i];
        assert_true(a->standard == b->standard && a->kind == b->kind && a->severity == b->severity && a->step == b->step && a->touchpoint == b->touchpoint);
        assert_true(a->at_ms == b->at_ms && a->place == b->place && a->channel == b->channel && a->expected == b->expected && a->actual == b->actual && a->evidence == b->evidence);
    }
    assert_memory_equal(in.scored, out.scored, in.scored_n * sizeof *in.scored);
    assert_memory_equal(in.marked, out.marked, in.marked_n * sizeof *in.marked);
}

static void
facts_come_back(void **state)
{
    struct tl_buf b = {0}, row = {0};

    (void)state;
    for (int round = 0; round < 500; round++) {
        struct tl_step step = { .touchpoint = 7, .wait_ms = -1 }, back[1];
        struct tl_journey j = { .start_ms = some_ms(), .steps_n = 1, .step = &step }, k;
        uint8_t key[TL_JOURNEY_KEY_BYTES];
        some_facts(round % 50 == 0 ? TL_FACTS_MAX + 1 : 1 + (uint64_t)round % 6);
        step.start_ms = step.end_ms = j.last_ms = j.start_ms;
        tl_buf_reset(&b);
        tl_buf_reset(&row);
        tl_facts_put(&b, &in, j.start_ms);
        assert_int_equal(b.len == 0, in.chance_n + in.break_n + in.scored_n + in.marked_n == 0);
        j.facts = (struct tl_str){ (char *)b.data, b.len };
        tl_rows_journey_key(&j, key);
        tl_rows_journey_put(&row, &j);
        assert_int_equal(tl_rows_journey_get((struct tl_str){ (char *)key, sizeof key }, (struct tl_str){ (char *)row.data, row.len }, back, &k), 0);
        assert_int_equal(back[0].touchpoint, 7);
        assert_int_equal(tl_facts_get(&k, &out), 0);
        check_lists();
        if (b.len > 0) {
            k.facts = (struct tl_str){ (char *)b.data, below(b.len) };
            if (k.facts.n > 0)
                assert_int_equal(tl_facts_get(&k, &out), TL_ETRUNC);
        }
    }
    tl_buf_free(&b);
    tl_buf_free(&row);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(facts_come_back) };
    return tl_hash_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
