/* fold_coverage.c - how much of the catalogue is seen, what is seen and not in it, and key touchpoints missing from journeys that should contain them.
 *
 * A journey should contain what its type requires, and what a blueprint of its type plans as required and without alternative; judged of journeys closed good only. */
#include <stdlib.h>

#include "answer_blueprint.h"

static bool
is_unassigned(const void *arg, struct tl_str touchpoint)
{
    return tl_catalogue_touchpoint(arg, touchpoint) == NULL;
}

static bool
is_assigned(const void *arg, struct tl_str touchpoint)
{
    return !is_unassigned(arg, touchpoint);
}

static bool
can_be_step(const struct tl_touchpoint *tp)
{
    return !tp->role_given || tp->role == TL_ROLE_STEP;
}

static int
cover(struct look *k, struct coverage_answer *out, struct tl_err *err)
{
    const struct tl_catalogue *c = k->catalogue;
    struct seen_answer *seen = NULL;
    uint32_t seen_n = 0;
    int rc = fold_seen(k, is_assigned, c, &seen, &seen_n, &out->journeys, &out->steps, err);
    out->item = rc == 0 ? tl_arena_alloc(k->arena, (c->touchpoint_n + 1) * sizeof *out->item) : NULL;
    if (rc == 0 && !out->item) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    for (uint32_t i = 0; rc == 0 && i < c->touchpoint_n; i++) {
        struct covered_answer a = { .touchpoint = &c->touchpoint[i] };
        for (uint32_t s = 0; s < seen_n; s++)
            if (tl_str_eq(seen[s].touchpoint, c->touchpoint[i].id)) {
                a.steps = seen[s].steps;
                a.journeys = seen[s].journeys;
            }
        if (!can_be_step(a.touchpoint) && a.steps == 0) out->signals++;
        else {
            out->covered += a.steps > 0;
            out->item[out->touchpoints++] = a;
        }
    }
    return rc;
}

/* ---- key touchpoints that should be there ---- */

struct should { const struct tl_touchpoint *of[PLAN_STEPS_MAX]; struct plan_ask ask; };

static void
should_add(struct look *k, struct should *s, struct tl_str id)
{
    const struct tl_touchpoint *tp = tl_catalogue_touchpoint(k->catalogue, id);
    if (!tp || !tp->key || s->ask.n == PLAN_STEPS_MAX) return;
    for (uint32_t i = 0; i < s->ask.n; i++)
        if (s->of[i] == tp) return;
    s->of[s->ask.n] = tp;
    s->ask.step[s->ask.n++] = (struct plan_step_ask){ .touchpoint = fold_number(k, id) };
}

static void
should_find(struct look *k, struct should *s)
{
    const struct tl_catalogue *c = k->catalogue;
    const struct tl_journey_type *type = &c->type[k->type];
    for (uint32_t i = 0; i < type->required_n; i++) should_add(k, s, type->required[i]);
    for (uint32_t b = 0; b < c->blueprint_n; b++)
        for (uint32_t i = 0; c->blueprint[b].type == k->type && i < c->blueprint[b].step_n; i++)
            if (c->blueprint[b].step[i].required && !c->blueprint[b].step[i].group.p) should_add(k, s, c->blueprint[b].step[i].touchpoint);
}

static int
most_missing(const void *x, const void *y)
{
    const struct missing_answer *a = x, *b = y;
    if (a->missing != b->missing) return a->missing < b->missing ? 1 : -1;
    if (a->touchpoint != b->touchpoint) return a->touchpoint < b->touchpoint ? -1 : 1;
    return tl_str_cmp(a->journey, b->journey);
}

/* of the journeys of one type; list has room for PLAN_STEPS_MAX more */
static int
missing_of_type(struct look *k, struct coverage_answer *out, struct tl_err *err)
{
    struct should s = { .ask = { .n = 0 } };
    struct fold_part *sum = NULL;
    should_find(k, &s);
    if (s.ask.n == 0) return 0;
    int rc = fold_plan(k, &s.ask, &sum, err);
    if (rc) return rc;
    const struct plan *p = sum->part;
    for (uint32_t i = 0; i < s.ask.n; i++) {
        struct missing_answer *m = &out->missing[out->missing_n++];
        *m = (struct missing_answer){ .touchpoint = s.of[i], .journey = k->catalogue->type[k->type].id, .n = p->ends[TL_END_GOOD], .missing = p->ends[TL_END_GOOD] - p->step[i].met_good };
        if (m->n) m->share = rate_wilson(m->missing, m->n);
    }
    fold_run_done(k, sum);
    return 0;
}

/* asked about `all`: about each type of its own */
static int
find_missing(struct look *k, struct coverage_answer *out, struct tl_err *err)
{
    const int asked = k->type;
    const int first = asked, last = asked == 0 ? (int)k->catalogue->type_n - 1 : asked;
    int rc = 0;
    out->missing = tl_arena_alloc(k->arena, (size_t)(last - first + 1) * PLAN_STEPS_MAX * sizeof *out->missing);
    if (!out->missing) return tl_fail(err, TL_ENOMEM, "out of memory");
    for (int t = first; rc == 0 && t <= last; t++) {
        if (t != asked) fold_turn_to(k, t);
        rc = missing_of_type(k, out, err);
    }
    if (last != first) fold_turn_to(k, asked);
    if (out->missing_n > 1) qsort(out->missing, out->missing_n, sizeof *out->missing, most_missing);
    return rc;
}

int
fold_coverage(struct look *k, struct coverage_answer *out, struct tl_err *err)
{
    memset(out, 0, sizeof *out);
    int rc = cover(k, out, err);
    if (rc == 0)
        rc = fold_seen(k, is_unassigned, k->catalogue, &out->unassigned, &out->unassigned_n, &out->journeys, &out->steps, err);
    for (uint32_t i = 0; i < out->unassigned_n; i++) out->unassigned_steps += out->unassigned[i].steps;
    return rc ? rc : find_missing(k, out, err);
}
