/* rebuild.c - `touchline rebuild`: all journeys anew from the log, beside the live ones, then swung over. */
#include "cli.h"

#include <unistd.h>
#include "session.h"
#include "tl_json.h"
#include "tl_port.h"
#include "tl_run.h"

const char cli_rebuild_help[] =
    "touchline rebuild [--data DIR]\n"
    "\n"
    "Makes all journeys again from the log, in a folder beside the live ones, and swings over when it has caught up; pages and commands go on working\n"
    "meanwhile. Needed after another time zone or catalogue; harmless at any time: the same log gives the same journeys.\n";

#define LOOK_US 20000

struct progress { bool running; char phase[24]; uint64_t done, total; };

static int
look(struct session *s, struct progress *p, struct tl_err *err)
{
    struct tl_arena *a = tl_arena_new(1024 * 1024);
    struct tl_buf b = {0};
    struct tl_jv *root = NULL;
    int rc = a == NULL ? tl_fail(err, TL_ENOMEM, "out of memory") : session_get(s, SESSION_AGGREGATOR, "/healthz", &b, err);
    if (rc == 0)
        rc = tl_json_tree(a, (struct tl_str){ (const char *)b.data, b.len }, 0, &root, NULL, err);
    const struct tl_jv *r = rc == 0 ? tl_jv_get(root, "rebuild") : NULL;
    struct tl_str phase = tl_jv_text(r, "phase"), trouble = rc == 0 ? tl_jv_text(root, "stitching") : (struct tl_str){0};
    p->running = r != NULL && r->type == TL_JOBJECT;
    snprintf(p->phase, sizeof p->phase, "%.*s", (int)(phase.n < 20 ? phase.n : 20), phase.n > 0 ? phase.p : "");
    p->done = (uint64_t)tl_jv_int(r, "done", 0);
    p->total = (uint64_t)tl_jv_int(r, "total", 0);
    if (rc == 0 && trouble.n > 0)
        rc = tl_fail(err, TL_EIO, "the rebuild stopped: %.*s", (int)(trouble.n < 180 ? trouble.n : 180), trouble.p);
    tl_arena_free(&a);
    tl_buf_free(&b);
    return rc;
}

static int
watch(struct session *s, struct tl_err *err)
{
    struct progress p = { .running = true };
    for (int quiet = 0; quiet < 2; quiet = p.running ? 0 : quiet + 1) {     /* twice: between asking and beginning nothing runs */
        if (tl_run_stopping())
            return tl_fail(err, TL_EINTR, "stopped; the live journeys are as they were");
        usleep(LOOK_US);
        int rc = look(s, &p, err);
        if (rc != 0)
            return rc;
        if (p.running)
            cli_progress("rebuild, %s: %llu of %llu", p.phase, (unsigned long long)p.done, (unsigned long long)p.total);
    }
    cli_progress_end();
    return 0;
}

int
cli_rebuild(int argc, char **argv)
{
    const char *data = NULL;
    struct tl_err err = {0};
    struct session *s = NULL;
    struct tl_buf answer = {0};
    int n;
    const struct cli_option options[] = { { "--data", CLI_TEXT, &data }, { NULL, CLI_FLAG, NULL } };
    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    if (n > 0)
        return cli_usage("rebuild", "what is \"%s\"?", argv[1]);
    const struct session_cfg cfg = { .command = "rebuild", .data = data, .needs = SESSION_NEED(SESSION_AGGREGATOR) };
    int64_t began = tl_clock_real()->mono_us(tl_clock_real());
    int rc = session_open(&s, &cfg, &err);
    if (rc == 0)
        rc = session_settle(s, &err);
    if (rc == 0)
        rc = session_control(s, "rebuild", TL_STR("{}"), &answer, &err);
    if (rc == 0)
        rc = watch(s, &err);
    session_close(&s);
    tl_buf_free(&answer);
    if (rc != 0)
        return cli_fail("rebuild", &err);
    fprintf(stderr, "rebuilt in %.1f s\n", (double)(tl_clock_real()->mono_us(tl_clock_real()) - began) / 1e6);
    return CLI_OK;
}
