/* tl_event_json.c - event.def out: one event's typed fields as a native event object, and the table as a JSON Schema. */
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
