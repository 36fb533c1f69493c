/* render_identity.c - links with what proves them, and what people said of identities: members links, links_cut, history, history_cut. */
#include "answer_identity.h"
#include "render_in.h"

static void
text(struct tl_jw *w, const char *name, struct tl_str s)
{
    if (s.n) tl_jw_str(w, name, s);
    else tl_jw_null(w, name);
}

static void
end_of(struct tl_jw *w, const char *name, const struct identity_end *e)
{
    tl_jw_open(w, name);
    text(w, "kind", e->kind);
    render_hash(w, "hash", e->hash);
    tl_jw_close(w);
}

static void
link_of(struct tl_jw *w, const struct identity_link *l)
{
    tl_jw_open(w, NULL);
    end_of(w, "a", &l->a);
    end_of(w, "b", &l->b);
    tl_jw_bool(w, "manual", l->manual);
    tl_jw_uint(w, "told", l->told_n);
    tl_jw_uint(w, "position", l->position);
    render_ms(w, "at", l->at_ms);
    text(w, "type", l->type);
    text(w, "origin", l->origin);
    text(w, "channel", l->channel);
    text(w, "place", l->place);
    tl_jw_close(w);
}

static void
said(struct tl_jw *w, const struct identity_said *s)
{
    tl_jw_open(w, NULL);
    tl_jw_cstr(w, "what", s->link ? "link" : "unlink");
    tl_jw_bool(w, "holds", s->holds);
    end_of(w, "a", &s->a);
    end_of(w, "b", &s->b);
    if (s->apart) render_hash(w, "other", s->other);
    else tl_jw_null(w, "other");
    tl_jw_uint(w, "position", s->position);
    render_ms(w, "at", s->at_ms);
    text(w, "actor", s->actor);
    text(w, "reason", s->reason);
    tl_jw_close(w);
}

void
render_identity(struct tl_jw *w, const struct identity_answer_all *a)
{
    tl_jw_array(w, "links");
    for (uint32_t i = 0; i < a->link_n; i++) link_of(w, &a->link[i]);
    tl_jw_end(w);
    tl_jw_uint(w, "links_cut", a->link_cut);
    tl_jw_array(w, "history");
    for (uint32_t i = 0; i < a->said_n; i++) said(w, &a->said[i]);
    tl_jw_end(w);
    tl_jw_uint(w, "history_cut", a->said_cut);
}
