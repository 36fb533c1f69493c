/* tl_profile.h - what is kept of one customer beside the events: identities, links, the keys of the journey rows. Bytes: schemas/store.md. */
#ifndef TL_PROFILE_H
#define TL_PROFILE_H

#include "tl_err.h"
#include "tl_mem.h"
#include "tl_rows.h"

struct tl_store_identity { uint8_t hash[16]; uint32_t kind; uint64_t first_position; uint64_t events; };   /* kind: a word's number */
struct tl_profile_link { uint32_t a, b, told_n; bool manual, back; uint64_t first_position; };     /* a, b: places in the identity list; back: told with b as home; told_n: arrivals that tell of it */
struct tl_profile_journey { uint16_t type; int32_t day; int64_t start_ms; uint32_t tag; uint64_t row_hash; };
struct tl_profile_outcome { uint32_t outcome; int64_t at_ms; };      /* outcome: number of its id's word; of live events only */
struct tl_profile {
    uint64_t events;
    int64_t first_ms, last_ms;  /* corrected times; TL_TIME_NONE without events */
    bool lossy;                 /* events were refused: a split must be made from the log */
    struct tl_store_identity *identity; uint32_t identity_n;   /* by (first position, hash): kept events name their home by place in it */
    struct tl_profile_link *link; uint32_t link_n;
    struct tl_profile_journey *journey; uint32_t journey_n;    /* by key */
    const struct tl_profile_outcome *outcome; uint32_t outcome_n;    /* events that met an outcome of the customer (tl_catalogue.h), by (at_ms, outcome) */
};
void tl_profile_put(struct tl_buf *out, const struct tl_profile *p);
/* lists are made in the arena. 0, TL_ETRUNC, TL_EVERSION, TL_ENOMEM. */
int tl_profile_get(struct tl_str bytes, struct tl_arena *a, struct tl_profile *p);
void tl_profile_journey_key(uint64_t customer, const struct tl_profile_journey *j, uint8_t key[TL_JOURNEY_KEY_BYTES]);

#endif
