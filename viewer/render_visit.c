/* render_visit.c - one visit as a scorecard, as JSON. For the outlet, whatever would tell who the shopper is stays out: what is left is what they found. */
#include "render_visits.h"

#include "render_in.h"
#include "tl_evidence.h"
#include "tl_fetch.h"
#include "visit_files.h"

#define SET(t) ((t).zh.p || (t).en.p)

static void
title_or_null(struct tl_jw *w, const char *name, struct tl_title t)
{
    if (SET(t)) render_title(w, name, t);
    else tl_jw_null(w, name);
}

static void
scenario(struct tl_jw *w, const struct tl_scenario *s)
{
    title_or_null(w, "persona", s ? s->persona : (struct tl_title){ { NULL, 0 }, { NULL, 0 } });
    title_or_null(w, "goal", s ? s->goal : (struct tl_title){ { NULL, 0 }, { NULL, 0 } });
}

/* ---- the checklist ---- */

static void
href(struct tl_jw *w, const struct tl_visit *v, const struct tl_visit_evidence *e)
{
    struct tl_buf b = { NULL, 0, 0, false };
    tl_buf_put_str(&b, VISIT_EVIDENCE_PATH "?visit=");
    tl_fetch_escape(&b, v->id);
    tl_buf_put_str(&b, "&name=");
    tl_buf_put(&b, e->name.p, e->name.n);
    tl_jw_str(w, "href", (struct tl_str){ (const char *)b.data, b.failed ? 0 : b.len });
    tl_buf_free(&b);
}

static void
evidence(struct tl_jw *w, const struct look *k, const char *name, const struct tl_visit *v, struct tl_str item, bool for_outlet)
{
    tl_jw_array(w, name);
    for (uint32_t i = 0; i < v->evidence_n; i++) {
        const struct tl_visit_evidence *e = &v->evidence[i];
        if (!tl_str_eq(e->item, item)) continue;
        tl_jw_open(w, NULL);
        if (!for_outlet) tl_jw_str(w, "name", e->name);
        if (!for_outlet) tl_jw_str(w, "hash", e->hash);
        if (!for_outlet) href(w, v, e);
        tl_jw_str(w, "type", e->type);
        tl_jw_uint(w, "bytes", e->bytes);
        tl_jw_cstr(w, "state", tl_evidence_state_word(tl_evidence_check(fold_data(k->fold), v->id, e)));
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

static void
item(struct tl_jw *w, const struct look *k, const struct visit_card *c, const struct visit_item *x, bool for_outlet)
{
    static const char *const word[] = { NULL, "yes", "no", "na" };
    tl_jw_open(w, NULL);
    tl_jw_str(w, "id", x->of->id);
    title_or_null(w, "title", x->of->title);
    tl_jw_cstr(w, "kind", x->of->subjective ? "subjective" : "objective");
    tl_jw_num(w, "weight", x->of->weight);
    tl_jw_bool(w, "critical", x->of->critical);
    tl_jw_bool(w, "na_allowed", x->of->na);
    tl_jw_bool(w, "evidence_wanted", x->of->evidence);
    if (word[x->answer]) tl_jw_cstr(w, "answer", word[x->answer]);
    else tl_jw_null(w, "answer");
    if (x->answer == SCORECARD_OPEN) tl_jw_null(w, "by");
    else tl_jw_cstr(w, "by", x->by_events ? "events" : "shopper");
    render_ms(w, "time", x->said ? x->said->ms : TL_TIME_NONE);
    tl_jw_str(w, "note", x->said && x->said->note.n ? x->said->note : (struct tl_str){ NULL, 0 });
    evidence(w, k, "evidence", &c->of->of, x->of->id, for_outlet);
    tl_jw_close(w);
}

static void
sections(struct tl_jw *w, const struct look *k, const struct visit_card *c, bool for_outlet)
{
    const struct tl_scenario *s = c->scenario;
    tl_jw_array(w, "sections");
    for (uint32_t i = 0; s && i < s->step_n; i++) {
        if (!s->step[i].item_n) continue;
        tl_jw_open(w, NULL);
        tl_jw_str(w, "touchpoint", s->step[i].touchpoint);
        render_title(w, "title", fold_title(k, s->step[i].touchpoint));
        title_or_null(w, "action", s->step[i].action);
        render_score(w, &c->section[i]);
        tl_jw_array(w, "items");
        for (uint32_t n = 0; n < s->step[i].item_n; n++) item(w, k, c, &c->item[s->step[i].item_first + n], for_outlet);
        tl_jw_end(w);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

/* ---- clocks and stamps ---- */

static void
timings(struct tl_jw *w, const struct look *k, const struct visit_card *c)
{
    static const char *const is[] = { "kept", "broken", "running", "unknown" };
    tl_jw_array(w, "timings");
    for (uint32_t i = 0; i < c->timing_n; i++) {
        const struct visit_timing *t = &c->timing[i];
        tl_jw_open(w, NULL);
        tl_jw_str(w, "id", t->id);
        title_or_null(w, "name", t->title);
        tl_jw_str(w, "touchpoint", t->touchpoint);
        if (t->touchpoint.n) render_title(w, "title", fold_title(k, t->touchpoint));
        else tl_jw_null(w, "title");
        tl_jw_cstr(w, "by", t->by_events ? "events" : "shopper");
        tl_jw_cstr(w, "is", is[t->is]);
        render_ms(w, "from", t->from_ms);
        if (t->took_ms >= 0) tl_jw_int(w, "took_ms", t->took_ms);
        else tl_jw_null(w, "took_ms");
        tl_jw_int(w, "limit_ms", t->limit_ms);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

static struct tl_title
stamp_title(const struct tl_scenario *s, struct tl_str what)
{
    int i = s ? tl_scenario_stamp(s, what) : -1;
    return i >= 0 && SET(s->stamp[i].title) ? s->stamp[i].title : (struct tl_title){ what, what };
}

static void
stamps(struct tl_jw *w, const struct visit_card *c)
{
    const struct tl_visit *v = &c->of->of;
    tl_jw_array(w, "stamps");
    for (uint32_t i = 0; i < v->stamp_n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_str(w, "what", v->stamp[i].what);
        render_title(w, "title", stamp_title(c->scenario, v->stamp[i].what));
        tl_jw_str(w, "touchpoint", v->stamp[i].touchpoint);
        render_ms(w, "time", v->stamp[i].ms);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

/* ---- planned and actual ---- */

static void
move(struct tl_jw *w, const struct visit_move *m)
{
    static const char *const kind[] = { [ALIGN_SYNC] = "sync", [ALIGN_SKIP] = "skipped", [ALIGN_EXTRA] = "extra" };
    tl_jw_open(w, NULL);
    tl_jw_cstr(w, "kind", kind[m->of.kind]);
    tl_jw_str(w, "touchpoint", m->touchpoint);
    render_title(w, "title", m->title);
    tl_jw_bool(w, "required", m->required);
    tl_jw_bool(w, "accepted", m->accepted);
    tl_jw_str(w, "channel", m->channel);
    tl_jw_bool(w, "elsewhere", m->of.elsewhere);
    render_ms(w, "time", m->at_ms);
    if (m->of.wait_ms >= 0) tl_jw_int(w, "wait_ms", m->of.wait_ms);
    else tl_jw_null(w, "wait_ms");
    if (m->max_wait_ms > 0) tl_jw_int(w, "max_wait_ms", m->max_wait_ms);
    else tl_jw_null(w, "max_wait_ms");
    tl_jw_num(w, "cost", (double)m->of.cost / ALIGN_UNIT);
    tl_jw_close(w);
}

static void
alignment(struct tl_jw *w, const struct visit_card *c)
{
    if (!c->aligned) {
        tl_jw_null(w, "alignment");
        return;
    }
    tl_jw_open(w, "alignment");
    tl_jw_num(w, "fitness", c->fitness);
    tl_jw_num(w, "cost", (double)c->cost / ALIGN_UNIT);
    tl_jw_num(w, "worst", (double)c->worst_cost / ALIGN_UNIT);
    tl_jw_uint(w, "edits", c->edits);
    tl_jw_uint(w, "cut", c->steps_cut);
    tl_jw_array(w, "moves");
    for (uint32_t i = 0; i < c->move_n; i++) move(w, &c->move[i]);
    tl_jw_end(w);
    tl_jw_close(w);
}

/* ---- its journeys ---- */

static void
steps(struct tl_jw *w, const struct timeline *t)
{
    tl_jw_array(w, "steps");
    for (uint32_t i = 0; i < t->step_n; i++) {
        const struct step_answer *s = &t->step[i];
        tl_jw_open(w, NULL);
        tl_jw_str(w, "touchpoint", s->touchpoint);
        render_title(w, "title", s->title);
        tl_jw_str(w, "channel", s->channel);
        render_ms(w, "start", s->start_ms);
        render_ms(w, "end", s->end_ms);
        if (s->lifecycle) tl_jw_cstr(w, "lifecycle", s->lifecycle);
        else tl_jw_null(w, "lifecycle");
        if (s->wait_ms >= 0) tl_jw_int(w, "wait_ms", s->wait_ms);
        else tl_jw_null(w, "wait_ms");
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

static void
journey(struct tl_jw *w, const struct look *k, const struct visit_card *c, const struct visit_journey *j, bool for_outlet)
{
    struct journey_breaks b = *j->of.breaks;
    tl_jw_open(w, NULL);
    if (!for_outlet) render_hash(w, "customer", j->customer);
    tl_jw_str(w, "type", j->of.type);
    render_ms(w, "start", j->of.start_ms);
    render_ms(w, "last", j->of.last_ms);
    tl_jw_cstr(w, "outcome", render_end(j->of.end));
    for (uint32_t i = 0; i < b.item_n; i++) {           /* first and worst are the visit's */
        b.item[i].first = &b.item[i] == c->first;
        b.item[i].worst = &b.item[i] == c->worst;
        if (for_outlet) b.item[i].evidence_n = 0;
    }
    steps(w, &j->of);
    tl_jw_uint(w, "cut", j->of.cut_n);
    render_journey_breaks(w, k->catalogue, &b);
    tl_jw_close(w);
}

void
render_visit(struct tl_buf *out, const struct look *k, const struct visit_card *c, bool for_outlet)
{
    struct tl_jw w = tl_jw_to(out);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "reader", for_outlet ? "outlet" : "qa");
    render_ms(&w, "as_of", k->as_of_ms);
    render_visit_head(&w, c->of, c->scenario, for_outlet);
    scenario(&w, c->scenario);
    render_score(&w, &c->all);
    sections(&w, k, c, for_outlet);
    timings(&w, k, c);
    if (!for_outlet) stamps(&w, c);
    alignment(&w, c);
    tl_jw_array(&w, "journeys");
    for (uint32_t i = 0; i < c->journey_n; i++) journey(&w, k, c, &c->journey[i], for_outlet);
    tl_jw_end(&w);
    tl_jw_uint(&w, "journeys_left_out", c->journeys_left_out);
    tl_jw_uint(&w, "evidence", c->of->of.evidence_n);
    evidence(&w, k, "evidence_other", &c->of->of, (struct tl_str){ NULL, 0 }, for_outlet);
    tl_jw_close(&w);
}
