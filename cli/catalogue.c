/* catalogue.c - `touchline catalogue`: the version that holds (/api/catalogue), shown or written as files. */
#include "catalogue_out.h"
#include "session.h"
#include "tl_time.h"
#include "view.h"

const char cli_catalogue_help[] =
    "touchline catalogue [--out DIR] [--data DIR] [--json]\n"
    "\n"
    "Says which version of the catalogue holds, since when, and of which files it is made. A version may have been published from the page /setup: then the files\n"
    "of DATA/catalogue are older than it, and activating them would bring the older ones back.\n"
    "\n"
    "  --out DIR        write its files into DIR, which must not hold them; edit, `touchline check DIR`, `touchline activate DIR`\n"
    "  --data DIR       the store's folder (default TOUCHLINE_DATA, else ./data)\n"
    "  --json           exactly what /api/catalogue answers\n";

#define ANSWER_ARENA_BYTES (64u << 20)

static const char *
say(const char *en, const char *zh)
{
    return cli_zh() ? zh : en;
}

static void
print(const struct tl_jv *root)
{
    char at[40] = "";
    struct tl_str hash = tl_jv_text(root, "hash");
    const struct tl_jv *since = tl_jv_get(root, "activated"), *files = tl_jv_get(root, "files");
    if (since != NULL && since->type == TL_JNUMBER)
        printf(say("version %.*s, activated %s\n", "版本 %.*s,%s 起生效\n"), (int)hash.n, hash.p, tl_time_format(tl_jv_int(root, "activated", 0), at));
    else
        printf(say("version %.*s, as the files of DATA/catalogue say; none was activated yet\n", "版本 %.*s,来自 DATA/catalogue 的文件;还没有激活过\n"), (int)hash.n, hash.p);
    for (const struct tl_jv *f = files != NULL ? files->child : NULL; f != NULL; f = f->next)
        printf("  %.*s\n", (int)tl_jv_text(f, "name").n, tl_jv_text(f, "name").p);
}

static int
show(const struct tl_buf *body, bool json, const char *dir, struct tl_err *err)
{
    struct tl_arena *a = tl_arena_new(ANSWER_ARENA_BYTES);
    struct tl_jv *root = NULL;
    int rc = a == NULL ? tl_fail(err, TL_ENOMEM, "out of memory") : tl_json_tree(a, (struct tl_str){ (const char *)body->data, body->len }, VIEW_DEPTH, &root, NULL, err);
    if (rc == 0 && dir != NULL)
        rc = catalogue_out(root, dir, err);
    if (rc == 0 && json)
        printf("%.*s\n", (int)body->len, (const char *)body->data);
    else if (rc == 0)
        print(root);
    tl_arena_free(&a);
    return rc;
}

int
cli_catalogue(int argc, char **argv)
{
    const char *data = NULL, *dir = NULL;
    bool json = false;
    struct tl_err err = {0};
    struct session *s = NULL;
    struct tl_buf body = {0};
    int n;
    const struct cli_option options[] = { { "--data", CLI_TEXT, &data }, { "--out", CLI_TEXT, &dir }, { "--json", CLI_FLAG, &json }, { NULL, CLI_FLAG, NULL } };
    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    if (n > 0)
        return cli_usage("catalogue", "what is \"%s\"? a folder to write to is named with --out", argv[1]);
    const struct session_cfg cfg = { .command = "catalogue", .data = data, .needs = SESSION_NEED(SESSION_VIEWER) };
    int rc = session_open(&s, &cfg, &err);
    if (rc == 0)
        rc = session_get(s, SESSION_VIEWER, "/api/catalogue", &body, &err);
    if (rc == 0)
        rc = show(&body, json, dir, &err);
    session_close(&s);
    tl_buf_free(&body);
    return rc == 0 ? CLI_OK : cli_fail("catalogue", &err);
}
