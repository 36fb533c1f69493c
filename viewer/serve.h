/* serve.h - the viewer as a server: addresses to answers. Folding must not hold up an HTTP loop, so answers are made by two workers. */
#ifndef SERVE_H
#define SERVE_H

#include "tl_conf.h"
#include "tl_http.h"

#define SERVE_VERSION "0.1.0"

struct serve;
int serve_start(struct serve **out, const struct tl_conf *conf, struct tl_err *err);
int serve_port(const struct serve *s);
int serve_visit_port(const struct serve *s);        /* of viewer.visit_bind; 0: nothing listens there */
void serve_stop(struct serve **sp);     /* finishes what is being answered */

#endif
