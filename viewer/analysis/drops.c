/* drops.c - see drops.h. */
#include "drops.h"

#include <stdlib.h>
#include "tl_mem.h"

struct seen { uint64_t journey; uint32_t row; };      /* by touchpoint: the last journey met there (from 1), its drop + 1 */
struct acc {
    struct analysis_arg arg;
    uint32_t place_key;             /* 0: not by place */
    struct seen *seen;
    uint32_t seen_n;
    struct drops d;
    size_t drop_cap, row_cap;
    uint64_t journeys;
    int64_t lo_ms, hi_ms;
};

static void
acc_abandon(void *acc)
{
    struct acc *a = acc;
    if (!a) return;
    tl_free(a->seen);
    tl_free(a->d.drop);
    tl_free(a->d.row);
    tl_free(a);
}

static void
acc_empty(struct acc *a)
{
    if (a->seen) memset(a->seen, 0, a->seen_n * sizeof *a->seen);
    a->d = (struct drops){ NULL, NULL, 0, 0 };
    a->drop_cap = a->row_cap = 0;
    a->journeys = 0;
    a->lo_ms = INT64_MIN;
    a->hi_ms = INT64_MAX;
}

static void *
acc_begin(const struct analysis_arg *arg)
{
    struct acc *a = tl_alloc(sizeof *a);
    if (!a) return NULL;
    if (arg) a->arg = *arg;
    if (arg && arg->more) a->place_key = ((const struct drops_ask *)arg->more)->place_key;
    acc_empty(a);
    return a;
}

/* room - p with space for one more than n of size bytes each; NULL: out of memory, p is as it was */
static void *
room(void *p, size_t n, size_t *cap, size_t size)
{
    if (n < *cap) return p;
    size_t more = *cap ? *cap * 2 : 32;
    void *q = tl_realloc(p, more * size);
    if (q) *cap = more;
    return q;
}

static struct seen *
seen_at(struct acc *a, uint32_t touchpoint)
{
    if (touchpoint >= a->seen_n) {
        uint32_t n = touchpoint + 64;
        struct seen *p = tl_realloc(a->seen, n * sizeof *p);
        if (!p) return NULL;
        memset(p + a->seen_n, 0, (n - a->seen_n) * sizeof *p);
        a->seen = p;
        a->seen_n = n;
    }
    return &a->seen[touchpoint];
}

static bool
asked(const struct acc *a, uint32_t touchpoint)
{
    for (uint32_t i = 0; i < a->arg.word_n; i++)
        if (a->arg.word[i] == touchpoint) return true;
    return false;
}

static bool
row_add(struct acc *a, const struct drop_row *r)
{
    struct drop_row *p = room(a->d.row, a->d.row_n, &a->row_cap, sizeof *p);
    if (!p) return false;
    a->d.row = p;
    p[a->d.row_n++] = *r;
    return true;
}

/* mature - is the last visit long enough ago? and until which as_of does that answer hold */
static bool
mature(struct acc *a, int64_t last_ms)
{
    int64_t from = last_ms > INT64_MAX - a->arg.gap_ms ? INT64_MAX : last_ms + a->arg.gap_ms;
    bool is = from <= a->arg.as_of_ms;
    if (is && from > a->lo_ms) a->lo_ms = from;
    if (!is && from - 1 < a->hi_ms) a->hi_ms = from - 1;
    return is;
}

static int
visit(struct acc *a, const struct tl_journey *j, uint32_t place, const struct tl_step *s, bool dropped)
{
    struct seen *x = seen_at(a, s->touchpoint);
    if (!x) return TL_ENOMEM;
    if (x->journey == a->journeys) return 0;
    x->journey = a->journeys;
    if (!mature(a, s->end_ms)) return 0;
    if (!x->row || a->d.drop[x->row - 1].day != j->day || a->d.drop[x->row - 1].place != place) {
        struct drop *p = room(a->d.drop, a->d.drop_n, &a->drop_cap, sizeof *p);
        if (!p) return TL_ENOMEM;
        a->d.drop = p;
        p[a->d.drop_n++] = (struct drop){ s->touchpoint, place, j->day, 0, 0 };
        x->row = (uint32_t)a->d.drop_n;
    }
    struct drop *d = &a->d.drop[x->row - 1];
    d->reached++;
    d->dropped += dropped;
    const struct drop_row row = { s->touchpoint, place, j->day, dropped, j->customer };
    return !asked(a, s->touchpoint) || row_add(a, &row) ? 0 : TL_ENOMEM;
}

static uint32_t
place_of(const struct acc *a, const struct tl_journey *j)
{
    for (uint32_t i = 0; a->place_key && i < j->attrs_n; i++)
        if (j->attr[i].key == a->place_key) return j->attr[i].value;
    return 0;
}

static int
acc_journey(void *acc, const struct tl_journey *j, enum tl_end end)
{
    struct acc *a = acc;
    int rc = 0;
    uint32_t place = place_of(a, j);
    a->journeys++;
    if (a->place_key && !place) return 0;
    for (uint32_t i = j->steps_n; rc == 0 && i-- > 0;)      /* backwards: the first met is the last visit */
        rc = visit(a, j, place, &j->step[i], i + 1 == j->steps_n && end == TL_END_LAPSED);
    return rc;
}

static void
acc_holds(const void *acc, int64_t *lo_ms, int64_t *hi_ms)
{
    const struct acc *a = acc;
    if (a->lo_ms > *lo_ms) *lo_ms = a->lo_ms;
    if (a->hi_ms < *hi_ms) *hi_ms = a->hi_ms;
}

static int
by_touchpoint(const void *x, const void *y)
{
    const struct drop *a = x, *b = y;
    if (a->touchpoint != b->touchpoint) return a->touchpoint < b->touchpoint ? -1 : 1;
    if (a->place != b->place) return a->place < b->place ? -1 : 1;
    return (a->day > b->day) - (a->day < b->day);
}

/* merge - sorted, one of each touchpoint and day; returns how many are left */
static size_t
merge(struct drop *d, size_t n)
{
    size_t kept = 0;
    if (n) qsort(d, n, sizeof *d, by_touchpoint);
    for (size_t i = 0; i < n; i++)
        if (kept && by_touchpoint(&d[kept - 1], &d[i]) == 0) {
            d[kept - 1].reached += d[i].reached;
            d[kept - 1].dropped += d[i].dropped;
        } else {
            d[kept++] = d[i];
        }
    return kept;
}

static void *
acc_finish(void *acc)
{
    struct acc *a = acc;
    struct drops *d = tl_alloc(sizeof *d);
    if (!d) return NULL;
    *d = a->d;
    d->drop_n = merge(d->drop, d->drop_n);
    acc_empty(a);
    return d;
}

static void
part_free(void *part)
{
    struct drops *d = part;
    if (!d) return;
    tl_free(d->drop);
    tl_free(d->row);
    tl_free(d);
}

static void *
sum(const void *const *part, size_t n)
{
    struct drops *out = tl_alloc(sizeof *out);
    size_t drop_n = 0, row_n = 0;
    if (!out) return NULL;
    for (size_t i = 0; i < n; i++) {
        drop_n += ((const struct drops *)part[i])->drop_n;
        row_n += ((const struct drops *)part[i])->row_n;
    }
    struct drop *all = out->drop = tl_alloc((drop_n + 1) * sizeof *all);
    out->row = tl_alloc((row_n + 1) * sizeof *out->row);
    if (!all || !out->row) {
        part_free(out);
        return NULL;
    }
    drop_n = 0;
    for (size_t i = 0; i < n; i++) {
        const struct drops *p = part[i];
        if (p->drop_n) memcpy(all + drop_n, p->drop, p->drop_n * sizeof *all);
        if (p->row_n) memcpy(out->row + out->row_n, p->row, p->row_n * sizeof *out->row);
        drop_n += p->drop_n;
        out->row_n += p->row_n;
    }
    out->drop_n = merge(all, drop_n);
    return out;
}

static size_t
part_bytes(const void *part)
{
    const struct drops *d = part;
    return sizeof *d + d->drop_n * sizeof *d->drop + d->row_n * sizeof *d->row;
}

struct drop
drops_at(const struct drops *d, uint32_t touchpoint, uint32_t place, int32_t from_day, int32_t to_day)
{
    struct drop sum = { touchpoint, place, from_day, 0, 0 };
    size_t lo = 0, hi = d->drop_n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (by_touchpoint(&d->drop[mid], &sum) < 0) lo = mid + 1;
        else hi = mid;
    }
    for (; lo < d->drop_n && d->drop[lo].touchpoint == touchpoint && d->drop[lo].place == place && d->drop[lo].day <= to_day; lo++) {
        sum.reached += d->drop[lo].reached;
        sum.dropped += d->drop[lo].dropped;
    }
    return sum;
}

struct drop
drops_between(const struct drops *d, uint32_t touchpoint, int32_t from_day, int32_t to_day)
{
    return drops_at(d, touchpoint, 0, from_day, to_day);
}

const struct analysis analysis_drops = {
    .name = "drops", .version = 3, .doc = "where journeys that came to nothing stopped", .ends = true, .begin = acc_begin, .journey = acc_journey,
    .holds = acc_holds, .finish = acc_finish, .abandon = acc_abandon, .sum = sum, .bytes = part_bytes, .free = part_free,
};
