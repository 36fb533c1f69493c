/* export.c - `touchline export`: what the viewer's export answers, into a file or to stdout. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>
#include "session.h"
#include "tl_fetch.h"

const char cli_export_help[] =
    "touchline export [--format ndjson|csv|xes] [--rows] [--out FILE] [--journey TYPE] [--from DAY] [--to DAY] [--filter KEY=VALUE]...\n"
    "                 [--lifecycle all|complete] [--stream NAME] [--as-of TIME] [--data DIR | --url URL]\n"
    "\n"
    "  ndjson (default)  events as native events, one a line, in the log's order: `touchline import` takes them back\n"
    "  csv               steps of journeys, one a line, for a spreadsheet\n"
    "  xes               journeys as traces, for process mining\n"
    "  --rows            canonical rows: journeys in words, sorted bytewise. Two stores with the same events give the same bytes.\n"
    "\n"
    "FILE is written beside its name and renamed when it is whole; without --out everything goes to stdout. --data DIR is the store's folder, --url URL\n"
    "a running viewer.\n";

struct options {
    const char *data, *url, *format, *out, *journey, *from, *to, *lifecycle, *stream, *as_of;
    struct cli_many filter;
    bool rows;
};

static void
put(struct tl_buf *path, const char *name, const char *value)
{
    if (value == NULL)
        return;
    tl_buf_printf(path, "&%s=", name);
    tl_fetch_escape(path, tl_str_of(value));
}

static void
make_path(const struct options *o, struct tl_buf *path)
{
    tl_buf_printf(path, "/api/export?format=%s", o->rows ? "rows" : o->format != NULL ? o->format : "ndjson");
    put(path, "journey", o->journey);
    put(path, "from", o->from);
    put(path, "to", o->to);
    put(path, "lifecycle", o->lifecycle);
    put(path, "stream", o->stream);
    put(path, "as_of", o->as_of);
    for (int i = 0; i < o->filter.n; i++)
        put(path, "filter", o->filter.v[i]);
    tl_buf_put_u8(path, 0);
}

/* FILE.part, renamed when it is whole */
static int
open_out(const char *name, char *temp, size_t cap, int *fd, struct tl_err *err)
{
    *fd = STDOUT_FILENO;
    if (name == NULL)
        return 0;
    if ((size_t)snprintf(temp, cap, "%s.part", name) >= cap || (*fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) < 0)
        return tl_fail(err, TL_EIO, "cannot write %s: %s", name, strerror(errno));
    return 0;
}

static int
close_out(const char *name, const char *temp, int fd, int rc, struct tl_err *err)
{
    if (name == NULL)
        return rc;
    bool good = close(fd) == 0;
    if (rc == 0 && (!good || rename(temp, name) != 0))
        rc = tl_fail(err, TL_EIO, "cannot write %s: %s", name, strerror(errno));
    if (rc != 0)
        unlink(temp);
    return rc;
}

static int
write_export(struct session *s, const char *name, const char *path, struct tl_err *err)
{
    char temp[PATH_MAX];
    uint64_t written = 0;
    int fd, rc = open_out(name, temp, sizeof temp, &fd, err);
    if (rc != 0)
        return rc;
    rc = session_get_to(s, SESSION_VIEWER, path, fd, &written, err);
    return close_out(name, temp, fd, rc, err);
}

static int
run(const struct options *o)
{
    struct tl_err err = {0};
    struct session *s = NULL;
    struct tl_buf path = {0};
    const struct session_cfg cfg = { .command = "export", .data = o->data, .url = o->url,
                                     .needs = SESSION_NEED(SESSION_VIEWER) | SESSION_NEED(SESSION_AGGREGATOR) };
    make_path(o, &path);
    int rc = path.failed ? tl_fail(&err, TL_ENOMEM, "out of memory") : session_open(&s, &cfg, &err);
    if (rc == 0 && session_is_own(s))
        rc = session_settle(s, &err);
    if (rc == 0)
        rc = write_export(s, o->out, (const char *)path.data, &err);
    session_close(&s);
    tl_buf_free(&path);
    return rc == 0 ? CLI_OK : cli_fail("export", &err);
}

int
cli_export(int argc, char **argv)
{
    struct options o = {0};
    int n;
    const struct cli_option options[] = {
        { "--data", CLI_TEXT, &o.data }, { "--url", CLI_TEXT, &o.url }, { "--format", CLI_TEXT, &o.format }, { "--out", CLI_TEXT, &o.out },
        { "--journey", CLI_TEXT, &o.journey }, { "--from", CLI_TEXT, &o.from }, { "--to", CLI_TEXT, &o.to }, { "--lifecycle", CLI_TEXT, &o.lifecycle },
        { "--stream", CLI_TEXT, &o.stream }, { "--as-of", CLI_TEXT, &o.as_of }, { "--filter", CLI_MANY, &o.filter }, { "--rows", CLI_FLAG, &o.rows },
        { NULL, CLI_FLAG, NULL },
    };
    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    if (n > 0)
        return cli_usage("export", "what is \"%s\"? A file is named with --out", argv[1]);
    return run(&o);
}
