/* spool_segment.h - the bytes of one spool segment: its header, its records, and finding intact records among damaged ones.
 *
 *   header, 64 bytes: "TLSPOOL1" | version u32 | crc32c u32 of all the rest | collector 16 | epoch u64 | first_seq u64 | created_ms u64 | 8 zero
 *   record, at offsets divisible by 8: len u32 | crc32c u32 over len, seq, synced, epoch, payload | seq u64 | synced u64 | payload | zeros up to 8
 *
 * synced is the last number that was durable when this record was written: what is missing at or below it has rotted, what is missing above it was never
 * acknowledged. All numbers little-endian. The epoch stands in no record but in its checksum: bytes of another spool, or of a segment's earlier life, never pass.
 * For spool.c alone. */
#ifndef SPOOL_SEGMENT_H
#define SPOOL_SEGMENT_H

#include "tl_err.h"
#include "tl_mem.h"
#include "tl_port.h"

#define SEGMENT_HEAD_BYTES 64
#define SEGMENT_RECORD_HEAD_BYTES 24
void segment_put_le(uint8_t *at, uint64_t v, unsigned bytes);        /* the low bytes of v */

#define SEGMENT_AHEAD_MAX 0xfffffu      /* a search looks for numbers at most this far ahead */

struct segment_head {
    uint8_t collector[16];
    uint64_t epoch, first_seq;
    int64_t created_ms;
};
void segment_put_head(uint8_t out[SEGMENT_HEAD_BYTES], const struct segment_head *h);
int segment_get_head(const uint8_t in[SEGMENT_HEAD_BYTES], struct segment_head *h);     /* 0, TL_ECORRUPT, TL_EVERSION */

size_t segment_record_bytes(size_t payload_n);                                          /* head, payload and padding */
/* segment_put_record - a whole record; empties out first. Check out->failed. */
void segment_put_record(struct tl_buf *out, uint64_t epoch, uint64_t seq, uint64_t synced, struct tl_str payload);

struct segment_file {
    struct tl_io *io;
    int fd;
    uint64_t epoch, size;
};
struct segment_found {
    uint64_t seq, synced, offset, end;  /* end: where the next record begins */
};
/* segment_next - the first intact record at or after offset with a number in expect..limit: where the last one ended in the good case, else by search.
 * Its payload is appended to out. 0, TL_ENOTFOUND, TL_EIO, TL_ENOMEM (out unchanged). */
int segment_next(const struct segment_file *f, uint64_t offset, uint64_t expect, uint64_t limit, struct tl_buf *out, struct segment_found *found);

/* segment_read_all, segment_write_all - the whole of n bytes or a negative errno; fewer bytes written is -ENOSPC, fewer read is -ENODATA. */
int segment_read_all(struct tl_io *io, int fd, void *p, size_t n, uint64_t offset);
int segment_write_all(struct tl_io *io, int fd, const void *p, size_t n, uint64_t offset);

#endif
