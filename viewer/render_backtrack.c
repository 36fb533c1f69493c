/* render_backtrack.c - first breaks before bad outcomes, as JSON: over many journeys, and of one customer. */
#include "answer_backtrack.h"

#include "render_in.h"

#define SET(t) ((t).zh.p || (t).en.p)

static void
title_or(struct tl_jw *w, const char *name, struct tl_title t, struct tl_str otherwise)
{
    render_title(w, name, SET(t) ? t : (struct tl_title){ otherwise, otherwise });
}

static void
item(struct tl_jw *w, const struct backtrack_item *x)
{
    tl_jw_open(w, NULL);
    tl_jw_str(w, "cell", x->cell);
    tl_jw_str(w, "id", x->id);
    if (SET(x->name)) render_title(w, "name", x->name);
    else tl_jw_null(w, "name");
    tl_jw_str(w, "type", x->type);
    tl_jw_str(w, "touchpoint", x->touchpoint);
    render_title(w, "title", x->title);
    tl_jw_str(w, "owner", x->owner);
    tl_jw_uint(w, "first", x->first);
    tl_jw_uint(w, "worst", x->worst);
    tl_jw_num(w, "de", x->de);
    render_figure(w, "share", x->share.value, x->share.known);
    render_figure(w, "lo", x->share.lo, x->share.known);
    render_figure(w, "hi", x->share.hi, x->share.known);
    tl_jw_array(w, "examples");
    for (uint32_t i = 0; i < x->example_n; i++) {
        tl_jw_open(w, NULL);
        render_hash(w, "customer", x->example[i].customer);
        render_ms(w, "start", x->example[i].start_ms);
        render_ms(w, "at", x->example[i].at_ms);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_close(w);
}

static void
outcomes(struct tl_jw *w, const struct tl_catalogue *c)
{
    static const struct { const char *id, *zh, *en; } ends[] = { { BACKTRACK_ENDED_BAD, "以失败告终", "ended badly" }, { BACKTRACK_LAPSED, "中途流失", "lapsed" } };
    tl_jw_array(w, "outcomes");
    for (uint32_t i = 0; i < c->outcome_n; i++) {
        if (!c->outcome[i].bad) continue;
        tl_jw_open(w, NULL);
        tl_jw_str(w, "id", c->outcome[i].id);
        title_or(w, "title", c->outcome[i].title, c->outcome[i].id);
        tl_jw_close(w);
    }
    for (size_t i = 0; i < 2; i++) {
        if (tl_catalogue_outcome(c, tl_str_of(ends[i].id)) >= 0) continue;
        tl_jw_open(w, NULL);
        tl_jw_cstr(w, "id", ends[i].id);
        render_title(w, "title", (struct tl_title){ tl_str_of(ends[i].zh), tl_str_of(ends[i].en) });
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

void
render_backtrack(struct tl_buf *out, const struct look *k, const struct backtrack_answer *a)
{
    struct tl_jw w = tl_jw_to(out);
    char day[16];
    tl_jw_open(&w, NULL);
    render_asked(&w, k);
    tl_jw_cstr(&w, "from", tl_day_format(a->from_day, day));
    tl_jw_cstr(&w, "to", tl_day_format(a->to_day, day));
    tl_jw_str(&w, "outcome", a->outcome);
    title_or(&w, "outcome_title", a->outcome_title, a->outcome);
    outcomes(&w, k->catalogue);
    tl_jw_uint(&w, "journeys", a->of.journeys);
    tl_jw_uint(&w, "waiting", a->of.waiting);
    tl_jw_uint(&w, "bad", a->of.bad);
    tl_jw_open(&w, "none");
    tl_jw_uint(&w, "n", a->of.none);
    render_figure(&w, "share", a->none.value, a->none.known);
    render_figure(&w, "lo", a->none.lo, a->none.known);
    render_figure(&w, "hi", a->none.hi, a->none.known);
    tl_jw_close(&w);
    tl_jw_array(&w, "breaks");
    for (uint32_t i = 0; i < a->item_n; i++) item(&w, &a->item[i]);
    tl_jw_end(&w);
    tl_jw_close(&w);
}

/* ---- one customer ---- */

/* the way back: what lies before the outcome, the latest first */
static void
back(struct tl_jw *w, const struct backtrack_walk *x)
{
    tl_jw_array(w, "back");
    for (uint32_t i = x->of.step_n; i-- > 0;) {
        const struct step_answer *s = &x->of.step[i];
        if (s->start_ms > x->at_ms) continue;
        tl_jw_open(w, NULL);
        tl_jw_uint(w, "step", i);
        tl_jw_str(w, "touchpoint", s->touchpoint);
        render_title(w, "title", s->title);
        tl_jw_str(w, "channel", s->channel);
        render_ms(w, "start", s->start_ms);
        render_ms(w, "end", s->end_ms);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

static void
walk(struct tl_jw *w, const struct look *k, const struct backtrack_walk *x)
{
    struct journey_breaks b = *x->of.breaks;
    uint32_t before = 0;
    for (uint32_t i = 0; i < b.item_n; i++) {           /* first and worst are those before the outcome */
        b.item[i].first = &b.item[i] == x->first;
        b.item[i].worst = &b.item[i] == x->worst;
        before += b.item[i].broken_ms < x->at_ms && b.item[i].at_ms < x->at_ms;
    }
    tl_jw_open(w, NULL);
    tl_jw_str(w, "type", x->of.type);
    render_ms(w, "start", x->of.start_ms);
    render_ms(w, "last", x->of.last_ms);
    tl_jw_str(w, "outcome", x->outcome);
    title_or(w, "outcome_title", x->outcome_title, x->outcome);
    render_ms(w, "at", x->at_ms);
    tl_jw_uint(w, "before", before);
    render_journey_breaks(w, k->catalogue, &b);
    back(w, x);
    tl_jw_close(w);
}

void
render_backtrack_one(struct tl_buf *out, const struct look *k, const struct backtrack_walks *a)
{
    struct tl_jw w = tl_jw_to(out);
    tl_jw_open(&w, NULL);
    render_hash(&w, "customer", a->customer);
    render_ms(&w, "as_of", k->as_of_ms);
    tl_jw_array(&w, "walks");
    for (uint32_t i = 0; i < a->item_n; i++) walk(&w, k, &a->item[i]);
    tl_jw_end(&w);
    tl_jw_uint(&w, "left_out", a->left_out);
    tl_jw_close(&w);
}
