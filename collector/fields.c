/* fields.c - see fields.h. */
#include "fields.h"

#include <stdio.h>

#include "tl_hash.h"
#include "tl_http.h"
#include "tl_time.h"

bool
fields_refuse(struct tl_refusal *why, enum tl_reason reason, const char *field)
{
    why->reason = reason;
    snprintf(why->field, sizeof why->field, "%s", field);
    return false;
}

bool
fields_absent(const struct tl_jv *v)
{
    return !v || v->type == TL_JNULL || (v->type == TL_JTEXT && v->text.n == 0);
}

struct tl_str
fields_text(const struct tl_jv *v)
{
    if (fields_absent(v)) return (struct tl_str){ NULL, 0 };
    if (v->type == TL_JTEXT) return v->text;
    return v->type == TL_JNUMBER ? v->raw : (struct tl_str){ NULL, 0 };
}

static bool
digits(struct tl_str s, int64_t *n)
{
    *n = 0;
    if (s.n == 0 || s.n > 16) return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') return false;
        *n = *n * 10 + (s.p[i] - '0');
    }
    return true;
}

bool
fields_time(const struct tl_jv *v, int64_t *ms, int *offset_min)
{
    *offset_min = 0;
    if (v->type == TL_JNUMBER && v->is_int) {
        *ms = v->integer;
        return true;
    }
    return v->type == TL_JTEXT && (tl_time_parse(v->text, ms, offset_min) == 0 || digits(v->text, ms));
}

bool
fields_put_text(struct tl_event *ev, const struct tl_jv *v, const char *field, uint64_t bit, struct tl_str *out, struct tl_refusal *why)
{
    if (fields_absent(v)) return true;
    struct tl_str s = fields_text(v);
    if (!s.p) return fields_refuse(why, TL_REASON_FIELD_TYPE, field);
    fields_known(ev, bit, out, s);
    return true;
}

void
fields_known(struct tl_event *ev, uint64_t bit, struct tl_str *out, struct tl_str text)
{
    if (!text.p) return;
    *out = text;
    ev->has |= bit;
}

bool
fields_known_id(struct tl_event *ev, struct tl_str kind, struct tl_str value)
{
    if (!value.p || value.n == 0) return true;
    for (uint32_t i = 0; i < ev->ids_n; i++)
        if (tl_str_eq(ev->ids_[i].kind, kind) && tl_str_eq(ev->ids_[i].value, value)) return true;
    if (ev->ids_n == TL_EVENT_IDS_MAX) return false;
    ev->ids_[ev->ids_n++] = (struct tl_id){ kind, value };
    ev->has |= TL_HAS(ids);
    return true;
}

bool
fields_put_id(struct tl_event *ev, const struct tl_jv *v, const char *field, struct tl_str kind, struct tl_refusal *why)
{
    struct tl_str value = fields_text(v);
    if (fields_absent(v)) return true;
    if (!value.p) return fields_refuse(why, TL_REASON_FIELD_TYPE, field);
    return fields_known_id(ev, kind, value) || fields_refuse(why, TL_REASON_FIELD_RANGE, field);
}

bool
fields_put_time(struct tl_event *ev, const struct tl_jv *v, const char *field, struct tl_refusal *why)
{
    int offset_min;
    if (fields_absent(v)) return true;
    if (!fields_time(v, &ev->time_, &offset_min)) return fields_refuse(why, TL_REASON_FIELD_TYPE, field);
    ev->time_offset_min = offset_min;
    ev->has |= TL_HAS(time);
    return true;
}

bool
fields_put_sent_at(struct tl_event *ev, const struct tl_jv *v, const char *field, struct tl_refusal *why)
{
    int offset_min;
    if (fields_absent(v)) return true;
    if (!fields_time(v, &ev->sent_at_, &offset_min)) return fields_refuse(why, TL_REASON_FIELD_TYPE, field);
    ev->has |= TL_HAS(sent_at);
    return true;
}

void
fields_id_of(struct tl_refusal *why, struct tl_str id)
{
    if (id.p) snprintf(why->id, sizeof why->id, "%.*s", (int)(id.n < sizeof why->id ? id.n : sizeof why->id - 1), id.p);
}

void
fields_take_key(struct source_input *in, const struct tl_jv *v)
{
    if (in->origin_given || !v || v->type != TL_JTEXT || v->text.n == 0 || v->text.n > 120) return;
    for (size_t i = 0; i < v->text.n; i++)
        if ((unsigned char)v->text.p[i] < ' ' || (unsigned char)v->text.p[i] > '~') return;
    in->origin = v->text;
}

/* ---- one event after the other ---- */
static bool
parse(struct fields_reader *r, struct tl_str slice, size_t offset, const struct tl_json_fault *fault, struct tl_jv **root, struct tl_refusal *why)
{
    struct tl_json_fault mine = { 0 };
    if (!fault && slice.n > TL_EVENT_BYTES_MAX) return fields_refuse(why, TL_REASON_TOO_LARGE, "");
    if (!fault && tl_json_tree(r->in->scratch, slice, 0, root, &mine, NULL) == 0)
        return (*root)->type == TL_JOBJECT || fields_refuse(why, TL_REASON_BAD_JSON, "");
    why->offset = fault && fault->offset > offset ? fault->offset - offset : 0;
    if (!fault) fault = &mine;
    return fields_refuse(why, fault->reason ? fault->reason : TL_REASON_BAD_JSON, fault->member);
}

int
fields_element(void *arg, size_t index, struct tl_str slice, size_t offset, const struct tl_json_fault *fault)
{
    struct fields_reader *r = arg;
    struct tl_event ev;
    struct tl_refusal why = { 0 };
    struct tl_jv *root = NULL;
    if (index >= r->in->events_max) return TL_ETOOBIG;
    tl_event_init(&ev);
    ev.raw = slice;
    bool good = parse(r, slice, offset, fault, &root, &why);
    if (good) fields_id_of(&why, fields_text(tl_jv_get(root, r->id)));
    good = good && r->map(r->self, root, &ev, &why);
    int rc = good ? r->each(r->arg, index, &ev, NULL, slice) : r->each(r->arg, index, NULL, &why, slice);
    tl_arena_reset(r->in->scratch);
    return rc;
}

/* ---- parameters ---- */
static struct tl_str
padded(struct tl_arena *a, const void *p, size_t n)
{
    char *copy = tl_arena_alloc(a, n + TL_JSON_PADDING);
    if (!copy) return (struct tl_str){ NULL, 0 };
    if (n > 0) memcpy(copy, p, n);
    return (struct tl_str){ copy, n };
}

struct tl_str
fields_pairs_json(struct tl_arena *a, const struct source_pair *pair, uint32_t n)
{
    struct tl_buf b = { 0 };
    struct tl_jw w = tl_jw_to(&b);
    tl_jw_open(&w, NULL);
    for (uint32_t i = 0; i < n; i++) {
        tl_jw_name(&w, pair[i].name);
        tl_jw_str(&w, NULL, pair[i].value);
    }
    tl_jw_close(&w);
    struct tl_str text = b.failed ? (struct tl_str){ NULL, 0 } : padded(a, b.data, b.len);
    tl_buf_free(&b);
    return text;
}

struct tl_str
fields_pair(const struct source_pair *pair, uint32_t n, const char *name)
{
    for (uint32_t i = 0; i < n; i++)
        if (tl_str_is(pair[i].name, name)) return pair[i].value;
    return (struct tl_str){ NULL, 0 };
}

struct form {
    struct source_pair *pair;
    uint32_t n;
    bool too_many;
};

static void
form_pair(void *arg, struct tl_str name, struct tl_str value)
{
    struct form *f = arg;
    if (f->n < SOURCE_PAIRS_MAX) f->pair[f->n++] = (struct source_pair){ name, value };
    else f->too_many = true;
}

uint32_t
fields_form(struct source_input *in, struct source_pair **pair)
{
    struct form f = { .pair = tl_arena_alloc(in->arena, SOURCE_PAIRS_MAX * sizeof *f.pair) };
    char *copy = tl_arena_dup(in->arena, in->body.p, in->body.n);
    if (f.pair && copy) tl_http_form_each(copy, form_pair, &f);
    *pair = f.pair;
    return f.too_many ? 0 : f.n;
}

struct tl_str
fields_base64(struct tl_arena *a, struct tl_str text)
{
    char *copy = tl_arena_dup(a, text.p, text.n);
    char *out = tl_arena_alloc(a, text.n + TL_JSON_PADDING);
    if (!copy || !out) return (struct tl_str){ NULL, 0 };
    for (size_t i = 0; i < text.n; i++)
        if (copy[i] == ' ') copy[i] = '+';
    ptrdiff_t n = tl_base64((struct tl_str){ copy, text.n }, out, text.n);
    return n >= 0 ? (struct tl_str){ out, (size_t)n } : (struct tl_str){ NULL, 0 };
}
