/* quarantine.c - `touchline quarantine`: what was refused, one item whole, and sending items again.
 *
 * An item is sent with the write key it came with. It stays in quarantine: what was received once is counted once, and the second try is a reception of
 * its own. An event that named no id gets one made of the log and the item's number, so that sending it twice gives one event and a duplicate. */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include "send.h"
#include "session.h"
#include "tl_again.h"
#include "tl_run.h"
#include "tl_time.h"

const char cli_quarantine_help[] =
    "touchline quarantine [list] [--limit N] [--cursor C] [--json] [--url URL]   newest first: when, from where, why, which field, how it begins\n"
    "touchline quarantine show NUMBER                                            one item whole, as it came\n"
    "touchline quarantine replay [NUMBER | --reason WORD]                        send items again, with the write key they came with\n"
    "touchline quarantine replay NUMBER --with FILE                              the same with a corrected event, one JSON object, from FILE\n"
    "\n"
    "  --data DIR               the store's folder (default TOUCHLINE_DATA, else ./data)\n"
    "\n"
    "Replay is for after a fix: a newer program, another limit, a corrected event. Items stay listed. An event that had no id gets one from its number, so\n"
    "that a second replay adds a duplicate and no second event. Not sent: bytes that are no JSON object, or were too long to be kept whole, and items with a\n"
    "negative number, which stitching refused: those are in the log, and `touchline rebuild` tries them again.\n";

#define PAGE_ITEMS 500u             /* in one read transaction: the log can use its pages again between */

struct ask { const char *data, *reason, *with; uint64_t number; };

struct replay {
    const struct ask *ask;
    struct session *session;
    struct tl_eventlog *log;
    struct sender *sender;
    char origin[200];
    struct tl_arena *arena;
    struct tl_buf text;
    struct sender_counts counts;
    uint64_t left, sent, below;      /* below: items from this one on are done */
    unsigned page;
    struct tl_err *err;
};

/* ---- one item ---- */

struct found { const struct ask *ask; struct tl_buf *with; bool is; bool show; };

static void
put_line(const char *name, struct tl_str v)
{
    if (v.n > 0)
        printf("%-12s %.*s\n", name, (int)v.n, v.p);
}

static int
show_item(void *arg, uint64_t number, const struct tl_refused *r)
{
    struct found *f = arg;
    char time[32];
    f->is = number == f->ask->number;
    if (!f->is)
        return 1;
    printf("%-12s %llu\n", "number", (unsigned long long)number);
    printf("%-12s %s\n", "received", tl_time_format(r->received_at_ms, time));
    put_line("origin", r->origin);
    put_line("reason", r->reason);
    put_line("field", r->field);
    put_line("id", r->id);
    printf("%-12s %llu%s\n\n", "bytes", (unsigned long long)r->bytes_n, r->bytes_n > r->bytes.n ? " (the first of them were kept)" : "");
    if (r->bytes.n > 0)
        fwrite(r->bytes.p, 1, r->bytes.n, stdout);
    putchar('\n');
    return 1;
}

static int
show(const struct ask *a, struct tl_eventlog *log, struct tl_err *err)
{
    struct found f = { .ask = a };
    int rc = tl_eventlog_refused(log, a->number + 1, show_item, &f, err);
    return rc == 0 && !f.is ? tl_fail(err, TL_ENOTFOUND, "the quarantine has no item %llu", (unsigned long long)a->number) : rc;
}

/* ---- sending again ---- */

static void
refused_again(void *arg, uint64_t line, struct tl_str id, struct tl_str reason, struct tl_str field)
{
    (void)arg, (void)id;
    fprintf(stderr, "item %llu is refused again: %.*s%s%.*s\n", (unsigned long long)line, (int)reason.n, reason.n ? reason.p : "", field.n ? " in " : "",
            (int)field.n, field.n ? field.p : "");
}

static void
find_collector(void *arg, char url[80])
{
    session_url(((struct replay *)arg)->session, SESSION_COLLECTOR, url);
}

static int
close_sender(struct replay *p)
{
    struct sender_counts c = {0};
    int rc = sender_close(&p->sender, &c, p->err);
    p->counts.accepted += c.accepted;
    p->counts.quarantined += c.quarantined;
    return rc;
}

/* A write key belongs to a connection's requests: another origin, another sender. */
static int
sender_for(struct replay *p, struct tl_str origin)
{
    char url[80], token[65];
    if (p->sender != NULL && tl_str_is(origin, p->origin))
        return 0;
    int rc = close_sender(p);
    if (rc != 0)
        return rc;
    snprintf(p->origin, sizeof p->origin, "%.*s", (int)origin.n, origin.n ? origin.p : "");
    const struct sender_cfg cfg = { .url = session_url(p->session, SESSION_COLLECTOR, url), .key = p->origin, .token = session_token(p->session, token), .connections = 1,
                                    .find = find_collector, .refused = refused_again, .arg = p };
    return sender_open(&p->sender, &cfg, p->err);
}

static int
send_item(void *arg, uint64_t number, const struct tl_refused *r)
{
    struct replay *p = arg;
    const struct ask *a = p->ask;
    if (p->page++ == PAGE_ITEMS)
        return 1;
    p->below = number;
    if (a->number != 0 && number != a->number)
        return 1;
    if (a->reason != NULL && !tl_str_is(r->reason, a->reason))
        return 0;
    bool whole = tl_again_whole(r);
    if (a->with == NULL && (!whole || !tl_again_event(p->log, number, r->bytes, p->arena, &p->text))) {
        p->left++;
        return a->number != 0;
    }
    int rc = sender_for(p, r->origin);
    if (rc == 0)
        rc = sender_put(p->sender, (struct tl_str){ (const char *)p->text.data, p->text.len }, number, p->err);
    p->sent += rc == 0;
    return rc != 0 ? rc : a->number != 0;
}

static int
read_correction(struct replay *p)
{
    struct tl_buf b = {0};
    char chunk[4096];
    FILE *in = fopen(p->ask->with, "re");
    if (in == NULL)
        return tl_fail(p->err, TL_ENOTFOUND, "cannot open %s: %s", p->ask->with, strerror(errno));
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, in)) > 0;)
        tl_buf_put(&b, chunk, n);
    fclose(in);
    bool good = !b.failed && tl_again_event(p->log, p->ask->number, (struct tl_str){ (const char *)b.data, b.len }, p->arena, &p->text);
    tl_buf_free(&b);
    return good ? 0 : tl_fail(p->err, TL_EINVAL, "%s is not one JSON object", p->ask->with);
}

static int
replay_all(struct replay *p)
{
    int rc = 0;
    p->arena = tl_arena_new(4 * 1024 * 1024);
    if (p->arena == NULL)
        return tl_fail(p->err, TL_ENOMEM, "out of memory");
    if (p->ask->with != NULL)
        rc = read_correction(p);
    p->below = p->ask->number != 0 ? p->ask->number + 1 : 0;
    for (p->page = PAGE_ITEMS + 1; rc == 0 && p->page > PAGE_ITEMS && p->below != 1;) {
        p->page = 0;
        rc = tl_eventlog_refused(p->log, p->below, send_item, p, p->err);
    }
    if (rc == 0 && p->ask->number != 0 && p->sent + p->left == 0)
        rc = tl_fail(p->err, TL_ENOTFOUND, "the quarantine has no item %llu", (unsigned long long)p->ask->number);
    struct tl_err second;
    struct tl_err *first = p->err;
    p->err = rc == 0 ? first : &second;
    int closed = close_sender(p);
    p->err = first;
    tl_arena_free(&p->arena);
    tl_buf_free(&p->text);
    return rc != 0 ? rc : closed;
}

static int
replay(const struct ask *a, struct tl_eventlog *log, struct tl_err *err)
{
    struct replay p = { .ask = a, .log = log, .err = err };
    const struct session_cfg cfg = { .command = "quarantine", .data = a->data, .needs = SESSION_NEED(SESSION_COLLECTOR) | SESSION_NEED(SESSION_AGGREGATOR) };
    int rc = session_open(&p.session, &cfg, err);
    if (rc == 0)
        rc = replay_all(&p);
    if (rc == 0)
        rc = session_settle(p.session, err);
    session_close(&p.session);
    if (rc == 0)
        printf("%llu sent again: %llu accepted, %llu refused again; %llu left as they are\n", (unsigned long long)p.sent, (unsigned long long)p.counts.accepted,
               (unsigned long long)p.counts.quarantined, (unsigned long long)p.left);
    return rc;
}

/* ---- the command ---- */

static int
with_log(struct ask *a, bool shows, struct tl_err *err)
{
    struct tl_eventlog *log = NULL;
    char path[PATH_MAX];
    a->data = session_data(a->data);
    int rc = tl_eventlog_open(&log, tl_run_path(path, a->data, "log"), true, err);
    if (rc == 0)
        rc = shows ? show(a, log, err) : replay(a, log, err);
    tl_eventlog_close(&log);
    return rc;
}

int
cli_quarantine(int argc, char **argv)
{
    struct ask a = {0};
    struct tl_err err = {0};
    const char *verb = argc > 1 ? argv[1] : "list";
    bool shows = strcmp(verb, "show") == 0, replays = strcmp(verb, "replay") == 0;
    int n;
    if (!shows && !replays) {
        bool named = argc > 1 && strcmp(verb, "list") == 0;
        argv[named] = argv[0];
        return cli_view(argc - named, argv + named);
    }
    const struct cli_option options[] = { { "--data", CLI_TEXT, &a.data }, { "--reason", CLI_TEXT, &a.reason }, { "--with", CLI_TEXT, &a.with }, { NULL, CLI_FLAG, NULL } };
    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    char *end = "";
    a.number = n > 1 ? strtoull(argv[2], &end, 10) : 0;
    if (n > 2 || *end != '\0' || (n > 1 && (a.number == 0 || argv[2][0] == '-')))
        return cli_usage("quarantine", "%s takes the number of one item, as the list shows it; numbers below 0 are in the log: touchline rebuild", verb);
    if ((shows || a.with != NULL) && a.number == 0)
        return cli_usage("quarantine", "which item? give its number");
    return with_log(&a, shows, &err) != 0 ? cli_fail("quarantine", &err) : CLI_OK;
}
