/* variants.h - exact sequences of touchpoints and how many journeys went each way. Nothing is collapsed: A A B is not A B. */
#ifndef VARIANTS_H
#define VARIANTS_H

#include "analysis.h"
#include "tl_mem.h"

struct variant {
    uint64_t hash, journeys;
    uint32_t at, len;           /* its touchpoints as varints in words */
    uint32_t steps_n;
};
struct variants {
    uint64_t journeys;
    struct variant *variant;
    uint32_t variant_n, variant_cap;
    struct tl_buf words;
    uint32_t *slot;             /* open-addressed: index + 1; dropped when it becomes a partial */
    uint32_t slot_n;
};
/* variants_top - indexes of the k commonest into top, which has room for k; ties go by `before` (may be NULL), which must not depend on numbers. Returns how many. */
uint32_t variants_top(const struct variants *v, uint32_t k, int (*before)(const void *arg, const struct variants *v, uint32_t a, uint32_t b), const void *arg, uint32_t *top);
struct tl_cur variants_words(const struct variants *v, const struct variant *one);   /* read steps_n varints */

#endif
