/* tl_canon_facts.c - what journeys tell besides their steps, as members of canonical rows. */
#include "tl_canon_in.h"

#include "tl_time.h"

static void
put_word(struct tl_store_txn *t, struct tl_jw *w, const char *name, uint32_t number)
{
    if (number != 0)
        tl_jw_str(w, name, tl_store_word(t, number));
}

static void
put_time(struct tl_jw *w, const char *name, int64_t ms)
{
    if (ms != TL_TIME_NONE)
        tl_jw_int(w, name, ms);
}

static void
put_step(struct tl_jw *w, uint32_t step)
{
    if (step != TL_NO_STEP)
        tl_jw_uint(w, "step", step);
}

static void
put_chance(struct tl_store_txn *t, struct tl_jw *w, const struct tl_chance *x)
{
    tl_jw_open(w, NULL);
    put_word(t, w, "standard", x->standard);
    put_step(w, x->step);
    if (x->flags != 0)
        tl_jw_cstr(w, "verdict", x->flags & TL_CHANCE_HIT ? "hit" : "kept");
    put_time(w, "start", x->start_ms);
    put_time(w, "due", x->due_ms);
    put_time(w, "ended", x->ended_ms);
    put_time(w, "cancelled", x->cancelled_ms);
    put_word(t, w, "place", x->place);
    put_word(t, w, "channel", x->channel);
    put_word(t, w, "tier", x->tier);
    tl_jw_close(w);
}

static void
put_break(struct tl_store_txn *t, struct tl_jw *w, const struct tl_break *b)
{
    static const char *const kinds[TL_BREAK_KINDS] = { "failed", "required", "transfers", "failure", "missing", "order", "context", "score", "adhoc" };

    tl_jw_open(w, NULL);
    tl_jw_cstr(w, "kind", b->kind < TL_BREAK_KINDS ? kinds[b->kind] : "other");
    put_word(t, w, "standard", b->standard);
    put_step(w, b->step);
    put_word(t, w, "touchpoint", b->touchpoint);
    put_time(w, "at", b->at_ms);
    put_word(t, w, "place", b->place);
    put_word(t, w, "channel", b->channel);
    if (b->kind == TL_BREAK_ORDER || b->kind == TL_BREAK_CONTEXT) {
        put_word(t, w, "expected", (uint32_t)b->expected);
        if (b->kind == TL_BREAK_CONTEXT)
            put_word(t, w, "actual", (uint32_t)b->actual);
    } else {
        tl_jw_int(w, "expected", b->expected);
        tl_jw_int(w, "actual", b->actual);
    }
    tl_jw_uint(w, "severity", b->severity);
    tl_jw_uint(w, "evidence", b->evidence);
    tl_jw_close(w);
}

void
canon_facts(struct tl_store_txn *t, struct tl_jw *w, const struct tl_facts *f)
{
    if (f->chance_n > 0)
        tl_jw_array(w, "chances");
    for (uint32_t i = 0; i < f->chance_n; i++)
        put_chance(t, w, &f->chance[i]);
    if (f->chance_n > 0)
        tl_jw_end(w);
    if (f->break_n > 0)
        tl_jw_array(w, "breaks");
    for (uint32_t i = 0; i < f->break_n; i++)
        put_break(t, w, &f->brk[i]);
    if (f->break_n > 0)
        tl_jw_end(w);
    if (f->scored_n > 0)
        tl_jw_array(w, "scores");
    for (uint32_t i = 0; i < f->scored_n; i++) {
        tl_jw_open(w, NULL);
        put_word(t, w, "score", f->scored[i].kind);
        tl_jw_int(w, "milli", f->scored[i].milli);
        put_step(w, f->scored[i].step);
        put_time(w, "at", f->scored[i].at_ms);
        tl_jw_close(w);
    }
    if (f->scored_n > 0)
        tl_jw_end(w);
    if (f->marked_n > 0)
        tl_jw_array(w, "outcomes");
    for (uint32_t i = 0; i < f->marked_n; i++) {
        tl_jw_open(w, NULL);
        put_word(t, w, "outcome", f->marked[i].outcome);
        put_step(w, f->marked[i].step);
        put_time(w, "at", f->marked[i].at_ms);
        tl_jw_close(w);
    }
    if (f->marked_n > 0)
        tl_jw_end(w);
    if (f->cut_n > 0)
        tl_jw_uint(w, "facts_cut", f->cut_n);
}

void
canon_scores(struct tl_store_txn *t, struct tl_jw *w, const struct tl_kept *e)
{
    if (e->scores_n == 0)
        return;
    tl_jw_array(w, "scores");
    for (uint32_t i = 0; i < e->scores_n; i++) {
        tl_jw_open(w, NULL);
        put_word(t, w, "score", e->score[i].kind);
        tl_jw_int(w, "milli", e->score[i].milli);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

void
canon_asked(struct tl_jw *w, const struct tl_kept *e)
{
    if (e->agent != 0)
        tl_jw_uint(w, "agent", e->agent);
    if (e->promise.what == 0 && e->promise.said == 0)
        return;
    tl_jw_open(w, "promise");
    tl_jw_uint(w, "what", e->promise.what);
    if (e->promise.said & TL_PROMISE_DUE)
        tl_jw_int(w, "due", e->promise.due_ms);
    if (e->promise.said & TL_PROMISE_SAID)
        tl_jw_bool(w, "kept", (e->promise.said & TL_PROMISE_KEPT) != 0);
    tl_jw_close(w);
}

void
canon_outcomes(struct tl_store_txn *t, struct tl_jw *w, const struct tl_profile_outcome *list, uint32_t n)
{
    tl_jw_array(w, "outcomes");
    for (uint32_t i = 0; i < n; i++) {
        tl_jw_open(w, NULL);
        put_word(t, w, "outcome", list[i].outcome);
        put_time(w, "at", list[i].at_ms);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}
