/* tl_wire.h - TLP/1: the frames between collector and aggregator, and the payload of a batch. The contract is schemas/wire.md.
 *
 *   F0 "TL1" + type byte | F1 fixed 64-byte big-endian head | F2 payload (BATCH only)
 *   payload = version u8 (1) | kind u8 | varint n | n items:  kind E: tl_event_encode;  kind Q: tl_wire_refused */
#ifndef TL_WIRE_H
#define TL_WIRE_H

#include "tl_err.h"
#include "tl_event.h"
#include "tl_mem.h"

#define TL_WIRE_HEAD_BYTES 64
#define TL_WIRE_BATCH_MAX (1024 * 1024)     /* F2, and so a spool record, at most */
#define TL_WIRE_REFUSED_BYTES_MAX 65536     /* kept bytes of one quarantined item; else head, length, hash */
#define TL_WIRE_RAW_MAX (16u * 1024 * 1024)    /* a payload before its codec, at most */
#define TL_WIRE_PAYLOAD_VERSION 1
#define TL_WIRE_PREFIX_BYTES 5               /* version, kind, count as a varint padded to three bytes */

enum tl_wire_type { TL_HELLO = 'H', TL_WELCOME = 'W', TL_BATCH = 'B', TL_ACK = 'A', TL_RESYNC = 'R', TL_REJECT = 'J', TL_BYE = 'Y' };
enum { TL_CODEC_RAW = 0, TL_CODEC_ZSTD = 1 };
enum { TL_KIND_EVENTS = 'E', TL_KIND_QUARANTINE = 'Q' };
enum tl_wire_reject { TL_REJECT_VERSION = 1, TL_REJECT_UNKNOWN_COLLECTOR = 2, TL_REJECT_GAP = 3, TL_REJECT_DAMAGED = 4 };

/* F1. Meaning of the numbers by type:
 *   HELLO   seq = last durable, n_events = 0, aux = first available seq
 *   WELCOME seq = hwm (last committed), aux = credit_bytes, n_events = credit_batches
 *   BATCH   seq = its own; n_events, raw_len (of the payload before codec), crc (of F2)
 *   ACK     seq = hwm, aux = credit_bytes (0 = stop), n_events = credit_batches
 *   RESYNC  seq = hwm;   REJECT  n_events = enum tl_wire_reject, aux = hwm */
struct tl_wire_head {
    uint8_t collector[16];
    uint64_t epoch;
    uint16_t partition;
    uint8_t codec, flags;       /* flags: bit 0 = payload kind is Q */
    uint64_t seq;
    uint32_t n_events, raw_len, crc;
    uint64_t aux;
    uint8_t version_min, version_max;   /* 1, 1 */
};
#define TL_WIRE_FLAG_QUARANTINE 1

void tl_wire_put_type(uint8_t f0[4], enum tl_wire_type type);
int tl_wire_get_type(const void *f0, size_t n, enum tl_wire_type *type);                        /* 0, TL_ETRUNC, TL_EVERSION */
void tl_wire_put_head(uint8_t f1[TL_WIRE_HEAD_BYTES], const struct tl_wire_head *h);
int tl_wire_get_head(const void *f1, size_t n, struct tl_wire_head *h);                         /* 0, TL_ETRUNC */
/* tl_wire_check_batch - F2 against its head: sizes, codec, checksum; not the items. 0, TL_ECORRUPT, TL_ERANGE. */
int tl_wire_check_batch(const struct tl_wire_head *h, const void *f2, size_t n);
/* tl_wire_describe - n_events, codec, flags, raw_len and crc of h from the payload itself. 0, or as tl_wire_open. */
int tl_wire_describe(struct tl_wire_head *h, struct tl_str payload);

/* One quarantined item. */
struct tl_refused {
    int64_t received_at_ms;
    struct tl_str origin, reason, field, id, bytes;   /* reason is a word of errors.def */
    uint64_t offset, bytes_n;                         /* bytes_n: true length; bytes may be its first TL_WIRE_REFUSED_BYTES_MAX */
};
/* Building a payload: begin (empties out), put any number of items, end (writes their count; check out->failed). */
void tl_wire_begin(struct tl_buf *out, int kind);
void tl_wire_put_event(struct tl_buf *out, const struct tl_event *ev);
void tl_wire_put_refused(struct tl_buf *out, const struct tl_refused *r);
void tl_wire_end(struct tl_buf *out, uint32_t n);
/* Reading one: kind and n, then n times next_*. 0, TL_ETRUNC, TL_EVERSION, TL_ERANGE. */
int tl_wire_open(struct tl_cur *c, int *kind, uint32_t *n);
int tl_wire_next_event(struct tl_cur *c, struct tl_event *ev);
int tl_wire_next_refused(struct tl_cur *c, struct tl_refused *r);

#endif
