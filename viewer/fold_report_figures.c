/* fold_report_figures.c - the headline of a week: how many came, how many got there, how many were unhappy, and what they say. */
#include "answer_report.h"
#include "fold_findings.h"

#define FIGURES 6               /* on the sheet side by side */

static struct tl_title
title(const char *zh, const char *en)
{
    return (struct tl_title){ tl_str_of(zh), tl_str_of(en) };
}

static struct report_figure *
figure(struct report_answer *o, const char *id, const char *unit)
{
    if (o->figure_n == REPORT_FIGURES_MAX) return NULL;
    struct report_figure *f = &o->figure[o->figure_n++];
    *f = (struct report_figure){ .id = id, .unit = unit };
    return f;
}

static void
share(struct report_figure *f, struct share now, struct share before)
{
    struct metric_cell c = { 0 };
    metrics_share(&c, METRIC_WITHIN, now, before);
    f->n = now.n;
    f->k = now.k;
    f->before_n = before.n;
    f->value = c.value;
    f->before = c.before;
    f->change = c.change;
    f->verdict = c.verdict;
    f->enough = c.enough;
}

/* ---- how many came, and how they ended ---- */

static int
ends(struct look *k, int32_t from, int32_t to, struct map *out, struct tl_err *err)
{
    struct fold_part *sum = NULL;
    int rc = findings_run(k, from, to, &analysis_map, NULL, &sum, err);
    if (rc) return rc;
    *out = *(const struct map *)sum->part;
    out->customers = NULL;
    fold_run_done(k, sum);
    return 0;
}

static struct share
reached(const struct map *m)
{
    return (struct share){ m->ends[TL_END_GOOD], m->ends[TL_END_GOOD] + m->ends[TL_END_BAD] + m->ends[TL_END_LAPSED], 1 };
}

static int
came(struct look *k, struct report_answer *o, struct tl_err *err)
{
    struct map now, before;
    int rc = ends(k, o->period.from_day, o->period.to_day, &now, err);
    if (rc == 0) rc = ends(k, o->period.before_from, o->period.before_to, &before, err);
    if (rc) return rc;
    struct report_figure *f = figure(o, "journeys", "count");
    f->name = title("旅程数", "Journeys");
    f->is = title("本周开始的旅程", "begun in the week");
    f->n = now.journeys;
    f->before_n = before.journeys;
    f->value = (struct interval){ (double)now.journeys, 0, 0, .known = true };
    f->before = (struct interval){ (double)before.journeys, 0, 0, .known = true };
    f->enough = true;
    if (!k->catalogue->type[k->type].good_n) return 0;
    f = figure(o, "reached", "share");
    f->name = title("完成率", "Reached the goal");
    f->is = title("达成目标 ÷ 已结束的旅程", "of the journeys that have ended");
    share(f, reached(&now), reached(&before));
    return 0;
}

/* ---- how many were unhappy ---- */

/* met - of the journeys of these days that are old enough: those after whose landmark the outcome came in time */
static struct share
met(const struct look *k, const struct findings *f, uint32_t word, int32_t from, int32_t to)
{
    const struct told *t = f->told;
    const struct tl_marked *m = t->mark;
    struct share s = { 0, 0, 1 };
    struct hit_row *row = tl_alloc((t->journey_n + 1) * sizeof *row);
    for (size_t i = 0; row && i < t->journey_n; m += t->journey[i++].mark_n) {
        const struct told_journey *j = &t->journey[i];
        int64_t at = j->after_ms[0];
        bool hit = false;
        if (j->day < from || j->day > to || at == TL_TIME_NONE || at > k->as_of_ms - f->damage->horizon_ms) continue;
        for (uint32_t n = 0; n < j->mark_n; n++) hit |= word && m[n].outcome == word && m[n].at_ms > at && m[n].at_ms <= at + f->damage->within_ms;
        hit = hit != f->damage->absent;
        row[s.n++] = (struct hit_row){ j->customer, hit };
        s.k += hit;
    }
    if (row && s.n) s.de = breaks_design(row, s.n);
    tl_free(row);
    return s;
}

static int
unhappy(struct look *k, struct report_answer *o, struct tl_err *err)
{
    struct findings f;
    int rc = findings_begin(k, &f, err);
    if (rc == 0 && f.damage && !f.damage->customer && f.damage->after.n) {
        uint32_t word = fold_number(k, f.damage->id);
        struct share now = met(k, &f, word, o->period.from_day, o->period.to_day), before = met(k, &f, word, o->period.before_from, o->period.before_to);
        struct report_figure *x = now.n || before.n ? figure(o, "damage", "share") : NULL;
        if (x) {
            x->name = f.damage->title;
            x->is = title("在观察期已满的旅程中", "of the journeys whose time to tell is over");
            x->fewer_better = f.damage->bad;
            share(x, now, before);
        }
    }
    findings_end(k, &f);
    return rc;
}

/* ---- what they say, and the first standard that is basic ---- */

static void
metric(struct report_answer *o, const struct metric *m)
{
    static const char *const unit[] = { [METRIC_POINTS] = "points", [METRIC_SHARE] = "share", [METRIC_SCALE] = "scale" };
    const struct metric_words *w = &metric_words[m->is];
    struct report_figure *f = figure(o, w->id, unit[w->unit]);
    if (!f) return;
    f->name = m->standard && m->standard->title.en.n ? m->standard->title : title(w->zh, w->en);
    f->is = title(w->zh_is, w->en_is);
    f->fewer_better = w->fewer_better;
    f->n = m->total.n;
    f->k = m->total.numerator;
    f->before_n = m->total.before_n;
    f->value = m->total.value;
    f->before = m->total.before;
    f->change = m->total.change;
    f->verdict = m->total.verdict;
    f->enough = m->total.enough;
}

static const struct metric *
find(const struct metrics_answer *a, enum metric_id is)
{
    for (uint32_t i = 0; i < a->metric_n; i++)
        if (a->metric[i].is == is && a->metric[i].total.n) return &a->metric[i];
    return NULL;
}

/* the clock that stands first among the basic ones, else the first */
static const struct metric *
find_clock(const struct metrics_answer *a)
{
    const struct metric *first = NULL;
    for (uint32_t i = 0; i < a->metric_n; i++) {
        const struct metric *m = &a->metric[i];
        if (m->is != METRIC_WITHIN || !m->total.n || m->standard->class_of == TL_CLASS_BEYOND) continue;
        if (m->standard->class_of == TL_CLASS_BASIC) return m;
        if (!first) first = m;
    }
    return first;
}

int
report_figures(struct look *k, struct report_answer *out, struct tl_err *err)
{
    static const enum metric_id said[] = { METRIC_NPS, METRIC_CSAT5, METRIC_CSAT7, METRIC_CES_HIGH, METRIC_FIRST_CONTACT };
    struct metrics_answer *a = tl_arena_alloc(k->arena, sizeof *a);
    if (!a) return tl_fail(err, TL_ENOMEM, "out of memory");
    int rc = came(k, out, err);
    if (rc == 0) rc = unhappy(k, out, err);
    if (rc == 0) rc = fold_metrics(k, a, err);
    if (rc) return rc;
    const struct metric *m = find_clock(a);
    if (m) metric(out, m);
    for (size_t i = 0; i < sizeof said / sizeof said[0] && out->figure_n < FIGURES; i++) {
        if ((m = find(a, said[i])) == NULL) continue;
        metric(out, m);
        if (said[i] == METRIC_CSAT5 || said[i] == METRIC_CSAT7) m = find(a, said[i] + 1);       /* the table's next one: very satisfied */
        else m = NULL;
        if (m) out->figure[out->figure_n - 1].very = m->total.value;
    }
    return 0;
}
