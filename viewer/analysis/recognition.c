/* recognition.c - see recognition.h. */
#include "recognition.h"

static void
count(struct recognised *c, int which, uint64_t hits, uint64_t rows)
{
    c->k[which] += hits;
    c->hits2[which] += (double)hits * (double)hits;
    c->rows_hits[which] += (double)rows * (double)hits;
}

void
recognition_add(struct recognition *r, uint32_t channel, uint64_t rows, uint64_t at_once, bool named)
{
    uint32_t i = 0;
    if (rows == 0) return;
    while (i < r->at_n && r->at[i].channel != channel) i++;
    if (i == RECOGNITION_CHANNELS_MAX) {
        r->other += rows;
        return;
    }
    if (i == r->at_n) r->at[r->at_n++] = (struct recognised){ .channel = channel };
    struct recognised *c = &r->at[i];
    c->n += rows;
    c->customers++;
    c->rows2 += (double)rows * (double)rows;
    count(c, 0, at_once, rows);
    count(c, 1, named ? rows : 0, rows);
}

struct interval
recognition_rate(const struct recognised *c, int which, double *de)
{
    struct cluster k = { 0 };
    if (c->n) cluster_add_sums(&k, c->customers, c->hits2[which], c->rows_hits[which], c->rows2, (double)c->n, (double)c->k[which] / (double)c->n);
    *de = c->n ? cluster_effect(&k) : 1;
    return rate_wilson_de(c->k[which], c->n, *de > 1 ? *de : 1);
}
