/* fold_cache.c - a chained hash table and one list in order of use, under one lock: it is held for pointer work only, never while folding. */
#include "fold_cache.h"

#include <pthread.h>
#include "tl_count.h"
#include "tl_hash.h"
#include "tl_mem.h"

#define BUCKETS 4096

struct fold_cache {
    pthread_mutex_t lock;
    struct fold_part *bucket[BUCKETS];
    struct fold_part *oldest, *newest;
    size_t bytes, cap_bytes;
};

static struct fold_part **
bucket_of(struct fold_cache *c, struct fold_name name, int64_t slot)
{
    return &c->bucket[tl_mix64(name.h[0] ^ tl_mix64((uint64_t)slot)) % BUCKETS];
}

static void
part_free(struct fold_part *p)
{
    p->of->free(p->part);
    tl_free(p);
}

static void
unlink_use(struct fold_cache *c, struct fold_part *p)
{
    if (p->older) p->older->newer = p->newer;
    else c->oldest = p->newer;
    if (p->newer) p->newer->older = p->older;
    else c->newest = p->older;
}

static void
link_newest(struct fold_cache *c, struct fold_part *p)
{
    p->older = c->newest;
    p->newer = NULL;
    if (c->newest) c->newest->newer = p;
    else c->oldest = p;
    c->newest = p;
}

/* drop - out of the table; freed now, or when the last holder lets go */
static void
drop(struct fold_cache *c, struct fold_part *p)
{
    struct fold_part **at = bucket_of(c, p->name, p->slot);
    while (*at != p) at = &(*at)->chain;
    *at = p->chain;
    unlink_use(c, p);
    c->bytes -= p->bytes;
    p->listed = false;
    if (p->held == 0) part_free(p);
}

/* shrink - held ones stay: their memory would not come back, and who asks for one again would fold it anew */
static void
shrink(struct fold_cache *c)
{
    for (struct fold_part *p = c->oldest, *next; p && p != c->newest && c->bytes > c->cap_bytes; p = next) {
        next = p->newer;
        if (!p->held) drop(c, p);
    }
    tl_count_set(V_CACHE_BYTES, (int64_t)c->bytes);
}

struct fold_cache *
fold_cache_new(size_t cap_bytes)
{
    struct fold_cache *c = tl_alloc(sizeof *c);
    if (!c) return NULL;
    pthread_mutex_init(&c->lock, NULL);
    c->cap_bytes = cap_bytes;
    return c;
}

void
fold_cache_free(struct fold_cache **cp)
{
    struct fold_cache *c = *cp;
    if (!c) return;
    while (c->oldest) drop(c, c->oldest);
    pthread_mutex_destroy(&c->lock);
    tl_free(c);
    *cp = NULL;
}

static struct fold_part *
find(struct fold_cache *c, struct fold_name name, int64_t slot)
{
    struct fold_part *p = *bucket_of(c, name, slot);
    while (p && (p->slot != slot || p->name.h[0] != name.h[0] || p->name.h[1] != name.h[1])) p = p->chain;
    return p;
}

struct fold_part *
fold_cache_get(struct fold_cache *c, struct fold_name name, int64_t slot, uint64_t stamp, int64_t as_of_ms)
{
    pthread_mutex_lock(&c->lock);
    struct fold_part *p = find(c, name, slot);
    if (p && (p->stamp != stamp || as_of_ms < p->lo_ms || as_of_ms > p->hi_ms)) p = NULL;
    if (p) {
        p->held++;
        unlink_use(c, p);
        link_newest(c, p);
    }
    pthread_mutex_unlock(&c->lock);
    return p;
}

bool
fold_cache_has(struct fold_cache *c, struct fold_name name, int64_t slot)
{
    pthread_mutex_lock(&c->lock);
    bool has = find(c, name, slot) != NULL;
    pthread_mutex_unlock(&c->lock);
    return has;
}

struct fold_part *
fold_cache_put(struct fold_cache *c, const struct fold_part *in)
{
    struct fold_part *p = tl_alloc(sizeof *p);
    if (!p) {
        in->of->free(in->part);
        return NULL;
    }
    *p = *in;
    p->bytes = sizeof *p + p->of->bytes(p->part);
    p->held = 1;
    p->listed = true;
    pthread_mutex_lock(&c->lock);
    struct fold_part *old = find(c, p->name, p->slot);
    if (old) drop(c, old);
    struct fold_part **at = bucket_of(c, p->name, p->slot);
    p->chain = *at;
    *at = p;
    link_newest(c, p);
    c->bytes += p->bytes;
    shrink(c);
    pthread_mutex_unlock(&c->lock);
    return p;
}

void
fold_cache_let_go(struct fold_cache *c, struct fold_part *p)
{
    if (!p) return;
    pthread_mutex_lock(&c->lock);
    if (--p->held == 0 && !p->listed) part_free(p);
    pthread_mutex_unlock(&c->lock);
}

size_t
fold_cache_bytes(struct fold_cache *c)
{
    pthread_mutex_lock(&c->lock);
    size_t n = c->bytes;
    pthread_mutex_unlock(&c->lock);
    return n;
}
