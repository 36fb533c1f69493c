/* inside.h - what a handle is: shared by touchline.c (the calls) and sender.c (the thread). */
#ifndef INSIDE_H
#define INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "queue.h"
#include "tl_fetch.h"
#include "tl_port.h"
#include "touchline.h"

#define TEXT_BYTES 120

struct touchline {
    atomic_int owner;               /* process that it works in; its negative while that one makes it its own */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    struct tl_fetch *fetch;         /* the thread's */
    bool running, stop, urgent;     /* urgent: somebody waits in touchline_flush */
    char url[512], auth[300], channel[TEXT_BYTES + 1], place[TEXT_BYTES + 1], session[37];
    char id_kind[TEXT_BYTES + 1], id[TEXT_BYTES + 1];
    int flush_ms;
    unsigned long seq;
    struct queue queue;             /* lines not yet acknowledged */
    struct touchline_stats stats;
    struct tl_rand rand;            /* straight from the kernel: a pool would give a child of fork its parent's ids */
};

/* sender_start - 0, or an errno. With the lock held, or before anyone else has the handle. */
int sender_start(struct touchline *t);
void sender_stop(struct touchline *t);          /* waits for its last request */

#endif
