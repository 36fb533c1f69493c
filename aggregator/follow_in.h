/* follow_in.h - what follow.c (rounds) and rebuild.c (a store made beside the live one) share. */
#ifndef FOLLOW_IN_H
#define FOLLOW_IN_H

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

#include "follow.h"
#include "tl_time.h"
#include "weave.h"

struct follow {
    char catalogue_dir[PATH_MAX];
    char journeys[PATH_MAX];
    struct tl_eventlog *log;
    struct tl_catalogue *catalogue;
    struct tl_zone *zone;
    uint8_t key[TL_KEY_BYTES];
    struct tl_store_w *store;            /* the live one */
    struct weave *weave;
    bool undone, split_lossy, damaged;   /* what a round met that only a rebuild can do */
    _Atomic uint64_t position;
    _Atomic bool rebuilding;
    pthread_mutex_t totals_mu;
    struct follow_totals totals;
};
void follow_head(const struct follow *f, struct tl_store_head *head);    /* of an empty store made by today's rules */
struct weave_rules follow_rules(const struct follow *f);
void follow_tell(struct follow *f);      /* to other threads: how far the live store is */
int follow_open_live(struct follow *f, struct tl_err *err);
void follow_close_live(struct follow *f);
/* follow_one - a round of any store */
int64_t follow_one(struct follow *f, struct weave *w, const struct follow_limits *limits, struct tl_err *err);
/* follow_take - each event of a record from position `from` on, unless suppress says so, to event (weave_event when NULL) */
int follow_take(struct weave *w, const struct tl_logged *rec, uint64_t from, int (*suppress)(void *arg, const struct tl_event *ev, uint64_t position), void *arg,
                int (*event)(void *arg, struct weave *w, const struct tl_event *ev, uint64_t position, int64_t logged_ms, struct tl_err *err), struct tl_err *err);

#endif
