/* enter.c - what people enter: improvements, the status of break points. Options become members of a control record; the aggregator checks it. See enter.h. */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "enter.h"
#include "session.h"
#include "tl_json.h"

#define BODY_MAX 65536

#define DATA_HELP "  --data DIR               the store's folder (default TOUCHLINE_DATA, else ./data)\n"

const char cli_improve_help[] =
    "touchline improve add ID --cell CELL --start DAY --action TEXT [--title TEXT] [--cause TEXT] [--owner DEPT] [--place P]... [--comparison P]... [--expected POINTS]\n"
    "                         [--found-from DAY --found-to DAY] [--closed DAY]\n"
    "touchline improve withdraw ID\n"
    "\n"
    "Enters what was done about a break point or an outcome; `touchline improvements` says whether it worked. The same ID again changes it.\n"
    "\n"
    "  --cell CELL              like order:handover_wait/handover/S03/lunch (`breaks --json` names them), or an outcome, like order:unhappy\n"
    "  --start DAY              the first day with it, like 2026-03-02: whole weeks before are held against as many from then on\n"
    "  --place P                where it was done; several times for several; none: everywhere\n"
    "  --comparison P           where it was not: what changed there too is no effect of it\n"
    "  --expected POINTS        percentage points that are hoped for, like -10\n"
    "  --found-from, --found-to the days whose numbers raised it: a before that overlaps them is tagged\n" DATA_HELP;
const char cli_break_help[] =
    "touchline break status CELL open|assigned|fixed|verified [--owner DEPT] [--note TEXT] [--fixed-on DAY]\n"
    "touchline break withdraw CELL\n"
    "touchline break list [--journey TYPE] [--by place|daypart] [--json]\n"
    "\n"
    "Where the work on a break point stands. A cell is named like order:handover_wait/handover/S07 (`breaks --json` names them). What is fixed is held against the\n"
    "weeks before the day it was fixed on; what is marked verified though its rate has not fallen is said to be so.\n\n" DATA_HELP;
const char cli_note_help[] =
    "touchline note KIND FILE|-\n"
    "\n"
    "Enters a control record of any kind that is kept (visit, improvement, break, alert, opportunity) from a file with its body, one JSON object; schemas/store.md\n"
    "describes them. - is standard input.\n\n" DATA_HELP;

/* ---- sending ---- */

int
enter_send(const char *command, const char *data, const char *kind, struct tl_str body, const char *said)
{
    struct tl_err err = {0};
    struct session *s = NULL;
    struct tl_buf answer = {0};
    const struct session_cfg cfg = { .command = command, .data = data, .needs = SESSION_NEED(SESSION_AGGREGATOR) };
    int rc = session_open(&s, &cfg, &err);
    if (rc == 0)
        rc = session_control(s, kind, body, &answer, &err);
    if (rc == 0)
        printf("%s; the record of it: %.*s\n", said, (int)answer.len, (const char *)answer.data);
    session_close(&s);
    tl_buf_free(&answer);
    return rc == 0 ? CLI_OK : cli_fail(command, &err);
}

static int
put_identities(struct tl_jw *w, const struct enter_field *f, const char *command)
{
    for (int i = 0; i < f->many.n; i++) {
        const char *colon = strchr(f->many.v[i], ':');
        if (colon == NULL)
            return cli_usage(command, "--identity %s: write KIND:VALUE, like member:M-1042", f->many.v[i]);
        tl_jw_open(w, NULL);
        tl_jw_str(w, "kind", (struct tl_str){ f->many.v[i], (size_t)(colon - f->many.v[i]) });
        tl_jw_cstr(w, "value", colon + 1);
        tl_jw_close(w);
    }
    return 0;
}

int
enter_put(struct tl_jw *w, const struct enter_field *f, const char *command)
{
    char *end = NULL;
    int rc = 0;
    if (f->form == F_TEXT && f->value != NULL)
        tl_jw_cstr(w, f->member, f->value);
    if (f->form == F_NUMBER && f->value != NULL) {
        double v = strtod(f->value, &end);
        if (*f->value == '\0' || *end != '\0')
            return cli_usage(command, "%s takes a number, not \"%s\"", f->option, f->value);
        tl_jw_num(w, f->member, v);
    }
    if ((f->form == F_LIST || f->form == F_IDENTITIES) && f->many.n > 0) {
        tl_jw_array(w, f->member);
        for (int i = 0; i < f->many.n && f->form == F_LIST; i++)
            tl_jw_cstr(w, NULL, f->many.v[i]);
        rc = f->form == F_IDENTITIES ? put_identities(w, f, command) : 0;
        tl_jw_end(w);
    }
    return rc;
}

int
enter(int argc, char **argv, const struct enter_entry *e, struct enter_field *field, int fields)
{
    const char *data = NULL;
    struct cli_option options[ENTER_FIELDS_MAX + 2] = { { "--data", CLI_TEXT, &data } };
    struct tl_buf body = {0};
    int n = 0, rc = 0;
    for (int i = 0; i < fields; i++)
        options[i + 1] = (struct cli_option){ field[i].option, field[i].form >= F_LIST ? CLI_MANY : CLI_TEXT, field[i].form >= F_LIST ? (void *)&field[i].many : (void *)&field[i].value };
    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    bool withdraw = n > 0 && strcmp(argv[1], "withdraw") == 0;
    if (n != (e->word != NULL && !withdraw ? 3 : 2))
        return cli_usage(e->command, "after %s comes %s%s%s", n > 0 ? argv[1] : e->command, e->key, e->word != NULL && !withdraw ? " and " : "", e->word != NULL && !withdraw ? e->word : "");
    struct tl_jw w = tl_jw_to(&body);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, e->key, argv[2]);
    if (withdraw)
        tl_jw_bool(&w, "withdrawn", true);
    else if (e->word != NULL)
        tl_jw_cstr(&w, e->word, argv[3]);
    for (int i = 0; rc == 0 && i < fields && !withdraw; i++)
        rc = enter_put(&w, &field[i], e->command);
    if (rc == 0) {
        tl_jw_close(&w);
        rc = enter_send(e->command, data, e->kind, (struct tl_str){ (const char *)body.data, body.len }, withdraw ? "withdrawn" : "entered");
    }
    tl_buf_free(&body);
    return rc;
}

bool
enter_verb_is(int argc, char **argv, const char *verb)
{
    return argc > 1 && strcmp(argv[1], verb) == 0;
}

/* ---- the commands ---- */

int
cli_improve(int argc, char **argv)
{
    static const struct enter_entry e = { "improve", "improvement", "id", NULL };
    struct enter_field f[] = {
        { .option = "--title", .member = "title" }, { .option = "--cell", .member = "cell" }, { .option = "--cause", .member = "cause" }, { .option = "--action", .member = "action" },
        { .option = "--owner", .member = "owner" }, { .option = "--start", .member = "start" }, { .option = "--place", .member = "places", .form = F_LIST },
        { .option = "--comparison", .member = "comparison", .form = F_LIST }, { .option = "--expected", .member = "expected_points", .form = F_NUMBER },
        { .option = "--found-from", .member = "found_from" }, { .option = "--found-to", .member = "found_to" }, { .option = "--closed", .member = "closed" },
    };
    if (!enter_verb_is(argc, argv, "add") && !enter_verb_is(argc, argv, "withdraw"))
        return cli_usage("improve", "there are `improve add ID` and `improve withdraw ID`; `improvements` lists them");
    return enter(argc, argv, &e, f, sizeof f / sizeof f[0]);
}

int
enter_list(int argc, char **argv, const char *view)
{
    if (enter_verb_is(argc, argv, "list")) {
        argv++;
        argc--;
    }
    char *name = strdup(view), *first = argv[0];
    argv[0] = name;
    int rc = name != NULL ? cli_view(argc, argv) : CLI_FAILED;
    argv[0] = first;
    free(name);
    return rc;
}

int
cli_break(int argc, char **argv)
{
    static const struct enter_entry e = { "break", "break", "cell", "status" };
    struct enter_field f[] = { { .option = "--owner", .member = "owner" }, { .option = "--note", .member = "note" }, { .option = "--fixed-on", .member = "fixed_on" } };
    if (enter_verb_is(argc, argv, "status") || enter_verb_is(argc, argv, "withdraw"))
        return enter(argc, argv, &e, f, sizeof f / sizeof f[0]);
    if (enter_verb_is(argc, argv, "list"))
        return enter_list(argc, argv, "break");
    return cli_usage("break", "there are `break status CELL WORD`, `break withdraw CELL` and `break list`");
}

int
cli_note(int argc, char **argv)
{
    const char *data = NULL;
    const struct cli_option options[] = { { "--data", CLI_TEXT, &data }, { NULL, CLI_FLAG, NULL } };
    static char body[BODY_MAX];
    int n;
    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    if (n != 2)
        return cli_usage("note", "a kind and a file, or - for standard input");
    FILE *f = strcmp(argv[2], "-") == 0 ? stdin : fopen(argv[2], "rbe");
    if (f == NULL)
        return cli_usage("note", "cannot read %s: %s", argv[2], strerror(errno));
    size_t got = fread(body, 1, sizeof body, f);
    if (f != stdin)
        fclose(f);
    if (got == sizeof body)
        return cli_usage("note", "%s is no control record: those have 16384 bytes at most", argv[2]);
    return enter_send("note", data, argv[1], (struct tl_str){ body, got }, "entered");
}
