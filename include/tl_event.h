/* tl_event.h - one contact as received: the struct, its validation, and its bytes in a batch.
 *
 * Bytes of one event inside a batch (schemas/wire.md section 3):
 *   varint record length | u64 LE presence bits (bit = row of event.def) | varint slice length | varint extra length |
 *   typed fields in event.def order | slice | extra
 * A text field is (varint offset, varint length) into slice ++ extra: text without escapes is not copied, it points into the slice as sent;
 * unescaped or made text lies in extra. Times and u64 are varints (times zigzag). So decoding copies nothing. */
#ifndef TL_EVENT_H
#define TL_EVENT_H

#include "tl_err.h"
#include "tl_json.h"
#include "tl_mem.h"

#define TL_EVENT_BYTES_MAX 32768
#define TL_EVENT_BODY_BYTES_MAX 4194304         /* of one body given to a reader; the collector's own limit is a setting below it */
#define TL_EVENT_IDS_MAX 16
#define TL_EVENT_SCORES_MAX 16
#define TL_EVENT_AHEAD_MS INT64_C(86400000)   /* later than received_at by more than this: time_range */

/* Presence bits: has & TL_HAS(type) */
enum {
#define EV_TEXT(name, ...) TL_BIT_##name,
#define EV_WORD(name, ...) TL_BIT_##name,
#define EV_TIME(name, ...) TL_BIT_##name,
#define EV_U64(name, ...) TL_BIT_##name,
#define EV_IDS(name, ...) TL_BIT_##name,
#define EV_SCORES(name, ...) TL_BIT_##name,
#define EV_PROMISE(name, ...) TL_BIT_##name,
#define EV_VALUE(name, ...) TL_BIT_##name,
#define EV_JSON(name, ...) TL_BIT_##name,
#include "event.def"
#undef EV_TEXT
#undef EV_WORD
#undef EV_TIME
#undef EV_U64
#undef EV_IDS
#undef EV_SCORES
#undef EV_PROMISE
#undef EV_VALUE
#undef EV_JSON
    TL_EVENT_FIELDS
};
#define TL_HAS(name) (UINT64_C(1) << TL_BIT_##name)

struct tl_id {
    struct tl_str kind, value;
};
struct tl_score {
    struct tl_str kind;
    double value;
};
struct tl_promise {
    struct tl_str what;
    int64_t due_ms;         /* TL_TIME_NONE when not given */
    int kept;               /* -1 not said, 0 broken, 1 kept */
};
struct tl_value {
    int64_t amount_minor;
    char currency[4];
};

/* All text is borrowed: from the parser, the arena or the batch it was read from. A field counts only when its bit is in has. */
struct tl_event {
    uint64_t has;
    uint64_t checked;          /* fields whose length, words and range tl_event_read has seen; whoever sets one by hand leaves its bit 0 */
#define EV_TEXT(name, ...) struct tl_str name##_;
#define EV_WORD(name, ...) struct tl_str name##_;
#define EV_TIME(name, ...) int64_t name##_;
#define EV_U64(name, ...) uint64_t name##_;
#define EV_IDS(name, ...) struct tl_id name##_[TL_EVENT_IDS_MAX]; uint32_t name##_n;
#define EV_SCORES(name, ...) struct tl_score name##_[TL_EVENT_SCORES_MAX]; uint32_t name##_n;
#define EV_PROMISE(name, ...) struct tl_promise name##_;
#define EV_VALUE(name, ...) struct tl_value name##_;
#define EV_JSON(name, ...) struct tl_str name##_;
#include "event.def"
#undef EV_TEXT
#undef EV_WORD
#undef EV_TIME
#undef EV_U64
#undef EV_IDS
#undef EV_SCORES
#undef EV_PROMISE
#undef EV_VALUE
#undef EV_JSON
    int32_t time_offset_min;   /* of `time`, minutes east of UTC as sent */
    struct tl_str raw;         /* the JSON slice as sent */
};

/* tl_event_init - an empty event: has 0, texts absent, times TL_TIME_NONE. Whoever builds one by hand begins with it. */
void tl_event_init(struct tl_event *ev);

/* Why an event was refused. */
struct tl_refusal {
    enum tl_reason reason;
    char field[64];            /* "ids.email", "" when the event as a whole */
    size_t offset;             /* byte offset of the value in the event's own bytes (slice, ev->raw); 0 when unknown */
    char id[104];              /* the event's id when it could be read */
};

/* ---- reading a native event (schemas/event.def) ---- */
struct tl_event_reader;        /* parser and scratch memory, one per thread */
struct tl_event_reader *tl_event_reader_new(void);
void tl_event_reader_free(struct tl_event_reader **rp);
/* tl_event_read - one JSON object -> ev, in one strict pass that validates every byte. Unknown members are allowed and stay in the slice.
 * text: the object's bytes, followed by TL_JSON_PADDING readable bytes. ev's text points into `text` or into a. received_at and origin in the
 * text are refused with field_range (they are the collector's). Does not check identity or time against the clock: tl_event_check does.
 * 0, TL_EINVAL (refusal filled), TL_ENOMEM. */
int tl_event_read(struct tl_event_reader *r, struct tl_arena *a, struct tl_str text, struct tl_event *ev, struct tl_refusal *why);

/* tl_event_body - split a native body (one object, array, NDJSON; sniffed) and read every event. For each in order: each(arg, index, ev, NULL, slice) or
 * each(arg, index, NULL, why, slice), slice being its bytes as sent. NDJSON: each line alone, blank lines skipped. Array: any byte of it not valid
 * JSON fails the whole: TL_EINVAL, err says the offset, each not called. body: n bytes, TL_JSON_PADDING readable after. More than
 * max_events, or over TL_EVENT_BODY_BYTES_MAX: TL_ETOOBIG, each not called. Nothing that could be an event in it: TL_EINVAL.
 * each returns 0, or a negative code that ends the split and is returned. */
typedef int (*tl_event_each)(void *arg, size_t index, struct tl_event *ev, const struct tl_refusal *why, struct tl_str slice);
int tl_event_body(struct tl_event_reader *r, struct tl_arena *a, struct tl_str body, size_t max_events, tl_event_each each, void *arg, struct tl_err *err);

/* ---- rules that hold for every protocol ---- */
/* tl_event_check - required fields, lengths, words, ranges, junk identities, time against received_at_ms. 0, or TL_EINVAL with why filled.
 * A junk identity ("null", "undefined", "0", all-zero uuid, "anonymous", "[object Object]", "unknown", "n/a", "未知", "" and the like) is taken out of ids; none left: identity_missing. A heartbeat
 * needs none, but one that names junk alone is refused. */
int tl_event_check(struct tl_event *ev, int64_t received_at_ms, struct tl_refusal *why);
bool tl_event_junk_id(struct tl_str value);
/* tl_event_is_heartbeat - type heartbeat and no identity: a source says that it has told everything up to its `time` (else its receipt), in that `place` when it names one */
bool tl_event_is_heartbeat(const struct tl_event *ev);

/* ---- bytes ---- */
void tl_event_encode(struct tl_buf *out, const struct tl_event *ev);           /* check out->failed */
int tl_event_decode(struct tl_cur *c, struct tl_event *ev);                    /* 0, TL_ETRUNC, TL_ERANGE; text borrows from the bytes */
/* tl_event_json_schema - the JSON Schema (draft 2020-12) of event.def, appended to b */
void tl_event_json_schema(struct tl_buf *b);
/* tl_event_json - the event's typed fields as a native event object (no raw slice), written with w */
void tl_event_json(struct tl_jw *w, const struct tl_event *ev);

#endif
