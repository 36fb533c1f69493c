/* tl_json_walk.c - the strict walk: one pass over the tokens of a text, each checked against RFC 8259, every byte accounted for.
 *
 * The index (tl_json_index.h) says where tokens begin; between the end of a token and the next beginning lies white space only, which is why the
 * closing quote of a text is found backwards from the next token. Grammar drawn:
 *
 *   value:  { "name" : value , ... }  |  [ value , ... ]  |  "text"  |  number  |  true false null
 *
 * A fault of grammar ends the walk (BROKEN). A fault against a rule of ours (depth, a name twice, NUL) is noted, the first one, and the walk goes on,
 * because the neighbours in an array are taken only when the whole array is JSON. What it does not do: recurse, copy, or read what a field means.
 * How names are compared: tl_json_names.h. */
#include "tl_json_names.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

struct walk {
    struct tl_json *j;
    struct tl_jnode *node;
    uint32_t commas_n;
    int depth_max;
    bool faulty;
    struct tl_json_fault *fault;
    struct tl_json_level level[TL_JSON_LEVELS_MAX + 1];
};

/* What changes at every token; its address goes to inlined functions only, so that it stays in registers. */
struct hot {
    const char *const buf;      /* these four do not change, but stores to nodes would make the compiler load them anew */
    const uint32_t *const tok;
    struct tl_jnode *const node;
    const uint32_t end;         /* first token that is not ours */
    uint32_t k;                 /* next token */
    uint32_t node_n, node_max;  /* node_max is 0 once a fault is noted */
    int depth;
    bool in_object;
    const char *name;           /* of the value that comes next */
    uint32_t name_n;
    const char *escape_at;
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

/* depth: how many levels have their names kept. */
static void __attribute__((noinline, cold))
note_fault(struct walk *w, int depth, enum tl_reason reason, const char *at, const char *name, uint32_t name_n)
{
    if (w->faulty)
        return;
    w->faulty = true;
    w->fault->reason = reason;
    w->fault->offset = (size_t)(at - w->j->text.p);
    for (int d = 1; d <= depth; d++) {
        const struct tl_jnode *v = &w->node[w->level[d].node];
        if (v->name)
            add_path(w->fault, v->name, v->name_n);
    }
    if (name)
        add_path(w->fault, name, name_n);
}

static const char *
next_escape(const struct tl_json *j, const char *p)
{
    const char *end = j->text.p + j->text.n, *at = memchr(p, '\\', (size_t)(end - p));
    return at ? at : end;
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

/* ---- the walk ---- */

ALWAYS_INLINE bool
keeps(const struct hot *h)
{
    return h->node_n < h->node_max;
}

ALWAYS_INLINE void
fault_at(struct walk *w, struct hot *h, enum tl_reason reason, const char *at, const char *name, uint32_t name_n)
{
    note_fault(w, keeps(h) ? h->depth : 0, reason, at, name, name_n);
    h->node_max = 0;
}

ALWAYS_INLINE struct tl_jnode *
add_node(struct hot *h, const char *p, uint32_t n, enum tl_jtype type)
{
    struct tl_jnode *v = &h->node[h->node_n++];
    v->name = h->name;
    v->name_n = h->name_n;
    v->p = p;
    v->n = n;
    v->next = h->node_n;
    v->type = (uint8_t)type;
    v->escaped = false;
    return v;
}

ALWAYS_INLINE void
open_level(struct walk *w, struct hot *h, const char *p, bool keep)
{
    bool is_object = *p == '{';
    uint64_t *kinds = &w->j->kinds[h->depth >> 6], bit = UINT64_C(1) << (h->depth & 63);
    *kinds = is_object ? *kinds | bit : *kinds & ~bit;
    h->in_object = is_object;
    if (keep && h->depth == w->depth_max)
        fault_at(w, h, TL_REASON_TOO_DEEP, p, h->name, h->name_n);
    h->depth++;
    if (keep && keeps(h)) {
        w->level[h->depth] = (struct tl_json_level){ .node = h->node_n };
        add_node(h, p, 0, is_object ? TL_JOBJECT : TL_JARRAY)->next = 0;
    }
}

ALWAYS_INLINE void
close_level(struct walk *w, struct hot *h, const char *p, bool keep)
{
    if (keep && keeps(h)) {
        struct tl_jnode *v = &h->node[w->level[h->depth].node];
        v->next = h->node_n;
        v->n = (uint32_t)(p + 1 - v->p);
    }
    h->depth--;
    if (h->depth)
        h->in_object = w->j->kinds[(h->depth - 1) >> 6] >> ((h->depth - 1) & 63) & 1;
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

/* Backslashes are looked for once over the whole text, not text by text. True when one lies before `end`. */
ALWAYS_INLINE bool
has_escape(const struct walk *w, struct hot *h, const char *p, const char *end)
{
    if (h->escape_at < p)
        h->escape_at = next_escape(w->j, p);
    return h->escape_at < end;
}

/* Is the member name read last new in its object? false when out of memory. */
ALWAYS_INLINE bool
check_name(struct walk *w, struct hot *h, const char *at)
{
    struct tl_json_level *l = &w->level[h->depth];
    bool twice = false;
    uint64_t bit = UINT64_C(1) << (tl_json_name_front(h->name, h->name_n) * UINT64_C(0x9E3779B97F4A7C15) >> 58);
    if (l->names_n >= TL_JSON_SIBLINGS_MAX) {
        if (!l->object && !tl_json_names_begin(w->j, l, h->node_n))
            return false;
        twice = tl_json_names_add(w->j, l->object, h->name, h->name_n, h->node_n);
    } else if (l->filter & bit) {
        twice = tl_json_names_seen(h->node, l->node + 1, h->node_n, h->name, h->name_n);
    }
    l->filter |= bit;
    l->names_n++;
    if (twice)
        fault_at(w, h, TL_REASON_DUPLICATE_MEMBER, at, h->name, h->name_n);
    return true;
}

/* "name" : */
ALWAYS_INLINE enum tl_json_end
read_name(struct walk *w, struct hot *h, bool keep)
{
    const char *p = h->buf + h->tok[h->k++];
    if (*p != '"' || h->k + 1 >= h->end)
        return TL_JSON_BROKEN;
    const char *e = closing_quote(h, p);
    if (!e || h->buf[h->tok[h->k++]] != ':')
        return TL_JSON_BROKEN;
    h->name = p + 1;
    h->name_n = (uint32_t)(e - p - 1);
    if (has_escape(w, h, p, e)) {
        bool nul = false;
        if (!tl_json_escapes(p + 1, h->name_n, &nul))
            return TL_JSON_BROKEN;
        if (nul)
            fault_at(w, h, TL_REASON_FIELD_RANGE, p, NULL, 0);
        if (keep && !(h->name = tl_json_names_unescape(w->j, p + 1, &h->name_n)))
            return TL_JSON_NOMEM;
    }
    if (keep && keeps(h) && !check_name(w, h, p))
        return TL_JSON_NOMEM;
    return TL_JSON_WHOLE;
}

ALWAYS_INLINE bool
read_text(struct walk *w, struct hot *h, const char *p, bool keep)
{
    const char *e = closing_quote(h, p);
    if (!e)
        return false;
    uint32_t n = (uint32_t)(e - p - 1);
    bool escaped = has_escape(w, h, p, e), nul = false;
    if (escaped && !tl_json_escapes(p + 1, n, &nul))
        return false;
    if (nul)
        fault_at(w, h, TL_REASON_FIELD_RANGE, p, h->name, h->name_n);
    if (keep && keeps(h))
        add_node(h, p + 1, n, TL_JTEXT)->escaped = escaped;
    return true;
}

ALWAYS_INLINE bool
read_scalar(struct hot *h, const char *p, bool keep)
{
    enum tl_jtype type = *p == 'n' ? TL_JNULL : *p == 't' || *p == 'f' ? TL_JBOOL : TL_JNUMBER;
    const char *e = type == TL_JNUMBER ? number_end(p) : word_end(p);
    if (!e || !ends_scalar[(unsigned char)*e])
        return false;
    if (keep && keeps(h))
        add_node(h, p, (uint32_t)(e - p), type);
    return true;
}

ALWAYS_INLINE enum tl_json_end
walk(struct walk *w, struct hot *h, bool keep)
{
    enum tl_json_end rc;
    const char *p;

value:
    if (h->k >= h->end)
        return TL_JSON_BROKEN;
    p = h->buf + h->tok[h->k++];
    if (*p == '"') {
        if (!read_text(w, h, p, keep))
            return TL_JSON_BROKEN;
    } else if (*p == '{' || *p == '[') {
        open_level(w, h, p, keep);
        if (h->k >= h->end)
            return TL_JSON_BROKEN;
        p = h->buf + h->tok[h->k];
        if (*p == (h->in_object ? '}' : ']')) {
            h->k++;
            goto close;
        }
        if (h->in_object)
            goto member;
        h->name = NULL;
        h->name_n = 0;
        goto value;
    } else if (!read_scalar(h, p, keep)) {
        return TL_JSON_BROKEN;
    }

after:
    if (h->depth == 0)
        return w->faulty ? TL_JSON_FAULTY : TL_JSON_WHOLE;
    if (h->k >= h->end)
        return TL_JSON_BROKEN;
    p = h->buf + h->tok[h->k++];
    if (*p == ',') {
        if (!keep)
            w->commas_n += h->depth == 1;
        if (h->in_object)
            goto member;
        h->name = NULL;
        h->name_n = 0;
        goto value;
    }
    if (*p != (h->in_object ? '}' : ']'))
        return TL_JSON_BROKEN;
close:
    close_level(w, h, p, keep);
    goto after;

member:
    if (h->k >= h->end)
        return TL_JSON_BROKEN;
    rc = read_name(w, h, keep);
    if (rc != TL_JSON_WHOLE)
        return rc;
    goto value;
}

/* The walk with its hot state in registers. */
ALWAYS_INLINE enum tl_json_end
walk_from(struct walk *w, uint32_t *k, uint32_t end, uint32_t node_max, bool keep)
{
    struct hot h = { .buf = w->j->text.p, .tok = w->j->tok, .node = w->node, .end = end, .k = *k, .node_max = node_max, .escape_at = w->j->escape_at };
    enum tl_json_end rc = walk(w, &h, keep);
    w->j->escape_at = h.escape_at;
    w->j->node_n = h.node_n;
    *k = h.k;
    return rc;
}

static enum tl_json_end __attribute__((noinline))
walk_keeping(struct walk *w, uint32_t *k, uint32_t end, uint32_t node_max)
{
    return walk_from(w, k, end, node_max, true);
}

static enum tl_json_end __attribute__((noinline))
walk_checking(struct walk *w, uint32_t *k, uint32_t end)
{
    return walk_from(w, k, end, 0, false);
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

enum tl_json_end
tl_json_value(struct tl_json *j, uint32_t from, uint32_t end, int depth_max, uint32_t node_max, uint32_t *next, struct tl_json_fault *fault)
{
    struct walk w;              /* not cleared: levels are filled when opened */
    enum tl_json_end rc = TL_JSON_BROKEN;
    node_max = end - from < node_max ? end - from : node_max;
    if (!reserve_nodes(j, node_max))
        return TL_JSON_NOMEM;
    w.j = j;
    w.node = j->node;
    w.depth_max = depth_max;
    w.commas_n = 0;
    w.faulty = false;
    w.fault = fault;
    j->names_n = 0;
    j->node_n = 0;
    j->walk_serial = ++j->object_serial;
    fault->reason = TL_REASON_NONE;
    fault->offset = 0;
    fault->member[0] = 0;

    *next = from;
    if (from < end && tl_json_is_close(j, end - 1))
        rc = node_max ? walk_keeping(&w, next, end, node_max) : walk_checking(&w, next, end);
    j->commas_n = w.commas_n;
    if (rc == TL_JSON_BROKEN) {
        fault->reason = TL_REASON_BAD_JSON;
        fault->offset = *next > from ? j->tok[*next - 1] : j->text.n;
        fault->member[0] = 0;
    }
    return rc;
}
