/* alerts.h - from moments that may alert (tl_due.h) to alerts that were raised (tl_alerts.h): each once, whatever the clock, restarts and rebuilds do.
 *
 * A step over ports: the time, and what the store says, come from the caller. Runs on the stitching thread after each round and once a second. The rules:
 * schemas/alerts.md. */
#ifndef ALERTS_H
#define ALERTS_H

#include "tl_alerts.h"
#include "tl_due.h"
#include "tl_err.h"

#define ALERTS_WINDOW_MS (INT64_C(24) * 3600000)    /* a moment that is older when it is first seen alerts nobody */
#define ALERTS_OVER_MS (INT64_C(15) * 60000)          /* a wait that has been over for longer when its limit is first seen alerts nobody: nothing can be done */
#define ALERTS_SILENT_MS (INT64_C(5) * 60000)         /* a source that is silent for longer where its word is wanted is told of itself */

#define ALERTS_EVER INT64_MAX
#define ALERTS_SOURCE_BYTES 128
/* What the store says. Serial: of this opening; another one means that everything is looked at again. */
struct alerts_source {
    void *self;
    uint64_t serial;
    int (*window)(void *self, int64_t from_ms, int64_t to_ms, int (*each)(void *arg, const struct tl_due *d), void *arg, struct tl_err *err);
    int (*get)(void *self, uint64_t id, struct tl_due *out, struct tl_err *err);        /* TL_ENOTFOUND */
    const uint64_t *(*touched)(void *self, uint32_t *n, bool *all);                     /* written or removed since told */
    void (*told)(void *self);
    /* describe - the words of a moment; texts live until describe_done. TL_ENOTFOUND: its customer is gone */
    int (*describe)(void *self, const struct tl_due *d, struct tl_alert *a, struct tl_err *err);
    void (*describe_done)(void *self);
    /* heard - up to when whoever must tell that this wait is over has told everything, and their name:
     * ALERTS_EVER when nobody is asked, TL_TIME_NONE when they never said. 0, or negative: the store cannot be read. */
    int (*heard)(void *self, const struct tl_due *d, int64_t *until_ms, char name[ALERTS_SOURCE_BYTES], struct tl_err *err);
    /* source - the same of a source by name; describe_source - what to say of one that is silent where it is waited for, as describe does */
    int (*source)(void *self, struct tl_str name, int64_t *until_ms, struct tl_err *err);
    int (*describe_source)(void *self, const struct tl_due *d, const char *name, int64_t until_ms, struct tl_alert *a, struct tl_err *err);
};

struct alerts;
struct alerts *alerts_new(struct tl_alerts *store);     /* store is borrowed; NULL: out of memory */
void alerts_free(struct alerts **ap);
/* alerts_look - raise what is due at now_ms, resolve what is no more. Wall time and a clock that only goes forward. Returns how many alerts were raised or
 * changed, or negative: nothing of it was written, and the next look does it. */
int alerts_look(struct alerts *a, const struct alerts_source *src, int64_t now_ms, int64_t mono_us, struct tl_err *err);
/* alerts_say - what a person entered: status open, acknowledged, done. 0, 1 when it changed anything, TL_ENOTFOUND: no such alert. */
struct alerts_said { struct tl_str status, owner, note, actor; int64_t at_ms; };
int alerts_say(struct alerts *a, uint64_t id, const struct alerts_said *said, struct tl_err *err);
/* alerts_spoken_of - ids of alerts that somebody has taken on or closed, until the next call. 0, negative. */
int alerts_spoken_of(struct alerts *a, const uint64_t **id, uint32_t *n, struct tl_err *err);

#endif
