/* tl_catalogue_read.c - the JSON files of DATA/catalogue into struct tl_catalogue, explaining every mistake with file, line and what is allowed.
 *
 * Files are read in name order into one arena together with their trees; tables are then counted, allocated once and filled in that order:
 * stage models first, since touchpoints name them. Clocks, checks and outcomes: tl_catalogue_standards.c. */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tl_catalogue_in.h"
#include "tl_hash.h"

#define FILES_MAX 64
#define TITLE_BYTES_MAX 1000
#define FILE_BYTES_MAX (8 << 20)
#define ARENA_BYTES (256u << 20)

int
cat_wrong(struct reader *r, const struct tl_jv *v, const char *fmt, ...)
{
    char text[200];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return tl_fail(r->err, TL_ECONFIG, "catalogue file %s, line %u: %s", r->now->name, v != NULL ? v->line : 1, text);
}

/* Is name one of the blank-separated words? */
bool
cat_among(struct tl_str name, const char *words)
{
    for (const char *w = words; *w != 0;) {
        size_t n = strcspn(w, " ");
        if (n == name.n && memcmp(w, name.p, n) == 0)
            return true;
        w += n + (w[n] == ' ');
    }
    return false;
}

int
cat_members(struct reader *r, const struct tl_jv *o, const char *words)
{
    if (o->type != TL_JOBJECT)
        return cat_wrong(r, o, "an object is wanted, with %s", words);
    for (const struct tl_jv *m = o->child; m != NULL; m = m->next)
        if (!cat_among(m->name, words))
            return cat_wrong(r, m, "unknown member \"%.*s\"; allowed: %s", (int)m->name.n, m->name.p, words);
    return 0;
}

static int
get_bounded(struct reader *r, const struct tl_jv *o, const char *name, size_t max, struct tl_str *out)
{
    const struct tl_jv *v = tl_jv_get(o, name);

    if (v == NULL)
        return 0;
    if (v->type != TL_JTEXT || v->text.n == 0 || v->text.n > max)
        return cat_wrong(r, v, "\"%s\" must be a text of 1 to %zu bytes", name, max);
    *out = v->text;
    return 0;
}

int
cat_text(struct reader *r, const struct tl_jv *o, const char *name, bool must, struct tl_str *out)
{
    if (must && tl_jv_get(o, name) == NULL)
        return cat_wrong(r, o, "\"%s\" is missing", name);
    return get_bounded(r, o, name, 120, out);
}

int
cat_title(struct reader *r, const struct tl_jv *o, const char *name, struct tl_title *out)
{
    const struct tl_jv *v = tl_jv_get(o, name);
    int rc = 0;

    if (v == NULL)
        return 0;
    if (v->type == TL_JTEXT) {
        out->zh = out->en = v->text;
        return 0;
    }
    rc = cat_members(r, v, "zh en");
    if (rc == 0)
        rc = get_bounded(r, v, "zh", TITLE_BYTES_MAX, &out->zh);
    return rc != 0 ? rc : get_bounded(r, v, "en", TITLE_BYTES_MAX, &out->en);
}

int
cat_bool(struct reader *r, const struct tl_jv *o, const char *name, bool *out)
{
    const struct tl_jv *v = tl_jv_get(o, name);

    if (v == NULL)
        return 0;
    if (v->type != TL_JBOOL)
        return cat_wrong(r, v, "\"%s\" must be true or false", name);
    *out = v->boolean;
    return 0;
}

static int
get_role(struct reader *r, const struct tl_jv *v, enum tl_role *out)
{
    static const char *const words[] = { "step", "signal", "silent" };

    for (int i = 0; v->type == TL_JTEXT && i < 3; i++)
        if (tl_str_is(v->text, words[i])) {
            *out = (enum tl_role)i;
            return 0;
        }
    return cat_wrong(r, v, "a role is one of step signal silent");
}

int
cat_texts(struct reader *r, const struct tl_jv *o, const char *name, struct tl_str **out, uint32_t *n)
{
    const struct tl_jv *v = tl_jv_get(o, name);

    if (v == NULL)
        return 0;
    if (v->type != TL_JARRAY)
        return cat_wrong(r, v, "\"%s\" must be an array of texts", name);
    *out = tl_arena_alloc(r->c->arena, (v->children_n + 1) * sizeof **out);
    if (*out == NULL)
        return tl_fail(r->err, TL_ENOMEM, "the catalogue is too large");
    for (const struct tl_jv *e = v->child; e != NULL; e = e->next) {
        if (e->type != TL_JTEXT || e->text.n == 0)
            return cat_wrong(r, e, "\"%s\" must hold texts only", name);
        (*out)[(*n)++] = e->text;
    }
    return 0;
}

static int
get_range(struct reader *r, const struct tl_jv *v, struct tl_match *m)
{
    const struct tl_jv *min = tl_jv_get(v, "min"), *max = tl_jv_get(v, "max");
    int rc = cat_members(r, v, "min max");

    if (rc != 0)
        return rc;
    if ((min == NULL && max == NULL) || (min != NULL && min->type != TL_JNUMBER) || (max != NULL && max->type != TL_JNUMBER))
        return cat_wrong(r, v, "a range is {\"min\":number,\"max\":number}, or one of them");
    m->range = true;
    m->min = min != NULL ? min->number : -INFINITY;
    m->max = max != NULL ? max->number : INFINITY;
    return 0;
}

static bool
begins(struct tl_str s, const char *with)
{
    size_t n = strlen(with);
    return s.n > n && memcmp(s.p, with, n) == 0;
}

int
cat_condition(struct reader *r, const struct tl_jv *v, const char *words, struct tl_match *m)
{
    bool props = begins(v->name, "props."), scores = strstr(words, "scores.") != NULL && begins(v->name, "scores.");

    if (!props && !scores && !cat_among(v->name, words))
        return cat_wrong(r, v, "unknown condition \"%.*s\"; allowed: %s", (int)v->name.n, v->name.p, words);
    m->field = v->name;
    if ((props || scores) && v->type == TL_JOBJECT)
        return get_range(r, v, m);
    if (scores && v->type == TL_JNUMBER) {
        m->range = true;
        m->min = m->max = v->number;
        return 0;
    }
    if (scores || (v->type != TL_JTEXT && !(props && (v->type == TL_JNUMBER || v->type == TL_JBOOL))))
        return cat_wrong(r, v, scores ? "a score is compared with a number or {\"min\",\"max\"}" : "a condition compares with a text (a * at its end: any continuation)");
    m->value = v->type == TL_JTEXT ? v->text : v->raw;
    m->prefix = v->type == TL_JTEXT && m->value.n > 0 && m->value.p[m->value.n - 1] == '*';
    m->value.n -= m->prefix;
    return 0;
}

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

static int
read_touchpoint(struct reader *r, const struct tl_jv *o)
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
        rc = get_role(r, role, &tp->role);
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

static int
read_model(struct reader *r, const struct tl_jv *o)
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

int
cat_key(struct reader *r, const struct tl_jv *o, enum tl_key *out)
{
    const struct tl_jv *v = tl_jv_get(o, "key");

    if (v == NULL)
        return 0;
    if (v->type == TL_JTEXT && tl_str_is(v->text, "journey"))
        *out = TL_KEY_JOURNEY;
    else if (v->type == TL_JTEXT && tl_str_is(v->text, "order"))
        *out = TL_KEY_ORDER;
    else if (v->type == TL_JTEXT && tl_str_is(v->text, "case"))
        *out = TL_KEY_CASE;
    else
        return cat_wrong(r, v, "\"key\" is one of order case journey");
    return 0;
}

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

static int
cat_outcome_named(struct reader *r, const struct tl_jv *o, const char *name, struct tl_str *out)
{
    int rc = cat_text(r, o, name, false, out);
    return rc == 0 && out->p != NULL && tl_catalogue_outcome(r->c, *out) < 0 ? cat_wrong(r, o, "there is no outcome \"%.*s\"", (int)out->n, out->p) : rc;
}

/* `all` is there from the start: a file may give it a title, a gap and markers, no key. */
static int
read_type(struct reader *r, const struct tl_jv *o)
{
    struct tl_str id = {0};
    int rc = cat_members(r, o, "id title key gap_d start good bad required damage moments strata");

    if (rc == 0)
        rc = cat_text(r, o, "id", true, &id);
    if (rc != 0)
        return rc;
    bool all = tl_str_is(id, "all");
    if (!all && tl_catalogue_type(r->c, id) >= 0)
        return cat_wrong(r, o, "journey type \"%.*s\" is described twice", (int)id.n, id.p);
    if (!all && r->c->type_n == TL_TYPES_MAX)
        return cat_wrong(r, o, "more than %d journey types, `all` included", TL_TYPES_MAX);
    if (all && (tl_jv_get(o, "key") != NULL || tl_jv_get(o, "start") != NULL))
        return cat_wrong(r, o, "`all` takes every event: it has no key and no start marker");
    struct tl_journey_type *t = all ? &r->c->type[0] : &r->c->type[r->c->type_n++];
    t->id = id;
    t->gap_ms = TL_GAP_DEFAULT_MS;
    rc = cat_title(r, o, "title", &t->title);
    if (rc == 0)
        rc = cat_key(r, o, &t->key);
    if (rc == 0)
        rc = get_gap(r, o, &t->gap_ms);
    if (rc == 0)
        rc = cat_texts(r, o, "start", &t->start, &t->start_n);
    if (rc == 0)
        rc = cat_texts(r, o, "good", &t->good, &t->good_n);
    if (rc == 0)
        rc = cat_texts(r, o, "bad", &t->bad, &t->bad_n);
    if (rc == 0)
        rc = cat_texts(r, o, "required", &t->required, &t->required_n);
    if (rc == 0)
        rc = cat_texts(r, o, "strata", &t->strata, &t->strata_n);
    if (rc == 0 && t->required_n > TL_REQUIRED_MAX)
        rc = cat_wrong(r, o, "more than %d required steps", TL_REQUIRED_MAX);
    if (rc == 0)
        rc = cat_outcome_named(r, o, "damage", &t->damage);
    return rc != 0 ? rc : cat_outcome_named(r, o, "moments", &t->moments);
}

static int
read_role(struct reader *r, const struct tl_jv *m)
{
    struct tl_role_of *role = &r->c->role[r->c->role_n++];

    role->type = m->name;
    return get_role(r, m, &role->role);
}

static int
read_promote(struct reader *r, const struct tl_jv *v)
{
    if (v->type != TL_JTEXT || v->text.n <= 6 || v->text.n > 120 || memcmp(v->text.p, "props.", 6) != 0)
        return cat_wrong(r, v, "a promoted property is a text \"props.PATH\"");
    if (r->c->promote_n == TL_PROMOTE_MAX)
        return cat_wrong(r, v, "more than %d promoted properties", TL_PROMOTE_MAX);
    r->c->promote[r->c->promote_n++] = v->text;
    return 0;
}

/* The sections in the order they are read; names as in the files. */
static const struct section {
    const char *name;
    enum tl_jtype type;
    int (*read)(struct reader *r, const struct tl_jv *v);
} sections[] = {
    { "stage_models", TL_JARRAY, read_model },  { "touchpoints", TL_JARRAY, read_touchpoint }, { "outcomes", TL_JARRAY, cat_outcome },
    { "journey_types", TL_JARRAY, read_type },  { "roles", TL_JOBJECT, read_role },            { "promote", TL_JARRAY, read_promote },
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

static int
read_file(struct reader *r, const char *dir, const char *name)
{
    char path[4096];
    struct file *f = &r->file[r->file_n];
    int rc = 0;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    snprintf(f->name, sizeof f->name, "%s", name);
    r->now = f;
    FILE *in = fopen(path, "rb");
    if (in == NULL)
        return tl_fail(r->err, TL_ECONFIG, "catalogue file %s: %s", name, strerror(errno));
    long size = fseek(in, 0, SEEK_END) == 0 ? ftell(in) : -1;
    char *text = size >= 0 && size <= FILE_BYTES_MAX ? tl_arena_alloc(r->c->arena, (size_t)size + 1) : NULL;
    rewind(in);
    size_t n = text != NULL ? fread(text, 1, (size_t)size, in) : 0;
    fclose(in);
    if (text == NULL)
        return tl_fail(r->err, TL_ECONFIG, "catalogue file %s cannot be read, or is larger than %d bytes", name, FILE_BYTES_MAX);
    struct tl_json_fault fault = {0};
    struct tl_err why = {0};
    rc = tl_json_tree(r->c->arena, (struct tl_str){ text, n }, 0, &f->root, &fault, &why);
    if (rc != 0)
        return tl_fail(r->err, TL_ECONFIG, "catalogue file %s: %.180s", name, why.text);
    r->file_n++;
    return cat_members(r, f->root, "touchpoints stage_models journey_types roles promote clocks checks outcomes");
}

static int
json_file(const struct dirent *e)
{
    size_t n = strlen(e->d_name);
    return n > 5 && n < 256 && e->d_name[0] != '.' && strcmp(e->d_name + n - 5, ".json") == 0;
}

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int
read_files(struct reader *r, const char *dir)
{
    struct dirent **list = NULL;
    int n = scandir(dir, &list, json_file, by_bytes), rc = 0;

    if (n < 0)
        return errno == ENOENT ? 0 : tl_fail(r->err, TL_ECONFIG, "catalogue folder %s: %s", dir, strerror(errno));
    if (n > FILES_MAX)
        rc = tl_fail(r->err, TL_ECONFIG, "catalogue folder %s holds more than %d files", dir, FILES_MAX);
    for (int i = 0; rc == 0 && i < n; i++)
        rc = read_file(r, dir, list[i]->d_name);
    for (int i = 0; i < n; i++)
        free(list[i]);
    free(list);
    return rc;
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
    r.file = c != NULL ? tl_arena_alloc(arena, (FILES_MAX + 1) * sizeof *r.file) : NULL;
    if (r.file == NULL) {
        tl_arena_free(&arena);
        return tl_fail(err, TL_ENOMEM, "no memory for the catalogue");
    }
    rc = read_files(&r, dir);
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
