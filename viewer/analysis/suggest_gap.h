/* suggest_gap.h - how long a silence ends a journey: the valley of the histogram of gaps on a log scale. Pure. */
#ifndef SUGGEST_GAP_H
#define SUGGEST_GAP_H

#include <stdbool.h>
#include <stdint.h>

#define GAP_BINS_A_DECADE 10
#define GAP_BINS (8 * GAP_BINS_A_DECADE)        /* 1 s .. 3 years; shorter gaps in the first, longer in the last */

struct gap_hist { uint64_t n[GAP_BINS]; };
void gap_add(struct gap_hist *h, int64_t gap_ms);
int64_t gap_bin_ms(int bin);                    /* the lower edge */
int gap_bin(int64_t gap_ms);
int gap_median(const struct gap_hist *h);       /* the bin of the middle one; -1 when empty */
uint64_t gap_count(const struct gap_hist *h);
/* gap_valley - the deepest valley of the smoothed histogram within bins [from, to): gaps inside a journey lie before it, those between journeys behind. false:
 * there is none (one peak, or less than GAP_LEAST gaps); *gap_ms is then as it was. */
#define GAP_LEAST 30
bool gap_valley(const struct gap_hist *h, int from, int to, int64_t *gap_ms);
/* gap_valley_keyed - where a field tells journeys apart: the valley between the middle gap inside a journey and the middle one between two of a customer */
bool gap_valley_keyed(const struct gap_hist *inside, const struct gap_hist *between, int64_t *gap_ms);

#endif
