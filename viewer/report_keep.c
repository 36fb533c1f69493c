/* report_keep.c - see report_keep.h. A new file gets its name by link(2), which refuses a second one: two that make the same report at once keep the same. */
#include "report_keep.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tl_hash.h"
#include "tl_json.h"
#include "tl_run.h"

#define DEPTH 16

static int
fail_on(struct tl_err *err, const char *doing, const char *path)
{
    return tl_fail(err, errno == ENOSPC ? TL_ENOSPC : TL_EIO, "cannot %s %s: %s", doing, path, strerror(errno));
}

/* path_of - letters that a file name cannot carry everywhere stand as %XX */
static char *
path_of(char out[PATH_MAX], const char *data, struct tl_str journey, const char *week)
{
    char name[400] = "reports/";
    size_t n = strlen(name);
    for (size_t i = 0; i < journey.n && n < 360; i++) {
        char c = journey.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
        n += (size_t)snprintf(name + n, sizeof name - n, plain ? "%c" : "%%%02X", plain ? c : (unsigned char)c);
    }
    snprintf(name + n, sizeof name - n, ".%s.json", week);
    return tl_run_path(out, data, name);
}

static void
hash_of(const struct report_kept *k, char out[33])
{
    struct tl_buf b = { NULL, 0, 0, false };
    uint8_t h[32] = { 0 };
    const struct tl_str part[] = { k->report, k->zh, k->en };
    for (int i = 0; i < 3; i++) {
        tl_buf_put_varint(&b, part[i].n);
        tl_buf_put(&b, part[i].p, part[i].n);
    }
    tl_hash256(b.data, b.len, h);
    tl_hex(h, 16, out);
    tl_buf_free(&b);
}

/* ---- reading ---- */

static int
slurp(const char *path, struct tl_arena *a, struct tl_str *out, struct tl_err *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
    if (fd < 0) return errno == ENOENT ? tl_fail(err, TL_ENOTFOUND, "no report is kept there") : fail_on(err, "read", path);
    if (fstat(fd, &st)) rc = fail_on(err, "read", path);
    else if (st.st_size > REPORT_KEEP_BYTES_MAX) rc = tl_fail(err, TL_ECORRUPT, "%s is larger than %u MB: no report is", path, REPORT_KEEP_BYTES_MAX >> 20);
    char *p = rc == 0 ? tl_arena_alloc(a, (size_t)st.st_size + 1) : NULL;
    if (rc == 0 && !p) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    for (size_t n = 0; rc == 0; ) {
        ssize_t got = read(fd, p + n, (size_t)st.st_size - n);
        if (got < 0 && errno != EINTR) rc = fail_on(err, "read", path);
        if (got > 0) n += (size_t)got;
        if (got == 0) {
            *out = (struct tl_str){ p, n };
            break;
        }
    }
    close(fd);
    return rc;
}

int
report_kept_read(const char *data, struct tl_str journey, const char *week, struct tl_arena *a, struct report_kept *out, struct tl_err *err)
{
    char path[PATH_MAX], hash[33];
    struct tl_str bytes = { NULL, 0 };
    struct tl_jv *root = NULL;
    memset(out, 0, sizeof *out);
    int rc = slurp(path_of(path, data, journey, week), a, &bytes, err);
    if (rc) return rc;
    if (tl_json_tree(a, bytes, DEPTH, &root, NULL, NULL) == 0 && root->type == TL_JOBJECT) {
        const struct tl_jv *report = tl_jv_get(root, "report"), *pages = tl_jv_get(root, "pages");
        struct tl_str was = tl_jv_text(root, "hash");
        *out = (struct report_kept){ .report = report ? report->raw : TL_STR(""), .zh = tl_jv_text(pages, "zh"), .en = tl_jv_text(pages, "en"),
                                     .made_ms = tl_jv_int(root, "made_at", 0), .final = tl_jv_bool(root, "final", false) };
        hash_of(out, hash);
        if (tl_str_is(was, hash) && tl_jv_int(root, "version", 0) == 1) {
            memcpy(out->hash, hash, sizeof hash);
            return 0;
        }
    }
    return tl_fail(err, TL_ECORRUPT, "%s is not the report that was kept there (its hash differs): restore it from a backup, or move it away and another one is made", path);
}

/* ---- writing ---- */

static void
bytes_of(struct tl_buf *b, struct tl_str journey, const char *week, const struct report_kept *k)
{
    struct tl_jw w = tl_jw_to(b);
    tl_jw_open(&w, NULL);
    tl_jw_int(&w, "version", 1);
    tl_jw_str(&w, "journey", journey);
    tl_jw_cstr(&w, "week", week);
    tl_jw_int(&w, "made_at", k->made_ms);
    tl_jw_bool(&w, "final", k->final);
    tl_jw_cstr(&w, "hash", k->hash);
    tl_jw_raw(&w, "report", k->report);
    tl_jw_open(&w, "pages");
    tl_jw_str(&w, "zh", k->zh);
    tl_jw_str(&w, "en", k->en);
    tl_jw_close(&w);
    tl_jw_close(&w);
}

static int
write_all(int fd, const struct tl_buf *b)
{
    for (size_t n = 0; n < b->len;) {
        ssize_t put = write(fd, b->data + n, b->len - n);
        if (put < 0 && errno != EINTR) return -1;
        if (put > 0) n += (size_t)put;
    }
    return fsync(fd);
}

static int
sync_dir(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = fd < 0 ? -1 : fsync(fd);
    if (fd >= 0) close(fd);
    return rc;
}

/* write_new - a file of its own, synced, then its name; a name that is taken stays whose it is */
static int
write_new(const char *data, const char *path, const struct tl_buf *b, struct tl_err *err)
{
    static atomic_uint number;
    char part[PATH_MAX], dir[PATH_MAX], name[64];
    int rc = 0;
    tl_run_path(dir, data, "reports");
    if (mkdir(dir, 0700) && errno != EEXIST) return fail_on(err, "make", dir);
    snprintf(name, sizeof name, "reports/.%d.%u.part", (int)getpid(), atomic_fetch_add(&number, 1));
    tl_run_path(part, data, name);
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return fail_on(err, "write", part);
    if (write_all(fd, b)) rc = fail_on(err, "write", part);
    close(fd);
    if (rc == 0 && link(part, path) && errno != EEXIST) rc = fail_on(err, "name", path);
    unlink(part);
    if (rc == 0 && sync_dir(dir)) rc = fail_on(err, "sync", dir);
    return rc;
}

int
report_keep(const char *data, struct tl_str journey, const char *week, struct tl_arena *a, struct report_kept *k, struct tl_err *err)
{
    char path[PATH_MAX];
    struct tl_buf b = { NULL, 0, 0, false };
    hash_of(k, k->hash);
    bytes_of(&b, journey, week, k);
    int rc = b.failed ? tl_fail(err, TL_ENOMEM, "out of memory") : b.len > REPORT_KEEP_BYTES_MAX ? tl_fail(err, TL_ERANGE, "the report is larger than %u MB", REPORT_KEEP_BYTES_MAX >> 20) : 0;
    if (rc == 0) rc = write_new(data, path_of(path, data, journey, week), &b, err);
    tl_buf_free(&b);
    return rc ? rc : report_kept_read(data, journey, week, a, k, err);
}
