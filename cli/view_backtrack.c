/* view_backtrack.c - from bad outcomes back to the breaks before them, as tables. See view.h. */
#include "view.h"
#include "tl_time.h"

static const char *
say(const char *en, const char *zh)
{
    return cli_zh() ? zh : en;
}

static struct tl_str
in_words(const struct tl_jv *title, struct tl_str fallback)
{
    struct tl_str zh = tl_jv_text(title, "zh"), en = tl_jv_text(title, "en");
    struct tl_str first = cli_zh() ? zh : en, second = cli_zh() ? en : zh;
    return first.n > 0 ? first : second.n > 0 ? second : fallback;
}

static struct cli_table *
table(const char *const *names, int n)
{
    struct cli_table *t = cli_table_new(n);
    for (int i = 0; i < n; i++)
        cli_table_cell(t, "%s", names[i]);
    return t;
}

static void
put_share(struct cli_table *t, const struct tl_jv *o)
{
    const struct tl_jv *v = tl_jv_get(o, "share");
    if (v == NULL || v->type != TL_JNUMBER)
        cli_table_cell(t, "-");
    else
        cli_table_cell(t, "%.1f %% (%.1f .. %.1f)", 100 * v->number, 100 * tl_jv_number(o, "lo", 0), 100 * tl_jv_number(o, "hi", 0));
}

/* ---- many ---- */

static void
print_many(const struct tl_jv *root, FILE *out)
{
    const char *names[] = { say("first break", "首个断点"), say("touchpoint", "触点"), say("journeys", "旅程数"), say("of all, 95 %", "占比,95 %"), say("running total", "累计"), say("worst in", "最重(旅程数)"), say("break point", "断点编号") };
    const struct tl_jv *list = tl_jv_get(root, "breaks"), *none = tl_jv_get(root, "none");
    struct tl_str outcome = in_words(tl_jv_get(root, "outcome_title"), tl_jv_text(root, "outcome")), from = tl_jv_text(root, "from"), to = tl_jv_text(root, "to");
    double bad = tl_jv_number(root, "bad", 0), sum = 0;
    if (!cli_csv())
        fprintf(out, say("%.*s to %.*s: %.0f of %.0f journeys met: %.*s\n", "%.*s 至 %.*s:%.0f / %.0f 个旅程结果不好:%.*s\n"), (int)from.n, from.p, (int)to.n, to.p, bad, tl_jv_number(root, "journeys", 0), (int)outcome.n, outcome.p);
    struct cli_table *t = table(names, 7);
    for (const struct tl_jv *b = list != NULL ? list->child : NULL; b != NULL; b = b->next) {
        sum += tl_jv_number(b, "first", 0);
        cli_table_text(t, in_words(tl_jv_get(b, "name"), tl_jv_text(b, "type")));
        cli_table_text(t, in_words(tl_jv_get(b, "title"), tl_jv_text(b, "touchpoint")));
        cli_table_cell(t, "%lld", (long long)tl_jv_int(b, "first", 0));
        put_share(t, b);
        cli_table_cell(t, "%.1f %%", bad > 0 ? 100 * sum / bad : 0);
        cli_table_cell(t, "%lld", (long long)tl_jv_int(b, "worst", 0));
        cli_table_text(t, tl_jv_text(b, "cell").n > 0 ? tl_jv_text(b, "cell") : TL_STR("-"));
    }
    cli_table_cell(t, "%s", say("(no break before it)", "(之前没有断点)"));
    cli_table_cell(t, "-");
    cli_table_cell(t, "%lld", (long long)tl_jv_int(none, "n", 0));
    put_share(t, none);
    cli_table_cell(t, "%s", bad > 0 ? "100.0 %" : "-");
    cli_table_cell(t, "-");
    cli_table_cell(t, "-");
    cli_table_print(t, out);
    cli_table_free(&t);
}

/* ---- one customer ---- */

static void
put_break(struct cli_table *t, const struct tl_jv *breaks, const char *flag)
{
    for (const struct tl_jv *b = breaks != NULL ? breaks->child : NULL; b != NULL; b = b->next) {
        if (!tl_jv_bool(b, flag, false))
            continue;
        const struct tl_jv *evidence = tl_jv_get(b, "evidence");
        struct tl_str name = in_words(tl_jv_get(b, "name"), tl_jv_text(b, "type")), at = in_words(tl_jv_get(b, "title"), tl_jv_text(b, "touchpoint"));
        struct tl_str proof = evidence != NULL && evidence->child != NULL ? tl_jv_text(evidence->child, "id") : (struct tl_str){ NULL, 0 };
        cli_table_cell(t, "%.*s @ %.*s%s%.*s%s", (int)name.n, name.p, (int)at.n, at.p, proof.n > 0 ? " [" : "", (int)proof.n, proof.n > 0 ? proof.p : "", proof.n > 0 ? "]" : "");
        return;
    }
    cli_table_cell(t, "-");
}

static void
print_walks(const struct tl_jv *list, FILE *out)
{
    const char *names[] = { say("journey", "旅程"), say("started", "开始"), say("outcome", "结果"), say("at", "时间"), say("breaks before", "之前断点数"), say("first", "首个"), say("worst", "最重") };
    char when[32];
    struct cli_table *t = table(names, 7);
    for (const struct tl_jv *w = list->child; w != NULL; w = w->next) {
        cli_table_text(t, tl_jv_text(w, "type"));
        cli_table_cell(t, "%.16sZ", tl_time_format(tl_jv_int(w, "start", 0), when));
        cli_table_text(t, in_words(tl_jv_get(w, "outcome_title"), tl_jv_text(w, "outcome")));
        cli_table_cell(t, "%.16sZ", tl_time_format(tl_jv_int(w, "at", 0), when));
        cli_table_cell(t, "%lld", (long long)tl_jv_int(w, "before", 0));
        put_break(t, tl_jv_get(w, "breaks"), "first");
        put_break(t, tl_jv_get(w, "breaks"), "worst");
    }
    cli_table_print(t, out);
    cli_table_free(&t);
}

void
view_print_backtrack(const struct tl_jv *root, FILE *out)
{
    const struct tl_jv *walks = tl_jv_get(root, "walks");
    if (walks == NULL)
        print_many(root, out);
    else if (walks->children_n == 0)
        fprintf(out, "%s\n", say("none of this customer's journeys had a bad outcome", "该顾客没有结果不好的旅程"));
    else
        print_walks(walks, out);
}
