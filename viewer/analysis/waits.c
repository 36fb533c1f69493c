/* waits.c - bucket numbers without a logarithm, and sparse histograms.
 *
 * The bucket of tl_hist.h is ceil(log_g ms), g = 1.0202. A cell of the table is (power of two, next 6 bits): 1/64 wide, narrower than a bucket, so
 * at most one bucket begins inside it, and the cell says where. Built from tl_hist_bucket itself, so the two cannot differ. */
#include "waits.h"

#include <pthread.h>

#define SMALL_MS 256            /* below: straight from a table */
#define CELL_BITS 6
#define POWER_MIN 8
#define POWER_MAX 37            /* 2^38 ms is 8.7 years: the last bucket */

struct cell { uint32_t next_at; uint16_t bucket; };   /* offset in the cell from which the next bucket holds */

static uint16_t small[SMALL_MS];
static struct cell cells[(POWER_MAX - POWER_MIN + 1) << CELL_BITS];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static struct cell
cell_of(int64_t lo, uint32_t width)
{
    struct cell c = { width, (uint16_t)tl_hist_bucket(lo) };
    uint32_t a = 0, b = width;                        /* first offset in (a, b] with another bucket; b = width when none */
    while (b - a > 1) {
        uint32_t m = a + (b - a) / 2;
        if (tl_hist_bucket(lo + m) == c.bucket) a = m;
        else b = m;
    }
    c.next_at = b;
    return c;
}

static void
build(void)
{
    for (int ms = 0; ms < SMALL_MS; ms++) small[ms] = (uint16_t)tl_hist_bucket(ms);
    for (int e = POWER_MIN; e <= POWER_MAX; e++)
        for (int m = 0; m < 1 << CELL_BITS; m++) {
            uint32_t width = (uint32_t)1 << (e - CELL_BITS);
            cells[((e - POWER_MIN) << CELL_BITS) + m] = cell_of((INT64_C(1) << e) + (int64_t)m * width, width);
        }
}

void
waits_ready(void)
{
    pthread_once(&once, build);
}

int
waits_bucket(int64_t ms)
{
    if (ms < SMALL_MS) return ms < 0 ? small[0] : small[ms];
    int e = 63 - __builtin_clzll((unsigned long long)ms);
    if (e > POWER_MAX) return tl_hist_bucket(ms);
    uint64_t rest = (uint64_t)ms & ((UINT64_C(1) << e) - 1);
    int shift = e - CELL_BITS;
    const struct cell *c = &cells[((uint32_t)(e - POWER_MIN) << CELL_BITS) + (uint32_t)(rest >> shift)];
    return c->bucket + ((rest & ((UINT64_C(1) << shift) - 1)) >= c->next_at);
}

uint32_t
waits_pad_n(const struct waits_pad *p)
{
    uint32_t n = 0;
    for (uint32_t w = p->words; w; w &= w - 1) n += (uint32_t)__builtin_popcountll(p->touched[__builtin_ctz(w)]);
    return n;
}

uint32_t
waits_pad_take(struct waits_pad *p, uint16_t *bucket, uint32_t *count)
{
    uint64_t most = 0;
    uint32_t n = 0;
    for (; p->words; p->words &= p->words - 1) {
        int i = __builtin_ctz(p->words);
        for (uint64_t t = p->touched[i]; t; t &= t - 1) {
            int b = i * 64 + __builtin_ctzll(t);
            most |= p->count[b];
            bucket[n] = (uint16_t)b;
            count[n++] = (uint32_t)p->count[b];
            p->count[b] = 0;
        }
        p->touched[i] = 0;
    }
    return most > UINT32_MAX ? UINT32_MAX : n;
}

uint64_t
waits_count(const struct waits *w)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < w->n; i++) total += w->count[i];
    return total;
}

double
waits_quantile(const struct waits *w, uint32_t per_mille)
{
    uint64_t total = waits_count(w), at = 0;
    if (!total) return -1;
    uint64_t rank = (total * per_mille + 999) / 1000;
    if (rank < 1) rank = 1;
    for (uint32_t i = 0; i < w->n; i++)
        if ((at += w->count[i]) >= rank) return tl_hist_bucket_ms(w->bucket[i]);
    return tl_hist_bucket_ms(w->bucket[w->n - 1]);
}
