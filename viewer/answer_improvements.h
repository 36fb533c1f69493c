/* answer_improvements.h - what was done about break points and outcomes, and whether it worked: made by fold_improvements.c. */
#ifndef ANSWER_IMPROVEMENTS_H
#define ANSWER_IMPROVEMENTS_H

#include "analysis/effect.h"
#include "fold.h"

#define IMPROVEMENTS_MAX 500            /* measured in one answer; further ones are counted in more */
#define IMPROVEMENT_PLACES_MAX 500
#define IMPROVEMENT_AGAIN 2

struct measure { struct effect_window window; struct effect effect; };
/* Measured again so many days after the start, over the whole weeks until then. */
struct measure_again { int32_t days, due; bool due_passed; struct measure of; };

struct improvement {
    struct tl_str id, title, cell, cause, action, owner, actor;
    struct tl_str *place, *rest;        /* where it was done: none, everywhere; the comparison */
    uint32_t place_n, rest_n;
    struct tl_str journey, what, touchpoint, daypart;       /* of the cell; touchpoint absent: an outcome */
    struct tl_title what_title;
    bool more_is_better;                /* a wanted outcome */
    int32_t start, closed, found_from, found_to;            /* days; INT32_MIN: not said */
    double expected;                    /* points, 0: not said */
    int64_t entered_ms, changed_ms;
    const char *trouble;                /* why it cannot be measured, in English; NULL */
    struct measure now;
    struct measure_again again[IMPROVEMENT_AGAIN];
    bool overlaps;                      /* the weeks before overlap the days that raised the finding */
};
struct improvements_answer { struct improvement *item; uint32_t item_n, more; };
/* fold_improvements - those of the journey type asked for, or of every type when none was, or `all`; by start, then id */
int fold_improvements(struct look *k, struct improvements_answer *out, struct tl_err *err);
/* improvement_measure - what cell, places, rest and start of m say, measured into now and again; k: any look */
int improvement_measure(struct look *k, struct improvement *m, struct tl_err *err);

struct tl_jw;
void render_improvement(struct tl_jw *w, const struct improvement *m);     /* one item of the list */
void render_improvements(struct tl_buf *out, const struct look *k, const struct improvements_answer *a);

#endif
