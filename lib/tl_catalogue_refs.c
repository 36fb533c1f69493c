/* tl_catalogue_refs.c - what can only be said once all sections are read: names that name nothing (mistakes), and what is legal but may not be meant (doubts).
 *
 * Names of event types are never doubted: any sender may send any. */
#include "tl_catalogue_in.h"

/* ---- parts ---- */

void
cat_doubt_title(struct reader *r, const struct tl_jv *o, const char *what, struct tl_str id)
{
    struct tl_title t = {0};
    const struct tl_jv *v = tl_jv_get(o, "title");

    if (v != NULL && v->type == TL_JTEXT)
        return;
    t.zh = tl_jv_text(v, "zh");
    t.en = tl_jv_text(v, "en");
    if (t.zh.p == NULL && t.en.p == NULL)
        cat_doubt(r, o, "%s \"%.*s\" has no title; pages will show its id", what, (int)id.n, id.p);
    else if (t.zh.p == NULL || t.en.p == NULL)
        cat_doubt(r, o, "%s \"%.*s\" has no %s title; pages in that language will show the %s one", what, (int)id.n, id.p, t.zh.p == NULL ? "Chinese (\"zh\")" : "English (\"en\")",
                  t.zh.p == NULL ? "English" : "Chinese");
}

static void
doubt_owner(struct reader *r, const struct tl_jv *o, const char *what, struct tl_str id)
{
    if (tl_jv_get(o, "owner") == NULL)
        cat_doubt(r, o, "%s \"%.*s\" has no owner; nobody will be told when it breaks (\"owner\": a department)", what, (int)id.n, id.p);
}

/* member names a touchpoint, which may be one that events name and the catalogue does not */
static void
doubt_touchpoint(struct reader *r, const struct tl_jv *o, const char *member)
{
    struct tl_str id = tl_jv_text(o, member);

    if (id.p != NULL && r->c->touchpoint_n > 0 && tl_catalogue_touchpoint(r->c, id) == NULL)
        cat_doubt(r, tl_jv_get(o, member), "\"%s\" names \"%.*s\", which is no touchpoint of this catalogue", member, (int)id.n, id.p);
}

static void
check_tier(struct reader *r, const struct tl_jv *v)
{
    char listed[CAT_LIST_BYTES] = "";

    if (r->c->tier_n == 0 || tl_catalogue_tier(r->c, v->text) >= 0)
        return;
    for (uint32_t i = 0; i < r->c->tier_n; i++)
        cat_list(listed, r->c->tier[i].id);
    cat_wrong(r, v, "there is no tier \"%.*s\"; \"tiers\" describes%s", (int)v->text.n, v->text.p, listed);
}

static void
check_tiers(struct reader *r, const struct tl_jv *o, const char *member)
{
    const struct tl_jv *v = tl_jv_get(o, member);

    for (const struct tl_jv *e = v != NULL && v->type == TL_JARRAY ? v->child : NULL; e != NULL; e = e->next)
        if (e->type == TL_JTEXT)
            check_tier(r, e);
}

/* name is an attribute that journeys have at their start: those always there, and promoted properties */
static void
check_attribute(struct reader *r, const struct tl_jv *v, struct tl_str name, const char *who)
{
    bool known = cat_among(name, "tier channel place origin");

    for (uint32_t i = 0; !known && i < r->c->promote_n; i++)
        known = tl_str_eq(r->c->promote[i], name);
    if (!known)
        cat_wrong(r, v, "%s asks for \"%.*s\", which journeys do not keep; they keep tier channel place origin, and what \"promote\" lists (at most %d props.PATH)", who, (int)name.n, name.p,
                  TL_PROMOTE_MAX);
}

/* ---- sections, one element each ---- */

static void
about_touchpoint(struct reader *r, const struct tl_jv *o)
{
    struct tl_str id = tl_jv_text(o, "id");
    const struct tl_touchpoint *tp = id.p != NULL ? tl_catalogue_touchpoint(r->c, id) : NULL;

    if (tp == NULL)
        return;
    cat_doubt_title(r, o, "touchpoint", id);
    for (uint32_t m = 0; m < r->c->model_n && (!tp->role_given || tp->role == TL_ROLE_STEP); m++)
        if (tp->stage[m].p == NULL)
            cat_doubt(r, o, "touchpoint \"%.*s\" has no stage under model \"%.*s\"; the map shows it apart from the stages there", (int)id.n, id.p, (int)r->c->model[m].id.n,
                      r->c->model[m].id.p);
    if (tp->key && tp->owner.p == NULL)
        cat_doubt(r, o, "key touchpoint \"%.*s\" has no owner (\"owner\": a department)", (int)id.n, id.p);
}

static void
about_type(struct reader *r, const struct tl_jv *o)
{
    struct tl_str id = tl_jv_text(o, "id");
    const struct tl_jv *required = tl_jv_get(o, "required"), *strata = tl_jv_get(o, "strata");

    if (!tl_str_is(id, "all"))
        cat_doubt_title(r, o, "journey type", id);
    struct tl_str plan = tl_jv_text(o, "blueprint");
    if (plan.p != NULL && tl_catalogue_blueprint(r->c, plan) < 0)
        cat_wrong(r, tl_jv_get(o, "blueprint"), "\"blueprint\" names \"%.*s\", which is no blueprint of this catalogue", (int)plan.n, plan.p);
    else if (plan.p != NULL && r->c->blueprint[tl_catalogue_blueprint(r->c, plan)].type != tl_catalogue_type(r->c, id))
        cat_wrong(r, tl_jv_get(o, "blueprint"), "blueprint \"%.*s\" plans journeys of another type; its \"journey\" must be \"%.*s\"", (int)plan.n, plan.p, (int)id.n, id.p);
    for (const struct tl_jv *e = required != NULL && r->c->touchpoint_n > 0 ? required->child : NULL; e != NULL; e = e->next)
        if (e->type == TL_JTEXT && tl_catalogue_touchpoint(r->c, e->text) == NULL)
            cat_doubt(r, e, "\"required\" names \"%.*s\", which is no touchpoint of this catalogue: unless events name it, every journey will miss it", (int)e->text.n, e->text.p);
    for (const struct tl_jv *e = strata != NULL ? strata->child : NULL; e != NULL; e = e->next)
        if (e->type == TL_JTEXT && !cat_among(e->text, "prior_bad tenure daypart"))
            check_attribute(r, e, e->text, "\"strata\"");
}

static void
about_standard(struct reader *r, const struct tl_jv *o)
{
    struct tl_str id = tl_jv_text(o, "id");

    if (id.p == NULL)
        return;
    cat_doubt_title(r, o, "standard", id);
    doubt_owner(r, o, "standard", id);
    doubt_touchpoint(r, o, "on");
    check_tiers(r, o, "tiers");
    check_tiers(r, o, "except_tiers");
}

static void
about_outcome(struct reader *r, const struct tl_jv *o)
{
    struct tl_str against = tl_jv_text(o, "against");

    if (against.p != NULL && tl_catalogue_outcome(r->c, against) < 0)
        cat_wrong(r, tl_jv_get(o, "against"), "\"against\" names \"%.*s\", which is no outcome of this catalogue", (int)against.n, against.p);
    cat_doubt_title(r, o, "outcome", tl_jv_text(o, "id"));
    doubt_touchpoint(r, o, "after");
}

static void
about_conditions(struct reader *r, const struct tl_jv *when)
{
    for (const struct tl_jv *m = when->type == TL_JOBJECT ? when->child : NULL; m != NULL; m = m->next) {
        bool prefix = m->type == TL_JTEXT && m->text.n > 0 && m->text.p[m->text.n - 1] == '*';
        if (m->name.n > 6 && memcmp(m->name.p, "props.", 6) == 0)
            check_attribute(r, m, m->name, "a segment");
        else if (tl_str_is(m->name, "tier") && m->type == TL_JTEXT && !prefix)
            check_tier(r, m);
        else if (tl_str_is(m->name, "channel") && m->type == TL_JTEXT && !prefix && !cat_among(m->text, CAT_CHANNELS))
            cat_wrong(r, m, "\"%.*s\" is no channel; a channel is one of " CAT_CHANNELS, (int)m->text.n, m->text.p);
    }
}

static void
about_segment(struct reader *r, const struct tl_jv *o)
{
    const struct tl_jv *when = tl_jv_get(o, "when");

    cat_doubt_title(r, o, "segment", tl_jv_text(o, "id"));
    if (when != NULL && when->type == TL_JOBJECT)
        about_conditions(r, when);
    for (const struct tl_jv *e = when != NULL && when->type == TL_JARRAY ? when->child : NULL; e != NULL; e = e->next)
        about_conditions(r, e);
}

static void
about_tier(struct reader *r, const struct tl_jv *o)
{
    cat_doubt_title(r, o, "tier", tl_jv_text(o, "id"));
}

static void
about_daypart(struct reader *r, const struct tl_jv *o)
{
    cat_doubt_title(r, o, "daypart", tl_jv_text(o, "id"));
}

static void
about_promise(struct reader *r, const struct tl_jv *o)
{
    struct tl_str id = tl_jv_text(o, "id");

    cat_doubt_title(r, o, "promise", id);
    doubt_owner(r, o, "promise", id);
    doubt_touchpoint(r, o, "on");
}

static void
unknown_touchpoint(struct reader *r, const struct tl_jv *v)
{
    char listed[CAT_LIST_BYTES] = "";

    for (uint32_t i = 0; i < r->c->touchpoint_n; i++)
        cat_list(listed, r->c->touchpoint[i].id);
    cat_wrong(r, v, "a blueprint plans touchpoints of this catalogue, and \"%.*s\" is none; \"touchpoints\" describes%s", (int)v->text.n, v->text.p,
              listed[0] != 0 ? listed : " none");
}

void
cat_unknown_standard(struct reader *r, const struct tl_jv *v)
{
    char listed[CAT_LIST_BYTES] = "";

    for (uint32_t i = 0; i < r->c->standard_n; i++)
        cat_list(listed, r->c->standard[i].id);
    cat_wrong(r, v, "there is no clock, check or promise \"%.*s\"; there %s%s", (int)v->text.n, v->text.p, listed[0] != 0 ? "are" : "is", listed[0] != 0 ? listed : " none");
}

static void
about_step(struct reader *r, const struct tl_jv *o, const struct tl_blueprint *b)
{
    struct tl_str id = tl_jv_text(o, "touchpoint"), standard = tl_jv_text(o, "standard"), group = tl_jv_text(o, "one_of");
    const struct tl_touchpoint *tp = id.p != NULL ? tl_catalogue_touchpoint(r->c, id) : NULL;
    bool optional = tl_str_is(tl_jv_text(o, "need"), "optional");
    uint32_t alike = 0, other = 0;

    if (id.p != NULL && tp == NULL)
        unknown_touchpoint(r, tl_jv_get(o, "touchpoint"));
    if (tp != NULL && tp->role_given && tp->role != TL_ROLE_STEP && !optional)
        cat_wrong(r, o, "touchpoint \"%.*s\" is a %s, no step: no journey can ever reach it; make the step optional, or the touchpoint a step", (int)id.n, id.p,
                  tp->role == TL_ROLE_SIGNAL ? "signal" : "silent one");
    if (standard.p != NULL && tl_catalogue_standard(r->c, standard) < 0)
        cat_unknown_standard(r, tl_jv_get(o, "standard"));
    for (uint32_t i = 0; group.p != NULL && i < b->step_n; i++)
        if (tl_str_eq(b->step[i].group, group)) {
            alike++;
            other += b->step[i].required == optional;
        }
    if (alike == 1)
        cat_doubt(r, o, "\"one_of\" \"%.*s\" holds this step alone: there is no alternative to it", (int)group.n, group.p);
    if (other > 0 && optional)
        cat_wrong(r, o, "of the alternatives \"%.*s\" some are required and some optional; they are so as a group", (int)group.n, group.p);
}

static void
about_blueprint(struct reader *r, const struct tl_jv *o)
{
    struct tl_str id = tl_jv_text(o, "id");
    const struct tl_jv *steps = tl_jv_get(o, "steps");
    int b = id.p != NULL ? tl_catalogue_blueprint(r->c, id) : -1;

    cat_doubt_title(r, o, "blueprint", id);
    for (const struct tl_jv *e = b >= 0 && steps != NULL && steps->type == TL_JARRAY ? steps->child : NULL; e != NULL; e = e->next)
        about_step(r, e, &r->c->blueprint[b]);
}

/* ---- rules ---- */

/* could one value meet both? */
static bool
both_may_hold(const struct tl_match *a, const struct tl_match *b)
{
    const struct tl_match *p = a->prefix ? a : b, *q = a->prefix ? b : a;

    if (a->range || b->range)
        return a->range && b->range ? a->min <= b->max && b->min <= a->max : true;
    if (!p->prefix)
        return tl_str_eq(a->value, b->value);
    size_t n = q->prefix && q->value.n < p->value.n ? q->value.n : p->value.n;
    return q->value.n >= n && memcmp(p->value.p, q->value.p, n) == 0;
}

static bool
same_condition(const struct tl_match *a, const struct tl_match *b)
{
    if (a->range || b->range)
        return a->range && b->range && a->min <= b->min && a->min >= b->min && a->max <= b->max && a->max >= b->max;
    return a->prefix == b->prefix && tl_str_eq(a->value, b->value);
}

/* Of rules with equally many conditions: the same ones (2), such that one event may meet both (1), or neither. */
static int
alike(const struct tl_rule *a, const struct tl_rule *b)
{
    uint32_t same = 0;

    for (uint32_t i = 0; i < a->match_n; i++)
        for (uint32_t k = 0; k < b->match_n; k++) {
            if (!tl_str_eq(a->match[i].field, b->match[k].field))
                continue;
            if (!both_may_hold(&a->match[i], &b->match[k]))
                return 0;
            same += same_condition(&a->match[i], &b->match[k]);
        }
    return same == a->match_n ? 2 : 1;
}

static void
about_rules(struct reader *r)
{
    for (uint32_t i = 0; i < r->c->rule_n; i++)
        for (uint32_t k = 0; k < i; k++) {
            const struct tl_rule *a = &r->c->rule[k], *b = &r->c->rule[i];
            int how = a->match_n == b->match_n && a->touchpoint != b->touchpoint ? alike(a, b) : 0;
            struct tl_str other = r->c->touchpoint[a->touchpoint].id;
            if (how == 0)
                continue;
            r->now = r->rule_at[i].file;
            if (how == 2)
                cat_wrong(r, r->rule_at[i].v, "touchpoint \"%.*s\" (%s, line %u) has the same rule: two rules equally strong, this one can never win; add a condition to one of them",
                          (int)other.n, other.p, r->rule_at[k].file->name, r->rule_at[k].v->line);
            else
                cat_doubt(r, r->rule_at[i].v, "an event may meet this rule and one of touchpoint \"%.*s\" (%s, line %u); both have %u condition%s, so the one that comes first wins",
                          (int)other.n, other.p, r->rule_at[k].file->name, r->rule_at[k].v->line, a->match_n, a->match_n == 1 ? "" : "s");
        }
}

/* ---- all ---- */

void
cat_refs(struct reader *r)
{
    static const struct { const char *name; void (*about)(struct reader *r, const struct tl_jv *o); } sections[] = {
        { "touchpoints", about_touchpoint }, { "journey_types", about_type }, { "clocks", about_standard },   { "checks", about_standard },
        { "outcomes", about_outcome },       { "tiers", about_tier },         { "segments", about_segment },  { "dayparts", about_daypart },
        { "promises", about_promise },       { "blueprints", about_blueprint },     { "scenarios", cat_scenario_refs },
    };

    for (uint32_t i = 0; i < r->file_n; i++)
        for (size_t s = 0; s < sizeof sections / sizeof *sections; s++) {
            r->now = &r->file[i];
            const struct tl_jv *v = tl_jv_get(r->now->root, sections[s].name);
            for (const struct tl_jv *e = v != NULL && v->type == TL_JARRAY ? v->child : NULL; e != NULL; e = e->next)
                if (e->type == TL_JOBJECT && tl_jv_text(e, "id").p != NULL)
                    sections[s].about(r, e);
        }
    about_rules(r);
}
