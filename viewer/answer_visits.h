/* answer_visits.h - the register of mystery visits as entered: made by fold_visits.c. Identities are counted, never shown. */
#ifndef ANSWER_VISITS_H
#define ANSWER_VISITS_H

#include "fold.h"
#include "tl_visit.h"

#define VISITS_SHOWN_MAX 2000           /* further ones are counted in more */

struct visit_shown {
    struct tl_visit said;
    struct tl_str actor;
    int64_t entered_ms, changed_ms;
    uint32_t journeys;                          /* journeys of its identities in its time, of the catalogue's own types and stream mystery */
};
struct visits_answer { struct visit_shown *item; uint32_t item_n, more; };
int fold_visits(struct look *k, struct visits_answer *out, struct tl_err *err);      /* by from, then id */
void render_visits(struct tl_buf *out, const struct visits_answer *a);

#endif
