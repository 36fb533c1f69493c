/* fold_visits.c - the register with what each visit came to. Cards are made one after the other in a small arena of their own, and what the list shows is kept. */
#include "answer_visits.h"

#include <stdlib.h>

#include "tl_time.h"

#define CARD_ARENA_BYTES (64u << 20)

struct listing { struct look *k; struct tl_store_txn *t; struct visits_answer *out; struct visit_cards *cards; struct tl_arena *scratch; };

/* ---- which of them ---- */

static bool
asked_place(const struct ask *q, struct tl_str place)
{
    bool any = false;
    for (uint32_t i = 0; i < q->filter_n; i++) {
        any = true;
        if (tl_str_eq(q->filter[i].value, place)) return true;
    }
    return !any;
}

static bool
asked(const struct look *k, const struct visit_seen *v)
{
    const struct ask *q = k->ask;
    if (!asked_place(q, v->of.place)) return false;
    if (!q->has_from && !q->has_to) return true;
    int32_t day = v->of.from_ms == TL_TIME_NONE ? INT32_MIN : tl_zone_day(k->zone, v->of.from_ms);
    return day >= q->from_day && day <= q->to_day;
}

static int
filters(const struct ask *q, struct tl_err *err)
{
    for (uint32_t i = 0; i < q->filter_n; i++)
        if (!tl_str_is(q->filter[i].key, "place")) return tl_fail(err, TL_EINVAL, "parameter filter: visits are told apart by place=NAME alone");
    return 0;
}

/* ---- one line ---- */

static struct tl_str
keep(struct listing *l, struct tl_str s)
{
    char *p = s.n ? tl_arena_dup(l->k->arena, s.p, s.n) : NULL;
    return (struct tl_str){ p, p ? s.n : 0 };
}

static struct visit_named
named(struct listing *l, const struct journey_break *b)
{
    struct visit_named n = { .id = { NULL, 0 } };
    if (!b) return n;
    n = (struct visit_named){ .id = keep(l, b->id), .touchpoint = keep(l, b->touchpoint), .name = b->name, .severity = b->severity };
    n.title = fold_title(l->k, n.touchpoint);
    return n;
}

static int
line(struct listing *l, uint32_t i, struct tl_err *err)
{
    struct visit_card card;
    struct visit_shown *x = &l->out->item[l->out->item_n];
    tl_arena_reset(l->scratch);
    int rc = visit_card_make(l->cards, i, l->scratch, &card, err);
    if (rc) return rc;
    uint32_t n = card.scenario ? card.scenario->item_n : 0;
    *x = (struct visit_shown){ .of = card.of, .scenario = card.scenario, .all = card.all, .aligned = card.aligned, .fitness = card.fitness, .journeys = card.journey_n + card.journeys_left_out,
                               .breaks = card.break_n, .first = named(l, card.first), .worst = named(l, card.worst), .answer = tl_arena_alloc(l->k->arena, (n + 1) * sizeof *x->answer) };
    if (!x->answer) return tl_fail(err, TL_ENOMEM, "out of memory");
    for (uint32_t k = 0; k < n; k++) x->answer[k] = card.item[k].answer;
    l->out->item_n++;
    l->out->state[card.of->of.state]++;
    return 0;
}

static int
lines(struct listing *l, struct tl_err *err)
{
    const struct visit_list *all = &l->out->all;
    int rc = visit_cards_begin(l->k, l->t, all, &l->cards, err);
    l->out->item = tl_arena_alloc(l->k->arena, (all->n + 1) * sizeof *l->out->item);
    l->scratch = tl_arena_new(CARD_ARENA_BYTES);
    if (rc == 0 && (!l->out->item || !l->scratch)) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    for (uint32_t i = 0; rc == 0 && i < all->n; i++)
        if (asked(l->k, &all->item[i])) rc = line(l, i, err);
    tl_arena_free(&l->scratch);
    return rc;
}

int
fold_visits(struct look *k, struct visits_answer *out, struct tl_err *err)
{
    struct listing l = { .k = k, .out = out };
    *out = (struct visits_answer){ .item_n = 0 };
    int rc = filters(k->ask, err);
    if (rc == 0) rc = visit_list_read(k, &out->all, err);
    if (rc == 0) rc = fold_zone(k, err);
    if (rc == 0 && k->store) rc = tl_store_begin(k->store, &l.t, err);
    if (rc == 0) rc = lines(&l, err);
    if (l.t) tl_store_end(&l.t);
    out->more = out->all.more;
    return rc ? rc : visits_sum(k, out, err);
}

int
fold_visit(struct look *k, struct visit_answer *out, struct tl_err *err)
{
    struct tl_store_txn *t = NULL;
    struct visit_cards *cards = NULL;
    struct tl_str id = k->ask->visit;
    uint32_t i = 0;
    int rc = visit_list_read(k, &out->all, err);
    while (rc == 0 && i < out->all.n && !tl_str_eq(out->all.item[i].of.id, id)) i++;
    if (rc == 0 && i == out->all.n)
        return tl_fail(err, TL_ENOTFOUND, "there is no visit '%.*s', or it was withdrawn; touchline visits list names those there are", (int)(id.n < 60 ? id.n : 60), id.p);
    if (rc == 0) rc = tl_store_begin(k->store, &t, err);
    if (rc == 0 && k->ask->run.p) rc = visit_list_replayed(k, t, &out->all.item[i], err);
    if (rc == 0) rc = visit_cards_begin(k, t, &out->all, &cards, err);
    if (rc == 0) rc = visit_card_make(cards, i, k->arena, &out->card, err);
    if (t) tl_store_end(&t);
    return rc;
}
