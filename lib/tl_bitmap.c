/* tl_bitmap.c - a thin wall round CRoaring: its struct is ours under another name, so that no header of ours shows it. */
#include "tl_bitmap.h"

#include <roaring/roaring.h>

static const roaring_bitmap_t *
of(const struct tl_bitmap *b)
{
    return (const roaring_bitmap_t *)(const void *)b;
}

struct tl_bitmap *
tl_bitmap_of(const uint32_t *v, size_t n)
{
    roaring_bitmap_t *r = roaring_bitmap_create();
    if (r && n) {
        roaring_bitmap_add_many(r, n, v);
        roaring_bitmap_run_optimize(r);
        roaring_bitmap_shrink_to_fit(r);
    }
    return (struct tl_bitmap *)(void *)r;
}

struct tl_bitmap *
tl_bitmap_union(const struct tl_bitmap *const *set, size_t n)
{
    roaring_bitmap_t *r = roaring_bitmap_create();
    for (size_t i = 0; r && i < n; i++)
        if (set[i]) roaring_bitmap_lazy_or_inplace(r, of(set[i]), true);
    if (r) roaring_bitmap_repair_after_lazy(r);
    return (struct tl_bitmap *)(void *)r;
}

void
tl_bitmap_free(struct tl_bitmap **bp)
{
    if (*bp) roaring_bitmap_free(of(*bp));
    *bp = NULL;
}

uint64_t
tl_bitmap_count(const struct tl_bitmap *b)
{
    return b ? roaring_bitmap_get_cardinality(of(b)) : 0;
}

bool
tl_bitmap_has(const struct tl_bitmap *b, uint32_t v)
{
    return b && roaring_bitmap_contains(of(b), v);
}

size_t
tl_bitmap_bytes(const struct tl_bitmap *b)
{
    return b ? sizeof(roaring_bitmap_t) + roaring_bitmap_portable_size_in_bytes(of(b)) : 0;
}
