/* render_journey_breaks.c - the breaks of one journey, with their evidence. */
#include "journey_breaks.h"

#include <stdio.h>
#include "render_in.h"

static void
text(struct tl_jw *w, const char *name, struct tl_str s)
{
    if (s.n) tl_jw_str(w, name, s);
    else tl_jw_null(w, name);
}

static void
amounts(struct tl_jw *w, const struct journey_break *b)
{
    static const char *const unit[] = { [BREAK_MS] = "ms", [BREAK_TIME] = "time", [BREAK_COUNT] = "count", [BREAK_SCORE] = "score", [BREAK_WORD] = "word" };
    tl_jw_cstr(w, "unit", unit[b->unit]);
    if (b->unit == BREAK_WORD) {
        text(w, "expected", b->expected_word);
        text(w, "actual", b->actual_word);
    } else {
        render_figure(w, "expected", b->expected, true);
        render_figure(w, "actual", b->actual, b->actual_known);
    }
    tl_jw_bool(w, "open", b->open);
    if (b->confirmed >= 0) tl_jw_bool(w, "confirmed", b->confirmed > 0);
    else tl_jw_null(w, "confirmed");
}

static void
evidence(struct tl_jw *w, const struct journey_break *b)
{
    tl_jw_array(w, "evidence");
    for (uint32_t i = 0; i < b->evidence_n; i++) {
        tl_jw_open(w, NULL);
        text(w, "id", b->evidence[i].id);
        tl_jw_uint(w, "position", b->evidence[i].position);
        tl_jw_str(w, "type", b->evidence[i].type);
        render_ms(w, "time", b->evidence[i].at_ms);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

static void
one(struct tl_jw *w, const struct tl_catalogue *c, const struct journey_break *b)
{
    tl_jw_open(w, NULL);
    tl_jw_str(w, "id", b->id);
    text(w, "rule", tl_str_of(b->rule));
    tl_jw_str(w, "type", b->type);
    if (b->name.zh.p || b->name.en.p) render_title(w, "name", b->name);
    else tl_jw_null(w, "name");
    tl_jw_str(w, "touchpoint", b->touchpoint);
    render_title(w, "title", b->title);
    tl_jw_open(w, "stage");
    for (uint32_t m = 0; b->tp && m < c->model_n; m++)
        if (b->tp->stage[m].n) {
            char model[128];
            snprintf(model, sizeof model, "%.*s", (int)c->model[m].id.n, c->model[m].id.p);
            tl_jw_str(w, model, b->tp->stage[m]);
        }
    tl_jw_close(w);
    text(w, "channel", b->channel);
    text(w, "place", b->place);
    text(w, "owner", b->owner);
    if (b->step != TL_NO_STEP) tl_jw_uint(w, "step", b->step);
    else tl_jw_null(w, "step");
    render_ms(w, "at", b->at_ms);
    render_ms(w, "broken", b->broken_ms);
    amounts(w, b);
    tl_jw_int(w, "severity", b->severity);
    tl_jw_bool(w, "first", b->first);
    tl_jw_bool(w, "worst", b->worst);
    evidence(w, b);
    tl_jw_close(w);
}

void
render_journey_breaks(struct tl_jw *w, const struct tl_catalogue *c, const struct journey_breaks *b)
{
    tl_jw_array(w, "breaks");
    for (uint32_t i = 0; i < b->item_n; i++) one(w, c, &b->item[i]);
    tl_jw_end(w);
    tl_jw_uint(w, "breaks_cut", b->cut);
    tl_jw_uint(w, "unknown", b->unknown);
}
