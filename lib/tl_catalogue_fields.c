/* tl_catalogue_fields.c - one member of a catalogue's JSON into one field, or what is wrong with it: where, and what is allowed. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "tl_catalogue_in.h"

#define TITLE_BYTES_MAX 1000
#define LIMIT_S_MAX (3650.0 * 86400)

/* a member that two readers look at is told once */
static bool
told_already(const struct reader *r, uint32_t line, const char *text)
{
    for (uint32_t i = 0; i < r->notes->note_n; i++) {
        const struct tl_catalogue_note *n = &r->notes->note[i];
        if (n->line == line && strcmp(n->text, text) == 0 && strcmp(n->file, r->now->name) == 0)
            return true;
    }
    return false;
}

static void
note(struct reader *r, const struct tl_jv *v, bool doubt, const char *fmt, va_list ap)
{
    struct tl_catalogue_notes *all = r->notes;
    char text[600];

    int n = vsnprintf(text, sizeof text, fmt, ap);
    if (told_already(r, v != NULL ? v->line : 1, text))
        return;
    *(doubt ? &all->doubt_n : &all->wrong_n) += 1;
    if (all->note_n == (doubt ? TL_CATALOGUE_NOTES_MAX / 2 : TL_CATALOGUE_NOTES_MAX)) {     /* doubts never hide a mistake */
        all->left_out_n++;
        return;
    }
    size_t kept = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    const char *file = tl_arena_dup(all->arena, r->now->name, strlen(r->now->name));
    const char *copy = tl_arena_dup(all->arena, text, kept);
    if (file == NULL || copy == NULL)
        r->no_memory = true;
    else {
        all->note[all->note_n] = (struct tl_catalogue_note){ .file = file, .line = v != NULL ? v->line : 1, .at = all->note_n, .doubt = doubt, .text = copy };
        all->note_n++;
    }
}

int
cat_wrong(struct reader *r, const struct tl_jv *v, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    note(r, v, false, fmt, ap);
    va_end(ap);
    return TL_ECONFIG;
}

void
cat_doubt(struct reader *r, const struct tl_jv *v, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    note(r, v, true, fmt, ap);
    va_end(ap);
}

void *
cat_room(struct reader *r, size_t n, size_t bytes)
{
    void *p = tl_arena_alloc(r->c->arena, (n + 1) * bytes);

    r->no_memory = r->no_memory || p == NULL;
    return p;
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

void
cat_list(char out[CAT_LIST_BYTES], struct tl_str name)
{
    size_t n = strlen(out);

    if (n >= 4 && strcmp(out + n - 4, " ...") == 0)
        return;
    if (n + name.n + 6 > CAT_LIST_BYTES) {
        memcpy(out + n, " ...", 5);
        return;
    }
    out[n] = ' ';
    if (name.n > 0)
        memcpy(out + n + 1, name.p, name.n);
    out[n + 1 + name.n] = 0;
}

int
cat_members(struct reader *r, const struct tl_jv *o, const char *words)
{
    if (o->type != TL_JOBJECT)
        return cat_wrong(r, o, "an object is wanted, with %s", words);
    for (const struct tl_jv *m = o->child; m != NULL; m = m->next)
        if (!cat_among(m->name, words))
            return cat_wrong(r, m, "unknown member \"%.*s\"; allowed: %s", (int)m->name.n, m->name.p, words);
    bool suggestion = false;        /* a mark for people: a value that was measured and that nobody has looked at yet */
    return cat_among(TL_STR("suggestion"), words) ? cat_bool(r, o, "suggestion", &suggestion) : 0;
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
        rc = get_bounded(r, o, name, TITLE_BYTES_MAX, &out->zh);
        out->en = out->zh;
        return rc;
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

int
cat_role(struct reader *r, const struct tl_jv *v, enum tl_role *out)
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

    *n = 0;
    if (v == NULL)
        return 0;
    if (v->type != TL_JARRAY)
        return cat_wrong(r, v, "\"%s\" must be an array of texts", name);
    if ((*out = cat_room(r, v->children_n, sizeof **out)) == NULL)
        return TL_ENOMEM;
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
    if (m->min > m->max)
        return cat_wrong(r, v, "\"min\" %g is above \"max\" %g: no number lies there", m->min, m->max);
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

int
cat_channels(struct reader *r, const struct tl_jv *o, struct tl_str **out, uint32_t *n)
{
    int rc = cat_texts(r, o, "channels", out, n);

    for (uint32_t i = 0; i < *n; i++)
        if (!cat_among((*out)[i], CAT_CHANNELS))
            rc = cat_wrong(r, tl_jv_get(o, "channels"), "\"%.*s\" is no channel; a channel is one of " CAT_CHANNELS, (int)(*out)[i].n, (*out)[i].p);
    return rc;
}

int
cat_number(struct reader *r, const struct tl_jv *o, const char *name, const char *unit, double least, double most, double *out)
{
    const struct tl_jv *v = tl_jv_get(o, name);

    if (v == NULL)
        return 0;
    if (v->type != TL_JNUMBER || !(v->number >= least && v->number <= most))
        return cat_wrong(r, v, "\"%s\" is a number of %s from %.10g to %.10g", name, unit, least, most);
    *out = v->number;
    return 0;
}

int
cat_seconds(struct reader *r, const struct tl_jv *o, const char *member, bool must, int64_t *ms)
{
    const struct tl_jv *v = tl_jv_get(o, member);

    if (v == NULL)
        return must ? cat_wrong(r, o, "\"%s\" is missing: a number of seconds", member) : 0;
    if (v->type != TL_JNUMBER || !(v->number >= 0.001 && v->number <= LIMIT_S_MAX))
        return cat_wrong(r, v, "\"%s\" is a number of seconds above 0, at most ten years", member);
    *ms = (int64_t)(v->number * 1000 + 0.5);
    return 0;
}

int
cat_allowed(struct reader *r, const struct tl_jv *o, const char *member, double otherwise, double *out)
{
    const struct tl_jv *v = tl_jv_get(o, member);

    *out = otherwise;
    if (v == NULL)
        return 0;
    if (v->type == TL_JNUMBER && v->number == 0)
        return cat_wrong(r, v, "0 %% cannot be tested, every single case is a break; give the share you tolerate");
    if (v->type != TL_JNUMBER || !(v->number > 0 && v->number < 1))
        return cat_wrong(r, v, "\"%s\" is a share above 0 and below 1, like 0.05 for 5 %%", member);
    *out = v->number;
    return 0;
}

int
cat_class(struct reader *r, const struct tl_jv *o, enum tl_class *out)
{
    static const char *const words[] = { "basic", "expected", "beyond" };
    const struct tl_jv *v = tl_jv_get(o, "class");

    *out = TL_CLASS_EXPECTED;
    if (v == NULL)
        return 0;
    for (int i = 0; v->type == TL_JTEXT && i < 3; i++)
        if (tl_str_is(v->text, words[i])) {
            *out = (enum tl_class)i;
            return 0;
        }
    return cat_wrong(r, v, "\"class\" is one of basic expected beyond");
}
