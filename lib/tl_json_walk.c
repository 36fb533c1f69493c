/* tl_json_walk.c - the strict walk: one pass over the tokens of a text, each checked against RFC 8259, every byte accounted for.
 *
 * The index (tl_json_index.h) says where tokens begin; between the end of a token and the next beginning lies white space only, which is why the
 * closing quote of a text is found backwards from the next token. Grammar drawn:
 *
 *   value:  { "name" : value , ... }  |  [ value , ... ]  |  "text"  |  number  |  true false null
 *
 * A fault of grammar ends the walk (BROKEN). A fault against a rule of ours (depth, a name twice, NUL) is noted, the first one, and the walk goes on,
 * because the neighbours in an array are taken only when the whole array is JSON. What it does not do: recurse, copy, or read what a field means.
 * Names are compared by a 64-bit filter per object, then by sight among siblings; objects of more than SIBLINGS_MAX names use a keyed hash set. */
#include "tl_json_walk.h"

#define SIBLINGS_MAX 24
#define ALWAYS_INLINE static inline __attribute__((always_inline))

struct level {
    uint32_t node;              /* the container */
    uint32_t names_n;
    uint64_t filter;            /* bit per name hash: none set, surely new */
    uint64_t object;            /* serial in the hash set, 0 while compared by sight */
};

struct walk {
    struct tl_json *j;
    const char *buf;
    const uint32_t *tok;
    uint32_t k, end;            /* next token, first one that is not ours */
    uint32_t node_max;          /* nodes still kept; 0 once a fault is noted */
    uint32_t node_n;
    int depth, depth_max;
    bool in_object, faulty;
    const char *name;           /* of the value that comes next */
    uint32_t name_n;
    struct tl_json_fault *fault;
    struct level level[TL_JSON_LEVELS_MAX + 1];
};

/* ---- noting a fault ---- */

static void
add_path(struct tl_json_fault *f, const char *name, size_t n)
{
    size_t at = strlen(f->member);
    if (at && at + 1 < sizeof f->member)
        f->member[at++] = '.';
    if (n > sizeof f->member - 1 - at)
        n = sizeof f->member - 1 - at;
    while (n && ((unsigned char)name[n] & 0xC0) == 0x80)     /* cut between characters */
        n--;
    memcpy(f->member + at, name, n);
    f->member[at + n] = 0;
}

static void __attribute__((noinline, cold))
note_fault(struct walk *w, enum tl_reason reason, const char *at, const char *name, uint32_t name_n)
{
    if (w->faulty)
        return;
    bool keeps = w->node_n < w->node_max;    /* else the levels are not filled */
    w->faulty = true;
    w->fault->reason = reason;
    w->fault->offset = (size_t)(at - w->buf);
    for (int d = 1; keeps && d <= w->depth && d <= w->depth_max; d++) {
        const struct tl_jnode *v = &w->j->node[w->level[d].node];
        if (v->name)
            add_path(w->fault, v->name, v->name_n);
    }
    if (name)
        add_path(w->fault, name, name_n);
}

/* ---- names ---- */

ALWAYS_INLINE uint64_t
name_hash(const char *p, uint32_t n, uint64_t seed)
{
    uint64_t a, b = 0;          /* 8 bytes at the front, 8 at the back: cheap; only a filter and a first guess */
    memcpy(&a, p, 8);
    if (n < 8)
        a &= (UINT64_C(1) << (8 * n)) - 1;
    else
        memcpy(&b, p + n - 8, 8);
    a = (a ^ seed ^ n) * UINT64_C(0x9E3779B97F4A7C15);
    return (a ^ (a >> 32) ^ b) * UINT64_C(0xD6E8FEB86659FD93);
}

static uint64_t
long_hash(const char *p, uint32_t n, uint64_t seed)
{
    uint64_t h = seed;
    for (; n > 8; p += 8, n -= 8) {
        uint64_t w;
        memcpy(&w, p, 8);
        h = (h ^ w) * UINT64_C(0x9E3779B97F4A7C15);
        h ^= h >> 29;
    }
    h ^= name_hash(p, n, seed);
    h *= UINT64_C(0xD6E8FEB86659FD93);
    return h ^ (h >> 32);
}

ALWAYS_INLINE bool
same_name(const struct tl_jnode *v, const char *name, uint32_t n)
{
    return v->name_n == n && memcmp(v->name, name, n) == 0;
}

/* Add node `at` to the set of names of its object; true when the name is there already. Slots of earlier walks count as free. */
static bool
set_add(struct tl_json *j, uint64_t object, const char *name, uint32_t n, uint32_t at)
{
    size_t mask = j->seen_cap - 1;
    size_t slot = (size_t)(long_hash(name, n, j->seed) ^ object * UINT64_C(0x9E3779B97F4A7C15)) & mask;
    for (;; slot = (slot + 1) & mask) {
        struct tl_json_seen *s = &j->seen[slot];
        if (s->object < j->walk_serial) {
            *s = (struct tl_json_seen){ object, at };
            return false;
        }
        if (s->object == object && same_name(&j->node[s->node], name, n))
            return true;
    }
}

/* The set has room for the names of one whole text: node_cap does not change during a walk. */
static bool
set_begin(struct tl_json *j, struct level *l, uint32_t node_n)
{
    size_t cap = 1024;
    while (cap < 2 * (size_t)j->node_cap)
        cap *= 2;
    if (j->seen_cap < cap) {
        tl_free(j->seen);
        j->seen = tl_alloc(cap * sizeof *j->seen);
        j->seen_cap = j->seen ? cap : 0;
        if (!j->seen)
            return false;
    }
    l->object = ++j->object_serial;
    for (uint32_t i = l->node + 1; i < node_n; i = j->node[i].next)
        set_add(j, l->object, j->node[i].name, j->node[i].name_n, i);
    return true;
}

static bool __attribute__((noinline))
seen_by_sight(const struct walk *w, const struct level *l, const char *name, uint32_t n)
{
    for (uint32_t i = l->node + 1; i < w->node_n; i = w->j->node[i].next)
        if (same_name(&w->j->node[i], name, n))
            return true;
    return false;
}

/* The member name read last: is it new in its object? false when out of memory. */
ALWAYS_INLINE bool
check_name(struct walk *w, const char *at)
{
    struct level *l = &w->level[w->depth];
    bool twice = false;
    uint64_t bit = UINT64_C(1) << (name_hash(w->name, w->name_n, w->j->seed) >> 58);
    if (l->names_n >= SIBLINGS_MAX) {
        if (!l->object && !set_begin(w->j, l, w->node_n))
            return false;
        twice = set_add(w->j, l->object, w->name, w->name_n, w->node_n);
    } else if (l->filter & bit) {
        twice = seen_by_sight(w, l, w->name, w->name_n);
    }
    l->filter |= bit;
    l->names_n++;
    if (twice)
        note_fault(w, TL_REASON_DUPLICATE_MEMBER, at, w->name, w->name_n);
    return true;
}

/* ---- texts ---- */

/* Backslashes are looked for once over the whole text, not text by text. True when one lies before `end`. */
ALWAYS_INLINE bool
has_escape(struct walk *w, const char *p, const char *end)
{
    struct tl_json *j = w->j;
    if (j->escape_at < p) {
        const char *stop = j->text.p + j->text.n;
        const char *at = memchr(p, '\\', (size_t)(stop - p));
        j->escape_at = at ? at : stop;
    }
    return j->escape_at < end;
}

/* The closing quote of the text that opens at p. */
ALWAYS_INLINE const char *
closing_quote(const struct walk *w, const char *p)
{
    const char *e = w->buf + w->tok[w->k] - 1;     /* w->k: the token after the text, or the end of all */
    while (*e != '"')
        e--;
    return e > p ? e : NULL;
}

/* Escapes of a value or name checked; false: not JSON. */
static bool __attribute__((noinline))
check_escapes(struct walk *w, const char *p, const char *e, bool is_name)
{
    bool nul = false;
    if (!tl_json_escapes(p, (size_t)(e - p), &nul))
        return false;
    if (nul)
        note_fault(w, TL_REASON_FIELD_RANGE, p - 1, is_name ? NULL : w->name, is_name ? 0 : w->name_n);
    return true;
}

static bool __attribute__((noinline))
unescape_name(struct walk *w, const char *p, size_t n)
{
    struct tl_json *j = w->j;
    if (!j->names && !(j->names = tl_alloc(j->max_bytes + 16)))
        return false;
    char *out = j->names + j->names_n;
    w->name_n = (uint32_t)tl_json_unescape_wtf8(out, p, n);
    w->name = out;
    j->names_n += w->name_n;
    return true;
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

/* What may follow a number or a word, so that no byte lies between it and the next token. */
static const bool ends_scalar[256] = {
    [' '] = true, ['\t'] = true, ['\n'] = true, ['\r'] = true, [','] = true, [':'] = true,
    ['['] = true, [']'] = true, ['{'] = true, ['}'] = true, ['"'] = true,
};

ALWAYS_INLINE const char *
word_end(const char *p)
{
    if (memcmp(p, "true", 4) == 0 || memcmp(p, "null", 4) == 0)
        return p + 4;
    return memcmp(p, "false", 5) == 0 ? p + 5 : NULL;
}

/* ---- the walk ---- */

ALWAYS_INLINE struct tl_jnode *
add_node(struct walk *w, const char *p, enum tl_jtype type)
{
    struct tl_jnode *v = &w->j->node[w->node_n++];
    v->name = w->name;
    v->name_n = w->name_n;
    v->p = p;
    v->n = 0;
    v->next = w->node_n;
    v->type = (uint8_t)type;
    v->escaped = false;
    return v;
}

ALWAYS_INLINE bool
keeps(const struct walk *w)
{
    return !w->faulty && w->node_n < w->node_max;
}

ALWAYS_INLINE void
open_level(struct walk *w, const char *p, bool is_object, bool keep)
{
    uint64_t *kinds = &w->j->kinds[w->depth >> 6], bit = UINT64_C(1) << (w->depth & 63);
    *kinds = is_object ? *kinds | bit : *kinds & ~bit;
    w->in_object = is_object;
    w->depth++;
    if (!keep)
        return;
    if (w->depth > w->depth_max) {
        w->depth--;             /* the path up to here */
        note_fault(w, TL_REASON_TOO_DEEP, p, w->name, w->name_n);
        w->depth++;
    } else if (keeps(w)) {
        w->level[w->depth] = (struct level){ .node = w->node_n };
        add_node(w, p, is_object ? TL_JOBJECT : TL_JARRAY)->next = 0;
    }
}

ALWAYS_INLINE void
close_level(struct walk *w, const char *p, bool keep)
{
    if (keep && keeps(w)) {
        struct tl_jnode *v = &w->j->node[w->level[w->depth].node];
        v->next = w->node_n;
        v->n = (uint32_t)(p + 1 - v->p);
    }
    w->depth--;
    if (w->depth)
        w->in_object = w->j->kinds[(w->depth - 1) >> 6] >> ((w->depth - 1) & 63) & 1;
}

/* "name" : */
ALWAYS_INLINE enum tl_json_end
read_name(struct walk *w, bool keep)
{
    const char *p = w->buf + w->tok[w->k++];
    if (*p != '"' || w->k + 1 >= w->end)
        return TL_JSON_BROKEN;
    const char *e = closing_quote(w, p);
    if (!e || w->buf[w->tok[w->k++]] != ':')
        return TL_JSON_BROKEN;
    p++;
    w->name = p;
    w->name_n = (uint32_t)(e - p);
    if (has_escape(w, p, e)) {
        if (!check_escapes(w, p, e, true))
            return TL_JSON_BROKEN;
        if (keep && !unescape_name(w, p, (size_t)(e - p)))
            return TL_JSON_NOMEM;
    }
    if (keep && keeps(w) && !check_name(w, p - 1))
        return TL_JSON_NOMEM;
    return TL_JSON_WHOLE;
}

ALWAYS_INLINE bool
read_text(struct walk *w, const char *p, bool keep)
{
    const char *e = closing_quote(w, p);
    if (!e)
        return false;
    bool escaped = has_escape(w, p + 1, e);
    if (escaped && !check_escapes(w, p + 1, e, false))
        return false;
    if (keep && keeps(w)) {
        struct tl_jnode *v = add_node(w, p + 1, TL_JTEXT);
        v->n = (uint32_t)(e - p - 1);
        v->escaped = escaped;
    }
    return true;
}

ALWAYS_INLINE bool
read_scalar(struct walk *w, const char *p, bool keep)
{
    enum tl_jtype type = *p == 'n' ? TL_JNULL : *p == 't' || *p == 'f' ? TL_JBOOL : TL_JNUMBER;
    const char *e = type == TL_JNUMBER ? number_end(p) : word_end(p);
    if (!e || !ends_scalar[(unsigned char)*e])
        return false;
    if (keep && keeps(w))
        add_node(w, p, type)->n = (uint32_t)(e - p);
    return true;
}

ALWAYS_INLINE enum tl_json_end
walk(struct walk *w, bool keep)
{
    enum tl_json_end rc;
    const char *p;

value:
    if (w->k >= w->end)
        return TL_JSON_BROKEN;
    p = w->buf + w->tok[w->k++];
    if (*p == '"') {
        if (!read_text(w, p, keep))
            return TL_JSON_BROKEN;
    } else if (*p == '{' || *p == '[') {
        open_level(w, p, *p == '{', keep);
        if (w->k >= w->end)
            return TL_JSON_BROKEN;
        p = w->buf + w->tok[w->k];
        if (*p == (w->in_object ? '}' : ']')) {
            w->k++;
            goto close;
        }
        if (w->in_object)
            goto member;
        w->name = NULL;
        w->name_n = 0;
        goto value;
    } else if (!read_scalar(w, p, keep)) {
        return TL_JSON_BROKEN;
    }

after:
    if (w->depth == 0)
        return w->faulty ? TL_JSON_FAULTY : TL_JSON_WHOLE;
    if (w->k >= w->end)
        return TL_JSON_BROKEN;
    p = w->buf + w->tok[w->k++];
    if (*p == ',') {
        if (!keep)
            w->j->commas_n += w->depth == 1;
        if (w->in_object)
            goto member;
        w->name = NULL;
        w->name_n = 0;
        goto value;
    }
    if (*p != (w->in_object ? '}' : ']'))
        return TL_JSON_BROKEN;
close:
    close_level(w, p, keep);
    goto after;

member:
    if (w->k >= w->end)
        return TL_JSON_BROKEN;
    rc = read_name(w, keep);
    if (rc != TL_JSON_WHOLE)
        return rc;
    goto value;
}

static enum tl_json_end __attribute__((noinline))
walk_keeping(struct walk *w)
{
    return walk(w, true);
}

static enum tl_json_end __attribute__((noinline))
walk_checking(struct walk *w)
{
    return walk(w, false);
}

static bool
reserve_nodes(struct tl_json *j, uint32_t n)
{
    if (j->node_cap >= n)
        return true;
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
    struct walk w;              /* levels are filled when opened */
    uint32_t need = end - from < node_max ? end - from : node_max;
    if (need > j->node_cap && !reserve_nodes(j, need < 256 ? 256 : need))
        return TL_JSON_NOMEM;
    w.j = j;
    w.buf = j->text.p;
    w.tok = j->tok;
    w.k = from;
    w.end = end;
    w.node_max = need;
    w.node_n = 0;
    w.depth = 0;
    w.depth_max = depth_max;
    w.in_object = w.faulty = false;
    w.name = NULL;
    w.name_n = 0;
    w.fault = fault;
    j->names_n = 0;
    j->node_n = j->commas_n = 0;
    j->walk_serial = ++j->object_serial;
    fault->reason = TL_REASON_NONE;
    fault->offset = 0;
    fault->member[0] = 0;

    enum tl_json_end rc = TL_JSON_BROKEN;
    if (from < end && tl_json_is_close(j, end - 1))
        rc = node_max ? walk_keeping(&w) : walk_checking(&w);
    j->node_n = w.node_n;
    *next = w.k;
    if (rc == TL_JSON_BROKEN) {
        fault->reason = TL_REASON_BAD_JSON;
        fault->offset = w.k > from ? j->tok[w.k - 1] : j->text.n;
        fault->member[0] = 0;
    }
    return rc;
}
