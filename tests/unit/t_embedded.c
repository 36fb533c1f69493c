/* t_embedded.c - what the pages weigh: all that the viewer carries for them, deflated, stays within 250 KB. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "tl_embed.h"
#include "tl_gzip.h"

#define PAGES_MAX_BYTES 250000
#define FILE_MAX_BYTES 25000    /* one script that weighs a tenth of all pages is a library, or two modules */

static void
weight(void **state)
{
    (void)state;
    size_t sum = 0, file_n = 0;
    for (const struct tl_embed *e = tl_embed_web; e->name; e++, file_n++) {
        struct tl_buf packed = { 0 };
        assert_int_equal(tl_gzip_deflate(e->data, e->len, &packed, NULL), 0);
        if (packed.len > FILE_MAX_BYTES) fail_msg("%s: %zu bytes deflated", e->name, packed.len);
        sum += packed.len;
        tl_buf_free(&packed);
    }
    printf("%zu files, %zu bytes deflated\n", file_n, sum);
    assert_true(file_n > 50);
    if (sum > PAGES_MAX_BYTES) fail_msg("%zu files, %zu bytes deflated: %zu too many", file_n, sum, sum - PAGES_MAX_BYTES);
}

/* names: no two files share one, since addresses are made of them */
static void
names(void **state)
{
    (void)state;
    for (const struct tl_embed *a = tl_embed_web; a->name; a++)
        for (const struct tl_embed *b = a + 1; b->name; b++) assert_string_not_equal(a->name, b->name);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(weight), cmocka_unit_test(names) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
