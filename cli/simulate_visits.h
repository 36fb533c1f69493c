/* simulate_visits.h - the demo's mystery visits: sent, and registered before (round 0), during (1) and after (2) they happened; and its improvements, entered. */
#ifndef CLI_SIMULATE_VISITS_H
#define CLI_SIMULATE_VISITS_H

#include "send.h"
#include "session.h"
#include "tea_visits.h"

struct visiting {
    struct session *session;
    struct sender *sender;
    struct tea_story *story;
    int64_t *told_ms;           /* events up to here are not sent: simulate's own mark, moved for the round that is registered half way */
    int days;                   /* of the demo: a later visit or improvement is not told */
    bool fresh;                 /* nothing was told before: records are entered */
};
/* The parts in order. 0, or negative: err says why. */
int simulate_improvements(struct visiting *v, struct tl_err *err);
int simulate_before(struct visiting *v, struct tl_err *err);        /* round 0 is registered */
int simulate_visits(struct visiting *v, struct tl_err *err);        /* every visit's events, the other rounds */

#endif
