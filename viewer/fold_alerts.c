/* fold_alerts.c - alerts from DATA/alerts, by their changes: the newest first, or everything that changed since a number that an answer gave; the open ones
 * as a list of work. */
#include "answer.h"

#include <stdlib.h>

#include "tl_alerts.h"

struct list {
    struct look *k;
    struct alerts_answer *out;
    uint64_t last;              /* change of the last one looked at */
};

static struct tl_str
copy(struct look *k, struct tl_str s)
{
    char *p = s.n ? tl_arena_dup(k->arena, s.p, s.n) : NULL;
    return (struct tl_str){ p, p ? s.n : 0 };
}

static struct tl_alert *
copy_alert(struct look *k, const struct tl_alert *a)
{
    struct tl_alert *o = tl_arena_alloc(k->arena, sizeof *o);
    if (!o) return NULL;
    *o = *a;
    struct tl_str *const text[] = { &o->journey, &o->rule, &o->title_zh, &o->title_en, &o->touchpoint, &o->touchpoint_zh, &o->touchpoint_en, &o->place, &o->channel, &o->tier,
                                    &o->department, &o->what, &o->assignee, &o->note, &o->actor, &o->resolved };
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) *text[i] = copy(k, *text[i]);
    return o;
}

static int
one(void *arg, const struct tl_alert *a)
{
    struct list *l = arg;
    const struct ask *q = l->k->ask;
    bool asked = (q->stream == ASK_STREAM_ALL || q->stream == a->stream) && (q->state < 0 || q->state == a->state);
    if (asked && l->out->alert_n == q->limit) {
        l->out->more = true;
        return 1;
    }
    l->last = a->change;
    if (!asked) return 0;
    struct tl_alert *o = copy_alert(l->k, a);
    if (!o) return TL_ENOMEM;
    l->out->alert[l->out->alert_n++] = o;
    return 0;
}

/* ---- the order of work: what is open, by priority, then by the limit ---- */

struct task { bool over; uint8_t priority, severity; int64_t due_ms; uint64_t id; };
struct tasks { struct look *k; struct task *task; size_t n, cap; };

static int
task_add(void *arg, const struct tl_alert *a)
{
    struct tasks *l = arg;
    const struct ask *q = l->k->ask;
    if (a->state != q->state || (q->stream != ASK_STREAM_ALL && q->stream != a->stream)) return 0;
    if (l->n == l->cap) {
        size_t cap = l->cap * 2 + 256;
        struct task *more = tl_realloc(l->task, cap * sizeof *more);
        if (!more) return TL_ENOMEM;
        l->task = more;
        l->cap = cap;
    }
    l->task[l->n++] = (struct task){ a->ended_ms != TL_TIME_NONE, a->priority, a->severity, a->due_ms != TL_TIME_NONE ? a->due_ms : a->at_ms, a->id };
    return 0;
}

static int
by_urgency(const void *pa, const void *pb)
{
    const struct task *a = pa, *b = pb;
    if (a->over != b->over) return a->over ? 1 : -1;        /* who waits still comes before who has waited too long */
    if (a->priority != b->priority) return a->priority < b->priority ? -1 : 1;
    if (a->due_ms != b->due_ms) return a->due_ms < b->due_ms ? -1 : 1;
    if (a->severity != b->severity) return a->severity > b->severity ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

static int
work_list(struct look *k, struct tl_alerts_txn *t, struct alerts_answer *out, struct tl_err *err)
{
    struct tasks l = { .k = k };
    struct tl_alert a;
    int rc = tl_alerts_newest(t, task_add, &l, err);
    if (l.n > 1) qsort(l.task, l.n, sizeof *l.task, by_urgency);
    for (size_t i = 0; rc == 0 && i < l.n && out->alert_n < k->ask->limit; i++) {
        rc = tl_alerts_get(t, l.task[i].id, &a, err);
        if (rc == 0 && !(out->alert[out->alert_n++] = copy_alert(k, &a))) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    }
    out->more = l.n > out->alert_n;
    tl_free(l.task);
    return rc;
}

int
fold_alerts(struct look *k, struct alerts_answer *out, struct tl_err *err)
{
    struct list l = { k, out, k->ask->since };
    struct tl_alerts *alerts = fold_alerts_open(k->fold);
    struct tl_alerts_txn *t = NULL;
    memset(out, 0, sizeof *out);
    out->next = k->ask->since;
    out->alert = tl_arena_alloc(k->arena, (k->ask->limit + 1) * sizeof *out->alert);
    if (!out->alert) return tl_fail(err, TL_ENOMEM, "out of memory");
    if (!alerts) return 0;
    int rc = tl_alerts_begin(alerts, false, &t, err);
    if (rc) return rc;
    if (k->ask->has_since) rc = tl_alerts_since(t, k->ask->since, one, &l, err);
    else rc = k->ask->state == TL_ALERT_OPEN ? work_list(k, t, out, err) : tl_alerts_newest(t, one, &l, err);
    out->next = k->ask->has_since && out->more ? l.last : tl_alerts_last_change(t);
    tl_alerts_count(t, &out->counts);
    tl_alerts_abort(&t);
    return rc;
}
