/* report_drawn.c - the sheet's drawings, as SVG whose looks come from report.css by class: the content policy allows no style of its own.
 *
 * The curve gives each rated touchpoint one unit of width and each run of gaps within a stage a narrow hatched strip that says how many there are: no line is ever
 * drawn across what nobody knows. */
#include "report_page.h"

#include <stdio.h>

#define CURVE_W 1000.0
#define CURVE_H 336.0
#define TOP 62.0                /* of the plot: stage names above */
#define BOTTOM 262.0            /* names below */
#define LEFT 46.0
#define RIGHT 16.0
#define STRIP 0.4               /* width of a run of gaps, in units */
#define STRIP_STAGE 0.95        /* when it is all of its stage, whose name stands above it */
#define ITEMS_MAX 120

struct item {                   /* a point, or a run of gaps of one stage */
    const struct tl_jv *point;  /* NULL: gaps */
    struct tl_str stage;
    int gaps, index;
    double x, width;
};

static double
y_of(double mean)
{
    return TOP + (2 - mean) / 4 * (BOTTOM - TOP);
}

static int
items_of(struct sheet *s, const struct tl_jv *curve, struct item *item)
{
    int n = 0, index = 0;
    for (const struct tl_jv *p = curve ? curve->child : NULL; p && n < ITEMS_MAX; p = p->next, index++) {
        struct tl_str stage = sheet_words(s, tl_jv_get(p, "stage"), TL_STR(""));
        bool gap = tl_jv_bool(p, "gap", true);
        if (gap && tl_jv_bool(p, "backstage", false)) continue;         /* no customer is there to feel anything */
        if (gap && n && !item[n - 1].point && tl_str_eq(item[n - 1].stage, stage)) item[n - 1].gaps++;
        else item[n++] = (struct item){ gap ? NULL : p, stage, gap, index, 0, gap ? STRIP : 1 };
    }
    double units = 0, x = LEFT;
    for (int i = 0; i < n; i++) {
        bool before = i > 0 && tl_str_eq(item[i - 1].stage, item[i].stage), after = i + 1 < n && tl_str_eq(item[i + 1].stage, item[i].stage);
        if (!item[i].point && !before && !after) item[i].width = STRIP_STAGE;
    }
    for (int i = 0; i < n; i++) units += item[i].width;
    for (int i = 0; i < n; i++) {
        item[i].width *= (CURVE_W - LEFT - RIGHT) / units;
        item[i].x = x;
        x += item[i].width;
    }
    return n;
}

static void
stages(struct sheet *s, const struct item *item, int n)
{
    for (int i = 0, k; i < n; i = k) {
        double from = item[i].x, to = from;
        for (k = i; k < n && tl_str_eq(item[k].stage, item[i].stage); k++) to = item[k].x + item[k].width;
        if (i) sheet_printf(s, "<line class=\"edge\" x1=\"%.1f\" x2=\"%.1f\" y1=\"34\" y2=\"%.1f\"/>", from, from, BOTTOM);
        sheet_printf(s, "<text class=\"stage\" x=\"%.1f\" y=\"26\" text-anchor=\"middle\">", (from + to) / 2);
        sheet_text(s, item[i].stage);
        sheet_put(s, "</text>");
    }
}

static void
axis(struct sheet *s)
{
    static const char *const word[] = { "−2", "−1", "0", "+1", "+2" };
    for (int v = -2; v <= 2; v++) {
        sheet_printf(s, "<line class=\"%s\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", v ? "rule" : "zero", LEFT, CURVE_W - RIGHT, y_of(v), y_of(v));
        sheet_printf(s, "<text class=\"tick\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>", LEFT - 9, y_of(v) + 6, word[v + 2]);
    }
}

static void
gaps(struct sheet *s, const struct item *item)
{
    sheet_printf(s, "<rect class=\"gap\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"url(#hatch)\"/>", item->x + 3, TOP, item->width - 6, BOTTOM - TOP);
    sheet_printf(s, "<text class=\"tick\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%d</text>", item->x + item->width / 2, BOTTOM + 22, item->gaps);
}

/* ---- names below: estimated, since nothing here can measure text; too wide, they stand in two rows, and what is still too wide is cut ---- */

static double
wide(unsigned char first_byte)
{
    return first_byte >= 0xE0 ? 18 : 9.6;           /* CJK, else Latin, at the size of report.css */
}

static double
width_of(struct tl_str name)
{
    double w = 0;
    for (size_t i = 0; i < name.n; i++)
        if (((unsigned char)name.p[i] & 0xC0) != 0x80) w += wide((unsigned char)name.p[i]);
    return w;
}

static void
name_within(struct sheet *s, struct tl_str name, double room)
{
    double w = 0;
    size_t n = 0;
    if (width_of(name) <= room) {
        sheet_text(s, name);
        return;
    }
    for (size_t i = 0; i < name.n; i++) {
        if (((unsigned char)name.p[i] & 0xC0) == 0x80) continue;
        w += wide((unsigned char)name.p[i]);
        if (w > room - 18) break;
        n = i;
    }
    sheet_text(s, (struct tl_str){ name.p, n });
    sheet_put(s, "…");
}

static struct tl_str
name_of(struct sheet *s, const struct tl_jv *point)
{
    return sheet_words(s, tl_jv_get(point, "title"), tl_jv_text(point, "touchpoint"));
}

static bool
two_rows(struct sheet *s, const struct item *item, int n)
{
    for (int i = 0; i < n; i++)
        if (item[i].point && width_of(name_of(s, item[i].point)) > item[i].width - 8) return true;
    return false;
}

/* ---- points ---- */

static void
point(struct sheet *s, const struct item *i, const struct tl_jv *emotion, int row, bool rows)
{
    char mean[48], n[48];
    double x = i->x + i->width / 2, m = tl_jv_number(i->point, "mean", 0);
    bool low = tl_jv_int(emotion, "lowest", -1) == i->index, peak = tl_jv_int(emotion, "peak", -1) == i->index, end = tl_jv_int(emotion, "end", -1) == i->index;
    sheet_printf(s, "<line class=\"band\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", x, x, y_of(tl_jv_number(i->point, "lo", m)), y_of(tl_jv_number(i->point, "hi", m)));
    sheet_printf(s, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"9\"/>", low ? "dot low" : peak ? "dot peak" : "dot", x, y_of(m));
    sheet_printf(s, "<text class=\"mean\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s%s</text>", x, low ? y_of(tl_jv_number(i->point, "lo", m)) + 28 : y_of(tl_jv_number(i->point, "hi", m)) - 14,
                 low ? sheet_say(s, "最低 ", "lowest ") : peak ? sheet_say(s, "最高 ", "peak ") : end ? sheet_say(s, "终点 ", "end ") : "", sheet_number(m, 2, true, mean));
    sheet_printf(s, "<text class=\"name\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">", x, BOTTOM + (rows ? 28 + 21 * row : 32));
    name_within(s, name_of(s, i->point), rows ? 1.9 * i->width : i->width);
    sheet_printf(s, "</text><text class=\"tick\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">n = %s</text>", x, BOTTOM + (rows ? 71 : 60), sheet_number((double)tl_jv_int(i->point, "n", 0), 0, false, n));
}

void
sheet_curve(struct sheet *s, const struct tl_jv *emotion)
{
    struct item item[ITEMS_MAX];
    int n = items_of(s, tl_jv_get(emotion, "curve"), item);
    sheet_printf(s, "<svg class=\"curve\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">", CURVE_W, CURVE_H, sheet_say(s, "情感曲线", "emotion curve"));
    sheet_put(s, "<defs><pattern id=\"hatch\" width=\"9\" height=\"9\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><line class=\"hatch\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"9\"/></pattern></defs>");
    axis(s);
    stages(s, item, n);
    for (int i = 0; i < n; i++) {
        if (!item[i].point) gaps(s, &item[i]);
        if (i && item[i].point && item[i - 1].point)
            sheet_printf(s, "<line class=\"way\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", item[i - 1].x + item[i - 1].width / 2, y_of(tl_jv_number(item[i - 1].point, "mean", 0)),
                         item[i].x + item[i].width / 2, y_of(tl_jv_number(item[i].point, "mean", 0)));
    }
    bool rows = two_rows(s, item, n);
    for (int i = 0, k = 0; i < n; i++)
        if (item[i].point) point(s, &item[i], emotion, k++ % 2, rows);
    sheet_put(s, "</svg>");
}

/* ---- a dot on its interval ---- */

static double
across(const struct whisker *w, double v)
{
    double at = w->to > w->from ? (v - w->from) / (w->to - w->from) : 0;
    return 4 + 192 * (at < 0 ? 0 : at > 1 ? 1 : at);
}

void
sheet_whisker(struct sheet *s, const struct whisker *w)
{
    sheet_put(s, "<svg class=\"whisker\" viewBox=\"0 0 200 22\" aria-hidden=\"true\"><line class=\"rule\" x1=\"4\" x2=\"196\" y1=\"11\" y2=\"11\"/>");
    if (w->has_tick) sheet_printf(s, "<line class=\"mark\" x1=\"%.1f\" x2=\"%.1f\" y1=\"2\" y2=\"20\"/>", across(w, w->tick), across(w, w->tick));
    if (w->has_interval) sheet_printf(s, "<line class=\"band %s\" x1=\"%.1f\" x2=\"%.1f\" y1=\"11\" y2=\"11\"/>", w->tone, across(w, w->lo), across(w, w->hi));
    if (w->has_hollow) sheet_printf(s, "<circle class=\"hollow\" cx=\"%.1f\" cy=\"11\" r=\"4.5\"/>", across(w, w->hollow));
    sheet_printf(s, "<circle class=\"dot %s\" cx=\"%.1f\" cy=\"11\" r=\"5\"/></svg>", w->tone, across(w, w->value));
}
