/* tl_catalogue_read.c - the JSON files of DATA/catalogue into struct tl_catalogue, explaining every mistake with file, line and what is allowed.
 *
 * Files are read in name order into one arena together with their trees; tables are then counted, allocated once and filled in the order of the
 * sections: stage models first, since touchpoints name them. */
#include "tl_catalogue_in.h"

#define ARENA_BYTES (256u << 20)

/* The sections in the order they are read; names as in the files. */
static const struct section {
    const char *name;
    enum tl_jtype type;
    int (*read)(struct reader *r, const struct tl_jv *v);
} sections[] = {
    { "stage_models", TL_JARRAY, cat_model },  { "touchpoints", TL_JARRAY, cat_touchpoint }, { "outcomes", TL_JARRAY, cat_outcome },
    { "journey_types", TL_JARRAY, cat_type },  { "roles", TL_JOBJECT, cat_role_of },            { "promote", TL_JARRAY, cat_promote },
    { "clocks", TL_JARRAY, cat_clock },         { "checks", TL_JARRAY, cat_check },
};
enum { SECTIONS = sizeof sections / sizeof *sections, SECTION_TOUCHPOINTS = 1, SECTION_ROLES = 4, SECTION_PROMOTE = 5 };

static int
read_section(struct reader *r, const struct section *s)
{
    int rc = 0;

    for (uint32_t i = 0; rc == 0 && i < r->file_n; i++) {
        r->now = &r->file[i];
        const struct tl_jv *v = tl_jv_get(r->now->root, s->name);
        if (v == NULL)
            continue;
        if (v->type != s->type)
            return cat_wrong(r, v, "\"%s\" must be %s", s->name, s->type == TL_JARRAY ? "an array" : "an object");
        for (const struct tl_jv *e = v->child; rc == 0 && e != NULL; e = e->next)
            rc = s->read(r, e);
    }
    return rc;
}

/* a list of rules, or one; 0 where there is none */
static uint32_t
rules_in(const struct tl_jv *touchpoints)
{
    uint32_t n = 0;

    for (const struct tl_jv *t = touchpoints != NULL ? touchpoints->child : NULL; t != NULL; t = t->next) {
        const struct tl_jv *m = tl_jv_get(t, "match");
        n += m != NULL && m->type == TL_JARRAY ? m->children_n : m != NULL;
    }
    return n;
}

static int
allocate(struct reader *r)
{
    uint32_t n[SECTIONS] = {0}, rules = 0;
    struct tl_catalogue *c = r->c;

    for (uint32_t i = 0; i < r->file_n; i++) {
        rules += rules_in(tl_jv_get(r->file[i].root, "touchpoints"));
        for (int s = 0; s < SECTIONS; s++) {
            const struct tl_jv *v = tl_jv_get(r->file[i].root, sections[s].name);
            n[s] += v != NULL ? v->children_n : 0;
        }
    }
    c->touchpoint = tl_arena_alloc(c->arena, (n[SECTION_TOUCHPOINTS] + 1) * sizeof *c->touchpoint);
    c->rule = tl_arena_alloc(c->arena, (rules + 1) * sizeof *c->rule);
    c->role = tl_arena_alloc(c->arena, (n[SECTION_ROLES] + 1) * sizeof *c->role);
    c->promote = tl_arena_alloc(c->arena, (n[SECTION_PROMOTE] + 1) * sizeof *c->promote);
    if (c->touchpoint == NULL || c->rule == NULL || c->role == NULL || c->promote == NULL)
        return tl_fail(r->err, TL_ENOMEM, "the catalogue is too large");
    c->type[0] = (struct tl_journey_type){ .id = TL_STR("all"), .title = { TL_STR("全部"), TL_STR("All") }, .gap_ms = TL_GAP_DEFAULT_MS };
    c->type_n = 1;
    return 0;
}

int
tl_catalogue_load(const char *dir, struct tl_catalogue **out, struct tl_err *err)
{
    struct tl_arena *arena = tl_arena_new(ARENA_BYTES);
    struct tl_catalogue *c = arena != NULL ? tl_arena_alloc(arena, sizeof *c) : NULL;
    struct reader r = { .c = c, .err = err };
    int rc = 0;

    if (c != NULL)
        c->arena = arena;
    r.file = c != NULL ? tl_arena_alloc(arena, (CAT_FILES_MAX + 1) * sizeof *r.file) : NULL;
    if (r.file == NULL) {
        tl_arena_free(&arena);
        return tl_fail(err, TL_ENOMEM, "no memory for the catalogue");
    }
    rc = cat_files(&r, dir);
    if (rc == 0)
        rc = allocate(&r);
    for (int s = 0; rc == 0 && s < SECTIONS; s++)
        rc = read_section(&r, &sections[s]);
    if (rc == 0)
        rc = tl_catalogue_index_make(c);
    if (rc == 0)
        rc = tl_catalogue_hash(c);
    if (rc != 0) {
        tl_arena_free(&arena);
        return rc;
    }
    *out = c;
    return 0;
}

void
tl_catalogue_free(struct tl_catalogue **cp)
{
    if (cp == NULL || *cp == NULL)
        return;
    struct tl_arena *arena = (*cp)->arena;
    *cp = NULL;
    tl_arena_free(&arena);
}
