/* proxies.h - whose X-Forwarded-For is believed, and whom it names then.
 *
 * Each proxy writes the address it was called from behind what it was sent. So the list is read from its end: the first entry that is no trusted proxy is the
 * sender, and what stands before it was written by the sender, who may write anything. */
#ifndef PROXIES_H
#define PROXIES_H

#include "tl_err.h"
#include "tl_mem.h"

#define PROXIES_MAX 16

struct proxies {
    struct { uint8_t address[16]; int bits; } of[PROXIES_MAX];
    int n;
};
/* proxies_read - "127.0.0.1, 10.0.0.0/8, ::1": addresses and networks, apart by commas or blanks; empty: none is trusted. TL_ECONFIG names the entry. */
int proxies_read(struct proxies *p, const char *text, struct tl_err *err);
/* proxies_trust - is that address one of them? */
bool proxies_trust(const struct proxies *p, struct tl_str address);
/* proxies_step - a line of X-Forwarded-For, in the order they came; *sender, absent before the first one, is whom they name so far: the last entry that is not
 * trusted, else the first of all, without a port. A view into `line`. To be called only where the peer is trusted. */
void proxies_step(const struct proxies *p, struct tl_str line, struct tl_str *sender);

#endif
