/* report.c - `touchline report`: the weekly report as the viewer makes and keeps it: a summary on the terminal, the sheet as a file that stands alone, or its JSON. */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include "session.h"
#include "tl_fetch.h"
#include "tl_time.h"
#include "view.h"

#define ANSWER_ARENA_BYTES (256ull * 1024 * 1024)
#define STYLE_LINK "<link rel=\"stylesheet\" href=\"/report.css\">"
#define TOOLS "<nav class=\"tools\">"
#define TOOLS_END "</nav>"
#define ICON_LINK "<link rel=\"icon\" href=\"/icon.svg\">"

const char cli_report_help[] =
    "touchline report [--week 2026-W08] [--journey TYPE] [--lang zh|en] [--out FILE] [--json] [--freeze]\n"
    "\n"
    "The weekly report: headline figures, break points, emotion, moments of truth, who has what open, what was done. Once a week's journeys have had their time (the journey type's\n"
    "gap, or the horizon of its damage outcome, 14 days at most) its report is kept as it was made, with its as_of and catalogue, and shown again byte for byte; when the data have\n"
    "changed since, it says so. To have another one made, move DATA/reports/JOURNEY.WEEK.json away.\n"
    "\n"
    "  --week WEEK              an ISO week; default the last one that is over\n"
    "  --journey TYPE           a journey type of the catalogue; default its first own one\n"
    "  --out FILE               the sheet (A4 landscape) as one HTML file; - for stdout\n"
    "  --lang zh|en             its language; default that of the terminal\n"
    "  --json                   exactly what /api/report answers\n"
    "  --freeze                 keep it now: the week is over, and nobody wants to wait\n"
    "  --data DIR | --url URL   the store's folder (default TOUCHLINE_DATA, else ./data), or a running viewer, like http://127.0.0.1:8090\n";

struct ask {
    const char *data, *url, *week, *journey, *lang, *out;
    bool json, freeze;
};

static const char *
say(const char *en, const char *zh)
{
    return cli_zh() ? zh : en;
}

/* ---- the address ---- */
static void
put_parameter(struct tl_buf *path, char *lead, const char *name, const char *value)
{
    if (value == NULL)
        return;
    tl_buf_printf(path, "%c%s=", *lead, name);
    tl_fetch_escape(path, tl_str_of(value));
    *lead = '&';
}

static int
get(struct session *s, const struct ask *a, bool page, struct tl_buf *body, struct tl_err *err)
{
    struct tl_buf path = {0};
    char lead = '?';
    tl_buf_put_str(&path, page ? "/report" : "/api/report");
    put_parameter(&path, &lead, "week", a->week);
    put_parameter(&path, &lead, "journey", a->journey);
    if (page)
        put_parameter(&path, &lead, "lang", a->lang != NULL ? a->lang : cli_zh() ? "zh" : "en");
    else if (a->freeze)
        put_parameter(&path, &lead, "freeze", "1");
    tl_buf_put_u8(&path, 0);
    int rc = path.failed ? tl_fail(err, TL_ENOMEM, "out of memory") : session_get(s, SESSION_VIEWER, (const char *)path.data, body, err);
    tl_buf_free(&path);
    return rc;
}

/* ---- a file that stands alone: its looks are put in, what the page fetched is left out ---- */
static int
write_page(FILE *out, const struct tl_buf *page, const struct tl_buf *css)
{
    const char *p = (const char *)page->data, *end = p + page->len;
    const char *style = memmem(p, page->len, STYLE_LINK, sizeof STYLE_LINK - 1), *icon = memmem(p, page->len, ICON_LINK, sizeof ICON_LINK - 1);
    if (style == NULL || icon == NULL || icon > style)
        return fwrite(p, 1, page->len, out) == page->len ? 0 : -1;
    fwrite(p, 1, (size_t)(icon - p), out);
    fprintf(out, "<style>\n");
    fwrite(css->data, 1, css->len, out);
    fprintf(out, "</style>");
    p = style + sizeof STYLE_LINK - 1;
    const char *tools = memmem(p, (size_t)(end - p), TOOLS, sizeof TOOLS - 1), *on = tools != NULL ? memmem(tools, (size_t)(end - tools), TOOLS_END, sizeof TOOLS_END - 1) : NULL;
    if (on != NULL) {                                /* its links lead nowhere from a file */
        fwrite(p, 1, (size_t)(tools - p), out);
        p = on + sizeof TOOLS_END - 1;
    }
    return fwrite(p, 1, (size_t)(end - p), out) == (size_t)(end - p) && fflush(out) == 0 ? 0 : -1;
}

static int
save(struct session *s, const struct ask *a, struct tl_err *err)
{
    struct tl_buf page = {0}, css = {0};
    bool to_stdout = strcmp(a->out, "-") == 0;
    int rc = get(s, a, true, &page, err);
    if (rc == 0)
        rc = session_get(s, SESSION_VIEWER, "/report.css", &css, err);
    FILE *out = rc != 0 ? NULL : to_stdout ? stdout : fopen(a->out, "we");
    if (rc == 0 && out == NULL)
        rc = tl_fail(err, TL_EIO, "cannot write %s: %s", a->out, strerror(errno));
    if (rc == 0 && write_page(out, &page, &css) != 0)
        rc = tl_fail(err, TL_EIO, "cannot write %s: %s", a->out, strerror(errno));
    if (out != NULL && !to_stdout && fclose(out) != 0 && rc == 0)
        rc = tl_fail(err, TL_EIO, "cannot write %s: %s", a->out, strerror(errno));
    tl_buf_free(&page);
    tl_buf_free(&css);
    return rc;
}

/* ---- on the terminal ---- */
static void
print_state(const struct tl_jv *root, FILE *out)
{
    const struct tl_jv *r = tl_jv_get(root, "report"), *kept = tl_jv_get(root, "kept");
    struct tl_str week = tl_jv_text(root, "week"), from = tl_jv_text(r, "from"), to = tl_jv_text(r, "to"), journey = tl_jv_text(r, "journey"), catalogue = tl_jv_text(r, "catalogue");
    char as_of[32], zone[64];
    int64_t ms = tl_jv_int(r, "as_of", 0);
    struct tl_zone *z = NULL;
    snprintf(zone, sizeof zone, "%.*s", (int)(tl_jv_text(r, "timezone").n < 63 ? tl_jv_text(r, "timezone").n : 63), tl_jv_text(r, "timezone").p);
    if (tl_zone_open(&z, zone, NULL) == 0)
        ms += (int64_t)tl_zone_offset_s(z, ms) * 1000;
    tl_zone_free(&z);
    tl_time_format(ms, as_of);
    as_of[10] = ' ';
    as_of[16] = '\0';
    fprintf(out, say("%.*s, %.*s to %.*s, journeys of type %.*s\n", "%.*s,%.*s 至 %.*s,旅程类型 %.*s\n"), (int)week.n, week.p, (int)from.n, from.p, (int)to.n, to.p, (int)journey.n, journey.p);
    fprintf(out, say("as of %s, catalogue %.*s, %s\n\n", "判定时刻 %s,目录 %.*s,%s\n\n"), as_of, (int)catalogue.n, catalogue.p,
            kept != NULL && kept->type == TL_JOBJECT ? say("kept as it was made", "已冻结") : say("provisional", "暂定"));
    if (tl_jv_bool(root, "changed", false))
        fprintf(out, "%s\n\n", say("Data or rules have changed since this was frozen: counted again, the figures differ.", "冻结之后数据或规则有变动:重新计算的数字与本报告不同。"));
}

static void
print_report(const struct tl_jv *root, FILE *out)
{
    const struct tl_jv *findings = tl_jv_get(tl_jv_get(root, "report"), "findings"), *breaks = tl_jv_get(findings, "breaks");
    print_state(root, out);
    view_print_figures(tl_jv_get(findings, "figures"), out);
    view_print_found(breaks, out);
}

static int
show(const struct ask *a, const struct tl_buf *body, struct tl_err *err)
{
    if (a->json) {
        fwrite(body->data, 1, body->len, stdout);
        if (isatty(STDOUT_FILENO))
            fputc('\n', stdout);
        return 0;
    }
    struct tl_arena *arena = tl_arena_new(ANSWER_ARENA_BYTES);
    struct tl_jv *root = NULL;
    int rc = arena == NULL ? tl_fail(err, TL_ENOMEM, "out of memory") : tl_json_tree(arena, (struct tl_str){ (const char *)body->data, body->len }, VIEW_DEPTH, &root, NULL, err);
    if (rc == 0)
        print_report(root, stdout);
    tl_arena_free(&arena);
    return rc;
}

static int
run(const struct ask *a)
{
    struct tl_err err = {0};
    struct session *s = NULL;
    struct tl_buf body = {0};
    const struct session_cfg cfg = { .command = "report", .data = a->data, .url = a->url, .needs = SESSION_NEED(SESSION_VIEWER) | SESSION_NEED(SESSION_AGGREGATOR) };
    int rc = session_open(&s, &cfg, &err);
    if (rc == 0 && session_is_own(s))
        rc = session_settle(s, &err);
    if (rc == 0)
        rc = get(s, a, false, &body, &err);          /* first: what is asked may have to be kept */
    if (rc == 0 && a->out != NULL)
        rc = save(s, a, &err);
    if (rc == 0 && (a->json || a->out == NULL))
        rc = show(a, &body, &err);
    session_close(&s);
    tl_buf_free(&body);
    return rc == 0 ? CLI_OK : cli_fail("report", &err);
}

int
cli_report(int argc, char **argv)
{
    struct ask a = {0};
    int n;
    const struct cli_option options[] = {
        { "--data", CLI_TEXT, &a.data }, { "--url", CLI_TEXT, &a.url }, { "--week", CLI_TEXT, &a.week }, { "--journey", CLI_TEXT, &a.journey }, { "--lang", CLI_TEXT, &a.lang },
        { "--out", CLI_TEXT, &a.out }, { "--json", CLI_FLAG, &a.json }, { "--freeze", CLI_FLAG, &a.freeze }, { NULL, CLI_FLAG, NULL },
    };
    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    if (n > 0)
        return cli_usage("report", "what is \"%s\"?", argv[1]);
    if (a.lang != NULL && strcmp(a.lang, "zh") != 0 && strcmp(a.lang, "en") != 0)
        return cli_usage("report", "--lang is zh or en");
    if (a.out != NULL && a.json && strcmp(a.out, "-") == 0)
        return cli_usage("report", "--json and --out - both write to stdout");
    return run(&a);
}
