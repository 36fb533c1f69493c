/* tl_time.h - wall times as Unix milliseconds UTC; RFC 3339 text; days in an IANA time zone. No other time unit is stored. */
#ifndef TL_TIME_H
#define TL_TIME_H

#include <stdint.h>
#include "tl_err.h"
#include "tl_mem.h"

#define TL_TIME_NONE INT64_MIN
#define TL_DAY_MS INT64_C(86400000)

/* tl_time_parse - RFC 3339 / ISO 8601 ("2011-10-01T00:38:44.546+02:00", a blank for T, Z, "+0200", fraction of any length, no zone = UTC,
 * a date alone = its midnight UTC), years 0000..9999.  ms out; offset_min out (may be NULL), minutes east of UTC.  0 or TL_EINVAL. */
int tl_time_parse(struct tl_str s, int64_t *ms, int *offset_min);
/* tl_time_format - RFC 3339 in UTC with milliseconds, "2011-09-30T22:38:44.546Z", into out[32]; returns out. */
char *tl_time_format(int64_t ms, char out[32]);

/* ---- a time zone: opaque, immutable after open, safe for threads ---- */
struct tl_zone;
/* tl_zone_open - name like "Asia/Shanghai" or "UTC" (files of the tzdata package). returns owned in *out. 0, TL_ENOTFOUND, TL_ECORRUPT, TL_EIO, TL_ENOMEM. */
int tl_zone_open(struct tl_zone **out, const char *name, struct tl_err *err);
void tl_zone_free(struct tl_zone **zp);
const char *tl_zone_name(const struct tl_zone *z);
const char *tl_zone_local_name(void);                       /* the machine's zone name, "UTC" when unknown; static storage */
int tl_zone_offset_s(const struct tl_zone *z, int64_t ms);  /* seconds east of UTC in force at ms */
/* Day number: days since 1970-01-01 on the local calendar. */
int32_t tl_zone_day(const struct tl_zone *z, int64_t ms);
int64_t tl_zone_day_start_ms(const struct tl_zone *z, int32_t day);
int tl_day_parse(struct tl_str s, int32_t *day);            /* "2026-03-01"; 0 or TL_EINVAL */
char *tl_day_format(int32_t day, char out[16]);

#endif
