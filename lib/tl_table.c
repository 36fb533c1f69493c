/* tl_table.c - see tl_table.h. */
#include "tl_table.h"

#include <stdio.h>

#include "tl_decode.h"

enum { MORE = -1000, BAD_OPEN_QUOTE, BAD_AFTER_QUOTE, BAD_LONG, BAD_FIELDS };

/* one record's fields: views into text, where quotes are undone */
struct record {
    struct tl_buf text;
    size_t *end;                         /* of each field in text */
    uint32_t n, cap;
};

struct tl_table {
    struct tl_table_cfg cfg;
    struct tl_decode *file;
    char *data;
    size_t begin, end;
    bool eof, cut, passing /* the rest of a line too long */;
    uint64_t line, bytes_n, bad_n;
    char delimiter;
    struct record rec;
    struct tl_str *field;
    uint32_t fields_cap;
};

/* ---- the window ---- */
static int
fill(struct tl_table *t, struct tl_err *err)
{
    memmove(t->data, t->data + t->begin, t->end - t->begin);
    t->end -= t->begin;
    t->begin = 0;
    while (!t->eof && t->end + TL_DECODE_ROOM_BYTES <= TL_TABLE_WINDOW_BYTES) {
        ssize_t n = tl_decode_read(t->file, t->data + t->end, TL_TABLE_WINDOW_BYTES - t->end, err);
        if (n < 0)
            return (int)n;
        t->eof = n == 0;
        t->end += (size_t)n;
        t->bytes_n += (uint64_t)n;
    }
    return 0;
}

static void
end_field(struct record *r)
{
    if (r->n == r->cap) {
        uint32_t cap = r->cap ? r->cap * 2 : 64;
        size_t *end = tl_realloc(r->end, cap * sizeof *end);
        if (end == NULL) {
            r->text.failed = true;
            return;
        }
        r->end = end;
        r->cap = cap;
    }
    r->end[r->n++] = r->text.len;
}

/* Quoted text at p[*i], behind its opening quote; *i then stands behind the closing one. 0, MORE or BAD_*. */
static long
quoted(struct record *r, const char *p, size_t n, size_t *i, bool eof)
{
    for (;;) {
        const char *quote = *i < n ? memchr(p + *i, '"', n - *i) : NULL;
        if (quote == NULL)
            return eof || n > TL_TABLE_RECORD_BYTES_MAX ? BAD_OPEN_QUOTE : MORE;
        size_t k = (size_t)(quote - p);
        tl_buf_put(&r->text, p + *i, k - *i);
        *i = k + 1;
        if (*i == n && !eof)
            return MORE;
        if (*i == n || p[*i] != '"')
            return 0;
        tl_buf_put_u8(&r->text, '"');
        (*i)++;
    }
}

/* length of the record at p with its line end, or MORE or a BAD_* */
static long
read_record(struct record *r, const char *p, size_t n, bool eof, char delimiter, bool plain)
{
    size_t i = 0;
    tl_buf_reset(&r->text);
    r->n = 0;
    for (;;) {
        if (!plain && i < n && p[i] == '"') {
            i++;
            long rc = quoted(r, p, n, &i, eof);
            if (rc != 0)
                return rc;
            if (i < n && p[i] != delimiter && p[i] != '\r' && p[i] != '\n')
                return BAD_AFTER_QUOTE;
        } else {
            size_t k = i;
            while (k < n && p[k] != delimiter && p[k] != '\n')
                k++;
            if (k == n && !eof)
                return n > TL_TABLE_RECORD_BYTES_MAX ? BAD_LONG : MORE;
            size_t len = k - i;
            if (len > TL_TABLE_RECORD_BYTES_MAX)
                return BAD_LONG;
            if (len > 0 && p[k - 1] == '\r' && (k == n || p[k] == '\n'))
                len--;
            tl_buf_put(&r->text, p + i, len);
            i = k;
        }
        if (r->n == TL_TABLE_FIELDS_MAX)
            return BAD_FIELDS;
        end_field(r);
        if (i < n && p[i] == '\r' && i + 1 == n && !eof)
            return MORE;
        if (i < n && p[i] == '\r')
            i++;
        if (i >= n)
            return (long)i;
        if (p[i] == '\n')
            return (long)i + 1;
        if (p[i] != delimiter)
            return BAD_AFTER_QUOTE;
        i++;
        if (i == n && eof) {
            end_field(r);
            return (long)i;
        }
    }
}

static uint64_t
newlines(const char *p, size_t n)
{
    uint64_t k = 0;
    for (const char *at = p, *end = p + n; at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
        k++;
    return k;
}

static const char *
bad_text(long rc)
{
    return rc == BAD_OPEN_QUOTE    ? "a quote opens here and is not closed; the line is left out"
           : rc == BAD_AFTER_QUOTE ? "text stands between a closing quote and the next delimiter; a quote inside quotes is written twice"
           : rc == BAD_FIELDS      ? "the line has more than 4,096 fields"
                                   : "the line is longer than 256 KB";
}

/* up to the line's end; true when it was in the window */
static bool
pass_line(struct tl_table *t)
{
    const char *nl = t->end > t->begin ? memchr(t->data + t->begin, '\n', t->end - t->begin) : NULL;
    t->passing = nl == NULL;
    t->begin = nl != NULL ? (size_t)(nl - t->data) + 1 : t->end;
    t->line += nl != NULL;
    return nl != NULL;
}

static int
views(struct tl_table *t, const struct tl_str **field, uint32_t *n, struct tl_err *err)
{
    struct record *r = &t->rec;
    if (t->fields_cap < r->n) {
        struct tl_str *grown = tl_realloc(t->field, r->cap * sizeof *grown);
        if (grown == NULL)
            return tl_fail(err, TL_ENOMEM, "out of memory");
        t->field = grown;
        t->fields_cap = r->cap;
    }
    for (uint32_t i = 0; i < r->n; i++) {
        size_t begin = i > 0 ? r->end[i - 1] : 0;
        t->field[i] = (struct tl_str){ r->end[i] > begin ? (const char *)r->text.data + begin : "", r->end[i] - begin };
    }
    *field = t->field;
    *n = r->n;
    return r->text.failed ? tl_fail(err, TL_ENOMEM, "out of memory") : 1;
}

int
tl_table_next(struct tl_table *t, const struct tl_str **field, uint32_t *n, uint64_t *line, struct tl_err *err)
{
    for (;;) {
        if (t->begin == t->end && t->eof)
            return 0;
        if (t->begin < t->end && t->passing && !pass_line(t))
            continue;
        long got = t->begin == t->end ? MORE : read_record(&t->rec, t->data + t->begin, t->end - t->begin, t->eof, t->delimiter, t->cfg.plain);
        *line = t->line;
        if (got == MORE) {
            int rc = fill(t, err);
            if (rc != 0)
                return rc;
        } else if (got < 0) {
            t->bad_n++;
            t->cfg.bad(t->cfg.arg, t->line, bad_text(got));
            pass_line(t);
        } else {
            t->line += newlines(t->data + t->begin, (size_t)got);
            t->begin += (size_t)got;
            t->cut = t->begin == t->end && t->eof && t->data[t->end - 1] != '\n';
            if (t->rec.n > 1 || t->rec.text.len > 0 || t->rec.text.failed)
                return views(t, field, n, err);
        }
    }
}

void
tl_table_look(struct tl_table *t, bool (*each)(void *arg, const struct tl_str *field, uint32_t n), void *arg)
{
    const struct tl_str *field;
    uint32_t n;
    bool on = true;
    for (size_t at = t->begin; on && at < t->end;) {
        long got = read_record(&t->rec, t->data + at, t->end - at, t->eof, t->delimiter, t->cfg.plain);
        if (got <= 0 || views(t, &field, &n, NULL) != 1)
            return;
        at += (size_t)got;
        on = each(arg, field, n);
    }
}

/* ---- beginning ---- */
static char
sniff_delimiter(const char *p, size_t n)
{
    static const char known[] = ",;\t|";
    size_t count[4] = {0}, best = 0;
    bool in_quotes = false;
    for (size_t i = 0; i < n && (in_quotes || p[i] != '\n'); i++) {
        const char *k = p[i] != '\0' && !in_quotes ? strchr(known, p[i]) : NULL;
        in_quotes ^= p[i] == '"';
        if (k != NULL)
            count[k - known]++;
    }
    for (size_t i = 1; i < 4; i++)
        if (count[i] > count[best])
            best = i;
    return known[best];
}

static int
begin_table(struct tl_table *t, struct tl_err *err)
{
    int rc = fill(t, err);
    const unsigned char *p = (const unsigned char *)t->data;
    if (rc != 0)
        return rc;
    if (tl_decode_is_utf8(t->cfg.encoding) && t->end >= 2 && ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff)))
        return tl_fail(err, TL_EINVAL, "%s is UTF-16 text; save it as UTF-8 (in a spreadsheet: \"CSV UTF-8\"), or say \"encoding\": \"UTF-16\" in a mapping", t->cfg.path);
    if (t->end >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
        t->begin = 3;
    for (uint32_t i = 0; i < t->cfg.skip_lines && t->begin < t->end; i++)
        pass_line(t);
    t->delimiter = t->cfg.delimiter ? t->cfg.delimiter : sniff_delimiter(t->data + t->begin, t->end - t->begin);
    return 0;
}

int
tl_table_open(struct tl_table **out, const struct tl_table_cfg *cfg, struct tl_err *err)
{
    struct tl_table *t = tl_alloc(sizeof *t);
    *out = NULL;
    if (t == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory for reading %s", cfg->path);
    t->cfg = *cfg;
    t->line = 1;
    int rc = tl_decode_open(&t->file, cfg->path, cfg->encoding, err);
    if (rc == 0 && (t->data = tl_alloc(TL_TABLE_WINDOW_BYTES)) == NULL)
        rc = tl_fail(err, TL_ENOMEM, "out of memory for reading %s", cfg->path);
    if (rc == 0)
        rc = begin_table(t, err);
    if (rc != 0)
        tl_table_close(&t);
    *out = t;
    return rc;
}

void
tl_table_close(struct tl_table **tp)
{
    struct tl_table *t = *tp;
    if (t == NULL)
        return;
    tl_decode_close(&t->file);
    tl_free(t->data);
    tl_buf_free(&t->rec.text);
    tl_free(t->rec.end);
    tl_free(t->field);
    tl_free(t);
    *tp = NULL;
}

/* ---- questions ---- */
bool
tl_table_cut(const struct tl_table *t)
{
    return t->cut;
}

char
tl_table_delimiter(const struct tl_table *t)
{
    return t->delimiter;
}

uint64_t
tl_table_bytes(const struct tl_table *t)
{
    return t->bytes_n;
}

uint64_t
tl_table_bad(const struct tl_table *t)
{
    return t->bad_n;
}

const char *
tl_table_not_text(const struct tl_table *t, struct tl_str text)
{
    if (!tl_decode_is_utf8(t->cfg.encoding))
        return "it holds bytes that are no text in the encoding that the mapping names";
    return tl_decode_would_read("GB18030", text)
               ? "it is not UTF-8 (it reads as GB18030); save the file as UTF-8, or say \"encoding\": \"GB18030\" in a mapping"
               : "it is not UTF-8; save the file as UTF-8, or name its \"encoding\" in a mapping";
}

struct tl_str
tl_trimmed(struct tl_str s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
}
