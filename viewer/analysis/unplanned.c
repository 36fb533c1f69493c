/* unplanned.c - touchpoints that journeys met and that their blueprint does not have: see breaks_unplanned in breaks.h. */
#include "breaks.h"

#include <stdlib.h>
#include "tl_mem.h"

static int
by_journeys(const void *x, const void *y)
{
    const struct breaks_unplanned *a = x, *b = y;
    if (a->journeys != b->journeys) return a->journeys > b->journeys ? -1 : 1;
    return (a->touchpoint > b->touchpoint) - (a->touchpoint < b->touchpoint);
}

uint32_t
breaks_unplanned(const struct told *t, struct breaks_unplanned out[BREAKS_UNPLANNED_MAX], uint32_t *left_out)
{
    enum { SEEN = 4096 };                       /* of more, the rest is counted as one */
    struct breaks_unplanned *seen = tl_alloc(SEEN * sizeof *seen);
    uint32_t n = 0;
    *left_out = 0;
    for (size_t i = 0; seen && i < t->brk_n; i++) {
        uint32_t k = 0;
        if (t->brk[i].kind != TL_BREAK_ADHOC) continue;
        while (k < n && seen[k].touchpoint != t->brk[i].touchpoint) k++;
        if (k == SEEN) {
            *left_out = 1;
            continue;
        }
        if (k == n) seen[n++] = (struct breaks_unplanned){ t->brk[i].touchpoint, 0 };
        seen[k].journeys++;
    }
    if (n > 1) qsort(seen, n, sizeof *seen, by_journeys);
    if (n > BREAKS_UNPLANNED_MAX) {
        *left_out += n - BREAKS_UNPLANNED_MAX;
        n = BREAKS_UNPLANNED_MAX;
    }
    if (seen) memcpy(out, seen, n * sizeof *out);
    tl_free(seen);
    return n;
}
