/* rate.h - a share with its interval. */
#ifndef RATE_H
#define RATE_H

#include <stdint.h>

#define RATE_Z 1.959963984540054    /* 95 %, two-sided */

struct rate { double share, lo, hi; };
/* rate_wilson - k of n with the Wilson interval; n = 0 gives NaN thrice. Source: Wilson 1927; checked against Newcombe 1998, table I. */
struct rate rate_wilson(uint64_t k, uint64_t n);

#endif
