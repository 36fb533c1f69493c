/* tl_alerts.h - DATA/alerts: what was raised, what became of it, and what is still to be sent. Layout and rules: schemas/alerts.md.
 *
 * Not derived: it remembers what people have been told, so that a restart, a rebuild or a clock that jumps tells nobody twice. One writer (the aggregator),
 * any readers. An alert's id is made from its rule and the id of the event it begins with: the same in every store of the same events and identity key. */
#ifndef TL_ALERTS_H
#define TL_ALERTS_H

#include <stdbool.h>
#include <stdint.h>

#include "tl_err.h"
#include "tl_mem.h"

#define TL_ALERT_NO_PRIORITY 255
#define TL_ALERTS_KEEP 100000       /* beyond it the oldest go; one that may still be due keeps its place, and new ones are not raised (counted) */

enum tl_alert_kind { TL_ALERT_NEAR, TL_ALERT_PASSED, TL_ALERT_MOMENT, TL_ALERT_SCORE, TL_ALERT_COMPLAINT, TL_ALERT_EVENT, TL_ALERT_SILENT, TL_ALERT_KINDS };
enum tl_alert_state { TL_ALERT_OPEN, TL_ALERT_ACKNOWLEDGED, TL_ALERT_RESOLVED, TL_ALERT_STATES };

/* Texts are views: of the transaction when read, of the caller when written. Absent texts are {NULL, 0}, absent times TL_TIME_NONE. */
struct tl_alert {
    uint64_t id;
    uint64_t number;                /* in the order of raising, from 1; tl_alerts_put gives it */
    uint64_t change;                /* rises with every change of any alert; tl_alerts_put gives it */
    uint8_t kind, state, severity;  /* enums above; severity 1..3 */
    uint8_t stream;                 /* enum tl_stream: live goes to departments, mystery to QA alone */
    uint8_t priority;               /* in which order waits are worked: 0 first; TL_ALERT_NO_PRIORITY */
    int64_t started_ms;             /* of the wait, or of the event */
    int64_t due_ms;                 /* the limit */
    int64_t at_ms;                  /* the moment it speaks of: the warning, the limit, the event */
    int64_t raised_ms, changed_ms;  /* by the aggregator's clock */
    int64_t ended_ms;               /* the wait is over since */
    uint8_t customer[16];           /* canonical hash when raised; zero: of no customer */
    int64_t journey_ms;             /* start of the journey */
    struct tl_str journey;          /* its type */
    struct tl_str rule;             /* id of the standard or rule */
    struct tl_str title_zh, title_en;
    struct tl_str touchpoint, touchpoint_zh, touchpoint_en;
    struct tl_str place, channel, tier;
    struct tl_str department;       /* whom it is for */
    struct tl_str what;             /* score=2, outcome=fail: what was seen */
    struct tl_str assignee, note, actor;        /* of the last acknowledgement */
    struct tl_str resolved;         /* why it is over: see schemas/alerts.md */
};

const char *tl_alert_kind_word(unsigned kind);          /* "near" */
const char *tl_alert_state_word(unsigned state);        /* "open" */
int tl_alert_word_of(struct tl_str word, const char *(*words)(unsigned), unsigned n);  /* index, or -1 */
/* tl_alert_json - as an object, named `name` inside another one */
struct tl_jw;
void tl_alert_json(struct tl_jw *w, const char *name, const struct tl_alert *a);
/* tl_alert_text - one sentence for people, at most cap bytes, never cut inside a character */
void tl_alert_text(const struct tl_alert *a, bool zh, char *out, size_t cap);
/* tl_alert_duration - 8:00, 1:30:00, 2 d 3:00:00 */
void tl_alert_duration(int64_t ms, bool zh, char out[48]);

struct tl_alerts;
struct tl_alerts_txn;
int tl_alerts_open(struct tl_alerts **out, const char *data, bool readonly, struct tl_err *err);    /* TL_ENOTFOUND: readonly, and there are none yet */
void tl_alerts_close(struct tl_alerts **ap);
int tl_alerts_tend(struct tl_alerts *a, int64_t now_us);    /* asked now and then by one thread: readers that died are forgotten, every 5 s; how many */
int tl_alerts_begin(struct tl_alerts *a, bool write, struct tl_alerts_txn **out, struct tl_err *err);
int tl_alerts_commit(struct tl_alerts_txn **tp, struct tl_err *err);    /* on disk; TL_ENOSPC after growing: do it again */
void tl_alerts_abort(struct tl_alerts_txn **tp);

int tl_alerts_get(struct tl_alerts_txn *t, uint64_t id, struct tl_alert *out, struct tl_err *err);      /* TL_ENOTFOUND */
/* tl_alerts_put - a new alert, or another state of one that is there; gives number and change. The oldest goes when there are too many: *gone is its id or 0. */
int tl_alerts_put(struct tl_alerts_txn *t, struct tl_alert *in, uint64_t *gone, struct tl_err *err);
/* each alert whose change is above `since`, oldest change first; until each returns non-zero (negative is returned) */
int tl_alerts_since(struct tl_alerts_txn *t, uint64_t since, int (*each)(void *arg, const struct tl_alert *a), void *arg, struct tl_err *err);
/* each alert whose number is above `number`, in the order of raising */
int tl_alerts_raised(struct tl_alerts_txn *t, uint64_t number, int (*each)(void *arg, const struct tl_alert *a), void *arg, struct tl_err *err);
/* the other way round: newest change first */
int tl_alerts_newest(struct tl_alerts_txn *t, int (*each)(void *arg, const struct tl_alert *a), void *arg, struct tl_err *err);
uint64_t tl_alerts_last_number(struct tl_alerts_txn *t);
uint64_t tl_alerts_last_change(struct tl_alerts_txn *t);
/* how many are kept, as it stands in the transaction: [0] for departments, [1] for QA; by state */
struct tl_alerts_counts { uint64_t n[2][TL_ALERT_STATES]; };
void tl_alerts_count(const struct tl_alerts_txn *t, struct tl_alerts_counts *out);

/* ---- small things remembered beside them: the day of the last digest, windows of grouped messages, messages on their way ---- */
int tl_alerts_memo_get(struct tl_alerts_txn *t, struct tl_str name, struct tl_str *value);          /* TL_ENOTFOUND; a view */
int tl_alerts_memo_put(struct tl_alerts_txn *t, struct tl_str name, struct tl_str value, struct tl_err *err);    /* an empty value removes it */
int tl_alerts_memo_each(struct tl_alerts_txn *t, struct tl_str prefix, int (*each)(void *arg, struct tl_str name, struct tl_str value), void *arg, struct tl_err *err);

#endif
