/* alerts.c - `touchline alerts`: what somebody should look at now, as it comes with --follow; and who has taken it on. */
#include "cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>
#include "session.h"
#include "tl_alerts.h"
#include "tl_json.h"
#include "tl_port.h"
#include "tl_run.h"
#include "tl_time.h"

#define ANSWER_ARENA_BYTES (64u << 20)
#define POLL_US 1000000
#define DEPTH 8

const char cli_alerts_help[] =
    "touchline alerts [--follow] [--state STATE] [--limit N] [--stream mystery] [--json] [--data DIR | --url URL]\n"
    "touchline alerts ack ID --owner NAME [--note TEXT]      somebody has taken it on\n"
    "touchline alerts done ID [--owner NAME] [--note TEXT]   it needs nobody any more\n"
    "touchline alerts reopen ID [--note TEXT]                nobody has\n"
    "\n"
    "Limits that are near or passed, bad experiences at moments of truth, and what the catalogue's `alerts` list: the open ones in the order of work, by\n"
    "priority, then by limit.\n"
    "\n"
    "  --follow           then go on: one line an alert as it is raised or changes, until Ctrl-C\n"
    "  --state STATE      open (default), acknowledged, resolved, or all: the newest change first\n"
    "  --stream mystery   alerts of mystery shoppers' visits, which go to QA alone\n"
    "  --limit N          how many; default 100\n"
    "  --json             what the viewer answers; with --follow one alert a line\n"
    "  --data DIR | --url URL   the store's folder (default TOUCHLINE_DATA, else ./data), or a running viewer\n"
    "\n"
    "ID may be the beginning of one. DATA/webhooks.json says who is told besides (schemas/alerts.md).\n";

struct asked {
    const char *data, *url, *state, *limit, *stream, *owner, *note;
    bool follow, json;
};

static struct tl_str
in_words(const struct tl_jv *o, const char *name)
{
    const struct tl_jv *t = tl_jv_get(o, name);
    struct tl_str zh = tl_jv_text(t, "zh"), en = tl_jv_text(t, "en");
    return cli_zh() ? zh : en;
}

static const char *
state_word(const struct tl_jv *a)
{
    static const char *const zh[TL_ALERT_STATES] = { "待处理", "已接手", "已解除" };
    int s = tl_alert_word_of(tl_jv_text(a, "state"), tl_alert_state_word, TL_ALERT_STATES);
    return s < 0 ? "?" : cli_zh() ? zh[s] : tl_alert_state_word((unsigned)s);
}

/* 2026-03-01 12:04:05 in the zone of the machine */
static const char *
when(const struct tl_jv *a, char out[40])
{
    struct tl_zone *z = NULL;
    char day[16];
    int64_t ms = tl_jv_int(a, "raised", 0);
    out[0] = '\0';
    if (tl_zone_open(&z, tl_zone_local_name(), NULL) != 0 && tl_zone_open(&z, "UTC", NULL) != 0)
        return out;
    int64_t local = ms + INT64_C(1000) * tl_zone_offset_s(z, ms), s = (local % TL_DAY_MS + TL_DAY_MS) % TL_DAY_MS / 1000;
    snprintf(out, 40, "%s %02d:%02d:%02d", tl_day_format(tl_zone_day(z, ms), day), (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
    tl_zone_free(&z);
    return out;
}

static void
print_line(const struct tl_jv *a)
{
    char at[40];
    struct tl_str id = tl_jv_text(a, "id"), text = in_words(a, "text"), who = tl_jv_text(a, "owner"), to = tl_jv_text(a, "department");
    printf("%s  %.8s  %-12s  %.*s", when(a, at), id.n ? id.p : "", state_word(a), (int)text.n, text.n ? text.p : "");
    if (to.n > 0)
        printf("  → %.*s", (int)to.n, to.p);
    if (who.n > 0)
        printf("  [%.*s]", (int)who.n, who.p);
    fputc('\n', stdout);
}

/* ---- listing and following ---- */

static void
make_path(struct tl_buf *path, const struct asked *q, bool since, int64_t next)
{
    tl_buf_reset(path);
    tl_buf_printf(path, "/api/alerts?limit=%s", q->limit ? q->limit : "100");
    const char *state = q->state ? q->state : since ? "all" : "open";
    if (strcmp(state, "all") != 0)
        tl_buf_printf(path, "&state=%s", state);
    if (q->stream)
        tl_buf_printf(path, "&stream=%s", q->stream);
    if (since)
        tl_buf_printf(path, "&since=%" PRId64, next);
    tl_buf_put_u8(path, 0);
}

struct asking {
    struct session *s;
    const struct asked *q;
    struct tl_arena *arena;
    struct tl_buf path, body;
};

static int
ask(struct asking *k, bool since, int64_t next, struct tl_jv **root, struct tl_err *err)
{
    make_path(&k->path, k->q, since, next);
    tl_buf_reset(&k->body);
    tl_arena_reset(k->arena);
    int rc = k->path.failed ? tl_fail(err, TL_ENOMEM, "out of memory") : session_get(k->s, SESSION_VIEWER, (const char *)k->path.data, &k->body, err);
    return rc != 0 ? rc : tl_json_tree(k->arena, (struct tl_str){ (const char *)k->body.data, k->body.len }, DEPTH, root, NULL, err);
}

/* the bytes of each element of the answer's `alerts`, one a line: a tree does not keep them, so they are cut out by depth */
static void
print_elements(const struct tl_buf *body)
{
    static const char list[] = "\"alerts\":[";
    const char *p = memmem(body->data, body->len, list, sizeof list - 1), *end = (const char *)body->data + body->len;
    int depth = 0;
    bool text = false;
    for (p = p ? p + sizeof list - 1 : end; p < end && !(depth == 0 && *p == ']'); p++) {
        if (depth == 0 && *p == ',')
            continue;
        fputc(*p, stdout);
        if (*p == '\\' && text)
            fputc(*++p, stdout);
        else if (*p == '"')
            text = !text;
        else if (!text && *p == '{')
            depth++;
        else if (!text && *p == '}' && --depth == 0)
            fputc('\n', stdout);
    }
}

static void
print(const struct asking *k, const struct tl_jv *root)
{
    const struct tl_jv *list = tl_jv_get(root, "alerts"), *counts = tl_jv_get(root, "counts");
    if (k->q->json && k->q->follow) {
        print_elements(&k->body);
    } else if (k->q->json) {
        fwrite(k->body.data, 1, k->body.len, stdout);
    } else {
        for (const struct tl_jv *a = list ? list->child : NULL; a; a = a->next)
            print_line(a);
        if (!k->q->follow)
            printf(cli_zh() ? "待处理 %lld,已接手 %lld,已解除 %lld\n" : "%lld open, %lld acknowledged, %lld resolved\n", (long long)tl_jv_int(counts, "open", 0),
                   (long long)tl_jv_int(counts, "acknowledged", 0), (long long)tl_jv_int(counts, "resolved", 0));
    }
    fflush(stdout);
}

/* Everything there is from the oldest change on, then what comes. A viewer that is away for a moment is waited for. */
static int
follow(struct asking *k, struct tl_err *err)
{
    struct tl_jv *root = NULL;
    int64_t next = 0;
    int rc = 0, failures = 0;
    while (!tl_run_stopping()) {
        rc = ask(k, true, next, &root, err);
        failures = rc == 0 ? 0 : failures + 1;
        if (rc != 0 && (rc == TL_EINVAL || failures > 60))
            return rc;
        if (rc == 0) {
            print(k, root);
            next = tl_jv_int(root, "next", next);
            if (tl_jv_bool(root, "more", false))
                continue;
        }
        usleep(POLL_US);
    }
    return 0;
}

static int
list(struct session *s, const struct asked *q, struct tl_err *err)
{
    struct asking k = { .s = s, .q = q, .arena = tl_arena_new(ANSWER_ARENA_BYTES) };
    struct tl_jv *root = NULL;
    int rc = k.arena ? 0 : tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0 && q->follow)
        rc = follow(&k, err);
    else if (rc == 0 && (rc = ask(&k, false, 0, &root, err)) == 0)
        print(&k, root);
    tl_arena_free(&k.arena);
    tl_buf_free(&k.path);
    tl_buf_free(&k.body);
    return rc;
}

/* ---- taking on ---- */

static bool
begins_with(struct tl_str id, const char *head)
{
    return strlen(head) <= id.n && memcmp(id.p, head, strlen(head)) == 0;
}

/* the whole id of the one alert that begins so */
static int
find(struct session *s, const char *head, char id[24], struct tl_err *err)
{
    struct asked most = { .limit = "1000", .stream = "all", .state = "all" };
    struct asking k = { .s = s, .q = &most, .arena = tl_arena_new(ANSWER_ARENA_BYTES) };
    struct tl_jv *root = NULL;
    int found = 0;
    int rc = !k.arena ? tl_fail(err, TL_ENOMEM, "out of memory") : strlen(head) == 16 ? 0 : ask(&k, false, 0, &root, err);
    const struct tl_jv *alerts = rc == 0 ? tl_jv_get(root, "alerts") : NULL;
    if (rc == 0 && strlen(head) == 16)
        snprintf(id, 24, "%s", head), found = 1;
    for (const struct tl_jv *a = alerts ? alerts->child : NULL; a; a = a->next)
        if (begins_with(tl_jv_text(a, "id"), head)) {
            snprintf(id, 24, "%.*s", (int)tl_jv_text(a, "id").n, tl_jv_text(a, "id").p);
            found++;
        }
    if (rc == 0 && found > 1)
        rc = tl_fail(err, TL_EINVAL, "%d alerts begin with %.30s: give more of it", found, head);
    if (rc == 0 && found == 0)
        rc = tl_fail(err, TL_ENOTFOUND, "no alert among the last 1000 begins with %.30s", head);
    tl_arena_free(&k.arena);
    tl_buf_free(&k.path);
    tl_buf_free(&k.body);
    return rc;
}

static int
set_state(struct session *s, const struct asked *q, const char *head, const char *state, struct tl_err *err)
{
    struct tl_buf body = {0}, answer = {0};
    struct tl_jw w = tl_jw_to(&body);
    char id[24] = "";
    int rc = find(s, head, id, err);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "id", id);
    tl_jw_cstr(&w, "status", state);
    if (q->owner)
        tl_jw_cstr(&w, "owner", q->owner);
    if (q->note)
        tl_jw_cstr(&w, "note", q->note);
    tl_jw_close(&w);
    if (rc == 0)
        rc = session_control(s, "alert", (struct tl_str){ (const char *)body.data, body.len }, &answer, err);
    if (rc == 0)
        printf("%s: %s\n", id, state);
    tl_buf_free(&body);
    tl_buf_free(&answer);
    return rc;
}

int
cli_alerts(int argc, char **argv)
{
    struct asked q = {0};
    struct tl_err err = {0};
    struct session *s = NULL;
    int n;
    const struct cli_option options[] = {
        { "--data", CLI_TEXT, &q.data }, { "--url", CLI_TEXT, &q.url }, { "--state", CLI_TEXT, &q.state }, { "--limit", CLI_TEXT, &q.limit }, { "--stream", CLI_TEXT, &q.stream },
        { "--owner", CLI_TEXT, &q.owner }, { "--note", CLI_TEXT, &q.note }, { "--follow", CLI_FLAG, &q.follow }, { "--json", CLI_FLAG, &q.json }, { NULL, CLI_FLAG, NULL },
    };
    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    const char *state = n == 2 && strcmp(argv[1], "ack") == 0 ? "acknowledged" : n == 2 && strcmp(argv[1], "reopen") == 0 ? "open" : n == 2 && strcmp(argv[1], "done") == 0 ? "done" : NULL;
    if (n > 0 && state == NULL)
        return cli_usage("alerts", "what is \"%s\"? there are `alerts`, and `alerts ack ID`, `alerts done ID`, `alerts reopen ID`", argv[1]);
    if (n == 0 && (q.owner || q.note))
        return cli_usage("alerts", "--owner and --note go with `alerts ack ID`");
    if (state && state[0] == 'a' && !q.owner)
        return cli_usage("alerts", "--owner says who has taken it on");
    tl_run_signals();
    const struct session_cfg cfg = { .command = "alerts", .data = q.data, .url = state ? NULL : q.url, .needs = SESSION_NEED(SESSION_VIEWER) | SESSION_NEED(SESSION_AGGREGATOR) };
    int rc = session_open(&s, &cfg, &err);
    if (rc == 0)
        rc = state ? set_state(s, &q, argv[2], state, &err) : list(s, &q, &err);
    session_close(&s);
    return rc == 0 ? CLI_OK : cli_fail("alerts", &err);
}
