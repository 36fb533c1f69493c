/* fold_threads.c - see fold_threads.h. */
#include "fold_threads.h"

#include <stdlib.h>

/* ---- matters ---- */

static struct person_thread *
thread_of(struct person_thread *list, uint32_t n, bool of_order, struct tl_str id)
{
    for (uint32_t i = n; i > 0; i--)
        if (list[i - 1].of_order == of_order && tl_str_eq(list[i - 1].id, id)) return &list[i - 1];
    return NULL;
}

/* ends - a journey type of that key has this touchpoint, or this type, as an end */
static bool
ends(const struct tl_catalogue *c, bool of_order, struct tl_str type, struct tl_str touchpoint)
{
    for (uint32_t i = 0; i < c->type_n; i++) {
        const struct tl_journey_type *j = &c->type[i];
        if (j->key != (of_order ? TL_KEY_ORDER : TL_KEY_CASE)) continue;
        for (uint32_t g = 0; g < j->good_n; g++)
            if (tl_str_eq(j->good[g], type) || tl_str_eq(j->good[g], touchpoint)) return true;
        for (uint32_t b = 0; b < j->bad_n; b++)
            if (tl_str_eq(j->bad[b], type) || tl_str_eq(j->bad[b], touchpoint)) return true;
    }
    return false;
}

static void
thread_take(struct look *k, struct tl_store_txn *t, struct person_thread *o, const struct tl_kept *e, const struct person_told *told)
{
    struct tl_str type = fold_word(k, t, e->type), channel = e->channel ? fold_word(k, t, e->channel) : (struct tl_str){ NULL, 0 };
    uint32_t i = 0;
    o->last_ms = e->at_ms;
    o->events++;
    while (i < o->channel_n && !tl_str_eq(o->channel[i], channel)) i++;
    if (channel.n && i == o->channel_n && i < PERSON_CHANNELS_MAX) o->channel[o->channel_n++] = channel;
    if (e->role != TL_ROLE_SILENT) o->state = thread_next(o->state, told->side, contact_does(type), ends(k->catalogue, o->of_order, type, fold_word(k, t, e->touchpoint)));
}

static int
open_first(const void *x, const void *y)
{
    const struct person_thread *a = x, *b = y;
    bool shut = a->state == THREAD_CLOSED;
    if (shut != (b->state == THREAD_CLOSED)) return shut ? 1 : -1;
    if (a->last_ms != b->last_ms) return a->last_ms > b->last_ms ? -1 : 1;
    return a->first_position < b->first_position ? -1 : a->first_position > b->first_position;
}

int
fold_threads(struct look *k, struct tl_store_txn *t, const struct tl_kept *e, struct person_told *const *told, uint32_t n, struct person *out)
{
    out->thread = tl_arena_alloc(k->arena, (n + 1) * sizeof *out->thread);
    if (!out->thread) return TL_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        bool of_order = told[i] && !told[i]->kase.n;
        struct tl_str id = !told[i] ? (struct tl_str){ NULL, 0 } : of_order ? told[i]->order : told[i]->kase;
        if (!id.n) continue;
        struct person_thread *o = thread_of(out->thread, out->thread_n, of_order, id);
        if (!o) {
            o = &out->thread[out->thread_n++];
            *o = (struct person_thread){ .of_order = of_order, .id = id, .first_ms = e[i].at_ms, .first_position = e[i].position };
        }
        thread_take(k, t, o, &e[i], told[i]);
    }
    qsort(out->thread, out->thread_n, sizeof *out->thread, open_first);
    if (out->thread_n > PERSON_THREADS_MAX) {
        out->thread_cut = out->thread_n - PERSON_THREADS_MAX;
        out->thread_n = PERSON_THREADS_MAX;
    }
    return 0;
}

/* ---- action items ---- */

enum says { SAYS_NOTHING, SAYS_MADE, SAYS_MOVED, SAYS_DONE };

static enum says
says(struct tl_str type, bool *promise)
{
    static const struct { const char *type; bool promise; enum says says; } row[] = {
        { "task.created", false, SAYS_MADE }, { "task.updated", false, SAYS_MOVED }, { "task.done", false, SAYS_DONE },
        { "promise.made", true, SAYS_MADE }, { "promise.updated", true, SAYS_MOVED }, { "promise.kept", true, SAYS_DONE },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        if (tl_str_is(type, row[i].type)) {
            *promise = row[i].promise;
            return row[i].says;
        }
    return SAYS_NOTHING;
}

/* What one event says of an item: its promise, else its properties. */
struct said { struct tl_str ref, what, owner, thread; int64_t due_ms; bool broken; };

static struct tl_str
prop(struct look *k, struct tl_props *props, const struct tl_event *ev, const char *const *names)
{
    for (; *names; names++) {
        struct tl_str v = tl_props_get(props, ev, tl_str_of(*names));
        char *copy = v.n ? tl_arena_dup(k->arena, v.p, v.n) : NULL;
        if (copy) return (struct tl_str){ copy, v.n };
    }
    return (struct tl_str){ NULL, 0 };
}

static struct said
read_said(struct look *k, const struct tl_kept *e, const struct person_told *told, struct tl_buf *hold)
{
    static const char *const whats[] = { "props.what", "props.title", NULL }, *const refs[] = { "props.task", "props.id", NULL }, *const owners[] = { "props.department", "props.owner", "props.to", NULL },
                      *const dues[] = { "props.due", NULL };
    struct said s = { .what = told->promise.what, .thread = told->kase.n ? told->kase : told->order, .due_ms = told->has_promise ? told->promise.due_ms : TL_TIME_NONE,
                      .broken = told->has_promise && told->promise.kept == 0 };
    struct tl_eventlog *log = fold_log(k->fold);
    struct tl_event ev;
    struct tl_props props = { k->arena, NULL, false };
    if (!told->has_promise) s.what = (struct tl_str){ NULL, 0 };
    if (!log || tl_eventlog_event(log, e->position, hold, &ev, NULL)) return s;
    if (!s.what.n) s.what = prop(k, &props, &ev, whats);
    s.ref = prop(k, &props, &ev, refs);
    if (!s.what.n) s.what = s.ref;
    s.owner = prop(k, &props, &ev, owners);
    if (!s.owner.n) s.owner = told->agent;
    struct tl_str due = s.due_ms == TL_TIME_NONE ? prop(k, &props, &ev, dues) : (struct tl_str){ NULL, 0 };
    if (due.n && tl_time_parse(due, &s.due_ms, NULL)) s.due_ms = TL_TIME_NONE;
    return s;
}

/* open_item - the earliest item of that matter that is not done: of that name, else (when none was named) any */
static struct person_action *
open_item(struct person *out, bool promise, const struct said *s)
{
    for (uint32_t i = 0; i < out->action_n; i++) {
        struct person_action *a = &out->action[i];
        if (a->promise != promise || a->done_position || (s->thread.n && a->thread.n && !tl_str_eq(a->thread, s->thread))) continue;
        bool same = s->ref.n && a->ref.n ? tl_str_eq(s->ref, a->ref) : !s->what.n || !a->what.n || tl_str_eq(a->what, s->what);
        if (same) return a;
    }
    return NULL;
}

static int
soonest(const void *x, const void *y)
{
    const struct person_action *a = x, *b = y;
    bool done = a->done_position != 0;
    if (done != (b->done_position != 0)) return done ? 1 : -1;
    int64_t da = a->due_ms == TL_TIME_NONE ? INT64_MAX : a->due_ms, db = b->due_ms == TL_TIME_NONE ? INT64_MAX : b->due_ms;
    if (!done && da != db) return da < db ? -1 : 1;
    if (a->made_ms != b->made_ms) return a->made_ms > b->made_ms ? -1 : 1;
    return a->made_position < b->made_position ? -1 : a->made_position > b->made_position;
}

static void
take(struct person *out, const struct tl_kept *e, bool promise, enum says what, const struct said *s)
{
    struct person_action *a = what == SAYS_MADE ? NULL : open_item(out, promise, s);
    if (!a && what != SAYS_MADE) return;     /* what was never told of is no item of ours */
    if (!a) {
        a = &out->action[out->action_n++];
        *a = (struct person_action){ .promise = promise, .ref = s->ref, .what = s->what, .owner = s->owner, .thread = s->thread, .made_ms = e->at_ms, .due_ms = s->due_ms, .done_ms = TL_TIME_NONE,
                                     .made_position = e->position };
        return;
    }
    if (what == SAYS_MOVED && s->due_ms != TL_TIME_NONE) a->due_ms = s->due_ms;
    if (what == SAYS_MOVED && s->owner.n) a->owner = s->owner;
    if (what != SAYS_DONE) return;
    a->done_ms = e->at_ms;
    a->done_position = e->position;
    a->broken = s->broken;
}

int
fold_actions(struct look *k, struct tl_store_txn *t, const struct tl_kept *e, struct person_told *const *told, uint32_t n, struct person *out)
{
    struct tl_buf hold = { NULL, 0, 0, false };
    out->action = tl_arena_alloc(k->arena, (n + 1) * sizeof *out->action);
    if (!out->action) return TL_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        bool promise = false;
        enum says what = told[i] ? says(fold_word(k, t, e[i].type), &promise) : SAYS_NOTHING;
        if (what == SAYS_NOTHING) continue;
        struct said s = read_said(k, &e[i], told[i], &hold);
        take(out, &e[i], promise, what, &s);
    }
    tl_buf_free(&hold);
    for (uint32_t i = 0; i < out->action_n; i++)
        out->action[i].state = action_state(out->action[i].due_ms, out->action[i].done_ms, out->action[i].broken, k->as_of_ms);
    qsort(out->action, out->action_n, sizeof *out->action, soonest);
    if (out->action_n > PERSON_ACTIONS_MAX) {
        out->action_cut = out->action_n - PERSON_ACTIONS_MAX;
        out->action_n = PERSON_ACTIONS_MAX;
    }
    return 0;
}
