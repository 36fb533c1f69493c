/* pain.h - touchpoints by what goes wrong there: how often, how badly, for how many customers, and how many sources tell of it. Pure. */
#ifndef PAIN_H
#define PAIN_H

#include "breaks.h"

#define PAIN_SOURCES_MAX 64         /* of one touchpoint; more are counted as so many */

struct pain_point {
    uint32_t touchpoint;
    uint64_t n, hits;               /* journeys that could break there, and did, of any standard or kind */
    uint64_t customers;             /* who met a break there, each once */
    uint64_t severity;              /* sum over the journeys hit of their worst */
    int worst;
    uint64_t rules;                 /* bit by rule: broken there (rules from 64 on are not told) */
    uint32_t source_n, channel_n;   /* distinct origins of journeys hit, distinct channels of the chances missed */
};
struct pains { struct pain_point *point; size_t n; };       /* by touchpoint; owned (tl_free) */
/* pains_count - over the journeys of q's days. 0, TL_ENOMEM. */
int pains_count(const struct told *t, const struct breaks_ask *q, struct pains *out);
/* pain_of - frequency x mean severity x customers */
double pain_of(const struct pain_point *p);

#endif
