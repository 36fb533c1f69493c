/* tl_alert_json.c - an alert as JSON: the same members in /api/alerts and in messages. */
#include <inttypes.h>
#include <stdio.h>

#include "tl_alerts.h"
#include "tl_hash.h"
#include "tl_journey.h"
#include "tl_json.h"
#include "tl_time.h"

#define SENTENCE_BYTES 1024

static void
put_ms(struct tl_jw *w, const char *name, int64_t ms)
{
    if (ms == TL_TIME_NONE)
        tl_jw_null(w, name);
    else
        tl_jw_int(w, name, ms);
}

static void
put_title(struct tl_jw *w, const char *name, struct tl_str zh, struct tl_str en, struct tl_str otherwise)
{
    tl_jw_open(w, name);
    tl_jw_str(w, "zh", zh.n > 0 ? zh : en.n > 0 ? en : otherwise);
    tl_jw_str(w, "en", en.n > 0 ? en : zh.n > 0 ? zh : otherwise);
    tl_jw_close(w);
}

static void
put_text(struct tl_jw *w, const struct tl_alert *a)
{
    char zh[SENTENCE_BYTES], en[SENTENCE_BYTES];

    tl_alert_text(a, true, zh, sizeof zh);
    tl_alert_text(a, false, en, sizeof en);
    put_title(w, "text", tl_str_of(zh), tl_str_of(en), (struct tl_str){0});
}

/* The customer and the journey, as the addresses of the viewer name them. */
static void
put_whose(struct tl_jw *w, const struct tl_alert *a)
{
    static const uint8_t nobody[16];
    char hex[33];

    if (memcmp(a->customer, nobody, sizeof nobody) == 0) {
        tl_jw_null(w, "customer");
        tl_jw_null(w, "journey");
        return;
    }
    tl_hex(a->customer, sizeof a->customer, hex);
    tl_jw_cstr(w, "customer", hex);
    tl_jw_open(w, "journey");
    tl_jw_str(w, "type", a->journey);
    put_ms(w, "start", a->journey_ms);
    tl_jw_close(w);
}

void
tl_alert_json(struct tl_jw *w, const char *name, const struct tl_alert *a)
{
    char id[17];

    snprintf(id, sizeof id, "%016" PRIx64, a->id);
    tl_jw_open(w, name);
    tl_jw_cstr(w, "id", id);
    tl_jw_uint(w, "change", a->change);
    tl_jw_str(w, "rule", a->rule);
    tl_jw_cstr(w, "kind", tl_alert_kind_word(a->kind));
    tl_jw_cstr(w, "state", tl_alert_state_word(a->state));
    tl_jw_int(w, "severity", a->severity);
    tl_jw_cstr(w, "stream", a->stream == TL_STREAM_MYSTERY ? "mystery" : "live");
    if (a->priority == TL_ALERT_NO_PRIORITY)
        tl_jw_null(w, "priority");
    else
        tl_jw_int(w, "priority", a->priority);
    put_title(w, "title", a->title_zh, a->title_en, a->rule);
    tl_jw_str(w, "touchpoint", a->touchpoint);
    put_title(w, "touchpoint_title", a->touchpoint_zh, a->touchpoint_en, a->touchpoint);
    tl_jw_str(w, "place", a->place);
    tl_jw_str(w, "channel", a->channel);
    tl_jw_str(w, "tier", a->tier);
    tl_jw_str(w, "department", a->department);
    put_whose(w, a);
    put_ms(w, "started", a->started_ms);
    put_ms(w, "due", a->due_ms);
    put_ms(w, "at", a->at_ms);
    put_ms(w, "raised", a->raised_ms);
    put_ms(w, "changed", a->changed_ms);
    put_ms(w, "ended", a->ended_ms);
    tl_jw_str(w, "what", a->what);
    tl_jw_str(w, "owner", a->assignee);
    tl_jw_str(w, "note", a->note);
    tl_jw_str(w, "actor", a->actor);
    tl_jw_str(w, "resolved", a->resolved);
    put_text(w, a);
    tl_jw_close(w);
}
