/* fold_blueprint.c - each planned step with what came of it. A journey that is still open may yet come to a step: it is counted apart, never as missing. */
#include <stdio.h>

#include "answer_blueprint.h"
#include "tl_hash.h"

/* ---- which blueprint ---- */

static int
choose(struct look *k, const struct tl_blueprint **out, struct tl_err *err)
{
    const struct tl_catalogue *c = k->catalogue;
    struct tl_str asked = k->ask->id_value;
    char known[200] = "";
    size_t n = 0;
    *out = NULL;
    for (uint32_t i = c->blueprint_n; i-- > 0;)
        if (asked.p ? tl_str_eq(c->blueprint[i].id, asked) : !*out || c->blueprint[i].type == k->type || (*out)->type != k->type) *out = &c->blueprint[i];
    if (*out || !asked.p) return 0;
    for (uint32_t i = 0; i < c->blueprint_n && n + c->blueprint[i].id.n + 3 < sizeof known; i++)
        n += (size_t)snprintf(known + n, sizeof known - n, "%s%.*s", i ? ", " : "", (int)c->blueprint[i].id.n, c->blueprint[i].id.p);
    return tl_fail(err, TL_ENOTFOUND, "no blueprint '%.*s'; known: %s", (int)(asked.n < 60 ? asked.n : 60), asked.p, n ? known : "none");
}

void
fold_turn_to(struct look *k, int type)
{
    k->type = type;
    k->type_word = (uint16_t)fold_number(k, k->catalogue->type[type].id);
    k->sieve.gap_ms = k->catalogue->type[type].gap_ms;
}

/* ---- planned ---- */

static uint32_t
group_of(const struct tl_blueprint *b, uint32_t step)
{
    for (uint32_t i = 0; b->step[step].group.p && i < b->step_n; i++)
        if (tl_str_eq(b->step[i].group, b->step[step].group)) return i + 1;
    return 0;
}

static uint64_t
channels_of(struct look *k, const struct tl_blueprint_step *s)
{
    uint64_t bits = 0;
    for (uint32_t i = 0; i < s->channel_n; i++) {
        uint32_t word = fold_number(k, s->channel[i]);
        if (word > 0 && word < 64) bits |= UINT64_C(1) << word;
    }
    return s->channel_n && !bits ? UINT64_C(1) << 63 : bits;     /* planned on channels that nobody used: all visits are elsewhere */
}

static struct plan_ask
ask_of(struct look *k, const struct tl_blueprint *b)
{
    struct plan_ask a = { .n = b->step_n };
    for (uint32_t i = 0; i < b->step_n; i++)
        a.step[i] = (struct plan_step_ask){ fold_number(k, b->step[i].touchpoint), group_of(b, i), channels_of(k, &b->step[i]), b->step[i].max_wait_ms };
    return a;
}

static struct tl_title
standard_title(const struct tl_catalogue *c, struct tl_str id)
{
    int i = id.p ? tl_catalogue_standard(c, id) : -1;
    struct tl_title t = i >= 0 ? c->standard[i].title : (struct tl_title){ { NULL, 0 }, { NULL, 0 } };
    if (i >= 0 && !t.zh.p && !t.en.p) t.zh = t.en = id;
    return t;
}

/* ---- actual ---- */

int
fold_plan(struct look *k, const struct plan_ask *plan, struct fold_part **sum, struct tl_err *err)
{
    static const uint8_t no_key[TL_KEY_BYTES];
    const struct analysis_arg arg = { .end = -1, .more = plan, .more_mark = tl_hash64(no_key, plan->step, plan->n * sizeof plan->step[0]) };
    const enum ask_lifecycle asked = k->sieve.lifecycle;
    k->sieve.lifecycle = ASK_LC_ALL;
    int rc = fold_run(k, &analysis_plan, &arg, sum, err);
    k->sieve.lifecycle = asked;
    return rc;
}

static void
fill(const struct look *k, const struct plan *p, const struct tl_blueprint_step *plan, const struct plan_step *s, struct blueprint_step_answer *out)
{
    out->plan = plan;
    out->touchpoint = tl_catalogue_touchpoint(k->catalogue, plan->touchpoint);
    if (k->model >= 0) out->stage = plan->stage[k->model].p ? plan->stage[k->model] : out->touchpoint->stage[k->model];
    out->standard = standard_title(k->catalogue, plan->standard);
    out->n = p->ends[TL_END_GOOD] + p->ends[TL_END_BAD] + p->ends[TL_END_LAPSED];
    out->reached = s->in[TL_END_GOOD] + s->in[TL_END_BAD] + s->in[TL_END_LAPSED];
    out->open = s->in[TL_END_OPEN];
    if (out->n) out->share = rate_wilson(out->reached, out->n);
    out->good = p->ends[TL_END_GOOD];
    out->missing = out->good - s->met_good;
    out->elsewhere = s->elsewhere;
    out->early = s->early;
    out->waits = s->waits;
    out->over = s->over;
    if (out->waits) out->over_share = rate_wilson(out->over, out->waits);
    out->p50 = plan_wait(s, 500);
    out->p90 = plan_wait(s, 900);
}

static bool
is_unplanned(const void *arg, struct tl_str touchpoint)
{
    const struct tl_blueprint *b = arg;
    for (uint32_t i = 0; i < b->step_n; i++)
        if (tl_str_eq(b->step[i].touchpoint, touchpoint)) return false;
    return true;
}

int
fold_blueprint(struct look *k, struct blueprint_answer *out, struct tl_err *err)
{
    struct fold_part *sum = NULL;
    uint64_t steps = 0;
    memset(out, 0, sizeof *out);
    int rc = choose(k, &out->of, err);
    if (rc || !out->of) return rc;
    fold_turn_to(k, out->of->type);
    const struct plan_ask plan = ask_of(k, out->of);
    rc = fold_plan(k, &plan, &sum, err);
    if (rc) return rc;
    const struct plan *p = sum->part;
    out->ended = p->ends[TL_END_GOOD] + p->ends[TL_END_BAD] + p->ends[TL_END_LAPSED];
    out->open = p->ends[TL_END_OPEN];
    out->step = tl_arena_alloc(k->arena, (out->of->step_n + 1) * sizeof *out->step);
    for (uint32_t i = 0; out->step && i < out->of->step_n; i++) fill(k, p, &out->of->step[i], &p->step[i], &out->step[i]);
    fold_run_done(k, sum);
    if (!out->step) return tl_fail(err, TL_ENOMEM, "out of memory");
    return fold_seen(k, is_unplanned, out->of, &out->unplanned, &out->unplanned_n, &out->journeys, &steps, err);
}
