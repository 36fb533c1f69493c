/* view_blueprint.c - a blueprint, planned and actual, and touchpoint coverage, as tables. */
#include "view.h"

static const char *
say(const char *en, const char *zh)
{
    return cli_zh() ? zh : en;
}

static struct tl_str
title_of(const struct tl_jv *o)
{
    struct tl_str t = tl_jv_text(tl_jv_get(o, "title"), say("en", "zh"));
    return t.n > 0 ? t : tl_jv_text(o, "touchpoint");
}

static void
put_count(struct cli_table *t, const struct tl_jv *o, const char *name)
{
    const struct tl_jv *v = tl_jv_get(o, name);
    char text[32];
    if (v != NULL && v->type == TL_JNUMBER)
        cli_table_cell(t, "%s", cli_count((uint64_t)v->integer, text));
    else
        cli_table_cell(t, "-");
}

static void
put_share(struct cli_table *t, const struct tl_jv *o, const char *name, const char *lo, const char *hi)
{
    const struct tl_jv *v = tl_jv_get(o, name);
    if (v != NULL && v->type == TL_JNUMBER)
        cli_table_cell(t, "%.1f %% (%.1f-%.1f)", 100 * v->number, 100 * tl_jv_number(o, lo, 0), 100 * tl_jv_number(o, hi, 0));
    else
        cli_table_cell(t, "-");
}

static void
put_wait(struct cli_table *t, const struct tl_jv *o, const char *name)
{
    const struct tl_jv *v = tl_jv_get(tl_jv_get(o, name), "ms");
    char text[24];
    cli_table_cell(t, "%s", v != NULL && v->type == TL_JNUMBER ? cli_duration(v->number, text) : "-");
}

static struct cli_table *
table(const char *const *names, int n, int right_from)
{
    struct cli_table *t = cli_table_new(n);
    for (int i = right_from; i < n; i++)
        cli_table_right(t, i);
    for (int i = 0; i < n; i++)
        cli_table_cell(t, "%s", names[i]);
    return t;
}

static void
print_seen(const struct tl_jv *list, const char *none, const char *some, FILE *out)
{
    if (list == NULL || list->children_n == 0) {
        fprintf(out, "%s\n", none);
        return;
    }
    const char *names[] = { some, say("steps", "步数"), say("journeys", "旅程") };
    struct cli_table *t = table(names, 3, 1);
    for (const struct tl_jv *s = list->child; s != NULL; s = s->next) {
        cli_table_text(t, tl_jv_text(s, "touchpoint"));
        put_count(t, s, "steps");
        put_count(t, s, "journeys");
    }
    cli_table_print(t, out);
    cli_table_free(&t);
}

/* ---- a blueprint ---- */

static void
put_step(struct cli_table *t, const struct tl_jv *s)
{
    bool back = tl_str_is(tl_jv_text(s, "lane"), "back"), required = tl_str_is(tl_jv_text(s, "need"), "required");
    struct tl_str owner = tl_jv_text(s, "owner");
    cli_table_text(t, title_of(s));
    cli_table_cell(t, "%s", back ? say("back", "后台") : say("front", "前台"));
    cli_table_cell(t, "%s", required ? say("required", "必经") : say("optional", "可选"));
    cli_table_text(t, owner.n > 0 ? owner : TL_STR("-"));
    put_count(t, s, "reached");
    put_share(t, s, "share", "lo", "hi");
    if (required)
        put_count(t, s, "missing");
    else
        cli_table_cell(t, "-");
    put_count(t, s, "early");
    put_count(t, s, "waits");
    put_wait(t, s, "p50");
    put_wait(t, s, "p90");
    put_share(t, s, "over_share", "over_lo", "over_hi");
}

void
view_print_blueprint(const struct tl_jv *root, FILE *out)
{
    const char *names[] = { say("step", "步骤"), say("lane", "前后台"), say("need", "要求"), say("owner", "负责部门"), say("journeys", "旅程"), say("share, 95 %", "占比,95 %"),
                            say("missing", "缺失"), say("early", "提前"), say("waits", "等待数"), say("median wait", "等待中位数"), say("p90", "p90"), say("over limit, 95 %", "超时,95 %") };
    const struct tl_jv *steps = tl_jv_get(root, "steps");
    struct tl_str title = title_of(root);
    char ended[32], open[32];
    if (tl_jv_text(root, "blueprint").p == NULL) {
        fprintf(out, "%s\n", say("the catalogue has no blueprint", "触点目录中没有服务蓝图"));
        return;
    }
    fprintf(out, say("%.*s\n%s journeys have ended, %s are open\n\n", "%.*s\n已结束旅程 %s,进行中 %s\n\n"), (int)title.n, title.p,
            cli_count((uint64_t)tl_jv_int(root, "ended", 0), ended), cli_count((uint64_t)tl_jv_int(root, "open", 0), open));
    struct cli_table *t = table(names, 12, 4);
    for (const struct tl_jv *s = steps != NULL ? steps->child : NULL; s != NULL; s = s->next)
        put_step(t, s);
    cli_table_print(t, out);
    cli_table_free(&t);
    fputc('\n', out);
    print_seen(tl_jv_get(root, "unplanned"), say("no step that is not planned", "没有计划外的步骤"), say("not planned", "计划外"), out);
}

/* ---- coverage ---- */

static void
print_missing(const struct tl_jv *missing, FILE *out)
{
    const char *names[] = { say("key touchpoint", "关键触点"), say("journey type", "旅程类型"), say("good journeys", "达成旅程"), say("without it", "缺失"), say("share, 95 %", "占比,95 %") };
    if (missing == NULL || missing->children_n == 0)
        return;
    struct cli_table *t = table(names, 5, 2);
    for (const struct tl_jv *m = missing->child; m != NULL; m = m->next) {
        cli_table_text(t, title_of(m));
        cli_table_text(t, tl_jv_text(m, "journey"));
        put_count(t, m, "n");
        put_count(t, m, "missing");
        put_share(t, m, "share", "lo", "hi");
    }
    fputc('\n', out);
    cli_table_print(t, out);
    cli_table_free(&t);
}

void
view_print_coverage(const struct tl_jv *root, FILE *out)
{
    const char *names[] = { say("touchpoint", "触点"), say("key", "关键"), say("steps", "步数"), say("journeys", "旅程") };
    const struct tl_jv *items = tl_jv_get(root, "items");
    struct cli_table *t = table(names, 4, 2);
    fprintf(out, say("%lld of %lld touchpoints of the catalogue were seen\n\n", "触点目录已覆盖 %lld / %lld\n\n"), (long long)tl_jv_int(root, "covered", 0),
            (long long)tl_jv_int(root, "touchpoints", 0));
    for (const struct tl_jv *i = items != NULL ? items->child : NULL; i != NULL; i = i->next) {
        cli_table_text(t, title_of(i));
        cli_table_cell(t, "%s", tl_jv_bool(i, "key", false) ? "●" : "");
        put_count(t, i, "steps");
        put_count(t, i, "journeys");
    }
    cli_table_print(t, out);
    cli_table_free(&t);
    print_missing(tl_jv_get(root, "missing"), out);
    if (tl_jv_int(root, "steps", 0) == 0)
        return;
    fputc('\n', out);
    print_seen(tl_jv_get(root, "unassigned"), say("every touchpoint seen is in the catalogue", "所有出现的触点都已归类"), say("unassigned", "未归类"), out);
}
