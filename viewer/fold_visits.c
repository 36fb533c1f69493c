/* fold_visits.c - see answer_visits.h. */
#include "answer_visits.h"

#include <stdlib.h>

#include "tl_note.h"
#include "tl_visit.h"

struct reading { struct look *k; struct tl_store_txn *t; struct visits_answer *out; uint16_t all; struct tl_step *step; };

static struct tl_str
copy(struct look *k, struct tl_str s)
{
    char *p = s.n ? tl_arena_dup(k->arena, s.p, s.n) : NULL;
    return (struct tl_str){ p, p ? s.n : 0 };
}

/* journeys_of - mystery journeys of one customer that begin in the visit's time; a customer whom two of its identities name is counted once by its caller */
static uint32_t
journeys_of(struct reading *r, uint64_t customer, const struct visit_shown *v)
{
    struct tl_customer c;
    uint32_t n = 0;
    if (tl_store_customer(r->t, customer, r->k->arena, &c, NULL)) return 0;
    for (uint32_t i = 0; i < c.journey_n; i++) {
        struct tl_journey j;
        struct tl_str key = { (const char *)c.journey[i].key, TL_JOURNEY_KEY_BYTES };
        if (tl_rows_journey_key_read(key, &j) || (r->k->catalogue->type_n > 1) == (j.type == r->all) || !tl_visit_has(&v->said, j.start_ms)) continue;
        n += tl_store_journey(r->t, key, r->step, &j, NULL) == 0 && j.stream == TL_STREAM_MYSTERY;
    }
    return n;
}

static void
count_journeys(struct reading *r, struct visit_shown *v)
{
    uint64_t seen[TL_VISIT_IDENTITIES_MAX];
    uint32_t seen_n = 0;
    for (uint32_t h = 0; h < v->said.hash_n; h++) {
        uint64_t customer = 0;
        bool known = false;
        if (tl_store_customer_by_hash(r->t, v->said.hash[h], &customer, NULL)) continue;
        for (uint32_t i = 0; i < seen_n; i++) known |= seen[i] == customer;
        if (known) continue;
        seen[seen_n++] = customer;
        v->journeys += journeys_of(r, customer, v);
    }
}

static int
one(void *arg, const struct tl_note *n)
{
    struct reading *r = arg;
    struct look *k = r->k;
    if (r->out->item_n == VISITS_SHOWN_MAX) {
        r->out->more++;
        return 0;
    }
    struct visit_shown *v = &r->out->item[r->out->item_n];
    *v = (struct visit_shown){ .actor = copy(k, n->actor), .entered_ms = n->first_ms, .changed_ms = n->last_ms };
    int rc = tl_visit_of_note(k->arena, n, &v->said);
    if (rc) return rc == TL_ENOMEM ? rc : 0;
    r->out->item_n++;
    count_journeys(r, v);
    return 0;
}

static int
by_time(const void *x, const void *y)
{
    const struct visit_shown *a = x, *b = y;
    return a->said.from_ms != b->said.from_ms ? (a->said.from_ms < b->said.from_ms ? -1 : 1) : tl_str_cmp(a->said.id, b->said.id);
}

int
fold_visits(struct look *k, struct visits_answer *out, struct tl_err *err)
{
    struct reading r = { .k = k, .out = out };
    *out = (struct visits_answer){ .item = tl_arena_alloc(k->arena, (VISITS_SHOWN_MAX + 1) * sizeof *out->item) };
    r.step = tl_arena_alloc(k->arena, TL_JOURNEY_STEPS_MAX * sizeof *r.step);
    if (!out->item || !r.step) return tl_fail(err, TL_ENOMEM, "out of memory");
    int rc = k->store ? tl_store_begin(k->store, &r.t, err) : 0;
    if (rc == 0 && r.t) {
        r.all = (uint16_t)tl_store_word_number(r.t, TL_STR("all"));
        rc = tl_store_notes(r.t, "visit", one, &r, err);
    }
    if (r.t) tl_store_end(&r.t);
    if (rc == 0 && out->item_n) qsort(out->item, out->item_n, sizeof *out->item, by_time);
    return rc;
}
