/* fold_store.h - what a fold reads: journeys/, log/ and the catalogue, opened when they appear, opened anew when they are swung or changed. */
#ifndef FOLD_STORE_H
#define FOLD_STORE_H

#include <pthread.h>
#include "tl_alerts.h"
#include "tl_catalogue.h"
#include "tl_eventlog.h"
#include "tl_hash.h"
#include "tl_store.h"

struct fold_store {
    struct tl_store *store;
    uint64_t generation;        /* another number for every opening: part of a partial's name */
    int held;
    /* touchpoints met so far, and whether they have both start and complete: what the default lifecycle hangs on */
    pthread_mutex_t lock;
    uint8_t *both;              /* by dictionary number: 0 not met, 1 no, 2 yes */
    uint32_t both_n;
    uint64_t both_position;     /* store position at which they were all read */
    uint64_t both_mark;         /* hash of the set of yes */
};
struct fold_catalogue {
    struct tl_catalogue *catalogue;
    uint64_t at;                /* log position of its activation; 0: from DATA/catalogue */
    int64_t activated_ms;       /* TL_TIME_NONE when at is 0 */
    int held;
};

struct fold_stores {
    char *data;
    pthread_mutex_t lock;
    struct fold_store *store;           /* the one that new looks get; NULL: none yet */
    struct fold_catalogue *catalogue;
    struct tl_eventlog *log;
    struct tl_alerts *alerts;
    uint64_t generations;
    int64_t catalogue_tried_ms;
    uint64_t catalogue_of;      /* catalogue_at of the store when it was tried */
    uint8_t key[TL_KEY_BYTES];
    bool has_key;
};
int fold_stores_init(struct fold_stores *s, const char *data, struct tl_err *err);
void fold_stores_done(struct fold_stores *s);
/* fold_stores_hold - the current store (*out NULL when there is none yet). Let go of it again. TL_E* when it is there and cannot be opened. */
int fold_stores_hold(struct fold_stores *s, struct fold_store **out, struct tl_err *err);
void fold_stores_let_go(struct fold_stores *s, struct fold_store *st);
/* fold_stores_catalogue - the version that the store was made with, as it keeps it; without a store, or in one of an older program, that of DATA/catalogue (read
 * again at most once a second). t may be NULL: there is no store. */
int fold_stores_catalogue(struct fold_stores *s, struct tl_store_txn *t, const struct tl_store_meta *m, int64_t now_ms, struct fold_catalogue **out, struct tl_err *err);
void fold_stores_catalogue_let_go(struct fold_stores *s, struct fold_catalogue *c);
struct tl_eventlog *fold_stores_log(struct fold_stores *s);
struct tl_alerts *fold_stores_alerts(struct fold_stores *s);
const uint8_t *fold_stores_key(struct fold_stores *s);

/* ---- the default lifecycle ---- */
uint64_t fold_store_both_mark(struct fold_store *st, struct tl_store_txn *t, uint64_t position);
bool fold_store_both(struct fold_store *st, struct tl_store_txn *t, uint32_t touchpoint);

#endif
