/* tl_evidence.c - see tl_evidence.h. A file is written under another name, synced, renamed, and its folder synced: what has its name is whole. */
#include "tl_evidence.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tl_hash.h"
#include "tl_port.h"
#include "tl_run.h"

#define NAME_HEX 32

/* ---- types ---- */

static const struct { const char *type, *ending; size_t at; const char *magic; size_t n; } types[] = {
    { "image/jpeg", "jpg", 0, "\xff\xd8\xff", 3 }, { "image/png", "png", 0, "\x89PNG\r\n\x1a\n", 8 }, { "image/webp", "webp", 8, "WEBP", 4 },
    { "image/gif", "gif", 0, "GIF8", 4 }, { "application/pdf", "pdf", 0, "%PDF-", 5 },
};
enum { TYPES = sizeof types / sizeof *types };

static int
type_of(const void *p, size_t n)
{
    for (int i = 0; i < TYPES; i++)
        if (n >= types[i].at + types[i].n && memcmp((const char *)p + types[i].at, types[i].magic, types[i].n) == 0)
            return i;
    return -1;
}

const char *
tl_evidence_type(const void *p, size_t n)
{
    int i = type_of(p, n);
    return i < 0 ? NULL : types[i].type;
}

/* ---- names ---- */

void
tl_evidence_folder(struct tl_str visit, char out[TL_EVIDENCE_VISIT_BYTES])
{
    static const uint8_t no_key[TL_KEY_BYTES];
    uint8_t hash[16];

    tl_hash128(no_key, visit.p, visit.n, hash);
    tl_hex(hash, sizeof hash, out);
}

/* 32 hex digits and an ending of ours: a record names no other file */
static bool
is_name(struct tl_str s)
{
    for (size_t i = 0; i < NAME_HEX; i++)
        if (i >= s.n || !((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
            return false;
    for (int i = 0; i < TYPES; i++)
        if (s.n == NAME_HEX + 1 + strlen(types[i].ending) && s.p[NAME_HEX] == '.' && memcmp(s.p + NAME_HEX + 1, types[i].ending, strlen(types[i].ending)) == 0)
            return true;
    return false;
}

static bool
path_to(char out[PATH_MAX], const char *data, struct tl_str visit, struct tl_str name)
{
    char folder[TL_EVIDENCE_VISIT_BYTES];

    tl_evidence_folder(visit, folder);
    int n = snprintf(out, PATH_MAX, "%s/" TL_EVIDENCE_DIR "/%s%s%.*s", data, folder, name.n > 0 ? "/" : "", (int)name.n, name.n > 0 ? name.p : "");
    return n > 0 && n < PATH_MAX;
}

/* ---- sizes ---- */

struct sum { uint64_t files, bytes; };

static int
sum_folder(const char *path, struct sum *s, struct tl_err *err)
{
    DIR *d = opendir(path);
    struct stat st;

    if (d == NULL)
        return errno == ENOENT ? 0 : tl_fail(err, TL_EIO, "cannot read %s: %s", path, strerror(errno));
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
        if (e->d_name[0] != '.' && fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode)) {
            s->files++;
            s->bytes += (uint64_t)st.st_size;
        }
    closedir(d);
    return 0;
}

int
tl_evidence_sum(const char *data, uint64_t *files, uint64_t *bytes, struct tl_err *err)
{
    char root[PATH_MAX], path[PATH_MAX + 264];
    struct sum s = {0};
    DIR *d = opendir(tl_run_path(root, data, TL_EVIDENCE_DIR));
    int rc = d != NULL || errno == ENOENT ? 0 : tl_fail(err, TL_EIO, "cannot read %s: %s", root, strerror(errno));

    for (struct dirent *e = d != NULL ? readdir(d) : NULL; e != NULL && rc == 0; e = readdir(d))
        if (e->d_name[0] != '.') {
            snprintf(path, sizeof path, "%s/%s", root, e->d_name);
            rc = sum_folder(path, &s, err);
        }
    if (d != NULL)
        closedir(d);
    *files = s.files;
    *bytes = s.bytes;
    return rc;
}

/* ---- writing ---- */

static int
check_room(const char *data, const char *folder, size_t n, uint64_t total_max, struct tl_err *err)
{
    struct sum own = {0};
    uint64_t files = 0, bytes = 0;
    int rc = sum_folder(folder, &own, err);

    if (rc == 0)
        rc = tl_evidence_sum(data, &files, &bytes, err);
    if (rc != 0)
        return rc;
    if (own.files >= TL_VISIT_EVIDENCE_MAX)
        return tl_fail(err, TL_ETOOBIG, "this visit has %d files already, the most one may have", TL_VISIT_EVIDENCE_MAX);
    if (own.bytes + n > TL_EVIDENCE_VISIT_MAX)
        return tl_fail(err, TL_ETOOBIG, "the files of this visit would be over %u MB, the most one may have", TL_EVIDENCE_VISIT_MAX >> 20);
    if (bytes + n > total_max)
        return tl_fail(err, TL_ETOOBIG, "all evidence would be over %llu MB (evidence.max_mb): raise it, or take old visits' folders out of DATA/evidence", (unsigned long long)(total_max >> 20));
    return 0;
}

static int
make_folder(const char *data, const char *folder, struct tl_err *err)
{
    char root[PATH_MAX];

    if ((mkdir(tl_run_path(root, data, TL_EVIDENCE_DIR), 0700) != 0 && errno != EEXIST) || (mkdir(folder, 0700) != 0 && errno != EEXIST))
        return tl_fail(err, errno == ENOSPC ? TL_ENOSPC : TL_EIO, "cannot make %s: %s", folder, strerror(errno));
    return 0;
}

static bool
sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return ok;
}

static int
write_whole(const char *folder, const char *path, const void *p, size_t n, struct tl_err *err)
{
    char temp[PATH_MAX + 24];
    size_t done = 0;

    snprintf(temp, sizeof temp, "%s/.part.%016llx", folder, (unsigned long long)tl_rand_u64(tl_rand_real()));
    int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = fd >= 0;
    while (ok && done < n) {
        ssize_t w = write(fd, (const char *)p + done, n - done);
        ok = w > 0 || (w < 0 && errno == EINTR);
        done += w > 0 ? (size_t)w : 0;
    }
    ok = ok && fsync(fd) == 0 && rename(temp, path) == 0 && sync_folder(folder);
    int why = errno;
    if (fd >= 0)
        close(fd);
    if (!ok)
        unlink(temp);
    return ok ? 0 : tl_fail(err, why == ENOSPC ? TL_ENOSPC : TL_EIO, "cannot write %s: %s", path, strerror(why));
}

int
tl_evidence_put(const char *data, struct tl_str visit, const void *p, size_t n, uint64_t total_max, struct tl_evidence *out, struct tl_err *err)
{
    char folder[PATH_MAX], path[PATH_MAX];
    uint8_t hash[32];
    int type = n > 0 ? type_of(p, n) : -1;

    if (type < 0)
        return tl_fail(err, TL_EINVAL, "evidence is a picture (JPEG, PNG, WebP, GIF) or a PDF; this is none");
    if (n > TL_EVIDENCE_FILE_MAX)
        return tl_fail(err, TL_ETOOBIG, "a file of evidence has %u MB at most, this one %zu bytes", TL_EVIDENCE_FILE_MAX >> 20, n);
    tl_hash256(p, n, hash);
    tl_hex(hash, sizeof hash, out->hash);
    snprintf(out->name, sizeof out->name, "%.*s.%s", NAME_HEX, out->hash, types[type].ending);
    out->type = types[type].type;
    out->bytes = n;
    const struct tl_visit_evidence same = { .name = tl_str_of(out->name), .hash = tl_str_of(out->hash), .bytes = n };
    if (tl_evidence_check(data, visit, &same) == TL_EVIDENCE_WHOLE)
        return 0;
    if (!path_to(folder, data, visit, (struct tl_str){0}) || !path_to(path, data, visit, same.name))
        return tl_fail(err, TL_ERANGE, "the path of the store's folder is too long");
    int rc = make_folder(data, folder, err);
    if (rc == 0)
        rc = check_room(data, folder, n, total_max, err);
    return rc == 0 ? write_whole(folder, path, p, n, err) : rc;
}

/* ---- reading ---- */

const char *
tl_evidence_state_word(enum tl_evidence_state s)
{
    static const char *const words[] = { "whole", "missing", "changed", "unreadable" };
    return words[s];
}

/* the file into out, one byte more than it may have at the most */
static int
read_file(const char *path, struct tl_buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? TL_ENOTFOUND : TL_EIO;
    for (;;) {
        if (!tl_buf_reserve(out, 65536)) {
            close(fd);
            return TL_ENOMEM;
        }
        ssize_t n = read(fd, out->data + out->len, 65536);
        if (n <= 0 || out->len > TL_EVIDENCE_FILE_MAX) {
            close(fd);
            return n < 0 ? TL_EIO : 0;
        }
        out->len += (size_t)n;
    }
}

int
tl_evidence_read(const char *data, struct tl_str visit, const struct tl_visit_evidence *e, struct tl_buf *out, struct tl_err *err)
{
    char path[PATH_MAX], hex[65];
    uint8_t hash[32];

    if (!is_name(e->name) || !path_to(path, data, visit, e->name))
        return tl_fail(err, TL_ECORRUPT, "the record names \"%.*s\", which no file of evidence is called", (int)(e->name.n < 60 ? e->name.n : 60), e->name.p != NULL ? e->name.p : "");
    tl_buf_reset(out);
    int rc = read_file(path, out);
    if (rc != 0)
        return tl_fail(err, rc, rc == TL_ENOTFOUND ? "the file %s is missing: restore it from a backup" : "the file %s cannot be read", path);
    tl_hash256(out->data, out->len, hash);
    tl_hex(hash, sizeof hash, hex);
    if (out->len != e->bytes || !tl_str_is(e->hash, hex))
        return tl_fail(err, TL_ECORRUPT, "the file %s was changed after the visit: its BLAKE2b is not the record's", path);
    return 0;
}

enum tl_evidence_state
tl_evidence_check(const char *data, struct tl_str visit, const struct tl_visit_evidence *e)
{
    struct tl_buf b = {0};
    int rc = tl_evidence_read(data, visit, e, &b, NULL);

    tl_buf_free(&b);
    return rc == 0 ? TL_EVIDENCE_WHOLE : rc == TL_ENOTFOUND ? TL_EVIDENCE_MISSING : rc == TL_ECORRUPT ? TL_EVIDENCE_CHANGED : TL_EVIDENCE_UNREADABLE;
}
