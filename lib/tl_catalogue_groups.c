/* tl_catalogue_groups.c - the sections tiers, segments and dayparts of a catalogue, and what belongs to which. */
#include "tl_catalogue_in.h"

#define SEGMENT_FIELDS "tier channel place origin props.PATH"

/* ---- tiers ---- */

int
cat_tier(struct reader *r, const struct tl_jv *o)
{
    struct tl_tier *t = &r->c->tier[r->c->tier_n];
    double rank = r->c->tier_n + 1;

    if (r->c->tier_n == TL_TIERS_MAX)
        return cat_wrong(r, o, "more than %d tiers", TL_TIERS_MAX);
    if (cat_members(r, o, "id title rank vip") != 0 && o->type != TL_JOBJECT)
        return TL_ECONFIG;
    cat_text(r, o, "id", true, &t->id);
    if (t->id.p != NULL && tl_catalogue_tier(r->c, t->id) >= 0)
        cat_wrong(r, o, "tier \"%.*s\" is described twice", (int)t->id.n, t->id.p);
    cat_title(r, o, "title", &t->title);
    cat_number(r, o, "rank", "rank (1 is the highest tier)", 1, 100, &rank);
    t->rank = (uint32_t)rank;
    if (rank != t->rank)
        cat_wrong(r, tl_jv_get(o, "rank"), "\"rank\" is a whole number: 1 for the highest tier, then 2, 3 ...");
    for (uint32_t i = 0; i < r->c->tier_n; i++)
        if (r->c->tier[i].rank == t->rank)
            cat_wrong(r, o, "tiers \"%.*s\" and \"%.*s\" both have rank %u; each needs its own, 1 is the highest", (int)r->c->tier[i].id.n, r->c->tier[i].id.p, (int)t->id.n,
                      t->id.p, t->rank);
    cat_bool(r, o, "vip", &t->vip);
    r->c->tier_n++;
    return 0;
}

int
tl_catalogue_tier(const struct tl_catalogue *c, struct tl_str id)
{
    for (uint32_t i = 0; i < c->tier_n; i++)
        if (tl_str_eq(c->tier[i].id, id))
            return (int)i;
    return -1;
}

/* ---- segments ---- */

static void
get_conditions(struct reader *r, const struct tl_jv *v, struct tl_conditions *out)
{
    if (v->type != TL_JOBJECT || v->children_n == 0 || v->children_n > TL_CONDITIONS_MAX) {
        cat_wrong(r, v, "\"when\" is an object with at least one condition on the start of a journey (" SEGMENT_FIELDS "), at most %d, or a list of such objects", TL_CONDITIONS_MAX);
        return;
    }
    if ((out->match = cat_room(r, v->children_n, sizeof *out->match)) == NULL)
        return;
    for (const struct tl_jv *m = v->child; m != NULL; m = m->next)
        cat_condition(r, m, SEGMENT_FIELDS, &out->match[out->match_n++]);
}

static void
get_when(struct reader *r, const struct tl_jv *o, struct tl_segment *s)
{
    const struct tl_jv *v = tl_jv_get(o, "when");
    bool list = v != NULL && v->type == TL_JARRAY;

    if (v == NULL || (list && v->children_n == 0)) {
        cat_wrong(r, v != NULL ? v : o, "\"when\" is missing: conditions on the start of a journey (" SEGMENT_FIELDS ")");
        return;
    }
    if ((s->when = cat_room(r, list ? v->children_n : 1, sizeof *s->when)) == NULL)
        return;
    for (const struct tl_jv *e = list ? v->child : v; e != NULL; e = list ? e->next : NULL)
        get_conditions(r, e, &s->when[s->when_n++]);
}

int
cat_segment(struct reader *r, const struct tl_jv *o)
{
    struct tl_segment *s = &r->c->segment[r->c->segment_n];

    if (r->c->segment_n == TL_SEGMENTS_MAX)
        return cat_wrong(r, o, "more than %d segments", TL_SEGMENTS_MAX);
    if (cat_members(r, o, "id title when") != 0 && o->type != TL_JOBJECT)
        return TL_ECONFIG;
    cat_text(r, o, "id", true, &s->id);
    if (s->id.p != NULL && tl_catalogue_segment(r->c, s->id) >= 0)
        cat_wrong(r, o, "segment \"%.*s\" is described twice", (int)s->id.n, s->id.p);
    cat_title(r, o, "title", &s->title);
    get_when(r, o, s);
    r->c->segment_n++;
    return 0;
}

int
tl_catalogue_segment(const struct tl_catalogue *c, struct tl_str id)
{
    for (uint32_t i = 0; i < c->segment_n; i++)
        if (tl_str_eq(c->segment[i].id, id))
            return (int)i;
    return -1;
}

bool
tl_segment_holds(const struct tl_segment *s, tl_segment_get get, void *arg)
{
    for (uint32_t i = 0; i < s->when_n; i++) {
        const struct tl_conditions *w = &s->when[i];
        uint32_t k = 0;
        while (k < w->match_n && tl_match_holds(&w->match[k], get(arg, w->match[k].field)))
            k++;
        if (k == w->match_n)
            return true;
    }
    return false;
}

/* ---- dayparts ---- */

/* "11:30" -> 690; -1 when it is no time of day. 24:00 is the end of the day. */
static int32_t
minute_of(struct tl_str t)
{
    if (t.n != 5 || t.p[2] != ':')
        return -1;
    for (size_t i = 0; i < 5; i++)
        if (i != 2 && (t.p[i] < '0' || t.p[i] > '9'))
            return -1;
    int32_t minute = ((t.p[0] - '0') * 10 + t.p[1] - '0') * 60 + (t.p[3] - '0') * 10 + t.p[4] - '0';
    return t.p[3] > '5' || minute > TL_DAY_MIN ? -1 : minute;
}

int
cat_time(struct reader *r, const struct tl_jv *o, const char *name, int32_t *out)
{
    const struct tl_jv *v = tl_jv_get(o, name);
    int32_t minute = v != NULL && v->type == TL_JTEXT ? minute_of(v->text) : -1;

    *out = minute;
    if (v == NULL)
        cat_wrong(r, o, "\"%s\" is missing: a time of day like \"11:30\"", name);
    else if (minute < 0)
        cat_wrong(r, v, "\"%s\" is a time of day from \"00:00\" to \"24:00\", like \"11:30\"", name);
    return minute < 0 ? TL_ECONFIG : 0;
}

static bool
lies_in(const struct tl_daypart *d, int32_t minute)
{
    if (d->from_min < d->to_min)
        return minute >= d->from_min && minute < d->to_min;
    return minute >= d->from_min || minute < d->to_min;
}

static void
check_times(struct reader *r, const struct tl_jv *o, struct tl_daypart *d)
{
    if (d->from_min < 0 || d->to_min < 0)
        return;
    if (d->from_min == d->to_min || d->from_min == TL_DAY_MIN) {
        cat_wrong(r, o, "daypart \"%.*s\" has no length; \"to\" is the minute after its last one", (int)d->id.n, d->id.p);
        return;
    }
    for (uint32_t i = 0; i < r->c->daypart_n; i++) {
        const struct tl_daypart *e = &r->c->daypart[i];
        if (e->from_min >= 0 && e->to_min >= 0 && (lies_in(e, d->from_min) || lies_in(d, e->from_min)))
            cat_wrong(r, o, "dayparts \"%.*s\" and \"%.*s\" overlap; each minute of the day belongs to one daypart at most (\"to\" itself is no longer in it)", (int)e->id.n, e->id.p,
                      (int)d->id.n, d->id.p);
    }
}

int
cat_daypart(struct reader *r, const struct tl_jv *o)
{
    struct tl_daypart *d = &r->c->daypart[r->c->daypart_n];

    if (r->c->daypart_n == TL_DAYPARTS_MAX)
        return cat_wrong(r, o, "more than %d dayparts", TL_DAYPARTS_MAX);
    if (cat_members(r, o, "id title from to") != 0 && o->type != TL_JOBJECT)
        return TL_ECONFIG;
    cat_text(r, o, "id", true, &d->id);
    for (uint32_t i = 0; d->id.p != NULL && i < r->c->daypart_n; i++)
        if (tl_str_eq(r->c->daypart[i].id, d->id))
            cat_wrong(r, o, "daypart \"%.*s\" is described twice", (int)d->id.n, d->id.p);
    cat_title(r, o, "title", &d->title);
    cat_time(r, o, "from", &d->from_min);
    cat_time(r, o, "to", &d->to_min);
    check_times(r, o, d);
    r->c->daypart_n++;
    return 0;
}

int
tl_catalogue_daypart(const struct tl_catalogue *c, int32_t minute)
{
    for (uint32_t i = 0; i < c->daypart_n; i++)
        if (lies_in(&c->daypart[i], minute))
            return (int)i;
    return -1;
}
