/* visits.c - `touchline visits`: mystery visits planned, carried out, registered. A table of verbs; and what they share (visits.h). */
#include "visits.h"

#include <poll.h>
#include <stdlib.h>

#include "enter.h"
#include "tl_port.h"
#include "tl_time.h"
#include "view.h"

const char cli_visits_help[] =
    "touchline visits plan SCENARIO --place P[,P]... [--each N] [--from DAY] [--to DAY] [--identity KIND:VALUE]... [--dry]\n"
    "touchline visits link ID [--hours N] [--url https://...] [--text]\n"
    "touchline visits start ID [--at TIME] [--identity KIND:VALUE]... [--order ORDER]...\n"
    "touchline visits record ID [--stamp WHAT[=TIME]]... [--answer ITEM=yes|no|na[:NOTE]]... [--order ORDER]... [--evidence FILE[:ITEM]]... [--note TEXT]\n"
    "touchline visits finish ID [--at TIME] [--from TIME]\n"
    "touchline visits show ID [--json]\n"
    "touchline visits score [ID [--outlet]] [--from DAY] [--to DAY] [--place P] [--json | --csv]\n"
    "touchline visits register ID --from TIME --to TIME [--identity KIND:VALUE]... [--order ORDER]... [--place P] [--scenario S] [--slot S] [--note TEXT]\n"
    "touchline visits withdraw ID\n"
    "touchline visits [list] [--json]\n"
    "\n"
    "Mystery visits. Events of these identities or orders from 15 minutes before to 72 hours after are the visit's: they enter no figure of customers\n"
    "and tie no identities, whether it is registered before, during or after it happened.\n"
    "\n"
    "  plan      visits of a scenario of the catalogue, spread over the days; what is planned or done in them counts, so planning again adds nothing\n"
    "    --from DAY --to DAY    default 28 days from tomorrow;  --each N: visits at each place;  --dry: only say\n"
    "  link      a one-time link for the shopper's phone, as text and as a code to scan (README); the link before it ends\n"
    "    --hours N              how long it may be opened, default 72;  --url: where viewer.visit_bind is reached from outside\n"
    "  start, record, finish    what the shopper does, entered by hand; each part may come in any order and twice\n"
    "    --stamp WHAT[=TIME]    a moment of the scenario, like receive=2026-03-01T12:20:00+08:00; without a time: now\n"
    "    --answer ITEM=VALUE    an item of the scenario: yes, no, na (where it may be)\n"
    "    --evidence FILE[:ITEM] a picture or PDF, kept beside the store\n"
    "  score     the scorecard of a visit; without ID what each came to, and what they say together\n"
    "    --outlet               as the place itself may read it: nothing tells who the shopper is\n"
    "  register  says whose events were a visit's; the same ID again changes it\n"
    "  withdraw  takes a visit back: its events are customers' again\n"
    "\n"
    "  TIME                     like 2026-03-01T12:10:00+08:00; from start to finish 31 days at most\n"
    "  --data DIR               the store's folder (default TOUCHLINE_DATA, else ./data)\n";

#define ANSWER_BYTES (64u << 20)
#define SEEN_WAIT_MS 10000
#define SEEN_POLL_MS 20

/* ---- the session ---- */

int
visits_open(struct visiting_desk *d, const char *data, struct tl_err *err)
{
    const struct session_cfg cfg = { .command = "visits", .data = data, .needs = SESSION_NEED(SESSION_AGGREGATOR) | SESSION_NEED(SESSION_VIEWER) };
    *d = (struct visiting_desk){ .data = session_data(data), .arena = tl_arena_new(ANSWER_BYTES), .now_ms = tl_clock_real()->wall_ms(tl_clock_real()) };
    return d->arena != NULL ? session_open(&d->session, &cfg, err) : tl_fail(err, TL_ENOMEM, "out of memory");
}

void
visits_close(struct visiting_desk *d)
{
    session_close(&d->session);
    tl_arena_free(&d->arena);
}

int
visits_get(struct visiting_desk *d, const char *path, const struct tl_jv **root, struct tl_err *err)
{
    struct tl_buf body = {0};
    struct tl_jv *tree = NULL;
    int rc = session_get(d->session, SESSION_VIEWER, path, &body, err);
    const char *copy = rc == 0 ? tl_arena_dup(d->arena, body.data, body.len) : NULL;
    if (rc == 0)
        rc = copy != NULL ? tl_json_tree(d->arena, (struct tl_str){ copy, body.len }, VIEW_DEPTH, &tree, NULL, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    tl_buf_free(&body);
    *root = tree;
    return rc;
}

static const struct tl_jv *
named(const struct tl_jv *list, struct tl_str id)
{
    for (const struct tl_jv *v = list != NULL ? list->child : NULL; v != NULL; v = v->next)
        if (tl_str_eq(tl_jv_text(v, "id"), id))
            return v;
    return NULL;
}

int
visits_find(struct visiting_desk *d, const char *id, const struct tl_jv **visit, struct tl_err *err)
{
    const struct tl_jv *root = NULL;
    int rc = visits_get(d, "/api/visits", &root, err);
    if (rc != 0)
        return rc;
    *visit = named(tl_jv_get(root, "visits"), tl_str_of(id));
    return *visit != NULL ? 0 : tl_fail(err, TL_ENOTFOUND, "there is no visit \"%.120s\", or it was withdrawn; `touchline visits` lists them, `visits plan` and `visits register` enter some", id);
}

const struct tl_jv *
visits_scenario(struct visiting_desk *d, const struct tl_jv *visit, const char **told)
{
    const struct tl_jv *root = NULL;
    struct tl_str id = tl_jv_text(visit, "scenario");
    const struct tl_jv *found = NULL;
    *told = "the visit names no scenario";
    if (id.n == 0)
        return NULL;
    *told = "the catalogue no longer has the visit's scenario";
    if (visits_get(d, "/api/scenarios", &root, NULL) == 0)
        found = named(tl_jv_get(root, "scenarios"), id);
    return found;
}

/* ---- entering ---- */

static bool
is_seen(struct visiting_desk *d, int64_t position)
{
    struct tl_buf body = {0};
    struct tl_jv *root = NULL;
    struct tl_arena *a = tl_arena_new(1u << 20);
    bool seen = a != NULL && session_get(d->session, SESSION_VIEWER, "/healthz", &body, NULL) == 0
             && tl_json_tree(a, (struct tl_str){ (const char *)body.data, body.len }, VIEW_DEPTH, &root, NULL, NULL) == 0 && tl_jv_int(root, "position", 0) > position;
    tl_arena_free(&a);
    tl_buf_free(&body);
    return seen;
}

int
visits_enter(struct visiting_desk *d, struct tl_str body, bool wait, struct tl_err *err)
{
    struct tl_buf answer = {0};
    struct tl_jv *root = NULL;
    int rc = session_control(d->session, "visit", body, &answer, err);
    if (rc == 0)
        rc = tl_json_tree(d->arena, (struct tl_str){ (const char *)answer.data, answer.len }, 0, &root, NULL, err);
    int64_t position = rc == 0 ? tl_jv_int(root, "position", 0) : 0;
    for (int waited = 0; rc == 0 && wait && waited < SEEN_WAIT_MS && !is_seen(d, position); waited += SEEN_POLL_MS)
        poll(NULL, 0, SEEN_POLL_MS);
    tl_buf_free(&answer);
    return rc;
}

int
visits_time(const struct visiting_desk *d, const char *text, int64_t *ms, struct tl_err *err)
{
    char *end = NULL;
    *ms = d->now_ms;
    if (text == NULL)
        return 0;
    long long n = strtoll(text, &end, 10);
    if (*text != '\0' && *end == '\0' && strlen(text) > 10) {
        *ms = n;
        return 0;
    }
    if (tl_time_parse(tl_str_of(text), ms, NULL) == 0 && strlen(text) > 10)
        return 0;
    return tl_fail(err, TL_EINVAL, "\"%.60s\" is no time; write one like 2026-03-01T12:10:00+08:00", text);
}

void
visits_warn_at_once(struct visiting_desk *d, const char *id)
{
    const struct tl_jv *visit = NULL;
    if (visits_find(d, id, &visit, NULL) != 0)
        return;
    const struct tl_jv *others = tl_jv_get(visit, "at_once");
    for (const struct tl_jv *o = others != NULL ? others->child : NULL; o != NULL; o = o->next)
        fprintf(stderr, "touchline visits: %s and %.*s have one shopper at one time: events of both lie in both; give them other times, or other shoppers\n", id, (int)o->text.n, o->text.p);
}

/* ---- the verbs ---- */

static int
withdraw(int argc, char **argv)
{
    struct tl_buf body = {0};
    const char *data = NULL;
    const struct cli_option options[] = { { "--data", CLI_TEXT, &data }, { NULL, CLI_FLAG, NULL } };
    int n = 0;
    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    if (n != 2)
        return cli_usage("visits", "after withdraw comes id");
    struct tl_jw w = tl_jw_to(&body);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "id", argv[2]);
    tl_jw_bool(&w, "merge", true);
    tl_jw_bool(&w, "withdrawn", true);
    tl_jw_close(&w);
    int rc = enter_send("visits", data, "visit", (struct tl_str){ (const char *)body.data, body.len }, "withdrawn");
    tl_buf_free(&body);
    return rc;
}

static int
enroll(int argc, char **argv)
{
    static const struct enter_entry e = { "visits", "visit", "id", NULL };
    struct enter_field f[] = {
        { .option = "--identity", .member = "identities", .form = F_IDENTITIES }, { .option = "--order", .member = "orders", .form = F_LIST }, { .option = "--from", .member = "from" },
        { .option = "--to", .member = "to" }, { .option = "--place", .member = "place" }, { .option = "--scenario", .member = "scenario" }, { .option = "--slot", .member = "slot" },
        { .option = "--note", .member = "note" },
    };
    return enter(argc, argv, &e, f, sizeof f / sizeof f[0]);
}

int
cli_visits(int argc, char **argv)
{
    static const struct { const char *verb; int (*run)(int argc, char **argv); } verbs[] = {
        { "plan", visits_plan }, { "link", visits_link }, { "start", visits_start }, { "record", visits_record }, { "finish", visits_finish }, { "show", visits_show },
        { "score", visits_score },
        { "register", enroll },  { "withdraw", withdraw },
    };
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (enter_verb_is(argc, argv, verbs[i].verb))
            return verbs[i].run(argc, argv);
    return enter_list(argc, argv, "visits");
}
