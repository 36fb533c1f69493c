/* fields.c - see fields.h. */
#include "fields.h"

#include <stdio.h>

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

void
fields_known_id(struct tl_event *ev, struct tl_str kind, struct tl_str value)
{
    if (!value.p || value.n == 0) return;
    for (uint32_t i = 0; i < ev->ids_n; i++)
        if (tl_str_eq(ev->ids_[i].kind, kind) && tl_str_eq(ev->ids_[i].value, value)) return;
    if (ev->ids_n == TL_EVENT_IDS_MAX) return;
    ev->ids_[ev->ids_n++] = (struct tl_id){ kind, value };
    ev->has |= TL_HAS(ids);
}

bool
fields_put_id(struct tl_event *ev, const struct tl_jv *v, const char *field, struct tl_str kind, struct tl_refusal *why)
{
    struct tl_str value = fields_text(v);
    if (fields_absent(v)) return true;
    if (!value.p) return fields_refuse(why, TL_REASON_FIELD_TYPE, field);
    fields_known_id(ev, kind, value);
    return true;
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
