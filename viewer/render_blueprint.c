/* render_blueprint.c - a blueprint planned and actual, and coverage, as JSON. Shares and waits that nothing was counted for are null. */
#include "render_blueprint.h"

#include "render_in.h"

static void
days(struct tl_jw *w, const struct ask *q)
{
    char text[16];
    if (q->has_from) tl_jw_cstr(w, "from", tl_day_format(q->from_day, text));
    else tl_jw_null(w, "from");
    if (q->has_to) tl_jw_cstr(w, "to", tl_day_format(q->to_day, text));
    else tl_jw_null(w, "to");
}

static void
words(struct tl_jw *w, const char *name, struct tl_title t)
{
    if (t.zh.p || t.en.p) render_title(w, name, t);
    else tl_jw_null(w, name);
}

/* id_title - the title of what has one, else its id */
static void
id_title(struct tl_jw *w, struct tl_str id, struct tl_title t)
{
    if (!t.zh.p && !t.en.p) t.zh = t.en = id;
    render_title(w, "title", t);
}

static void
share(struct tl_jw *w, const char *name, const char *lo, const char *hi, const struct rate *r, bool known)
{
    render_figure(w, name, r->share, known);
    render_figure(w, lo, r->lo, known);
    render_figure(w, hi, r->hi, known);
}

static void
wait(struct tl_jw *w, const char *name, const struct plan_wait *q)
{
    tl_jw_open(w, name);
    render_figure(w, "ms", q->ms, q->known);
    render_figure(w, "lo", q->lo_ms, q->has_lo);
    render_figure(w, "hi", q->hi_ms, q->has_hi);
    tl_jw_close(w);
}

static void
seen(struct tl_jw *w, const char *name, const struct seen_answer *a, uint32_t n)
{
    tl_jw_array(w, name);
    for (uint32_t i = 0; i < n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_str(w, "touchpoint", a[i].touchpoint);
        render_title(w, "title", a[i].title);
        tl_jw_uint(w, "steps", a[i].steps);
        tl_jw_uint(w, "journeys", a[i].journeys);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

/* ---- a blueprint ---- */

static void
planned(struct tl_jw *w, const struct blueprint_step_answer *s)
{
    const struct tl_touchpoint *tp = s->touchpoint;
    tl_jw_str(w, "touchpoint", tp->id);
    id_title(w, tp->id, tp->title);
    tl_jw_str(w, "leg", s->plan->leg);
    tl_jw_cstr(w, "lane", tp->backstage ? "back" : "front");
    tl_jw_bool(w, "key", tp->key);
    tl_jw_str(w, "owner", tp->owner);
    tl_jw_str(w, "stage", s->stage);
    words(w, "action", s->plan->action);
    words(w, "goal", tp->goal);
    words(w, "theme", tp->theme);
    words(w, "script", tp->standard.script);
    words(w, "visual", tp->standard.visual);
    words(w, "response", tp->standard.response);
    tl_jw_cstr(w, "need", s->plan->required ? "required" : "optional");
    tl_jw_str(w, "one_of", s->plan->group);
    tl_jw_array(w, "channels");
    for (uint32_t i = 0; i < s->plan->channel_n; i++) tl_jw_str(w, NULL, s->plan->channel[i]);
    tl_jw_end(w);
    tl_jw_str(w, "standard", s->plan->standard);
    words(w, "standard_title", s->standard);
    if (s->plan->max_wait_ms) tl_jw_int(w, "max_wait_ms", s->plan->max_wait_ms);
    else tl_jw_null(w, "max_wait_ms");
}

static void
actual(struct tl_jw *w, const struct blueprint_step_answer *s)
{
    tl_jw_uint(w, "n", s->n);
    tl_jw_uint(w, "reached", s->reached);
    share(w, "share", "lo", "hi", &s->share, s->n > 0);
    tl_jw_uint(w, "open", s->open);
    tl_jw_uint(w, "good", s->good);
    tl_jw_uint(w, "missing", s->missing);
    tl_jw_uint(w, "elsewhere", s->elsewhere);
    tl_jw_uint(w, "early", s->early);
    tl_jw_uint(w, "waits", s->waits);
    wait(w, "p50", &s->p50);
    wait(w, "p90", &s->p90);
    bool judged = s->plan->max_wait_ms && s->waits > 0;
    if (s->plan->max_wait_ms) tl_jw_uint(w, "over", s->over);
    else tl_jw_null(w, "over");
    share(w, "over_share", "over_lo", "over_hi", &s->over_share, judged);
}

static void
blueprints(struct tl_jw *w, const struct tl_catalogue *c)
{
    tl_jw_array(w, "blueprints");
    for (uint32_t i = 0; i < c->blueprint_n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_str(w, "id", c->blueprint[i].id);
        id_title(w, c->blueprint[i].id, c->blueprint[i].title);
        tl_jw_str(w, "journey", c->type[c->blueprint[i].type].id);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

void
render_blueprint(struct tl_buf *out, const struct look *k, const struct blueprint_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    struct ask q = *k->ask;
    struct look of = *k;
    q.journey = k->catalogue->type[k->type].id;          /* what was counted: the blueprint's */
    of.ask = &q;
    tl_jw_open(w, NULL);
    render_asked(w, &of);
    days(w, k->ask);
    blueprints(w, k->catalogue);
    tl_jw_str(w, "blueprint", a->of ? a->of->id : (struct tl_str){ NULL, 0 });
    if (a->of) id_title(w, a->of->id, a->of->title);
    else tl_jw_null(w, "title");
    tl_jw_str(w, "model", k->model >= 0 ? k->catalogue->model[k->model].id : (struct tl_str){ NULL, 0 });
    tl_jw_uint(w, "journeys", a->journeys);
    tl_jw_uint(w, "ended", a->ended);
    tl_jw_uint(w, "open", a->open);
    tl_jw_array(w, "legs");
    for (uint32_t i = 0; a->of && i < a->of->leg_n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_str(w, "id", a->of->leg[i].id);
        id_title(w, a->of->leg[i].id, a->of->leg[i].title);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_array(w, "steps");
    for (uint32_t i = 0; a->of && i < a->of->step_n; i++) {
        tl_jw_open(w, NULL);
        planned(w, &a->step[i]);
        actual(w, &a->step[i]);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    seen(w, "unplanned", a->unplanned, a->unplanned_n);
    tl_jw_close(w);
}

/* ---- coverage ---- */

static void
covered(struct tl_jw *w, const struct covered_answer *c)
{
    tl_jw_open(w, NULL);
    tl_jw_str(w, "touchpoint", c->touchpoint->id);
    id_title(w, c->touchpoint->id, c->touchpoint->title);
    tl_jw_bool(w, "key", c->touchpoint->key);
    tl_jw_bool(w, "backstage", c->touchpoint->backstage);
    tl_jw_uint(w, "steps", c->steps);
    tl_jw_uint(w, "journeys", c->journeys);
    tl_jw_close(w);
}

static void
missing(struct tl_jw *w, const struct missing_answer *m)
{
    tl_jw_open(w, NULL);
    tl_jw_str(w, "touchpoint", m->touchpoint->id);
    id_title(w, m->touchpoint->id, m->touchpoint->title);
    tl_jw_str(w, "journey", m->journey);
    tl_jw_uint(w, "n", m->n);
    tl_jw_uint(w, "missing", m->missing);
    share(w, "share", "lo", "hi", &m->share, m->n > 0);
    tl_jw_close(w);
}

void
render_coverage(struct tl_buf *out, const struct look *k, const struct coverage_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    tl_jw_open(w, NULL);
    render_asked(w, k);
    days(w, k->ask);
    tl_jw_uint(w, "journeys", a->journeys);
    tl_jw_uint(w, "steps", a->steps);
    tl_jw_uint(w, "touchpoints", a->touchpoints);
    tl_jw_uint(w, "covered", a->covered);
    render_figure(w, "share", a->touchpoints ? (double)a->covered / a->touchpoints : 0, a->touchpoints > 0);
    tl_jw_uint(w, "signals", a->signals);
    tl_jw_array(w, "items");
    for (uint32_t i = 0; i < a->touchpoints; i++) covered(w, &a->item[i]);
    tl_jw_end(w);
    tl_jw_array(w, "missing");
    for (uint32_t i = 0; i < a->missing_n; i++) missing(w, &a->missing[i]);
    tl_jw_end(w);
    tl_jw_uint(w, "unassigned_steps", a->unassigned_steps);
    seen(w, "unassigned", a->unassigned, a->unassigned_n);
    tl_jw_close(w);
}
