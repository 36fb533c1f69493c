/* fold_status.c - see answer_status.h. "verified" is a word that people enter; whether the rate fell is counted, and stands beside it. */
#include "answer_status.h"

#include <stdlib.h>

#include "fold_findings.h"
#include "tl_json.h"
#include "tl_note.h"
#include "tl_time.h"

#define NOTE_DEPTH 8

struct joining { struct look *k; struct breaks_answer *a; struct tl_zone *zone; };

static struct tl_str
copy(struct look *k, struct tl_str s)
{
    char *p = s.n ? tl_arena_dup(k->arena, s.p, s.n) : NULL;
    return (struct tl_str){ p, p ? s.n : 0 };
}

static struct break_status *
status_of(struct joining *j, const struct tl_note *n)
{
    struct tl_jv *body = NULL;
    struct break_status *s = tl_arena_alloc(j->k->arena, sizeof *s);
    if (!s || tl_json_tree(j->k->arena, copy(j->k, n->body), NOTE_DEPTH, &body, NULL, NULL)) return NULL;
    *s = (struct break_status){ .status = tl_jv_text(body, "status"), .owner = tl_jv_text(body, "owner"), .note = tl_jv_text(body, "note"), .actor = copy(j->k, n->actor),
                                .since_ms = n->first_ms, .changed_ms = n->last_ms, .fixed_on = INT32_MIN };
    if (!tl_str_is(s->status, "fixed") && !tl_str_is(s->status, "verified")) return s;
    if (tl_day_parse(tl_jv_text(body, "fixed_on"), &s->fixed_on)) s->fixed_on = tl_zone_day(j->zone, tl_str_is(s->status, "fixed") ? n->last_ms : n->first_ms);
    return s;
}

static int
join(void *arg, const struct tl_note *n)
{
    struct joining *j = arg;
    struct break_status *s = NULL;
    for (uint32_t i = 0; i < j->a->item_n; i++) {
        struct break_answer *b = &j->a->item[i];
        if (!tl_str_eq(b->called, n->id)) continue;
        if (!s && !(s = status_of(j, n))) return 0;
        b->work = s;
        if (s->owner.n) b->owner = s->owner;
    }
    return 0;
}

/* measure - the cell before and after the day it was fixed, there alone */
static int
measure(struct look *k, const struct break_answer *b, struct break_status *s, struct tl_err *err)
{
    struct improvement m = { .cell = b->called, .start = s->fixed_on, .found_from = INT32_MIN, .found_to = INT32_MIN };
    int rc = s->fixed_on == INT32_MIN || s->measured ? 0 : improvement_measure(k, &m, err);
    if (rc || s->fixed_on == INT32_MIN || s->measured) return rc;
    s->measured = true;
    s->fell = m.now;
    s->trouble = m.trouble;
    return 0;
}

/* ---- how many customers the cells on somebody's list hit ---- */

struct listed { struct break_status *s; uint32_t rule, touchpoint, place, daypart; };
struct hitting {
    struct listed *cell; uint32_t cell_n;
    struct hit_customer { uint32_t cell; uint64_t customer; } *hit; size_t hit_n, hit_cap;
    uint64_t customer;              /* of the journey whose rows come */
    bool failed;
};

static void
note_hit(void *arg, const struct break_row *r)
{
    struct hitting *h = arg;
    for (uint32_t i = 0; r->is == CHANCE_HIT && i < h->cell_n && !h->failed; i++) {
        const struct listed *c = &h->cell[i];
        if (c->rule != r->rule || c->touchpoint != r->touchpoint || c->place != r->place || c->daypart != r->daypart) continue;
        if (h->hit_n == h->hit_cap) {
            size_t cap = h->hit_cap * 2 + 256;
            struct hit_customer *more = tl_realloc(h->hit, cap * sizeof *more);
            h->failed = !more;
            if (!more) return;
            h->hit = more;
            h->hit_cap = cap;
        }
        h->hit[h->hit_n++] = (struct hit_customer){ i, h->customer };
    }
}

static int
by_cell(const void *x, const void *y)
{
    const struct hit_customer *a = x, *b = y;
    if (a->cell != b->cell) return a->cell < b->cell ? -1 : 1;
    return (a->customer > b->customer) - (a->customer < b->customer);
}

static uint32_t
daypart_of(const struct tl_catalogue *c, struct tl_str id)
{
    for (uint32_t i = 0; id.n && i < c->daypart_n; i++)
        if (tl_str_eq(c->daypart[i].id, id)) return i + 1;
    return 0;
}

static void
list_cells(struct look *k, const struct findings *f, const struct breaks_answer *a, struct hitting *h)
{
    for (uint32_t i = 0; i < a->item_n; i++) {
        const struct break_answer *b = &a->item[i];
        struct listed c = { b->work, 0, fold_number(k, b->touchpoint), b->place.n ? fold_number(k, b->place) : 0, daypart_of(k->catalogue, b->daypart) };
        while (c.rule < f->rule_n && !tl_str_eq(findings_id(f, c.rule), b->id)) c.rule++;
        if (!b->work || b->unfinished || c.rule == f->rule_n) continue;
        b->work->counted = true;
        h->cell[h->cell_n++] = c;
    }
}

static void
each_hit(struct look *k, const struct findings *f, const struct breaks_answer *a, struct hitting *h)
{
    const struct told *t = f->told;
    const struct told_chance *chance = t->chance;
    const struct tl_break *brk = t->brk;
    struct breaks_ask q = findings_ask(k, f);
    q.by = k->ask->by_daypart ? BREAKS_BY_DAYPART : k->ask->by_place ? BREAKS_BY_PLACE : BREAKS_BY_NOTHING;
    for (size_t i = 0; i < t->journey_n && !h->failed; i++) {
        const struct told_journey *j = &t->journey[i];
        h->customer = j->customer;
        if (j->day >= a->from_day && j->day <= a->to_day) breaks_each(&q, j, chance, brk, note_hit, h);
        chance += j->chance_n;
        brk += j->brk_n;
    }
}

static int
customers(struct look *k, struct breaks_answer *a, struct tl_err *err)
{
    struct findings *f = tl_arena_alloc(k->arena, sizeof *f);
    struct hitting h = { .cell = tl_arena_alloc(k->arena, (a->item_n + 1) * sizeof *h.cell) };
    int rc = f && h.cell ? findings_begin(k, f, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0) {
        list_cells(k, f, a, &h);
        each_hit(k, f, a, &h);
        if (h.failed) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    }
    if (f) findings_end(k, f);
    if (rc == 0 && h.hit_n) qsort(h.hit, h.hit_n, sizeof *h.hit, by_cell);
    for (size_t i = 0; rc == 0 && i < h.hit_n; i++)
        if (i == 0 || by_cell(&h.hit[i], &h.hit[i - 1]) != 0) h.cell[h.hit[i].cell].s->customers++;
    tl_free(h.hit);
    return rc;
}

int
fold_status(struct look *k, struct breaks_answer *a, struct tl_err *err)
{
    struct joining j = { .k = k, .a = a };
    struct tl_store_txn *t = NULL;
    if (!k->store || !a->item_n) return 0;
    int rc = tl_zone_open(&j.zone, tl_store_timezone(k->store), err);
    if (rc == 0) rc = tl_store_begin(k->store, &t, err);
    if (rc == 0) rc = tl_store_notes(t, "break", join, &j, err);
    if (t) tl_store_end(&t);
    bool any = false;
    for (uint32_t i = 0; rc == 0 && i < a->item_n; i++) {
        any |= a->item[i].work != NULL;
        if (a->item[i].work) rc = measure(k, &a->item[i], a->item[i].work, err);
    }
    if (rc == 0 && any) rc = customers(k, a, err);
    tl_zone_free(&j.zone);
    return rc;
}
