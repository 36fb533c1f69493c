/* render_visits.c - the register of visits, with what each came to and what they come to together, as JSON. */
#include "render_visits.h"

#include "render_in.h"

#define SET(t) ((t).zh.p || (t).en.p)

void
render_score(struct tl_jw *w, const struct scorecard *s)
{
    tl_jw_open(w, "score");
    render_figure(w, "value", s->score, s->known);
    tl_jw_uint(w, "yes", s->yes);
    tl_jw_uint(w, "no", s->no);
    tl_jw_uint(w, "na", s->na);
    tl_jw_uint(w, "open", s->open);
    tl_jw_uint(w, "critical", s->critical);
    tl_jw_bool(w, "failed", s->critical > 0);
    tl_jw_close(w);
}

void
render_visit_head(struct tl_jw *w, const struct visit_seen *v, const struct tl_scenario *s, bool for_outlet)
{
    tl_jw_str(w, "id", v->of.id);
    tl_jw_str(w, "place", v->of.place);
    tl_jw_str(w, "scenario", v->of.scenario);
    if (s && SET(s->title)) render_title(w, "scenario_title", s->title);
    else tl_jw_null(w, "scenario_title");
    tl_jw_str(w, "slot", v->of.slot);
    tl_jw_cstr(w, "state", tl_visit_state_word(v->of.state));
    render_ms(w, "from", v->of.from_ms);
    render_ms(w, "to", v->of.to_ms);
    if (for_outlet) return;
    tl_jw_uint(w, "identities", v->of.hash_n);
    tl_jw_array(w, "orders");
    for (uint32_t o = 0; o < v->of.order_n; o++) tl_jw_str(w, NULL, v->of.order[o]);
    tl_jw_end(w);
    tl_jw_cstr(w, "late", v->late);
    tl_jw_array(w, "at_once");
    for (uint32_t i = 0; i < v->at_once_n; i++) tl_jw_str(w, NULL, v->at_once[i]);
    tl_jw_end(w);
    tl_jw_uint(w, "left_out", v->of.left_out);
    tl_jw_str(w, "note", v->of.note);
    tl_jw_str(w, "actor", v->actor);
    render_ms(w, "entered", v->entered_ms);
    render_ms(w, "changed", v->changed_ms);
}

static void
named(struct tl_jw *w, const char *name, const struct visit_named *n)
{
    if (!n->id.n) {
        tl_jw_null(w, name);
        return;
    }
    tl_jw_open(w, name);
    tl_jw_str(w, "id", n->id);
    if (SET(n->name)) render_title(w, "name", n->name);
    else tl_jw_null(w, "name");
    tl_jw_str(w, "touchpoint", n->touchpoint);
    render_title(w, "title", n->title);
    tl_jw_int(w, "severity", n->severity);
    tl_jw_close(w);
}

static void
line(struct tl_jw *w, const struct visit_shown *v)
{
    tl_jw_open(w, NULL);
    render_visit_head(w, v->of, v->scenario, false);
    tl_jw_uint(w, "journeys", v->journeys);
    render_score(w, &v->all);
    render_figure(w, "fitness", v->fitness, v->aligned);
    tl_jw_uint(w, "breaks", v->breaks);
    named(w, "first", &v->first);
    named(w, "worst", &v->worst);
    tl_jw_close(w);
}

static void
rates(struct tl_jw *w, const char *name, const char *called, const struct visit_rate *r, uint32_t n)
{
    tl_jw_array(w, name);
    for (uint32_t i = 0; i < n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_str(w, called, r[i].id);
        if (r[i].more.n) tl_jw_str(w, "scenario", r[i].more);
        if (SET(r[i].title)) render_title(w, "title", r[i].title);
        tl_jw_uint(w, "visits", r[i].visits);
        tl_jw_uint(w, "yes", r[i].yes);
        tl_jw_uint(w, "no", r[i].no);
        tl_jw_uint(w, "na", r[i].na);
        tl_jw_uint(w, "open", r[i].open);
        uint64_t answered = r[i].yes + r[i].no;
        render_figure(w, "raw", answered ? (double)r[i].yes / (double)answered : 0, answered > 0);
        render_figure(w, "share", r[i].share.value, r[i].share.known);
        render_figure(w, "lo", r[i].share.lo, r[i].share.known);
        render_figure(w, "hi", r[i].share.hi, r[i].share.known);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

static void
seen_again(struct tl_jw *w, const struct visits_sums *s)
{
    tl_jw_array(w, "again");
    for (uint32_t i = 0; i < s->again_n; i++) {
        const struct visit_again *x = &s->again[i];
        tl_jw_open(w, NULL);
        tl_jw_str(w, "place", x->before->of->of.place);
        tl_jw_str(w, "scenario", x->before->of->of.scenario);
        tl_jw_str(w, "before", x->before->of->of.id);
        tl_jw_str(w, "after", x->after->of->of.id);
        tl_jw_int(w, "days", x->days);
        render_figure(w, "score_before", x->before->all.score, x->before->all.known);
        render_figure(w, "score_after", x->after->all.score, x->after->all.known);
        render_range(w, "change", &x->change);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

void
render_visits(struct tl_buf *out, const struct look *k, const struct visits_answer *a)
{
    struct tl_jw w = tl_jw_to(out);
    const struct visits_sums *s = &a->sums;
    tl_jw_open(&w, NULL);
    render_ms(&w, "as_of", k->as_of_ms);
    tl_jw_array(&w, "visits");
    for (uint32_t i = 0; i < a->item_n; i++) line(&w, &a->item[i]);
    tl_jw_end(&w);
    tl_jw_uint(&w, "more", a->more);
    tl_jw_open(&w, "states");
    for (int i = 0; i < TL_VISIT_WITHDRAWN; i++) tl_jw_uint(&w, tl_visit_state_word((enum tl_visit_state)i), a->state[i]);
    tl_jw_close(&w);
    tl_jw_num(&w, "de", s->de);
    rates(&w, "items", "item", s->item, s->item_n);
    rates(&w, "touchpoints", "touchpoint", s->touchpoint, s->touchpoint_n);
    rates(&w, "places", "place", s->place, s->place_n);
    rates(&w, "months", "month", s->month, s->month_n);
    tl_jw_open(&w, "double");
    tl_jw_uint(&w, "pairs", s->pairs);
    tl_jw_uint(&w, "same", s->alike.same);
    tl_jw_uint(&w, "both", s->alike.both);
    render_figure(&w, "share", s->alike_share.value, s->alike_share.known);
    render_figure(&w, "lo", s->alike_share.lo, s->alike_share.known);
    render_figure(&w, "hi", s->alike_share.hi, s->alike_share.known);
    tl_jw_close(&w);
    seen_again(&w, s);
    tl_jw_close(&w);
}
