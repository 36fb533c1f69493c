/* manifest.c - see manifest.h. */
#include "manifest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 32                    /* folders below one another: more is no store of ours, and each takes stack */

static int
fail_on(struct tl_err *err, const char *doing, const char *path)
{
    return tl_fail(err, errno == ENOSPC ? TL_ENOSPC : errno == ENOENT ? TL_ENOTFOUND : TL_EIO, "cannot %s %s: %s", doing, path, strerror(errno));
}

static int
join(char out[PATH_MAX], const char *dir, const char *name, struct tl_err *err)
{
    int n = snprintf(out, PATH_MAX, "%s%s%s", dir, dir[0] != '\0' ? "/" : "", name);
    return n > 0 && n < PATH_MAX ? 0 : tl_fail(err, TL_ERANGE, "the path %.200s/%s is too long", dir, name);
}

int
manifest_sync_dir(const char *dir, struct tl_err *err)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = fd < 0 || fsync(fd) != 0 ? fail_on(err, "sync", dir) : 0;
    if (fd >= 0)
        close(fd);
    return rc;
}

/* ---- walking: names in order, so that the same files give the same manifest ---- */

typedef int (*visit)(void *arg, const char *root, const char *path, struct tl_err *err);

static int
depth(const char *path)
{
    int n = 0;
    for (const char *p = strchr(path, '/'); p != NULL; p = strchr(p + 1, '/'))
        n++;
    return n;
}

static int
walk(const char *root, const char *sub, visit file, visit folder, void *arg, struct tl_err *err)
{
    struct dirent **e = NULL;
    char dir[PATH_MAX], path[PATH_MAX], whole[PATH_MAX];
    struct stat st;
    int rc = depth(sub) < DEPTH_MAX ? join(dir, root, sub, err) : tl_fail(err, TL_ERANGE, "%s has more than %d folders inside one another", root, DEPTH_MAX);
    int n = rc == 0 ? scandir(dir, &e, NULL, alphasort) : 0;
    if (n < 0)
        return fail_on(err, "read", dir);
    for (int i = 0; i < n; i++) {
        if (rc == 0 && strcmp(e[i]->d_name, ".") != 0 && strcmp(e[i]->d_name, "..") != 0) {
            rc = join(path, sub, e[i]->d_name, err);
            if (rc == 0)
                rc = join(whole, root, path, err);
            if (rc == 0 && lstat(whole, &st) != 0)
                rc = fail_on(err, "look at", whole);
            if (rc == 0 && S_ISDIR(st.st_mode))
                rc = walk(root, path, file, folder, arg, err);
            else if (rc == 0 && S_ISREG(st.st_mode) && file != NULL)
                rc = file(arg, root, path, err);
        }
        free(e[i]);
    }
    free(e);
    return rc == 0 && folder != NULL ? folder(arg, root, sub, err) : rc;
}

/* ---- lines ---- */

struct list { struct tl_buf text; uint64_t bytes; };

static int
hash_file(const char *path, uint8_t out[32], uint64_t *size, struct tl_err *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc = fd < 0 || fstat(fd, &st) != 0 ? fail_on(err, "read", path) : 0;
    if (rc == 0) {
        *size = (uint64_t)st.st_size;
        void *p = st.st_size > 0 ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
        if (p == MAP_FAILED)
            rc = fail_on(err, "read", path);
        else
            tl_hash256(p != NULL ? p : "", (size_t)st.st_size, out);
        if (rc == 0 && p != NULL)
            munmap(p, (size_t)st.st_size);
    }
    if (fd >= 0)
        close(fd);
    return rc;
}

static int
list_file(void *arg, const char *root, const char *path, struct tl_err *err)
{
    struct list *l = arg;
    char whole[PATH_MAX], hex[65];
    uint8_t hash[32];
    uint64_t size = 0;
    if (strcmp(path, MANIFEST_NAME) == 0)
        return 0;
    /* such a name could stand for the lines of other files, under the same MAC */
    int rc = strchr(path, '\n') == NULL ? join(whole, root, path, err) : tl_fail(err, TL_EINVAL, "a name in %s has a line break in it: rename or remove it", root);
    if (rc == 0)
        rc = hash_file(whole, hash, &size, err);
    if (rc != 0)
        return rc;
    tl_hex(hash, sizeof hash, hex);
    tl_buf_printf(&l->text, "%s %" PRIu64 " %s\n", hex, size, path);
    l->bytes += size;
    return 0;
}

static int
sync_folder(void *arg, const char *root, const char *path, struct tl_err *err)
{
    char whole[PATH_MAX];
    (void)arg;
    int rc = join(whole, root, path, err);
    return rc == 0 ? manifest_sync_dir(whole, err) : rc;
}

int
manifest_sync(const char *dir, struct tl_err *err)
{
    return walk(dir, "", NULL, sync_folder, NULL, err);
}

static int
write_all(const char *path, const void *p, size_t n, struct tl_err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = fd >= 0 && write(fd, p, n) == (ssize_t)n && fsync(fd) == 0;
    int rc = good ? 0 : fail_on(err, "write", path);
    if (fd >= 0)
        close(fd);
    return rc;
}

int
manifest_write(const char *dir, const uint8_t key[TL_KEY_BYTES], uint64_t *bytes, struct tl_err *err)
{
    struct list l = {0};
    char path[PATH_MAX], hex[33];
    uint8_t mac[16];
    int rc = walk(dir, "", list_file, NULL, &l, err);
    if (rc == 0) {
        tl_hash128(key, l.text.data, l.text.len, mac);
        tl_hex(mac, sizeof mac, hex);
        tl_buf_printf(&l.text, "mac %s\n", hex);
        rc = l.text.failed ? tl_fail(err, TL_ENOMEM, "out of memory") : join(path, dir, MANIFEST_NAME, err);
    }
    if (rc == 0)
        rc = write_all(path, l.text.data, l.text.len, err);
    if (rc == 0)
        rc = manifest_sync(dir, err);
    *bytes = l.bytes;
    tl_buf_free(&l.text);
    return rc;
}

/* ---- checking: what the files are now must be what the manifest says, line by line ---- */

static int
read_manifest(const char *dir, struct tl_buf *out, struct tl_err *err)
{
    char path[PATH_MAX], chunk[8192];
    int rc = join(path, dir, MANIFEST_NAME, err);
    FILE *in = rc == 0 ? fopen(path, "re") : NULL;
    if (in == NULL)
        return tl_fail(err, TL_ENOTFOUND, "%s is no backup, or was never finished: it has no manifest", dir);
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, in)) > 0;)
        tl_buf_put(out, chunk, n);
    fclose(in);
    return out->failed ? tl_fail(err, TL_ENOMEM, "out of memory") : 0;
}

static int
check_mac(const struct tl_buf *text, const uint8_t key[TL_KEY_BYTES], size_t *lines, struct tl_err *err)
{
    const size_t tail = sizeof "mac \n" - 1 + 32;
    char want[64], hex[33];
    uint8_t mac[16];
    *lines = text->len > tail ? text->len - tail : 0;
    tl_hash128(key, text->data, *lines, mac);
    tl_hex(mac, sizeof mac, hex);
    snprintf(want, sizeof want, "mac %s\n", hex);
    bool good = text->len > tail && memcmp(text->data + *lines, want, tail) == 0;
    return good ? 0 : tl_fail(err, TL_EAUTH, "the manifest was not made with this key, or was altered since");
}

static int
first_difference(const struct list *now, const char *said, size_t n, struct tl_err *err)
{
    const char *have = (const char *)now->text.data;
    size_t i = 0, line = 0;
    for (; i < n && i < now->text.len && have[i] == said[i]; i++)
        line = said[i] == '\n' ? i + 1 : line;
    const char *text = line < n ? said + line : have + line;
    size_t left = line < n ? n - line : now->text.len - line;
    const char *end = memchr(text, '\n', left);
    return tl_fail(err, TL_ECORRUPT, "a file is missing, added or damaged, from here on: %.*s", (int)(end != NULL ? end - text : 0), text);
}

int
manifest_check(const char *dir, const uint8_t key[TL_KEY_BYTES], uint64_t *bytes, struct tl_err *err)
{
    struct tl_buf text = {0};
    struct list now = {0};
    size_t lines = 0;
    int rc = read_manifest(dir, &text, err);
    if (rc == 0)
        rc = check_mac(&text, key, &lines, err);
    if (rc == 0)
        rc = walk(dir, "", list_file, NULL, &now, err);
    if (rc == 0 && now.text.failed)
        rc = tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0 && (now.text.len != lines || memcmp(now.text.data, text.data, lines) != 0))
        rc = first_difference(&now, (const char *)text.data, lines, err);
    *bytes = now.bytes;
    tl_buf_free(&text);
    tl_buf_free(&now.text);
    return rc;
}

/* ---- copying ---- */

struct copying { const char *to; const char *const *skip; };

static int
copy_bytes(int in, int out)
{
    char chunk[1 << 16];
    for (ssize_t n; (n = read(in, chunk, sizeof chunk)) != 0;)
        if (n < 0 || write(out, chunk, (size_t)n) != n)
            return -1;
    return fsync(out);
}

static int
make_parents(char *path, struct tl_err *err)
{
    for (char *p = strchr(path + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
        *p = '\0';
        int rc = mkdir(path, 0700) != 0 && errno != EEXIST ? fail_on(err, "make", path) : 0;
        *p = '/';
        if (rc != 0)
            return rc;
    }
    return 0;
}

int
manifest_copy_file(const char *from, const char *to, struct tl_err *err)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0 && errno == ENOENT)
        return tl_fail(err, TL_ENOTFOUND, "there is no %s", from);
    int out = in >= 0 ? open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    int rc = in < 0 || out < 0 || copy_bytes(in, out) != 0 ? fail_on(err, "copy to", to) : 0;
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return rc;
}

static int
copy_file(void *arg, const char *root, const char *path, struct tl_err *err)
{
    const struct copying *c = arg;
    char from[PATH_MAX], to[PATH_MAX];
    for (const char *const *s = c->skip; s != NULL && *s != NULL; s++)
        if (strcmp(path, *s) == 0)
            return 0;
    int rc = join(from, root, path, err);
    if (rc == 0)
        rc = join(to, c->to, path, err);
    if (rc == 0)
        rc = make_parents(to, err);
    return rc == 0 ? manifest_copy_file(from, to, err) : rc;
}

int
manifest_copy(const char *from, const char *to, const char *const *skip, struct tl_err *err)
{
    struct copying c = { to, skip };
    if (access(from, F_OK) != 0)
        return 0;
    if (mkdir(to, 0700) != 0 && errno != EEXIST)
        return fail_on(err, "make", to);
    return walk(from, "", copy_file, NULL, &c, err);
}
