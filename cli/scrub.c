/* scrub.c - see scrub.h. Numbers run on from record to record and from segment to segment, so what is missing shows by them. Only the newest segment may end
 * in something unfinished: what a good record of a later number follows is not, and is damaged there, too. */
#include "scrub.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tl_hash.h"
#include "tl_mem.h"

#define HEAD_BYTES 64u
#define RECORD_HEAD_BYTES 24u
#define AHEAD_MAX 4096u             /* numbers that may be missing before a record that shows it */

static uint64_t
get_le(const uint8_t *at, unsigned bytes)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < bytes; i++)
        v |= (uint64_t)at[i] << (8 * i);
    return v;
}

static bool
good_head(const uint8_t *p, size_t n)
{
    return n >= HEAD_BYTES && memcmp(p, "TLSPOOL1", 8) == 0 && get_le(p + 12, 4) == tl_crc32c(tl_crc32c(0, p, 12), p + 16, HEAD_BYTES - 16);
}

/* checksum over len, seq, synced, the segment's epoch, payload */
static bool
good_record(const uint8_t *p, uint64_t left, const uint8_t *epoch, uint64_t want)
{
    uint64_t len = left >= RECORD_HEAD_BYTES ? get_le(p, 4) : 0;
    if (len == 0 || len > left - RECORD_HEAD_BYTES || get_le(p + 8, 8) != want)
        return false;
    uint32_t crc = tl_crc32c(tl_crc32c(tl_crc32c(0, p, 4), p + 8, 16), epoch, 8);
    return tl_crc32c(crc, p + RECORD_HEAD_BYTES, len) == get_le(p + 4, 4);
}

/* scan - good records from first on; the number after the last of them, and where it would stand */
static uint64_t
scan(const uint8_t *p, size_t n, uint64_t next, uint64_t *end)
{
    uint64_t at = HEAD_BYTES;
    while (at < n && good_record(p + at, n - at, p + 32, next)) {
        at += (RECORD_HEAD_BYTES + get_le(p + at, 4) + 7) & ~UINT64_C(7);
        next++;
    }
    *end = at;
    return next;
}

/* follows - a good record of a later number stands somewhere behind `at`: what is bad there was whole once */
static bool
follows(const uint8_t *p, size_t n, uint64_t at, uint64_t next)
{
    for (; at + RECORD_HEAD_BYTES < n; at += 8) {
        uint64_t seq = get_le(p + at + 8, 8);
        if (seq > next && seq - next <= AHEAD_MAX && good_record(p + at, n - at, p + 32, seq))
            return true;
    }
    return false;
}

static int
read_whole(const char *path, struct tl_buf *b, struct tl_err *err)
{
    static char chunk[1 << 16];
    FILE *in = fopen(path, "re");
    tl_buf_reset(b);
    if (in == NULL)
        return tl_fail(err, errno == ENOENT ? TL_ENOTFOUND : TL_EIO, "cannot read %s: %s", path, strerror(errno));
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, in)) > 0;)
        tl_buf_put(b, chunk, n);
    fclose(in);
    return b->failed ? tl_fail(err, TL_ENOMEM, "out of memory") : 0;
}

static int
is_segment(const struct dirent *e)
{
    return strlen(e->d_name) == 20 && strcmp(e->d_name + 16, ".seg") == 0;
}

static int
scrub_segment(const char *dir, const char *name, uint64_t until, struct scrub *s, struct tl_buf *b, struct tl_err *err)
{
    char path[PATH_MAX];
    uint64_t first = strtoull(name, NULL, 16), next = first, end = 0;
    bool good = false, bad = false;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    for (int tries = 0; tries < 2 && (tries == 0 || bad); tries++) {    /* twice, and at one place: a record may have been half written when it was read */
        uint64_t before = next;
        int rc = read_whole(path, b, err);
        if (rc != 0)
            return rc == TL_ENOTFOUND ? 0 : rc;                         /* expired meanwhile */
        good = good_head(b->data, b->len) && get_le(b->data + 40, 8) == first;
        next = good ? scan(b->data, b->len, first, &end) : first;
        bad = good && until == 0 && follows(b->data, b->len, end, next) && (tries == 0 || next == before);
    }
    if (until == 0 && (!good || bad))
        until = next + 1;
    s->segments++;
    s->records += next - first;
    s->first = s->first == 0 ? first : s->first;
    s->last = next - 1;
    if (until == 0 || next == until)
        return 0;
    s->damaged += until > next ? until - next : 1;
    return tl_fail(err, TL_ECORRUPT, "%s: record %llu does not match its checksum, or is missing", name, (unsigned long long)next);
}

int
scrub_spool(const char *dir, struct scrub *s, struct tl_err *err)
{
    struct dirent **e = NULL;
    struct tl_buf b = {0};
    struct tl_err other;
    int rc = 0, n = scandir(dir, &e, is_segment, alphasort);
    *s = (struct scrub){0};
    if (n <= 0)
        rc = tl_fail(err, n == 0 || errno == ENOENT ? TL_ENOTFOUND : TL_EIO, "cannot read %s", dir);
    for (int i = 0; i < n; i++) {
        uint64_t until = i + 1 < n ? strtoull(e[i + 1]->d_name, NULL, 16) : 0;
        int one = scrub_segment(dir, e[i]->d_name, until, s, &b, rc == 0 ? err : &other);
        rc = rc == 0 ? one : rc;
    }
    for (int i = 0; i < n; i++)
        free(e[i]);
    free(e);
    tl_buf_free(&b);
    return rc;
}
