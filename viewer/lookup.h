/* lookup.h - who has an identity: POST /api/customers/find. The identity travels in the body, so that no address, history or log of a proxy holds it; it is
 * hashed before the store is asked, and kept nowhere. */
#ifndef LOOKUP_H
#define LOOKUP_H

#include "ask.h"
#include "tl_err.h"

#define LOOKUP_PATH "/api/customers/find"

/* lookup_read - the body {"kind"?, "value"} -> q->id_kind (absent: under every usual kind) and q->id_value, in the arena. 0, TL_EINVAL. */
int lookup_read(struct tl_str body, struct tl_arena *a, struct ask *q, struct tl_err *err);

#endif
