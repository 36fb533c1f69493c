/* tl_visit_merge.c - a visit's record grows part by part: see tl_visit.h.
 *
 * The members of the record before stand first, in their order, then new ones. A list is the rows before, each in its place or replaced by the new one of
 * its key, then the new rows. So a part that comes twice leaves the same bytes, and parts of different lists may come in any order. */
#include "tl_visit.h"

struct list { const char *name, *key[2]; uint32_t most; };
static const struct list lists[] = {
    { "hashes", { NULL, NULL }, TL_VISIT_IDENTITIES_MAX }, { "orders", { NULL, NULL }, TL_VISIT_ORDERS_MAX },
    { "stamps", { "what", "touchpoint" }, TL_VISIT_STAMPS_MAX }, { "answers", { "item", NULL }, TL_VISIT_ANSWERS_MAX },
    { "evidence", { "name", NULL }, TL_VISIT_EVIDENCE_MAX },
};

static const struct list *
list_named(struct tl_str name)
{
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (tl_str_is(name, lists[i].name))
            return &lists[i];
    return NULL;
}

/* rows without a key are texts, and those are their own */
static bool
same_row(const struct list *l, const struct tl_jv *a, const struct tl_jv *b)
{
    if (l->key[0] == NULL)
        return tl_str_eq(a->text, b->text);
    for (int i = 0; i < 2 && l->key[i] != NULL; i++)
        if (!tl_str_eq(tl_jv_text(a, l->key[i]), tl_jv_text(b, l->key[i])))
            return false;
    return true;
}

/* the last row of the list that is the same as e, or NULL */
static const struct tl_jv *
last_like(const struct list *l, const struct tl_jv *list, const struct tl_jv *e)
{
    const struct tl_jv *found = NULL;

    for (const struct tl_jv *r = list != NULL ? list->child : NULL; r != NULL; r = r->next)
        if (same_row(l, r, e))
            found = r;
    return found;
}

static bool
is_first(const struct list *l, const struct tl_jv *list, const struct tl_jv *e)
{
    for (const struct tl_jv *r = list->child; r != e; r = r->next)
        if (same_row(l, r, e))
            return false;
    return true;
}

struct merging { struct tl_jw w; const struct tl_jv *before, *added; uint32_t left_out; };

static void
put_list(struct merging *m, const struct list *l)
{
    const struct tl_jv *old = tl_jv_get(m->before, l->name), *new = tl_jv_get(m->added, l->name);
    uint32_t n = 0, surplus = 0;

    tl_jw_array(&m->w, NULL);
    for (const struct tl_jv *r = old != NULL ? old->child : NULL; r != NULL; r = r->next, n++) {
        const struct tl_jv *instead = last_like(l, new, r);
        tl_jw_raw(&m->w, NULL, instead != NULL ? instead->raw : r->raw);
    }
    for (const struct tl_jv *r = new != NULL ? new->child : NULL; r != NULL; r = r->next) {
        if (last_like(l, old, r) != NULL || !is_first(l, new, r))
            continue;
        if (n++ < l->most)
            tl_jw_raw(&m->w, NULL, last_like(l, new, r)->raw);
        else
            surplus++;
    }
    tl_jw_end(&m->w);
    m->left_out = surplus > m->left_out ? surplus : m->left_out;        /* the same part twice is the same surplus */
}

static int
rank(struct tl_str state)
{
    return tl_str_is(state, "planned") ? 0 : tl_str_is(state, "started") ? 1 : 2;
}

static void
put_member(struct merging *m, const struct tl_jv *v)
{
    const struct list *l = list_named(v->name);
    const struct tl_jv *old = NULL, *new = NULL;
    char name[64];

    if (v->name.n >= sizeof name || tl_str_is(v->name, "merge") || tl_str_is(v->name, "left_out"))
        return;
    memcpy(name, v->name.p, v->name.n);
    name[v->name.n] = '\0';
    old = tl_jv_get(m->before, name);
    new = tl_jv_get(m->added, name);
    tl_jw_name(&m->w, v->name);
    if (l != NULL)
        put_list(m, l);
    else if (old != NULL && new != NULL && tl_str_is(v->name, "state") && rank(old->text) > rank(new->text))
        tl_jw_raw(&m->w, NULL, old->raw);
    else
        tl_jw_raw(&m->w, NULL, new != NULL ? new->raw : old->raw);
}

int
tl_visit_merge(struct tl_arena *a, struct tl_str before, struct tl_str added, struct tl_buf *out)
{
    struct tl_jv *old = NULL, *new = NULL;
    int rc = before.n > 0 ? tl_json_tree(a, before, 0, &old, NULL, NULL) : 0;

    if (rc == 0)
        rc = tl_json_tree(a, added, 0, &new, NULL, NULL);
    if (rc == 0 && (new->type != TL_JOBJECT || (old != NULL && old->type != TL_JOBJECT)))
        rc = TL_EINVAL;
    if (rc != 0)
        return rc;
    struct merging m = { .w = tl_jw_to(out), .before = old, .added = new, .left_out = (uint32_t)tl_jv_int(old, "left_out", 0) };
    tl_jw_open(&m.w, NULL);
    for (const struct tl_jv *v = old != NULL ? old->child : NULL; v != NULL; v = v->next)
        put_member(&m, v);
    for (const struct tl_jv *v = new->child; v != NULL; v = v->next) {
        bool there = false;
        for (const struct tl_jv *o = old != NULL ? old->child : NULL; o != NULL && !there; o = o->next)
            there = tl_str_eq(o->name, v->name);
        if (!there)
            put_member(&m, v);
    }
    if (m.left_out > 0)
        tl_jw_uint(&m.w, "left_out", m.left_out);
    tl_jw_close(&m.w);
    return out->failed ? TL_ENOMEM : 0;
}

int
tl_visit_renew(struct tl_arena *a, struct tl_str before, struct tl_str renewed, struct tl_buf *out)
{
    static const char *const stays[] = { "stamps", "answers", "evidence", "link" };
    struct tl_jv *old = NULL, *new = NULL;
    int rc = before.n > 0 ? tl_json_tree(a, before, 0, &old, NULL, NULL) : 0;

    if (rc == 0)
        rc = tl_json_tree(a, renewed, 0, &new, NULL, NULL);
    if (rc == 0 && new->type != TL_JOBJECT)
        rc = TL_EINVAL;
    if (rc != 0)
        return rc;
    struct tl_jw w = tl_jw_to(out);
    tl_jw_open(&w, NULL);
    for (const struct tl_jv *v = new->child; v != NULL; v = v->next) {
        tl_jw_name(&w, v->name);
        tl_jw_raw(&w, NULL, v->raw);
    }
    for (size_t i = 0; i < sizeof stays / sizeof *stays; i++) {
        const struct tl_jv *v = tl_jv_get(new, stays[i]) == NULL ? tl_jv_get(old, stays[i]) : NULL;
        if (v != NULL)
            tl_jw_raw(&w, stays[i], v->raw);
    }
    tl_jw_close(&w);
    return out->failed ? TL_ENOMEM : 0;
}
