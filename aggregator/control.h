/* control.h - the control door's rules and its queue: which records a person or an operator may enter, and their way to the thread that writes the log.
 *
 * Bodies are described in schemas/store.md section 1; control_kinds.c holds the table. No HTTP and no log here. */
#ifndef CONTROL_H
#define CONTROL_H

#include "tl_catalogue_files.h"
#include "tl_err.h"
#include "tl_mem.h"

#define CONTROL_BODY_MAX 16384
#define CONTROL_CATALOGUE_MAX TL_CATALOGUE_BODY_MAX      /* of the kind `catalogue` */
#define CONTROL_ACTOR_MAX 100
#define CONTROL_COLLECTOR_MAX 32
#define CONTROL_QUEUE_MAX 1024

/* control_check - is body one object as kind demands? 0; TL_ENOTFOUND (unknown kind: err names the known ones), TL_EINVAL (err names the member),
 * TL_ETOOBIG, TL_ENOMEM. On 0 *word is the kind as a static string. */
int control_check(struct tl_str kind, struct tl_str body, const char **word, struct tl_err *err);
/* control_collector - whom a `gap` that control_check let pass speaks of: the beginning of a number in hex, or "" for all. TL_ENOMEM: not known whom. */
int control_collector(struct tl_str body, char hex[CONTROL_COLLECTOR_MAX + 1], struct tl_err *err);
/* control_authorized - does the Authorization header's value carry the token? Takes the same time for every wrong one. */
bool control_authorized(struct tl_str authorization, const char *token);

/* One record on its way. rq is the caller's: whom to answer. */
struct control_item {
    const char *kind;               /* static */
    char actor[CONTROL_ACTOR_MAX + 1];
    int64_t time_ms;
    struct tl_str body;             /* owned, right behind the struct */
    void *rq;
    struct control_item *next;
};
struct control_item *control_item_new(const char *kind, struct tl_str actor, int64_t time_ms, struct tl_str body, void *rq);   /* NULL: out of memory */
void control_item_free(struct control_item **ip);

/* Any thread pushes, one takes. */
struct control_queue;
struct control_queue *control_queue_new(void);
void control_queue_free(struct control_queue **qp);      /* must be empty */
int control_queue_fd(const struct control_queue *q);     /* readable while items wait */
int control_push(struct control_queue *q, struct control_item *item, struct tl_err *err);   /* takes item; TL_EBUSY (full or closed): item stays the caller's */
struct control_item *control_take(struct control_queue *q);                                 /* NULL: none waits */
void control_close(struct control_queue *q);             /* further pushes are refused */

#endif
