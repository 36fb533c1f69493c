/* export_in.h - what the export files share: a bounded buffer in front of the file, and journeys with their customers' hashes. */
#ifndef EXPORT_IN_H
#define EXPORT_IN_H

#include "export.h"
#include "fold_rows.h"

struct export {
    struct look *look;
    int fd;
    struct tl_buf out;              /* flushed beyond EXPORT_BUFFER_BYTES */
    struct fold_rows rows;
    struct tl_arena *one;           /* of one journey; reset for each */
    struct tl_err *err;
};
int export_flush(struct export *x, bool all);       /* writes the buffer out when it is large, or when all is set */
/* export_customer - the customer's canonical hash as hex; inside fold_rows_day's callback */
int export_customer(struct export *x, uint64_t customer, char hex[33]);
int export_each(struct export *x, fold_each each, void *arg);    /* every journey asked about, day by day */

int export_csv(struct export *x);
int export_xes(struct export *x);
int export_ndjson(struct export *x);
int export_rows(struct export *x);

#endif
