/* pairs.h - sorting many (from, to) pairs by small numbers, in two passes of counting. */
#ifndef PAIRS_H
#define PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pair { uint32_t from, to, i; };     /* from, to < range; i: the caller's */
/* pairs_sort - stable, by (from, to). false: out of memory. */
bool pairs_sort(struct pair *p, size_t n, uint32_t range);

#endif
