/* tl_hist.h - log-bucket histogram of durations in ms, mergeable (DDSketch layout, never collapsed).
 * Bucket i = ceil(log_g x), g = (1 + a) / (1 - a), a = 0.01; a bucket's value is 2 g^i / (g + 1): at most 1 % off. Zero bucket for x < 1 ms. Sparse. */
#ifndef TL_HIST_H
#define TL_HIST_H

#include <stdint.h>
#include "tl_mem.h"

#define TL_HIST_BUCKETS 1300      /* 1 ms .. over 6 years; larger values count in the last */

struct tl_hist;                   /* about 24 bytes while empty; grows with the buckets hit */
struct tl_hist *tl_hist_new(void);
void tl_hist_free(struct tl_hist **hp);
int tl_hist_bucket(int64_t ms);                                 /* 0 = zero bucket, 1 + i else; negative counts as zero */
double tl_hist_bucket_ms(int bucket);                           /* the value that stands for a bucket */
int64_t tl_hist_bucket_lo_ms(int bucket);                       /* least ms of the bucket */
bool tl_hist_add(struct tl_hist *h, int64_t ms, uint64_t n);    /* false: out of memory */
bool tl_hist_merge(struct tl_hist *into, const struct tl_hist *from);
uint64_t tl_hist_count(const struct tl_hist *h);
/* tl_hist_quantile - value of rank ceil(q n), 1-based; -1 when empty. 0 < q <= 1. */
double tl_hist_quantile(const struct tl_hist *h, double q);
/* tl_hist_each - calls f for every non-empty bucket, ascending. */
void tl_hist_each(const struct tl_hist *h, void (*f)(void *arg, int bucket, uint64_t n), void *arg);
size_t tl_hist_bytes(const struct tl_hist *h);

#endif
