/* diff.h - what another catalogue would change: two stores made of the same log by two catalogues, judged at one as_of. */
#ifndef DIFF_H
#define DIFF_H

#include "answer.h"

#define DIFF_EXAMPLES_MAX 10

struct diff_side { uint64_t n, k; bool shown; };            /* shown: it is a finding there */
struct diff_journey { uint8_t customer[16]; int64_t start_ms; };
struct diff_moved { uint64_t n; struct diff_journey example[DIFF_EXAMPLES_MAX]; uint32_t example_n; };
struct diff_cell {
    struct tl_str id, touchpoint;           /* as in break_answer */
    struct tl_title name, title;
    struct diff_side before, after;
    struct diff_moved gaining, losing;      /* journeys with more, and with fewer, breaks of it than before; one that only one side has counts too */
};
struct diff_type {
    struct tl_str journey;                  /* id of the journey type */
    bool had, has;                          /* before, after */
    int32_t from_day, to_day;
    uint64_t before, after;                 /* journeys that start in these days */
    struct diff_cell *cell;                 /* those that changed first, then by id and touchpoint */
    uint32_t cell_n;
};
struct diff_answer { char before[33], after[33]; int64_t as_of_ms; struct diff_type *type; uint32_t type_n; };
/* fold_diff - k's store is the one after. Of the journey type asked; `all`: of every one that either side knows. */
int fold_diff(struct look *k, struct fold *before, struct diff_answer *out, struct tl_err *err);
bool diff_changed(const struct diff_cell *c);
void render_diff(struct tl_buf *out, const struct diff_answer *a);

#endif
