/* t_identity.c - identities normalised and hashed alike; an event's home is its strongest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tl_identity.h"

static void
values_are_normalised(void **state)
{
    static const struct { const char *kind, *value, *want; } rows[] = {
        { "email", "  Li.Wei@Example.COM ", "li.wei@example.com" }, { "phone", "+86 138-0000 0000", "+8613800000000" }, { "phone", "0086 138 0000 0000", "+8613800000000" },
        { "phone", "(010) 6552-9988", "01065529988" }, { "phone", "ext.", "" }, { "phone", "+", "" }, { "member", " M 7 ", "M 7" }, { "member", "M7", "M7" },
        { "user", "", "" }, { "user", "   ", "" }, { "user", "null", "" }, { "device", "undefined", "" }, { "anonymous", "00000000-0000-0000-0000-000000000000", "" },
        { "card", "AbC", "AbC" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[TL_IDENTITY_BYTES_MAX];
        size_t n = tl_identity_normal(tl_str_of(rows[i].kind), tl_str_of(rows[i].value), out, sizeof out);
        assert_int_equal(n, strlen(rows[i].want));
        assert_memory_equal(out, rows[i].want, n);
    }
}

static void
an_overlong_value_is_none(void **state)
{
    char value[TL_IDENTITY_BYTES_MAX + 1], out[TL_IDENTITY_BYTES_MAX];

    (void)state;
    memset(value, 'x', sizeof value);
    assert_int_equal(tl_identity_normal(TL_STR("user"), (struct tl_str){ value, sizeof value }, out, sizeof out), 0);
    assert_int_equal(tl_identity_normal(TL_STR("user"), (struct tl_str){ value, sizeof value - 1 }, out, sizeof out), sizeof value - 1);
}

static void
hashes_keep_kinds_and_keys_apart(void **state)
{
    uint8_t key[TL_KEY_BYTES] = { 1 }, other[TL_KEY_BYTES] = { 1, [20] = 1 }, a[16], b[16];

    (void)state;
    tl_identity_hash(key, TL_STR("user"), TL_STR("7"), a);
    tl_identity_hash(key, TL_STR("user"), TL_STR("7"), b);
    assert_memory_equal(a, b, 16);
    tl_identity_hash(key, TL_STR("use"), TL_STR("r7"), b);
    assert_memory_not_equal(a, b, 16);
    tl_identity_hash(other, TL_STR("user"), TL_STR("7"), b);
    assert_memory_not_equal(a, b, 16);
}

static void
the_strongest_comes_first(void **state)
{
    static char hold[TL_EVENT_IDS_MAX * TL_IDENTITY_BYTES_MAX];
    struct tl_event ev = { .has = TL_HAS(ids), .ids_n = 8 };
    struct tl_identity list[TL_EVENT_IDS_MAX];
    const struct tl_id ids[] = { { TL_STR("device"), TL_STR("d") }, { TL_STR("anonymous"), TL_STR("a") }, { TL_STR("card"), TL_STR("c") }, { TL_STR("email"), TL_STR("B@x.cn") },
                                 { TL_STR("email"), TL_STR("a@x.cn") }, { TL_STR("phone"), TL_STR("null") }, { TL_STR("phone"), TL_STR("138 0000") }, { TL_STR("phone"), TL_STR("1380000") } };
    static const char *const want[] = { "1380000", "a@x.cn", "b@x.cn", "c", "a", "d" };

    (void)state;
    memcpy(ev.ids_, ids, sizeof ids);
    assert_int_equal(tl_identity_list(&ev, NULL, list, hold), 6);      /* one phone is junk, one is there twice */
    for (int i = 0; i < 6; i++)
        assert_true(tl_str_is(list[i].normal, want[i]));
    ev.has = 0;
    assert_int_equal(tl_identity_list(&ev, NULL, list, hold), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_normalised),
        cmocka_unit_test(an_overlong_value_is_none),
        cmocka_unit_test(hashes_keep_kinds_and_keys_apart),
        cmocka_unit_test(the_strongest_comes_first),
    };
    return tl_hash_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
