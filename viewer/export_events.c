/* export_events.c - the events of the journeys asked about, as native events.
 *
 * Journeys name no events, so: the customer's events from a journey's first moment to its last. Their positions are marked in a bit set, then the log is
 * read once from its start: in order, without jumping from batch to batch. */
#include <stdlib.h>

#include "export_in.h"
#include "tl_canon.h"
#include "tl_wire.h"

struct span { uint64_t customer; int64_t start_ms, last_ms; };
struct events {
    struct export *x;
    struct span *span;
    size_t span_n, span_cap;
    uint64_t *mark;                 /* bit per log position */
    uint64_t mark_n;                /* positions it covers */
};

static int
span_add(void *arg, struct tl_str key, const struct tl_journey *j, enum tl_end end)
{
    struct events *e = arg;
    (void)key;
    (void)end;
    if (e->span_n == e->span_cap) {
        size_t cap = e->span_cap ? e->span_cap * 2 : 4096;
        struct span *p = tl_realloc(e->span, cap * sizeof *p);
        if (!p) return TL_ENOMEM;
        e->span = p;
        e->span_cap = cap;
    }
    e->span[e->span_n++] = (struct span){ j->customer, j->start_ms, j->last_ms };
    return 0;
}

static int
by_customer(const void *x, const void *y)
{
    const struct span *a = x, *b = y;
    return (a->customer > b->customer) - (a->customer < b->customer);
}

/* mark_one - the events of the spans [i, end), which are one customer's */
static int
mark_one(struct events *e, struct tl_store_txn *t, size_t i, size_t end)
{
    struct tl_kept *kept = NULL;
    uint32_t n = 0;
    int rc = tl_store_events(t, e->span[i].customer, &kept, &n, e->x->err);
    for (uint32_t k = 0; rc == 0 && k < n; k++)
        for (size_t s = i; s < end; s++)
            if (kept[k].at_ms >= e->span[s].start_ms && kept[k].at_ms <= e->span[s].last_ms && kept[k].position < e->mark_n) {
                e->mark[kept[k].position / 64] |= UINT64_C(1) << kept[k].position % 64;
                break;
            }
    tl_free(kept);
    return rc;
}

static int
mark_all(struct events *e)
{
    struct tl_store_txn *t = NULL;
    int rc = 0;
    if (e->span_n) qsort(e->span, e->span_n, sizeof *e->span, by_customer);
    for (size_t i = 0, end; rc == 0 && i < e->span_n; i = end) {
        for (end = i + 1; end < e->span_n && e->span[end].customer == e->span[i].customer;) end++;
        rc = tl_store_begin(e->x->look->store, &t, e->x->err);
        if (rc == 0) rc = mark_one(e, t, i, end);
        if (t) tl_store_end(&t);
    }
    return rc;
}

static void
line(struct tl_buf *out, struct tl_event *ev)
{
    struct tl_jw w = tl_jw_to(out);
    if (!(ev->has & TL_HAS(time)) && ev->has & TL_HAS(received_at)) {
        ev->time_ = ev->received_at_;
        ev->time_offset_min = 0;
        ev->has |= TL_HAS(time);
    }
    ev->has &= ~(TL_HAS(received_at) | TL_HAS(origin));     /* the collector's: an import gives its own */
    tl_event_json(&w, ev);
    tl_buf_put_u8(out, '\n');
}

static int
record(void *arg, const struct tl_logged *rec)
{
    struct events *e = arg;
    struct tl_cur c = tl_cur_of(rec->payload.p, rec->payload.n);
    struct tl_event ev;
    int kind = 0;
    uint32_t n = 0;
    if (rec->control) return 0;
    int rc = tl_wire_open(&c, &kind, &n);
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        uint64_t p = rec->position + i;
        rc = tl_wire_next_event(&c, &ev);
        if (rc || p >= e->mark_n || !(e->mark[p / 64] >> p % 64 & 1)) continue;
        line(&e->x->out, &ev);
        rc = export_flush(e->x, false);
    }
    return rc;
}

int
export_ndjson(struct export *x)
{
    struct events e = { .x = x };
    struct tl_eventlog *log = fold_log(x->look->fold);
    if (!log || !x->look->store) return 0;
    e.mark_n = tl_eventlog_end(log);
    e.mark = tl_alloc((size_t)(e.mark_n / 64 + 1) * sizeof *e.mark);
    int rc = e.mark ? export_each(x, span_add, &e) : tl_fail(x->err, TL_ENOMEM, "out of memory");
    if (rc == 0) rc = mark_all(&e);
    if (rc == 0) rc = tl_eventlog_read(log, 1, record, &e, x->err);
    tl_free(e.span);
    tl_free(e.mark);
    return rc;
}

/* ---- canonical rows: of the whole store, whatever else is asked ---- */

static int
row_line(void *arg, struct tl_str text)
{
    struct export *x = arg;
    tl_buf_put(&x->out, text.p, text.n);
    tl_buf_put_u8(&x->out, '\n');
    return export_flush(x, false);
}

int
export_rows(struct export *x)
{
    struct tl_store_txn *t = NULL;
    struct tl_eventlog *log = fold_log(x->look->fold);
    const uint8_t *key = fold_key(x->look->fold);
    if (!log || !x->look->store) return 0;
    if (!key) return tl_fail(x->err, TL_ENOTFOUND, "the store's key is not in its folder keys/");
    int rc = tl_store_begin(x->look->store, &t, x->err);
    if (rc == 0) rc = tl_canon_rows(t, log, key, row_line, x, x->err);
    if (t) tl_store_end(&t);
    return rc;
}
