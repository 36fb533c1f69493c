/* replay_send.h - recordings sent with their own timing: one schedule of all their events, walked along a monotonic clock.
 *
 * Event i of a recording is due (time of i - time of the first) / speed after the start; at full speed everything is due at once. What is due together goes in one
 * body. Nothing waits for an answer but the end, so that a slow collector does not move what comes after. */
#ifndef CLI_REPLAY_SEND_H
#define CLI_REPLAY_SEND_H

#include <stdio.h>
#include "recording.h"
#include "send.h"

struct replay_pace {
    double speed;                        /* 60: an hour in a minute; 0: as fast as it goes */
    bool shift_now;                      /* the last event happens when it is sent */
    FILE *schedule;                      /* a line of JSON for each event: planned and sent; may be NULL */
};
struct replay_sent {
    int64_t *shift_ms;                   /* by recording; owned */
    uint64_t events, refused, late_n;    /* late_n: sent more than 50 ms after they were due */
    int64_t late_most_us;
    bool stopped;                        /* by a signal: what was sent by then stays */
};
#define REPLAY_LATE_US 50000

/* replay_speed - "1x", "60x", "0.5x", "max". 0, TL_EINVAL. */
int replay_speed(const char *text, double *speed, struct tl_err *err);
/* replay_send - all of list[0..n) through the sender, which is flushed. 0 also when it was stopped. */
int replay_send(const struct recording *list, uint32_t n, const struct replay_pace *pace, struct sender *s, struct replay_sent *out, struct tl_err *err);
void replay_sent_free(struct replay_sent *s);

#endif
