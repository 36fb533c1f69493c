/* tl_draft.h - one row of a file on its way to an event: its fields, identities and attributes, and the JSON made of them. */
#ifndef TL_DRAFT_H
#define TL_DRAFT_H

#include "tl_err.h"
#include "tl_mem.h"
#include "tl_tally.h"

#define TL_DRAFT_FIELDS_MAX 32
#define TL_DRAFT_IDS_MAX 16

enum tl_attr_kind { TL_ATTR_TEXT, TL_ATTR_INT, TL_ATTR_FLOAT, TL_ATTR_BOOL, TL_ATTR_GROUP /* members */, TL_ATTR_LIST /* items */, TL_ATTR_JSON /* bytes of one JSON value */ };

/* A forest of attributes in reading order: children follow their parent, one deeper. Text lies in one buffer. */
struct tl_attr {
    uint32_t key, key_n, value, value_n; /* offsets into attrs.text */
    uint16_t depth;
    uint8_t kind;                        /* enum tl_attr_kind */
};
struct tl_attrs {
    struct tl_buf text;
    struct tl_attr *at;
    uint32_t n, cap;
    bool failed;                         /* out of memory: check once */
};
void tl_attrs_reset(struct tl_attrs *a);
void tl_attrs_free(struct tl_attrs *a);
void tl_attrs_add(struct tl_attrs *a, uint16_t depth, enum tl_attr_kind kind, struct tl_str key, struct tl_str value);
/* tl_attrs_object - the forest as one JSON object, members by name */
struct tl_jw;
void tl_attrs_object(struct tl_jw *w, const struct tl_attrs *a);
/* tl_attrs_kind_of - INT, FLOAT or BOOL when a JSON reader would read text back as the same, else TEXT ("007" and "1e5" are text) */
enum tl_attr_kind tl_attrs_kind_of(struct tl_str text);

/* tl_text_fault - why bytes cannot stand in an event's text (not UTF-8, or a NUL), or NULL */
const char *tl_text_fault(struct tl_str s);

/* The row. All text is borrowed until draft_json has returned. */
struct tl_draft {
    struct tl_str thread;                /* RUN/CASE: the journey; absent when the file has no cases */
    struct tl_str session;               /* of seq */
    uint64_t seq;
    struct { const char *name; struct tl_str value; bool number; } field[TL_DRAFT_FIELDS_MAX];
    uint32_t fields_n;
    struct { const char *kind; struct tl_str value; } id[TL_DRAFT_IDS_MAX];
    uint32_t ids_n;
    struct { const char *kind; struct tl_str value; } score[TL_DRAFT_IDS_MAX];
    uint32_t scores_n;
    struct { const char *name; struct tl_str json; } raw[4];   /* value, promise: as JSON */
    uint32_t raw_n;
    struct tl_str own_id;                /* the row brings its id; absent: made of its content */
    const struct tl_attrs *props;           /* may be NULL */
    const struct tl_attrs *trace;           /* of the case; may be NULL; no part of the id */
};
void tl_draft_field(struct tl_draft *d, const char *name, struct tl_str value);    /* absent and empty ones are left out */
void tl_draft_number(struct tl_draft *d, const char *name, struct tl_str digits);
void tl_draft_id(struct tl_draft *d, const char *kind, struct tl_str value);
void tl_draft_score(struct tl_draft *d, const char *kind, struct tl_str digits);
void tl_draft_raw(struct tl_draft *d, const char *name, struct tl_str json);

/* ---- making events ---- */
struct tl_maker;
struct tl_maker *tl_maker_new(const char *dir);                /* dir: of its tally, may be NULL. NULL: out of memory */
void tl_maker_free(struct tl_maker **mp);
void tl_maker_forget(struct tl_maker *m);                      /* a new case begins and none before it comes again: forget the contents seen */
/* tl_maker_json - the event's JSON; a view that lives until the next call. 0, TL_ENOMEM. */
int tl_maker_json(struct tl_maker *m, const struct tl_draft *d, struct tl_str *json, struct tl_err *err);

#endif
