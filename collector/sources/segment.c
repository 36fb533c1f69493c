/* segment.c - Segment's HTTP tracking API, as the clients of Segment and RudderStack speak it.
 *
 *   POST /v1/track    {"event":"Order Placed","userId":"4711","messageId":"m-1","timestamp":"...","properties":{...},"context":{...}}
 *   POST /v1/batch    {"batch":[{"type":"track",...},...],"writeKey":"k","sentAt":"...","context":{...},"integrations":{...}}
 *
 *   theirs                                      ours
 *   track                                       type = event
 *   page, screen                                type "view", touchpoint = name, else the page's path; channel web, app
 *   identify, alias                             type "identity.link"
 *   group                                       type "group"
 *   messageId                                   id
 *   userId, anonymousId                         ids user, anonymous
 *   previousId (alias)                          ids anonymous and user: clients send either
 *   traits and context.traits: email, phone     ids email, phone
 *   originalTimestamp, else timestamp           time;  sentAt (event, batch, header): sent_at
 *   properties, else traits                     props (bytes of the slice)
 *   properties.order_id, context.sessionId      order, session
 *   Rudder's channel web, mobile                channel web, app
 *
 * All else stays in the raw slice. Context and integrations of a batch are merged into each of its slices, the event's own members first. A group's id
 * is no identity: it would make one customer of a whole company. Nor is a device's: it would make one of all who use a kiosk.
 */
#include "../envelope.h"
#include "../fields.h"

#include <stdio.h>

#include "tl_time.h"

struct segment {                        /* one body */
    struct source_input *in;
    tl_event_each each;
    void *arg;
    const struct tl_jv *context, *integrations;   /* of the batch, NULL when not given */
    int64_t sent_at_ms;
    const char *call;                       /* NULL: every event names its own */
};

/* One event while it is being mapped. */
struct mapping {
    struct segment *s;
    const struct tl_jv *root, *context, *traits;
    const char *call;
    struct tl_event ev;
    struct tl_refusal why;
};

/* ---- members ---- */
static bool
map_text(struct mapping *m, const struct tl_jv *v, const char *field, uint64_t bit, struct tl_str *out)
{
    return fields_put_text(&m->ev, v, field, bit, out, &m->why);
}

static bool
map_id(struct mapping *m, const struct tl_jv *v, const char *field, struct tl_str kind)
{
    return fields_put_id(&m->ev, v, field, kind, &m->why);
}

static bool
map_times(struct mapping *m)
{
    const struct tl_jv *time = tl_jv_get(m->root, "originalTimestamp");
    bool original = !fields_absent(time);
    m->ev.sent_at_ = m->s->sent_at_ms;
    if (m->ev.sent_at_ != TL_TIME_NONE) m->ev.has |= TL_HAS(sent_at);
    return fields_put_time(&m->ev, original ? time : tl_jv_get(m->root, "timestamp"), original ? "originalTimestamp" : "timestamp", &m->why)
           && fields_put_sent_at(&m->ev, tl_jv_get(m->root, "sentAt"), "sentAt", &m->why);
}

static bool
map_identities(struct mapping *m)
{
    const struct tl_jv *traits[2] = { m->traits, tl_jv_get(m->context, "traits") };
    bool good = map_id(m, tl_jv_get(m->root, "userId"), "userId", TL_STR("user"))
                && map_id(m, tl_jv_get(m->root, "anonymousId"), "anonymousId", TL_STR("anonymous"));
    for (int i = 0; good && i < 2; i++)
        good = map_id(m, tl_jv_get(traits[i], "email"), "traits.email", TL_STR("email"))
               && map_id(m, tl_jv_get(traits[i], "phone"), "traits.phone", TL_STR("phone"));
    if (!good || strcmp(m->call, "alias") != 0) return good;
    const struct tl_jv *previous = tl_jv_get(m->root, "previousId"), *to = tl_jv_get(m->root, "to");
    if (fields_absent(previous)) previous = tl_jv_get(m->root, "from");
    return map_id(m, to, "to", TL_STR("user")) && map_id(m, previous, "previousId", TL_STR("anonymous"))
           && map_id(m, previous, "previousId", TL_STR("user"));
}

static bool
map_props(struct mapping *m)
{
    const char *field = "properties";
    const struct tl_jv *props = tl_jv_get(m->root, field);
    if (fields_absent(props)) props = tl_jv_get(m->root, field = "traits");
    if (fields_absent(props)) return true;
    if (props->type != TL_JOBJECT) return fields_refuse(&m->why, TL_REASON_FIELD_TYPE, field);
    m->ev.props_ = props->raw;
    m->ev.has |= TL_HAS(props);
    return map_text(m, tl_jv_get(props, "order_id"), "properties.order_id", TL_HAS(order), &m->ev.order_);
}

static void
map_channel(struct mapping *m)
{
    struct tl_str sent = tl_jv_text(m->root, "channel");
    bool web = !strcmp(m->call, "page") || tl_str_is(sent, "web"), app = !strcmp(m->call, "screen") || tl_str_is(sent, "mobile");
    if (!web && !app) return;
    m->ev.channel_ = web ? TL_STR("web") : TL_STR("app");
    m->ev.has |= TL_HAS(channel);
}

/* ---- calls ---- */
static bool
map_track(struct mapping *m)
{
    return map_text(m, tl_jv_get(m->root, "event"), "event", TL_HAS(type), &m->ev.type_);
}

static bool
map_view(struct mapping *m)
{
    const struct tl_jv *props = tl_jv_get(m->root, "properties"), *name = tl_jv_get(m->root, "name");
    if (fields_absent(name)) name = tl_jv_get(props, "path");
    if (fields_absent(name)) name = tl_jv_get(tl_jv_get(m->context, "page"), "path");
    m->ev.type_ = TL_STR("view");
    m->ev.has |= TL_HAS(type);
    return map_text(m, name, "name", TL_HAS(touchpoint), &m->ev.touchpoint_);
}

static bool
map_link(struct mapping *m)
{
    m->ev.type_ = TL_STR("identity.link");
    m->ev.has |= TL_HAS(type);
    return true;
}

static bool
map_group(struct mapping *m)
{
    m->ev.type_ = TL_STR("group");
    m->ev.has |= TL_HAS(type);
    return true;
}

static const struct {
    const char *call;
    bool (*map)(struct mapping *m);
} calls[] = {
    { "track", map_track }, { "page", map_view }, { "screen", map_view }, { "identify", map_link }, { "alias", map_link }, { "group", map_group },
};

/* ---- merging a batch's context into a slice ---- */
static void
put_missing(struct tl_jw *w, const struct tl_jv *own, const struct tl_jv *extra)
{
    for (const struct tl_jv *v = own ? own->child : NULL; v; v = v->next) {
        tl_jw_name(w, v->name);
        tl_jw_raw(w, NULL, v->raw);
    }
    for (const struct tl_jv *v = extra->child; v; v = v->next) {
        struct tl_str name = v->name;
        bool there = false;
        for (const struct tl_jv *o = own ? own->child : NULL; o && !there; o = o->next)
            there = tl_str_eq(o->name, name);
        if (there) continue;
        tl_jw_name(w, name);
        tl_jw_raw(w, NULL, v->raw);
    }
}

static void
put_merged(struct tl_jw *w, const char *name, const struct tl_jv *own, const struct tl_jv *extra)
{
    if (!own && !extra) return;
    if (!extra || (own && own->type != TL_JOBJECT)) {
        tl_jw_raw(w, name, own->raw);
        return;
    }
    tl_jw_open(w, name);
    put_missing(w, own, extra);
    tl_jw_close(w);
}

/* The slice with what its batch says for all: the event's members, then context and integrations made from both. */
static int
merge(struct segment *s, const struct tl_jv *root, struct tl_str *slice)
{
    struct tl_buf b = { 0 };
    struct tl_jw w = tl_jw_to(&b);
    tl_jw_open(&w, NULL);
    for (const struct tl_jv *v = root->child; v; v = v->next) {
        if (tl_str_is(v->name, "context") || tl_str_is(v->name, "integrations")) continue;
        tl_jw_name(&w, v->name);
        tl_jw_raw(&w, NULL, v->raw);
    }
    put_merged(&w, "context", tl_jv_get(root, "context"), s->context);
    put_merged(&w, "integrations", tl_jv_get(root, "integrations"), s->integrations);
    tl_jw_close(&w);
    slice->p = b.failed ? NULL : tl_arena_dup(s->in->scratch, b.data, b.len);
    slice->n = b.len;
    tl_buf_free(&b);
    return slice->p ? 0 : TL_ENOMEM;
}

/* ---- one event ---- */
static bool
map_event(struct mapping *m, const char *call)
{
    struct tl_str type = tl_jv_text(m->root, "type");
    size_t i = 0, n = sizeof calls / sizeof *calls;
    while (i < n && (call ? strcmp(call, calls[i].call) != 0 : !tl_str_is(type, calls[i].call)))
        i++;
    if (i == n) return fields_refuse(&m->why, type.p ? TL_REASON_FIELD_RANGE : TL_REASON_TYPE_MISSING, "type");
    m->call = calls[i].call;
    m->context = tl_jv_get(m->root, "context");
    m->traits = tl_jv_get(m->root, "traits");
    map_channel(m);
    return calls[i].map(m) && map_identities(m) && map_times(m) && map_props(m)
           && map_text(m, tl_jv_get(m->context, "sessionId"), "context.sessionId", TL_HAS(session), &m->ev.session_);
}

static bool
read_event(struct mapping *m, struct tl_str slice, struct tl_jv **root)
{
    struct tl_json_fault fault = { 0 };
    if (slice.n > TL_EVENT_BYTES_MAX) return fields_refuse(&m->why, TL_REASON_TOO_LARGE, "");
    if (tl_json_tree(m->s->in->scratch, slice, 0, root, &fault, NULL) != 0)
        return fields_refuse(&m->why, fault.reason ? fault.reason : TL_REASON_BAD_JSON, fault.member);
    return (*root)->type == TL_JOBJECT || fields_refuse(&m->why, TL_REASON_BAD_JSON, "");
}

static int
one_event(struct segment *s, size_t index, struct tl_str slice, size_t offset, const struct tl_json_fault *fault)
{
    struct mapping m = { .s = s };
    struct tl_jv *root = NULL;
    struct tl_str merged = slice;
    bool good = fault ? fields_refuse(&m.why, fault->reason, fault->member) : read_event(&m, slice, &root);
    m.why.offset = fault && fault->offset > offset ? fault->offset - offset : 0;
    if (good && (s->context || s->integrations)) {
        if (merge(s, root, &merged) != 0) return TL_ENOMEM;
        good = read_event(&m, merged, &root);       /* its texts now point into the merged slice */
    }
    m.root = root;
    struct tl_str id = good ? fields_text(tl_jv_get(root, "messageId")) : (struct tl_str){ NULL, 0 };
    fields_id_of(&m.why, id);
    tl_event_init(&m.ev);
    m.ev.raw = merged;
    good = good && map_text(&m, tl_jv_get(root, "messageId"), "messageId", TL_HAS(id), &m.ev.id_) && map_event(&m, s->call);
    return good ? s->each(s->arg, index, &m.ev, NULL, slice) : s->each(s->arg, index, NULL, &m.why, slice);
}

static int
on_element(void *arg, size_t index, struct tl_str slice, size_t offset, const struct tl_json_fault *fault)
{
    struct segment *s = arg;
    int rc = index < s->in->events_max ? one_event(s, index, slice, offset, fault) : TL_ETOOBIG;
    tl_arena_reset(s->in->scratch);
    return rc;
}

/* ---- the outer object ---- */
static int
batch_member(void *arg, struct tl_str name, const struct tl_jv *v)
{
    struct segment *s = arg;
    int offset_min;
    if (tl_str_is(name, "writeKey")) fields_take_key(s->in, v);
    if (tl_str_is(name, "context") && v->type == TL_JOBJECT) s->context = v;
    if (tl_str_is(name, "integrations") && v->type == TL_JOBJECT) s->integrations = v;
    if (tl_str_is(name, "sentAt") && !fields_absent(v) && !fields_time(v, &s->sent_at_ms, &offset_min)) s->sent_at_ms = TL_TIME_NONE;
    return 0;
}

int
segment_read(struct source_input *in, tl_event_each each, void *arg, struct tl_err *err)
{
    struct segment s = { .in = in, .each = each, .arg = arg, .sent_at_ms = in->sent_at_ms };
    const struct envelope e = { .list = "batch", .member = batch_member, .element = on_element, .arg = &s };
    if (strcmp(in->call, "batch") == 0) return envelope_list(in, &e, err);
    s.call = in->call;
    return envelope_single(in, "writeKey", on_element, &s, err);
}
