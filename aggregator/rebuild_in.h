/* rebuild_in.h - a rebuild on its way: rebuild.c reads the log and drives, rebuild_write.c sorts and writes. */
#ifndef REBUILD_IN_H
#define REBUILD_IN_H

#include "follow_in.h"
#include "rowsort.h"
#include "spill.h"

#define BUCKETS_MAX 256u

struct undo { char *origin; uint64_t position; };
struct rebuild {
    struct follow *f;
    struct version version;         /* what the new store is made by */
    bool yields;                    /* to one that is activated meanwhile */
    uint64_t end;                   /* of the log at the begin */
    uint64_t until;                 /* > 0: a store of the positions below it and no later ones (follow_scratch) */
    follow_progress progress;
    void *progress_arg;
    bool live_ok;                   /* the live store fits the log: it is kept in step meanwhile */
    int64_t live_us;                /* when it last was */
    struct tl_store_w *store;
    struct weave *weave;
    struct undo *undo;
    uint32_t undo_n;
    bool again;                     /* an undo was met that was not known: read again */
    uint64_t next;                  /* position reached */
    uint64_t events;
    struct spill stream, bucket[BUCKETS_MAX];
    uint32_t *last_person;          /* of each bucket */
    uint32_t bucket_n;
    struct rowsort *rows;
    struct tl_buf bytes;
    uint64_t appended;
    struct tl_err *err;
};

int rebuild_tell(struct rebuild *b, const char *phase, uint64_t done);      /* progress; negative stops */
int rebuild_sort(struct rebuild *b, struct tl_err *err);                    /* the stream into buckets of neighbouring customers */
int rebuild_write(struct rebuild *b, struct tl_err *err);                   /* the buckets into the store */

#endif
