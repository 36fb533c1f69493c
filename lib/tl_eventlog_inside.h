/* tl_eventlog_inside.h - what the files of tl_eventlog share: its state, its keys, its rows. Nobody else includes it. */
#ifndef TL_EVENTLOG_INSIDE_H
#define TL_EVENTLOG_INSIDE_H

#include <stdatomic.h>

#include "tl_db.h"
#include "tl_pack.h"
#include "tl_eventlog.h"

#define ROW_VERSION 1

enum { DB_BATCH, DB_HWM, DB_DLQ, DB_META };
enum { ROW_EVENTS = 'E', ROW_CONTROL = 'C' };

struct tl_eventlog {
    struct tl_db *db;
    uint8_t id[16];
    struct tl_db_txn *txn;              /* the writer's, between begin and commit */
    bool readonly;
    _Atomic uint64_t end;               /* as committed; the writer's process alone */
    uint64_t next;                      /* position that the writer gives next; 0: to be read from the last row */
    uint64_t dlq_next, dlq_bytes;       /* likewise, of the open transaction */
    bool dlq_touched;
    int64_t dropped_n;
    struct tl_buf row;
};

struct tl_eventlog_key {
    uint8_t b[8];
};

static inline struct tl_str
tl_eventlog_key(struct tl_eventlog_key *k, uint64_t n)
{
    for (int i = 0; i < 8; i++)
        k->b[i] = (uint8_t)(n >> (56 - 8 * i));
    return (struct tl_str){ (const char *)k->b, sizeof k->b };
}

static inline uint64_t
tl_eventlog_number(struct tl_str k)
{
    struct tl_cur c = tl_cur_of(k.p, k.n);
    return tl_cur_be64(&c);
}

static inline struct tl_str
tl_eventlog_view(const struct tl_buf *b)
{
    return (struct tl_str){ (const char *)b->data, b->len };
}

struct tl_eventlog_row {
    int kind, codec;
    uint32_t n, raw_len;
    int64_t logged_at_ms;
    struct tl_str payload;
};

int tl_eventlog_get_row(struct tl_str v, struct tl_eventlog_row *r, struct tl_err *err);     /* TL_EVERSION, TL_ECORRUPT */

/* the dlq inside the writer's transaction: read its end and size once; keep its size */
int tl_eventlog_dlq_state(struct tl_eventlog *l, struct tl_err *err);
int tl_eventlog_dlq_keep(struct tl_eventlog *l, struct tl_err *err);

#endif
