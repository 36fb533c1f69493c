/* weave_work.h - scratch of weave_customer.c and weave_flush.c, kept from customer to customer. */
#ifndef WEAVE_WORK_H
#define WEAVE_WORK_H

#include "facts.h"
#include "weave.h"

struct item { uint64_t number, position; uint32_t fresh, person; };
struct row { struct tl_profile_journey j; uint8_t key[TL_JOURNEY_KEY_BYTES]; size_t at, n; };
struct turn { uint64_t number; uint32_t person; };
struct weave_work {
    struct item *item; uint32_t item_n, item_cap;
    struct turn *turn; uint32_t turn_n, turn_cap;
    const struct tl_kept **one; uint32_t one_n, one_cap;       /* what was fed of one customer */
    struct tl_store_kept kept;
    struct tl_kept *ordered; uint32_t ordered_n, ordered_cap;
    uint32_t *id; uint32_t id_n, id_cap;                       /* identities of one customer, by place */
    struct tl_store_identity *identity; uint32_t identity_n, identity_cap;
    struct tl_profile_link *link; uint32_t link_n, link_cap;
    struct row *row; uint32_t row_n, row_cap;
    struct tl_profile_journey *journey; uint32_t journey_n, journey_cap;
    struct tl_buf bytes;                                       /* rows of one customer */
    uint32_t *blocks; uint32_t blocks_n, blocks_cap;           /* by stored customer: event blocks of the tangled */
    struct tl_buf slice;
    struct tl_due *due; uint32_t due_n, due_cap;
};

struct weave_work *weave_work_new(void);
void weave_work_free(struct weave_work **wp);

/* ROOM - list gets room for n items in all */
#define ROOM(x, list, n) weave_room((void **)&(x)->list, n, &(x)->list##_cap, sizeof *(x)->list, err)
int weave_room(void **list, uint32_t n, uint32_t *cap, size_t item, struct tl_err *err);
/* weave_drop_row - a row that is stored goes */
int weave_drop_row(struct weave *w, uint64_t customer, const struct tl_profile_journey *j, struct tl_err *err);
/* weave_dues - after stitch_events: the customer's moments that may alert */
int weave_dues(struct weave *w, uint64_t customer, struct tl_err *err);
/* weave_links - lists a customer's links by the places of its identities */
int weave_links(struct weave *w, uint32_t person, struct tl_err *err);
/* weave_catalogue - the record of an activation */
int weave_catalogue(struct weave *w, const struct tl_logged *rec, struct tl_err *err);

/* weave_hash - of {"kind","value"} in a control body. TL_EINVAL when it is no usable identity. */
struct tl_jv;
int weave_hash(struct weave *w, const struct tl_jv *v, uint8_t hash[16]);

/* weave_shared - identities found to be everybody's are written down; after each identify_event and identify_retell */
int weave_shared(struct weave *w, struct tl_err *err);

/* weave_note - a record of a kept kind (tl_note.h) */
int weave_note(struct weave *w, const struct tl_logged *rec, const struct tl_jv *root, struct tl_err *err);

#endif
