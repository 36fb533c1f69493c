/* told.h - the partial that findings are made from: what journeys tell besides their steps (tl_facts.h), as it is in their rows. Nothing in it hangs on
 * as_of: whether a chance was missed, an outcome came in time, a journey is old enough to judge, is asked of it later (breaks.h, moments.h). */
#ifndef TOLD_H
#define TOLD_H

#include "analysis.h"
#include "tl_facts.h"

#define TOLD_STRATA_MAX 4
#define TOLD_AFTER_MAX 2

/* arg->word: TOLD_AFTER_MAX touchpoints whose last visit's end is told in after_ms, then TOLD_STRATA_MAX keys of attributes, then the key of the origin; 0 where
 * there is none */
struct told_chance { struct tl_chance of; uint32_t touchpoint; };       /* of the step it hangs on; 0 = none */
struct told_journey {
    uint64_t customer;
    int64_t start_ms, last_ms;
    int64_t after_ms[TOLD_AFTER_MAX];       /* TL_TIME_NONE: not visited */
    uint32_t stratum[TOLD_STRATA_MAX];      /* values of the attributes at journey start, 0 = none */
    uint32_t origin;                        /* who told of its first event */
    int32_t day;
    uint8_t outcome;                        /* enum tl_outcome */
    uint32_t chance_n, brk_n, mark_n;       /* its part of the lists, which stand in the order of journeys */
};
struct told {
    struct told_journey *journey;
    struct told_chance *chance;
    struct tl_break *brk;
    struct tl_marked *mark;
    size_t journey_n, chance_n, brk_n, mark_n;
    uint64_t cut;                           /* facts that rows had no room for */
};
/* told_head, told_chance_of - one journey as the lists have it (after_ms and stratum are not filled) */
struct told_journey told_head(const struct tl_journey *j, const struct tl_facts *f);
struct told_chance told_chance_of(const struct tl_journey *j, const struct tl_chance *c);
extern const struct analysis analysis_told;

#endif
