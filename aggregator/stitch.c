/* stitch.c - see stitch.h. Per journey type: give every event its run, collect the runs, make a journey of each. */
#include "stitch.h"

#include "facts.h"
#include "tl_hash.h"

#define NO_RUN UINT32_MAX
#define STREAMS 8

struct rule { uint16_t number; enum tl_key key; int64_t gap_ms; bool has_start; };
struct mark { uint32_t start, good, bad; bool backstage; };    /* a bit per journey type, by word number */
struct run { uint64_t thread; uint8_t stream; bool closed; int64_t last_ms; uint32_t n, at; };
struct stitch {
    const struct tl_zone *zone;
    struct rule rule[TL_TYPES_MAX];
    uint32_t rule_n;
    struct mark *mark;
    uint32_t mark_n;
    uint32_t key_channel, key_tier, key_place, key_origin;
    int64_t day_from_ms, day_to_ms;      /* the day that was asked for last */
    int32_t day;
    struct tl_step *step;
    struct run *run;                     /* scratch for n events, all of these */
    uint32_t *run_of, *order, *slot;
    uint32_t *step_of;                   /* by place in order */
    struct facts *facts;
    uint32_t run_n, cap, slot_mask;
};

/* ---- rules ---- */

static struct mark *
mark_of(struct stitch *s, struct tl_store_w *words, struct tl_str word)
{
    uint32_t number = tl_store_w_word(words, word);

    if (number >= s->mark_n) {
        uint32_t n = number + 64;
        struct mark *mark = tl_realloc(s->mark, n * sizeof *mark);
        if (mark == NULL)
            return NULL;
        memset(mark + s->mark_n, 0, (n - s->mark_n) * sizeof *mark);
        s->mark = mark;
        s->mark_n = n;
    }
    return &s->mark[number];
}

static bool
read_type(struct stitch *s, const struct tl_journey_type *t, struct tl_store_w *words, uint32_t i)
{
    const uint32_t bit = UINT32_C(1) << i;
    struct mark *m = NULL;

    s->rule[i] = (struct rule){ (uint16_t)tl_store_w_word(words, t->id), t->key, t->gap_ms, t->start_n > 0 };
    for (uint32_t k = 0; k < t->start_n; k++) {
        if ((m = mark_of(s, words, t->start[k])) == NULL)
            return false;
        m->start |= bit;
    }
    for (uint32_t k = 0; k < t->good_n; k++) {
        if ((m = mark_of(s, words, t->good[k])) == NULL)
            return false;
        m->good |= bit;
    }
    for (uint32_t k = 0; k < t->bad_n; k++) {
        if ((m = mark_of(s, words, t->bad[k])) == NULL)
            return false;
        m->bad |= bit;
    }
    return true;
}

struct stitch *
stitch_new(const struct tl_catalogue *catalogue, struct tl_store_w *words, const struct tl_zone *zone)
{
    struct stitch *s = tl_alloc(sizeof *s);
    bool ok = s != NULL && (s->step = tl_alloc(TL_JOURNEY_STEPS_MAX * sizeof *s->step)) != NULL;

    if (s != NULL) {
        s->zone = zone;
        s->rule_n = catalogue->type_n;
        s->facts = facts_new(catalogue, words);
        ok = ok && s->facts != NULL;
        s->key_channel = tl_store_w_word(words, TL_STR("channel"));
        s->key_tier = tl_store_w_word(words, TL_STR("tier"));
        s->key_place = tl_store_w_word(words, TL_STR("place"));
        s->key_origin = tl_store_w_word(words, TL_STR("origin"));
    }
    for (uint32_t i = 0; ok && i < catalogue->type_n; i++)
        ok = read_type(s, &catalogue->type[i], words, i);
    for (uint32_t i = 0; ok && i < catalogue->touchpoint_n; i++) {
        struct mark *m = catalogue->touchpoint[i].backstage ? mark_of(s, words, catalogue->touchpoint[i].id) : NULL;
        ok = m != NULL || !catalogue->touchpoint[i].backstage;
        if (m != NULL)
            m->backstage = true;
    }
    if (!ok)
        stitch_free(&s);
    return s;
}

void
stitch_free(struct stitch **sp)
{
    struct stitch *s = sp != NULL ? *sp : NULL;

    if (s == NULL)
        return;
    tl_free(s->mark);
    tl_free(s->step);
    tl_free(s->run);
    tl_free(s->run_of);
    tl_free(s->order);
    tl_free(s->slot);
    tl_free(s->step_of);
    facts_free(&s->facts);
    tl_free(s);
    *sp = NULL;
}

static struct mark
marks(const struct stitch *s, const struct tl_kept *e)
{
    struct mark m = {0};

    if (e->type < s->mark_n)
        m = s->mark[e->type];
    if (e->touchpoint < s->mark_n) {
        const struct mark *t = &s->mark[e->touchpoint];
        m = (struct mark){ m.start | t->start, m.good | t->good, m.bad | t->bad, t->backstage };
    } else {
        m.backstage = false;
    }
    return m;
}

/* ---- runs ---- */

static bool
scratch(struct stitch *s, uint32_t n)
{
    if (n <= s->cap)
        return true;
    uint32_t cap = n + n / 2 + 64, slots = 64;
    while (slots < 2 * cap)
        slots *= 2;
    tl_free(s->run);
    tl_free(s->run_of);
    tl_free(s->order);
    tl_free(s->slot);
    tl_free(s->step_of);
    s->run = tl_alloc(cap * sizeof *s->run);
    s->run_of = tl_alloc(cap * sizeof *s->run_of);
    s->order = tl_alloc(cap * sizeof *s->order);
    s->slot = tl_alloc(slots * sizeof *s->slot);
    s->step_of = tl_alloc(cap * sizeof *s->step_of);
    s->cap = s->run != NULL && s->run_of != NULL && s->order != NULL && s->slot != NULL && s->step_of != NULL ? cap : 0;
    return s->cap > 0;
}

static uint32_t
new_run(struct stitch *s, uint64_t thread, uint8_t stream)
{
    s->run[s->run_n] = (struct run){ .thread = thread, .stream = stream };
    return s->run_n++;
}

/* The run of a thread, found by hash or begun. */
static uint32_t
thread_run(struct stitch *s, uint64_t thread, uint8_t stream)
{
    uint32_t i = (uint32_t)tl_mix64(thread + stream) & s->slot_mask;

    for (; s->slot[i] != 0; i = (i + 1) & s->slot_mask) {
        const struct run *r = &s->run[s->slot[i] - 1];
        if (r->thread == thread && r->stream == stream)
            return s->slot[i] - 1;
    }
    uint32_t run = new_run(s, thread, stream);
    s->slot[i] = run + 1;
    return run;
}

/* What threads an event in this type, or 0. The three kinds of text are hashed apart, so their numbers do not meet. */
static uint64_t
thread_of(const struct rule *rule, const struct tl_kept *e)
{
    if (e->journey_hash != 0)
        return e->journey_hash;
    return rule->key == TL_KEY_ORDER ? e->order_hash : rule->key == TL_KEY_CASE ? e->case_hash : 0;
}

/* The run of an event that nothing threads: the open one of its stream, a new one, or none. */
static uint32_t
loose_run(struct stitch *s, const struct rule *rule, const struct tl_kept *e, bool starts, uint32_t *open)
{
    const struct run *r = *open != NO_RUN ? &s->run[*open] : NULL;
    bool within = r != NULL && e->at_ms - r->last_ms <= rule->gap_ms;

    if (rule->key != TL_KEY_NONE && !rule->has_start)
        return NO_RUN;
    /* a signal attaches to what just ended too; it never begins anew what a step would */
    if (within && !starts && (e->role == TL_ROLE_SIGNAL || !r->closed))
        return *open;
    if (rule->has_start && !starts)
        return NO_RUN;
    return *open = new_run(s, 0, e->stream);
}

/* In a type that a key threads, an event without the key joins the nearer of the journey that begins next (a page seen before there was a cart)
 * and the one that something last happened in, within the gap. First from the end, noting the distance to what begins next, then forward. */
static void
give_leads(struct stitch *s, const struct rule *rule, const struct tl_kept *events, uint32_t n)
{
    uint32_t near[STREAMS];

    memset(near, 255, sizeof near);
    for (uint32_t i = n; i-- > 0;) {
        const uint32_t lane = events[i].stream & (STREAMS - 1), run = s->run_of[i];
        s->order[i] = near[lane];
        if (run != NO_RUN && s->run[run].at == i)
            near[lane] = run;
    }
    memset(near, 255, sizeof near);
    for (uint32_t i = 0; i < n; i++) {
        const struct tl_kept *e = &events[i];
        uint32_t *before = &near[e->stream & (STREAMS - 1)], after = s->order[i];
        if (s->run_of[i] != NO_RUN) {
            *before = i;
            continue;
        }
        if (e->role == TL_ROLE_SILENT)
            continue;
        int64_t ahead_ms = after != NO_RUN ? events[s->run[after].at].at_ms - e->at_ms : INT64_MAX;
        int64_t behind_ms = *before != NO_RUN ? e->at_ms - events[*before].at_ms : INT64_MAX;
        uint32_t run = ahead_ms <= behind_ms ? after : s->run_of[*before];
        if ((ahead_ms < behind_ms ? ahead_ms : behind_ms) > rule->gap_ms)
            continue;
        s->run_of[i] = run;
        s->run[run].n++;
    }
}

static void
give_runs(struct stitch *s, uint32_t type, const struct tl_kept *events, uint32_t n)
{
    const struct rule *rule = &s->rule[type];
    const uint32_t bit = UINT32_C(1) << type;
    uint32_t open[STREAMS], slots = 64;

    while (slots < 2 * n)
        slots *= 2;
    s->slot_mask = slots - 1;
    memset(s->slot, 0, slots * sizeof *s->slot);
    memset(open, 255, sizeof open);
    s->run_n = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct tl_kept *e = &events[i];
        s->run_of[i] = NO_RUN;
        if (e->role == TL_ROLE_SILENT)
            continue;
        struct mark m = marks(s, e);
        uint64_t thread = thread_of(rule, e);
        uint32_t run = thread != 0 ? thread_run(s, thread, e->stream) : loose_run(s, rule, e, (m.start & bit) != 0, &open[e->stream & (STREAMS - 1)]);
        s->run_of[i] = run;
        if (run == NO_RUN)
            continue;
        if (s->run[run].n == 0)
            s->run[run].at = i;         /* its first event, until collect_runs */
        s->run[run].last_ms = e->at_ms;
        s->run[run].closed = s->run[run].closed || ((m.good | m.bad) & bit) != 0;
        s->run[run].n++;
    }
    if (rule->key != TL_KEY_NONE && !rule->has_start)
        give_leads(s, rule, events, n);
}

/* order[]: the events of each run together, runs and events in order. */
static void
collect_runs(struct stitch *s, uint32_t n)
{
    uint32_t at = 0;

    for (uint32_t r = 0; r < s->run_n; r++) {
        s->run[r].at = at;
        at += s->run[r].n;
        s->run[r].n = 0;
    }
    for (uint32_t i = 0; i < n; i++)
        if (s->run_of[i] != NO_RUN) {
            struct run *r = &s->run[s->run_of[i]];
            s->order[r->at + r->n++] = i;
        }
}

/* ---- journeys ---- */

static uint8_t
merged_lifecycle(uint8_t a, uint8_t b)
{
    if (a == b)
        return a;
    bool done = a == TL_LC_COMPLETE || b == TL_LC_COMPLETE || a == TL_LC_SPAN || b == TL_LC_SPAN;
    return done ? TL_LC_SPAN : a == TL_LC_START || b == TL_LC_START ? TL_LC_START : TL_LC_OTHER;
}

static uint8_t
step_flags(const struct stitch *s, const struct tl_kept *e)
{
    bool failed = e->outcome == TL_KO_FAIL || e->outcome == TL_KO_ABANDONED || e->outcome == TL_KO_TIMEOUT;
    return (uint8_t)((e->time_ms == TL_TIME_NONE ? TL_STEP_TIME_MISSING : 0) | (failed ? TL_STEP_FAIL : 0) | (marks(s, e).backstage ? TL_STEP_BACKSTAGE : 0));
}

static void
add_step(struct stitch *s, struct tl_journey *j, const struct tl_kept *e, const struct tl_kept *before)
{
    struct tl_step *last = j->steps_n > 0 ? &j->step[j->steps_n - 1] : NULL;

    if (last != NULL && before->touchpoint == e->touchpoint && before->case_hash == e->case_hash && !((before->flags | e->flags) & TL_KEPT_NO_MERGE)) {
        last->end_ms = e->at_ms;
        last->lifecycle = merged_lifecycle(last->lifecycle, e->lifecycle);
        last->flags |= step_flags(s, e);
        last->wait_ms = last->wait_ms >= 0 ? last->wait_ms : e->wait_ms;
        return;
    }
    if (j->steps_n == TL_JOURNEY_STEPS_MAX) {
        j->cut = true;
        j->cut_n++;
        return;
    }
    uint8_t tie = last != NULL && last->start_ms == e->at_ms ? TL_STEP_TIE : 0;
    j->step[j->steps_n++] = (struct tl_step){ .touchpoint = e->touchpoint, .channel = (uint16_t)e->channel, .lifecycle = e->lifecycle,
                                              .flags = (uint8_t)(step_flags(s, e) | tie), .start_ms = e->at_ms, .end_ms = e->at_ms, .wait_ms = e->wait_ms };
}

static void
add_attr(struct tl_journey *j, uint32_t key, uint32_t value)
{
    if (value == 0 || j->attrs_n == TL_JOURNEY_ATTRS_MAX)
        return;
    for (uint32_t i = 0; i < j->attrs_n; i++)
        if (j->attr[i].key == key)
            return;
    j->attr[j->attrs_n++] = (struct tl_attr){ key, value };
}

/* Attributes at the start: the first event that tells. Channel and place are the first step's that has one. */
static void
add_attrs(const struct stitch *s, struct tl_journey *j, const struct tl_kept *events, const uint32_t *order, uint32_t n)
{
    uint32_t channel = 0, tier = 0, place = 0;

    for (uint32_t i = 0; i < n; i++) {
        const struct tl_kept *e = &events[order[i]];
        channel = channel == 0 && e->role == TL_ROLE_STEP ? e->channel : channel;
        place = place == 0 && e->role == TL_ROLE_STEP ? e->place : place;
        tier = tier == 0 ? e->tier : tier;
    }
    add_attr(j, s->key_origin, events[order[0]].origin);
    add_attr(j, s->key_channel, channel);
    add_attr(j, s->key_tier, tier);
    add_attr(j, s->key_place, place);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t p = 0; p < events[order[i]].promoted_n; p++)
            add_attr(j, events[order[i]].promoted[p].key, events[order[i]].promoted[p].value);
}

static int32_t
day_of(struct stitch *s, int64_t ms)
{
    if (ms < s->day_from_ms || ms >= s->day_to_ms) {
        s->day = tl_zone_day(s->zone, ms);
        s->day_from_ms = tl_zone_day_start_ms(s->zone, s->day);
        s->day_to_ms = tl_zone_day_start_ms(s->zone, s->day + 1);
    }
    return s->day;
}

static int
make_journey(struct stitch *s, uint32_t type, const struct run *r, const struct tl_kept *events, struct tl_journey *j, struct tl_err *err)
{
    struct facts_run told = { .type = type, .order = s->order + r->at, .n = r->n, .step = s->step_of, .closed = r->n };
    const uint32_t *order = s->order + r->at, bit = UINT32_C(1) << type;
    const struct tl_kept *first = &events[order[0]], *before = NULL;

    j->type = s->rule[type].number;
    j->start_ms = first->at_ms;
    j->day = day_of(s, first->at_ms);
    j->tag = (uint32_t)first->id_hash;
    j->last_ms = events[order[r->n - 1]].at_ms;
    j->stream = r->stream;
    j->outcome = TL_UNDECIDED;
    j->cut = false;
    j->cut_n = j->attrs_n = j->steps_n = 0;
    j->step = s->step;
    for (uint32_t i = 0; i < r->n; i++) {
        const struct tl_kept *e = &events[order[i]];
        struct mark m = marks(s, e);
        if (j->outcome == TL_UNDECIDED)
            j->outcome = m.good & bit ? TL_GOOD : m.bad & bit ? TL_BAD : TL_UNDECIDED;
        if (j->outcome != TL_UNDECIDED && told.closed == r->n)
            told.closed = i;
        if (e->role == TL_ROLE_STEP) {
            add_step(s, j, e, before);
            s->step_of[i] = j->steps_n - 1;
            before = e;
        }
    }
    add_attrs(s, j, events, order, r->n);
    return facts_journey(s->facts, &told, j, err);
}

int
stitch_events(struct stitch *s, uint64_t customer, const struct tl_kept *events, uint32_t n, stitch_each each, void *arg, struct tl_err *err)
{
    struct tl_journey j = { .customer = customer };

    int rc = 0;

    if (n == 0)
        return facts_customer(s->facts, events, 0, err);
    if (!scratch(s, n))
        return tl_fail(err, TL_ENOMEM, "out of memory for a customer's journeys");
    rc = facts_customer(s->facts, events, n, err);
    for (uint32_t type = 0; rc == 0 && type < s->rule_n; type++) {
        give_runs(s, type, events, n);
        collect_runs(s, n);
        for (uint32_t r = 0; rc == 0 && r < s->run_n; r++) {
            rc = make_journey(s, type, &s->run[r], events, &j, err);
            if (rc == 0)
                rc = each(arg, &j);
        }
    }
    return rc;
}

const struct tl_profile_outcome *
stitch_outcomes(const struct stitch *s, uint32_t *n)
{
    return facts_outcomes(s->facts, n);
}

const struct facts_due *
stitch_dues(const struct stitch *s, uint32_t *n)
{
    return facts_dues(s->facts, n);
}
