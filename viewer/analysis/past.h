/* past.h - what lay behind a customer when a visit began, beside the attributes of the journey: what likes are compared by when a journey type names no strata. Pure. */
#ifndef PAST_H
#define PAST_H

#include "breaks.h"

enum past_kind { PAST_ATTR, PAST_PRIOR_BAD, PAST_TENURE, PAST_DAYPART };
#define PAST_PRIOR_MANY 2           /* so many bad experiences, or more */
#define PAST_TENURE_NEW_DAYS 30     /* tenure: below this, below the next, from that on */
#define PAST_TENURE_OLD_DAYS 180

struct past_bad { uint64_t customer; int64_t at_ms; };
struct past_first { uint64_t customer; int64_t at_ms; };        /* when the customer was first seen */
struct past {
    enum past_kind kind[TOLD_STRATA_MAX];
    const struct breaks_ask *ask;   /* dayparts and zone */
    struct past_bad *bad;           /* by (customer, at_ms); owned by who made it */
    const struct past_first *first; /* by customer */
    size_t bad_n, first_n;
};
/* past_bads - every chance hit of the rules (bit by rule), at the time it was known: p->bad, owned (tl_free). 0, TL_ENOMEM. */
int past_bads(const struct told *t, const struct breaks_ask *q, uint64_t rules, struct past *p);
/* past_value - stratum of a visit that began at at_ms, by kind[slot]; PAST_ATTR: j's own. From 1 in the order of the kind; 0: not known. */
uint32_t past_value(const struct past *p, uint32_t slot, const struct told_journey *j, int64_t at_ms);

#endif
