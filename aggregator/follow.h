/* follow.h - stitching: follows the log at its own pace and keeps journeys/ in step. One thread; the only writer of journeys/.
 *
 * A round takes what is new (bounded by limits), gives dictionary numbers and resolves identities in log order, makes the journeys of the touched
 * customers again, and commits them with the log position reached. Position beyond the log's end, another log id, another catalogue, another time zone,
 * or an `undo` record: the store is built again beside the live one, and swung to. */
#ifndef FOLLOW_H
#define FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "tl_conf.h"
#include "tl_err.h"
#include "tl_eventlog.h"

struct follow;
struct follow_limits {
    uint32_t events_max;        /* 0: 50,000 */
    uint32_t customers_max;     /* touched in one round; 0: 5,300, about 16,000 pages */
    int64_t round_ms;           /* takes in new events for at most this long; 0: 500 */
};
/* Told now and then while a store is built; a negative return stops it. phase: "read", "sort", "write". done of total events. */
typedef int (*follow_progress)(void *arg, const char *phase, uint64_t done, uint64_t total);

/* follow_open - opens DATA/journeys/current for writing, making an empty store when there is none; with the catalogue that holds (version.h)
 * and DATA/keys/identity.key (made).
 * log is borrowed until close. Does not rebuild: follow_wants_rebuild says why one is due, and follow_round does it by itself. */
int follow_open(struct follow **out, const char *data, const struct tl_conf *conf, struct tl_eventlog *log, struct tl_err *err);
void follow_close(struct follow **fp);
/* follow_round - one round and its commit. Returns the positions taken (0: nothing new), or negative: nothing of the round was written. */
int64_t follow_round(struct follow *f, const struct follow_limits *limits, struct tl_err *err);
const char *follow_wants_rebuild(struct follow *f);     /* NULL when the store fits the log */
/* follow_rebuild - build journeys.<n+1>/ from the log, follow to its end, swing `current`, remove the old. */
int follow_rebuild(struct follow *f, follow_progress progress, void *arg, struct tl_err *err);
uint64_t follow_position(const struct follow *f);       /* events below it are stitched; readable from any thread */
/* follow_totals - where the positions below `position` went, as the store has it; any thread. position - 1 = stitched + the others. */
struct follow_totals { uint64_t position, stitched, duplicates, refused, suppressed, controls, heartbeats; };
void follow_totals(struct follow *f, struct follow_totals *out);
/* follow_catalogue - the version of the live store, and the one that was activated after it and is on its way; any thread */
struct follow_catalogue {
    char hash[33], due_hash[33];    /* due_hash: "" when none is due */
    uint64_t at, due;               /* log positions; at 0: from DATA/catalogue */
    int64_t time_ms;                /* of the activation; TL_TIME_NONE */
    char trouble[TL_ERR_TEXT_BYTES];/* why what is due could not be made yet; tried again */
};
void follow_catalogue(struct follow *f, struct follow_catalogue *out);
bool follow_rebuilding(const struct follow *f);         /* readable from any thread */
/* follow_store, follow_rules_of - the live store (NULL while none is open) and its rules, on the stitching thread alone, until the next round or rebuild */
struct tl_store_w;
struct tl_catalogue;
struct tl_store_w *follow_store(struct follow *f);
const struct tl_catalogue *follow_rules_of(const struct follow *f);
const char *follow_zone(const struct follow *f);         /* name of the store's time zone; any thread */

/* follow_scratch - journeys of the log's positions below `until` by the catalogue in DIR/catalogue, into DIR/journeys: to be looked at beside the live ones, whose
 * folder is not touched. The log may be open for reading only. Needs about as much disk as a rebuild, and asks for it first. */
struct follow_scratch {
    const char *dir;            /* holds catalogue/ and keys/identity.key */
    const char *zone;           /* of days */
    const char *region;         /* of phone numbers without country code */
    uint64_t until;             /* > 0 */
};
int follow_scratch(const struct follow_scratch *s, struct tl_eventlog *log, follow_progress progress, void *arg, struct tl_err *err);

#endif
