/* activate.c - `touchline activate`: a version of the catalogue goes into the log, and the journeys are made by it beside the live ones. */
#include "rebuild.h"

#include <unistd.h>
#include "cli.h"
#include "tl_catalogue_files.h"
#include "tl_port.h"
#include "tl_run.h"

const char cli_activate_help[] =
    "touchline activate [DIR] [--reason TEXT] [--data DIR] [--json]\n"
    "\n"
    "Lets the catalogue in DIR (DATA/catalogue when not given) hold from now on. Its files go into the log as a control record; the journeys are made again by\n"
    "it in a folder beside the live ones, while events come in and pages go on showing the ones before, and are swung to when they have caught up.\n"
    "\n"
    "  --reason TEXT   why, for those who read the log\n"
    "  --json          {hash, position, same, seconds}\n"
    "\n"
    "From the first activation on DATA/catalogue is a working copy: edits there, of titles too, show when they are activated. `touchline check --diff` says before\n"
    "what would change. Ctrl-C ends the waiting, not the activation. The version that holds already is not activated again.\n";

#define LOOK_US 20000
#define PATIENCE_US INT64_C(60000000)
#define FILES_ARENA_BYTES (4 * TL_CATALOGUE_BYTES_MAX)

struct activation {
    char hash[33];
    struct tl_buf body;
    uint64_t position;
    bool same;
};

/* ---- what is sent ---- */

static int
write_body(struct activation *a, const struct tl_catalogue_files *f, const char *reason, struct tl_err *err)
{
    struct tl_jw w = tl_jw_to(&a->body);
    tl_jw_open(&w, NULL);
    tl_catalogue_files_json(&w, f);
    tl_jw_cstr(&w, "hash", a->hash);
    if (reason != NULL)
        tl_jw_cstr(&w, "reason", reason);
    tl_jw_close(&w);
    return a->body.failed ? tl_fail(err, TL_ENOMEM, "out of memory") : 0;
}

/* every mistake on a line of its own */
static int
explain(const struct tl_catalogue_notes *notes, const char *dir, struct tl_err *err)
{
    for (uint32_t i = 0; i < notes->note_n; i++)
        if (!notes->note[i].doubt)
            fprintf(stderr, "%s, line %u: %s\n", notes->note[i].file, notes->note[i].line, notes->note[i].text);
    return notes->wrong_n == 0 ? 0 : tl_fail(err, TL_ECONFIG, "%s has %u mistake%s; nothing was changed", dir, notes->wrong_n, notes->wrong_n == 1 ? "" : "s");
}

static int
read_folder(struct activation *a, const char *dir, const char *reason, struct tl_err *err)
{
    struct tl_arena *arena = tl_arena_new(FILES_ARENA_BYTES);
    struct tl_catalogue_files *f = arena != NULL ? tl_arena_alloc(arena, sizeof *f) : NULL;
    struct tl_catalogue_notes *notes = NULL;
    struct tl_catalogue *c = NULL;
    int rc = f != NULL ? tl_catalogue_files_read(dir, arena, f, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0 && f->n == 0)
        rc = tl_fail(err, TL_ENOTFOUND, "%s holds no *.json file; `touchline suggest` drafts a catalogue from the events seen", dir);
    if (rc == 0)
        rc = tl_catalogue_check_files(f, &c, &notes, err);
    if (rc == 0)
        rc = explain(notes, dir, err);
    if (rc == 0) {
        snprintf(a->hash, sizeof a->hash, "%s", c->hash);
        rc = write_body(a, f, reason, err);
    }
    tl_catalogue_notes_free(&notes);
    tl_catalogue_free(&c);
    tl_arena_free(&arena);
    return rc;
}

static int
send_it(struct session *s, struct activation *a, struct tl_err *err)
{
    struct tl_arena *arena = tl_arena_new(1024 * 1024);
    struct tl_buf answer = {0};
    struct tl_jv *root = NULL;
    int rc = arena == NULL ? tl_fail(err, TL_ENOMEM, "out of memory")
                           : session_control(s, "catalogue", (struct tl_str){ (const char *)a->body.data, a->body.len }, &answer, err);
    if (rc == 0)
        rc = tl_json_tree(arena, (struct tl_str){ (const char *)answer.data, answer.len }, 0, &root, NULL, err);
    a->position = rc == 0 ? (uint64_t)tl_jv_int(root, "position", 0) : 0;
    a->same = rc == 0 && tl_jv_bool(root, "same", false);
    tl_arena_free(&arena);
    tl_buf_free(&answer);
    return rc;
}

/* ---- waiting ---- */

static int
watch(struct session *s, const struct activation *a, struct tl_err *err)
{
    struct rebuild_progress p = {0};
    int64_t answered_us = tl_clock_real()->mono_us(tl_clock_real());
    for (;;) {
        int64_t now = tl_clock_real()->mono_us(tl_clock_real());
        int rc = rebuild_look(s, &p, err);
        if (rc == 0)
            answered_us = now;
        else if ((rc != TL_ENET && rc != TL_EBUSY) || now - answered_us > PATIENCE_US)     /* one that died comes back, and goes on */
            return rc;
        if (rc == 0 && p.catalogue_at >= a->position && !p.running)
            break;
        if (tl_run_stopping())
            return tl_fail(err, TL_EINTR, session_is_own(s) ? "stopped waiting; the activation stands in the log and goes on when the aggregator runs again"
                                                            : "stopped waiting; the activation goes on");
        rebuild_tell(&p);
        usleep(LOOK_US);
    }
    cli_progress_end();
    return 0;
}

static void
say(const struct activation *a, bool json, double seconds)
{
    if (json)
        printf("{\"hash\":\"%s\",\"position\":%llu,\"same\":%s,\"seconds\":%.3f}\n", a->hash, (unsigned long long)a->position, a->same ? "true" : "false", seconds);
    else if (a->same)
        printf("catalogue %s holds already: nothing to do\n", a->hash);
    else
        printf("catalogue %s holds now; journeys made by it in %.1f s\n", a->hash, seconds);
}

static int
activate(struct activation *a, const char *data, bool json, struct tl_err *err)
{
    const struct session_cfg cfg = { .command = "activate", .data = data, .needs = SESSION_NEED(SESSION_AGGREGATOR) };
    struct session *s = NULL;
    int64_t began = tl_clock_real()->mono_us(tl_clock_real());
    int rc = session_open(&s, &cfg, err);
    if (rc == 0)
        rc = send_it(s, a, err);
    if (rc == 0)
        rc = watch(s, a, err);
    session_close(&s);
    if (rc == 0)
        say(a, json, (double)(tl_clock_real()->mono_us(tl_clock_real()) - began) / 1e6);
    return rc;
}

int
cli_activate(int argc, char **argv)
{
    const char *data = NULL, *reason = NULL;
    bool json = false;
    char dir[PATH_MAX];
    struct activation a = {0};
    struct tl_err err = {0};
    int n;
    const struct cli_option options[] = { { "--data", CLI_TEXT, &data }, { "--reason", CLI_TEXT, &reason }, { "--json", CLI_FLAG, &json }, { NULL, CLI_FLAG, NULL } };
    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    if (n > 1)
        return cli_usage("activate", "one folder at a time; what is \"%s\"?", argv[2]);
    if (n == 1)
        snprintf(dir, sizeof dir, "%s", argv[1]);
    else
        tl_run_path(dir, session_data(data), "catalogue");
    int rc = read_folder(&a, dir, reason, &err);
    if (rc == 0)
        rc = activate(&a, data, json, &err);
    tl_buf_free(&a.body);
    return rc != 0 ? cli_fail("activate", &err) : CLI_OK;
}
