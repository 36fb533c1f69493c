/* render_visits.c - the register of visits as JSON. */
#include "answer_visits.h"
#include "render_in.h"

void
render_visits(struct tl_buf *out, const struct visits_answer *a)
{
    struct tl_jw w = tl_jw_to(out);
    tl_jw_open(&w, NULL);
    tl_jw_array(&w, "visits");
    for (uint32_t i = 0; i < a->item_n; i++) {
        const struct visit_shown *shown = &a->item[i];
        const struct tl_visit *v = &shown->said;
        tl_jw_open(&w, NULL);
        tl_jw_str(&w, "id", v->id);
        tl_jw_str(&w, "place", v->place);
        tl_jw_str(&w, "scenario", v->scenario);
        tl_jw_str(&w, "slot", v->slot);
        tl_jw_cstr(&w, "state", tl_visit_state_word(v->state));
        render_ms(&w, "from", v->from_ms);
        render_ms(&w, "to", v->to_ms);
        tl_jw_uint(&w, "identities", v->hash_n);
        tl_jw_array(&w, "orders");
        for (uint32_t o = 0; o < v->order_n; o++) tl_jw_str(&w, NULL, v->order[o]);
        tl_jw_end(&w);
        tl_jw_uint(&w, "journeys", shown->journeys);
        tl_jw_str(&w, "note", v->note);
        tl_jw_str(&w, "actor", shown->actor);
        render_ms(&w, "entered", shown->entered_ms);
        render_ms(&w, "changed", shown->changed_ms);
        tl_jw_close(&w);
    }
    tl_jw_end(&w);
    tl_jw_uint(&w, "more", a->more);
    tl_jw_close(&w);
}
