/* t_tally.c - counting by key, in memory and beyond it on a disk: against a plain array. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tl_mem.h"
#include "tl_tally.h"

#define KEYS 150000                      /* beyond TL_TALLY_MEMORY_BYTES at 16 bytes a slot and load 1/2 */

static char dir[64];

static void
counts_are_those_of_an_array(void **state)
{
    uint32_t *plain = calloc(KEYS, sizeof *plain);
    struct tl_tally *t = tl_tally_new(*state);
    uint64_t x = 1;
    assert_non_null(t);
    for (int i = 0; i < 3 * KEYS; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        uint32_t k = (uint32_t)(x >> 33) % KEYS;
        uint32_t *n = tl_tally_at(t, (uint64_t)k << 40 | k);
        assert_non_null(n);
        assert_int_equal((*n)++, plain[k]++);
    }
    tl_tally_reset(t);
    for (uint32_t k = 0; k < KEYS; k += 997)
        assert_int_equal(*tl_tally_at(t, (uint64_t)k << 40 | k), 0);
    tl_tally_free(&t);
    assert_null(t);
    free(plain);
}

/* what lies on the disk has no name, and goes with the tally */
static void
nothing_is_left(void **state)
{
    struct tl_tally *t = tl_tally_new(dir);
    (void)state;
    for (uint64_t k = 1; k < KEYS; k++)
        assert_non_null(tl_tally_at(t, k));
    DIR *d = opendir(dir);
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        assert_int_equal(e->d_name[0], '.');
    closedir(d);
    tl_tally_free(&t);
}

static void
a_folder_that_is_gone_is_told(void **state)
{
    struct tl_tally *t = tl_tally_new("/nowhere/at/all");
    struct tl_err err = {0};
    uint64_t k = 1;
    (void)state;
    while (tl_tally_at(t, k) != NULL && k < KEYS)
        k++;
    assert_true(k < KEYS);
    assert_int_equal(tl_tally_error(t, &err), TL_ENOSPC);
    assert_non_null(strstr(err.text, "/nowhere/at/all"));
    assert_int_equal(*tl_tally_at(t, 1), 0);     /* what was known is still there */
    tl_tally_free(&t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(counts_are_those_of_an_array, NULL), cmocka_unit_test_prestate(counts_are_those_of_an_array, dir), cmocka_unit_test(nothing_is_left),
        cmocka_unit_test(a_folder_that_is_gone_is_told),
    };
    snprintf(dir, sizeof dir, "/tmp/t_tally.%d", (int)getpid());
    if (mkdir(dir, 0700) != 0)
        return 1;
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    return rmdir(dir) != 0 || rc;
}
