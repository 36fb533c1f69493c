/* answer_metrics.h - the metrics: what customers say and whether standards were kept, each with its definition, n, interval, and the period before. */
#ifndef ANSWER_METRICS_H
#define ANSWER_METRICS_H

#include "analysis/cell.h"
#include "analysis/kept.h"
#include "answer_voice.h"

enum metric_unit { METRIC_POINTS /* -100..100 */, METRIC_SHARE /* 0..1 */, METRIC_SCALE /* of the answers */ };
/* One row of the table of metrics (metric_words.c). */
struct metric_words {
    const char *id, *zh, *en, *zh_is, *en_is;       /* name and definition */
    enum metric_unit unit;
    bool fewer_better;
    double low, high;                               /* of the scale */
    uint32_t n_min;                                 /* below: too few to judge */
};
enum metric_id {
    METRIC_NPS, METRIC_CSAT5, METRIC_CSAT5_VERY, METRIC_CSAT5_MEAN, METRIC_CSAT7, METRIC_CSAT7_VERY, METRIC_CSAT7_MEAN, METRIC_CES_MEAN, METRIC_CES_HIGH, METRIC_EMOTION,
    METRIC_SCORES_N,
    METRIC_WITHIN = METRIC_SCORES_N, METRIC_CONFORM, METRIC_FIRST_CONTACT, METRIC_DIRECT, METRIC_N
};
extern const struct metric_words metric_words[METRIC_N];

/* Values in the metric's unit. */
struct metric_cell {
    struct tl_str touchpoint, group, owner;         /* absent where cells are not told apart by it */
    struct tl_title title;                          /* of whichever it is */
    uint64_t n, numerator, denominator, customers, promoters, detractors;   /* numerator of a mean: n */
    double de;
    struct interval value, before, change;          /* change: now - before */
    uint64_t before_n;
    bool enough;                                    /* n is at least the metric's least, and its variance is known */
    struct verdict verdict;                         /* of the change */
    const struct voice_value *values;               /* how often each was given; none for shares */
    size_t values_n;
    struct voice_response response;                 /* of scores at a touchpoint */
    struct kept_times times;                        /* of clocks */
};
struct metric {
    enum metric_id is;
    const struct tl_standard *standard;             /* NULL: a score */
    struct metric_cell total, *cell;
    uint32_t cell_n;
};
#define METRICS_MAX (METRIC_SCORES_N + TL_STANDARDS_MAX)
#define METRIC_CELLS_MAX 1000                       /* of one metric; the rest, those with the fewest answers, is left out and counted */
struct metrics_answer {
    struct period period;
    uint64_t journeys, steps, customers, events;    /* events: of the whole store */
    struct metric metric[METRICS_MAX];
    uint32_t metric_n;
    uint64_t left_out;
};
int fold_metrics(struct look *k, struct metrics_answer *out, struct tl_err *err);

/* ---- parts (fold_metrics_scores.c, fold_metrics_standards.c): append metrics that have answers, now or before ---- */
struct metrics_ask { enum ask_by by; struct tl_store_txn *t; };
int metrics_scores(struct look *k, const struct metrics_ask *q, struct metrics_answer *out, struct tl_err *err);
int metrics_standards(struct look *k, const struct metrics_ask *q, struct metrics_answer *out, struct tl_err *err);
/* metrics_share - value, change and verdict of a share; metrics_name - what a cell is of, by the number of its word (or its day, by week) */
void metrics_share(struct metric_cell *c, enum metric_id is, struct share now, struct share before);
void metrics_name(struct look *k, const struct metrics_ask *q, uint32_t number, struct metric_cell *c);
struct verdict metrics_verdict(const struct interval *change, double length, uint64_t n, uint64_t before_n, uint32_t n_min);
/* metrics_sort - cells by name, the largest METRIC_CELLS_MAX of them */
void metrics_sort(struct look *k, struct metric *m, struct metrics_answer *out);

#endif
