/* funnel.c - first occurrence of each step after the one before: taking the first never loses a later one. */
#include "funnel.h"

#include "tl_mem.h"

struct acc { struct analysis_arg arg; struct funnel f; };

static void *
acc_begin(const struct analysis_arg *arg)
{
    struct acc *a = tl_alloc(sizeof *a);
    if (a) a->arg = *arg;
    return a;
}

static int
acc_journey(void *acc, const struct tl_journey *j, enum tl_end end)
{
    (void)end;
    struct acc *a = acc;
    uint32_t at = 0;
    a->f.journeys++;
    for (uint32_t i = 0; i < j->steps_n && at < a->arg.word_n; i++)
        if (j->step[i].touchpoint == a->arg.word[at]) a->f.reached[at++]++;
    return 0;
}

static void *
acc_finish(void *acc)
{
    struct acc *a = acc;
    struct funnel *f = tl_alloc(sizeof *f);
    if (!f) return NULL;
    *f = a->f;
    memset(&a->f, 0, sizeof a->f);
    return f;
}

static void *
sum(const void *const *part, size_t n)
{
    struct funnel *f = tl_alloc(sizeof *f);
    for (size_t i = 0; f && i < n; i++) {
        const struct funnel *p = part[i];
        f->journeys += p->journeys;
        for (int k = 0; k < FUNNEL_STEPS_MAX; k++) f->reached[k] += p->reached[k];
    }
    return f;
}

static size_t
part_bytes(const void *part)
{
    (void)part;
    return sizeof(struct funnel);
}

const struct analysis analysis_funnel = {
    .name = "funnel", .version = 1, .doc = "journeys that came to each of a list of touchpoints in order", .ends = false,
    .begin = acc_begin, .journey = acc_journey, .finish = acc_finish, .abandon = tl_free, .sum = sum, .bytes = part_bytes, .free = tl_free,
};
