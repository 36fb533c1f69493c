/* tl_hist.c - see tl_hist.h. Buckets hit are kept in a window [lo, lo + n) that grows by doubling towards where values fall. */
#include "tl_hist.h"

#include <math.h>
#include <pthread.h>

#define HIST_A 0.01
#define HIST_G ((1 + HIST_A) / (1 - HIST_A))

struct tl_hist {
    uint64_t total;
    int lo, n;          /* window of buckets held */
    uint64_t *count;
};

static double bound[TL_HIST_BUCKETS];   /* upper bound in ms of bucket i */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
prepare(void)
{
    bound[0] = 1;
    for (int i = 1; i < TL_HIST_BUCKETS; i++)
        bound[i] = pow(HIST_G, i - 1);
}

struct tl_hist *
tl_hist_new(void)
{
    pthread_once(&once, prepare);
    return tl_alloc(sizeof(struct tl_hist));
}

void
tl_hist_free(struct tl_hist **hp)
{
    if (!*hp)
        return;
    tl_free((*hp)->count);
    tl_free(*hp);
    *hp = NULL;
}

/* bucket 1 + i with i = ceil(log_g ms): the least i with g^i >= ms. The logarithm finds it but for rounding; the table decides. */
int
tl_hist_bucket(int64_t ms)
{
    pthread_once(&once, prepare);
    if (ms < 1)
        return 0;
    int b = 1 + (int)ceil(log((double)ms) / log(HIST_G));
    if (b >= TL_HIST_BUCKETS)
        return TL_HIST_BUCKETS - 1;
    while (b > 1 && bound[b - 1] >= (double)ms)
        b--;
    while (b < TL_HIST_BUCKETS - 1 && bound[b] < (double)ms)
        b++;
    return b;
}

double
tl_hist_bucket_ms(int bucket)
{
    pthread_once(&once, prepare);
    return bucket == 0 ? 0 : 2 * bound[bucket] / (HIST_G + 1);
}

int64_t
tl_hist_bucket_lo_ms(int bucket)
{
    pthread_once(&once, prepare);
    return bucket < 2 ? bucket : (int64_t)floor(bound[bucket - 1]) + 1;
}

static bool
hist_cover(struct tl_hist *h, int bucket)
{
    if (bucket >= h->lo && bucket < h->lo + h->n)
        return true;
    int lo = h->n == 0 || bucket < h->lo ? bucket : h->lo;
    int hi = h->n == 0 || bucket >= h->lo + h->n ? bucket + 1 : h->lo + h->n;
    int slack = h->n == 0 ? 0 : (hi - lo) / 2;
    if (h->n && bucket < h->lo)
        lo = lo > slack ? lo - slack : 0;
    else
        hi = hi + slack < TL_HIST_BUCKETS ? hi + slack : TL_HIST_BUCKETS;
    uint64_t *count = tl_alloc((size_t)(hi - lo) * sizeof *count);
    if (!count)
        return false;
    if (h->n)
        memcpy(count + (h->lo - lo), h->count, (size_t)h->n * sizeof *count);
    tl_free(h->count);
    h->count = count;
    h->lo = lo;
    h->n = hi - lo;
    return true;
}

static bool
hist_add_bucket(struct tl_hist *h, int bucket, uint64_t n)
{
    if (!hist_cover(h, bucket))
        return false;
    h->count[bucket - h->lo] += n;
    h->total += n;
    return true;
}

bool
tl_hist_add(struct tl_hist *h, int64_t ms, uint64_t n)
{
    return hist_add_bucket(h, tl_hist_bucket(ms), n);
}

bool
tl_hist_merge(struct tl_hist *into, const struct tl_hist *from)
{
    if (from->n && (!hist_cover(into, from->lo) || !hist_cover(into, from->lo + from->n - 1)))
        return false;
    for (int i = 0; i < from->n; i++)
        into->count[from->lo + i - into->lo] += from->count[i];
    into->total += from->total;
    return true;
}

uint64_t
tl_hist_count(const struct tl_hist *h)
{
    return h->total;
}

double
tl_hist_quantile(const struct tl_hist *h, double q)
{
    if (h->total == 0)
        return -1;
    uint64_t rank = (uint64_t)ceil(q * (double)h->total), seen = 0;
    if (rank < 1)
        rank = 1;
    for (int i = 0; i < h->n; i++) {
        seen += h->count[i];
        if (seen >= rank)
            return tl_hist_bucket_ms(h->lo + i);
    }
    return tl_hist_bucket_ms(h->lo + h->n - 1);
}

void
tl_hist_each(const struct tl_hist *h, void (*f)(void *arg, int bucket, uint64_t n), void *arg)
{
    for (int i = 0; i < h->n; i++)
        if (h->count[i])
            f(arg, h->lo + i, h->count[i]);
}

size_t
tl_hist_bytes(const struct tl_hist *h)
{
    return sizeof *h + (size_t)h->n * sizeof *h->count;
}
