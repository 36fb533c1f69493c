/* tl_import_map.h - which column of a table becomes what, guessed from the names in its header and the times in its first rows. What a mapping file says
 * of a file is in tl_mapping.h. */
#ifndef TL_IMPORT_MAP_H
#define TL_IMPORT_MAP_H

#include "tl_err.h"
#include "tl_mem.h"
#include "tl_time.h"

#define TL_MAP_COLUMNS_MAX 512

enum map_role { MAP_PROP, MAP_FIELD, MAP_ID, MAP_CASE, MAP_SCORE, MAP_TRACE_PROP /* case:NAME, kept once a case */ };

struct map_column {
    char *title;                 /* as in the header */
    char *name;                  /* field, identity kind or prop that it becomes */
    enum map_role role;
    bool guessed;                /* a word that the field does not know stays a prop */
};
struct tl_import_map {
    struct map_column *column;
    uint32_t columns_n;
    char *time_format;           /* NULL: RFC 3339 or Unix time */
    struct tl_zone *zone;        /* NULL: UTC */
    char delimiter;              /* 0: found in the header */
};
struct tl_import_map *tl_import_map_new(void);                 /* an empty one: everything is guessed */
void tl_import_map_free(struct tl_import_map **mp);
/* tl_import_map_bind - set column[] from the header. TL_ECONFIG: no identity, time or type is found:
 * err names the columns and what to do. */
int tl_import_map_bind(struct tl_import_map *m, const struct tl_str *header, uint32_t n, struct tl_err *err);
/* tl_import_map_times - without a time_format: the one form that reads every sample. TL_ECONFIG: none does, or day and month cannot be told apart. */
int tl_import_map_times(struct tl_import_map *m, const struct tl_str *sample, uint32_t n, struct tl_err *err);
int tl_import_map_time_column(const struct tl_import_map *m);  /* index, -1 when there is none */
/* tl_import_map_show - the table "column -> becomes", appended to b */
void tl_import_map_show(const struct tl_import_map *m, struct tl_buf *b);
/* tl_field_form - the form of a field of schemas/event.def; words (may be NULL): those it may be, divided by blanks, "" when any */
enum tl_field_form { TL_FIELD_NONE, TL_FIELD_TEXT, TL_FIELD_WORD, TL_FIELD_TIME, TL_FIELD_U64, TL_FIELD_OTHER };
enum tl_field_form tl_field_form(const char *name, const char **words);
/* tl_import_map_word_known - may value stand in the field? true for fields without a list of words */
bool tl_import_map_word_known(const char *field, struct tl_str value);
/* tl_import_time - text -> RFC 3339 with its offset, or Unix ms as digits, in out[40]. format: strptime(3)'s, a fraction of a second and a UTC offset may
 * follow it; NULL: RFC 3339, or Unix seconds or milliseconds. zone is for times without an offset, NULL: UTC. *ms out. 0, TL_EINVAL. */
int tl_import_time(const char *format, const struct tl_zone *zone, struct tl_str text, char out[40], bool *number, int64_t *ms);
/* tl_import_map_time - text -> RFC 3339 with its offset, or Unix ms as digits, in out[40]. *ms out. 0, TL_EINVAL. */
int tl_import_map_time(const struct tl_import_map *m, struct tl_str text, char out[40], bool *number, int64_t *ms);

#endif
