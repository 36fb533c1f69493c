/* answer_confirmed.h - break points of customers beside what mystery visits found in the same cells and the same period: made by fold_confirmed.c. */
#ifndef ANSWER_CONFIRMED_H
#define ANSWER_CONFIRMED_H

#include "analysis/confirm.h"
#include "answer.h"

struct confirmed_item {
    struct break_answer of;             /* of customers; of a cell that only visits have: named alike, n and k 0 */
    enum confirm_mark mark;
    uint64_t visits, hits;              /* visits that had the chance, and those that missed the standard */
    struct interval share;              /* Wilson; unknown without visits */
    struct tl_str *visit; uint32_t visit_n;     /* ids of those hit */
};
struct confirmed_answer {
    int32_t from_day, to_day;           /* of both */
    uint64_t visits;                    /* with a journey that starts in the period */
    uint64_t strays;                    /* mystery journeys there that are no visit's on the register (any more); each counts as a visit of its own */
    uint32_t count[CONFIRM_MARKS];
    struct confirmed_item *item; uint32_t item_n;       /* by mark, then cell */
    struct look visited;                /* what the items of visits alone borrow from */
    bool held;
};
int fold_confirmed(struct look *k, struct confirmed_answer *out, struct tl_err *err);      /* then fold_confirmed_end, whatever it returned */
void fold_confirmed_end(struct confirmed_answer *a);
void render_confirmed(struct tl_buf *out, const struct look *k, const struct confirmed_answer *a);

#endif
