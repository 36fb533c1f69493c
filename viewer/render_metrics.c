/* render_metrics.c - the metrics as JSON: every value with its definition, n, interval and the period before. */
#include "render_voice.h"

#include <stdio.h>

static const char *const by_word[] = { "touchpoint", "tier", "channel", "place", "week", "segment", "none" };

static void
quantile(struct tl_jw *w, const char *name, const struct kept_quantile *q)
{
    tl_jw_open(w, name);
    render_figure(w, "ms", q->ms, q->known);
    tl_jw_bool(w, "over", q->over);
    render_figure(w, "lo_ms", q->lo_ms, q->has_lo);
    render_figure(w, "hi_ms", q->hi_ms, q->has_hi);
    tl_jw_close(w);
}

static void
times(struct tl_jw *w, const struct metric *m, const struct kept_times *t)
{
    if (m->is != METRIC_WITHIN || t->ended + t->open == 0) {
        tl_jw_null(w, "times");
        return;
    }
    tl_jw_open(w, "times");
    tl_jw_uint(w, "ended", t->ended);
    tl_jw_uint(w, "open", t->open);
    render_figure(w, "mean_ms", t->mean_ms, t->ended > 0);
    quantile(w, "p50", &t->p50);
    quantile(w, "p90", &t->p90);
    tl_jw_close(w);
}

static void
optional(struct tl_jw *w, const char *name, struct tl_str v)
{
    if (v.n) tl_jw_str(w, name, v);
    else tl_jw_null(w, name);
}

static bool
has_interval(const struct metric *m, const struct metric_cell *c)
{
    return c->value.known && (m->is == METRIC_NPS ? c->enough : metric_words[m->is].unit == METRIC_SHARE || !c->value.flat);
}

static void
compared(struct tl_jw *w, const struct metric_cell *c)
{
    tl_jw_open(w, "previous");
    tl_jw_uint(w, "n", c->before_n);
    render_figure(w, "value", c->before.value, c->before.known);
    tl_jw_close(w);
    render_range(w, "change", &c->change);
    if (!c->change.known) tl_jw_null(w, "trend");
    else tl_jw_cstr(w, "trend", c->change.lo > 0 ? "up" : c->change.hi < 0 ? "down" : "same");
    render_verdict(w, &c->verdict);
}

static void
cell(struct tl_jw *w, const char *name, const struct metric *m, const struct metric_cell *c)
{
    tl_jw_open(w, name);
    optional(w, "touchpoint", c->touchpoint);
    optional(w, "group", c->group);
    if (c->title.zh.n || c->title.en.n) render_title(w, "title", c->title);
    else tl_jw_null(w, "title");
    optional(w, "owner", c->owner);
    tl_jw_uint(w, "n", c->n);
    tl_jw_uint(w, "customers", c->customers);
    tl_jw_uint(w, "numerator", c->numerator);
    tl_jw_uint(w, "denominator", c->denominator);
    if (m->is == METRIC_NPS) {
        tl_jw_uint(w, "promoters", c->promoters);
        tl_jw_uint(w, "detractors", c->detractors);
    }
    tl_jw_num(w, "de", c->de);
    render_figure(w, "value", c->value.value, c->value.known);
    render_figure(w, "lo", c->value.lo, has_interval(m, c));
    render_figure(w, "hi", c->value.hi, has_interval(m, c));
    tl_jw_bool(w, "flat", c->value.known && c->value.flat && c->customers > 1);
    tl_jw_bool(w, "enough", c->enough);
    compared(w, c);
    render_values(w, c->values, c->values_n);
    if (m->standard || !c->touchpoint.n) tl_jw_null(w, "response");
    else render_response(w, &c->response);
    times(w, m, &c->times);
    tl_jw_close(w);
}

static void
benchmarks(struct tl_jw *w, const struct metric *m)
{
    static const struct { double value; const char *zh, *en; } line[] = { { 30, "良好", "good" }, { 50, "领先", "leader" } };
    tl_jw_array(w, "benchmarks");
    for (int i = 0; i < 2 && m->is == METRIC_NPS; i++) {
        tl_jw_open(w, NULL);
        tl_jw_num(w, "value", line[i].value);
        render_title(w, "name", (struct tl_title){ tl_str_of(line[i].zh), tl_str_of(line[i].en) });
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

/* the standard's own title says what was to be done; the metric's says what is counted */
static void
words(struct tl_jw *w, const struct metric *m)
{
    const struct metric_words *t = &metric_words[m->is];
    static const char *const unit[] = { "points", "share", "scale" };
    tl_jw_cstr(w, "id", t->id);
    optional(w, "standard", m->standard ? m->standard->id : TL_STR(""));
    bool own = m->is == METRIC_WITHIN || m->is == METRIC_CONFORM;      /* "at most one transfer" is not what the share of the others counts */
    render_title(w, "name", own && (m->standard->title.zh.n || m->standard->title.en.n) ? m->standard->title : (struct tl_title){ tl_str_of(t->zh), tl_str_of(t->en) });
    render_title(w, "kind", (struct tl_title){ tl_str_of(t->zh), tl_str_of(t->en) });
    render_title(w, "definition", (struct tl_title){ tl_str_of(t->zh_is), tl_str_of(t->en_is) });
    tl_jw_cstr(w, "unit", unit[t->unit]);
    tl_jw_array(w, "scale");
    if (!m->standard) {
        tl_jw_num(w, NULL, t->low);
        tl_jw_num(w, NULL, t->high);
    }
    tl_jw_end(w);
    tl_jw_cstr(w, "better", t->fewer_better ? "lower" : "higher");
    tl_jw_uint(w, "n_min", t->n_min);
}

static void
metric(struct tl_jw *w, const struct metric *m)
{
    tl_jw_open(w, NULL);
    words(w, m);
    optional(w, "owner", m->standard ? m->standard->owner : TL_STR(""));
    render_figure(w, "target", m->standard ? 1 - m->standard->allowed : 0, m->standard && m->is != METRIC_DIRECT && m->standard->class_of != TL_CLASS_BEYOND);
    if (m->standard && m->is == METRIC_WITHIN) tl_jw_int(w, "limit_ms", m->standard->limit_ms);
    else tl_jw_null(w, "limit_ms");
    benchmarks(w, m);
    cell(w, "total", m, &m->total);
    tl_jw_array(w, "cells");
    for (uint32_t i = 0; i < m->cell_n; i++) cell(w, NULL, m, &m->cell[i]);
    tl_jw_end(w);
    tl_jw_close(w);
}

void
render_metrics(struct tl_buf *out, const struct look *k, const struct metrics_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    tl_jw_open(w, NULL);
    render_asked(w, k);
    render_period(w, &a->period);
    tl_jw_cstr(w, "by", by_word[k->ask->by]);
    tl_jw_uint(w, "journeys", a->journeys);
    tl_jw_uint(w, "customers", a->customers);
    tl_jw_uint(w, "steps", a->steps);
    tl_jw_uint(w, "events", a->events);
    tl_jw_array(w, "metrics");
    for (uint32_t i = 0; i < a->metric_n; i++) metric(w, &a->metric[i]);
    tl_jw_end(w);
    tl_jw_uint(w, "left_out", a->left_out);
    tl_jw_close(w);
}
