/* keys.h - the two kinds of keys behind `touchline keys`. */
#ifndef CLI_KEYS_H
#define CLI_KEYS_H

#include <stdint.h>
#include "cli.h"

struct keys_job {
    const char *data;                    /* of the folder */
    const char *name;                    /* of the key; NULL only for list */
    const char *stream;
    struct cli_many origins;
    int64_t rate, grace_s;
    int64_t not_after_ms, now_ms;
    const char *collector, *out;         /* of a collector: its id, the file for its pair */
};
/* Each returns 0 or a negative TL_E*; what is told once goes to stdout. */
int keys_write_add(const struct keys_job *j, struct tl_err *err);
int keys_write_rotate(const struct keys_job *j, struct tl_err *err);
int keys_write_revoke(const struct keys_job *j, struct tl_err *err);
int keys_write_list(const struct keys_job *j, struct tl_err *err);
int keys_collector_add(const struct keys_job *j, struct tl_err *err);
int keys_collector_rotate(const struct keys_job *j, struct tl_err *err);
int keys_collector_revoke(const struct keys_job *j, struct tl_err *err);
int keys_collector_list(const struct keys_job *j, struct tl_err *err);

/* keys_until - "for ever", "2026-03-01T…Z", or "over" into out[32] */
char *keys_until(int64_t not_after_ms, int64_t now_ms, char out[32]);

#endif
