/* fold_report_open.c - who has which break point on the desk: those found in the week and those that somebody entered, since when, and how many customers they hit; what is being
 * improved, and what was done. */
#include <stdio.h>
#include <stdlib.h>

#include "answer_report.h"
#include "fold_findings.h"
#include "tl_json.h"

#define NOTE_DEPTH 8

struct ctx {
    struct look *k;
    struct findings f;
    struct report_answer *out;
    struct kept_cells week, weeks;              /* of the week, in all; of every week */
    struct tl_err *err;
};

static struct tl_str
copy(struct look *k, struct tl_str s)
{
    char *p = s.n ? tl_arena_dup(k->arena, s.p, s.n) : NULL;
    return (struct tl_str){ p, p ? s.n : 0 };
}

static const struct tl_jv *
body_of(struct look *k, const struct tl_note *n)
{
    struct tl_jv *root = NULL;
    return tl_json_tree(k->arena, copy(k, n->body), NOTE_DEPTH, &root, NULL, NULL) ? NULL : root;
}

/* ---- break points found ---- */

static uint32_t
rule_of(const struct ctx *c, const struct break_answer *b)
{
    uint32_t i = 0;
    while (i < c->f.rule_n && (!c->f.standard[i] || !tl_str_eq(c->f.standard[i]->id, b->id))) i++;
    return i;
}

static uint64_t
customers_hit(const struct kept_cell *cell)
{
    uint64_t n = 0, last = 0;
    for (size_t i = 0; cell && i < cell->n; i++) {
        if (cell->row[i].kept || (n && cell->row[i].customer == last)) continue;
        last = cell->row[i].customer;
        n++;
    }
    return n;
}

/* weeks_running - this week and those before it in which more was missed than is allowed */
static uint32_t
weeks_running(const struct ctx *c, uint32_t rule, double allowed)
{
    uint32_t n = 0;
    for (; n < REPORT_WEEKS_MAX; n++) {
        struct share s = kept_share(kept_cell(&c->weeks, rule, (uint32_t)(c->out->monday - 7 * (int32_t)n)));
        if (!s.n || (double)(s.n - s.k) <= allowed * (double)s.n) break;
    }
    return n;
}

static void
found(struct ctx *c, const struct break_answer *b)
{
    struct report_break *r = &c->out->open[c->out->open_n++];
    uint32_t rule = rule_of(c, b);
    *r = (struct report_break){ .found = b, .owner = b->owner, .status = TL_STR("open"), .since_ms = TL_TIME_NONE };
    snprintf(r->cell, sizeof r->cell, "%.*s:%.*s/%.*s", (int)c->k->ask->journey.n, c->k->ask->journey.p, (int)b->id.n, b->id.p, (int)b->touchpoint.n, b->touchpoint.p);
    const struct tl_touchpoint *tp = tl_catalogue_touchpoint(c->k->catalogue, b->touchpoint);
    if (!r->owner.n && tp) r->owner = tp->owner;
    if (rule == c->f.rule_n || c->f.rule[rule].kind == TL_STANDARD_REPEAT || c->f.rule[rule].kind == TL_STANDARD_TRANSFERS) return;
    r->customers = customers_hit(kept_cell(&c->week, rule, KEPT_NO_GROUP));
    if (b->allowed > 0) r->weeks = weeks_running(c, rule, b->allowed);
}

static int
places(struct ctx *c)
{
    struct look *k = c->k;
    struct breaks_answer *by = tl_arena_alloc(k->arena, sizeof *by);
    const struct ask *asked = k->ask;
    struct ask q = *asked;
    q.by_place = true;
    k->ask = &q;
    int rc = by ? fold_breaks(k, by, c->err) : TL_ENOMEM;
    k->ask = asked;
    for (uint32_t i = 0; rc == 0 && i < by->item_n; i++) {
        const struct break_answer *b = &by->item[i];
        for (uint32_t n = 0; b->shown && b->place.n && n < c->out->found_n; n++) {
            struct report_break *r = &c->out->open[n];
            if (!tl_str_eq(r->found->id, b->id) || !tl_str_eq(r->found->touchpoint, b->touchpoint) || r->place_n == REPORT_PLACES_MAX) continue;
            r->place[r->place_n++] = (struct report_place){ b->place, b->n, b->k, b->cell.rate };
        }
    }
    return rc;
}

static int
found_all(struct ctx *c)
{
    struct kept_ask q = { c->f.rule, c->f.rule_n, c->k->as_of_ms, c->out->monday, c->out->monday + 6, KEPT_BY_NONE };
    uint32_t contact[FINDINGS_RULES_MAX];
    for (uint32_t i = 0; i < FINDINGS_RULES_MAX; i++) contact[i] = c->f.rule_n;
    int rc = kept_cells(c->f.told, &q, contact, &c->week);
    q.from_day -= 7 * REPORT_WEEKS_MAX;
    q.by = KEPT_BY_WEEK;
    if (rc == 0) rc = kept_cells(c->f.told, &q, contact, &c->weeks);
    for (uint32_t i = 0; rc == 0 && i < c->out->breaks.item_n && c->out->open_n < REPORT_OPEN_MAX; i++)
        if (c->out->breaks.item[i].shown) found(c, &c->out->breaks.item[i]);
    c->out->found_n = c->out->open_n;
    kept_cells_free(&c->week);
    kept_cells_free(&c->weeks);
    return rc ? rc : places(c);
}

/* ---- what people entered ---- */

static bool
in_week(const struct ctx *c, int64_t ms)
{
    struct tl_zone *z = NULL;
    if (tl_zone_open(&z, tl_store_timezone(c->k->store), NULL)) return false;
    int32_t day = tl_zone_day(z, ms);
    tl_zone_free(&z);
    return day >= c->out->monday && day < c->out->monday + 7;
}

static int
note_break(void *arg, const struct tl_note *n)
{
    struct ctx *c = arg;
    struct report_answer *o = c->out;
    const struct tl_jv *body = body_of(c->k, n);
    struct tl_str status = copy(c->k, tl_jv_text(body, "status")), owner = copy(c->k, tl_jv_text(body, "owner"));
    size_t type_n = c->k->ask->journey.n;
    bool over = tl_str_is(status, "fixed") || tl_str_is(status, "verified");
    uint32_t i = 0;
    if (!body || n->id.n <= type_n || memcmp(n->id.p, c->k->ask->journey.p, type_n) || n->id.p[type_n] != ':') return 0;       /* of another journey type */
    if (over && in_week(c, n->last_ms) && o->done_n < REPORT_NOTES_MAX) o->done[o->done_n++] = (struct report_done){ copy(c->k, n->id), status, owner };
    while (i < o->open_n && !tl_str_is(n->id, o->open[i].cell)) i++;
    if (i == o->open_n) {
        if (over || i == REPORT_OPEN_MAX || n->id.n >= sizeof o->open[i].cell) return 0;
        o->open[o->open_n++] = (struct report_break){ 0 };
        memcpy(o->open[i].cell, n->id.p, n->id.n);
    }
    o->open[i].status = status;
    o->open[i].since_ms = n->first_ms;
    if (owner.n) o->open[i].owner = owner;
    return 0;
}

/* going_on - improvements that had begun when the week ended and were not closed before it; judged, like all of the report, at its as_of */
static int
going_on(struct ctx *c)
{
    struct report_answer *o = c->out;
    struct improvements_answer all;
    int rc = fold_improvements(c->k, &all, c->err);
    for (uint32_t i = all.item_n; rc == 0 && i-- > 0;) {
        const struct improvement *m = &all.item[i];
        if (m->start < o->monday + 7 && (m->closed == INT32_MIN || m->closed >= o->monday)) o->improvement[o->improvement_n++] = *m;
    }
    return rc;
}

/* ---- order: break points found stay as they are ranked; the rest by cell ---- */

static int
by_cell(const void *x, const void *y)
{
    return strcmp(((const struct report_break *)x)->cell, ((const struct report_break *)y)->cell);
}

int
report_open(struct look *k, struct report_answer *out, struct tl_err *err)
{
    struct ctx c = { .k = k, .out = out, .err = err };
    struct tl_store_txn *t = NULL;
    out->open = tl_arena_alloc(k->arena, REPORT_OPEN_MAX * sizeof *out->open);
    out->improvement = tl_arena_alloc(k->arena, (IMPROVEMENTS_MAX + 1) * sizeof *out->improvement);
    out->done = tl_arena_alloc(k->arena, REPORT_NOTES_MAX * sizeof *out->done);
    if (!out->open || !out->improvement || !out->done) return tl_fail(err, TL_ENOMEM, "out of memory");
    int rc = findings_begin(k, &c.f, err);
    if (rc == 0 && found_all(&c)) rc = err && err->text[0] ? err->code : tl_fail(err, TL_ENOMEM, "out of memory");
    findings_end(k, &c.f);
    if (rc == 0 && k->store) rc = tl_store_begin(k->store, &t, err);
    if (rc == 0 && t) rc = tl_store_notes(t, "break", note_break, &c, err);
    if (t) tl_store_end(&t);
    if (rc == 0) rc = going_on(&c);
    if (out->open_n > out->found_n + 1) qsort(out->open + out->found_n, out->open_n - out->found_n, sizeof *out->open, by_cell);
    return rc;
}
