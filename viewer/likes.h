/* likes.h - what is said of a comparison among likes, once its gate and its family of tests are known. */
#ifndef LIKES_H
#define LIKES_H

#include "analysis/strata.h"
#include "analysis/verdict.h"

/* likes_verdict - tests, found: how many hypotheses were tested, and how many of them have q at most .05. Too little data says about how many more rows it would take
 * at the same rates and mix: to fill the smaller arm, to see enough outcomes, or to stand among so many tests. */
struct verdict likes_verdict(const struct strata *judged, const struct strata_gate *g, double q, uint32_t tests, uint32_t found);

#endif
