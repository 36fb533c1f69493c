/* tl_import_csv.c - tables: RFC 4180 with any one-character delimiter, BOM, CRLF or LF, quoted newlines.
 *
 *   case,activity,"when, exactly" CRLF
 *   17,"says ""hi""","2026-03-01 10:00" CRLF
 *
 * A record is read from a window that holds it whole. One that cannot be read (an open quote, text behind a closing quote, more or fewer
 * fields than the header) is reported, and reading goes on with the line after the one where it began.
 *
 * Order: rows of one case (without cases: of one customer) get running numbers in the session RUN/CASE. Where a row is earlier than the one
 * before it in the file, the file was not in order of time, so a new session RUN/CASE~2 begins: times decide between sessions. */
#include "tl_import.h"

#include <stdio.h>
#include "tl_draft.h"
#include "tl_import_map.h"
#include "tl_gzip.h"
#include "tl_hash.h"

#define WINDOW_BYTES (1024 * 1024)
#define RECORD_BYTES_MAX (256 * 1024)
#define SAMPLES_MAX 200

enum { MORE = -1000, BAD_OPEN_QUOTE, BAD_AFTER_QUOTE, BAD_LONG };

struct window {
    struct tl_gzip_file *file;
    struct tl_import_source *src;
    char *data;
    size_t begin, end;
    bool eof;
    uint64_t line;
};

/* one record's fields: views into text, where quotes are undone */
struct record {
    struct tl_buf text;
    size_t *end;                         /* of each field in text */
    uint32_t n, cap;
};

struct case_state { uint64_t rows; int64_t last_ms; uint32_t session; };

struct csv {
    struct tl_import_source *src;
    const struct tl_import_sink *sink;
    struct tl_import_map *map;
    struct tl_err *err;
    struct window w;
    struct record rec;
    struct tl_maker *maker;
    struct tl_tally *cases;                 /* hash of the case -> index + 1 */
    struct case_state *state;
    uint32_t states_n, states_cap;
    struct tl_attrs props, trace;
    struct tl_buf thread, session;
    struct tl_str *field;                /* of the record at hand */
    char delimiter;
};

/* ---- the window ---- */
static int
fill(struct window *w, struct tl_err *err)
{
    memmove(w->data, w->data + w->begin, w->end - w->begin);
    w->end -= w->begin;
    w->begin = 0;
    while (!w->eof && w->end < WINDOW_BYTES) {
        ssize_t n = tl_gzip_read(w->file, w->data + w->end, WINDOW_BYTES - w->end, err);
        if (n < 0)
            return (int)n;
        w->eof = n == 0;
        w->end += (size_t)n;
        w->src->bytes_read += (uint64_t)n;
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

/* length of the record at p with its line end, or MORE or a BAD_* */
static long
read_record(struct record *r, const char *p, size_t n, bool eof, char delimiter)
{
    size_t i = 0;
    tl_buf_reset(&r->text);
    r->n = 0;
    for (;;) {
        if (i < n && p[i] == '"') {
            for (i++;;) {
                const char *quote = memchr(p + i, '"', n - i);
                if (quote == NULL)
                    return eof || n > RECORD_BYTES_MAX ? BAD_OPEN_QUOTE : MORE;
                size_t k = (size_t)(quote - p);
                tl_buf_put(&r->text, p + i, k - i);
                i = k + 1;
                if (i == n && !eof)
                    return MORE;
                if (i == n || p[i] != '"')
                    break;
                tl_buf_put_u8(&r->text, '"');
                i++;
            }
            if (i < n && p[i] != delimiter && p[i] != '\r' && p[i] != '\n')
                return BAD_AFTER_QUOTE;
        } else {
            size_t k = i;
            while (k < n && p[k] != delimiter && p[k] != '\n')
                k++;
            if (k == n && !eof)
                return n > RECORD_BYTES_MAX ? BAD_LONG : MORE;
            size_t len = k - i;
            if (len > 0 && p[k - 1] == '\r' && (k == n || p[k] == '\n'))
                len--;
            tl_buf_put(&r->text, p + i, len);
            i = k;
        }
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
    for (size_t i = 0; i < n; i++)
        k += p[i] == '\n';
    return k;
}

static const char *
bad_text(long rc)
{
    return rc == BAD_OPEN_QUOTE ? "a quote opens here and is not closed; the line is left out"
         : rc == BAD_AFTER_QUOTE ? "text stands between a closing quote and the next delimiter; a quote inside quotes is written twice"
                                 : "the line is longer than 256 KB";
}

static void
skip_line(struct window *w)
{
    const char *nl = memchr(w->data + w->begin, '\n', w->end - w->begin);
    w->begin = nl != NULL ? (size_t)(nl - w->data) + 1 : w->end;
    w->line++;
}

/* 1: a record at *line; 0: the end; negative: the file cannot be read */
static int
next_record(struct csv *c, uint64_t *line)
{
    struct window *w = &c->w;
    for (;;) {
        if (w->begin == w->end && w->eof)
            return 0;
        long n = w->begin == w->end ? MORE : read_record(&c->rec, w->data + w->begin, w->end - w->begin, w->eof, c->delimiter);
        *line = w->line;
        if (n == MORE) {
            int rc = fill(w, c->err);
            if (rc != 0)
                return rc;
        } else if (n < 0) {
            c->src->rows++;
            c->sink->bad(c->sink->arg, w->line, bad_text(n));
            skip_line(w);
        } else {
            w->line += newlines(w->data + w->begin, (size_t)n);
            w->begin += (size_t)n;
            if (c->rec.n > 1 || c->rec.text.len > 0)
                return c->rec.text.failed ? tl_fail(c->err, TL_ENOMEM, "out of memory") : 1;
        }
    }
}

/* the i-th of texts that lie one behind another, each up to end[i]; "" where nothing was ever put */
static struct tl_str
slice(const struct tl_buf *text, const size_t *end, uint32_t i)
{
    size_t begin = i > 0 ? end[i - 1] : 0;
    return (struct tl_str){ end[i] > begin ? (const char *)text->data + begin : "", end[i] - begin };
}

static struct tl_str
field_at(const struct record *r, uint32_t i)
{
    return slice(&r->text, r->end, i);
}

static struct tl_str
trimmed(struct tl_str s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
}

/* ---- header ---- */
static char
sniff_delimiter(const char *p, size_t n)
{
    static const char known[] = ",;\t|";
    size_t count[4] = {0}, best = 0;
    bool quoted = false;
    for (size_t i = 0; i < n && (quoted || p[i] != '\n'); i++) {
        const char *k = p[i] != '\0' && !quoted ? strchr(known, p[i]) : NULL;
        quoted ^= p[i] == '"';
        if (k != NULL)
            count[k - known]++;
    }
    for (size_t i = 1; i < 4; i++)
        if (count[i] > count[best])
            best = i;
    return known[best];
}

static int
begin_table(struct csv *c)
{
    int rc = fill(&c->w, c->err);
    const unsigned char *p = (const unsigned char *)c->w.data;
    if (rc != 0)
        return rc;
    if (c->w.end >= 2 && ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff)))
        return tl_fail(c->err, TL_EINVAL, "%s is UTF-16 text; save it as UTF-8 (in a spreadsheet: \"CSV UTF-8\")", c->src->path);
    if (c->w.end >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
        c->w.begin = 3;
    c->delimiter = c->map->delimiter ? c->map->delimiter : sniff_delimiter(c->w.data + c->w.begin, c->w.end - c->w.begin);
    return 0;
}

static int
read_header(struct csv *c)
{
    uint64_t line;
    int got = next_record(c, &line);
    if (got <= 0)
        return got < 0 ? got : tl_fail(c->err, TL_EINVAL, "%s is empty; its first line must name the columns", c->src->path);
    uint32_t n = c->rec.n;
    if (tl_text_fault((struct tl_str){ (const char *)c->rec.text.data, c->rec.text.len }) != NULL)
        return tl_fail(c->err, TL_EINVAL, "%s is not UTF-8 text; save it as UTF-8 (in a spreadsheet: \"CSV UTF-8\")", c->src->path);
    struct tl_str *title = tl_alloc(n * sizeof *title);
    c->field = tl_alloc(n * sizeof *c->field);
    if (title == NULL || c->field == NULL) {
        tl_free(title);
        return tl_fail(c->err, TL_ENOMEM, "out of memory");
    }
    for (uint32_t i = 0; i < n; i++)
        title[i] = trimmed(field_at(&c->rec, i));
    int rc = tl_import_map_bind(c->map, title, n, c->err);
    tl_free(title);
    return rc;
}

/* the times of the first rows decide how times are read; the window is looked at, not moved */
static int
look_at_times(struct csv *c)
{
    struct tl_buf text = {0};
    size_t end[SAMPLES_MAX], at = c->w.begin;
    struct tl_str sample[SAMPLES_MAX];
    uint32_t n = 0;
    int column = tl_import_map_time_column(c->map);
    while (column >= 0 && n < SAMPLES_MAX && at < c->w.end) {
        long len = read_record(&c->rec, c->w.data + at, c->w.end - at, c->w.eof, c->delimiter);
        if (len <= 0)
            break;
        at += (size_t)len;
        if (c->rec.n <= (uint32_t)column)
            continue;
        struct tl_str s = trimmed(field_at(&c->rec, (uint32_t)column));
        tl_buf_put(&text, s.p, s.n);
        end[n++] = text.len;
    }
    for (uint32_t i = 0; i < n; i++)
        sample[i] = slice(&text, end, i);
    int rc = n > 0 ? tl_import_map_times(c->map, sample, n, c->err) : 0;
    tl_buf_free(&text);
    return rc;
}

static void
show_mapping(struct csv *c)
{
    struct tl_buf b = {0};
    if (c->sink->mapping == NULL)
        return;
    tl_buf_printf(&b, "%s: %u columns, delimiter %s%c%s\n", c->src->path, c->map->columns_n, c->delimiter == '\t' ? "tab" : "\"",
                  c->delimiter == '\t' ? ' ' : c->delimiter, c->delimiter == '\t' ? "" : "\"");
    tl_import_map_show(c->map, &b);
    c->sink->mapping(c->sink->arg, (struct tl_str){ (const char *)b.data, b.len });
    tl_buf_free(&b);
}

/* ---- rows ---- */
static struct case_state *
case_of(struct csv *c, struct tl_str who)
{
    static const uint8_t key[TL_KEY_BYTES] = "touchline import: names of cases";
    uint8_t hash[16];
    uint64_t number;
    tl_hash128(key, who.p, who.n, hash);
    memcpy(&number, hash, sizeof number);
    uint32_t *at = tl_tally_at(c->cases, number);
    if (at == NULL)
        return NULL;
    if (*at == 0) {
        if (c->states_n == c->states_cap) {
            uint32_t cap = c->states_cap ? c->states_cap * 2 : 1024;
            struct case_state *s = tl_realloc(c->state, cap * sizeof *s);
            if (s == NULL)
                return NULL;
            c->state = s;
            c->states_cap = cap;
        }
        c->state[c->states_n] = (struct case_state){ .last_ms = INT64_MIN, .session = 1 };
        *at = ++c->states_n;
    }
    return &c->state[*at - 1];
}

/* RUN/NAME, or RUN/HASH where that is longer than an event's journey may be */
static void
put_thread(struct csv *c, struct tl_str name)
{
    static const uint8_t key[TL_KEY_BYTES] = "touchline import: names of cases";
    tl_buf_reset(&c->thread);
    tl_buf_printf(&c->thread, "%s/", c->src->run);
    if (c->thread.len + name.n + 12 <= TL_IMPORT_THREAD_BYTES_MAX) {
        tl_buf_put(&c->thread, name.p, name.n);
        return;
    }
    uint8_t hash[16];
    char hex[33];
    tl_hash128(key, name.p, name.n, hash);
    tl_hex(hash, sizeof hash, hex);
    tl_buf_put_str(&c->thread, hex);
}

static struct tl_str
view(const struct tl_buf *b)
{
    return (struct tl_str){ (const char *)b->data, b->len };
}

struct row {
    struct tl_draft d;
    struct tl_str of_case, who;
    char time[40];
    bool has_time;
    int64_t ms;
    char lifecycle[48];
};

static void
lower(struct tl_str s, char *out, size_t cap)
{
    size_t n = s.n < cap - 1 ? s.n : cap - 1;
    for (size_t i = 0; i < n; i++)
        out[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + 32 : s.p[i]);
    out[n] = '\0';
}

static void
take_prop(struct csv *c, const struct map_column *col, struct tl_str v)
{
    tl_attrs_add(col->role == MAP_TRACE_PROP ? &c->trace : &c->props, 0, col->text ? TL_ATTR_TEXT : tl_attrs_kind_of(v), tl_str_of(col->name), v);
}

static const char *
take_field(struct csv *c, struct row *r, const struct map_column *col, struct tl_str v)
{
    bool number;
    if (strcmp(col->name, "time") == 0) {
        if (tl_import_map_time(c->map, v, r->time, &number, &r->ms) != 0)
            return "its time cannot be read; give \"time_format\" in a mapping (see `touchline help import`)";
        r->has_time = true;
        if (number)
            tl_draft_number(&r->d, "time", tl_str_of(r->time));
        else
            tl_draft_field(&r->d, "time", tl_str_of(r->time));
    } else if (strcmp(col->name, "id") == 0) {
        r->d.own_id = v;
    } else if (strcmp(col->name, "lifecycle") == 0 && v.n < sizeof r->lifecycle) {
        lower(v, r->lifecycle, sizeof r->lifecycle);
        tl_draft_field(&r->d, "lifecycle", tl_str_of(r->lifecycle));
    } else if (col->guessed && !tl_import_map_word_known(col->name, v)) {
        tl_attrs_add(&c->props, 0, tl_attrs_kind_of(v), tl_str_of(col->title), v);
    } else if (strcmp(col->name, "wait_ms") == 0 || strcmp(col->name, "handle_ms") == 0) {
        tl_draft_number(&r->d, col->name, v);
    } else {
        tl_draft_field(&r->d, col->name, v);
    }
    return NULL;
}

static const char *
take_column(struct csv *c, struct row *r, uint32_t i)
{
    const struct map_column *col = &c->map->column[i];
    struct tl_str v = trimmed(c->field[i]);
    if (v.n == 0 || col->role == MAP_SKIP)
        return NULL;
    switch (col->role) {
    case MAP_CASE:
        r->of_case = v;
        return NULL;
    case MAP_ID:
        tl_draft_id(&r->d, col->name, v);
        if (r->who.n == 0)
            r->who = v;
        return NULL;
    case MAP_SCORE:
        tl_draft_score(&r->d, col->name, v);
        return NULL;
    case MAP_FIELD:
        return take_field(c, r, col, v);
    default:
        take_prop(c, col, v);
        return NULL;
    }
}

static const char *
take_columns(struct csv *c, struct row *r)
{
    uint32_t n = c->map->columns_n;
    const char *not_text = tl_text_fault((struct tl_str){ (const char *)c->rec.text.data, c->rec.text.len });
    if (not_text != NULL)
        return not_text;
    for (uint32_t i = n; i < c->rec.n; i++)
        if (field_at(&c->rec, i).n > 0)
            return "the line has more fields than the header";
    if (c->rec.n < n)
        return "the line has fewer fields than the header";
    for (uint32_t i = 0; i < n; i++)
        c->field[i] = field_at(&c->rec, i);
    for (uint32_t i = 0; i < n; i++) {
        const char *fault = take_column(c, r, i);
        if (fault != NULL)
            return fault;
    }
    for (uint32_t i = 0; i < c->map->set_n; i++)
        tl_draft_field(&r->d, c->map->set[i].name, tl_str_of(c->map->set[i].value));
    return !r->has_time ? "its time is empty" : r->of_case.n == 0 && r->who.n == 0 ? "neither a case nor an identity stands in it" : NULL;
}

/* thread, session, seq: the row's place */
static int
place_row(struct csv *c, struct row *r)
{
    struct case_state *s = case_of(c, r->of_case.n > 0 ? r->of_case : r->who);
    if (s == NULL)
        return tl_fail(c->err, TL_ENOMEM, "out of memory: %u cases", c->states_n);
    put_thread(c, r->of_case.n > 0 ? r->of_case : r->who);
    if (s->rows > 0 && r->ms < s->last_ms)
        s->session++;
    tl_buf_reset(&c->session);
    tl_buf_put(&c->session, c->thread.data, c->thread.len);
    if (s->session > 1)
        tl_buf_printf(&c->session, "~%u", s->session);
    if (r->of_case.n > 0) {
        r->d.thread = view(&c->thread);
        if (r->d.ids_n == 0)
            tl_draft_id(&r->d, "trace", r->d.thread);
    }
    r->d.session = view(&c->session);
    r->d.seq = s->rows++;
    r->d.props = &c->props;
    r->d.trace = r->d.seq == 0 && r->of_case.n > 0 && c->trace.n > 0 ? &c->trace : NULL;
    s->last_ms = r->ms;
    return c->thread.failed || c->session.failed ? tl_fail(c->err, TL_ENOMEM, "out of memory") : 0;
}

static int
take_row(struct csv *c, uint64_t line)
{
    struct row r = {0};
    struct tl_str json;
    tl_attrs_reset(&c->props);
    tl_attrs_reset(&c->trace);
    c->src->rows++;
    const char *fault = take_columns(c, &r);
    if (fault != NULL) {
        c->sink->bad(c->sink->arg, line, fault);
        return 0;
    }
    int rc = place_row(c, &r);
    if (rc == 0)
        rc = c->props.failed || c->trace.failed ? tl_fail(c->err, TL_ENOMEM, "out of memory") : tl_maker_json(c->maker, &r.d, &json, c->err);
    return rc == 0 ? c->sink->event(c->sink->arg, json, line, c->err) : rc;
}

static int
read_table(struct csv *c)
{
    uint64_t line;
    int rc = begin_table(c);
    if (rc == 0)
        rc = read_header(c);
    if (rc == 0)
        rc = look_at_times(c);
    if (rc != 0)
        return rc;
    show_mapping(c);
    while ((rc = next_record(c, &line)) > 0)
        if ((rc = take_row(c, line)) != 0)
            break;
    return rc;
}

static void
csv_free(struct csv *c)
{
    tl_gzip_close(&c->w.file);
    tl_free(c->w.data);
    tl_buf_free(&c->rec.text);
    tl_free(c->rec.end);
    tl_maker_free(&c->maker);
    tl_tally_free(&c->cases);
    tl_free(c->state);
    tl_attrs_free(&c->props);
    tl_attrs_free(&c->trace);
    tl_buf_free(&c->thread);
    tl_buf_free(&c->session);
    tl_free(c->field);
}

int
tl_import_csv(struct tl_import_source *src, struct tl_import_map *map, const struct tl_import_sink *sink, struct tl_err *err)
{
    struct csv c = { .src = src, .sink = sink, .map = map, .err = err, .w = { .src = src, .line = 1 } };
    int rc = tl_gzip_open(&c.w.file, src->path, err);
    c.w.data = tl_alloc(WINDOW_BYTES);
    c.maker = tl_maker_new();
    c.cases = tl_tally_new();
    if (rc == 0 && (c.w.data == NULL || c.maker == NULL || c.cases == NULL))
        rc = tl_fail(err, TL_ENOMEM, "out of memory for reading %s", src->path);
    if (rc == 0)
        rc = read_table(&c);
    csv_free(&c);
    return rc;
}
