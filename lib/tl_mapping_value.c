/* tl_mapping_value.c - what a mapping's sources and conditions say of rows: texts, times, numbers, money. */
#include "tl_mapping_in.h"

#include <stdio.h>

#include "tl_import_map.h"

#define MS_MAX INT64_C(1000000000000000)

static const char *
first_column(const struct map_rows *rows, const struct map_source *s)
{
    return s->columns_n > 0 ? rows->m->column[s->column[0]] : "";
}

static int
fault_in(const struct map_rows *rows, const struct map_source *s, struct map_fault *f, struct tl_str v, const char *why)
{
    snprintf(f->column, sizeof f->column, "%.79s", first_column(rows, s));
    snprintf(f->why, sizeof f->why, "\"%.*s\" %.150s", (int)(v.n < 60 ? v.n : 60), v.p != NULL ? v.p : "", why);
    return -1;
}

/* ---- cells ---- */
static struct tl_str
cell_of(const struct map_rows *rows, uint16_t column, uint32_t row)
{
    return tl_trimmed(rows->cell[(size_t)row * rows->m->columns_n + column]);
}

struct tl_str
mapping_cell(const struct map_rows *rows, uint16_t column, int row)
{
    const struct tl_str none = { "", 0 };
    if (row >= 0)
        return rows->named[row] >= 0 ? cell_of(rows, column, (uint32_t)rows->named[row]) : none;
    for (uint32_t i = 0; i < rows->rows_n; i++) {
        struct tl_str v = cell_of(rows, column, row == ROW_LAST ? rows->rows_n - 1 - i : i);
        if (v.n > 0)
            return v;
    }
    return none;
}

static bool
meets(const struct map_condition *c, struct tl_str v)
{
    if (c->filled >= 0)
        return (v.n > 0) == (c->filled != 0);
    for (uint32_t i = 0; i < c->in_n; i++)
        if (tl_str_cmp(v, c->in[i]) == 0)
            return !c->not_in;
    return c->not_in;
}

bool
mapping_holds(const struct map_rows *rows, const struct map_conditions *c)
{
    for (uint32_t i = 0; i < c->n; i++)
        if (!meets(&c->at[i], mapping_cell(rows, c->at[i].column, c->at[i].row)))
            return false;
    return true;
}

void
mapping_name_rows(struct map_rows *rows)
{
    const struct tl_mapping *m = rows->m;
    for (uint32_t k = 0; k < m->rows_n; k++) {
        rows->named[k] = -1;
        for (uint32_t i = 0; i < rows->rows_n && rows->named[k] < 0; i++) {
            struct map_rows one = { .m = m, .cell = rows->cell + (size_t)i * m->columns_n, .rows_n = 1 };
            if (mapping_holds(&one, &m->row[k].when))
                rows->named[k] = (int)i;
        }
    }
}

/* ---- texts ---- */
static int
joined(const struct map_rows *rows, const struct map_source *s, struct tl_str *out)
{
    size_t n = 0;
    *out = (struct tl_str){ "", 0 };
    if (s->columns_n == 1) {
        *out = mapping_cell(rows, s->column[0], s->row);
        return 0;
    }
    for (uint32_t i = 0; i < s->columns_n; i++)
        n += mapping_cell(rows, s->column[i], s->row).n + s->join.n;
    char *p = tl_arena_alloc(rows->arena, n + 1);
    if (p == NULL)
        return TL_ENOMEM;
    n = 0;
    for (uint32_t i = 0; i < s->columns_n; i++) {
        struct tl_str v = mapping_cell(rows, s->column[i], s->row);
        if (v.n == 0)
            continue;
        if (n > 0)
            memcpy(p + n, s->join.p, s->join.n);
        n += n > 0 ? s->join.n : 0;
        memcpy(p + n, v.p, v.n);
        n += v.n;
    }
    *out = (struct tl_str){ p, n };
    return 0;
}

static struct tl_str
looked_up(const struct map_source *s, struct tl_str v)
{
    for (uint32_t i = 0; i < s->pairs_n; i++)
        if (tl_str_cmp(v, s->pair[i].from) == 0)
            return s->pair[i].to;
    return s->otherwise.p != NULL ? s->otherwise : v;
}

int
mapping_text(const struct map_rows *rows, const struct map_source *s, struct tl_str *out, struct map_fault *fault)
{
    struct tl_str v = s->constant;
    if (s->unless >= 0 && mapping_cell(rows, (uint16_t)s->unless, ROW_FIRST).n > 0)
        return 0;
    if (s->constant.p == NULL && joined(rows, s, &v) != 0)
        return fault_in(rows, s, fault, v, "is too long");
    if (v.n > 0 && s->filled.p != NULL)
        v = s->filled;
    if (v.n > 0 && s->has_dictionary)
        v = looked_up(s, v);
    if (v.n == 0 && s->or_else != NULL)
        return mapping_text(rows, s->or_else, out, fault);
    if (v.n == 0 && s->otherwise.p != NULL)
        v = s->otherwise;
    if (v.n > 0 && s->prefix.n > 0) {
        char *p = tl_arena_alloc(rows->arena, s->prefix.n + v.n);
        if (p == NULL)
            return fault_in(rows, s, fault, v, "is too long");
        memcpy(p, s->prefix.p, s->prefix.n);
        memcpy(p + s->prefix.n, v.p, v.n);
        v = (struct tl_str){ p, s->prefix.n + v.n };
    }
    *out = v;
    return v.n > 0;
}

/* ---- times ---- */
/* nothing to add: there is no such time */
static int
later(const struct map_rows *rows, const struct map_source *after, char out[40], bool *number, int64_t *ms, struct map_fault *fault)
{
    int64_t more;
    int got = mapping_ms(rows, after, &more, fault);
    if (got <= 0)
        return got;
    *ms += more;
    *number = true;
    snprintf(out, 40, "%lld", (long long)*ms);
    return 1;
}

int
mapping_time(const struct map_rows *rows, const struct map_source *s, char out[40], bool *number, int64_t *ms, struct map_fault *fault)
{
    struct tl_str v;
    char why[150];
    int got = mapping_text(rows, s, &v, fault);
    if (got <= 0)
        return got;
    const char *format = s->format != NULL ? s->format : rows->m->time_format;
    if (tl_import_time(format, s->zone != NULL ? s->zone : rows->m->time_zone, v, out, number, ms) == 0)
        return s->after == NULL ? 1 : later(rows, s->after, out, number, ms, fault);
    if (s->or_else != NULL && s->columns_n > 0)
        return mapping_time(rows, s->or_else, out, number, ms, fault);
    snprintf(why, sizeof why, "is no time %s%.80s", format != NULL ? "of the form " : "like 2026-03-01T10:00:00Z, and no \"time_format\" is given", format != NULL ? format : "");
    return fault_in(rows, s, fault, v, why);
}

/* ---- numbers ---- */
static bool
strip(struct tl_str *s, const char *sign)
{
    size_t n = strlen(sign);
    if (s->n >= n && memcmp(s->p, sign, n) == 0) {
        s->p += n;
        s->n -= n;
        return true;
    }
    if (s->n >= n && memcmp(s->p + s->n - n, sign, n) == 0) {
        s->n -= n;
        return true;
    }
    return false;
}

static bool
strip_code(struct tl_str *s)
{
    for (int tail = 0; tail < 2 && s->n > 3; tail++) {
        const char *p = tail ? s->p + s->n - 3 : s->p;
        bool code = true;
        for (int i = 0; i < 3; i++)
            code = code && p[i] >= 'A' && p[i] <= 'Z';
        if (!code)
            continue;
        s->p += tail ? 0 : 3;
        s->n -= 3;
        return true;
    }
    return false;
}

/* "¥ 1,234.50", "1.234,50 €", "(12.00)", "12.00-": the sign, and the digits with their separators */
static bool
plain_number(struct tl_str s, struct tl_str *digits)
{
    static const char *const around[] = { " ", "\t", "\xc2\xa0", "\xe2\x80\xaf", "\xc2\xa5", "\xef\xbf\xa5", "\xe2\x82\xac", "\xc2\xa3", "$", "\xe5\x85\x83", "+" };
    bool minus = false, more = true;
    if (s.n > 2 && s.p[0] == '(' && s.p[s.n - 1] == ')') {
        minus = true;
        s = (struct tl_str){ s.p + 1, s.n - 2 };
    }
    while (more) {
        more = strip_code(&s);
        for (size_t i = 0; i < sizeof around / sizeof *around; i++)
            more = strip(&s, around[i]) || more;
        if (!minus && (strip(&s, "-") || strip(&s, "\xe2\x88\x92")))
            minus = more = true;
    }
    *digits = s;
    return minus;
}

/* how many bytes of a thousands separator stand at p */
static size_t
separator(const char *p, size_t n, char decimal)
{
    if (*p == (decimal == '.' ? ',' : '.') || *p == ' ' || *p == '\'')
        return 1;
    if (n >= 2 && memcmp(p, "\xc2\xa0", 2) == 0)
        return 2;
    return n >= 3 && memcmp(p, "\xe2\x80\xaf", 3) == 0 ? 3 : 0;
}

enum { NUMBER_GOOD, NUMBER_NONE, NUMBER_FINER, NUMBER_LARGE };

static int
parse_decimal(struct tl_str text, char decimal, int digits, int64_t *out)
{
    struct tl_str s;
    bool minus = plain_number(text, &s), any = false, finer = false;
    int64_t v = 0;
    int run = 0, groups = 0, after = -1;
    for (size_t i = 0; i < s.n;) {
        char c = s.p[i];
        if (c >= '0' && c <= '9') {
            any = true;
            if (after >= digits) {
                finer = finer || c != '0';
                i++;
                continue;
            }
            if (v > (INT64_MAX / 16 - 9) / 10)
                return NUMBER_LARGE;
            v = v * 10 + (c - '0');
            after += after >= 0;
            run++;
            i++;
        } else if (c == decimal && after < 0) {
            if (groups > 0 && run != 3)
                return NUMBER_NONE;
            after = 0;
            i++;
        } else {
            size_t n = after < 0 && any && i + 1 < s.n ? separator(s.p + i, s.n - i, decimal) : 0;
            if (n == 0 || run == 0 || (groups > 0 ? run != 3 : run > 3))
                return NUMBER_NONE;
            groups++;
            run = 0;
            i += n;
        }
    }
    if (!any || (after < 0 && groups > 0 && run != 3))
        return NUMBER_NONE;
    for (int i = after < 0 ? 0 : after; i < digits; i++) {
        if (v > INT64_MAX / 16 / 10)
            return NUMBER_LARGE;
        v *= 10;
    }
    *out = minus ? -v : v;
    return finer ? NUMBER_FINER : NUMBER_GOOD;
}

/* hh:mm:ss or mm:ss, a fraction behind it */
static bool
parse_clock(struct tl_str s, int64_t *ms)
{
    int64_t part[3] = {0};
    int parts = 0, digits = 0, fraction = 100;
    size_t i = 0;
    for (; i < s.n && s.p[i] != '.' && s.p[i] != ','; i++) {
        if (s.p[i] == ':' && digits > 0 && parts < 2) {
            parts++;
            digits = 0;
        } else if (s.p[i] >= '0' && s.p[i] <= '9' && digits < 6) {
            part[parts] = part[parts] * 10 + (s.p[i] - '0');
            digits++;
        } else {
            return false;
        }
    }
    if (parts == 0 || digits == 0 || part[parts] > 59 || (parts == 2 && part[1] > 59))
        return false;
    *ms = (parts == 2 ? part[0] * 3600 + part[1] * 60 + part[2] : part[0] * 60 + part[1]) * 1000;
    for (i++; i < s.n; i++, fraction /= 10) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        *ms += (s.p[i] - '0') * fraction;
    }
    return true;
}

static int
number_of(const struct map_rows *rows, const struct map_source *s, struct tl_str v, int digits, bool exact, int64_t *out, struct map_fault *fault)
{
    char why[120];
    if (s->unit == UNIT_CLOCK) {
        if (parse_clock(v, out))
            return 1;
        return fault_in(rows, s, fault, v, "is no time on a clock like 00:01:30");
    }
    switch (parse_decimal(v, rows->m->decimal, digits, out)) {
    case NUMBER_GOOD:
        return 1;
    case NUMBER_FINER:
        if (!exact)
            return 1;
        snprintf(why, sizeof why, "has more digits behind the point than the %d of its currency", digits);
        return fault_in(rows, s, fault, v, why);
    case NUMBER_LARGE:
        return fault_in(rows, s, fault, v, "is too large");
    default:
        snprintf(why, sizeof why, "is no number with the decimal sign \"%c\"; another one is said with \"decimal\"", rows->m->decimal);
        return fault_in(rows, s, fault, v, why);
    }
}

/* the cells that a number is the sum of: of all the source's columns, in one row or in all */
static int
added(const struct map_rows *rows, const struct map_source *s, int digits, bool exact, int64_t *out, struct map_fault *fault)
{
    int any = 0;
    *out = 0;
    for (uint32_t i = 0; i < s->columns_n; i++)
        for (uint32_t k = 0; k < (s->row == ROW_SUM ? rows->rows_n : 1); k++) {
            struct tl_str v = s->row == ROW_SUM ? cell_of(rows, s->column[i], k) : mapping_cell(rows, s->column[i], s->row);
            int64_t one;
            if (v.n == 0)
                continue;
            if (number_of(rows, s, v, digits, exact, &one, fault) < 0)
                return -1;
            if (__builtin_add_overflow(*out, one, out))
                return fault_in(rows, s, fault, v, "makes a sum that is too large");
            any = 1;
        }
    return any;
}

int
mapping_decimal(const struct map_rows *rows, const struct map_source *s, int digits, bool exact, int64_t *out, struct map_fault *fault)
{
    struct tl_str v;
    int got;
    if (s->add || s->row == ROW_SUM) {
        if (s->unless >= 0 && mapping_cell(rows, (uint16_t)s->unless, ROW_FIRST).n > 0)
            return 0;
        got = added(rows, s, digits, exact, out, fault);
        return got == 0 && s->or_else != NULL ? mapping_decimal(rows, s->or_else, digits, exact, out, fault) : got;
    }
    got = mapping_text(rows, s, &v, fault);
    return got > 0 ? number_of(rows, s, v, digits, exact, out, fault) : got;
}

static int
interval(const struct map_rows *rows, const struct map_source *s, int64_t *ms, struct map_fault *fault)
{
    char text[40];
    bool number;
    int64_t from, to;
    int got = mapping_time(rows, s->from, text, &number, &from, fault);
    if (got > 0)
        got = mapping_time(rows, s->to, text, &number, &to, fault);
    if (got == 0 && s->or_else != NULL)
        return mapping_ms(rows, s->or_else, ms, fault);
    if (got <= 0)
        return got;
    *ms = to - from;
    return to >= from ? 1 : fault_in(rows, s->to, fault, tl_str_of(text), "lies before the time where it began");
}

int
mapping_ms(const struct map_rows *rows, const struct map_source *s, int64_t *ms, struct map_fault *fault)
{
    int64_t less;
    int got = s->from != NULL ? interval(rows, s, ms, fault) : mapping_decimal(rows, s, s->unit == UNIT_MS || s->unit == UNIT_CLOCK ? 0 : 3, false, ms, fault);
    if (got <= 0)
        return got;
    if (*ms < 0 || *ms > MS_MAX)
        return fault_in(rows, s, fault, TL_STR(""), "is a length of time below 0, or of more than 31,000 years");
    if (s->unit == UNIT_MIN)
        *ms *= 60;
    if (s->minus == NULL || (got = mapping_ms(rows, s->minus, &less, fault)) == 0)
        return 1;
    if (got < 0)
        return -1;
    *ms -= less;
    return *ms >= 0 ? 1 : fault_in(rows, s, fault, TL_STR(""), "is less than what is taken from it");
}

int
mapping_currency_digits(struct tl_str currency)
{
    static const char none[] = " BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ", three[] = " BHD IQD JOD KWD LYD OMR TND ";
    char word[6];
    snprintf(word, sizeof word, " %.3s ", currency.n == 3 ? currency.p : "   ");
    return strstr(none, word) != NULL ? 0 : strstr(three, word) != NULL ? 3 : 2;
}
