/* fold_confirmed.c - see answer_confirmed.h. Two looks at one moment: customers as /api/breaks has them, untouched, and the mystery journeys of the same days, whose chances are
 * counted by visit. They meet by the name of the cell alone. Where journeys stopped is not asked of visits: a shopper stops when the visit is over. */
#include "answer_confirmed.h"

#include <stdlib.h>

#include "analysis/rate.h"
#include "fold_findings.h"
#include "visit_list.h"

struct visited {                        /* a cell as visits have it */
    uint32_t rule, touchpoint, place, daypart;
    struct tl_str called;
    struct confirm_cell count;
};
struct counting {
    struct look *k;                     /* of mystery journeys */
    struct findings f;
    struct tl_store_txn *t;
    struct confirmed_answer *out;
    struct visit_list list;
    uint32_t visit;                     /* of the journey at hand: index in the list, or list.n and more: a stray */
    struct visited *cell; uint32_t cell_n, cell_cap;
    struct confirm_row *row; size_t row_n, row_cap;
    bool failed;
};

/* ---- chances of visits ---- */

static uint32_t
cell_of(struct counting *c, const struct break_row *r)
{
    for (uint32_t i = 0; i < c->cell_n; i++) {
        const struct visited *v = &c->cell[i];
        if (v->rule == r->rule && v->touchpoint == r->touchpoint && v->place == r->place && v->daypart == r->daypart) return i;
    }
    if (c->cell_n == c->cell_cap) {
        uint32_t cap = c->cell_cap ? c->cell_cap * 2 : 64;
        struct visited *p = tl_realloc(c->cell, cap * sizeof *p);
        if (!p) return UINT32_MAX;
        c->cell = p;
        c->cell_cap = cap;
    }
    c->cell[c->cell_n] = (struct visited){ .rule = r->rule, .touchpoint = r->touchpoint, .place = r->place, .daypart = r->daypart };
    return c->cell_n++;
}

static void
chance(void *arg, const struct break_row *r)
{
    struct counting *c = arg;
    if (r->is != CHANCE_HIT && r->is != CHANCE_KEPT) return;
    uint32_t cell = cell_of(c, r);
    if (c->row_n == c->row_cap) {
        size_t cap = c->row_cap ? c->row_cap * 2 : 256;
        struct confirm_row *p = tl_realloc(c->row, cap * sizeof *p);
        if (p) c->row = p;
        if (p) c->row_cap = cap;
    }
    c->failed |= cell == UINT32_MAX || c->row_n == c->row_cap;
    if (!c->failed) c->row[c->row_n++] = (struct confirm_row){ cell, c->visit, r->is == CHANCE_HIT };
}

static int
journeys(struct counting *c, const struct breaks_ask *q)
{
    const struct told *told = c->f.told;
    const struct told_chance *ch = told->chance;
    const struct tl_break *b = told->brk;
    bool *met = tl_alloc(c->list.n + 1);
    for (size_t i = 0; met && i < told->journey_n && !c->failed; i++) {
        const struct told_journey *j = &told->journey[i];
        if (j->day >= c->out->from_day && j->day <= c->out->to_day) {
            c->visit = visit_list_of(&c->list, j->customer, j->start_ms);
            if (c->visit == VISIT_NONE) c->visit = c->list.n + (uint32_t)c->out->strays++;
            else if (!met[c->visit]) c->out->visits += met[c->visit] = true;
            breaks_each(q, j, ch, b, chance, c);
        }
        ch += j->chance_n;
        b += j->brk_n;
    }
    bool ok = met && !c->failed;
    tl_free(met);
    return ok ? 0 : TL_ENOMEM;
}

static int
count(struct counting *c, struct tl_err *err)
{
    const struct ask *asked = c->k->ask;
    struct breaks_ask q = findings_ask(c->k, &c->f);
    q.by = asked->by_daypart ? BREAKS_BY_DAYPART : asked->by_place ? BREAKS_BY_PLACE : BREAKS_BY_NOTHING;
    int rc = journeys(c, &q);
    struct confirm_cell *cell = rc == 0 ? tl_alloc((c->cell_n + 1) * sizeof *cell) : NULL;
    if (!cell) return tl_fail(err, TL_ENOMEM, "out of memory");
    confirm_count(c->row, c->row_n, cell, c->cell_n);
    for (uint32_t i = 0; i < c->cell_n; i++) {
        struct visited *v = &c->cell[i];
        v->count = cell[i];
        v->called = findings_cell(c->k, findings_id(&c->f, v->rule), fold_word(c->k, c->t, v->touchpoint), v->place ? fold_word(c->k, c->t, v->place) : (struct tl_str){ NULL, 0 },
                                  v->daypart ? c->k->catalogue->daypart[v->daypart - 1].id : (struct tl_str){ NULL, 0 });
    }
    tl_free(cell);
    return 0;
}

/* ---- beside customers ---- */

/* only_visits - what a cell of visits is called, as breaks of customers are */
static struct break_answer
only_visits(struct counting *c, const struct visited *v)
{
    const struct tl_standard *s = c->f.standard[v->rule];
    struct break_answer b = { .id = findings_id(&c->f, v->rule), .type = findings_type(&c->f, v->rule), .touchpoint = fold_word(c->k, c->t, v->touchpoint), .called = v->called };
    b.title = fold_title(c->k, b.touchpoint);
    if (v->place) b.place = fold_word(c->k, c->t, v->place);
    if (v->daypart) b.daypart = c->k->catalogue->daypart[v->daypart - 1].id;
    if (s) b.name = s->title;
    if (s) b.owner = s->owner;
    return b;
}

static int
hit_visits(struct counting *c, uint32_t cell, struct confirmed_item *x)
{
    x->visit = tl_arena_alloc(c->k->arena, (x->hits + 1) * sizeof *x->visit);
    for (size_t i = 0; x->visit && i < c->row_n; i++) {
        const struct confirm_row *r = &c->row[i];       /* sorted by cell, then visit, hits first */
        bool again = i && r[-1].cell == r->cell && r[-1].visit == r->visit;
        if (r->cell == cell && r->hit && !again && r->visit < c->list.n) x->visit[x->visit_n++] = c->list.item[r->visit].of.id;
    }
    return x->visit ? 0 : TL_ENOMEM;
}

static int
add(struct counting *c, const struct break_answer *b, const struct visited *v, struct tl_err *err)
{
    struct confirm_cell n = v ? v->count : (struct confirm_cell){ 0, 0 };
    enum confirm_mark mark = confirm_mark(b && b->shown, n.visits, n.hits);
    if (mark == CONFIRM_NOTHING) return 0;
    struct confirmed_item *x = &c->out->item[c->out->item_n++];
    *x = (struct confirmed_item){ .of = b ? *b : only_visits(c, v), .mark = mark, .visits = n.visits, .hits = n.hits, .share = rate_wilson_de(n.hits, n.visits, 1) };
    c->out->count[mark]++;
    return v && hit_visits(c, (uint32_t)(v - c->cell), x) ? tl_fail(err, TL_ENOMEM, "out of memory") : 0;
}

static int
order(const void *x, const void *y)
{
    const struct confirmed_item *a = x, *b = y;
    return a->mark != b->mark ? (a->mark < b->mark ? -1 : 1) : tl_str_cmp(a->of.called, b->of.called);
}

static int
join(struct counting *c, const struct breaks_answer *customers, struct tl_err *err)
{
    int rc = 0;
    bool *met = tl_alloc(c->cell_n + 1);
    c->out->item = tl_arena_alloc(c->k->arena, (customers->item_n + c->cell_n + 1) * sizeof *c->out->item);
    if (!met || !c->out->item) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    for (uint32_t i = 0; rc == 0 && i < customers->item_n; i++) {
        const struct break_answer *b = &customers->item[i];
        uint32_t v = 0;
        while (v < c->cell_n && !tl_str_eq(c->cell[v].called, b->called)) v++;
        if (v < c->cell_n) met[v] = true;
        rc = add(c, b, v < c->cell_n ? &c->cell[v] : NULL, err);
    }
    for (uint32_t v = 0; rc == 0 && v < c->cell_n; v++)
        if (!met[v]) rc = add(c, NULL, &c->cell[v], err);
    tl_free(met);
    if (rc == 0 && c->out->item_n) qsort(c->out->item, c->out->item_n, sizeof *c->out->item, order);
    return rc;
}

static int
beside(struct counting *c, const struct breaks_answer *customers, struct tl_err *err)
{
    int rc = visit_list_read(c->k, &c->list, err);
    if (rc == 0) rc = findings_begin(c->k, &c->f, err);
    if (rc == 0 && c->k->store) rc = tl_store_begin(c->k->store, &c->t, err);
    if (rc == 0) rc = count(c, err);
    if (rc == 0) rc = join(c, customers, err);
    if (c->t) tl_store_end(&c->t);
    findings_end(c->k, &c->f);
    tl_free(c->cell);
    tl_free(c->row);
    return rc;
}

int
fold_confirmed(struct look *k, struct confirmed_answer *out, struct tl_err *err)
{
    struct breaks_answer customers;
    struct counting c = { .k = &out->visited, .out = out };
    struct ask *q = tl_arena_alloc(k->arena, sizeof *q);
    memset(out, 0, sizeof *out);
    int rc = q ? fold_breaks(k, &customers, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc) return rc;
    out->from_day = customers.from_day;
    out->to_day = customers.to_day;
    *q = *k->ask;
    q->stream = TL_STREAM_MYSTERY;
    q->as_of_ms = k->as_of_ms;
    if ((rc = fold_look(k->fold, q, k->now_ms, k->arena, &out->visited, err))) return rc;
    out->held = true;
    return beside(&c, &customers, err);
}

void
fold_confirmed_end(struct confirmed_answer *a)
{
    if (a->held) fold_look_end(&a->visited);
    a->held = false;
}
