/* fold_improvements.c - improvements as entered (notes), and their measure (fold_effect.c). */
#include "answer_improvements.h"

#include <stdlib.h>

#include "tl_json.h"
#include "tl_note.h"
#include "tl_time.h"

#define NOTE_DEPTH 8

struct reading { struct look *k; struct improvements_answer *out; int failed; };

static struct tl_str
copy(struct look *k, struct tl_str s)
{
    char *p = s.n ? tl_arena_dup(k->arena, s.p, s.n) : NULL;
    return (struct tl_str){ p, p ? s.n : 0 };
}

static int32_t
day_of(const struct tl_jv *body, const char *name)
{
    int32_t day = INT32_MIN;
    return tl_day_parse(tl_jv_text(body, name), &day) ? INT32_MIN : day;
}

static struct tl_str *
list_of(struct look *k, const struct tl_jv *v, uint32_t *n)
{
    struct tl_str *list = tl_arena_alloc(k->arena, ((v ? v->children_n : 0) + 1) * sizeof *list);
    *n = 0;
    for (const struct tl_jv *c = list && v ? v->child : NULL; c && *n < IMPROVEMENT_PLACES_MAX; c = c->next)
        if (c->text.n) list[(*n)++] = c->text;
    return list;
}

static int
one(void *arg, const struct tl_note *n)
{
    struct reading *r = arg;
    struct look *k = r->k;
    struct tl_jv *body = NULL;
    if (r->out->item_n == IMPROVEMENTS_MAX) {
        r->out->more++;
        return 0;
    }
    if (tl_json_tree(k->arena, copy(k, n->body), NOTE_DEPTH, &body, NULL, NULL)) return 0;
    struct improvement *m = &r->out->item[r->out->item_n];
    *m = (struct improvement){ .id = copy(k, n->id), .title = tl_jv_text(body, "title"), .cell = tl_jv_text(body, "cell"), .cause = tl_jv_text(body, "cause"),
                               .action = tl_jv_text(body, "action"), .owner = tl_jv_text(body, "owner"), .actor = copy(k, n->actor), .start = day_of(body, "start"),
                               .closed = day_of(body, "closed"), .found_from = day_of(body, "found_from"), .found_to = day_of(body, "found_to"),
                               .expected = tl_jv_number(body, "expected_points", 0), .entered_ms = n->first_ms, .changed_ms = n->last_ms };
    m->place = list_of(k, tl_jv_get(body, "places"), &m->place_n);
    m->rest = list_of(k, tl_jv_get(body, "comparison"), &m->rest_n);
    if (!m->place || !m->rest) return TL_ENOMEM;
    r->out->item_n += m->start != INT32_MIN;
    return 0;
}

static int
by_start(const void *x, const void *y)
{
    const struct improvement *a = x, *b = y;
    return a->start != b->start ? (a->start < b->start ? -1 : 1) : tl_str_cmp(a->id, b->id);
}

int
fold_improvements(struct look *k, struct improvements_answer *out, struct tl_err *err)
{
    struct reading r = { k, out, 0 };
    struct tl_store_txn *t = NULL;
    uint32_t n = 0;
    *out = (struct improvements_answer){ .item = tl_arena_alloc(k->arena, (IMPROVEMENTS_MAX + 1) * sizeof *out->item) };
    if (!out->item) return tl_fail(err, TL_ENOMEM, "out of memory");
    int rc = k->store ? tl_store_begin(k->store, &t, err) : 0;
    if (rc == 0 && t) rc = tl_store_notes(t, "improvement", one, &r, err);
    if (t) tl_store_end(&t);
    for (uint32_t i = 0; rc == 0 && i < out->item_n; i++) {
        rc = improvement_measure(k, &out->item[i], err);
        if (rc == 0 && (!k->ask->has_journey || tl_str_is(k->ask->journey, "all") || !out->item[i].journey.n || tl_str_eq(out->item[i].journey, k->ask->journey))) out->item[n++] = out->item[i];
    }
    if (rc) return rc;
    out->item_n = n;
    if (n) qsort(out->item, n, sizeof *out->item, by_start);
    return 0;
}
