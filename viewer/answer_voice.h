/* answer_voice.h - what customers say, as answers: the emotion curve (fold_emotion.c) and the metrics (fold_metrics.c). */
#ifndef ANSWER_VOICE_H
#define ANSWER_VOICE_H

#include "analysis/verdict.h"
#include "analysis/voice_cells.h"
#include "fold.h"
#include "fold_period.h"

#define VOICE_SMALL_N 10        /* fewer ratings than this: a gap, not a point */

/* ---- what both read (fold_voice.c) ---- */
struct voices {                 /* the period asked, and the one before */
    struct period period;
    struct fold_part *part[2];  /* held */
    const struct voice *now, *before;
    uint32_t asked;             /* number of the word survey.sent; 0: never seen */
};
/* voices_read - by, key: as voice.h says of its arg. voices_done accepts a zeroed one. */
int voices_read(struct look *k, enum voice_by by, uint32_t key, struct voices *out, struct tl_err *err);
void voices_done(struct look *k, struct voices *v);

/* ---- the emotion curve ---- */
#define EMOTION_POINTS_MAX 200  /* touchpoints without a rating beyond it are left out, and counted */
struct emotion_point {
    uint32_t word;
    struct tl_str touchpoint;
    struct tl_title title;
    int stage, place;           /* stage of the model asked, -1 = none; place in the catalogue, -1 = not in it */
    bool key, backstage, gap;
    double at;                  /* mean place of the first visit within a journey */
    uint64_t journeys, steps, customers;
    struct voice_mean mean, before;
    struct interval change;
    struct verdict verdict;
    struct voice_response response;
    const struct voice_value *value;
    size_t value_n;
};
struct emotion_answer {
    struct period period;
    struct emotion_point *point;    /* in the order of stages, then of the catalogue, then of where in a journey they come */
    uint32_t point_n, left_out;
    int lowest, peak, end;          /* of points that are no gap; -1 = there is none */
    bool lowest_apart, peak_apart;  /* no other point's interval reaches theirs */
    struct voice_mean unplaced;     /* ratings of journeys without a step */
    uint64_t cut;
};
int fold_emotion(struct look *k, struct emotion_answer *out, struct tl_err *err);

#endif
