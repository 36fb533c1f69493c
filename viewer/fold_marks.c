/* fold_marks.c - the question of a moment, and what is known of customers beside their journeys: when they did what is asked about, since when they are known. */
#include <stdlib.h>

#include "fold_findings.h"

struct reading {
    struct look *k;
    struct findings *f;
    struct tl_store_txn *t;
    struct tl_arena *arena;
    uint32_t word;              /* the outcome; 0: not asked */
    bool first;
    size_t mark_cap;
};

static int
by_number(const void *x, const void *y)
{
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return (a > b) - (a < b);
}

static bool
mark_add(struct reading *r, struct customer_mark m)
{
    struct findings *f = r->f;
    if (f->mark_n == r->mark_cap) {
        size_t n = r->mark_cap ? r->mark_cap * 2 : 1024;
        struct customer_mark *p = tl_realloc(f->mark, n * sizeof *p);
        if (!p) return false;
        f->mark = p;
        r->mark_cap = n;
    }
    f->mark[f->mark_n++] = m;
    return true;
}

static int
customer_read(struct reading *r, uint64_t customer, struct tl_err *err)
{
    struct tl_profile p;
    tl_arena_reset(r->arena);
    int rc = tl_store_profile(r->t, customer, r->arena, &p, err);
    if (rc) return rc == TL_ENOTFOUND ? 0 : rc;         /* merged into another since the days were folded */
    if (r->first) r->f->first[r->f->first_n++] = (struct past_first){ customer, p.first_ms };
    for (uint32_t o = 0; r->word && o < p.outcome_n; o++)
        if (p.outcome[o].outcome == r->word && p.outcome[o].at_ms <= r->k->as_of_ms && !mark_add(r, (struct customer_mark){ customer, p.outcome[o].at_ms }))
            return tl_fail(err, TL_ENOMEM, "out of memory");
    return 0;
}

static int
customers_read(struct reading *r, uint64_t *customer, size_t n, struct tl_err *err)
{
    for (size_t i = 0; i < n; i++) customer[i] = r->f->told->journey[i].customer;
    if (n) qsort(customer, n, sizeof *customer, by_number);
    int rc = tl_store_begin(r->k->store, &r->t, err);
    for (size_t i = 0; rc == 0 && i < n; i++)
        if (i == 0 || customer[i] != customer[i - 1]) rc = customer_read(r, customer[i], err);
    if (r->t) tl_store_end(&r->t);
    return rc;
}

static int
customers(struct look *k, struct findings *f, uint32_t word, bool first, struct tl_err *err)
{
    struct reading r = { .k = k, .f = f, .word = word, .first = first, .arena = tl_arena_new(FOLD_ARENA_BYTES) };
    size_t n = f->told->journey_n;
    uint64_t *customer = tl_alloc((n + 1) * sizeof *customer);
    tl_free(f->mark);
    tl_free(f->first);
    f->mark = NULL;
    f->mark_n = f->first_n = 0;
    f->first = first ? tl_alloc((n + 1) * sizeof *f->first) : NULL;
    int rc = r.arena && customer && (f->first || !first) ? customers_read(&r, customer, n, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    tl_free(customer);
    tl_arena_free(&r.arena);
    return rc;
}

/* ---- strata ---- */

static enum past_kind
kind_of(struct tl_str name)
{
    return tl_str_is(name, FINDINGS_PRIOR_BAD) ? PAST_PRIOR_BAD : tl_str_is(name, FINDINGS_TENURE) ? PAST_TENURE : tl_str_is(name, FINDINGS_DAYPART) ? PAST_DAYPART : PAST_ATTR;
}

uint64_t
findings_experience(const struct findings *f)
{
    uint64_t rules = 0;
    for (uint32_t i = 0; i < f->rule_n && i < 64; i++)
        if (f->standard[i] && f->standard[i]->experience) rules |= UINT64_C(1) << i;
    return rules;
}

/* pasts - what the strata ask of the past; prior is read from all that is told */
static int
pasts(struct look *k, struct findings *f, bool *tenure, struct tl_err *err)
{
    bool prior = false;
    *tenure = false;
    tl_free(f->past.bad);
    f->past = (struct past){ .ask = &f->past_ask };
    f->past_ask = findings_ask(k, f);
    for (uint32_t i = 0; i < f->strata_n; i++) {
        f->past.kind[i] = kind_of(f->strata[i]);
        prior |= f->past.kind[i] == PAST_PRIOR_BAD;
        *tenure |= f->past.kind[i] == PAST_TENURE;
    }
    if (prior && past_bads(f->told, &f->past_ask, findings_experience(f), &f->past)) return tl_fail(err, TL_ENOMEM, "out of memory");
    return 0;
}

/* against_of - UINT32_MAX: there is one, and nobody met it */
static uint32_t
against_of(struct look *k, const struct tl_outcome_def *o)
{
    uint32_t word = o->against.p ? fold_number(k, o->against) : 0;
    return o->against.p && !word ? UINT32_MAX : word;
}

int
findings_of(struct look *k, struct findings *f, const struct tl_outcome_def *o, struct moment_ask *q, struct tl_err *err)
{
    bool tenure = false;
    *q = (struct moment_ask){ .breaks = findings_ask(k, f), .past = &f->past };
    q->outcome = (struct outcome_ask){ .word = fold_number(k, o->id), .of_customer = o->customer, .absent = o->absent, .against = against_of(k, o),
                                       .after = o->after.n ? (o == f->damage ? 0 : 1) : -1, .within_ms = o->within_ms, .horizon_ms = o->horizon_ms };
    int rc = findings_told(k, o, &q->outcome, err);
    if (rc == 0) rc = pasts(k, f, &tenure, err);
    uint32_t word = o->customer ? q->outcome.word : 0;
    if (rc == 0 && k->store && (word || tenure)) rc = customers(k, f, word, tenure, err);
    f->past.first = f->first;
    f->past.first_n = f->first_n;
    q->mark = f->mark;
    q->mark_n = f->mark_n;
    return rc;
}
