/* answer_backtrack.h - from bad outcomes back to the breaks before them: one customer's journeys, or all of a period. Made by fold_backtrack.c and fold_backtrack_one.c. */
#ifndef ANSWER_BACKTRACK_H
#define ANSWER_BACKTRACK_H

#include "analysis/backtrack.h"
#include "answer.h"
#include "journey_breaks.h"

#define BACKTRACK_ENDED_BAD "bad"               /* outcomes that are no word of the catalogue's: how the journey ended */
#define BACKTRACK_LAPSED "lapsed"
#define BACKTRACK_WALKS_MAX 50                  /* journeys of one customer, the latest; further ones are counted */

struct backtrack_item {
    struct tl_str id, type, touchpoint, cell, owner;
    struct tl_title name, title;
    uint64_t first, worst;
    struct interval share;                      /* of all journeys with the outcome, whose first it was: Wilson with de */
    double de;
    struct { uint8_t customer[16]; int64_t start_ms, at_ms; } example[BACKTRACK_EXAMPLES_MAX];
    uint32_t example_n;
};
struct backtrack_answer {
    int32_t from_day, to_day;
    struct tl_str outcome;
    struct tl_title outcome_title;
    struct backtracks of;                       /* counts; cells are free */
    struct interval none;                       /* share without a break before it */
    struct backtrack_item *item; uint32_t item_n;       /* most often first, first */
};
int fold_backtrack(struct look *k, struct backtrack_answer *out, struct tl_err *err);
void render_backtrack(struct tl_buf *out, const struct look *k, const struct backtrack_answer *a);

/* ---- one customer ---- */
struct backtrack_walk {
    struct timeline of;
    struct tl_str outcome;
    struct tl_title outcome_title;
    int64_t at_ms;                              /* when it came; of what did not come: when its time was over */
    const struct journey_break *first, *worst;  /* NULL: none before it */
};
struct backtrack_walks { uint8_t customer[16]; struct backtrack_walk *item; uint32_t item_n, left_out; };
/* fold_backtrack_one - the customer's journeys with a bad outcome, the latest first; ask: customer, journey (when given), began. TL_ENOTFOUND: no such customer. */
int fold_backtrack_one(struct look *k, struct backtrack_walks *out, struct tl_err *err);
void render_backtrack_one(struct tl_buf *out, const struct look *k, const struct backtrack_walks *a);

#endif
