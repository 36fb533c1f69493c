/* tl_identity.h - who: identities normalised and hashed the same everywhere. journeys/ holds hashes only; the raw values stay in the log.
 *
 * The hash of an identity is 128 bits under the store's secret key: two SipHash-2-4 with the key's halves. */
#ifndef TL_IDENTITY_H
#define TL_IDENTITY_H

#include "tl_event.h"
#include "tl_hash.h"
#include "tl_mem.h"
#include "tl_phone.h"

#define TL_IDENTITY_BYTES_MAX 512

/* tl_identity_normal_in - value trimmed; e-mail lower-cased; phone as tl_phone.h has it, of that region (NULL: none). Into out[cap]; returns its length,
 * 0 when empty, junk (tl_event_junk_id, tl_phone_normal) or longer than cap. tl_identity_normal: of no region. */
size_t tl_identity_normal_in(const struct tl_region *region, struct tl_str kind, struct tl_str value, char *out, size_t cap);
size_t tl_identity_normal(struct tl_str kind, struct tl_str value, char *out, size_t cap);
int tl_identity_rank(struct tl_str kind);          /* member 0 < user 1 < phone 2 < email 3 < others 4 < anonymous 5 < device 6; KIND_hash as KIND */
void tl_identity_hash(const uint8_t key[TL_KEY_BYTES], struct tl_str kind, struct tl_str normal, uint8_t hash[16]);

/* One identity of an event, normalised. */
struct tl_identity {
    struct tl_str kind, normal;
    int rank;
};
/* tl_identity_list - the usable identities of ev, each once, strongest first (rank, kind, value): [0] is the event's home. Text lies in hold,
 * which must have TL_EVENT_IDS_MAX * TL_IDENTITY_BYTES_MAX bytes. Returns how many. */
uint32_t tl_identity_list(const struct tl_event *ev, const struct tl_region *region, struct tl_identity list[TL_EVENT_IDS_MAX], char *hold);

#endif
