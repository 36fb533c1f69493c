/* replay.c - `touchline replay`: recorded visits, journeys and files sent again like anyone's events, and what came out held against what came out before. */
#include "cli.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "recording.h"
#include "replay_judge.h"
#include "replay_send.h"
#include "replay_target.h"
#include "send.h"
#include "session.h"
#include "tl_port.h"
#include "tl_run.h"
#include "tl_time.h"

#define DIFFERS 3                        /* exit code: it was done, and came out otherwise */
#define ORIGIN "replay"

const char cli_replay_help[] =
    "touchline replay VISIT | FILE | JOURNEY ... [--speed 1x|60x|max] [--shift now] [--into DIR | --to URL] ...\n"
    "touchline replay --suite DIR --expect DIR [--bless] [--catalogue DIR] ...\n"
    "touchline replay VISIT | JOURNEY ... --record DIR\n"
    "\n"
    "Sends recorded journeys again, through collector, log and stitching, and says whether the same breaks and score came out. A VISIT is told by its id, a JOURNEY as\n"
    "CUSTOMER[/TYPE[/START]] (CUSTOMER: a hash or KIND:VALUE; START: as `touchline customer` tells it; without it the latest); a FILE is NDJSON of native events.\n"
    "What is replayed is of stream replay and of customers of its own (replay:RUN:..): it enters no figure of customers. Ids are made of run and id, so the same\n"
    "replay twice adds nothing. Into the store that has the visit, its scorecard is compared, too: answers of the shopper with what the events say now.\n"
    "\n"
    "  --speed X          1x as it was, 60x an hour in a minute, any number; max (default): as fast as it goes\n"
    "  --shift now        moved so that the last event happens when it is sent; without it times stay as they were\n"
    "  --run NAME         what it is called; default: the visit's id, or made of the journey or the file; with --shift also of the moment\n"
    "  --data DIR         where visits and journeys are, and where they are sent to unless another place is named; --url URL: a running viewer that has them\n"
    "  --into DIR         a folder of its own; a new one gets the catalogue of DATA, or of --catalogue. What is needed is started there\n"
    "  --to URL           a collector, with --key KEY: a write key of stream replay (`touchline keys add write-key NAME --stream replay`); --viewer URL: whom to ask\n"
    "                     what came out\n"
    "  --schedule FILE    a line of JSON for each event: when it was planned and when it was sent, in ms from the start\n"
    "  --as-of TIME       when journeys are judged; default now, of files 90 days after their last event. With --shift both move\n"
    "  --expect DIR       what should come out: DIR/NAME.expect, lines of text, instead of what is in the store; a FILE for one. --bless writes it\n"
    "  --suite DIR        all *.ndjson of a folder, in a folder made for this and removed: a regression test for a changed catalogue (--catalogue) or product\n"
    "  --record DIR       writes the recordings to DIR/RUN.ndjson, and sends nothing. Identities are not in them; open text and properties are, as sent\n"
    "  --json             {same, differ, events, late_most_ms, late, replays: [{name, kind, run, events, left_out, shift_ms, same, was, now, gone, new}]}\n"
    "\n"
    "A line `- ..` came out before and did not now, `+ ..` came out now only. Exit code 0: the same, or nothing to compare with; 3: it came out otherwise; 1: it\n"
    "could not be done. Conditions of a catalogue on the origin do not hold of a replay, whose origin is \"replay\"; touchpoints found by it are kept.\n";

struct options {
    const char *data, *url, *into, *to, *viewer, *key, *speed, *shift, *run, *schedule, *as_of, *record, *suite, *expect, *catalogue;
    bool json, bless;
};
struct replaying {
    struct options o;
    struct replay_pace pace;
    struct replay_rules rules;
    struct recording *list;
    uint32_t n;
    struct session *source;
    struct replay_target target;
    struct replay_sent sent;
    struct replay_result *result;
    uint64_t refused;                    /* by the collector, with the first reason */
    char why[200];
    struct tl_err err;
};

/* ---- what is replayed ---- */

static bool
is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static int
add_recording(struct replaying *g, const char *what, bool file)
{
    struct recording *more = tl_realloc(g->list, (g->n + 1) * sizeof *more);
    if (more == NULL)
        return tl_fail(&g->err, TL_ENOMEM, "out of memory");
    g->list = more;
    int rc = file ? recording_read(what, &g->list[g->n], &g->err) : recording_fetch(g->source, what, &g->list[g->n], &g->err);
    if (rc != 0)
        return rc;
    struct recording *r = &g->list[g->n++];
    if (r->left_out > 0)
        fprintf(stderr, "touchline replay: %s: %u events are left out (%s)\n", r->name, r->left_out, file ? "an id that was there already" : "beyond 10,000, or no longer in the log");
    return 0;
}

static int
is_recording(const struct dirent *e)
{
    const char *dot = strrchr(e->d_name, '.');
    return e->d_name[0] != '.' && dot != NULL && strcmp(dot, ".ndjson") == 0;
}

static int
read_suite(struct replaying *g)
{
    struct dirent **name = NULL;
    int n = scandir(g->o.suite, &name, is_recording, alphasort), rc = 0;
    if (n < 0)
        return tl_fail(&g->err, TL_ENOTFOUND, "cannot read the folder %.150s: %s", g->o.suite, strerror(errno));
    for (int i = 0; i < n; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%.3000s/%.255s", g->o.suite, name[i]->d_name);
        if (rc == 0)
            rc = add_recording(g, path, true);
        free(name[i]);
    }
    free(name);
    return rc == 0 && n == 0 ? tl_fail(&g->err, TL_ENOTFOUND, "%.150s has no *.ndjson file; `touchline replay VISIT --record %.60s` writes some", g->o.suite, g->o.suite) : rc;
}

static int
by_kind(const void *x, const void *y)
{
    const struct recording *a = x, *b = y;
    return strcmp(a->format, b->format);
}

/* name_runs - after --run and --shift; recordings of one format stand together, for they share a sender */
static int
name_runs(struct replaying *g)
{
    char stamp[32], time[32], text[200];
    size_t k = 0;
    int rc = g->o.run != NULL ? recording_run(g->o.run, &g->err) : 0;
    tl_time_format(tl_clock_real()->wall_ms(tl_clock_real()), time);
    for (const char *p = time; *p != '\0'; p++)
        if (*p != '-' && *p != ':' && *p != '.')
            stamp[k++] = *p;
    stamp[k] = '\0';
    if (rc == 0 && g->o.run != NULL && g->n > 1)
        rc = tl_fail(&g->err, TL_EINVAL, "--run names one replay; here are %u", g->n);
    for (uint32_t i = 0; rc == 0 && i < g->n; i++) {
        if (g->o.run != NULL)
            snprintf(g->list[i].run, sizeof g->list[i].run, "%s", g->o.run);
        else if (g->o.shift != NULL) {
            snprintf(text, sizeof text, "%s@%s", g->list[i].run, stamp);
            recording_call(&g->list[i], text, NULL);
        }
    }
    if (rc == 0 && g->n > 1)
        qsort(g->list, g->n, sizeof *g->list, by_kind);
    return rc;
}

/* ---- sending ---- */

static void
refused(void *arg, uint64_t line, struct tl_str id, struct tl_str reason, struct tl_str field)
{
    struct replaying *g = arg;
    (void)line;
    (void)id;
    if (g->refused++ == 0)
        snprintf(g->why, sizeof g->why, "%.*s%s%.*s", (int)reason.n, reason.p, field.n > 0 ? " in " : "", (int)field.n, field.n > 0 ? field.p : "");
}

static void
find_collector(void *arg, char url[80])
{
    struct replaying *g = arg;
    char now[80];
    if (g->target.session != NULL && session_url(g->target.session, SESSION_COLLECTOR, now)[0] != '\0')
        memcpy(url, now, 80);
}

/* one sender for recordings [first, end), which came by files of one format, or by none */
static int
send_some(struct replaying *g, uint32_t first, uint32_t end)
{
    struct sender *s = NULL;
    struct replay_sent sent;
    char key[40] = ORIGIN;
    if (g->list[first].format[0] != '\0')
        snprintf(key, sizeof key, "import:%s:" ORIGIN, g->list[first].format);
    const struct sender_cfg cfg = { .url = g->target.url, .key = g->o.key != NULL ? g->o.key : key, .token = g->target.token, .find = find_collector, .refused = refused, .arg = g };
    int rc = sender_open(&s, &cfg, &g->err);
    if (rc == 0)
        rc = replay_send(g->list + first, end - first, &g->pace, s, &sent, &g->err);
    else
        return rc;
    struct tl_err ignored;
    int closed = sender_close(&s, NULL, rc != 0 ? &ignored : &g->err);
    for (uint32_t i = first; sent.shift_ms != NULL && i < end; i++)
        g->sent.shift_ms[i] = sent.shift_ms[i - first];
    g->sent.events += sent.events;
    g->sent.late_n += sent.late_n;
    g->sent.late_most_us = sent.late_most_us > g->sent.late_most_us ? sent.late_most_us : g->sent.late_most_us;
    g->sent.stopped |= sent.stopped;
    replay_sent_free(&sent);
    return rc != 0 ? rc : g->sent.stopped ? 0 : closed;
}

static int
send_all(struct replaying *g)
{
    uint64_t total = 0;
    int rc = 0;
    g->sent.shift_ms = tl_alloc((g->n + 1) * sizeof *g->sent.shift_ms);
    if (g->sent.shift_ms == NULL)
        return tl_fail(&g->err, TL_ENOMEM, "out of memory");
    for (uint32_t i = 0; i < g->n; i++)
        total += g->list[i].event_n;
    for (uint32_t i = 0, end; rc == 0 && !g->sent.stopped && i < g->n; i = end) {
        for (end = i + 1; end < g->n && strcmp(g->list[end].format, g->list[i].format) == 0;)
            end++;
        rc = send_some(g, i, end);
    }
    if (rc == 0 && g->sent.stopped)
        rc = tl_fail(&g->err, TL_EINTR, "stopped after %" PRIu64 " of %" PRIu64 " events; what was sent is safe%s", g->sent.events, total,
                     g->o.shift != NULL ? "" : ", and the same command does not double it");
    if (rc == 0 && g->refused > 0)
        rc = tl_fail(&g->err, TL_EDENIED, "%" PRIu64 " events were refused: %s%s", g->refused, g->why,
                     strncmp(g->why, "stream_not_allowed", 18) == 0 ? "; the write key must be of stream replay: `touchline keys add write-key NAME --stream replay`" : "");
    return rc;
}

/* ---- one after the other ---- */

static int
open_source(struct replaying *g, bool needed)
{
    bool target = g->o.into == NULL && g->o.to == NULL && g->o.suite == NULL && g->o.record == NULL;
    struct session_cfg cfg = { .command = "replay", .data = g->o.data, .url = g->o.url, .needs = SESSION_NEED(SESSION_VIEWER) | SESSION_NEED(SESSION_AGGREGATOR) };
    if (!needed && !target)
        return 0;
    if (target)
        cfg.needs |= SESSION_NEED(SESSION_COLLECTOR);
    int rc = session_open(&g->source, &cfg, &g->err);
    return rc == 0 && g->o.url == NULL && session_is_own(g->source) ? session_settle(g->source, &g->err) : rc;
}

static int
write_recordings(struct replaying *g)
{
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < g->n; i++) {
        rc = recording_write(&g->list[i], g->o.record, &g->err);
        if (rc == 0)
            printf("%s/%s.ndjson  %u events\n", g->o.record, g->list[i].run, g->list[i].event_n);
    }
    return rc;
}

static int
replay(struct replaying *g)
{
    const struct replay_where where = { g->o.into, g->o.to, g->o.viewer, g->o.catalogue, session_data(g->o.data), g->o.suite != NULL && g->o.into == NULL && g->o.to == NULL };
    int rc = replay_target_open(&g->target, &where, g->source, &g->err);
    if (rc == 0)
        rc = send_all(g);
    if (rc == 0 && g->target.session != NULL)
        rc = session_settle(g->target.session, &g->err);
    g->result = rc == 0 ? tl_alloc((g->n + 1) * sizeof *g->result) : NULL;
    if (rc == 0 && g->result == NULL)
        rc = tl_fail(&g->err, TL_ENOMEM, "out of memory");
    g->rules.source = g->source;
    g->rules.viewer = g->target.viewer;
    g->rules.wait = g->target.elsewhere;
    g->rules.expect = g->o.expect;
    g->rules.bless = g->o.bless;
    if (!g->rules.as_of_asked)
        g->rules.as_of_ms = tl_clock_real()->wall_ms(tl_clock_real());
    return rc == 0 ? replay_judge(&g->rules, g->list, g->n, &g->sent, g->result, &g->err) : rc;
}

static int
run(struct replaying *g, char **what, int n)
{
    bool needed = false;
    int rc = 0;
    for (int i = 0; i < n; i++)
        needed |= !is_file(what[i]);
    rc = open_source(g, needed);
    if (rc == 0 && g->o.suite != NULL)
        rc = read_suite(g);
    for (int i = 0; rc == 0 && i < n; i++)
        rc = add_recording(g, what[i], is_file(what[i]));
    if (rc == 0)
        rc = name_runs(g);
    if (rc == 0)
        rc = g->o.record != NULL ? write_recordings(g) : replay(g);
    return rc;
}

static void
finish(struct replaying *g)
{
    replay_target_close(&g->target);
    session_close(&g->source);
    for (uint32_t i = 0; i < g->n; i++) {
        recording_free(&g->list[i]);
        if (g->result != NULL)
            replay_result_free(&g->result[i]);
    }
    tl_free(g->list);
    tl_free(g->result);
    replay_sent_free(&g->sent);
    if (g->pace.schedule != NULL)
        fclose(g->pace.schedule);
}

/* ---- the command line ---- */

static const char *
wrong(const struct options *o, int n)
{
    if ((o->suite != NULL) == (n > 0))
        return "name visits, journeys or files, or a folder with --suite";
    if (o->into != NULL && o->to != NULL)
        return "--into and --to exclude each other";
    if (o->shift != NULL && strcmp(o->shift, "now") != 0)
        return "--shift is now";
    if (o->bless && o->expect == NULL)
        return "--bless needs --expect: where to write";
    if (o->suite != NULL && o->expect == NULL)
        return "--suite needs --expect: a folder with what should come out (--bless writes it)";
    if ((o->key != NULL || o->viewer != NULL) && o->to == NULL)
        return "--key and --viewer go with --to";
    if (o->record != NULL && (o->suite != NULL || o->into != NULL || o->to != NULL || o->shift != NULL))
        return "--record writes files, and sends nothing anywhere";
    if (o->url != NULL && o->into == NULL && o->to == NULL && o->record == NULL)
        return "with --url name where to send with --into or --to";
    return NULL;
}

static int
read_options(struct replaying *g)
{
    int rc = g->o.speed != NULL ? replay_speed(g->o.speed, &g->pace.speed, &g->err) : 0;
    g->pace.shift_now = g->o.shift != NULL;
    g->rules.as_of_asked = g->o.as_of != NULL;
    if (rc == 0 && g->o.as_of != NULL && tl_time_parse(tl_str_of(g->o.as_of), &g->rules.as_of_ms, NULL) != 0)
        rc = tl_fail(&g->err, TL_EINVAL, "--as-of is a time like 2026-03-02T00:00:00+08:00, not \"%.60s\"", g->o.as_of);
    if (rc == 0 && g->o.schedule != NULL && (g->pace.schedule = fopen(g->o.schedule, "we")) == NULL)
        rc = tl_fail(&g->err, TL_EIO, "cannot write %.150s: %s", g->o.schedule, strerror(errno));
    return rc;
}

int
cli_replay(int argc, char **argv)
{
    struct replaying g = {0};
    struct options *o = &g.o;
    const struct cli_option options[] = {
        { "--data", CLI_TEXT, &o->data }, { "--url", CLI_TEXT, &o->url }, { "--into", CLI_TEXT, &o->into }, { "--to", CLI_TEXT, &o->to }, { "--viewer", CLI_TEXT, &o->viewer },
        { "--key", CLI_TEXT, &o->key }, { "--speed", CLI_TEXT, &o->speed }, { "--shift", CLI_TEXT, &o->shift }, { "--run", CLI_TEXT, &o->run }, { "--schedule", CLI_TEXT, &o->schedule },
        { "--as-of", CLI_TEXT, &o->as_of }, { "--record", CLI_TEXT, &o->record }, { "--suite", CLI_TEXT, &o->suite }, { "--expect", CLI_TEXT, &o->expect },
        { "--catalogue", CLI_TEXT, &o->catalogue }, { "--json", CLI_FLAG, &o->json }, { "--bless", CLI_FLAG, &o->bless }, { NULL, CLI_FLAG, NULL },
    };
    int n;
    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    const char *text = wrong(o, n);
    if (text != NULL)
        return cli_usage("replay", "%s", text);
    if (read_options(&g) != 0)
        return cli_usage("replay", "%s", g.err.text);
    int rc = run(&g, argv + 1, n);
    uint32_t differ = rc == 0 && g.result != NULL ? replay_differ(g.result, g.n) : 0;
    if (rc == 0 && g.result != NULL)
        (o->json ? replay_tell_json : replay_tell)(g.list, g.result, g.n, &g.sent);
    fflush(stdout);
    finish(&g);
    return rc != 0 ? cli_fail("replay", &g.err) : differ > 0 && !o->bless ? DIFFERS : CLI_OK;
}
