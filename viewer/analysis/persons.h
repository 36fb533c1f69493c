/* persons.h - two whole numbers summed customer by customer, so that what comes out does not hang on the order of rows nor on the numbers of customers. */
#ifndef PERSONS_H
#define PERSONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct person { uint64_t key /* customer + 1, 0: free */; int64_t a, b; };
struct persons { struct person *slot; size_t cap, n; };         /* starts as {0}; cap: a power of two */
bool persons_add(struct persons *p, uint64_t customer, int64_t a, int64_t b);      /* false: out of memory */
void persons_free(struct persons *p);

#endif
