/* pace.h - the stitching thread: runs rounds while there is news, builds the journeys anew when asked or needed, and says how far it is. */
#ifndef PACE_H
#define PACE_H

#include "tl_err.h"
#include "tl_mem.h"

/* Told now and then while the journeys are built anew; a negative return stops it. */
typedef int (*pace_progress)(void *arg, const char *phase, uint64_t done, uint64_t total);

/* What the thread does. Called on it alone, but for position. */
struct pace_work {
    void *self;
    int64_t (*round)(void *self, struct tl_err *err);           /* positions taken, 0 nothing new, negative: nothing was written */
    const char *(*wants_rebuild)(void *self);                   /* why, or NULL */
    int (*rebuild)(void *self, pace_progress progress, void *arg, struct tl_err *err);
    uint64_t (*position)(void *self);                           /* any thread: positions below it are stitched */
};

struct pace_state {
    bool rebuilding;                    /* or asked for */
    char phase[24];
    uint64_t done, total;
    char trouble[TL_ERR_TEXT_BYTES];    /* why the last round failed, "" when it did not */
};

struct pace;
int pace_start(struct pace **out, const struct pace_work *work, struct tl_err *err);   /* work is copied */
void pace_wake(struct pace *p);                         /* there is news in the log; any thread, as all below */
void pace_ask_rebuild(struct pace *p);
void pace_look(struct pace *p, struct pace_state *st);
/* pace_stop - after tl_run_stop: wait until the round has ended, at most wait_s. false: it has not, and the process ends without it. */
bool pace_stop(struct pace *p, int wait_s);

#endif
