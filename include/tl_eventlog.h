/* tl_eventlog.h - the log: every event as it arrived, in batches; the truth. One writer (the aggregator), any readers.
 *
 * dbs batch, hwm, dlq, meta (schemas/store.md). Position of an event = its running number, for ever; a control record takes one position. */
#ifndef TL_EVENTLOG_H
#define TL_EVENTLOG_H

#include "tl_err.h"
#include "tl_event.h"
#include "tl_mem.h"
#include "tl_wire.h"

#define TL_DLQ_BUDGET_BYTES (256ull << 20)

struct tl_eventlog;
int tl_eventlog_open(struct tl_eventlog **out, const char *dir, bool readonly, struct tl_err *err);
void tl_eventlog_close(struct tl_eventlog **lp);
void tl_eventlog_id(const struct tl_eventlog *l, uint8_t id[16]);      /* random, made with the log */
void tl_eventlog_tend(struct tl_eventlog *l);                           /* every few seconds: forgets readers that died, so that their pages can be used again */

/* ---- writing: one transaction at a time. Failure: abort; nothing was written. ---- */
int tl_eventlog_begin(struct tl_eventlog *l, struct tl_err *err);
int tl_eventlog_hwm(struct tl_eventlog *l, const uint8_t collector[16], uint64_t epoch, uint16_t partition, uint64_t *seq, struct tl_err *err); /* 0 when never seen */
int tl_eventlog_set_hwm(struct tl_eventlog *l, const uint8_t collector[16], uint64_t epoch, uint16_t partition, uint64_t seq, struct tl_err *err);
/* append - payload as it came (tl_wire payload of kind E); takes n_events positions; *position is the first. received_ms: the log's own clock. */
int tl_eventlog_append(struct tl_eventlog *l, const struct tl_wire_head *h, struct tl_str payload, int64_t received_ms, uint64_t *position, struct tl_err *err);
/* append_control - kind is a word ("link"), body one JSON object; takes one position. */
int tl_eventlog_append_control(struct tl_eventlog *l, const char *kind, const char *actor, int64_t time_ms, struct tl_str body, uint64_t *position, struct tl_err *err);
int tl_eventlog_refuse(struct tl_eventlog *l, const struct tl_refused *r, struct tl_err *err);   /* into the dlq; the oldest go beyond the budget */
int tl_eventlog_commit(struct tl_eventlog *l, struct tl_err *err);
void tl_eventlog_abort(struct tl_eventlog *l);

/* ---- reading: short read transactions inside ---- */
struct tl_logged {
    uint64_t position;          /* of its first event */
    uint32_t n;                 /* positions taken */
    int64_t logged_at_ms;
    bool control;
    struct tl_str payload;      /* events: a tl_wire payload (codec undone); view until the callback returns */
    struct tl_str kind, actor, body;   /* control */
    int64_t time_ms;
};
/* tl_eventlog_prove - the rows that tl_eventlog_read does not pass (hwm, meta) against their checksums: 0, or TL_ECORRUPT saying which */
int tl_eventlog_prove(struct tl_eventlog *l, struct tl_err *err);
uint64_t tl_eventlog_end(struct tl_eventlog *l);      /* the position that the next event will get; positions start at 1 */
/* tl_eventlog_read - records from the one holding position `from` on, in order, until each returns non-zero (returned when negative, else 0) or the end.
 * The first record may begin before `from`. */
int tl_eventlog_read(struct tl_eventlog *l, uint64_t from, int (*each)(void *arg, const struct tl_logged *rec), void *arg, struct tl_err *err);
/* tl_eventlog_event - one event by position; ev points into hold. TL_ENOTFOUND. */
int tl_eventlog_event(struct tl_eventlog *l, uint64_t position, struct tl_buf *hold, struct tl_event *ev, struct tl_err *err);
/* tl_eventlog_refused - quarantined items with number < before (0 = newest first from the end), newest first, until each returns non-zero. */
int tl_eventlog_refused(struct tl_eventlog *l, uint64_t before, int (*each)(void *arg, uint64_t number, const struct tl_refused *r), void *arg, struct tl_err *err);
uint64_t tl_eventlog_refused_n(struct tl_eventlog *l);
uint64_t tl_eventlog_refused_total(struct tl_eventlog *l);      /* ever refused: those beyond the budget count too */

#endif
