/* visit_in.h - what the files of visit_door share: a visit with its scenario, the page, and what is sent. */
#ifndef VISIT_IN_H
#define VISIT_IN_H

#include "fold.h"
#include "tl_json.h"
#include "tl_visit.h"

struct visit_guest {                    /* whoever has the link */
    struct tl_visit visit;
    const struct tl_scenario *scenario; /* NULL: none that the catalogue has; then the four usual stamps, and no items */
    char token_hash[65];
    bool received;                      /* finished: the page says so, and takes no more */
};

/* visit_page.c: the page's bytes, and the policy that lets its own style and script run, and no other */
struct visit_page;
struct visit_page *visit_page_new(void);                                /* NULL: out of memory */
void visit_page_free(struct visit_page **pp);
const char *visit_page_policy(const struct visit_page *p);
int visit_page_make(const struct visit_page *p, struct look *k, const struct visit_guest *g, struct tl_buf *out, struct tl_err *err);
/* visit_page_over - what an unknown token is told, in both languages */
struct tl_str visit_page_over(void);

/* visit_send.c: what is sent becomes control records, bodies in out, each ended by a NUL; they are entered in order, the last one finishes the visit */
int visit_send_start(const struct visit_guest *g, const struct tl_jv *root, int64_t now_ms, struct tl_buf *out, struct tl_err *err);
/* visit_send_all - TL_EINVAL: err says which stamp or item the scenario does not have, or which answer it does not take */
int visit_send_all(const struct visit_guest *g, const struct tl_jv *root, int64_t now_ms, struct tl_buf *out, struct tl_err *err);

#endif
