/* told.c - see told.h. Lists are laid end to end; a sum is one copy of each. */
#include "told.h"

#include "tl_mem.h"

enum { LISTS = 4 };
struct list { void *p; size_t n, cap; };
struct acc {
    struct analysis_arg arg;
    struct tl_facts *facts;                 /* scratch */
    struct list list[LISTS];                /* journeys, chances, breaks, marks */
    uint64_t cut;
};
static const size_t size_of[LISTS] = { sizeof(struct told_journey), sizeof(struct told_chance), sizeof(struct tl_break), sizeof(struct tl_marked) };

static bool
add(struct acc *a, int which, const void *item)
{
    struct list *l = &a->list[which];
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 64;
        void *p = tl_realloc(l->p, cap * size_of[which]);
        if (!p) return false;
        l->p = p;
        l->cap = cap;
    }
    memcpy((char *)l->p + l->n++ * size_of[which], item, size_of[which]);
    return true;
}

static void
acc_abandon(void *acc)
{
    struct acc *a = acc;
    for (int i = 0; a && i < LISTS; i++) tl_free(a->list[i].p);
    if (a) tl_free(a->facts);
    tl_free(a);
}

static void *
acc_begin(const struct analysis_arg *arg)
{
    struct acc *a = tl_alloc(sizeof *a);
    if (a && arg) a->arg = *arg;
    if (a) a->facts = tl_alloc(sizeof *a->facts);
    if (a && a->facts) return a;
    acc_abandon(a);
    return NULL;
}

static uint32_t
asked(const struct acc *a, uint32_t i)
{
    return i < a->arg.word_n ? a->arg.word[i] : 0;
}

static uint32_t
attr_of(const struct tl_journey *j, uint32_t key)
{
    for (uint32_t i = 0; key && i < j->attrs_n; i++)
        if (j->attr[i].key == key) return j->attr[i].value;
    return 0;
}

static int64_t
after_of(const struct tl_journey *j, uint32_t touchpoint)
{
    for (uint32_t i = j->steps_n; touchpoint && i-- > 0;)
        if (j->step[i].touchpoint == touchpoint) return j->step[i].end_ms;
    return TL_TIME_NONE;
}

struct told_journey
told_head(const struct tl_journey *j, const struct tl_facts *f)
{
    return (struct told_journey){ .customer = j->customer, .start_ms = j->start_ms, .last_ms = j->last_ms, .day = j->day, .outcome = j->outcome,
                                  .chance_n = f->chance_n, .brk_n = f->break_n, .mark_n = f->marked_n };
}

struct told_chance
told_chance_of(const struct tl_journey *j, const struct tl_chance *c)
{
    return (struct told_chance){ *c, c->step < j->steps_n ? j->step[c->step].touchpoint : 0 };
}

static int
acc_journey(void *acc, const struct tl_journey *j, enum tl_end end)
{
    struct acc *a = acc;
    struct tl_facts *f = a->facts;
    (void)end;
    int rc = tl_facts_get(j, f);
    if (rc) return rc;
    struct told_journey t = told_head(j, f);
    for (uint32_t i = 0; i < TOLD_AFTER_MAX; i++) t.after_ms[i] = after_of(j, asked(a, i));
    for (uint32_t i = 0; i < TOLD_STRATA_MAX; i++) t.stratum[i] = attr_of(j, asked(a, TOLD_AFTER_MAX + i));
    t.origin = attr_of(j, asked(a, TOLD_AFTER_MAX + TOLD_STRATA_MAX));
    a->cut += f->cut_n;
    bool ok = add(a, 0, &t);
    for (uint32_t i = 0; ok && i < f->chance_n; i++) {
        struct told_chance c = told_chance_of(j, &f->chance[i]);
        ok = add(a, 1, &c);
    }
    for (uint32_t i = 0; ok && i < f->break_n; i++) ok = add(a, 2, &f->brk[i]);
    for (uint32_t i = 0; ok && i < f->marked_n; i++) ok = add(a, 3, &f->marked[i]);
    return ok ? 0 : TL_ENOMEM;
}

static void
part_free(void *part)
{
    struct told *t = part;
    if (!t) return;
    tl_free(t->journey);
    tl_free(t->chance);
    tl_free(t->brk);
    tl_free(t->mark);
    tl_free(t);
}

static void *
acc_finish(void *acc)
{
    struct acc *a = acc;
    struct told *t = tl_alloc(sizeof *t);
    if (!t) return NULL;
    *t = (struct told){ a->list[0].p, a->list[1].p, a->list[2].p, a->list[3].p, a->list[0].n, a->list[1].n, a->list[2].n, a->list[3].n, a->cut };
    memset(a->list, 0, sizeof a->list);
    a->cut = 0;
    return t;
}

static void *
join(const void *const *part, size_t n, int which, size_t *total)
{
    static const size_t at_list[LISTS] = { offsetof(struct told, journey), offsetof(struct told, chance), offsetof(struct told, brk), offsetof(struct told, mark) };
    static const size_t at_n[LISTS] = { offsetof(struct told, journey_n), offsetof(struct told, chance_n), offsetof(struct told, brk_n), offsetof(struct told, mark_n) };
    char *out = NULL;
    *total = 0;
    for (size_t i = 0; i < n; i++) *total += *(const size_t *)((const char *)part[i] + at_n[which]);
    out = tl_alloc((*total + 1) * size_of[which]);
    size_t done = 0;
    for (size_t i = 0; out && i < n; i++) {
        size_t more = *(const size_t *)((const char *)part[i] + at_n[which]) * size_of[which];
        if (more) memcpy(out + done, *(void *const *)((const char *)part[i] + at_list[which]), more);
        done += more;
    }
    return out;
}

static void *
sum(const void *const *part, size_t n)
{
    struct told *t = tl_alloc(sizeof *t);
    if (!t) return NULL;
    t->journey = join(part, n, 0, &t->journey_n);
    t->chance = join(part, n, 1, &t->chance_n);
    t->brk = join(part, n, 2, &t->brk_n);
    t->mark = join(part, n, 3, &t->mark_n);
    for (size_t i = 0; i < n; i++) t->cut += ((const struct told *)part[i])->cut;
    if (t->journey && t->chance && t->brk && t->mark) return t;
    part_free(t);
    return NULL;
}

static size_t
part_bytes(const void *part)
{
    const struct told *t = part;
    return sizeof *t + t->journey_n * size_of[0] + t->chance_n * size_of[1] + t->brk_n * size_of[2] + t->mark_n * size_of[3];
}

const struct analysis analysis_told = {
    .name = "told", .version = 2, .doc = "chances, breaks and outcomes of journeys, from which findings are judged", .ends = false,
    .begin = acc_begin, .journey = acc_journey, .finish = acc_finish, .abandon = acc_abandon, .sum = sum, .bytes = part_bytes, .free = part_free,
};
