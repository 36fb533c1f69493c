/* week.h - ISO 8601 weeks of days (tl_time.h): they begin on Monday, and belong to the year that their Thursday lies in. Pure. */
#ifndef WEEK_H
#define WEEK_H

#include "tl_time.h"

int32_t week_monday(int32_t day);           /* the Monday of its week */
char *week_text(int32_t day, char out[16]); /* "2026-W08", the week that a day lies in; returns out */
int week_parse(struct tl_str text, int32_t *monday);        /* 0, or TL_EINVAL: no such week */

#endif
