/* analysis.h - what every analysis is: journeys of one day in, a partial out; partials in, their sum out. Pure: no store, no HTTP, no clock.
 *
 * A partial is read-only once made, and adding is the only thing done with it: sum(a day's halves) = the day, sum(days) = the period, whatever the
 * order. So a fold may cache partials of days and of months, and throw any of them away. The table (table.c) lists them all. */
#ifndef ANALYSIS_H
#define ANALYSIS_H

#include <stdbool.h>
#include <stddef.h>
#include "tl_err.h"
#include "tl_journey.h"

#define ANALYSIS_WORDS_MAX 32

/* What an analysis is asked about; part of a partial's name in the cache where nothing else is said. */
struct analysis_arg {
    uint32_t word[ANALYSIS_WORDS_MAX];  /* touchpoints: the funnel's steps; one for a node, two for an edge. 0 = not in the store, found nowhere */
    uint32_t word_n;
    int end;                            /* only journeys that ended so (enum tl_end), -1 = any */
    bool start;                         /* only journeys that start at word[0] */
    int64_t as_of_ms, gap_ms;           /* what holds() speaks of: not part of the name */
    const void *more;                   /* an analysis may ask for more: a struct of its own, read in begin only */
    uint64_t more_mark;                 /* its hash: part of the name */
};

struct analysis {
    const char *name;
    uint32_t version;                   /* raised when its partials change meaning */
    const char *doc;
    bool ends;                          /* looks at how journeys end: its partials hold only while no open journey lapses */
    void *(*begin)(const struct analysis_arg *arg);                                  /* an accumulator, owned; NULL: out of memory */
    int (*journey)(void *acc, const struct tl_journey *j, enum tl_end end);          /* steps_n >= 1. 0, TL_ENOMEM, TL_ERANGE */
    void (*holds)(const void *acc, int64_t *lo_ms, int64_t *hi_ms);                  /* narrows the as_of for which what was counted holds; NULL: ends says it all */
    void *(*finish)(void *acc);                                                      /* a partial, owned; acc is empty again. NULL: out of memory */
    void (*abandon)(void *acc);                                                      /* frees the accumulator; accepts NULL */
    void *(*sum)(const void *const *part, size_t n);                                 /* a partial, owned; n may be 0. NULL: out of memory */
    size_t (*bytes)(const void *part);
    void (*free)(void *part);                                                        /* accepts NULL */
};

extern const struct analysis analysis_map, analysis_variants, analysis_funnel, analysis_matches, analysis_told, analysis_drops, analysis_voice, analysis_plan, analysis_rework;
extern const struct analysis *const analysis_table[];   /* ends with NULL */

/* wait before step i of a journey (i >= 1): start(b) - end(a), an overlap counts as 0 */
static inline int64_t
step_wait_ms(const struct tl_step *a, const struct tl_step *b)
{
    return b->start_ms > a->end_ms ? b->start_ms - a->end_ms : 0;
}

#endif
