/* gather.h - the set of a customer's events: each id once, in log order, whatever arrived how often and in which order. */
#ifndef GATHER_H
#define GATHER_H

#include "tl_err.h"
#include "tl_rows.h"
#include "tl_store_write.h"

#define GATHER_EVENTS_MAX 100000     /* a customer is cut there: the earliest by (own time, id) stay */

/* Which of two payloads under one id stays: asked of the log, rarely. GATHER_DIFFER: *keep_second, and the loser's slice hash into *lost; GATHER_SAME when
 * the slices are the same after all; GATHER_OTHER_ID when only the hashes of the ids are; or a negative code. */
enum { GATHER_DIFFER, GATHER_SAME, GATHER_OTHER_ID };
typedef int (*gather_judge)(void *arg, uint64_t first, uint64_t second, bool *keep_second, uint64_t *lost, struct tl_err *err);
/* 0, or 1 when that payload was refused before: this is a copy of it; or a negative code */
typedef int (*gather_refuse)(void *arg, const struct tl_kept *e, uint64_t slice_hash, enum tl_reason reason, struct tl_err *err);

struct gather {
    struct tl_store_kept *kept;      /* in: as stored; out: the set, in log order */
    uint32_t same;                   /* out: so many at the front are as they were */
    uint32_t duplicates, refused;    /* out: counts */
    gather_judge judge;
    gather_refuse refuse;
    void *arg;
};
/* gather_events - take fresh[0..n), in log order, into g->kept. 0, TL_ENOMEM, what judge and refuse return. */
int gather_events(struct gather *g, const struct tl_kept *const *fresh, uint32_t n, struct tl_err *err);

#endif
