/* admit.c - see admit.h. Streams other than live belong to write keys of that scope; until keys have scopes, only files that the operator imports
 * (origin "import:...") may name one. */
#include "admit.h"

#include <stdio.h>

#define IMPORT_PREFIX "import:"

static bool
is_import(struct tl_str origin)
{
    return origin.n > sizeof IMPORT_PREFIX - 1 && !memcmp(origin.p, IMPORT_PREFIX, sizeof IMPORT_PREFIX - 1);
}

static int
refuse(struct tl_refusal *why, const struct tl_event *ev, enum tl_reason reason, const char *field)
{
    *why = (struct tl_refusal){ .reason = reason };
    snprintf(why->field, sizeof why->field, "%s", field);
    if (ev->has & TL_HAS(id)) snprintf(why->id, sizeof why->id, "%.*s", (int)ev->id_.n, ev->id_.p);
    return TL_EINVAL;
}

int
admit_event(struct admit *a, struct tl_event *ev, struct tl_refusal *why)
{
    int rc = tl_event_check(ev, a->received_at_ms, why);
    if (rc != 0) return rc;
    if (ev->has & TL_HAS(stream) && !tl_str_is(ev->stream_, "live") && !is_import(a->origin))
        return refuse(why, ev, TL_REASON_STREAM_NOT_ALLOWED, "stream");
    if (!(ev->has & TL_HAS(id))) {
        tl_rand_uuid7(a->rand, a->received_at_ms, a->made_id);
        ev->id_ = tl_str_of(a->made_id);
    }
    ev->received_at_ = a->received_at_ms;
    ev->origin_ = a->origin;
    ev->has |= TL_HAS(id) | TL_HAS(received_at) | TL_HAS(origin);
    return 0;
}
