/* table.c - aligned tables, numbers for people. */
#include "cli.h"

#include <stdarg.h>

#define COLUMNS_MAX 16

struct cli_table {
    int columns;
    bool right[COLUMNS_MAX];
    struct tl_buf text;
    size_t *end;                 /* of each cell in text */
    size_t n, cap;
};

/* columns of a terminal that a code point takes: East Asian wide and full-width ones (UAX 11) take two, combining ones none */
static size_t
columns_of(uint32_t c)
{
    if ((c >= 0x300 && c <= 0x36f) || (c >= 0x200b && c <= 0x200f) || (c >= 0xfe00 && c <= 0xfe0f))
        return 0;
    bool wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff)
             || (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) || (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1faff)
             || (c >= 0x20000 && c <= 0x3fffd);
    return wide ? 2 : 1;
}

size_t
cli_width(struct tl_str s)
{
    size_t width = 0;
    for (size_t i = 0; i < s.n;) {
        uint8_t b = (uint8_t)s.p[i];
        size_t len = b < 0x80 ? 1 : b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : 2;
        uint32_t c = b < 0x80 ? b : b & (0xffu >> (len + 1));
        for (size_t k = 1; k < len && i + k < s.n; k++)
            c = c << 6 | ((uint8_t)s.p[i + k] & 0x3f);
        width += columns_of(c);
        i += len;
    }
    return width;
}

struct cli_table *
cli_table_new(int columns)
{
    struct cli_table *t = tl_alloc(sizeof *t);
    if (t != NULL)
        t->columns = columns < COLUMNS_MAX ? columns : COLUMNS_MAX;
    return t;
}

void
cli_table_free(struct cli_table **tp)
{
    if (*tp == NULL)
        return;
    tl_buf_free(&(*tp)->text);
    tl_free((*tp)->end);
    tl_free(*tp);
    *tp = NULL;
}

void
cli_table_right(struct cli_table *t, int column)
{
    if (t != NULL)
        t->right[column] = true;
}

/* control characters of names would move a terminal's cursor */
void
cli_table_text(struct cli_table *t, struct tl_str s)
{
    if (t == NULL)
        return;
    if (t->n == t->cap) {
        size_t cap = t->cap ? t->cap * 2 : 256;
        size_t *end = tl_realloc(t->end, cap * sizeof *end);
        if (end == NULL)
            return;
        t->end = end;
        t->cap = cap;
    }
    for (size_t i = 0; i < s.n; i++)
        tl_buf_put_u8(&t->text, (uint8_t)((uint8_t)s.p[i] < 0x20 || s.p[i] == 0x7f ? ' ' : s.p[i]));
    t->end[t->n++] = t->text.len;
}

void
cli_table_cell(struct cli_table *t, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    cli_table_text(t, tl_str_of(text));
}

static struct tl_str
cell(const struct cli_table *t, size_t i)
{
    size_t begin = i > 0 ? t->end[i - 1] : 0;
    return (struct tl_str){ (const char *)t->text.data + begin, t->end[i] - begin };
}

static void
print_row(const struct cli_table *t, size_t first, const size_t *wide, FILE *out)
{
    for (int c = 0; c < t->columns; c++) {
        struct tl_str s = cell(t, first + (size_t)c);
        int pad = (int)(wide[c] - cli_width(s));
        bool last = c + 1 == t->columns;
        if (t->right[c])
            fprintf(out, "%*s%.*s", pad, "", (int)s.n, s.p);
        else
            fprintf(out, "%.*s%*s", (int)s.n, s.p, last ? 0 : pad, "");
        fputs(last ? "\n" : "  ", out);
    }
}

/* ---- as a file for a spreadsheet ---- */

static bool as_csv;

void
cli_tables_csv(bool on)
{
    as_csv = on;
}

bool
cli_csv(void)
{
    return as_csv;
}

/* text that a spreadsheet would run gets a ' before it */
static void
print_csv_cell(struct tl_str s, FILE *out)
{
    bool runs = s.n > 0 && memchr("=+-@", s.p[0], 4) != NULL && !(s.n > 1 && memchr("0123456789", s.p[1], 10) != NULL) && s.n != 1;
    fputs(runs ? "\"'" : "\"", out);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            fputc('"', out);
        fputc(s.p[i], out);
    }
    fputc('"', out);
}

static void
print_csv(const struct cli_table *t, size_t rows, FILE *out)
{
    fputs("\xef\xbb\xbf", out);
    for (size_t i = 0; i < rows * (size_t)t->columns; i++) {
        print_csv_cell(cell(t, i), out);
        fputs((i + 1) % (size_t)t->columns == 0 ? "\r\n" : ",", out);
    }
}

void
cli_table_print(struct cli_table *t, FILE *out)
{
    size_t wide[COLUMNS_MAX] = {0};
    if (t == NULL || t->text.failed)
        return;
    size_t rows = t->n / (size_t)t->columns;
    if (as_csv) {
        print_csv(t, rows, out);
        return;
    }
    for (size_t i = 0; i < rows * (size_t)t->columns; i++) {
        size_t w = cli_width(cell(t, i)), c = i % (size_t)t->columns;
        wide[c] = w > wide[c] ? w : wide[c];
    }
    for (size_t r = 0; r < rows; r++)
        print_row(t, r * (size_t)t->columns, wide, out);
}

char *
cli_duration(double ms, char out[24])
{
    double s = ms / 1000;
    if (s < 1)
        snprintf(out, 24, "%.0f ms", ms);
    else if (s < 120)
        snprintf(out, 24, "%.1f s", s);
    else if (s < 7200)
        snprintf(out, 24, "%.1f min", s / 60);
    else if (s < 48 * 3600)
        snprintf(out, 24, "%.1f h", s / 3600);
    else
        snprintf(out, 24, "%.1f d", s / 86400);
    return out;
}

char *
cli_count(uint64_t n, char out[32])
{
    char plain[32];
    size_t len = (size_t)snprintf(plain, sizeof plain, "%llu", (unsigned long long)n), k = 0;
    for (size_t i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            out[k++] = ',';
        out[k++] = plain[i];
    }
    out[k] = '\0';
    return out;
}
