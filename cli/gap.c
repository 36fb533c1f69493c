/* gap.c - `touchline gap`: collectors that the aggregator refuses because batches between its log and their spool are nowhere; and the way on. */
#include "cli.h"

#include "session.h"
#include "tl_json.h"

const char cli_gap_help[] =
    "touchline gap [--data DIR]                          collectors that wait before a gap\n"
    "touchline gap accept [--collector ID] [--data DIR]  give up what is missing, and go on behind it\n"
    "\n"
    "When the log was restored from a copy that is older than what a collector still keeps (spool.keep_s), the batches between are in no place any more. The\n"
    "aggregator then takes nothing from that collector, which goes on spooling, until somebody has looked: first try to find a newer copy of the log. `accept`\n"
    "writes a control record that names the missing batches, for ever, and takes the rest. ID is the beginning of a collector's number; without it: all.\n";

static int
say_gap(const struct tl_jv *g)
{
    struct tl_str name = tl_jv_text(g, "collector");
    printf("collector %.*s: batches %lld to %lld are missing (%lld); it holds all from %lld on\n", (int)name.n, name.n ? name.p : "",
           (long long)tl_jv_int(g, "committed", 0) + 1, (long long)tl_jv_int(g, "first", 0) - 1, (long long)tl_jv_int(g, "missing", 0),
           (long long)tl_jv_int(g, "first", 0));
    return 1;
}

static int
list(struct session *s, struct tl_err *err)
{
    struct tl_arena *a = tl_arena_new(1024 * 1024);
    struct tl_buf b = {0};
    struct tl_jv *root = NULL;
    int n = 0;
    int rc = a == NULL ? tl_fail(err, TL_ENOMEM, "out of memory") : session_get(s, SESSION_AGGREGATOR, "/healthz", &b, err);
    if (rc == 0)
        rc = tl_json_tree(a, (struct tl_str){ (const char *)b.data, b.len }, 0, &root, NULL, err);
    const struct tl_jv *gaps = rc == 0 ? tl_jv_get(root, "gaps") : NULL;
    for (const struct tl_jv *g = gaps != NULL ? gaps->child : NULL; g != NULL; g = g->next)
        n += say_gap(g);
    if (rc == 0 && n == 0)
        printf("no collector waits before a gap\n");
    tl_arena_free(&a);
    tl_buf_free(&b);
    return rc;
}

static int
accept_gaps(struct session *s, const char *collector, struct tl_err *err)
{
    struct tl_buf body = {0}, answer = {0};
    struct tl_jw w = tl_jw_to(&body);
    tl_jw_open(&w, NULL);
    if (collector != NULL)
        tl_jw_cstr(&w, "collector", collector);
    tl_jw_close(&w);
    int rc = session_control(s, "gap", (struct tl_str){ (const char *)body.data, body.len }, &answer, err);
    if (rc == 0)
        printf("accepted; the record of it: %.*s\n", (int)answer.len, (const char *)answer.data);
    tl_buf_free(&body);
    tl_buf_free(&answer);
    return rc;
}

int
cli_gap(int argc, char **argv)
{
    const char *data = NULL, *collector = NULL;
    struct tl_err err = {0};
    struct session *s = NULL;
    int n;
    const struct cli_option options[] = { { "--data", CLI_TEXT, &data }, { "--collector", CLI_TEXT, &collector }, { NULL, CLI_FLAG, NULL } };
    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    bool accepts = n > 0 && strcmp(argv[1], "accept") == 0;
    if (n > 1 || (n == 1 && !accepts))
        return cli_usage("gap", "what is \"%s\"? there is `gap` and `gap accept`", argv[n]);
    const struct session_cfg cfg = { .command = "gap", .data = data, .needs = SESSION_NEED(SESSION_AGGREGATOR) };
    int rc = session_open(&s, &cfg, &err);
    if (rc == 0)
        rc = accepts ? accept_gaps(s, collector, &err) : list(s, &err);
    session_close(&s);
    return rc != 0 ? cli_fail("gap", &err) : CLI_OK;
}
