/* visits.c - see visits.h. Keys are looked up through one table of (key, visit), made again when the register has changed. */
#include "visits.h"

#include <stdlib.h>

#include "tl_hash.h"
#include "tl_rows.h"
#include "tl_time.h"
#include "tl_visit.h"

#define BODY_ARENA_BYTES (4u << 20)

struct entry { struct visit_key key; uint32_t visit; };
struct visits {
    struct visit *visit; uint32_t n, cap;
    struct entry *entry;            /* sorted by key */
    uint32_t entry_n;
    int64_t from_ms, to_ms;         /* of all of them */
    bool sorted;
};

/* ---- one visit ---- */

struct visit_key
visit_key_of_order(uint64_t order_hash)
{
    struct visit_key k = {0};

    memcpy(k.b, &order_hash, sizeof order_hash);
    return k;
}

void
visit_free(struct visit *v)
{
    tl_free(v->id);
    tl_free(v->key);
    *v = (struct visit){0};
}

static int
read_keys(const struct tl_visit *from, struct visit *v)
{
    v->key = tl_alloc((from->hash_n + from->order_n + 1) * sizeof *v->key);
    if (v->key == NULL)
        return TL_ENOMEM;
    for (uint32_t i = 0; i < from->hash_n; i++)
        memcpy(v->key[v->key_n++].b, from->hash[i], sizeof from->hash[i]);
    for (uint32_t i = 0; i < from->order_n; i++)
        v->key[v->key_n++] = visit_key_of_order(tl_kept_hash('o', from->order[i], (struct tl_str){0}));
    return 0;
}

/* Times at the ends of what can be written stay there. */
static int64_t
moved(int64_t ms, int64_t by)
{
    int64_t sum;
    return __builtin_add_overflow(ms, by, &sum) ? ms : sum;
}

int
visit_read(struct tl_str body, struct visit *v)
{
    struct tl_arena *a = tl_arena_new(BODY_ARENA_BYTES);
    struct tl_visit said;
    int rc = a != NULL ? tl_visit_read(a, body, &said) : TL_ENOMEM;

    *v = (struct visit){0};
    if (rc == 0 && (v->id = tl_strdup(said.id)) == NULL)
        rc = TL_ENOMEM;
    if (rc == 0 && said.state != TL_VISIT_WITHDRAWN) {
        v->from_ms = moved(said.from_ms, -TL_VISIT_BEFORE_MS);
        v->to_ms = moved(said.to_ms, TL_VISIT_AFTER_MS);
        rc = said.from_ms == TL_TIME_NONE ? TL_EINVAL : read_keys(&said, v);
    }
    tl_arena_free(&a);
    if (rc != 0)
        visit_free(v);
    return rc;
}

bool
visit_has(const struct visit *v, const struct visit_key *key, uint32_t n, int64_t at_ms)
{
    if (at_ms < v->from_ms || at_ms > v->to_ms)
        return false;
    for (uint32_t i = 0; i < v->key_n; i++)
        for (uint32_t k = 0; k < n; k++)
            if (memcmp(v->key[i].b, key[k].b, sizeof key[k].b) == 0)
                return true;
    return false;
}

/* ---- the register ---- */

struct visits *
visits_new(void)
{
    return tl_alloc(sizeof(struct visits));
}

void
visits_forget(struct visits *v)
{
    for (uint32_t i = 0; i < v->n; i++)
        visit_free(&v->visit[i]);
    v->n = 0;
    v->sorted = false;
}

void
visits_free(struct visits **vp)
{
    if (vp == NULL || *vp == NULL)
        return;
    visits_forget(*vp);
    tl_free((*vp)->visit);
    tl_free((*vp)->entry);
    tl_free(*vp);
    *vp = NULL;
}

bool
visits_take(struct visits *v, struct tl_str id, struct visit *out)
{
    for (uint32_t i = 0; i < v->n; i++)
        if (tl_str_is(id, v->visit[i].id)) {
            *out = v->visit[i];
            v->visit[i] = v->visit[--v->n];
            v->sorted = false;
            return true;
        }
    return false;
}

int
visits_put(struct visits *v, struct visit *visit)
{
    struct visit before;

    if (v->n == v->cap) {
        uint32_t cap = v->cap * 2 + 32;
        struct visit *list = tl_realloc(v->visit, cap * sizeof *list);
        if (list == NULL)
            return TL_ENOMEM;
        v->visit = list;
        v->cap = cap;
    }
    if (visits_take(v, tl_str_of(visit->id), &before))
        visit_free(&before);
    if (visit->key_n > 0)
        v->visit[v->n++] = *visit;
    else
        visit_free(visit);
    *visit = (struct visit){0};
    v->sorted = false;
    return 0;
}

bool
visits_any(const struct visits *v)
{
    return v->n > 0;
}

static int
by_key(const void *pa, const void *pb)
{
    const struct entry *a = pa, *b = pb;
    return memcmp(a->key.b, b->key.b, sizeof a->key.b);
}

/* Without memory for the table every visit is asked. */
static void
sort_keys(struct visits *v)
{
    uint32_t n = 0;

    v->from_ms = INT64_MAX;
    v->to_ms = INT64_MIN;
    for (uint32_t i = 0; i < v->n; i++) {
        n += v->visit[i].key_n;
        v->from_ms = v->visit[i].from_ms < v->from_ms ? v->visit[i].from_ms : v->from_ms;
        v->to_ms = v->visit[i].to_ms > v->to_ms ? v->visit[i].to_ms : v->to_ms;
    }
    tl_free(v->entry);
    v->entry_n = 0;
    v->entry = tl_alloc((n + 1) * sizeof *v->entry);
    for (uint32_t i = 0; v->entry != NULL && i < v->n; i++)
        for (uint32_t k = 0; k < v->visit[i].key_n; k++)
            v->entry[v->entry_n++] = (struct entry){ v->visit[i].key[k], i };
    if (v->entry != NULL && v->entry_n > 1)
        qsort(v->entry, v->entry_n, sizeof *v->entry, by_key);
    v->sorted = true;
}

static bool
key_has(const struct visits *v, const struct visit_key *key, int64_t at_ms)
{
    uint32_t low = 0, high = v->entry_n;

    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (memcmp(v->entry[mid].key.b, key->b, sizeof key->b) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < v->entry_n && memcmp(v->entry[low].key.b, key->b, sizeof key->b) == 0; low++)
        if (at_ms >= v->visit[v->entry[low].visit].from_ms && at_ms <= v->visit[v->entry[low].visit].to_ms)
            return true;
    return false;
}

bool
visits_has(struct visits *v, const struct visit_key *key, uint32_t n, int64_t at_ms)
{
    if (v->n == 0)
        return false;
    if (!v->sorted)
        sort_keys(v);
    if (at_ms < v->from_ms || at_ms > v->to_ms)
        return false;
    for (uint32_t i = 0; v->entry != NULL && i < n; i++)
        if (key_has(v, &key[i], at_ms))
            return true;
    for (uint32_t i = 0; v->entry == NULL && i < v->n; i++)
        if (visit_has(&v->visit[i], key, n, at_ms))
            return true;
    return false;
}
