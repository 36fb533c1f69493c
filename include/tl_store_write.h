/* tl_store_write.h - journeys/ for its one writer, stitching. Layout: schemas/store.md.
 *
 * One transaction at a time. What changes is gathered and written in key order at commit, so that a round touches each page once. Equal content is
 * never written again. After a failed call abort: memory then stands where the last commit left it. */
#ifndef TL_STORE_WRITE_H
#define TL_STORE_WRITE_H

#include "tl_err.h"
#include "tl_journey.h"
#include "tl_mem.h"
#include "tl_profile.h"
#include "tl_rows.h"
#include "tl_store.h"

#define TL_WORDS_MAX (1u << 20)      /* a further word counts as TL_WORD_OTHER */
#define TL_WORD_OTHER "(other)"

struct tl_store_head {               /* read and changed freely between begin and commit */
    uint8_t log[16];                 /* the log it was made from */
    char catalogue[33];
    char zone[64];
    char region[3];                  /* of phone numbers without country code (tl_phone.h) */
    uint64_t position;               /* log position reached */
    uint64_t next_customer;          /* the number that the next customer gets; from 1 */
    uint64_t customers, events, journeys;   /* journeys: rows of type `all` */
    int64_t newest_event_ms, newest_live_ms;
    /* where every position below `position` went, with events: those kept */
    bool tallied;                    /* false: made by a program that did not count */
    uint64_t duplicates, refused, suppressed, controls;
    uint64_t key_check;              /* of the identity key it was made with: under another one nobody would be found again */
    uint64_t notes;                  /* position of the latest kept control record */
    uint64_t catalogue_at, catalogue_due;   /* as in tl_store_meta */
    uint64_t heartbeats;             /* a fifth place where a position went */
    uint64_t sources;                /* watermarks kept */
};

struct tl_store_w;
/* open - the current store, TL_ENOTFOUND when there is none; folders of others are removed. make - an empty one beside it, not synced until swing, where it becomes current. */
int tl_store_w_open(struct tl_store_w **out, const char *journeys_dir, struct tl_err *err);
int tl_store_w_make(struct tl_store_w **out, const char *journeys_dir, const struct tl_store_head *head, struct tl_err *err);
void tl_store_w_close(struct tl_store_w **wp);
/* swing - all on disk, `current` names this store, folders of other stores are removed. The handle is closed, on failure too. */
int tl_store_w_swing(struct tl_store_w **wp, struct tl_err *err);
/* discard - close and remove the folder */
void tl_store_w_discard(struct tl_store_w **wp);
uint64_t tl_store_w_bytes(struct tl_store_w *w);
struct tl_store_head *tl_store_w_head(struct tl_store_w *w);

void tl_store_w_tend(struct tl_store_w *w, int64_t now_us);     /* between rounds: forgets readers that died, tells how old the oldest open one is (A_JOURNEYS_READER_MS) */
int tl_store_w_begin(struct tl_store_w *w, struct tl_err *err);
int tl_store_w_commit(struct tl_store_w *w, struct tl_err *err);    /* TL_ENOSPC after the map has grown: run the round again */
void tl_store_w_abort(struct tl_store_w *w);
struct tl_store_txn *tl_store_w_txn(struct tl_store_w *w);          /* for the read functions of tl_store.h */

/* catalogue_put - between begin and commit: the catalogue it is made with, and both positions of the head */
int tl_store_w_catalogue_put(struct tl_store_w *w, const struct tl_store_catalogue *c, struct tl_err *err);

/* ---- words ---- */
uint32_t tl_store_w_word(struct tl_store_w *w, struct tl_str word);         /* its number, given now when new; 0 for an absent or empty word */
void tl_store_w_lifecycle(struct tl_store_w *w, uint32_t touchpoint, unsigned lifecycle);

/* ---- identities ---- */
int tl_store_w_ident(struct tl_store_w *w, const uint8_t hash[16], uint64_t *number, struct tl_err *err);      /* TL_ENOTFOUND */
int tl_store_w_ident_put(struct tl_store_w *w, const uint8_t hash[16], uint64_t number, struct tl_err *err);
/* tie_put - the latest word on this pair, in both directions; earlier ones become its trail (tl_store_said) */
int tl_store_w_tie_put(struct tl_store_w *w, const uint8_t a[16], const uint8_t b[16], enum tl_tie tie, uint64_t position, struct tl_err *err);
int tl_store_w_ties(struct tl_store_w *w, int (*each)(void *arg, const uint8_t a[16], const uint8_t b[16], enum tl_tie tie, uint64_t position), void *arg, struct tl_err *err);

/* ---- customers ---- */
int tl_store_w_profile(struct tl_store_w *w, uint64_t customer, struct tl_arena *a, struct tl_profile *p, struct tl_err *err);   /* TL_ENOTFOUND */
int tl_store_w_profile_put(struct tl_store_w *w, uint64_t customer, const struct tl_profile *p, struct tl_err *err);
/* kept events in log order; block[i] is the index of the i-th block's first event */
struct tl_store_kept { struct tl_kept *event; uint32_t n, cap; uint32_t *block; uint32_t block_n, block_cap; };
void tl_store_kept_free(struct tl_store_kept *k);
int tl_store_w_events(struct tl_store_w *w, uint64_t customer, struct tl_store_kept *k, struct tl_err *err);   /* appends: none is 0 */
/* events_put - event[0..n) in log order; those before `same` are as stored, in the blocks that old_block[0..old_block_n) name. */
int tl_store_w_events_put(struct tl_store_w *w, uint64_t customer, const struct tl_kept *event, uint32_t n, uint32_t same, const uint32_t *old_block, uint32_t old_block_n,
                          struct tl_err *err);
int tl_store_w_customer_del(struct tl_store_w *w, uint64_t customer, struct tl_err *err);    /* profile and blocks */

/* ---- journeys: rows go out at commit, day revisions with them ---- */
uint64_t tl_store_row_hash(const uint8_t key[TL_JOURNEY_KEY_BYTES], struct tl_str row);
int tl_store_w_row_put(struct tl_store_w *w, const uint8_t key[TL_JOURNEY_KEY_BYTES], struct tl_str row, uint64_t hash, struct tl_err *err);
int tl_store_w_row_del(struct tl_store_w *w, const uint8_t key[TL_JOURNEY_KEY_BYTES], uint64_t hash, struct tl_err *err);
/* row_replace - the same key with another row */
int tl_store_w_row_replace(struct tl_store_w *w, const uint8_t key[TL_JOURNEY_KEY_BYTES], struct tl_str row, uint64_t was, uint64_t hash, struct tl_err *err);

/* ---- refused: 0, or 1 when that payload stood there before ---- */
int tl_store_w_refuse(struct tl_store_w *w, uint64_t id_hash, uint64_t slice_hash, enum tl_reason reason, uint64_t position, struct tl_err *err);

/* ---- kept control records: by last_position and last_ms, which n has; those of the first record are filled in ---- */
int tl_store_w_note_put(struct tl_store_w *w, struct tl_note *n, struct tl_err *err);
/* tl_store_w_note - as written so far: kind, id, what is under them copied into the arena; first_position 0 when there is none. 0, TL_ENOMEM, or of the store */
int tl_store_w_note(struct tl_store_w *w, struct tl_str kind, struct tl_str id, struct tl_arena *a, struct tl_note *n, struct tl_err *err);
/* tl_store_w_notes - as last committed: tl_store_notes */
int tl_store_w_notes(struct tl_store_w *w, const char *kind, int (*each)(void *arg, const struct tl_note *n), void *arg, struct tl_err *err);

/* ---- stretches of TL_SPAN_POSITIONS log positions: the earliest and the latest of their events, each as if alone in its session (tl_order_own_ms) ---- */
#define TL_SPAN_POSITIONS 16384u
struct tl_span { int64_t from_ms, to_ms; };
int tl_store_w_span(struct tl_store_w *w, uint32_t stretch, struct tl_span *s, struct tl_err *err);           /* TL_ENOTFOUND: no event there */
int tl_store_w_span_put(struct tl_store_w *w, uint32_t stretch, struct tl_span add, struct tl_err *err);      /* widens what is there */

/* ---- watermarks: the largest said so far stays. 1: of a name beyond TL_WATERMARKS_MAX, not kept ---- */
int tl_store_w_watermark_put(struct tl_store_w *w, const struct tl_watermark *told, struct tl_err *err);

/* ---- bulk: keys come in ascending order, nothing is read back ---- */
void tl_store_w_bulk(struct tl_store_w *w, bool on);
/* row_append - a row whose day revision has been counted with tl_store_w_day */
int tl_store_w_row_append(struct tl_store_w *w, const uint8_t key[TL_JOURNEY_KEY_BYTES], struct tl_str row, struct tl_err *err);
int tl_store_w_day(struct tl_store_w *w, uint16_t type, int32_t day, uint64_t revision, int64_t journeys, struct tl_err *err);

#endif
