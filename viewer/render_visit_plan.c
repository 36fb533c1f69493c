/* render_visit_plan.c - scenarios, and visits proposed for one, as JSON. */
#include "answer_visit_plan.h"
#include "render_in.h"

#include <stdio.h>

static void
render_item(struct tl_jw *w, const struct tl_scenario_item *t)
{
    tl_jw_open(w, NULL);
    tl_jw_str(w, "id", t->id);
    render_title(w, "title", t->title);
    tl_jw_cstr(w, "kind", t->subjective ? "subjective" : "objective");
    tl_jw_num(w, "weight", t->weight);
    tl_jw_bool(w, "critical", t->critical);
    tl_jw_bool(w, "na", t->na);
    tl_jw_bool(w, "evidence", t->evidence);
    tl_jw_str(w, "standard", t->standard);
    tl_jw_close(w);
}

static void
render_steps(struct tl_jw *w, const struct tl_catalogue *c, const struct tl_scenario *s)
{
    tl_jw_array(w, "steps");
    for (uint32_t i = 0; i < s->step_n; i++) {
        const struct tl_touchpoint *t = tl_catalogue_touchpoint(c, s->step[i].touchpoint);
        tl_jw_open(w, NULL);
        tl_jw_str(w, "touchpoint", s->step[i].touchpoint);
        render_title(w, "title", t ? t->title : (struct tl_title){ s->step[i].touchpoint, s->step[i].touchpoint });
        render_title(w, "action", s->step[i].action);
        tl_jw_array(w, "items");
        for (uint32_t n = 0; n < s->step[i].item_n; n++) render_item(w, &s->item[s->step[i].item_first + n]);
        tl_jw_end(w);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

static void
render_clock_time(struct tl_jw *w, const char *name, int32_t minute)
{
    char text[16];
    snprintf(text, sizeof text, "%02d:%02d", minute / 60, minute % 60);
    tl_jw_cstr(w, name, text);
}

static void
render_parts(struct tl_jw *w, const struct tl_scenario *s)
{
    tl_jw_array(w, "slots");
    for (uint32_t i = 0; i < s->slot_n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_str(w, "id", s->slot[i].id);
        render_title(w, "title", s->slot[i].title);
        render_clock_time(w, "from", s->slot[i].from_min);
        render_clock_time(w, "to", s->slot[i].to_min);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_array(w, "stamps");
    for (uint32_t i = 0; i < s->stamp_n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_str(w, "id", s->stamp[i].id);
        render_title(w, "title", s->stamp[i].title);
        tl_jw_str(w, "touchpoint", s->stamp[i].touchpoint);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_array(w, "clocks");
    for (uint32_t i = 0; i < s->clock_n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_str(w, "id", s->clock[i].id);
        render_title(w, "title", s->clock[i].title);
        tl_jw_str(w, "from", s->clock[i].from);
        tl_jw_str(w, "to", s->clock[i].to);
        tl_jw_int(w, "limit_ms", s->clock[i].limit_ms);
        tl_jw_str(w, "standard", s->clock[i].standard);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

void
render_scenario(struct tl_jw *w, const char *name, const struct tl_catalogue *c, const struct tl_scenario *s)
{
    tl_jw_open(w, name);
    tl_jw_str(w, "id", s->id);
    render_title(w, "title", s->title.zh.p || s->title.en.p ? s->title : (struct tl_title){ s->id, s->id });
    render_title(w, "persona", s->persona);
    render_title(w, "goal", s->goal);
    tl_jw_str(w, "channel", s->channel);
    tl_jw_str(w, "blueprint", s->blueprint);
    tl_jw_uint(w, "visits_per_place", s->visits_per_place);
    tl_jw_int(w, "apart_ms", s->apart_ms);
    render_parts(w, s);
    render_steps(w, c, s);
    tl_jw_close(w);
}

void
render_scenarios(struct tl_buf *out, const struct tl_catalogue *c)
{
    struct tl_jw w = tl_jw_to(out);
    tl_jw_open(&w, NULL);
    tl_jw_array(&w, "scenarios");
    for (uint32_t i = 0; i < c->scenario_n; i++) render_scenario(&w, NULL, c, &c->scenario[i]);
    tl_jw_end(&w);
    tl_jw_close(&w);
}

static void
render_day(struct tl_jw *w, const char *name, int32_t day)
{
    char text[16];
    tl_jw_cstr(w, name, tl_day_format(day, text));
}

void
render_visit_plan(struct tl_buf *out, const struct visit_plan_answer *a)
{
    struct tl_jw w = tl_jw_to(out);
    tl_jw_open(&w, NULL);
    tl_jw_str(&w, "scenario", a->scenario->id);
    render_day(&w, "from", a->from_day);
    render_day(&w, "to", a->to_day);
    tl_jw_uint(&w, "each", a->each);
    tl_jw_array(&w, "visits");
    for (uint32_t i = 0; i < a->visit_n; i++) {
        const struct visit_proposed *v = &a->visit[i];
        tl_jw_open(&w, NULL);
        tl_jw_str(&w, "id", v->id);
        tl_jw_str(&w, "place", v->place);
        tl_jw_str(&w, "slot", v->slot ? v->slot->id : (struct tl_str){ NULL, 0 });
        render_day(&w, "day", v->day);
        render_ms(&w, "from", v->from_ms);
        render_ms(&w, "to", v->to_ms);
        tl_jw_close(&w);
    }
    tl_jw_end(&w);
    tl_jw_array(&w, "missing");
    for (uint32_t i = 0; i < a->missing_n; i++) {
        tl_jw_open(&w, NULL);
        tl_jw_str(&w, "place", a->missing[i].place);
        tl_jw_uint(&w, "had", a->missing[i].had);
        tl_jw_uint(&w, "found", a->missing[i].found);
        tl_jw_uint(&w, "wanted", a->missing[i].wanted);
        tl_jw_close(&w);
    }
    tl_jw_end(&w);
    tl_jw_close(&w);
}
