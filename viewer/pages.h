/* pages.h - the page's files, carried inside the program: with ETag, and deflated once at start. */
#ifndef PAGES_H
#define PAGES_H

#include "tl_http.h"

struct pages;
int pages_new(struct pages **out, struct tl_err *err);
void pages_free(struct pages **pp);
/* pages_answer - answers rq when its path is a page or a file; false: it is not, rq is untouched. */
bool pages_answer(const struct pages *p, struct tl_http_req *rq);
/* pages_guard - the headers of every answer: what a browser may do with it. header[headers_n] on. */
void pages_guard(struct tl_http_reply *r);
void pages_header(struct tl_http_reply *r, const char *name, const char *value);
bool pages_etag_is(struct tl_http_req *rq, const char *etag);      /* If-None-Match names it, or is * */

#endif
