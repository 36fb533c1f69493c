/* tl_catalogue_blueprints.c - the section blueprints of a catalogue: what was planned. */
#include "tl_catalogue_in.h"

static void
read_leg(struct reader *r, const struct tl_jv *o, struct tl_blueprint *b)
{
    struct tl_leg *leg = &b->leg[b->leg_n++];

    if (cat_members(r, o, "id title") != 0 && o->type != TL_JOBJECT)
        return;
    cat_text(r, o, "id", true, &leg->id);
    for (uint32_t i = 0; leg->id.p != NULL && i + 1 < b->leg_n; i++)
        if (tl_str_eq(b->leg[i].id, leg->id))
            cat_wrong(r, o, "leg \"%.*s\" is described twice in this blueprint", (int)leg->id.n, leg->id.p);
    cat_title(r, o, "title", &leg->title);
}

static void
get_legs(struct reader *r, const struct tl_jv *o, struct tl_blueprint *b)
{
    const struct tl_jv *v = tl_jv_get(o, "legs");

    if (v == NULL)
        return;
    if (v->type != TL_JARRAY || v->children_n > TL_BLUEPRINT_STEPS_MAX) {
        cat_wrong(r, v, "\"legs\" must be an array of at most 64 {\"id\", \"title\"}");
        return;
    }
    b->leg = cat_room(r, v->children_n, sizeof *b->leg);
    for (const struct tl_jv *e = b->leg != NULL ? v->child : NULL; e != NULL; e = e->next)
        read_leg(r, e, b);
}

static void
get_leg(struct reader *r, const struct tl_jv *o, const struct tl_blueprint *b, struct tl_str *out)
{
    cat_text(r, o, "leg", false, out);
    for (uint32_t i = 0; i < b->leg_n; i++)
        if (tl_str_eq(b->leg[i].id, *out))
            return;
    if (out->p != NULL)
        cat_wrong(r, tl_jv_get(o, "leg"), "this blueprint has no leg \"%.*s\"; its \"legs\" name them", (int)out->n, out->p);
}

static void
read_step(struct reader *r, const struct tl_jv *o, struct tl_blueprint *b)
{
    struct tl_blueprint_step *s = &b->step[b->step_n++];
    struct tl_str need = TL_STR("required");

    if (cat_members(r, o, "touchpoint need one_of leg channels max_wait_s stage action standard") != 0 && o->type != TL_JOBJECT)
        return;
    cat_text(r, o, "touchpoint", true, &s->touchpoint);
    for (uint32_t i = 0; s->touchpoint.p != NULL && i + 1 < b->step_n; i++)
        if (tl_str_eq(b->step[i].touchpoint, s->touchpoint))
            cat_wrong(r, o, "touchpoint \"%.*s\" is a step of this blueprint already", (int)s->touchpoint.n, s->touchpoint.p);
    cat_text(r, o, "need", false, &need);
    s->required = tl_str_is(need, "required");
    if (!s->required && !tl_str_is(need, "optional"))
        cat_wrong(r, tl_jv_get(o, "need"), "\"need\" is one of required optional; alternatives share a \"one_of\"");
    cat_text(r, o, "one_of", false, &s->group);
    get_leg(r, o, b, &s->leg);
    cat_channels(r, o, &s->channel, &s->channel_n);
    cat_seconds(r, o, "max_wait_s", false, &s->max_wait_ms);
    cat_stage(r, o, s->stage);
    cat_title(r, o, "action", &s->action);
    cat_text(r, o, "standard", false, &s->standard);
}

static void
get_steps(struct reader *r, const struct tl_jv *o, struct tl_blueprint *b)
{
    const struct tl_jv *v = tl_jv_get(o, "steps");

    if (v == NULL || v->type != TL_JARRAY || v->children_n == 0 || v->children_n > TL_BLUEPRINT_STEPS_MAX) {
        cat_wrong(r, v != NULL ? v : o, "\"steps\" must be an array of 1 to %d steps in the order planned", TL_BLUEPRINT_STEPS_MAX);
        return;
    }
    b->step = cat_room(r, v->children_n, sizeof *b->step);
    for (const struct tl_jv *e = b->step != NULL ? v->child : NULL; e != NULL; e = e->next)
        read_step(r, e, b);
}

int
cat_blueprint(struct reader *r, const struct tl_jv *o)
{
    struct tl_blueprint *b = &r->c->blueprint[r->c->blueprint_n];
    struct tl_str type = TL_STR("all");

    if (r->c->blueprint_n == TL_BLUEPRINTS_MAX)
        return cat_wrong(r, o, "more than %d blueprints", TL_BLUEPRINTS_MAX);
    if (cat_members(r, o, "id title journey legs steps") != 0 && o->type != TL_JOBJECT)
        return TL_ECONFIG;
    cat_text(r, o, "id", true, &b->id);
    if (b->id.p != NULL && tl_catalogue_blueprint(r->c, b->id) >= 0)
        cat_wrong(r, o, "blueprint \"%.*s\" is described twice", (int)b->id.n, b->id.p);
    cat_title(r, o, "title", &b->title);
    cat_text(r, o, "journey", false, &type);
    b->type = tl_catalogue_type(r->c, type);
    if (b->type < 0) {
        char listed[CAT_LIST_BYTES] = "";
        for (uint32_t i = 0; i < r->c->type_n; i++)
            cat_list(listed, r->c->type[i].id);
        cat_wrong(r, tl_jv_get(o, "journey"), "there is no journey type \"%.*s\"; there are%s", (int)type.n, type.p, listed);
        b->type = 0;
    }
    get_legs(r, o, b);
    get_steps(r, o, b);
    r->c->blueprint_n++;
    return 0;
}

int
tl_catalogue_blueprint(const struct tl_catalogue *c, struct tl_str id)
{
    for (uint32_t i = 0; i < c->blueprint_n; i++)
        if (tl_str_eq(c->blueprint[i].id, id))
            return (int)i;
    return -1;
}
