/* check_diff.h - `touchline check --diff`: which journeys gain or lose which breaks by another catalogue, before it is activated. */
#ifndef CLI_CHECK_DIFF_H
#define CLI_CHECK_DIFF_H

#include <stdbool.h>
#include "tl_err.h"

struct check_diff {
    const char *data;                                   /* of the store; NULL: the default folder */
    const char *path;                                   /* of the catalogue, which has been checked */
    const char *journey, *from, *to, *as_of;            /* NULL: as /api/diff takes it */
    bool json;
};
int check_diff(const struct check_diff *q, struct tl_err *err);

#endif
