/* facts_dues.c - the moments of one customer that may alert (tl_due.h): waits that are not over in time, bad experiences at key touchpoints, low scores, events
 * that the catalogue's `alerts` name. A moment that journeys of several types tell is one; it is of the journey of the type that stands last in the catalogue.
 * What is put in here as id and pair are rules: weave_dues makes ids of them, which knows the identities. */
#include "facts_in.h"

struct named { uint32_t number, on; uint32_t *tier, *except_tier, *channel; };     /* of an alert rule */
struct key { uint32_t number; struct tl_str id; };
struct dues {
    struct named named[TL_ALERT_RULES_MAX];
    struct key *key; uint32_t key_n;             /* touchpoints that are moments of truth */
    uint32_t low[3];                             /* kinds of score with five steps */
    struct facts_due *due; uint32_t due_n, due_cap;
};

/* the lowest two of five */
static const struct { const char *kind; int32_t most_milli; } lows[] = { { "emotion", -1000 }, { "csat5", 2000 }, { "csat7", 2000 } };

struct dues *
dues_new(const struct tl_catalogue *c, struct tl_store_w *words)
{
    struct dues *d = tl_alloc(sizeof *d);
    bool ok = d != NULL && (d->key = tl_alloc((c->touchpoint_n + 1) * sizeof *d->key)) != NULL;

    for (uint32_t i = 0; ok && i < c->touchpoint_n; i++)
        if (c->touchpoint[i].key)
            d->key[d->key_n++] = (struct key){ tl_store_w_word(words, c->touchpoint[i].id), c->touchpoint[i].id };
    for (uint32_t i = 0; ok && i < c->alert_n; i++) {
        const struct tl_alert_rule *of = &c->alert[i];
        struct named *n = &d->named[i];
        n->number = tl_store_w_word(words, of->id);
        n->on = of->on.p != NULL ? tl_store_w_word(words, of->on) : 0;
        n->tier = facts_numbers(words, of->tier, of->tier_n);
        n->except_tier = facts_numbers(words, of->except_tier, of->except_tier_n);
        n->channel = facts_numbers(words, of->channel, of->channel_n);
        ok = n->tier != NULL && n->except_tier != NULL && n->channel != NULL;
    }
    for (int i = 0; ok && d->key_n > 0 && i < 3; i++)
        d->low[i] = tl_store_w_word(words, tl_str_of(lows[i].kind));
    if (!ok)
        dues_free(&d);
    return d;
}

void
dues_free(struct dues **dp)
{
    struct dues *d = *dp;

    if (d == NULL)
        return;
    for (uint32_t i = 0; i < TL_ALERT_RULES_MAX; i++) {
        tl_free(d->named[i].tier);
        tl_free(d->named[i].except_tier);
        tl_free(d->named[i].channel);
    }
    tl_free(d->key);
    tl_free(d->due);
    tl_free(d);
    *dp = NULL;
}

void
dues_customer(struct dues *d)
{
    d->due_n = 0;
}

static struct tl_due *
add(struct facts *f, const struct tl_journey *j, uint8_t kind, struct tl_str rule, uint32_t event)
{
    struct dues *l = f->dues;
    const struct tl_kept *e = &f->event[event];

    if (!facts_room(f, (void **)&l->due, l->due_n, &l->due_cap, sizeof *l->due))
        return NULL;
    struct facts_due *d = &l->due[l->due_n++];
    *d = (struct facts_due){ .event = e->id_hash, .home = e->home };
    d->due = (struct tl_due){ .id = tl_due_rule(kind, rule), .kind = kind, .severity = 2, .stream = j->stream, .priority = TL_DUE_NO_PRIORITY, .at_ms = e->at_ms,
                              .started_ms = e->at_ms, .due_ms = TL_TIME_NONE, .ended_ms = TL_TIME_NONE, .journey_ms = j->start_ms, .type = j->type,
                              .touchpoint = e->touchpoint, .place = e->place, .channel = e->channel, .tier = f->tier[event] };
    return &d->due;
}

/* ---- waits: clocks, and promises that are not kept ---- */

static uint8_t
priority_of(const struct facts *f, const struct tl_standard *of, uint32_t event)
{
    for (uint32_t i = 0; i < of->priority_n; i++)
        if ((f->picks[event] & of->priority[i]) != 0)
            return (uint8_t)i;
    return of->priority_n > 0 ? (uint8_t)of->priority_n : TL_DUE_NO_PRIORITY;
}

static void
add_wait(struct facts *f, const struct tl_journey *j, const struct made *m, uint8_t kind, int64_t at_ms)
{
    const struct standard *s = &f->standard[m->standard];
    struct tl_due *d = add(f, j, kind, s->of->id, m->start);

    if (d == NULL)
        return;
    d->pair = tl_due_rule(kind == TL_ALERT_NEAR ? TL_ALERT_PASSED : TL_ALERT_NEAR, s->of->id);
    d->severity = s->of->class_of == TL_CLASS_BASIC || s->of->critical ? 3 : 2;
    d->severity = (uint8_t)(d->severity - (kind == TL_ALERT_NEAR));
    d->priority = priority_of(f, s->of, m->start);
    d->at_ms = at_ms;
    d->due_ms = m->chance.due_ms;
    d->ended_ms = m->chance.ended_ms;
    d->rule = s->number;
    d->touchpoint = s->on != 0 ? s->on : d->touchpoint;
    d->place = m->chance.place;
}

/* Exactly at the limit is in time: what follows it is not. Over before the warning, or before the limit: nothing to tell. */
static void
waits(struct facts *f, const struct tl_journey *j, const struct made *m)
{
    const struct tl_standard *of = f->standard[m->standard].of;
    const struct tl_chance *c = &m->chance;
    bool ended = c->ended_ms != TL_TIME_NONE, cancelled = c->cancelled_ms != TL_TIME_NONE;
    double warn = of->warn > 0 ? of->warn : 0.8;

    if ((of->kind != TL_STANDARD_CLOCK && of->kind != TL_STANDARD_PROMISE) || of->class_of == TL_CLASS_BEYOND || c->due_ms == TL_TIME_NONE)
        return;
    if (!ended && !cancelled && c->due_ms > c->start_ms)
        add_wait(f, j, m, TL_ALERT_NEAR, c->start_ms + (int64_t)((double)(c->due_ms - c->start_ms) * warn));
    if (!(ended && c->ended_ms <= c->due_ms) && !(cancelled && c->cancelled_ms < c->due_ms))
        add_wait(f, j, m, TL_ALERT_PASSED, c->due_ms + 1);
}

/* ---- bad experiences at key touchpoints, and low scores anywhere ---- */

static const struct key *
key_of(const struct dues *l, uint32_t touchpoint)
{
    for (uint32_t i = 0; i < l->key_n; i++)
        if (l->key[i].number == touchpoint)
            return &l->key[i];
    return NULL;
}

static struct tl_str
standard_id(const struct facts *f, uint32_t number)
{
    for (uint32_t i = 0; i < f->standard_n; i++)
        if (f->standard[i].number == number)
            return f->standard[i].of->id;
    return (struct tl_str){0};
}

static void
bad_breaks(struct facts *f, const struct tl_journey *j)
{
    for (uint32_t i = 0; i < f->broken_n; i++) {
        const struct tl_break *b = &f->broken[i].b;
        const struct key *key = key_of(f->dues, b->touchpoint);
        bool planned = b->kind == TL_BREAK_MISSING || b->kind == TL_BREAK_ORDER || b->kind == TL_BREAK_ADHOC, low = b->kind == TL_BREAK_SCORE;
        if (planned || (key == NULL && !low))
            continue;
        struct tl_due *d = add(f, j, key != NULL ? TL_ALERT_MOMENT : TL_ALERT_SCORE, key != NULL ? key->id : standard_id(f, b->standard), f->broken[i].event);
        if (d == NULL)
            return;
        d->severity = key != NULL ? 3 : 2;
        d->rule = b->standard;
        d->touchpoint = b->touchpoint;
        d->place = b->place;
        d->break_kind = (uint8_t)(b->kind + 1);
    }
}

static bool
is_low(const struct dues *l, const struct tl_kept_score *s)
{
    for (int i = 0; i < 3; i++)
        if (s->kind == l->low[i])
            return s->milli <= lows[i].most_milli;
    return false;
}

static void
bad_scores(struct facts *f, const struct facts_run *run, const struct tl_journey *j)
{
    for (uint32_t i = 0; i < run->n; i++) {
        const struct tl_kept *e = &f->event[run->order[i]];
        for (uint32_t k = 0; k < e->scores_n; k++) {
            uint32_t at = run->step[i] < j->steps_n ? j->step[run->step[i]].touchpoint : e->touchpoint;
            const struct key *key = is_low(f->dues, &e->score[k]) ? key_of(f->dues, at) : NULL;
            struct tl_due *d = key != NULL ? add(f, j, TL_ALERT_MOMENT, key->id, run->order[i]) : NULL;
            if (d == NULL)
                continue;
            d->severity = 3;
            d->touchpoint = at;
            d->score = e->score[k].kind;
            d->milli = e->score[k].milli;
        }
    }
}

/* ---- events that the catalogue names ---- */

static bool
listed(uint32_t number, const uint32_t *list, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (list[i] == number)
            return true;
    return false;
}

static void
named(struct facts *f, const struct tl_journey *j, uint32_t event)
{
    static const uint8_t kinds[] = { TL_ALERT_SCORE, TL_ALERT_COMPLAINT, TL_ALERT_EVENT };
    const struct tl_kept *e = &f->event[event];

    for (uint32_t i = 0; i < f->catalogue->alert_n; i++) {
        const struct tl_alert_rule *of = &f->catalogue->alert[i];
        const struct named *n = &f->dues->named[i];
        if ((f->picks[event] & of->at) == 0 || (of->tier_n > 0 && !listed(f->tier[event], n->tier, of->tier_n)) ||
            listed(f->tier[event], n->except_tier, of->except_tier_n) || (of->channel_n > 0 && !listed(e->channel, n->channel, of->channel_n)))
            continue;
        struct tl_due *d = add(f, j, kinds[of->kind], of->id, event);
        if (d == NULL)
            return;
        d->severity = of->severity;
        d->rule = n->number;
        d->touchpoint = n->on != 0 ? n->on : d->touchpoint;
        d->score = e->scores_n > 0 ? e->score[0].kind : 0;
        d->milli = e->scores_n > 0 ? e->score[0].milli : 0;
    }
}

void
dues_journey(struct facts *f, const struct facts_run *run, const struct tl_journey *j)
{
    if (j->stream != TL_STREAM_LIVE && j->stream != TL_STREAM_MYSTERY)
        return;
    for (uint32_t c = 0; c < f->chosen_n; c++)
        waits(f, j, &f->made[f->chosen[c]]);
    bad_breaks(f, j);
    if (f->dues->key_n > 0)
        bad_scores(f, run, j);
    for (uint32_t i = 0; f->catalogue->alert_n > 0 && i < run->n; i++)
        named(f, j, run->order[i]);
}

const struct facts_due *
facts_dues(const struct facts *f, uint32_t *n)
{
    *n = f->dues->due_n;
    return f->dues->due;
}
