/* tl_time.c - RFC 3339 text and IANA zones; see tl_time.h.
 *
 * Calendar arithmetic counts days from 1970-01-01 with years that begin in March (Howard Hinnant, "chrono-compatible low-level date algorithms").
 * Zones are the TZif files of the tzdata package (RFC 8536), read here: the C library knows one zone a process, and not thread by thread. */
#include "tl_time.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- calendar ---- */

static int64_t
days_from_civil(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void
civil_from_days(int64_t days, int *y, int *m, int *d)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097, doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *d = (int)(doy - (153 * mp + 2) / 5 + 1);
    *m = (int)(mp < 10 ? mp + 3 : mp - 9);
    *y = (int)(yoe + era * 400 + (*m <= 2));
}

static int64_t
floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int
month_days(int y, int m)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return days[m - 1] + (m == 2 && ((y % 4 == 0 && y % 100 != 0) || y % 400 == 0));
}

/* ---- parsing ---- */

/* n digits at s[at]; -1 when they are not there */
static int
digits(struct tl_str s, size_t at, size_t n)
{
    int v = 0;
    if (at + n > s.n)
        return -1;
    for (size_t i = at; i < at + n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return -1;
        v = v * 10 + (s.p[i] - '0');
    }
    return v;
}

static bool
at_char(struct tl_str s, size_t at, char c)
{
    return at < s.n && s.p[at] == c;
}

static int
parse_date(struct tl_str s, int64_t *days)
{
    int y = digits(s, 0, 4), m = digits(s, 5, 2), d = digits(s, 8, 2);
    if (y < 0 || m < 1 || m > 12 || d < 1 || !at_char(s, 4, '-') || !at_char(s, 7, '-') || d > month_days(y, m))
        return TL_EINVAL;
    *days = days_from_civil(y, m, d);
    return 0;
}

/* "Z", "+02:00", "+0200", "+02" or nothing from `at` to the end -> minutes east of UTC */
static int
parse_offset(struct tl_str s, size_t at, int *minutes)
{
    *minutes = 0;
    if (at == s.n || (at + 1 == s.n && (s.p[at] == 'Z' || s.p[at] == 'z')))
        return 0;
    if (s.p[at] != '+' && s.p[at] != '-')
        return TL_EINVAL;
    int h = digits(s, at + 1, 2), m = 0;
    size_t next = at + 3;
    if (next < s.n) {
        next += s.p[next] == ':';
        m = digits(s, next, 2);
        next += 2;
    }
    if (h < 0 || h > 23 || m < 0 || m > 59 || next != s.n)
        return TL_EINVAL;
    *minutes = (s.p[at] == '-' ? -1 : 1) * (h * 60 + m);
    return 0;
}

int
tl_time_parse(struct tl_str s, int64_t *ms, int *offset_min)
{
    int64_t days;
    int east = 0, frac_ms = 0;
    if (!s.p || parse_date(s, &days) != 0)
        return TL_EINVAL;
    if (s.n == 10) {
        *ms = days * TL_DAY_MS;
        if (offset_min)
            *offset_min = 0;
        return 0;
    }
    int hh = digits(s, 11, 2), mm = digits(s, 14, 2), ss = 0;
    size_t at = 16;
    if ((s.p[10] != 'T' && s.p[10] != 't' && s.p[10] != ' ') || hh < 0 || hh > 23 || mm < 0 || mm > 59 || !at_char(s, 13, ':'))
        return TL_EINVAL;
    if (at_char(s, 16, ':')) {
        ss = digits(s, 17, 2);
        at = 19;
        if (ss < 0 || ss > 60)
            return TL_EINVAL;
    }
    if (at == 19 && (at_char(s, at, '.') || at_char(s, at, ','))) {
        size_t first = ++at;
        for (; at < s.n && s.p[at] >= '0' && s.p[at] <= '9'; at++)
            if (at - first < 3)
                frac_ms = frac_ms * 10 + (s.p[at] - '0');
        if (at == first)
            return TL_EINVAL;
        for (size_t n = at - first; n < 3; n++)
            frac_ms *= 10;
    }
    if (parse_offset(s, at, &east) != 0)
        return TL_EINVAL;
    *ms = days * TL_DAY_MS + ((hh * 60 + mm - east) * 60 + ss) * INT64_C(1000) + frac_ms;
    if (offset_min)
        *offset_min = east;
    return 0;
}

char *
tl_time_format(int64_t ms, char out[32])
{
    int64_t day = floor_div(ms, TL_DAY_MS);
    int rest = (int)(ms - day * TL_DAY_MS), y, m, d;
    civil_from_days(day, &y, &m, &d);
    snprintf(out, 32, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", y % 10000, m, d, rest / 3600000, rest / 60000 % 60, rest / 1000 % 60, rest % 1000);
    return out;
}

int
tl_day_parse(struct tl_str s, int32_t *day)
{
    int64_t days;
    if (!s.p || s.n != 10 || parse_date(s, &days) != 0)
        return TL_EINVAL;
    *day = (int32_t)days;
    return 0;
}

char *
tl_day_format(int32_t day, char out[16])
{
    int y, m, d;
    civil_from_days(day, &y, &m, &d);
    snprintf(out, 16, "%04d-%02d-%02d", y % 10000, m, d);
    return out;
}

/* ---- zones ---- */

#define ZONE_DIR "/usr/share/zoneinfo"
#define ZONE_FILE_MAX 65536
#define ZONE_MADE_UNTIL 2200   /* the footer's rule is unrolled into transitions up to this year */

struct tl_zone {
    char name[64];
    int first_offset_s;
    size_t n;
    int64_t *at_s;      /* n transitions, ascending */
    int32_t *offset_s;  /* in force from at_s[i] on */
};

static bool
zone_name_ok(const char *name)
{
    size_t n = strlen(name);
    return n > 0 && n < 64 && name[0] != '/' && !strstr(name, "..") &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") == n;
}

static bool
zone_push(struct tl_zone *z, int64_t at_s, int32_t offset_s)
{
    int64_t *at = tl_realloc(z->at_s, (z->n + 1) * sizeof *at);
    if (at)
        z->at_s = at;
    int32_t *off = at ? tl_realloc(z->offset_s, (z->n + 1) * sizeof *off) : NULL;
    if (!off)
        return false;
    z->offset_s = off;
    z->at_s[z->n] = at_s;
    z->offset_s[z->n++] = offset_s;
    return true;
}

/* The 64-bit block of a TZif file: six counts, transition times, type of each, types (offset, dst, name). Sets *footer to what follows. */
static int
zone_read_block(struct tl_zone *z, struct tl_cur *c, bool wide, bool keep)
{
    uint32_t count[6];
    tl_cur_bytes(c, 20);
    for (int i = 0; i < 6; i++)
        count[i] = tl_cur_be32(c);
    uint32_t leaps = count[2], times = count[3], types = count[4], chars = count[5], isut = count[0], isstd = count[1];
    struct tl_str when = tl_cur_bytes(c, (size_t)times * (wide ? 8 : 4)), which = tl_cur_bytes(c, times), type = tl_cur_bytes(c, (size_t)types * 6);
    tl_cur_bytes(c, chars);
    tl_cur_bytes(c, (size_t)leaps * (wide ? 12 : 8) + isstd + isut);
    if (c->bad || types == 0)
        return TL_ECORRUPT;
    for (uint32_t i = 0; keep && i <= times; i++) {
        uint8_t t = i == 0 ? 0 : (uint8_t)which.p[i - 1];
        if (t >= types)
            return TL_ECORRUPT;
        struct tl_cur tc = tl_cur_of(type.p + (size_t)t * 6, 4), wc = tl_cur_of(i ? when.p + (size_t)(i - 1) * 8 : "", i ? 8 : 0);
        int32_t offset_s = (int32_t)tl_cur_be32(&tc);
        if (i == 0)
            z->first_offset_s = offset_s;
        else if (!zone_push(z, (int64_t)tl_cur_be64(&wc), offset_s))
            return TL_ENOMEM;
    }
    return 0;
}

/* ---- the footer: a POSIX TZ rule like "CET-1CEST,M3.5.0,M10.5.0/3", for times after the last transition ---- */

struct rule {
    char kind;          /* M (month.week.weekday), J (day 1..365, no leap day), 0 (day 0..365) */
    int month, week, day, time_s;
};

static const char *
skip_name(const char *p)
{
    if (*p == '<') {
        p = strchr(p, '>');
        return p ? p + 1 : NULL;
    }
    while ((*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z'))
        p++;
    return p;
}

static const char *
read_hms(const char *p, int *seconds)
{
    int sign = 1, part[3] = { 0, 0, 0 };
    if (*p == '+' || *p == '-')
        sign = *p++ == '-' ? -1 : 1;
    for (int i = 0; i < 3; i++) {
        char *end;
        part[i] = (int)strtol(p, &end, 10);
        if (end == p)
            return NULL;
        p = end;
        if (*p != ':')
            break;
        p++;
    }
    *seconds = sign * (part[0] * 3600 + part[1] * 60 + part[2]);
    return p;
}

static const char *
read_rule(const char *p, struct rule *r)
{
    int used = 0;
    r->time_s = 7200;
    if (*p == 'M' && sscanf(p, "M%d.%d.%d%n", &r->month, &r->week, &r->day, &used) == 3)
        r->kind = 'M';
    else if (*p == 'J' && sscanf(p, "J%d%n", &r->day, &used) == 1)
        r->kind = 'J';
    else if (sscanf(p, "%d%n", &r->day, &used) == 1)
        r->kind = '0';
    else
        return NULL;
    p += used;
    return *p == '/' ? read_hms(p + 1, &r->time_s) : p;
}

/* local seconds since 1970 at which rule r strikes in year y */
static int64_t
rule_local_s(const struct rule *r, int y)
{
    int64_t day = days_from_civil(y, 1, 1) + r->day;
    if (r->kind == 'J')
        day = day - 1 + (month_days(y, 2) == 29 && r->day >= 60);
    if (r->kind == 'M') {
        int64_t first = days_from_civil(y, r->month, 1);
        int64_t weekday = ((first + 4) % 7 + 7) % 7;
        day = first + (r->day - weekday + 7) % 7 + (r->week - 1) * 7;
        while (day >= first + month_days(y, r->month))
            day -= 7;
    }
    return day * 86400 + r->time_s;
}

static int
zone_read_footer(struct tl_zone *z, const char *tz)
{
    int std_s, dst_s;
    struct rule on, off;
    const char *p = skip_name(tz);
    if (!p || !(p = read_hms(p, &std_s)))
        return TL_ECORRUPT;
    if (*p == '\0')
        return zone_push(z, z->n ? z->at_s[z->n - 1] : INT64_MIN, -std_s) ? 0 : TL_ENOMEM;
    dst_s = std_s - 3600;
    if (!(p = skip_name(p)) || (*p != ',' && !(p = read_hms(p, &dst_s))) || *p != ',')
        return TL_ECORRUPT;
    if (!(p = read_rule(p + 1, &on)) || *p != ',' || !(p = read_rule(p + 1, &off)))
        return TL_ECORRUPT;
    int64_t last = z->n ? z->at_s[z->n - 1] : INT64_MIN;
    for (int y = 1970; y < ZONE_MADE_UNTIL; y++) {
        int64_t a = rule_local_s(&on, y) + std_s, b = rule_local_s(&off, y) + dst_s;
        int32_t a_off = (int32_t)-dst_s, b_off = (int32_t)-std_s;
        if ((a > last && !zone_push(z, a < b ? a : b, a < b ? a_off : b_off)) || (b > last && !zone_push(z, a < b ? b : a, a < b ? b_off : a_off)))
            return TL_ENOMEM;
    }
    return 0;
}

static int
zone_parse(struct tl_zone *z, const uint8_t *file, size_t n)
{
    struct tl_cur c = tl_cur_of(file, n);
    char tz[128] = "";
    if (n < 44 || memcmp(file, "TZif", 4) != 0 || file[4] < '2')
        return TL_ECORRUPT;
    int rc = zone_read_block(z, &c, false, false);
    if (rc == 0)
        rc = zone_read_block(z, &c, true, true);
    if (rc != 0)
        return rc;
    size_t left = tl_cur_left(&c);
    const char *end = left > 1 ? memchr(c.p + 1, '\n', left - 1) : NULL;
    size_t len = end ? (size_t)(end - (const char *)c.p - 1) : 0;
    if (len == 0 || len >= sizeof tz)
        return 0;
    memcpy(tz, c.p + 1, len);
    return zone_read_footer(z, tz);
}

int
tl_zone_open(struct tl_zone **out, const char *name, struct tl_err *err)
{
    char path[128];
    uint8_t *file = NULL;
    FILE *f = NULL;
    struct tl_zone *z = NULL;
    int rc = 0;
    *out = NULL;
    if (!zone_name_ok(name))
        return tl_fail(err, TL_ENOTFOUND, "\"%s\" is not a time zone name; use one like Asia/Shanghai or UTC", name);
    snprintf(path, sizeof path, ZONE_DIR "/%s", name);
    f = fopen(path, "re");
    int why = f ? 0 : errno;
    z = tl_alloc(sizeof *z);
    file = tl_alloc(ZONE_FILE_MAX);
    if (!z || !file)
        rc = tl_fail(err, TL_ENOMEM, "no memory for time zone %s", name);
    else if (!f && why != ENOENT && why != ENOTDIR && strcmp(name, "UTC") != 0)
        rc = tl_fail(err, TL_EIO, "%s: %s", path, strerror(why));
    else if (!f && strcmp(name, "UTC") != 0)
        rc = tl_fail(err, TL_ENOTFOUND, "time zone \"%s\" is not in " ZONE_DIR " (package tzdata); use one like Asia/Shanghai or UTC", name);
    else if (f && (rc = zone_parse(z, file, fread(file, 1, ZONE_FILE_MAX, f))) != 0)
        tl_fail(err, rc, "%s is not a time zone file", path);
    if (f)
        fclose(f);
    tl_free(file);
    if (rc != 0) {
        tl_zone_free(&z);
        return rc;
    }
    snprintf(z->name, sizeof z->name, "%s", name);
    *out = z;
    return 0;
}

void
tl_zone_free(struct tl_zone **zp)
{
    if (!*zp)
        return;
    tl_free((*zp)->at_s);
    tl_free((*zp)->offset_s);
    tl_free(*zp);
    *zp = NULL;
}

const char *
tl_zone_name(const struct tl_zone *z)
{
    return z->name;
}

const char *
tl_zone_local_name(void)
{
    static char name[128];
    char link[256];
    const char *tz = getenv("TZ");
    if (tz && *tz == ':')
        tz++;
    if (tz && zone_name_ok(tz) && strchr(tz, '/'))
        return tz;
    ssize_t n = readlink("/etc/localtime", link, sizeof link - 1);
    link[n > 0 ? n : 0] = '\0';
    const char *at = strstr(link, "zoneinfo/");
    snprintf(name, sizeof name, "%s", at && zone_name_ok(at + 9) ? at + 9 : "UTC");
    return strcmp(name, "Etc/UTC") == 0 ? "UTC" : name;
}

int
tl_zone_offset_s(const struct tl_zone *z, int64_t ms)
{
    int64_t s = floor_div(ms, 1000);
    size_t lo = 0, hi = z->n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (z->at_s[mid] <= s)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo == 0 ? z->first_offset_s : z->offset_s[lo - 1];
}

int32_t
tl_zone_day(const struct tl_zone *z, int64_t ms)
{
    return (int32_t)floor_div(ms + tl_zone_offset_s(z, ms) * INT64_C(1000), TL_DAY_MS);
}

/* The first ms of the day: where clocks jump over midnight, the moment after the jump. */
int64_t
tl_zone_day_start_ms(const struct tl_zone *z, int32_t day)
{
    int64_t local = (int64_t)day * TL_DAY_MS;
    int64_t lo = local - 2 * TL_DAY_MS, hi = local + 2 * TL_DAY_MS;
    while (lo < hi) {
        int64_t mid = lo + (hi - lo) / 2;
        if (tl_zone_day(z, mid) >= day)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}
