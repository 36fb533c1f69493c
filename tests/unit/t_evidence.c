/* t_evidence.c - files of evidence: written once, told when they are missing or changed, and never more than the caps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder_kit.h"
#include "tl_evidence.h"
#include "tl_hash.h"

#define ALL (64u << 20)

static struct tl_visit_evidence
record_of(const struct tl_evidence *e)
{
    return (struct tl_visit_evidence){ .name = tl_str_of(e->name), .hash = tl_str_of(e->hash), .bytes = e->bytes };
}

static void
path_of(const char *visit, const struct tl_evidence *e, char out[200])
{
    char folder[TL_EVIDENCE_VISIT_BYTES];
    tl_evidence_folder(tl_str_of(visit), folder);
    snprintf(out, 200, "%s/evidence/%s/%s", dir, folder, e->name);
}

static void
t_put(void **state)
{
    static const char photo[] = "\xff\xd8\xff\xe0 a photo";
    struct tl_evidence e, again;
    struct tl_err err = {0};
    struct tl_buf b = {0};
    char path[200];
    uint64_t files, bytes;
    (void)state;

    assert_int_equal(tl_evidence_put(dir, TL_STR("v/1"), photo, sizeof photo, ALL, &e, &err), 0);
    assert_string_equal(e.type, "image/jpeg");
    struct tl_visit_evidence r = record_of(&e);
    assert_int_equal(tl_evidence_check(dir, TL_STR("v/1"), &r), TL_EVIDENCE_WHOLE);
    assert_int_equal(tl_evidence_check(dir, TL_STR("v/2"), &r), TL_EVIDENCE_MISSING);
    assert_int_equal(tl_evidence_read(dir, TL_STR("v/1"), &r, &b, &err), 0);
    assert_true(b.len == sizeof photo && memcmp(b.data, photo, b.len) == 0);
    tl_buf_free(&b);
    assert_int_equal(tl_evidence_put(dir, TL_STR("v/1"), photo, sizeof photo, ALL, &again, &err), 0);     /* sent twice */
    assert_string_equal(again.name, e.name);
    assert_int_equal(tl_evidence_sum(dir, &files, &bytes, &err), 0);
    assert_true(files == 1 && bytes == sizeof photo);

    path_of("v/1", &e, path);
    FILE *f = fopen(path, "r+e");
    assert_true(f != NULL && fputc('x', f) == 'x' && fclose(f) == 0);
    assert_int_equal(tl_evidence_check(dir, TL_STR("v/1"), &r), TL_EVIDENCE_CHANGED);
    assert_int_equal(tl_evidence_read(dir, TL_STR("v/1"), &r, &b, &err), TL_ECORRUPT);
    tl_buf_free(&b);
    assert_non_null(strstr(err.text, "was changed after the visit"));
    assert_int_equal(tl_evidence_put(dir, TL_STR("v/1"), photo, sizeof photo, ALL, &again, &err), 0);     /* the true one takes its place */
    assert_int_equal(tl_evidence_check(dir, TL_STR("v/1"), &r), TL_EVIDENCE_WHOLE);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(tl_evidence_check(dir, TL_STR("v/1"), &r), TL_EVIDENCE_MISSING);
}

static void
t_refused(void **state)
{
    static char big[TL_EVIDENCE_FILE_MAX + 1] = "\xff\xd8\xff";
    static const struct { const char *p; size_t n; uint64_t all; int rc; const char *told; } rows[] = {
        { "<html>", 6, ALL, TL_EINVAL, "is a picture" }, { "", 0, ALL, TL_EINVAL, "is a picture" }, { "\xff\xd8", 2, ALL, TL_EINVAL, "is a picture" },
        { big, sizeof big, ALL, TL_ETOOBIG, "2 MB at most" }, { big, sizeof big - 1, 1u << 20, TL_ETOOBIG, "evidence.max_mb" },
    };
    static const char *const names[] = { "../../keys/identity.key", "", "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef.exe", "0123456789abcdef0123456789abcdeX.jpg", "/etc/passwd" };
    struct tl_evidence e;
    struct tl_err err = {0};
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(tl_evidence_put(dir, TL_STR("w"), rows[i].p, rows[i].n, rows[i].all, &e, &err), rows[i].rc);
        assert_non_null(strstr(err.text, rows[i].told));
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct tl_visit_evidence r = { .name = tl_str_of(names[i]), .hash = TL_STR("ab"), .bytes = 1 };
        assert_int_equal(tl_evidence_check(dir, TL_STR("w"), &r), TL_EVIDENCE_CHANGED);
    }
}

static void
t_caps(void **state)
{
    static char photo[1 << 20] = "\x89PNG\r\n\x1a\n";
    struct tl_evidence e;
    struct tl_err err = {0};
    int rc = 0, n = 0;
    (void)state;

    for (; rc == 0 && n <= 40; n++) {
        photo[100] = (char)n;
        rc = tl_evidence_put(dir, TL_STR("full"), photo, sizeof photo, ALL, &e, &err);
    }
    assert_int_equal(n - 1, TL_EVIDENCE_VISIT_MAX / sizeof photo);
    assert_int_equal(rc, TL_ETOOBIG);
    assert_non_null(strstr(err.text, "32 MB"));
    for (rc = n = 0; rc == 0 && n <= 60; n++) {
        photo[100] = (char)n;
        rc = tl_evidence_put(dir, TL_STR("many"), photo, 200, ALL, &e, &err);
    }
    assert_int_equal(n - 1, TL_VISIT_EVIDENCE_MAX);
    assert_non_null(strstr(err.text, "40 files"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(t_put), cmocka_unit_test(t_refused), cmocka_unit_test(t_caps) };
    if (tl_hash_init() != 0 || folder_make(NULL) != 0)
        return 1;
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    return folder_drop(NULL) == 0 ? rc : 1;
}
