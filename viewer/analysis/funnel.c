/* funnel.c - first occurrence of each step after the one before: taking the first never loses a later one. */
#include "funnel.h"

#include "tl_mem.h"

struct acc { struct analysis_arg arg; struct funnel f; struct waits_pad *pad; };      /* pad: one a step */

static void
acc_abandon(void *acc)
{
    struct acc *a = acc;
    if (a) tl_free(a->pad);
    tl_free(a);
}

static void *
acc_begin(const struct analysis_arg *arg)
{
    struct acc *a = tl_alloc(sizeof *a);
    waits_ready();
    if (a) a->arg = *arg;
    if (a) a->pad = tl_alloc((arg->word_n + 1) * sizeof *a->pad);
    if (a && a->pad) return a;
    acc_abandon(a);
    return NULL;
}

static void
wait_add(struct acc *a, uint32_t at, const struct tl_step *before, const struct tl_step *s)
{
    int64_t ms = step_wait_ms(before, s);
    a->f.sum_ms[at] += (uint64_t)ms;
    waits_pad_add(&a->pad[at], waits_bucket(ms), 1);
}

static int
acc_journey(void *acc, const struct tl_journey *j, enum tl_end end)
{
    (void)end;
    struct acc *a = acc;
    const uint32_t *word = a->arg.word;
    uint32_t at = 0, last = 0;          /* last: the latest visit of the step before the one looked for */
    a->f.journeys++;
    for (uint32_t i = 0; i < j->steps_n && at < a->arg.word_n; i++) {
        uint32_t t = j->step[i].touchpoint;
        if (t == word[at]) {
            if (at) wait_add(a, at, &j->step[last], &j->step[i]);
            a->f.reached[at++]++;
            last = i;
        } else if (at && t == word[at - 1]) {
            last = i;
        }
    }
    return 0;
}

/* part_of - f's counts with the buckets of the pads, which are empty then */
static void *
part_of(const struct funnel *f, struct waits_pad *pad, uint32_t steps)
{
    uint32_t n = 0, at = 0;
    for (uint32_t i = 0; i < steps; i++) n += waits_pad_n(&pad[i]);
    char *p = tl_alloc(sizeof *f + n * (sizeof(uint32_t) + sizeof(uint16_t)));
    if (!p) return NULL;
    struct funnel *out = (struct funnel *)(void *)p;
    *out = *f;
    out->count = (uint32_t *)(void *)(p + sizeof *f);
    out->bucket = (uint16_t *)(void *)(p + sizeof *f + n * sizeof(uint32_t));
    for (uint32_t i = 0; i < FUNNEL_STEPS_MAX; i++) {
        uint32_t k = i < steps ? waits_pad_take(&pad[i], out->bucket + at, out->count + at) : 0;
        if (k == UINT32_MAX) {
            tl_free(out);
            return NULL;
        }
        out->first[i] = at;
        at += k;
    }
    out->first[FUNNEL_STEPS_MAX] = at;
    return out;
}

static void *
acc_finish(void *acc)
{
    struct acc *a = acc;
    void *p = part_of(&a->f, a->pad, a->arg.word_n);
    memset(&a->f, 0, sizeof a->f);
    return p;
}

static void *
sum(const void *const *part, size_t n)
{
    struct funnel f = { .journeys = 0 };
    struct waits_pad *pad = tl_alloc(FUNNEL_STEPS_MAX * sizeof *pad);
    for (size_t i = 0; pad && i < n; i++) {
        const struct funnel *p = part[i];
        f.journeys += p->journeys;
        for (uint32_t k = 0; k < FUNNEL_STEPS_MAX; k++) {
            f.reached[k] += p->reached[k];
            f.sum_ms[k] += p->sum_ms[k];
            for (uint32_t b = p->first[k]; b < p->first[k + 1]; b++) waits_pad_add(&pad[k], p->bucket[b], p->count[b]);
        }
    }
    void *out = pad ? part_of(&f, pad, FUNNEL_STEPS_MAX) : NULL;
    tl_free(pad);
    return out;
}

struct waits
funnel_waits(const struct funnel *f, uint32_t step)
{
    return (struct waits){ f->bucket + f->first[step], f->count + f->first[step], f->first[step + 1] - f->first[step] };
}

static size_t
part_bytes(const void *part)
{
    const struct funnel *f = part;
    return sizeof *f + f->first[FUNNEL_STEPS_MAX] * (sizeof *f->bucket + sizeof *f->count);
}

const struct analysis analysis_funnel = {
    .name = "funnel", .version = 2, .doc = "journeys that came to each of a list of touchpoints in order, and how long it took", .ends = false,
    .begin = acc_begin, .journey = acc_journey, .finish = acc_finish, .abandon = acc_abandon, .sum = sum, .bytes = part_bytes, .free = tl_free,
};
