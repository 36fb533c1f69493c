/* import_event.h - one row of a file on its way to an event: its fields, identities and attributes, and the JSON made of them. */
#ifndef CLI_IMPORT_EVENT_H
#define CLI_IMPORT_EVENT_H

#include "tl_err.h"
#include "tl_mem.h"

#define DRAFT_FIELDS_MAX 32
#define DRAFT_IDS_MAX 16

enum attr_kind { ATTR_TEXT, ATTR_INT, ATTR_FLOAT, ATTR_BOOL, ATTR_GROUP /* members */, ATTR_LIST /* items */ };

/* A forest of attributes in reading order: children follow their parent, one deeper. Text lies in one buffer. */
struct attr {
    uint32_t key, key_n, value, value_n; /* offsets into attrs.text */
    uint16_t depth;
    uint8_t kind;                        /* enum attr_kind */
};
struct attrs {
    struct tl_buf text;
    struct attr *at;
    uint32_t n, cap;
    bool failed;                         /* out of memory: check once */
};
void attrs_reset(struct attrs *a);
void attrs_free(struct attrs *a);
void attrs_add(struct attrs *a, uint16_t depth, enum attr_kind kind, struct tl_str key, struct tl_str value);
/* attrs_kind_of - INT, FLOAT or BOOL when a JSON reader would read text back as the same, else TEXT ("007" and "1e5" are text) */
enum attr_kind attrs_kind_of(struct tl_str text);

/* text_fault - why bytes cannot stand in an event's text (not UTF-8, or a NUL), or NULL */
const char *text_fault(struct tl_str s);

/* The row. All text is borrowed until draft_json has returned. */
struct draft {
    struct tl_str thread;                /* RUN/CASE: the journey; absent when the file has no cases */
    struct tl_str session;               /* of seq */
    uint64_t seq;
    struct { const char *name; struct tl_str value; bool number; } field[DRAFT_FIELDS_MAX];
    uint32_t fields_n;
    struct { const char *kind; struct tl_str value; } id[DRAFT_IDS_MAX];
    uint32_t ids_n;
    struct { const char *kind; struct tl_str value; } score[DRAFT_IDS_MAX];
    uint32_t scores_n;
    struct tl_str own_id;                /* the row brings its id; absent: made of its content */
    const struct attrs *props;           /* may be NULL */
    const struct attrs *trace;           /* of the case; may be NULL; no part of the id */
};
void draft_field(struct draft *d, const char *name, struct tl_str value);    /* absent and empty ones are left out */
void draft_number(struct draft *d, const char *name, struct tl_str digits);
void draft_id(struct draft *d, const char *kind, struct tl_str value);
void draft_score(struct draft *d, const char *kind, struct tl_str digits);

/* ---- counting what was seen: 64-bit keys, 16 bytes each at load 1/2 ---- */
struct tally;
struct tally *tally_new(void);
void tally_free(struct tally **tp);
void tally_reset(struct tally *t);                       /* forget all, in O(1) */
uint32_t *tally_at(struct tally *t, uint64_t key);       /* the key's number, 0 at first; NULL: out of memory; void after the next call */

/* ---- making events ---- */
struct maker;
struct maker *maker_new(void);                           /* NULL: out of memory */
void maker_free(struct maker **mp);
void maker_forget(struct maker *m);                      /* a new case begins and none before it comes again: forget the contents seen */
/* maker_json - the event's JSON; a view that lives until the next call. 0, TL_ENOMEM. */
int maker_json(struct maker *m, const struct draft *d, struct tl_str *json, struct tl_err *err);

#endif
