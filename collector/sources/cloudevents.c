/* cloudevents.c - CloudEvents 1.0 over HTTP, in its three forms, at /v1/cloudevents or /v1/events.
 *
 *   structured  Content-Type: application/cloudevents+json        {"specversion":"1.0","id":"1","source":"/till/7","type":"order.placed","subject":"member:4711","data":{...}}
 *   batch       Content-Type: application/cloudevents-batch+json  an array of such
 *   binary      ce-specversion, ce-id, ce-source, ce-type, ...    in headers; the body is data
 *
 *   theirs                          ours
 *   source, id                      id = source "#" id (they are unique together); longer than 100 bytes: its hash
 *   type, time                      type, time
 *   subject "member:4711"           ids member; without a kind: user
 *   data's members                  the event's fields of the same names (ids, channel, place, order, scores, props, ...)
 *   extensions channel, place, order, case, journey, session    the fields of those names
 *
 * data whose members of those names mean something else (an id that is an object, say) is all props. A binary event's slice is made in the structured form. */
#include "../fields.h"

#include <stdio.h>
#include <strings.h>

#include "tl_hash.h"
#include "tl_http.h"

#define ID_MAX 100
#define BATCH "application/cloudevents-batch"
#define STRUCTURED "application/cloudevents"

struct cloud {
    struct source_input *in;
    struct fields_reader reader;
};

static bool
begins(struct tl_str s, const char *with)
{
    size_t n = strlen(with);
    return s.n >= n && strncasecmp(s.p, with, n) == 0;
}

static struct tl_str
header(const struct source_input *in, const char *name)
{
    for (uint32_t i = 0; i < in->header_n; i++)
        if (in->header[i].name.n == strlen(name) && strncasecmp(in->header[i].name.p, name, in->header[i].name.n) == 0) return in->header[i].value;
    return (struct tl_str){ NULL, 0 };
}

bool
cloudevents_is(const struct source_input *in)
{
    return begins(in->content_type, STRUCTURED) || header(in, "ce-specversion").p;
}

/* ---- one event ---- */
static bool
map_id(struct cloud *c, const struct tl_jv *root, struct tl_event *ev, struct tl_refusal *why)
{
    struct tl_str source = fields_text(tl_jv_get(root, "source")), id = fields_text(tl_jv_get(root, "id"));
    if (!source.p || !id.p) return fields_refuse(why, TL_REASON_FIELD_RANGE, source.p ? "id" : "source");
    size_t n = source.n + 1 + id.n;
    char *both = tl_arena_alloc(c->in->scratch, n + 65);
    if (!both) return fields_refuse(why, TL_REASON_TOO_LARGE, "id");
    memcpy(both, source.p, source.n);
    both[source.n] = '#';
    memcpy(both + source.n + 1, id.p, id.n);
    if (n > ID_MAX) {
        uint8_t hash[32];
        tl_hash256(both, n, hash);
        tl_hex(hash, sizeof hash, both);
        n = 64;
    }
    fields_known(ev, TL_HAS(id), &ev->id_, (struct tl_str){ both, n });
    return true;
}

static bool
map_subject(const struct tl_jv *root, struct tl_event *ev, struct tl_refusal *why)
{
    static const char *const kinds[] = { "member", "user", "phone", "email", "anonymous", "device" };
    struct tl_str s = fields_text(tl_jv_get(root, "subject"));
    for (size_t i = 0; s.p && i < sizeof kinds / sizeof *kinds; i++) {
        size_t n = strlen(kinds[i]);
        if (s.n <= n + 1 || s.p[n] != ':' || memcmp(s.p, kinds[i], n) != 0) continue;
        return fields_known_id(ev, tl_str_of(kinds[i]), (struct tl_str){ s.p + n + 1, s.n - n - 1 }) || fields_refuse(why, TL_REASON_FIELD_RANGE, "subject");
    }
    return fields_known_id(ev, TL_STR("user"), s) || fields_refuse(why, TL_REASON_FIELD_RANGE, "subject");
}

static bool
map_extensions(const struct tl_jv *root, struct tl_event *ev, struct tl_refusal *why)
{
    return fields_put_text(ev, tl_jv_get(root, "channel"), "channel", TL_HAS(channel), &ev->channel_, why)
           && fields_put_text(ev, tl_jv_get(root, "place"), "place", TL_HAS(place), &ev->place_, why)
           && fields_put_text(ev, tl_jv_get(root, "order"), "order", TL_HAS(order), &ev->order_, why)
           && fields_put_text(ev, tl_jv_get(root, "case"), "case", TL_HAS(case), &ev->case_, why)
           && fields_put_text(ev, tl_jv_get(root, "journey"), "journey", TL_HAS(journey), &ev->journey_, why)
           && fields_put_text(ev, tl_jv_get(root, "session"), "session", TL_HAS(session), &ev->session_, why);
}

/* data as a native event: its fields, when it is an object. What the envelope says of them comes after, and wins. */
static bool
map_data(struct cloud *c, const struct tl_jv *root, struct tl_event *ev, struct tl_refusal *why)
{
    static const char padding[TL_JSON_PADDING];
    const struct tl_jv *data = tl_jv_get(root, "data");
    if (!data || data->type != TL_JOBJECT) return true;
    char *copy = tl_arena_alloc(c->in->scratch, data->raw.n + sizeof padding);
    struct tl_str slice = ev->raw;
    if (!copy) return fields_refuse(why, TL_REASON_TOO_LARGE, "data");
    memcpy(copy, data->raw.p, data->raw.n);
    struct tl_refusal other = { 0 };
    if (tl_event_read(c->in->reader, c->in->scratch, (struct tl_str){ copy, data->raw.n }, ev, &other) != 0) tl_event_init(ev);    /* members of other meanings */
    ev->raw = slice;
    if (!(ev->has & TL_HAS(props))) fields_known(ev, TL_HAS(props), &ev->props_, data->raw);
    return true;
}

static bool
map(void *self, const struct tl_jv *root, struct tl_event *ev, struct tl_refusal *why)
{
    struct tl_str version = tl_jv_text(root, "specversion");
    if (!begins(version, "1.")) return fields_refuse(why, TL_REASON_FIELD_RANGE, "specversion");
    if (!map_data(self, root, ev, why)) return false;
    return map_subject(root, ev, why) && map_id(self, root, ev, why) && fields_put_text(ev, tl_jv_get(root, "type"), "type", TL_HAS(type), &ev->type_, why)
           && fields_put_time(ev, tl_jv_get(root, "time"), "time", why) && map_extensions(root, ev, why);
}

/* ---- binary form ---- */
/* Header values are percent-encoded where a header cannot carry the character; decoded once. */
static struct tl_str
decoded(struct tl_arena *a, struct tl_str v)
{
    char *p = tl_arena_dup(a, v.p, v.n);
    return p ? tl_http_percent(p, v.n, false) : (struct tl_str){ NULL, 0 };
}

static void
put_name(struct tl_jw *w, struct tl_arena *a, struct tl_str name)
{
    char *lower = tl_arena_dup(a, name.p + 3, name.n - 3);
    for (size_t i = 0; lower && i < name.n - 3; i++)
        if (lower[i] >= 'A' && lower[i] <= 'Z') lower[i] = (char)(lower[i] + 32);
    tl_jw_name(w, (struct tl_str){ lower, lower ? name.n - 3 : 0 });
}

static int
read_binary(struct cloud *c, struct tl_err *err)
{
    struct source_input *in = c->in;
    struct tl_buf b = { 0 };
    struct tl_jw w = tl_jw_to(&b);
    struct tl_jv *data = NULL;
    bool json = in->body.n > 0 && tl_json_tree(in->arena, in->body, 0, &data, NULL, NULL) == 0;
    static const char padding[TL_JSON_PADDING];
    tl_jw_open(&w, NULL);
    for (uint32_t i = 0; i < in->header_n; i++) {
        if (in->header[i].name.n <= 3) continue;
        put_name(&w, in->arena, in->header[i].name);
        tl_jw_str(&w, NULL, decoded(in->arena, in->header[i].value));
    }
    if (json) tl_jw_raw(&w, "data", data->raw);
    else if (in->body.n > 0) tl_jw_str(&w, "data", in->body);
    tl_jw_close(&w);
    size_t n = b.len;
    tl_buf_put(&b, padding, sizeof padding);
    char *text = b.failed ? NULL : tl_arena_dup(in->arena, b.data, b.len);
    tl_buf_free(&b);
    return text ? fields_element(&c->reader, 0, (struct tl_str){ text, n }, 0, NULL) : tl_fail(err, TL_ENOMEM, "out of memory");
}

int
cloudevents_read(struct source_input *in, tl_event_each each, void *arg, struct tl_err *err)
{
    struct cloud c = { .in = in, .reader = { .in = in, .each = each, .arg = arg, .map = map, .self = &c, .id = "id" } };
    struct tl_json_fault fault = { 0 };
    if (!begins(in->content_type, STRUCTURED) && header(in, "ce-specversion").p) return read_binary(&c, err);
    int rc = tl_json_elements(in->json, in->body, fields_element, &c.reader, &fault, err);
    if (rc == TL_ETOOBIG) return tl_fail(err, rc, "more than %zu events in one body", in->events_max);
    return rc == TL_EINVAL ? tl_fail(err, rc, "byte %zu of the body: %s", fault.offset, tl_reason_text(fault.reason)) : rc;
}
