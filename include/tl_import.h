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
    /* once, before the first event: how the columns of a table are understood; may be NULL */
    void (*mapping)(void *arg, struct tl_str text);
    void *arg;
};

struct tl_import_source {
    const char *path;
    const char *run;                     /* origin without its import:FORMAT: */
    uint64_t bytes_read;                 /* out: bytes after inflating, for progress */
    uint64_t rows;                       /* out: rows seen, bad ones included */
};

enum tl_import_format { TL_IMPORT_XES, TL_IMPORT_CSV, TL_IMPORT_NDJSON, TL_IMPORT_FORMATS };
const char *tl_import_format_word(enum tl_import_format f);        /* "xes" */
/* tl_import_format_of - by the name's ending (.gz ignored), else by the first bytes. 0, TL_EINVAL, TL_EIO, TL_ENOTFOUND. */
int tl_import_format_of(const char *path, enum tl_import_format *format, struct tl_err *err);
/* tl_import_run_name - the file's base name without extensions, cut to TL_IMPORT_RUN_BYTES_MAX; into out */
void tl_import_run_name(const char *path, char out[TL_IMPORT_RUN_BYTES_MAX + 1]);

/* 0 when the file was read to its end (bad rows or not); a negative code when it could not be, or when sink->event said so. */
int tl_import_xes(struct tl_import_source *src, const struct tl_import_sink *sink, struct tl_err *err);
int tl_import_ndjson(struct tl_import_source *src, const struct tl_import_sink *sink, struct tl_err *err);
struct tl_import_map;                       /* import_map.h */
/* map: a mapping file's, or tl_import_map_new() to have columns guessed by name; filled in from the header (one file per map), shown through sink->mapping */
int tl_import_csv(struct tl_import_source *src, struct tl_import_map *map, const struct tl_import_sink *sink, struct tl_err *err);

#endif
