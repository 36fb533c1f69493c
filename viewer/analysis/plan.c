/* plan.c - see plan.h. */
#include "plan.h"

#include "quantile_ci.h"
#include "tl_mem.h"

#define HIST_ERROR 0.01

struct acc {
    struct plan_ask ask;
    struct plan *p;
    struct visit { bool is, running; int64_t start_ms, end_ms; uint16_t channel; } first[PLAN_STEPS_MAX];      /* of the journey at hand */
};

static void
plan_free(void *part)
{
    struct plan *p = part;
    for (uint32_t i = 0; p && i < PLAN_STEPS_MAX; i++) tl_hist_free(&p->step[i].wait);
    tl_free(p);
}

static void
acc_free(void *acc)
{
    struct acc *a = acc;
    if (a) plan_free(a->p);
    tl_free(a);
}

static void *
acc_begin(const struct analysis_arg *arg)
{
    struct acc *a = tl_alloc(sizeof *a);
    if (!a) return NULL;
    if (arg->more) a->ask = *(const struct plan_ask *)arg->more;
    a->p = tl_alloc(sizeof *a->p);
    if (a->p) return a;
    tl_free(a);
    return NULL;
}

static void
see(struct visit *v, const struct tl_step *s)
{
    bool begins = s->lifecycle == TL_LC_START;
    if (!v->is && s->lifecycle != TL_LC_SCHEDULE) *v = (struct visit){ true, begins, s->start_ms, s->end_ms, s->channel };
    else if (v->running && s->lifecycle == TL_LC_COMPLETE) {
        v->running = false;
        v->end_ms = s->end_ms;
    }
}

static void
find_visits(struct acc *a, const struct tl_journey *j)
{
    memset(a->first, 0, sizeof a->first);
    for (uint32_t s = 0; s < j->steps_n; s++)
        for (uint32_t i = 0; i < a->ask.n; i++)
            if (a->ask.step[i].touchpoint == j->step[s].touchpoint) see(&a->first[i], &j->step[s]);
}

/* the visit that step i is held against, NULL: there is none */
static const struct visit *
step_before(const struct acc *a, uint32_t i)
{
    uint32_t group = a->ask.step[i].group;
    while (i-- > 0)
        if (a->first[i].is && (!group || a->ask.step[i].group != group)) return &a->first[i];
    return NULL;
}

static bool
alternative_visited(const struct acc *a, uint32_t i)
{
    uint32_t group = a->ask.step[i].group;
    for (uint32_t o = 0; group && o < a->ask.n; o++)
        if (a->first[o].is && a->ask.step[o].group == group) return true;
    return false;
}

static int
count_visit(struct acc *a, uint32_t i, enum tl_end end)
{
    const struct plan_step_ask *ask = &a->ask.step[i];
    struct plan_step *s = &a->p->step[i];
    const struct visit *now = &a->first[i], *before = step_before(a, i);
    s->in[end]++;
    s->elsewhere += ask->channels && (now->channel == 0 || now->channel > 63 || !(ask->channels >> now->channel & 1));
    if (!before) return 0;
    if (now->start_ms < before->start_ms) {
        s->early++;
        return 0;
    }
    int64_t wait_ms = now->start_ms > before->end_ms ? now->start_ms - before->end_ms : 0;
    if (!s->wait && !(s->wait = tl_hist_new())) return TL_ENOMEM;
    s->waits++;
    s->over += ask->max_wait_ms > 0 && wait_ms > ask->max_wait_ms;
    return tl_hist_add(s->wait, wait_ms, 1) ? 0 : TL_ENOMEM;
}

static int
acc_journey(void *acc, const struct tl_journey *j, enum tl_end end)
{
    struct acc *a = acc;
    int rc = 0;
    if (!a->p && !(a->p = tl_alloc(sizeof *a->p))) return TL_ENOMEM;
    find_visits(a, j);
    a->p->ends[end]++;
    for (uint32_t i = 0; rc == 0 && i < a->ask.n; i++) {
        if (end == TL_END_GOOD) a->p->step[i].met_good += a->first[i].is || alternative_visited(a, i);
        if (a->first[i].is) rc = count_visit(a, i, end);
    }
    return rc;
}

static void *
acc_finish(void *acc)
{
    struct acc *a = acc;
    struct plan *p = a->p ? a->p : tl_alloc(sizeof *p);
    a->p = NULL;
    return p;
}

static bool
add_step(struct plan_step *into, const struct plan_step *s)
{
    for (int e = 0; e < TL_END_N; e++) into->in[e] += s->in[e];
    into->met_good += s->met_good;
    into->elsewhere += s->elsewhere;
    into->early += s->early;
    into->waits += s->waits;
    into->over += s->over;
    if (!s->wait) return true;
    if (!into->wait) into->wait = tl_hist_new();
    return into->wait && tl_hist_merge(into->wait, s->wait);
}

static void *
sum(const void *const *part, size_t n)
{
    struct plan *out = tl_alloc(sizeof *out);
    bool ok = out != NULL;
    for (size_t i = 0; ok && i < n; i++) {
        const struct plan *p = part[i];
        for (int e = 0; e < TL_END_N; e++) out->ends[e] += p->ends[e];
        for (uint32_t s = 0; ok && s < PLAN_STEPS_MAX; s++) ok = add_step(&out->step[s], &p->step[s]);
    }
    if (ok) return out;
    plan_free(out);
    return NULL;
}

static size_t
part_bytes(const void *part)
{
    const struct plan *p = part;
    size_t n = sizeof *p;
    for (uint32_t i = 0; i < PLAN_STEPS_MAX; i++) n += p->step[i].wait ? tl_hist_bytes(p->step[i].wait) : 0;
    return n;
}

const struct analysis analysis_plan = {
    .name = "plan", .version = 1, .doc = "planned steps: journeys that came to each, waits before it, order and channel", .ends = true,
    .begin = acc_begin, .journey = acc_journey, .finish = acc_finish, .abandon = acc_free, .sum = sum, .bytes = part_bytes, .free = plan_free,
};

/* ---- quantiles ---- */

struct ranks { struct quantile_ranks k; uint64_t seen; double at[3]; };

static void
pass_bucket(void *arg, int bucket, uint64_t n)
{
    struct ranks *r = arg;
    const uint64_t want[3] = { r->k.rank, r->k.lo, r->k.hi };
    for (int i = 0; i < 3; i++)
        if (want[i] > r->seen && want[i] <= r->seen + n) r->at[i] = tl_hist_bucket_ms(bucket);
    r->seen += n;
}

struct plan_wait
plan_wait(const struct plan_step *s, uint32_t per_mille)
{
    struct ranks r = { .k = quantile_ranks(s->waits, per_mille) };
    struct plan_wait out = { .known = s->waits > 0 };
    if (!out.known) return out;
    tl_hist_each(s->wait, pass_bucket, &r);
    out.ms = r.at[0];
    out.has_lo = r.k.lo > 0;
    out.lo_ms = out.has_lo ? r.at[1] * (1 - HIST_ERROR) : 0;
    out.has_hi = r.k.hi <= s->waits;
    out.hi_ms = out.has_hi ? r.at[2] * (1 + HIST_ERROR) : 0;
    return out;
}
