/* tl_catalogue_touchpoints.c - the sections stage_models and touchpoints of a catalogue, with the rules by which events find a touchpoint. */
#include "tl_catalogue_in.h"

static int
get_rule(struct reader *r, const struct tl_jv *v)
{
    int rc = 0;

    if (v->type != TL_JOBJECT || v->children_n == 0)
        return cat_wrong(r, v, "\"match\" must be an object with at least one condition, or a list of such objects");
    struct tl_rule *rule = &r->c->rule[r->c->rule_n];
    struct tl_match *match = tl_arena_alloc(r->c->arena, v->children_n * sizeof *match);
    if (match == NULL)
        return tl_fail(r->err, TL_ENOMEM, "the catalogue is too large");
    *rule = (struct tl_rule){ .touchpoint = r->c->touchpoint_n, .match = match };
    r->c->rule_n++;
    for (const struct tl_jv *m = v->child; rc == 0 && m != NULL; m = m->next)
        rc = cat_condition(r, m, "type origin channel place props.PATH", &match[rule->match_n++]);
    return rc;
}

static int
get_match(struct reader *r, const struct tl_jv *o)
{
    const struct tl_jv *v = tl_jv_get(o, "match");
    int rc = 0;

    if (v == NULL || v->type != TL_JARRAY)
        return v == NULL ? 0 : get_rule(r, v);
    for (const struct tl_jv *e = v->child; rc == 0 && e != NULL; e = e->next)
        rc = get_rule(r, e);
    return rc;
}

static int
get_stages_of(struct reader *r, const struct tl_jv *o, struct tl_touchpoint *tp)
{
    const struct tl_jv *v = tl_jv_get(o, "stage");

    if (v == NULL)
        return 0;
    if (v->type != TL_JOBJECT)
        return cat_wrong(r, v, "\"stage\" must be an object {model: stage}");
    for (const struct tl_jv *m = v->child; m != NULL; m = m->next) {
        int model = tl_catalogue_model(r->c, m->name);
        if (model < 0)
            return cat_wrong(r, m, "there is no stage model \"%.*s\"", (int)m->name.n, m->name.p);
        const struct tl_stage_model *sm = &r->c->model[model];
        for (uint32_t i = 0; m->type == TL_JTEXT && i < sm->stage_n; i++)
            if (tl_str_eq(sm->stage[i].id, m->text))
                tp->stage[model] = sm->stage[i].id;
        if (tp->stage[model].p == NULL)
            return cat_wrong(r, m, "stage model \"%.*s\" has no such stage", (int)m->name.n, m->name.p);
    }
    return 0;
}

int
cat_touchpoint(struct reader *r, const struct tl_jv *o)
{
    struct tl_touchpoint *tp = &r->c->touchpoint[r->c->touchpoint_n];
    const struct tl_jv *role = NULL;
    int rc = cat_members(r, o, "id title role channel stage backstage key match");

    if (rc == 0)
        rc = cat_text(r, o, "id", true, &tp->id);
    for (uint32_t i = 0; rc == 0 && i < r->c->touchpoint_n; i++)
        if (tl_str_eq(r->c->touchpoint[i].id, tp->id))
            rc = cat_wrong(r, o, "touchpoint \"%.*s\" is described twice", (int)tp->id.n, tp->id.p);
    if (rc == 0)
        rc = cat_title(r, o, "title", &tp->title);
    if (rc == 0 && (role = tl_jv_get(o, "role")) != NULL) {
        tp->role_given = true;
        rc = cat_role(r, role, &tp->role);
    }
    if (rc == 0)
        rc = cat_text(r, o, "channel", false, &tp->channel);
    if (rc == 0 && tp->channel.p != NULL && !cat_among(tp->channel, "app web store phone chat social email sms kiosk iot mail"))
        rc = cat_wrong(r, o, "a channel is one of app web store phone chat social email sms kiosk iot mail");
    if (rc == 0)
        rc = get_stages_of(r, o, tp);
    if (rc == 0)
        rc = cat_bool(r, o, "backstage", &tp->backstage);
    if (rc == 0)
        rc = cat_bool(r, o, "key", &tp->key);
    if (rc == 0)
        rc = get_match(r, o);
    r->c->touchpoint_n++;
    return rc;
}

static int
read_stage(struct reader *r, const struct tl_jv *o, struct tl_stage_model *m)
{
    struct tl_stage *s = &m->stage[m->stage_n++];
    int rc = cat_members(r, o, "id title goal");

    if (rc == 0)
        rc = cat_text(r, o, "id", true, &s->id);
    if (rc == 0)
        rc = cat_title(r, o, "title", &s->title);
    return rc != 0 ? rc : cat_title(r, o, "goal", &s->goal);
}

int
cat_model(struct reader *r, const struct tl_jv *o)
{
    struct tl_stage_model *m = &r->c->model[r->c->model_n];
    const struct tl_jv *stages = tl_jv_get(o, "stages");
    int rc = cat_members(r, o, "id title stages");

    if (rc == 0 && r->c->model_n == TL_MODELS_MAX)
        return cat_wrong(r, o, "more than %d stage models", TL_MODELS_MAX);
    if (rc == 0)
        rc = cat_text(r, o, "id", true, &m->id);
    if (rc == 0 && tl_catalogue_model(r->c, m->id) >= 0)
        rc = cat_wrong(r, o, "stage model \"%.*s\" is described twice", (int)m->id.n, m->id.p);
    if (rc == 0)
        rc = cat_title(r, o, "title", &m->title);
    if (rc == 0 && (stages == NULL || stages->type != TL_JARRAY || stages->children_n == 0))
        rc = cat_wrong(r, o, "\"stages\" must be an array with at least one stage");
    if (rc != 0)
        return rc;
    m->stage = tl_arena_alloc(r->c->arena, stages->children_n * sizeof *m->stage);
    if (m->stage == NULL)
        return tl_fail(r->err, TL_ENOMEM, "the catalogue is too large");
    for (const struct tl_jv *s = stages->child; rc == 0 && s != NULL; s = s->next)
        rc = read_stage(r, s, m);
    r->c->model_n++;
    return rc;
}
