/* report_page.c - the sheet: header, figures, break points and emotion, what is on whose desk, moments, work. See report_page.h. */
#include "report_page.h"

#include <stdio.h>
#include <stdlib.h>

#include "tl_time.h"
#include "week.h"

static const char *
say(const struct sheet *s, const char *zh, const char *en)
{
    return sheet_say(s, zh, en);
}

static void
text_of(struct sheet *s, const char *class_of, struct tl_str text)
{
    sheet_printf(s, "<span class=\"%s\">", class_of);
    sheet_text(s, text);
    sheet_put(s, "</span>");
}

static uint64_t
count_of(const struct tl_jv *list)
{
    return list ? list->children_n : 0;
}

static void
more(struct sheet *s, uint64_t n)
{
    if (n) sheet_printf(s, s->zh ? "<p class=\"more\">另有 %llu 项未列出</p>" : "<p class=\"more\">and %llu more</p>", (unsigned long long)n);
}

static void
none(struct sheet *s, const char *zh, const char *en)
{
    sheet_printf(s, "<p class=\"none\">%s</p>", say(s, zh, en));
}

/* ---- header ---- */

/* "2026-02-16" -> 2月16日 / 16 Feb */
static char *
date(const struct sheet *s, struct tl_str day, char out[48])
{
    static const char *const month[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    int m = day.n == 10 ? (day.p[5] - '0') * 10 + day.p[6] - '0' : 0, d = day.n == 10 ? (day.p[8] - '0') * 10 + day.p[9] - '0' : 0;
    if (m < 1 || m > 12) snprintf(out, 48, "%.*s", (int)(day.n < 40 ? day.n : 40), day.p ? day.p : "");
    else if (s->zh) snprintf(out, 48, "%d 月 %d 日", m, d);
    else snprintf(out, 48, "%d %s", d, month[m - 1]);
    return out;
}

static void
header(struct sheet *s, const struct tl_jv *r, bool final)
{
    struct tl_str week = tl_jv_text(r, "week"), catalogue = tl_jv_text(r, "catalogue"), zone = tl_jv_text(r, "timezone");
    char from[48], to[48], at[48] = "";
    struct tl_zone *z = NULL;
    char name[64];
    int64_t as_of = tl_jv_int(r, "as_of", 0);
    snprintf(name, sizeof name, "%.*s", (int)(zone.n < 63 ? zone.n : 63), zone.p ? zone.p : "UTC");
    if (tl_zone_open(&z, name, NULL) == 0) {
        as_of += (int64_t)tl_zone_offset_s(z, as_of) * 1000;
        tl_zone_free(&z);
    }
    tl_time_format(as_of, at);
    at[10] = ' ';
    at[16] = '\0';
    sheet_printf(s, "<header class=\"top\"><div><p class=\"kicker\">%s</p><h1>", say(s, "客户体验周报", "Customer experience, weekly"));
    sheet_text(s, sheet_words(s, tl_jv_get(r, "journey_title"), tl_jv_text(r, "journey")));
    sheet_printf(s, "<span class=\"when\">%.*s · %s%s%s</span></h1></div><dl class=\"made\">", (int)week.n, week.p, date(s, tl_jv_text(r, "from"), from), s->zh ? " – " : " to ", date(s, tl_jv_text(r, "to"), to));
    const struct tl_jv *filter = tl_jv_get(r, "filter");
    if (count_of(filter)) sheet_printf(s, "<div><dt>%s</dt><dd class=\"draft\">", say(s, "仅限", "only"));
    for (const struct tl_jv *f = count_of(filter) ? filter->child : NULL; f; f = f->next) {
        sheet_text(s, f->text);
        if (f->next) sheet_put(s, ", ");
    }
    if (count_of(filter)) sheet_put(s, "</dd></div>");
    sheet_printf(s, "<div><dt>%s</dt><dd>%s</dd></div>", say(s, "判定时刻", "judged as of"), at);
    sheet_printf(s, "<div><dt>%s</dt><dd>%.8s</dd></div>", say(s, "目录版本", "catalogue"), catalogue.n >= 8 ? catalogue.p : "-");
    sheet_printf(s, "<div><dt>%s</dt><dd class=\"%s\">%s</dd></div></dl></header>", say(s, "状态", "state"), final ? "final" : "draft",
                 final ? say(s, "已冻结", "frozen") : tl_jv_bool(r, "ripe", false) ? say(s, "未冻结", "not kept") : say(s, "暂定,数据未满", "provisional"));
}

/* ---- headline figures ---- */

struct unit { double scale; int digits; const char *after; };

static struct unit
unit_of(const struct tl_jv *f)
{
    struct tl_str u = tl_jv_text(f, "unit");
    if (tl_str_is(u, "share")) return (struct unit){ 100, 1, "%" };
    if (tl_str_is(u, "scale")) return (struct unit){ 1, 2, "" };
    return (struct unit){ 1, tl_str_is(u, "points") ? 1 : 0, "" };
}

static const char *
tone_of(const struct tl_jv *f)
{
    double d = tl_jv_number(tl_jv_get(f, "change"), "value", 0);
    bool supported = tl_str_is(tl_jv_text(tl_jv_get(f, "verdict"), "id"), "supported"), lower = tl_str_is(tl_jv_text(f, "better"), "lower");
    return !supported ? "plain" : (d > 0) != lower ? "better" : "worse";
}

static void
figure_change(struct sheet *s, const struct tl_jv *f)
{
    const struct tl_jv *change = tl_jv_get(f, "change"), *before = tl_jv_get(f, "previous");
    struct unit u = unit_of(f);
    char a[48], b[48];
    double was = tl_jv_number(before, "value", 0), now = tl_jv_number(tl_jv_get(f, "value"), "value", 0);
    if (tl_str_is(tl_jv_text(f, "unit"), "count")) {
        if (was > 0) sheet_printf(s, "<p class=\"change plain\">%s <b>%s</b> (%s %%)</p>", say(s, "较上周", "against last week"), sheet_number(now - was, 0, true, a), sheet_number(100 * (now - was) / was, 1, true, b));
        return;
    }
    if (!sheet_has(change, "value")) return;
    double d = u.scale * tl_jv_number(change, "value", 0);
    bool supported = strcmp(tone_of(f), "plain") != 0;          /* an arrow is a claim */
    sheet_printf(s, "<p class=\"change %s\"><b>%s%s</b> ", tone_of(f), !supported ? "" : d > 0 ? "▲ " : "▼ ", sheet_number(d, u.digits, true, a));
    sheet_range(s, change, u.scale, u.digits, true);
    sheet_put(s, "</p>");
    text_of(s, "verdict", sheet_words(s, tl_jv_get(f, "verdict"), TL_STR("")));
}

static void
very(struct sheet *s, const struct tl_jv *v)
{
    char a[48];
    if (!sheet_has(v, "value")) return;
    sheet_printf(s, "<p class=\"range\">%s <b>%s %%</b> ", say(s, "非常满意", "very satisfied"), sheet_number(100 * tl_jv_number(v, "value", 0), 1, false, a));
    sheet_range(s, v, 100, 1, false);
    sheet_put(s, "</p>");
}

static void
figure(struct sheet *s, const struct tl_jv *f)
{
    const struct tl_jv *value = tl_jv_get(f, "value");
    struct unit u = unit_of(f);
    bool count = tl_str_is(tl_jv_text(f, "unit"), "count"), nps = tl_str_is(tl_jv_text(f, "id"), "nps"), enough = tl_jv_bool(f, "enough", false);
    char a[48], n[48];
    sheet_printf(s, "<article class=\"figure%s\"><h3>", enough ? "" : " few");
    sheet_text(s, sheet_words(s, tl_jv_get(f, "name"), tl_jv_text(f, "id")));
    sheet_put(s, "</h3><p class=\"is\">");
    sheet_text(s, sheet_words(s, tl_jv_get(f, "is"), TL_STR("")));
    sheet_printf(s, "</p><p class=\"big\">%s<small>%s</small></p>", sheet_has(value, "value") ? sheet_number(u.scale * tl_jv_number(value, "value", 0), u.digits, nps, a) : "–", u.after);
    if (!count) {
        sheet_put(s, "<p class=\"range\">");
        if (nps && !enough) sheet_put(s, say(s, "数据不足(少于 30 份)", "too little data (under 30)"));
        else sheet_range(s, value, u.scale, u.digits, nps);
        sheet_printf(s, " n = %s</p>", sheet_number((double)tl_jv_int(f, "n", 0), 0, false, n));
        if (nps) sheet_put(s, say(s, "<p class=\"range\">基准:30 良好,50 领先</p>", "<p class=\"range\">30 is good, 50 leads</p>"));
        very(s, tl_jv_get(f, "very"));
    }
    figure_change(s, f);
    sheet_put(s, "</article>");
}

static void
figures(struct sheet *s, const struct tl_jv *list)
{
    sheet_put(s, "<section class=\"figures\">");
    for (const struct tl_jv *f = list ? list->child : NULL; f; f = f->next) figure(s, f);
    sheet_put(s, "</section>");
}

/* ---- break points ---- */

static double
axis_of(const struct tl_jv *breaks)
{
    static const char *const lists[] = { "unhappy", "unfinished" };
    double most = 0.1;
    for (int i = 0; i < 2; i++) {
        const struct tl_jv *list = tl_jv_get(breaks, lists[i]);
        for (const struct tl_jv *b = list ? list->child : NULL; b; b = b->next)
            if (tl_jv_number(b, "hi", 0) > most) most = tl_jv_number(b, "hi", 0);
    }
    return most > 0.95 ? 1 : most * 1.05;
}

/* percent - as the catalogue gives it: 5, 2.5 */
static char *
percent(double share, char out[48])
{
    snprintf(out, 48, "%.4g", 100 * share);
    return out;
}

static void
break_numbers(struct sheet *s, const struct tl_jv *b)
{
    const struct tl_jv *before = tl_jv_get(b, "previous");
    char a[48], n[48], k[48];
    sheet_printf(s, "<p class=\"numbers\"><b>%s %%</b> ", sheet_number(100 * tl_jv_number(b, "rate", 0), 1, false, a));
    sheet_range(s, b, 100, 1, false);
    sheet_printf(s, " · %s / %s", sheet_number((double)tl_jv_int(b, "hits", 0), 0, false, k), sheet_number((double)tl_jv_int(b, "n", 0), 0, false, n));
    if (sheet_has(b, "allowed")) sheet_printf(s, " · %s %s %%", say(s, "允许", "allowed"), percent(tl_jv_number(b, "allowed", 0), a));
    if (sheet_has(before, "rate")) sheet_printf(s, " · %s %s %%", say(s, "上周", "before"), sheet_number(100 * tl_jv_number(before, "rate", 0), 1, false, a));
    sheet_put(s, "</p>");
}

static void
break_places(struct sheet *s, const struct tl_jv *b)
{
    const struct tl_jv *places = tl_jv_get(b, "places");
    char a[48], lo[48], hi[48], n[48];
    if (!count_of(places)) return;
    sheet_put(s, "<p class=\"places\">");
    int room = REPORT_PAGE_PLACES;
    for (const struct tl_jv *p = places->child; p && room-- > 0; p = p->next) {
        sheet_put(s, "<span class=\"place\"><b>");
        sheet_text(s, tl_jv_text(p, "place"));
        sheet_printf(s, "</b> %s %% (%s–%s) n = %s</span>", sheet_number(100 * tl_jv_number(p, "rate", 0), 0, false, a), sheet_number(100 * tl_jv_number(p, "lo", 0), 0, false, lo),
                     sheet_number(100 * tl_jv_number(p, "hi", 0), 0, false, hi), sheet_number((double)tl_jv_int(p, "n", 0), 0, false, n));
    }
    sheet_put(s, "</p>");
}

static void
break_row(struct sheet *s, const struct tl_jv *b, double axis, bool unfinished)
{
    const struct tl_jv *before = tl_jv_get(b, "previous");
    char a[48];
    struct whisker w = { .from = 0, .to = axis, .value = tl_jv_number(b, "rate", 0), .lo = tl_jv_number(b, "lo", 0), .hi = tl_jv_number(b, "hi", 0), .has_interval = sheet_has(b, "lo"),
                         .has_tick = true, .tick = sheet_has(b, "allowed") ? tl_jv_number(b, "allowed", 0) : tl_jv_number(before, "rate", 0), .tone = unfinished ? "unfinished" : "unhappy" };
    sheet_put(s, "<li class=\"break\"><div><h4>");
    text_of(s, "touchpoint", sheet_words(s, tl_jv_get(b, "title"), tl_jv_text(b, "touchpoint")));
    sheet_text(s, unfinished ? tl_str_of(say(s, "在此止步", "stopped here")) : sheet_words(s, tl_jv_get(b, "name"), tl_jv_text(b, "type")));
    sheet_put(s, "</h4>");
    break_numbers(s, b);
    break_places(s, b);
    sheet_put(s, "</div><div>");
    sheet_whisker(s, &w);
    sheet_printf(s, "<p class=\"excess\">%s %s</p></div></li>", say(s, "至少多出", "at least too many:"), sheet_number(tl_jv_number(b, "excess", 0), 0, false, a));
}

static void
breaks(struct sheet *s, const struct tl_jv *breaks)
{
    static const char *const lists[] = { "unhappy", "unfinished" };
    uint64_t shown = 0, all = 0;
    double axis = axis_of(breaks);
    bool roomy = count_of(tl_jv_get(breaks, lists[0])) + count_of(tl_jv_get(breaks, lists[1])) < REPORT_PAGE_BREAKS;
    sheet_printf(s, "<section class=\"breaks%s\"><h2>%s<small>%s %lld %s</small></h2>", roomy ? " roomy" : "", say(s, "断点", "Break points"), say(s, "共检验", "out of"), (long long)tl_jv_int(breaks, "tests", 0),
                 say(s, "项;竖线 = 允许(或上周)的比例", "tests; the bar is what is allowed, or last week"));
    for (int i = 0; i < 2; i++) {
        const struct tl_jv *list = tl_jv_get(breaks, lists[i]);
        uint64_t other = i ? 0 : count_of(tl_jv_get(breaks, lists[1])), room = REPORT_PAGE_BREAKS - (i ? shown : other < 2 ? other : 2);
        all += count_of(list);
        if (!count_of(list)) continue;
        sheet_printf(s, "<h3 class=\"%s\">%s</h3><ol>", lists[i], i ? say(s, "多出的未成交", "Unfinished") : say(s, "多出的不满", "Unhappy"));
        for (const struct tl_jv *b = list->child; b && room; b = b->next, room--, shown++) break_row(s, b, axis, i == 1);
        sheet_put(s, "</ol>");
    }
    if (!all) none(s, "本周未发现有依据的断点。", "No supported break point in this week.");
    more(s, all - shown);
    sheet_put(s, "</section>");
}

/* ---- emotion ---- */

static void
emotion(struct sheet *s, const struct tl_jv *e)
{
    sheet_printf(s, "<section class=\"emotion\"><h2>%s<small>%s</small></h2>", say(s, "情感曲线", "Emotion"),
                 say(s, "−2 至 +2;斜纹 = 不足 10 份评分的触点数", "−2 to +2; hatched: touchpoints with fewer than 10 ratings"));
    if (sheet_has(e, "end")) sheet_curve(s, e);
    else none(s, "没有一个触点达到 10 份评分。", "No touchpoint has 10 ratings.");
    sheet_put(s, "</section>");
}

/* ---- who has what on the desk ---- */

static const struct tl_jv *
found_by_cell(const struct tl_jv *breaks, struct tl_str cell)
{
    static const char *const lists[] = { "unhappy", "unfinished" };
    for (int i = 0; i < 2; i++) {
        const struct tl_jv *list = tl_jv_get(breaks, lists[i]);
        for (const struct tl_jv *b = list ? list->child : NULL; b; b = b->next)
            if (tl_str_eq(tl_jv_text(b, "cell"), cell)) return b;
    }
    return NULL;
}

static const char *
status_word(const struct sheet *s, struct tl_str status)
{
    static const struct { const char *id, *zh, *en; } word[] = { { "open", "待处理", "open" }, { "assigned", "已指派", "assigned" }, { "fixed", "已修复", "fixed" }, { "verified", "已验证", "verified" } };
    for (size_t i = 0; i < sizeof word / sizeof word[0]; i++)
        if (tl_str_is(status, word[i].id)) return say(s, word[i].zh, word[i].en);
    return "–";
}

static void
age(struct sheet *s, const struct tl_jv *o, int64_t as_of)
{
    if (sheet_has(o, "weeks")) sheet_printf(s, s->zh ? "连续 %lld 周" : "%lld weeks running", (long long)tl_jv_int(o, "weeks", 0));
    else if (sheet_has(o, "since")) sheet_printf(s, s->zh ? "%lld 天" : "%lld days", (long long)((as_of - tl_jv_int(o, "since", 0)) / TL_DAY_MS));
    else sheet_put(s, "–");
}

static void
open_row(struct sheet *s, const struct tl_jv *o, const struct tl_jv *breaks, int64_t as_of)
{
    const struct tl_jv *b = found_by_cell(breaks, tl_jv_text(o, "cell"));
    struct tl_str owner = tl_jv_text(o, "owner");
    char n[48];
    sheet_put(s, "<tr><td>");
    sheet_text(s, owner.n ? owner : tl_str_of(say(s, "未指定部门", "no owner")));
    sheet_put(s, "</td><td>");
    if (b) sheet_text(s, sheet_words(s, tl_jv_get(b, "title"), tl_jv_text(b, "touchpoint")));
    else sheet_text(s, tl_jv_text(o, "cell"));
    sheet_put(s, "</td><td>");
    age(s, o, as_of);
    sheet_put(s, "</td><td class=\"num\">");
    if (sheet_has(o, "customers")) sheet_put(s, sheet_number((double)tl_jv_int(o, "customers", 0), 0, false, n));
    else if (sheet_has(o, "hits")) sheet_printf(s, "%s*", sheet_number((double)tl_jv_int(o, "hits", 0), 0, false, n));
    else sheet_put(s, say(s, "本周未见", "not this week"));
    sheet_printf(s, "</td><td>%s</td></tr>", status_word(s, tl_jv_text(o, "status")));
}

static bool
listed_open(const struct tl_jv *o)
{
    struct tl_str status = tl_jv_text(o, "status");
    return !tl_str_is(status, "fixed") && !tl_str_is(status, "verified");
}

/* open_rows - one after the other, owner by owner in the order in which each first comes; what has no room is counted */
static uint64_t
open_rows(struct sheet *s, const struct tl_jv *list, const struct tl_jv *breaks, int64_t as_of)
{
    uint64_t shown = 0, all = 0;
    for (const struct tl_jv *o = list->child; o; o = o->next) {
        bool first = true;
        for (const struct tl_jv *p = list->child; p != o; p = p->next) first &= !listed_open(p) || !tl_str_eq(tl_jv_text(p, "owner"), tl_jv_text(o, "owner"));
        for (const struct tl_jv *p = o; first && listed_open(o) && p; p = p->next) {
            if (!listed_open(p) || !tl_str_eq(tl_jv_text(p, "owner"), tl_jv_text(o, "owner"))) continue;
            all++;
            if (shown == REPORT_PAGE_OPEN) continue;
            shown++;
            open_row(s, p, breaks, as_of);
        }
    }
    return all - shown;
}

static void
desk(struct sheet *s, const struct tl_jv *work, const struct tl_jv *breaks, int64_t as_of)
{
    const struct tl_jv *list = tl_jv_get(work, "open");
    uint64_t left = 0;
    sheet_printf(s, "<section class=\"desk\"><h2>%s<small>%s</small></h2>", say(s, "未关闭的断点 · 按责任部门", "Open break points, by owner"), say(s, "* 为旅程数", "*: journeys"));
    if (count_of(list)) {
        sheet_printf(s, "<table><thead><tr><th>%s</th><th>%s</th><th>%s</th><th class=\"num\">%s</th><th>%s</th></tr></thead><tbody>", say(s, "部门", "owner"), say(s, "触点", "touchpoint"),
                     say(s, "持续", "age"), say(s, "波及顾客", "customers hit"), say(s, "状态", "status"));
        left = open_rows(s, list, breaks, as_of);
        sheet_put(s, "</tbody></table>");
        more(s, left);
    } else none(s, "没有未关闭的断点。", "None is open.");
    sheet_put(s, "</section>");
}

/* ---- moments of truth ---- */

static void
moment(struct sheet *s, const struct tl_jv *m, double axis)
{
    const struct tl_jv *rd = tl_jv_get(m, "adjusted_rd"), *crude = tl_jv_get(m, "crude_rd");
    bool good = tl_str_is(tl_jv_text(m, "side"), "good");
    char a[48], n[48], o[48];
    struct whisker w = { .from = -axis, .to = axis, .value = tl_jv_number(rd, "value", 0), .lo = tl_jv_number(rd, "lo", 0), .hi = tl_jv_number(rd, "hi", 0), .has_interval = sheet_has(rd, "lo"),
                         .has_hollow = sheet_has(crude, "value"), .hollow = tl_jv_number(crude, "value", 0), .has_tick = true, .tick = 0, .tone = good ? "good" : "bad" };
    sheet_put(s, "<li class=\"moment\"><h4>");
    text_of(s, "touchpoint", sheet_words(s, tl_jv_get(m, "title"), tl_jv_text(m, "touchpoint")));
    sheet_printf(s, "%s</h4>", good ? say(s, "体验好", "good experience") : say(s, "体验差", "bad experience"));
    sheet_whisker(s, &w);
    sheet_printf(s, "<p class=\"numbers\">● <b>%s</b> ", sheet_number(100 * tl_jv_number(rd, "value", 0), 1, true, a));
    sheet_range(s, rd, 100, 1, true);
    sheet_printf(s, "<br>○ %s · n = %s / %s</p></li>", sheet_number(100 * tl_jv_number(crude, "value", 0), 1, true, a),
                 sheet_number((double)tl_jv_int(m, "n_exposed", 0), 0, false, n), sheet_number((double)tl_jv_int(m, "n_other", 0), 0, false, o));
}

static void
moments(struct sheet *s, const struct tl_jv *root)
{
    const struct tl_jv *list = tl_jv_get(root, "list"), *outcome = tl_jv_get(root, "outcome");
    double axis = 0.1;
    int shown = 0;
    for (const struct tl_jv *m = list ? list->child : NULL; m; m = m->next) {
        const struct tl_jv *rd = tl_jv_get(m, "adjusted_rd");
        if (-tl_jv_number(rd, "lo", 0) > axis) axis = -tl_jv_number(rd, "lo", 0);
        if (tl_jv_number(rd, "hi", 0) > axis) axis = tl_jv_number(rd, "hi", 0);
    }
    sheet_printf(s, "<section class=\"moments\"><h2>%s<small>", say(s, "真相时刻", "Moments of truth"));
    sheet_text(s, sheet_words(s, outcome, TL_STR("")));
    sheet_printf(s, "%s</small></h2>", outcome && outcome->type == TL_JOBJECT ? say(s, ",百分点;全部历史;○ 表面 ● 同类比较", ", points; all history; ○ at first sight ● among their like") : "");
    if (!count_of(list)) none(s, "尚无有依据的真相时刻。", "None is supported yet.");
    else {
        sheet_put(s, "<ol>");
        for (const struct tl_jv *m = list->child; m && shown < REPORT_PAGE_MOMENTS; m = m->next, shown++) moment(s, m, axis);
        sheet_put(s, "</ol>");
    }
    more(s, count_of(list) - (uint64_t)shown);
    sheet_put(s, "</section>");
}

/* ---- what was and is being done ---- */

/* within - a day of the week that the sheet is about; days are text that sorts */
static bool
within(const struct tl_jv *r, struct tl_str day)
{
    return day.n && tl_str_cmp(tl_jv_text(r, "from"), day) <= 0 && tl_str_cmp(day, tl_jv_text(r, "to")) <= 0;
}

static void
improvement(struct sheet *s, const struct tl_jv *m, const struct tl_jv *r)
{
    struct tl_str owner = tl_jv_text(m, "owner"), title = tl_jv_text(m, "title"), id = tl_jv_text(m, "id"), start = tl_jv_text(m, "start");
    const struct tl_jv *verdict = tl_jv_get(m, "verdict");
    bool works = tl_str_is(tl_jv_text(verdict, "id"), "works");
    char from[48];
    sheet_put(s, "<li>");
    text_of(s, "touchpoint", title.n ? title : id);
    sheet_text(s, tl_jv_text(m, "action"));
    sheet_put(s, "<p class=\"numbers\">");
    text_of(s, works ? "verdict better" : "verdict", sheet_words(s, verdict, TL_STR("")));
    sheet_put(s, " ");
    sheet_text(s, sheet_words(s, tl_jv_get(m, "text"), TL_STR("")));
    for (const struct tl_jv *t = tl_jv_get(m, "tags") ? tl_jv_get(m, "tags")->child : NULL; t; t = t->next) {
        if (tl_str_is(tl_jv_text(t, "id"), "weeks_capped")) continue;
        sheet_put(s, " · ");
        sheet_text(s, sheet_words(s, t, TL_STR("")));
    }
    date(s, start, from);
    if (s->zh) sheet_printf(s, " · %.4s 年 %s起%s", start.n ? start.p : "", from, within(r, start) ? "(本周)" : "");
    else sheet_printf(s, " · since %s %.4s%s", from, start.n ? start.p : "", within(r, start) ? " (this week)" : "");
    if (within(r, tl_jv_text(m, "closed"))) sheet_put(s, say(s, " · 本周结束", " · closed this week"));
    if (owner.n) sheet_put(s, " · ");
    sheet_text(s, owner);
    sheet_put(s, "</p></li>");
}

static void
done(struct sheet *s, const struct tl_jv *d)
{
    sheet_put(s, "<li>");
    text_of(s, "touchpoint", tl_jv_text(d, "cell"));
    sheet_printf(s, "%s", status_word(s, tl_jv_text(d, "status")));
    sheet_put(s, "</li>");
}

static void
work(struct sheet *s, const struct tl_jv *r)
{
    const struct tl_jv *w = tl_jv_get(r, "work");
    const struct tl_jv *improvements = tl_jv_get(w, "improvements"), *dones = tl_jv_get(w, "done"), *alerts = tl_jv_get(w, "alerts");
    uint64_t all = count_of(improvements) + count_of(dones), shown = 0;
    char n[48], o[48];
    sheet_printf(s, "<section class=\"work\"><h2>%s", say(s, "改进与行动", "Improvements and actions"));
    if (alerts && alerts->type == TL_JOBJECT)
        sheet_printf(s, s->zh ? "<small>本周预警 <b>%s</b> 次,其中 <b>%s</b> 次尚未解除</small>" : "<small><b>%s</b> alerts in the week, <b>%s</b> not yet resolved</small>",
                     sheet_number((double)tl_jv_int(alerts, "raised", 0), 0, false, n), sheet_number((double)tl_jv_int(alerts, "open", 0), 0, false, o));
    sheet_put(s, "</h2>");
    if (all) sheet_put(s, "<ul>");
    for (const struct tl_jv *m = improvements ? improvements->child : NULL; m && shown < REPORT_PAGE_WORK; m = m->next, shown++) improvement(s, m, r);
    for (const struct tl_jv *d = dones ? dones->child : NULL; d && shown < REPORT_PAGE_WORK; d = d->next, shown++) done(s, d);
    if (all) sheet_put(s, "</ul>");
    else none(s, "本周没有登记的改进或完成的行动。", "No improvement is entered, and nothing was closed in this week.");
    more(s, all - shown);
    sheet_put(s, "</section>");
}

/* ---- the way on, on screen only ---- */

static void
way(struct sheet *s, const struct tl_jv *r, int32_t monday, bool zh, const char *words)
{
    struct tl_str journey = tl_jv_text(r, "journey");
    char week[16];
    sheet_printf(s, "<a href=\"/report?week=%s&amp;lang=%s&amp;journey=", week_text(monday, week), zh ? "zh" : "en");
    for (size_t i = 0; i < journey.n; i++) sheet_printf(s, "%%%02X", (unsigned char)journey.p[i]);
    sheet_printf(s, "\">%s</a>", words);
}

static void
tools(struct sheet *s, const struct tl_jv *r)
{
    int32_t monday = 0;
    sheet_put(s, REPORT_TOOLS);
    if (week_parse(tl_jv_text(r, "week"), &monday) == 0) {
        way(s, r, monday - 7, s->zh, say(s, "← 上一周", "← week before"));
        way(s, r, monday + 7, s->zh, say(s, "下一周 →", "next week →"));
        way(s, r, monday, !s->zh, say(s, "English", "中文"));
    }
    sheet_printf(s, "<a href=\"/\">%s</a>%s", say(s, "旅程地图", "journey map"), REPORT_TOOLS_END);
}

void
report_page(struct tl_buf *out, const struct tl_jv *r, bool zh, bool final)
{
    struct sheet s = { out, zh };
    const struct tl_jv *f = tl_jv_get(r, "findings"), *b = tl_jv_get(f, "breaks");
    struct tl_str week = tl_jv_text(r, "week");
    sheet_printf(&s, "<!doctype html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>%s %.*s</title>",
                 zh ? "zh-CN" : "en", say(&s, "客户体验周报", "Customer experience"), (int)week.n, week.p);
    sheet_put(&s, "<link rel=\"icon\" href=\"/icon.svg\"><link rel=\"stylesheet\" href=\"/report.css\"></head><body>");
    tools(&s, r);
    sheet_put(&s, "<main class=\"sheet\">");
    header(&s, r, final);
    figures(&s, tl_jv_get(f, "figures"));
    sheet_put(&s, "<div class=\"upper\">");
    breaks(&s, b);
    sheet_put(&s, "<div class=\"right\">");
    emotion(&s, tl_jv_get(f, "emotion"));
    moments(&s, tl_jv_get(f, "moments"));
    sheet_put(&s, "</div></div><div class=\"lower\">");
    desk(&s, tl_jv_get(r, "work"), b, tl_jv_int(r, "as_of", 0));
    work(&s, r);
    sheet_put(&s, "</div><footer class=\"end\"><p>");
    sheet_put(&s, say(&s, "括号内为 95 % 区间;n = 样本数。结论只有三种:有依据 / 影响小(±2 点以内)/ 数据不足。变化均与上周相比。",
                      "In brackets: 95 % intervals; n: how many it rests on. Three verdicts: supported, small (within ±2 points), too little data. Changes are against the week before."));
    sheet_put(&s, "</p>" REPORT_NOTE_MARK "</footer></main></body></html>\n");
}
