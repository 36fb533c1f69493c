/* t_bitmap.c - sets of numbers against a plain array of flags. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tl_bitmap.h"
#include "tl_hash.h"

#define RANGE 200000u
#define SETS 5

static void
union_is_what_flags_say(void **state)
{
    (void)state;
    static bool flag[RANGE];
    static uint32_t v[30000];
    struct tl_bitmap *set[SETS + 1] = { NULL };
    uint64_t seed = 3, n = 0;
    for (int s = 0; s < SETS; s++) {
        uint32_t k = (uint32_t)(tl_mix64(seed += 7) % 30000), at = 0;
        for (uint32_t i = 0; i < k; i++) {
            at = s == 2 ? (at + 1) % RANGE : (uint32_t)(tl_mix64(seed += 11) % RANGE);     /* one set is a run */
            v[i] = at;
            flag[at] = true;
        }
        set[s] = tl_bitmap_of(v, k);
        assert_non_null(set[s]);
        for (uint32_t i = 0; i < k; i++) assert_true(tl_bitmap_has(set[s], v[i]));
    }
    for (uint32_t i = 0; i < RANGE; i++) n += flag[i];
    struct tl_bitmap *all = tl_bitmap_union((const struct tl_bitmap *const *)set, SETS + 1);
    assert_int_equal(tl_bitmap_count(all), n);
    for (uint32_t i = 0; i < RANGE; i++) assert_int_equal(tl_bitmap_has(all, i), flag[i]);
    assert_true(tl_bitmap_bytes(all) >= tl_bitmap_bytes(set[0]));
    for (int s = 0; s < SETS; s++) tl_bitmap_free(&set[s]);
    tl_bitmap_free(&all);
    assert_null(all);
}

static void
none_is_empty(void **state)
{
    (void)state;
    struct tl_bitmap *none = tl_bitmap_of(NULL, 0), *all = tl_bitmap_union(NULL, 0), *max = tl_bitmap_of(&(uint32_t){ UINT32_MAX }, 1);
    assert_int_equal(tl_bitmap_count(none), 0);
    assert_int_equal(tl_bitmap_count(all), 0);
    assert_int_equal(tl_bitmap_count(NULL), 0);
    assert_false(tl_bitmap_has(NULL, 1));
    assert_true(tl_bitmap_has(max, UINT32_MAX) && tl_bitmap_count(max) == 1);
    tl_bitmap_free(&none);
    tl_bitmap_free(&all);
    tl_bitmap_free(&max);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(union_is_what_flags_say), cmocka_unit_test(none_is_empty) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
