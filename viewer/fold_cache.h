/* fold_cache.h - partials kept in memory, the least recently used go first. Thread-safe.
 *
 * A partial is named by what was asked (a 128-bit hash) and its slot (a day, or a month's sum). It is good for one stamp (the day's revision, or the hash
 * of a month's revisions) and for an interval of as_of. Held ones are not freed until let go. */
#ifndef FOLD_CACHE_H
#define FOLD_CACHE_H

#include "analysis/analysis.h"

struct fold_cache;
struct fold_name { uint64_t h[2]; };
struct fold_part {
    struct fold_name name;
    int64_t slot;
    uint64_t stamp;
    int64_t lo_ms, hi_ms;           /* holds for lo_ms <= as_of <= hi_ms */
    const struct analysis *of;
    void *part;
    /* the cache's own: */
    size_t bytes;
    int held;
    bool listed;
    struct fold_part *older, *newer, *chain;
};
struct fold_cache *fold_cache_new(size_t cap_bytes);
void fold_cache_free(struct fold_cache **cp);
/* get - a held one that is good, or NULL */
struct fold_part *fold_cache_get(struct fold_cache *c, struct fold_name name, int64_t slot, uint64_t stamp, int64_t as_of_ms);
bool fold_cache_has(struct fold_cache *c, struct fold_name name, int64_t slot);    /* one is there, good or not */
/* put - takes p->part, replaces what stood under the name and slot; returns it held. NULL: out of memory, the part is freed. */
struct fold_part *fold_cache_put(struct fold_cache *c, const struct fold_part *p);
void fold_cache_let_go(struct fold_cache *c, struct fold_part *p);      /* accepts NULL */
size_t fold_cache_bytes(struct fold_cache *c);

#endif
