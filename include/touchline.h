/* touchline.h - the C SDK: send touchpoint events from a till, a kiosk, a server. Link with -ltouchline -lcurl -lpthread. Usable from C++.
 *
 * Calls never wait for the network: an event goes into a bounded queue, and a thread of its own sends it, in batches, until the collector has it on
 * disk. Every event gets an id and a running number here, so sending again counts once. The queue is in memory, and what waits there when the process dies is
 * lost: call touchline_flush before leaving. Or it is in a file (queue_file): then an event survives kill -9 once the call has returned, and a power cut about a
 * second later; the next start sends it.
 *
 * No global state: any number of handles, each usable from any thread. After fork the child may use the parent's handles: there they are empty, in memory, with a
 * session of their own, and what waited is the parent's to send. Manual: touchline(3). */
#ifndef TOUCHLINE_H
#define TOUCHLINE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TOUCHLINE_OK 0
#define TOUCHLINE_FULL (-1)      /* the queue holds queue_bytes_max, or its disk is full: the event was not taken, and is counted */
#define TOUCHLINE_INVALID (-2)   /* an argument is missing or too long, or props is not one JSON object */
#define TOUCHLINE_MEMORY (-3)
#define TOUCHLINE_TIMEOUT (-4)   /* flush: not everything is sent yet */

struct touchline;

struct touchline_options {
    const char *url;             /* the collector, "http://127.0.0.1:8080" */
    const char *key;             /* write key */
    const char *channel;         /* of all events: app web store phone chat social email sms kiosk iot mail; may be NULL */
    const char *place;           /* of all events, like "S03"; may be NULL */
    size_t queue_bytes_max;      /* 0 = 1 MB in memory, 16 MB in a file */
    int flush_ms;                /* an event waits at most this long for company; 0 = 500 */
    const char *queue_file;      /* the queue lies here, made when absent (0600), for one process at a time; NULL: in memory */
};

/* All text is UTF-8, copied, and may be NULL but for type. */
struct touchline_event {
    const char *type;            /* "order.placed"; at most 120 bytes */
    const char *id_kind, *id;    /* who: "member" "user" "phone" "email" ...; NULL: as last said with touchline_identify */
    const char *touchpoint, *channel, *place, *agent, *order, *case_id, *outcome;
    const char *props;           /* one JSON object, at most 16 KB */
};

struct touchline_stats {
    unsigned long queued, sent, refused, full;   /* events: waiting; acknowledged; of these quarantined or refused for good; not taken */
    unsigned long damaged;                       /* lines of the queue's file that its disk has spoiled: skipped */
    int last_status;                             /* HTTP status of the last answer; 0 when none came */
};

/* touchline_new - returns owned, or NULL with errno: EINVAL (url or key missing, something too long, queue_file is no queue), EWOULDBLOCK (another process has
 * queue_file), ENOMEM, what the file system said. Starts the sending thread. */
struct touchline *touchline_new(const struct touchline_options *o);
/* touchline_identify - whom the following events without an id of their own belong to. 0 or TOUCHLINE_*. */
int touchline_identify(struct touchline *t, const char *id_kind, const char *id);
/* touchline_track - an event of the identified customer. 0 or TOUCHLINE_*. Never blocks. */
int touchline_track(struct touchline *t, const char *type, const char *props);
/* touchline_send - an event with more to it. 0 or TOUCHLINE_*. Never blocks. */
int touchline_send(struct touchline *t, const struct touchline_event *e);
/* touchline_heartbeat - everything that happened here up to now has been told: it is sent behind all that is queued. Say it every minute or so, and standards that
 * name this key in `ends_from` know a silent till from a customer who was kept waiting. place: speaks for that place of a shared key only; NULL: for the whole key.
 * 0 or TOUCHLINE_*. Never blocks. */
int touchline_heartbeat(struct touchline *t, const char *place);
/* touchline_flush - wait until all is acknowledged, at most timeout_ms. 0 or TOUCHLINE_TIMEOUT. */
int touchline_flush(struct touchline *t, int timeout_ms);
void touchline_stats(struct touchline *t, struct touchline_stats *out);
/* touchline_free - stops the thread, within a request's 10 s at most; what is queued in memory is dropped, in a file it stays. Sets *tp to NULL; accepts NULL. */
void touchline_free(struct touchline **tp);

#ifdef __cplusplus
}
#endif
#endif
