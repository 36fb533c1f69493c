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
