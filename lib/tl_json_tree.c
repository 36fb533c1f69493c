/* tl_json_tree.c - small documents as a tree in an arena, built from the nodes of one strict walk.
 *
 * The text is copied between two brackets, so that a lone number or word is walked like anything else and padding is ours. Making a parser costs
 * more than walking a hundred bytes, and props are read as a tree for every event, so each thread keeps one for texts up to KEPT_BYTES. */
#include "tl_json_walk.h"

#include <pthread.h>

#define KEPT_BYTES (33 * 1024)

struct build {
    const struct tl_jnode *node;
    const char *copy;           /* the text as walked; its byte 1 is the first of the text given */
    struct tl_str text;
    const char *line_at;        /* lines are counted up to here */
    uint32_t line;
    struct tl_jv *fresh;        /* room for all values, and for all their texts */
    char *pool;
};

static struct tl_str
dup_text(struct build *b, const char *p, size_t n, bool escaped)
{
    char *out = b->pool;
    if (escaped)
        n = tl_json_unescape(out, p, n);
    else
        memcpy(out, p, n);
    out[n] = 0;
    b->pool += n + 1;
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
    if (b->line_at < p)         /* none up to here: not looked through again */
        b->line_at = p;
    return b->line;
}

/* What node i says, without its children. */
static void
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
    if (text)
        v->text = dup_text(b, nd->p, nd->n, nd->escaped);
    if (nd->name)
        v->name = dup_text(b, nd->name, nd->name_n, false);
}

/* The children of node i; recursion is bounded by depth_max. */
static void
fill_children(struct build *b, uint32_t i, struct tl_jv *v)
{
    struct tl_jv **tail = &v->child;
    if (b->node[i].type != TL_JARRAY && b->node[i].type != TL_JOBJECT)
        return;
    for (uint32_t c = i + 1; c < b->node[i].next; c = b->node[c].next) {
        struct tl_jv *child = b->fresh++;
        fill(b, c, child);
        fill_children(b, c, child);
        *tail = child;
        tail = &child->next;
        v->children_n++;
    }
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

/* ---- a parser kept by each thread ---- */

static pthread_key_t kept_key;
static pthread_once_t kept_once = PTHREAD_ONCE_INIT;

static void
free_kept(void *j)
{
    struct tl_json *own = j;
    tl_json_free(&own);
}

static void
make_kept_key(void)
{
    pthread_key_create(&kept_key, free_kept);
}

/* A parser for n bytes; to be given back. */
static struct tl_json *
borrow_parser(size_t n)
{
    if (n > KEPT_BYTES)
        return tl_json_new(n);
    pthread_once(&kept_once, make_kept_key);
    struct tl_json *j = pthread_getspecific(kept_key);
    if (!j && (j = tl_json_new(KEPT_BYTES)) != NULL)
        pthread_setspecific(kept_key, j);
    return j;
}

static void
give_back(struct tl_json *j, size_t n)
{
    if (n > KEPT_BYTES)
        tl_json_free(&j);
}

/* [text] with padding, in the parser's own memory. */
static char *
bracketed(struct tl_json *j, struct tl_str text)
{
    if (!j->copy && !(j->copy = tl_alloc(j->max_bytes + TL_JSON_PADDING)))
        return NULL;
    j->copy[0] = '[';
    if (text.n)
        memcpy(j->copy + 1, text.p, text.n);
    j->copy[text.n + 1] = ']';
    memset(j->copy + text.n + 2, 0, TL_JSON_PADDING);
    return j->copy;
}

static int
build_tree(struct tl_json *j, struct tl_arena *a, struct tl_str text, struct tl_jv **root)
{
    struct build b = { .node = j->node, .copy = j->copy, .text = text, .line_at = j->copy, .line = 1 };
    b.fresh = tl_arena_alloc(a, (j->node_n - 1) * sizeof *b.fresh);
    b.pool = tl_arena_alloc(a, text.n + 2 * (size_t)j->node_n);
    if (!b.fresh || !b.pool)
        return TL_ENOMEM;
    *root = b.fresh++;
    fill(&b, 1, *root);
    fill_children(&b, 1, *root);
    return 0;
}

int
tl_json_tree(struct tl_arena *a, struct tl_str text, int depth_max, struct tl_jv **root, struct tl_json_fault *fault, struct tl_err *err)
{
    struct tl_json_fault own;
    int rc = TL_ENOMEM;
    fault = fault ? fault : &own;
    fault->reason = TL_REASON_NONE;
    fault->offset = 0;
    fault->member[0] = 0;
    *root = NULL;
    depth_max = depth_max > 0 ? depth_max : TL_JSON_DEPTH_MAX;
    tl_assert(depth_max < TL_JSON_LEVELS_MAX);
    if (text.n >= 3 && memcmp(text.p, "\xEF\xBB\xBF", 3) == 0)     /* editors' byte order mark */
        text = (struct tl_str){ text.p + 3, text.n - 3 };
    size_t need = text.n + 2;
    struct tl_json *j = borrow_parser(need);
    char *copy = j ? bracketed(j, text) : NULL;
    if (copy)
        rc = walk_copy(j, (struct tl_str){ copy, need }, text, depth_max, fault);
    if (rc == 0)
        rc = build_tree(j, a, text, root);
    if (j)
        give_back(j, need);
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
