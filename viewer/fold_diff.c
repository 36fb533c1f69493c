/* fold_diff.c - see diff.h. Cells, counts and findings are fold_breaks's own; which journeys gained or lost is told by going through both sides' journeys,
 * matched by customer and start: customers have one number in every store of the same log. */
#include "diff.h"

#include <stdio.h>
#include <stdlib.h>

#include "fold_findings.h"

struct hit { uint32_t cell; uint64_t customer; int64_t start_ms; };
struct hits { struct hit *p; size_t n, cap; bool failed; };
struct cell_of { uint32_t rule, touchpoint, cell; };        /* numbers of one store, and the cell of both */

struct side {
    struct look look;
    bool has;                       /* the type is known here */
    struct breaks_answer breaks;
    struct hits hits;
    /* while hits are gathered */
    struct diff_type *type;
    struct findings f;
    struct tl_store_txn *t;
    struct cell_of *known;
    uint32_t known_n;
    const struct told_journey *journey;
};

/* ---- cells ---- */

static struct diff_cell *
cell_of(struct diff_type *t, struct tl_str id, struct tl_str touchpoint)
{
    for (uint32_t i = 0; i < t->cell_n; i++)
        if (tl_str_eq(t->cell[i].id, id) && tl_str_eq(t->cell[i].touchpoint, touchpoint)) return &t->cell[i];
    return NULL;
}

static void
cells_add(struct diff_type *t, const struct side *s, bool after)
{
    for (uint32_t i = 0; s->has && i < s->breaks.item_n; i++) {
        const struct break_answer *b = &s->breaks.item[i];
        struct diff_cell *c = cell_of(t, b->id, b->touchpoint);
        if (!c) {
            c = &t->cell[t->cell_n++];
            *c = (struct diff_cell){ .id = b->id, .touchpoint = b->touchpoint };
        }
        c->name = b->name;
        c->title = b->title;
        *(after ? &c->after : &c->before) = (struct diff_side){ b->n, b->k, b->shown };
    }
}

/* ---- journeys ---- */

static void
hit_add(struct hits *h, struct hit x)
{
    if (h->n == h->cap) {
        size_t cap = h->cap ? h->cap * 2 : 1024;
        struct hit *p = tl_realloc(h->p, cap * sizeof *p);
        if (!p) {
            h->failed = true;
            return;
        }
        h->p = p;
        h->cap = cap;
    }
    h->p[h->n++] = x;
}

static uint32_t
cell_known(struct side *s, uint32_t rule, uint32_t touchpoint)
{
    for (uint32_t i = 0; i < s->known_n; i++)
        if (s->known[i].rule == rule && s->known[i].touchpoint == touchpoint) return s->known[i].cell;
    const struct diff_cell *c = cell_of(s->type, findings_id(&s->f, rule), fold_word(&s->look, s->t, touchpoint));
    uint32_t cell = c ? (uint32_t)(c - s->type->cell) : UINT32_MAX;
    if (s->known_n < s->type->cell_n) s->known[s->known_n++] = (struct cell_of){ rule, touchpoint, cell };
    return cell;
}

static void
take_row(void *arg, const struct break_row *r)
{
    struct side *s = arg;
    uint32_t cell = r->is == CHANCE_HIT ? cell_known(s, r->rule, r->touchpoint) : UINT32_MAX;
    if (cell != UINT32_MAX) hit_add(&s->hits, (struct hit){ cell, s->journey->customer, s->journey->start_ms });
}

/* take_stopped - a journey that ended nowhere is a hit where it stopped: as drops.c counts it */
static int
take_stopped(void *arg, struct tl_str key, const struct tl_journey *j, enum tl_end end)
{
    struct side *s = arg;
    (void)key;
    if (end != TL_END_LAPSED || !j->steps_n) return 0;
    uint32_t cell = cell_known(s, s->f.rule_n, j->step[j->steps_n - 1].touchpoint);
    if (cell != UINT32_MAX) hit_add(&s->hits, (struct hit){ cell, j->customer, j->start_ms });
    return 0;
}

/* only where stops are counted at all: /api/breaks does when the type has a goal */
static int
stops_of(struct side *s, struct tl_err *err)
{
    struct tl_store_day *day = NULL;
    uint32_t n = 0;
    bool any = false;
    for (uint32_t i = 0; i < s->breaks.item_n; i++) any = any || tl_str_is(s->breaks.item[i].id, FINDINGS_DROP_OFF);
    int rc = any ? fold_days(&s->look, &day, &n, err) : 0;
    for (uint32_t i = 0; rc == 0 && i < n; i++)
        if (day[i].day >= s->type->from_day && day[i].day <= s->type->to_day) rc = fold_day(&s->look, day[i].day, take_stopped, s, err);
    return rc;
}

static int
hit_order(const void *x, const void *y)
{
    const struct hit *a = x, *b = y;
    if (a->cell != b->cell) return a->cell < b->cell ? -1 : 1;
    if (a->start_ms != b->start_ms) return a->start_ms < b->start_ms ? -1 : 1;
    return (a->customer > b->customer) - (a->customer < b->customer);
}

static int
hits_of(struct side *s, struct diff_type *t, struct tl_err *err)
{
    if (!s->has || !s->look.store) return 0;
    int rc = findings_begin(&s->look, &s->f, err);
    s->type = t;
    s->known = tl_arena_alloc(s->look.arena, (t->cell_n + 1) * sizeof *s->known);
    if (rc == 0 && !s->known) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0) rc = tl_store_begin(s->look.store, &s->t, err);
    if (rc == 0) {
        const struct breaks_ask q = findings_ask(&s->look, &s->f);
        const struct told_chance *c = s->f.told->chance;
        const struct tl_break *b = s->f.told->brk;
        for (size_t i = 0; i < s->f.told->journey_n; c += s->journey->chance_n, b += s->journey->brk_n, i++) {
            s->journey = &s->f.told->journey[i];
            if (s->journey->day >= t->from_day && s->journey->day <= t->to_day) breaks_each(&q, s->journey, c, b, take_row, s);
        }
        rc = stops_of(s, err);
        if (rc == 0 && s->hits.failed) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    }
    if (s->t) tl_store_end(&s->t);
    findings_end(&s->look, &s->f);
    if (s->hits.n) qsort(s->hits.p, s->hits.n, sizeof *s->hits.p, hit_order);
    return rc;
}

static int
moved_add(struct diff_moved *m, struct side *of, const struct hit *h, struct tl_err *err)
{
    struct tl_store_txn *t = NULL;
    struct tl_customer c;
    m->n++;
    if (m->example_n == DIFF_EXAMPLES_MAX) return 0;
    int rc = tl_store_begin(of->look.store, &t, err);
    if (rc == 0) rc = tl_store_customer(t, h->customer, of->look.arena, &c, err);
    if (rc == 0) {
        struct diff_journey *j = &m->example[m->example_n++];
        memcpy(j->customer, c.hash, sizeof j->customer);
        j->start_ms = h->start_ms;
    }
    if (t) tl_store_end(&t);
    return rc;
}

/* how many hits of the same journey and cell stand from i on */
static size_t
run_of(const struct hits *h, size_t i)
{
    size_t n = 0;
    while (i + n < h->n && hit_order(&h->p[i], &h->p[i + n]) == 0) n++;
    return n;
}

static int
compare(struct diff_type *t, struct side *before, struct side *after, struct tl_err *err)
{
    size_t i = 0, k = 0;
    int rc = 0;
    while (rc == 0 && (i < before->hits.n || k < after->hits.n)) {
        int c = i == before->hits.n ? 1 : k == after->hits.n ? -1 : hit_order(&before->hits.p[i], &after->hits.p[k]);
        size_t was = c <= 0 ? run_of(&before->hits, i) : 0, is = c >= 0 ? run_of(&after->hits, k) : 0;
        const struct hit *h = c <= 0 ? &before->hits.p[i] : &after->hits.p[k];
        if (is > was) rc = moved_add(&t->cell[h->cell].gaining, after, h, err);
        if (was > is) rc = moved_add(&t->cell[h->cell].losing, before, h, err);
        i += was;
        k += is;
    }
    return rc;
}

/* ---- one journey type ---- */

static int
side_begin(struct side *s, struct fold *f, const struct ask *q, const struct look *k, struct tl_err *err)
{
    struct tl_err why = { 0, "" };
    memset(s, 0, sizeof *s);
    int rc = fold_look(f, q, k->now_ms, k->arena, &s->look, &why);
    if (rc == TL_ENOTFOUND) return 0;
    if (rc) return tl_fail(err, rc, "%s", why.text);
    s->has = true;
    return fold_breaks(&s->look, &s->breaks, err);
}

static void
side_end(struct side *s)
{
    if (s->has) fold_look_end(&s->look);
    tl_free(s->hits.p);
}

bool
diff_changed(const struct diff_cell *c)
{
    return c->before.n != c->after.n || c->before.k != c->after.k || c->before.shown != c->after.shown || c->gaining.n > 0 || c->losing.n > 0;
}

static int
cell_order(const void *x, const void *y)
{
    const struct diff_cell *a = x, *b = y;
    if (diff_changed(a) != diff_changed(b)) return diff_changed(a) ? -1 : 1;
    int c = tl_str_cmp(a->id, b->id);
    return c ? c : tl_str_cmp(a->touchpoint, b->touchpoint);
}

static int
type_diff(const struct look *k, const struct ask *q, struct fold *before, struct diff_type *t, struct tl_err *err)
{
    struct side was, is = { .has = false };
    int rc = side_begin(&was, before, q, k, err);
    if (rc == 0) rc = side_begin(&is, k->fold, q, k, err);
    const struct breaks_answer *days = is.has ? &is.breaks : &was.breaks;
    *t = (struct diff_type){ .journey = q->journey, .had = was.has, .has = is.has, .from_day = days->from_day, .to_day = days->to_day, .before = was.breaks.journeys,
                             .after = is.breaks.journeys };
    t->cell = tl_arena_alloc(k->arena, (was.breaks.item_n + is.breaks.item_n + 1) * sizeof *t->cell);
    if (rc == 0 && !t->cell) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0) {
        cells_add(t, &was, false);
        cells_add(t, &is, true);
        rc = hits_of(&was, t, err);
    }
    if (rc == 0) rc = hits_of(&is, t, err);
    if (rc == 0) rc = compare(t, &was, &is, err);
    if (rc == 0 && t->cell_n) qsort(t->cell, t->cell_n, sizeof *t->cell, cell_order);
    side_end(&was);
    side_end(&is);
    return rc;
}

/* ---- all of them ---- */

/* copied: the catalogues are let go of before the answer is written */
static struct tl_str
copy(const struct look *k, struct tl_str s)
{
    char *p = tl_arena_dup(k->arena, s.p ? s.p : "", s.n);
    return (struct tl_str){ p, p ? s.n : 0 };
}

static uint32_t
types_add(const struct look *k, const struct tl_catalogue *c, struct tl_str *type, uint32_t n)
{
    for (uint32_t i = 0; i < c->type_n; i++) {
        uint32_t known = 0;
        while (known < n && !tl_str_eq(type[known], c->type[i].id)) known++;
        if (known == n) type[n++] = copy(k, c->type[i].id);
    }
    return n;
}

static int
types_of(struct look *k, struct fold *before, struct tl_str type[2 * TL_TYPES_MAX], uint32_t *n, struct diff_answer *out, struct tl_err *err)
{
    struct ask all = *k->ask;
    struct look was;
    all.journey = TL_STR("all");
    int rc = fold_look(before, &all, k->now_ms, k->arena, &was, err);
    if (rc) return rc;
    snprintf(out->before, sizeof out->before, "%s", was.catalogue->hash);
    snprintf(out->after, sizeof out->after, "%s", k->catalogue->hash);
    if (!tl_str_is(k->ask->journey, "all")) type[(*n)++] = k->ask->journey;
    else {
        *n = types_add(k, k->catalogue, type, *n);
        *n = types_add(k, was.catalogue, type, *n);
    }
    fold_look_end(&was);
    return 0;
}

int
fold_diff(struct look *k, struct fold *before, struct diff_answer *out, struct tl_err *err)
{
    struct tl_str type[2 * TL_TYPES_MAX];
    uint32_t n = 0;
    memset(out, 0, sizeof *out);
    if (!before) return tl_fail(err, TL_ENOTFOUND, "there is nothing to compare with: touchline check --diff makes two stores and asks here");
    int rc = types_of(k, before, type, &n, out, err);
    out->as_of_ms = k->as_of_ms;
    out->type = tl_arena_alloc(k->arena, (n + 1) * sizeof *out->type);
    if (rc == 0 && !out->type) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        struct ask q = *k->ask;
        q.journey = type[i];
        q.as_of_ms = k->as_of_ms;
        rc = type_diff(k, &q, before, &out->type[out->type_n++], err);
    }
    return rc;
}
