/* t_time.c - times read and written against tables; zones against the C library's own idea of the same moments. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include "tl_time.h"

static const struct {
    const char *text;
    int64_t ms;
    int offset_min;
} must_accept[] = {
    { "1970-01-01T00:00:00Z", 0, 0 },
    { "1970-01-01T01:00:00.000+01:00", 0, 60 },
    { "2011-10-01T00:38:44.546+02:00", 1317422324546, 120 },
    { "2011-10-01 00:38:44.546+0200", 1317422324546, 120 },
    { "2011-10-01T00:38:44.5469999+02", 1317422324546, 120 },
    { "2016-02-29", 1456704000000, 0 },
    { "2016-12-31T23:59:60Z", 1483228800000, 0 },
    { "1969-12-31T23:59:59.999Z", -1, 0 },
    { "2026-03-01T12:30", 1772368200000, 0 },
    { "2026-03-01T12:30:00,25-05:30", 1772388000250, -330 },
};
static const char *const must_reject[] = {
    "", "now", "2015-02-29", "2015-13-01", "2015-00-01", "2015-01-32", "2015-01-01T24:00:00Z", "2015-01-01T00:60:00Z", "2015-01-01T00:00:00.Z",
    "2015-01-01T00:00:00+24:00", "2015-01-01T00:00:00+2:00", "2015-01-01T00:00:00Zx", "15-01-01T00:00:00Z", "2015-1-1", "2015-01-01X00:00:00Z",
};

static void
test_parse(void **state)
{
    int64_t ms;
    int offset_min;
    (void)state;
    for (size_t i = 0; i < sizeof must_accept / sizeof must_accept[0]; i++) {
        assert_int_equal(tl_time_parse(tl_str_of(must_accept[i].text), &ms, &offset_min), 0);
        assert_true(ms == must_accept[i].ms);
        assert_int_equal(offset_min, must_accept[i].offset_min);
    }
    for (size_t i = 0; i < sizeof must_reject / sizeof must_reject[0]; i++)
        assert_int_not_equal(tl_time_parse(tl_str_of(must_reject[i]), &ms, NULL), 0);
}

static void
test_format_is_the_inverse(void **state)
{
    char text[32];
    int64_t back;
    (void)state;
    for (int64_t ms = -62135596800000; ms < 253402300800000; ms += 86399999 * INT64_C(37)) {
        assert_int_equal(tl_time_parse(tl_str_of(tl_time_format(ms, text)), &back, NULL), 0);
        assert_true(back == ms);
    }
}

static void
test_zones_agree_with_libc(void **state)
{
    static const char *const names[] = { "Asia/Shanghai", "Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu", "UTC" };
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct tl_zone *z = NULL;
        assert_int_equal(tl_zone_open(&z, names[i], NULL), 0);
        setenv("TZ", names[i], 1);
        tzset();
        for (int64_t s = -800000000; s < 4000000000; s += 1234567) {
            time_t t = (time_t)s;
            struct tm tm;
            localtime_r(&t, &tm);
            assert_int_equal(tl_zone_offset_s(z, s * 1000), tm.tm_gmtoff);
        }
        tl_zone_free(&z);
    }
    unsetenv("TZ");
}

static void
test_days(void **state)
{
    struct tl_zone *z = NULL;
    char text[16];
    int32_t day;
    struct tl_err err;
    (void)state;
    assert_int_equal(tl_zone_open(&z, "Europe/Amsterdam", NULL), 0);
    for (int32_t d = 15000; d < 21000; d++) {
        int64_t start = tl_zone_day_start_ms(z, d);
        assert_int_equal(tl_zone_day(z, start), d);
        assert_int_equal(tl_zone_day(z, start - 1), d - 1);
        assert_int_equal(tl_day_parse(tl_str_of(tl_day_format(d, text)), &day), 0);
        assert_int_equal(day, d);
    }
    /* the days on which clocks change have 23 and 25 hours */
    tl_day_parse(TL_STR("2026-03-29"), &day);
    assert_int_equal(tl_zone_day_start_ms(z, day + 1) - tl_zone_day_start_ms(z, day), 23 * 3600000);
    tl_day_parse(TL_STR("2026-10-25"), &day);
    assert_int_equal(tl_zone_day_start_ms(z, day + 1) - tl_zone_day_start_ms(z, day), 25 * 3600000);
    tl_zone_free(&z);
    assert_int_equal(tl_zone_open(&z, "../../etc/passwd", &err), TL_ENOTFOUND);
    assert_int_equal(tl_zone_open(&z, "Mars/Olympus", &err), TL_ENOTFOUND);
    assert_int_equal(tl_zone_open(&z, "Asia/Shanghai/Pudong", &err), TL_ENOTFOUND);
    assert_null(z);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse), cmocka_unit_test(test_format_is_the_inverse), cmocka_unit_test(test_zones_agree_with_libc), cmocka_unit_test(test_days),
    };
    return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
