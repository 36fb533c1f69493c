/* funnel.h - an ordered funnel: how many journeys came to each of its steps, a step counting only after the one before it was found. */
#ifndef FUNNEL_H
#define FUNNEL_H

#include "analysis.h"

#define FUNNEL_STEPS_MAX ANALYSIS_WORDS_MAX

struct funnel {
    uint64_t journeys;                      /* all of the set, in the funnel or not */
    uint64_t reached[FUNNEL_STEPS_MAX];     /* found step 0..i in order, each after the first occurrence of the one before */
};

#endif
