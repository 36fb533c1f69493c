/* tl_import.h - from a file to native events: what the readers of XES, CSV and NDJSON share.
 *
 * A reader walks its file once, makes one JSON event of each row, and hands it to the sink with the line it stands on; what it cannot
 * take goes to sink->bad and does not stop the rest. Ids come from content: BLAKE2b-128 of (case, content of the row), and for the k-th
 * row of the same case with the same content also of k. So the same file, or a longer version of it, brings only what is new. Where a row
 * stands in its case is kept in seq and takes no part in the id. */
#ifndef TL_IMPORT_H
#define TL_IMPORT_H

#include "tl_err.h"
#include "tl_mem.h"

#define TL_IMPORT_RUN_BYTES_MAX 60          /* of a run's name: session and journey are RUN/CASE, 100 bytes at most */
#define TL_IMPORT_THREAD_BYTES_MAX 100

/* Where events go. event returns 0, or a negative code that ends the reading. */
struct tl_import_sink {
    int (*event)(void *arg, struct tl_str json, uint64_t line, struct tl_err *err);
    void (*bad)(void *arg, uint64_t line, const char *why);
    /* the same of one column; NULL: bad is told, with the column in its text */
    void (*fault)(void *arg, uint64_t line, const char *column, const char *why);
    /* once, before the first event: how the columns of a table are understood; may be NULL */
    void (*mapping)(void *arg, struct tl_str text);
    void *arg;
};

struct tl_import_source {
    const char *path;
    const char *run;                     /* origin without its import:FORMAT: */
    uint64_t bytes_read;                 /* out: bytes after inflating, for progress */
    uint64_t rows;                       /* out: rows seen, bad ones included */
    /* settled - all whole rows were handed over: 0, take what the end of the file finishes too (a last line without its end, open groups); else the
     * file is still growing, and reading ends with that code. NULL: settled. */
    int (*settled)(void *arg);
    void *settled_arg;
    const char *scratch;                 /* folder for counting rows beyond memory; NULL: in memory */
};

enum tl_import_format { TL_IMPORT_XES, TL_IMPORT_CSV, TL_IMPORT_NDJSON, TL_IMPORT_FORMATS };
const char *tl_import_format_word(enum tl_import_format f);        /* "xes" */
/* tl_import_format_of - by the name's ending (.gz ignored), else by the first bytes. 0, TL_EINVAL, TL_EIO, TL_ENOTFOUND. */
int tl_import_format_of(const char *path, enum tl_import_format *format, struct tl_err *err);
/* tl_import_format_named - what a person said: "xes", "csv" or "ndjson"; word NULL: tl_import_format_of(path). 0; TL_EINVAL: another word */
int tl_import_format_named(const char *word, const char *path, enum tl_import_format *format, struct tl_err *err);
/* tl_import_run_name - the file's base name without extensions, cut to TL_IMPORT_RUN_BYTES_MAX; into out */
void tl_import_run_name(const char *path, char out[TL_IMPORT_RUN_BYTES_MAX + 1]);

/* 0 when the file was read to its end (bad rows or not); a negative code when it could not be, or when sink->event said so. */
int tl_import_xes(struct tl_import_source *src, const struct tl_import_sink *sink, struct tl_err *err);
int tl_import_ndjson(struct tl_import_source *src, const struct tl_import_sink *sink, struct tl_err *err);
struct tl_import_map;                    /* tl_import_map.h */
/* map: tl_import_map_new(); its columns are guessed from the header (one file per map) and shown through sink->mapping */
int tl_import_csv(struct tl_import_source *src, struct tl_import_map *map, const struct tl_import_sink *sink, struct tl_err *err);
struct tl_mapping;                       /* tl_mapping.h */
struct tl_mapped;
/* tl_import_file - the reader of that format; with a mapping its rows are what it says, without one: events as they are, and guessed columns.
 * count (may be NULL) is the mapping's. */
int tl_import_file(struct tl_import_source *src, const struct tl_mapping *m, enum tl_import_format format, const struct tl_import_sink *sink, struct tl_mapped *count, struct tl_err *err);

#endif
