/* t_canon.c - canonical rows, as one reads them: words, event ids and raw identities, sorted; two stores with their own keys and histories agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store_kit.h"

static const struct kit_event events[] = {
    { "{\"id\":\"1\",\"type\":\"view\",\"time\":\"2026-03-01T10:00:00Z\",\"ids\":{\"anonymous\":\"a1\"},\"channel\":\"web\"}", "shop", 1772400000000 },
    { "{\"id\":\"2\",\"type\":\"order\",\"time\":\"2026-03-01T10:05:00Z\",\"ids\":{\"anonymous\":\"a1\",\"email\":\"Li@X.cn\"},\"place\":\"S1\",\"tier\":\"gold\"}", "shop", 1772400000000 },
    { "{\"id\":\"2\",\"type\":\"order\",\"time\":\"2026-03-01T10:05:00Z\",\"ids\":{\"anonymous\":\"a1\",\"email\":\"Li@X.cn\"},\"place\":\"S1\",\"tier\":\"gold\"}", "shop", 1772300000000 },
    { "{\"id\":\"3\",\"type\":\"survey.response\",\"time\":\"2026-03-01T11:00:00Z\",\"ids\":{\"email\":\"li@x.cn\"}}", "shop", 1772400000000 },
};
static const char want[] =
    "{\"row\":\"event\",\"customer\":\"anonymous:a1\",\"at\":1772300000000,\"id\":\"2\",\"origin\":\"shop\",\"type\":\"order\",\"touchpoint\":\"order\",\"tier\":\"gold\",\"place\":\"S1\","
    "\"stream\":\"live\",\"role\":\"step\",\"lifecycle\":\"none\",\"outcome\":\"none\"}\n"
    "{\"row\":\"event\",\"customer\":\"anonymous:a1\",\"at\":1772359200000,\"id\":\"1\",\"origin\":\"shop\",\"type\":\"view\",\"touchpoint\":\"view\",\"channel\":\"web\","
    "\"stream\":\"live\",\"role\":\"step\",\"lifecycle\":\"none\",\"outcome\":\"none\"}\n"
    "{\"row\":\"event\",\"customer\":\"anonymous:a1\",\"at\":1772362800000,\"id\":\"3\",\"origin\":\"shop\",\"type\":\"survey.response\",\"touchpoint\":\"survey.response\","
    "\"stream\":\"live\",\"role\":\"signal\",\"lifecycle\":\"none\",\"outcome\":\"none\"}\n"
    "{\"row\":\"journey\",\"journey\":\"all\",\"day\":\"2026-03-01\",\"customer\":\"anonymous:a1\",\"start\":1772300000000,\"last\":1772362800000,\"outcome\":\"undecided\",\"stream\":\"live\","
    "\"attributes\":{\"channel\":\"web\",\"origin\":\"shop\",\"place\":\"S1\",\"tier\":\"gold\"},\"steps\":["
    "{\"touchpoint\":\"order\",\"lifecycle\":\"none\",\"start\":1772300000000,\"end\":1772300000000},"
    "{\"touchpoint\":\"view\",\"channel\":\"web\",\"lifecycle\":\"none\",\"start\":1772359200000,\"end\":1772359200000}]}\n";

static void
rows_are_words_sorted(void **state)
{
    struct kit k;

    (void)state;
    kit_open(&k, NULL);
    kit_log(&k, events, 4);
    kit_follow(&k);
    char *rows = kit_rows(&k);
    assert_string_equal(rows, want);     /* the earlier receipt of 2 lies before its time: it cannot have happened later */
    tl_free(rows);
    kit_close(&k);
}

static void
another_store_says_the_same(void **state)
{
    struct kit k;

    (void)state;
    kit_open(&k, NULL);
    for (int i = 3; i >= 0; i--) {
        kit_log(&k, events + i, 1);
        if (i % 2)
            kit_follow(&k);
    }
    kit_follow(&k);
    char *rows = kit_rows(&k);
    assert_string_equal(rows, want);
    tl_free(rows);
    kit_close(&k);
}

static void
an_empty_store_has_no_rows(void **state)
{
    struct kit k;

    (void)state;
    kit_open(&k, NULL);
    char *rows = kit_rows(&k);
    assert_string_equal(rows, "");
    tl_free(rows);
    kit_close(&k);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_words_sorted),
        cmocka_unit_test(another_store_says_the_same),
        cmocka_unit_test(an_empty_store_has_no_rows),
    };
    return tl_hash_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
