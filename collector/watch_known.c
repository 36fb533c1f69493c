/* watch_known.c - what was taken: a register by content, and how far the file under way has come.
 *
 * The hash of a file is a chain over its blocks of 64 KB, h = BLAKE2b-128(h, block), the last block as long as it is: so one pass gives the hash of the
 * whole, and tells of every known size on the way whether the file begins with that known content. */
#include "watch_in.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tl_hash.h"
#include "tl_port.h"
#include "tl_time.h"

#define BLOCK_BYTES (64u * 1024)
#define LINE_BYTES_MAX 2048
#define PREFIXES_MAX 1024               /* newest known contents that a file may be a longer version of */

/* ---- the register ---- */
static bool
read_line(const char *line, size_t n, struct tl_arena *a, struct watch_known *k, char name[256], char when[40])
{
    struct tl_jv *root = NULL;
    struct tl_json_fault fault;
    tl_arena_reset(a);
    if (tl_json_tree(a, (struct tl_str){ line, n }, 0, &root, &fault, NULL) != 0 || root->type != TL_JOBJECT)
        return false;
    struct tl_str hash = tl_jv_text(root, "hash"), mapping = tl_jv_text(root, "mapping"), file = tl_jv_text(root, "file"), at = tl_jv_text(root, "at");
    int64_t size = tl_jv_int(root, "size", -1), items = tl_jv_int(root, "items", -1);
    char hex[33];
    if (hash.n != 32 || mapping.n != 32 || size < 0 || items < 0)
        return false;
    k->size = (uint64_t)size;
    k->items = (uint64_t)items;
    snprintf(hex, sizeof hex, "%.32s", hash.p);
    bool good = tl_unhex(hex, 16, k->hash) == 0;
    snprintf(hex, sizeof hex, "%.32s", mapping.p);
    good = good && tl_unhex(hex, 16, k->mapping) == 0;
    if (name != NULL) {
        snprintf(name, 256, "%.*s", (int)(file.n < 255 ? file.n : 255), file.p != NULL ? file.p : "");
        snprintf(when, 40, "%.*s", (int)(at.n < 39 ? at.n : 39), at.p != NULL ? at.p : "");
    }
    return good;
}

static void
remember(struct watch_register *r, const struct watch_known *k)
{
    if (r->known_n == WATCH_KNOWN_MAX) {
        memmove(r->known, r->known + 1, (WATCH_KNOWN_MAX - 1) * sizeof *r->known);
        r->known_n--;
    }
    r->known[r->known_n++] = *k;
}

int
watch_register_open(struct watch_register *r, const char *state_dir, struct tl_err *err)
{
    char line[LINE_BYTES_MAX];
    struct tl_arena *a = tl_arena_new(256u * 1024);
    snprintf(r->path, sizeof r->path, "%.4000s/taken", state_dir);
    r->known = tl_alloc(WATCH_KNOWN_MAX * sizeof *r->known);
    FILE *f = fopen(r->path, "re");
    uint64_t at = 0;
    if (a == NULL || r->known == NULL) {
        if (f != NULL)
            fclose(f);
        tl_arena_free(&a);
        return tl_fail(err, TL_ENOMEM, "out of memory");
    }
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        struct watch_known k = { .at = at };
        size_t n = strlen(line);
        at += n;
        if (n > 0 && line[n - 1] == '\n' && read_line(line, n - 1, a, &k, NULL, NULL))
            remember(r, &k);
    }
    if (f != NULL)
        fclose(f);
    tl_arena_free(&a);
    return 0;
}

void
watch_register_close(struct watch_register *r)
{
    tl_free(r->known);
    *r = (struct watch_register){0};
}

void
watch_register_name(const struct watch_register *r, const struct watch_known *k, char name[256], char when[40])
{
    char line[LINE_BYTES_MAX];
    struct watch_known same;
    struct tl_arena *a = tl_arena_new(256u * 1024);
    FILE *f = fopen(r->path, "re");
    name[0] = when[0] = '\0';
    if (f != NULL && a != NULL && fseeko(f, (off_t)k->at, SEEK_SET) == 0 && fgets(line, sizeof line, f) != NULL)
        read_line(line, strcspn(line, "\n"), a, &same, name, when);
    if (f != NULL)
        fclose(f);
    tl_arena_free(&a);
}

static void
put_known(struct tl_jw *w, const struct watch_known *k)
{
    char hex[33];
    tl_hex(k->hash, 16, hex);
    tl_jw_cstr(w, "hash", hex);
    tl_hex(k->mapping, 16, hex);
    tl_jw_cstr(w, "mapping", hex);
    tl_jw_uint(w, "size", k->size);
    tl_jw_uint(w, "items", k->items);
}

/* a line that a full disk cut short is ended first; a reader passes over it */
static int
append(const char *path, const struct tl_buf *b, uint64_t *at, struct tl_err *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    off_t end = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;
    char last = '\n';
    bool good = end >= 0 && (end == 0 || pread(fd, &last, 1, end - 1) == 1);
    if (good && last != '\n')
        good = write(fd, "\n", 1) == 1;
    *at = (uint64_t)end + (last != '\n');
    good = good && write(fd, b->data, b->len) == (ssize_t)b->len && fdatasync(fd) == 0;
    int why = errno;
    if (fd >= 0)
        close(fd);
    return good ? 0 : tl_fail(err, why == ENOSPC ? TL_ENOSPC : TL_EIO, "cannot write %s: %s", path, strerror(why));
}

int
watch_register_add(struct watch_register *r, const struct watch_known *k, const char *name, struct tl_err *err)
{
    struct tl_buf b = {0};
    struct tl_jw w = tl_jw_to(&b);
    struct watch_known with = *k;
    char now[32];
    tl_jw_open(&w, NULL);
    put_known(&w, k);
    tl_jw_cstr(&w, "at", tl_time_format(tl_clock_real()->wall_ms(tl_clock_real()), now));
    tl_jw_cstr(&w, "file", name);
    tl_jw_close(&w);
    tl_buf_put_u8(&b, '\n');
    int rc = b.failed ? tl_fail(err, TL_ENOMEM, "out of memory") : append(r->path, &b, &with.at, err);
    tl_buf_free(&b);
    if (rc == 0)
        remember(r, &with);
    return rc;
}

/* ---- contents ---- */
static void
link_block(uint8_t *buffer, size_t n, uint8_t out[16])
{
    static const uint8_t key[TL_KEY_BYTES] = "touchline watch: contents";
    tl_hash128(key, buffer, 16 + n, out);
}

/* known contents that end inside this block, the first bytes of which are in buffer behind the chain so far */
static void
look_for_known(const struct watch_register *r, uint8_t *buffer, uint64_t offset, size_t n, struct watch_content *out)
{
    uint32_t first = r->known_n > PREFIXES_MAX ? r->known_n - PREFIXES_MAX : 0;
    uint8_t hash[16];
    for (uint32_t i = first; i < r->known_n; i++) {
        const struct watch_known *k = &r->known[i];
        if (k->size <= offset || k->size > offset + n)
            continue;
        link_block(buffer, (size_t)(k->size - offset), hash);
        if (memcmp(hash, k->hash, 16) == 0 && (out->prefix == NULL || k->size >= out->prefix->size))
            out->prefix = k;
    }
}

static ssize_t
read_block(int fd, uint8_t *p, uint64_t offset)
{
    size_t n = 0;
    while (n < BLOCK_BYTES) {
        ssize_t got = pread(fd, p + n, BLOCK_BYTES - n, (off_t)(offset + n));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        n += (size_t)got;
    }
    return (ssize_t)n;
}

int
watch_content_read(const struct watch_register *r, int fd, const struct watch_known *prefix_of, bool *is_prefix, struct watch_content *out, atomic_bool *stopping, struct tl_err *err)
{
    uint8_t *buffer = tl_alloc(16 + BLOCK_BYTES), hash[16];
    int rc = buffer != NULL ? 0 : tl_fail(err, TL_ENOMEM, "out of memory");
    ssize_t n = BLOCK_BYTES;
    *out = (struct watch_content){0};
    if (is_prefix != NULL)
        *is_prefix = prefix_of != NULL && prefix_of->size == 0;
    while (rc == 0 && n == BLOCK_BYTES) {
        n = read_block(fd, buffer + 16, out->size);
        if (n < 0)
            rc = tl_fail(err, TL_EIO, "cannot read: %s", strerror(errno));
        else if (atomic_load(stopping))
            rc = TL_EBUSY;
        if (rc != 0 || n == 0)
            break;
        look_for_known(r, buffer, out->size, (size_t)n, out);
        if (prefix_of != NULL && prefix_of->size > out->size && prefix_of->size <= out->size + (uint64_t)n) {
            link_block(buffer, (size_t)(prefix_of->size - out->size), hash);
            *is_prefix = memcmp(hash, prefix_of->hash, 16) == 0;
        }
        link_block(buffer, (size_t)n, hash);
        memcpy(buffer, hash, 16);
        out->size += (uint64_t)n;
    }
    if (rc == 0)
        memcpy(out->hash, buffer, 16);
    for (uint32_t i = 0; rc == 0 && i < r->known_n; i++)
        if (r->known[i].size == out->size && memcmp(r->known[i].hash, out->hash, 16) == 0)
            out->same = &r->known[i];
    tl_free(buffer);
    return rc;
}

/* ---- progress ---- */
static void
progress_path(char path[PATH_MAX], const char *state_dir, const char *ending)
{
    snprintf(path, PATH_MAX, "%.4000s/progress%s", state_dir, ending);
}

bool
watch_progress_load(const char *state_dir, struct watch_progress *p)
{
    char path[PATH_MAX], line[LINE_BYTES_MAX];
    struct tl_arena *a = tl_arena_new(256u * 1024);
    progress_path(path, state_dir, "");
    FILE *f = fopen(path, "re");
    bool good = f != NULL && a != NULL && fgets(line, sizeof line, f) != NULL && read_line(line, strcspn(line, "\n"), a, &p->content, NULL, NULL);
    const char *before = good ? strstr(line, "\"before\":") : NULL;
    p->before = before != NULL ? strtoull(before + 9, NULL, 10) : 0;
    if (f != NULL)
        fclose(f);
    tl_arena_free(&a);
    return good;
}

/* Not synced: a power cut may bring an older one back, and then events are sent again under their ids. */
int
watch_progress_save(const char *state_dir, const struct watch_progress *p)
{
    char path[PATH_MAX], part[PATH_MAX];
    struct tl_buf b = {0};
    struct tl_jw w = tl_jw_to(&b);
    tl_jw_open(&w, NULL);
    put_known(&w, &p->content);
    tl_jw_uint(&w, "before", p->before);
    tl_jw_close(&w);
    tl_buf_put_u8(&b, '\n');
    progress_path(path, state_dir, "");
    progress_path(part, state_dir, ".part");
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = fd >= 0 && !b.failed && write(fd, b.data, b.len) == (ssize_t)b.len;
    if (fd >= 0)
        close(fd);
    good = good && rename(part, path) == 0;
    tl_buf_free(&b);
    return good ? 0 : TL_EIO;
}

void
watch_progress_clear(const char *state_dir)
{
    char path[PATH_MAX];
    progress_path(path, state_dir, "");
    unlink(path);
}
