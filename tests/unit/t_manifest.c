/* cli/manifest: what is in a folder is what its manifest says, and nothing else passes for it. */
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../cli/manifest.h"
#include "folder_kit.h"

static const uint8_t key[TL_KEY_BYTES] = "a key", other_key[TL_KEY_BYTES] = "another";

static const char *
below(const char *name)
{
    static char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static void
put(const char *name, const char *text)
{
    FILE *f = fopen(below(name), "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static int
check(const uint8_t *k)
{
    struct tl_err err = { 0 };
    uint64_t bytes = 0;
    int rc = manifest_check(dir, k, &bytes, &err);
    if (rc != 0)
        assert_true(err.text[0] != '\0' && err.code == rc);
    else
        assert_int_equal(bytes, 6);
    return rc;
}

static int
begin(void **state)
{
    struct tl_err err;
    uint64_t bytes;
    assert_int_equal(folder_make(state), 0);
    mkdir(below("keys"), 0700);
    put("keys/one", "one");
    put("two", "two");
    return tl_hash_init() == 0 && manifest_write(dir, key, &bytes, &err) == 0 && bytes == 6 ? 0 : -1;
}

static void
t_as_written(void **state)
{
    (void)state;
    assert_int_equal(check(key), 0);
    assert_int_equal(check(other_key), TL_EAUTH);
}

static void
t_every_change_is_seen(void **state)
{
    (void)state;
    put("two", "twO");
    assert_int_equal(check(key), TL_ECORRUPT);
    put("two", "two");
    assert_int_equal(check(key), 0);
    put("three", "");
    assert_int_equal(check(key), TL_ECORRUPT);
    unlink(below("three"));
    unlink(below("keys/one"));
    assert_int_equal(check(key), TL_ECORRUPT);
    put("keys/one", "one");
    assert_int_equal(check(key), 0);
    truncate(below(MANIFEST_NAME), 20) != 0 ? fail() : (void)0;
    assert_int_equal(check(key), TL_EAUTH);
    unlink(below(MANIFEST_NAME));
    assert_int_equal(check(key), TL_ENOTFOUND);
}

/* The manifest of `keys/one` and `two` reads like that of one file whose name goes on over the line's end: file two would be gone unnoticed. */
static void
t_a_name_is_one_line(void **state)
{
    char text[400] = "", folder[PATH_MAX];
    (void)state;
    FILE *f = fopen(below(MANIFEST_NAME), "r");
    assert_non_null(f);
    assert_true(fgets(text, sizeof text, f) && fgets(text, sizeof text, f));
    fclose(f);
    *strchr(text, '\n') = '\0';
    snprintf(folder, sizeof folder, "%s/keys/one\n%s", dir, text);
    assert_int_equal(rename(below("keys/one"), folder), 0);
    assert_int_equal(unlink(below("two")), 0);
    assert_int_equal(check(key), TL_EINVAL);
}

static void
t_folders_are_not_endless(void **state)
{
    (void)state;
    int at = open(dir, O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < 1500; i++) {
        assert_int_equal(mkdirat(at, "d", 0700), 0);
        int next = openat(at, "d", O_RDONLY | O_DIRECTORY);
        close(at);
        at = next;
    }
    close(at);
    assert_int_equal(check(key), TL_ERANGE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(t_as_written, begin, folder_drop),
        cmocka_unit_test_setup_teardown(t_every_change_is_seen, begin, folder_drop),
        cmocka_unit_test_setup_teardown(t_a_name_is_one_line, begin, folder_drop),
        cmocka_unit_test_setup_teardown(t_folders_are_not_endless, begin, folder_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
