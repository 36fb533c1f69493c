/* tl_import_rows.h - what the readers of lines and of XES hand to a mapping (tl_mapping.h): rows, not yet events. */
#ifndef TL_IMPORT_ROWS_H
#define TL_IMPORT_ROWS_H

#include "tl_import.h"

/* tl_import_lines - every line of src->path that is not blank, trimmed, in bounded memory. encoding: as tl_decode_open. cut: the line ended with the file.
 * One too long for the window is handed over with as much of it as there is room for, and its true length beyond TL_IMPORT_LINE_MAX.
 * 0, what line returned, TL_EINVAL (damaged), TL_EIO, TL_ENOMEM. */
#define TL_IMPORT_LINE_MAX (256u * 1024)
int tl_import_lines(struct tl_import_source *src, const char *encoding, int (*line)(void *arg, struct tl_str text, uint64_t number, bool cut), void *arg, struct tl_err *err);

/* tl_import_xes_rows - as tl_import_xes, but each event's attributes go to rows: value(of, key) is the text of an attribute of the event, or of its
 * trace when key is "case:KEY"; "" when there is none. */
struct tl_import_attributes {
    int (*take)(void *arg, struct tl_str (*value)(void *of, const char *key), void *of, uint64_t line);
    void *arg;
};
int tl_import_xes_rows(struct tl_import_source *src, const struct tl_import_sink *sink, const struct tl_import_attributes *rows, struct tl_err *err);

#endif
