/* tl_import_map.h - which column of a table becomes what. Guessed from the header, or read from a mapping file:
 *
 *   {"fields": {"case": "ticket no", "type": "status", "time": "changed at", "agent": "owner", "channel": "via"},
 *    "ids":    {"member": "customer no", "email": "mail"},
 *    "set":    {"channel": "phone", "type": "call.ended"},       values for every row
 *    "props":  ["priority"],                                      default: every other column
 *    "text":   ["customer no", "zip"],                            columns never read as numbers
 *    "time_format": "%d.%m.%Y %H:%M:%S", "timezone": "Europe/Berlin", "delimiter": ";"}
 *
 * `case` is the journey; every other field is one of schemas/event.def, or a score like "scores.nps". time_format is strptime(3)'s; a fraction of a second and a UTC offset
 * may follow it. Without it times are RFC 3339, or Unix seconds or milliseconds. timezone is for times without an offset (default UTC). */
#ifndef TL_IMPORT_MAP_H
#define TL_IMPORT_MAP_H

#include "tl_err.h"
#include "tl_mem.h"
#include "tl_time.h"

#define TL_MAP_COLUMNS_MAX 512

enum map_role { MAP_SKIP, MAP_PROP, MAP_FIELD, MAP_ID, MAP_CASE, MAP_SCORE, MAP_TRACE_PROP /* case:NAME, kept once a case */ };

struct map_column {
    char *title;                 /* as in the header */
    char *name;                  /* field, identity kind or prop that it becomes */
    enum map_role role;
    bool guessed;                /* a word that the field does not know stays a prop */
    bool text;                   /* never a number */
};
struct tl_import_map {
    struct map_column *column;
    uint32_t columns_n;
    struct { char *name, *value; } set[32];
    uint32_t set_n;
    char *time_format;           /* NULL: RFC 3339 or Unix time */
    struct tl_zone *zone;        /* NULL: UTC */
    char delimiter;              /* 0: found in the header */
    bool by_column;              /* a mapping file named columns; tl_import_map_bind fills in the rest */
    char **prop; uint32_t props_n;   /* the only other columns to keep; NULL: all */
    char **text; uint32_t texts_n;
    struct { char *title, *name; enum map_role role; } *wanted; uint32_t wanted_n;
};
/* tl_import_map_read - a mapping file. returns owned. TL_ECONFIG: names file, line and what is allowed. */
int tl_import_map_read(const char *path, struct tl_import_map **out, struct tl_err *err);
struct tl_import_map *tl_import_map_new(void);                 /* an empty one: everything is guessed */
void tl_import_map_free(struct tl_import_map **mp);
/* tl_import_map_bind - set column[] from the header. TL_ECONFIG: a column that the mapping names is not there, or no identity, time or type is found:
 * err names the columns and what to do. */
int tl_import_map_bind(struct tl_import_map *m, const struct tl_str *header, uint32_t n, struct tl_err *err);
/* tl_import_map_times - without a time_format: the one form that reads every sample. TL_ECONFIG: none does, or day and month cannot be told apart. */
int tl_import_map_times(struct tl_import_map *m, const struct tl_str *sample, uint32_t n, struct tl_err *err);
int tl_import_map_time_column(const struct tl_import_map *m);  /* index, -1 when there is none */
/* tl_import_map_show - the table "column -> becomes", appended to b */
void tl_import_map_show(const struct tl_import_map *m, struct tl_buf *b);
/* tl_import_map_word_known - may value stand in the field? true for fields without a list of words */
bool tl_import_map_word_known(const char *field, struct tl_str value);
/* tl_import_map_time - text -> RFC 3339 with its offset, or Unix ms as digits, in out[40]. *ms out. 0, TL_EINVAL. */
int tl_import_map_time(const struct tl_import_map *m, struct tl_str text, char out[40], bool *number, int64_t *ms);

#endif
