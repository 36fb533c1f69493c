/* fold_period.c - see fold_period.h. */
#include "fold_period.h"

#include <stdio.h>
#include <stdlib.h>

int32_t
fold_monday(int32_t day)
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
fold_week(int32_t day, char out[16])
{
    int thursday = 0, year = year_of(fold_monday(day), &thursday);
    snprintf(out, 16, "%04u-W%02u", (unsigned)year % 10000, (unsigned)(thursday / 7 + 1) % 100);
    return out;
}

int
fold_week_parse(struct tl_str text, int32_t *monday)
{
    char want[16] = "", jan[16], got[16];
    if (text.n != 8 || text.p[4] != '-' || text.p[5] != 'W') return TL_EINVAL;
    memcpy(want, text.p, 8);
    for (int i = 0; i < 8; i++)
        if (i != 4 && i != 5 && (want[i] < '0' || want[i] > '9')) return TL_EINVAL;
    snprintf(jan, sizeof jan, "%.4s-01-04", want);              /* always in week 1 */
    if (tl_day_parse(tl_str_of(jan), monday)) return TL_EINVAL;
    *monday = fold_monday(*monday) + 7 * (atoi(want + 6) - 1);
    return strcmp(fold_week(*monday, got), want) == 0 ? 0 : TL_EINVAL;
}

int
fold_period(const struct look *k, struct period *out, struct tl_err *err)
{
    struct tl_zone *z = NULL;
    int rc = tl_zone_open(&z, k->store ? tl_store_timezone(k->store) : "UTC", err);
    if (rc) return rc;
    out->today = tl_zone_day(z, k->as_of_ms);
    tl_zone_free(&z);
    out->to_day = k->ask->has_to ? k->ask->to_day : k->ask->has_from ? out->today : fold_monday(out->today) - 1;
    out->from_day = k->ask->has_from ? k->ask->from_day : out->to_day - 27;
    if (out->from_day > out->to_day) return tl_fail(err, TL_EINVAL, "parameter from is later than as_of");
    int64_t back = ((int64_t)out->to_day - out->from_day + 7) / 7 * 7;
    if (back > 36500) return tl_fail(err, TL_EINVAL, "parameters from and to: at most 100 years");
    out->before_from = out->from_day - (int32_t)back;
    out->before_to = out->to_day - (int32_t)back;
    return 0;
}
