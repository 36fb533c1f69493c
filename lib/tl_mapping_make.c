/* tl_mapping_make.c - rows become events, kind by kind.
 *
 * An id is a hash of the kind of event and of the columns that "key" names; of a group without key, of what it is grouped by and its time; else the
 * event's content decides (tl_draft.h). Nothing of it depends on the file's name or on where in it a row stands. */
#include "tl_mapping_in.h"

#include <stdio.h>

#include "tl_hash.h"
#include "tl_import_map.h"

#define PROP_DIGITS 4                    /* behind the point, of numbers that are added up */

struct making {
    struct map_out *o;
    const struct map_rows *rows;
    const struct map_event *e;
    uint64_t line;
    struct tl_draft d;
    struct map_fault fault;
    bool has_time, what, own;
    int64_t ms;
    struct tl_str currency, promise_what;
};

void
mapping_tell(struct map_out *o, uint64_t line, const struct map_fault *f)
{
    char text[400];
    if (o->told_line == line && strcmp(o->told.column, f->column) == 0 && strcmp(o->told.why, f->why) == 0)
        return;
    o->told = *f;
    o->told_line = line;
    if (o->sink->fault != NULL) {
        o->sink->fault(o->sink->arg, line, f->column, f->why);
        return;
    }
    snprintf(text, sizeof text, "%s%s%s%s", f->column[0] ? "column \"" : "", f->column, f->column[0] ? "\": " : "", f->why);
    o->sink->bad(o->sink->arg, line, text);
}

static int
fail(struct making *k, const struct map_target *t, const char *why)
{
    const struct map_source *s = &t->source;
    snprintf(k->fault.column, sizeof k->fault.column, "%.79s", s->columns_n > 0 ? k->rows->m->column[s->column[0]] : "");
    snprintf(k->fault.why, sizeof k->fault.why, "%s", why);
    return -1;
}

static char *
scratch(struct making *k, const char *text)
{
    return tl_arena_dup(k->rows->arena, text, strlen(text));
}

static const char *
decimal_text(struct making *k, int64_t v, int digits)
{
    char text[48];
    int64_t scale = 1;
    for (int i = 0; i < digits; i++)
        scale *= 10;
    uint64_t a = v < 0 ? (uint64_t)-v : (uint64_t)v, unit = (uint64_t)scale;
    int n = snprintf(text, sizeof text, "%s%llu.%0*llu", v < 0 ? "-" : "", (unsigned long long)(a / unit), digits, (unsigned long long)(a % unit));
    while (n > 0 && text[n - 1] == '0')
        text[--n] = '\0';
    if (n > 0 && text[n - 1] == '.')
        text[--n] = '\0';
    return scratch(k, text);
}

/* ---- one value each ---- */
static int
put_time(struct making *k, const struct map_target *t, bool promise)
{
    char text[40];
    bool number;
    int64_t ms;
    int got = mapping_time(k->rows, &t->source, text, &number, &ms, &k->fault);
    if (got <= 0)
        return got;
    char *p = scratch(k, text);
    if (p == NULL)
        return fail(k, t, "is too long");
    if (promise) {
        struct tl_jw w = tl_jw_to(&k->o->promise);
        tl_jw_open(&w, NULL);
        tl_jw_str(&w, "what", k->promise_what);
        if (number)
            tl_jw_raw(&w, "due", tl_str_of(p));
        else
            tl_jw_cstr(&w, "due", p);
        tl_jw_close(&w);
        return 0;
    }
    if (strcmp(t->name, "time") == 0) {
        k->has_time = true;
        k->ms = ms;
    }
    if (number)
        tl_draft_number(&k->d, t->name, tl_str_of(p));
    else
        tl_draft_field(&k->d, t->name, tl_str_of(p));
    return 0;
}

static int
put_ms(struct making *k, const struct map_target *t)
{
    int64_t ms;
    char text[24];
    int got = mapping_ms(k->rows, &t->source, &ms, &k->fault);
    if (got <= 0)
        return got;
    snprintf(text, sizeof text, "%lld", (long long)ms);
    const char *p = scratch(k, text);
    tl_draft_number(&k->d, t->name, tl_str_of(p));
    return p != NULL ? 0 : fail(k, t, "is too long");
}

static int
put_score(struct making *k, const struct map_target *t)
{
    int64_t v;
    int got = mapping_decimal(k->rows, &t->source, PROP_DIGITS, false, &v, &k->fault);
    const char *p = got > 0 ? decimal_text(k, v, PROP_DIGITS) : NULL;
    tl_draft_score(&k->d, t->name, tl_str_of(p));
    return got < 0 ? -1 : got > 0 && p == NULL ? fail(k, t, "is too long") : 0;
}

static int
put_amount(struct making *k, const struct map_target *t)
{
    int64_t v;
    char code[4];
    bool good = k->currency.n == 3;
    for (size_t i = 0; i < 3 && good; i++)
        good = k->currency.p[i] >= 'A' && k->currency.p[i] <= 'Z';
    snprintf(code, sizeof code, "%.*s", good ? 3 : 0, k->currency.p != NULL ? k->currency.p : "");
    int got = mapping_decimal(k->rows, &t->source, mapping_currency_digits(k->currency), true, &v, &k->fault);
    if (got <= 0)
        return got;
    if (!good)
        return fail(k, t, "has no currency of three letters like CNY beside it");
    struct tl_jw w = tl_jw_to(&k->o->value);
    tl_jw_open(&w, NULL);
    tl_jw_int(&w, "amount_minor", v);
    tl_jw_cstr(&w, "currency", code);
    tl_jw_close(&w);
    return 0;
}

static int
put_kept(struct making *k, const struct map_target *t)
{
    struct tl_str v = { NULL, 0 };
    int got = mapping_text(k->rows, &t->source, &v, &k->fault);
    if (got <= 0)
        return got;
    if (!tl_str_is(v, "true") && !tl_str_is(v, "false"))
        return fail(k, t, "must be true or false; a dictionary can say which means which");
    struct tl_jw w = tl_jw_to(&k->o->promise);
    tl_jw_open(&w, NULL);
    tl_jw_str(&w, "what", k->promise_what);
    tl_jw_bool(&w, "kept", v.n == 4);
    tl_jw_close(&w);
    return 0;
}

/* A prop: a number when it reads as one, unless the mapping says that it is text. */
static int
prop_value(struct making *k, const struct map_rows *rows, const struct map_target *t, struct tl_str *v, enum tl_attr_kind *kind)
{
    const struct map_source *s = &t->source;
    int64_t sum;
    if (s->add || s->row == ROW_SUM) {
        int got = mapping_decimal(rows, s, PROP_DIGITS, false, &sum, &k->fault);
        *v = got > 0 ? tl_str_of(decimal_text(k, sum, PROP_DIGITS)) : TL_STR("");
        *kind = TL_ATTR_FLOAT;
        return got;
    }
    int got = mapping_text(rows, s, v, &k->fault);
    bool text = s->has_dictionary || s->filled.p != NULL || s->constant.p != NULL || s->prefix.n > 0 || s->columns_n != 1 || rows->m->text[s->column[0]];
    *kind = text ? TL_ATTR_TEXT : got > 0 ? tl_attrs_kind_of(*v) : TL_ATTR_TEXT;
    return got;
}

static int
put_prop(struct making *k, const struct map_target *t)
{
    struct tl_str v = { NULL, 0 };
    enum tl_attr_kind kind;
    int got = prop_value(k, k->rows, t, &v, &kind);
    if (got > 0)
        tl_attrs_add(&k->o->props, 0, kind, tl_str_of(t->name), v);
    return got < 0 ? -1 : 0;
}

static int
put_text(struct making *k, const struct map_target *t)
{
    struct tl_str v = { NULL, 0 };
    int got = mapping_text(k->rows, &t->source, &v, &k->fault);
    char why[240];
    const char *words;
    if (got <= 0)
        return got;
    switch (t->kind) {
    case TO_THREAD:
        k->d.thread = v;
        return 0;
    case TO_ID_OWN:
        k->d.own_id = v;
        return 0;
    case TO_IDENTITY:
        tl_draft_id(&k->d, t->name, v);
        return 0;
    case TO_CURRENCY:
        k->currency = v;
        return 0;
    case TO_PROMISE_WHAT:
        k->promise_what = v;
        return 0;
    case TO_WORD:
        if (!tl_import_map_word_known(t->name, v)) {
            tl_field_form(t->name, &words);
            snprintf(why, sizeof why, "\"%.*s\" is none of the words of %s: %s; a \"dictionary\" can translate it", (int)(v.n < 40 ? v.n : 40), v.p, t->name, words);
            return fail(k, t, why);
        }
        break;
    default:
        k->what = k->what || strcmp(t->name, "type") == 0 || strcmp(t->name, "touchpoint") == 0;
        break;
    }
    tl_draft_field(&k->d, t->name, v);
    return 0;
}

static int
put(struct making *k, const struct map_target *t)
{
    switch (t->kind) {
    case TO_TIME:
        return put_time(k, t, false);
    case TO_PROMISE_DUE:
        return put_time(k, t, true);
    case TO_PROMISE_KEPT:
        return put_kept(k, t);
    case TO_U64:
        return put_ms(k, t);
    case TO_SCORE:
        return put_score(k, t);
    case TO_AMOUNT:
        return put_amount(k, t);
    case TO_PROP:
        return put_prop(k, t);
    default:
        return put_text(k, t);
    }
}

/* ---- a group's rows as a list ---- */
static int
put_line(struct making *k, struct tl_jw *w, struct map_rows *one)
{
    struct tl_attrs members = {0};
    int got = 0;
    for (uint32_t i = 0; i < k->e->lines_n && got >= 0; i++) {
        struct tl_str v = { NULL, 0 };
        enum tl_attr_kind kind;
        got = prop_value(k, one, &k->e->line[i], &v, &kind);
        if (got > 0)
            tl_attrs_add(&members, 0, kind, tl_str_of(k->e->line[i].name), v);
    }
    if (got >= 0)
        tl_attrs_object(w, &members);
    bool failed = members.failed;
    tl_attrs_free(&members);
    return failed ? TL_ENOMEM : got < 0 ? -1 : 0;
}

static int
put_lines(struct making *k)
{
    const struct map_rows *r = k->rows;
    char more[24];
    struct tl_buf *b = &k->o->lines;
    uint32_t n = r->rows_n < TL_MAPPING_LINES_MAX ? r->rows_n : TL_MAPPING_LINES_MAX;
    tl_buf_reset(b);
    struct tl_jw w = tl_jw_to(b);
    tl_jw_array(&w, NULL);
    for (uint32_t i = 0; i < n; i++) {
        struct map_rows one = { .m = r->m, .cell = r->cell + (size_t)i * r->m->columns_n, .rows_n = 1, .arena = r->arena };
        mapping_name_rows(&one);
        int rc = put_line(k, &w, &one);
        if (rc != 0)
            return rc;
    }
    tl_jw_end(&w);
    tl_attrs_add(&k->o->props, 0, TL_ATTR_JSON, tl_str_of(k->e->lines), (struct tl_str){ (const char *)b->data, b->len });
    if (n < r->rows_n) {
        char name[128];
        snprintf(name, sizeof name, "%.100s_more", k->e->lines);
        snprintf(more, sizeof more, "%u", r->rows_n - n);
        tl_attrs_add(&k->o->props, 0, TL_ATTR_INT, tl_str_of(name), tl_str_of(more));
    }
    return b->failed ? TL_ENOMEM : 0;
}

/* ---- identity of the event ---- */
static int
make_key(struct making *k, uint32_t kind)
{
    static const uint8_t key[TL_KEY_BYTES] = "touchline mapping: ids by key";
    const struct tl_mapping *m = k->rows->m;
    const uint16_t *column = k->e->keys_n > 0 ? k->e->key : m->by;
    uint32_t n = k->e->keys_n > 0 ? k->e->keys_n : m->by_n;
    struct tl_buf b = {0};
    uint8_t hash[16];
    char hex[33];
    bool any = false;
    if (k->d.own_id.n > 0 || n == 0)
        return 0;
    tl_buf_put_le32(&b, kind);
    for (uint32_t i = 0; i < n; i++) {
        struct tl_str v = mapping_cell(k->rows, column[i], ROW_FIRST);
        any = any || v.n > 0;
        tl_buf_put_text(&b, v);
    }
    if (k->e->keys_n == 0)
        tl_buf_put_le64(&b, (uint64_t)k->ms);
    bool failed = b.failed;
    tl_hash128(key, b.data, b.len, hash);
    tl_buf_free(&b);
    tl_hex(hash, 16, hex);
    if (any)
        k->d.own_id = tl_str_of(scratch(k, hex));
    return failed || (any && k->d.own_id.p == NULL) ? TL_ENOMEM : 0;
}

/* ---- events, one held back ---- */
static int
hand_over(struct map_out *o, bool tied)
{
    struct tl_str json = { (const char *)o->held.data, o->held.len };
    struct tl_buf with = {0};
    int rc;
    if (o->held.len == 0)
        return 0;
    if (tied) {
        tl_buf_printf(&with, "{\"session\":\"~%lld\",\"seq\":%llu,", (long long)o->held_ms, (unsigned long long)o->tie_n);
        tl_buf_put(&with, json.p + 1, json.n - 1);
        json = (struct tl_str){ (const char *)with.data, with.len };
    }
    rc = with.failed ? tl_fail(o->err, TL_ENOMEM, "out of memory") : o->sink->event(o->sink->arg, json, o->held_line, o->err);
    tl_buf_free(&with);
    tl_buf_reset(&o->held);
    return rc;
}

/* whose an event is, for telling whether two have to keep their order */
static uint64_t
whose(const struct tl_draft *d)
{
    static const uint8_t key[TL_KEY_BYTES] = "touchline mapping: whose";
    struct tl_str v = d->thread.n > 0 ? d->thread : d->id[0].value;
    uint8_t hash[16];
    uint64_t n;
    tl_hash128(key, v.p, v.n, hash);
    memcpy(&n, hash, sizeof n);
    return n;
}

static int
emit(struct map_out *o, struct tl_str json, uint64_t line, int64_t ms, uint64_t who)
{
    bool same = o->held.len > 0 && ms == o->held_ms && who == o->held_who;
    int rc = hand_over(o, same || o->tie_n > 0);
    o->tie_n = same ? o->tie_n + 1 : 0;
    tl_buf_put(&o->held, json.p, json.n);
    o->held_ms = ms;
    o->held_who = who;
    o->held_line = line;
    return rc == 0 && o->held.failed ? tl_fail(o->err, TL_ENOMEM, "out of memory") : rc;
}

int
mapping_flush(struct map_out *o)
{
    int rc = hand_over(o, o->tie_n > 0);
    o->tie_n = 0;
    return rc;
}

void
mapping_out_free(struct map_out *o)
{
    tl_maker_free(&o->maker);
    tl_attrs_free(&o->props);
    tl_buf_free(&o->value);
    tl_buf_free(&o->promise);
    tl_buf_free(&o->lines);
    tl_buf_free(&o->held);
}

/* ---- all of it ---- */
static void
put_rest(struct making *k)
{
    for (uint32_t i = 0; i < k->rows->rest_n; i++) {
        struct tl_str v = tl_trimmed(k->rows->rest[i]);
        if (v.n > 0)
            tl_attrs_add(&k->o->props, 0, k->rows->rest_text[i] ? TL_ATTR_TEXT : tl_attrs_kind_of(v), tl_str_of(k->rows->rest_name[i]), v);
    }
}

/* what others refer to first: the currency of the amount, what was promised */
static int
put_all(struct making *k)
{
    for (int first = 1; first >= 0; first--)
        for (uint32_t i = 0; i < k->e->targets_n; i++) {
            const struct map_target *t = &k->e->target[i];
            bool early = t->kind == TO_CURRENCY || t->kind == TO_PROMISE_WHAT;
            int rc = early == (first != 0) ? put(k, t) : 0;
            if (rc != 0)
                return rc;
        }
    if (k->e->rest)
        put_rest(k);
    return k->e->lines != NULL ? put_lines(k) : 0;
}

static const char *
missing(const struct making *k)
{
    return !k->what ? "what happened is empty" : !k->has_time ? "its time is empty" : k->d.ids_n == 0 && k->d.thread.n == 0 ? "no identity stands in it, so it is not known whose it is" : NULL;
}

static int
make_one(struct map_out *o, const struct map_rows *rows, uint32_t kind, uint64_t line)
{
    struct making k = { .o = o, .rows = rows, .e = &rows->m->event[kind], .line = line };
    struct tl_str json;
    tl_attrs_reset(&o->props);
    tl_buf_reset(&o->value);
    tl_buf_reset(&o->promise);
    int rc = put_all(&k);
    if (rc == 0 && missing(&k) != NULL) {
        snprintf(k.fault.why, sizeof k.fault.why, "%s", missing(&k));
        k.fault.column[0] = '\0';
        rc = -1;
    }
    if (rc == -1) {
        mapping_tell(o, line, &k.fault);
        return 0;
    }
    if (rc == 0)
        rc = make_key(&k, kind);
    if (k.d.ids_n == 0)
        tl_draft_id(&k.d, "trace", k.d.thread);
    tl_draft_raw(&k.d, "value", (struct tl_str){ (const char *)o->value.data, o->value.len });
    tl_draft_raw(&k.d, "promise", (struct tl_str){ (const char *)o->promise.data, o->promise.len });
    k.d.props = &o->props;
    if (rc != 0 || o->props.failed || o->value.failed || o->promise.failed)
        return tl_fail(o->err, TL_ENOMEM, "out of memory while making an event");
    rc = tl_maker_json(o->maker, &k.d, &json, o->err);
    return rc == 0 ? emit(o, json, line, k.ms, whose(&k.d)) : rc;
}

int
mapping_make(struct map_out *o, const struct map_rows *rows, uint64_t line, bool *any)
{
    *any = false;
    for (uint32_t i = 0; i < rows->m->events_n; i++) {
        if (!mapping_holds(rows, &rows->m->event[i].when))
            continue;
        *any = true;
        int rc = make_one(o, rows, i, line);
        if (rc != 0)
            return rc;
    }
    return 0;
}
