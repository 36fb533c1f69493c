/* render_lanes.c - flows, quotes, opportunities and facets as JSON. */
#include "answer_lanes.h"
#include "render_in.h"

void
render_flows(struct tl_buf *out, const struct look *k, const struct flows_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    tl_jw_open(w, NULL);
    render_asked(w, k);
    tl_jw_array(w, "flows");
    for (uint32_t i = 0; i < a->flow_n; i++) {
        const struct flow_over *f = &a->flow[i];
        tl_jw_open(w, NULL);
        tl_jw_str(w, "from", f->from);
        tl_jw_str(w, "to", f->to);
        tl_jw_uint(w, "n", f->n);
        tl_jw_uint(w, "over", f->k);
        render_figure(w, "rate", f->rate.value, f->rate.known);
        render_figure(w, "lo", f->rate.lo, f->rate.known);
        render_figure(w, "hi", f->rate.hi, f->rate.known);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_array(w, "limits");
    for (uint32_t i = 0; i < a->limit_n; i++) {
        const struct flow_limit *l = &a->limit[i];
        tl_jw_open(w, NULL);
        tl_jw_str(w, "touchpoint", l->touchpoint);
        tl_jw_str(w, "id", l->standard);
        render_title(w, "name", l->name);
        tl_jw_int(w, "limit_ms", l->limit_ms);
        tl_jw_bool(w, "promise", l->promise);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_close(w);
}

static void
score(struct tl_jw *w, const struct quote *q)
{
    if (!q->score_kind.p) {
        tl_jw_null(w, "score");
        return;
    }
    tl_jw_open(w, "score");
    tl_jw_str(w, "kind", q->score_kind);
    tl_jw_num(w, "value", (double)q->score_milli / 1000);
    tl_jw_close(w);
}

void
render_quotes(struct tl_buf *out, const struct look *k, const struct quotes_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    tl_jw_open(w, NULL);
    render_asked(w, k);
    tl_jw_array(w, "quotes");
    for (uint32_t i = 0; i < a->item_n; i++) {
        const struct quote *q = &a->item[i];
        tl_jw_open(w, NULL);
        tl_jw_str(w, "text", q->text);
        tl_jw_bool(w, "cut", q->cut);
        tl_jw_int(w, "time", q->at_ms);
        tl_jw_str(w, "type", q->type);
        tl_jw_str(w, "touchpoint", q->touchpoint);
        render_title(w, "title", q->title);
        tl_jw_str(w, "channel", q->channel);
        tl_jw_str(w, "place", q->place);
        score(w, q);
        render_hash(w, "customer", q->customer);
        tl_jw_int(w, "start", q->journey_start_ms);
        tl_jw_uint(w, "position", q->position);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_uint(w, "journeys", a->journeys);
    tl_jw_uint(w, "read", a->read);
    tl_jw_bool(w, "more", a->more);
    tl_jw_close(w);
}

void
render_opportunities(struct tl_buf *out, const struct opportunities_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    tl_jw_open(w, NULL);
    tl_jw_array(w, "opportunities");
    for (uint32_t i = 0; i < a->item_n; i++) {
        const struct opportunity *o = &a->item[i];
        tl_jw_open(w, NULL);
        tl_jw_str(w, "id", o->id);
        tl_jw_str(w, "text", o->text);
        tl_jw_str(w, "touchpoint", o->touchpoint);
        tl_jw_str(w, "stage", o->stage);
        tl_jw_str(w, "journey", o->journey);
        tl_jw_str(w, "owner", o->owner);
        tl_jw_str(w, "status", o->status.n ? o->status : TL_STR("open"));
        tl_jw_str(w, "actor", o->actor);
        render_ms(w, "entered", o->entered_ms);
        render_ms(w, "changed", o->changed_ms);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_uint(w, "more", a->more);
    tl_jw_close(w);
}

static void
values(struct tl_jw *w, const char *name, const struct facet_list *l)
{
    tl_jw_open(w, name);
    tl_jw_array(w, "values");
    for (uint32_t i = 0; i < l->item_n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_str(w, "value", l->item[i].value);
        tl_jw_uint(w, "journeys", l->item[i].journeys);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_uint(w, "more", l->more);
    tl_jw_close(w);
}

void
render_facets(struct tl_buf *out, const struct look *k, const struct facets_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    const struct tl_catalogue *c = k->catalogue;
    tl_jw_open(w, NULL);
    tl_jw_array(w, "segments");
    for (uint32_t i = 0; i < c->segment_n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_str(w, "id", c->segment[i].id);
        render_title(w, "title", c->segment[i].title);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    values(w, "tier", &a->of[FACET_TIER]);
    values(w, "channel", &a->of[FACET_CHANNEL]);
    values(w, "place", &a->of[FACET_PLACE]);
    tl_jw_close(w);
}
