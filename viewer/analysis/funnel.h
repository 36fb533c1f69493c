/* funnel.h - an ordered funnel: how many journeys came to each of its steps, a step counting only after the one before it was found, and how long that took. */
#ifndef FUNNEL_H
#define FUNNEL_H

#include "analysis.h"
#include "waits.h"

#define FUNNEL_STEPS_MAX ANALYSIS_WORDS_MAX

struct funnel {
    uint64_t journeys;                      /* all of the set, in the funnel or not */
    uint64_t reached[FUNNEL_STEPS_MAX];     /* found step 0..i in order, each after the first occurrence of the one before */
    uint64_t sum_ms[FUNNEL_STEPS_MAX];      /* to step i from the last visit of the step before it; 0 at the first */
    uint32_t first[FUNNEL_STEPS_MAX + 1];   /* its buckets: first[i] .. first[i + 1] */
    uint16_t *bucket;
    uint32_t *count;
};
struct waits funnel_waits(const struct funnel *f, uint32_t step);

#endif
