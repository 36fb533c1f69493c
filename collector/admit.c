/* admit.c - see admit.h. A key of another stream than live sends into that one, said or not: what is meant as a test never lands in the live journeys.
 * Keys without a scope send live; files that the operator imports (origin "import:...") may name any. */
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

static bool
stream_allowed(const struct admit *a, struct tl_event *ev)
{
    bool named = ev->has & TL_HAS(stream);
    if (!a->stream.p) return !named || tl_str_is(ev->stream_, "live") || is_import(a->origin);
    if (named) return tl_str_eq(ev->stream_, a->stream);
    if (tl_str_is(a->stream, "live")) return true;
    ev->stream_ = a->stream;
    ev->has |= TL_HAS(stream);
    return true;
}

int
admit_event(struct admit *a, struct tl_event *ev, struct tl_refusal *why)
{
    int rc = tl_event_check(ev, a->received_at_ms, why);
    if (rc != 0) return rc;
    if (!stream_allowed(a, ev)) return refuse(why, ev, TL_REASON_STREAM_NOT_ALLOWED, "stream");
    if (!(ev->has & TL_HAS(id))) {
        tl_rand_uuid7(a->rand, a->received_at_ms, a->made_id);
        ev->id_ = tl_str_of(a->made_id);
    }
    ev->received_at_ = a->received_at_ms;
    ev->origin_ = a->origin;
    ev->has |= TL_HAS(id) | TL_HAS(received_at) | TL_HAS(origin);
    return 0;
}
