/* rowsort.c - see rowsort.h.
 *
 * Rows of one type and day come in key order by themselves, so runs are sorted by those 6 bytes alone, keeping the order of arrival, and a merge
 * prefers the earlier run: customers of a later run have higher numbers. */
#include "rowsort.h"

#include <stdlib.h>

#include "spill.h"

#define RUNS_MAX 4096

struct place { uint64_t prefix; uint32_t order; uint32_t at; };
struct rowsort {
    const char *dir;
    size_t run_bytes;
    struct tl_buf rows;          /* the run being gathered: key, u32 length, row */
    struct place *place; uint32_t n, cap;
    struct spill *run; uint32_t run_n;
};

struct rowsort *
rowsort_new(const char *dir, size_t run_bytes)
{
    struct rowsort *r = tl_alloc(sizeof *r);

    if (r == NULL)
        return NULL;
    r->dir = dir;
    r->run_bytes = run_bytes;
    r->run = tl_alloc(RUNS_MAX * sizeof *r->run);
    if (r->run == NULL)
        rowsort_free(&r);
    return r;
}

void
rowsort_free(struct rowsort **rp)
{
    struct rowsort *r = rp != NULL ? *rp : NULL;

    if (r == NULL)
        return;
    for (uint32_t i = 0; i < r->run_n; i++)
        spill_close(&r->run[i]);
    tl_free(r->run);
    tl_free(r->place);
    tl_buf_free(&r->rows);
    tl_free(r);
    *rp = NULL;
}

static uint64_t
prefix_of(const uint8_t *key)
{
    uint64_t p = 0;

    for (int i = 0; i < 6; i++)
        p = p << 8 | key[i];
    return p;
}

static int
by_prefix(const void *pa, const void *pb)
{
    const struct place *a = pa, *b = pb;
    return a->prefix != b->prefix ? (a->prefix < b->prefix ? -1 : 1) : a->order < b->order ? -1 : a->order > b->order;
}

static struct tl_str
row_at(const struct rowsort *r, uint32_t at)
{
    struct tl_cur c = tl_cur_of(r->rows.data + at + TL_JOURNEY_KEY_BYTES, 4);
    return (struct tl_str){ (const char *)r->rows.data + at + TL_JOURNEY_KEY_BYTES + 4, tl_cur_le32(&c) };
}

static int
end_run(struct rowsort *r, struct tl_err *err)
{
    int rc = 0;

    if (r->run_n == RUNS_MAX)
        return tl_fail(err, TL_ENOSPC, "more than %d sorted runs: the store is too large to build", RUNS_MAX);
    struct spill *s = &r->run[r->run_n++];
    spill_open(s, r->dir, r->run_bytes / 32);
    qsort(r->place, r->n, sizeof *r->place, by_prefix);
    for (uint32_t i = 0; rc == 0 && i < r->n; i++) {
        struct tl_str row = row_at(r, r->place[i].at);
        rc = spill_put(s, r->rows.data + r->place[i].at, TL_JOURNEY_KEY_BYTES, row.p, row.n, err);
    }
    r->n = 0;
    tl_buf_reset(&r->rows);
    return rc;
}

int
rowsort_put(struct rowsort *r, const uint8_t key[TL_JOURNEY_KEY_BYTES], struct tl_str row, struct tl_err *err)
{
    int rc = r->rows.len + row.n + 64 > r->run_bytes && r->n > 0 ? end_run(r, err) : 0;

    if (rc == 0 && r->n == r->cap) {
        uint32_t cap = r->cap * 2 + 4096;
        struct place *place = tl_realloc(r->place, cap * sizeof *place);
        if (place == NULL)
            return tl_fail(err, TL_ENOMEM, "out of memory for journey rows");
        r->place = place;
        r->cap = cap;
    }
    if (rc != 0)
        return rc;
    r->place[r->n] = (struct place){ prefix_of(key), r->n, (uint32_t)r->rows.len };
    r->n++;
    tl_buf_put(&r->rows, key, TL_JOURNEY_KEY_BYTES);
    tl_buf_put_le32(&r->rows, (uint32_t)row.n);
    tl_buf_put(&r->rows, row.p, row.n);
    return r->rows.failed ? tl_fail(err, TL_ENOMEM, "out of memory for journey rows") : 0;
}

static int
each_in_memory(struct rowsort *r, int (*each)(void *arg, const uint8_t *key, struct tl_str row, struct tl_err *err), void *arg, struct tl_err *err)
{
    int rc = 0;

    if (r->n > 1)
        qsort(r->place, r->n, sizeof *r->place, by_prefix);
    for (uint32_t i = 0; rc == 0 && i < r->n; i++)
        rc = each(arg, r->rows.data + r->place[i].at, row_at(r, r->place[i].at), err);
    return rc;
}

struct lane { struct spill_cur cur; struct tl_str rec; uint64_t prefix; bool open; };

static int
advance(struct lane *l, struct tl_err *err)
{
    int rc = spill_next(&l->cur, &l->rec, err);

    l->open = rc > 0;
    l->prefix = rc > 0 ? prefix_of((const uint8_t *)l->rec.p) : 0;
    return rc < 0 ? rc : 0;
}

static struct lane *
least(struct lane *lane, uint32_t n)
{
    struct lane *best = NULL;

    for (uint32_t i = 0; i < n; i++)
        if (lane[i].open && (best == NULL || lane[i].prefix < best->prefix))
            best = &lane[i];
    return best;
}

int
rowsort_each(struct rowsort *r, int (*each)(void *arg, const uint8_t *key, struct tl_str row, struct tl_err *err), void *arg, struct tl_err *err)
{
    if (r->run_n == 0)
        return each_in_memory(r, each, arg, err);
    int rc = r->n > 0 ? end_run(r, err) : 0;
    struct lane *lane = tl_alloc(r->run_n * sizeof *lane), *l = NULL;
    if (lane == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory for journey rows");
    for (uint32_t i = 0; rc == 0 && i < r->run_n; i++) {
        rc = spill_read(&lane[i].cur, &r->run[i], err);
        if (rc == 0)
            rc = advance(&lane[i], err);
    }
    while (rc == 0 && (l = least(lane, r->run_n)) != NULL) {
        uint64_t prefix = l->prefix;
        while (rc == 0 && l->open && l->prefix == prefix) {
            rc = each(arg, (const uint8_t *)l->rec.p, (struct tl_str){ l->rec.p + TL_JOURNEY_KEY_BYTES, l->rec.n - TL_JOURNEY_KEY_BYTES }, err);
            if (rc == 0)
                rc = advance(l, err);
        }
    }
    for (uint32_t i = 0; i < r->run_n; i++)
        spill_done(&lane[i].cur);
    tl_free(lane);
    return rc;
}
