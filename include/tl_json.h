/* tl_json.h - JSON in and out. Only lib/tl_json.cc includes simdjson.h.
 *
 * Two readers. The strict walk (used by tl_event_read.c and the protocols) visits every value of one object once, validating every byte
 * while it reads. The tree (tl_jv) is for small documents: catalogue, control bodies, mapping files, answers. Both refuse what RFC 8259 refuses,
 * a member seen twice, depth over 8, NUL in text; both keep legal oddities (lone surrogates in raw slices, 30-digit integers, 1e400). */
#ifndef TL_JSON_H
#define TL_JSON_H

#include "tl_err.h"
#include "tl_mem.h"

#define TL_JSON_DEPTH_MAX 8
#define TL_JSON_PADDING 64      /* readable bytes that must follow a buffer given to a tl_json_* reader */

/* Where and why a text is not valid. FIELD_RANGE is text that holds a NUL (\u0000). */
struct tl_json_fault {
    enum tl_reason reason;      /* BAD_JSON BAD_UTF8 TOO_DEEP DUPLICATE_MEMBER FIELD_RANGE */
    size_t offset;              /* byte offset in the text given */
    char member[64];            /* the path of the member at fault, like "props.items.sku"; "" when unknown */
};

/* ---- splitting a body ---- */
struct tl_json;                 /* a parser with its memory; one per thread */
struct tl_json *tl_json_new(size_t max_bytes);
void tl_json_free(struct tl_json **jp);

/* tl_json_elements - call each(arg, index, slice, offset) for every element of the array `text`, every byte of which has been validated, or for
 * the one object itself. The array as a whole: 0, or TL_EINVAL with fault filled when any byte of it is not valid JSON (then each was
 * not called at all). Elements that are not objects are passed too. Duplicate members and depth inside one element do not fail the array:
 * each is then called with fault != NULL. TL_ENOMEM. text: n bytes and TL_JSON_PADDING readable ones after it. */
typedef int (*tl_json_each)(void *arg, size_t index, struct tl_str slice, size_t offset, const struct tl_json_fault *fault);
int tl_json_elements(struct tl_json *j, struct tl_str text, tl_json_each each, void *arg, struct tl_json_fault *fault, struct tl_err *err);

/* ---- the strict walk: every value of one text, flat, in text order ---- */
enum tl_jtype { TL_JNULL, TL_JBOOL, TL_JNUMBER, TL_JTEXT, TL_JARRAY, TL_JOBJECT };
struct tl_jnode {
    const char *name;           /* member name, unescaped; NULL in arrays and at the top */
    const char *p;              /* text: what stands between the quotes, as sent; others: the value's bytes */
    uint32_t name_n, n;
    uint32_t next;              /* number of the first node after this value and all it holds */
    uint8_t type;               /* enum tl_jtype */
    bool escaped;               /* text only: has backslashes, tl_json_unescape it */
};
/* tl_json_walk - read one value (node 0) and all it holds. Nodes live until the next call with j; they point into text.
 * text: n bytes, the last token a bracket, and TL_JSON_PADDING readable ones after it. 0, TL_EINVAL (fault filled), TL_ENOMEM.
 *   for (uint32_t i = 1; i < node[0].next; i = node[i].next)    the members of the top object */
int tl_json_walk(struct tl_json *j, struct tl_str text, const struct tl_jnode **node, uint32_t *node_n, struct tl_json_fault *fault);
/* tl_json_unescape - n bytes of validated text into out (room for n); lone surrogates become U+FFFD. Returns the length, <= n. */
size_t tl_json_unescape(char *out, const char *p, size_t n);
/* tl_json_integer - a number without fraction or exponent inside int64; false otherwise. n bytes of a validated number. */
bool tl_json_integer(const char *p, size_t n, int64_t *v);
/* tl_json_number - a validated number as double (rounded to the nearest; too large is an infinity); a byte must follow it. */
double tl_json_number(const char *p, size_t n);

/* ---- tree for small documents (a few MB) ---- */
struct tl_jv {
    enum tl_jtype type;
    bool boolean;
    double number;
    bool is_int;                /* number is an integer inside int64 */
    int64_t integer;
    struct tl_str text;         /* unescaped; in the arena */
    struct tl_str raw;          /* the value's bytes in the text given (borrowed) */
    struct tl_str name;         /* member name when inside an object */
    uint32_t line;              /* 1-based line of the value */
    struct tl_jv *child, *next; /* first child; next sibling, in order */
    uint32_t children_n;
};
/* tl_json_tree - parse into the arena. *root lives as long as arena and text. Objects keep order. depth_max 0 = TL_JSON_DEPTH_MAX.
 * No padding is needed (it copies). 0, TL_EINVAL (fault and err say line and why), TL_ENOMEM. */
int tl_json_tree(struct tl_arena *a, struct tl_str text, int depth_max, struct tl_jv **root, struct tl_json_fault *fault, struct tl_err *err);
const struct tl_jv *tl_jv_get(const struct tl_jv *object, const char *name);            /* NULL when absent or not an object */
struct tl_str tl_jv_text(const struct tl_jv *object, const char *name);                 /* {NULL,0} when absent or not text */
int64_t tl_jv_int(const struct tl_jv *object, const char *name, int64_t otherwise);
double tl_jv_number(const struct tl_jv *object, const char *name, double otherwise);
bool tl_jv_bool(const struct tl_jv *object, const char *name, bool otherwise);

/* ---- writing: commas and escapes are kept right; misuse is an assert ---- */
struct tl_jw {
    struct tl_buf *out;         /* borrowed */
    uint64_t has_item;          /* bit per level: a comma is due */
    int level;
};
struct tl_jw tl_jw_to(struct tl_buf *out);
void tl_jw_open(struct tl_jw *w, const char *name);      /* { ; name NULL inside arrays and at the top */
void tl_jw_close(struct tl_jw *w);                       /* } */
void tl_jw_array(struct tl_jw *w, const char *name);     /* [ */
void tl_jw_end(struct tl_jw *w);                         /* ] */
void tl_jw_name(struct tl_jw *w, struct tl_str name);    /* a member name from data; the next call passes name NULL */
void tl_jw_str(struct tl_jw *w, const char *name, struct tl_str v);   /* absent is null; invalid UTF-8 becomes U+FFFD */
void tl_jw_cstr(struct tl_jw *w, const char *name, const char *v);
void tl_jw_int(struct tl_jw *w, const char *name, int64_t v);
void tl_jw_uint(struct tl_jw *w, const char *name, uint64_t v);
void tl_jw_num(struct tl_jw *w, const char *name, double v);          /* shortest that reads back; NaN and infinities are null */
void tl_jw_bool(struct tl_jw *w, const char *name, bool v);
void tl_jw_null(struct tl_jw *w, const char *name);
void tl_jw_raw(struct tl_jw *w, const char *name, struct tl_str json);/* bytes known to be one valid JSON value */

#endif
