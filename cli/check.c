/* check.c - `touchline check`: everything there is to say of a catalogue, before it is used. */
#include "check_diff.h"
#include "check_mapping.h"
#include "cli.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "session.h"
#include "shipped.h"
#include "tl_catalogue_files.h"
#include "tl_json.h"
#include "tl_run.h"

const char cli_check_help[] =
    "touchline check [FILE | FOLDER] [--data DIR] [--json]\n"
    "touchline check --init NAME [--data DIR]\n"
    "touchline check --diff [FILE | FOLDER] [--journey TYPE] [--from DAY] [--to DAY] [--as-of TIME] [--data DIR] [--json]\n"
    "\n"
    "Reads a catalogue (all *.json files of FOLDER, or one FILE that is a catalogue of its own; default DIR/catalogue) and says everything that is wrong with it,\n"
    "each mistake with its file, its line and what is allowed, and what is legal but may not be meant (doubt:). Members and values: schemas/catalogue.md.\n"
    "A FILE that is a mapping for `import --map` or the collector's --watch is checked as one (schemas/mappings.md).\n"
    "\n"
    "  --data DIR               the store's folder (default TOUCHLINE_DATA, else ./data)\n"
    "  --init NAME              first put a catalogue to begin from into DIR/catalogue, where there is none: tea (27 touchpoints: order in the app, pick up in the\n"
    "                           store, share, after-sales), line (browse online, try in the store, community, feedback), five-stages (the touchpoints of model A)\n"
    "  --json                   {path, mistakes, doubts, left_out, version, notes: [{file, line, kind: mistake or doubt, text}]}\n"
    "\n"
    "  --diff                   what it would change: makes the journeys by it in a folder beside the live ones, from the same log, and says for each standard\n"
    "                           and touchpoint the breaks before and after, how many journeys gain or lose one (10 examples of each), and which findings of\n"
    "                           `touchline breaks` appear or vanish; same days, same as-of. Needs disk for two stores meanwhile; Ctrl-C leaves nothing behind\n"
    "\n"
    "Exit code 0: it can be used, 1: it has mistakes or cannot be read. Without --init nothing is changed.\n";

static void
print_json(const char *path, const struct tl_catalogue *c, const struct tl_catalogue_notes *n)
{
    struct tl_buf out = {0};
    struct tl_jw w = tl_jw_to(&out);

    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "path", path);
    tl_catalogue_notes_json(&w, c, n);
    tl_jw_close(&w);
    printf("%.*s\n", (int)out.len, (const char *)out.data);
    tl_buf_free(&out);
}

/* ids come from files: nothing of theirs may steer a terminal */
static void
print_text(const char *text)
{
    for (; *text != 0; text++) {
        unsigned char c = (unsigned char)*text, next = (unsigned char)text[1];
        bool c1 = c == 0xc2 && next >= 0x80 && next < 0xa0;      /* control characters beyond ASCII */
        putchar(c < 0x20 || c == 0x7f || c1 ? '?' : *text);
        text += c1;
    }
}

static const char *
say(const char *en, const char *zh)
{
    return cli_zh() ? zh : en;
}

static void
print_notes(const struct tl_catalogue *c, const struct tl_catalogue_notes *n)
{
    for (uint32_t i = 0; i < n->note_n; i++) {
        print_text(n->note[i].file);
        printf(":%u: %s", n->note[i].line, n->note[i].doubt ? say("doubt: ", "疑点:") : "");
        print_text(n->note[i].text);
        putchar('\n');
    }
    if (n->left_out_n > 0)
        printf(say("... and %u more\n", "……另有 %u 条\n"), n->left_out_n);
    if (c == NULL && cli_zh())
        printf("%u 处错误,%u 处疑点:此触点目录暂不能使用\n", n->wrong_n, n->doubt_n);
    else if (c == NULL)
        printf("%u mistake%s, %u doubt%s: this catalogue cannot be used yet\n", n->wrong_n, n->wrong_n == 1 ? "" : "s", n->doubt_n, n->doubt_n == 1 ? "" : "s");
    else if (cli_zh())
        printf("可用,%u 处疑点:触点 %u,阶段模型 %u,旅程类型 %u,时限与检查 %u,承诺 %u,结果 %u,服务蓝图 %u;版本 %s\n", n->doubt_n, c->touchpoint_n, c->model_n, c->type_n, c->standard_n,
               c->promise_n, c->outcome_n, c->blueprint_n, c->hash);
    else
        printf("ok, %u doubt%s: %u touchpoints, %u stage models, %u journey types, %u clocks and checks, %u promises, %u outcomes, %u blueprints; version %s\n", n->doubt_n,
               n->doubt_n == 1 ? "" : "s", c->touchpoint_n, c->model_n, c->type_n, c->standard_n, c->promise_n, c->outcome_n, c->blueprint_n, c->hash);
}

static int
check(const char *path, bool quiet, bool json, struct tl_err *err)
{
    struct tl_catalogue *c = NULL;
    struct tl_catalogue_notes *notes = NULL;
    struct stat st;
    int rc = 0;

    if (access(path, R_OK) != 0)
        return tl_fail(err, TL_ENOTFOUND, "there is no catalogue at %s; without one every event name is a touchpoint of its own", path);
    rc = tl_catalogue_check(path, &c, &notes, err);
    if (rc == 0 && json)
        print_json(path, c, notes);
    else if (rc == 0 && (!quiet || c == NULL))
        print_notes(c, notes);
    if (rc == 0 && c == NULL && !json && stat(path, &st) == 0 && S_ISREG(st.st_mode))
        printf("%s\n", say("(this file was read alone; name its folder to check it together with the others)", "(只读取了此文件;写文件夹名可与其他文件一起检查)"));
    if (rc == 0 && c == NULL)
        rc = TL_ECONFIG;
    tl_catalogue_free(&c);
    tl_catalogue_notes_free(&notes);
    return rc;
}

int
cli_check(int argc, char **argv)
{
    const char *data = NULL, *init = NULL;
    char path[PATH_MAX];
    struct tl_err err = {0};
    bool json = false, diff = false;
    int n = 0;
    struct check_diff q = {0};
    const struct cli_option options[] = { { "--data", CLI_TEXT, &data }, { "--json", CLI_FLAG, &json }, { "--init", CLI_TEXT, &init }, { "--diff", CLI_FLAG, &diff }, { "--journey", CLI_TEXT, &q.journey },
                                          { "--from", CLI_TEXT, &q.from }, { "--to", CLI_TEXT, &q.to }, { "--as-of", CLI_TEXT, &q.as_of }, { NULL, CLI_FLAG, NULL } };

    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    if (n > 1)
        return cli_usage("check", "one file or folder is checked, not %d", n);
    if (n == 1 && init != NULL)
        return cli_usage("check", "--init writes into the folder of --data; it takes no file or folder");
    if (init != NULL && shipped_init(session_data(data), init, &err) != 0)
        return cli_fail("check", &err);
    if (n == 1)
        snprintf(path, sizeof path, "%s", argv[1]);
    else
        tl_run_path(path, session_data(data), "catalogue");
    if (n == 1 && !diff && check_is_mapping(path))
        return check_mapping(path, json, &err) == 0 ? CLI_OK : err.code != 0 ? cli_fail("check", &err) : CLI_FAILED;
    if (check(path, diff && json, json && !diff, &err) != 0)
        return err.code != 0 ? cli_fail("check", &err) : CLI_FAILED;
    q.data = data;
    q.path = path;
    q.json = json;
    if (!diff || check_diff(&q, &err) == 0)
        return CLI_OK;
    return cli_fail("check", &err);
}
