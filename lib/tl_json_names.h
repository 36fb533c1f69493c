/* tl_json_names.h - is a member name new in its object? Inside lib/ only.
 *
 * A filter of 256 bits per object says "surely new" for most names; the rest are compared by sight with their siblings, and objects of more than
 * TL_JSON_SIBLINGS_MAX names use one hash set for the whole text, keyed by a secret so that nobody can prepare names that collide. */
#ifndef TL_JSON_NAMES_H
#define TL_JSON_NAMES_H

#include "tl_json_walk.h"

#define TL_JSON_SIBLINGS_MAX 24

struct tl_json_level {
    uint32_t node;              /* the container */
    uint32_t names_n;
    bool is_object;
    uint64_t filter[4];         /* bit per name hash: not set, surely new */
    uint64_t object;            /* serial in the hash set, 0 while compared by sight */
};

/* The first eight bytes of a name; whatever follows in the text is shifted out. */
static inline uint64_t
tl_json_name_front(const char *p, uint32_t n)
{
    uint64_t front;
    memcpy(&front, p, 8);
    return n >= 8 ? front : n ? front << (64 - 8 * n) : 0;
}

/* tl_json_names_seen - among the siblings from..to-1 is one of this name. */
bool tl_json_names_seen(const struct tl_jnode *node, uint32_t from, uint32_t to, const char *name, uint32_t n);
/* tl_json_names_begin - put the names of an object, whose siblings so far are up to node_n, into the set. false: out of memory. */
bool tl_json_names_begin(struct tl_json *j, struct tl_json_level *l, uint32_t node_n);
/* tl_json_names_add - add the name of node `at`; true when its object has it already. */
bool tl_json_names_add(struct tl_json *j, uint64_t object, const char *name, uint32_t n, uint32_t at);
/* tl_json_names_unescape - a name with escapes, unescaped into the parser's memory; *n its length before and after. NULL: out of memory. */
const char *tl_json_names_unescape(struct tl_json *j, const char *p, uint32_t *n);

#endif
