/* fold_breaks_tests.c - which cells are break points: one family of tests, once as if rows were independent, once more with design effects. */
#include "analysis/bh.h"
#include "fold_breaks_in.h"

static void
judge(struct break_answer *b, bool again)
{
    struct share now = { b->k, b->n, again ? b->de : 1 }, before = b->before;
    if (!again) before.de = 1;
    b->cell = b->allowed > 0 ? cell_against_allowed(now, b->allowed) : cell_against_before(now, before);
    if (again) return;
    b->row_lo = b->cell.rate.lo;
    b->row_hi = b->cell.rate.hi;
}

static bool
tested(const struct break_answer *b)
{
    return b->n >= CELL_ROWS_MIN && (b->allowed > 0 || b->before.n >= CELL_ROWS_MIN);
}

static int
family(struct breaks_answer *o)
{
    double *p = tl_alloc((o->item_n + 1) * sizeof *p);
    size_t m = 0;
    int rc = p ? 0 : TL_ENOMEM;
    for (uint32_t i = 0; rc == 0 && i < o->item_n; i++)
        if (tested(&o->item[i])) p[m++] = o->item[i].cell.p;
    if (rc == 0 && m && bh_q(p, p, m)) rc = TL_ENOMEM;
    o->tests = (uint32_t)m;
    o->found = 0;
    m = 0;
    for (uint32_t i = 0; rc == 0 && i < o->item_n; i++) {
        struct break_answer *b = &o->item[i];
        if (!tested(b)) continue;
        b->q = p[m++];
        b->shown = cell_shown(&b->cell, (struct share){ b->k, b->n, b->de }, b->q);
        o->found += b->shown;
    }
    tl_free(p);
    return rc;
}

/* ---- design effects of those that would be shown ---- */

static double
drop_design(const struct drops *d, const struct break_of *of, int32_t from, int32_t to)
{
    struct hit_row *r = tl_alloc((d->row_n + 1) * sizeof *r);
    size_t n = 0;
    for (size_t i = 0; r && i < d->row_n; i++)
        if (d->row[i].touchpoint == of->touchpoint && d->row[i].place == of->place && d->row[i].day >= from && d->row[i].day <= to) r[n++] = (struct hit_row){ d->row[i].customer, d->row[i].dropped };
    double de = r ? breaks_design(r, n) : 1;
    tl_free(r);
    return de;
}

static bool
asked_already(const struct analysis_arg *arg, uint32_t touchpoint)
{
    for (uint32_t i = 0; i < arg->word_n; i++)
        if (arg->word[i] == touchpoint) return true;
    return false;
}

static int
drops_design(struct breaks_ctx *c, struct tl_err *err)
{
    struct analysis_arg arg = { .end = -1, .as_of_ms = c->k->as_of_ms, .gap_ms = c->k->sieve.gap_ms };
    struct breaks_answer *o = c->out;
    struct fold_part *part = NULL;
    for (uint32_t i = 0; i < o->item_n && arg.word_n < ANALYSIS_WORDS_MAX; i++)
        if (o->item[i].shown && o->item[i].unfinished && !asked_already(&arg, c->of[i].touchpoint)) arg.word[arg.word_n++] = c->of[i].touchpoint;
    if (!arg.word_n) return 0;
    int rc = breaks_drops(c, &arg, &part, err);
    for (uint32_t i = 0; rc == 0 && i < o->item_n; i++)
        if (o->item[i].shown && o->item[i].unfinished) {
            o->item[i].de = drop_design(part->part, &c->of[i], o->from_day, o->to_day);
            o->item[i].before.de = drop_design(part->part, &c->of[i], o->before_from, o->before_to);
        }
    fold_run_done(c->k, part);
    return rc;
}

static int
standards_design(struct breaks_ctx *c)
{
    struct breaks_answer *o = c->out;
    bool any = false;
    for (uint32_t i = 0; i < o->item_n; i++)
        if (!o->item[i].unfinished) any |= c->counts.cell[c->of[i].tally].again = o->item[i].shown;
    int rc = any ? breaks_designs(c->f.told, &c->ask, &c->counts) : 0;
    for (uint32_t i = 0; rc == 0 && i < o->item_n; i++)
        if (!o->item[i].unfinished) {
            o->item[i].de = c->counts.cell[c->of[i].tally].de;
            o->item[i].before.de = c->counts.cell[c->of[i].tally].before_de;
        }
    return rc;
}

/* ---- verdicts ---- */

/* wanted - about how many more rows until every gate that keeps the cell from being shown could be passed, at the same rate */
static uint64_t
wanted(const struct break_answer *b, const struct breaks_answer *o)
{
    double n = (double)b->n, times = 1;
    double p = CELL_Q_MAX * (double)(o->found + 1) / (double)(o->tests ? o->tests : 1);
    if (b->q > CELL_Q_MAX) times = verdict_times_for_p(b->cell.p, p);
    if (b->k < CELL_HITS_MIN && (double)b->k * times < CELL_HITS_MIN) times = b->k ? CELL_HITS_MIN / (double)b->k : times;
    if (b->cell.over.value < CELL_OVER_MIN) {
        double off = (b->cell.over.hi - b->cell.over.value) / (CELL_OVER_MIN - b->cell.over.value);
        if (off * off > times) times = off * off;
    }
    double more = n * (times - 1);
    return more < 1 ? 1 : more > 1e15 ? (uint64_t)1e15 : (uint64_t)more + 1;
}

static void
verdict(struct break_answer *b, const struct breaks_answer *o)
{
    struct share now = { b->k, b->n, b->de };
    b->change = differ_newcombe(now, b->before);
    b->verdict = verdict_of(&b->cell.over, b->n, CELL_ROWS_MIN);
    if (b->shown) b->verdict = (struct verdict){ VERDICT_SUPPORTED, 0 };
    else if (b->n >= CELL_ROWS_MIN && b->cell.over.known && b->cell.over.hi <= VERDICT_SMALL) b->verdict = (struct verdict){ VERDICT_IS_SMALL, 0 };  /* at most 2 points over */
    else if (b->verdict.word == VERDICT_SUPPORTED) b->verdict = (struct verdict){ VERDICT_TOO_LITTLE, wanted(b, o) };    /* not among so many tests */
}

int
breaks_test(struct breaks_ctx *c, struct tl_err *err)
{
    struct breaks_answer *o = c->out;
    for (uint32_t i = 0; i < o->item_n; i++) judge(&o->item[i], false);
    int rc = family(o) || standards_design(c) ? tl_fail(err, TL_ENOMEM, "out of memory") : 0;
    if (rc == 0) rc = drops_design(c, err);
    for (uint32_t i = 0; rc == 0 && i < o->item_n; i++)
        if (o->item[i].shown) judge(&o->item[i], true);
    if (rc == 0 && family(o)) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    for (uint32_t i = 0; rc == 0 && i < o->item_n; i++) verdict(&o->item[i], o);
    return rc;
}
