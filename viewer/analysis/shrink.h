/* shrink.h - places with few journeys, drawn towards what all of them show (beta-binomial, fitted by moments). */
#ifndef SHRINK_H
#define SHRINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "interval.h"

#define SHRINK_PLACES_MIN 5

struct shrink_place { uint64_t k, n; struct interval share; };  /* share: out */
struct shrink {
    double mean;                /* all hits / all rows */
    double between;             /* variance between places, t2; <= 0: none is to be seen */
    double weight;              /* M: the mean counts as that many journeys of each place; 0 when pooled */
    bool pooled;                /* no variance between: every place has the mean, with the Wilson interval of all rows together */
    bool known;                 /* false: fewer than 5 places with rows, all shares unknown */
};
/* shrink_places - shares and 95 % intervals (Beta quantiles) of g places; those without rows get the mean and count nowhere. */
struct shrink shrink_places(struct shrink_place *place, size_t g);
/* shrink_apart - true when the two intervals do not meet: only then may a page rank one before the other. */
bool shrink_apart(const struct interval *a, const struct interval *b);

#endif
