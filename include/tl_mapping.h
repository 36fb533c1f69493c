/* tl_mapping.h - a mapping file: how the rows of somebody's file become events. schemas/mappings.md explains it, schemas/mappings/mapping.schema.json
 * is its schema; both are tested against the reader.
 *
 *   {"events": [{"when": {"column": "status", "in": ["paid"]},
 *                "fields": {"type": {"const": "order.placed"}, "time": "paid at", "order": "receipt"},
 *                "ids": {"member": "member no"}, "value": {"amount": "total", "currency": {"const": "CNY"}}}],
 *    "group": {"by": ["receipt"]}, "timezone": "Asia/Shanghai", "time_format": "%Y-%m-%d %H:%M:%S", "encoding": "GB18030"}
 *
 * The same bytes always give the same events with the same ids, in the same order, whatever the file is called: ids are made of the columns that "key"
 * names, else of the event's content and of how often it stood in the file before. */
#ifndef TL_MAPPING_H
#define TL_MAPPING_H

#include <stdint.h>
#include "tl_err.h"
#include "tl_import.h"

#define TL_MAPPING_BYTES_MAX (1024u * 1024)
#define TL_MAPPING_COLUMNS_MAX 512
#define TL_MAPPING_EVENTS_MAX 32         /* kinds of events in a mapping */
#define TL_MAPPING_GROUPS_OPEN_MAX 4096  /* groups that may wait for more rows; the one waiting longest is closed beyond it */
#define TL_MAPPING_GROUP_ROWS_MAX 1000   /* rows of one group; further ones are bad */
#define TL_MAPPING_GROUP_BYTES_MAX (2u * 1024 * 1024)   /* of all open groups together */
#define TL_MAPPING_LINES_MAX 100         /* rows listed in one event's props; how many more there were is said beside them */

struct tl_mapping;                       /* immutable once read: any number of readers may use it */
/* tl_mapping_read - returns owned. TL_ENOTFOUND, TL_ECONFIG: err names file, line, key and what is allowed there; TL_ENOMEM */
int tl_mapping_read(struct tl_mapping **out, const char *path, struct tl_err *err);
/* tl_mapping_parse - the same of a text; name is what err calls it */
int tl_mapping_parse(struct tl_mapping **out, struct tl_str text, const char *name, struct tl_err *err);
void tl_mapping_free(struct tl_mapping **mp);
/* tl_mapping_is - does the text look like a mapping rather than a catalogue? Its top object has "events" or "fields". */
bool tl_mapping_is(struct tl_str text);

/* What could not be understood, beside tl_import_sink.bad: column is "" where the row as a whole is meant. */
struct tl_mapped {
    uint64_t left_out;                   /* rows that no event's "when" takes */
    uint64_t groups, cut_short;          /* groups made; of these closed by a cap above, not by their rows */
};
/* tl_import_mapped - read src->path by m; its form is m's "format", else `format`. As tl_import_csv: bad rows are told and do not stop the rest.
 * out (may be NULL): what else was counted. 0; TL_ECONFIG: a column is not there; TL_EINVAL: the file as a whole cannot be read; what sink->event said;
 * TL_EAGAIN: src->settled said so. */
int tl_import_mapped(struct tl_import_source *src, const struct tl_mapping *m, enum tl_import_format format, const struct tl_import_sink *sink, struct tl_mapped *out,
                     struct tl_err *err);
/* tl_mapping_format - what the mapping says the file is; false: it says nothing */
bool tl_mapping_format(const struct tl_mapping *m, enum tl_import_format *format);

#endif
