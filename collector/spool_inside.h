/* spool_inside.h - the spool's state, shared by spool.c (append, sync), spool_open.c and spool_mend.c (recovery), spool_read.c (the reader) and
 * spool_space.c (limits). */
#ifndef SPOOL_INSIDE_H
#define SPOOL_INSIDE_H

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

#include "spool.h"
#include "spool_marks.h"
#include "spool_segment.h"

#define SPOOL_NAME_BYTES 32
#define SPOOL_SPARE "spare"    /* an expired segment, to be used again */
#define SPOOL_NEW "new"        /* a segment in the making; removed at open */

struct spool_segment {
    uint64_t first_seq, bytes;
    int64_t sealed_ms;          /* when the next one began */
    bool damaged;               /* kept aside when its time is over */
};

struct spool {
    struct spool_cfg cfg;
    char dir[PATH_MAX / 2];
    struct tl_io *io;
    struct tl_clock *clock;
    struct marks_identity id;
    int lock_fd;
    uint64_t recovered;

    /* the writer's own */
    int fd;                     /* active segment, -1 when the next append must make one */
    uint64_t at, cap, allocated;
    uint64_t next_seq;
    struct tl_buf record;

    /* the reader's own: all records at read_at and after have numbers >= read_seq */
    int read_fd;
    uint64_t read_first, read_at, read_seq;
    struct marks_checkpoint mark;
    int64_t marked_us;

    /* both */
    pthread_mutex_t mutex;
    struct spool_segment *segment;
    size_t segments_n, segments_cap;
    uint64_t durable, acked, bytes, spare_bytes, bad_records_n, syncs_n;
    atomic_bool poisoned;
};

char *spool_path(const struct spool *s, const char *name, char out[PATH_MAX]);
char *spool_segment_name(uint64_t first_seq, char out[SPOOL_NAME_BYTES]);
int spool_poison(struct spool *s, struct tl_err *err, int rc, const char *what, const char *name);
int spool_add_segment(struct spool *s, const struct spool_segment *seg);                 /* 0, TL_ENOMEM */
void spool_checkpoint(struct spool *s, bool clean);
/* spool_mend.c: find the end of the last segment, mend it, make it the active one; sets durable. head_good: its header is whole. 0, TL_E*. */
int spool_mend_last(struct spool *s, bool head_good, struct tl_err *err);

/* spool_space.c; the lock is taken inside */
/* spool_make_room - room for `more` bytes, dropping acknowledged segments when needed. 0, TL_ENOSPC. */
int spool_make_room(struct spool *s, uint64_t more, struct tl_err *err);
/* spool_give_way - the disk is full: drop the spare or the oldest acknowledged segment. false: nothing can go. */
bool spool_give_way(struct spool *s);
/* spool_expire - drop acknowledged segments whose time or share is over; one becomes the spare. The lock is held by the caller. */
void spool_expire(struct spool *s);
/* spool_recycle_active - the only segment is full and all acknowledged, and there is no room for another: make it the spare. false when it is not so. */
bool spool_recycle_active(struct spool *s);

#endif
