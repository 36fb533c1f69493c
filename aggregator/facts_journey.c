/* facts_journey.c - the facts of one journey: the chances its events start, breaks, scores, outcomes, each in its order. */
#include <stdlib.h>

#include "facts_in.h"

enum { LOOK_BACK_STEPS = 1000 };
enum { RANK_STANDARD = 1000, RANK_MISSING = 2000, RANK_ADHOC = 3000 };      /* breaks of one event: failures, then standards, required steps, what was not planned; in catalogue order */
enum { ADHOC_MAX = 64 };         /* touchpoints of one journey that are told as not planned */

/* A signal is of the latest step before it that shares its order, case or touchpoint, else of the latest. */
static uint32_t
step_of_signal(const struct facts *f, const struct facts_run *run, uint32_t at)
{
    const struct tl_kept *e = &f->event[run->order[at]];
    uint32_t latest = TL_NO_STEP, looked = 0;

    for (uint32_t i = at; i-- > 0 && looked < LOOK_BACK_STEPS;) {
        const struct tl_kept *s = &f->event[run->order[i]];
        if (s->role != TL_ROLE_STEP)
            continue;
        looked++;
        latest = latest == TL_NO_STEP ? run->step[i] : latest;
        if ((e->order_hash != 0 && s->order_hash == e->order_hash) || (e->case_hash != 0 && s->case_hash == e->case_hash) || s->touchpoint == e->touchpoint)
            return run->step[i];
    }
    return latest;
}

static uint8_t
severity_of(const struct facts *f, const struct standard *s, uint32_t touchpoint)
{
    bool key = touchpoint < f->word_n && f->word[touchpoint].key;
    int severity = key || (s != NULL && s->of->critical) ? 3 : 1;

    severity += s != NULL && s->of->class_of == TL_CLASS_BASIC;
    return (uint8_t)(severity < 3 ? severity : 3);
}

static struct tl_break *
add_break(struct facts *f, uint32_t event, uint32_t rank)
{
    const struct tl_kept *e = &f->event[event];

    if (!ROOM_FOR_ONE(f, broken))
        return NULL;
    struct broken *b = &f->broken[f->broken_n++];
    *b = (struct broken){ .event = event, .rank = rank };
    b->b = (struct tl_break){ .at_ms = e->at_ms, .place = e->place, .channel = e->channel, .touchpoint = e->touchpoint, .evidence = e->id_hash };
    return &b->b;
}

static void
break_standard(struct facts *f, const struct made *m, uint32_t step)
{
    static const uint8_t kinds[] = { [TL_STANDARD_FAILED] = TL_BREAK_FAILED, [TL_STANDARD_REQUIRED] = TL_BREAK_REQUIRED, [TL_STANDARD_TRANSFERS] = TL_BREAK_TRANSFERS,
                                     [TL_STANDARD_CONTEXT] = TL_BREAK_CONTEXT, [TL_STANDARD_SCORE] = TL_BREAK_SCORE };
    const struct standard *s = &f->standard[m->standard];
    struct tl_break *b = m->hit != NO_EVENT && s->of->class_of != TL_CLASS_BEYOND ? add_break(f, m->hit, RANK_STANDARD + m->standard) : NULL;

    if (b == NULL)
        return;
    b->kind = kinds[s->of->kind];
    b->standard = s->number;
    b->step = step;
    b->touchpoint = s->on != 0 ? s->on : f->event[m->start].touchpoint;
    b->place = m->chance.place;
    b->channel = m->chance.channel;
    b->expected = m->expected;
    b->actual = m->actual;
    b->severity = severity_of(f, s, b->touchpoint);
}

/* ---- chances ---- */

static int
by_start(const void *pa, const void *pb, void *arg)
{
    const struct facts *f = arg;
    const struct made *a = &f->made[*(const uint32_t *)pa], *b = &f->made[*(const uint32_t *)pb];

    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return a->standard < b->standard ? -1 : a->standard > b->standard;
}

static void
choose(struct facts *f, uint32_t made)
{
    if (ROOM_FOR_ONE(f, chosen))
        f->chosen[f->chosen_n++] = made;
}

static void
collect_chances(struct facts *f, const struct facts_run *run)
{
    const uint32_t before = f->made_n;
    uint32_t at = 0;

    f->chosen_n = 0;
    for (uint32_t s = 0; s < f->standard_n; s++)
        if (f->standard[s].of->key == TL_KEY_JOURNEY)
            chances_journey(f, s, run->order, run->n);
    for (uint32_t i = 0; i < run->n; i++)
        for (uint32_t m = f->first[run->order[i]]; m != 0; m = f->made[m - 1].next)
            choose(f, m - 1);
    for (uint32_t m = before; m < f->made_n; m++)
        choose(f, m);
    if (f->chosen_n > 1)
        qsort_r(f->chosen, f->chosen_n, sizeof *f->chosen, by_start, f);
    for (uint32_t c = 0; c < f->chosen_n; c++) {
        struct made *m = &f->made[f->chosen[c]];
        while (run->order[at] != m->start)
            at++;
        m->chance.step = run->step[at];
        break_standard(f, m, run->step[at]);
        if (f->facts.chance_n < TL_FACTS_MAX)
            f->facts.chance[f->facts.chance_n++] = m->chance;
        else
            f->facts.cut_n++;
    }
    f->made_n = before;
}

/* ---- breaks ---- */

static void
break_failures(struct facts *f, const struct facts_run *run)
{
    for (uint32_t i = 0; i < run->n; i++) {
        const struct tl_kept *e = &f->event[run->order[i]];
        if (e->role != TL_ROLE_STEP || !facts_failed(e) || (f->picks[run->order[i]] & f->watched) != 0)
            continue;
        struct tl_break *b = add_break(f, run->order[i], 0);
        if (b == NULL)
            return;
        b->kind = TL_BREAK_FAILURE;
        b->step = run->step[i];
        b->actual = 1;
        b->severity = severity_of(f, NULL, e->touchpoint);
    }
}

/* The first step at the touchpoint wanted, or at one of its alternatives. */
static uint32_t
first_visit(const struct tl_journey *j, const struct required *r, uint32_t k)
{
    for (uint32_t i = 0; i < j->steps_n; i++)
        for (uint32_t a = k; a < r->n; a++)
            if (r->same[a] == k && j->step[i].touchpoint == r->touchpoint[a])
                return i;
    return j->steps_n;
}

static void
break_order(struct facts *f, const struct facts_run *run, uint32_t step, uint32_t touchpoint, uint32_t wanted, uint32_t rank)
{
    uint32_t at = 0;

    while (at < run->n && !(f->event[run->order[at]].role == TL_ROLE_STEP && run->step[at] == step))
        at++;
    struct tl_break *b = at < run->n ? add_break(f, run->order[at], rank) : NULL;
    if (b == NULL)
        return;
    b->kind = TL_BREAK_ORDER;
    b->step = step;
    b->expected = wanted;
    b->touchpoint = touchpoint;
    b->actual = f->event[run->order[at]].touchpoint;
    b->severity = severity_of(f, NULL, touchpoint);
}

static void
break_required(struct facts *f, const struct facts_run *run, const struct tl_journey *j)
{
    const struct required *r = &f->required[run->type];
    uint32_t before = j->steps_n;

    if (j->outcome != TL_GOOD || run->closed >= run->n || j->cut)
        return;
    for (uint32_t k = 0; k < r->n; k++) {
        if (r->same[k] != k)
            continue;
        uint32_t step = first_visit(j, r, k);
        if (step < j->steps_n) {
            if (before < j->steps_n && j->step[step].start_ms < j->step[before].start_ms)
                break_order(f, run, step, r->touchpoint[k], j->step[before].touchpoint, RANK_MISSING + k);
            before = step;
            continue;
        }
        struct tl_break *b = add_break(f, run->order[run->closed], RANK_MISSING + k);
        if (b == NULL)
            return;
        b->kind = TL_BREAK_MISSING;
        b->step = run->step[run->closed];
        b->touchpoint = r->touchpoint[k];
        b->expected = 1;
        b->severity = 3;
    }
}

static bool
told_already(const struct facts *f, uint32_t touchpoint)
{
    for (uint32_t i = f->broken_n; i-- > 0 && f->broken[i].b.kind == TL_BREAK_ADHOC;)
        if (f->broken[i].b.touchpoint == touchpoint)
            return true;
    return false;
}

/* What the customer met and the blueprint does not have, each at its first visit. */
static void
break_unplanned(struct facts *f, const struct facts_run *run)
{
    const uint32_t bit = UINT32_C(1) << run->type;

    for (uint32_t i = 0, found = 0; (f->plans & bit) != 0 && i < run->n; i++) {
        const struct tl_kept *e = &f->event[run->order[i]];
        const struct word_picks *w = e->touchpoint < f->word_n ? &f->word[e->touchpoint] : NULL;
        if (e->role != TL_ROLE_STEP || (w != NULL && (w->backstage || (w->planned & bit) != 0)) || told_already(f, e->touchpoint))
            continue;
        if (found++ == ADHOC_MAX) {
            f->facts.cut_n++;
            return;
        }
        struct tl_break *b = add_break(f, run->order[i], RANK_ADHOC);
        if (b == NULL)
            return;
        b->kind = TL_BREAK_ADHOC;
        b->step = run->step[i];
        b->actual = 1;
        b->severity = severity_of(f, NULL, e->touchpoint);
    }
}

static int
by_event(const void *pa, const void *pb)
{
    const struct broken *a = pa, *b = pb;

    if (a->event != b->event)
        return a->event < b->event ? -1 : 1;
    return a->rank < b->rank ? -1 : a->rank > b->rank;
}

static void
collect_breaks(struct facts *f)
{
    if (f->broken_n > 1)
        qsort(f->broken, f->broken_n, sizeof *f->broken, by_event);
    for (uint32_t i = 0; i < f->broken_n; i++) {
        if (f->facts.break_n < TL_FACTS_MAX)
            f->facts.brk[f->facts.break_n++] = f->broken[i].b;
        else
            f->facts.cut_n++;
    }
}

/* ---- scores and outcomes ---- */

static void
add_score(struct facts *f, uint32_t kind, int32_t milli, uint32_t step, int64_t at_ms)
{
    if (f->facts.scored_n < TL_FACTS_MAX)
        f->facts.scored[f->facts.scored_n++] = (struct tl_scored){ kind, milli, step, at_ms };
    else
        f->facts.cut_n++;
}

static void
collect_scores(struct facts *f, const struct facts_run *run)
{
    for (uint32_t i = 0; i < run->n; i++) {
        const struct tl_kept *e = &f->event[run->order[i]];
        if (e->type == f->asked)
            add_score(f, f->asked, 0, run->step[i], e->at_ms);
        for (uint32_t k = 0; k < e->scores_n; k++)
            add_score(f, e->score[k].kind, e->score[k].milli, run->step[i], e->at_ms);
    }
}

static void
collect_outcomes(struct facts *f, const struct facts_run *run)
{
    for (uint32_t i = 0; i < run->n; i++) {
        const uint64_t picks = f->picks[run->order[i]] & f->told;
        for (uint32_t o = 0; picks != 0 && o < f->catalogue->outcome_n; o++) {
            const struct tl_outcome_def *def = &f->catalogue->outcome[o];
            if (def->customer || (def->when & picks) == 0)
                continue;
            if (f->facts.marked_n < TL_FACTS_MAX)
                f->facts.marked[f->facts.marked_n++] = (struct tl_marked){ f->outcome[o], run->step[i], f->event[run->order[i]].at_ms };
            else
                f->facts.cut_n++;
        }
    }
}

/* Most journeys of a store without a catalogue tell nothing. */
static bool
silent(const struct facts *f, const struct facts_run *run)
{
    for (uint32_t i = 0; i < run->n; i++) {
        const struct tl_kept *e = &f->event[run->order[i]];
        if (f->picks[run->order[i]] != 0 || e->scores_n > 0 || e->type == f->asked || facts_failed(e) || (e->outcome == TL_KO_TRANSFERRED && f->standard_n > 0))
            return false;
    }
    return f->required[run->type].n == 0 && !f->contacts && (f->plans >> run->type & 1) == 0;
}

int
facts_journey(struct facts *f, const struct facts_run *run, struct tl_journey *j, struct tl_err *err)
{
    j->facts = (struct tl_str){0};
    if (silent(f, run))
        return 0;
    f->facts.chance_n = f->facts.break_n = f->facts.scored_n = f->facts.marked_n = f->facts.cut_n = f->broken_n = 0;
    for (uint32_t i = 0; i < run->n; i++)
        if (f->event[run->order[i]].role != TL_ROLE_STEP)
            run->step[i] = step_of_signal(f, run, i);
    collect_chances(f, run);
    break_failures(f, run);
    break_required(f, run, j);
    break_unplanned(f, run);
    collect_breaks(f);
    collect_scores(f, run);
    collect_outcomes(f, run);
    dues_journey(f, run, j);
    tl_buf_reset(&f->bytes);
    tl_facts_put(&f->bytes, &f->facts, j->start_ms);
    if (f->failed || f->bytes.failed)
        return tl_fail(err, TL_ENOMEM, "out of memory for what a customer's journeys tell");
    j->facts = (struct tl_str){ (const char *)f->bytes.data, f->bytes.len };
    return 0;
}
