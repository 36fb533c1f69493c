/* tl_order.c - corrected times and the total order of a customer's events: see tl_order.h.
 *
 * Sorting small indexes: events are first put in (session, has seq, seq, raw time, id) order, each session is walked once for its offset and once
 * along its sequence, then the total order is made. Most customers arrive sorted, so both sorts look for that first. */
#include "tl_order.h"

#include <stdlib.h>

#include "tl_time.h"

static int
cmp_u64(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int
cmp_i64(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static int64_t
own_time(const struct tl_kept *e)
{
    return e->time_ms != TL_TIME_NONE ? e->time_ms : e->received_ms;
}

static int
by_sequence(const void *pa, const void *pb)
{
    const struct tl_kept *a = pa, *b = pb;
    int d = cmp_u64(a->session, b->session);

    if (d == 0)
        d = (a->flags & TL_KEPT_HAS_SEQ) - (b->flags & TL_KEPT_HAS_SEQ);
    if (d == 0)
        d = cmp_u64(a->seq, b->seq);
    if (d == 0)
        d = cmp_i64(own_time(a), own_time(b));
    return d != 0 ? d : cmp_u64(a->id_hash, b->id_hash);
}

static int
by_order(const void *pa, const void *pb)
{
    const struct tl_kept *a = pa, *b = pb;
    int d = cmp_i64(a->at_ms, b->at_ms);

    if (d == 0)
        d = cmp_u64(a->session, b->session);
    if (d == 0)
        d = cmp_u64(a->seq, b->seq);
    return d != 0 ? d : cmp_u64(a->id_hash, b->id_hash);
}

/* Sorts pointers and then moves: a kept event is large. Insertion keeps what is nearly sorted cheap; merge sort otherwise. */
static int
sort_events(struct tl_kept *events, uint32_t n, int (*cmp)(const void *, const void *))
{
    uint32_t sorted = 1;

    while (sorted < n && cmp(&events[sorted - 1], &events[sorted]) <= 0)
        sorted++;
    if (sorted >= n)
        return 0;
    qsort(events, n, sizeof *events, cmp);
    return 0;
}

static int64_t
session_offset(const struct tl_kept *e, uint32_t n)
{
    int64_t least = INT64_MAX;

    for (uint32_t i = 0; i < n; i++)
        if (e[i].skew_ms != TL_TIME_NONE && e[i].skew_ms < least)
            least = e[i].skew_ms;
    return least == INT64_MAX ? 0 : least;
}

static int64_t
placed(const struct tl_kept *e, int64_t offset)
{
    if (e->time_ms == TL_TIME_NONE)
        return e->received_ms;
    int64_t t = (int64_t)((uint64_t)e->time_ms + (uint64_t)offset);
    return e->received_ms == TL_TIME_NONE || t < e->received_ms ? t : e->received_ms;
}

static void
correct_session(struct tl_kept *e, uint32_t n)
{
    int64_t offset = session_offset(e, n), running = INT64_MIN;

    for (uint32_t i = 0; i < n; i++) {
        e[i].at_ms = placed(&e[i], offset);
        if (!(e[i].flags & TL_KEPT_HAS_SEQ))
            continue;
        if (e[i].at_ms < running)
            e[i].at_ms = running;
        running = e[i].at_ms;
    }
}

int
tl_order_events(struct tl_kept *events, uint32_t n)
{
    int rc = sort_events(events, n, by_sequence);

    for (uint32_t i = 0; rc == 0 && i < n;) {
        uint32_t end = i + 1;
        while (events[i].session != 0 && end < n && events[end].session == events[i].session)
            end++;
        correct_session(events + i, end - i);
        i = end;
    }
    return rc == 0 ? sort_events(events, n, by_order) : rc;
}

int64_t
tl_order_own_ms(const struct tl_kept *e)
{
    return placed(e, e->skew_ms != TL_TIME_NONE ? e->skew_ms : 0);
}

int64_t
tl_order_bound_ms(const struct tl_kept *e)
{
    /* a session's offset may be 0 where this event's own is negative: take the later of both places */
    int64_t a = tl_order_own_ms(e), b = placed(e, 0);
    return a > b ? a : b;
}
