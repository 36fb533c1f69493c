/* alerts.c - see alerts.h.
 *
 * What is looked at: after a start, a rebuild or a jump of the clock, every moment of the last 24 hours and every alert that is not resolved; else the moments
 * that the clock has passed since the last look, and those whose rows a round has written or removed. What was raised is found again by its id, so looking twice
 * does no harm: the order of looks, their number and the clock's ways decide only when an alert is raised, never how often.
 *
 * A warning is raised only before its limit; when the limit passes, the warning is resolved (`passed`) and the other one raised. A moment that vanishes from
 * the store (the end came, an event was corrected, an import taken back, the rules changed) resolves its alert (`gone`). */
#include "alerts.h"

#include "tl_count.h"
#include "tl_logfmt.h"
#include "tl_time.h"

#define JUMP_MS 2000            /* wall and monotonic clock differ by more: somebody has set the wall clock */

struct alerts {
    struct tl_alerts *store;
    uint64_t serial;            /* of the source looked at last, 0 = none */
    int64_t now_ms, mono_us;    /* of the last look that was written */
    struct tl_due *found;       /* moments to take */
    uint32_t found_n, found_cap;
    uint64_t *open;             /* alerts to look after */
    uint32_t open_n, open_cap;
    uint64_t *waiting;          /* moments whose source has not told everything up to them */
    uint32_t waiting_n, waiting_cap;
    uint64_t *silent;           /* alerts of silent sources that are not resolved */
    uint32_t silent_n, silent_cap;
};

struct alerts *
alerts_new(struct tl_alerts *store)
{
    struct alerts *a = tl_alloc(sizeof *a);

    if (a != NULL)
        a->store = store;
    return a;
}

void
alerts_free(struct alerts **ap)
{
    if (ap == NULL || *ap == NULL)
        return;
    tl_free((*ap)->found);
    tl_free((*ap)->open);
    tl_free((*ap)->waiting);
    tl_free((*ap)->silent);
    tl_free(*ap);
    *ap = NULL;
}

/* ---- what to look at ---- */

static bool
room(void **list, uint32_t n, uint32_t *cap, size_t item)
{
    if (n < *cap)
        return true;
    uint32_t more = *cap * 2 + 256;
    void *p = tl_realloc(*list, more * item);
    if (p == NULL)
        return false;
    *list = p;
    *cap = more;
    return true;
}

static int
find(void *arg, const struct tl_due *d)
{
    struct alerts *a = arg;

    if (!room((void **)&a->found, a->found_n, &a->found_cap, sizeof *a->found))
        return TL_ENOMEM;
    a->found[a->found_n++] = *d;
    return 0;
}

static int
find_open(void *arg, const struct tl_alert *x)
{
    struct alerts *a = arg;

    if (x->state == TL_ALERT_RESOLVED && !tl_str_is(x->resolved, "gone"))
        return 0;                                   /* what is gone may have come back meanwhile */
    if (!room((void **)&a->open, a->open_n, &a->open_cap, sizeof *a->open))
        return TL_ENOMEM;
    a->open[a->open_n++] = x->id;
    return 0;
}

static int
all_open(struct alerts *a, struct tl_err *err)
{
    struct tl_alerts_txn *t = NULL;
    int rc = tl_alerts_begin(a->store, false, &t, err);

    if (rc == 0)
        rc = tl_alerts_newest(t, find_open, a, err);
    tl_alerts_abort(&t);
    return rc;
}

/* add - to one of the lists of ids */
#define ADD(a, list, value) (room((void **)&(a)->list, (a)->list##_n, &(a)->list##_cap, sizeof *(a)->list) ? ((a)->list[(a)->list##_n++] = (value), 0) : TL_ENOMEM)

/* Moments by their ids, as far as they are there and due. */
static int
find_by_id(struct alerts *a, const struct alerts_source *src, const uint64_t *id, uint32_t n, int64_t now_ms, struct tl_err *err)
{
    struct tl_due d;
    int rc = 0;

    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        rc = src->get(src->self, id[i], &d, err);
        if (rc == 0 && d.at_ms <= now_ms && d.at_ms > now_ms - ALERTS_WINDOW_MS)
            rc = find(a, &d);
        rc = rc == TL_ENOTFOUND ? 0 : rc;
    }
    return rc;
}

/* Ids that a round has touched: those there are may be due, and all of them may be raised already. Silent sources may have spoken; who waited for them may go on. */
static int
touched(struct alerts *a, const struct alerts_source *src, const uint64_t *id, uint32_t n, int64_t now_ms, struct tl_err *err)
{
    int rc = find_by_id(a, src, id, n, now_ms, err);

    if (rc == 0)
        rc = find_by_id(a, src, a->waiting, a->waiting_n, now_ms, err);
    for (uint32_t i = 0; rc == 0 && i < n; i++)
        rc = ADD(a, open, id[i]);
    for (uint32_t i = 0; rc == 0 && i < a->silent_n; i++)
        rc = ADD(a, open, a->silent[i]);
    return rc;
}

static bool
has_jumped(const struct alerts *a, int64_t now_ms, int64_t mono_us)
{
    int64_t by_ms = (now_ms - a->now_ms) - (mono_us - a->mono_us) / 1000;

    return by_ms > JUMP_MS || by_ms < -JUMP_MS || now_ms < a->now_ms;
}

static int
gather(struct alerts *a, const struct alerts_source *src, int64_t now_ms, int64_t mono_us, struct tl_err *err)
{
    uint32_t n = 0;
    bool all = false;
    const uint64_t *id = src->touched(src->self, &n, &all);

    a->found_n = a->open_n = 0;
    if (all || a->serial != src->serial || has_jumped(a, now_ms, mono_us)) {
        int rc = src->window(src->self, now_ms - ALERTS_WINDOW_MS, now_ms, find, a, err);
        return rc != 0 ? rc : all_open(a, err);
    }
    int64_t oldest_ms = now_ms - ALERTS_WINDOW_MS;
    int rc = src->window(src->self, a->now_ms > oldest_ms ? a->now_ms : oldest_ms, now_ms, find, a, err);
    return rc != 0 ? rc : touched(a, src, id, n, now_ms, err);
}

/* ---- raising and resolving ---- */

static int
change(struct tl_alerts_txn *t, struct tl_alert *x, int64_t now_ms, struct tl_err *err)
{
    uint64_t gone = 0;

    x->changed_ms = now_ms;
    return tl_alerts_put(t, x, &gone, err);
}

/* The warning of a limit that has passed has done its work. Returns 1 when it was there. */
static int
settle_warning(struct tl_alerts_txn *t, uint64_t id, int64_t now_ms, struct tl_err *err)
{
    struct tl_alert x;
    int rc = tl_alerts_get(t, id, &x, NULL);

    if (rc != 0 || x.state == TL_ALERT_RESOLVED)
        return rc == TL_ENOTFOUND ? 0 : rc;
    x.state = TL_ALERT_RESOLVED;
    x.resolved = TL_STR("passed");
    rc = change(t, &x, now_ms, err);
    return rc != 0 ? rc : 1;
}

static int
raise_one(struct tl_alerts_txn *t, const struct alerts_source *src, const struct tl_due *d, int64_t now_ms, struct tl_err *err)
{
    struct tl_alert x = { .id = d->id, .kind = d->kind, .state = TL_ALERT_OPEN, .severity = d->severity, .stream = d->stream, .priority = d->priority, .started_ms = d->started_ms,
                          .due_ms = d->due_ms, .at_ms = d->at_ms, .raised_ms = now_ms, .ended_ms = d->ended_ms, .journey_ms = d->journey_ms };
    struct tl_err full = {0};
    int rc = src->describe(src->self, d, &x, err);

    if (rc == 0) {
        rc = change(t, &x, now_ms, &full);
        if (rc == TL_EBUSY) {                       /* too many: told once in a while, counted always */
            tl_count_add(A_ALERTS_DROPPED, 1);
            tl_log(TL_WARN, "alert_dropped", "text=\"%s\"", full.text);
            rc = TL_ENOTFOUND;
        } else if (rc != 0 && err != NULL) {
            *err = full;
        }
    }
    src->describe_done(src->self);
    if (rc == 0)
        tl_count_add(A_ALERTS_RAISED, 1);
    return rc == 0 ? 1 : rc == TL_ENOTFOUND ? 0 : rc;
}

/* One alert for each time that a source falls silent where it is waited for. */
static int
raise_silent(struct alerts *a, struct tl_alerts_txn *t, const struct alerts_source *src, const struct tl_due *d, const char *name, int64_t until_ms, int64_t now_ms, struct tl_err *err)
{
    static const uint8_t nobody[16];
    struct tl_alert x = { .kind = TL_ALERT_SILENT, .state = TL_ALERT_OPEN, .severity = 2, .stream = d->stream, .priority = TL_ALERT_NO_PRIORITY, .started_ms = until_ms,
                          .due_ms = TL_TIME_NONE, .at_ms = now_ms, .raised_ms = now_ms, .ended_ms = TL_TIME_NONE, .journey_ms = TL_TIME_NONE };
    x.id = tl_due_id(tl_due_rule(TL_ALERT_SILENT, tl_str_of(name)), (uint64_t)until_ms, nobody);
    int rc = tl_alerts_get(t, x.id, &(struct tl_alert){0}, NULL);

    if (rc != TL_ENOTFOUND)
        return rc;
    rc = src->describe_source(src->self, d, name, until_ms, &x, err);
    if (rc == 0)
        rc = change(t, &x, now_ms, err);
    src->describe_done(src->self);
    if (rc == 0)
        rc = ADD(a, silent, x.id);
    if (rc == 0)
        tl_count_add(A_ALERTS_RAISED, 1);
    return rc == 0 ? 1 : rc == TL_ENOTFOUND || rc == TL_EBUSY ? 0 : rc;
}

/* Silence of a source is not behaviour of a customer: a wait is judged when who must tell of its end has told everything up to then. 0: it may be judged; 1: not
 * yet; 2: not yet, and an alert of the source was raised. */
static int
wait_for_word(struct alerts *a, struct tl_alerts_txn *t, const struct alerts_source *src, const struct tl_due *d, int64_t now_ms, struct tl_err *err)
{
    char name[ALERTS_SOURCE_BYTES] = "";
    int64_t until_ms = ALERTS_EVER;
    bool wait = d->kind == TL_ALERT_NEAR || d->kind == TL_ALERT_PASSED;
    int rc = wait && src->heard != NULL ? src->heard(src->self, d, &until_ms, name, err) : 0;

    if (rc != 0 || until_ms == ALERTS_EVER || (until_ms != TL_TIME_NONE && until_ms >= (d->kind == TL_ALERT_NEAR ? d->started_ms : d->due_ms)))
        return rc;
    rc = ADD(a, waiting, d->id);
    if (rc == 0 && d->kind == TL_ALERT_PASSED && (until_ms == TL_TIME_NONE || now_ms - until_ms > ALERTS_SILENT_MS))
        rc = raise_silent(a, t, src, d, name, until_ms, now_ms, err);
    return rc < 0 ? rc : 1 + rc;
}

/* How many alerts it raised or changed. */
static int
take(struct alerts *a, struct tl_alerts_txn *t, const struct alerts_source *src, const struct tl_due *d, int64_t now_ms, struct tl_err *err)
{
    struct tl_alert x;
    int settled = 0, rc = tl_alerts_get(t, d->id, &x, NULL);

    if (rc == 0)
        return 0;                                   /* raised before; what became of it is looked after apart */
    if (rc != TL_ENOTFOUND)
        return rc;
    if (d->kind == TL_ALERT_NEAR && (d->due_ms < now_ms || d->at_ms > d->due_ms))
        return 0;                                   /* the limit has passed: that is the news */
    if (d->kind == TL_ALERT_PASSED && d->ended_ms != TL_TIME_NONE && now_ms - d->ended_ms > ALERTS_OVER_MS)
        return 0;
    rc = wait_for_word(a, t, src, d, now_ms, err);
    if (rc != 0)
        return rc < 0 ? rc : rc - 1;
    if (d->kind == TL_ALERT_PASSED)
        settled = settle_warning(t, d->pair, now_ms, err);
    rc = settled < 0 ? settled : raise_one(t, src, d, now_ms, err);
    return rc < 0 ? rc : rc + settled;
}

/* Has a silent source spoken? */
static int
look_after_source(struct alerts *a, struct tl_alerts_txn *t, const struct alerts_source *src, struct tl_alert *x, int64_t now_ms, struct tl_err *err)
{
    int64_t until_ms = TL_TIME_NONE;
    int rc = x->state != TL_ALERT_RESOLVED && src->source != NULL ? src->source(src->self, x->rule, &until_ms, err) : TL_ENOTFOUND;

    if (rc != 0)
        return rc == TL_ENOTFOUND ? 0 : rc;
    if (until_ms == TL_TIME_NONE || until_ms <= x->started_ms)
        return ADD(a, silent, x->id);
    x->state = TL_ALERT_RESOLVED;
    x->resolved = TL_STR("heard");
    x->ended_ms = now_ms;
    tl_count_add(A_ALERTS_RESOLVED, 1);
    rc = change(t, x, now_ms, err);
    return rc != 0 ? rc : 1;
}

/* An alert that was raised, against what the store says of it now. */
static int
look_after(struct alerts *a, struct tl_alerts_txn *t, const struct alerts_source *src, uint64_t id, int64_t now_ms, struct tl_err *err)
{
    struct tl_alert x;
    struct tl_due d;
    int rc = tl_alerts_get(t, id, &x, NULL);

    if (rc != 0)
        return rc == TL_ENOTFOUND ? 0 : rc;
    if (x.kind == TL_ALERT_SILENT)
        return look_after_source(a, t, src, &x, now_ms, err);
    rc = src->get(src->self, id, &d, err);
    if (rc != 0 && rc != TL_ENOTFOUND)
        return rc;
    bool gone = rc == TL_ENOTFOUND, was_gone = x.state == TL_ALERT_RESOLVED && tl_str_is(x.resolved, "gone");
    if (gone == was_gone && (gone || (x.ended_ms == d.ended_ms && x.due_ms == d.due_ms && x.stream == d.stream)))
        return 0;
    if (gone && x.state == TL_ALERT_RESOLVED)
        return 0;                                   /* settled already, for another reason */
    if (gone) {
        x.state = TL_ALERT_RESOLVED;
        x.resolved = TL_STR("gone");
        tl_count_add(A_ALERTS_RESOLVED, 1);
    } else {
        x.ended_ms = d.ended_ms;
        x.due_ms = d.due_ms;
        x.stream = d.stream;                        /* a visit that is registered afterwards was QA's matter all along */
        if (was_gone) {                             /* what repaired it was itself taken back */
            x.state = x.assignee.n > 0 ? TL_ALERT_ACKNOWLEDGED : TL_ALERT_OPEN;
            x.resolved = (struct tl_str){0};
        }
    }
    rc = change(t, &x, now_ms, err);
    return rc != 0 ? rc : 1;
}

static int
write_down(struct alerts *a, const struct alerts_source *src, int64_t now_ms, struct tl_err *err)
{
    struct tl_alerts_txn *t = NULL;
    int changed = 0, rc = a->found_n + a->open_n > 0 ? tl_alerts_begin(a->store, true, &t, err) : 0;

    a->waiting_n = a->silent_n = 0;                 /* gathered anew */
    for (uint32_t i = 0; rc >= 0 && i < a->found_n; i++) {
        rc = take(a, t, src, &a->found[i], now_ms, err);
        changed += rc > 0 ? rc : 0;
    }
    for (uint32_t i = 0; rc >= 0 && i < a->open_n; i++) {
        rc = look_after(a, t, src, a->open[i], now_ms, err);
        changed += rc > 0 ? rc : 0;
    }
    if (rc < 0 || changed == 0) {
        tl_alerts_abort(&t);
        return rc < 0 ? rc : 0;
    }
    rc = tl_alerts_commit(&t, err);
    return rc != 0 ? rc : changed;
}

int
alerts_look(struct alerts *a, const struct alerts_source *src, int64_t now_ms, int64_t mono_us, struct tl_err *err)
{
    int changed = 0, rc = gather(a, src, now_ms, mono_us, err);

    for (int tries = 0; rc == 0 && tries < 3; tries++) {
        changed = write_down(a, src, now_ms, err);
        if (changed != TL_ENOSPC)
            break;
    }
    if (rc != 0 || changed < 0) {
        a->serial = 0;                              /* everything again */
        return rc != 0 ? rc : changed;
    }
    src->told(src->self);
    a->serial = src->serial;
    a->now_ms = now_ms;
    a->mono_us = mono_us;
    return changed;
}

/* ---- what people enter ---- */

static bool
same(struct tl_str a, struct tl_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

int
alerts_say(struct alerts *a, uint64_t id, const struct alerts_said *said, struct tl_err *err)
{
    struct tl_alerts_txn *t = NULL;
    struct tl_alert x;
    int rc = tl_alerts_begin(a->store, true, &t, err);

    if (rc == 0)
        rc = tl_alerts_get(t, id, &x, err);
    if (rc != 0) {
        tl_alerts_abort(&t);
        return rc;
    }
    bool done = tl_str_is(said->status, "done"), taken = tl_str_is(said->status, "acknowledged");
    uint8_t state = done ? TL_ALERT_RESOLVED : taken ? TL_ALERT_ACKNOWLEDGED : TL_ALERT_OPEN;
    if (x.state == TL_ALERT_RESOLVED && !tl_str_is(x.resolved, "done"))
        state = x.state;                            /* the matter itself is over: who had taken it on may still be told */
    if (x.state == state && same(x.assignee, said->owner) && same(x.note, said->note) && same(x.actor, said->actor)) {
        tl_alerts_abort(&t);
        return 0;
    }
    x.resolved = state != TL_ALERT_RESOLVED ? (struct tl_str){0} : x.state == TL_ALERT_RESOLVED ? x.resolved : TL_STR("done");
    x.state = state;
    x.assignee = said->owner;
    x.note = said->note;
    x.actor = said->actor;
    rc = change(t, &x, said->at_ms, err);
    if (rc != 0)
        tl_alerts_abort(&t);
    else
        rc = tl_alerts_commit(&t, err);
    return rc != 0 ? rc : 1;
}

static int
find_spoken(void *arg, const struct tl_alert *x)
{
    struct alerts *a = arg;

    return x->actor.n > 0 ? ADD(a, open, x->id) : 0;
}

int
alerts_spoken_of(struct alerts *a, const uint64_t **id, uint32_t *n, struct tl_err *err)
{
    struct tl_alerts_txn *t = NULL;
    int rc = tl_alerts_begin(a->store, false, &t, err);

    a->open_n = 0;
    if (rc == 0)
        rc = tl_alerts_newest(t, find_spoken, a, err);
    tl_alerts_abort(&t);
    *id = a->open;
    *n = a->open_n;
    return rc;
}
