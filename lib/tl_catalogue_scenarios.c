/* tl_catalogue_scenarios.c - the section `scenarios` of a catalogue: what a mystery shopper is sent to do, and what is asked of them at each step. */
#include "tl_catalogue_in.h"

#define WEIGHT_MAX 1000.0
#define VISITS_MAX 100.0
#define APART_DAYS_MAX 3650.0

/* ---- look-ups ---- */

int
tl_catalogue_scenario(const struct tl_catalogue *c, struct tl_str id)
{
    for (uint32_t i = 0; i < c->scenario_n; i++)
        if (tl_str_eq(c->scenario[i].id, id))
            return (int)i;
    return -1;
}

int
tl_scenario_item(const struct tl_scenario *s, struct tl_str id)
{
    for (uint32_t i = 0; i < s->item_n; i++)
        if (tl_str_eq(s->item[i].id, id))
            return (int)i;
    return -1;
}

int
tl_scenario_stamp(const struct tl_scenario *s, struct tl_str id)
{
    for (uint32_t i = 0; i < s->stamp_n; i++)
        if (tl_str_eq(s->stamp[i].id, id))
            return (int)i;
    return -1;
}

/* ---- steps and what is asked at them ---- */

static void
read_item(struct reader *r, const struct tl_jv *e, struct tl_scenario *s)
{
    struct tl_scenario_item *t = &s->item[s->item_n];
    struct tl_str kind = TL_STR("objective");

    if (cat_members(r, e, "id title kind weight critical na evidence standard") != 0 && e->type != TL_JOBJECT)
        return;
    *t = (struct tl_scenario_item){ .step = s->step_n - 1, .weight = 1 };
    cat_text(r, e, "id", true, &t->id);
    if (t->id.p != NULL && tl_scenario_item(s, t->id) >= 0)
        cat_wrong(r, e, "item \"%.*s\" is asked twice in this scenario", (int)t->id.n, t->id.p);
    cat_title(r, e, "title", &t->title);
    cat_text(r, e, "kind", false, &kind);
    t->subjective = tl_str_is(kind, "subjective");
    if (!t->subjective && !tl_str_is(kind, "objective"))
        cat_wrong(r, tl_jv_get(e, "kind"), "\"kind\" is one of objective (a fact) subjective (an opinion)");
    cat_number(r, e, "weight", "points", 0.001, WEIGHT_MAX, &t->weight);
    cat_bool(r, e, "critical", &t->critical);
    cat_bool(r, e, "na", &t->na);
    cat_bool(r, e, "evidence", &t->evidence);
    cat_text(r, e, "standard", false, &t->standard);
    s->item_n++;
    s->step[t->step].item_n++;
}

static void
read_items(struct reader *r, const struct tl_jv *o, struct tl_scenario *s)
{
    const struct tl_jv *v = tl_jv_get(o, "items");

    s->step[s->step_n - 1].item_first = s->item_n;
    if (v != NULL && v->type != TL_JARRAY)
        cat_wrong(r, v, "\"items\" must be an array of what is asked at this step");
    for (const struct tl_jv *e = v != NULL && v->type == TL_JARRAY ? v->child : NULL; e != NULL; e = e->next) {
        if (s->item_n == TL_SCENARIO_ITEMS_MAX) {
            cat_wrong(r, e, "more than %d items in one scenario", TL_SCENARIO_ITEMS_MAX);
            return;
        }
        read_item(r, e, s);
    }
}

static void
read_step(struct reader *r, const struct tl_jv *e, struct tl_scenario *s)
{
    struct tl_scenario_step *t = &s->step[s->step_n++];

    if (cat_members(r, e, "touchpoint action items") != 0 && e->type != TL_JOBJECT)
        return;
    cat_text(r, e, "touchpoint", true, &t->touchpoint);
    for (uint32_t i = 0; t->touchpoint.p != NULL && i + 1 < s->step_n; i++)
        if (tl_str_eq(s->step[i].touchpoint, t->touchpoint))
            cat_wrong(r, e, "touchpoint \"%.*s\" is a step of this scenario already", (int)t->touchpoint.n, t->touchpoint.p);
    cat_title(r, e, "action", &t->action);
    read_items(r, e, s);
}

/* Those of the blueprint stand for steps that are not given. */
static void
read_steps(struct reader *r, const struct tl_jv *o, struct tl_scenario *s, const struct tl_blueprint *b)
{
    const struct tl_jv *v = tl_jv_get(o, "steps");

    if (v != NULL ? v->type != TL_JARRAY || v->children_n == 0 || v->children_n > TL_BLUEPRINT_STEPS_MAX : b == NULL) {
        cat_wrong(r, v != NULL ? v : o, "\"steps\" must be an array of 1 to %d steps in the order planned; a scenario that names a \"blueprint\" may leave them out", TL_BLUEPRINT_STEPS_MAX);
        return;
    }
    s->step = cat_room(r, v != NULL ? v->children_n : b->step_n, sizeof *s->step);
    s->item = cat_room(r, v != NULL ? TL_SCENARIO_ITEMS_MAX : 0, sizeof *s->item);
    if (s->step == NULL || s->item == NULL)
        return;
    for (const struct tl_jv *e = v != NULL ? v->child : NULL; e != NULL; e = e->next)
        read_step(r, e, s);
    for (uint32_t i = 0; v == NULL && i < b->step_n; i++)
        s->step[s->step_n++] = (struct tl_scenario_step){ .touchpoint = b->step[i].touchpoint, .action = b->step[i].action };
}

static const struct tl_blueprint *
read_blueprint(struct reader *r, const struct tl_jv *o, struct tl_scenario *s)
{
    char listed[CAT_LIST_BYTES] = "";

    cat_text(r, o, "blueprint", false, &s->blueprint);
    int i = s->blueprint.p != NULL ? tl_catalogue_blueprint(r->c, s->blueprint) : -1;
    if (s->blueprint.p == NULL || i >= 0)
        return i >= 0 ? &r->c->blueprint[i] : NULL;
    for (uint32_t b = 0; b < r->c->blueprint_n; b++)
        cat_list(listed, r->c->blueprint[b].id);
    cat_wrong(r, tl_jv_get(o, "blueprint"), "there is no blueprint \"%.*s\"; there %s%s", (int)s->blueprint.n, s->blueprint.p, listed[0] != 0 ? "are" : "is", listed[0] != 0 ? listed : " none");
    return NULL;
}

static void
read_numbers(struct reader *r, const struct tl_jv *o, struct tl_scenario *s)
{
    double visits = 1, apart = 0;

    cat_number(r, o, "visits_per_place", "visits", 1, VISITS_MAX, &visits);
    cat_number(r, o, "apart_d", "days", 0, APART_DAYS_MAX, &apart);
    s->visits_per_place = (uint32_t)visits;
    if (visits != s->visits_per_place)
        cat_wrong(r, tl_jv_get(o, "visits_per_place"), "\"visits_per_place\" is a whole number");
    s->apart_ms = (int64_t)(apart * 86400000);
}

int
cat_scenario(struct reader *r, const struct tl_jv *o)
{
    struct tl_scenario *s = &r->c->scenario[r->c->scenario_n];

    if (r->c->scenario_n == TL_SCENARIOS_MAX)
        return cat_wrong(r, o, "more than %d scenarios", TL_SCENARIOS_MAX);
    if (cat_members(r, o, "id title persona goal channel blueprint visits_per_place apart_d slots stamps clocks steps") != 0 && o->type != TL_JOBJECT)
        return TL_ECONFIG;
    cat_text(r, o, "id", true, &s->id);
    if (s->id.p != NULL && tl_catalogue_scenario(r->c, s->id) >= 0)
        cat_wrong(r, o, "scenario \"%.*s\" is described twice", (int)s->id.n, s->id.p);
    cat_title(r, o, "title", &s->title);
    cat_title(r, o, "persona", &s->persona);
    cat_title(r, o, "goal", &s->goal);
    cat_text(r, o, "channel", false, &s->channel);
    if (s->channel.p != NULL && !cat_among(s->channel, CAT_CHANNELS))
        cat_wrong(r, tl_jv_get(o, "channel"), "\"%.*s\" is no channel; a channel is one of " CAT_CHANNELS, (int)s->channel.n, s->channel.p);
    read_numbers(r, o, s);
    read_steps(r, o, s, read_blueprint(r, o, s));
    cat_scenario_slots(r, o, s);
    cat_scenario_stamps(r, o, s);
    cat_scenario_clocks(r, o, s);
    r->c->scenario_n++;
    return 0;
}

/* ---- what it names ---- */

static bool
plans(const struct tl_blueprint *b, struct tl_str touchpoint)
{
    for (uint32_t i = 0; i < b->step_n; i++)
        if (tl_str_eq(b->step[i].touchpoint, touchpoint))
            return true;
    return false;
}

static void
about_touchpoint(struct reader *r, const struct tl_jv *o, const struct tl_scenario *s)
{
    const struct tl_jv *v = tl_jv_get(o, "touchpoint");
    int b = s->blueprint.p != NULL ? tl_catalogue_blueprint(r->c, s->blueprint) : -1;
    char listed[CAT_LIST_BYTES] = "";

    if (v == NULL || v->type != TL_JTEXT)
        return;
    if (tl_catalogue_touchpoint(r->c, v->text) == NULL) {
        for (uint32_t i = 0; i < r->c->touchpoint_n; i++)
            cat_list(listed, r->c->touchpoint[i].id);
        cat_wrong(r, v, "a scenario leads to touchpoints of this catalogue, and \"%.*s\" is none; \"touchpoints\" describes%s", (int)v->text.n, v->text.p,
                  listed[0] != 0 ? listed : " none");
    } else if (b >= 0 && !plans(&r->c->blueprint[b], v->text)) {
        for (uint32_t i = 0; i < r->c->blueprint[b].step_n; i++)
            cat_list(listed, r->c->blueprint[b].step[i].touchpoint);
        cat_wrong(r, v, "blueprint \"%.*s\" has no step \"%.*s\": the scenario could not be held against it; its steps are%s", (int)s->blueprint.n, s->blueprint.p, (int)v->text.n,
                  v->text.p, listed);
    }
}

static void
about_standard(struct reader *r, const struct tl_jv *o)
{
    struct tl_str id = tl_jv_text(o, "standard");
    if (id.p != NULL && tl_catalogue_standard(r->c, id) < 0)
        cat_unknown_standard(r, tl_jv_get(o, "standard"));
}

static void
about_items(struct reader *r, const struct tl_jv *step)
{
    const struct tl_jv *items = tl_jv_get(step, "items");

    for (const struct tl_jv *e = items != NULL && items->type == TL_JARRAY ? items->child : NULL; e != NULL; e = e->next) {
        about_standard(r, e);
        if (tl_jv_text(e, "id").p != NULL)
            cat_doubt_title(r, e, "item", tl_jv_text(e, "id"));
        if (tl_jv_text(e, "standard").p != NULL && tl_str_is(tl_jv_text(e, "kind"), "subjective"))
            cat_doubt(r, e, "item \"%.*s\" asks for an opinion, and \"standard\" would answer it by events", (int)tl_jv_text(e, "id").n, tl_jv_text(e, "id").p);
    }
}

static const struct tl_jv *
list_of(const struct tl_jv *o, const char *name)
{
    const struct tl_jv *v = tl_jv_get(o, name);
    return v != NULL && v->type == TL_JARRAY ? v->child : NULL;
}

void
cat_scenario_refs(struct reader *r, const struct tl_jv *o)
{
    struct tl_str id = tl_jv_text(o, "id");
    int i = tl_catalogue_scenario(r->c, id);

    if (i < 0)
        return;
    cat_doubt_title(r, o, "scenario", id);
    for (const struct tl_jv *e = list_of(o, "steps"); e != NULL; e = e->next) {
        about_touchpoint(r, e, &r->c->scenario[i]);
        about_items(r, e);
    }
    for (const struct tl_jv *e = list_of(o, "stamps"); e != NULL; e = e->next)
        about_touchpoint(r, e, &(struct tl_scenario){0});
    for (const struct tl_jv *e = list_of(o, "clocks"); e != NULL; e = e->next)
        about_standard(r, e);
    if (r->c->scenario[i].item_n == 0)
        cat_doubt(r, o, "scenario \"%.*s\" asks nothing: its visits will have no score (\"items\" of its steps)", (int)id.n, id.p);
}
