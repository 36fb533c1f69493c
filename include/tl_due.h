/* tl_due.h - moments that may alert: what db `due` of journeys/ holds. A pure function of a customer's events and the catalogue; whether anybody is told is
 * the alerter's business, which knows the time and what was told before. Words are numbers of the store's dictionary. Rules: schemas/alerts.md. */
#ifndef TL_DUE_H
#define TL_DUE_H

#include <stdint.h>

#include "tl_alerts.h"
#include "tl_err.h"
#include "tl_mem.h"

#define TL_DUE_NO_PRIORITY TL_ALERT_NO_PRIORITY

struct tl_due {
    uint64_t id;                    /* of the alert */
    uint64_t pair;                  /* of a near one: the id of its passed one, and the other way round; 0 = none */
    uint64_t customer;              /* number */
    uint8_t kind;                   /* enum tl_alert_kind */
    uint8_t severity, stream;
    uint8_t priority;               /* the clock's: 0 first; TL_DUE_NO_PRIORITY */
    int64_t at_ms;                  /* the moment: from here on it may alert */
    int64_t started_ms;
    int64_t due_ms, ended_ms;       /* TL_TIME_NONE */
    int64_t journey_ms;             /* start of its journey */
    uint32_t type;                  /* of its journey */
    uint32_t rule;                  /* id of the standard or rule; 0 = none */
    uint32_t touchpoint, place, channel, tier;
    uint8_t break_kind;             /* enum tl_break_kind + 1; 0 = no break */
    uint32_t score;                 /* kind of score, 0 = none */
    int32_t milli;                  /* its value */
};

void tl_due_put(struct tl_buf *out, const struct tl_due *d);            /* everything but id */
int tl_due_get(uint64_t id, struct tl_str bytes, struct tl_due *d);     /* 0, TL_ETRUNC, TL_EVERSION */
/* tl_due_rule - 64 bits of a kind and a rule's id; tl_due_id - of that, the event it begins with (tl_kept.id_hash) and the identity that event is of */
uint64_t tl_due_rule(uint8_t kind, struct tl_str rule);
uint64_t tl_due_id(uint64_t rule, uint64_t event, const uint8_t identity[16]);

/* ---- in the store, for its one writer (lib/tl_store_due.c) ---- */
struct tl_store_w;
/* tl_store_w_dues - in a transaction: d[0..n), by id, each once, are all of the customer; writes what differs */
int tl_store_w_dues(struct tl_store_w *w, uint64_t customer, const struct tl_due *d, uint32_t n, struct tl_err *err);
/* tl_store_w_due_window - of what is committed: those with from_ms < at_ms <= to_ms, by (at, id), until each returns non-zero (negative is returned) */
int tl_store_w_due_window(struct tl_store_w *w, int64_t from_ms, int64_t to_ms, int (*each)(void *arg, const struct tl_due *d), void *arg, struct tl_err *err);
int tl_store_w_due(struct tl_store_w *w, uint64_t id, struct tl_due *out, struct tl_err *err);      /* committed; TL_ENOTFOUND */
/* tl_store_w_due_touched - ids written or removed by commits since due_told; *all: too many to list */
const uint64_t *tl_store_w_due_touched(const struct tl_store_w *w, uint32_t *n, bool *all);
void tl_store_w_due_told(struct tl_store_w *w);
/* tl_store_w_read - what is committed, for the read functions of tl_store.h, on the writer's own thread; ended with tl_store_end before the store is closed */
struct tl_store_txn;
int tl_store_w_read(struct tl_store_w *w, struct tl_store_txn **out, struct tl_err *err);
uint64_t tl_store_w_serial(const struct tl_store_w *w);     /* of this opening; never that of another one in this process */

#endif
