/* view.c - the commands that show what the viewer answers: as a table, or with --json exactly its bytes. */
#include "view.h"

#include <stdlib.h>
#include <unistd.h>
#include "reach.h"
#include "session.h"
#include "tl_fetch.h"

#define ANSWER_ARENA_BYTES (2048ull * 1024 * 1024)

#define FIND_HELP \
    "  --data DIR | --url URL   the store's folder (default TOUCHLINE_DATA, else ./data), or a running viewer, like http://127.0.0.1:8090\n" \
    "  --json                   exactly what the viewer answers\n"
#define FOLD_HELP \
    "  --journey TYPE           a journey type of the catalogue; default all\n" \
    "  --from DAY --to DAY      days on which journeys start, like 2026-03-01, both counted\n" \
    "  --filter KEY=VALUE       may be given several times: tier=gold, place=S03, any.channel=chat (any. is: at any step)\n" \
    "  --lifecycle all|complete which events of a touchpoint are steps; default: complete where it has both start and complete\n" \
    "  --as-of TIME             judge open and lapsed at this time, like 2026-03-01T12:00:00Z\n" \
    "  --stream NAME            live (default), pilot, test, replay, mystery, all\n" \
    "  --break CELL [--hit no]  journeys behind a cell of break points, like order:handover_wait/handover/S07/lunch (`breaks --json` names them);\n" \
    "                           with --hit no the others that the cell counts\n" \
    "  --variant ID             journeys that went exactly this way (`variants --json` names them)\n" FIND_HELP

#define FINDINGS_HELP \
    "  --journey TYPE           a journey type of the catalogue; default all\n" \
    "  --filter KEY=VALUE       may be given several times: tier=gold, place=S03, any.channel=chat (any. is: at any step)\n" \
    "  --as-of TIME             judge at this time, like 2026-03-01T12:00:00Z\n" \
    "  --stream NAME            live (default), pilot, test, replay, mystery, all\n"

const char cli_map_help[] = "touchline map [--journey TYPE] [--from DAY] [--to DAY] [--nodes N] [--edges N] ...\n\nThe journey map: touchpoints with their steps and journeys, the flows between them with their waits.\n\n"
    "  --model ID               stage model: which stages are shown\n"
    "  --nodes N --edges N      the N largest; the rest is counted as other; default all (the table shows 30 flows)\n" FOLD_HELP;
const char cli_variants_help[] = "touchline variants [--limit N] ...\n\nThe ways that journeys take through the touchpoints, the commonest first.\n\n  --limit N                how many; default 20\n" FOLD_HELP;
const char cli_rework_help[] = "touchline rework ...\n\nTouchpoints that journeys came back to: out of those with a step there, how many have another (Wilson, 95 %).\nA repeat is over the same channel as the first, a redo over another.\n\n" FOLD_HELP;
const char cli_funnel_help[] = "touchline funnel STEP STEP... ...\n\nHow many journeys reach each of the steps in this order, with the share's 95 % interval (Wilson).\n\n" FOLD_HELP;
const char cli_journeys_help[] = "touchline journeys [--node T | --edge T --edge U] [--end good|bad|lapsed|open] [--limit N] [--cursor C] ...\n\nJourneys one by one: those behind a number of the map.\n\n"
    "  --node T                 with a step at touchpoint T;  --start: that begin there;  --end E: that end so\n"
    "  --edge T --edge U        with a flow from T to U\n"
    "  --limit N --cursor C     how many; go on where the last answer ended\n" FOLD_HELP;
const char cli_customers_help[] = "touchline customers [--id KIND:VALUE] [--limit N] [--after A]\n\nCustomers and what is known of them; with --id the one who has the identity, like member:M-1042.\n\n" FIND_HELP;

const char cli_breaks_help[] = "touchline breaks [--by place|daypart] [--from DAY --to DAY] ...\n\nBreak points: standards of the catalogue that were not kept, and where journeys stopped, more often than allowed or than\n"
    "in the weeks before. Default period: the last four whole weeks.\n\n"
    "  --by place|daypart       one cell for each place, or for each place and daypart of the catalogue\n" FINDINGS_HELP "  --from DAY --to DAY      days on which journeys start, like 2026-03-01, both counted\n" FIND_HELP;
const char cli_moments_help[] = "touchline moments [--landmark DAYS] [--reach FILE|journeys] ...\n\nMoments of truth: experiences after which customers fared otherwise than customers like them.\n\n"
    "  --landmark DAYS          judge an experience by what was known so many days after it began, and only where the outcome was open then\n"
    "  --reach FILE|journeys    instead: removal effects as JSON, of a table of paths (path, total_conversions, total_null) or of the store's journeys; reach,\n"
    "                           not cause\n" FINDINGS_HELP FIND_HELP;

const char cli_heatmap_help[] = "touchline heatmap [--from DAY --to DAY] ...\n\nWhere it hurts: touchpoints by how often something breaks there, how badly, and for how many customers.\n\n"
    "  --model ID               stage model: which stages are shown\n" FINDINGS_HELP "  --from DAY --to DAY      days on which journeys start, like 2026-03-01, both counted\n" FIND_HELP;
const char cli_consistency_help[] = "touchline consistency [--from DAY --to DAY] ...\n\nIs the same touchpoint as good in every channel? Shares kept of each standard, channel against channel.\n\n"
    FINDINGS_HELP "  --from DAY --to DAY      days on which journeys start, like 2026-03-01, both counted\n" FIND_HELP;
const char cli_impact_help[] = "touchline impact [--outcome ID] ...\n\nWhat breaks go with: the rate of a bad outcome with and without each break, the most bad outcomes first.\n\n"
    "  --outcome ID             an outcome of the catalogue; default: what the journey type holds breaks against\n" FINDINGS_HELP FIND_HELP;
const char cli_emotion_help[] = "touchline emotion [--from DAY --to DAY] ...\n\nThe emotion curve: what customers felt at each touchpoint, -2 to +2, in the order of the journey; gaps where fewer\n"
    "than 10 said it. Default period: the last four whole weeks.\n\n  --model ID               stage model: the order of stages\n" FINDINGS_HELP
    "  --from DAY --to DAY      days on which journeys start, like 2026-03-01, both counted\n" FIND_HELP;

const char cli_confirmed_help[] = "touchline confirmed [--by place|daypart] [--from DAY --to DAY] [--csv] ...\n\nBreak points that customers and mystery visits both found, or only one of them, or that no visit had the chance to see.\n"
    "Customers and visits are counted apart. Default period: the last four whole weeks.\n\n"
    "  --by place|daypart       one cell for each place, or for each place and daypart of the catalogue\n"
    "  --csv                    the table as a file for a spreadsheet\n"
    "  --journey TYPE           a journey type of the catalogue; default all\n"
    "  --filter KEY=VALUE       may be given several times: tier=gold, place=S03\n"
    "  --as-of TIME             judge at this time, like 2026-03-01T12:00:00Z\n"
    "  --from DAY --to DAY      days on which journeys start, like 2026-03-01, both counted\n" FIND_HELP;

const char cli_backtrack_help[] = "touchline backtrack [CUSTOMER] [--outcome ID] [--from DAY --to DAY] [--csv] ...\n\nFrom bad outcomes back: which break came first before each, and how often each was the first. With a customer (a hash, or\n"
    "KIND:VALUE) the first and the worst break before each bad outcome of theirs, with what proves it.\n\n"
    "  --outcome ID             an outcome of the catalogue, or bad or lapsed: how journeys ended; default: what the journey type holds breaks against\n"
    "  --csv                    the table as a file for a spreadsheet\n" FINDINGS_HELP "  --from DAY --to DAY      days on which journeys start, like 2026-03-01, both counted\n" FIND_HELP;

const char cli_improvements_help[] = "touchline improvements [--journey TYPE] ...\n\nWhat was done about break points and outcomes, and whether it worked: whole weeks before against as many after, where it was\n"
    "done and in the comparison. `improve add` enters one.\n\n" FINDINGS_HELP FIND_HELP;

const char cli_metrics_help[] = "touchline metrics [--by touchpoint|tier|channel|place|week|segment] [--from DAY --to DAY] ...\n\nWhat customers say and whether standards were kept: NPS, satisfaction, effort, times, first\n"
    "contact; each with n, its 95 % interval and the change against the weeks before. Default period: the last four whole weeks.\n\n"
    "  --by WHAT                tell apart; default touchpoint\n" FOLD_HELP;

const char cli_coverage_help[] = "touchline coverage [--journey TYPE] [--from DAY --to DAY] ...\n\nTouchpoint coverage: which touchpoints of the catalogue were seen, which key ones are missing from journeys\n"
    "that should contain them, and what was seen and is not in the catalogue (unassigned).\n\n" FINDINGS_HELP "  --from DAY --to DAY      days on which journeys start, like 2026-03-01, both counted\n" FIND_HELP;
const char cli_blueprint_help[] = "touchline blueprint [--id BLUEPRINT] [--from DAY --to DAY] ...\n\nA blueprint of the catalogue, planned and actual: how many journeys came to each step, when after the step before,\n"
    "against the longest wait that is planned. Default: the first blueprint of the journey type.\n\n  --id BLUEPRINT           which one\n" FINDINGS_HELP
    "  --from DAY --to DAY      days on which journeys start, like 2026-03-01, both counted\n" FIND_HELP;

struct ask {
    const char *data, *url, *raw, *reach;
    bool json, start, csv;
    struct cli_many filter, edge;
    const char *text[24];            /* by texts[] */
};

/* options that go into the address as they are */
static const struct { const char *option, *parameter; } texts[] = {
    { "--journey", "journey" }, { "--from", "from" }, { "--to", "to" }, { "--lifecycle", "lifecycle" }, { "--model", "model" }, { "--as-of", "as_of" },
    { "--stream", "stream" }, { "--limit", "limit" }, { "--cursor", "cursor" }, { "--nodes", "nodes" }, { "--edges", "edges" }, { "--node", "node" },
    { "--end", "end" }, { "--id", "id" }, { "--after", "after" }, { "--by", "by" }, { "--break", "break" }, { "--hit", "hit" }, { "--variant", "variant" }, { "--landmark", "landmark_d" }, { "--outcome", "outcome" },
};
#define TEXTS_N (sizeof texts / sizeof texts[0])

static const struct view {
    const char *command, *path;
    void (*print)(const struct tl_jv *root, FILE *out);
} views[] = {
    { "map", "/api/map", view_print_map },
    { "variants", "/api/variants", view_print_variants },
    { "funnel", "/api/funnel", view_print_funnel },
    { "rework", "/api/rework", view_print_rework },
    { "journeys", "/api/journeys", view_print_journeys },
    { "customers", "/api/customers", view_print_customers },
    { "customer", "/api/customers/", view_print_customer },
    { "customer_history", "/api/customers/", view_print_history },
    { "quarantine", "/api/quarantine", view_print_quarantine },
    { "breaks", "/api/breaks", view_print_breaks },
    { "moments", "/api/moments", view_print_moments },
    { "heatmap", "/api/heatmap", view_print_heatmap },
    { "impact", "/api/impact", view_print_impact },
    { "consistency", "/api/consistency", view_print_consistency },
    { "improvements", "/api/improvements", view_print_improvements },
    { "break", "/api/breaks", view_print_work },
    { "visits", "/api/visits", view_print_visits },
    { "confirmed", "/api/confirmed", view_print_confirmed },
    { "backtrack", "/api/backtrack", view_print_backtrack },
    { "emotion", "/api/emotion", view_print_emotion },
    { "metrics", "/api/metrics", view_print_metrics },
    { "coverage", "/api/coverage", view_print_coverage },
    { "blueprint", "/api/blueprint", view_print_blueprint },
};

static bool
is_customer(const struct view *v)
{
    return strcmp(v->path, "/api/customers/") == 0;
}

/* one_table - its answer is one table: --csv */
static bool
one_table(const struct view *v)
{
    return strcmp(v->path, "/api/visits") == 0 || strcmp(v->path, "/api/confirmed") == 0 || strcmp(v->path, "/api/backtrack") == 0;
}

/* ---- the address ---- */
static void
put_parameter(struct tl_buf *path, bool *any, const char *name, const char *value)
{
    tl_buf_put_u8(path, *any ? '&' : '?');
    *any = true;
    tl_buf_put_str(path, name);
    tl_buf_put_u8(path, '=');
    tl_fetch_escape(path, tl_str_of(value));
}

static void
put_parameters(struct tl_buf *path, const struct ask *a)
{
    bool any = memchr(path->data, '?', path->len) != NULL;
    for (size_t i = 0; i < TEXTS_N; i++)
        if (a->text[i] != NULL)
            put_parameter(path, &any, texts[i].parameter, a->text[i]);
    for (int i = 0; i < a->filter.n; i++)
        put_parameter(path, &any, "filter", a->filter.v[i]);
    for (int i = 0; i < a->edge.n; i++)
        put_parameter(path, &any, "edge", a->edge.v[i]);
    if (a->start)
        put_parameter(path, &any, "start", "1");
    if (a->raw != NULL)
        put_parameter(path, &any, "raw", a->raw);
}

/* ---- asking ---- */
/* body_of - KIND:VALUE as the body of a lookup */
static int
body_of(const char *identity, struct tl_buf *body, struct tl_err *err)
{
    const char *colon = strchr(identity, ':');
    struct tl_jw w = tl_jw_to(body);
    tl_jw_open(&w, NULL);
    tl_jw_str(&w, "kind", (struct tl_str){ identity, (size_t)(colon - identity) });
    tl_jw_cstr(&w, "value", colon + 1);
    tl_jw_close(&w);
    return body->failed ? tl_fail(err, TL_ENOMEM, "out of memory") : 0;
}

/* KIND:VALUE -> the customer's hash. In a body: an address is kept in too many places for an identity. */
static int
find_customer(struct session *s, const char *identity, struct tl_buf *hash, struct tl_err *err)
{
    struct tl_buf body = {0}, answer = {0};
    struct tl_arena *a = tl_arena_new(16 * 1024 * 1024);
    struct tl_jv *root = NULL;
    int rc = a == NULL ? tl_fail(err, TL_ENOMEM, "out of memory") : body_of(identity, &body, err);
    if (rc == 0)
        rc = session_post(s, SESSION_VIEWER, "/api/customers/find", (struct tl_str){ (const char *)body.data, body.len }, &answer, err);
    if (rc == 0)
        rc = tl_json_tree(a, (struct tl_str){ (const char *)answer.data, answer.len }, VIEW_DEPTH, &root, NULL, err);
    const struct tl_jv *list = rc == 0 ? tl_jv_get(root, "customers") : NULL;
    struct tl_str found = list != NULL && list->child != NULL ? tl_jv_text(list->child, "customer") : (struct tl_str){0};
    if (rc == 0 && found.n == 0)
        rc = tl_fail(err, TL_ENOTFOUND, "no customer has the identity %.100s", identity);
    if (rc == 0)
        tl_buf_put(hash, found.p, found.n);
    tl_arena_free(&a);
    tl_buf_free(&body);
    tl_buf_free(&answer);
    return rc;
}

static int
make_path(struct session *s, const struct view *v, const struct ask *a, char **arg, int n, struct tl_buf *path, struct tl_err *err)
{
    int rc = 0;
    tl_buf_put_str(path, v->path);
    bool walk = strcmp(v->path, "/api/backtrack") == 0 && n == 1;
    if (walk)
        tl_buf_put_str(path, "?customer=");
    if (is_customer(v) || walk) {
        if (strchr(arg[0], ':') != NULL)
            rc = find_customer(s, arg[0], path, err);
        else
            tl_fetch_escape(path, tl_str_of(arg[0]));
    }
    put_parameters(path, a);
    bool any = memchr(path->data, '?', path->len) != NULL;
    for (int i = 0; i < n && strcmp(v->command, "funnel") == 0; i++)
        put_parameter(path, &any, "steps", arg[i]);
    tl_buf_put_u8(path, 0);
    return rc == 0 && path->failed ? tl_fail(err, TL_ENOMEM, "out of memory") : rc;
}

/* reach is JSON only */
static int
reach_print(const struct tl_jv *root, struct tl_err *err)
{
    struct tl_buf out = {0};
    int rc = reach_map(root, &out, err);
    if (rc == 0)
        fwrite(out.data, 1, out.len, stdout);
    tl_buf_free(&out);
    return rc;
}

static int
show(const struct view *v, const struct ask *a, const struct tl_buf *body, struct tl_err *err)
{
    if ((a->json && a->reach == NULL) || a->raw != NULL) {
        fwrite(body->data, 1, body->len, stdout);
        if (body->len > 0 && body->data[body->len - 1] != '\n' && isatty(STDOUT_FILENO))
            fputc('\n', stdout);
        return 0;
    }
    struct tl_arena *arena = tl_arena_new(ANSWER_ARENA_BYTES);
    struct tl_jv *root = NULL;
    int rc = arena == NULL ? tl_fail(err, TL_ENOMEM, "out of memory")
                           : tl_json_tree(arena, (struct tl_str){ (const char *)body->data, body->len }, VIEW_DEPTH, &root, NULL, err);
    if (rc == 0 && a->reach != NULL)
        rc = reach_print(root, err);
    else if (rc == 0)
        v->print(root, stdout);
    tl_arena_free(&arena);
    return rc;
}

static int
run(const struct view *v, const struct ask *a, char **arg, int n)
{
    struct tl_err err = {0};
    struct session *s = NULL;
    struct tl_buf path = {0}, body = {0};
    const struct session_cfg cfg = { .command = is_customer(v) ? "customer" : v->command, .data = a->data, .url = a->url,
                                     .needs = SESSION_NEED(SESSION_VIEWER) | SESSION_NEED(SESSION_AGGREGATOR) };
    int rc = session_open(&s, &cfg, &err);
    if (rc == 0 && session_is_own(s))
        rc = session_settle(s, &err);        /* what an import left unfinished is finished first */
    if (rc == 0)
        rc = make_path(s, v, a, arg, n, &path, &err);
    if (rc == 0)
        rc = session_get(s, SESSION_VIEWER, (const char *)path.data, &body, &err);
    if (rc == 0)
        rc = show(v, a, &body, &err);
    session_close(&s);
    tl_buf_free(&path);
    tl_buf_free(&body);
    return rc == 0 ? CLI_OK : cli_fail(v->command, &err);
}

static int
reach_of_file(const char *path)
{
    struct tl_err err = {0};
    struct tl_buf out = {0};
    int rc = reach_file(path, &out, &err);
    if (rc == 0)
        fwrite(out.data, 1, out.len, stdout);
    tl_buf_free(&out);
    return rc == 0 ? CLI_OK : cli_fail("moments", &err);
}

static const struct view reach_view = { "moments", "/api/map", NULL };

int
cli_view(int argc, char **argv)
{
    struct ask a = {0};
    struct cli_option options[TEXTS_N + 10] = {
        { "--data", CLI_TEXT, &a.data }, { "--url", CLI_TEXT, &a.url }, { "--json", CLI_FLAG, &a.json }, { "--filter", CLI_MANY, &a.filter },
        { "--start", CLI_FLAG, &a.start }, { "--raw", CLI_TEXT, &a.raw }, { "--edge", CLI_MANY, &a.edge },
        { "--reach", CLI_TEXT, &a.reach }, { "--csv", CLI_FLAG, &a.csv },
    };
    for (size_t i = 0; i < TEXTS_N; i++)
        options[9 + i] = (struct cli_option){ texts[i].option, CLI_TEXT, &a.text[i] };
    int n;
    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    const struct view *v = views;
    while (strcmp(v->command, argv[0]) != 0)
        v++;
    bool customer = is_customer(v), funnel = strcmp(v->command, "funnel") == 0;
    if (customer && n != 1)
        return cli_usage("customer", "name one customer: a hash, or KIND:VALUE");
    if (funnel && n < 1)
        return cli_usage("funnel", "name the steps in order");
    if (!customer && !funnel && n > (strcmp(v->path, "/api/backtrack") == 0))
        return cli_usage(v->command, "what is \"%s\"?", argv[1]);
    if (a.csv && !one_table(v))
        return cli_usage(v->command, "--csv is for visits, confirmed and backtrack");
    cli_tables_csv(a.csv);
    if (a.reach != NULL && strcmp(v->command, "moments") != 0)
        return cli_usage(v->command, "--reach is for moments");
    if (a.reach != NULL && strcmp(a.reach, "journeys") != 0)
        return reach_of_file(a.reach);
    return run(a.reach != NULL ? &reach_view : v, &a, argv + 1, n);
}
