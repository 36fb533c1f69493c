/* fold_backtrack_one.c - one customer's journeys that went badly, and the first and the worst break before each bad outcome. */
#include "answer_backtrack.h"

#include <stdlib.h>

#include "fold_findings.h"
#include "tl_rows.h"

struct walking {
    struct look *k;
    struct tl_store_txn *t;
    struct tl_customer who;
    struct journey_breaks_teller *teller;
    struct tl_step *step;
    struct tl_facts *facts;
    struct backtrack_walks *out;
    struct tl_err *err;
};

/* ---- when it went badly ---- */

static int64_t
window_opens(struct walking *w, const struct tl_outcome_def *o, const struct tl_journey *j)
{
    uint32_t after = o->after.n ? tl_store_word_number(w->t, o->after) : 0;
    int64_t at = o->after.n ? TL_TIME_NONE : j->start_ms;
    for (uint32_t i = 0; after && i < j->steps_n; i++)
        if (j->step[i].touchpoint == after) at = j->step[i].end_ms;
    return at;
}

/* met_at - when the journey met a bad outcome of the catalogue; TL_TIME_NONE: it did not (yet) */
static int64_t
met_at(struct walking *w, const struct tl_outcome_def *o, const struct tl_journey *j)
{
    int64_t from = window_opens(w, o, j), until = from + o->within_ms, met = INT64_MAX;
    uint32_t word = tl_store_word_number(w->t, o->id);
    if (!o->bad || from == TL_TIME_NONE || !word) return TL_TIME_NONE;
    for (uint32_t i = 0; !o->customer && i < w->facts->marked_n; i++)
        if (w->facts->marked[i].outcome == word && w->facts->marked[i].at_ms > from && w->facts->marked[i].at_ms < met) met = w->facts->marked[i].at_ms;
    for (uint32_t i = 0; o->customer && i < w->who.outcome_n; i++)
        if (w->who.outcome[i].outcome == word && w->who.outcome[i].at_ms > from && w->who.outcome[i].at_ms < met) met = w->who.outcome[i].at_ms;
    bool came = met <= until && met <= w->k->as_of_ms;
    if (o->absent) return !came && until <= w->k->as_of_ms && from <= w->k->as_of_ms - o->horizon_ms ? until : TL_TIME_NONE;
    return came ? met : TL_TIME_NONE;
}

/* ---- the walk back ---- */

static void
first_and_worst(struct backtrack_walk *x)
{
    const struct journey_breaks *b = x->of.breaks;
    for (uint32_t i = 0; i < b->item_n; i++) {
        const struct journey_break *y = &b->item[i], *worst = x->worst;
        if (y->broken_ms >= x->at_ms || y->at_ms >= x->at_ms) continue;
        if (!x->first) x->first = y;            /* they stand in order */
        if (!worst || y->severity > worst->severity || (y->severity == worst->severity && y->ratio > worst->ratio)) x->worst = y;
    }
}

static int
add(struct walking *w, const struct tl_journey *j, struct tl_str outcome, struct tl_title title, int64_t at_ms)
{
    struct backtrack_walks *o = w->out;
    if (o->item_n == BACKTRACK_WALKS_MAX) return o->left_out++, 0;
    struct backtrack_walk *x = &o->item[o->item_n++];
    *x = (struct backtrack_walk){ .outcome = outcome, .outcome_title = title, .at_ms = at_ms };
    int rc = fold_timeline(w->k, w->t, w->teller, j, &x->of, w->err);
    if (rc == 0) first_and_worst(x);
    return rc;
}

static int
journey(struct walking *w, const struct tl_journey *j)
{
    static const struct tl_title bad = { { "以失败告终", 15 }, { "ended badly", 11 } }, lapsed = { { "中途流失", 12 }, { "lapsed", 6 } };
    const struct tl_catalogue *c = w->k->catalogue;
    int type = tl_catalogue_type(c, fold_word(w->k, w->t, j->type)), rc = 0;
    int64_t gap_ms = type < 0 ? TL_GAP_DEFAULT_MS : c->type[type].gap_ms;
    enum tl_end end = tl_journey_end(j, gap_ms, w->k->as_of_ms);
    if (tl_facts_get(j, w->facts)) return tl_fail(w->err, TL_ECORRUPT, "a journey's row cannot be read: run touchline rebuild");
    for (uint32_t i = 0; rc == 0 && i < c->outcome_n; i++) {
        int64_t at_ms = met_at(w, &c->outcome[i], j);
        if (at_ms != TL_TIME_NONE) rc = add(w, j, c->outcome[i].id, c->outcome[i].title, at_ms);
    }
    if (rc == 0 && end == TL_END_BAD) rc = add(w, j, TL_STR(BACKTRACK_ENDED_BAD), bad, j->last_ms + 1);
    if (rc == 0 && end == TL_END_LAPSED && type >= 0 && c->type[type].good_n) rc = add(w, j, TL_STR(BACKTRACK_LAPSED), lapsed, j->last_ms + gap_ms);
    return rc;
}

static bool
asked(const struct walking *w, const struct tl_journey *j, uint16_t all)
{
    const struct ask *q = w->k->ask;
    if (q->began_ms != TL_TIME_NONE && j->start_ms != q->began_ms) return false;
    return q->has_journey ? j->type == w->k->type_word : (w->k->catalogue->type_n > 1) != (j->type == all);
}

static int
newest_first(const void *x, const void *y)
{
    const struct backtrack_walk *a = x, *b = y;
    if (a->of.start_ms != b->of.start_ms) return a->of.start_ms > b->of.start_ms ? -1 : 1;
    if (a->at_ms != b->at_ms) return a->at_ms < b->at_ms ? -1 : 1;
    return tl_str_cmp(a->outcome, b->outcome);
}

static int
journeys(struct walking *w)
{
    uint16_t all = (uint16_t)tl_store_word_number(w->t, TL_STR("all"));
    int rc = 0;
    for (uint32_t i = w->who.journey_n; rc == 0 && i-- > 0;) {
        struct tl_journey j;
        struct tl_str key = { (const char *)w->who.journey[i].key, TL_JOURNEY_KEY_BYTES };
        if (tl_rows_journey_key_read(key, &j) || !asked(w, &j, all)) continue;
        rc = tl_store_journey(w->t, key, w->step, &j, w->err);
        if (rc == 0) rc = journey(w, &j);
        if (rc == TL_ENOTFOUND) rc = 0;
    }
    if (rc == 0 && w->out->item_n) qsort(w->out->item, w->out->item_n, sizeof *w->out->item, newest_first);
    return rc;
}

int
fold_backtrack_one(struct look *k, struct backtrack_walks *out, struct tl_err *err)
{
    struct walking w = { .k = k, .out = out, .err = err };
    struct tl_kept *e = NULL;
    uint32_t n = 0;
    uint64_t number = 0;
    *out = (struct backtrack_walks){ .item = tl_arena_alloc(k->arena, BACKTRACK_WALKS_MAX * sizeof *out->item) };
    memcpy(out->customer, k->ask->customer, sizeof out->customer);
    w.step = tl_arena_alloc(k->arena, TL_JOURNEY_STEPS_MAX * sizeof *w.step);
    w.facts = tl_arena_alloc(k->arena, sizeof *w.facts);
    if (!out->item || !w.step || !w.facts) return tl_fail(err, TL_ENOMEM, "out of memory");
    if (!k->store) return tl_fail(err, TL_ENOTFOUND, "there is no customer yet");
    int rc = tl_store_begin(k->store, &w.t, err);
    if (rc) return rc;
    if ((rc = tl_store_customer_by_hash(w.t, k->ask->customer, &number, err)) == TL_ENOTFOUND) tl_fail(err, rc, "no customer has this identity");
    if (rc == 0) rc = tl_store_customer(w.t, number, k->arena, &w.who, err);
    if (rc == 0) rc = tl_store_events(w.t, number, &e, &n, err);
    if (rc == 0) rc = journey_breaks_begin(k, w.t, e, n, &w.teller, err);
    if (rc == 0) rc = journeys(&w);
    memcpy(out->customer, w.who.hash, sizeof out->customer);
    tl_free(e);
    tl_store_end(&w.t);
    return rc;
}
