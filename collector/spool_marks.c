/* spool_marks.c - identity and checkpoint; see spool_marks.h. */
#include "spool_marks.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "spool_segment.h"
#include "tl_hash.h"
#include "tl_mem.h"

#define IDENTITY_BYTES 64
#define IDENTITY_VERSION 1
#define SLOT_BYTES 512

int
marks_errno(struct tl_err *err, int rc, const char *what, const char *dir, const char *name)
{
    int full = rc == -ENOSPC || rc == -EDQUOT || rc == -EFBIG;
    return tl_fail(err, full ? TL_ENOSPC : rc == -ENOMEM ? TL_ENOMEM : TL_EIO, "cannot %s %s/%s: %s", what, dir, name, strerror(-rc));
}

static char *
path_of(char out[PATH_MAX], const char *dir, const char *name)
{
    snprintf(out, PATH_MAX, "%s/%s", dir, name);
    return out;
}

/* Each of the two formats keeps its checksum somewhere in its bytes: it covers all the others. */
static uint32_t
crc_around(const uint8_t *b, size_t n, size_t crc_at)
{
    return tl_crc32c(tl_crc32c(0, b, crc_at), b + crc_at + 4, n - crc_at - 4);
}

/* ---- identity ---- */

static void
put_identity(uint8_t b[IDENTITY_BYTES], const struct marks_identity *id)
{
    memset(b, 0, IDENTITY_BYTES);
    memcpy(b, "TLIDENT1", 8);
    segment_put_le(b + 8, IDENTITY_VERSION, 4);
    memcpy(b + 16, id->collector, sizeof id->collector);
    segment_put_le(b + 32, id->epoch, 8);
    segment_put_le(b + 40, (uint64_t)id->created_ms, 8);
    segment_put_le(b + 12, crc_around(b, IDENTITY_BYTES, 12), 4);
}

static int
get_identity(const uint8_t b[IDENTITY_BYTES], struct marks_identity *id)
{
    struct tl_cur c = tl_cur_of(b, IDENTITY_BYTES);
    bool magic = memcmp(tl_cur_bytes(&c, 8).p, "TLIDENT1", 8) == 0;
    uint32_t version = tl_cur_le32(&c);
    if (!magic || tl_cur_le32(&c) != crc_around(b, IDENTITY_BYTES, 12))
        return TL_ECORRUPT;
    if (version != IDENTITY_VERSION)
        return TL_EVERSION;
    memcpy(id->collector, tl_cur_bytes(&c, sizeof id->collector).p, sizeof id->collector);
    id->epoch = tl_cur_le64(&c);
    id->created_ms = (int64_t)tl_cur_le64(&c);
    return 0;
}

int
marks_read_identity(struct tl_io *io, const char *dir, struct marks_identity *id)
{
    char path[PATH_MAX];
    uint8_t b[IDENTITY_BYTES];
    int fd = io->open(io, path_of(path, dir, "identity"), O_RDONLY);
    if (fd < 0)
        return fd == -ENOENT ? TL_ENOTFOUND : TL_EIO;
    int rc = segment_read_all(io, fd, b, sizeof b, 0);
    io->close(io, fd);
    if (rc < 0)
        return rc == -ENODATA ? TL_ECORRUPT : TL_EIO;
    return get_identity(b, id);
}

static int
write_synced(struct tl_io *io, const char *path, const void *p, size_t n)
{
    int fd = io->open(io, path, O_RDWR | O_CREAT | O_TRUNC);
    if (fd < 0)
        return fd;
    int rc = segment_write_all(io, fd, p, n, 0);
    if (rc == 0)
        rc = io->datasync(io, fd);
    int closed = io->close(io, fd);
    return rc ? rc : closed;
}

int
marks_write_identity(struct tl_io *io, const char *dir, const struct marks_identity *id, struct tl_err *err)
{
    char path[PATH_MAX], beside[PATH_MAX];
    uint8_t b[IDENTITY_BYTES];
    put_identity(b, id);
    int rc = write_synced(io, path_of(beside, dir, "identity.new"), b, sizeof b);
    if (rc == 0)
        rc = io->rename(io, beside, path_of(path, dir, "identity"));
    if (rc == 0)
        rc = io->sync_dir(io, dir);
    return rc ? marks_errno(err, rc, "write", dir, "identity") : 0;
}

/* ---- checkpoint ---- */

#define SLOT_CRC_AT 16

static bool
get_slot(const uint8_t b[SLOT_BYTES], struct marks_checkpoint *c)
{
    struct tl_cur in = tl_cur_of(b, SLOT_BYTES);
    bool magic = memcmp(tl_cur_bytes(&in, 8).p, "TLCHECK1", 8) == 0;
    c->generation = tl_cur_le64(&in);
    uint32_t crc = tl_cur_le32(&in);
    c->clean = tl_cur_le32(&in) != 0;
    c->epoch = tl_cur_le64(&in);
    c->durable = tl_cur_le64(&in);
    c->acked = tl_cur_le64(&in);
    return magic && crc == crc_around(b, SLOT_BYTES, SLOT_CRC_AT);
}

static void
put_slot(uint8_t b[SLOT_BYTES], const struct marks_checkpoint *c)
{
    memset(b, 0, SLOT_BYTES);
    memcpy(b, "TLCHECK1", 8);
    segment_put_le(b + 8, c->generation, 8);
    b[20] = c->clean;
    segment_put_le(b + 24, c->epoch, 8);
    segment_put_le(b + 32, c->durable, 8);
    segment_put_le(b + 40, c->acked, 8);
    segment_put_le(b + SLOT_CRC_AT, crc_around(b, SLOT_BYTES, SLOT_CRC_AT), 4);
}

void
marks_read_checkpoint(struct tl_io *io, const char *dir, struct marks_checkpoint *c)
{
    char path[PATH_MAX];
    uint8_t b[SLOT_BYTES];
    struct marks_checkpoint slot;
    *c = (struct marks_checkpoint){ 0 };
    int fd = io->open(io, path_of(path, dir, "checkpoint"), O_RDONLY);
    if (fd < 0)
        return;
    for (uint64_t i = 0; i < 2; i++)
        if (segment_read_all(io, fd, b, sizeof b, i * SLOT_BYTES) == 0 && get_slot(b, &slot) && slot.generation >= c->generation)
            *c = slot;
    io->close(io, fd);
}

int
marks_write_checkpoint(struct tl_io *io, const char *dir, const struct marks_checkpoint *c)
{
    char path[PATH_MAX];
    uint8_t b[SLOT_BYTES];
    int fd = io->open(io, path_of(path, dir, "checkpoint"), O_RDWR | O_CREAT);
    if (fd < 0)
        return fd;
    put_slot(b, c);
    int rc = segment_write_all(io, fd, b, sizeof b, c->generation % 2 * SLOT_BYTES);
    if (rc == 0)
        rc = io->datasync(io, fd);
    int closed = io->close(io, fd);
    return rc ? rc : closed;
}
