/* tl_fetch.h - HTTP client. Only lib/tl_fetch.c includes curl/curl.h. One handle per thread keeps its connection alive. */
#ifndef TL_FETCH_H
#define TL_FETCH_H

#include "tl_err.h"
#include "tl_mem.h"

struct tl_fetch;
struct tl_fetch *tl_fetch_new(int timeout_ms);           /* NULL: out of memory */
/* tl_fetch_reply_max - a reply of more bytes is a failure; at first 1 GB */
void tl_fetch_reply_max(struct tl_fetch *f, size_t bytes);
void tl_fetch_free(struct tl_fetch **fp);
/* tl_fetch_do - method, url, headers ("Name: value", NULL-ended, may be NULL), body (may be absent); reply's body appended to out.
 * *status out; *retry_after_s out (may be NULL), -1 when not given. 0, or TL_ENET: the peer could not be reached or spoke no HTTP. */
int tl_fetch_do(struct tl_fetch *f, const char *method, const char *url, const char *const *headers, struct tl_str body,
                int *status, int *retry_after_s, struct tl_buf *out, struct tl_err *err);
/* tl_fetch_to_fd - GET url; the body of a 2xx reply is written to fd as it comes, of any length, for as long as bytes come; another reply's is appended
 * to out. *status and *written out. 0; TL_ENET; TL_EIO when fd cannot be written. */
int tl_fetch_to_fd(struct tl_fetch *f, const char *url, int fd, int *status, uint64_t *written, struct tl_buf *out, struct tl_err *err);
/* tl_fetch_escape - percent-encode into b */
void tl_fetch_escape(struct tl_buf *b, struct tl_str s);

#endif
