/* waits.h - waits as a sparse histogram: ascending buckets of tl_hist.h and how many fell into each. */
#ifndef WAITS_H
#define WAITS_H

#include "tl_hist.h"

struct waits {                  /* a view: the memory is the partial's */
    const uint16_t *bucket;     /* ascending */
    const uint32_t *count;      /* >= 1 */
    uint32_t n;
};
/* A dense histogram that knows which of its buckets are touched: scratch for building sparse ones. */
#define WAITS_WORDS ((TL_HIST_BUCKETS + 63) / 64)
struct waits_pad {
    uint64_t count[TL_HIST_BUCKETS];
    uint64_t touched[WAITS_WORDS];      /* bit per bucket */
    uint32_t words;                     /* bit per word of touched */
};

void waits_ready(void);                                         /* builds the bucket table; any thread, any number of times */
int waits_bucket(int64_t ms);                                   /* = tl_hist_bucket(ms), by table; after waits_ready */
static inline void
waits_pad_add(struct waits_pad *p, int bucket, uint64_t n)
{
    p->count[bucket] += n;
    p->touched[bucket >> 6] |= UINT64_C(1) << (bucket & 63);
    p->words |= UINT32_C(1) << (bucket >> 6);
}
uint32_t waits_pad_n(const struct waits_pad *p);                /* touched buckets */
/* waits_pad_take - the touched buckets, ascending, into arrays with room for waits_pad_n; the pad is empty again. Returns how many, UINT32_MAX when a
 * count is over 32 bits. */
uint32_t waits_pad_take(struct waits_pad *p, uint16_t *bucket, uint32_t *count);
uint64_t waits_count(const struct waits *w);
/* waits_quantile - q in thousandths: value of rank ceil(q n), 1-based, by its bucket; -1 when empty. Integers, so that 0.95 x 20 is 19. */
double waits_quantile(const struct waits *w, uint32_t per_mille);

#endif
