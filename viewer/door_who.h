/* door_who.h - identities that a page names by hash: a page never learns the raw ones, so the door puts them in, from the log. */
#ifndef DOOR_WHO_H
#define DOOR_WHO_H

#include "tl_err.h"
#include "tl_mem.h"

/* Names the identity behind a hash: kind and value, views into hold. 0, or an error whose text a user can act on. */
typedef int (*door_names)(void *arg, const uint8_t hash[16], struct tl_buf *hold, struct tl_str *kind, struct tl_str *value, struct tl_err *err);
/* door_who - does the body of such a record name identities by hash? */
bool door_who(struct tl_str kind);
/* door_who_put - body with every {"hash": 32 hex} in members a, b and id replaced by {"kind", "value"}; everything else as it came. 0, TL_EINVAL, what names says. */
int door_who_put(struct tl_str body, door_names names, void *arg, struct tl_buf *out, struct tl_err *err);

#endif
