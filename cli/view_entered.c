/* view_entered.c - what people entered, as tables: improvements with their effect, the work on break points, mystery visits. See view.h. */
#include "view.h"

#include <stdlib.h>
#include "tl_port.h"
#include "tl_time.h"

static const char *
say(const char *en, const char *zh)
{
    return cli_zh() ? zh : en;
}

static struct tl_str
in_words(const struct tl_jv *title, struct tl_str fallback)
{
    struct tl_str first = tl_jv_text(title, cli_zh() ? "zh" : "en");
    return first.n > 0 ? first : fallback;
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
put_list(struct cli_table *t, const struct tl_jv *list)
{
    struct tl_buf b = {0};
    for (const struct tl_jv *p = list != NULL ? list->child : NULL; p != NULL; p = p->next)
        tl_buf_printf(&b, "%s%.*s", b.len > 0 ? ", " : "", (int)p->text.n, p->text.p);
    cli_table_text(t, b.len > 0 ? (struct tl_str){ (const char *)b.data, b.len } : TL_STR("-"));
    tl_buf_free(&b);
}

/* ---- improvements ---- */

static void
put_improvement(struct cli_table *t, const struct tl_jv *m)
{
    struct tl_str title = tl_jv_text(m, "title"), trouble = tl_jv_text(m, "trouble");
    const struct tl_jv *tags = tl_jv_get(m, "tags"), *rest = tl_jv_get(m, "comparison");
    cli_table_text(t, tl_jv_text(m, "id"));
    cli_table_text(t, title.n > 0 ? title : tl_jv_text(m, "action"));
    cli_table_text(t, tl_jv_text(m, "cell"));
    cli_table_text(t, tl_jv_text(m, "start"));
    cli_table_cell(t, "%lld", (long long)tl_jv_int(m, "weeks", 0));
    put_list(t, tl_jv_get(m, "places"));
    if (rest != NULL && rest->children_n > 0)
        put_list(t, rest);
    else
        cli_table_text(t, tags != NULL && tags->child != NULL ? in_words(tags->child, TL_STR("-")) : TL_STR("-"));
    cli_table_text(t, in_words(tl_jv_get(m, "text"), TL_STR("-")));
    cli_table_text(t, trouble.n > 0 ? trouble : in_words(tl_jv_get(m, "verdict"), TL_STR("-")));
}

void
view_print_improvements(const struct tl_jv *root, FILE *out)
{
    const char *names[] = { say("id", "编号"), say("what", "措施"), say("about", "针对"), say("from", "开始"), say("weeks", "周数"), say("where", "实施门店"), say("compared with", "对照"),
                            say("effect", "效果"), say("verdict", "结论") };
    const struct tl_jv *list = tl_jv_get(root, "improvements");
    struct cli_table *t = table(names, 9);
    for (const struct tl_jv *m = list != NULL ? list->child : NULL; m != NULL; m = m->next)
        put_improvement(t, m);
    if (list != NULL && list->children_n > 0)
        cli_table_print(t, out);
    else
        fprintf(out, "%s\n", say("no improvement is entered; `touchline improve add` enters one", "还没有登记的改进;用 `touchline improve add` 登记"));
    cli_table_free(&t);
}

/* ---- the work on break points ---- */

static int
by_owner(const void *x, const void *y)
{
    const struct tl_jv *const *a = x, *const *b = y;
    int d = tl_str_cmp(tl_jv_text(*a, "owner"), tl_jv_text(*b, "owner"));
    return d != 0 ? d : tl_str_cmp(tl_jv_text(*a, "cell"), tl_jv_text(*b, "cell"));
}

static void
put_work(struct cli_table *t, const struct tl_jv *b, int64_t now_ms)
{
    const struct tl_jv *work = tl_jv_get(b, "work"), *tags = tl_jv_get(work, "tags");
    struct tl_str owner = tl_jv_text(b, "owner");
    int64_t since_ms = tl_jv_int(b, "since", INT64_MIN);
    cli_table_text(t, owner.n > 0 ? owner : TL_STR("-"));
    cli_table_text(t, tl_jv_text(b, "cell"));
    cli_table_text(t, tl_jv_text(b, "status"));
    if (since_ms == INT64_MIN)
        cli_table_cell(t, "-");
    else
        cli_table_cell(t, "%lld", (long long)((now_ms - since_ms) / TL_DAY_MS));
    cli_table_cell(t, "%lld/%lld", (long long)tl_jv_int(b, "hits", 0), (long long)tl_jv_int(b, "n", 0));
    if (tl_jv_int(work, "customers", -1) >= 0)
        cli_table_cell(t, "%lld", (long long)tl_jv_int(work, "customers", 0));
    else
        cli_table_cell(t, "-");
    cli_table_cell(t, "%.1f %%", 100 * tl_jv_number(b, "rate", 0));
    cli_table_text(t, tags != NULL && tags->child != NULL ? in_words(tags->child, TL_STR("")) : in_words(tl_jv_get(work, "verdict"), TL_STR("-")));
}

void
view_print_work(const struct tl_jv *root, FILE *out)
{
    static const char *const lists[] = { "unhappy", "unfinished", "rest" };
    const char *names[] = { say("owner", "负责部门"), say("break point", "断点"), say("status", "状态"), say("days", "天数"), say("hits", "次数"), say("customers", "顾客"), say("rate", "比率"), say("since it was fixed", "修复以来") };
    const struct tl_jv *row[4000];
    size_t n = 0;
    for (size_t i = 0; i < 3; i++) {
        const struct tl_jv *list = tl_jv_get(root, lists[i]);
        for (const struct tl_jv *b = list != NULL ? list->child : NULL; b != NULL && n < sizeof row / sizeof row[0]; b = b->next) {
            const struct tl_jv *work = tl_jv_get(b, "work");
            if (i < 2 || (work != NULL && work->type == TL_JOBJECT))
                row[n++] = b;
        }
    }
    if (n > 0)
        qsort(row, n, sizeof *row, by_owner);
    struct cli_table *t = table(names, 8);
    for (size_t i = 0; i < n; i++)
        put_work(t, row[i], tl_clock_real()->wall_ms(tl_clock_real()));
    cli_table_print(t, out);
    cli_table_free(&t);
}

