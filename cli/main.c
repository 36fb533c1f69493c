/* main.c - touchline: the one command that a person types. A table of commands; each starts the three programs or speaks to them. */
#include "cli.h"

#include <stdlib.h>
#include <unistd.h>
#include "tl_hash.h"
#include "tl_logfmt.h"

static int help(int argc, char **argv);

static const struct cli_command commands[] = {
    { "up", cli_up, "start collector, aggregator and viewer on a folder, and print the page's address", cli_up_help },
    { "import", cli_import, "send files of events: XES, CSV, NDJSON; take a run back", cli_import_help },
    { "simulate", cli_simulate, "the demo: eight weeks of a tea chain's customers", cli_simulate_help },
    { "map", cli_view, "the journey map: touchpoints, flows between them, waits", cli_map_help },
    { "variants", cli_view, "the ways that journeys take, the commonest first", cli_variants_help },
    { "funnel", cli_view, "how many get from step to step", cli_funnel_help },
    { "rework", cli_view, "which touchpoints they come back to", cli_rework_help },
    { "breaks", cli_view, "break points: what is not kept more often than allowed", cli_breaks_help },
    { "confirmed", cli_view, "break points that customers and mystery visits both found, or only one of them", cli_confirmed_help },
    { "backtrack", cli_view, "from bad outcomes back to the first and the worst break before them", cli_backtrack_help },
    { "moments", cli_view, "moments of truth: what customers stay or leave for", cli_moments_help },
    { "heatmap", cli_view, "where it hurts: touchpoints by frequency, severity and customers", cli_heatmap_help },
    { "impact", cli_view, "what breaks go with: bad outcomes with and without them", cli_impact_help },
    { "consistency", cli_view, "is the same touchpoint as good in every channel", cli_consistency_help },
    { "alerts", cli_alerts, "limits near or passed, bad moments, low scores: as they come; take one on", cli_alerts_help },
    { "emotion", cli_view, "the emotion curve: what customers felt along the journey", cli_emotion_help },
    { "metrics", cli_view, "NPS, satisfaction, effort, times within standard, first contact", cli_metrics_help },
    { "report", cli_report, "the weekly report: one sheet for the wall, kept as it was made", cli_report_help },
    { "coverage", cli_view, "touchpoints of the catalogue that are seen, missing, or not in it", cli_coverage_help },
    { "blueprint", cli_view, "a blueprint, planned and actual", cli_blueprint_help },
    { "improvements", cli_view, "what was done about break points, and whether it worked", cli_improvements_help },
    { "improve", cli_improve, "enter an improvement: what was done, where, since when", cli_improve_help },
    { "break", cli_break, "where the work on a break point stands: assign, fixed, verified", cli_break_help },
    { "visits", cli_visits, "register mystery visits, so that they enter no figure of customers", cli_visits_help },
    { "replay", cli_replay, "send recorded visits and journeys again: do the same breaks come out", cli_replay_help },
    { "note", cli_note, "enter a control record from a file", cli_note_help },
    { "journeys", cli_view, "journeys one by one", cli_journeys_help },
    { "customers", cli_view, "customers, or the one with an identity", cli_customers_help },
    { "customer", cli_customer, "one customer: events in order, identities and how they came together; link, unlink", cli_customer_help },
    { "quarantine", cli_quarantine, "events that were refused, and why; send them again", cli_quarantine_help },
    { "export", cli_export, "events as NDJSON, CSV or XES, or journeys as canonical rows", cli_export_help },
    { "suggest", cli_suggest, "draft a catalogue from the events seen", cli_suggest_help },
    { "catalogue", cli_catalogue, "which catalogue holds; its files, to work on", cli_catalogue_help },
    { "activate", cli_activate, "let a catalogue hold: journeys are made by it, beside the live ones", cli_activate_help },
    { "rebuild", cli_rebuild, "make all journeys again from the log", cli_rebuild_help },
    { "backup", cli_backup, "copy the store while it runs, and prove the copy", cli_backup_help },
    { "restore", cli_restore, "make a store from a backup", cli_restore_help },
    { "gap", cli_gap, "collectors that the aggregator refuses after a restore, and the way on", cli_gap_help },
    { "keys", cli_keys, "who may send: write keys made, listed, rotated, revoked", cli_keys_help },
    { "check", cli_check, "what is wrong with a catalogue: file, line, allowed values", cli_check_help },
    { "doctor", cli_doctor, "check the folder: locks, ports, disk, checksums", cli_doctor_help },
    { "help", help, "what a command does and how it is called", "touchline help [COMMAND]\n" },
    { NULL, NULL, NULL, NULL },
};

const struct cli_command *
cli_commands(void)
{
    return commands;
}

static const struct cli_command *
command_of(const char *name)
{
    for (const struct cli_command *c = commands; c->name != NULL; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

static void
list(FILE *out)
{
    fprintf(out, "Touchline records every contact between a customer and a company, joins them into journeys, and shows where they break.\n\n"
                 "  touchline COMMAND [OPTION...]\n\n");
    for (const struct cli_command *c = commands; c->name != NULL; c++)
        fprintf(out, "  %-11s %s\n", c->name, c->line);
    fprintf(out, "\nThe store is the folder of --data DIR, or TOUCHLINE_DATA, or ./data. `touchline help COMMAND` says everything about one.\n");
}

/* edits between two words: one letter put in, left out, changed, or two exchanged (optimal string alignment) */
static int
distance(const char *a, const char *b)
{
    int d[24][24];
    int n = (int)strlen(a), m = (int)strlen(b);
    if (n > 22 || m > 22)
        return 99;
    for (int i = 0; i <= n; i++)
        for (int j = 0; j <= m; j++) {
            if (i == 0 || j == 0) {
                d[i][j] = i + j;
                continue;
            }
            int least = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            least = d[i - 1][j] + 1 < least ? d[i - 1][j] + 1 : least;
            least = d[i][j - 1] + 1 < least ? d[i][j - 1] + 1 : least;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < least)
                least = d[i - 2][j - 2] + 1;
            d[i][j] = least;
        }
    return d[n][m];
}

static int
unknown(const char *name)
{
    const struct cli_command *best = NULL;
    int least = 3;
    for (const struct cli_command *c = commands; c->name != NULL; c++) {
        int away = strncmp(c->name, name, strlen(name)) == 0 ? 1 : distance(name, c->name);
        if (away < least) {
            least = away;
            best = c;
        }
    }
    fprintf(stderr, "touchline: there is no command \"%s\"", name);
    if (best != NULL)
        fprintf(stderr, "; did you mean \"%s\"?", best->name);
    fprintf(stderr, "\n`touchline help` lists them all.\n");
    return CLI_USAGE;
}

static int
help(int argc, char **argv)
{
    if (argc < 2) {
        list(stdout);
        return CLI_OK;
    }
    const struct cli_command *c = command_of(argv[1]);
    if (c == NULL)
        return unknown(argv[1]);
    fputs(c->help, stdout);
    if (c->run == cli_up)
        cli_up_settings(stdout);
    return CLI_OK;
}

static bool
asks_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

int
main(int argc, char **argv)
{
    tl_log_program("touchline");
    if (tl_hash_init() != 0) {
        fprintf(stderr, "touchline: the system gives no random numbers\n");
        return CLI_FAILED;
    }
    if (argc < 2) {
        list(stderr);
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        list(stdout);
        return CLI_OK;
    }
    const struct cli_command *c = command_of(argv[1]);
    if (c == NULL)
        return unknown(argv[1]);
    if (c->run != help && asks_help(argc - 1, argv + 1)) {
        char *one[] = { argv[0], argv[1], NULL };
        return help(2, one);
    }
    return c->run(argc - 1, argv + 1);
}
