/* fold_rows.c - the way from a stored row to an analysis. */
#include "fold_rows.h"

#include "fold_store.h"
#include "tl_rows.h"

#define AHEAD_BYTES 4096        /* rows written in key order lie page after page: the same place of the next one is asked for a page ahead (a fifth of a fold's time) */

struct pass { struct fold_rows *r; fold_each each; void *arg; bool ends; };

static bool
both(void *arg, uint32_t touchpoint)
{
    struct fold_rows *r = arg;
    if (touchpoint >= r->both_n) {
        uint32_t n = touchpoint + 256;
        uint8_t *p = tl_realloc(r->both, n);
        if (!p) return fold_store_both(r->look->held, r->txn, touchpoint);
        memset(p + r->both_n, 0, n - r->both_n);
        r->both = p;
        r->both_n = n;
    }
    if (!r->both[touchpoint]) r->both[touchpoint] = fold_store_both(r->look->held, r->txn, touchpoint) ? 2 : 1;
    return r->both[touchpoint] == 2;
}

struct attrs { struct fold_rows *r; const struct tl_journey *j; };

static struct tl_str
attr_text(void *arg, struct tl_str field)
{
    const struct attrs *a = arg;
    uint32_t key = tl_store_word_number(a->r->txn, field);
    for (uint32_t i = 0; key && i < a->j->attrs_n; i++)
        if (a->j->attr[i].key == key) return tl_store_word(a->r->txn, a->j->attr[i].value);
    return (struct tl_str){ NULL, 0 };
}

static bool
segment(void *arg, uint32_t index, const struct tl_journey *j)
{
    struct attrs a = { arg, j };
    const struct tl_catalogue *c = a.r->look->catalogue;
    return index < c->segment_n && tl_segment_holds(&c->segment[index], attr_text, &a);
}

int
fold_rows_init(struct fold_rows *r, struct look *k, struct tl_err *err)
{
    memset(r, 0, sizeof *r);
    r->look = k;
    r->sieve = k->sieve;
    r->sieve.both = both;
    r->sieve.both_arg = r;
    r->sieve.segment = segment;
    r->sieve.segment_arg = r;
    r->steps = tl_realloc(NULL, TL_JOURNEY_STEPS_MAX * sizeof *r->steps);
    if (k->sieve.behind) r->sieve.pad = tl_alloc(sizeof *r->sieve.pad);
    return r->steps && (r->sieve.pad || !k->sieve.behind) ? 0 : tl_fail(err, TL_ENOMEM, "out of memory");
}

void
fold_rows_done(struct fold_rows *r)
{
    tl_free(r->steps);
    tl_free(r->both);
    tl_free(r->sieve.pad);
    r->sieve.pad = NULL;
    r->steps = NULL;
    r->both = NULL;
}

static int
row(void *arg, struct tl_str key, struct tl_str value)
{
    struct pass *p = arg;
    struct tl_journey j;
    struct tl_cur at;
    __builtin_prefetch(key.p + AHEAD_BYTES);
    __builtin_prefetch(key.p + AHEAD_BYTES + 64);
    enum tl_end end = TL_END_OPEN;
    int rc = tl_rows_journey_head(key, value, &j, &at);
    if (rc || !sieve_head(&p->r->sieve, &j)) return rc;
    rc = tl_rows_journey_steps(&at, p->r->steps, &j);
    return rc == 0 && sieve_steps(&p->r->sieve, &j, p->ends, &end) ? p->each(p->arg, key, &j, end) : rc;
}

static int
take_revision(void *arg, const struct tl_store_day *d)
{
    *(uint64_t *)arg = d->revision;
    return 0;
}

int
fold_rows_day(struct fold_rows *r, int32_t day, bool ends, fold_each each, void *arg, uint64_t *revision, struct tl_err *err)
{
    struct look *k = r->look;
    struct pass p = { r, each, arg, ends };
    uint64_t seen = 0;
    int rc = tl_store_begin(k->store, &r->txn, err);
    if (rc) return rc;
    sieve_begin(&r->sieve);
    rc = tl_store_days(r->txn, k->type_word, day, day, take_revision, &seen, err);
    if (rc == 0) rc = tl_store_journeys(r->txn, k->type_word, day, row, &p, err);
    tl_store_end(&r->txn);
    if (revision) *revision = seen;
    return rc;
}

int
fold_day(struct look *k, int32_t day, fold_each each, void *arg, struct tl_err *err)
{
    struct fold_rows r;
    int rc = fold_rows_init(&r, k, err);
    if (rc == 0) rc = fold_rows_day(&r, day, true, each, arg, NULL, err);
    fold_rows_done(&r);
    return rc;
}

struct days { struct look *k; struct tl_store_day *day; uint32_t n, cap; };

static int
day_add(void *arg, const struct tl_store_day *d)
{
    struct days *l = arg;
    if (l->n == l->cap) {
        uint32_t cap = l->cap ? l->cap * 2 : 512;
        struct tl_store_day *p = tl_arena_alloc(l->k->arena, cap * sizeof *p);
        if (!p) return TL_ENOMEM;
        if (l->n) memcpy(p, l->day, l->n * sizeof *p);
        l->day = p;
        l->cap = cap;
    }
    l->day[l->n++] = *d;
    return 0;
}

int
fold_days(struct look *k, struct tl_store_day **day, uint32_t *n, struct tl_err *err)
{
    struct days l = { k, NULL, 0, 0 };
    struct tl_store_txn *t = NULL;
    *n = 0;
    *day = NULL;
    if (!k->store || !k->type_word) return 0;
    int rc = tl_store_begin(k->store, &t, err);
    if (rc == 0) rc = tl_store_days(t, k->type_word, k->ask->from_day, k->ask->to_day, day_add, &l, err);
    if (t) tl_store_end(&t);
    *day = l.day;
    *n = l.n;
    return rc;
}
