/* render_diff.c - what another catalogue would change, as JSON. */
#include "diff.h"
#include "render_in.h"

static void
side(struct tl_jw *w, const char *name, const struct diff_side *s)
{
    tl_jw_open(w, name);
    tl_jw_uint(w, "n", s->n);
    tl_jw_uint(w, "hits", s->k);
    tl_jw_bool(w, "finding", s->shown);
    tl_jw_close(w);
}

static void
moved(struct tl_jw *w, const char *name, const struct diff_moved *m)
{
    tl_jw_open(w, name);
    tl_jw_uint(w, "journeys", m->n);
    tl_jw_array(w, "examples");
    for (uint32_t i = 0; i < m->example_n; i++) {
        tl_jw_open(w, NULL);
        render_hash(w, "customer", m->example[i].customer);
        tl_jw_int(w, "start", m->example[i].start_ms);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_close(w);
}

static void
cell_head(struct tl_jw *w, const struct diff_cell *c)
{
    tl_jw_str(w, "id", c->id);
    tl_jw_str(w, "touchpoint", c->touchpoint);
    if (c->name.zh.p || c->name.en.p) render_title(w, "name", c->name);
    else tl_jw_null(w, "name");
    render_title(w, "title", c->title);
}

static void
cell(struct tl_jw *w, const struct diff_cell *c)
{
    tl_jw_open(w, NULL);
    cell_head(w, c);
    tl_jw_bool(w, "changed", diff_changed(c));
    side(w, "before", &c->before);
    side(w, "after", &c->after);
    moved(w, "gaining", &c->gaining);
    moved(w, "losing", &c->losing);
    tl_jw_close(w);
}

/* findings of one side that the other one has not */
static void
findings(struct tl_jw *w, const char *name, const struct diff_type *t, bool appear)
{
    tl_jw_array(w, name);
    for (uint32_t i = 0; i < t->cell_n; i++) {
        const struct diff_cell *c = &t->cell[i];
        if (c->before.shown == c->after.shown || c->after.shown != appear) continue;
        tl_jw_open(w, NULL);
        cell_head(w, c);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

static void
one_type(struct tl_jw *w, const struct diff_type *t)
{
    char text[16];
    tl_jw_open(w, NULL);
    tl_jw_str(w, "journey", t->journey);
    tl_jw_bool(w, "known_before", t->had);
    tl_jw_bool(w, "known_after", t->has);
    tl_jw_cstr(w, "from", tl_day_format(t->from_day, text));
    tl_jw_cstr(w, "to", tl_day_format(t->to_day, text));
    tl_jw_open(w, "journeys");
    tl_jw_uint(w, "before", t->before);
    tl_jw_uint(w, "after", t->after);
    tl_jw_close(w);
    tl_jw_open(w, "findings");
    findings(w, "appear", t, true);
    findings(w, "vanish", t, false);
    tl_jw_close(w);
    tl_jw_array(w, "cells");
    for (uint32_t i = 0; i < t->cell_n; i++) cell(w, &t->cell[i]);
    tl_jw_end(w);
    tl_jw_close(w);
}

void
render_diff(struct tl_buf *out, const struct diff_answer *a)
{
    struct tl_jw w = tl_jw_to(out);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "before", a->before);
    tl_jw_cstr(&w, "after", a->after);
    tl_jw_int(&w, "as_of", a->as_of_ms);
    tl_jw_array(&w, "types");
    for (uint32_t i = 0; i < a->type_n; i++) one_type(&w, &a->type[i]);
    tl_jw_end(&w);
    tl_jw_close(&w);
}
