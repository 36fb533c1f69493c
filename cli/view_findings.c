/* view_findings.c - break points and moments of truth as tables: points first, and how many tests they came out of. See view.h. */
#include "view.h"

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

static void
put_points(struct cli_table *t, const struct tl_jv *o, const char *value, const char *lo, const char *hi)
{
    const struct tl_jv *v = tl_jv_get(o, value);
    if (v == NULL || v->type != TL_JNUMBER)
        cli_table_cell(t, "-");
    else
        cli_table_cell(t, "%+.1f (%+.1f .. %+.1f)", 100 * v->number, 100 * tl_jv_number(o, lo, 0), 100 * tl_jv_number(o, hi, 0));
}

static struct cli_table *
table(const char *const *names, int n, int right_from)
{
    struct cli_table *t = cli_table_new(n);
    for (int i = right_from; i < n - 1; i++)
        cli_table_right(t, i);
    for (int i = 0; i < n; i++)
        cli_table_cell(t, "%s", names[i]);
    return t;
}

/* ---- break points ---- */
static void
put_break(struct cli_table *t, const struct tl_jv *b)
{
    const struct tl_jv *allowed = tl_jv_get(b, "allowed"), *loss = tl_jv_get(b, "loss");
    struct tl_str place = tl_jv_text(b, "place"), daypart = tl_jv_text(b, "daypart");
    double de = tl_jv_number(b, "de", 1);
    double standard = allowed != NULL && allowed->type == TL_JNUMBER ? allowed->number : tl_jv_number(tl_jv_get(b, "previous"), "rate", 0);
    char n[32], k[32];
    cli_table_text(t, in_words(tl_jv_get(b, "title"), tl_jv_text(b, "touchpoint")));
    if (place.n > 0)
        cli_table_cell(t, "%.*s%s%.*s", (int)place.n, place.p, daypart.n > 0 ? " " : "", (int)daypart.n, daypart.n > 0 ? daypart.p : "");
    else
        cli_table_text(t, in_words(tl_jv_get(b, "name"), tl_jv_text(b, "type")));
    cli_table_cell(t, de > 1.2 ? "%s/%s DE %.1f" : "%s/%s", cli_count((uint64_t)tl_jv_int(b, "hits", 0), k), cli_count((uint64_t)tl_jv_int(b, "n", 0), n), de);
    cli_table_cell(t, "%.1f %% (%.1f .. %.1f)", 100 * tl_jv_number(b, "rate", 0), 100 * tl_jv_number(b, "lo", 0), 100 * tl_jv_number(b, "hi", 0));
    cli_table_cell(t, "%.1f %%", 100 * standard);
    cli_table_cell(t, ">= %.0f", tl_jv_number(b, "excess", 0));
    put_points(t, b, "damage", "damage_lo", "damage_hi");
    if (loss != NULL && loss->type == TL_JNUMBER)
        cli_table_cell(t, ">= %.0f", loss->number);
    else
        cli_table_cell(t, "-");
    cli_table_text(t, in_words(tl_jv_get(b, "verdict"), TL_STR("")));
}

static void
print_breaks(const struct tl_jv *list, const char *heading, FILE *out)
{
    const char *names[] = { say("touchpoint", "触点"), say("standard", "标准"), say("hits", "次数"), say("rate, 95 %", "比率,95 %"), say("allowed or before", "允许或上期"), say("too many", "多出"),
                            say("damage, points", "损害,百分点"), say("lost", "损失"), say("verdict", "结论") };
    if (list == NULL || list->child == NULL)
        return;
    struct cli_table *t = table(names, 9, 2);
    fprintf(out, "\n%s\n", heading);
    for (const struct tl_jv *b = list->child; b != NULL; b = b->next)
        put_break(t, b);
    cli_table_print(t, out);
    cli_table_free(&t);
}

void
view_print_breaks(const struct tl_jv *root, FILE *out)
{
    struct tl_str from = tl_jv_text(root, "from"), to = tl_jv_text(root, "to");
    char journeys[32];
    fprintf(out, say("%.*s to %.*s: %s journeys, %lld tests\n", "%.*s 至 %.*s:%s 个旅程,%lld 次检验\n"), (int)from.n, from.p, (int)to.n, to.p,
            cli_count((uint64_t)tl_jv_int(root, "journeys", 0), journeys), (long long)tl_jv_int(root, "tests", 0));
    print_breaks(tl_jv_get(root, "unhappy"), say("unhappy", "多出的不满"), out);
    print_breaks(tl_jv_get(root, "unfinished"), say("unfinished", "多出的未成交"), out);
    print_breaks(tl_jv_get(root, "rest"), say("not found to be a break point", "未见断点"), out);
}

/* ---- moments of truth ---- */
static void
put_moment(struct cli_table *t, const struct tl_jv *m)
{
    const struct tl_jv *declared = tl_jv_get(m, "declared");
    bool good = tl_str_is(tl_jv_text(m, "side"), "good");
    char n[32], o[32];
    cli_table_text(t, in_words(tl_jv_get(m, "title"), tl_jv_text(m, "touchpoint")));
    cli_table_cell(t, "%s%s", good ? say("good", "好") : say("bad", "差"), declared != NULL && declared->type == TL_JBOOL && declared->boolean ? say(", declared", ",已声明") : "");
    cli_table_cell(t, "%s", cli_count((uint64_t)tl_jv_int(m, "n_exposed", 0), n));
    cli_table_cell(t, "%s", cli_count((uint64_t)tl_jv_int(m, "n_other", 0), o));
    put_points(t, tl_jv_get(m, "crude_rd"), "value", "lo", "hi");
    put_points(t, m, "adjusted_rd", "lo", "hi");
    cli_table_cell(t, "%s", cli_count((uint64_t)(tl_jv_int(m, "excluded", 0) + tl_jv_int(m, "waiting", 0)), n));
    cli_table_text(t, in_words(tl_jv_get(m, "said"), in_words(tl_jv_get(m, "verdict"), TL_STR(""))));
}

void
view_print_moments(const struct tl_jv *root, FILE *out)
{
    static const char *const lists[] = { "moments", "rest" };
    const char *names[] = { say("touchpoint", "触点"), say("experience", "体验"), say("with", "有"), say("without", "无"), say("at first sight, points", "表面,百分点"),
                            say("among their like, points", "同类比较,百分点"), say("left out", "未计入"), say("verdict", "结论") };
    struct tl_str outcome = in_words(tl_jv_get(root, "outcome_title"), TL_STR("-"));
    struct cli_table *t = table(names, 8, 2);
    fprintf(out, say("outcome: %.*s; %lld tests\n\n", "结果:%.*s;%lld 次检验\n\n"), (int)outcome.n, outcome.p, (long long)tl_jv_int(root, "tests", 0));
    for (int i = 0; i < 2; i++) {
        const struct tl_jv *list = tl_jv_get(root, lists[i]);
        for (const struct tl_jv *m = list != NULL ? list->child : NULL; m != NULL; m = m->next)
            put_moment(t, m);
    }
    cli_table_print(t, out);
    cli_table_free(&t);
}

/* ---- where it hurts ---- */
static void
put_heat(struct cli_table *t, const struct tl_jv *root, const struct tl_jv *h)
{
    struct tl_str stage = tl_jv_text(h, "stage");
    const struct tl_jv *stages = tl_jv_get(root, "stages"), *s = stages != NULL ? stages->child : NULL;
    char n[32], k[32], c[32];
    while (s != NULL && !tl_str_eq(tl_jv_text(s, "id"), stage))
        s = s->next;
    cli_table_text(t, in_words(tl_jv_get(h, "title"), tl_jv_text(h, "touchpoint")));
    cli_table_text(t, s != NULL ? in_words(tl_jv_get(s, "title"), stage) : TL_STR("-"));
    cli_table_cell(t, "%s/%s", cli_count((uint64_t)tl_jv_int(h, "hits", 0), k), cli_count((uint64_t)tl_jv_int(h, "n", 0), n));
    cli_table_cell(t, "%.1f %% (%.1f .. %.1f)", 100 * tl_jv_number(h, "rate", 0), 100 * tl_jv_number(h, "lo", 0), 100 * tl_jv_number(h, "hi", 0));
    cli_table_cell(t, "%.1f", tl_jv_number(h, "severity", 0));
    cli_table_cell(t, "%s", cli_count((uint64_t)tl_jv_int(h, "customers", 0), c));
    cli_table_cell(t, "%.1f", tl_jv_number(h, "pain", 0));
    cli_table_cell(t, "%lld", (long long)tl_jv_int(h, "sources", 0));
}

void
view_print_heatmap(const struct tl_jv *root, FILE *out)
{
    const char *names[] = { say("touchpoint", "触点"), say("stage", "阶段"), say("journeys hit", "出现断点的旅程"), say("rate, 95 %", "比率,95 %"), say("severity", "严重度"), say("customers", "客户"),
                            say("pain", "痛点值"), say("sources", "来源数") };
    struct tl_str from = tl_jv_text(root, "from"), to = tl_jv_text(root, "to");
    const struct tl_jv *list = tl_jv_get(root, "touchpoints");
    struct cli_table *t = table(names, 8, 2);
    char journeys[32];
    cli_table_right(t, 7);
    fprintf(out, say("%.*s to %.*s: %s journeys\n\n", "%.*s 至 %.*s:%s 个旅程\n\n"), (int)from.n, from.p, (int)to.n, to.p, cli_count((uint64_t)tl_jv_int(root, "journeys", 0), journeys));
    for (const struct tl_jv *h = list != NULL ? list->child : NULL; h != NULL; h = h->next)
        put_heat(t, root, h);
    cli_table_print(t, out);
    cli_table_free(&t);
}

/* ---- what breaks go with ---- */
static void
put_arm(struct cli_table *t, const struct tl_jv *arm)
{
    char n[32], k[32];
    cli_table_cell(t, "%s/%s = %.1f %%", cli_count((uint64_t)tl_jv_int(arm, "bad", 0), k), cli_count((uint64_t)tl_jv_int(arm, "n", 0), n), 100 * tl_jv_number(arm, "rate", 0));
}

static void
put_impact(struct cli_table *t, const struct tl_jv *i)
{
    const struct tl_jv *lift = tl_jv_get(i, "lift"), *value = tl_jv_get(lift, "value");
    cli_table_text(t, in_words(tl_jv_get(i, "title"), tl_jv_text(i, "touchpoint")));
    cli_table_text(t, in_words(tl_jv_get(i, "name"), tl_jv_text(i, "type")));
    put_arm(t, tl_jv_get(i, "with"));
    put_arm(t, tl_jv_get(i, "without"));
    if (value == NULL || value->type != TL_JNUMBER)
        cli_table_cell(t, "-");
    else
        cli_table_cell(t, "%.1f x (%.1f .. %.1f)", value->number, tl_jv_number(lift, "lo", 0), tl_jv_number(lift, "hi", 0));
    put_points(t, tl_jv_get(i, "adjusted"), "value", "lo", "hi");
    cli_table_cell(t, "%.0f %%", 100 * tl_jv_number(i, "share", 0));
    cli_table_text(t, in_words(tl_jv_get(i, "verdict"), TL_STR("")));
}

void
view_print_impact(const struct tl_jv *root, FILE *out)
{
    const char *names[] = { say("touchpoint", "触点"), say("standard", "标准"), say("with the break", "有断点"), say("without", "无断点"), say("lift", "倍数"), say("among their like, points", "同类比较,百分点"),
                            say("of all bad", "占全部"), say("verdict", "结论") };
    struct tl_str outcome = in_words(tl_jv_get(root, "outcome_title"), TL_STR("-"));
    const struct tl_jv *list = tl_jv_get(root, "impacts");
    struct cli_table *t = table(names, 8, 2);
    fprintf(out, say("outcome: %.*s; %lld tests\n\n", "结果:%.*s;%lld 次检验\n\n"), (int)outcome.n, outcome.p, (long long)tl_jv_int(root, "tests", 0));
    for (const struct tl_jv *i = list != NULL ? list->child : NULL; i != NULL; i = i->next)
        put_impact(t, i);
    cli_table_print(t, out);
    cli_table_free(&t);
}

/* ---- the same in every channel? ---- */
static void
put_channel(struct cli_table *t, const struct tl_jv *s, const struct tl_jv *c, bool first)
{
    const struct tl_jv *spread = tl_jv_get(s, "spread"), *flagged = tl_jv_get(s, "flagged");
    char n[32], k[32];
    cli_table_text(t, first ? in_words(tl_jv_get(s, "title"), tl_jv_text(s, "touchpoint")) : TL_STR(""));
    cli_table_text(t, first ? in_words(tl_jv_get(s, "name"), tl_jv_text(s, "type")) : TL_STR(""));
    cli_table_text(t, tl_jv_text(c, "channel"));
    cli_table_cell(t, "%s/%s", cli_count((uint64_t)tl_jv_int(c, "kept", 0), k), cli_count((uint64_t)tl_jv_int(c, "n", 0), n));
    cli_table_cell(t, "%.1f %% (%.1f .. %.1f)", 100 * tl_jv_number(c, "rate", 0), 100 * tl_jv_number(c, "lo", 0), 100 * tl_jv_number(c, "hi", 0));
    if (!first)
        cli_table_cell(t, " ");
    else if (spread == NULL || spread->type != TL_JNUMBER)
        cli_table_cell(t, "%s", say("no difference shown", "未见差异"));
    else
        cli_table_cell(t, say("%.1f points apart%s", "相差 %.1f 个百分点%s"), 100 * spread->number, flagged != NULL && flagged->type == TL_JBOOL && flagged->boolean ? " !" : "");
}

void
view_print_consistency(const struct tl_jv *root, FILE *out)
{
    const char *names[] = { say("touchpoint", "触点"), say("standard", "标准"), say("channel", "渠道"), say("kept", "达标"), say("rate, 95 %", "比率,95 %"), say("verdict", "结论") };
    const struct tl_jv *list = tl_jv_get(root, "standards");
    struct cli_table *t = table(names, 6, 3);
    fprintf(out, say("%lld tests\n\n", "%lld 次检验\n\n"), (long long)tl_jv_int(root, "tests", 0));
    for (const struct tl_jv *s = list != NULL ? list->child : NULL; s != NULL; s = s->next) {
        const struct tl_jv *channels = tl_jv_get(s, "channels");
        for (const struct tl_jv *c = channels != NULL ? channels->child : NULL; c != NULL; c = c->next)
            put_channel(t, s, c, c == channels->child);
    }
    cli_table_print(t, out);
    cli_table_free(&t);
}
