/* tl_visit_link.h - the one-time link of a visit's page: a token of 32 random bytes, of which the store keeps the hash alone. */
#ifndef TL_VISIT_LINK_H
#define TL_VISIT_LINK_H

#include "tl_err.h"
#include "tl_mem.h"

#define TL_VISIT_LINK_PATH "/visit/"
#define TL_VISIT_TOKEN_CHARS 43         /* 32 bytes in base64url, without padding */
#define TL_VISIT_LINK_HOURS 72
#define TL_VISIT_LINK_HOURS_MAX (31 * 24)

/* tl_visit_link_make - a new token, and the hash that the record keeps (hex BLAKE2b-256 of the token's characters) */
void tl_visit_link_make(char token[TL_VISIT_TOKEN_CHARS + 1], char hash[65]);
/* tl_visit_link_hash - of what came as a token; false: it has not the form of one */
bool tl_visit_link_hash(struct tl_str token, char hash[65]);
/* tl_visit_link_nowhere - is this address, or what an address begins with, every address of a machine and so none that a phone can be told (0.0.0.0, ::)? */
bool tl_visit_link_nowhere(const char *base);

#endif
