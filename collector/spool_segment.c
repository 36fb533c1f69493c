/* spool_segment.c - bytes of a segment; see spool_segment.h. The search trusts nothing but checksums: a damaged length cannot hide its neighbours. */
#include "spool_segment.h"

#include <errno.h>

#include "tl_hash.h"
#include "tl_wire.h"

#define SEGMENT_VERSION 1
#define SEARCH_WINDOW_BYTES 65536

static const char segment_magic[8] = { 'T', 'L', 'S', 'P', 'O', 'O', 'L', '1' };

void
segment_put_le(uint8_t *at, uint64_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t
get_le(const uint8_t *at, unsigned bytes)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < bytes; i++)
        v |= (uint64_t)at[i] << (8 * i);
    return v;
}

static uint32_t
head_crc(const uint8_t head[SEGMENT_HEAD_BYTES])
{
    return tl_crc32c(tl_crc32c(0, head, 12), head + 16, SEGMENT_HEAD_BYTES - 16);
}

void
segment_put_head(uint8_t out[SEGMENT_HEAD_BYTES], const struct segment_head *h)
{
    memset(out, 0, SEGMENT_HEAD_BYTES);
    memcpy(out, segment_magic, sizeof segment_magic);
    segment_put_le(out + 8, SEGMENT_VERSION, 4);
    memcpy(out + 16, h->collector, sizeof h->collector);
    segment_put_le(out + 32, h->epoch, 8);
    segment_put_le(out + 40, h->first_seq, 8);
    segment_put_le(out + 48, (uint64_t)h->created_ms, 8);
    segment_put_le(out + 12, head_crc(out), 4);
}

int
segment_get_head(const uint8_t in[SEGMENT_HEAD_BYTES], struct segment_head *h)
{
    if (memcmp(in, segment_magic, sizeof segment_magic) != 0 || get_le(in + 12, 4) != head_crc(in))
        return TL_ECORRUPT;
    if (get_le(in + 8, 4) != SEGMENT_VERSION)
        return TL_EVERSION;
    memcpy(h->collector, in + 16, sizeof h->collector);
    h->epoch = get_le(in + 32, 8);
    h->first_seq = get_le(in + 40, 8);
    h->created_ms = (int64_t)get_le(in + 48, 8);
    return 0;
}

/* ---- records ---- */

size_t
segment_record_bytes(size_t payload_n)
{
    return (SEGMENT_RECORD_HEAD_BYTES + payload_n + 7) & ~(size_t)7;
}

static uint32_t
record_crc(uint32_t len, uint64_t seq, uint64_t synced, uint64_t epoch, const void *payload)
{
    uint8_t b[28];
    segment_put_le(b, len, 4);
    segment_put_le(b + 4, seq, 8);
    segment_put_le(b + 12, synced, 8);
    segment_put_le(b + 20, epoch, 8);
    return tl_crc32c(tl_crc32c(0, b, sizeof b), payload, len);
}

void
segment_put_record(struct tl_buf *out, uint64_t epoch, uint64_t seq, uint64_t synced, struct tl_str payload)
{
    static const uint8_t zeros[8];
    tl_buf_reset(out);
    tl_buf_reserve(out, segment_record_bytes(payload.n));
    tl_buf_put_le32(out, (uint32_t)payload.n);
    tl_buf_put_le32(out, record_crc((uint32_t)payload.n, seq, synced, epoch, payload.p));
    tl_buf_put_le64(out, seq);
    tl_buf_put_le64(out, synced);
    tl_buf_put(out, payload.p, payload.n);
    tl_buf_put(out, zeros, segment_record_bytes(payload.n) - SEGMENT_RECORD_HEAD_BYTES - payload.n);
}

struct record_head {
    uint32_t len, crc;
    uint64_t seq, synced;
};

static struct record_head
get_record_head(const uint8_t *at)
{
    return (struct record_head){ (uint32_t)get_le(at, 4), (uint32_t)get_le(at + 4, 4), get_le(at + 8, 8), get_le(at + 16, 8) };
}

/* Could a record stand at offset? Cheap, before any checksum. */
static bool
plausible(const struct segment_file *f, const struct record_head *h, uint64_t offset, uint64_t expect, uint64_t limit)
{
    return h->seq >= expect && h->seq <= limit && h->synced < h->seq && h->len > 0 && h->len <= TL_WIRE_BATCH_MAX
           && h->len <= f->size - offset - SEGMENT_RECORD_HEAD_BYTES;
}

/* 0, TL_ENOTFOUND (checksum), TL_EIO, TL_ENOMEM */
static int
take_record(const struct segment_file *f, const struct record_head *h, uint64_t offset, struct tl_buf *out, struct segment_found *found)
{
    if (!tl_buf_reserve(out, h->len))
        return TL_ENOMEM;
    uint8_t *at = out->data + out->len;
    if (segment_read_all(f->io, f->fd, at, h->len, offset + SEGMENT_RECORD_HEAD_BYTES) < 0)
        return TL_EIO;
    if (record_crc(h->len, h->seq, h->synced, f->epoch, at) != h->crc)
        return TL_ENOTFOUND;
    out->len += h->len;
    *found = (struct segment_found){ h->seq, h->synced, offset, offset + segment_record_bytes(h->len) };
    return 0;
}

/* Every place in one window of bytes; the last head may reach beyond the window, so the caller lets windows overlap. */
static int
search_window(const struct segment_file *f, const uint8_t *window, size_t n, uint64_t offset, uint64_t expect, uint64_t limit, struct tl_buf *out,
              struct segment_found *found)
{
    for (size_t i = 0; i + SEGMENT_RECORD_HEAD_BYTES <= n; i += 8) {
        struct record_head h = get_record_head(window + i);
        if (!plausible(f, &h, offset + i, expect, limit))
            continue;
        int rc = take_record(f, &h, offset + i, out, found);
        if (rc != TL_ENOTFOUND)
            return rc;
    }
    return TL_ENOTFOUND;
}

static int
search(const struct segment_file *f, uint64_t offset, uint64_t expect, uint64_t limit, struct tl_buf *out, struct segment_found *found)
{
    uint8_t *window = tl_alloc(SEARCH_WINDOW_BYTES);
    int rc = window ? TL_ENOTFOUND : TL_ENOMEM;
    while (rc == TL_ENOTFOUND && offset + SEGMENT_RECORD_HEAD_BYTES <= f->size) {
        size_t n = f->size - offset < SEARCH_WINDOW_BYTES ? (size_t)(f->size - offset) : SEARCH_WINDOW_BYTES;
        rc = segment_read_all(f->io, f->fd, window, n, offset) < 0 ? TL_EIO : search_window(f, window, n, offset, expect, limit, out, found);
        offset += n < SEARCH_WINDOW_BYTES ? n : SEARCH_WINDOW_BYTES - SEGMENT_RECORD_HEAD_BYTES + 8;
    }
    tl_free(window);
    return rc;
}

int
segment_next(const struct segment_file *f, uint64_t offset, uint64_t expect, uint64_t limit, struct tl_buf *out, struct segment_found *found)
{
    uint8_t bytes[SEGMENT_RECORD_HEAD_BYTES];
    if (offset + sizeof bytes > f->size || expect > limit)
        return TL_ENOTFOUND;
    if (segment_read_all(f->io, f->fd, bytes, sizeof bytes, offset) < 0)
        return TL_EIO;
    struct record_head h = get_record_head(bytes);
    if (plausible(f, &h, offset, expect, limit)) {
        int rc = take_record(f, &h, offset, out, found);
        if (rc != TL_ENOTFOUND)
            return rc;
    }
    return search(f, offset + 8, expect, limit, out, found);
}

/* ---- whole reads and writes ---- */

int
segment_read_all(struct tl_io *io, int fd, void *p, size_t n, uint64_t offset)
{
    for (uint8_t *at = p; n > 0;) {
        ssize_t got = io->pread(io, fd, at, n, offset);
        if (got <= 0)
            return got < 0 ? (int)got : -ENODATA;
        at += got;
        n -= (size_t)got;
        offset += (uint64_t)got;
    }
    return 0;
}

int
segment_write_all(struct tl_io *io, int fd, const void *p, size_t n, uint64_t offset)
{
    ssize_t put = io->pwrite(io, fd, p, n, offset);
    if (put < 0)
        return (int)put;
    return (size_t)put == n ? 0 : -ENOSPC;
}
