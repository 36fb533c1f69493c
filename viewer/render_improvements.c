/* render_improvements.c - improvements as JSON: points first, the share of the rate before in brackets; verdicts and sentences in both languages. */
#include "answer_improvements.h"
#include "answer_status.h"

#include <math.h>
#include <stdio.h>

#include "analysis/rate.h"
#include "render_in.h"

static void
day(struct tl_jw *w, const char *name, int32_t d)
{
    char text[16];
    if (d == INT32_MIN) tl_jw_null(w, name);
    else tl_jw_cstr(w, name, tl_day_format(d, text));
}

static void
share(struct tl_jw *w, const char *name, const struct share *s)
{
    struct interval r = rate_wilson_de(s->k, s->n, 1);
    tl_jw_open(w, name);
    tl_jw_uint(w, "k", s->k);
    tl_jw_uint(w, "n", s->n);
    render_figure(w, "rate", r.value, r.known);
    render_figure(w, "lo", r.lo, r.known);
    render_figure(w, "hi", r.hi, r.known);
    tl_jw_close(w);
}

static void
side(struct tl_jw *w, const char *name, int32_t from, int32_t to, const struct share *acted, const struct share *rest, bool compared)
{
    tl_jw_open(w, name);
    day(w, "from", from);
    day(w, "to", to);
    share(w, "acted", acted);
    if (compared) share(w, "rest", rest);
    else tl_jw_null(w, "rest");
    tl_jw_close(w);
}

/* ---- words ---- */

static const struct { const char *id, *zh, *en; } said[] = {
    [EFFECT_WORKS] = { "works", "有效", "works" }, [EFFECT_NONE] = { "no_effect", "未见效果", "no effect seen" }, [EFFECT_TOO_LITTLE] = { "too_little", "数据不足", "too little data" },
};

static void
verdict(struct tl_jw *w, const struct effect_verdict *v)
{
    char zh[80], en[80];
    snprintf(zh, sizeof zh, "%s%s", said[v->word].zh, v->worse ? "(反而变差)" : "");
    snprintf(en, sizeof en, "%s%s", said[v->word].en, v->worse ? " (it got worse)" : "");
    if (v->word == EFFECT_TOO_LITTLE && v->more) {
        snprintf(zh, sizeof zh, "%s(还需约 %llu 单)", said[v->word].zh, (unsigned long long)v->more);
        snprintf(en, sizeof en, "%s (about %llu more)", said[v->word].en, (unsigned long long)v->more);
    }
    tl_jw_open(w, "verdict");
    tl_jw_cstr(w, "id", said[v->word].id);
    tl_jw_cstr(w, "zh", zh);
    tl_jw_cstr(w, "en", en);
    if (v->word == EFFECT_TOO_LITTLE) tl_jw_uint(w, "more", v->more);
    else tl_jw_null(w, "more");
    tl_jw_close(w);
}

/* points - "−30.5": one decimal, a real minus, never −0.0 */
static const char *
points(double x, char out[16])
{
    double p = round(fabs(x) * 1000) / 10;
    snprintf(out, 16, "%s%.1f", p < .05 ? "" : x < 0 ? "−" : "+", p);
    return out;
}

/* sentence - 「−10.5 个百分点(−18.2…−2.7;−42 %)」 */
static void
sentence(struct tl_jw *w, const struct effect *e)
{
    char v[16], lo[16], hi[16], ratio[24] = "", zh[120], en[120];
    if (!e->points.known) {
        tl_jw_null(w, "text");
        return;
    }
    points(e->points.value, v);
    points(e->points.lo, lo);
    points(e->points.hi, hi);
    if (e->ratio.known) snprintf(ratio, sizeof ratio, "%s%.0f %%", round(fabs(e->ratio.value) * 100) < 1 ? "" : e->ratio.value < 0 ? "−" : "+", fabs(e->ratio.value) * 100);
    snprintf(zh, sizeof zh, "%s 个百分点(%s…%s%s%s)", v, lo, hi, ratio[0] ? ";" : "", ratio);
    snprintf(en, sizeof en, "%s points (%s…%s%s%s)", v, lo, hi, ratio[0] ? "; " : "", ratio);
    tl_jw_open(w, "text");
    tl_jw_cstr(w, "zh", zh);
    tl_jw_cstr(w, "en", en);
    tl_jw_close(w);
}

static void
measure(struct tl_jw *w, const struct measure *m)
{
    const struct effect_window *d = &m->window;
    const struct effect *e = &m->effect;
    tl_jw_int(w, "weeks", d->weeks);
    tl_jw_bool(w, "weeks_capped", d->capped);
    if (d->weeks) {
        side(w, "before", d->before_from, d->before_to, &e->acted.before, &e->rest.before, e->compared);
        side(w, "after", d->after_from, d->after_to, &e->acted.after, &e->rest.after, e->compared);
    } else {
        tl_jw_null(w, "before");
        tl_jw_null(w, "after");
    }
    if (e->points.known) render_range(w, "effect", &e->points);
    else tl_jw_null(w, "effect");
    if (e->ratio.known) render_range(w, "relative", &e->ratio);
    else tl_jw_null(w, "relative");
    sentence(w, e);
    verdict(w, &e->verdict);
}

static void
again(struct tl_jw *w, const struct measure_again *a)
{
    tl_jw_open(w, NULL);
    tl_jw_int(w, "days", a->days);
    day(w, "due", a->due);
    tl_jw_bool(w, "measured", a->due_passed);
    if (a->due_passed) measure(w, &a->of);
    tl_jw_close(w);
}

/* ---- one improvement ---- */

static void
tag(struct tl_jw *w, const char *id, const char *zh, const char *en)
{
    tl_jw_open(w, NULL);
    tl_jw_cstr(w, "id", id);
    tl_jw_cstr(w, "zh", zh);
    tl_jw_cstr(w, "en", en);
    tl_jw_close(w);
}

static void
tags(struct tl_jw *w, const struct improvement *m)
{
    tl_jw_array(w, "tags");
    if (!m->trouble && !m->now.effect.compared) tag(w, "before_after_only", "仅前后对比", "before and after only");
    if (m->overlaps) tag(w, "overlaps_finding", "与发现问题的时段重叠", "overlaps the days that raised the finding");
    if (m->now.window.capped) tag(w, "weeks_capped", "只比较最近的整周", "no more weeks are compared");
    if (!m->trouble && !m->now.window.weeks) tag(w, "not_yet", "首个整周尚未结束", "the first whole week is not over");
    tl_jw_end(w);
}

static void
texts(struct tl_jw *w, const char *name, const struct tl_str *list, uint32_t n)
{
    tl_jw_array(w, name);
    for (uint32_t i = 0; i < n; i++) tl_jw_str(w, NULL, list[i]);
    tl_jw_end(w);
}

static void
entered(struct tl_jw *w, const struct improvement *m)
{
    tl_jw_str(w, "id", m->id);
    tl_jw_str(w, "title", m->title);
    tl_jw_str(w, "cell", m->cell);
    tl_jw_str(w, "journey", m->journey);
    tl_jw_str(w, "what", m->what);
    render_title(w, "what_title", m->what_title);
    tl_jw_cstr(w, "kind", m->touchpoint.n ? "break" : "outcome");
    tl_jw_str(w, "touchpoint", m->touchpoint);
    tl_jw_str(w, "daypart", m->daypart);
    tl_jw_str(w, "cause", m->cause);
    tl_jw_str(w, "action", m->action);
    tl_jw_str(w, "owner", m->owner);
    texts(w, "places", m->place, m->place_n);
    texts(w, "comparison", m->rest, m->rest_n);
    day(w, "start", m->start);
    day(w, "closed", m->closed);
    day(w, "found_from", m->found_from);
    day(w, "found_to", m->found_to);
    render_figure(w, "expected_points", m->expected, m->expected < 0 || m->expected > 0);
    render_ms(w, "entered", m->entered_ms);
    render_ms(w, "changed", m->changed_ms);
    tl_jw_str(w, "actor", m->actor);
}

void
render_improvement(struct tl_jw *w, const struct improvement *m)
{
    tl_jw_open(w, NULL);
    entered(w, m);
    tl_jw_cstr(w, "trouble", m->trouble);
    measure(w, &m->now);
    tags(w, m);
    tl_jw_array(w, "again");
    for (int i = 0; !m->trouble && i < IMPROVEMENT_AGAIN; i++) again(w, &m->again[i]);
    tl_jw_end(w);
    tl_jw_close(w);
}

void
render_improvements(struct tl_buf *out, const struct look *k, const struct improvements_answer *a)
{
    struct tl_jw w = tl_jw_to(out);
    tl_jw_open(&w, NULL);
    render_asked(&w, k);
    tl_jw_array(&w, "improvements");
    for (uint32_t i = 0; i < a->item_n; i++) render_improvement(&w, &a->item[i]);
    tl_jw_end(&w);
    tl_jw_uint(&w, "more", a->more);
    tl_jw_close(&w);
}

/* ---- the status of a break point ---- */

static void
work(struct tl_jw *w, const struct break_status *s)
{
    bool verified = tl_str_is(s->status, "verified"), fell = s->measured && !s->trouble && s->fell.effect.verdict.word == EFFECT_WORKS;
    tl_jw_open(w, "work");
    tl_jw_str(w, "status", s->status);
    tl_jw_str(w, "owner", s->owner);
    tl_jw_str(w, "note", s->note);
    tl_jw_str(w, "actor", s->actor);
    render_ms(w, "since", s->since_ms);
    render_ms(w, "changed", s->changed_ms);
    day(w, "fixed_on", s->fixed_on);
    if (s->counted) tl_jw_uint(w, "customers", s->customers);
    else tl_jw_null(w, "customers");
    tl_jw_bool(w, "fell", fell);
    tl_jw_array(w, "tags");
    if (verified && !fell) tag(w, "not_fallen", "已标记验证,但未见下降", "marked verified, but no fall is seen");
    tl_jw_end(w);
    tl_jw_cstr(w, "trouble", s->trouble);
    if (s->measured && !s->trouble) measure(w, &s->fell);
    tl_jw_close(w);
}

void
render_status(struct tl_jw *w, const struct break_status *s)
{
    if (s) {
        tl_jw_str(w, "status", s->status);
        render_ms(w, "since", s->since_ms);
        work(w, s);
        return;
    }
    tl_jw_cstr(w, "status", "open");
    tl_jw_null(w, "since");
    tl_jw_null(w, "work");
}
