/* tl_mapping_source.c - what a value is made of, as a mapping file says it, and conditions.
 *
 *   "total"                                                          a column
 *   {"const": "phone"}
 *   {"columns": ["day", "clock"], "join": " "}                       texts joined
 *   {"columns": ["talk", "hold"], "add": true, "unit": "s"}          numbers added
 *   {"column": "status", "dictionary": {"paid": "ok"}, "default": "fail"}
 *   {"column": "left at", "filled": "ok", "or": {"const": "abandoned"}}
 *   {"column": "time", "row": "answer"}                              of a group's row
 *   {"from": "start", "to": "answer"}                                a length of time
 *   {"column": "start", "after": {"column": "ring", "unit": "s"}}    a time so much later */
#include "tl_mapping_in.h"

#include <stdio.h>

#define SOURCE_TOLD "column columns join add const row dictionary filled default prefix unless unit format timezone from to minus after or"

static bool
is_ms(enum map_kind kind)
{
    return kind == TO_U64;
}

static bool
is_time(enum map_kind kind)
{
    return kind == TO_TIME || kind == TO_PROMISE_DUE;
}

static int
read_row(struct map_reader *r, const struct tl_jv *v, enum map_kind kind, int *row)
{
    const struct tl_mapping *m = r->m;
    if (v->type != TL_JTEXT || m->by == NULL)
        return mapping_wrong(r, v, "picks a row of a group: it needs \"group\", and is first, last, sum or a name of its \"rows\"");
    if (tl_str_is(v->text, "first") || tl_str_is(v->text, "last")) {
        *row = v->text.n == 5 ? ROW_FIRST : ROW_LAST;
        return 0;
    }
    if (tl_str_is(v->text, "sum")) {
        *row = ROW_SUM;
        return kind == TO_AMOUNT || kind == TO_U64 || kind == TO_SCORE || kind == TO_PROP ? 0 : mapping_wrong(r, v, "can be sum for numbers only");
    }
    for (uint32_t i = 0; i < m->rows_n; i++)
        if (tl_str_eq(v->text, m->row[i].name)) {
            *row = (int)i;
            return 0;
        }
    return mapping_wrong(r, v, "must be first, last, sum or a name of the group's \"rows\"");
}

static int
read_dictionary(struct map_reader *r, const struct tl_jv *v, struct map_source *s)
{
    if (v->type != TL_JOBJECT)
        return mapping_wrong(r, v, "must be an object: what stands in the file to what it means");
    s->has_dictionary = true;
    s->pair = tl_arena_alloc(r->m->arena, (v->children_n + 1) * sizeof *s->pair);
    if (s->pair == NULL)
        return tl_fail(r->err, TL_ENOMEM, "out of memory");
    for (const struct tl_jv *p = v->child; p != NULL; p = p->next) {
        if (p->type != TL_JTEXT)
            return mapping_wrong(r, p, "must become a text, in quotes");
        s->pair[s->pairs_n++] = (struct map_pair){ p->name, p->text };
    }
    return 0;
}

static int
read_unit(struct map_reader *r, const struct tl_jv *v, enum map_kind kind, enum map_unit *unit)
{
    static const char *const units[] = { "ms", "s", "min", "clock" };
    if (!is_ms(kind))
        return mapping_wrong(r, v, "is for wait_ms and handle_ms");
    for (int i = 0; i < 4; i++)
        if (v->type == TL_JTEXT && tl_str_is(v->text, units[i])) {
            *unit = (enum map_unit)i;
            return 0;
        }
    return mapping_wrong(r, v, "must be one of: ms s min clock (clock is hh:mm:ss)");
}

static int read_source(struct map_reader *r, const struct tl_jv *v, enum map_kind kind, int depth, struct map_source *s);

static int
read_inner(struct map_reader *r, const struct tl_jv *v, enum map_kind kind, int depth, const struct map_source **out)
{
    struct map_source *s = tl_arena_alloc(r->m->arena, sizeof *s);
    if (depth == MAPPING_DEPTH_MAX)
        return mapping_wrong(r, v, "stands too deep: at most 4 of or, from, to, minus inside each other");
    *out = s;
    return s != NULL ? read_source(r, v, kind, depth + 1, s) : tl_fail(r->err, TL_ENOMEM, "out of memory");
}

static int
read_text(struct map_reader *r, const struct tl_jv *v, struct tl_str *out, size_t max)
{
    *out = v->text;
    return v->type == TL_JTEXT && v->text.n <= max ? 0 : mapping_wrong(r, v, "must be a text");
}

static int
read_format(struct map_reader *r, const struct tl_jv *v, enum map_kind kind, struct map_source *s)
{
    if (!is_time(kind) || v->type != TL_JTEXT)
        return mapping_wrong(r, v, "is a time's, as strptime(3) has it, like \"%d.%m.%Y %H:%M:%S\"");
    s->format = tl_arena_dup(r->m->arena, v->text.p, v->text.n);
    return s->format != NULL ? 0 : tl_fail(r->err, TL_ENOMEM, "out of memory");
}

static int
read_member(struct map_reader *r, const struct tl_jv *v, enum map_kind kind, int depth, struct map_source *s)
{
    struct tl_str n = v->name;
    uint16_t one;
    int rc;
    if (tl_str_is(n, "column")) {
        s->column = tl_arena_alloc(r->m->arena, sizeof one);
        if (v->type != TL_JTEXT || s->column == NULL || s->columns_n > 0)
            return mapping_wrong(r, v, "must name a column, in quotes");
        s->columns_n = 1;
        return mapping_column(r, v, v->text, s->column);
    }
    if (tl_str_is(n, "columns"))
        return s->columns_n > 0 ? mapping_wrong(r, v, "stands beside \"column\"") : mapping_columns(r, v, &s->column, &s->columns_n);
    if (tl_str_is(n, "unless")) {
        if ((rc = v->type == TL_JTEXT ? mapping_column(r, v, v->text, &one) : mapping_wrong(r, v, "must name a column, in quotes")) == 0)
            s->unless = one;
        return rc;
    }
    if (tl_str_is(n, "add")) {
        s->add = v->boolean;
        return v->type == TL_JBOOL && (kind == TO_U64 || kind == TO_SCORE || kind == TO_AMOUNT || kind == TO_PROP) ? 0 : mapping_wrong(r, v, "must be true or false, for a number");
    }
    if (tl_str_is(n, "const"))
        return v->type == TL_JTEXT && v->text.n > 0 ? read_text(r, v, &s->constant, SIZE_MAX) : mapping_wrong(r, v, "must be a text that is not empty");
    if (tl_str_is(n, "join"))
        return read_text(r, v, &s->join, 16);
    if (tl_str_is(n, "filled"))
        return read_text(r, v, &s->filled, 1000);
    if (tl_str_is(n, "default"))
        return read_text(r, v, &s->otherwise, SIZE_MAX);
    if (tl_str_is(n, "prefix"))
        return read_text(r, v, &s->prefix, 64);
    if (tl_str_is(n, "row"))
        return read_row(r, v, kind, &s->row);
    if (tl_str_is(n, "dictionary"))
        return read_dictionary(r, v, s);
    if (tl_str_is(n, "unit"))
        return read_unit(r, v, kind, &s->unit);
    if (tl_str_is(n, "format"))
        return read_format(r, v, kind, s);
    if (tl_str_is(n, "timezone"))
        return is_time(kind) ? mapping_zone(r, v, &s->zone) : mapping_wrong(r, v, "is a time's");
    if (tl_str_is(n, "from") || tl_str_is(n, "to"))
        return is_ms(kind) ? read_inner(r, v, TO_TIME, depth, n.n == 4 ? &s->from : &s->to) : mapping_wrong(r, v, "is for wait_ms and handle_ms: two times");
    if (tl_str_is(n, "minus"))
        return is_ms(kind) ? read_inner(r, v, kind, depth, &s->minus) : mapping_wrong(r, v, "is for wait_ms and handle_ms");
    if (tl_str_is(n, "after"))
        return is_time(kind) ? read_inner(r, v, TO_U64, depth, &s->after) : mapping_wrong(r, v, "is for times: a length of time that is added");
    if (tl_str_is(n, "or"))
        return read_inner(r, v, kind, depth, &s->or_else);
    return mapping_wrong(r, v, "is not allowed here; a value has: " SOURCE_TOLD);
}

static int
read_source(struct map_reader *r, const struct tl_jv *v, enum map_kind kind, int depth, struct map_source *s)
{
    *s = (struct map_source){ .unless = -1, .row = ROW_FIRST, .join = TL_STR(" ") };
    if (v->type == TL_JTEXT) {
        s->column = tl_arena_alloc(r->m->arena, sizeof *s->column);
        s->columns_n = 1;
        return s->column != NULL ? mapping_column(r, v, v->text, s->column) : tl_fail(r->err, TL_ENOMEM, "out of memory");
    }
    if (v->type != TL_JOBJECT)
        return mapping_wrong(r, v, "must name a column in quotes, or be an object with: " SOURCE_TOLD);
    int rc = 0;
    for (const struct tl_jv *c = v->child; c != NULL && rc == 0; c = c->next)
        rc = read_member(r, c, kind, depth, s);
    if (rc != 0)
        return rc;
    bool interval = s->from != NULL && s->to != NULL;
    if ((s->columns_n > 0) + (s->constant.p != NULL) + interval != 1 || (s->from == NULL) != (s->to == NULL))
        return mapping_wrong(r, v, "must have one of: column, columns, const, from and to");
    return 0;
}

int
mapping_source(struct map_reader *r, const struct tl_jv *v, enum map_kind kind, struct map_source *out)
{
    return read_source(r, v, kind, 0, out);
}

/* ---- conditions ---- */
static int
read_words(struct map_reader *r, const struct tl_jv *v, struct map_condition *c)
{
    static const char told[] = "must be a list of texts, like [\"ANSWERED\"]";
    if (v->type != TL_JARRAY || v->children_n == 0 || c->in != NULL)
        return mapping_wrong(r, v, told);
    c->not_in = tl_str_is(v->name, "not_in");
    c->in = tl_arena_alloc(r->m->arena, v->children_n * sizeof *c->in);
    for (const struct tl_jv *w = v->child; w != NULL && c->in != NULL; w = w->next) {
        if (w->type != TL_JTEXT)
            return mapping_wrong(r, v, told);
        c->in[c->in_n++] = w->text;
    }
    return c->in != NULL ? 0 : tl_fail(r->err, TL_ENOMEM, "out of memory");
}

static int
read_condition(struct map_reader *r, const struct tl_jv *v, struct map_condition *c)
{
    static const char told[] = "must be {\"column\": \"...\"} with one of \"in\": [...], \"not_in\": [...], \"filled\": true or false; in a group also \"row\"";
    const struct tl_jv *column = tl_jv_get(v, "column");
    *c = (struct map_condition){ .row = ROW_FIRST, .filled = -1 };
    if (v->type != TL_JOBJECT || column == NULL || column->type != TL_JTEXT)
        return mapping_wrong(r, v, told);
    int rc = mapping_column(r, column, column->text, &c->column);
    for (const struct tl_jv *m = v->child; m != NULL && rc == 0; m = m->next) {
        if (m == column)
            continue;
        if (tl_str_is(m->name, "in") || tl_str_is(m->name, "not_in"))
            rc = read_words(r, m, c);
        else if (tl_str_is(m->name, "filled") && m->type == TL_JBOOL)
            c->filled = m->boolean;
        else if (tl_str_is(m->name, "row"))
            rc = read_row(r, m, TO_TEXT, &c->row);
        else
            rc = mapping_wrong(r, m, told);
    }
    return rc == 0 && (c->in != NULL) + (c->filled >= 0) != 1 ? mapping_wrong(r, v, told) : rc;
}

int
mapping_conditions(struct map_reader *r, const struct tl_jv *v, struct map_conditions *out)
{
    bool list = v->type == TL_JARRAY;
    uint32_t n = list ? v->children_n : 1;
    if (n == 0 || n > MAPPING_CONDITIONS_MAX)
        return mapping_wrong(r, v, "must be a condition, or a list of 1 to 16 that must all hold");
    out->at = tl_arena_alloc(r->m->arena, n * sizeof *out->at);
    if (out->at == NULL)
        return tl_fail(r->err, TL_ENOMEM, "out of memory");
    for (const struct tl_jv *c = list ? v->child : v; c != NULL; c = list ? c->next : NULL) {
        int rc = read_condition(r, c, &out->at[out->n]);
        if (rc != 0)
            return rc;
        out->n++;
    }
    return 0;
}
