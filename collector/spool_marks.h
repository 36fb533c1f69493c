/* spool_marks.h - the spool's two small files: identity (who, which epoch) and checkpoint (a hint).
 *
 *   identity, 64 bytes: "TLIDENT1" | version u32 | crc32c u32 of all the rest | collector 16 | epoch u64 | created_ms u64 | 16 zero
 *   checkpoint, two slots of 512 bytes written in turn: "TLCHECK1" | generation u64 | crc32c u32 of all the rest | clean u32 | epoch u64 | durable u64 |
 *   acked u64 | zeros
 *
 * Numbers little-endian. The truth about acked is the aggregator's hwm: a missing, stale or torn checkpoint costs a scan or a resend, no event.
 * For spool.c alone. */
#ifndef SPOOL_MARKS_H
#define SPOOL_MARKS_H

#include "tl_err.h"
#include "tl_port.h"

struct marks_identity {
    uint8_t collector[16];
    uint64_t epoch;
    int64_t created_ms;
};
/* 0, TL_ENOTFOUND, TL_ECORRUPT, TL_EVERSION, TL_EIO */
int marks_read_identity(struct tl_io *io, const char *dir, struct marks_identity *id);
/* Written beside, synced, renamed: old or new, never half. 0, TL_ENOSPC, TL_EIO. */
int marks_write_identity(struct tl_io *io, const char *dir, const struct marks_identity *id, struct tl_err *err);

struct marks_checkpoint {
    uint64_t epoch, generation, durable, acked;
    bool clean;                 /* written by spool_close with everything synced */
};
/* The newer good slot; all zero when there is none. */
void marks_read_checkpoint(struct tl_io *io, const char *dir, struct marks_checkpoint *c);
int marks_write_checkpoint(struct tl_io *io, const char *dir, const struct marks_checkpoint *c);   /* 0, or a negative errno that nobody need act on */

/* marks_errno - a negative errno as a TL_E*, with a sentence naming what failed and on which file */
int marks_errno(struct tl_err *err, int rc, const char *what, const char *dir, const char *name);

#endif
