/* render_report.c - see render_report.h. */
#include "render_report.h"

#include "render_voice.h"
#include "week.h"

static void
optional(struct tl_jw *w, const char *name, struct tl_str v)
{
    if (v.n) tl_jw_str(w, name, v);
    else tl_jw_null(w, name);
}

static void
figure(struct tl_jw *w, const struct report_figure *f)
{
    tl_jw_open(w, NULL);
    tl_jw_cstr(w, "id", f->id);
    render_title(w, "name", f->name);
    render_title(w, "is", f->is);
    tl_jw_cstr(w, "unit", f->unit);
    tl_jw_cstr(w, "better", f->fewer_better ? "lower" : "higher");
    tl_jw_uint(w, "n", f->n);
    tl_jw_uint(w, "hits", f->k);
    tl_jw_bool(w, "enough", f->enough);
    render_range(w, "value", &f->value);
    tl_jw_open(w, "previous");
    tl_jw_uint(w, "n", f->before_n);
    render_figure(w, "value", f->before.value, f->before.known);
    tl_jw_close(w);
    render_range(w, "very", &f->very);
    render_range(w, "change", &f->change);
    if (f->change.known) render_verdict(w, &f->verdict);
    else tl_jw_null(w, "verdict");
    tl_jw_close(w);
}

/* ---- break points ---- */

static void
found_places(struct tl_jw *w, const struct report_break *r)
{
    tl_jw_array(w, "places");
    for (uint32_t i = 0; i < r->place_n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_str(w, "place", r->place[i].place);
        tl_jw_uint(w, "n", r->place[i].n);
        tl_jw_uint(w, "hits", r->place[i].k);
        tl_jw_num(w, "rate", r->place[i].rate.value);
        tl_jw_num(w, "lo", r->place[i].rate.lo);
        tl_jw_num(w, "hi", r->place[i].rate.hi);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

static void
break_found(struct tl_jw *w, const struct report_break *r)
{
    const struct break_answer *b = r->found;
    tl_jw_open(w, NULL);
    tl_jw_cstr(w, "cell", r->cell);
    tl_jw_str(w, "id", b->id);
    if (b->name.zh.p || b->name.en.p) render_title(w, "name", b->name);
    else tl_jw_null(w, "name");
    tl_jw_str(w, "type", b->type);
    tl_jw_str(w, "touchpoint", b->touchpoint);
    render_title(w, "title", b->title);
    tl_jw_uint(w, "n", b->n);
    tl_jw_uint(w, "hits", b->k);
    tl_jw_num(w, "de", b->de);
    render_figure(w, "rate", b->cell.rate.value, b->cell.rate.known);
    render_figure(w, "lo", b->cell.rate.lo, b->cell.rate.known);
    render_figure(w, "hi", b->cell.rate.hi, b->cell.rate.known);
    render_figure(w, "allowed", b->allowed, b->allowed > 0);
    tl_jw_open(w, "previous");
    tl_jw_uint(w, "n", b->before.n);
    render_figure(w, "rate", b->before.n ? (double)b->before.k / (double)b->before.n : 0, b->before.n > 0);
    tl_jw_close(w);
    render_range(w, "change", &b->change);
    tl_jw_num(w, "excess", b->cell.excess);
    render_figure(w, "loss", b->loss, b->loss >= 0);
    tl_jw_int(w, "severity", b->severity);
    render_verdict(w, &b->verdict);
    found_places(w, r);
    tl_jw_close(w);
}

static void
breaks(struct tl_jw *w, const struct report_answer *a)
{
    tl_jw_open(w, "breaks");
    tl_jw_uint(w, "tests", a->breaks.tests);
    for (int unfinished = 0; unfinished < 2; unfinished++) {
        tl_jw_array(w, unfinished ? "unfinished" : "unhappy");
        for (uint32_t i = 0; i < a->found_n; i++)
            if (a->open[i].found->unfinished == (unfinished == 1)) break_found(w, &a->open[i]);
        tl_jw_end(w);
    }
    tl_jw_close(w);
}

/* ---- emotion, moments ---- */

static void
emotion(struct tl_jw *w, const struct look *k, const struct emotion_answer *e)
{
    const int mark[] = { e->lowest, e->peak, e->end };
    static const char *const name[] = { "lowest", "peak", "end" };
    tl_jw_open(w, "emotion");
    tl_jw_int(w, "n_min", VOICE_SMALL_N);
    tl_jw_array(w, "curve");
    for (uint32_t i = 0; i < e->point_n; i++) {
        const struct emotion_point *p = &e->point[i];
        tl_jw_open(w, NULL);
        tl_jw_str(w, "touchpoint", p->touchpoint);
        render_title(w, "title", p->title);
        if (p->stage >= 0) render_title(w, "stage", k->catalogue->model[k->model].stage[p->stage].title);
        else tl_jw_null(w, "stage");
        tl_jw_bool(w, "backstage", p->backstage);
        tl_jw_uint(w, "n", p->mean.n);
        tl_jw_bool(w, "gap", p->gap);
        render_figure(w, "mean", p->mean.mean.value, !p->gap);
        render_figure(w, "lo", p->mean.mean.lo, !p->gap);
        render_figure(w, "hi", p->mean.mean.hi, !p->gap);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    for (int i = 0; i < 3; i++) {
        if (mark[i] < 0) tl_jw_null(w, name[i]);
        else tl_jw_int(w, name[i], mark[i]);
    }
    tl_jw_close(w);
}

static void
moments(struct tl_jw *w, const struct moments_answer *m)
{
    tl_jw_open(w, "moments");
    tl_jw_uint(w, "tests", m->tests);
    if (m->outcome.p) render_title(w, "outcome", m->outcome_title);
    else tl_jw_null(w, "outcome");
    tl_jw_array(w, "list");
    for (uint32_t i = 0; i < m->item_n; i++) {
        const struct moment_answer *x = &m->item[i];
        if (!x->shown) continue;
        tl_jw_open(w, NULL);
        tl_jw_str(w, "touchpoint", x->touchpoint);
        render_title(w, "title", x->title);
        tl_jw_cstr(w, "side", x->good ? "good" : "bad");
        tl_jw_uint(w, "n_exposed", x->gate.exposed);
        tl_jw_uint(w, "n_other", x->gate.others);
        render_range(w, "crude_rd", &x->judged.crude_rd);
        render_range(w, "adjusted_rd", &x->judged.rd);
        render_verdict(w, &x->verdict);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_close(w);
}

/* ---- what people have on the desk ---- */

static void
open_break(struct tl_jw *w, const struct report_break *r)
{
    tl_jw_open(w, NULL);
    tl_jw_cstr(w, "cell", r->cell);
    optional(w, "owner", r->owner);
    optional(w, "status", r->status);
    render_ms(w, "since", r->since_ms);
    if (r->weeks) tl_jw_uint(w, "weeks", r->weeks);
    else tl_jw_null(w, "weeks");
    tl_jw_bool(w, "found", r->found != NULL);
    if (r->customers) tl_jw_uint(w, "customers", r->customers);
    else tl_jw_null(w, "customers");
    if (r->found) tl_jw_uint(w, "hits", r->found->k);
    else tl_jw_null(w, "hits");
    tl_jw_close(w);
}

static void
work(struct tl_jw *w, const struct report_answer *a)
{
    tl_jw_open(w, "work");
    tl_jw_array(w, "open");
    for (uint32_t i = 0; i < a->open_n; i++) open_break(w, &a->open[i]);
    tl_jw_end(w);
    tl_jw_array(w, "improvements");
    for (uint32_t i = 0; i < a->improvement_n; i++) render_improvement(w, &a->improvement[i]);
    tl_jw_end(w);
    tl_jw_array(w, "done");
    for (uint32_t i = 0; i < a->done_n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_str(w, "cell", a->done[i].cell);
        tl_jw_str(w, "status", a->done[i].status);
        optional(w, "owner", a->done[i].owner);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    if (a->has_alerts) {
        tl_jw_open(w, "alerts");
        tl_jw_uint(w, "raised", a->alerts);
        tl_jw_uint(w, "open", a->alerts_open);
        tl_jw_close(w);
    } else tl_jw_null(w, "alerts");
    tl_jw_close(w);
}

void
render_report(struct tl_buf *out, const struct look *k, const struct report_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    char week[16];
    tl_jw_open(w, NULL);
    tl_jw_int(w, "version", 1);
    tl_jw_cstr(w, "week", week_text(a->monday, week));
    render_asked(w, k);
    const struct tl_title *t = &k->catalogue->type[k->type].title;
    if (t->zh.n || t->en.n) render_title(w, "journey_title", *t);
    else tl_jw_null(w, "journey_title");
    render_period(w, &a->period);
    tl_jw_cstr(w, "timezone", k->store ? tl_store_timezone(k->store) : "UTC");
    tl_jw_bool(w, "over", a->over);
    tl_jw_bool(w, "ripe", a->ripe);
    tl_jw_open(w, "findings");
    tl_jw_array(w, "figures");
    for (uint32_t i = 0; i < a->figure_n; i++) figure(w, &a->figure[i]);
    tl_jw_end(w);
    breaks(w, a);
    emotion(w, k, &a->emotion);
    moments(w, &a->moments);
    tl_jw_close(w);
    work(w, a);
    tl_jw_close(w);
}
