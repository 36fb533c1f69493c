/* answer_identity.h - how a customer's identities came together and apart: links with what proves them, and what people said by hand.
 *
 * journeys/ holds hashes and positions; who, when and why are read from the log, where the record or the event stands. */
#ifndef ANSWER_IDENTITY_H
#define ANSWER_IDENTITY_H

#include "fold.h"

#define IDENTITY_LINKS_MAX 200          /* links told with what proves them, the earliest ones; the rest is counted */
#define IDENTITY_SAID_MAX 200           /* records of people, the latest ones; the rest is counted */

struct identity_end { struct tl_str kind; uint8_t hash[16]; };      /* kind: "" when no customer has it any more */
struct identity_link {
    struct identity_end a, b;
    bool manual;                        /* a person said so (too) */
    uint32_t told_n;                    /* arrivals that tell of it */
    uint64_t position;                  /* of the first */
    int64_t at_ms;                      /* of that event or record; TL_TIME_NONE when it cannot be read any more */
    struct tl_str type, origin, channel, place;     /* of the event; of a record: absent */
};
struct identity_said {
    bool link, holds;                   /* holds: the latest word on this pair */
    struct identity_end a, b;           /* a is of this customer */
    bool apart;                         /* b is another customer's: `other` */
    uint8_t other[16];
    uint64_t position;
    int64_t at_ms;
    struct tl_str actor, reason;
};
struct identity_answer_all {
    struct identity_link *link;
    uint32_t link_n, link_cut;
    struct identity_said *said;         /* the latest first */
    uint32_t said_n;
    uint64_t said_cut;
};
/* fold_identity - of a customer already read. All text in the look's arena. 0, TL_ENOMEM, the store's errors. */
int fold_identity(struct look *k, struct tl_store_txn *t, const struct tl_customer *c, struct identity_answer_all *out, struct tl_err *err);
/* fold_identity_prove - fills at_ms, type, origin, channel and place from what stands at o->position in the log */
void fold_identity_prove(struct look *k, struct identity_link *o);
/* fold_identity_name - the identity behind a hash, as an event or a person gave it, from the log: into hold, kind and value views of it. Never shown, never
 * logged: what the control door is told in place of the hash. TL_ENOTFOUND. */
int fold_identity_name(struct look *k, const uint8_t hash[16], struct tl_buf *hold, struct tl_str *kind, struct tl_str *value, struct tl_err *err);

#endif
