/* stitch.h - journeys from the events of one customer: a pure function of them and the rules. How a journey is defined: schemas/journeys.md. */
#ifndef STITCH_H
#define STITCH_H

#include "tl_catalogue.h"
#include "tl_err.h"
#include "tl_journey.h"
#include "tl_profile.h"
#include "tl_rows.h"
#include "tl_store_write.h"
#include "tl_time.h"

struct stitch;
/* stitch_new - the rules of a catalogue in the numbers of a store whose words are seeded (keep.h). zone and catalogue are borrowed. */
struct stitch *stitch_new(const struct tl_catalogue *catalogue, struct tl_store_w *words, const struct tl_zone *zone);
void stitch_free(struct stitch **sp);
/* stitch_events - call each with every journey of every type, from events[0..n) in the total order (tl_order.h). j is valid during the call.
 * 0, TL_ENOMEM, or what each returned when not 0. */
typedef int (*stitch_each)(void *arg, const struct tl_journey *j);
int stitch_events(struct stitch *s, uint64_t customer, const struct tl_kept *events, uint32_t n, stitch_each each, void *arg, struct tl_err *err);
/* stitch_outcomes - after stitch_events: the outcomes of that customer, for the profile; until the next. */
const struct tl_profile_outcome *stitch_outcomes(const struct stitch *s, uint32_t *n);
/* stitch_dues - after stitch_events: moments that may alert, as facts_dues tells them; until the next. */
struct facts_due;
const struct facts_due *stitch_dues(const struct stitch *s, uint32_t *n);

#endif
