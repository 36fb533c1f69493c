/* tl_store.h - journeys/: the derived store. One writer (stitching), any readers. Layout: schemas/store.md. What lies above is blind to it.
 *
 * DATA/journeys/current names the live folder; a rebuild makes the next one beside it and swings. A reader notices with tl_store_stale. */
#ifndef TL_STORE_H
#define TL_STORE_H

#include "tl_err.h"
#include "tl_identity.h"
#include "tl_journey.h"
#include "tl_mem.h"
#include "tl_note.h"
#include "tl_profile.h"
#include "tl_rows.h"

struct tl_store;
struct tl_store_txn;

int tl_store_open_read(struct tl_store **out, const char *journeys_dir, struct tl_err *err);    /* the current one; TL_ENOTFOUND when there is none yet, TL_EVERSION: another format, or not all of the databases */
void tl_store_close(struct tl_store **sp);
bool tl_store_stale(struct tl_store *s);          /* `current` names another folder now: close and open again */
const char *tl_store_timezone(const struct tl_store *s);

/* ---- read transactions: short; every view below dies with them ---- */
int tl_store_begin(struct tl_store *s, struct tl_store_txn **out, struct tl_err *err);
void tl_store_end(struct tl_store_txn **tp);
/* tl_store_trouble - look-ups that return no code (words, lifecycles, tl_store_is_shared) say "unknown" for what cannot be read too. 0, or what the first of them
 * in this transaction met: then an answer made of them is none. TL_EIO, TL_ECORRUPT, TL_ENOMEM. */
int tl_store_trouble(const struct tl_store_txn *t, struct tl_err *err);
struct tl_store_meta {
    uint64_t position;          /* log position reached: events below it are stitched */
    char catalogue[33];
    char region[3];             /* of phone numbers without country code: tl_region_of */
    int64_t newest_event_ms;    /* newest corrected time of any event; TL_TIME_NONE when empty */
    int64_t newest_live_ms;     /* newest received_at of an event that no import run brought; TL_TIME_NONE when none */
    uint64_t customers, events, journeys;
    uint64_t notes;             /* log position of the latest kept control record, 0 without: equal when all of them are */
    uint64_t catalogue_at;      /* log position of the record that activated the catalogue it was made with; 0: it came from DATA/catalogue */
    uint64_t catalogue_due;     /* of the latest such record: another one than catalogue_at means that journeys are being made with that one */
};
int tl_store_meta(struct tl_store_txn *t, struct tl_store_meta *m, struct tl_err *err);
/* tl_store_catalogue - what the store was made with; views. TL_ENOTFOUND: made by an older program. */
struct tl_store_catalogue {
    uint64_t at;                /* 0: from DATA/catalogue */
    int64_t time_ms;            /* Unix ms of the activation; TL_TIME_NONE when at is 0 */
    struct tl_str actor;        /* who activated it */
    struct tl_str body;         /* the record's body: {"files":[{"name","text"}],...} */
};
int tl_store_catalogue(struct tl_store_txn *t, struct tl_store_catalogue *c, struct tl_err *err);

/* words <-> numbers; number 0 is no word */
uint32_t tl_store_word_number(struct tl_store_txn *t, struct tl_str word);                     /* 0 when unknown */
struct tl_str tl_store_word(struct tl_store_txn *t, uint32_t number);                          /* {NULL,0} when unknown; view */
uint32_t tl_store_words_n(struct tl_store_txn *t);
/* bit set of lifecycles (1 << enum tl_lifecycle) ever seen at a touchpoint: what "default complete where it has both" needs */
uint32_t tl_store_lifecycles(struct tl_store_txn *t, uint32_t touchpoint);

/* ---- days: revision changes in the transaction that changes a row of the day, and is equal again when the rows are equal again ---- */
struct tl_store_day { int32_t day; uint64_t revision; uint32_t journeys; };
/* each day of a type within [from, to], ascending */
int tl_store_days(struct tl_store_txn *t, uint16_t type, int32_t from, int32_t to, int (*each)(void *arg, const struct tl_store_day *d), void *arg, struct tl_err *err);
/* tl_store_journeys - rows of one type and day in key order; raw views: decode with tl_rows_journey_get, which is the hot loop of every fold. */
int tl_store_journeys(struct tl_store_txn *t, uint16_t type, int32_t day, int (*each)(void *arg, struct tl_str key, struct tl_str row), void *arg, struct tl_err *err);

/* ---- customers ---- */
struct tl_store_link { uint8_t a[16], b[16]; bool cut; bool manual; uint32_t told_n; uint64_t first_position; };   /* cut: b may be another customer's now; told_n: arrivals that tell of it */
struct tl_customer {
    uint64_t number;
    uint8_t hash[16];           /* canonical: smallest identity hash of the customer; what URLs show */
    uint64_t events;
    int64_t first_ms, last_ms;
    bool refused;               /* not all events were taken: tl_store_refused */
    struct tl_store_identity *identity; uint32_t identity_n;     /* in the arena */
    struct tl_store_link *link; uint32_t link_n;
    struct { uint8_t key[TL_JOURNEY_KEY_BYTES]; } *journey; uint32_t journey_n;
    const struct tl_profile_outcome *outcome; uint32_t outcome_n;
};
/* by number, or by any identity: tl_identity_hash of its tl_identity_normal value under the store's key. TL_ENOTFOUND. */
int tl_store_customer(struct tl_store_txn *t, uint64_t number, struct tl_arena *a, struct tl_customer *c, struct tl_err *err);
/* tl_store_profile - what is kept of a customer, without more look-ups; lists in the arena. TL_ENOTFOUND. */
int tl_store_profile(struct tl_store_txn *t, uint64_t number, struct tl_arena *a, struct tl_profile *p, struct tl_err *err);
int tl_store_customer_by_hash(struct tl_store_txn *t, const uint8_t hash[16], uint64_t *number, struct tl_err *err);
/* customers by number above `after`, up to limit */
int tl_store_customers(struct tl_store_txn *t, uint64_t after, uint32_t limit, int (*each)(void *arg, uint64_t number), void *arg, struct tl_err *err);
/* all events of a customer in order, at_ms filled with the corrected time; returns owned in *events (tl_free) */
int tl_store_events(struct tl_store_txn *t, uint64_t customer, struct tl_kept **events, uint32_t *n, struct tl_err *err);
int tl_store_journey(struct tl_store_txn *t, struct tl_str key, struct tl_step *steps, struct tl_journey *j, struct tl_err *err);

/* ---- what people said of pairs of identities: control records `link` and `unlink`, the latest of a pair holds (tl_store_ties.c) ---- */
#define TL_TIE_TRAIL_MAX 32             /* records of one pair that are kept by position, the latest ones */
enum tl_tie { TL_TIE_NONE, TL_TIE_CUT, TL_TIE_LINK, TL_TIE_SHARED /* of an identity with itself: it is everybody's */ };
struct tl_store_said {
    uint8_t other[16];                  /* the identity at the other end */
    enum tl_tie tie;
    uint64_t position;                  /* of the record */
    bool holds;                         /* the latest of its pair */
    uint64_t earlier;                   /* records of the pair before those that are kept; told with the oldest kept */
};
/* tl_store_said - each record on a pair that this identity is of, pair by pair, a pair's latest first */
int tl_store_said(struct tl_store_txn *t, const uint8_t hash[16], int (*each)(void *arg, const struct tl_store_said *s), void *arg, struct tl_err *err);

/* ---- identities that are everybody's: what events tell ties them to nobody (aggregator/identify.h) ---- */
#define TL_SHARED_HOMES_MAX 20          /* told with more homes than that */
#define TL_SHARED_OTHERS_MAX 1000       /* or as home with more others */
struct tl_store_shared { uint8_t hash[16]; uint64_t position; };      /* position: of the link that was one too many */
int tl_store_shared(struct tl_store_txn *t, int (*each)(void *arg, const struct tl_store_shared *s), void *arg, struct tl_err *err);
bool tl_store_is_shared(struct tl_store_txn *t, const uint8_t hash[16]);

/* ---- control records that are kept (tl_note.h): those not withdrawn, by id; views ---- */
int tl_store_notes(struct tl_store_txn *t, const char *kind, int (*each)(void *arg, const struct tl_note *n), void *arg, struct tl_err *err);
/* tl_store_note - one, withdrawn or not; TL_ENOTFOUND */
int tl_store_note(struct tl_store_txn *t, const char *kind, struct tl_str id, struct tl_note *n, struct tl_err *err);

/* ---- watermarks: how far a source has told everything, by its heartbeats. Silence of a source is not behaviour of a customer ---- */
#define TL_WATERMARK_NAME_MAX 240
#define TL_WATERMARKS_MAX 65536         /* names; heartbeats of further ones are counted and not kept */
struct tl_watermark {
    struct tl_str name;         /* the origin; `origin@place` of heartbeats that name a place; view */
    int64_t until_ms;           /* everything up to then is told */
    int64_t heard_ms;           /* newest receipt of a heartbeat */
};
/* tl_store_watermarks - of every source that ever sent a heartbeat, by name */
int tl_store_watermarks(struct tl_store_txn *t, int (*each)(void *arg, const struct tl_watermark *m), void *arg, struct tl_err *err);
/* tl_store_watermark - 0; TL_ENOTFOUND: it never sent one, m holds TL_TIME_NONE */
int tl_store_watermark(struct tl_store_txn *t, struct tl_str name, struct tl_watermark *m);

/* ---- what stitching could not take: another payload under an id that is kept, or beyond a customer's events ---- */
struct tl_store_refused { uint64_t position; enum tl_reason reason; };   /* who: the event at that position says */
int tl_store_refused(struct tl_store_txn *t, int (*each)(void *arg, const struct tl_store_refused *r), void *arg, struct tl_err *err);

/* tl_store_prove - reads every value against its checksum, a few at a time. each (may be NULL) is told how many were read so far; non-zero ends it. 0, TL_ECORRUPT. */
int tl_store_prove(struct tl_store *s, int (*each)(void *arg, uint64_t values), void *arg, struct tl_err *err);

#endif
