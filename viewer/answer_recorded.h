/* answer_recorded.h - one journey or one visit as it was recorded: its events, in order, as native events that can be sent again (fold_recorded.c).
 *
 * Times are the corrected ones, so nothing of sessions and clocks is needed any more; who they are is not told: identities are c0, c1 .. of this recording. A
 * touchpoint that was found by the origin is named, since what is sent again comes by another. */
#ifndef ANSWER_RECORDED_H
#define ANSWER_RECORDED_H

#include "fold.h"

#define RECORDED_EVENTS_MAX 10000       /* of one recording; further ones are counted in left_out */
#define RECORDED_PERSONS_MAX 64         /* customers of one visit, likewise */

struct recorded_event {
    struct tl_str id, origin;           /* as sent */
    struct tl_str called;               /* id in this recording: as sent, or with its origin where two origins say the same */
    int64_t at_ms;
    uint64_t position;
    uint32_t person;
    struct tl_str json;                 /* the event */
};
struct recorded_journey { uint8_t customer[16]; uint32_t person; struct tl_str type; int64_t start_ms, last_ms; };
struct recorded_answer {
    struct tl_str visit;                /* absent: a customer's journey */
    const char *stream;
    uint32_t person_n, persons_left_out;
    struct recorded_journey *journey;   /* by start, then type */
    uint32_t journey_n;
    struct recorded_event *event;       /* in order of time */
    uint32_t event_n, left_out;
    const char *format;                 /* "xes" or "csv" when all came by such a file, which decides what is a step and what is merged; else NULL */
};
/* fold_recorded - ask: visit, or customer and journey with its start (TL_TIME_NONE: the latest of the type). TL_ENOTFOUND. */
int fold_recorded(struct look *k, struct recorded_answer *out, struct tl_err *err);
void render_recorded(struct tl_buf *out, const struct look *k, const struct recorded_answer *a);

#endif
