/* spill.h - a stream of records in order, in memory while it is short, else in a nameless file: what a rebuild sorts with. */
#ifndef SPILL_H
#define SPILL_H

#include "tl_err.h"
#include "tl_mem.h"

struct spill {
    const char *dir;             /* where the file would be; borrowed */
    size_t buffer_bytes;
    int fd;                      /* -1: nothing on disk */
    uint64_t written;
    struct tl_buf buf;
};
void spill_open(struct spill *s, const char *dir, size_t buffer_bytes);
void spill_close(struct spill *s);
/* spill_put - one record of two parts (either may be empty). 0, TL_ENOMEM, TL_EIO, TL_ENOSPC. */
int spill_put(struct spill *s, const void *a, size_t a_n, const void *b, size_t b_n, struct tl_err *err);

/* Reading from the start, once nothing more is put. */
struct spill_cur {
    struct spill *s;
    uint64_t at;                 /* read from the file so far */
    struct tl_buf chunk;
    size_t pos;
};
int spill_read(struct spill_cur *c, struct spill *s, struct tl_err *err);
/* spill_next - 1 and the record (valid until the next call), 0 at the end, negative on failure */
int spill_next(struct spill_cur *c, struct tl_str *rec, struct tl_err *err);
void spill_done(struct spill_cur *c);

#endif
