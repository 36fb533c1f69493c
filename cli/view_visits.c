/* view_visits.c - what mystery visits found, as tables: a scorecard, what visits say together, and where they and customers agree. See view.h. */
#include "view.h"
#include "tl_time.h"

static const char *
say(const char *en, const char *zh)
{
    return cli_zh() ? zh : en;
}

/* in the reader's language, else in the other, else the fallback */
static struct tl_str
in_words(const struct tl_jv *title, struct tl_str fallback)
{
    struct tl_str zh = tl_jv_text(title, "zh"), en = tl_jv_text(title, "en");
    struct tl_str first = cli_zh() ? zh : en, second = cli_zh() ? en : zh;
    return first.n > 0 ? first : second.n > 0 ? second : fallback;
}

static struct cli_table *
table(const char *heading, const char *const *names, int n, FILE *out)
{
    struct cli_table *t = cli_table_new(n);
    if (heading != NULL && !cli_csv())
        fprintf(out, "\n%s\n", heading);
    for (int i = 0; i < n; i++)
        cli_table_cell(t, "%s", names[i]);
    return t;
}

static void
done(struct cli_table *t, FILE *out)
{
    cli_table_print(t, out);
    cli_table_free(&t);
}

static bool
number(const struct tl_jv *o, const char *name, double *v)
{
    const struct tl_jv *m = tl_jv_get(o, name);
    if (m == NULL || m->type != TL_JNUMBER)
        return false;
    *v = m->number;
    return true;
}

static void
put_percent(struct cli_table *t, const struct tl_jv *o, const char *name)
{
    double v;
    if (number(o, name, &v))
        cli_table_cell(t, "%.1f %%", 100 * v);
    else
        cli_table_cell(t, "-");
}

static void
put_range(struct cli_table *t, const struct tl_jv *o, const char *value)
{
    double v, lo = 0, hi = 0;
    if (number(o, value, &v) && number(o, "lo", &lo) && number(o, "hi", &hi))
        cli_table_cell(t, "%.1f %% (%.1f .. %.1f)", 100 * v, 100 * lo, 100 * hi);
    else
        cli_table_cell(t, "-");
}

static void
put_text(struct cli_table *t, struct tl_str s)
{
    cli_table_text(t, s.n > 0 ? s : TL_STR("-"));
}

static long long
whole(const struct tl_jv *o, const char *name)
{
    return (long long)tl_jv_int(o, name, 0);
}

/* a spreadsheet would read 2/16 as a day */
static void
put_of(struct cli_table *t, long long k, long long n)
{
    cli_table_cell(t, cli_csv() ? "%lld of %lld" : "%lld/%lld", k, n);
}

/* ---- customers and visits ---- */

void
view_print_confirmed(const struct tl_jv *root, FILE *out)
{
    const char *names[] = { say("mark", "标记"), say("touchpoint", "触点"), say("standard", "标准"), say("place", "门店"), say("customers", "顾客"), say("rate, 95 %", "比率,95 %"),
                            say("visits", "暗访"), say("cell", "断点") };
    struct tl_str from = tl_jv_text(root, "from"), to = tl_jv_text(root, "to");
    const struct tl_jv *list = tl_jv_get(root, "cells");
    if (!cli_csv())
        fprintf(out, say("%.*s to %.*s: %lld visits; customers and visits are counted apart\n", "%.*s 至 %.*s:%lld 次暗访;顾客与暗访分开计数\n"), (int)from.n, from.p, (int)to.n, to.p, whole(root, "visits"));
    struct cli_table *t = table(NULL, names, 8, out);
    for (const struct tl_jv *c = list != NULL ? list->child : NULL; c != NULL; c = c->next) {
        const struct tl_jv *who = tl_jv_get(c, "customers"), *visits = tl_jv_get(c, "visits");
        struct tl_str place = tl_jv_text(c, "place"), daypart = tl_jv_text(c, "daypart");
        cli_table_text(t, in_words(tl_jv_get(c, "mark"), TL_STR("-")));
        cli_table_text(t, in_words(tl_jv_get(c, "title"), tl_jv_text(c, "touchpoint")));
        cli_table_text(t, in_words(tl_jv_get(c, "name"), tl_jv_text(c, "type")));
        cli_table_cell(t, "%.*s%s%.*s", (int)place.n, place.n > 0 ? place.p : "", daypart.n > 0 ? " " : "", (int)daypart.n, daypart.n > 0 ? daypart.p : "");
        put_of(t, whole(who, "hits"), whole(who, "n"));
        put_range(t, who, "rate");
        put_of(t, whole(visits, "hits"), whole(visits, "n"));
        cli_table_text(t, tl_jv_text(c, "cell"));
    }
    done(t, out);
}

/* ---- all visits ---- */

void
view_print_visits(const struct tl_jv *root, FILE *out)
{
    const char *names[] = { say("visit", "暗访"), say("place", "门店"), say("scenario", "剧本"), say("state", "状态"), say("from", "开始"), say("score", "得分"), say("answered", "已答"),
                            say("critical", "关键项未达"), say("as planned", "按计划"), say("first break", "首个断点"), say("worst break", "最重断点"), say("journeys", "旅程") };
    const struct tl_jv *list = tl_jv_get(root, "visits");
    char when[32];
    if (list == NULL || list->children_n == 0) {
        fprintf(out, "%s\n", say("no visit is registered", "还没有登记的暗访"));
        return;
    }
    struct cli_table *t = table(NULL, names, 12, out);
    for (const struct tl_jv *v = list->child; v != NULL; v = v->next) {
        const struct tl_jv *score = tl_jv_get(v, "score"), *first = tl_jv_get(v, "first"), *worst = tl_jv_get(v, "worst");
        long long answered = whole(score, "yes") + whole(score, "no") + whole(score, "na");
        put_text(t, tl_jv_text(v, "id"));
        put_text(t, tl_jv_text(v, "place"));
        put_text(t, in_words(tl_jv_get(v, "scenario_title"), tl_jv_text(v, "scenario")));
        put_text(t, tl_jv_text(v, "state"));
        cli_table_cell(t, "%.16sZ", tl_time_format(tl_jv_int(v, "from", 0), when));
        put_percent(t, score, "value");
        put_of(t, answered, answered + whole(score, "open"));
        cli_table_cell(t, "%lld", whole(score, "critical"));
        put_percent(t, v, "fitness");
        put_text(t, in_words(tl_jv_get(first, "name"), tl_jv_text(first, "id")));
        put_text(t, in_words(tl_jv_get(worst, "name"), tl_jv_text(worst, "id")));
        cli_table_cell(t, "%lld", whole(v, "journeys"));
    }
    done(t, out);
}

static void
print_shares(const struct tl_jv *root, const char *list, const char *id, const char *heading, const char *of, FILE *out)
{
    const char *names[] = { of, say("visits", "暗访"), say("yes", "是"), say("no", "否"), say("n/a", "不适用"), say("open", "未答"), say("as seen", "原始比例"), say("share, 95 %", "比例,95 %") };
    const struct tl_jv *rows = tl_jv_get(root, list);
    if (rows == NULL || rows->child == NULL)
        return;
    struct cli_table *t = table(heading, names, 8, out);
    for (const struct tl_jv *r = rows->child; r != NULL; r = r->next) {
        put_text(t, in_words(tl_jv_get(r, "title"), tl_jv_text(r, id)));
        cli_table_cell(t, "%lld", whole(r, "visits"));
        cli_table_cell(t, "%lld", whole(r, "yes"));
        cli_table_cell(t, "%lld", whole(r, "no"));
        cli_table_cell(t, "%lld", whole(r, "na"));
        cli_table_cell(t, "%lld", whole(r, "open"));
        put_percent(t, r, "raw");
        put_range(t, r, "share");
    }
    done(t, out);
}

static void
print_again(const struct tl_jv *root, FILE *out)
{
    const char *names[] = { say("place", "门店"), say("before", "前次"), say("after", "复查"), say("days", "间隔天数"), say("score before", "前次得分"), say("score after", "复查得分"),
                            say("change of items met, points", "达标项变化,百分点") };
    const struct tl_jv *rows = tl_jv_get(root, "again");
    if (rows == NULL || rows->child == NULL)
        return;
    struct cli_table *t = table(say("re-inspections", "复查"), names, 7, out);
    for (const struct tl_jv *r = rows->child; r != NULL; r = r->next) {
        const struct tl_jv *change = tl_jv_get(r, "change");
        put_text(t, tl_jv_text(r, "place"));
        put_text(t, tl_jv_text(r, "before"));
        put_text(t, tl_jv_text(r, "after"));
        cli_table_cell(t, "%lld", whole(r, "days"));
        put_percent(t, r, "score_before");
        put_percent(t, r, "score_after");
        cli_table_cell(t, "%+.1f (%+.1f .. %+.1f)", 100 * tl_jv_number(change, "value", 0), 100 * tl_jv_number(change, "lo", 0), 100 * tl_jv_number(change, "hi", 0));
    }
    done(t, out);
}

void
view_print_visit_sums(const struct tl_jv *root, FILE *out)
{
    const struct tl_jv *twice = tl_jv_get(root, "double");
    print_shares(root, "items", "item", say("checklist items", "检查项"), say("item", "检查项"), out);
    print_shares(root, "touchpoints", "touchpoint", say("touchpoints", "触点"), say("touchpoint", "触点"), out);
    print_shares(root, "places", "place", say("places (drawn towards all of them: no league table)", "门店(向总体收缩,不是排行榜)"), say("place", "门店"), out);
    print_shares(root, "months", "month", say("months", "月份"), say("month", "月份"), out);
    print_again(root, out);
    if (!cli_csv() && whole(twice, "pairs") > 0)
        fprintf(out, say("\ndouble visits: %lld of %lld items answered alike in %lld pairs, %.1f %% (%.1f .. %.1f)\n", "\n双人暗访:%3$lld 对中 %2$lld 项有 %1$lld 项答案一致,%4$.1f %%(%5$.1f .. %6$.1f)\n"), whole(twice, "same"),
                whole(twice, "both"), whole(twice, "pairs"), 100 * tl_jv_number(twice, "share", 0), 100 * tl_jv_number(twice, "lo", 0), 100 * tl_jv_number(twice, "hi", 0));
}

/* ---- one scorecard ---- */

static struct tl_str
answer_words(const struct tl_jv *item)
{
    struct tl_str a = tl_jv_text(item, "answer");
    if (a.n == 0)
        return tl_str_of(say("open", "未答"));
    return tl_str_of(tl_str_is(a, "yes") ? say("yes", "是") : tl_str_is(a, "no") ? say("no", "否") : say("n/a", "不适用"));
}

static void
print_items(const struct tl_jv *root, FILE *out)
{
    const char *names[] = { say("touchpoint", "触点"), say("item", "检查项"), say("weight", "权重"), say("answer", "回答"), say("by", "来源"), say("remark", "说明") };
    const struct tl_jv *sections = tl_jv_get(root, "sections");
    struct cli_table *t = table(say("checklist", "检查表"), names, 6, out);
    for (const struct tl_jv *s = sections != NULL ? sections->child : NULL; s != NULL; s = s->next) {
        const struct tl_jv *items = tl_jv_get(s, "items");
        for (const struct tl_jv *i = items != NULL ? items->child : NULL; i != NULL; i = i->next) {
            put_text(t, in_words(tl_jv_get(s, "title"), tl_jv_text(s, "touchpoint")));
            put_text(t, in_words(tl_jv_get(i, "title"), tl_jv_text(i, "id")));
            cli_table_cell(t, "%g%s", tl_jv_number(i, "weight", 0), tl_jv_bool(i, "critical", false) ? say(", critical", ",关键") : "");
            cli_table_text(t, answer_words(i));
            put_text(t, tl_str_is(tl_jv_text(i, "by"), "events") ? tl_str_of(say("events", "事件")) : tl_str_is(tl_jv_text(i, "by"), "shopper") ? tl_str_of(say("shopper", "暗访员")) : (struct tl_str){ NULL, 0 });
            put_text(t, tl_jv_text(i, "note"));
        }
    }
    done(t, out);
}

static void
print_timings(const struct tl_jv *root, FILE *out)
{
    const char *names[] = { say("clock", "计时"), say("took", "用时"), say("limit", "限时"), say("verdict", "结论"), say("by", "来源") };
    static const char *const is[][3] = { { "kept", "in time", "达标" }, { "broken", "too late", "超时" }, { "running", "running still", "计时中" }, { "unknown", "not known", "未知" } };
    const struct tl_jv *list = tl_jv_get(root, "timings");
    char took[24], limit[24];
    if (list == NULL || list->child == NULL)
        return;
    struct cli_table *t = table(say("clocks", "计时"), names, 5, out);
    for (const struct tl_jv *x = list->child; x != NULL; x = x->next) {
        double ms;
        put_text(t, in_words(tl_jv_get(x, "name"), tl_jv_text(x, "id")));
        cli_table_cell(t, "%s", number(x, "took_ms", &ms) ? cli_duration(ms, took) : "-");
        cli_table_cell(t, "%s", cli_duration(tl_jv_number(x, "limit_ms", 0), limit));
        for (size_t i = 0; i < 4; i++)
            if (tl_str_is(tl_jv_text(x, "is"), is[i][0]))
                cli_table_cell(t, "%s", is[i][1 + cli_zh()]);
        cli_table_cell(t, "%s", tl_str_is(tl_jv_text(x, "by"), "events") ? say("events", "事件") : say("stamps", "打点"));
    }
    done(t, out);
}

static void
print_moves(const struct tl_jv *root, FILE *out)
{
    static const char *const kind[][3] = { { "sync", "as planned", "按计划" }, { "skipped", "left out", "缺少" }, { "extra", "besides", "额外" } };
    const char *names[] = { say("planned and actual", "计划与实际"), say("touchpoint", "触点"), say("cost", "代价"), say("wait before", "之前等待") };
    const struct tl_jv *a = tl_jv_get(root, "alignment"), *list = tl_jv_get(a, "moves");
    char wait[24], title[80];
    if (list == NULL)
        return;
    snprintf(title, sizeof title, "%s %.1f %%", say("planned and actual: fits by", "计划与实际:吻合度"), 100 * tl_jv_number(a, "fitness", 0));
    struct cli_table *t = table(title, names, 4, out);
    for (const struct tl_jv *m = list->child; m != NULL; m = m->next) {
        double ms;
        for (size_t i = 0; i < 3; i++)
            if (tl_str_is(tl_jv_text(m, "kind"), kind[i][0]))
                cli_table_cell(t, "%s", kind[i][1 + cli_zh()]);
        put_text(t, in_words(tl_jv_get(m, "title"), tl_jv_text(m, "touchpoint")));
        cli_table_cell(t, "%.2f", tl_jv_number(m, "cost", 0));
        cli_table_cell(t, "%s", number(m, "wait_ms", &ms) ? cli_duration(ms, wait) : "-");
    }
    done(t, out);
}

static void
print_journey_breaks(const struct tl_jv *root, FILE *out)
{
    const char *names[] = { say("break", "断点"), say("touchpoint", "触点"), say("severity", "严重度"), "" };
    const struct tl_jv *journeys = tl_jv_get(root, "journeys");
    struct cli_table *t = table(say("breaks", "断点"), names, 4, out);
    for (const struct tl_jv *j = journeys != NULL ? journeys->child : NULL; j != NULL; j = j->next) {
        const struct tl_jv *breaks = tl_jv_get(j, "breaks");
        for (const struct tl_jv *b = breaks != NULL ? breaks->child : NULL; b != NULL; b = b->next) {
            bool first = tl_jv_bool(b, "first", false), worst = tl_jv_bool(b, "worst", false);
            put_text(t, in_words(tl_jv_get(b, "name"), tl_jv_text(b, "type")));
            put_text(t, in_words(tl_jv_get(b, "title"), tl_jv_text(b, "touchpoint")));
            cli_table_cell(t, "%lld", whole(b, "severity"));
            cli_table_cell(t, "%s%s%s", first ? say("first", "首个") : "", first && worst ? ", " : "", worst ? say("worst", "最重") : "");
        }
    }
    done(t, out);
}

void
view_print_scorecard(const struct tl_jv *root, FILE *out)
{
    struct tl_str id = tl_jv_text(root, "id"), place = tl_jv_text(root, "place");
    const struct tl_jv *score = tl_jv_get(root, "score");
    double value = 0;
    if (!cli_csv()) {
        fprintf(out, "%.*s  %.*s  ", (int)id.n, id.p, (int)place.n, place.n > 0 ? place.p : "");
        if (number(score, "value", &value))
            fprintf(out, say("score %.1f %%, %lld yes, %lld no, %lld n/a, %lld open", "得分 %.1f %%,是 %lld、否 %lld、不适用 %lld、未答 %lld"), 100 * value, whole(score, "yes"), whole(score, "no"), whole(score, "na"),
                    whole(score, "open"));
        else
            fprintf(out, "%s", say("nothing is answered yet", "还没有回答"));
        fprintf(out, "%s\n", tl_jv_bool(score, "failed", false) ? say("; FAILED: a critical item", ";不合格:关键项未达") : "");
    }
    print_items(root, out);
    if (cli_csv())
        return;                     /* the checklist alone is a table of its own */
    print_timings(root, out);
    print_moves(root, out);
    print_journey_breaks(root, out);
}
