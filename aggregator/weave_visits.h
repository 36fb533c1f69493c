/* weave_visits.h - the visit register while a store is made: what arrives is judged by it, and what arrived before is judged again when it changes.
 *
 * A changed register re-tells only the arrivals that thereby come to belong to a visit or cease to: their links are taken back or given, and their
 * customers are made again. Stretches of the log without an event in the visit's time are not read. */
#ifndef WEAVE_VISITS_H
#define WEAVE_VISITS_H

#include "visits.h"
#include "weave.h"

struct weave_visits;
struct weave_visits *weave_visits_new(void);            /* NULL: out of memory */
void weave_visits_free(struct weave_visits **vp);
/* weave_visits_reset - forget what a round changed; again: the register and the runs taken back are read anew from the store */
int weave_visits_reset(struct weave *w, bool again, struct tl_err *err);
/* weave_visits_undone - arrivals of this origin below position count for nothing when the log is read again */
int weave_visits_undone(struct weave *w, struct tl_str origin, uint64_t position, struct tl_err *err);

/* weave_visits_judge - an arrival: does it belong to a visit? Then, live, its stream is mystery. Notes when it happened. 0, 1 (it does), negative. */
int weave_visits_judge(struct weave *w, const struct who *who, uint32_t n, struct tl_kept *e, struct tl_err *err);
/* weave_visits_change - a visit record, kept already: body as db note has it */
int weave_visits_change(struct weave *w, uint64_t position, struct tl_str body, struct tl_err *err);
/* weave_visits_mend - a kept event that may have been judged by an older register gets its stream anew */
int weave_visits_mend(struct weave *w, struct tl_kept *e, struct tl_err *err);
/* weave_visits_flush - when the events of the log happened goes into the store; once, before its commit */
int weave_visits_flush(struct weave *w, struct tl_err *err);

#endif
