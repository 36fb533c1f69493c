/* behind.h - is a journey one of those that a cell of break points counted? Asked row by row with the very functions that count, so a list is as long as its number. */
#ifndef BEHIND_H
#define BEHIND_H

#include "breaks.h"

struct behind {
    struct breaks_ask ask;                          /* by: as the cell names a place, or a place and a daypart */
    uint32_t rule;                                  /* ask.rule_n: where journeys stopped; more: a standard that no chance of the store is of */
    uint32_t touchpoint, place, daypart;            /* 0: a word the store does not have, no journey; daypart 1 + index */
    uint32_t place_key;                             /* number of the word place, when a place is named: journeys that stopped are of the place their attribute says */
    bool hit;                                       /* those hit, else the other eligible ones */
    int64_t gap_ms;
};
struct behind_pad { struct tl_facts facts; struct told_chance chance[TL_FACTS_MAX]; };     /* scratch of one thread */
/* behind_rows - how many rows of the cell j is counted with: hits, or (not hit) eligible ones when none is hit. 0: it is not behind it.
 * All steps must be in j. Narrows the as_of for which that holds. */
uint32_t behind_rows(const struct behind *b, const struct tl_journey *j, struct behind_pad *pad, int64_t *lo_ms, int64_t *hi_ms);

#endif
