/* facts.h - what a journey tells besides its steps (tl_facts.h), from the events of one customer: a pure function of them and the catalogue.
 * The definitions: schemas/journeys.md 7. */
#ifndef FACTS_H
#define FACTS_H

#include "tl_catalogue.h"
#include "tl_due.h"
#include "tl_err.h"
#include "tl_facts.h"
#include "tl_profile.h"
#include "tl_rows.h"
#include "tl_store_write.h"

struct facts;
/* facts_new - the standards of a catalogue in the numbers of a store whose words are seeded (keep.h). catalogue is borrowed. */
struct facts *facts_new(const struct tl_catalogue *catalogue, struct tl_store_w *words);
void facts_free(struct facts **fp);

/* facts_customer - begin a customer: events[0..n) in the total order, borrowed until the next. 0, TL_ENOMEM. */
int facts_customer(struct facts *f, const struct tl_kept *events, uint32_t n, struct tl_err *err);
/* facts_outcomes - after facts_customer: the outcomes of the customer, for the profile. */
const struct tl_profile_outcome *facts_outcomes(const struct facts *f, uint32_t *n);

/* facts_dues - after the last facts_journey of a customer: the moments that may alert, in any order, some of them told more than once. In due, id and pair are
 * those of tl_due_rule; event and home (a place in the customer's identity list) make them whole. */
struct facts_due { struct tl_due due; uint64_t event; uint32_t home; };
const struct facts_due *facts_dues(const struct facts *f, uint32_t *n);

struct facts_run {
    uint32_t type;               /* index of the journey type */
    const uint32_t *order;       /* places of the journey's events, in order */
    uint32_t n;
    uint32_t *step;              /* by place in order: the step that a step event is of; facts_journey fills in those of signals */
    uint32_t closed;             /* place in order of the event that decided the outcome; n when none */
};
/* facts_journey - makes j->facts, which stay until the next call. 0, TL_ENOMEM. */
int facts_journey(struct facts *f, const struct facts_run *run, struct tl_journey *j, struct tl_err *err);

#endif
