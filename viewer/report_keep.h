/* report_keep.h - reports kept as they were made: DATA/reports/JOURNEY.WEEK.json, written once and never again.
 *
 * {"version":1,"journey","week","made_at","final","hash","report":{...},"pages":{"zh","en"}}; hash: BLAKE2b-128 of the report's bytes and of both pages. The first that is written stays:
 * who comes second reads it. `final`: its week's journeys had had their time; else it was kept earlier, on request. */
#ifndef REPORT_KEEP_H
#define REPORT_KEEP_H

#include "tl_err.h"
#include "tl_mem.h"

#define REPORT_KEEP_BYTES_MAX (4u << 20)

struct report_kept {
    struct tl_str report, zh, en;       /* as made; in the arena */
    int64_t made_ms;
    bool final;
    char hash[33];
};
/* report_kept_read - TL_ENOTFOUND: none is kept; TL_ECORRUPT: it is not what was written, err says which file */
int report_kept_read(const char *data, struct tl_str journey, const char *week, struct tl_arena *a, struct report_kept *out, struct tl_err *err);
/* report_keep - writes it unless one is there, and reads what is there then. TL_ENOSPC, TL_EIO. */
int report_keep(const char *data, struct tl_str journey, const char *week, struct tl_arena *a, struct report_kept *k, struct tl_err *err);

#endif
