/* facts_promises.c - chances that a promise was kept, and that there was word of one that was not: one pass over the events that share the key, in order. */
#include "facts_in.h"

enum { OPEN_MAX = 500 };         /* promises open at once in one key; further ones count as cancelled when they are made */

struct open { uint32_t what, start, made; int64_t due_ms; };

static bool
speaks_of(const struct tl_kept *e, uint32_t what)
{
    return e->promise.what == what || e->promise.what == 0;
}

static bool
promises(const struct facts *f, const struct standard *s, uint32_t event)
{
    const struct tl_kept *e = &f->event[event];
    return (e->promise.said & TL_PROMISE_DUE) && (s->what == 0 || e->promise.what == s->what) && chance_starts(f, s, event);
}

/* true when that promise is over */
static bool
ends(struct facts *f, const struct standard *s, const struct open *o, uint32_t event)
{
    const struct tl_kept *e = &f->event[event];
    struct tl_chance *c = &f->made[o->made].chance;
    bool end = (f->picks[event] & s->of->end) != 0, broken = (e->promise.said & (TL_PROMISE_SAID | TL_PROMISE_KEPT)) == TL_PROMISE_SAID;

    if (!end && (f->picks[event] & s->of->cancel) != 0)
        c->cancelled_ms = e->at_ms;
    if (end && !broken)
        c->ended_ms = e->at_ms;
    if (end || c->cancelled_ms != TL_TIME_NONE)
        c->place = c->place != 0 ? c->place : e->place;
    return end || c->cancelled_ms != TL_TIME_NONE;
}

static void
hear(struct facts *f, const struct standard *s, struct open *o, uint32_t event)
{
    const struct tl_kept *e = &f->event[event];
    struct tl_chance *c = &f->made[o->made].chance;

    if ((f->picks[event] & s->of->word) == 0 || e->at_ms > o->due_ms)
        return;
    if (s->of->kind == TL_STANDARD_WORD)
        c->flags = TL_CHANCE_KEPT;
    if (s->of->moves && (e->promise.said & TL_PROMISE_DUE)) {
        o->due_ms = e->promise.due_ms;
        c->due_ms = o->due_ms + s->of->limit_ms;
    }
}

static void
make(struct facts *f, uint32_t standard, uint32_t event, struct open *open, uint32_t *n)
{
    const struct standard *s = &f->standard[standard];
    const struct tl_kept *e = &f->event[event];
    uint32_t i = 0;

    while (i < *n && open[i].what != e->promise.what)
        i++;
    struct made *m = i == *n ? chance_add(f, standard, event) : NULL;
    if (m == NULL)
        return;
    m->chance.due_ms = e->promise.due_ms + s->of->limit_ms;
    if (*n < OPEN_MAX)
        open[(*n)++] = (struct open){ e->promise.what, event, f->made_n - 1, e->promise.due_ms };
    else
        m->chance.cancelled_ms = m->chance.due_ms > e->at_ms ? e->at_ms : m->chance.due_ms - 1;
}

void
chances_promises(struct facts *f, uint32_t standard, const uint32_t *list, uint32_t n)
{
    const struct standard *s = &f->standard[standard];
    struct open open[OPEN_MAX];
    uint32_t open_n = 0;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t stay = 0;
        for (uint32_t o = 0; o < open_n; o++) {
            bool of_it = speaks_of(&f->event[list[i]], open[o].what);
            if (of_it && ends(f, s, &open[o], list[i]))
                continue;
            if (of_it)
                hear(f, s, &open[o], list[i]);
            open[stay++] = open[o];
        }
        open_n = stay;
        if (promises(f, s, list[i]))
            make(f, standard, list[i], open, &open_n);
    }
}
