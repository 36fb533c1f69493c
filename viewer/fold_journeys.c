/* fold_journeys.c - the journeys behind one number of the map: their count and waits by a fold, and a page of them from the rows.
 *
 * Order: day, start, tag of the first event. The tag comes from the event's id, so the order is the same in any store of the same events.
 * The cursor names the last journey shown; a page goes on after it even when rows came or went meanwhile. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/matches.h"
#include "answer.h"

struct at { int32_t day; int64_t start_ms; uint32_t tag; uint64_t customer; };    /* a journey's place in the order */
struct match { struct at at; int64_t last_ms, wait_ms; enum tl_end end; uint32_t steps, cut; };
struct page {
    struct look *k;
    const struct analysis_arg *arg;
    struct at after;
    struct match *match;        /* of one day */
    size_t n, cap;
};

static int
at_cmp(const struct at *a, const struct at *b)
{
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    if (a->start_ms != b->start_ms) return a->start_ms < b->start_ms ? -1 : 1;
    if (a->tag != b->tag) return a->tag < b->tag ? -1 : 1;
    return (a->customer > b->customer) - (a->customer < b->customer);
}

static int
by_place(const void *x, const void *y)
{
    return at_cmp(&((const struct match *)x)->at, &((const struct match *)y)->at);
}

static int
cursor_read(struct tl_str s, struct at *at, struct tl_err *err)
{
    char text[96] = "";
    int used = 0;
    *at = (struct at){ INT32_MIN, INT64_MIN, 0, 0 };
    if (!s.p) return 0;
    if (s.n < sizeof text) memcpy(text, s.p, s.n);
    at->customer = UINT64_MAX;      /* not named: its number hangs on who came first */
    if (sscanf(text, "%" SCNd32 ".%" SCNd64 ".%" SCNu32 "%n", &at->day, &at->start_ms, &at->tag, &used) == 3 && text[used] == '\0') return 0;
    return tl_fail(err, TL_EINVAL, "parameter cursor: give back what an answer's next said, or leave it out");
}

static int
collect(void *arg, struct tl_str key, const struct tl_journey *j, enum tl_end end)
{
    (void)key;
    struct page *p = arg;
    uint64_t steps = 0;
    struct match m = { .at = { j->day, j->start_ms, j->tag, j->customer }, .last_ms = j->last_ms, .end = end, .steps = j->steps_n, .cut = j->cut_n };
    if (!matches_one(p->arg, j, end, &steps, &m.wait_ms, NULL, NULL) || at_cmp(&m.at, &p->after) <= 0) return 0;
    if (p->n == p->cap) {
        size_t cap = p->cap ? p->cap * 2 : 256;
        struct match *q = tl_realloc(p->match, cap * sizeof *q);
        if (!q) return TL_ENOMEM;
        p->match = q;
        p->cap = cap;
    }
    p->match[p->n++] = m;
    return 0;
}

static int
items_add(struct page *p, struct tl_store_txn *t, struct journeys_answer *out, struct tl_err *err)
{
    for (size_t i = 0; i < p->n && out->item_n < p->k->ask->limit; i++) {
        const struct match *m = &p->match[i];
        struct tl_customer c;
        int rc = tl_store_customer(t, m->at.customer, p->k->arena, &c, err);
        if (rc == TL_ENOTFOUND) continue;       /* merged away since its row was read */
        if (rc) return rc;
        struct journey_item *o = &out->item[out->item_n++];
        *o = (struct journey_item){ .start_ms = m->at.start_ms, .last_ms = m->last_ms, .end = m->end, .steps = m->steps, .cut = m->cut, .wait_ms = m->wait_ms };
        memcpy(o->customer, c.hash, sizeof o->customer);
        p->after = m->at;
        if (out->item_n == p->k->ask->limit) snprintf(out->next, sizeof out->next, "%" PRId32 ".%" PRId64 ".%" PRIu32, m->at.day, m->at.start_ms, m->at.tag);
    }
    return 0;
}

static int
page_fill(struct page *p, struct journeys_answer *out, struct tl_err *err)
{
    struct tl_store_day *day = NULL;
    uint32_t n = 0;
    int rc = fold_days(p->k, &day, &n, err);
    out->item = tl_arena_alloc(p->k->arena, (p->k->ask->limit + 1) * sizeof *out->item);
    if (rc == 0 && !out->item) return tl_fail(err, TL_ENOMEM, "out of memory");
    for (uint32_t i = 0; rc == 0 && i < n && out->item_n < p->k->ask->limit; i++) {
        struct tl_store_txn *t = NULL;
        if (day[i].day < p->after.day) continue;
        p->n = 0;
        rc = fold_day(p->k, day[i].day, collect, p, err);
        if (rc || p->n == 0) continue;
        qsort(p->match, p->n, sizeof *p->match, by_place);
        if ((rc = tl_store_begin(p->k->store, &t, err)) == 0) rc = items_add(p, t, out, err);
        if (t) tl_store_end(&t);
    }
    return rc;
}

static int
waits_fill(struct look *k, const struct matches *m, struct journeys_answer *out)
{
    struct waits w = matches_waits(m);
    out->count = m->journeys;
    out->steps = m->steps;
    out->waits = m->waits;
    if (!m->waits) return 0;
    out->mean_ms = (double)m->sum_ms / (double)m->waits;
    out->p50_ms = waits_quantile(&w, 500);
    out->p90_ms = waits_quantile(&w, 900);
    out->p95_ms = waits_quantile(&w, 950);
    out->bucket = tl_arena_alloc(k->arena, w.n * sizeof *out->bucket);
    if (!out->bucket) return TL_ENOMEM;
    for (uint32_t i = 0; i < w.n; i++) {
        int b = w.bucket[i];
        out->bucket[i] = (struct bucket_answer){ b ? tl_hist_bucket_lo_ms(b) : 0, b + 1 < TL_HIST_BUCKETS ? tl_hist_bucket_lo_ms(b + 1) : INT64_MAX, w.count[i] };
    }
    out->bucket_n = w.n;
    return 0;
}

int
fold_journeys(struct look *k, struct journeys_answer *out, struct tl_err *err)
{
    const struct ask *q = k->ask;
    struct fold_part *sum = NULL;
    struct analysis_arg arg = { .end = q->end, .start = q->start, .word_n = q->edge_from.p ? 2 : q->node.p ? 1 : 0 };
    struct page p = { .k = k, .arg = &arg };
    memset(out, 0, sizeof *out);
    int rc = cursor_read(q->cursor, &p.after, err);
    if (rc) return rc;
    arg.word[0] = arg.word_n ? fold_number(k, arg.word_n == 2 ? q->edge_from : q->node) : 0;
    arg.word[1] = arg.word_n == 2 ? fold_number(k, q->edge_to) : 0;
    rc = fold_run(k, &analysis_matches, &arg, &sum, err);
    if (rc == 0 && waits_fill(k, sum->part, out)) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    fold_run_done(k, sum);
    if (rc == 0 && out->count) rc = page_fill(&p, out, err);
    tl_free(p.match);
    return rc;
}
