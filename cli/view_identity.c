/* view_identity.c - how a customer's identities came together and apart, as tables. See view.h. */
#include "view.h"

#include "tl_time.h"

static const char *
say(const char *en, const char *zh)
{
    return cli_zh() ? zh : en;
}

static void
put_end(struct cli_table *t, const struct tl_jv *end)
{
    struct tl_str kind = tl_jv_text(end, "kind"), hash = tl_jv_text(end, "hash");
    cli_table_cell(t, "%.*s %.*s", kind.n ? (int)kind.n : 1, kind.n ? kind.p : "?", (int)(hash.n < 12 ? hash.n : 12), hash.n ? hash.p : "");
}

static void
put_time(struct cli_table *t, const struct tl_jv *v, const char *member)
{
    char when[40];
    const struct tl_jv *ms = tl_jv_get(v, member);
    cli_table_cell(t, "%.19s", ms != NULL && ms->is_int ? tl_time_format(ms->integer, when) : "-");
}

static void
put_text(struct cli_table *t, const struct tl_jv *v, const char *member)
{
    struct tl_str text = tl_jv_text(v, member);
    cli_table_text(t, text.n > 0 ? text : TL_STR("-"));
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
print_links(const struct tl_jv *root, FILE *out)
{
    const char *names[] = { say("linked", "关联"), say("with", "与"), say("since", "始于"), say("told", "次数"), say("by", "依据"), say("channel", "渠道"), say("origin", "来源"), say("position", "位置") };
    const struct tl_jv *list = tl_jv_get(root, "links");
    struct cli_table *t = table(names, 8);
    cli_table_right(t, 3);
    cli_table_right(t, 7);
    for (const struct tl_jv *l = list != NULL ? list->child : NULL; l != NULL; l = l->next) {
        put_end(t, tl_jv_get(l, "a"));
        put_end(t, tl_jv_get(l, "b"));
        put_time(t, l, "at");
        cli_table_cell(t, "%lld", (long long)tl_jv_int(l, "told", 0));
        if (tl_jv_bool(l, "manual", false))
            cli_table_text(t, tl_str_of(say("by hand", "人工")));
        else
            put_text(t, l, "type");
        put_text(t, l, "channel");
        put_text(t, l, "origin");
        cli_table_cell(t, "%lld", (long long)tl_jv_int(l, "position", 0));
    }
    if (list != NULL && list->children_n > 0)
        cli_table_print(t, out);
    else
        fprintf(out, "%s\n", say("one identity, no link", "只有一个身份,没有关联"));
    cli_table_free(&t);
    if (tl_jv_int(root, "links_cut", 0) > 0)
        fprintf(out, say("%lld more links\n", "另有 %lld 条关联\n"), (long long)tl_jv_int(root, "links_cut", 0));
}

static void
print_said(const struct tl_jv *root, FILE *out)
{
    const char *names[] = { say("when", "时间"), say("what", "操作"), say("identity", "身份"), say("and", "与"), say("who", "操作人"), say("why", "原因"), say("holds", "生效"), say("position", "位置") };
    const struct tl_jv *list = tl_jv_get(root, "history");
    if (list == NULL || list->children_n == 0)
        return;
    struct cli_table *t = table(names, 8);
    cli_table_right(t, 7);
    for (const struct tl_jv *h = list->child; h != NULL; h = h->next) {
        put_time(t, h, "at");
        cli_table_text(t, tl_str_of(tl_str_is(tl_jv_text(h, "what"), "link") ? say("link", "关联") : say("unlink", "拆分")));
        put_end(t, tl_jv_get(h, "a"));
        put_end(t, tl_jv_get(h, "b"));
        put_text(t, h, "actor");
        put_text(t, h, "reason");
        cli_table_text(t, tl_str_of(tl_jv_bool(h, "holds", false) ? say("yes", "是") : say("no", "否")));
        cli_table_cell(t, "%lld", (long long)tl_jv_int(h, "position", 0));
    }
    fputs("\n", out);
    cli_table_print(t, out);
    cli_table_free(&t);
    if (tl_jv_int(root, "history_cut", 0) > 0)
        fprintf(out, say("%lld earlier records\n", "更早的记录 %lld 条\n"), (long long)tl_jv_int(root, "history_cut", 0));
}

void
view_print_history(const struct tl_jv *root, FILE *out)
{
    print_links(root, out);
    print_said(root, out);
}
