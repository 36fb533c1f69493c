/* simulate_told.h - what a folder knows of the demo in it: which one, and up to when it was told. So a second start goes on where the first ended,
 * and a demo whose weeks end on another Monday, whose events have the same ids at other times, is not mixed into it. */
#ifndef CLI_SIMULATE_TOLD_H
#define CLI_SIMULATE_TOLD_H

#include <stdbool.h>
#include <stdint.h>
#include "tl_err.h"

struct told {
    int64_t seed, customers, days, until_ms;
    int64_t told_ms;            /* events up to here have been sent and stitched */
};
int told_read(const char *data, struct told *t);                                   /* DATA/demo; TL_ENOTFOUND */
int told_write(const char *data, const struct told *t, struct tl_err *err);        /* atomic. TL_EIO */
/* told_join - the demo asked for against the one in the folder: takes over its until and told_ms. any_until: none was asked for.
 * TL_EEXIST: it is another one. A folder without a demo: 0, told_ms stays. */
int told_join(const char *data, struct told *asked, bool any_until, struct tl_err *err);

#endif
