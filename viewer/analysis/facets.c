/* facets.c - see facets.h. */
#include "facets.h"

#include <stdlib.h>

#include "tl_mem.h"

struct acc { struct analysis_arg arg; struct facet *row; size_t row_n, row_cap; };

static void *
acc_begin(const struct analysis_arg *arg)
{
    struct acc *a = tl_alloc(sizeof *a);
    if (a) a->arg = *arg;
    return a;
}

static void
acc_abandon(void *acc)
{
    struct acc *a = acc;
    if (a) tl_free(a->row);
    tl_free(a);
}

static int
by_value(const void *x, const void *y)
{
    const struct facet *a = x, *b = y;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    return (a->value > b->value) - (a->value < b->value);
}

/* merge - sorted, one of each value; returns how many are left */
static size_t
merge(struct facet *f, size_t n)
{
    size_t kept = 0;
    if (n > 1) qsort(f, n, sizeof *f, by_value);
    for (size_t i = 0; i < n; i++)
        if (kept && by_value(&f[kept - 1], &f[i]) == 0) f[kept - 1].journeys += f[i].journeys;
        else f[kept++] = f[i];
    return kept;
}

static bool
room(struct acc *a)
{
    if (a->row_n < a->row_cap) return true;
    a->row_n = merge(a->row, a->row_n);
    if (a->row_cap && a->row_n < a->row_cap / 2) return true;
    size_t cap = a->row_cap ? a->row_cap * 2 : 256;
    struct facet *p = tl_realloc(a->row, cap * sizeof *p);
    if (!p) return false;
    a->row = p;
    a->row_cap = cap;
    return true;
}

static int
acc_journey(void *acc, const struct tl_journey *j, enum tl_end end)
{
    struct acc *a = acc;
    (void)end;
    for (uint32_t k = 0; k < a->arg.word_n; k++)
        for (uint32_t i = 0; i < j->attrs_n; i++) {
            if (!a->arg.word[k] || j->attr[i].key != a->arg.word[k] || !j->attr[i].value) continue;
            if (!room(a)) return TL_ENOMEM;
            a->row[a->row_n++] = (struct facet){ k, j->attr[i].value, 1 };
        }
    return 0;
}

static void *
part_of(struct facet *row, size_t n)
{
    struct facets *f = tl_alloc(sizeof *f);
    if (f) *f = (struct facets){ row, merge(row, n) };
    else tl_free(row);
    return f;
}

static void *
acc_finish(void *acc)
{
    struct acc *a = acc;
    void *p = part_of(a->row, a->row_n);
    a->row = NULL;
    a->row_n = a->row_cap = 0;
    return p;
}

static void *
sum(const void *const *part, size_t n)
{
    size_t all = 0;
    for (size_t i = 0; i < n; i++) all += ((const struct facets *)part[i])->row_n;
    struct facet *row = tl_alloc((all + 1) * sizeof *row);
    if (!row) return NULL;
    all = 0;
    for (size_t i = 0; i < n; i++) {
        const struct facets *f = part[i];
        if (f->row_n) memcpy(row + all, f->row, f->row_n * sizeof *row);
        all += f->row_n;
    }
    return part_of(row, all);
}

static size_t
part_bytes(const void *part)
{
    const struct facets *f = part;
    return sizeof *f + f->row_n * sizeof *f->row;
}

static void
part_free(void *part)
{
    struct facets *f = part;
    if (f) tl_free(f->row);
    tl_free(f);
}

const struct analysis analysis_facets = {
    .name = "facets", .version = 1, .doc = "the values that attributes have at journey start", .ends = false,
    .begin = acc_begin, .journey = acc_journey, .finish = acc_finish, .abandon = acc_abandon, .sum = sum, .bytes = part_bytes, .free = part_free,
};
