/* source.h - a protocol that clients speak: a row in the table of receive.c and a reader in sources/.
 *
 * A new protocol is a file with a reader and a row with its path: limits, key, answer, policy and quarantine are the same for all. */
#ifndef SOURCE_H
#define SOURCE_H

#include "tl_event.h"
#include "tl_json.h"
#include "tl_mem.h"

struct source_input {
    struct tl_str body;                 /* inflated; TL_JSON_PADDING readable bytes follow */
    size_t events_max;
    const char *call;                   /* which call of the protocol: "track", "batch"; NULL when it has one only */
    struct tl_str origin;               /* the write key of the request's head; a reader may put in the one that its body names */
    bool origin_given;                  /* the head named one */
    int64_t sent_at_ms;                 /* of the request's head, TL_TIME_NONE when not given */
    struct tl_event_reader *reader;
    struct tl_json *json;
    struct tl_arena *arena;             /* for the whole body */
    struct tl_arena *scratch;           /* for one event; a reader resets it */
};

/* source_read - split the body and hand over every event in order, or the reason why it is none (tl_event.h, tl_event_body).
 * 0; TL_EINVAL: the body as a whole cannot be read, each was not called; TL_ETOOBIG: more than events_max; TL_ENOMEM; what each returned. */
typedef int (*source_read)(struct source_input *in, tl_event_each each, void *arg, struct tl_err *err);

struct source {
    const char *path, *call;
    source_read read;
    int status;                         /* of the answer */
    const char *answer_head;            /* members that the answer begins with, "" or "\"success\":true," */
    const char *id_name;                /* how the protocol calls an event's id */
};

int native_read(struct source_input *in, tl_event_each each, void *arg, struct tl_err *err);
int segment_read(struct source_input *in, tl_event_each each, void *arg, struct tl_err *err);

#endif
