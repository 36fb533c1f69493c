/* tl_json_walk.c - the strict walk: one pass over the tokens of a text, each checked against RFC 8259, every byte accounted for.
 *
 * The index (tl_json_index.h) says where tokens begin; between the end of a token and the next beginning lies white space only, which is why the
 * closing quote of a text is found backwards from the next token. Grammar drawn:
 *
 *   value:  { "name" : value , ... }  |  [ value , ... ]  |  "text"  |  number  |  true false null
 *
 * The last token is known to be a closing bracket before the walk begins, and only the end of a level consumes one: so running out of tokens is looked
 * for there alone. A fault of grammar ends the walk (BROKEN). A fault against a rule of ours (depth, a name twice, NUL) is noted and ends the keeping of
 * nodes; the same tokens are then walked again for grammar alone, because the neighbours in an array are taken only when the whole array is JSON.
 * What it does not do: recurse, copy, or read what a field means. How names are compared: tl_json_names.h. */
#include "tl_json_names.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

struct walk {
    struct tl_json *j;
    struct tl_json_fault *fault;
    uint32_t end;               /* first token that is not ours */
    uint32_t node_max;
    int depth_max;
    struct tl_json_level level[TL_JSON_LEVELS_MAX + 1];     /* level[0] is outside */
};

/* What changes at every token; its address goes to inlined functions only, so that it stays in registers. */
struct hot {
    const char *const buf;      /* these three do not change, but stores to nodes would make the compiler load them anew */
    const uint32_t *const tok;
    struct tl_jnode *const node;
    uint32_t k;                 /* next token */
    uint32_t node_n;
    uint32_t name_n;
    const char *name;           /* of the value that comes next */
    const char *escape_at;
    struct tl_json_level *level;/* when nodes are kept */
    uint32_t depth;             /* when they are not */
    uint32_t commas_n;
    bool in_object;
};

/* ---- noting a fault ---- */

static void
add_path(struct tl_json_fault *f, const char *name, size_t n)
{
    size_t at = strlen(f->member);
    if (at && at + 1 < sizeof f->member)
        f->member[at++] = '.';
    if (n > sizeof f->member - 1 - at) {
        n = sizeof f->member - 1 - at;
        while (n && ((unsigned char)name[n] & 0xC0) == 0x80)     /* cut between characters */
            n--;
    }
    memcpy(f->member + at, name, n);
    f->member[at + n] = 0;
}
/* Levels up to `level` have their names kept. Returns what ends the keeping. */
static enum tl_json_end __attribute__((noinline, cold))
note_fault(struct walk *w, const struct tl_json_level *level, enum tl_reason reason, const char *at, const char *name, uint32_t name_n)
{
    w->fault->reason = reason;
    w->fault->offset = (size_t)(at - w->j->text.p);
    for (const struct tl_json_level *l = w->level + 1; l <= level; l++) {
        const struct tl_jnode *v = &w->j->node[l->node];
        if (v->name)
            add_path(w->fault, v->name, v->name_n);
    }
    if (name)
        add_path(w->fault, name, name_n);
    return TL_JSON_FAULTY;
}

/* ---- numbers and words ---- */

ALWAYS_INLINE bool
is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

/* The end of the number at p, NULL when it is not one. A bracket follows somewhere, so it does not run off. */
ALWAYS_INLINE const char *
number_end(const char *p)
{
    if (*p == '-')
        p++;
    if (*p == '0')
        p++;
    else if (is_digit(*p))
        while (is_digit(*p))
            p++;
    else
        return NULL;
    if (*p == '.') {
        if (!is_digit(*++p))
            return NULL;
        while (is_digit(*p))
            p++;
    }
    if ((*p | 0x20) == 'e') {
        p++;
        if (*p == '+' || *p == '-')
            p++;
        if (!is_digit(*p))
            return NULL;
        while (is_digit(*p))
            p++;
    }
    return p;
}

/* What may follow a number or a word, so that no byte lies between it and the next token. Not a quote: behind a number the index sees none. */
static const bool ends_scalar[256] = {
    [' '] = true, ['\t'] = true, ['\n'] = true, ['\r'] = true, [','] = true, [':'] = true,
    ['['] = true, [']'] = true, ['{'] = true, ['}'] = true,
};

ALWAYS_INLINE const char *
word_end(const char *p)
{
    if (memcmp(p, "true", 4) == 0 || memcmp(p, "null", 4) == 0)
        return p + 4;
    return memcmp(p, "false", 5) == 0 ? p + 5 : NULL;
}

/* ---- texts ---- */

static const char *
next_escape(const struct tl_json *j, const char *p)
{
    const char *end = j->text.p + j->text.n, *at = memchr(p, '\\', (size_t)(end - p));
    return at ? at : end;
}
/* Backslashes are looked for once over the whole text, not text by text. True when one lies before `end`. */
ALWAYS_INLINE bool
has_escape(const struct walk *w, struct hot *h, const char *p, const char *end)
{
    if (h->escape_at < p)
        h->escape_at = next_escape(w->j, p);
    return h->escape_at < end;
}

/* The closing quote of the text that opens at p, looked for from the next token (or the end of all) backwards. */
ALWAYS_INLINE const char *
closing_quote(const struct hot *h, const char *p)
{
    const char *e = h->buf + h->tok[h->k] - 1;
    while (*e != '"')
        e--;
    return e > p ? e : NULL;
}

/* ---- the walk; each step gives WHOLE to go on ---- */

ALWAYS_INLINE struct tl_jnode *
add_node(struct hot *h, const char *p, uint32_t n, enum tl_jtype type)
{
    struct tl_jnode *v = &h->node[h->node_n++];
    v->name = h->name;
    v->p = p;
    v->name_n = h->name_n;
    v->n = n;
    v->next = h->node_n;
    v->type = (uint8_t)type;
    v->escaped = false;
    return v;
}

ALWAYS_INLINE enum tl_json_end
open_level(struct walk *w, struct hot *h, const char *p, bool keep)
{
    h->in_object = *p == '{';
    if (!keep) {
        uint64_t *kinds = &w->j->kinds[h->depth >> 6], bit = UINT64_C(1) << (h->depth & 63);
        *kinds = h->in_object ? *kinds | bit : *kinds & ~bit;
        h->depth++;
        return TL_JSON_WHOLE;
    }
    if (h->level == w->level + w->depth_max)
        return note_fault(w, h->level, TL_REASON_TOO_DEEP, p, h->name, h->name_n);
    *++h->level = (struct tl_json_level){ .node = h->node_n, .is_object = h->in_object };
    add_node(h, p, 0, h->in_object ? TL_JOBJECT : TL_JARRAY)->next = 0;
    return TL_JSON_WHOLE;
}

/* False: this was the outermost level. */
ALWAYS_INLINE bool
close_level(struct walk *w, struct hot *h, const char *p, bool keep)
{
    if (!keep) {
        uint32_t up = --h->depth - 1;
        h->in_object = h->depth && (w->j->kinds[up >> 6] >> (up & 63) & 1);
        return h->depth > 0;
    }
    struct tl_jnode *v = &h->node[h->level->node];
    v->next = h->node_n;
    v->n = (uint32_t)(p + 1 - v->p);
    h->level--;
    h->in_object = h->level->is_object;
    return h->level > w->level;
}

/* Is the member name read last new in its object? */
ALWAYS_INLINE enum tl_json_end
check_name(struct walk *w, struct hot *h, const char *at)
{
    struct tl_json_level *l = h->level;
    bool twice = false;
    uint64_t hash = tl_json_name_front(h->name, h->name_n) * UINT64_C(0x9E3779B97F4A7C15);
    uint64_t bit = UINT64_C(1) << (hash >> 56 & 63), *filter = &l->filter[hash >> 62];
    if (l->names_n >= TL_JSON_SIBLINGS_MAX) {
        if (!l->object && !tl_json_names_begin(w->j, l, h->node_n))
            return TL_JSON_NOMEM;
        twice = tl_json_names_add(w->j, l->object, h->name, h->name_n, h->node_n);
    } else if (*filter & bit) {
        twice = tl_json_names_seen(h->node, l->node + 1, h->node_n, h->name, h->name_n);
    }
    *filter |= bit;
    l->names_n++;
    return twice ? note_fault(w, l, TL_REASON_DUPLICATE_MEMBER, at, h->name, h->name_n) : TL_JSON_WHOLE;
}

/* Escapes of the text p..e, which has some. */
static enum tl_json_end __attribute__((noinline))
check_escapes(struct walk *w, const struct tl_json_level *level, const char *p, const char *e, const char *name, uint32_t name_n)
{
    bool nul = false;
    if (!tl_json_escapes(p, (size_t)(e - p), &nul))
        return TL_JSON_BROKEN;
    return nul && level ? note_fault(w, level, TL_REASON_FIELD_RANGE, p - 1, name, name_n) : TL_JSON_WHOLE;
}

/* "name" : */
ALWAYS_INLINE enum tl_json_end
read_name(struct walk *w, struct hot *h, bool keep)
{
    const char *p = h->buf + h->tok[h->k++];
    if (*p != '"')
        return TL_JSON_BROKEN;
    const char *e = closing_quote(h, p);
    if (!e || h->buf[h->tok[h->k++]] != ':')
        return TL_JSON_BROKEN;
    h->name = p + 1;
    h->name_n = (uint32_t)(e - p - 1);
    if (has_escape(w, h, p, e)) {
        enum tl_json_end rc = check_escapes(w, keep ? h->level : NULL, p + 1, e, NULL, 0);
        if (rc != TL_JSON_WHOLE)
            return rc;
        if (keep && !(h->name = tl_json_names_unescape(w->j, p + 1, &h->name_n)))
            return TL_JSON_NOMEM;
    }
    return keep ? check_name(w, h, p) : TL_JSON_WHOLE;
}

ALWAYS_INLINE enum tl_json_end
read_text(struct walk *w, struct hot *h, const char *p, bool keep)
{
    const char *e = closing_quote(h, p);
    if (!e)
        return TL_JSON_BROKEN;
    bool escaped = has_escape(w, h, p, e);
    if (escaped) {
        enum tl_json_end rc = check_escapes(w, keep ? h->level : NULL, p + 1, e, h->name, h->name_n);
        if (rc != TL_JSON_WHOLE)
            return rc;
    }
    if (keep)
        add_node(h, p + 1, (uint32_t)(e - p - 1), TL_JTEXT)->escaped = escaped;
    return TL_JSON_WHOLE;
}

ALWAYS_INLINE enum tl_json_end
read_scalar(struct hot *h, const char *p, bool keep)
{
    enum tl_jtype type = TL_JNUMBER;
    const char *e;
    if (is_digit(*p) || *p == '-') {
        e = number_end(p);
    } else {
        type = *p == 'n' ? TL_JNULL : TL_JBOOL;
        e = word_end(p);
    }
    if (!e || !ends_scalar[(unsigned char)*e])
        return TL_JSON_BROKEN;
    if (keep)
        add_node(h, p, (uint32_t)(e - p), type);
    return TL_JSON_WHOLE;
}

/* From the first token of a value to its last. */
ALWAYS_INLINE enum tl_json_end
walk(struct walk *w, struct hot *h, bool keep)
{
    enum tl_json_end rc;
    const char *p;

value:
    if (keep && h->node_n == w->node_max)
        return note_fault(w, w->level, TL_REASON_TOO_LARGE, h->buf + h->tok[h->k], NULL, 0);
    p = h->buf + h->tok[h->k++];
    if (*p == '{' || *p == '[') {
        rc = open_level(w, h, p, keep);
        if (rc != TL_JSON_WHOLE)
            return rc;
        p = h->buf + h->tok[h->k];
        if (*p == (h->in_object ? '}' : ']')) {
            h->k++;
            goto close;
        }
        goto next;
    }
    rc = *p == '"' ? read_text(w, h, p, keep) : read_scalar(h, p, keep);
    if (rc != TL_JSON_WHOLE)
        return rc;
    if (keep ? h->level == w->level : h->depth == 0)
        return TL_JSON_WHOLE;

after:
    p = h->buf + h->tok[h->k++];
    if (*p == ',') {
        if (!keep)
            h->commas_n += h->depth == 1;
        goto next;
    }
    if (*p != (h->in_object ? '}' : ']'))
        return TL_JSON_BROKEN;
close:
    if (!close_level(w, h, p, keep))
        return TL_JSON_WHOLE;
    if (h->k >= w->end)
        return TL_JSON_BROKEN;
    goto after;

next:
    if (h->in_object) {
        rc = read_name(w, h, keep);
        if (rc != TL_JSON_WHOLE)
            return rc;
    } else if (keep) {
        h->name = NULL;
        h->name_n = 0;
    }
    goto value;
}

ALWAYS_INLINE enum tl_json_end
walk_from(struct walk *w, uint32_t *k, bool keep)
{
    struct tl_json *j = w->j;
    struct hot h = { .buf = j->text.p, .tok = j->tok, .node = j->node, .k = *k, .escape_at = j->escape_at, .level = w->level };
    enum tl_json_end rc = walk(w, &h, keep);
    j->escape_at = h.escape_at;
    j->commas_n = h.commas_n;
    if (keep)
        j->node_n = h.node_n;
    *k = h.k;
    return rc;
}

static enum tl_json_end __attribute__((noinline))
walk_keeping(struct walk *w, uint32_t *k)
{
    return walk_from(w, k, true);
}

static enum tl_json_end __attribute__((noinline))
walk_checking(struct walk *w, uint32_t *k)
{
    return walk_from(w, k, false);
}

static bool
reserve_nodes(struct tl_json *j, uint32_t n)
{
    if (j->node_cap >= n)
        return true;
    n = n < 256 ? 256 : n;
    struct tl_jnode *node = tl_realloc(j->node, n * sizeof *node);
    if (!node)
        return false;
    j->node = node;
    j->node_cap = n;
    return true;
}

bool
tl_json_is_close(const struct tl_json *j, uint32_t token)
{
    char c = j->text.p[j->tok[token]];
    return c == '}' || c == ']';
}

static enum tl_json_end
broken(const struct tl_json *j, struct tl_json_fault *fault, size_t offset)
{
    fault->reason = TL_REASON_BAD_JSON;
    fault->offset = offset < j->text.n ? offset : j->text.n;
    fault->member[0] = 0;
    return TL_JSON_BROKEN;
}

enum tl_json_end
tl_json_value(struct tl_json *j, uint32_t from, uint32_t end, int depth_max, uint32_t node_max, uint32_t *next, struct tl_json_fault *fault)
{
    struct walk w;              /* not cleared: levels are filled when opened */
    enum tl_json_end rc;
    fault->reason = TL_REASON_NONE;
    fault->offset = 0;
    fault->member[0] = 0;
    j->names_n = j->node_n = 0;
    j->walk_serial = ++j->object_serial;
    *next = from;
    if (from >= end || !tl_json_is_close(j, end - 1))
        return broken(j, fault, j->text.n);
    node_max = end - from < node_max ? end - from : node_max;
    if (!reserve_nodes(j, node_max))
        return TL_JSON_NOMEM;
    w.j = j;
    w.fault = fault;
    w.end = end;
    w.node_max = node_max;
    w.depth_max = depth_max;
    w.level[0].is_object = false;
    const char *escape_at = j->escape_at;
    rc = node_max ? walk_keeping(&w, next) : walk_checking(&w, next);
    if (rc == TL_JSON_FAULTY) {         /* is it JSON at all, and where does it end? */
        *next = from;
        j->escape_at = escape_at;
        rc = walk_checking(&w, next);
        rc = rc == TL_JSON_WHOLE ? TL_JSON_FAULTY : rc;
    }
    return rc == TL_JSON_BROKEN ? broken(j, fault, j->tok[*next - 1]) : rc;
}
