/* fields.h - what the readers of other protocols share: a foreign JSON object mapped field by field onto an event, and the first reason why not. */
#ifndef FIELDS_H
#define FIELDS_H

#include "source.h"

/* fields_refuse - fills why; false, so that a chain of mappings ends there */
bool fields_refuse(struct tl_refusal *why, enum tl_reason reason, const char *field);
/* fields_absent - not given, null, or "" */
bool fields_absent(const struct tl_jv *v);
/* fields_text - text, or a number's digits as they were sent: clients give numbers as ids. {NULL, 0}: absent, or of another type */
struct tl_str fields_text(const struct tl_jv *v);
/* fields_time - Unix ms as a number or as digits, or RFC 3339 text */
bool fields_time(const struct tl_jv *v, int64_t *ms, int *offset_min);

/* fields_put_text, _id, _time - true when v is absent (nothing is put) or fits; else false, and why names `field`. bit: TL_HAS of the event's field. */
bool fields_put_text(struct tl_event *ev, const struct tl_jv *v, const char *field, uint64_t bit, struct tl_str *out, struct tl_refusal *why);
bool fields_put_id(struct tl_event *ev, const struct tl_jv *v, const char *field, struct tl_str kind, struct tl_refusal *why);
bool fields_put_time(struct tl_event *ev, const struct tl_jv *v, const char *field, struct tl_refusal *why);
bool fields_put_sent_at(struct tl_event *ev, const struct tl_jv *v, const char *field, struct tl_refusal *why);

/* fields_known, fields_known_id - a text that is no JSON: a constant, or made in an arena */
void fields_known(struct tl_event *ev, uint64_t bit, struct tl_str *out, struct tl_str text);
/* fields_known_id: false when the event has as many identities as it can hold */
bool fields_known_id(struct tl_event *ev, struct tl_str kind, struct tl_str value);

/* fields_take_key - the write key that a body names, unless the request's head named one already */
void fields_take_key(struct source_input *in, const struct tl_jv *v);
/* fields_id_of - the event's id as the sender sees it in a refusal */
void fields_id_of(struct tl_refusal *why, struct tl_str id);

/* ---- one event after the other ---- */
struct fields_reader {
    struct source_input *in;
    tl_event_each each;
    void *arg;
    /* map - root is an object of the protocol, ev empty but for its raw slice. false: why is filled. self: the protocol's own */
    bool (*map)(void *self, const struct tl_jv *root, struct tl_event *ev, struct tl_refusal *why);
    void *self;
    const char *id;                     /* member that is the event's id, for refusals */
};
/* fields_element - a tl_json_each: validates the slice, maps it, hands it over; arg is a struct fields_reader */
int fields_element(void *arg, size_t index, struct tl_str slice, size_t offset, const struct tl_json_fault *fault);
/* fields_pairs_json - the parameters as one JSON object of texts, in the arena, with TL_JSON_PADDING bytes after it; {NULL, 0}: no memory */
struct tl_str fields_pairs_json(struct tl_arena *a, const struct source_pair *pair, uint32_t n);
struct tl_str fields_pair(const struct source_pair *pair, uint32_t n, const char *name);    /* {NULL, 0}: not there */
/* fields_form - the body's parameters as a form, decoded, in in->arena. How many; 0 when there are more than SOURCE_PAIRS_MAX. */
uint32_t fields_form(struct source_input *in, struct source_pair **pair);
/* fields_base64 - decoded, in the arena, with padding after it; a blank stands for the + it was before a careless form. {NULL, 0}: it is not base64 */
struct tl_str fields_base64(struct tl_arena *a, struct tl_str text);

#endif
