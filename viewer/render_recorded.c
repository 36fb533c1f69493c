/* render_recorded.c - a recording as JSON. */
#include <stdio.h>

#include "answer_recorded.h"
#include "render_in.h"

static void
journey(struct tl_jw *w, const struct recorded_journey *j)
{
    char person[16];
    snprintf(person, sizeof person, "c%u", j->person);
    tl_jw_open(w, NULL);
    render_hash(w, "customer", j->customer);
    tl_jw_cstr(w, "person", person);
    tl_jw_str(w, "type", j->type);
    tl_jw_int(w, "start", j->start_ms);
    tl_jw_int(w, "last", j->last_ms);
    tl_jw_close(w);
}

void
render_recorded(struct tl_buf *out, const struct look *k, const struct recorded_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    tl_jw_open(w, NULL);
    tl_jw_str(w, "visit", a->visit);
    tl_jw_cstr(w, "stream", a->stream);
    tl_jw_int(w, "as_of", k->as_of_ms);
    if (a->format) tl_jw_cstr(w, "format", a->format);
    else tl_jw_null(w, "format");
    tl_jw_uint(w, "persons", a->person_n);
    tl_jw_array(w, "journeys");
    for (uint32_t i = 0; i < a->journey_n; i++) journey(w, &a->journey[i]);
    tl_jw_end(w);
    tl_jw_array(w, "events");
    for (uint32_t i = 0; i < a->event_n; i++) {
        const struct recorded_event *e = &a->event[i];
        tl_jw_open(w, NULL);
        tl_jw_str(w, "id", e->called);
        tl_jw_uint(w, "position", e->position);
        tl_jw_str(w, "origin", e->origin);
        render_ms(w, "time", e->at_ms);
        tl_jw_raw(w, "event", e->json);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_uint(w, "left_out", a->left_out);
    tl_jw_uint(w, "persons_left_out", a->persons_left_out);
    tl_jw_close(w);
}
