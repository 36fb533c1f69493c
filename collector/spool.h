/* spool.h - the collector's disk: what was answered with 2xx lies here until the aggregator's log has it.
 *
 * A folder of numbered segments; a record is one batch payload (tl_wire.h), its sequence number and a checksum. The order of operations is
 * append -> fdatasync -> answer; nothing that was not synced is ever sent. Formats: schemas/wire.md section 5.
 *
 * Threads: one writer (append, sync) and one reader (read, acked). first, durable, stats and poisoned: any thread. No lock is held across a sync.
 * Not here: splitting into records of at most TL_WIRE_BATCH_MAX (the caller's), sockets, compression. */
#ifndef SPOOL_H
#define SPOOL_H

#include "tl_err.h"
#include "tl_mem.h"
#include "tl_port.h"

#define SPOOL_SEGMENT_BYTES_MIN (64u * 1024)
#define SPOOL_STEP_BYTES (4u * 1024 * 1024)   /* a segment is allocated in steps of this */

struct spool;
struct spool_cfg {
    const char *dir;            /* made when absent (its parent must be there) */
    uint64_t max_bytes;         /* TL_ENOSPC beyond it */
    uint64_t segment_bytes;     /* size of a segment, >= SPOOL_SEGMENT_BYTES_MIN; a record larger than a segment gets one of its own size */
    uint64_t keep_s;            /* acknowledged segments stay this long, within a tenth of max_bytes and at least one; sooner when space is short */
    uint64_t free_floor_bytes;  /* TL_ENOSPC when taking more would leave less than this free on the disk; 0 = no floor */
    bool no_sync;               /* measuring only: durable without fdatasync */
};

/* spool_open - take the lock, read identity and segments, recover the last one: torn tail zeroed, the rest written back and synced.
 * 0, TL_EBUSY (another process holds it), TL_EIO, TL_ENOSPC, TL_ECORRUPT (segments of different epochs), TL_EVERSION (of another
 * program's making: nothing is changed), TL_ENOMEM. dir is copied. */
int spool_open(struct spool **out, const struct spool_cfg *cfg, struct tl_io *io, struct tl_clock *clock, struct tl_rand *rand, struct tl_err *err);
void spool_close(struct spool **sp);    /* writes a checkpoint; both threads must be done with it */

struct spool_identity {
    uint8_t collector[16];      /* random, made with the spool */
    uint64_t epoch;             /* random, made with the spool */
};
struct spool_identity spool_identity(const struct spool *s);

/* spool_append - one record: payload as tl_wire_end left it, 1..TL_WIRE_BATCH_MAX bytes. Not durable before spool_sync says so.
 * 0 and its sequence number (1, 2, 3 ...), or TL_EINVAL (not a payload), TL_ETOOBIG, TL_ENOSPC (nothing changed; try again later),
 * TL_EIO (nothing changed, or the spool is poisoned: spool_poisoned). */
int spool_append(struct spool *s, struct tl_str payload, uint64_t *seq, struct tl_err *err);
/* spool_sync - make all appended records durable; *durable (may be NULL) is the last of them. TL_EIO: the spool is poisoned, for good: what was
 * appended since the last sync must not be acknowledged, and the process should end so that a new one recovers from the disk. */
int spool_sync(struct spool *s, uint64_t *durable, struct tl_err *err);
bool spool_poisoned(const struct spool *s);

uint64_t spool_first(const struct spool *s);        /* first available; durable + 1 when there is none */
uint64_t spool_durable(const struct spool *s);      /* last durable; 0 when there never was one */
uint64_t spool_recovered(const struct spool *s);    /* what spool_durable was right after spool_open */
uint64_t spool_hint(const struct spool *s);         /* last spool_acked that the checkpoint remembers, or of this process */

/* spool_read - the payload of a durable record, appended to out. Every number in first..durable reads: in place of a record that rotted comes a
 * payload of kind Q with one item (reason spool_damaged, its bytes as far as they can be told), the segment is kept aside for ever and counted.
 * 0, TL_ENOTFOUND (outside first..durable), TL_EIO, TL_ENOMEM. */
int spool_read(struct spool *s, uint64_t seq, struct tl_buf *out, struct tl_err *err);
/* spool_acked - the aggregator has committed all up to hwm. Never deletes anything else. A lower hwm than before is ignored. */
void spool_acked(struct spool *s, uint64_t hwm);

/* spool_tend - now and then: acknowledged segments whose time is over go, when nothing comes any more, too. The reader's thread. */
void spool_tend(struct spool *s);

struct spool_stats {
    uint64_t bytes;             /* of all segments, acknowledged ones included */
    uint64_t backlog_n;         /* durable records not acknowledged */
    uint64_t segments_n;
    uint64_t bad_records_n;     /* rotten or missing records met since open */
    uint64_t syncs_n;
};
void spool_stats(const struct spool *s, struct spool_stats *st);

#endif
