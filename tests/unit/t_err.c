/* tl_err.c - codes, their names and HTTP statuses; what an error's text says when memory is the cause. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tl_err.h"

static void
t_codes(void **state)
{
    (void)state;
    static const struct { int code; const char *name; int http; } rows[] = {
        { TL_EINVAL, "TL_EINVAL", 400 }, { TL_ENOMEM, "TL_ENOMEM", 503 }, { TL_ENOSPC, "TL_ENOSPC", 503 }, { TL_ECORRUPT, "TL_ECORRUPT", 500 },
        { TL_ELIMIT, "TL_ELIMIT", 429 }, { TL_ETOOBIG, "TL_ETOOBIG", 413 }, { TL_EAUTH, "TL_EAUTH", 401 }, { -9999, "TL_EUNKNOWN", 500 }, { 0, "TL_EUNKNOWN", 500 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_string_equal(tl_err_name(rows[i].code), rows[i].name);
        assert_int_equal(tl_err_http(rows[i].code), rows[i].http);
    }
}

/* Every reason has a word of its own and a text; what is no reason has neither. */
static void
t_reasons(void **state)
{
    (void)state;
    for (int i = 1; i < TL_REASON_N; i++) {
        assert_true(tl_reason_word((enum tl_reason)i)[0] && tl_reason_text((enum tl_reason)i)[0]);
        for (int k = 1; k < i; k++)
            assert_string_not_equal(tl_reason_word((enum tl_reason)i), tl_reason_word((enum tl_reason)k));
    }
    assert_string_equal(tl_reason_word(TL_REASON_N), "");
    assert_string_equal(tl_reason_text(TL_REASON_N), "");
}

static void
t_texts(void **state)
{
    (void)state;
    struct tl_err err;
    char longest[2 * sizeof err.text];
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = 0;
    assert_int_equal(tl_fail(NULL, TL_EIO, "%s", longest), TL_EIO);
    assert_int_equal(tl_fail(&err, TL_EIO, "%s cannot be read: %d", "a file", 5), TL_EIO);
    assert_true(err.code == TL_EIO && strcmp(err.text, "a file cannot be read: 5") == 0);
    tl_fail(&err, TL_ENOMEM, "%s cannot be read: run touchline rebuild", "the store");
    assert_string_equal(err.text, "out of memory: the store cannot be read: run touchline rebuild");
    tl_fail(&err, TL_ENOMEM, "no memory for %d bytes", 7);
    assert_string_equal(err.text, "no memory for 7 bytes");
    tl_fail(&err, TL_ENOMEM, "%s", longest);
    assert_true(strncmp(err.text, "out of memory: xxx", 18) == 0 && strlen(err.text) == sizeof err.text - 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(t_codes), cmocka_unit_test(t_reasons), cmocka_unit_test(t_texts) };
    return cmocka_run_group_tests_name("tl_err", tests, NULL, NULL);
}
