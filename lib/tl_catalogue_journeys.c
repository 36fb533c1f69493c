/* tl_catalogue_journeys.c - the sections journey_types, roles and promote of a catalogue. */
#include "tl_catalogue_in.h"

static int
get_gap(struct reader *r, const struct tl_jv *o, int64_t *gap_ms)
{
    const struct tl_jv *v = tl_jv_get(o, "gap_d");

    if (v == NULL)
        return 0;
    if (v->type != TL_JNUMBER || !(v->number > 0 && v->number <= 3650))
        return cat_wrong(r, v, "\"gap_d\" is a number of days above 0, at most 3650");
    *gap_ms = (int64_t)(v->number * 86400000.0);
    return 0;
}

static void
get_outcome(struct reader *r, const struct tl_jv *o, const char *name, struct tl_str *out)
{
    char listed[CAT_LIST_BYTES] = "";

    cat_text(r, o, name, false, out);
    if (out->p == NULL || tl_catalogue_outcome(r->c, *out) >= 0)
        return;
    for (uint32_t i = 0; i < r->c->outcome_n; i++)
        cat_list(listed, r->c->outcome[i].id);
    cat_wrong(r, tl_jv_get(o, name), "\"%s\": there is no outcome \"%.*s\"; \"outcomes\" describes%s", name, (int)out->n, out->p, listed[0] != 0 ? listed : " none");
}

/* `all` is there from the start: a file may give it a title, a gap and markers, no key. */
int
cat_type(struct reader *r, const struct tl_jv *o)
{
    struct tl_str id = {0};

    cat_members(r, o, "id title key gap_d start good bad required damage moments strata blueprint suggestion");
    if (cat_text(r, o, "id", true, &id) != 0)
        return TL_ECONFIG;
    bool all = tl_str_is(id, "all");
    if (!all && tl_catalogue_type(r->c, id) >= 0)
        return cat_wrong(r, o, "journey type \"%.*s\" is described twice", (int)id.n, id.p);
    if (!all && r->c->type_n == TL_TYPES_MAX)
        return cat_wrong(r, o, "more than %d journey types, `all` included", TL_TYPES_MAX);
    if (all && r->all_given)
        return cat_wrong(r, o, "journey type \"all\" is described twice");
    r->all_given = r->all_given || all;
    if (all && (tl_jv_get(o, "key") != NULL || tl_jv_get(o, "start") != NULL))
        cat_wrong(r, o, "`all` takes every event: it has no key and no start marker");
    struct tl_journey_type *t = all ? &r->c->type[0] : &r->c->type[r->c->type_n++];
    t->id = id;
    t->gap_ms = TL_GAP_DEFAULT_MS;
    cat_title(r, o, "title", &t->title);
    cat_key(r, o, &t->key);
    get_gap(r, o, &t->gap_ms);
    cat_texts(r, o, "start", &t->start, &t->start_n);
    cat_texts(r, o, "good", &t->good, &t->good_n);
    cat_texts(r, o, "bad", &t->bad, &t->bad_n);
    cat_texts(r, o, "required", &t->required, &t->required_n);
    cat_texts(r, o, "strata", &t->strata, &t->strata_n);
    cat_text(r, o, "blueprint", false, &t->blueprint);
    if (t->required_n > TL_REQUIRED_MAX)
        cat_wrong(r, o, "more than %d required steps", TL_REQUIRED_MAX);
    get_outcome(r, o, "damage", &t->damage);
    get_outcome(r, o, "moments", &t->moments);
    return 0;
}

int
cat_role_of(struct reader *r, const struct tl_jv *m)
{
    struct tl_role_of *role = &r->c->role[r->c->role_n++];

    role->type = m->name;
    return cat_role(r, m, &role->role);
}

int
cat_promote(struct reader *r, const struct tl_jv *v)
{
    if (v->type != TL_JTEXT || v->text.n <= 6 || v->text.n > 120 || memcmp(v->text.p, "props.", 6) != 0)
        return cat_wrong(r, v, "a promoted property is a text \"props.PATH\"");
    if (r->c->promote_n == TL_PROMOTE_MAX)
        return cat_wrong(r, v, "more than %d promoted properties", TL_PROMOTE_MAX);
    r->c->promote[r->c->promote_n++] = v->text;
    return 0;
}
