/* view_tables.c - see view.h. Every number is the viewer's; nothing is counted here. */
#include "view.h"

#include "tl_time.h"

#define FLOWS_SHOWN 30
#define WAY_BYTES 400

/* ---- small pieces ---- */
static const char *
say(const char *en, const char *zh)
{
    return cli_zh() ? zh : en;
}

static struct tl_str
title_of(const struct tl_jv *thing)
{
    const struct tl_jv *title = tl_jv_get(thing, "title");
    struct tl_str zh = tl_jv_text(title, "zh"), en = tl_jv_text(title, "en"), id = tl_jv_text(thing, "touchpoint");
    struct tl_str first = cli_zh() ? zh : en, second = cli_zh() ? en : zh;
    return first.n > 0 ? first : second.n > 0 ? second : id;
}

/* the title of a touchpoint's id, by the map's own nodes */
static struct tl_str
title_in(const struct tl_jv *nodes, struct tl_str id)
{
    for (const struct tl_jv *n = nodes != NULL ? nodes->child : NULL; n != NULL; n = n->next)
        if (tl_str_eq(tl_jv_text(n, "touchpoint"), id))
            return title_of(n);
    return id;
}

static void
put_count(struct cli_table *t, const struct tl_jv *object, const char *name)
{
    char text[32];
    cli_table_cell(t, "%s", cli_count((uint64_t)tl_jv_int(object, name, 0), text));
}

static void
put_duration(struct cli_table *t, const struct tl_jv *object, const char *name)
{
    char text[24];
    const struct tl_jv *v = tl_jv_get(object, name);
    if (v == NULL || v->type != TL_JNUMBER)
        cli_table_cell(t, "-");
    else
        cli_table_cell(t, "%s", cli_duration(v->number, text));
}

static void
put_time(struct cli_table *t, const struct tl_jv *object, const char *name)
{
    char text[32];
    const struct tl_jv *v = tl_jv_get(object, name);
    if (v != NULL && v->type == TL_JNUMBER && v->is_int)
        cli_table_cell(t, "%.19sZ", tl_time_format(v->integer, text));
    else
        cli_table_text(t, tl_jv_text(object, name));
}

static void
put_text(struct cli_table *t, const struct tl_jv *object, const char *name)
{
    struct tl_str s = tl_jv_text(object, name);
    cli_table_text(t, s.n > 0 ? s : TL_STR("-"));
}

static void
heading(struct cli_table *t, const char *const *names, int n)
{
    for (int i = 0; i < n; i++)
        cli_table_cell(t, "%s", names[i]);
}

static void
right_from(struct cli_table *t, int first, int n)
{
    for (int i = first; i < n; i++)
        cli_table_right(t, i);
}

/* ---- map ---- */
static void
print_nodes(const struct tl_jv *nodes, FILE *out)
{
    const char *names[] = { say("touchpoint", "触点"), say("stage", "阶段"), say("steps", "步数"), say("journeys", "旅程"), say("starts", "起点"),
                            say("good", "达成"), say("bad", "失败"), say("lapsed", "中断"), say("open", "进行中") };
    struct cli_table *t = cli_table_new(9);
    right_from(t, 2, 9);
    heading(t, names, 9);
    for (const struct tl_jv *n = nodes != NULL ? nodes->child : NULL; n != NULL; n = n->next) {
        const struct tl_jv *ends = tl_jv_get(n, "ends");
        cli_table_text(t, title_of(n));
        if (tl_jv_bool(n, "unassigned", false))
            cli_table_cell(t, "%s", say("unassigned", "未归类"));
        else
            put_text(t, n, "stage");
        put_count(t, n, "steps");
        put_count(t, n, "journeys");
        put_count(t, n, "starts");
        put_count(t, ends, "good");
        put_count(t, ends, "bad");
        put_count(t, ends, "lapsed");
        put_count(t, ends, "open");
    }
    cli_table_print(t, out);
    cli_table_free(&t);
}

static void
print_edges(const struct tl_jv *nodes, const struct tl_jv *edges, FILE *out)
{
    const char *names[] = { say("from", "从"), say("to", "到"), say("times", "次数"), say("journeys", "旅程"), say("mean wait", "平均等待"),
                            say("median", "中位数"), say("p90", "p90"), say("p95", "p95") };
    struct cli_table *t = cli_table_new(8);
    uint32_t shown = 0;
    right_from(t, 2, 8);
    heading(t, names, 8);
    for (const struct tl_jv *e = edges != NULL ? edges->child : NULL; e != NULL && shown < FLOWS_SHOWN; e = e->next, shown++) {
        const struct tl_jv *wait = tl_jv_get(e, "wait_ms");
        cli_table_text(t, title_in(nodes, tl_jv_text(e, "from")));
        cli_table_text(t, title_in(nodes, tl_jv_text(e, "to")));
        put_count(t, e, "steps");
        put_count(t, e, "journeys");
        put_duration(t, wait, "mean");
        put_duration(t, wait, "p50");
        put_duration(t, wait, "p90");
        put_duration(t, wait, "p95");
    }
    cli_table_print(t, out);
    cli_table_free(&t);
    if (edges != NULL && edges->children_n > shown)
        fprintf(out, say("(%u of %u flows; --json gives all)\n", "(%u / %u 条流向;--json 给出全部)\n"), shown, edges->children_n);
}

void
view_print_map(const struct tl_jv *root, FILE *out)
{
    const struct tl_jv *nodes = tl_jv_get(root, "nodes"), *edges = tl_jv_get(root, "edges"), *other = tl_jv_get(root, "other");
    char journeys[32], steps[32], customers[32];
    struct tl_str type = tl_jv_text(root, "journey"), zone = tl_jv_text(root, "timezone");
    fprintf(out, say("%.*s: %s journeys, %s steps, %s customers (days in %.*s)\n\n", "%.*s:%s 个旅程,%s 步,%s 位客户(日期按 %.*s)\n\n"), (int)type.n, type.p,
            cli_count((uint64_t)tl_jv_int(root, "journeys", 0), journeys), cli_count((uint64_t)tl_jv_int(root, "steps", 0), steps),
            cli_count((uint64_t)tl_jv_int(root, "customers", 0), customers), (int)zone.n, zone.p);
    print_nodes(nodes, out);
    fputc('\n', out);
    print_edges(nodes, edges, out);
    int64_t hidden_n = tl_jv_int(other, "nodes", 0), hidden_edges = tl_jv_int(other, "edges", 0);
    if (hidden_n > 0 || hidden_edges > 0)
        fprintf(out, say("other: %lld touchpoints, %lld flows, %lld steps\n", "其他:%lld 个触点,%lld 条流向,%lld 步\n"), (long long)hidden_n,
                (long long)hidden_edges, (long long)tl_jv_int(other, "steps", 0));
    const struct tl_jv *unassigned = tl_jv_get(root, "unassigned");
    if (tl_jv_int(unassigned, "nodes", 0) > 0)
        fprintf(out, say("unassigned: %lld touchpoints, %lld steps are not in the catalogue (`touchline coverage` lists them)\n",
                         "未归类:%lld 个触点,%lld 步不在触点目录中(touchline coverage 列出)\n"), (long long)tl_jv_int(unassigned, "nodes", 0), (long long)tl_jv_int(unassigned, "steps", 0));
}

/* ---- variants, funnel ---- */
static void
put_way(struct cli_table *t, const struct tl_jv *steps)
{
    char way[WAY_BYTES];
    size_t n = 0;
    way[0] = '\0';
    for (const struct tl_jv *s = steps != NULL ? steps->child : NULL; s != NULL && n + 8 < sizeof way; s = s->next) {
        struct tl_str name = s->type == TL_JTEXT ? s->text : title_of(s);
        int room = (int)(sizeof way - n - 8), len = (int)name.n < room ? (int)name.n : room;
        n += (size_t)snprintf(way + n, sizeof way - n, "%s%.*s", n > 0 ? " > " : "", len, name.p);
    }
    cli_table_cell(t, "%s", way);
}

void
view_print_variants(const struct tl_jv *root, FILE *out)
{
    const char *names[] = { say("journeys", "旅程"), say("share", "占比"), say("way", "路径") };
    struct cli_table *t = cli_table_new(3);
    const struct tl_jv *list = tl_jv_get(root, "top");
    char journeys[32], variants[32];
    fprintf(out, say("%s journeys take %s ways\n", "%s 个旅程,%s 种路径\n"), cli_count((uint64_t)tl_jv_int(root, "journeys", 0), journeys),
            cli_count((uint64_t)tl_jv_int(root, "variants", 0), variants));
    right_from(t, 0, 2);
    heading(t, names, 3);
    for (const struct tl_jv *v = list != NULL ? list->child : NULL; v != NULL; v = v->next) {
        put_count(t, v, "journeys");
        cli_table_cell(t, "%.2f %%", 100 * tl_jv_number(v, "share", 0));
        put_way(t, tl_jv_get(v, "touchpoints"));
    }
    cli_table_print(t, out);
    cli_table_free(&t);
}

void
view_print_funnel(const struct tl_jv *root, FILE *out)
{
    const char *names[] = { say("step", "步骤"), say("journeys", "旅程"), say("of the step before", "较上一步"), say("95 % interval", "95 % 区间"), say("took, median", "用时中位数"), "90 %" };
    struct cli_table *t = cli_table_new(6);
    const struct tl_jv *list = tl_jv_get(root, "steps");
    right_from(t, 1, 6);
    heading(t, names, 6);
    for (const struct tl_jv *s = list != NULL ? list->child : NULL; s != NULL; s = s->next) {
        double share = tl_jv_number(s, "conversion", -1);
        cli_table_text(t, title_of(s));
        put_count(t, s, "journeys");
        if (share < 0) {
            for (int i = 0; i < 4; i++)
                cli_table_cell(t, "-");
            continue;
        }
        cli_table_cell(t, "%.1f %%", 100 * share);
        cli_table_cell(t, "%.1f .. %.1f %%", 100 * tl_jv_number(s, "lo", 0), 100 * tl_jv_number(s, "hi", 0));
        put_duration(t, tl_jv_get(s, "wait_ms"), "p50");
        put_duration(t, tl_jv_get(s, "wait_ms"), "p90");
    }
    cli_table_print(t, out);
    cli_table_free(&t);
}

void
view_print_rework(const struct tl_jv *root, FILE *out)
{
    const char *names[] = { say("touchpoint", "触点"), say("journeys", "旅程"), say("came back", "再次"), say("share", "比例"), say("95 % interval", "95 % 区间"), say("same channel", "同渠道"), say("another", "换渠道") };
    struct cli_table *t = cli_table_new(7);
    const struct tl_jv *list = tl_jv_get(root, "touchpoints");
    right_from(t, 1, 7);
    heading(t, names, 7);
    for (const struct tl_jv *s = list != NULL ? list->child : NULL; s != NULL; s = s->next) {
        cli_table_text(t, title_of(s));
        put_count(t, s, "n");
        put_count(t, s, "hits");
        cli_table_cell(t, "%.1f %%", 100 * tl_jv_number(s, "rate", 0));
        cli_table_cell(t, "%.1f .. %.1f %%", 100 * tl_jv_number(s, "lo", 0), 100 * tl_jv_number(s, "hi", 0));
        put_count(t, s, "repeat");
        put_count(t, s, "redo");
    }
    cli_table_print(t, out);
    cli_table_free(&t);
}

/* ---- lists ---- */
static void
print_next(const struct tl_jv *root, const char *option, FILE *out)
{
    const struct tl_jv *next = tl_jv_get(root, "next");
    if (next == NULL || next->type == TL_JNULL)
        return;
    if (next->type == TL_JTEXT && next->text.n > 0)
        fprintf(out, say("more: %s %.*s\n", "后续:%s %.*s\n"), option, (int)next->text.n, next->text.p);
    else if (next->type == TL_JNUMBER && next->integer != 0)
        fprintf(out, say("more: %s %lld\n", "后续:%s %lld\n"), option, (long long)next->integer);
}

/* what a journey does not keep is said */
static void
print_cut(uint64_t steps, FILE *out)
{
    char count[32];
    if (steps > 0)
        fprintf(out, say("%s steps beyond the 10,000 that a journey keeps are left out\n", "每个旅程最多保留 10,000 步,超出的 %s 步未列入\n"), cli_count(steps, count));
}

void
view_print_journeys(const struct tl_jv *root, FILE *out)
{
    const char *names[] = { say("customer", "客户"), say("start", "开始"), say("last", "最后"), say("outcome", "结果"), say("steps", "步数"), say("wait", "等待") };
    struct cli_table *t = cli_table_new(6);
    const struct tl_jv *list = tl_jv_get(root, "journeys");
    char count[32];
    uint64_t cut = 0;
    right_from(t, 4, 6);
    heading(t, names, 6);
    for (const struct tl_jv *j = list != NULL ? list->child : NULL; j != NULL; j = j->next) {
        put_text(t, j, "customer");
        put_time(t, j, "start");
        put_time(t, j, "last");
        put_text(t, j, "outcome");
        put_count(t, j, "steps");
        put_duration(t, j, "wait_ms");
        cut += (uint64_t)tl_jv_int(j, "cut", 0);
    }
    fprintf(out, say("%s journeys\n", "%s 个旅程\n"), cli_count((uint64_t)tl_jv_int(root, "count", 0), count));
    cli_table_print(t, out);
    cli_table_free(&t);
    print_cut(cut, out);
    print_next(root, "--cursor", out);
}

void
view_print_customers(const struct tl_jv *root, FILE *out)
{
    const char *names[] = { say("customer", "客户"), say("events", "事件"), say("identities", "身份"), say("journeys", "旅程"), say("first", "最早"), say("last", "最近") };
    struct cli_table *t = cli_table_new(6);
    const struct tl_jv *list = tl_jv_get(root, "customers");
    right_from(t, 1, 4);
    heading(t, names, 6);
    for (const struct tl_jv *c = list != NULL ? list->child : NULL; c != NULL; c = c->next) {
        put_text(t, c, "customer");
        put_count(t, c, "events");
        put_count(t, c, "identities");
        put_count(t, c, "journeys");
        put_time(t, c, "first");
        put_time(t, c, "last");
    }
    cli_table_print(t, out);
    cli_table_free(&t);
    print_next(root, "--after", out);
}

static void
print_identities(const struct tl_jv *root, FILE *out)
{
    const struct tl_jv *list = tl_jv_get(root, "identities");
    for (const struct tl_jv *i = list != NULL ? list->child : NULL; i != NULL; i = i->next) {
        struct tl_str kind = tl_jv_text(i, "kind"), hash = tl_jv_text(i, "hash");
        fprintf(out, "  %.*s %.*s\n", (int)kind.n, kind.p, (int)hash.n, hash.p);
    }
}

void
view_print_customer(const struct tl_jv *root, FILE *out)
{
    const char *names[] = { say("time", "时间"), say("touchpoint", "触点"), say("event", "事件"), say("channel", "渠道"), say("origin", "来源"), say("position", "位置") };
    struct tl_str hash = tl_jv_text(root, "customer");
    const struct tl_jv *list = tl_jv_get(root, "events"), *journeys = tl_jv_get(root, "journeys");
    struct cli_table *t = cli_table_new(6);
    const struct tl_jv *refused = tl_jv_get(root, "refused");
    uint64_t cut = 0;
    for (const struct tl_jv *j = journeys != NULL ? journeys->child : NULL; j != NULL; j = j->next)
        cut += (uint64_t)tl_jv_int(j, "cut", 0);
    fprintf(out, say("customer %.*s, %u journeys\n", "客户 %.*s,%u 个旅程\n"), (int)hash.n, hash.p, journeys != NULL ? journeys->children_n : 0);
    print_cut(cut, out);
    if (refused != NULL && refused->boolean)
        fputs(say("some events were not taken: see `touchline quarantine`\n", "有事件未被接收,见 `touchline quarantine`\n"), out);
    print_identities(root, out);
    cli_table_right(t, 5);
    heading(t, names, 6);
    for (const struct tl_jv *e = list != NULL ? list->child : NULL; e != NULL; e = e->next) {
        put_time(t, e, "time");
        cli_table_text(t, title_of(e));
        put_text(t, e, "type");
        put_text(t, e, "channel");
        put_text(t, e, "origin");
        put_count(t, e, "position");
    }
    cli_table_print(t, out);
    cli_table_free(&t);
    print_next(root, "--cursor", out);
}

void
view_print_quarantine(const struct tl_jv *root, FILE *out)
{
    const char *names[] = { say("number", "编号"), say("received", "接收时间"), say("origin", "来源"), say("reason", "原因"), say("field", "字段"), say("bytes", "字节"),
                            say("begins", "开头") };
    struct cli_table *t = cli_table_new(7);
    const struct tl_jv *list = tl_jv_get(root, "items");
    char count[32];
    cli_table_right(t, 0);
    cli_table_right(t, 5);
    heading(t, names, 7);
    for (const struct tl_jv *q = list != NULL ? list->child : NULL; q != NULL; q = q->next) {
        struct tl_str head = tl_jv_text(q, "head");
        cli_table_cell(t, "%lld", (long long)tl_jv_int(q, "number", 0));
        put_time(t, q, "received_at");
        put_text(t, q, "origin");
        put_text(t, q, "reason");
        put_text(t, q, "field");
        put_count(t, q, "bytes");
        cli_table_text(t, (struct tl_str){ head.p, head.n < 60 ? head.n : 60 });
    }
    fprintf(out, say("%s quarantined\n", "共隔离 %s 条\n"), cli_count((uint64_t)tl_jv_int(root, "count", 0), count));
    cli_table_print(t, out);
    cli_table_free(&t);
    print_next(root, "--cursor", out);
}
