/* bh.h - Benjamini and Hochberg 1995: of the findings shown at q <= .05, at most 5 % are expected to be chance. */
#ifndef BH_H
#define BH_H

#include <stddef.h>

/* bh_q - q[i] = the least m p_(j) / j over all ranks j at or above that of p[i], at most 1. Every hypothesis of the family belongs in p, shown or not.
 * p, q: m each, may be the same array. 0, or -1 out of memory. */
int bh_q(const double *p, double *q, size_t m);

#endif
