/* t_phone.c - phone numbers as people write them become one text; junk is nobody; whatever comes in, what comes out is stable under a second pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tl_phone.h"

static void
numbers_become_one(void **state)
{
    static const struct { const char *region, *value, *want; } rows[] = {
        /* China: mobile, landline with trunk prefix, with country code in every dress */
        { "CN", "13912345678", "+8613912345678" }, { "CN", "139-1234-5678", "+8613912345678" }, { "CN", "+86 139 1234 5678", "+8613912345678" }, { "CN", "0086 13912345678", "+8613912345678" },
        { "CN", "8613912345678", "+8613912345678" }, { "CN", "(86)139 1234 5678", "+8613912345678" }, { "CN", "013912345678", "+8613912345678" }, { "CN", "+86 013912345678", "+8613912345678" },
        { "CN", "\xEF\xBC\x8B\xEF\xBC\x98\xEF\xBC\x96 \xEF\xBC\x91\xEF\xBC\x93\xEF\xBC\x99 1234 5678", "+8613912345678" }, { "CN", "(010) 6552-9988", "+861065529988" }, { "CN", "0755-86012345", "+8675586012345" },
        { "CN", "010-65529988 \xE8\xBD\xAC 801", "+861065529988;ext=801" }, { "CN", "010-65529988x801", "+861065529988;ext=801" }, { "CN", "+1 (310) 555-1212", "+13105551212" },
        { "CN", "10086", "10086" }, { "CN", "+852 2345 6789", "+85223456789" }, { "CN", "00852 2345 6789", "+85223456789" },
        /* elsewhere */
        { "US", "(310) 555-1212", "+13105551212" }, { "US", "1-310-555-1212", "+13105551212" }, { "US", "011 86 139 1234 5678", "+8613912345678" }, { "GB", "020 7946 0958", "+442079460958" },
        { "GB", "+44 (0)20 7946 0958", "+442079460958" }, { "GB", "0044 20 7946 0958", "+442079460958" }, { "IT", "06 6982", "+39066982" }, { "IT", "+39 06 6982", "+39066982" },
        { "RU", "8 (916) 123-45-67", "+79161234567" }, { "RU", "+7 916 123 45 67", "+79161234567" }, { "HK", "2345 6789", "+85223456789" }, { "DE", "030 123456", "+4930123456" },
        { "JP", "090-1234-5678", "+819012345678" }, { "SG", "6123 4567", "+6561234567" },
        /* of no region: what came is kept */
        { NULL, "139 1234 5678", "13912345678" }, { NULL, "0086 139 1234 5678", "+8613912345678" }, { NULL, "+8613912345678", "+8613912345678" }, { NULL, "(010) 6552-9988", "01065529988" },
        /* junk is nobody */
        { "CN", "", "" }, { "CN", "+", "" }, { "CN", "ext.", "" }, { "CN", "00000000000", "" }, { "CN", "11111111111", "" }, { "CN", "+99999999999", "" }, { "CN", "1234567", "" }, { "CN", "12345678901", "" },
        { "CN", "0123456789", "" }, { "CN", "123456", "123456" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[512], again[512];
        const struct tl_region *r = rows[i].region ? tl_region_of(rows[i].region) : NULL;
        size_t n = tl_phone_normal(r, tl_str_of(rows[i].value), out, sizeof out);
        if (n != strlen(rows[i].want) || memcmp(out, rows[i].want, n) != 0) fail_msg("%s: %.*s instead of %s", rows[i].value, (int)n, out, rows[i].want);
        if (n == 0) continue;
        assert_int_equal(tl_phone_normal(r, (struct tl_str){ out, n }, again, sizeof again), n);     /* a second pass changes nothing */
        assert_memory_equal(out, again, n);
    }
}

static void
every_region_is_listed_and_knows_its_own(void **state)
{
    const char *list = tl_region_list();
    (void)state;
    assert_null(tl_region_of("XX"));
    assert_null(tl_region_of(""));
    assert_null(tl_region_of("cn"));
    for (const char *at = list; *at; at += at[2] ? 3 : 2) {
        char id[3] = { at[0], at[1], 0 }, number[40], out[64];
        const struct tl_region *r = tl_region_of(id);
        assert_non_null(r);
        /* national, with trunk prefix, with country code: the same */
        static const char digits[] = "2918273645091";
        size_t n = (size_t)snprintf(number, sizeof number, "%s%.*s", r->trunk, r->min, digits), got = tl_phone_normal(r, (struct tl_str){ number, n }, out, sizeof out);
        char want[64];
        size_t m = (size_t)snprintf(want, sizeof want, "+%s%.*s", r->code, r->min, digits);
        if (got != m || memcmp(out, want, m) != 0) fail_msg("%s: %.*s", number, (int)got, out);
        got = tl_phone_normal(NULL, (struct tl_str){ want, m }, out, sizeof out);
        assert_int_equal(got, m);
        assert_memory_equal(out, want, m);
    }
}

static void
bytes_of_any_kind_are_survived(void **state)
{
    static const char *const regions[] = { "CN", "US", "DE", "RU" };
    static const char pieces[] = "0123456789+() -.;#,xX\xEF\xBC\x8B\x91\xE8\xBD\xAC" "ext";
    (void)state;
    srand(7);
    for (int turn = 0; turn < 200000; turn++) {
        char in[200], out[160], again[160];
        size_t n = (size_t)(rand() % (int)sizeof in);
        for (size_t i = 0; i < n; i++) in[i] = rand() % 9 ? pieces[(size_t)rand() % (sizeof pieces - 1)] : (char)rand();
        const struct tl_region *r = turn % 5 ? tl_region_of(regions[turn % 4]) : NULL;
        size_t cap = turn % 3 ? sizeof out : (size_t)(rand() % 20), got = tl_phone_normal(r, (struct tl_str){ in, n }, out, cap);
        assert_true(got <= cap);
        for (size_t i = 0; i < got; i++) assert_non_null(memchr("0123456789+;ext=", out[i], 16));
        if (got > 0 && out[0] == '+') {        /* what has its country code says the same anywhere */
            assert_int_equal(tl_phone_normal(NULL, (struct tl_str){ out, got }, again, sizeof again), got);
            assert_memory_equal(out, again, got);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_become_one),
        cmocka_unit_test(every_region_is_listed_and_knows_its_own),
        cmocka_unit_test(bytes_of_any_kind_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
