/* visits.h - the register of mystery visits in memory: whose events, in which order or under which identity, and when. Pure; bodies come from weave_notes.c.
 *
 * An event belongs to a visit when one of its identities or its order is registered and its time lies in the visit's window (tl_visit.h). */
#ifndef VISITS_H
#define VISITS_H

#include "tl_err.h"
#include "tl_mem.h"

/* What can be registered of an event: the hash of an identity, or that of an order (tl_kept_hash) with zeros behind. */
struct visit_key { uint8_t b[16]; };
struct visit {
    char *id;
    int64_t from_ms, to_ms;         /* with what lies before and after */
    struct visit_key *key; uint32_t key_n;
};
/* visit_read - a kept body (tl_visit.h). A withdrawn one has no key. TL_EINVAL: it cannot be read; TL_ENOMEM. */
int visit_read(struct tl_str body, struct visit *v);
void visit_free(struct visit *v);
bool visit_has(const struct visit *v, const struct visit_key *key, uint32_t n, int64_t at_ms);
struct visit_key visit_key_of_order(uint64_t order_hash);

struct visits;
struct visits *visits_new(void);                                    /* NULL: out of memory */
void visits_free(struct visits **vp);
void visits_forget(struct visits *v);                               /* all of them */
int visits_put(struct visits *v, struct visit *visit);              /* takes what visit holds, in place of one of that id. 0, TL_ENOMEM (nothing was taken) */
bool visits_take(struct visits *v, struct tl_str id, struct visit *out);    /* out of the register, owned; false: none of that id */
bool visits_any(const struct visits *v);
bool visits_has(struct visits *v, const struct visit_key *key, uint32_t n, int64_t at_ms);

#endif
