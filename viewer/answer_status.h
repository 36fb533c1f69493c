/* answer_status.h - where the work on a break point stands: what people entered (control records `break`), and whether its rate has fallen since it was fixed. */
#ifndef ANSWER_STATUS_H
#define ANSWER_STATUS_H

#include "answer.h"
#include "answer_improvements.h"

struct break_status {
    struct tl_str status, owner, note, actor;   /* status: open, assigned, fixed, verified */
    int64_t since_ms, changed_ms;               /* first record about the cell, the latest */
    int32_t fixed_on;                           /* a day; INT32_MIN: not fixed yet */
    bool measured;                              /* fixed or verified: before against after fixed_on */
    struct measure fell;
    bool counted;                               /* customers is; not where journeys stopped */
    uint64_t customers;                         /* hit in the period */
    const char *trouble;                        /* why it cannot be measured; NULL */
};
/* fold_status - joins the records to the cells of the answer: item.work, and owner where the record names one */
int fold_status(struct look *k, struct breaks_answer *a, struct tl_err *err);
/* render_status - members status, since and work of a row; s may be NULL: nobody has entered anything */
void render_status(struct tl_jw *w, const struct break_status *s);

#endif
