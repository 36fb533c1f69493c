/* tl_import_mapped.c - a file's rows, whatever its form, to a mapping: tables by their columns, NDJSON by paths like "Agent.Username" or "tags.0", XES by
 * attribute keys, those of the trace as "case:KEY". */
#include "tl_mapping_in.h"

#include <stdio.h>

#include "tl_import_map.h"
#include "tl_import_rows.h"

#define ARENA_BYTES (2u * 1024 * 1024)
#define LINE_BYTES_MAX TL_TABLE_RECORD_BYTES_MAX

struct mapped {
    const struct tl_mapping *m;
    struct tl_import_source *src;
    const struct tl_import_sink *sink;
    struct tl_err *err;
    struct tl_mapped *count;
    struct map_out out;
    struct map_groups *groups;
    struct tl_arena *arena;              /* of one row */
    struct tl_str *cell;                 /* of one row, by the mapping's columns */
    struct tl_table *table;
    int *at;                             /* the file's column, -1: it has none */
    const char **rest_name;
    struct tl_str *rest;
    uint16_t *rest_at;
    bool *rest_text;
    uint32_t rest_n, file_columns_n;
};

/* ---- rows to events ---- */
static int
take_rows(void *arg, struct map_rows *rows, uint64_t line, bool capped)
{
    struct mapped *x = arg;
    bool any;
    x->count->groups++;
    x->count->cut_short += capped;
    int rc = mapping_make(&x->out, rows, line, &any);
    x->count->left_out += any ? 0 : rows->rows_n;
    return rc;
}

static int
take_row(struct mapped *x, uint64_t line)
{
    struct map_rows one = { .m = x->m, .cell = x->cell, .rows_n = 1, .arena = x->arena, .rest = x->rest, .rest_name = x->rest_name, .rest_text = x->rest_text, .rest_n = x->rest_n };
    struct map_fault fault;
    bool any;
    if (!mapping_holds(&one, &x->m->only)) {
        x->count->left_out++;
        return 0;
    }
    if (x->m->by == NULL) {
        int rc = mapping_make(&x->out, &one, line, &any);
        x->count->left_out += !any;
        return rc;
    }
    int rc = mapping_groups_add(x->groups, x->cell, line, take_rows, x, &fault, x->err);
    if (rc == TL_ERANGE) {
        mapping_tell(&x->out, line, &fault);
        rc = 0;
    }
    return rc;
}

static void
tell(struct mapped *x, uint64_t line, const char *column, const char *why)
{
    struct map_fault f;
    snprintf(f.column, sizeof f.column, "%.79s", column);
    snprintf(f.why, sizeof f.why, "%.239s", why);
    mapping_tell(&x->out, line, &f);
}

/* the end of the file: what is not finished is taken only when the file is */
static int
end_rows(struct mapped *x)
{
    int rc = x->groups != NULL ? mapping_groups_end(x->groups, take_rows, x) : 0;
    return rc == 0 ? mapping_flush(&x->out) : rc;
}

static int
settled(const struct mapped *x)
{
    return x->src->settled != NULL ? x->src->settled(x->src->settled_arg) : 0;
}

/* ---- tables ---- */
static void
bad_record(void *arg, uint64_t line, const char *why)
{
    struct mapped *x = arg;
    x->src->rows++;
    tell(x, line, "", why);
}

static void
list_columns(const struct tl_str *header, uint32_t n, char *out, size_t cap)
{
    size_t k = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < n && k + 8 < cap; i++)
        k += (size_t)snprintf(out + k, cap - k, "%s%.*s", i > 0 ? ", " : "", (int)(header[i].n < 60 ? header[i].n : 60), header[i].p);
}

/* columns that no source names, for "every other column is a prop" */
static int
find_rest(struct mapped *x, const struct tl_str *header, uint32_t n)
{
    const struct tl_mapping *m = x->m;
    bool wanted = m->events_n == 1 && m->event[0].rest;
    x->rest = tl_alloc((n + 1) * sizeof *x->rest);
    x->rest_at = tl_alloc((n + 1) * sizeof *x->rest_at);
    x->rest_text = tl_alloc((n + 1) * sizeof *x->rest_text);
    if (x->rest == NULL || x->rest_at == NULL || x->rest_text == NULL)
        return TL_ENOMEM;
    for (uint32_t i = 0; i < n && wanted; i++) {
        bool named = header[i].n == 0;
        for (uint32_t k = 0; k < m->columns_n && !named; k++)
            named = x->at[k] == (int)i && m->used[k];
        if (named)
            continue;
        for (uint32_t k = 0; k < m->columns_n; k++)
            x->rest_text[x->rest_n] = x->rest_text[x->rest_n] || (x->at[k] == (int)i && m->text[k]);
        x->rest_at[x->rest_n++] = (uint16_t)i;
    }
    return 0;
}

static int
keep_rest_names(struct mapped *x, const struct tl_str *header)
{
    x->rest_name = tl_alloc((x->rest_n + 1) * sizeof *x->rest_name);
    for (uint32_t i = 0; i < x->rest_n && x->rest_name != NULL; i++)
        if ((x->rest_name[i] = tl_strdup(tl_trimmed(header[x->rest_at[i]]))) == NULL)
            return TL_ENOMEM;
    return x->rest_name != NULL ? 0 : TL_ENOMEM;
}

static int
bind(struct mapped *x, const struct tl_str *header, uint32_t n)
{
    const struct tl_mapping *m = x->m;
    char names[300];
    if (n > UINT16_MAX)
        return tl_fail(x->err, TL_ETOOBIG, "%s has %u columns", x->src->path, n);
    for (uint32_t k = 0; k < m->columns_n; k++) {
        x->at[k] = -1;
        for (uint32_t i = 0; i < n && x->at[k] < 0; i++)
            if (tl_str_is(tl_trimmed(header[i]), m->column[k]))
                x->at[k] = (int)i;
        if (x->at[k] >= 0 || m->optional[k] || (!m->used[k] && !m->text[k]))
            continue;
        list_columns(header, n, names, sizeof names);
        return tl_fail(x->err, TL_ECONFIG, "%s has no column \"%s\", which the mapping %s names (one that may be missing stands in \"optional\"); its columns: %s", x->src->path, m->column[k],
                       m->file, names);
    }
    x->file_columns_n = n;
    if (find_rest(x, header, n) != 0 || keep_rest_names(x, header) != 0)
        return tl_fail(x->err, TL_ENOMEM, "out of memory");
    return 0;
}

static int
read_header(struct mapped *x)
{
    const struct tl_str *field;
    uint32_t n;
    uint64_t line;
    if (x->m->header_n > 0)
        return bind(x, x->m->header, x->m->header_n);
    int got = tl_table_next(x->table, &field, &n, &line, x->err);
    if (got <= 0)
        return got < 0 ? got : tl_fail(x->err, TL_EINVAL, "%s is empty; its first line must name the columns", x->src->path);
    for (uint32_t i = 0; i < n; i++)
        if (tl_text_fault(field[i]) != NULL)
            return tl_fail(x->err, TL_EINVAL, "%s: %s", x->src->path, tl_table_not_text(x->table, field[i]));
    return bind(x, field, n);
}

static int
take_record(struct mapped *x, const struct tl_str *field, uint32_t n, uint64_t line)
{
    x->src->rows++;
    for (uint32_t i = x->file_columns_n; i < n; i++)
        if (tl_trimmed(field[i]).n > 0) {
            tell(x, line, "", "the line has more fields than the header");
            return 0;
        }
    if (n < x->file_columns_n && x->m->header_n == 0) {
        tell(x, line, "", "the line has fewer fields than the header");
        return 0;
    }
    for (uint32_t k = 0; k < x->m->columns_n; k++) {
        x->cell[k] = x->at[k] >= 0 && (uint32_t)x->at[k] < n ? field[x->at[k]] : (struct tl_str){ "", 0 };
        const char *fault = tl_text_fault(x->cell[k]);
        if (fault != NULL) {
            tell(x, line, x->m->column[k], memchr(x->cell[k].p, '\0', x->cell[k].n) != NULL ? fault : tl_table_not_text(x->table, x->cell[k]));
            return 0;
        }
    }
    for (uint32_t i = 0; i < x->rest_n; i++) {
        x->rest[i] = x->rest_at[i] < n ? field[x->rest_at[i]] : (struct tl_str){ "", 0 };
        if (tl_text_fault(x->rest[i]) != NULL) {
            tell(x, line, x->rest_name[i], tl_table_not_text(x->table, x->rest[i]));
            return 0;
        }
    }
    tl_arena_reset(x->arena);
    return take_row(x, line);
}

static int
read_table(struct mapped *x)
{
    const struct tl_mapping *m = x->m;
    const struct tl_table_cfg cfg = { .path = x->src->path, .encoding = m->encoding, .delimiter = m->delimiter, .plain = m->plain, .skip_lines = m->skip_lines,
                                      .bad = bad_record, .arg = x };
    const struct tl_str *field;
    uint32_t n;
    uint64_t line;
    int got, rc = tl_table_open(&x->table, &cfg, x->err);
    if (rc == 0)
        rc = read_header(x);
    if (rc != 0)
        return rc;
    bool asked = false;
    while ((got = tl_table_next(x->table, &field, &n, &line, x->err)) > 0) {
        if (tl_table_cut(x->table)) {
            if ((rc = settled(x)) != 0)
                return rc;
            asked = true;
        }
        if ((rc = take_record(x, field, n, line)) != 0)
            return rc;
    }
    if (got < 0)
        return got;
    return asked || (rc = settled(x)) == 0 ? end_rows(x) : rc;
}

/* ---- NDJSON ---- */
static const struct tl_jv *
follow(const struct tl_jv *v, const char *path)
{
    while (v != NULL && *path != '\0') {
        size_t n = strcspn(path, ".");
        const struct tl_jv *c = v->type == TL_JOBJECT || v->type == TL_JARRAY ? v->child : NULL;
        uint32_t at = 0, wanted = 0;
        for (size_t i = 0; i < n && v->type == TL_JARRAY; i++)
            wanted = path[i] >= '0' && path[i] <= '9' && wanted < 100000 ? wanted * 10 + (uint32_t)(path[i] - '0') : UINT32_MAX;
        while (c != NULL && (v->type == TL_JARRAY ? at != wanted : c->name.n != n || memcmp(c->name.p, path, n) != 0)) {
            c = c->next;
            at++;
        }
        v = c;
        path += n + (path[n] == '.');
    }
    return v;
}

/* a list becomes its texts and numbers, divided by ", "; an object inside stays JSON */
static struct tl_str
text_of(struct mapped *x, const struct tl_jv *v)
{
    if (v == NULL || v->type == TL_JNULL)
        return (struct tl_str){ "", 0 };
    if (v->type == TL_JTEXT)
        return v->text;
    if (v->type != TL_JARRAY)
        return v->raw;
    char *p = tl_arena_alloc(x->arena, v->raw.n + 2 * (size_t)v->children_n + 1);
    size_t n = 0;
    for (const struct tl_jv *c = v->child; c != NULL && p != NULL; c = c->next) {
        struct tl_str part = c->type == TL_JTEXT ? c->text : c->raw;
        if (n > 0) {
            memcpy(p + n, ", ", 2);
            n += 2;
        }
        memcpy(p + n, part.p, part.n);
        n += part.n;
    }
    return (struct tl_str){ p != NULL ? p : "", n };
}

/* a member whose own name has a dot in it is found too, when the path is not */
static const struct tl_jv *
member(const struct tl_jv *root, const char *path)
{
    const struct tl_jv *v = tl_jv_get(root, path);
    return v != NULL ? v : follow(root, path);
}

static int
take_object(struct mapped *x, struct tl_str text, uint64_t line)
{
    struct tl_jv *root = NULL;
    struct tl_json_fault fault;
    struct tl_err why = {0};
    x->src->rows++;
    tl_arena_reset(x->arena);
    int rc = tl_json_tree(x->arena, text, 16, &root, &fault, &why);
    if (rc != 0 || root->type != TL_JOBJECT) {
        tell(x, line, "", rc == TL_ENOMEM ? "the line is too large" : rc != 0 ? tl_reason_text(fault.reason) : "the line is not one JSON object");
        return 0;
    }
    for (uint32_t k = 0; k < x->m->columns_n; k++)
        x->cell[k] = text_of(x, member(root, x->m->column[k]));
    return take_row(x, line);
}

static int
take_line(void *arg, struct tl_str text, uint64_t line, bool cut)
{
    struct mapped *x = arg;
    int rc = cut ? settled(x) : 0;
    if (rc != 0)
        return rc;
    if (text.n > LINE_BYTES_MAX) {
        x->src->rows++;
        tell(x, line, "", "the line is longer than 256 KB");
        return 0;
    }
    return take_object(x, text, line);
}

static int
read_ndjson(struct mapped *x)
{
    int rc = tl_import_lines(x->src, x->m->encoding, take_line, x, x->err);
    if (rc == 0)
        rc = settled(x);
    return rc == 0 ? end_rows(x) : rc;
}

/* ---- XES ---- */
static int
take_attributes(void *arg, struct tl_str (*value)(void *of, const char *key), void *of, uint64_t line)
{
    struct mapped *x = arg;
    tl_arena_reset(x->arena);
    for (uint32_t k = 0; k < x->m->columns_n; k++)
        x->cell[k] = value(of, x->m->column[k]);
    return take_row(x, line);
}

static int
read_xes(struct mapped *x)
{
    const struct tl_import_attributes rows = { .take = take_attributes, .arg = x };
    int rc = tl_import_xes_rows(x->src, x->sink, &rows, x->err);
    if (rc == 0)
        rc = settled(x);
    return rc == 0 ? end_rows(x) : rc;
}

/* ---- all of it ---- */
static void
mapped_free(struct mapped *x)
{
    for (uint32_t i = 0; i < x->rest_n && x->rest_name != NULL; i++)
        tl_free((void *)(uintptr_t)x->rest_name[i]);
    if (x->table != NULL)
        x->src->bytes_read = tl_table_bytes(x->table);
    tl_table_close(&x->table);
    mapping_groups_free(&x->groups);
    mapping_out_free(&x->out);
    tl_free(x->rest_name);
    tl_free(x->rest);
    tl_free(x->rest_at);
    tl_free(x->rest_text);
    tl_free(x->cell);
    tl_free(x->at);
    tl_arena_free(&x->arena);
}

int
tl_import_mapped(struct tl_import_source *src, const struct tl_mapping *m, enum tl_import_format format, const struct tl_import_sink *sink, struct tl_mapped *count, struct tl_err *err)
{
    struct tl_mapped none;
    struct mapped x = { .m = m, .src = src, .sink = sink, .err = err, .count = count != NULL ? count : &none, .out = { .sink = sink, .err = err } };
    static int (*const readers[TL_IMPORT_FORMATS])(struct mapped *) = { [TL_IMPORT_XES] = read_xes, [TL_IMPORT_CSV] = read_table, [TL_IMPORT_NDJSON] = read_ndjson };
    *x.count = (struct tl_mapped){0};
    tl_mapping_format(m, &format);
    x.arena = tl_arena_new(ARENA_BYTES);
    x.cell = tl_alloc((m->columns_n + 1) * sizeof *x.cell);
    x.at = tl_alloc((m->columns_n + 1) * sizeof *x.at);
    x.out.maker = tl_maker_new(src->scratch);
    x.groups = m->by != NULL ? mapping_groups_new(m, src->scratch) : NULL;
    int rc = x.arena == NULL || x.cell == NULL || x.at == NULL || x.out.maker == NULL || (m->by != NULL && x.groups == NULL) ? tl_fail(err, TL_ENOMEM, "out of memory for reading %s", src->path)
                                                                                                                            : readers[format](&x);
    mapped_free(&x);
    return rc;
}

int
tl_import_file(struct tl_import_source *src, const struct tl_mapping *m, enum tl_import_format format, const struct tl_import_sink *sink, struct tl_mapped *count, struct tl_err *err)
{
    if (m != NULL)
        return tl_import_mapped(src, m, format, sink, count, err);
    if (count != NULL)
        *count = (struct tl_mapped){0};
    if (format == TL_IMPORT_XES)
        return tl_import_xes(src, sink, err);
    if (format == TL_IMPORT_NDJSON)
        return tl_import_ndjson(src, sink, err);
    struct tl_import_map *guessed = tl_import_map_new();
    int rc = guessed != NULL ? tl_import_csv(src, guessed, sink, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    tl_import_map_free(&guessed);
    return rc;
}
