/* rebuild.c - `touchline rebuild`: all journeys anew from the log, beside the live ones, then swung over. */
#include "rebuild.h"

#include <unistd.h>
#include "cli.h"
#include "tl_json.h"
#include "tl_port.h"
#include "tl_run.h"

const char cli_rebuild_help[] =
    "touchline rebuild [--data DIR]\n"
    "\n"
    "Makes all journeys again from the log, in a folder beside the live ones, and swings over when it has caught up; pages and commands go on working\n"
    "meanwhile. Needed after another time zone, or when DATA/catalogue was edited and nothing has been activated yet; harmless at any time: the same log gives the same journeys.\n";

#define LOOK_US 20000

static void
copy(char *out, size_t cap, struct tl_str s)
{
    snprintf(out, cap, "%.*s", (int)(s.n < cap ? s.n : cap - 1), s.n > 0 ? s.p : "");
}

int
rebuild_look(struct session *s, struct rebuild_progress *p, struct tl_err *err)
{
    struct tl_arena *a = tl_arena_new(1024 * 1024);
    struct tl_buf b = {0};
    struct tl_jv *root = NULL;
    int rc = a == NULL ? tl_fail(err, TL_ENOMEM, "out of memory") : session_get(s, SESSION_AGGREGATOR, "/healthz", &b, err);
    if (rc == 0)
        rc = tl_json_tree(a, (struct tl_str){ (const char *)b.data, b.len }, 0, &root, NULL, err);
    const struct tl_jv *r = rc == 0 ? tl_jv_get(root, "rebuild") : NULL;
    const struct tl_jv *c = rc == 0 ? tl_jv_get(root, "catalogue") : NULL, *next = tl_jv_get(c, "next");
    struct tl_str trouble = tl_jv_text(next, "trouble");
    if (rc == 0 && trouble.n == 0)
        trouble = tl_jv_text(root, "stitching");
    p->running = r != NULL && r->type == TL_JOBJECT;
    copy(p->phase, sizeof p->phase, tl_jv_text(r, "phase"));
    copy(p->hash, sizeof p->hash, tl_jv_text(c, "hash"));
    copy(p->next_hash, sizeof p->next_hash, tl_jv_text(next, "hash"));
    p->catalogue_at = (uint64_t)tl_jv_int(c, "activation", 0);
    p->catalogue_next = (uint64_t)tl_jv_int(next, "activation", 0);
    p->done = (uint64_t)tl_jv_int(r, "done", 0);
    p->total = (uint64_t)tl_jv_int(r, "total", 0);
    if (rc == 0 && trouble.n > 0)
        rc = tl_fail(err, TL_EIO, "the journeys could not be made: %.*s", (int)(trouble.n < 180 ? trouble.n : 180), trouble.p);
    tl_arena_free(&a);
    tl_buf_free(&b);
    return rc;
}

void
rebuild_tell(const struct rebuild_progress *p)
{
    if (p->running)
        cli_progress("making journeys, %s: %llu of %llu", p->phase, (unsigned long long)p->done, (unsigned long long)p->total);
}

static int
watch(struct session *s, struct tl_err *err)
{
    struct rebuild_progress p = { .running = true };
    for (int quiet = 0; quiet < 2; quiet = p.running ? 0 : quiet + 1) {     /* twice: between asking and beginning nothing runs */
        if (tl_run_stopping())
            return tl_fail(err, TL_EINTR, "stopped; the live journeys are as they were");
        usleep(LOOK_US);
        int rc = rebuild_look(s, &p, err);
        if (rc != 0)
            return rc;
        rebuild_tell(&p);
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
