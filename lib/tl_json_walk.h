/* tl_json_walk.h - the parser's inside, shared by the readers in lib/: one text loaded, then walked value by value. */
#ifndef TL_JSON_WALK_H
#define TL_JSON_WALK_H

#include "tl_json.h"
#include "tl_json_index.h"

#define TL_JSON_LEVELS_MAX 64       /* the largest depth_max */

struct tl_json_seen {               /* slot of the set of names of a large object */
    uint64_t object;                /* its serial number; others are free slots */
    uint32_t node;
};

struct tl_json {
    struct tl_json_index *index;
    size_t max_bytes;
    /* the text loaded */
    struct tl_str text;
    const uint32_t *tok;            /* where its tokens begin */
    uint32_t tok_n;
    uint32_t commas_n;              /* commas of the top array, counted by a walk that keeps nothing */
    const char *escape_at;          /* first backslash at or after the last text looked at, or the end */
    /* what the last walk left */
    struct tl_jnode *node;
    uint32_t node_n, node_cap;
    char *copy;                     /* padded copy of the text, where the tree needs one */
    char *names;                    /* member names that had escapes */
    size_t names_n;
    uint64_t *kinds;                /* bit per level: it is an object */
    struct tl_json_seen *seen;
    size_t seen_cap;
    uint64_t object_serial, walk_serial, seed;
};

/* tl_json_load - index a text. 0; TL_EINVAL with fault filled (bad UTF-8, unclosed text, control characters, no token, too long). */
int tl_json_load(struct tl_json *j, struct tl_str text, struct tl_json_fault *fault);
/* tl_json_rewind - the next walk begins before the last one. */
void tl_json_rewind(struct tl_json *j);

enum tl_json_end {
    TL_JSON_WHOLE,                  /* one valid value */
    TL_JSON_FAULTY,                 /* valid, but against a rule of ours: fault says which */
    TL_JSON_BROKEN,                 /* not JSON; fault->offset is the token the walk stopped at */
    TL_JSON_NOMEM
};
/* tl_json_value - walk the value that begins with token `from` and ends before token `end`, the last of which must be a bracket; *next is the
 * token after it. The first node_max nodes are kept (none: grammar only, no rule about depth or names); after a fault, those before it. */
enum tl_json_end tl_json_value(struct tl_json *j, uint32_t from, uint32_t end, int depth_max, uint32_t node_max, uint32_t *next, struct tl_json_fault *fault);
bool tl_json_is_close(const struct tl_json *j, uint32_t token);     /* token is ] or } */

/* tl_json_find_fault - the slow second reading, byte by byte and by no index: 0 when text is one valid JSON value, else TL_EINVAL with its first fault. */
int tl_json_find_fault(struct tl_str text, struct tl_json_fault *fault);
/* tl_json_explain - the first fault of a text that was refused; one that is neither object nor array is at fault as a whole. Returns TL_EINVAL. */
int tl_json_explain(struct tl_str text, struct tl_json_fault *fault);
/* tl_json_escapes - the n bytes between quotes hold only valid escapes. *nul is set when one of them is \u0000. */
bool tl_json_escapes(const char *p, size_t n, bool *nul);
/* tl_json_utf8_char - bytes of the character at p, 0 when it is not valid (overlong, surrogate, over U+10FFFF, cut short). left >= 1. */
size_t tl_json_utf8_char(const char *p, size_t left);

#endif
