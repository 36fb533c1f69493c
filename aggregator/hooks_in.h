/* hooks_in.h - what the files of hooks share. hooks.c: settings, the step; hooks_group.c: messages, and the windows in which they are held back; hooks_take.c: new
 * alerts, digests; hooks_send.c: sending. All on one thread; h->t is the transaction of the moment. */
#ifndef HOOKS_IN_H
#define HOOKS_IN_H

#include <limits.h>

#include "hooks.h"
#include "hooks_message.h"

#define HOOK_TAKE_MAX 500               /* alerts of one step */
#define NAME_BYTES 96

struct group { char name[NAME_BYTES]; int64_t begin_us; uint32_t held; uint64_t latest; };
struct line { int64_t next_us; int tries; uint32_t waiting; };      /* to one receiver */
struct hooks {
    struct tl_alerts *store;
    char path[PATH_MAX];
    int64_t group_ms;
    int digest_hour;
    struct tl_zone *zone;
    struct hooks_conf *conf;
    uint64_t stamp;
    bool read;                          /* the settings were looked at once */
    char trouble[TL_ERR_TEXT_BYTES];
    struct line line[HOOKS_MAX];        /* by place in conf */
    struct group *group; uint32_t group_n, group_cap;
    uint64_t *fresh; uint32_t fresh_n;  /* ids of alerts to deal with */
    uint64_t posts;
    char pages[200];
    struct tl_buf value, body;
    struct request request;
    int64_t steady_from_ms;             /* wall clock less monotonic clock, at the first step */
    bool started;
    /* of the step */
    int64_t now_ms, mono_us, steady_ms;
    struct tl_alerts_txn *t;
    struct tl_err *err;
};

/* ---- memos ---- */
/* hooks_name - "what/HOOK", numbered "what/HOOK/NUMBER", into out */
struct tl_str hooks_name(char out[NAME_BYTES], const char *what, const struct hook *k, uint64_t number, bool numbered);
int hooks_put(struct hooks *h, struct tl_str name);      /* h->value under that name */
int hooks_first(void *arg, struct tl_str name, struct tl_str v);     /* for tl_alerts_memo_each: the first name into arg, char[NAME_BYTES] */
const struct hook *hooks_named(const struct hooks *h, struct tl_str id);
struct tl_str hooks_in(struct tl_str name);              /* "out/HOOK/..." -> HOOK */

/* ---- messages: made into h->body between hooks_next_id and hooks_queue ---- */
void hooks_next_id(struct hooks *h, const struct hook *k, char id[MESSAGE_ID_BYTES]);
struct tl_str hooks_link(const struct hooks *h, char out[400], uint64_t id);     /* 0: of the list */
int hooks_queue(struct hooks *h, const struct hook *k, const char *id);
struct group *hooks_new_group(struct hooks *h);          /* NULL: out of memory */
int hooks_group(struct hooks *h, const struct hook *k, const struct tl_alert *a);    /* told at once, or held back */
int hooks_flush(struct hooks *h);                        /* windows that are over */
int hooks_take(struct hooks *h, const struct hook *k, bool *more);
int hooks_digest(struct hooks *h, const struct hook *k);     /* if one is due */
int hooks_send(struct hooks *h, const struct hook *k, const struct hooks_port *port);    /* the next one, on its own transactions */

#endif
