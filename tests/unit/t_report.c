/* t_report.c - the weekly report's parts: ISO weeks, the sheet (text from events stays text, no script, no style), and keeping: written once, read back, proved. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../viewer/report_keep.h"
#include "../../viewer/report_page.h"
#include "../../viewer/week.h"
#include "folder_kit.h"


/* ---- weeks ---- */

static void
weeks_are_those_of_iso_8601(void **state)
{
    (void)state;
    static const struct { const char *day, *week; } row[] = {       /* ISO 8601 and its usual traps */
        { "2026-02-16", "2026-W08" }, { "2026-02-22", "2026-W08" }, { "2026-02-23", "2026-W09" }, { "2005-01-01", "2004-W53" }, { "2005-01-02", "2004-W53" },
        { "2005-12-31", "2005-W52" }, { "2007-01-01", "2007-W01" }, { "2007-12-31", "2008-W01" }, { "2008-12-29", "2009-W01" }, { "2010-01-03", "2009-W53" }, { "1969-12-31", "1970-W01" },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        int32_t day = 0, monday = 0;
        char text[16];
        assert_int_equal(tl_day_parse(tl_str_of(row[i].day), &day), 0);
        assert_string_equal(week_text(day, text), row[i].week);
        assert_int_equal(week_parse(tl_str_of(row[i].week), &monday), 0);
        assert_int_equal(monday, week_monday(day));
    }
    for (int32_t day = -30000; day < 60000; day += 7) {
        char text[16];
        int32_t monday = 0;
        assert_int_equal(week_parse(tl_str_of(week_text(day, text)), &monday), 0);
        assert_true(monday <= day && day < monday + 7);
    }
    static const char *const no_week[] = { "", "2026", "2026-08", "2026-W8", "2026-W00", "2026-W54", "2025-W53", "2026W08", "2026-W0a", "2026-w08", "2026-W081", " 2026-W8" };
    for (size_t i = 0; i < sizeof no_week / sizeof no_week[0]; i++) {
        int32_t monday = 0;
        if (week_parse(tl_str_of(no_week[i]), &monday) == 0) fail_msg("'%s' was taken for a week", no_week[i]);
    }
}

/* ---- the sheet ---- */

static const char report[] =
    "{\"version\":1,\"week\":\"2026-W08\",\"journey\":\"order\",\"as_of\":1772035200000,\"catalogue\":\"0123456789abcdef\",\"journey_title\":null,\"from\":\"2026-02-16\",\"to\":\"2026-02-22\","
    "\"timezone\":\"Asia/Shanghai\",\"findings\":{\"figures\":[{\"id\":\"reached\",\"name\":{\"zh\":\"<script>alert(1)</script>\",\"en\":\"a & \\\"b\\\"\"},\"unit\":\"share\",\"better\":\"higher\",\"n\":1234,"
    "\"enough\":true,\"value\":{\"value\":0.5,\"lo\":0.4,\"hi\":0.6},\"previous\":{\"n\":10,\"value\":0.6},\"change\":{\"value\":-0.1,\"lo\":-0.2,\"hi\":-0.05},\"verdict\":{\"id\":\"supported\",\"zh\":\"有依据\","
    "\"en\":\"supported\"}}],\"breaks\":{\"tests\":3,\"unhappy\":[],\"unfinished\":[]},\"emotion\":{\"curve\":[{\"touchpoint\":\"<b>\",\"title\":{\"zh\":\"<b>\",\"en\":\"<b>\"},\"gap\":false,\"mean\":1,"
    "\"lo\":0.5,\"hi\":1.5,\"n\":12}],\"lowest\":0,\"peak\":0,\"end\":0},\"moments\":{\"tests\":0,\"list\":[]}},"
    "\"work\":{\"open\":[],\"improvements\":[{\"id\":\"I1\",\"action\":\"<img src=x>\",\"start\":\"2026-02-16\"}],\"done\":[],\"alerts\":null}}";

static struct tl_buf
page_of(const char *json, bool zh)
{
    struct tl_arena *a = tl_arena_new(1u << 22);
    struct tl_jv *root = NULL;
    struct tl_buf b = { NULL, 0, 0, false };
    assert_int_equal(tl_json_tree(a, tl_str_of(json), REPORT_PAGE_DEPTH, &root, NULL, NULL), 0);
    report_page(&b, root, zh, true);
    tl_buf_put_u8(&b, 0);
    tl_arena_free(&a);
    assert_false(b.failed);
    return b;
}

static int
times_in(const struct tl_buf *b, const char *text)
{
    int n = 0;
    for (const char *p = (const char *)b->data; (p = strstr(p, text)) != NULL; p++) n++;
    return n;
}

static void
text_of_events_stays_text(void **state)
{
    (void)state;
    static const char *const never[] = { "<script", "<img", "style=", "<style", "nan", "inf", "-0.0" };
    for (int zh = 0; zh < 2; zh++) {
        struct tl_buf b = page_of(report, zh == 1);
        for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
            if (times_in(&b, never[i])) fail_msg("the sheet has %s", never[i]);
        assert_int_equal(times_in(&b, REPORT_NOTE_MARK), 1);
        assert_int_equal(times_in(&b, "&lt;img src=x&gt;"), 1);
        assert_int_equal(times_in(&b, zh ? "&lt;script&gt;alert(1)" : "a &amp; &quot;b&quot;"), 1);
        assert_int_equal(times_in(&b, "1,234"), 1);
        assert_int_equal(times_in(&b, "▼ −10.0"), 1);          /* supported: an arrow, and a true minus */
        assert_int_equal(times_in(&b, zh ? "zh-CN" : "lang=\"en\""), 1);
        tl_buf_free(&b);
    }
}

static void
an_empty_report_is_a_sheet_of_words(void **state)
{
    (void)state;
    static const char *const empty[] = { "{}", "{\"findings\":{},\"work\":{}}", "{\"week\":\"2026-W08\",\"findings\":{\"figures\":[],\"breaks\":{\"unhappy\":[]},\"emotion\":{\"curve\":[]},\"moments\":{\"list\":[]}}}",
                                         "[]", "{\"findings\":[1,2],\"work\":\"x\"}" };
    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++) {
        struct tl_buf b = page_of(empty[i], false);
        assert_int_equal(times_in(&b, "No supported break point in this week."), 1);
        assert_int_equal(times_in(&b, "No touchpoint has 10 ratings."), 1);
        assert_int_equal(times_in(&b, "</html>"), 1);
        tl_buf_free(&b);
    }
}

static void
numbers_are_written_for_people(void **state)
{
    (void)state;
    static const struct { double v; int digits; bool sign; const char *text; } row[] = {
        { 0, 1, true, "0.0" }, { -0.04, 1, true, "0.0" }, { 0.05, 1, true, "+0.1" }, { -1234567.5, 1, false, "−1,234,567.5" }, { 999, 0, false, "999" }, { 1000, 0, false, "1,000" }, { -36, 1, true, "−36.0" },
        { 999.96, 1, false, "1,000.0" },
    };
    char out[48];
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) assert_string_equal(sheet_number(row[i].v, row[i].digits, row[i].sign, out), row[i].text);
}

/* ---- keeping ---- */

static struct report_kept
kept_of(const char *json)
{
    return (struct report_kept){ .report = tl_str_of(json), .zh = TL_STR("<p>周报 \"一\"</p>"), .en = TL_STR("<p>week</p>\n"), .made_ms = 77, .final = true };
}

static void
kept_once_and_read_back(void **state)
{
    (void)state;
    struct tl_arena *a = tl_arena_new(1u << 24);
    struct tl_err err = { 0, "" };
    struct report_kept k = kept_of("{\"a\":1.50,\"b\":[ ]}"), second = kept_of("{\"a\":2}"), got;
    assert_int_equal(report_kept_read(dir, TL_STR("order"), "2026-W08", a, &got, &err), TL_ENOTFOUND);
    if (report_keep(dir, TL_STR("order"), "2026-W08", a, &k, &err)) fail_msg("%s", err.text);
    assert_true(tl_str_is(k.report, "{\"a\":1.50,\"b\":[ ]}") && tl_str_is(k.zh, "<p>周报 \"一\"</p>") && k.made_ms == 77 && k.final);
    assert_int_equal(report_keep(dir, TL_STR("order"), "2026-W08", a, &second, &err), 0);
    assert_true(tl_str_is(second.report, "{\"a\":1.50,\"b\":[ ]}"));             /* the first stays */
    struct report_kept odd = kept_of("{}");
    assert_int_equal(report_keep(dir, TL_STR("../a/b%"), "2026-W08", a, &odd, &err), 0);
    assert_int_equal(report_kept_read(dir, TL_STR("../a/b%"), "2026-W08", a, &got, &err), 0);
    assert_true(tl_str_is(got.report, "{}"));
    tl_arena_free(&a);
}

static void
damage_is_told(void **state)
{
    (void)state;
    struct tl_arena *a = tl_arena_new(1u << 24);
    struct tl_err err = { 0, "" };
    struct report_kept k = kept_of("{\"n\":1}"), got;
    char path[128];
    assert_int_equal(report_keep(dir, TL_STR("t"), "2026-W01", a, &k, &err), 0);
    snprintf(path, sizeof path, "%s/reports/t.2026-W01.json", dir);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    char bytes[4096];
    int fd = open(path, O_RDWR);
    ssize_t n = read(fd, bytes, sizeof bytes);
    char *at = memmem(bytes, (size_t)n, "{\"n\":1}", 7);
    assert_non_null(at);
    assert_int_equal(pwrite(fd, "2", 1, at - bytes + 5), 1);
    assert_int_equal(report_kept_read(dir, TL_STR("t"), "2026-W01", a, &got, &err), TL_ECORRUPT);
    assert_non_null(strstr(err.text, path));
    assert_int_equal(ftruncate(fd, n / 2), 0);
    assert_int_equal(report_kept_read(dir, TL_STR("t"), "2026-W01", a, &got, &err), TL_ECORRUPT);
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(report_kept_read(dir, TL_STR("t"), "2026-W01", a, &got, &err), TL_ECORRUPT);
    close(fd);
    tl_arena_free(&a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weeks_are_those_of_iso_8601), cmocka_unit_test(text_of_events_stays_text), cmocka_unit_test(an_empty_report_is_a_sheet_of_words),
        cmocka_unit_test(numbers_are_written_for_people), cmocka_unit_test(kept_once_and_read_back), cmocka_unit_test(damage_is_told),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_drop);
}
