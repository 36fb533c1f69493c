/* rework.c - see rework.h. Which steps count is the fold's: with lifecycles, those completed. */
#include "rework.h"

#include <stdlib.h>
#include "tl_mem.h"

struct seen { uint64_t journey; uint32_t place, visits; uint16_t channel; };      /* by touchpoint: the last journey met there (from 1), its row + 1, visits in it, the first's channel */
struct acc {
    struct seen *seen;
    uint32_t seen_n;
    struct rework r;
    size_t cap;
};

static void
part_free(void *part)
{
    struct rework *r = part;
    if (r) tl_free(r->row);
    tl_free(r);
}

static void
acc_abandon(void *acc)
{
    struct acc *a = acc;
    if (!a) return;
    tl_free(a->seen);
    tl_free(a->r.row);
    tl_free(a);
}

static void *
acc_begin(const struct analysis_arg *arg)
{
    (void)arg;
    return tl_alloc(sizeof(struct acc));
}

static struct seen *
seen_at(struct acc *a, uint32_t touchpoint)
{
    if (touchpoint >= a->seen_n) {
        uint32_t n = touchpoint + 64;
        struct seen *p = tl_realloc(a->seen, n * sizeof *p);
        if (!p) return NULL;
        memset(p + a->seen_n, 0, (n - a->seen_n) * sizeof *p);
        a->seen = p;
        a->seen_n = n;
    }
    return &a->seen[touchpoint];
}

static struct rework_row *
row_of(struct acc *a, struct seen *x, uint32_t touchpoint)
{
    if (x->place) return &a->r.row[x->place - 1];
    if (a->r.row_n == a->cap) {
        size_t cap = a->cap ? a->cap * 2 : 32;
        struct rework_row *p = tl_realloc(a->r.row, cap * sizeof *p);
        if (!p) return NULL;
        a->r.row = p;
        a->cap = cap;
    }
    a->r.row[a->r.row_n++] = (struct rework_row){ touchpoint, 0, 0, 0 };
    x->place = (uint32_t)a->r.row_n;
    return &a->r.row[x->place - 1];
}

static int
acc_journey(void *acc, const struct tl_journey *j, enum tl_end end)
{
    struct acc *a = acc;
    (void)end;
    a->r.journeys++;
    for (uint32_t i = 0; i < j->steps_n; i++) {
        const struct tl_step *s = &j->step[i];
        struct seen *x = seen_at(a, s->touchpoint);
        struct rework_row *r = x ? row_of(a, x, s->touchpoint) : NULL;
        if (!r) return TL_ENOMEM;
        if (x->journey != a->r.journeys) *x = (struct seen){ a->r.journeys, x->place, 0, s->channel };
        x->visits++;
        r->journeys += x->visits == 1;
        r->again += x->visits == 2;
        r->redo += x->visits == 2 && s->channel != x->channel;
    }
    return 0;
}

static int
by_touchpoint(const void *x, const void *y)
{
    const struct rework_row *a = x, *b = y;
    return (a->touchpoint > b->touchpoint) - (a->touchpoint < b->touchpoint);
}

static void *
acc_finish(void *acc)
{
    struct acc *a = acc;
    struct rework *r = tl_alloc(sizeof *r);
    if (!r) return NULL;
    *r = a->r;
    if (r->row_n > 1) qsort(r->row, r->row_n, sizeof *r->row, by_touchpoint);
    tl_free(a->seen);
    *a = (struct acc){ 0 };
    return r;
}

static void *
sum(const void *const *part, size_t n)
{
    struct rework *out = tl_alloc(sizeof *out);
    size_t rows = 0, kept = 0;
    for (size_t i = 0; i < n; i++) rows += ((const struct rework *)part[i])->row_n;
    if (out) out->row = tl_alloc((rows + 1) * sizeof *out->row);
    if (!out || !out->row) {
        part_free(out);
        return NULL;
    }
    rows = 0;
    for (size_t i = 0; i < n; i++) {
        const struct rework *p = part[i];
        out->journeys += p->journeys;
        if (p->row_n) memcpy(out->row + rows, p->row, p->row_n * sizeof *out->row);
        rows += p->row_n;
    }
    if (rows > 1) qsort(out->row, rows, sizeof *out->row, by_touchpoint);
    for (size_t i = 0; i < rows; i++) {
        struct rework_row *last = kept ? &out->row[kept - 1] : NULL;
        if (!last || last->touchpoint != out->row[i].touchpoint) {
            out->row[kept++] = out->row[i];
            continue;
        }
        last->journeys += out->row[i].journeys;
        last->again += out->row[i].again;
        last->redo += out->row[i].redo;
    }
    out->row_n = kept;
    return out;
}

static size_t
part_bytes(const void *part)
{
    const struct rework *r = part;
    return sizeof *r + r->row_n * sizeof *r->row;
}

const struct analysis analysis_rework = {
    .name = "rework", .version = 1, .doc = "touchpoints that journeys came back to", .ends = false,
    .begin = acc_begin, .journey = acc_journey, .finish = acc_finish, .abandon = acc_abandon, .sum = sum, .bytes = part_bytes, .free = part_free,
};
