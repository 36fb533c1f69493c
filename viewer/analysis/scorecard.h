/* scorecard.h - what the checklist of a visit comes to, and visits beside each other. Pure.
 *
 * A visit's score is the weight of what was answered yes among what was answered yes or no: what does not apply (na) takes its weight along, and what is not answered
 * (yet) is neither good nor bad. A critical item answered no fails the visit, whatever the score. */
#ifndef SCORECARD_H
#define SCORECARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "interval.h"

#define SCORECARD_ALL UINT32_MAX

enum scorecard_answer { SCORECARD_OPEN, SCORECARD_YES, SCORECARD_NO, SCORECARD_NA };
struct scorecard_item { uint32_t section; double weight; /* >= 0 */ bool critical; enum scorecard_answer answer; };
struct scorecard {
    uint32_t yes, no, na, open, critical;       /* items; critical: of those answered no */
    double weight_yes, weight_no;
    double score;                               /* 0..1 */
    bool known;                                 /* false: nothing with a weight was answered yes or no; score is 0 */
};
/* scorecard_of - of one section, or SCORECARD_ALL */
struct scorecard scorecard_of(const struct scorecard_item *item, uint32_t n, uint32_t section);

/* Places with few visits: the share of items answered yes, of those answered yes or no, drawn towards what all places show (shrink.h). Answers of one visit go
 * together, so both numbers are divided by the design effect of visits (cluster.h). */
struct scorecard_visit { uint32_t place; uint64_t yes, answered; };
struct scorecard_place { uint64_t visits, yes, answered; struct interval share; };      /* share: shrunken; unknown with fewer than 5 places that have answers */
/* scorecard_places - place: g of them, numbered from 0; filled. Returns the design effect. */
double scorecard_places(const struct scorecard_visit *visit, size_t n, struct scorecard_place *place, size_t g);

/* Two visits answer the same items: how many alike? na is an answer like another; what one of them left open does not count. */
struct scorecard_alike { uint64_t same, both; };
struct scorecard_alike scorecard_alike(const enum scorecard_answer *a, const enum scorecard_answer *b, uint32_t n);

/* scorecard_again - a later visit against an earlier one: difference of the shares of yes among yes and no, Newcombe's; unknown when one has none */
struct interval scorecard_again(const struct scorecard *before, const struct scorecard *after);

#endif
