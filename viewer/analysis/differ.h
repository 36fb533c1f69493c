/* differ.h - two shares against each other: difference, ratio, test, and before and after against a comparison. */
#ifndef DIFFER_H
#define DIFFER_H

#include <stdint.h>

#include "interval.h"

struct share { uint64_t k, n; double de; };     /* k of n; de: design effect (cluster.h), 0 reads as 1 */

/* differ_newcombe - a - b with the hybrid interval of two Wilson intervals (Newcombe 1998, method 10). Unknown when either n is 0. */
struct interval differ_newcombe(struct share a, struct share b);
/* differ_katz - a / b with the log interval (Katz 1978). Shown beside points, deciding nothing. Unknown when either k or n is 0. */
struct interval differ_katz(struct share a, struct share b);
/* differ_score_p - two-sided p of the pooled score z. 1 when either n is 0 or nobody or everybody was hit. z: out, may be NULL. */
double differ_score_p(struct share a, struct share b, double *z);

/* The effect of an action: what changed where it was taken, less what changed elsewhere. */
struct change { struct share before, after; };
struct interval differ_change(struct change c);                                         /* after - before, Newcombe: no comparison at hand */
struct interval differ_in_differences(struct change acted, struct change rest);        /* Wald 95 %; unknown when one n is 0 */

#endif
