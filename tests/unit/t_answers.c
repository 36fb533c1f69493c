/* t_answers.c - answers that are kept: by key, the least recently used go first, never more than so many bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "../../viewer/answers.h"

static void
key_of(int i, uint8_t key[16])
{
    memset(key, 0, 16);
    memcpy(key, &i, sizeof i);
}

static bool
get(struct answers *a, int i, char first)
{
    struct tl_buf out = { NULL, 0, 0, false };
    uint8_t key[16];
    key_of(i, key);
    bool is = answers_get(a, key, &out);
    if (is) assert_int_equal(out.data[0], first);
    tl_buf_free(&out);
    return is;
}

static void
put(struct answers *a, int i, char c, size_t n)
{
    struct tl_buf b = { NULL, 0, 0, false };
    uint8_t key[16];
    key_of(i, key);
    for (size_t k = 0; k < n; k++) tl_buf_put_u8(&b, (uint8_t)c);
    answers_put(a, key, &b);
    tl_buf_free(&b);
}

static void
answers_are_kept(void **state)
{
    struct answers *a = answers_new();
    (void)state;
    assert_non_null(a);
    assert_false(get(a, 1, 'x'));
    put(a, 1, 'x', 5);
    assert_true(get(a, 1, 'x'));
    put(a, 1, 'y', 5);                  /* the same key is the same answer */
    assert_true(get(a, 1, 'x'));
    put(a, 2, 'z', ANSWERS_BYTES);      /* too large to keep */
    assert_false(get(a, 2, 'z'));
    put(a, 3, 'z', 0);
    assert_false(get(a, 3, 'z'));
    for (int i = 10; i < 10 + ANSWERS_MAX; i++) {
        put(a, i, 'a', 3);
        assert_true(get(a, 1, 'x'));    /* in use: it stays */
    }
    assert_false(get(a, 10, 'a'));
    assert_true(get(a, 9 + ANSWERS_MAX, 'a'));
    for (int i = 1000; i < 1010; i++) put(a, i, 'b', ANSWERS_BYTES / 5);
    assert_false(get(a, 1004, 'b'));    /* five of them and no more */
    for (int i = 1005; i < 1010; i++) assert_true(get(a, i, 'b'));
    answers_free(&a);
    answers_free(&a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(answers_are_kept) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
