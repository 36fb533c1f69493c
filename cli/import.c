/* import.c - `touchline import`: files become events, sent through a collector like anyone's. */
#include "tl_import.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>
#include "cli.h"
#include "import_preview.h"
#include "send.h"
#include "session.h"
#include "tl_event.h"
#include "tl_json.h"
#include "tl_mapping.h"

const char cli_import_help[] =
    "touchline import FILE... [--map MAPPING.json] [--run NAME] [--data DIR | --url URL] [--format xes|csv|ndjson] [--dry-run] [--json]\n"
    "touchline import FILE... --preview [--map MAPPING.json] [--json]\n"
    "touchline import --undo RUN [--data DIR]\n"
    "\n"
    "Reads XES (.xes, .xes.gz), tables (.csv, .tsv, .csv.gz) and native events (.ndjson, .jsonl, .gz), and sends them through a collector. With --data\n"
    "and nothing running there, what is needed is started and stopped again. --url URL is a running collector, like http://127.0.0.1:8080.\n"
    "\n"
    "  --run NAME     name of the import run; default: the file's name without endings. Its origin is import:FORMAT:NAME.\n"
    "  --map FILE     says which column of a table becomes what (below); without it, columns are guessed by name, and shown before anything is sent\n"
    "  --preview      the first ten events that the files would make, and what of their rows is not understood, with row and column; nothing is sent\n"
    "  --dry-run      read and check, send nothing\n"
    "  --json         the summary as JSON on stdout\n"
    "  --undo RUN     take back what the run brought: NAME, or an origin like import:csv:NAME. The events stay in the log, and count nowhere.\n"
    "\n"
    "Importing a file again, or a longer version of it under the same run, adds only what is new: ids are made of the content. Bad rows are reported\n"
    "with file and line, and do not stop the rest.\n"
    "\n"
    "XES: a trace is a customer and a journey; concept:name is what happened, org:resource the agent, lifecycle:transition the lifecycle; other\n"
    "attributes go to props, those of the trace to props.trace of its first event.\n"
    "\n"
    "Tables: known column names are (in any case, with blanks, _ or : left out) case:concept:name, case id, trace id / concept:name, activity, event,\n"
    "event type, action / time:timestamp, timestamp, time, date / org:resource, agent / lifecycle:transition / user id, customer id, member id, email,\n"
    "phone, device id / channel, touchpoint, place, store, order id, outcome, tier, and their Chinese names.\n"
    "\n"
    "A mapping file (--map) says more: dictionaries, times and zones, money, several rows that are one event, wait and handle times, encodings such as\n"
    "GB18030. It is explained in schemas/mappings.md; ready ones for tills, Asterisk, Amazon Connect, Zendesk and surveys lie in schemas/mappings/, and\n"
    "`touchline check FILE` reads it. The smallest:\n"
    "\n"
    "  {\"fields\": {\"type\": \"status\", \"time\": \"changed at\", \"case\": \"ticket no\", \"agent\": \"owner\"},\n"
    "   \"ids\": {\"member\": \"customer no\", \"email\": \"mail\"}, \"set\": {\"channel\": \"phone\"}}\n";

#define BAD_SHOWN_MAX 20
#define REASONS_MAX 32

struct options {
    const char *data, *url, *map, *run, *format, *undo;
    bool dry_run, json;
};

/* one file's way */
struct job {
    const struct options *o;
    const char *path;
    char run[TL_IMPORT_RUN_BYTES_MAX + 1], origin[TL_IMPORT_RUN_BYTES_MAX + 32];
    enum tl_import_format format;
    const struct tl_mapping *mapping;    /* NULL: none */
    struct tl_import_source src;
    struct sender *sender;
    struct session *session;
    struct sender_counts counts;
    uint64_t made;
    pthread_mutex_t lock;                /* guards the rest: the sender's threads tell of quarantined rows while the reader tells of bad ones */
    uint64_t bad, refused;
    struct { char text[120]; uint64_t n; } reason[REASONS_MAX];
    int reasons_n;
};

/* ---- telling ---- */
static void
count_reason(struct job *j, const char *text)
{
    for (int i = 0; i < j->reasons_n; i++)
        if (strcmp(j->reason[i].text, text) == 0) {
            j->reason[i].n++;
            return;
        }
    if (j->reasons_n == REASONS_MAX)
        return;
    snprintf(j->reason[j->reasons_n].text, sizeof j->reason[0].text, "%.119s", text);
    j->reason[j->reasons_n++].n = 1;
}

static void
show_bad(struct job *j, uint64_t line, const char *why)
{
    if (j->bad + j->refused < BAD_SHOWN_MAX) {
        cli_progress_end();
        fprintf(stderr, "%s:%llu: %s\n", j->path, (unsigned long long)line, why);
    } else if (j->bad + j->refused == BAD_SHOWN_MAX) {
        cli_progress_end();
        fprintf(stderr, "further bad rows of %s are only counted\n", j->path);
    }
}

static void
take_bad(void *arg, uint64_t line, const char *why)
{
    struct job *j = arg;
    pthread_mutex_lock(&j->lock);
    show_bad(j, line, why);
    count_reason(j, why);
    j->bad++;
    pthread_mutex_unlock(&j->lock);
}

static void
take_refused(void *arg, uint64_t line, struct tl_str id, struct tl_str reason, struct tl_str field)
{
    struct job *j = arg;
    char text[160];
    (void)id;
    snprintf(text, sizeof text, "quarantined: %.*s%s%.*s", (int)reason.n, reason.p, field.n > 0 ? " in " : "", (int)field.n, field.n > 0 ? field.p : "");
    pthread_mutex_lock(&j->lock);
    show_bad(j, line, text);
    count_reason(j, text);
    j->refused++;
    pthread_mutex_unlock(&j->lock);
}

static void
show_mapping(void *arg, struct tl_str text)
{
    (void)arg;
    cli_progress_end();
    fwrite(text.p, 1, text.n, stderr);
}

/* ---- one file ---- */
static int
take_event(void *arg, struct tl_str json, uint64_t line, struct tl_err *err)
{
    struct job *j = arg;
    if (json.n > TL_EVENT_BYTES_MAX) {
        take_bad(j, line, "the event would be larger than 32 KB; leave columns out with a mapping, or shorten its text");
        return 0;
    }
    j->made++;
    if (j->made % 4096 == 0)
        cli_progress("%s: %llu events read", j->path, (unsigned long long)j->made);
    return j->sender != NULL ? sender_put(j->sender, json, line, err) : 0;
}

static void
find_collector(void *arg, char url[80])
{
    struct job *j = arg;
    char now[80];
    if (session_url(j->session, SESSION_COLLECTOR, now)[0] != '\0')
        memcpy(url, now, 80);
}

static int
read_rows(struct job *j, struct tl_err *err)
{
    const struct tl_import_sink sink = { .event = take_event, .bad = take_bad, .mapping = show_mapping, .arg = j };
    j->src = (struct tl_import_source){ .path = j->path, .run = j->run };
    return tl_import_file(&j->src, j->mapping, j->format, &sink, NULL, err);
}

static int
check_run(const char *run, struct tl_err *err)
{
    size_t n = strlen(run);
    bool good = n > 0 && n <= TL_IMPORT_RUN_BYTES_MAX;
    for (size_t i = 0; i < n && good; i++)
        good = run[i] > ' ' && run[i] < 0x7f && run[i] != '/' && run[i] != '"' && run[i] != '\\';
    return good ? 0 : tl_fail(err, TL_EINVAL, "--run takes 1 to %d letters, digits and signs, no blanks, quotes or /", TL_IMPORT_RUN_BYTES_MAX);
}

static int
name_job(struct job *j, struct tl_err *err)
{
    int rc = 0;
    if (j->o->run != NULL)
        rc = check_run(j->o->run, err);
    if (rc != 0)
        return rc;
    if (j->o->run != NULL)
        snprintf(j->run, sizeof j->run, "%s", j->o->run);
    else
        tl_import_run_name(j->path, j->run);
    rc = tl_import_format_named(j->o->format, j->path, &j->format, err);
    if (rc == 0 && j->mapping != NULL && j->o->format == NULL)
        tl_mapping_format(j->mapping, &j->format);
    snprintf(j->origin, sizeof j->origin, "import:%s:%s", tl_import_format_word(j->format), j->run);
    return rc;
}

static int
import_file(struct job *j, struct tl_err *err)
{
    char url[80], token[65];
    struct tl_err second;
    struct sender_counts counts = {0};
    int rc = name_job(j, err);
    if (rc == 0 && access(j->path, R_OK) != 0)
        rc = tl_fail(err, errno == ENOENT ? TL_ENOTFOUND : TL_EIO, "cannot open %s: %s", j->path, strerror(errno));
    if (rc == 0 && j->session != NULL) {
        const struct sender_cfg cfg = { .url = session_url(j->session, SESSION_COLLECTOR, url), .key = j->origin, .token = session_token(j->session, token), .find = find_collector,
                                        .refused = take_refused, .arg = j };
        rc = sender_open(&j->sender, &cfg, err);
    }
    if (rc != 0)
        return rc;
    rc = read_rows(j, err);
    int closed = sender_close(&j->sender, &counts, rc == 0 ? err : &second);
    j->counts = counts;
    return rc != 0 ? rc : closed;
}

/* ---- summary ---- */
static void
print_json(const struct job *j, FILE *out)
{
    struct tl_buf b = {0};
    struct tl_jw w = tl_jw_to(&b);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "file", j->path);
    tl_jw_cstr(&w, "origin", j->origin);
    tl_jw_uint(&w, "rows", j->src.rows);
    tl_jw_uint(&w, "bad", j->bad);
    tl_jw_uint(&w, "sent", j->counts.events);
    tl_jw_uint(&w, "accepted", j->counts.accepted);
    tl_jw_uint(&w, "quarantined", j->counts.quarantined);
    tl_jw_uint(&w, "bodies_resent", j->counts.resent);
    tl_jw_array(&w, "reasons");
    for (int i = 0; i < j->reasons_n; i++) {
        tl_jw_open(&w, NULL);
        tl_jw_cstr(&w, "reason", j->reason[i].text);
        tl_jw_uint(&w, "rows", j->reason[i].n);
        tl_jw_close(&w);
    }
    tl_jw_end(&w);
    tl_jw_close(&w);
    fwrite(b.data, 1, b.len, out);
    fputc('\n', out);
    tl_buf_free(&b);
}

static void
print_summary(const struct job *j)
{
    char rows[32], sent[32], accepted[32], quarantined[32], bad[32];
    cli_progress_end();
    fprintf(stderr, "%s: %s rows read", j->path, cli_count(j->src.rows, rows));
    if (j->o->dry_run)
        fprintf(stderr, ", %s good, nothing sent (--dry-run)", cli_count(j->made, sent));
    else
        fprintf(stderr, ", %s sent, %s accepted, %s quarantined", cli_count(j->counts.events, sent), cli_count(j->counts.accepted, accepted),
                cli_count(j->counts.quarantined, quarantined));
    fprintf(stderr, ", %s bad; run %s\n", cli_count(j->bad, bad), j->origin);
    for (int i = 0; i < j->reasons_n; i++)
        fprintf(stderr, "  %s %s: %s\n", cli_count(j->reason[i].n, rows), j->reason[i].n == 1 ? "row" : "rows", j->reason[i].text);
}

/* what the journeys hold now: duplicates are found there, when events are put in order */
static int
tell_settled(struct session *s, uint64_t duplicates_before, struct tl_err *err)
{
    int64_t duplicates = 0;
    char text[32];
    int rc = session_settle(s, err);
    if (rc == 0 && session_metric(s, SESSION_AGGREGATOR, "touchline_a_events_duplicate", &duplicates, NULL) == 0
        && (uint64_t)duplicates > duplicates_before)
        fprintf(stderr, "%s events were there already\n", cli_count((uint64_t)duplicates - duplicates_before, text));
    return rc;
}

/* ---- undo ---- */
static int
undo_origin(struct session *s, const char *origin, struct tl_err *err)
{
    struct tl_buf body = {0}, answer = {0};
    struct tl_jw w = tl_jw_to(&body);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "origin", origin);
    tl_jw_close(&w);
    int rc = body.failed ? tl_fail(err, TL_ENOMEM, "out of memory")
                         : session_control(s, "undo", (struct tl_str){ (const char *)body.data, body.len }, &answer, err);
    tl_buf_free(&body);
    tl_buf_free(&answer);
    return rc;
}

static int
undo(const struct options *o)
{
    struct session *s = NULL;
    struct tl_err err = {0};
    const struct session_cfg cfg = { .command = "import", .data = o->data, .needs = SESSION_NEED(SESSION_AGGREGATOR) };
    if (o->url != NULL)
        return cli_usage("import", "--undo works on the folder where the store is: give --data DIR");
    int rc = session_open(&s, &cfg, &err);
    if (rc == 0)
        rc = session_settle(s, &err);
    bool whole = strncmp(o->undo, "import:", 7) == 0;
    for (int f = 0; f < TL_IMPORT_FORMATS && rc == 0 && !(whole && f > 0); f++) {
        char origin[TL_IMPORT_RUN_BYTES_MAX + 40];
        if (whole)
            snprintf(origin, sizeof origin, "%.90s", o->undo);
        else
            snprintf(origin, sizeof origin, "import:%s:%.60s", tl_import_format_word((enum tl_import_format)f), o->undo);
        rc = undo_origin(s, origin, &err);
    }
    if (rc == 0)
        rc = session_settle(s, &err);
    if (rc == 0)
        fprintf(stderr, "whatever run %s has sent until now is taken back: such events stay in the log, and count nowhere\n", o->undo);
    session_close(&s);
    return rc == 0 ? CLI_OK : cli_fail("import", &err);
}

/* ---- the command ---- */
static int
import_files(const struct options *o, const struct tl_mapping *mapping, struct session *s, char **file, int n, struct tl_err *err)
{
    int rc = 0;
    int64_t duplicates = 0;
    if (s != NULL && o->url == NULL)
        session_metric(s, SESSION_AGGREGATOR, "touchline_a_events_duplicate", &duplicates, NULL);
    for (int i = 0; i < n && rc == 0; i++) {
        struct job *j = calloc(1, sizeof *j);
        if (j == NULL)
            return tl_fail(err, TL_ENOMEM, "out of memory");
        j->o = o;
        j->mapping = mapping;
        j->path = file[i];
        j->session = s;
        pthread_mutex_init(&j->lock, NULL);
        rc = import_file(j, err);
        if (rc == 0 || j->src.rows > 0)
            print_summary(j);
        if (o->json)
            print_json(j, stdout);
        pthread_mutex_destroy(&j->lock);
        free(j);
    }
    if (rc == 0 && s != NULL && o->url == NULL)
        rc = tell_settled(s, (uint64_t)duplicates, err);
    return rc;
}

int
cli_import(int argc, char **argv)
{
    struct options o = {0};
    struct tl_err err = {0};
    struct session *s = NULL;
    struct tl_mapping *mapping = NULL;
    bool preview = false;
    int n, rc = 0;
    const struct cli_option options[] = {
        { "--preview", CLI_FLAG, &preview }, { "--data", CLI_TEXT, &o.data }, { "--url", CLI_TEXT, &o.url }, { "--map", CLI_TEXT, &o.map }, { "--run", CLI_TEXT, &o.run },
        { "--format", CLI_TEXT, &o.format }, { "--undo", CLI_TEXT, &o.undo }, { "--dry-run", CLI_FLAG, &o.dry_run }, { "--json", CLI_FLAG, &o.json },
        { NULL, CLI_FLAG, NULL },
    };
    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    if (o.undo != NULL)
        return undo(&o);
    if (n == 0)
        return cli_usage("import", "name the files to import");
    const struct session_cfg cfg = { .command = "import", .data = o.data, .url = o.url, .make = true,
                                     .needs = SESSION_NEED(SESSION_COLLECTOR) | SESSION_NEED(SESSION_AGGREGATOR) };
    if (o.map != NULL)
        rc = tl_mapping_read(&mapping, o.map, &err);
    for (int i = 0; i < n && preview && rc == 0; i++)
        rc = import_preview(argv[i + 1], mapping, o.format, o.json, &err);
    if (rc == 0 && !o.dry_run && !preview)
        rc = session_open(&s, &cfg, &err);
    if (rc == 0 && !preview)
        rc = import_files(&o, mapping, s, argv + 1, n, &err);
    session_close(&s);
    tl_mapping_free(&mapping);
    return rc == 0 ? CLI_OK : cli_fail("import", &err);
}
