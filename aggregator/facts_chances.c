/* facts_chances.c - chances of one standard: starts paired with ends among the events that share its key. */
#include <stdlib.h>

#include "facts_in.h"

static bool
listed(uint32_t number, const uint32_t *list, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (list[i] == number)
            return true;
    return false;
}

bool
chance_in_scope(const struct facts *f, const struct standard *s, uint32_t event)
{
    const struct tl_standard *of = s->of;

    if (of->tier_n > 0 && !listed(f->tier[event], s->tier, of->tier_n))
        return false;
    if (listed(f->tier[event], s->except_tier, of->except_tier_n))
        return false;
    return of->channel_n == 0 || listed(f->event[event].channel, s->channel, of->channel_n);
}

bool
chance_starts(const struct facts *f, const struct standard *s, uint32_t event)
{
    const struct tl_standard *of = s->of;
    bool is = of->kind == TL_STANDARD_TRANSFERS && of->start == 0 ? f->event[event].outcome == TL_KO_TRANSFERRED : (f->picks[event] & of->start) != 0;
    return is && chance_in_scope(f, s, event);
}

struct made *
chance_add(struct facts *f, uint32_t standard, uint32_t start)
{
    const struct standard *s = &f->standard[standard];
    const struct tl_kept *e = &f->event[start];

    if (!ROOM_FOR_ONE(f, made))
        return NULL;
    struct made *m = &f->made[f->made_n++];
    *m = (struct made){ .standard = standard, .start = start, .hit = NO_EVENT };
    m->chance = (struct tl_chance){ .standard = s->number, .step = TL_NO_STEP, .start_ms = e->at_ms, .due_ms = TL_TIME_NONE, .ended_ms = TL_TIME_NONE,
                                    .cancelled_ms = TL_TIME_NONE, .place = e->place, .channel = e->channel, .tier = f->tier[start] };
    if (s->of->kind == TL_STANDARD_CLOCK || s->of->kind == TL_STANDARD_REPEAT)
        m->chance.due_ms = e->at_ms + s->of->limit_ms;
    return m;
}

static uint32_t
find(const struct facts *f, uint64_t picks, const uint32_t *list, uint32_t n, uint32_t not_this, uint32_t nor_that)
{
    for (uint32_t i = 0; picks != 0 && i < n; i++)
        if ((f->picks[list[i]] & picks) != 0 && list[i] != not_this && list[i] != nor_that)
            return list[i];
    return NO_EVENT;
}

/* What closes the open chance among the events of one moment: an end before a cancel or the event it was wanted by. NO_EVENT when nothing does. */
static uint32_t
close_open(struct facts *f, uint32_t standard, uint32_t open, const uint32_t *list, uint32_t n, uint32_t used)
{
    const struct tl_standard *of = f->standard[standard].of;
    uint32_t end = find(f, of->end, list, n, open, used), cancel = NO_EVENT, by = NO_EVENT;

    if (end == NO_EVENT)
        cancel = find(f, of->cancel, list, n, open, used);
    if (end == NO_EVENT && cancel == NO_EVENT)
        by = find(f, of->by, list, n, open, used);
    uint32_t closer = end != NO_EVENT ? end : cancel != NO_EVENT ? cancel : by;
    if (closer == NO_EVENT)
        return NO_EVENT;
    struct made *m = chance_add(f, standard, open);
    if (m == NULL)
        return closer;
    const struct tl_kept *e = &f->event[closer];
    m->chance.ended_ms = end != NO_EVENT ? e->at_ms : TL_TIME_NONE;
    m->chance.cancelled_ms = cancel != NO_EVENT ? e->at_ms : TL_TIME_NONE;
    m->chance.place = m->chance.place != 0 ? m->chance.place : e->place;
    m->hit = by;
    m->expected = by == NO_EVENT ? 0 : of->confirm != 0 ? 2 : 1;
    if (of->kind == TL_STANDARD_REQUIRED)
        m->chance.flags = by != NO_EVENT ? TL_CHANCE_HIT : TL_CHANCE_KEPT;
    if (by != NO_EVENT)
        m->chance.due_ms = e->at_ms;
    return closer;
}


/* Of what was wanted and did not come: was it confirmed, at least? list: the events from the moment of the start to that of the end. */
static void
note_confirmed(struct facts *f, uint32_t standard, const uint32_t *list, uint32_t n)
{
    const struct tl_standard *of = f->standard[standard].of;
    struct made *m = f->made_n > 0 ? &f->made[f->made_n - 1] : NULL;

    if (of->confirm == 0 || m == NULL || m->hit == NO_EVENT)
        return;
    m->actual = find(f, of->confirm, list, n, m->start, m->hit) != NO_EVENT;
}

/* One that only waits for the customer to come again is over when the time is. */
static bool
over(const struct facts *f, uint32_t standard, uint32_t open, int64_t now_ms)
{
    const struct tl_standard *of = f->standard[standard].of;
    return of->kind == TL_STANDARD_REPEAT && now_ms > f->event[open].at_ms + of->limit_ms;
}

/* Moment by moment: what is open is closed first, then one start opens, which another event of the same moment may close at once. */
static void
pair(struct facts *f, uint32_t standard, const uint32_t *list, uint32_t n)
{
    uint32_t open = NO_EVENT, from = 0;

    for (uint32_t a = 0, b = 0; a < n; a = b) {
        uint32_t used = NO_EVENT;
        while (b < n && f->event[list[b]].at_ms == f->event[list[a]].at_ms)
            b++;
        if (open != NO_EVENT && over(f, standard, open, f->event[list[a]].at_ms)) {
            chance_add(f, standard, open);
            open = NO_EVENT;
        }
        if (open != NO_EVENT) {
            used = close_open(f, standard, open, list + a, b - a, NO_EVENT);
            if (used != NO_EVENT)
                note_confirmed(f, standard, list + from, b - from);
            open = used != NO_EVENT ? NO_EVENT : open;
        }
        for (uint32_t i = a; open == NO_EVENT && i < b; i++)
            if (chance_starts(f, &f->standard[standard], list[i])) {
                open = list[i];
                from = a;
                if (close_open(f, standard, open, list + a, b - a, used) != NO_EVENT) {
                    note_confirmed(f, standard, list + a, b - a);
                    open = NO_EVENT;
                    break;
                }
            }
    }
    if (open != NO_EVENT)
        chance_add(f, standard, open);
}

static void
count_transfers(struct facts *f, uint32_t standard, const uint32_t *list, uint32_t n)
{
    const struct standard *s = &f->standard[standard];
    uint32_t first = NO_EVENT, over = NO_EVENT;
    int64_t count = 0;

    for (uint32_t i = 0; i < n; i++)
        if (chance_starts(f, s, list[i])) {
            first = count == 0 ? list[i] : first;
            over = count == s->of->most ? list[i] : over;
            count++;
        }
    struct made *m = first != NO_EVENT ? chance_add(f, standard, first) : NULL;
    if (m == NULL)
        return;
    m->expected = s->of->most;
    m->actual = count;
    m->hit = over;
    m->chance.flags = over != NO_EVENT ? TL_CHANCE_HIT : 0;
    m->chance.ended_ms = over != NO_EVENT ? f->event[over].at_ms : TL_TIME_NONE;
}

static void
attempts(struct facts *f, uint32_t standard, const uint32_t *list, uint32_t n)
{
    const struct standard *s = &f->standard[standard];

    for (uint32_t i = 0; i < n; i++) {
        if (!chance_starts(f, s, list[i]))
            continue;
        struct made *m = chance_add(f, standard, list[i]);
        bool failed = s->of->fail != 0 ? (f->picks[list[i]] & s->of->fail) != 0 : facts_failed(&f->event[list[i]]);
        if (m != NULL && failed) {
            m->chance.flags = TL_CHANCE_HIT;
            m->hit = list[i];
            m->actual = 1;
        }
    }
}

static void
make(struct facts *f, uint32_t standard, const uint32_t *list, uint32_t n)
{
    switch (f->standard[standard].of->kind) {
    case TL_STANDARD_FAILED: attempts(f, standard, list, n); break;
    case TL_STANDARD_TRANSFERS: count_transfers(f, standard, list, n); break;
    case TL_STANDARD_CONTEXT: chances_switches(f, standard, list, n); break;
    case TL_STANDARD_SCORE: chances_scores(f, standard, list, n); break;
    case TL_STANDARD_PROMISE:
    case TL_STANDARD_WORD: chances_promises(f, standard, list, n); break;
    case TL_STANDARD_CLOCK:
    case TL_STANDARD_REQUIRED:
    case TL_STANDARD_REPEAT: pair(f, standard, list, n); break;
    }
}

static bool
bears(const struct facts *f, const struct standard *s, uint32_t event)
{
    const struct tl_kept *e = &f->event[event];

    if (e->role == TL_ROLE_SILENT)
        return false;
    if ((f->picks[event] & s->any) != 0)
        return true;
    switch (s->of->kind) {
    case TL_STANDARD_TRANSFERS: return s->of->start == 0 && e->outcome == TL_KO_TRANSFERRED;
    case TL_STANDARD_CONTEXT: return s->of->start == 0 && chances_contact(f, s, event);
    case TL_STANDARD_SCORE: return s->of->start == 0 && e->scores_n > 0;
    case TL_STANDARD_CLOCK:
    case TL_STANDARD_FAILED:
    case TL_STANDARD_REQUIRED:
    case TL_STANDARD_REPEAT:
    case TL_STANDARD_PROMISE:
    case TL_STANDARD_WORD: break;
    }
    return false;
}

static int
by_key(const void *pa, const void *pb)
{
    const struct keyed *a = pa, *b = pb;

    if (a->stream != b->stream)
        return a->stream < b->stream ? -1 : 1;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return a->event < b->event ? -1 : a->event > b->event;
}

void
chances_keyed(struct facts *f, uint32_t standard)
{
    const struct standard *s = &f->standard[standard];
    uint32_t n = 0;

    for (uint32_t i = 0; i < f->n; i++) {
        uint64_t key = s->of->key == TL_KEY_ORDER ? f->event[i].order_hash : f->event[i].case_hash;
        if (key != 0 && bears(f, s, i))
            f->keyed[n++] = (struct keyed){ key, i, f->event[i].stream };
    }
    if (n > 1)
        qsort(f->keyed, n, sizeof *f->keyed, by_key);
    for (uint32_t a = 0, b = 0; a < n; a = b) {
        for (; b < n && f->keyed[b].key == f->keyed[a].key && f->keyed[b].stream == f->keyed[a].stream; b++)
            f->list[b - a] = f->keyed[b].event;
        make(f, standard, f->list, b - a);
    }
}

void
chances_journey(struct facts *f, uint32_t standard, const uint32_t *order, uint32_t n)
{
    uint32_t m = 0;

    for (uint32_t i = 0; i < n; i++)
        if (bears(f, &f->standard[standard], order[i]))
            f->list[m++] = order[i];
    make(f, standard, f->list, m);
}
