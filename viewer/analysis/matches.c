/* matches.c - counts exactly what map.c counts, so that a click lists as many journeys as the map showed. */
#include "matches.h"

#include "tl_mem.h"

struct acc { struct analysis_arg arg; struct matches m; struct waits_pad pad; };

static bool
ends_match(const struct analysis_arg *arg, const struct tl_journey *j, enum tl_end end)
{
    if (arg->start && arg->word_n && j->step[0].touchpoint != arg->word[0]) return false;
    if (arg->end < 0) return true;
    return (int)end == arg->end && (arg->word_n != 1 || j->step[j->steps_n - 1].touchpoint == arg->word[0]);
}

bool
matches_one(const struct analysis_arg *arg, const struct tl_journey *j, enum tl_end end, uint64_t *steps, int64_t *wait_ms,
            void (*on_wait)(void *to, int64_t ms), void *to)
{
    *steps = 0;
    *wait_ms = -1;
    if (!ends_match(arg, j, end)) return false;
    if (arg->word_n == 0) {
        *steps = j->steps_n;
        return true;
    }
    const struct tl_step *s = j->step;
    bool move = arg->word_n == 2;
    for (uint32_t i = 0; i < j->steps_n; i++) {
        if (s[i].touchpoint != arg->word[move]) continue;
        if (move && (i == 0 || s[i - 1].touchpoint != arg->word[0])) continue;
        ++*steps;
        if (i == 0) continue;
        int64_t ms = step_wait_ms(&s[i - 1], &s[i]);
        if (ms > *wait_ms) *wait_ms = ms;
        if (on_wait) on_wait(to, ms);
    }
    return *steps > 0;
}

static void
wait_add(void *to, int64_t ms)
{
    struct acc *a = to;
    a->m.waits++;
    a->m.sum_ms += (uint64_t)ms;
    waits_pad_add(&a->pad, waits_bucket(ms), 1);
}

static void *
acc_begin(const struct analysis_arg *arg)
{
    waits_ready();
    struct acc *a = tl_alloc(sizeof *a);
    if (a) a->arg = *arg;
    return a;
}

static int
acc_journey(void *acc, const struct tl_journey *j, enum tl_end end)
{
    struct acc *a = acc;
    uint64_t steps = 0;
    int64_t wait_ms = 0;
    if (!matches_one(&a->arg, j, end, &steps, &wait_ms, wait_add, a)) return 0;
    a->m.journeys++;
    a->m.steps += steps;
    return 0;
}

/* part_of - a partial of m's sums with the pad's buckets; the pad is empty then */
static void *
part_of(const struct matches *m, struct waits_pad *pad)
{
    uint32_t n = waits_pad_n(pad);
    char *p = tl_alloc(sizeof *m + n * (sizeof(uint32_t) + sizeof(uint16_t)));
    if (!p) return NULL;
    struct matches *out = (struct matches *)(void *)p;
    *out = *m;
    out->count = (uint32_t *)(void *)(p + sizeof *m);
    out->bucket = (uint16_t *)(void *)(p + sizeof *m + n * sizeof(uint32_t));
    out->waits_n = n;
    if (waits_pad_take(pad, out->bucket, out->count) == n) return out;
    tl_free(out);
    return NULL;
}

static void *
acc_finish(void *acc)
{
    struct acc *a = acc;
    void *p = part_of(&a->m, &a->pad);
    memset(&a->m, 0, sizeof a->m);
    return p;
}

static void *
sum(const void *const *part, size_t n)
{
    struct matches m = { .journeys = 0 };
    struct waits_pad *pad = tl_alloc(sizeof *pad);
    for (size_t i = 0; pad && i < n; i++) {
        const struct matches *p = part[i];
        m.journeys += p->journeys;
        m.steps += p->steps;
        m.sum_ms += p->sum_ms;
        m.waits += p->waits;
        for (uint32_t k = 0; k < p->waits_n; k++) waits_pad_add(pad, p->bucket[k], p->count[k]);
    }
    void *out = pad ? part_of(&m, pad) : NULL;
    tl_free(pad);
    return out;
}

struct waits
matches_waits(const struct matches *m)
{
    return (struct waits){ m->bucket, m->count, m->waits_n };
}

static size_t
part_bytes(const void *part)
{
    const struct matches *m = part;
    return sizeof *m + m->waits_n * (sizeof *m->bucket + sizeof *m->count);
}

const struct analysis analysis_matches = {
    .name = "matches", .version = 1, .doc = "the journeys behind one number of the map, and their waits", .ends = true,
    .begin = acc_begin, .journey = acc_journey, .finish = acc_finish, .abandon = tl_free, .sum = sum, .bytes = part_bytes, .free = tl_free,
};
