/* tl_mapping_in.h - a mapping as its files see it. All of it lies in one arena. */
#ifndef TL_MAPPING_IN_H
#define TL_MAPPING_IN_H

#include "tl_draft.h"
#include "tl_json.h"
#include "tl_mapping.h"
#include "tl_table.h"
#include "tl_time.h"

#define MAPPING_TARGETS_MAX 128          /* of one kind of event */
#define MAPPING_NAMED_ROWS_MAX 16
#define MAPPING_CONDITIONS_MAX 16
#define MAPPING_DEPTH_MAX 4              /* of "or", "from", "to", "minus" inside each other */
#define MAPPING_ZONES_MAX 8

enum map_unit { UNIT_MS, UNIT_S, UNIT_MIN, UNIT_CLOCK };
enum { ROW_FIRST = -1, ROW_LAST = -2, ROW_SUM = -3 };    /* else the index of a named row */

struct map_pair { struct tl_str from, to; };
struct map_source {
    struct tl_str constant;              /* p NULL: none */
    uint16_t *column;                    /* indexes into mapping.column */
    uint32_t columns_n;
    bool add;                            /* the columns are numbers to add, not texts to join */
    struct tl_str join;
    int row;
    struct map_pair *pair;               /* the dictionary */
    uint32_t pairs_n;
    bool has_dictionary;
    struct tl_str filled;                /* what stands for any text but none; p NULL: the text */
    struct tl_str otherwise;             /* "default"; p NULL: none */
    struct tl_str prefix;
    int unless;                          /* column, -1: none */
    enum map_unit unit;
    const char *format;                  /* of a time; NULL: the mapping's */
    const struct tl_zone *zone;          /* NULL: the mapping's */
    const struct map_source *from, *to;  /* an interval */
    const struct map_source *minus, *or_else;
    const struct map_source *after;      /* a length of time that is added to a time */
};
struct map_condition {
    uint16_t column;
    int row;
    struct tl_str *in;
    uint32_t in_n;
    bool not_in;
    int filled;                          /* -1: not asked */
};
struct map_conditions { struct map_condition *at; uint32_t n; };

enum map_kind { TO_TEXT, TO_WORD, TO_TIME, TO_U64, TO_THREAD, TO_ID_OWN, TO_IDENTITY, TO_SCORE, TO_AMOUNT, TO_CURRENCY, TO_PROMISE_WHAT, TO_PROMISE_DUE, TO_PROMISE_KEPT, TO_PROP };
struct map_target {
    const char *name;                    /* field, identity kind, score or prop */
    enum map_kind kind;
    bool text;                           /* a prop that is never a number */
    struct map_source source;
    const char *label;                   /* as the mapping file has it: "fields.time" */
};
struct map_event {
    struct map_conditions when;
    uint16_t *key;
    uint32_t keys_n;
    struct map_target *target;
    uint32_t targets_n;
    bool rest;                           /* every column not used becomes a prop */
    const char *lines;                   /* name of the list of a group's rows, NULL: none */
    struct map_target *line;
    uint32_t lines_n;
};
struct map_named_row { struct tl_str name; struct map_conditions when; };

struct tl_mapping {
    struct tl_arena *arena;
    const char *file;
    bool has_format;
    enum tl_import_format format;
    const char *encoding, *time_format;
    char delimiter, decimal;
    bool plain;
    uint32_t skip_lines;
    const char *column[TL_MAPPING_COLUMNS_MAX];  /* that the mapping speaks of */
    bool optional[TL_MAPPING_COLUMNS_MAX], text[TL_MAPPING_COLUMNS_MAX], used[TL_MAPPING_COLUMNS_MAX];
    uint32_t columns_n;
    struct tl_str *header;               /* of a file without a line of names */
    uint32_t header_n;
    struct tl_zone *zone[MAPPING_ZONES_MAX];
    uint32_t zones_n;
    const struct tl_zone *time_zone;
    struct map_conditions only;          /* rows that count at all */
    uint16_t *by;                        /* the group's columns; NULL: every row alone */
    uint32_t by_n, group_apart;
    struct map_named_row row[MAPPING_NAMED_ROWS_MAX];
    uint32_t rows_n;
    struct map_conditions group_end;
    struct map_event event[TL_MAPPING_EVENTS_MAX];
    uint32_t events_n;
};

/* ---- reading the file ---- */
struct map_reader {
    struct tl_mapping *m;
    struct tl_err *err;
};
/* wrong - TL_ECONFIG: "file:line: "key" what" */
int mapping_wrong(struct map_reader *r, const struct tl_jv *v, const char *what) __attribute__((nonnull(1, 2)));
int mapping_column(struct map_reader *r, const struct tl_jv *v, struct tl_str name, uint16_t *out);
int mapping_columns(struct map_reader *r, const struct tl_jv *list, uint16_t **out, uint32_t *n);
int mapping_source(struct map_reader *r, const struct tl_jv *v, enum map_kind kind, struct map_source *out);
int mapping_conditions(struct map_reader *r, const struct tl_jv *v, struct map_conditions *out);
int mapping_zone(struct map_reader *r, const struct tl_jv *v, const struct tl_zone **out);
int mapping_event(struct map_reader *r, const struct tl_jv *object, struct map_event *e, bool top);
bool mapping_event_member(struct tl_str name);

/* ---- values ---- */
/* The rows that an event is made of: one, or a group's. cell[row * columns + column]; missing rows and cells are absent. */
struct map_rows {
    const struct tl_mapping *m;
    const struct tl_str *cell;
    uint32_t rows_n;
    int named[MAPPING_NAMED_ROWS_MAX];   /* row that the name stands for, -1: none */
    const struct tl_str *rest;           /* of one row alone: the cells that the mapping does not speak of, and their columns */
    const char *const *rest_name;
    const bool *rest_text;               /* never a number */
    uint32_t rest_n;
    struct tl_arena *arena;              /* what is made lies here */
};
/* What cannot be understood: which column, and why. */
struct map_fault { char column[80], why[240]; };

void mapping_name_rows(struct map_rows *rows);
bool mapping_holds(const struct map_rows *rows, const struct map_conditions *c);
struct tl_str mapping_cell(const struct map_rows *rows, uint16_t column, int row);
/* Each: 1 with a value, 0 when there is none, -1 with fault filled */
int mapping_text(const struct map_rows *rows, const struct map_source *s, struct tl_str *out, struct map_fault *fault);
int mapping_time(const struct map_rows *rows, const struct map_source *s, char out[40], bool *number, int64_t *ms, struct map_fault *fault);
int mapping_ms(const struct map_rows *rows, const struct map_source *s, int64_t *ms, struct map_fault *fault);
/* a number with `digits` digits after the point, as that many times larger an integer; exact: more digits than that are a fault */
int mapping_decimal(const struct map_rows *rows, const struct map_source *s, int digits, bool exact, int64_t *out, struct map_fault *fault);
int mapping_currency_digits(struct tl_str currency);     /* minor units of ISO 4217 */

/* ---- events of rows ---- */
/* What reading one file needs. An event is held back until the next is known: those of one time and customer, one behind the other in the file, get a
 * session and running numbers, so that their order is kept. */
struct map_out {
    const struct tl_import_sink *sink;
    struct map_fault told;               /* last, of the row on told_line: two kinds of events stumble over one cell */
    uint64_t told_line;
    struct tl_maker *maker;
    struct tl_attrs props;
    struct tl_buf value, promise, lines, held;
    int64_t held_ms;
    uint64_t held_line, held_who, tie_n;
    struct tl_err *err;
};
/* mapping_make - every event of rows; what cannot be understood is told to the sink. *any: an event's "when" took them. 0; TL_ENOMEM, TL_ENOSPC, what the sink said */
int mapping_make(struct map_out *o, const struct map_rows *rows, uint64_t line, bool *any);
int mapping_flush(struct map_out *o);                    /* the event held back */
void mapping_tell(struct map_out *o, uint64_t line, const struct map_fault *fault);
void mapping_out_free(struct map_out *o);

/* ---- groups ---- */
struct map_groups;
struct map_groups *mapping_groups_new(const struct tl_mapping *m, const char *dir);
void mapping_groups_free(struct map_groups **gp);
/* mapping_groups_add - cell: the row's; takes(arg, rows, line) is called for each group that is done. 0, TL_ERANGE with fault: the row is bad; TL_ENOMEM; what takes said */
typedef int (*mapping_takes)(void *arg, struct map_rows *rows, uint64_t line, bool capped);
/* rows.arena is g's, for the call */
int mapping_groups_add(struct map_groups *g, const struct tl_str *cell, uint64_t line, mapping_takes takes, void *arg, struct map_fault *fault, struct tl_err *err);
int mapping_groups_end(struct map_groups *g, mapping_takes takes, void *arg);

#endif
