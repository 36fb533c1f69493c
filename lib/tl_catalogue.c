/* tl_catalogue.c - look-ups in the catalogue: by id, by event, by role. Reading the files: tl_catalogue_read.c.
 *
 * One open-addressing table of names each for touchpoint ids, roles and the exact event types that rules ask for; rules on one exact
 * type hang in a chain behind that type, all others are tried for every event. */
#include "tl_catalogue.h"

#include <stdlib.h>

#include "tl_hash.h"
#include "tl_json.h"

struct names { struct tl_str *name; uint32_t *value; uint32_t mask; };
struct tl_catalogue_index {
    struct names touchpoint, role, type;
    uint32_t *next;              /* by rule: the next with the same exact type, plus 1 */
    uint32_t *any;               /* rules that name no exact type */
    uint32_t any_n;
};

/* What the event vocabulary says of roles where the catalogue says nothing. */
static const struct { const char *type; enum tl_role role; } known_roles[] = {
    { "identity.link", TL_ROLE_SILENT }, { "identify", TL_ROLE_SILENT }, { "alias", TL_ROLE_SILENT }, { "group", TL_ROLE_SILENT },
    { "consent.grant", TL_ROLE_SILENT }, { "consent.revoke", TL_ROLE_SILENT }, { "agent.state", TL_ROLE_SILENT },
    { "survey.sent", TL_ROLE_SIGNAL }, { "survey.response", TL_ROLE_SIGNAL }, { "standard.check", TL_ROLE_SIGNAL }, { "promise.made", TL_ROLE_SIGNAL },
    { "promise.updated", TL_ROLE_SIGNAL }, { "promise.kept", TL_ROLE_SIGNAL }, { "order.note", TL_ROLE_SIGNAL },
    { "order.note_confirmed", TL_ROLE_SIGNAL }, { "order.note_executed", TL_ROLE_SIGNAL },
};

static uint32_t
name_slot(const struct names *m, struct tl_str name)
{
    uint64_t h = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < name.n; i++)
        h = (h ^ (uint8_t)name.p[i]) * UINT64_C(1099511628211);
    return (uint32_t)tl_mix64(h) & m->mask;
}

static int
names_make(struct tl_arena *a, struct names *m, uint32_t n)
{
    uint32_t cap = 16;

    while (cap < 2 * n)
        cap *= 2;
    m->mask = cap - 1;
    m->name = tl_arena_alloc(a, cap * sizeof *m->name);
    m->value = tl_arena_alloc(a, cap * sizeof *m->value);
    return m->name == NULL || m->value == NULL ? TL_ENOMEM : 0;
}

/* The place of a name: where it stands, or where it would. */
static uint32_t
names_at(const struct names *m, struct tl_str name)
{
    uint32_t i = name_slot(m, name);

    while (m->value[i] != 0 && !tl_str_eq(m->name[i], name))
        i = (i + 1) & m->mask;
    return i;
}

/* index + 1, or 0 */
static uint32_t
names_get(const struct names *m, struct tl_str name)
{
    return name.p != NULL ? m->value[names_at(m, name)] : 0;
}

static void
names_put(struct names *m, struct tl_str name, uint32_t index)
{
    uint32_t i = names_at(m, name);

    m->name[i] = name;
    m->value[i] = index + 1;
}

static struct tl_str
exact_type(const struct tl_rule *rule)
{
    for (uint32_t i = 0; i < rule->match_n; i++)
        if (!rule->match[i].prefix && tl_str_is(rule->match[i].field, "type"))
            return rule->match[i].value;
    return (struct tl_str){0};
}

int
tl_catalogue_index_make(struct tl_catalogue *c)
{
    struct tl_catalogue_index *x = tl_arena_alloc(c->arena, sizeof *x);

    if (x == NULL || names_make(c->arena, &x->touchpoint, c->touchpoint_n) != 0 || names_make(c->arena, &x->role, c->role_n) != 0 ||
        names_make(c->arena, &x->type, c->rule_n) != 0)
        return TL_ENOMEM;
    x->next = tl_arena_alloc(c->arena, (c->rule_n + 1) * sizeof *x->next);
    x->any = tl_arena_alloc(c->arena, (c->rule_n + 1) * sizeof *x->any);
    if (x->next == NULL || x->any == NULL)
        return TL_ENOMEM;
    for (uint32_t i = 0; i < c->role_n; i++)
        names_put(&x->role, c->role[i].type, i);
    for (uint32_t i = 0; i < c->touchpoint_n; i++)
        names_put(&x->touchpoint, c->touchpoint[i].id, i);
    for (uint32_t i = c->rule_n; i-- > 0;) {            /* from the end, so that chains run in file order */
        struct tl_str type = exact_type(&c->rule[i]);
        if (type.p != NULL) {
            x->next[i] = names_get(&x->type, type);
            names_put(&x->type, type, i);
        }
    }
    for (uint32_t i = 0; i < c->rule_n; i++)
        if (exact_type(&c->rule[i]).p == NULL)
            x->any[x->any_n++] = i;
    c->index = x;
    return 0;
}

struct tl_str
tl_props_get(struct tl_props *p, const struct tl_event *ev, struct tl_str path)
{
    static const struct tl_str none;

    if (!(ev->has & TL_HAS(props)) || p == NULL)
        return none;
    if (!p->tried) {
        struct tl_jv *root = NULL;
        p->tried = true;
        if (tl_json_tree(p->arena, ev->props_, 0, &root, NULL, NULL) == 0)
            p->root = root;
    }
    const struct tl_jv *v = p->root;
    if (path.n > 6 && memcmp(path.p, "props.", 6) == 0)
        path = (struct tl_str){ path.p + 6, path.n - 6 };
    while (v != NULL && path.n > 0) {
        const char *dot = memchr(path.p, '.', path.n);
        struct tl_str head = { path.p, dot != NULL ? (size_t)(dot - path.p) : path.n };
        const struct tl_jv *child = v->type == TL_JOBJECT ? v->child : NULL;
        while (child != NULL && !tl_str_eq(child->name, head))
            child = child->next;
        v = child;
        path = dot != NULL ? (struct tl_str){ dot + 1, path.n - head.n - 1 } : (struct tl_str){ path.p, 0 };
    }
    if (v == NULL || v->type == TL_JOBJECT || v->type == TL_JARRAY || v->type == TL_JNULL)
        return none;
    return v->type == TL_JTEXT ? v->text : v->raw;
}

static struct tl_str
field_of(const struct tl_match *m, const struct tl_event *ev, const struct tl_touchpoint *tp, struct tl_props *props)
{
    if (tl_str_is(m->field, "type"))
        return ev->has & TL_HAS(type) ? ev->type_ : (struct tl_str){0};
    if (m->field.n > 6 && memcmp(m->field.p, "props.", 6) == 0)
        return tl_props_get(props, ev, m->field);
    if (tl_str_is(m->field, "origin") && (ev->has & TL_HAS(origin)))
        return ev->origin_;
    if (tl_str_is(m->field, "channel"))
        return ev->has & TL_HAS(channel) ? ev->channel_ : tp != NULL ? tp->channel : (struct tl_str){0};
    if (tl_str_is(m->field, "place") && (ev->has & TL_HAS(place)))
        return ev->place_;
    if (tl_str_is(m->field, "touchpoint"))
        return tp != NULL ? tp->id : ev->has & TL_HAS(touchpoint) ? ev->touchpoint_ : ev->has & TL_HAS(type) ? ev->type_ : (struct tl_str){0};
    if (tl_str_is(m->field, "tier") && (ev->has & TL_HAS(tier)))
        return ev->tier_;
    if (tl_str_is(m->field, "outcome") && (ev->has & TL_HAS(outcome)))
        return ev->outcome_;
    if (tl_str_is(m->field, "lifecycle") && (ev->has & TL_HAS(lifecycle)))
        return ev->lifecycle_;
    return tl_str_is(m->field, "actor") && (ev->has & TL_HAS(actor)) ? ev->actor_ : (struct tl_str){0};
}

static bool
score_holds(const struct tl_match *m, const struct tl_event *ev)
{
    struct tl_str kind = { m->field.p + 7, m->field.n - 7 };

    for (uint32_t i = 0; (ev->has & TL_HAS(scores)) && i < ev->scores_n; i++)
        if (tl_str_eq(ev->scores_[i].kind, kind))
            return ev->scores_[i].value >= m->min && ev->scores_[i].value <= m->max;
    return false;
}

static bool
in_range(const struct tl_match *m, struct tl_str v)
{
    char text[64], *end = NULL;

    if (v.n == 0 || v.n >= sizeof text)
        return false;
    memcpy(text, v.p, v.n);
    text[v.n] = 0;
    double number = strtod(text, &end);
    return *end == 0 && number >= m->min && number <= m->max;
}

bool
tl_match_holds(const struct tl_match *m, struct tl_str v)
{
    if (v.p == NULL)
        return false;
    if (m->range)
        return in_range(m, v);
    return m->prefix ? v.n >= m->value.n && memcmp(v.p, m->value.p, m->value.n) == 0 : tl_str_eq(v, m->value);
}

static bool
holds(const struct tl_match *m, const struct tl_event *ev, const struct tl_touchpoint *tp, struct tl_props *props)
{
    if (m->field.n > 7 && memcmp(m->field.p, "scores.", 7) == 0)
        return score_holds(m, ev);
    struct tl_str v = field_of(m, ev, tp, props);
    return tl_match_holds(m, v);
}

static bool
all_hold(const struct tl_rule *rule, const struct tl_event *ev, struct tl_props *props)
{
    for (uint32_t i = 0; i < rule->match_n; i++)
        if (!holds(&rule->match[i], ev, NULL, props))
            return false;
    return true;
}

uint32_t
tl_catalogue_picks(const struct tl_catalogue *c, const struct tl_event *ev, const struct tl_touchpoint *tp, struct tl_props *props)
{
    uint32_t bits = 0;

    for (uint32_t i = 0; i < c->pick_match_n; i++) {
        const struct tl_pick *p = &c->pick[i];
        uint32_t k = 0;
        if (p->type.p != NULL && !((ev->has & TL_HAS(type)) && tl_str_eq(p->type, ev->type_)))
            continue;
        while (k < p->match_n && holds(&p->match[k], ev, tp, props))
            k++;
        bits |= k == p->match_n ? UINT32_C(1) << i : 0;
    }
    return bits;
}

/* Most conditions win, ties by file order. */
static const struct tl_rule *
better(const struct tl_rule *best, const struct tl_rule *rule)
{
    if (best == NULL || rule->match_n > best->match_n)
        return rule;
    return rule->match_n == best->match_n && rule < best ? rule : best;
}

const struct tl_touchpoint *
tl_catalogue_match(const struct tl_catalogue *c, const struct tl_event *ev, struct tl_props *props)
{
    const struct tl_catalogue_index *x = c->index;
    const struct tl_rule *best = NULL;

    if (ev->has & TL_HAS(touchpoint))
        return tl_catalogue_touchpoint(c, ev->touchpoint_);
    if (c->touchpoint_n == 0)
        return NULL;
    if (ev->has & TL_HAS(type))
        for (uint32_t i = names_get(&x->type, ev->type_); i != 0; i = x->next[i - 1])
            if (all_hold(&c->rule[i - 1], ev, props))
                best = better(best, &c->rule[i - 1]);
    for (uint32_t i = 0; i < x->any_n; i++)
        if (all_hold(&c->rule[x->any[i]], ev, props))
            best = better(best, &c->rule[x->any[i]]);
    /* a type that is itself an entry's id needs no rule */
    if (best != NULL)
        return &c->touchpoint[best->touchpoint];
    return ev->has & TL_HAS(type) ? tl_catalogue_touchpoint(c, ev->type_) : NULL;
}

const struct tl_touchpoint *
tl_catalogue_touchpoint(const struct tl_catalogue *c, struct tl_str id)
{
    uint32_t i = names_get(&c->index->touchpoint, id);
    return i != 0 ? &c->touchpoint[i - 1] : NULL;
}

enum tl_role
tl_catalogue_role(const struct tl_catalogue *c, const struct tl_event *ev, const struct tl_touchpoint *tp)
{
    if (ev->has & TL_HAS(type)) {
        uint32_t i = names_get(&c->index->role, ev->type_);
        if (i != 0)
            return c->role[i - 1].role;
    }
    if (tp != NULL && tp->role_given)
        return tp->role;
    for (size_t i = 0; (ev->has & TL_HAS(type)) && i < sizeof known_roles / sizeof *known_roles; i++)
        if (tl_str_is(ev->type_, known_roles[i].type))
            return known_roles[i].role;
    return TL_ROLE_STEP;
}

int
tl_catalogue_type(const struct tl_catalogue *c, struct tl_str id)
{
    for (uint32_t i = 0; i < c->type_n; i++)
        if (tl_str_eq(c->type[i].id, id))
            return (int)i;
    return -1;
}

int
tl_catalogue_model(const struct tl_catalogue *c, struct tl_str id)
{
    for (uint32_t i = 0; i < c->model_n; i++)
        if (tl_str_eq(c->model[i].id, id))
            return (int)i;
    return -1;
}

int
tl_catalogue_standard(const struct tl_catalogue *c, struct tl_str id)
{
    for (uint32_t i = 0; i < c->standard_n; i++)
        if (tl_str_eq(c->standard[i].id, id))
            return (int)i;
    return -1;
}

int
tl_catalogue_outcome(const struct tl_catalogue *c, struct tl_str id)
{
    for (uint32_t i = 0; i < c->outcome_n; i++)
        if (tl_str_eq(c->outcome[i].id, id))
            return (int)i;
    return -1;
}
