/* cli.h - what the commands of `touchline` share: the table of commands, options, messages, tables on a terminal. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdio.h>
#include "tl_err.h"
#include "tl_mem.h"

enum { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

/* ---- commands: argv[0] is the command's name. Each returns CLI_*. ---- */
struct cli_command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *line;                    /* what it does, in one line */
    const char *help;                    /* how it is called, and everything about it */
};
const struct cli_command *cli_commands(void);            /* ends with a row of NULLs */

int cli_up(int argc, char **argv);
void cli_up_settings(FILE *out);                         /* schemas/config.def as a list */
int cli_import(int argc, char **argv);
int cli_simulate(int argc, char **argv);
/* cli_simulate_catalogue - put the demo's catalogue into DATA/catalogue when it has none of it. 0, TL_EIO. */
int cli_simulate_catalogue(const char *data, struct tl_err *err);
int cli_view(int argc, char **argv);                     /* map variants funnel journeys customer customers quarantine breaks moments: by argv[0] */
int cli_report(int argc, char **argv);
int cli_export(int argc, char **argv);
int cli_rebuild(int argc, char **argv);
int cli_activate(int argc, char **argv);
int cli_suggest(int argc, char **argv);
int cli_catalogue(int argc, char **argv);
int cli_doctor(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_gap(int argc, char **argv);
int cli_alerts(int argc, char **argv);
int cli_backup(int argc, char **argv);
int cli_restore(int argc, char **argv);
int cli_quarantine(int argc, char **argv);               /* list is cli_view's */
int cli_keys(int argc, char **argv);
int cli_improve(int argc, char **argv);
int cli_break(int argc, char **argv);
int cli_visits(int argc, char **argv);
int cli_note(int argc, char **argv);
int cli_customer(int argc, char **argv);                 /* link, unlink; else cli_view */
int cli_replay(int argc, char **argv);

extern const char cli_improvements_help[], cli_improve_help[], cli_break_help[], cli_visits_help[], cli_note_help[];
extern const char cli_alerts_help[], cli_gap_help[], cli_backup_help[], cli_restore_help[];
extern const char cli_replay_help[];
extern const char cli_suggest_help[], cli_catalogue_help[], cli_activate_help[], cli_check_help[], cli_coverage_help[], cli_blueprint_help[];
extern const char cli_up_help[], cli_import_help[], cli_simulate_help[], cli_export_help[], cli_rebuild_help[], cli_doctor_help[], cli_keys_help[];
extern const char cli_map_help[], cli_variants_help[], cli_funnel_help[], cli_rework_help[], cli_journeys_help[], cli_customers_help[], cli_customer_help[], cli_quarantine_help[], cli_breaks_help[], cli_confirmed_help[], cli_backtrack_help[], cli_moments_help[], cli_heatmap_help[], cli_impact_help[], cli_consistency_help[], cli_emotion_help[], cli_metrics_help[], cli_report_help[];

/* ---- options: --name value, --name=value, flags; "--" ends them ---- */
enum cli_form { CLI_FLAG /* bool */, CLI_TEXT /* const char * */, CLI_INT /* int64_t */, CLI_MANY /* struct cli_many */ };
#define CLI_MANY_MAX 16
struct cli_many { const char *v[CLI_MANY_MAX]; int n; };
struct cli_option {
    const char *name;                    /* "--data" */
    enum cli_form form;
    void *out;
};
/* cli_parse - fills the options (ended by a row of NULLs), moves the other arguments to argv[1..*n]. 0, or CLI_USAGE having said why. */
int cli_parse(int argc, char **argv, const struct cli_option *options, int *n);
/* cli_usage - say what is wrong, and where the help is; returns CLI_USAGE */
int cli_usage(const char *command, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* cli_fail - "touchline import: <err->text>" on stderr; returns CLI_FAILED */
int cli_fail(const char *command, const struct tl_err *err);

/* ---- output ---- */
bool cli_zh(void);                                       /* the reader's language: TOUCHLINE_LANG, LC_ALL, LC_MESSAGES, LANG begin with zh */
/* cli_progress - one line on stderr that the next one replaces; nothing when stderr is no terminal, or more often than 10 times a second */
void cli_progress(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void cli_progress_end(void);

/* A table: cells are put row by row; widths count columns of a terminal (CJK take two). */
struct cli_table;
struct cli_table *cli_table_new(int columns);
void cli_table_right(struct cli_table *t, int column);   /* numbers stand to the right */
void cli_table_cell(struct cli_table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void cli_table_text(struct cli_table *t, struct tl_str text);
void cli_table_print(struct cli_table *t, FILE *out);    /* the first row is the heading */
void cli_tables_csv(bool on);                           /* tables are printed as CSV from now on: a byte order mark, quotes, CRLF */
bool cli_csv(void);
void cli_table_free(struct cli_table **tp);
size_t cli_width(struct tl_str text);
/* cli_duration - "1.2 s", "13.2 h", "4.6 d" into out[24]; returns out */
char *cli_duration(double ms, char out[24]);
/* cli_count - 262,200 into out[32]; returns out */
char *cli_count(uint64_t n, char out[32]);

#endif
