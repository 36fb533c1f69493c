/* persons.c - open addressing; see persons.h. */
#include "persons.h"

#include "tl_mem.h"

static struct person *
slot_of(const struct persons *p, uint64_t key)
{
    size_t at = (size_t)((key * UINT64_C(0x9E3779B97F4A7C15)) >> 20) & (p->cap - 1);
    while (p->slot[at].key && p->slot[at].key != key) at = (at + 1) & (p->cap - 1);
    return &p->slot[at];
}

static bool
grow(struct persons *p)
{
    struct persons more = { NULL, p->cap ? p->cap * 2 : 1024, p->n };
    more.slot = tl_alloc(more.cap * sizeof *more.slot);
    if (!more.slot) return false;
    for (size_t i = 0; i < p->cap; i++)
        if (p->slot[i].key) *slot_of(&more, p->slot[i].key) = p->slot[i];
    tl_free(p->slot);
    *p = more;
    return true;
}

bool
persons_add(struct persons *p, uint64_t customer, int64_t a, int64_t b)
{
    if (2 * (p->n + 1) > p->cap && !grow(p)) return false;
    struct person *s = slot_of(p, customer + 1);
    p->n += s->key == 0;
    s->key = customer + 1;
    s->a += a;
    s->b += b;
    return true;
}

void
persons_free(struct persons *p)
{
    tl_free(p->slot);
    *p = (struct persons){ NULL, 0, 0 };
}
