/* tl_event_rows.h - event.def as rows, for code that treats fields by their kind. Inside lib/ only. */
#ifndef TL_EVENT_ROWS_H
#define TL_EVENT_ROWS_H

#include "tl_event.h"

enum tl_event_kind { TL_EV_TEXT, TL_EV_WORD, TL_EV_TIME, TL_EV_U64, TL_EV_IDS, TL_EV_SCORES, TL_EV_PROMISE, TL_EV_VALUE, TL_EV_JSON };

struct tl_event_row {
    const char *name;
    uint32_t name_n;
    enum tl_event_kind kind;
    uint32_t max_bytes;         /* TEXT, JSON */
    const char *words;          /* WORD */
    size_t at;                  /* offset of the field in struct tl_event */
    const char *doc;
};
extern const struct tl_event_row tl_event_rows[TL_EVENT_FIELDS];

/* The field of a row, by kind. */
static inline struct tl_str *
tl_event_text_at(const struct tl_event *ev, const struct tl_event_row *row)
{
    return (struct tl_str *)((uintptr_t)ev + row->at);
}
static inline int64_t *
tl_event_time_at(const struct tl_event *ev, const struct tl_event_row *row)
{
    return (int64_t *)((uintptr_t)ev + row->at);
}
static inline uint64_t *
tl_event_u64_at(const struct tl_event *ev, const struct tl_event_row *row)
{
    return (uint64_t *)((uintptr_t)ev + row->at);
}

/* tl_event_score_range - the scale of a kind of score; false: any finite number is good. */
bool tl_event_score_range(struct tl_str kind, double *low, double *high);
/* tl_event_row_check - length, words or range of one field that is there. text: what offsets are counted in, or {NULL,0}. 0, TL_EINVAL with why filled. */
int tl_event_row_check(const struct tl_event *ev, const struct tl_event_row *row, struct tl_str text, struct tl_refusal *why);
/* tl_event_refuse - fill why: field is "row" or "row.part"; at, inside text, gives the offset. Returns TL_EINVAL. */
int tl_event_refuse(struct tl_refusal *why, enum tl_reason reason, const char *row, struct tl_str part, struct tl_str text, const char *at);
void tl_event_refuse_id(struct tl_refusal *why, struct tl_str id);      /* note whose event it is, cut to fit */

#define TL_EVENT_ID_KIND_BYTES_MAX 40
#define TL_EVENT_ID_BYTES_MAX 256
#define TL_EVENT_PROMISE_BYTES_MAX 100
#define TL_EVENT_TIME_MIN_MS INT64_C(-62167219200000)   /* 0000-01-01 */
#define TL_EVENT_TIME_MAX_MS INT64_C(253402300799999)   /* the end of 9999 */

#endif
