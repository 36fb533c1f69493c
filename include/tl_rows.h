/* tl_rows.h - the bytes of stored journeys and events (schemas/store.md): journey key and row, event block. Pure: bytes in, structs out. */
#ifndef TL_ROWS_H
#define TL_ROWS_H

#include "tl_err.h"
#include "tl_event.h"
#include "tl_journey.h"
#include "tl_mem.h"

/* ---- journey ---- */
#define TL_JOURNEY_KEY_BYTES 26   /* type u16 BE | day u32 BE, sign bit flipped | customer u64 BE | start u64 BE, sign bit flipped | tag u32 BE */
void tl_rows_journey_key(const struct tl_journey *j, uint8_t key[TL_JOURNEY_KEY_BYTES]);
int tl_rows_journey_key_read(struct tl_str key, struct tl_journey *j);
void tl_rows_journey_put(struct tl_buf *out, const struct tl_journey *j);
/* tl_rows_journey_get - key and row -> j. steps must hold TL_JOURNEY_STEPS_MAX and becomes j->step. 0, TL_ETRUNC, TL_EVERSION. */
int tl_rows_journey_get(struct tl_str key, struct tl_str row, struct tl_step *steps, struct tl_journey *j);

/* The same in two parts, for folds that need few of the rows: everything but the steps (j->step is NULL), then the steps from where *at stands. */
int tl_rows_journey_head(struct tl_str key, struct tl_str row, struct tl_journey *j, struct tl_cur *at);
int tl_rows_journey_steps(struct tl_cur *at, struct tl_step *steps, struct tl_journey *j);

/* ---- event as kept for stitching: every core field but text and props, plus promoted props ---- */
#define TL_KEPT_PROMOTED_MAX 8
#define TL_KEPT_SCORES_MAX 4
struct tl_kept_score { uint32_t kind; int32_t milli; };       /* kind: dictionary number; milli: thousandths */
struct tl_kept_promise { int64_t due_ms; uint32_t what; uint8_t said; };   /* said: TL_PROMISE_*; what: 32 bits of tl_kept_hash, 0 = not said */
enum { TL_PROMISE_DUE = 1, TL_PROMISE_SAID = 2 /* kept or broken */, TL_PROMISE_KEPT = 4 };
struct tl_kept {
    uint64_t id_hash;           /* 48 bits of (origin, id): tl_kept_hash, the same in every store, so that ties are broken alike */
    uint64_t position;          /* in the log: of the earliest copy */
    uint16_t check;             /* 16 bits of the slice: two payloads of one id, and two ids of one hash, are told apart by it and by the fields below */
    uint32_t home;              /* index of its home identity in the customer's identity list */
    uint32_t type, touchpoint;  /* dictionary numbers */
    uint32_t channel, origin, tier, place;      /* dictionary numbers, 0 = none */
    uint8_t stream, lifecycle, outcome, role;   /* enum tl_stream, tl_lifecycle; outcome: 0 none, 1.. as in event.def; enum tl_role */
    uint8_t flags;              /* TL_KEPT_* */
    uint8_t promoted_n, scores_n;
    uint32_t agent;             /* 32 bits of tl_kept_hash; 0 = none, and where no `context` check asks */
    struct tl_kept_promise promise;      /* nothing said where the catalogue has no promises */
    uint32_t picks;             /* the catalogue's conditions that hold: tl_catalogue_picks */
    int64_t time_ms;            /* by the sender's clock; TL_TIME_NONE when not given */
    int64_t skew_ms;            /* received - sent, the least among the copies; under TL_KEPT_SKEW_MS either way 0; TL_TIME_NONE when sent_at was not given */
    int64_t received_ms;        /* the least among the copies; TL_TIME_NONE where it can bear on nothing: time is not after receipt, nor after sent_at (which,
                                 * when absent, must be absent in the whole session: there is none), so no correction can move it behind its receipt */
    uint64_t session, seq;      /* session: tl_kept_hash, 0 = none */
    uint64_t case_hash, order_hash, journey_hash;   /* 0 = none */
    int64_t wait_ms, handle_ms; /* -1 = none */
    struct tl_attr promoted[TL_KEPT_PROMOTED_MAX];
    struct tl_kept_score score[TL_KEPT_SCORES_MAX];            /* the first that the event told */
    int64_t at_ms;              /* corrected time: made by tl_order_events, not stored */
};
enum { TL_KEPT_NO_MERGE = 1 /* a table row or XES event: never merged with its neighbour */, TL_KEPT_HAS_SEQ = 2 };
#define TL_KEPT_SKEW_MS 60000
#define TL_KEPT_ID_MASK UINT64_C(0xFFFFFFFFFFFF)
enum tl_kept_outcome { TL_KO_NONE, TL_KO_OK, TL_KO_FAIL, TL_KO_ABANDONED, TL_KO_TIMEOUT, TL_KO_TRANSFERRED, TL_KO_ESCALATED };
#define TL_BLOCK_BYTES 1900
/* tl_kept_hash - 64 bits of a text under a key that every store shares; never 0. `salt` keeps kinds of text apart. */
uint64_t tl_kept_hash(char salt, struct tl_str a, struct tl_str b);
/* tl_kept_differs - two copies of one id carry different payloads, as far as the kept fields can tell. */
bool tl_kept_differs(const struct tl_kept *a, const struct tl_kept *b);
/* tl_rows_block_put - as many of events[0..n) as fit into one block of TL_BLOCK_BYTES (at least one); returns how many. Greedy: a pure function of
 * the list, which is in log order, so that new events touch the last block only. */
uint32_t tl_rows_block_put(struct tl_buf *out, const struct tl_kept *events, uint32_t n);
/* tl_rows_block_get - appends the block's events to *events (grown with tl_realloc; *n, *cap updated). 0, TL_ETRUNC, TL_EVERSION, TL_ENOMEM. */
int tl_rows_block_get(struct tl_str block, struct tl_kept **events, uint32_t *n, uint32_t *cap);

#endif
