/* tl_import_csv.c - tables without a mapping file: columns are guessed by name (tl_import_map.c).
 *
 * Order: rows of one case (without cases: of one customer) get running numbers in the session RUN/CASE. Where a row is earlier than the one
 * before it in the file, the file was not in order of time, so a new session RUN/CASE~2 begins: times decide between sessions. */
#include "tl_import.h"

#include <stdio.h>
#include "tl_draft.h"
#include "tl_import_map.h"
#include "tl_hash.h"
#include "tl_table.h"

#define SAMPLES_MAX 200

struct case_state { uint64_t rows; int64_t last_ms; uint32_t session; };

struct csv {
    struct tl_import_source *src;
    const struct tl_import_sink *sink;
    struct tl_import_map *map;
    struct tl_err *err;
    struct tl_table *table;
    struct tl_maker *maker;
    struct tl_tally *cases;                 /* hash of the case -> index + 1 */
    struct case_state *state;
    uint32_t states_n, states_cap;
    struct tl_attrs props, trace;
    struct tl_buf thread, session;
    const struct tl_str *field;          /* of the record at hand */
    uint32_t fields_n;
};

/* ---- header ---- */
static int
read_header(struct csv *c)
{
    uint64_t line;
    int got = tl_table_next(c->table, &c->field, &c->fields_n, &line, c->err);
    if (got <= 0)
        return got < 0 ? got : tl_fail(c->err, TL_EINVAL, "%s is empty; its first line must name the columns", c->src->path);
    uint32_t n = c->fields_n;
    struct tl_str *title = tl_alloc(n * sizeof *title);
    if (title == NULL)
        return tl_fail(c->err, TL_ENOMEM, "out of memory");
    int rc = 0;
    for (uint32_t i = 0; i < n && rc == 0; i++) {
        title[i] = tl_trimmed(c->field[i]);
        if (tl_text_fault(title[i]) != NULL)
            rc = tl_fail(c->err, TL_EINVAL, "%s: %s", c->src->path, tl_table_not_text(c->table, title[i]));
    }
    if (rc == 0)
        rc = tl_import_map_bind(c->map, title, n, c->err);
    tl_free(title);
    return rc;
}

/* the times of the first rows decide how times are read */
struct samples {
    struct tl_buf text;
    size_t end[SAMPLES_MAX];
    uint32_t n, column;
};

static bool
take_sample(void *arg, const struct tl_str *field, uint32_t n)
{
    struct samples *s = arg;
    if (n <= s->column)
        return true;
    struct tl_str v = tl_trimmed(field[s->column]);
    tl_buf_put(&s->text, v.p, v.n);
    s->end[s->n++] = s->text.len;
    return s->n < SAMPLES_MAX;
}

static int
look_at_times(struct csv *c)
{
    struct samples s = {0};
    struct tl_str sample[SAMPLES_MAX];
    int column = tl_import_map_time_column(c->map);
    if (column < 0)
        return 0;
    s.column = (uint32_t)column;
    tl_table_look(c->table, take_sample, &s);
    for (uint32_t i = 0; i < s.n; i++) {
        size_t begin = i > 0 ? s.end[i - 1] : 0;
        sample[i] = (struct tl_str){ s.end[i] > begin ? (const char *)s.text.data + begin : "", s.end[i] - begin };
    }
    int rc = s.n > 0 ? tl_import_map_times(c->map, sample, s.n, c->err) : 0;
    tl_buf_free(&s.text);
    return rc;
}

static void
show_mapping(struct csv *c)
{
    struct tl_buf b = {0};
    if (c->sink->mapping == NULL)
        return;
    char delimiter = tl_table_delimiter(c->table);
    tl_buf_printf(&b, "%s: %u columns, delimiter %s%c%s\n", c->src->path, c->map->columns_n, delimiter == '\t' ? "tab" : "\"",
                  delimiter == '\t' ? ' ' : delimiter, delimiter == '\t' ? "" : "\"");
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
    tl_attrs_add(col->role == MAP_TRACE_PROP ? &c->trace : &c->props, 0, tl_attrs_kind_of(v), tl_str_of(col->name), v);
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
    struct tl_str v = tl_trimmed(c->field[i]);
    if (v.n == 0)
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
    for (uint32_t i = 0; i < c->fields_n; i++)
        if (tl_text_fault(c->field[i]) != NULL)
            return memchr(c->field[i].p, 0, c->field[i].n) != NULL ? tl_text_fault(c->field[i]) : tl_table_not_text(c->table, c->field[i]);
    for (uint32_t i = n; i < c->fields_n; i++)
        if (c->field[i].n > 0)
            return "the line has more fields than the header";
    if (c->fields_n < n)
        return "the line has fewer fields than the header";
    for (uint32_t i = 0; i < n; i++) {
        const char *fault = take_column(c, r, i);
        if (fault != NULL)
            return fault;
    }
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

static void
tell_bad(void *arg, uint64_t line, const char *why)
{
    struct csv *c = arg;
    c->src->rows++;
    c->sink->bad(c->sink->arg, line, why);
}

static int
read_table(struct csv *c)
{
    uint64_t line;
    int rc = read_header(c);
    if (rc == 0)
        rc = look_at_times(c);
    if (rc != 0)
        return rc;
    show_mapping(c);
    while ((rc = tl_table_next(c->table, &c->field, &c->fields_n, &line, c->err)) > 0)
        if ((rc = take_row(c, line)) != 0)
            break;
    return rc;
}

static void
csv_free(struct csv *c)
{
    if (c->table != NULL)
        c->src->bytes_read = tl_table_bytes(c->table);
    tl_table_close(&c->table);
    tl_maker_free(&c->maker);
    tl_tally_free(&c->cases);
    tl_free(c->state);
    tl_attrs_free(&c->props);
    tl_attrs_free(&c->trace);
    tl_buf_free(&c->thread);
    tl_buf_free(&c->session);
}

int
tl_import_csv(struct tl_import_source *src, struct tl_import_map *map, const struct tl_import_sink *sink, struct tl_err *err)
{
    struct csv c = { .src = src, .sink = sink, .map = map, .err = err };
    const struct tl_table_cfg cfg = { .path = src->path, .delimiter = map->delimiter, .bad = tell_bad, .arg = &c };
    int rc = tl_table_open(&c.table, &cfg, err);
    if (rc == 0 && ((c.maker = tl_maker_new(src->scratch)) == NULL || (c.cases = tl_tally_new(src->scratch)) == NULL))
        rc = tl_fail(err, TL_ENOMEM, "out of memory for reading %s", src->path);
    if (rc == 0)
        rc = read_table(&c);
    csv_free(&c);
    return rc;
}
