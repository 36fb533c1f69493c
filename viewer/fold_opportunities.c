/* fold_opportunities.c - see answer_lanes.h. */
#include <stdlib.h>

#include "answer_lanes.h"
#include "tl_json.h"
#include "tl_note.h"

#define NOTE_DEPTH 8

struct reading { struct look *k; struct opportunities_answer *out; };

static struct tl_str
copy(struct look *k, struct tl_str s)
{
    char *p = s.n ? tl_arena_dup(k->arena, s.p, s.n) : NULL;
    return (struct tl_str){ p, p ? s.n : 0 };
}

static int
one(void *arg, const struct tl_note *n)
{
    struct reading *r = arg;
    struct look *k = r->k;
    struct tl_jv *body = NULL;
    if (tl_json_tree(k->arena, copy(k, n->body), NOTE_DEPTH, &body, NULL, NULL)) return 0;
    struct tl_str journey = tl_jv_text(body, "journey");
    if (k->ask->has_journey && journey.n && !tl_str_eq(journey, k->ask->journey)) return 0;
    if (r->out->item_n == OPPORTUNITIES_MAX) {
        r->out->more++;
        return 0;
    }
    r->out->item[r->out->item_n++] = (struct opportunity){ .id = copy(k, n->id), .text = tl_jv_text(body, "text"), .touchpoint = tl_jv_text(body, "touchpoint"),
        .stage = tl_jv_text(body, "stage"), .journey = journey, .owner = tl_jv_text(body, "owner"), .status = tl_jv_text(body, "status"), .actor = copy(k, n->actor),
        .entered_ms = n->first_ms, .changed_ms = n->last_ms };
    return 0;
}

static int
by_entered(const void *x, const void *y)
{
    const struct opportunity *a = x, *b = y;
    return a->entered_ms != b->entered_ms ? (a->entered_ms < b->entered_ms ? -1 : 1) : tl_str_cmp(a->id, b->id);
}

int
fold_opportunities(struct look *k, struct opportunities_answer *out, struct tl_err *err)
{
    struct reading r = { k, out };
    struct tl_store_txn *t = NULL;
    *out = (struct opportunities_answer){ .item = tl_arena_alloc(k->arena, (OPPORTUNITIES_MAX + 1) * sizeof *out->item) };
    if (!out->item) return tl_fail(err, TL_ENOMEM, "out of memory");
    int rc = k->store ? tl_store_begin(k->store, &t, err) : 0;
    if (rc == 0 && t) rc = tl_store_notes(t, "opportunity", one, &r, err);
    if (t) tl_store_end(&t);
    if (rc == 0 && out->item_n > 1) qsort(out->item, out->item_n, sizeof *out->item, by_entered);
    return rc;
}
