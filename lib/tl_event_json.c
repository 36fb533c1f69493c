/* tl_event_json.c - event.def out: one event as a native event object, and the table as a JSON Schema (schemas/event.schema.json, checked by t_event). */
#include "tl_event_rows.h"

#include <stdio.h>

#include "tl_time.h"

/* ---- an event ---- */

/* RFC 3339 in the zone the sender gave. */
static void
put_time(struct tl_jw *w, const char *name, int64_t ms, int offset_min)
{
    char text[48];
    tl_time_format(ms + (int64_t)offset_min * 60000, text);
    size_t n = strlen(text);
    if (offset_min != 0 && n && text[n - 1] == 'Z') {
        int abs_min = offset_min < 0 ? -offset_min : offset_min;
        snprintf(text + n - 1, sizeof text - n + 1, "%c%02d:%02d", offset_min < 0 ? '-' : '+', abs_min / 60, abs_min % 60);
    }
    tl_jw_cstr(w, name, text);
}

static void
put_ids(struct tl_jw *w, const char *name, const struct tl_event *ev)
{
    tl_jw_open(w, name);
    for (uint32_t i = 0; i < ev->ids_n; i++) {
        tl_jw_name(w, ev->ids_[i].kind);
        tl_jw_str(w, NULL, ev->ids_[i].value);
    }
    tl_jw_close(w);
}

static void
put_scores(struct tl_jw *w, const char *name, const struct tl_event *ev)
{
    tl_jw_open(w, name);
    for (uint32_t i = 0; i < ev->scores_n; i++) {
        tl_jw_name(w, ev->scores_[i].kind);
        tl_jw_num(w, NULL, ev->scores_[i].value);
    }
    tl_jw_close(w);
}

static void
put_promise(struct tl_jw *w, const char *name, const struct tl_promise *p)
{
    tl_jw_open(w, name);
    if (p->what.p)
        tl_jw_str(w, "what", p->what);
    if (p->due_ms != TL_TIME_NONE)
        put_time(w, "due", p->due_ms, 0);
    if (p->kept >= 0)
        tl_jw_bool(w, "kept", p->kept);
    tl_jw_close(w);
}

static void
put_value(struct tl_jw *w, const char *name, const struct tl_value *v)
{
    tl_jw_open(w, name);
    tl_jw_int(w, "amount_minor", v->amount_minor);
    tl_jw_cstr(w, "currency", v->currency);
    tl_jw_close(w);
}

void
tl_event_json(struct tl_jw *w, const struct tl_event *ev)
{
    tl_jw_open(w, NULL);
    for (uint64_t has = ev->has; has; has &= has - 1) {
        int bit = __builtin_ctzll(has);
        const struct tl_event_row *row = &tl_event_rows[bit];
        switch (row->kind) {
        case TL_EV_TEXT:
        case TL_EV_WORD: tl_jw_str(w, row->name, *tl_event_text_at(ev, row)); break;
        case TL_EV_TIME: put_time(w, row->name, *tl_event_time_at(ev, row), bit == TL_BIT_time ? ev->time_offset_min : 0); break;
        case TL_EV_U64: tl_jw_uint(w, row->name, *tl_event_u64_at(ev, row)); break;
        case TL_EV_IDS: put_ids(w, row->name, ev); break;
        case TL_EV_SCORES: put_scores(w, row->name, ev); break;
        case TL_EV_PROMISE: put_promise(w, row->name, &ev->promise_); break;
        case TL_EV_VALUE: put_value(w, row->name, &ev->value_); break;
        case TL_EV_JSON: tl_jw_raw(w, row->name, *tl_event_text_at(ev, row)); break;
        }
    }
    tl_jw_close(w);
}

/* ---- the table as a JSON Schema, one property a line ---- */

static void
schema_words(struct tl_jw *w, const char *words)
{
    tl_jw_array(w, "enum");
    while (*words) {
        size_t n = strcspn(words, " ");
        tl_jw_str(w, NULL, (struct tl_str){ words, n });
        words += n + (words[n] == ' ');
    }
    tl_jw_str(w, NULL, TL_STR(""));         /* empty text and null are as if absent */
    tl_jw_null(w, NULL);
    tl_jw_end(w);
}

static void
schema_types(struct tl_jw *w, const char *const *types)
{
    tl_jw_array(w, "type");
    for (; *types; types++)
        tl_jw_cstr(w, NULL, *types);
    tl_jw_cstr(w, NULL, "null");
    tl_jw_end(w);
}

static void
schema_time(struct tl_jw *w, const char *name)
{
    tl_jw_open(w, name);
    schema_types(w, (const char *const[]){ "string", "integer", NULL });
    tl_jw_int(w, "minimum", TL_EVENT_TIME_MIN_MS);
    tl_jw_int(w, "maximum", TL_EVENT_TIME_MAX_MS);
    tl_jw_close(w);
}

static void
schema_text(struct tl_jw *w, const char *name, uint32_t max)
{
    tl_jw_open(w, name);
    schema_types(w, (const char *const[]){ "string", NULL });
    tl_jw_uint(w, "maxLength", max);
    tl_jw_close(w);
}

static void
schema_ids(struct tl_jw *w)
{
    tl_jw_uint(w, "maxProperties", TL_EVENT_IDS_MAX);
    tl_jw_open(w, "propertyNames");
    tl_jw_uint(w, "minLength", 1);
    tl_jw_uint(w, "maxLength", TL_EVENT_ID_KIND_BYTES_MAX);
    tl_jw_close(w);
    schema_text(w, "additionalProperties", TL_EVENT_ID_BYTES_MAX);
}

static void
schema_number(struct tl_jw *w, const char *name, struct tl_str kind)
{
    double low, high;
    tl_jw_open(w, name);
    schema_types(w, (const char *const[]){ "number", NULL });
    if (tl_event_score_range(kind, &low, &high)) {
        tl_jw_num(w, "minimum", low);
        tl_jw_num(w, "maximum", high);
    }
    tl_jw_close(w);
}

static void
schema_scores(struct tl_jw *w)
{
    static const char *const kinds[] = { "nps", "csat5", "csat7", "ces7", "emotion" };
    tl_jw_uint(w, "maxProperties", TL_EVENT_SCORES_MAX);
    tl_jw_open(w, "properties");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        schema_number(w, kinds[i], tl_str_of(kinds[i]));
    tl_jw_close(w);
    tl_jw_open(w, "patternProperties");
    schema_number(w, "^servqual\\..", TL_STR("servqual.x"));
    tl_jw_close(w);
    schema_number(w, "additionalProperties", TL_STR("other"));
}

static void
schema_promise(struct tl_jw *w)
{
    tl_jw_open(w, "properties");
    schema_text(w, "what", TL_EVENT_PROMISE_BYTES_MAX);
    schema_time(w, "due");
    tl_jw_open(w, "kept");
    schema_types(w, (const char *const[]){ "boolean", NULL });
    tl_jw_close(w);
    tl_jw_close(w);
}

static void
schema_value(struct tl_jw *w)
{
    tl_jw_open(w, "properties");
    tl_jw_open(w, "amount_minor");
    tl_jw_cstr(w, "type", "integer");
    tl_jw_close(w);
    tl_jw_open(w, "currency");
    tl_jw_cstr(w, "type", "string");
    tl_jw_cstr(w, "pattern", "^[A-Z]{3}$");
    tl_jw_close(w);
    tl_jw_close(w);
    tl_jw_array(w, "required");
    tl_jw_cstr(w, NULL, "amount_minor");
    tl_jw_cstr(w, NULL, "currency");
    tl_jw_end(w);
}

/* What only the collector sets: a sender may give nothing but null. */
static bool
is_ours(const struct tl_event_row *row)
{
    return row == &tl_event_rows[TL_BIT_received_at] || row == &tl_event_rows[TL_BIT_origin];
}

static void
schema_object(struct tl_jw *w, const struct tl_event_row *row)
{
    schema_types(w, (const char *const[]){ "object", NULL });
    switch (row->kind) {
    case TL_EV_IDS: schema_ids(w); break;
    case TL_EV_SCORES: schema_scores(w); break;
    case TL_EV_PROMISE: schema_promise(w); break;
    case TL_EV_VALUE: schema_value(w); break;
    default: break;
    }
}

static void
schema_row(struct tl_jw *w, const struct tl_event_row *row)
{
    tl_jw_open(w, NULL);
    tl_jw_cstr(w, "description", row->doc);
    if (is_ours(row)) {
        tl_jw_cstr(w, "type", "null");
    } else if (row->kind == TL_EV_TEXT) {
        schema_types(w, (const char *const[]){ "string", NULL });
        tl_jw_uint(w, "maxLength", row->max_bytes);
    } else if (row->kind == TL_EV_WORD) {
        schema_words(w, row->words);
    } else if (row->kind == TL_EV_TIME) {
        schema_types(w, (const char *const[]){ "string", "integer", NULL });
        tl_jw_int(w, "minimum", TL_EVENT_TIME_MIN_MS);
        tl_jw_int(w, "maximum", TL_EVENT_TIME_MAX_MS);
    } else if (row->kind == TL_EV_U64) {
        schema_types(w, (const char *const[]){ "integer", NULL });
        tl_jw_int(w, "minimum", 0);
        tl_jw_int(w, "maximum", INT64_MAX);
    } else {
        schema_object(w, row);
    }
    tl_jw_close(w);
}

void
tl_event_json_schema(struct tl_buf *b)
{
    tl_buf_put_str(b, "{\n\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\n\"$id\":\"event.schema.json\",\n\"title\":\"Touchline event\",\n"
        "\"description\":\"One contact between a customer and a company. Generated from schemas/event.def. Lengths there are bytes of UTF-8, so a text of "
        "maxLength characters may still be too long; at most 32,768 bytes an event, 8 levels of nesting, no member twice, no NUL in text.\",\n"
        "\"type\":\"object\",\n\"anyOf\":[{\"required\":[\"ids\",\"type\"]},{\"required\":[\"ids\",\"touchpoint\"]},"
        "{\"description\":\"a heartbeat: its source has told everything up to `time`\",\"required\":[\"type\"],\"properties\":{\"type\":{\"enum\":[\"heartbeat\"]}}}],\n\"properties\":{\n");
    for (size_t i = 0; i < TL_EVENT_FIELDS; i++) {
        struct tl_jw w = tl_jw_to(b);
        tl_buf_printf(b, "\"%s\":", tl_event_rows[i].name);
        schema_row(&w, &tl_event_rows[i]);
        tl_buf_put_str(b, i + 1 < TL_EVENT_FIELDS ? ",\n" : "\n");
    }
    tl_buf_put_str(b, "}\n}\n");
}
