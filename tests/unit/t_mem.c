/* t_mem.c - buffers and readers give back what was put, refuse overruns, and survive each failing allocation. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tl_hash.h"
#include "tl_mem.h"

static const uint64_t numbers[] = { 0, 1, 127, 128, 300, 16383, 16384, UINT32_MAX, UINT64_MAX / 2, UINT64_MAX };
#define NUMBERS_N (sizeof numbers / sizeof numbers[0])

static void
test_round_trip(void **state)
{
    struct tl_buf b = { 0 };
    (void)state;
    for (size_t i = 0; i < NUMBERS_N; i++) {
        tl_buf_put_varint(&b, numbers[i]);
        tl_buf_put_zigzag(&b, (int64_t)numbers[i]);
        tl_buf_put_zigzag(&b, -(int64_t)(numbers[i] / 2));
        tl_buf_put_be64(&b, numbers[i]);
        tl_buf_put_le32(&b, (uint32_t)numbers[i]);
    }
    tl_buf_put_text(&b, TL_STR("hand-over"));
    struct tl_cur c = tl_cur_of(b.data, b.len);
    for (size_t i = 0; i < NUMBERS_N; i++) {
        assert_true(tl_cur_varint(&c) == numbers[i]);
        assert_true(tl_cur_zigzag(&c) == (int64_t)numbers[i]);
        assert_true(tl_cur_zigzag(&c) == -(int64_t)(numbers[i] / 2));
        assert_true(tl_cur_be64(&c) == numbers[i]);
        assert_true(tl_cur_le32(&c) == (uint32_t)numbers[i]);
    }
    assert_true(tl_str_is(tl_cur_text(&c), "hand-over"));
    assert_false(c.bad);
    assert_int_equal(tl_cur_left(&c), 0);
    tl_buf_free(&b);
}

static void
test_short_reads_are_bad(void **state)
{
    const uint8_t endless[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
    const uint8_t too_big[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02 };
    (void)state;
    struct tl_cur c = tl_cur_of(endless, sizeof endless);
    tl_cur_varint(&c);
    assert_true(c.bad);
    c = tl_cur_of(too_big, sizeof too_big);
    tl_cur_varint(&c);
    assert_true(c.bad);
    c = tl_cur_of("abc", 3);
    assert_int_equal(tl_cur_be32(&c), 0);
    assert_true(c.bad);
    assert_null(tl_cur_bytes(&c, 1).p);
}

static void
test_text_order(void **state)
{
    (void)state;
    assert_true(tl_str_cmp(TL_STR("a"), TL_STR("b")) < 0);
    assert_true(tl_str_cmp(TL_STR("a"), TL_STR("ab")) < 0);
    assert_true(tl_str_cmp((struct tl_str){ NULL, 0 }, TL_STR("")) == 0);
    assert_false(tl_str_eq((struct tl_str){ NULL, 0 }, TL_STR("")));
}

static void
test_failing_allocation(void **state)
{
    (void)state;
    for (uint64_t k = 1;; k++) {
        struct tl_buf b = { 0 };
        tl_alloc_fail_at(k, true);
        for (int i = 0; i < 2000; i++)
            tl_buf_put_be64(&b, (uint64_t)i);
        tl_alloc_fail_at(0, false);
        bool failed = b.failed;
        assert_true(failed == (b.len != 16000));
        tl_buf_free(&b);
        if (!failed)
            break;
    }
}

static void
test_arena_is_bounded(void **state)
{
    struct tl_arena *a = tl_arena_new(100000);
    (void)state;
    size_t got = 0;
    while (tl_arena_alloc(a, 1000))
        got += 1008;
    assert_in_range(got, 90000, 100000);
    tl_arena_reset(a);
    assert_non_null(tl_arena_alloc(a, 1000));
    assert_null(tl_arena_alloc(a, 200000));
    tl_arena_free(&a);
    assert_null(a);
}

static void
test_hashes(void **state)
{
    uint8_t key[TL_KEY_BYTES] = { 1 }, out[16], other[16];
    char hex[33];
    (void)state;
    assert_int_equal(tl_hash_init(), 0);
    assert_int_equal(tl_crc32c(0, "123456789", 9), 0xE3069283);   /* RFC 3720 check value */
    for (size_t cut = 0; cut <= 9; cut++)
        assert_int_equal(tl_crc32c(tl_crc32c(0, "123456789", cut), &"123456789"[cut], 9 - cut), 0xE3069283);
    tl_hash128(key, "x", 1, out);
    tl_hex(out, 16, hex);
    assert_int_equal(tl_unhex(hex, 16, other), 0);
    assert_memory_equal(out, other, 16);
    assert_int_equal(tl_unhex("0g", 1, other), TL_EINVAL);
    key[0] = 2;
    tl_hash128(key, "x", 1, other);
    assert_memory_not_equal(out, other, 16);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_short_reads_are_bad), cmocka_unit_test(test_text_order),
        cmocka_unit_test(test_failing_allocation), cmocka_unit_test(test_arena_is_bounded), cmocka_unit_test(test_hashes),
    };
    return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}
