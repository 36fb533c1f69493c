/* policy.h - what of an event may reach a disk: per type of event and field keep, hash or drop. The collector rewrites the event before the spool.
 *
 * DATA/policy.json, or collector.policy:
 *   {"*":              {"ids.phone": "hash", "ids.email": "hash", "props.card": "drop"},
 *    "survey.response": {"text": "drop"},
 *    "till.*":          {"agent": "hash", "props.card": "keep"}}
 * A type is written out, or as its beginning with *. A field is ids, ids.KIND, props, props.NAME[.NAME...], agent place case order journey session tier text
 * touchpoint, promise, value, scores or consent (these four: keep or drop). Of the rules that fit, that of the most exact type wins, and in it that of the most exact
 * field. Read at the start; a file that cannot be understood is no start.
 *
 * An event whose type has a rule is kept in our own form alone: the fields of schemas/event.def, without what else its sender wrote. hash: BLAKE2b-128 under
 * DATA/keys/policy.key (made when absent; the same file on every collector whose hashes shall meet). An identity so treated changes its kind, phone to phone_hash,
 * and is normalised first; the same value anywhere in props is treated alike. While there is any rule, refused bytes whose type cannot be told are not kept. */
#ifndef POLICY_H
#define POLICY_H

#include "tl_event.h"

#define POLICY_FILE_BYTES_MAX 65536
#define POLICY_RULES_MAX 500            /* fields over all types */

struct policy;
/* policy_open - 0; *out NULL: there is no file, and nothing is treated. TL_ECONFIG: file, line and what is allowed; TL_EIO. file "": DATA/policy.json, which need not be there. */
int policy_open(struct policy **out, const char *data, const char *file, struct tl_err *err);
/* policy_key - the key of the hashes, made when absent; not asked for without a rule that hashes. p may be NULL. 0 or TL_EIO. */
int policy_key(struct policy *p, const char *data, struct tl_err *err);
void policy_free(struct policy **pp);
size_t policy_rules(const struct policy *p);

struct policy_desk { struct tl_arena *arena; struct tl_buf slice; };      /* zero-initialised, one a thread: what an event was rewritten into, until the next one */
/* policy_apply - rewrite ev by the rules of its type; ev->raw is then its own form, in d. 0; 1: rewritten; TL_ENOMEM: too much to rewrite, and ev must not be kept. */
int policy_apply(const struct policy *p, struct policy_desk *d, struct tl_event *ev);
void policy_desk_free(struct policy_desk *d);

#endif
