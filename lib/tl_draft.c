/* tl_draft.c - a row becomes {"id","session","seq","journey", fields..., "ids", "props":{..., "trace":{}}}.
 *
 * The bytes between journey and the end of the row's own props are its content: fields in the reader's order, props by name. The id is a
 * hash of them and of the case. Two attributes of one name get "name#2": nothing is lost, and no member stands twice. */
#include "tl_draft.h"

#include <stdio.h>
#include <stdlib.h>
#include "tl_hash.h"
#include "tl_json.h"

static const uint8_t id_key[TL_KEY_BYTES] = "touchline import: ids by content";

/* ---- attributes ---- */
void
tl_attrs_reset(struct tl_attrs *a)
{
    tl_buf_reset(&a->text);
    a->n = 0;
    a->failed = false;
}

void
tl_attrs_free(struct tl_attrs *a)
{
    tl_buf_free(&a->text);
    tl_free(a->at);
    *a = (struct tl_attrs){0};
}

void
tl_attrs_add(struct tl_attrs *a, uint16_t depth, enum tl_attr_kind kind, struct tl_str key, struct tl_str value)
{
    if (a->n == a->cap) {
        uint32_t cap = a->cap ? a->cap * 2 : 32;
        struct tl_attr *at = tl_realloc(a->at, cap * sizeof *at);
        if (at == NULL) {
            a->failed = true;
            return;
        }
        a->at = at;
        a->cap = cap;
    }
    struct tl_attr *it = &a->at[a->n++];
    *it = (struct tl_attr){ .key = (uint32_t)a->text.len, .key_n = (uint32_t)key.n, .depth = depth, .kind = (uint8_t)kind };
    tl_buf_put(&a->text, key.p, key.n);
    it->value = (uint32_t)a->text.len;
    it->value_n = (uint32_t)value.n;
    tl_buf_put(&a->text, value.p, value.n);
    a->failed |= a->text.failed;
}

static size_t
digits(struct tl_str s, size_t i)
{
    while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
        i++;
    return i;
}

enum tl_attr_kind
tl_attrs_kind_of(struct tl_str s)
{
    if (tl_str_is(s, "true") || tl_str_is(s, "false"))
        return TL_ATTR_BOOL;
    size_t begin = s.n > 0 && s.p[0] == '-' ? 1 : 0, i = digits(s, begin);
    if (i == begin || i - begin > 15 || (s.p[begin] == '0' && i - begin > 1))
        return TL_ATTR_TEXT;
    if (i == s.n)
        return TL_ATTR_INT;
    size_t end = s.p[i] == '.' ? digits(s, i + 1) : 0;
    return end == s.n && end > i + 1 && end <= 17 ? TL_ATTR_FLOAT : TL_ATTR_TEXT;
}

static struct tl_str
key_of(const struct tl_attrs *a, const struct tl_attr *it)
{
    return (struct tl_str){ it->key_n ? (const char *)a->text.data + it->key : "", it->key_n };
}

static struct tl_str
value_of(const struct tl_attrs *a, const struct tl_attr *it)
{
    return (struct tl_str){ it->value_n ? (const char *)a->text.data + it->value : "", it->value_n };
}

/* XES numbers may carry an exponent, a plus sign, NaN, INF: only what JSON can say is a number */
static bool
is_json_number(struct tl_str s)
{
    size_t i = s.n > 0 && s.p[0] == '-' ? 1 : 0, j = digits(s, i);
    if (j == i || (s.p[i] == '0' && j - i > 1))
        return false;
    if (j < s.n && s.p[j] == '.') {
        i = j + 1;
        if ((j = digits(s, i)) == i)
            return false;
    }
    if (j < s.n && (s.p[j] == 'e' || s.p[j] == 'E')) {
        i = j + 1;
        if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
            i++;
        if ((j = digits(s, i)) == i)
            return false;
    }
    return j == s.n;
}

static void
write_value(struct tl_jw *w, enum tl_attr_kind kind, struct tl_str v)
{
    if ((kind == TL_ATTR_INT || kind == TL_ATTR_FLOAT) && is_json_number(v))
        tl_jw_raw(w, NULL, v);
    else if (kind == TL_ATTR_JSON)
        tl_jw_raw(w, NULL, v);
    else if (kind == TL_ATTR_BOOL && (tl_str_is(v, "true") || tl_str_is(v, "false")))
        tl_jw_bool(w, NULL, v.n == 4);
    else
        tl_jw_str(w, NULL, v);
}

static uint32_t
span_end(const struct tl_attrs *a, uint32_t i)
{
    uint32_t j = i + 1;
    while (j < a->n && a->at[j].depth > a->at[i].depth)
        j++;
    return j;
}

struct order {
    struct tl_str key;
    uint32_t at;
};

static int
by_key(const void *x, const void *y)
{
    const struct order *a = x, *b = y;
    int c = tl_str_cmp(a->key, b->key);
    return c != 0 ? c : a->at < b->at ? -1 : 1;
}

static void write_members(struct tl_jw *w, const struct tl_attrs *a, uint32_t begin, uint32_t end, const char *taken);

static void
write_node(struct tl_jw *w, const struct tl_attrs *a, uint32_t i)
{
    const struct tl_attr *it = &a->at[i];
    uint32_t end = span_end(a, i);
    if (it->kind == TL_ATTR_LIST) {
        tl_jw_array(w, NULL);
        for (uint32_t k = i + 1; k < end; k = span_end(a, k)) {
            tl_jw_open(w, NULL);
            write_members(w, a, k, span_end(a, k), NULL);
            tl_jw_close(w);
        }
        tl_jw_end(w);
    } else if (it->kind == TL_ATTR_GROUP || end > i + 1) {
        tl_jw_open(w, NULL);
        if (it->kind != TL_ATTR_GROUP) {
            tl_jw_name(w, TL_STR("value"));
            write_value(w, (enum tl_attr_kind)it->kind, value_of(a, it));
        }
        write_members(w, a, i + 1, end, it->kind != TL_ATTR_GROUP ? "value" : NULL);
        tl_jw_close(w);
    } else {
        write_value(w, (enum tl_attr_kind)it->kind, value_of(a, it));
    }
}

/* the k-th of one name (from 2 on) is called name#k; `taken` counts as the first of its name */
static void
write_name(struct tl_jw *w, struct tl_str key, uint32_t nth)
{
    char name[512];
    if (nth <= 1) {
        tl_jw_name(w, key);
        return;
    }
    int n = snprintf(name, sizeof name, "%.*s#%u", (int)(key.n < 480 ? key.n : 480), key.p, nth);
    tl_jw_name(w, (struct tl_str){ name, (size_t)n });
}

#define MEMBERS_ON_STACK 32
static void
write_members(struct tl_jw *w, const struct tl_attrs *a, uint32_t begin, uint32_t end, const char *taken)
{
    struct order few[MEMBERS_ON_STACK], *o = few;
    uint32_t n = 0;
    if (end - begin > MEMBERS_ON_STACK && (o = tl_alloc((end - begin) * sizeof *o)) == NULL) {
        w->out->failed = true;
        return;
    }
    for (uint32_t i = begin; i < end; i = span_end(a, i))
        o[n++] = (struct order){ key_of(a, &a->at[i]), i };
    qsort(o, n, sizeof *o, by_key);
    uint32_t nth = 0;
    for (uint32_t i = 0; i < n; i++) {
        bool again = i > 0 && tl_str_eq(o[i].key, o[i - 1].key);
        nth = again ? nth + 1 : taken != NULL && tl_str_is(o[i].key, taken) ? 2 : 1;
        write_name(w, o[i].key, nth);
        write_node(w, a, o[i].at);
    }
    if (o != few)
        tl_free(o);
}

void
tl_attrs_object(struct tl_jw *w, const struct tl_attrs *a)
{
    tl_jw_open(w, NULL);
    write_members(w, a, 0, a->n, NULL);
    tl_jw_close(w);
}

/* ---- text: RFC 3629 ---- */
static size_t
utf8_length(const uint8_t *p, size_t n)
{
    if (p[0] < 0x80)
        return p[0] != 0;
    size_t len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || len > n)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90);
    bool beyond = (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf4 && p[1] > 0x8f);
    return overlong || beyond ? 0 : len;
}

const char *
tl_text_fault(struct tl_str s)
{
    for (size_t i = 0, len; i < s.n; i += len) {
        len = utf8_length((const uint8_t *)s.p + i, s.n - i);
        if (len == 0)
            return s.p[i] == '\0' ? "a zero byte stands in it" : "it is not UTF-8; save the file as UTF-8";
    }
    return NULL;
}

/* ---- the row ---- */
static void
put_field(struct tl_draft *d, const char *name, struct tl_str value, bool number)
{
    if (value.n == 0 || d->fields_n == TL_DRAFT_FIELDS_MAX)
        return;
    d->field[d->fields_n].name = name;
    d->field[d->fields_n].value = value;
    d->field[d->fields_n++].number = number;
}

void
tl_draft_field(struct tl_draft *d, const char *name, struct tl_str value)
{
    put_field(d, name, value, false);
}

void
tl_draft_number(struct tl_draft *d, const char *name, struct tl_str text)
{
    put_field(d, name, text, is_json_number(text));
}

void
tl_draft_id(struct tl_draft *d, const char *kind, struct tl_str value)
{
    if (value.n == 0 || d->ids_n == TL_DRAFT_IDS_MAX)
        return;
    d->id[d->ids_n].kind = kind;
    d->id[d->ids_n++].value = value;
}

void
tl_draft_score(struct tl_draft *d, const char *kind, struct tl_str value)
{
    if (value.n == 0 || d->scores_n == TL_DRAFT_IDS_MAX)
        return;
    d->score[d->scores_n].kind = kind;
    d->score[d->scores_n++].value = value;
}

void
tl_draft_raw(struct tl_draft *d, const char *name, struct tl_str json)
{
    if (json.n == 0 || d->raw_n == sizeof d->raw / sizeof d->raw[0])
        return;
    d->raw[d->raw_n].name = name;
    d->raw[d->raw_n++].json = json;
}

/* ---- the maker ---- */
struct tl_maker {
    struct tl_buf content, json, hashed;
    struct tl_tally *seen;
};

struct tl_maker *
tl_maker_new(const char *dir)
{
    struct tl_maker *m = tl_alloc(sizeof *m);
    if (m != NULL && (m->seen = tl_tally_new(dir)) == NULL)
        tl_maker_free(&m);
    return m;
}

void
tl_maker_free(struct tl_maker **mp)
{
    struct tl_maker *m = *mp;
    if (m == NULL)
        return;
    tl_buf_free(&m->content);
    tl_buf_free(&m->json);
    tl_buf_free(&m->hashed);
    tl_tally_free(&m->seen);
    tl_free(m);
    *mp = NULL;
}

void
tl_maker_forget(struct tl_maker *m)
{
    tl_tally_reset(m->seen);
}

static int
make_id(struct tl_maker *m, const struct tl_draft *d, char id[33])
{
    uint8_t hash[16];
    uint64_t key;
    tl_buf_reset(&m->hashed);
    tl_buf_put_text(&m->hashed, d->thread);
    tl_buf_put(&m->hashed, m->content.data, m->content.len);
    if (m->hashed.failed)
        return TL_ENOMEM;
    tl_hash128(id_key, m->hashed.data, m->hashed.len, hash);
    memcpy(&key, hash, sizeof key);
    uint32_t *n = tl_tally_at(m->seen, key);
    if (n == NULL)
        return tl_tally_error(m->seen, NULL);
    if ((*n)++ > 0) {
        uint8_t again[20];
        memcpy(again, hash, sizeof hash);
        for (int i = 0; i < 4; i++)
            again[16 + i] = (uint8_t)(*n >> (8 * i));
        tl_hash128(id_key, again, sizeof again, hash);
    }
    tl_hex(hash, sizeof hash, id);
    return 0;
}

/* leaves the event open, and its props where it has any, so that what is no part of the id can follow */
static bool
write_content(struct tl_jw *w, const struct tl_draft *d)
{
    for (uint32_t i = 0; i < d->fields_n; i++)
        if (d->field[i].number)
            tl_jw_raw(w, d->field[i].name, d->field[i].value);
        else
            tl_jw_str(w, d->field[i].name, d->field[i].value);
    tl_jw_open(w, "ids");
    for (uint32_t i = 0; i < d->ids_n; i++)
        tl_jw_str(w, d->id[i].kind, d->id[i].value);
    tl_jw_close(w);
    if (d->scores_n > 0) {
        tl_jw_open(w, "scores");
        for (uint32_t i = 0; i < d->scores_n; i++) {
            tl_jw_name(w, tl_str_of(d->score[i].kind));
            write_value(w, TL_ATTR_FLOAT, d->score[i].value);
        }
        tl_jw_close(w);
    }
    for (uint32_t i = 0; i < d->raw_n; i++)
        tl_jw_raw(w, d->raw[i].name, d->raw[i].json);
    if (d->props == NULL || d->props->n == 0)
        return false;
    tl_jw_open(w, "props");
    write_members(w, d->props, 0, d->props->n, d->trace != NULL ? "trace" : NULL);
    return true;
}

int
tl_maker_json(struct tl_maker *m, const struct tl_draft *d, struct tl_str *json, struct tl_err *err)
{
    char id[33] = "";
    tl_buf_reset(&m->content);
    tl_buf_reset(&m->json);
    struct tl_jw w = tl_jw_to(&m->content);
    tl_jw_open(&w, NULL);
    bool in_props = write_content(&w, d);
    if (m->content.failed)
        return tl_fail(err, TL_ENOMEM, "out of memory while making an event");
    int rc = d->own_id.n == 0 ? make_id(m, d, id) : 0;
    if (rc != 0)
        return rc == TL_ENOSPC ? tl_tally_error(m->seen, err) : tl_fail(err, rc, "out of memory while making an event");
    if (d->trace != NULL && d->trace->n > 0) {
        if (!in_props)
            tl_jw_open(&w, "props");
        in_props = true;
        tl_jw_open(&w, "trace");
        write_members(&w, d->trace, 0, d->trace->n, NULL);
        tl_jw_close(&w);
    }
    if (in_props)
        tl_jw_close(&w);
    tl_jw_close(&w);
    struct tl_jw head = tl_jw_to(&m->json);
    tl_jw_open(&head, NULL);
    if (d->own_id.n > 0)
        tl_jw_str(&head, "id", d->own_id);
    else
        tl_jw_cstr(&head, "id", id);
    if (d->session.n > 0) {
        tl_jw_str(&head, "session", d->session);
        tl_jw_uint(&head, "seq", d->seq);
    }
    if (d->thread.n > 0)
        tl_jw_str(&head, "journey", d->thread);
    tl_buf_put_u8(&m->json, ',');
    tl_buf_put(&m->json, m->content.data + 1, m->content.len - 1);
    if (m->json.failed || m->content.failed)
        return tl_fail(err, TL_ENOMEM, "out of memory while making an event");
    *json = (struct tl_str){ (const char *)m->json.data, m->json.len };
    return 0;
}
