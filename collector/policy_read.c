/* policy_read.c - the file of policy.h into rules. */
#include "policy_rules.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tl_run.h"

#define TEXT(name) { #name, TL_HAS(name), offsetof(struct tl_event, name##_) }
const struct policy_text policy_texts[] = {
    TEXT(agent), TEXT(place), TEXT(case), TEXT(order), TEXT(journey), TEXT(session), TEXT(tier), TEXT(text), TEXT(touchpoint), { NULL, 0, 0 },
};
#define WHOLE(name) { #name, TL_HAS(name) }
const struct policy_whole policy_wholes[] = { WHOLE(promise), WHOLE(value), WHOLE(scores), WHOLE(consent), { NULL, 0 } };

#define ARENA_BYTES (4u << 20)
#define FIELDS "ids, ids.KIND, props, props.NAME, agent, place, case, order, journey, session, tier, text, touchpoint, promise, value, scores or consent"

static int
wrong(const char *file, const struct tl_jv *v, struct tl_err *err, const char *what, const char *allowed)
{
    return tl_fail(err, TL_ECONFIG, "%s:%u: \"%.*s\" %s: %s", file, v->line, (int)(v->name.n < 80 ? v->name.n : 80), v->name.p ? v->name.p : "", what, allowed);
}

static bool
below(struct tl_str field, const char *top)
{
    size_t n = strlen(top);
    return field.n > n + 1 && !memcmp(field.p, top, n) && field.p[n] == '.';
}

/* 0: no such field; 1: may be hashed; 2: kept or dropped alone */
static int
field_kind(struct tl_str field)
{
    if (tl_str_is(field, "ids") || tl_str_is(field, "props") || below(field, "ids") || below(field, "props")) return 1;
    for (const struct policy_text *t = policy_texts; t->name; t++)
        if (tl_str_is(field, t->name)) return 1;
    for (const struct policy_whole *w = policy_wholes; w->name; w++)
        if (tl_str_is(field, w->name)) return 2;
    return 0;
}

static int
read_rule(struct policy *p, const char *file, struct tl_str type, const struct tl_jv *v, struct tl_err *err)
{
    static const char *const acts[] = { [POLICY_KEEP] = "keep", [POLICY_HASH] = "hash", [POLICY_DROP] = "drop" };
    int kind = field_kind(v->name), act = 0;
    while (act < 3 && !(v->type == TL_JTEXT && tl_str_is(v->text, acts[act])))
        act++;
    if (kind == 0) return wrong(file, v, err, "is no field that a rule can name", FIELDS);
    if (act == 3) return wrong(file, v, err, "says neither of", "\"keep\", \"hash\", \"drop\"");
    if (kind == 2 && act == POLICY_HASH) return wrong(file, v, err, "is no text", "\"keep\" or \"drop\"");
    if (p->rules_n == POLICY_RULES_MAX) return tl_fail(err, TL_ECONFIG, "%s:%u: more than %d rules", file, v->line, POLICY_RULES_MAX);
    struct policy_rule *r = &p->rule[p->rules_n++];
    bool prefix = type.n > 0 && type.p[type.n - 1] == '*';
    *r = (struct policy_rule){ { type.p, type.n - prefix }, prefix, v->name, (enum policy_act)act };
    return 0;
}

static int
read_rules(struct policy *p, const char *file, const struct tl_jv *root, struct tl_err *err)
{
    if (root->type != TL_JOBJECT) return tl_fail(err, TL_ECONFIG, "%s:1: the file is one object: types of events, and for each its fields", file);
    for (const struct tl_jv *t = root->child; t; t = t->next) {
        const char *star = memchr(t->name.p, '*', t->name.n);
        if (t->name.n == 0 || t->name.n > 120 || (star && star != t->name.p + t->name.n - 1))
            return wrong(file, t, err, "is no type of events", "1 to 120 bytes, a * at the end alone");
        if (t->type != TL_JOBJECT) return wrong(file, t, err, "is no object", "{\"FIELD\": \"keep\", \"hash\" or \"drop\"}");
        for (const struct tl_jv *v = t->child; v; v = v->next) {
            int rc = read_rule(p, file, t->name, v, err);
            if (rc != 0) return rc;
        }
    }
    return 0;
}

static int
by_exactness(const void *pa, const void *pb)
{
    const struct policy_rule *a = pa, *b = pb;
    if (a->prefix != b->prefix) return a->prefix ? 1 : -1;
    if (a->type.n != b->type.n) return a->type.n > b->type.n ? -1 : 1;
    int d = tl_str_cmp(a->type, b->type);
    return d != 0 ? d : a->field.n != b->field.n ? (a->field.n > b->field.n ? -1 : 1) : tl_str_cmp(a->field, b->field);
}

static int
read_text(const char *file, bool needed, char **text, size_t *n, struct tl_err *err)
{
    FILE *f = fopen(file, "re");
    *text = NULL;
    if (!f && errno == ENOENT && !needed) return 0;
    if (!f) return tl_fail(err, TL_EIO, "cannot read %s: %s", file, strerror(errno));
    *text = tl_alloc(POLICY_FILE_BYTES_MAX + 1);
    *n = *text ? fread(*text, 1, POLICY_FILE_BYTES_MAX + 1, f) : 0;
    bool failed = ferror(f);
    fclose(f);
    if (!*text) return tl_fail(err, TL_ENOMEM, "out of memory for %s", file);
    if (failed) return tl_fail(err, TL_EIO, "cannot read %s", file);
    return *n > POLICY_FILE_BYTES_MAX ? tl_fail(err, TL_ECONFIG, "%s is larger than %d bytes", file, POLICY_FILE_BYTES_MAX) : 0;
}

static int
take_text(struct policy *p, const char *file, struct tl_str text, struct tl_err *err)
{
    struct tl_json_fault fault;
    struct tl_jv *root;
    struct tl_err inner;
    const char *copy = tl_arena_dup(p->arena, text.p, text.n);
    if (!copy) return tl_fail(err, TL_ENOMEM, "out of memory for %s", file);
    if (tl_json_tree(p->arena, (struct tl_str){ copy, text.n }, 0, &root, &fault, &inner) != 0) return tl_fail(err, TL_ECONFIG, "%s: %s", file, inner.text);
    int rc = read_rules(p, file, root, err);
    qsort(p->rule, p->rules_n, sizeof *p->rule, by_exactness);
    return rc;
}

int
policy_key(struct policy *p, const char *data, struct tl_err *err)
{
    char path[PATH_MAX];
    bool hashes = false;
    for (size_t i = 0; p && i < p->rules_n; i++)
        hashes = hashes || p->rule[i].act == POLICY_HASH;
    if (!hashes) return 0;
    mkdir(tl_run_path(path, data, "keys"), 0700);       /* a collector alone on its machine has none yet */
    return tl_key_load(tl_run_path(path, data, "keys/policy.key"), 1, p->key, err);
}

int
policy_open(struct policy **out, const char *data, const char *file, struct tl_err *err)
{
    char path[PATH_MAX], *text;
    size_t n = 0;
    *out = NULL;
    const char *from = *file ? file : tl_run_path(path, data, "policy.json");
    int rc = read_text(from, *file, &text, &n, err);
    if (rc == 0 && text) {
        *out = tl_alloc(sizeof **out);
        if (*out) (*out)->arena = tl_arena_new(ARENA_BYTES);
        rc = *out && (*out)->arena ? take_text(*out, from, (struct tl_str){ text, n }, err) : tl_fail(err, TL_ENOMEM, "out of memory for %s", from);
    }
    tl_free(text);
    if (rc != 0) policy_free(out);
    return rc;
}

void
policy_free(struct policy **pp)
{
    if (!*pp) return;
    tl_arena_free(&(*pp)->arena);
    tl_free(*pp);
    *pp = NULL;
}

size_t
policy_rules(const struct policy *p)
{
    return p ? p->rules_n : 0;
}
