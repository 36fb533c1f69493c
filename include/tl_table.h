/* tl_table.h - a table in a text file, record by record: RFC 4180 with any one-character delimiter, BOM, CRLF or LF, quoted newlines, gzip, and
 * other encodings than UTF-8.
 *
 *   case,activity,"when, exactly" CRLF
 *   17,"says ""hi""","2026-03-01 10:00" CRLF
 *
 * A record is read from a window that holds it whole. One that cannot be read (an open quote, text behind a closing quote, too long) is told to
 * bad, and reading goes on with the line after the one where it began; a line of any length is passed over in bounded memory. */
#ifndef TL_TABLE_H
#define TL_TABLE_H

#include <stdint.h>
#include "tl_err.h"
#include "tl_mem.h"

#define TL_TABLE_WINDOW_BYTES (512u * 1024)
#define TL_TABLE_RECORD_BYTES_MAX (256u * 1024)
#define TL_TABLE_FIELDS_MAX 4096        /* of one record; more: a bad one */

struct tl_table_cfg {
    const char *path;
    const char *encoding;                /* as iconv(3) names it; NULL: UTF-8 */
    char delimiter;                      /* 0: , ; tab or |, whichever the first line has most of */
    bool plain;                          /* a quote is a character like others */
    uint32_t skip_lines;                 /* before the first record */
    void (*bad)(void *arg, uint64_t line, const char *why);
    void *arg;
};
struct tl_table;
/* tl_table_open - cfg's texts are borrowed. 0; TL_ENOTFOUND, TL_EIO, TL_ENOMEM; TL_EINVAL: damaged gzip, UTF-16 not said to be so; TL_ECONFIG: unknown encoding */
int tl_table_open(struct tl_table **out, const struct tl_table_cfg *cfg, struct tl_err *err);
void tl_table_close(struct tl_table **tp);

/* tl_table_next - the next record; blank lines are none. 1: field (n of them, quotes undone, blanks kept) lives until the next call, line is where it
 * begins; 0: the end; TL_EIO, TL_EINVAL (damaged), TL_ENOMEM. */
int tl_table_next(struct tl_table *t, const struct tl_str **field, uint32_t *n, uint64_t *line, struct tl_err *err);
bool tl_table_cut(const struct tl_table *t);         /* the last record ended with the file, not with a line end: perhaps more of it is to come */
/* tl_table_look - call each for the records in the window, from the next one on, without moving; it returns false to end */
void tl_table_look(struct tl_table *t, bool (*each)(void *arg, const struct tl_str *field, uint32_t n), void *arg);
char tl_table_delimiter(const struct tl_table *t);
uint64_t tl_table_bytes(const struct tl_table *t);   /* read so far, after inflating */
uint64_t tl_table_bad(const struct tl_table *t);     /* records told to bad */
/* tl_table_not_text - what to say of text that is not UTF-8 or not of the encoding (tl_text_fault told that): names GB18030 when it would read as that */
const char *tl_table_not_text(const struct tl_table *t, struct tl_str text);
struct tl_str tl_trimmed(struct tl_str s);           /* without blanks and tabs at both ends */

#endif
