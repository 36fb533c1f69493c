/* tl_json_names.c - member names compared; see tl_json_names.h. */
#include "tl_json_names.h"

static bool
same_name(const struct tl_jnode *v, const char *name, uint32_t n)
{
    return v->name_n == n && memcmp(v->name, name, n) == 0;
}

bool
tl_json_names_seen(const struct tl_jnode *node, uint32_t from, uint32_t to, const char *name, uint32_t n)
{
    for (uint32_t i = from; i < to; i = node[i].next)
        if (same_name(&node[i], name, n))
            return true;
    return false;
}

static uint64_t
name_hash(const char *p, uint32_t n, uint64_t seed)
{
    uint64_t h = seed ^ n;
    for (;;) {
        h = (h ^ tl_json_name_front(p, n)) * UINT64_C(0x9E3779B97F4A7C15);
        h ^= h >> 32;
        if (n <= 8)
            return h * UINT64_C(0xD6E8FEB86659FD93) >> 16;
        p += 8;
        n -= 8;
    }
}

/* Slots of earlier walks count as free. */
bool
tl_json_names_add(struct tl_json *j, uint64_t object, const char *name, uint32_t n, uint32_t at)
{
    size_t mask = j->seen_cap - 1;
    size_t slot = (size_t)(name_hash(name, n, j->seed) ^ object * UINT64_C(0x9E3779B97F4A7C15)) & mask;
    for (;; slot = (slot + 1) & mask) {
        struct tl_json_seen *s = &j->seen[slot];
        if (s->object < j->walk_serial) {
            *s = (struct tl_json_seen){ object, at };
            return false;
        }
        if (s->object == object && same_name(&j->node[s->node], name, n))
            return true;
    }
}

/* The set has room for the names of one whole text: node_cap does not change during a walk. */
bool
tl_json_names_begin(struct tl_json *j, struct tl_json_level *l, uint32_t node_n)
{
    size_t cap = 1024;
    while (cap < 2 * (size_t)j->node_cap)
        cap *= 2;
    if (j->seen_cap < cap) {
        tl_free(j->seen);
        j->seen = tl_alloc(cap * sizeof *j->seen);
        j->seen_cap = j->seen ? cap : 0;
        if (!j->seen)
            return false;
    }
    l->object = ++j->object_serial;
    for (uint32_t i = l->node + 1; i < node_n; i = j->node[i].next)
        tl_json_names_add(j, l->object, j->node[i].name, j->node[i].name_n, i);
    return true;
}

const char *
tl_json_names_unescape(struct tl_json *j, const char *p, uint32_t *n)
{
    if (!j->names && !(j->names = tl_alloc(j->max_bytes + 16)))
        return NULL;
    char *out = j->names + j->names_n;
    *n = (uint32_t)tl_json_unescape(out, p, *n);
    j->names_n += *n;
    return out;
}
