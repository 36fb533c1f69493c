/* fold.h - everything shown is a fold over journey rows. This is the engine: stores opened read-only, partials per day, sums of months.
 *
 * A look is one question against the store as it is now: begin, fold as often as wanted, end. Each day partial is folded in its own read transaction;
 * after the last day, days whose revision moved meanwhile are folded again, three rounds at most. Stores that do not exist yet answer as empty ones,
 * and are picked up when they appear; a store swung to another folder is opened anew. Thread-safe: any number of looks at once. */
#ifndef FOLD_H
#define FOLD_H

#include "analysis/analysis.h"
#include "analysis/behind.h"
#include "ask.h"
#include "fold_cache.h"
#include "sieve.h"
#include "tl_alerts.h"
#include "tl_catalogue.h"
#include "tl_eventlog.h"
#include "tl_store.h"

#define FOLD_ARENA_BYTES (256u << 20)   /* of one answer, at most */

struct fold;
struct fold_store;                      /* a journeys/ opened, counted by the looks at it */
struct fold_catalogue;

struct look {
    struct fold *fold;
    const struct ask *ask;
    struct tl_arena *arena;             /* of the answer */
    struct fold_store *held;
    struct tl_store *store;             /* NULL: there is none yet */
    struct fold_catalogue *held_catalogue;
    const struct tl_catalogue *catalogue;   /* the version that the store was made with */
    int64_t activated_ms;               /* of that version; TL_TIME_NONE: never activated, it came from DATA/catalogue */
    struct tl_store_meta meta;
    int64_t now_ms, as_of_ms, lag_ms;
    int type;                           /* index in the catalogue */
    uint16_t type_word;                 /* 0: the store has no journey of it */
    int model;                          /* index in the catalogue, -1 = none */
    struct sieve sieve;
    struct tl_zone *zone;               /* the store's; NULL until fold_zone was asked */
};

/* fold_new - data: the folder of the store, which may not exist yet. returns owned. */
int fold_new(struct fold **out, const char *data, size_t cache_bytes, struct tl_err *err);
void fold_free(struct fold **fp);
/* fold_look - TL_ENOTFOUND: unknown journey type, err names the known ones; TL_EINVAL: unknown filter or model, likewise. a: borrowed, bounds the answer. */
int fold_look(struct fold *f, const struct ask *ask, int64_t now_ms, struct tl_arena *a, struct look *k, struct tl_err *err);
void fold_look_end(struct look *k);
/* fold_run - the sum over the days asked: (*sum)->part, held in the cache until fold_run_done, which accepts NULL */
int fold_run(struct look *k, const struct analysis *an, const struct analysis_arg *arg, struct fold_part **sum, struct tl_err *err);
void fold_run_done(struct look *k, struct fold_part *sum);

/* ---- pieces for the answers ---- */
/* fold_day - every journey asked about that starts on `day`, in key order: each(arg, key, j, end). One read transaction. */
typedef int (*fold_each)(void *arg, struct tl_str key, const struct tl_journey *j, enum tl_end end);
int fold_day(struct look *k, int32_t day, fold_each each, void *arg, struct tl_err *err);
/* fold_days - the days that have journeys of the type, within the ones asked, ascending; in the arena */
int fold_days(struct look *k, struct tl_store_day **day, uint32_t *n, struct tl_err *err);
struct tl_str fold_word(struct look *k, struct tl_store_txn *t, uint32_t number);       /* a copy in the arena; "" when unknown */
uint32_t fold_number(struct look *k, struct tl_str word);                               /* 0 when the store does not have it */
/* fold_stamp - all that an answer hangs on besides its address: the store as it is now, its catalogue, and the moment judged at */
void fold_stamp(const struct look *k, struct tl_buf *out);
/* fold_zone - the store's time zone, UTC without a store: k->zone, which lives as long as the look */
int fold_zone(struct look *k, struct tl_err *err);
struct tl_eventlog *fold_log(struct fold *f);                                           /* NULL: there is none yet */
struct tl_alerts *fold_alerts_open(struct fold *f);                                    /* NULL: there are none yet */
const uint8_t *fold_key(struct fold *f);                                                /* the store's secret, NULL: there is none yet */
const char *fold_data(const struct fold *f);
/* fold_title - the catalogue's title of a touchpoint, its id where it has none */
struct tl_title fold_title(const struct look *k, struct tl_str touchpoint);

#endif
