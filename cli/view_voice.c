/* view_voice.c - what customers say, as tables. */
#include "view.h"

static const char *
say(const char *en, const char *zh)
{
    return cli_zh() ? zh : en;
}

static struct tl_str
in_words(const struct tl_jv *title, struct tl_str otherwise)
{
    struct tl_str t = tl_jv_text(title, say("en", "zh"));
    return t.n > 0 ? t : otherwise;
}

static struct cli_table *
table(const char *const *names, int n, int right_from, int right_to)
{
    struct cli_table *t = cli_table_new(n);
    for (int i = right_from; i <= right_to; i++)
        cli_table_right(t, i);
    for (int i = 0; i < n; i++)
        cli_table_cell(t, "%s", names[i]);
    return t;
}

static void
put_count(struct cli_table *t, const struct tl_jv *o, const char *name)
{
    char text[32];
    cli_table_cell(t, "%s", cli_count((uint64_t)tl_jv_int(o, name, 0), text));
}

/* ---- the emotion curve ---- */
#define CURVE_CELLS 17           /* -2 .. +2 in quarters */

static int
curve_cell(double mean)
{
    int at = (int)(mean * 4 + (mean < 0 ? -0.5 : 0.5)) + 8;
    return at < 0 ? 0 : at >= CURVE_CELLS ? CURVE_CELLS - 1 : at;
}

static void
put_curve(struct cli_table *t, const struct tl_jv *p)
{
    char line[CURVE_CELLS * 3 + 1], *end = line;
    int lo = curve_cell(tl_jv_number(p, "lo", 0)), hi = curve_cell(tl_jv_number(p, "hi", 0)), at = curve_cell(tl_jv_number(p, "mean", 0));
    for (int i = 0; i < CURVE_CELLS; i++) {
        const char *c = i == at ? "●" : i >= lo && i <= hi ? "─" : i == 8 ? "·" : " ";
        while (*c)
            *end++ = *c++;
    }
    cli_table_text(t, (struct tl_str){ line, (size_t)(end - line) });
}

static void
put_emotion(struct cli_table *t, const struct tl_jv *p)
{
    const struct tl_jv *response = tl_jv_get(p, "response");
    cli_table_text(t, in_words(tl_jv_get(p, "stage_title"), TL_STR("-")));
    cli_table_text(t, in_words(tl_jv_get(p, "title"), tl_jv_text(p, "touchpoint")));
    put_count(t, p, "n");
    cli_table_cell(t, "%.1f %%", 100 * tl_jv_number(response, "rate", 0));
    if (tl_jv_bool(p, "gap", true)) {
        cli_table_cell(t, "%s", say("gap", "空缺"));
        cli_table_cell(t, "%s", "");
    } else {
        cli_table_cell(t, "%+.2f (%+.2f .. %+.2f)", tl_jv_number(p, "mean", 0), tl_jv_number(p, "lo", 0), tl_jv_number(p, "hi", 0));
        put_curve(t, p);
    }
}

static void
print_mark(const struct tl_jv *root, const char *name, const char *words, FILE *out)
{
    const struct tl_jv *m = tl_jv_get(root, name);
    if (m == NULL || m->type != TL_JOBJECT)
        return;
    struct tl_str title = in_words(tl_jv_get(m, "title"), tl_jv_text(m, "touchpoint"));
    fprintf(out, "%s: %.*s %+.2f (n = %lld)\n", words, (int)title.n, title.p, tl_jv_number(m, "mean", 0), (long long)tl_jv_int(m, "n", 0));
}

static void
print_period(const struct tl_jv *root, FILE *out)
{
    struct tl_str from = tl_jv_text(root, "from"), to = tl_jv_text(root, "to");
    fprintf(out, say("%.*s to %.*s\n", "%.*s 至 %.*s\n"), (int)from.n, from.p, (int)to.n, to.p);
}

void
view_print_emotion(const struct tl_jv *root, FILE *out)
{
    const char *names[] = { say("stage", "阶段"), say("touchpoint", "触点"), say("ratings", "评分数"), say("answered", "应答率"), say("mean, 95 %", "均值,95 %"), say("-2 .. +2", "-2 至 +2") };
    const struct tl_jv *curve = tl_jv_get(root, "curve");
    struct cli_table *t = table(names, 6, 2, 3);
    print_period(root, out);
    print_mark(root, "lowest", say("lowest", "最低"), out);
    print_mark(root, "peak", say("peak", "最高"), out);
    print_mark(root, "end", say("end", "终点"), out);
    fputc('\n', out);
    for (const struct tl_jv *p = curve != NULL ? curve->child : NULL; p != NULL; p = p->next)
        put_emotion(t, p);
    cli_table_print(t, out);
    cli_table_free(&t);
}

/* ---- metrics ---- */
static double
scaled(const struct tl_jv *metric, double v)
{
    return tl_str_is(tl_jv_text(metric, "unit"), "share") ? 100 * v : v;
}

static bool
is_number(const struct tl_jv *o, const char *name)
{
    const struct tl_jv *v = tl_jv_get(o, name);
    return v != NULL && v->type == TL_JNUMBER;
}

static void
put_value_of(struct cli_table *t, const struct tl_jv *metric, const struct tl_jv *c, bool enough)
{
    const char *unit = tl_str_is(tl_jv_text(metric, "unit"), "share") ? " %" : "";
    int digits = tl_str_is(tl_jv_text(metric, "unit"), "scale") ? 2 : 1;
    double v = scaled(metric, tl_jv_number(c, "value", 0));
    if (!is_number(c, "value"))
        cli_table_cell(t, "-");
    else if (is_number(c, "lo") && enough)
        cli_table_cell(t, "%.*f%s (%.*f .. %.*f)", digits, v, unit, digits, scaled(metric, tl_jv_number(c, "lo", 0)), digits, scaled(metric, tl_jv_number(c, "hi", 0)));
    else
        cli_table_cell(t, "%.*f%s (%s)", digits, v, unit, tl_jv_bool(c, "flat", false) ? say("all alike", "全部相同") : say("too little data", "数据不足"));
}

static void
put_value(struct cli_table *t, const struct tl_jv *metric, const struct tl_jv *c)
{
    put_value_of(t, metric, c, true);
}

static void
put_change(struct cli_table *t, const struct tl_jv *metric, const struct tl_jv *c)
{
    const struct tl_jv *d = tl_jv_get(c, "change");
    int digits = tl_str_is(tl_jv_text(metric, "unit"), "scale") ? 2 : 1;
    if (!is_number(d, "value"))
        cli_table_cell(t, "-");
    else
        cli_table_cell(t, "%+.*f (%+.*f .. %+.*f)", digits, scaled(metric, tl_jv_number(d, "value", 0)), digits, scaled(metric, tl_jv_number(d, "lo", 0)), digits,
                       scaled(metric, tl_jv_number(d, "hi", 0)));
    cli_table_text(t, in_words(tl_jv_get(c, "verdict"), TL_STR("")));
}

static void
put_times(struct cli_table *t, const struct tl_jv *c)
{
    const struct tl_jv *times = tl_jv_get(c, "times"), *p50 = tl_jv_get(times, "p50"), *p90 = tl_jv_get(times, "p90");
    char a[24], b[24];
    if (p50 == NULL)
        cli_table_cell(t, "%s", "");
    else
        cli_table_cell(t, "%s%s, %s%s", tl_jv_bool(p50, "over", false) ? "> " : "", cli_duration(tl_jv_number(p50, "ms", 0), a), tl_jv_bool(p90, "over", false) ? "> " : "",
                       cli_duration(tl_jv_number(p90, "ms", 0), b));
}

static void
put_metric(struct cli_table *t, const struct tl_jv *metric, const struct tl_jv *c, struct tl_str of)
{
    cli_table_text(t, in_words(tl_jv_get(metric, "name"), tl_jv_text(metric, "id")));
    cli_table_text(t, of);
    put_count(t, c, "n");
    put_value(t, metric, c);
    put_change(t, metric, c);
    put_times(t, c);
}

void
view_print_metrics(const struct tl_jv *root, FILE *out)
{
    const char *names[] = { say("metric", "指标"), say("of", "范围"), "n", say("value, 95 %", "值,95 %"), say("against before", "与上期比"), say("verdict", "结论"), say("median, p90", "中位数,p90") };
    const struct tl_jv *list = tl_jv_get(root, "metrics");
    struct cli_table *t = table(names, 7, 2, 2);
    char journeys[32];
    print_period(root, out);
    fprintf(out, say("%s journeys\n\n", "%s 个旅程\n\n"), cli_count((uint64_t)tl_jv_int(root, "journeys", 0), journeys));
    for (const struct tl_jv *m = list != NULL ? list->child : NULL; m != NULL; m = m->next) {
        const struct tl_jv *cells = tl_jv_get(m, "cells");
        put_metric(t, m, tl_jv_get(m, "total"), tl_str_of(say("all", "全部")));
        for (const struct tl_jv *c = cells != NULL && cells->children_n > 1 ? cells->child : NULL; c != NULL; c = c->next)
            put_metric(t, m, c, in_words(tl_jv_get(c, "title"), tl_str_of("-")));
    }
    cli_table_print(t, out);
    cli_table_free(&t);
}

/* ---- the report's lists ---- */
void
view_print_figures(const struct tl_jv *list, FILE *out)
{
    const char *names[] = { say("figure", "指标"), "n", say("value, 95 %", "值,95 %"), say("against the week before", "与上周比"), say("verdict", "结论") };
    struct cli_table *t = table(names, 5, 1, 1);
    for (const struct tl_jv *f = list != NULL ? list->child : NULL; f != NULL; f = f->next) {
        const struct tl_jv *value = tl_jv_get(f, "value");
        cli_table_text(t, in_words(tl_jv_get(f, "name"), tl_jv_text(f, "id")));
        put_count(t, f, "n");
        if (tl_str_is(tl_jv_text(f, "unit"), "count")) {
            char now[32], before[32];
            cli_table_cell(t, "%s", cli_count((uint64_t)tl_jv_number(value, "value", 0), now));
            cli_table_cell(t, say("%s before", "上周 %s"), cli_count((uint64_t)tl_jv_int(tl_jv_get(f, "previous"), "n", 0), before));
            cli_table_cell(t, "%s", "");
            continue;
        }
        put_value_of(t, f, value, tl_jv_bool(f, "enough", false) || !tl_str_is(tl_jv_text(f, "id"), "nps"));
        put_change(t, f, f);
    }
    cli_table_print(t, out);
    cli_table_free(&t);
}

void
view_print_found(const struct tl_jv *breaks, FILE *out)
{
    static const char *const lists[] = { "unhappy", "unfinished" };
    const char *names[] = { say("break point", "断点"), say("standard", "标准"), say("hits", "次数"), "n", say("rate, 95 %", "比率,95 %"), say("too many", "多出") };
    struct cli_table *t = table(names, 6, 2, 3);
    for (int i = 0; i < 2; i++) {
        const struct tl_jv *list = tl_jv_get(breaks, lists[i]);
        for (const struct tl_jv *b = list != NULL ? list->child : NULL; b != NULL; b = b->next) {
            cli_table_text(t, in_words(tl_jv_get(b, "title"), tl_jv_text(b, "touchpoint")));
            cli_table_text(t, in_words(tl_jv_get(b, "name"), tl_jv_text(b, "type")));
            put_count(t, b, "hits");
            put_count(t, b, "n");
            cli_table_cell(t, "%.1f %% (%.1f .. %.1f)", 100 * tl_jv_number(b, "rate", 0), 100 * tl_jv_number(b, "lo", 0), 100 * tl_jv_number(b, "hi", 0));
            cli_table_cell(t, ">= %.0f", tl_jv_number(b, "excess", 0));
        }
    }
    fputc('\n', out);
    cli_table_print(t, out);
    cli_table_free(&t);
}
