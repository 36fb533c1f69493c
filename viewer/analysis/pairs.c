/* pairs.c - by `to`, then by `from`: each pass keeps the order of the one before. */
#include "pairs.h"

#include "tl_mem.h"

static void
pass(const struct pair *in, struct pair *out, size_t n, size_t *at, uint32_t range, bool by_from)
{
    memset(at, 0, (range + (size_t)1) * sizeof *at);
    for (size_t i = 0; i < n; i++) at[(by_from ? in[i].from : in[i].to) + 1]++;
    for (uint32_t r = 0; r < range; r++) at[r + 1] += at[r];
    for (size_t i = 0; i < n; i++) out[at[by_from ? in[i].from : in[i].to]++] = in[i];
}

bool
pairs_sort(struct pair *p, size_t n, uint32_t range)
{
    struct pair *q = tl_realloc(NULL, (n + 1) * sizeof *q);
    size_t *at = tl_realloc(NULL, (range + (size_t)2) * sizeof *at);
    if (q && at) {
        pass(p, q, n, at, range, false);
        pass(q, p, n, at, range, true);
    }
    bool ok = q && at;
    tl_free(q);
    tl_free(at);
    return ok;
}
