/* tl_import_map_time.c - times of a table: RFC 3339, Unix seconds or milliseconds, or a strptime(3) format. */
#include "tl_import_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* days since 1970-01-01 of a civil date (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms") */
static int64_t
civil_days(int64_t y, int m, int d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

/* what may follow strptime's part: a fraction and an offset. 0, TL_EINVAL */
static int
read_rest(const char *p, int *ms, int *offset_min, bool *has_offset)
{
    *ms = 0;
    *has_offset = false;
    if (*p == '.' || *p == ',') {
        int unit = 100;
        for (p++; *p >= '0' && *p <= '9'; p++, unit /= 10)
            *ms += (*p - '0') * unit;
    }
    while (*p == ' ')
        p++;
    if (*p == '\0')
        return 0;
    *has_offset = true;
    *offset_min = 0;
    if ((*p == 'Z' || *p == 'z') && p[1] == '\0')
        return 0;
    int h = 0, m = 0, used = 0;
    char sign = *p;
    if ((sign != '+' && sign != '-') || (sscanf(p + 1, "%2d:%2d%n", &h, &m, &used) != 2 && sscanf(p + 1, "%2d%2d%n", &h, &m, &used) != 2)
        || p[1 + used] != '\0' || h > 23 || m > 59)
        return TL_EINVAL;
    *offset_min = (sign == '-' ? -1 : 1) * (h * 60 + m);
    return 0;
}

/* strptime takes the 31st of any month */
static int
month_days(int year, int month)
{
    static const int days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int y = year + 1900;
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return days[month] + (month == 1 && leap);
}

static int
by_format(const char *format, const struct tl_zone *zone, const char *text, int64_t *at_ms, int *offset_min)
{
    struct tm tm = { .tm_mday = 1 };
    int ms;
    bool has_offset;
    const char *rest = strptime(text, format, &tm);
    if (rest == NULL || tm.tm_mday > month_days(tm.tm_year, tm.tm_mon) || read_rest(rest, &ms, offset_min, &has_offset) != 0)
        return TL_EINVAL;
    int64_t local_s = civil_days(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday) * 86400 + tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
    if (!has_offset) {
        int64_t guess_s = zone != NULL ? tl_zone_offset_s(zone, local_s * 1000) : 0;
        if (zone != NULL)      /* the offset in force at that instant, not at the local time read as UTC */
            guess_s = tl_zone_offset_s(zone, (local_s - guess_s) * 1000);
        *offset_min = (int)(guess_s / 60);
    }
    *at_ms = (local_s - *offset_min * 60) * 1000 + ms;
    return 0;
}

static void
print_time(int64_t at_ms, int offset_min, char out[40])
{
    char utc[32];
    tl_time_format(at_ms + offset_min * INT64_C(60000), utc);
    int minutes = abs(offset_min);
    snprintf(out, 40, "%.23s%c%02d:%02d", utc, offset_min < 0 ? '-' : '+', minutes / 60 % 100, minutes % 60);
}

/* 9..10 digits are seconds, 12..13 milliseconds: 2001 to 2286 */
static bool
unix_time(struct tl_str s, int64_t *ms)
{
    int64_t v = 0;
    if (s.n != 9 && s.n != 10 && s.n != 12 && s.n != 13)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        v = v * 10 + (s.p[i] - '0');
    }
    *ms = s.n <= 10 ? v * 1000 : v;
    return true;
}

static bool
has_zone(struct tl_str s)
{
    for (size_t i = 10; i < s.n; i++)
        if (s.p[i] == 'Z' || s.p[i] == 'z' || s.p[i] == '+' || s.p[i] == '-')
            return true;
    return false;
}

int
tl_import_time(const char *format, const struct tl_zone *zone, struct tl_str text, char out[40], bool *number, int64_t *ms)
{
    char copy[80];
    int offset_min = 0;
    *number = false;
    if (text.n == 0 || text.n >= sizeof copy)
        return TL_EINVAL;
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    if (format != NULL) {
        if (by_format(format, zone, copy, ms, &offset_min) != 0)
            return TL_EINVAL;
    } else if (unix_time(text, ms)) {
        *number = true;
        snprintf(out, 40, "%lld", (long long)*ms);
        return 0;
    } else {
        if (tl_time_parse(text, ms, &offset_min) != 0)
            return TL_EINVAL;
        if (zone != NULL && !has_zone(text)) {
            int64_t s = tl_zone_offset_s(zone, *ms);
            s = tl_zone_offset_s(zone, *ms - s * 1000);
            offset_min = (int)(s / 60);
            *ms -= s * 1000;
        }
    }
    print_time(*ms, offset_min, out);
    return 0;
}

int
tl_import_map_time(const struct tl_import_map *m, struct tl_str text, char out[40], bool *number, int64_t *ms)
{
    return tl_import_time(m->time_format, m->zone, text, out, number, ms);
}

static const char *const forms[] = {
    "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%Y-%m-%d %H:%M", "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M", "%Y年%m月%d日", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%d-%m-%Y", "%Y%m%d%H%M%S", "%Y%m%d %H:%M:%S",
};
static const char *const day_first[] = { "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y" };
static const char *const month_first[] = { "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y" };

static bool
reads_all(struct tl_import_map *m, const char *form, const struct tl_str *sample, uint32_t n)
{
    char out[40];
    bool number, good = true;
    int64_t ms;
    m->time_format = form != NULL ? tl_strdup(tl_str_of(form)) : NULL;
    for (uint32_t i = 0; i < n && good; i++)
        good = sample[i].n == 0 || tl_import_map_time(m, sample[i], out, &number, &ms) == 0;
    if (!good) {
        tl_free(m->time_format);
        m->time_format = NULL;
    }
    return good;
}

int
tl_import_map_times(struct tl_import_map *m, const struct tl_str *sample, uint32_t n, struct tl_err *err)
{
    if (m->time_format != NULL || reads_all(m, NULL, sample, n))
        return 0;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (reads_all(m, forms[i], sample, n))
            return 0;
    for (size_t i = 0; i < 3; i++) {
        bool month = reads_all(m, month_first[i], sample, n);
        tl_free(m->time_format);
        m->time_format = NULL;
        bool day = reads_all(m, day_first[i], sample, n);
        if (month && day)
            return tl_fail(err, TL_ECONFIG, "times like \"%.*s\" may begin with the day or with the month: say which with \"time_format\" in a mapping, "
                           "\"%s\" or \"%s\"", (int)(sample[0].n < 40 ? sample[0].n : 40), sample[0].p, day_first[i], month_first[i]);
        if (day || (month && reads_all(m, month_first[i], sample, n)))
            return 0;
    }
    return 0;       /* a mix of forms: rows that cannot be read are reported one by one */
}
