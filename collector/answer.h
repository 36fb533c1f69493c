/* answer.h - what senders hear: CORS on every path, one shape for all protocols, Retry-After with every 429 and 503. */
#ifndef ANSWER_H
#define ANSWER_H

#include "commit.h"
#include "tl_embed.h"
#include "tl_http.h"

/* answer_ticket - {"accepted":n,"quarantined":[...],"cursor":"<epoch>-<seq>"}, or the error */
void answer_ticket(const struct ticket *t, uint64_t epoch, const struct tl_err *err);
/* answer_nothing - the same for a body that held no event at all */
void answer_nothing(struct tl_http_req *rq, const void *source);
void answer_error(struct tl_http_req *rq, const struct tl_err *err);
void answer_limited(struct tl_http_req *rq, const struct tl_err *err, int wait_s);     /* with Retry-After: wait_s */
void answer_preflight(struct tl_http_req *rq);
void answer_text(struct tl_http_req *rq, int status, const char *content_type, const struct tl_buf *b);
/* answer_file - an embedded file, cached for an hour, 304 when the client has it */
void answer_file(struct tl_http_req *rq, const struct tl_embed *f, const char *content_type);

#endif
