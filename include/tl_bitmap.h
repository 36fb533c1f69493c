/* tl_bitmap.h - a set of 32-bit numbers, compressed (Roaring). Only lib/tl_bitmap.c includes roaring.h. Used to count distinct customers of many days. */
#ifndef TL_BITMAP_H
#define TL_BITMAP_H

#include "tl_mem.h"

struct tl_bitmap;
/* tl_bitmap_of - a set of n numbers in any order, doubles allowed. returns owned; NULL: out of memory. */
struct tl_bitmap *tl_bitmap_of(const uint32_t *v, size_t n);
/* tl_bitmap_union - of n sets; returns owned; NULL: out of memory. Members may be NULL. */
struct tl_bitmap *tl_bitmap_union(const struct tl_bitmap *const *set, size_t n);
void tl_bitmap_free(struct tl_bitmap **bp);
uint64_t tl_bitmap_count(const struct tl_bitmap *b);    /* NULL: 0 */
bool tl_bitmap_has(const struct tl_bitmap *b, uint32_t v);
size_t tl_bitmap_bytes(const struct tl_bitmap *b);      /* of memory, about */

#endif
