/* recording_persons.c - see recording_persons.h: a union of the identities, each known by a hash of its kind and normal value. */
#include "recording_persons.h"

#include "tl_identity.h"
#include "tl_rows.h"

struct persons {
    uint64_t *identity;
    uint32_t *parent;                    /* the first of a group is its own */
    uint32_t n, cap;
    char *hold;
};

struct persons *
persons_new(void)
{
    struct persons *p = tl_alloc(sizeof *p);
    if (p != NULL && (p->hold = tl_alloc((size_t)TL_EVENT_IDS_MAX * TL_IDENTITY_BYTES_MAX)) == NULL)
        persons_free(&p);
    return p;
}

void
persons_free(struct persons **pp)
{
    if (*pp == NULL)
        return;
    tl_free((*pp)->identity);
    tl_free((*pp)->parent);
    tl_free((*pp)->hold);
    tl_free(*pp);
    *pp = NULL;
}

static int
room(struct persons *p)
{
    uint32_t cap = p->cap * 2 + 64;
    if (p->n < p->cap)
        return 0;
    uint64_t *identity = tl_realloc(p->identity, cap * sizeof *identity);
    if (identity == NULL)
        return TL_ENOMEM;
    p->identity = identity;
    uint32_t *parent = tl_realloc(p->parent, cap * sizeof *parent);
    if (parent == NULL)
        return TL_ENOMEM;
    p->parent = parent;
    p->cap = cap;
    return 0;
}

static int
number_of(struct persons *p, const struct tl_identity *id)
{
    uint64_t hash = tl_kept_hash('r', id->kind, id->normal);
    for (uint32_t i = 0; i < p->n; i++)
        if (p->identity[i] == hash)
            return (int)i;
    if (room(p) != 0)
        return TL_ENOMEM;
    p->identity[p->n] = hash;
    p->parent[p->n] = p->n;
    return (int)p->n++;
}

uint32_t
persons_n(const struct persons *p)
{
    return p->n;
}

uint32_t
persons_group(const struct persons *p, uint32_t number)
{
    while (p->parent[number] != number)
        number = p->parent[number];
    return number;
}

int
persons_of(struct persons *p, const struct tl_event *ev)
{
    struct tl_identity list[TL_EVENT_IDS_MAX];
    uint32_t n = tl_identity_list(ev, NULL, list, p->hold);
    int first = n > 0 ? number_of(p, &list[0]) : TL_EINVAL;
    for (uint32_t i = 1; first >= 0 && i < n; i++) {
        int other = number_of(p, &list[i]);
        if (other < 0)
            return other;
        uint32_t a = persons_group(p, (uint32_t)first), b = persons_group(p, (uint32_t)other);
        p->parent[a > b ? a : b] = a > b ? b : a;
    }
    return first;
}
