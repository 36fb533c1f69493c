/* suggest.c - `touchline suggest`: a draft of a catalogue from the events seen. The viewer makes it (/api/suggest); here it is shown, and written out. */
#include "catalogue_out.h"
#include "session.h"
#include "tl_fetch.h"
#include "tl_run.h"
#include "view.h"

const char cli_suggest_help[] =
    "touchline suggest [--out DIR] [--journey TYPE] [--data DIR] [--json]\n"
    "\n"
    "Drafts a catalogue from the live events seen: a touchpoint for each event name with role, channel and stage (by where it usually stands), a journey type with\n"
    "the field or the silence that tells journeys apart, clocks between usual neighbours with their 90th percentile as the limit, and where journeys seem to end.\n"
    "Every value is a suggestion (建议值): titles are raw names, limits are what is usual now and not what is wanted.\n"
    "\n"
    "  --out DIR        write it as touchpoints.json, journeys.json and standards.json into DIR, which must not hold them; each entry is marked \"suggestion\": true\n"
    "  --journey TYPE   a journey type of the catalogue that holds: its key and gap are kept\n"
    "  --data DIR       the store's folder (default TOUCHLINE_DATA, else ./data)\n"
    "  --json           exactly what /api/suggest answers\n"
    "\n"
    "Then: edit, `touchline check DIR`, `touchline check --diff DIR`, `touchline activate DIR`.\n";

#define ANSWER_ARENA_BYTES (256u << 20)

static const char *
say(const char *en, const char *zh)
{
    return cli_zh() ? zh : en;
}

/* ---- tables ---- */

static struct cli_table *
table(const char *const *names, int n, int right_from, int right_to)
{
    struct cli_table *t = cli_table_new(n);
    for (int i = 0; i < n; i++) {
        if (i >= right_from && i < right_to)
            cli_table_right(t, i);
        cli_table_cell(t, "%s", names[i]);
    }
    return t;
}

static void
put_text(struct cli_table *t, struct tl_str s)
{
    cli_table_text(t, s.n > 0 ? s : TL_STR("-"));
}

static void
print_touchpoints(const struct tl_jv *list, FILE *out)
{
    const char *names[] = { say("touchpoint", "触点"), say("events", "事件数"), say("place", "位置"), say("role", "角色"), say("channel", "渠道"), say("stage A", "阶段 A"), say("stage E", "阶段 E"),
                            say("journeys end there", "旅程在此结束") };
    struct cli_table *t = table(names, 8, 1, 3);
    char n[32];
    for (const struct tl_jv *x = list->child; x != NULL; x = x->next) {
        const struct tl_jv *place = tl_jv_get(x, "place");
        cli_table_text(t, tl_jv_text(x, "name"));
        cli_table_cell(t, "%s", cli_count((uint64_t)tl_jv_int(x, "events", 0), n));
        if (place != NULL && place->type == TL_JNUMBER)
            cli_table_cell(t, "%.2f", place->number);
        else
            cli_table_cell(t, "-");
        put_text(t, tl_jv_text(x, "role"));
        put_text(t, tl_jv_text(x, "channel"));
        put_text(t, tl_jv_text(tl_jv_get(x, "stage"), "A"));
        put_text(t, tl_jv_text(tl_jv_get(x, "stage"), "E"));
        put_text(t, tl_jv_text(x, "ends"));
    }
    cli_table_print(t, out);
    cli_table_free(&t);
}

static void
print_clocks(const struct tl_jv *list, FILE *out)
{
    const char *names[] = { say("from", "从"), say("to", "到"), say("same", "共有"), say("n", "次数"), say("median", "中位数"), say("limit (90 %)", "时限(90 %)"), say("over it now", "目前超时") };
    struct cli_table *t = table(names, 7, 3, 7);
    char n[32], p50[24], limit[24];
    for (const struct tl_jv *x = list->child; x != NULL; x = x->next) {
        cli_table_text(t, tl_jv_text(x, "start"));
        cli_table_text(t, tl_jv_text(x, "end"));
        cli_table_text(t, tl_jv_text(x, "key"));
        cli_table_cell(t, "%s", cli_count((uint64_t)tl_jv_int(x, "n", 0), n));
        cli_table_cell(t, "%s", cli_duration((double)tl_jv_int(x, "p50_ms", 0), p50));
        cli_table_cell(t, "%s", cli_duration((double)tl_jv_int(x, "limit_ms", 0), limit));
        cli_table_cell(t, "%.0f %%", 100 * tl_jv_number(x, "over", 0));
    }
    cli_table_print(t, out);
    cli_table_free(&t);
}

static void
print_gap(const struct tl_jv *gap, FILE *out)
{
    char at[24], n[32];
    const char *between = say("journeys", "条旅程");
    fprintf(out, "%s: %s%s;", say("silence that ends a journey", "结束旅程的静默时长"), cli_duration((double)tl_jv_int(gap, "ms", 0), at),
            tl_jv_bool(gap, "valley", false) ? say(" (valley of the gaps)", "(间隔分布的谷)") : say(" (the default: the gaps have no valley)", "(默认值:间隔分布没有谷)"));
    for (const struct tl_jv *s = tl_jv_get(gap, "choices")->child; s != NULL; s = s->next)
        fprintf(out, " %s: %s,", cli_duration((double)tl_jv_int(s, "ms", 0), at), cli_count((uint64_t)tl_jv_int(s, "journeys", 0), n));
    for (const struct tl_jv *s = tl_jv_get(gap, "sensitivity")->child; s != NULL; s = s->next)
        fprintf(out, " %s: %s %s%s", cli_duration((double)tl_jv_int(s, "ms", 0), at), cli_count((uint64_t)tl_jv_int(s, "journeys", 0), n), between, s->next != NULL ? "," : "\n");
}

static void
print(const struct tl_jv *root, FILE *out)
{
    struct tl_str key = tl_jv_text(root, "key"), mark = tl_jv_text(tl_jv_get(root, "mark"), cli_zh() ? "zh" : "en");
    char events[32], customers[32], journeys[32], left[32];
    const struct tl_jv *clocks = tl_jv_get(root, "clocks");
    fprintf(out, say("%s events of %s customers; journeys told apart by %.*s: %s. Every value below is a %.*s.\n", "%s 个事件,%s 位客户;旅程区分依据 %.*s:%s 条。以下均为%.*s。\n"),
            cli_count((uint64_t)tl_jv_int(root, "events", 0), events), cli_count((uint64_t)tl_jv_int(root, "customers", 0), customers), (int)key.n, key.p,
            cli_count((uint64_t)tl_jv_int(root, "journeys", 0), journeys), (int)mark.n, mark.p);
    if (tl_jv_bool(root, "cut", false))
        fprintf(out, "%s\n", say("only the first 5,000,000 events were read", "只读取了前 5,000,000 个事件"));
    if (tl_jv_int(root, "names_left_out", 0) > 0)
        fprintf(out, say("%s rarer event names are left out\n", "省略了 %s 个较少见的事件名\n"), cli_count((uint64_t)tl_jv_int(root, "names_left_out", 0), left));
    print_gap(tl_jv_get(root, "gap"), out);
    fputc('\n', out);
    print_touchpoints(tl_jv_get(root, "touchpoints"), out);
    if (clocks != NULL && clocks->child != NULL) {
        fputc('\n', out);
        print_clocks(clocks, out);
    }
}

/* ---- asking ---- */

static int
show(const struct tl_buf *body, bool json, const char *dir, struct tl_err *err)
{
    struct tl_arena *a = tl_arena_new(ANSWER_ARENA_BYTES);
    struct tl_jv *root = NULL;
    int rc = a == NULL ? tl_fail(err, TL_ENOMEM, "out of memory") : tl_json_tree(a, (struct tl_str){ (const char *)body->data, body->len }, VIEW_DEPTH, &root, NULL, err);
    if (rc == 0 && dir != NULL)
        rc = catalogue_out(root, dir, err);
    if (rc == 0 && json)
        printf("%.*s\n", (int)body->len, (const char *)body->data);
    else if (rc == 0)
        print(root, stdout);
    if (rc == 0 && dir != NULL && !json)
        printf(say("\nwritten to %s; next: touchline check %s\n", "\n已写入 %s;下一步:touchline check %s\n"), dir, dir);
    tl_arena_free(&a);
    return rc;
}

int
cli_suggest(int argc, char **argv)
{
    const char *data = NULL, *dir = NULL, *journey = NULL;
    bool json = false;
    struct tl_err err = {0};
    struct session *s = NULL;
    struct tl_buf path = {0}, body = {0};
    int n;
    const struct cli_option options[] = { { "--data", CLI_TEXT, &data }, { "--out", CLI_TEXT, &dir }, { "--journey", CLI_TEXT, &journey }, { "--json", CLI_FLAG, &json }, { NULL, CLI_FLAG, NULL } };
    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    if (n > 0)
        return cli_usage("suggest", "what is \"%s\"? a folder to write to is named with --out", argv[1]);
    const struct session_cfg cfg = { .command = "suggest", .data = data, .needs = SESSION_NEED(SESSION_VIEWER) | SESSION_NEED(SESSION_AGGREGATOR) };
    tl_buf_put_str(&path, "/api/suggest");
    if (journey != NULL) {
        tl_buf_put_str(&path, "?journey=");
        tl_fetch_escape(&path, tl_str_of(journey));
    }
    tl_buf_put_u8(&path, 0);
    int rc = path.failed ? tl_fail(&err, TL_ENOMEM, "out of memory") : session_open(&s, &cfg, &err);
    if (rc == 0 && session_is_own(s))
        rc = session_settle(s, &err);
    if (rc == 0)
        rc = session_get(s, SESSION_VIEWER, (const char *)path.data, &body, &err);
    if (rc == 0)
        rc = show(&body, json, dir, &err);
    session_close(&s);
    tl_buf_free(&path);
    tl_buf_free(&body);
    return rc == 0 ? CLI_OK : cli_fail("suggest", &err);
}
