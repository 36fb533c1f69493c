/* access.h - what a write key opens: the registry of DATA/keys/write-keys.json, read again when it changes.
 *
 * As long as it lists no key, every key is taken and names the origin itself. From the first one on, only listed ones are, and the origin is the key's
 * id. Whoever holds the folder's own token (run/token: the `touchline` command) may name any origin, as imports do. Any thread. */
#ifndef ACCESS_H
#define ACCESS_H

#include "tl_err.h"
#include "tl_mem.h"

#define ACCESS_ORIGIN_MAX 120

struct access;
struct access_asked {
    struct tl_str key;                  /* write key, or what stands for none */
    struct tl_str browser;              /* the request's Origin header */
    struct tl_str token;                /* its X-Touchline-Token header */
};
struct access_grant {
    char origin[ACCESS_ORIGIN_MAX + 1];
    char stream[16];                    /* the one it may send; "": what the origin's form says (admit.h) */
    int64_t rate;                       /* events a second; 0: as the settings say */
    bool operator;                      /* has the token: no limits */
};
/* access_open - TL_ECONFIG, TL_EIO: a registry that cannot be read opens no door */
int access_open(struct access **out, const char *data, struct tl_err *err);
void access_close(struct access **ap);
/* access_refresh - take the registry again if it changed; when it cannot be read, or is gone, what was known stays, and the log says so */
void access_refresh(struct access *a);
/* access_check - 0; TL_EAUTH: unknown, revoked or over; TL_EDENIED: not from that page */
int access_check(struct access *a, const struct access_asked *asked, int64_t now_ms, struct access_grant *grant, struct tl_err *err);

#endif
