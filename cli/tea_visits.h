/* tea_visits.h - the demo's 24 mystery visits and what its people entered: visits and improvements as control records. Visit v = 0..23 is round v / 8 in store v % 8. */
#ifndef TEA_VISITS_H
#define TEA_VISITS_H

#include "tea_events.h"

#define TEA_VISITS 24
#define TEA_ROUNDS 3
#define TEA_SHOPPER 90000           /* u90000..u90007, one a store */

struct tea_order tea_visit(int v);
int64_t tea_visit_begins_ms(int v); /* since day 0, 00:00 local: where a register entered "during" the visit cuts its events */
/* tea_tell_visit - the shopper's order, and the check that only a shopper makes: were they greeted by surname */
int tea_tell_visit(struct tea_story *s, int v);
/* tea_visit_record - body of the `visit` record into s->json; returns it */
struct tl_str tea_visit_record(struct tea_story *s, int v);
/* tea_visit_answers - what no event tells: tidy, and said goodbye; added to the record once the visit is over */
struct tl_str tea_visit_answers(struct tea_story *s, int v);
/* tea_improvement_record - body of the n-th `improvement` record; {NULL,0} beyond the last, or when it begins later than the demo's days */
struct tl_str tea_improvement_record(struct tea_story *s, int n, int days);

#endif
