/* tl_json_tree.c - small documents as a tree in an arena, built from the nodes of one strict walk.
 *
 * The text is copied between two brackets, so that a lone number or word is walked like anything else and padding is ours. */
#include "tl_json_walk.h"

struct build {
    struct tl_arena *arena;
    const struct tl_jnode *node;
    const char *copy;           /* the text as walked; its byte 1 is the first of the text given */
    struct tl_str text;
    const char *line_at;        /* lines are counted up to here */
    uint32_t line;
};

static struct tl_str
dup_text(struct tl_arena *a, const char *p, size_t n, bool escaped)
{
    char *out = tl_arena_alloc(a, n + 1);
    if (!out)
        return (struct tl_str){ NULL, 0 };
    if (!escaped)
        memcpy(out, p, n);
    n = escaped ? tl_json_unescape(out, p, n) : n;
    out[n] = 0;
    return (struct tl_str){ out, n };
}

static uint32_t
line_of(struct build *b, const char *p)
{
    const char *nl;
    while (b->line_at < p && (nl = memchr(b->line_at, '\n', (size_t)(p - b->line_at))) != NULL) {
        b->line++;
        b->line_at = nl + 1;
    }
    return b->line;
}

/* What node i says, without its children; false when out of memory. */
static bool
fill(struct build *b, uint32_t i, struct tl_jv *v)
{
    const struct tl_jnode *nd = &b->node[i];
    bool text = nd->type == TL_JTEXT;
    v->type = nd->type;
    v->line = line_of(b, nd->p);
    v->raw = (struct tl_str){ b->text.p + (nd->p - b->copy) - 1 - text, nd->n + 2 * (size_t)text };
    v->boolean = nd->type == TL_JBOOL && *nd->p == 't';
    if (nd->type == TL_JNUMBER) {
        v->is_int = tl_json_integer(nd->p, nd->n, &v->integer);
        v->number = tl_json_number(nd->p, nd->n);
    }
    if (text && !(v->text = dup_text(b->arena, nd->p, nd->n, nd->escaped)).p)
        return false;
    return !nd->name || (v->name = dup_text(b->arena, nd->name, nd->name_n, false)).p;
}

/* The children of node i; recursion is bounded by depth_max. */
static bool
fill_children(struct build *b, uint32_t i, struct tl_jv *v)
{
    struct tl_jv **tail = &v->child;
    if (b->node[i].type != TL_JARRAY && b->node[i].type != TL_JOBJECT)
        return true;
    for (uint32_t c = i + 1; c < b->node[i].next; c = b->node[c].next) {
        struct tl_jv *child = tl_arena_alloc(b->arena, sizeof *child);
        if (!child || !fill(b, c, child) || !fill_children(b, c, child))
            return false;
        *tail = child;
        tail = &child->next;
        v->children_n++;
    }
    return true;
}

static uint32_t
line_at(struct tl_str text, size_t offset)
{
    uint32_t line = 1;
    for (size_t i = 0; i < offset && i < text.n; i++)
        line += text.p[i] == '\n';
    return line;
}

static int
refuse(struct tl_str text, const struct tl_json_fault *f, struct tl_err *err)
{
    const char *member = f->member;
    return tl_fail(err, TL_EINVAL, "line %u: %s%s%s", line_at(text, f->offset), f->reason == TL_REASON_BAD_JSON ? "not valid JSON" : tl_reason_text(f->reason),
        *member ? ": " : "", member);
}

/* The bracketed copy walked: one child, all tokens used. */
static int
walk_copy(struct tl_json *j, struct tl_str copy, struct tl_str text, int depth_max, struct tl_json_fault *fault)
{
    uint32_t next = 0;
    enum tl_json_end end = TL_JSON_BROKEN;
    if (tl_json_load(j, copy, fault) == 0)
        end = tl_json_value(j, 0, j->tok_n, depth_max + 1, UINT32_MAX, &next, fault);
    if (end == TL_JSON_NOMEM)
        return TL_ENOMEM;
    if (end == TL_JSON_FAULTY && next == j->tok_n) {
        fault->offset--;
        return TL_EINVAL;
    }
    if (end == TL_JSON_WHOLE && next == j->tok_n && j->node_n > 1 && j->node[1].next == j->node[0].next)
        return 0;
    return tl_json_find_fault(text, fault) == 0 ? TL_ENOMEM : TL_EINVAL;
}

int
tl_json_tree(struct tl_arena *a, struct tl_str text, int depth_max, struct tl_jv **root, struct tl_json_fault *fault, struct tl_err *err)
{
    struct tl_json_fault own;
    struct tl_json *j = NULL;
    char *copy = NULL;
    int rc = TL_ENOMEM;
    fault = fault ? fault : &own;
    *fault = (struct tl_json_fault){ .reason = TL_REASON_NONE };
    *root = NULL;
    depth_max = depth_max > 0 ? depth_max : TL_JSON_DEPTH_MAX;
    tl_assert(depth_max < TL_JSON_LEVELS_MAX);
    if (text.n >= 3 && memcmp(text.p, "\xEF\xBB\xBF", 3) == 0)     /* editors' byte order mark */
        text = (struct tl_str){ text.p + 3, text.n - 3 };
    j = tl_json_new(text.n + 2);
    copy = tl_alloc(text.n + 2 + TL_JSON_PADDING);
    if (!j || !copy)
        goto done;
    copy[0] = '[';
    if (text.n)
        memcpy(copy + 1, text.p, text.n);
    copy[text.n + 1] = ']';
    rc = walk_copy(j, (struct tl_str){ copy, text.n + 2 }, text, depth_max, fault);
    if (rc != 0)
        goto done;
    struct build b = { a, j->node, copy, text, copy, 1 };
    struct tl_jv *v = tl_arena_alloc(a, sizeof *v);
    if (v && fill(&b, 1, v) && fill_children(&b, 1, v))
        *root = v;
    else
        rc = TL_ENOMEM;
done:
    tl_json_free(&j);
    tl_free(copy);
    if (rc == TL_EINVAL)
        refuse(text, fault, err);
    else if (rc == TL_ENOMEM)
        tl_fail(err, rc, "no memory for a JSON document of %zu bytes", text.n);
    return rc;
}

/* ---- looking into it ---- */

const struct tl_jv *
tl_jv_get(const struct tl_jv *object, const char *name)
{
    if (!object || object->type != TL_JOBJECT)
        return NULL;
    for (const struct tl_jv *v = object->child; v; v = v->next)
        if (tl_str_is(v->name, name))
            return v;
    return NULL;
}

struct tl_str
tl_jv_text(const struct tl_jv *object, const char *name)
{
    const struct tl_jv *v = tl_jv_get(object, name);
    return v && v->type == TL_JTEXT ? v->text : (struct tl_str){ NULL, 0 };
}

int64_t
tl_jv_int(const struct tl_jv *object, const char *name, int64_t otherwise)
{
    const struct tl_jv *v = tl_jv_get(object, name);
    return v && v->type == TL_JNUMBER && v->is_int ? v->integer : otherwise;
}

double
tl_jv_number(const struct tl_jv *object, const char *name, double otherwise)
{
    const struct tl_jv *v = tl_jv_get(object, name);
    return v && v->type == TL_JNUMBER ? v->number : otherwise;
}

bool
tl_jv_bool(const struct tl_jv *object, const char *name, bool otherwise)
{
    const struct tl_jv *v = tl_jv_get(object, name);
    return v && v->type == TL_JBOOL ? v->boolean : otherwise;
}
