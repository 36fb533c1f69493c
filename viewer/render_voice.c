/* render_voice.c - the emotion curve as JSON. */
#include "render_voice.h"

static void
emotion_point(struct tl_jw *w, const struct look *k, const struct emotion_point *p)
{
    const struct tl_stage_model *m = k->model < 0 ? NULL : &k->catalogue->model[k->model];
    tl_jw_open(w, NULL);
    tl_jw_str(w, "touchpoint", p->touchpoint);
    render_title(w, "title", p->title);
    if (p->stage >= 0) tl_jw_str(w, "stage", m->stage[p->stage].id);
    else tl_jw_null(w, "stage");
    if (p->stage >= 0) render_title(w, "stage_title", m->stage[p->stage].title);
    else tl_jw_null(w, "stage_title");
    tl_jw_bool(w, "key", p->key);
    tl_jw_bool(w, "backstage", p->backstage);
    tl_jw_uint(w, "journeys", p->journeys);
    tl_jw_uint(w, "n", p->mean.n);
    tl_jw_uint(w, "customers", p->customers);
    tl_jw_bool(w, "gap", p->gap);
    render_figure(w, "mean", p->mean.mean.value, !p->gap);
    render_figure(w, "lo", p->mean.mean.lo, !p->gap);
    render_figure(w, "hi", p->mean.mean.hi, !p->gap);
    tl_jw_bool(w, "flat", !p->gap && p->mean.mean.flat);
    render_values(w, p->value, p->value_n);
    render_response(w, &p->response);
    tl_jw_open(w, "previous");
    tl_jw_uint(w, "n", p->before.n);
    render_figure(w, "mean", p->before.mean.value, p->before.mean.known && p->before.n >= VOICE_SMALL_N);
    tl_jw_close(w);
    render_range(w, "change", &p->change);
    render_verdict(w, &p->verdict);
    tl_jw_close(w);
}

static void
marked(struct tl_jw *w, const char *name, const struct emotion_answer *a, int i, bool apart)
{
    if (i < 0) {
        tl_jw_null(w, name);
        return;
    }
    const struct emotion_point *p = &a->point[i];
    tl_jw_open(w, name);
    tl_jw_str(w, "touchpoint", p->touchpoint);
    render_title(w, "title", p->title);
    tl_jw_int(w, "index", i);
    tl_jw_uint(w, "n", p->mean.n);
    tl_jw_num(w, "mean", p->mean.mean.value);
    tl_jw_num(w, "lo", p->mean.mean.lo);
    tl_jw_num(w, "hi", p->mean.mean.hi);
    tl_jw_bool(w, "apart", apart);
    tl_jw_close(w);
}

void
render_values(struct tl_jw *w, const struct voice_value *v, size_t n)
{
    tl_jw_array(w, "values");
    for (size_t i = 0; i < n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_num(w, "value", (double)v[i].milli / 1000);
        tl_jw_uint(w, "n", v[i].n);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

void
render_response(struct tl_jw *w, const struct voice_response *r)
{
    struct interval rate = rate_wilson_de(r->share.k, r->share.n, 1);
    tl_jw_open(w, "response");
    tl_jw_cstr(w, "of", r->asked ? "asked" : "journeys");
    tl_jw_uint(w, "n", r->share.n);
    tl_jw_uint(w, "rated", r->rated);
    tl_jw_uint(w, "answered", r->share.k);
    render_figure(w, "rate", rate.value, rate.known);
    render_figure(w, "lo", rate.lo, rate.known);
    render_figure(w, "hi", rate.hi, rate.known);
    tl_jw_close(w);
}

void
render_period(struct tl_jw *w, const struct period *p)
{
    char text[16];
    tl_jw_cstr(w, "from", tl_day_format(p->from_day, text));
    tl_jw_cstr(w, "to", tl_day_format(p->to_day, text));
    tl_jw_cstr(w, "previous_from", tl_day_format(p->before_from, text));
    tl_jw_cstr(w, "previous_to", tl_day_format(p->before_to, text));
}

void
render_emotion(struct tl_buf *out, const struct look *k, const struct emotion_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    tl_jw_open(w, NULL);
    render_asked(w, k);
    render_period(w, &a->period);
    if (k->model >= 0) tl_jw_str(w, "model", k->catalogue->model[k->model].id);
    else tl_jw_null(w, "model");
    tl_jw_int(w, "n_min", VOICE_SMALL_N);
    tl_jw_array(w, "curve");
    for (uint32_t i = 0; i < a->point_n; i++) emotion_point(w, k, &a->point[i]);
    tl_jw_end(w);
    marked(w, "lowest", a, a->lowest, a->lowest_apart);
    marked(w, "peak", a, a->peak, a->peak_apart);
    marked(w, "end", a, a->end, false);
    tl_jw_open(w, "unplaced");
    tl_jw_uint(w, "n", a->unplaced.n);
    tl_jw_close(w);
    tl_jw_uint(w, "left_out", a->left_out);
    tl_jw_uint(w, "cut", a->cut);
    tl_jw_close(w);
}
