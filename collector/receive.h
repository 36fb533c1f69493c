/* receive.h - from an HTTP request to a body that a protocol's reader can split: which protocol, whose key, gzip undone. */
#ifndef RECEIVE_H
#define RECEIVE_H

#include "source.h"
#include "tl_http.h"

#define RECEIVE_ORIGIN_DEFAULT "public"     /* of a request without a write key */
#define RECEIVE_ORIGIN_MAX 120              /* bytes of a write key */
#define RECEIVE_ARENA_BYTES (4u * 1024 * 1024)

struct receive {                            /* what one loop works with; reused from request to request */
    struct source_input in;
    const struct source *source;
    bool until_logged;                      /* ?ack=logged */
    struct tl_buf inflated;
    char origin[RECEIVE_ORIGIN_MAX + 1];
};
int receive_init(struct receive *r, size_t body_max, size_t events_max, struct tl_err *err);
void receive_free(struct receive *r);

/* receive_source - the row that takes this path; NULL: no protocol does */
const struct source *receive_source(struct tl_str path);
/* receive_open - fill r->in from a POST on source's path. 0; TL_EINVAL (gzip damaged), TL_ETOOBIG (inflated), TL_EAUTH (key malformed), TL_ENOMEM. */
int receive_open(struct receive *r, const struct source *source, const struct tl_http_req *rq, size_t body_max, struct tl_err *err);
void receive_close(struct receive *r);      /* what receive_open handed out is void */

/* receive_key - the write key from the values of an Authorization header, an X-Write-Key header and a ?key= parameter (each may be absent), first
 * come first, into out. Its length, 0 when there is none, or TL_EAUTH: malformed, longer than RECEIVE_ORIGIN_MAX, or with control bytes. */
int receive_key(struct tl_str authorization, struct tl_str header, struct tl_str query, char out[RECEIVE_ORIGIN_MAX + 1], struct tl_err *err);

#endif
