/* render_pain.c - see render_pain.h. */
#include "render_pain.h"

#include "render_in.h"

/* ---- the heat map ---- */

static void
name_of(struct tl_jw *w, struct tl_title t)
{
    if (t.zh.p || t.en.p) render_title(w, "name", t);
    else tl_jw_null(w, "name");
}

static void
stages(struct tl_jw *w, const struct look *k)
{
    const struct tl_stage_model *m = k->model >= 0 ? &k->catalogue->model[k->model] : NULL;
    if (m) tl_jw_str(w, "model", m->id);
    else tl_jw_null(w, "model");
    tl_jw_array(w, "stages");
    for (uint32_t i = 0; m && i < m->stage_n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_str(w, "id", m->stage[i].id);
        render_title(w, "title", m->stage[i].title);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

static void
heat(struct tl_jw *w, const struct heat *h)
{
    tl_jw_open(w, NULL);
    tl_jw_str(w, "touchpoint", h->touchpoint);
    render_title(w, "title", h->title);
    tl_jw_str(w, "stage", h->stage);
    tl_jw_uint(w, "n", h->of.n);
    tl_jw_uint(w, "hits", h->of.hits);
    render_figure(w, "rate", h->rate.value, h->rate.known);
    render_figure(w, "lo", h->rate.lo, h->rate.known);
    render_figure(w, "hi", h->rate.hi, h->rate.known);
    tl_jw_uint(w, "customers", h->of.customers);
    render_figure(w, "severity", h->severity, h->of.hits > 0);
    if (h->of.worst) tl_jw_int(w, "worst", h->of.worst);
    else tl_jw_null(w, "worst");
    tl_jw_num(w, "pain", h->pain);
    tl_jw_uint(w, "sources", h->of.source_n);
    tl_jw_uint(w, "channels", h->of.channel_n);
    tl_jw_array(w, "breaks");
    for (uint32_t i = 0; i < h->brk_n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_str(w, "cell", h->brk[i].cell);
        tl_jw_str(w, "id", h->brk[i].id);
        name_of(w, h->brk[i].name);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_close(w);
}

void
render_heatmap(struct tl_buf *out, const struct look *k, const struct heatmap_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    char day[16];
    tl_jw_open(w, NULL);
    render_asked(w, k);
    tl_jw_cstr(w, "from", tl_day_format(a->from_day, day));
    tl_jw_cstr(w, "to", tl_day_format(a->to_day, day));
    tl_jw_uint(w, "journeys", a->journeys);
    stages(w, k);
    tl_jw_array(w, "touchpoints");
    for (uint32_t i = 0; i < a->item_n; i++) heat(w, &a->item[i]);
    tl_jw_end(w);
    tl_jw_close(w);
}

/* ---- impact ---- */

static void
arm(struct tl_jw *w, const char *name, uint64_t bad, uint64_t not, const struct interval *rate)
{
    tl_jw_open(w, name);
    tl_jw_uint(w, "n", bad + not);
    tl_jw_uint(w, "bad", bad);
    render_figure(w, "rate", rate->value, rate->known);
    render_figure(w, "lo", rate->lo, rate->known);
    render_figure(w, "hi", rate->hi, rate->known);
    tl_jw_close(w);
}

static void
impact(struct tl_jw *w, const struct impact *a)
{
    uint64_t bad = a->all.a + a->all.c;
    tl_jw_open(w, NULL);
    tl_jw_str(w, "cell", a->cell);
    tl_jw_str(w, "id", a->id);
    name_of(w, a->name);
    tl_jw_str(w, "type", a->type);
    tl_jw_str(w, "touchpoint", a->touchpoint);
    render_title(w, "title", a->title);
    tl_jw_str(w, "owner", a->owner);
    arm(w, "with", a->all.a, a->all.b, &a->with);
    arm(w, "without", a->all.c, a->all.d, &a->without);
    render_range(w, "difference", &a->judged.crude_rd);
    render_range(w, "adjusted", &a->judged.rd);
    render_range(w, "lift", &a->lift);
    render_figure(w, "share", bad ? (double)a->all.a / (double)bad : 0, bad > 0);
    render_figure(w, "extra", a->judged.saved.value, a->judged.saved.known);
    render_figure(w, "extra_lo", a->judged.saved.lo, a->judged.saved.known);
    tl_jw_uint(w, "excluded", a->excluded);
    tl_jw_uint(w, "waiting", a->waiting);
    tl_jw_num(w, "de", a->de);
    tl_jw_num(w, "q", a->q);
    render_missing(w, &a->gate);
    render_verdict(w, &a->verdict);
    tl_jw_str(w, "journeys", a->journeys);
    tl_jw_close(w);
}

void
render_impact(struct tl_buf *out, const struct look *k, const struct impacts_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    tl_jw_open(w, NULL);
    render_asked(w, k);
    tl_jw_str(w, "outcome", a->outcome);
    if (a->outcome.p) render_title(w, "outcome_title", a->outcome_title);
    else tl_jw_null(w, "outcome_title");
    tl_jw_uint(w, "tests", a->tests);
    tl_jw_array(w, "impacts");
    for (uint32_t i = 0; i < a->item_n; i++) impact(w, &a->item[i]);
    tl_jw_end(w);
    tl_jw_close(w);
}

/* ---- consistency ---- */

static void
pair(struct tl_jw *w, const struct consistency *o, const struct consistency_pair *p)
{
    tl_jw_open(w, NULL);
    tl_jw_str(w, "a", o->channel[p->a].channel);
    tl_jw_str(w, "b", o->channel[p->b].channel);
    render_range(w, "difference", &p->difference);
    tl_jw_num(w, "q", p->q);
    render_verdict(w, &p->verdict);
    tl_jw_close(w);
}

static void
consistency(struct tl_jw *w, const struct consistency *o)
{
    tl_jw_open(w, NULL);
    tl_jw_str(w, "id", o->id);
    name_of(w, o->name);
    tl_jw_str(w, "type", o->type);
    tl_jw_str(w, "touchpoint", o->touchpoint);
    render_title(w, "title", o->title);
    tl_jw_str(w, "owner", o->owner);
    tl_jw_array(w, "channels");
    for (uint32_t i = 0; i < o->channel_n; i++) {
        const struct consistency_channel *c = &o->channel[i];
        tl_jw_open(w, NULL);
        tl_jw_str(w, "channel", c->channel);
        tl_jw_uint(w, "n", c->of.n);
        tl_jw_uint(w, "kept", c->of.k);
        render_figure(w, "rate", c->kept.value, c->kept.known);
        render_figure(w, "lo", c->kept.lo, c->kept.known);
        render_figure(w, "hi", c->kept.hi, c->kept.known);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_array(w, "pairs");
    for (uint32_t i = 0; i < o->pair_n; i++) pair(w, o, &o->pair[i]);
    tl_jw_end(w);
    tl_jw_num(w, "mean", o->mean);
    render_figure(w, "spread", o->spread, o->apart);
    tl_jw_bool(w, "flagged", o->flagged);
    tl_jw_close(w);
}

void
render_consistency(struct tl_buf *out, const struct look *k, const struct consistencies_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    char day[16];
    tl_jw_open(w, NULL);
    render_asked(w, k);
    tl_jw_cstr(w, "from", tl_day_format(a->from_day, day));
    tl_jw_cstr(w, "to", tl_day_format(a->to_day, day));
    tl_jw_uint(w, "tests", a->tests);
    tl_jw_array(w, "standards");
    for (uint32_t i = 0; i < a->item_n; i++) consistency(w, &a->item[i]);
    tl_jw_end(w);
    tl_jw_close(w);
}
