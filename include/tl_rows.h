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

/* ---- event as kept for stitching: every core field but text and props, plus promoted props ---- */
#define TL_KEPT_PROMOTED_MAX 8
struct tl_kept {
    uint64_t id_hash;           /* keyed hash of (origin, id) */
    uint64_t slice_hash;        /* of the whole event: decides between two payloads of one id */
    uint64_t position;          /* in the log */
    uint32_t home;              /* dictionary-free: index of its home identity in the customer's identity list */
    uint32_t type, touchpoint;  /* dictionary numbers */
    uint16_t channel, origin, tier, place;   /* dictionary numbers, 0 = none */
    uint8_t stream, lifecycle, outcome, role;   /* role: enum tl_role */
    uint8_t flags;              /* TL_KEPT_* */
    int64_t time_ms;            /* by the sender's clock; TL_TIME_NONE when not given */
    int64_t sent_ms;            /* TL_TIME_NONE when not given */
    int64_t received_ms;
    uint64_t session, seq;      /* session: 64-bit hash, 0 = none */
    uint64_t case_hash, order_hash, journey_hash;   /* 0 = none */
    int64_t wait_ms, handle_ms; /* -1 = none */
    struct tl_attr promoted[TL_KEPT_PROMOTED_MAX];
    uint32_t promoted_n;
    int64_t at_ms;              /* corrected time: made in stitch, not stored */
};
enum { TL_KEPT_NO_MERGE = 1 /* a table row or XES event: never merged with its neighbour */, TL_KEPT_HAS_SEQ = 2 };
#define TL_BLOCK_BYTES 1900
/* tl_rows_block_put - as many of events[0..n) as fit into one block of TL_BLOCK_BYTES (at least one); returns how many. Greedy: a pure function of the list. */
uint32_t tl_rows_block_put(struct tl_buf *out, const struct tl_kept *events, uint32_t n);
/* tl_rows_block_get - appends the block's events to *events (grown with tl_realloc; *n, *cap updated). 0, TL_ETRUNC, TL_EVERSION, TL_ENOMEM. */
int tl_rows_block_get(struct tl_str block, struct tl_kept **events, uint32_t *n, uint32_t *cap);

#endif
