/* follow_in.h - what follow.c (rounds) and rebuild.c (a store made beside the live one) share. */
#ifndef FOLLOW_IN_H
#define FOLLOW_IN_H

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

#include "follow.h"
#include "tl_time.h"
#include "version.h"
#include "weave.h"

/* how much a rebuild holds in memory before it goes to temporary files, and rows in one transaction */
struct rebuild_sizes { size_t stream_bytes, run_bytes; uint64_t bucket_events, rows_commit; };
extern const struct rebuild_sizes rebuild_sizes;

struct follow {
    char catalogue_dir[PATH_MAX];
    char journeys[PATH_MAX];
    struct tl_eventlog *log;
    struct version version;              /* the live store's */
    struct tl_zone *zone;
    const struct tl_region *region;
    uint8_t key[TL_KEY_BYTES];
    struct tl_store_w *store;            /* the live one */
    struct weave *weave;
    struct rebuild_sizes sizes;
    bool folder_changed;                 /* DATA/catalogue was edited while nothing ran, and nothing has been activated yet */
    int64_t retry_us;                    /* when what is due is tried again, after a failure */
    bool undone, split_lossy, damaged;   /* what a round met that only a rebuild can do */
    _Atomic uint64_t position;
    _Atomic bool rebuilding;
    pthread_mutex_t totals_mu;
    struct follow_totals totals;
    struct follow_catalogue told;        /* under totals_mu */
};
void follow_head(const struct follow *f, const struct version *v, struct tl_store_head *head);    /* of an empty store made by that version */
struct weave_rules follow_rules(const struct follow *f, const struct version *v);
/* follow_unfit - why rounds cannot go on in the live store; NULL when they can */
const char *follow_unfit(struct follow *f);
/* follow_version - the version that a store made now is made by: of the log's latest record, else of DATA/catalogue */
int follow_version(struct follow *f, struct version *v, struct tl_err *err);
void follow_tell(struct follow *f);      /* to other threads: how far the live store is */
/* follow_keep_version - a transaction of its own */
int follow_keep_version(struct tl_store_w *store, const struct version *v, struct tl_err *err);
int follow_open_live(struct follow *f, struct tl_err *err);
void follow_close_live(struct follow *f);
/* follow_one - a round of any store */
int64_t follow_one(struct follow *f, struct weave *w, const struct follow_limits *limits, struct tl_err *err);
/* follow_take - each event of a record from position `from` on, unless suppress says so, to event (weave_event when NULL) */
int follow_take(struct weave *w, const struct tl_logged *rec, uint64_t from, int (*suppress)(void *arg, const struct tl_event *ev, uint64_t position), void *arg,
                int (*event)(void *arg, struct weave *w, const struct tl_event *ev, uint64_t position, int64_t logged_ms, struct tl_err *err), struct tl_err *err);

#endif
