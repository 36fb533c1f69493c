/* t_upload.c - a file handed over in pieces: what is taken, what is refused, and that nothing leads out of the folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../viewer/upload.h"

static char folder[PATH_MAX];

static int
setup(void **state)
{
    struct tl_err err = { 0, "" };
    char in[] = "/tmp/t_upload.XXXXXX";
    if (!mkdtemp(in)) return -1;
    snprintf(folder, sizeof folder, "%s/file", in);
    return upload_new((struct upload **)state, folder, &err);
}

static int
teardown(void **state)
{
    upload_free((struct upload **)state);
    rmdir(folder);
    *strrchr(folder, '/') = '\0';
    return rmdir(folder);
}

static int
take(struct upload *u, const char *id, const char *name, int64_t whole, int64_t at, const char *bytes, int64_t now_ms, struct upload_look *look)
{
    struct tl_err err = { 0, "" };
    const struct upload_piece p = { tl_str_of(id), tl_str_of(name), tl_str_of(bytes), at, whole };
    int rc = upload_take(u, &p, now_ms, look, &err);
    if (rc && strlen(err.text) < 8) fail_msg("%s: no sentence", name);
    return rc;
}

static void
pieces_make_the_file(void **state)
{
    struct upload *u = *state;
    struct upload_look look;
    struct tl_err err = { 0, "" };
    char path[PATH_MAX], bytes[16] = "";
    assert_int_equal(take(u, "abcdefgh", "log.csv", 6, 0, "abc", 0, &look), 0);
    assert_int_equal(look.have, 3);
    assert_int_equal(upload_path(u, TL_STR("abcdefgh"), path, &err), TL_ENOTFOUND);
    /* again, too far on, and more than the file has: not taken, and the answer says where it ends */
    assert_int_equal(take(u, "abcdefgh", "log.csv", 6, 0, "abc", 1, &look), 0);
    assert_int_equal(look.have, 3);
    assert_int_equal(take(u, "abcdefgh", "log.csv", 6, 4, "ef", 1, &look), 0);
    assert_int_equal(look.have, 3);
    assert_int_equal(take(u, "abcdefgh", "log.csv", 6, 3, "defg", 1, &look), 0);
    assert_int_equal(look.have, 3);
    assert_int_equal(take(u, "abcdefgh", "log.csv", 6, 3, "def", 1, &look), 0);
    assert_int_equal(look.have, 6);
    assert_int_equal(upload_path(u, TL_STR("abcdefgh"), path, &err), 0);
    assert_int_equal(upload_path(u, TL_STR("other123"), path, &err), TL_ENOTFOUND);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_int_equal(fread(bytes, 1, sizeof bytes, f), 6);
    fclose(f);
    assert_string_equal(bytes, "abcdef");
    /* one that was used goes; one that was not stays */
    upload_drop_used(u);
    upload_see(u, &look);
    assert_int_equal(look.id[0], 0);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(take(u, "ijklmnop", "x", 1, 0, "x", 2, &look), 0);
    upload_drop_used(u);
    upload_see(u, &look);
    assert_string_equal(look.id, "ijklmnop");
}

static void
names_stay_in_the_folder(void **state)
{
    struct upload *u = *state;
    static const struct { const char *name, *is; } must_accept[] = {
        { "log.xes.gz", "log.xes.gz" }, { "../../etc/passwd", "passwd" }, { "C:\\logs\\a.csv", "a.csv" }, { ".hidden", "_hidden" }, { "a\nb\x7f", "a_b_" }, { "..", "_." },
        { "日志 三月.csv", "日志 三月.csv" }, { "--data", "--data" },
    };
    struct upload_look look;
    struct tl_err err = { 0, "" };
    char path[PATH_MAX], id[16];
    for (size_t i = 0; i < sizeof must_accept / sizeof must_accept[0]; i++) {
        snprintf(id, sizeof id, "idid%04zu", i);
        assert_int_equal(take(u, id, must_accept[i].name, 1, 0, "x", 0, &look), 0);
        assert_string_equal(look.name, must_accept[i].is);
        assert_int_equal(upload_path(u, tl_str_of(id), path, &err), 0);
        assert_memory_equal(path, folder, strlen(folder));
        assert_string_equal(path + strlen(folder) + 1, must_accept[i].is);
        assert_int_equal(access(path, F_OK), 0);
    }
}

static void
what_is_wrong_is_refused(void **state)
{
    struct upload *u = *state;
    char long_name[UPLOAD_NAME_MAX + 2];
    struct upload_look look;
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    const struct { const char *id, *name; int64_t whole, at; int rc; } must_reject[] = {
        { "short", "x", 1, 0, TL_EINVAL }, { "UPPER123", "x", 1, 0, TL_EINVAL }, { "abc/defgh", "x", 1, 0, TL_EINVAL }, { "abcdefgh", "", 1, 0, TL_EINVAL }, { "abcdefgh", "dir/", 1, 0, TL_EINVAL },
        { "abcdefgh", long_name, 1, 0, TL_EINVAL }, { "abcdefgh", "x", 0, 0, TL_EINVAL }, { "abcdefgh", "x", UPLOAD_FILE_MAX + 1, 0, TL_ETOOBIG }, { "abcdefgh", "x", 9, 3, TL_ENOTFOUND },
    };
    for (size_t i = 0; i < sizeof must_reject / sizeof must_reject[0]; i++)
        assert_int_equal(take(u, must_reject[i].id, must_reject[i].name, must_reject[i].whole, must_reject[i].at, "x", 0, &look), must_reject[i].rc);
    upload_see(u, &look);
    assert_int_equal(look.id[0], 0);
    /* one at a time, until it is whole or nobody goes on with it */
    assert_int_equal(take(u, "abcdefgh", "x", 2, 0, "x", 1000, &look), 0);
    assert_int_equal(take(u, "ijklmnop", "y", 1, 0, "y", 2000, &look), TL_EBUSY);
    assert_int_equal(take(u, "ijklmnop", "y", 1, 0, "y", 1000 + UPLOAD_IDLE_MS, &look), 0);
    assert_int_equal(take(u, "qrstuvwx", "z", 1, 0, "z", 1001 + UPLOAD_IDLE_MS, &look), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pieces_make_the_file, setup, teardown),
        cmocka_unit_test_setup_teardown(names_stay_in_the_folder, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_wrong_is_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
