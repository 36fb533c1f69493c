/* envelope.h - a body whose events lie in an array inside an outer object: {"batch":[...],"writeKey":"k"}.
 *
 * The outer object is walked member by member, by brackets and quotes alone, so that one bad event in it is refused alone: every value is then validated
 * whole by tl_json, the array's elements one by one. */
#ifndef ENVELOPE_H
#define ENVELOPE_H

#include "source.h"

struct envelope {
    const char *list;                   /* name of the member that holds the events */
    int (*member)(void *arg, struct tl_str name, const struct tl_jv *v);    /* every other member, in order; v lives as long as in->arena */
    tl_json_each element;
    void *arg;
};
/* envelope_list - the outer object, then its events. 0; TL_EINVAL: it cannot be read, or has no such array; TL_ETOOBIG; what the functions returned. */
int envelope_list(struct source_input *in, const struct envelope *e, struct tl_err *err);
/* envelope_has - is the body an outer object with a member of that name? */
bool envelope_has(const struct source_input *in, const char *list);
/* envelope_single - a body that is one event. key: the member that may name the write key. */
int envelope_single(struct source_input *in, const char *key, tl_json_each each, void *arg, struct tl_err *err);

#endif
