/* fold_alerts.c - alerts from DATA/alerts, by their changes: the newest first, or everything that changed since a number that an answer gave. */
#include "answer.h"

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
    rc = k->ask->has_since ? tl_alerts_since(t, k->ask->since, one, &l, err) : tl_alerts_newest(t, one, &l, err);
    out->next = k->ask->has_since && out->more ? l.last : tl_alerts_last_change(t);
    tl_alerts_count(t, &out->counts);
    tl_alerts_abort(&t);
    return rc;
}
