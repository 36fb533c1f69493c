/* interval.h - what every estimate is handed on as. No NaN, no infinity: an estimate that does not exist says so. */
#ifndef INTERVAL_H
#define INTERVAL_H

#include <stdbool.h>

struct interval {
    double value, lo, hi;
    bool known;                 /* false: the data define no such value; the three numbers are 0 */
    bool flat;                  /* the estimated variance is 0, so lo = value = hi: says nothing about certainty */
};

#endif
