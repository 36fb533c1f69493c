/* source.h - a protocol that clients speak: a row in the table of receive.c and a reader in sources/.
 *
 * A new protocol is a file with a reader and a row with its path: limits, key, answer, policy and quarantine are the same for all. */
#ifndef SOURCE_H
#define SOURCE_H

#include "tl_event.h"
#include "tl_json.h"
#include "tl_mem.h"

struct source_pair { struct tl_str name, value; };
#define SOURCE_PAIRS_MAX 128            /* of a query, of a form, of headers; more: the request is refused */

struct source_input {
    struct tl_str body;                 /* inflated; TL_JSON_PADDING readable bytes follow */
    struct source_pair *param;          /* the query's parameters, decoded, in order */
    uint32_t param_n;
    struct source_pair *header;         /* those whose names begin as the row says */
    uint32_t header_n;
    struct tl_str content_type;
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

enum source_answer {
    SOURCE_LIST,                        /* {"accepted":n,"quarantined":[...],"cursor":"..."} */
    SOURCE_OK,                          /* the text ok */
    SOURCE_GIF,                         /* one transparent pixel, not to be kept by any cache */
};
struct source {
    const char *path, *call;
    source_read read;
    int status;                         /* of the answer */
    const char *answer_head;            /* members that a list begins with, "" or "\"success\":true," */
    const char *id_name;                /* how the protocol calls an event's id */
    enum source_answer answer;
    bool by_get;                        /* its events come in the query, too */
    bool keeps_bad;                     /* a body that cannot be read, or is too large, is quarantined and answered as taken: its clients would send it for ever */
    const char *headers;                /* beginning of the names of those it reads, NULL: none */
};

int native_read(struct source_input *in, tl_event_each each, void *arg, struct tl_err *err);
bool cloudevents_is(const struct source_input *in);         /* by content type, or by a ce-specversion header */
int cloudevents_read(struct source_input *in, tl_event_each each, void *arg, struct tl_err *err);
int pixel_read(struct source_input *in, tl_event_each each, void *arg, struct tl_err *err);
int posthog_read(struct source_input *in, tl_event_each each, void *arg, struct tl_err *err);
int sensors_read(struct source_input *in, tl_event_each each, void *arg, struct tl_err *err);
int snowplow_read(struct source_input *in, tl_event_each each, void *arg, struct tl_err *err);
int segment_read(struct source_input *in, tl_event_each each, void *arg, struct tl_err *err);

#endif
