/* tl_catalogue_touchpoints.c - the sections stage_models and touchpoints of a catalogue, with the rules by which events find a touchpoint. */
#include "tl_catalogue_in.h"

#define RULE_FIELDS "type origin channel place props.PATH"

static int
get_rule(struct reader *r, const struct tl_jv *v)
{
    int rc = 0;

    if (v->type != TL_JOBJECT || v->children_n == 0 || v->children_n > TL_CONDITIONS_MAX)
        return cat_wrong(r, v, "\"match\" must be an object with at least one condition (" RULE_FIELDS "), at most %d, or a list of such objects", TL_CONDITIONS_MAX);
    struct tl_rule *rule = &r->c->rule[r->c->rule_n];
    struct tl_match *match = cat_room(r, v->children_n, sizeof *match);
    if (match == NULL)
        return TL_ENOMEM;
    if (r->c->rule_n == TL_RULES_MAX)
        return TL_ECONFIG;
    r->rule_at[r->c->rule_n] = (struct place_of){ r->now, v };
    *rule = (struct tl_rule){ .touchpoint = r->c->touchpoint_n, .match = match };
    r->c->rule_n++;
    for (const struct tl_jv *m = v->child; rc == 0 && m != NULL; m = m->next)
        rc = cat_condition(r, m, RULE_FIELDS, &match[rule->match_n++]);
    return rc;
}

static void
get_match(struct reader *r, const struct tl_jv *o)
{
    const struct tl_jv *v = tl_jv_get(o, "match");

    if (v != NULL && v->type != TL_JARRAY)
        get_rule(r, v);
    for (const struct tl_jv *e = v != NULL && v->type == TL_JARRAY ? v->child : NULL; e != NULL; e = e->next)
        get_rule(r, e);
}

static int
stage_of(struct reader *r, const struct tl_jv *m, struct tl_str *stage)
{
    int model = tl_catalogue_model(r->c, m->name);
    char listed[CAT_LIST_BYTES] = "";

    if (model < 0) {
        for (uint32_t i = 0; i < r->c->model_n; i++)
            cat_list(listed, r->c->model[i].id);
        return cat_wrong(r, m, "there is no stage model \"%.*s\"; there are A B C D E, built in,%s%s", (int)m->name.n, m->name.p, listed[0] != 0 ? " and here:" : " and those that \"stage_models\" describes", listed);
    }
    const struct tl_stage_model *sm = &r->c->model[model];
    for (uint32_t i = 0; m->type == TL_JTEXT && i < sm->stage_n; i++)
        if (tl_str_eq(sm->stage[i].id, m->text)) {
            stage[model] = sm->stage[i].id;
            return 0;
        }
    for (uint32_t i = 0; i < sm->stage_n; i++)
        cat_list(listed, sm->stage[i].id);
    return cat_wrong(r, m, "stage model \"%.*s\" has no such stage; it has%s", (int)m->name.n, m->name.p, listed);
}

int
cat_stage(struct reader *r, const struct tl_jv *o, struct tl_str *stage)
{
    const struct tl_jv *v = tl_jv_get(o, "stage");
    int rc = 0;

    if (v == NULL)
        return 0;
    if (v->type != TL_JOBJECT)
        return cat_wrong(r, v, "\"stage\" must be an object {model: stage}, like {\"A\": \"purchase\"}");
    for (const struct tl_jv *m = v->child; m != NULL; m = m->next)
        if (stage_of(r, m, stage) != 0)
            rc = TL_ECONFIG;
    return rc;
}

static void
get_experience(struct reader *r, const struct tl_jv *o, struct tl_experience *x)
{
    const struct tl_jv *v = tl_jv_get(o, "standard");

    if (v == NULL || cat_members(r, v, "script visual response") != 0)
        return;
    cat_title(r, v, "script", &x->script);
    cat_title(r, v, "visual", &x->visual);
    cat_title(r, v, "response", &x->response);
}

int
cat_touchpoint(struct reader *r, const struct tl_jv *o)
{
    struct tl_touchpoint *tp = &r->c->touchpoint[r->c->touchpoint_n];
    const struct tl_jv *role = tl_jv_get(o, "role");

    if (r->c->touchpoint_n == TL_TOUCHPOINTS_MAX)
        return cat_wrong(r, o, "more than %d touchpoints", TL_TOUCHPOINTS_MAX);
    if (cat_members(r, o, "id title role channel stage backstage key moment goal owner theme standard match suggestion") != 0 && o->type != TL_JOBJECT)
        return TL_ECONFIG;
    cat_text(r, o, "id", true, &tp->id);
    for (uint32_t i = 0; tp->id.p != NULL && i < r->c->touchpoint_n; i++)
        if (tl_str_eq(r->c->touchpoint[i].id, tp->id))
            cat_wrong(r, o, "touchpoint \"%.*s\" is described twice", (int)tp->id.n, tp->id.p);
    cat_title(r, o, "title", &tp->title);
    tp->role_given = role != NULL;
    if (role != NULL)
        cat_role(r, role, &tp->role);
    cat_text(r, o, "channel", false, &tp->channel);
    if (tp->channel.p != NULL && !cat_among(tp->channel, CAT_CHANNELS))
        cat_wrong(r, tl_jv_get(o, "channel"), "\"%.*s\" is no channel; a channel is one of " CAT_CHANNELS, (int)tp->channel.n, tp->channel.p);
    cat_stage(r, o, tp->stage);
    cat_bool(r, o, "backstage", &tp->backstage);
    cat_bool(r, o, "key", &tp->key);
    cat_bool(r, o, "moment", &tp->moment);
    cat_title(r, o, "goal", &tp->goal);
    cat_text(r, o, "owner", false, &tp->owner);
    cat_title(r, o, "theme", &tp->theme);
    get_experience(r, o, &tp->standard);
    get_match(r, o);
    r->c->touchpoint_n++;
    return 0;
}

static void
read_stage(struct reader *r, const struct tl_jv *o, struct tl_stage_model *m)
{
    struct tl_stage *s = &m->stage[m->stage_n++];

    if (cat_members(r, o, "id title goal") != 0 && o->type != TL_JOBJECT)
        return;
    cat_text(r, o, "id", true, &s->id);
    for (uint32_t i = 0; s->id.p != NULL && i + 1 < m->stage_n; i++)
        if (tl_str_eq(m->stage[i].id, s->id))
            cat_wrong(r, o, "stage \"%.*s\" is described twice in this model", (int)s->id.n, s->id.p);
    cat_title(r, o, "title", &s->title);
    cat_title(r, o, "goal", &s->goal);
}

int
cat_model(struct reader *r, const struct tl_jv *o)
{
    struct tl_stage_model *m = &r->c->model[r->c->model_n];
    const struct tl_jv *stages = tl_jv_get(o, "stages");

    if (r->c->model_n == TL_MODELS_MAX)
        return cat_wrong(r, o, "more than %d stage models", TL_MODELS_MAX);
    if (cat_members(r, o, "id title stages") != 0 && o->type != TL_JOBJECT)
        return TL_ECONFIG;
    cat_text(r, o, "id", true, &m->id);
    if (m->id.p != NULL && tl_catalogue_model(r->c, m->id) >= 0)
        cat_wrong(r, o, "stage model \"%.*s\" is described twice", (int)m->id.n, m->id.p);
    cat_title(r, o, "title", &m->title);
    if (stages == NULL || stages->type != TL_JARRAY || stages->children_n == 0 || stages->children_n > TL_STAGES_MAX)
        return cat_wrong(r, stages != NULL ? stages : o, "\"stages\" must be an array with at least one stage, at most %d", TL_STAGES_MAX);
    if ((m->stage = cat_room(r, stages->children_n, sizeof *m->stage)) == NULL)
        return TL_ENOMEM;
    for (const struct tl_jv *s = stages->child; s != NULL; s = s->next)
        read_stage(r, s, m);
    r->c->model_n++;
    return 0;
}
