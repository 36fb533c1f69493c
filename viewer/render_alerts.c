/* render_alerts.c - alerts as JSON. */
#include "render_in.h"

#include <inttypes.h>
#include <stdio.h>

#include "tl_alerts.h"

#define SENTENCE_BYTES 1024

static void
sentence(struct tl_jw *w, const struct tl_alert *a)
{
    char zh[SENTENCE_BYTES], en[SENTENCE_BYTES];
    tl_alert_text(a, true, zh, sizeof zh);
    tl_alert_text(a, false, en, sizeof en);
    tl_jw_open(w, "text");
    tl_jw_cstr(w, "zh", zh);
    tl_jw_cstr(w, "en", en);
    tl_jw_close(w);
}

static void
times(struct tl_jw *w, const struct tl_alert *a)
{
    render_ms(w, "started", a->started_ms);
    render_ms(w, "due", a->due_ms);
    render_ms(w, "at", a->at_ms);
    render_ms(w, "raised", a->raised_ms);
    render_ms(w, "changed", a->changed_ms);
    render_ms(w, "ended", a->ended_ms);
}

/* whose - the customer and the journey, as the addresses of the viewer name them */
static void
whose(struct tl_jw *w, const struct tl_alert *a)
{
    static const uint8_t nobody[16];
    if (memcmp(a->customer, nobody, sizeof nobody) == 0) {
        tl_jw_null(w, "customer");
        tl_jw_null(w, "journey");
        return;
    }
    render_hash(w, "customer", a->customer);
    tl_jw_open(w, "journey");
    tl_jw_str(w, "type", a->journey);
    render_ms(w, "start", a->journey_ms);
    tl_jw_close(w);
}

static void
alert(struct tl_jw *w, const struct tl_alert *a)
{
    char id[17];
    snprintf(id, sizeof id, "%016" PRIx64, a->id);
    tl_jw_open(w, NULL);
    tl_jw_cstr(w, "id", id);
    tl_jw_uint(w, "change", a->change);
    tl_jw_str(w, "rule", a->rule);
    tl_jw_cstr(w, "kind", tl_alert_kind_word(a->kind));
    tl_jw_cstr(w, "state", tl_alert_state_word(a->state));
    tl_jw_int(w, "severity", a->severity);
    tl_jw_cstr(w, "stream", render_stream(a->stream));
    render_title(w, "title", (struct tl_title){ a->title_zh.n ? a->title_zh : a->rule, a->title_en.n ? a->title_en : a->rule });
    tl_jw_str(w, "touchpoint", a->touchpoint);
    render_title(w, "touchpoint_title", (struct tl_title){ a->touchpoint_zh.n ? a->touchpoint_zh : a->touchpoint, a->touchpoint_en.n ? a->touchpoint_en : a->touchpoint });
    tl_jw_str(w, "place", a->place);
    tl_jw_str(w, "channel", a->channel);
    tl_jw_str(w, "tier", a->tier);
    tl_jw_str(w, "department", a->department);
    whose(w, a);
    times(w, a);
    tl_jw_str(w, "what", a->what);
    tl_jw_str(w, "owner", a->assignee);
    tl_jw_str(w, "note", a->note);
    tl_jw_str(w, "actor", a->actor);
    tl_jw_str(w, "resolved", a->resolved);
    sentence(w, a);
    tl_jw_close(w);
}

void
render_alerts(struct tl_buf *out, const struct look *k, const struct alerts_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    int qa = k->ask->stream == TL_STREAM_MYSTERY;
    tl_jw_open(w, NULL);
    tl_jw_open(w, "counts");
    for (unsigned s = 0; s < TL_ALERT_STATES; s++)
        tl_jw_uint(w, tl_alert_state_word(s), k->ask->stream == ASK_STREAM_ALL ? a->counts.n[0][s] + a->counts.n[1][s] : a->counts.n[qa][s]);
    tl_jw_close(w);
    tl_jw_array(w, "alerts");
    for (uint32_t i = 0; i < a->alert_n; i++) alert(w, a->alert[i]);
    tl_jw_end(w);
    tl_jw_uint(w, "next", a->next);
    tl_jw_bool(w, "more", a->more);
    tl_jw_close(w);
}
