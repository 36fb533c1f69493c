/* tl_catalogue_read.c - the JSON files of DATA/catalogue into struct tl_catalogue, explaining every mistake with file, line and what is allowed.
 *
 * Files are read in name order into one arena together with their trees; tables are then counted, allocated once and filled in the order of the
 * sections: stage models first, since touchpoints name them. What names something of a later section is looked up at the end. */
#include "tl_catalogue_in.h"

#include <stdio.h>
#include <stdlib.h>

#define ARENA_BYTES (256u << 20)

/* The sections in the order they are read; names as in the files. */
static const struct section {
    const char *name;
    enum tl_jtype type;
    int (*read)(struct reader *r, const struct tl_jv *v);
} sections[] = {
    { "stage_models", TL_JARRAY, cat_model }, { "touchpoints", TL_JARRAY, cat_touchpoint }, { "outcomes", TL_JARRAY, cat_outcome },
    { "journey_types", TL_JARRAY, cat_type }, { "roles", TL_JOBJECT, cat_role_of },         { "promote", TL_JARRAY, cat_promote },
    { "clocks", TL_JARRAY, cat_clock },       { "checks", TL_JARRAY, cat_check },           { "tiers", TL_JARRAY, cat_tier },
    { "segments", TL_JARRAY, cat_segment },   { "dayparts", TL_JARRAY, cat_daypart },       { "promises", TL_JARRAY, cat_promise },
    { "blueprints", TL_JARRAY, cat_blueprint },   { "alerts", TL_JARRAY, cat_alert },      { "scenarios", TL_JARRAY, cat_scenario },
};
enum { SECTIONS = sizeof sections / sizeof *sections, SECTION_TOUCHPOINTS = 1, SECTION_ROLES = 4 };

static void
read_section(struct reader *r, const struct section *s)
{
    for (uint32_t i = 0; i < r->file_n; i++) {
        r->now = &r->file[i];
        const struct tl_jv *v = tl_jv_get(r->now->root, s->name);
        if (v != NULL && v->type != s->type)
            cat_wrong(r, v, "\"%s\" must be %s", s->name, s->type == TL_JARRAY ? "an array" : "an object");
        for (const struct tl_jv *e = v != NULL && v->type == s->type ? v->child : NULL; e != NULL && !r->no_memory; e = e->next)
            s->read(r, e);
    }
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

static void
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
    c->touchpoint = cat_room(r, n[SECTION_TOUCHPOINTS], sizeof *c->touchpoint);
    c->rule = cat_room(r, rules, sizeof *c->rule);
    r->rule_at = cat_room(r, rules, sizeof *r->rule_at);
    c->role = cat_room(r, n[SECTION_ROLES], sizeof *c->role);
    if (rules > TL_RULES_MAX) {
        r->now = &r->file[0];
        cat_wrong(r, NULL, "the catalogue has %u rules that match events, at most %d are taken", rules, TL_RULES_MAX);
    }
    c->promote = cat_room(r, TL_PROMOTE_MAX, sizeof *c->promote);
    c->type[0] = (struct tl_journey_type){ .id = TL_STR("all"), .title = { TL_STR("全部"), TL_STR("All") }, .gap_ms = TL_GAP_DEFAULT_MS };
    c->type_n = 1;
}

/* where the text stops being JSON */
static void
not_json(struct reader *r, struct tl_str text, const struct tl_json_fault *fault, const struct tl_err *why)
{
    struct tl_jv at = { .line = 1 };
    const char *colon = strchr(why->text, ':');

    for (size_t i = 0; i < fault->offset && i < text.n; i++)
        at.line += text.p[i] == '\n';
    cat_wrong(r, &at, "%s", strncmp(why->text, "line ", 5) == 0 && colon != NULL ? colon + 2 : why->text);
}

/* a file's members: the sections, and what editors go by */
static void
check_sections(struct reader *r, const struct tl_jv *root)
{
    char words[400] = "$schema";
    size_t n = strlen(words);

    for (int s = 0; s < SECTIONS; s++)
        n += (size_t)snprintf(words + n, sizeof words - n, " %s", sections[s].name);
    tl_assert(n < sizeof words);
    cat_members(r, root, words);
}

static void
read_text(struct reader *r, const struct tl_catalogue_file *from)
{
    struct file *f = &r->file[r->file_n];
    struct tl_json_fault fault = {0};
    struct tl_err why = {0};
    char *copy = tl_arena_dup(r->c->arena, from->text.p != NULL ? from->text.p : "", from->text.n);
    struct tl_str text = { copy, from->text.n };

    snprintf(f->name, sizeof f->name, "%.*s", (int)from->name.n, from->name.p);
    r->now = f;
    if (copy == NULL)
        r->no_memory = true;
    else if (tl_json_tree(r->c->arena, text, 0, &f->root, &fault, &why) != 0)
        not_json(r, text, &fault, &why);
    else {
        r->file_n++;
        check_sections(r, f->root);
    }
}

static int
read_all(struct reader *r, const struct tl_catalogue_files *files, struct tl_err *err)
{
    for (uint32_t i = 0; !r->no_memory && i < files->n; i++)
        read_text(r, &files->file[i]);
    if (!r->no_memory)
        allocate(r);
    for (int s = 0; !r->no_memory && s < SECTIONS; s++) {
        if (s == SECTION_TOUCHPOINTS)
            cat_built_in(r);
        read_section(r, &sections[s]);
    }
    if (!r->no_memory && tl_catalogue_index_make(r->c) != 0)
        r->no_memory = true;
    if (!r->no_memory)
        cat_refs(r);
    if (!r->no_memory && tl_catalogue_hash(r->c) != 0)
        r->no_memory = true;
    return r->no_memory ? tl_fail(err, TL_ENOMEM, "out of memory for the catalogue: it is too large, or the machine has none left") : 0;
}

/* by file, line, and what came first */
static int
by_place(const void *x, const void *y)
{
    const struct tl_catalogue_note *a = x, *b = y;
    int c = strcmp(a->file, b->file);

    if (c == 0)
        c = (a->line > b->line) - (a->line < b->line);
    return c != 0 ? c : (a->at > b->at) - (a->at < b->at);
}

static struct tl_catalogue_notes *
notes_new(void)
{
    struct tl_arena *arena = tl_arena_new(ARENA_BYTES);
    struct tl_catalogue_notes *n = arena != NULL ? tl_arena_alloc(arena, sizeof *n) : NULL;

    if (n != NULL) {
        n->arena = arena;
        n->note = tl_arena_alloc(arena, TL_CATALOGUE_NOTES_MAX * sizeof *n->note);
    }
    if (n == NULL || n->note == NULL) {
        tl_arena_free(&arena);
        return NULL;
    }
    return n;
}

void
tl_catalogue_notes_free(struct tl_catalogue_notes **np)
{
    if (np == NULL || *np == NULL)
        return;
    struct tl_arena *arena = (*np)->arena;
    *np = NULL;
    tl_arena_free(&arena);
}

int
tl_catalogue_check_files(const struct tl_catalogue_files *files, struct tl_catalogue **out, struct tl_catalogue_notes **notes, struct tl_err *err)
{
    struct tl_arena *arena = tl_arena_new(ARENA_BYTES);
    struct tl_catalogue *c = arena != NULL ? tl_arena_alloc(arena, sizeof *c) : NULL;
    struct reader r = { .c = c, .notes = notes_new() };
    int rc = 0;

    *notes = r.notes;
    if (out != NULL)
        *out = NULL;
    r.file = c != NULL ? tl_arena_alloc(arena, (TL_CATALOGUE_FILES_MAX + 1) * sizeof *r.file) : NULL;
    if (r.file == NULL || r.notes == NULL) {
        tl_arena_free(&arena);
        return tl_fail(err, TL_ENOMEM, "no memory for the catalogue");
    }
    c->arena = arena;
    rc = read_all(&r, files, err);
    qsort(r.notes->note, r.notes->note_n, sizeof *r.notes->note, by_place);
    if (rc != 0 || r.notes->wrong_n > 0 || out == NULL)
        tl_arena_free(&arena);
    else
        *out = c;
    return rc;
}

/* the files at a path */
static int
with_files(const char *path, struct tl_catalogue_files **f, struct tl_arena **a, struct tl_err *err)
{
    *a = tl_arena_new(4 * TL_CATALOGUE_BYTES_MAX);
    *f = *a != NULL ? tl_arena_alloc(*a, sizeof **f) : NULL;
    return *f != NULL ? tl_catalogue_files_read(path, *a, *f, err) : tl_fail(err, TL_ENOMEM, "no memory for the catalogue");
}

int
tl_catalogue_check(const char *path, struct tl_catalogue **out, struct tl_catalogue_notes **notes, struct tl_err *err)
{
    struct tl_arena *a = NULL;
    struct tl_catalogue_files *f = NULL;
    int rc = with_files(path, &f, &a, err);

    *notes = NULL;
    if (rc == 0)
        rc = tl_catalogue_check_files(f, out, notes, err);
    tl_arena_free(&a);
    return rc;
}

int
tl_catalogue_parse(const struct tl_catalogue_files *files, struct tl_catalogue **out, struct tl_err *err)
{
    struct tl_catalogue_notes *notes = NULL;
    int rc = tl_catalogue_check_files(files, out, &notes, err);
    const struct tl_catalogue_note *first = notes != NULL ? notes->note : NULL;

    if (rc == 0 && notes->wrong_n > 0) {
        while (first->doubt)
            first++;
        rc = notes->wrong_n == 1 ? tl_fail(err, TL_ECONFIG, "catalogue file %s, line %u: %s", first->file, first->line, first->text)
                                 : tl_fail(err, TL_ECONFIG, "catalogue file %s, line %u: %.150s (and %u more: `touchline check`)", first->file, first->line, first->text,
                                           notes->wrong_n - 1);
    }
    tl_catalogue_notes_free(&notes);
    return rc;
}

int
tl_catalogue_load(const char *path, struct tl_catalogue **out, struct tl_err *err)
{
    struct tl_arena *a = NULL;
    struct tl_catalogue_files *f = NULL;
    int rc = with_files(path, &f, &a, err);

    if (rc == 0)
        rc = tl_catalogue_parse(f, out, err);
    tl_arena_free(&a);
    return rc;
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
