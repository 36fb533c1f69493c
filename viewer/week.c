/* week.c - see week.h. */
#include "week.h"

#include <stdio.h>
#include <stdlib.h>

int32_t
week_monday(int32_t day)
{
    return day - ((day + 3) % 7 + 7) % 7;       /* day 0 was a Thursday */
}

/* year_of - of the week: that of its Thursday (ISO 8601); thursday, out: the day of that year it is, from 0 */
static int
year_of(int32_t monday, int *thursday)
{
    char text[16];
    int32_t new_year = 0;
    tl_day_format(monday + 3, text);
    text[4] = '\0';
    int year = atoi(text);
    snprintf(text, sizeof text, "%04d-01-01", year);
    tl_day_parse(tl_str_of(text), &new_year);
    *thursday = monday + 3 - new_year;
    return year;
}

char *
week_text(int32_t day, char out[16])
{
    int thursday = 0, year = year_of(week_monday(day), &thursday);
    snprintf(out, 16, "%04u-W%02u", (unsigned)year % 10000, (unsigned)(thursday / 7 + 1) % 100);
    return out;
}

int
week_parse(struct tl_str text, int32_t *monday)
{
    char want[16] = "", jan[16], got[16];
    if (text.n != 8 || text.p[4] != '-' || text.p[5] != 'W') return TL_EINVAL;
    memcpy(want, text.p, 8);
    for (int i = 0; i < 8; i++)
        if (i != 4 && i != 5 && (want[i] < '0' || want[i] > '9')) return TL_EINVAL;
    snprintf(jan, sizeof jan, "%.4s-01-04", want);              /* always in week 1 */
    if (tl_day_parse(tl_str_of(jan), monday)) return TL_EINVAL;
    *monday = week_monday(*monday) + 7 * (atoi(want + 6) - 1);
    return strcmp(week_text(*monday, got), want) == 0 ? 0 : TL_EINVAL;
}
