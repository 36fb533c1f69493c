/* suggest_clocks.c - neighbours in threads, and the waits between them. See suggest.h. */
#include "suggest_in.h"

#include <stdlib.h>
#include "tl_err.h"
#include "tl_time.h"

struct pair { uint32_t n, start, end; enum suggest_key key; };

static int
pair_order(const void *x, const void *y)
{
    const struct pair *a = x, *b = y;
    if (a->n != b->n) return a->n > b->n ? -1 : 1;
    if (a->start != b->start) return a->start < b->start ? -1 : 1;
    return (a->end > b->end) - (a->end < b->end);
}

/* of the keys that thread a pair, the one that does so most often; of equal ones the narrowest */
static struct pair
best_key(const struct suggest *s, uint32_t a, uint32_t b)
{
    size_t w = s->draft.name_n;
    struct pair p = { 0, a, b, SUGGEST_BY_GAP };
    for (int k = SUGGEST_BY_JOURNEY; k < SUGGEST_KEYS; k++) {
        uint32_t n = s->pairs[((size_t)k * w + a) * w + b];
        if (n && n >= p.n) p = (struct pair){ n, a, b, (enum suggest_key)k };
    }
    return p;
}

static uint64_t
followers(const struct suggest *s, enum suggest_key key, uint32_t a)
{
    size_t w = s->draft.name_n;
    uint64_t n = 0;
    for (size_t b = 0; b < w; b++) n += s->pairs[((size_t)key * w + a) * w + b];
    return n;
}

int
suggest_clocks_choose(struct suggest *s)
{
    struct suggest_draft *d = &s->draft;
    uint32_t n = 0;
    struct pair *p = tl_alloc(((size_t)d->name_n * d->name_n + 1) * sizeof *p);
    if (!p) return TL_ENOMEM;
    for (uint32_t a = 0; a < d->name_n; a++)
        for (uint32_t b = 0; b < d->name_n; b++) {
            p[n] = best_key(s, a, b);
            n += p[n].n >= SUGGEST_PAIR_LEAST && (double)p[n].n >= SUGGEST_NEXT_SHARE * (double)followers(s, p[n].key, a);
        }
    if (n) qsort(p, n, sizeof *p, pair_order);
    for (uint32_t i = 0; i < n && d->clock_n < SUGGEST_CLOCKS_MAX; i++) {
        s->time[d->clock_n].hist = tl_hist_new();
        if (!s->time[d->clock_n].hist) {
            tl_free(p);
            return TL_ENOMEM;
        }
        d->clock[d->clock_n++] = (struct suggest_clock){ .start = p[i].start, .end = p[i].end, .key = p[i].key };
    }
    tl_free(p);
    return 0;
}

/* as stitching pairs them: the first end at or after the start; a second start while one is open is ignored */
static int
time_thread(struct suggest *s, const struct tl_kept *e, uint32_t c, uint32_t from, uint32_t to)
{
    struct suggest_clock *k = &s->draft.clock[c];
    int64_t open = TL_TIME_NONE;
    for (uint32_t i = from; i < to; i++) {
        const struct tl_kept *x = &e[s->thread[i].at];
        uint32_t a = suggest_place_of(s, x);
        if (a == k->end && open != TL_TIME_NONE) {
            if (!tl_hist_add(s->time[c].hist, x->at_ms - open, 1)) return TL_ENOMEM;
            k->ended++;
            open = TL_TIME_NONE;
        }
        if (a == k->start && open == TL_TIME_NONE) {
            open = x->at_ms;
            k->starts++;
        }
    }
    return 0;
}

int
suggest_clocks_time(struct suggest *s, const struct tl_kept *e, uint32_t n)
{
    for (int key = SUGGEST_BY_JOURNEY; key < SUGGEST_KEYS; key++) {
        uint32_t k = suggest_threads(s, e, n, (enum suggest_key)key);
        if (k == SUGGEST_NONE) return TL_ENOMEM;
        for (uint32_t from = 0, to; from < k; from = to) {
            to = suggest_run(s, from, k);
            for (uint32_t c = 0; c < s->draft.clock_n; c++)
                if (s->draft.clock[c].key == (enum suggest_key)key && time_thread(s, e, c, from, to)) return TL_ENOMEM;
        }
    }
    return 0;
}

struct above { int bucket; uint64_t n; };

static void
count_above(void *arg, int bucket, uint64_t n)
{
    struct above *a = arg;
    if (bucket > a->bucket) a->n += n;
}

void
suggest_clocks_settle(struct suggest *s)
{
    struct suggest_draft *d = &s->draft;
    uint32_t kept = 0;
    for (uint32_t c = 0; c < d->clock_n; c++) {
        struct suggest_clock *k = &d->clock[c];
        if (k->ended < SUGGEST_PAIR_LEAST || (double)k->ended < SUGGEST_FOLLOW_SHARE * (double)k->starts) continue;
        k->p50_ms = (int64_t)(tl_hist_quantile(s->time[c].hist, .5) + .5);
        struct above a = { tl_hist_bucket((int64_t)tl_hist_quantile(s->time[c].hist, SUGGEST_QUANTILE)), k->starts - k->ended };
        k->limit_ms = tl_hist_bucket_lo_ms(a.bucket + 1);
        if (k->limit_ms < SUGGEST_LIMIT_LEAST_MS) continue;
        tl_hist_each(s->time[c].hist, count_above, &a);
        k->over = (double)a.n / (double)k->starts;
        d->clock[kept++] = *k;
    }
    d->clock_n = kept;
}
