/* rate.h - a share with its interval. */
#ifndef RATE_H
#define RATE_H

#include <stdint.h>

#include "interval.h"

#define RATE_Z 1.959963984540054    /* 95 %, two-sided */

struct rate { double share, lo, hi; };
/* rate_wilson - k of n with the Wilson interval; n = 0 gives NaN thrice. Source: Wilson 1927; checked against Newcombe 1998, table I. */
struct rate rate_wilson(uint64_t k, uint64_t n);
/* rate_wilson_de - the same for a share whose customers repeat: k/de of n/de, de >= 1 (cluster.h). n = 0: unknown, never NaN. */
struct interval rate_wilson_de(uint64_t k, uint64_t n, double de);

#endif
