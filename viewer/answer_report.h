/* answer_report.h - the weekly report: one week of one journey type on one page. Made once, kept as made (report_keep.h). */
#ifndef ANSWER_REPORT_H
#define ANSWER_REPORT_H

#include "answer.h"
#include "answer_improvements.h"
#include "answer_metrics.h"
#include "tl_note.h"

#define REPORT_FIGURES_MAX 8
#define REPORT_PLACES_MAX 3         /* of a break point */
#define REPORT_OPEN_MAX 200
#define REPORT_NOTES_MAX 200        /* of breaks */
#define REPORT_WEEKS_MAX 53         /* how far back the run of weeks of a break is followed */
#define REPORT_RIPE_DAYS_MAX 14     /* a journey type with a longer gap is reported after so many days all the same */

/* A headline figure; values in its unit. */
struct report_figure {
    const char *id, *unit;          /* unit: count, share, points, scale */
    struct tl_title name, is;       /* is: what exactly it counts */
    bool fewer_better, enough;
    uint64_t n, k, before_n;        /* k of n for shares */
    struct interval value, before, change;
    struct interval very;           /* of satisfaction: those very satisfied, apart; unknown for all else */
    struct verdict verdict;         /* of the change */
};
struct report_place { struct tl_str place; uint64_t n, k; struct interval rate; };
/* A break point found in the week, or one that somebody has on the list. */
struct report_break {
    const struct break_answer *found;       /* NULL: not found in this week */
    char cell[TL_NOTE_ID_MAX];              /* as control records name it */
    struct tl_str owner, status;            /* open, assigned, fixed, verified */
    int64_t since_ms;                       /* first record about it; TL_TIME_NONE */
    uint32_t weeks;                         /* running, over what is allowed; 0: no standard, or not known */
    uint64_t customers;                     /* hit in the week; 0 with `found` and no standard: not counted */
    struct report_place place[REPORT_PLACES_MAX];
    uint32_t place_n;
};
struct report_done { struct tl_str cell, status, owner; };       /* a break fixed or verified in the week */
struct report_answer {
    int32_t monday;
    int64_t ripe_ms;                        /* as_of from which a report is final */
    bool over, ripe;                        /* the week is over; as_of is late enough */
    struct period period;
    struct report_figure figure[REPORT_FIGURES_MAX];
    uint32_t figure_n;
    struct breaks_answer breaks;
    struct moments_answer moments;
    struct emotion_answer emotion;
    struct report_break *open;              /* the found ones first, then by owner */
    uint32_t open_n, found_n;
    struct improvement *improvement;        /* going on in the week, the latest first */
    uint32_t improvement_n;
    struct report_done *done;
    uint32_t done_n;
    bool has_alerts;
    uint64_t alerts, alerts_open;           /* raised in the week for departments; of them not yet resolved */
};
/* report_when - the week asked (ask.week, else the last one that is over) and the moment to judge it: as asked, else that from which it is ripe, else the look's. Sets the look's as_of. */
int report_when(struct look *k, struct report_answer *out, struct tl_err *err);
int fold_report(struct look *k, struct report_answer *out, struct tl_err *err);       /* after report_when */
/* ---- parts ---- */
int report_figures(struct look *k, struct report_answer *out, struct tl_err *err);     /* fold_report_figures.c */
int report_open(struct look *k, struct report_answer *out, struct tl_err *err);        /* fold_report_open.c: after the breaks */

#endif
