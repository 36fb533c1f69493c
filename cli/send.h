/* send.h - events to a collector, in bodies of NDJSON over a few connections at once.
 *
 * A body is sent until it is answered with 2xx: while the collector cannot be reached, is busy (429) or cannot take it (503), the same bytes go
 * again, ids and all, after the time that Retry-After asks for. So nothing is lost when a program is killed and started again, and nothing doubles. */
#ifndef CLI_SEND_H
#define CLI_SEND_H

#include "tl_err.h"
#include "tl_mem.h"

#define SENDER_BODY_BYTES 500000         /* the collector's limit is 512,000 */
#define SENDER_BODY_EVENTS 2500
#define SENDER_CONNECTIONS_MAX 8

struct sender;
struct sender_cfg {
    const char *url;                     /* "http://127.0.0.1:8080"; borrowed */
    const char *key;                     /* write key: becomes the events' origin; borrowed */
    const char *token;                   /* of the folder (tl_run_token): any origin may be named. NULL: none; borrowed */
    int connections;                     /* 1..SENDER_CONNECTIONS_MAX; 0: 2 */
    int patience_s;                      /* give up when nothing was answered for so long; 0: 60 */
    /* before a body is sent again because nobody answered: where the collector is now, into url[80]. May be NULL. Called by one thread at a time. */
    void (*find)(void *arg, char url[80]);
    /* an event that the collector put into quarantine; line is what sender_put was given. Called by one thread at a time. */
    void (*refused)(void *arg, uint64_t line, struct tl_str id, struct tl_str reason, struct tl_str field);
    void *arg;
};
struct sender_counts {
    uint64_t events, bodies, bytes;      /* answered with 2xx */
    uint64_t accepted, quarantined;
    uint64_t resent;                     /* bodies sent again */
};
/* sender_open - starts the connections' threads. returns owned. TL_ENOMEM, TL_EINVAL. */
int sender_open(struct sender **out, const struct sender_cfg *cfg, struct tl_err *err);
/* sender_put - one event's JSON, copied; waits while all bodies are full. line is any number of the caller's. TL_ENET, TL_EINVAL (the collector said no), TL_EINTR. */
int sender_put(struct sender *s, struct tl_str json, uint64_t line, struct tl_err *err);
/* sender_push - what was put goes out now; returns at once. TL_ENET .. as sender_put: what a body sent before met. */
int sender_push(struct sender *s, struct tl_err *err);
/* sender_flush - returns when all that was put has been answered */
int sender_flush(struct sender *s, struct tl_err *err);
void sender_counts(struct sender *s, struct sender_counts *counts);
/* sender_close - flushes, ends the threads, frees; the first failure is returned. counts may be NULL. Accepts NULL. */
int sender_close(struct sender **sp, struct sender_counts *counts, struct tl_err *err);

#endif
