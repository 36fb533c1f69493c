/* posthog.c - PostHog's capture API, as its browser, node and mobile clients speak it.
 *
 *   POST /batch/    {"api_key":"k","sent_at":"...","batch":[{"event":"order placed","distinct_id":"u1","properties":{...},"timestamp":"...","uuid":"..."}]}
 *   POST /e/        the same, or one such event with "api_key" or properties.token, or an array of them; gzip as text/plain, or a form data=<base64>
 *
 *   theirs                                      ours
 *   $pageview, $pageleave, $screen              type "view", touchpoint = $screen_name, else $pathname, else title; a leave makes the step longer
 *   $identify, $create_alias, $set              type "identity.link"
 *   $groupidentify                              type "group"
 *   any other event                             type = event
 *   distinct_id                                 ids user, or anonymous when the client says that nobody is identified
 *   $anon_distinct_id, alias                    ids anonymous, user
 *   uuid, timestamp (else offset), sent_at      id, time, sent_at
 *   $session_id, $lib, properties               session, channel, props
 *
 * $device_id is no identity: it stays when the next person signs in on the same browser. */
#include "../envelope.h"
#include "../fields.h"

#include "tl_time.h"

struct posthog {
    struct source_input *in;
    int64_t sent_at_ms;
    struct fields_reader reader;
};

static bool
text_is(const struct tl_jv *root, const char *name, const char *value)
{
    return tl_str_is(tl_jv_text(root, name), value);
}

static void
map_channel(struct tl_event *ev, const struct tl_jv *props)
{
    struct tl_str lib = tl_jv_text(props, "$lib");
    bool app = tl_str_is(lib, "posthog-ios") || tl_str_is(lib, "posthog-android") || tl_str_is(lib, "posthog-react-native") || tl_str_is(lib, "posthog-flutter");
    if (tl_str_is(lib, "web")) fields_known(ev, TL_HAS(channel), &ev->channel_, TL_STR("web"));
    if (app) fields_known(ev, TL_HAS(channel), &ev->channel_, TL_STR("app"));
}

static void
map_view(struct tl_event *ev, const struct tl_jv *props)
{
    static const char *const names[] = { "$screen_name", "$pathname", "title" };
    fields_known(ev, TL_HAS(type), &ev->type_, TL_STR("view"));
    for (size_t i = 0; i < sizeof names / sizeof *names && !ev->touchpoint_.p; i++)
        fields_known(ev, TL_HAS(touchpoint), &ev->touchpoint_, fields_text(tl_jv_get(props, names[i])));
}

static bool
map_type(struct tl_event *ev, const struct tl_jv *root, const struct tl_jv *props, struct tl_refusal *why)
{
    bool view = text_is(root, "event", "$pageview") || text_is(root, "event", "$pageleave") || text_is(root, "event", "$screen");
    bool link = text_is(root, "event", "$identify") || text_is(root, "event", "$create_alias") || text_is(root, "event", "$set");
    if (view) map_view(ev, props);
    else if (link) fields_known(ev, TL_HAS(type), &ev->type_, TL_STR("identity.link"));
    else if (text_is(root, "event", "$groupidentify")) fields_known(ev, TL_HAS(type), &ev->type_, TL_STR("group"));
    else return fields_put_text(ev, tl_jv_get(root, "event"), "event", TL_HAS(type), &ev->type_, why);
    return true;
}

/* Clients without persons of their own (servers) identify by what they send; the browser's says whether somebody signed in. */
static bool
map_who(struct tl_event *ev, const struct tl_jv *root, const struct tl_jv *props, struct tl_refusal *why)
{
    const struct tl_jv *who = tl_jv_get(root, "distinct_id"), *alias = tl_jv_get(props, "alias");
    if (fields_absent(who)) who = tl_jv_get(props, "distinct_id");
    bool nobody = !tl_jv_bool(props, "$is_identified", true) || (tl_str_eq(fields_text(who), tl_jv_text(props, "$device_id")) && tl_jv_get(props, "$device_id"));
    return fields_put_id(ev, who, "distinct_id", nobody ? TL_STR("anonymous") : TL_STR("user"), why)
           && fields_put_id(ev, tl_jv_get(props, "$anon_distinct_id"), "properties.$anon_distinct_id", TL_STR("anonymous"), why)
           && (!text_is(root, "event", "$create_alias") || fields_put_id(ev, alias, "properties.alias", TL_STR("user"), why));
}

/* offset: ms between the event and its sending */
static bool
map_time(struct posthog *p, struct tl_event *ev, const struct tl_jv *root, struct tl_refusal *why)
{
    const struct tl_jv *offset = tl_jv_get(root, "offset");
    if (p->sent_at_ms != TL_TIME_NONE) {
        ev->sent_at_ = p->sent_at_ms;
        ev->has |= TL_HAS(sent_at);
    }
    if (!fields_absent(tl_jv_get(root, "timestamp")) || !offset || !offset->is_int || offset->integer < 0 || p->sent_at_ms == TL_TIME_NONE)
        return fields_put_time(ev, tl_jv_get(root, "timestamp"), "timestamp", why);
    ev->time_ = p->sent_at_ms - offset->integer;
    ev->has |= TL_HAS(time);
    return true;
}

static bool
map(void *self, const struct tl_jv *root, struct tl_event *ev, struct tl_refusal *why)
{
    const struct tl_jv *props = tl_jv_get(root, "properties"), *id = tl_jv_get(root, "uuid");
    if (props && props->type == TL_JOBJECT) fields_known(ev, TL_HAS(props), &ev->props_, props->raw);
    map_channel(ev, props);
    return map_type(ev, root, props, why) && map_who(ev, root, props, why) && map_time(self, ev, root, why)
           && fields_put_text(ev, fields_absent(id) ? tl_jv_get(root, "messageId") : id, "uuid", TL_HAS(id), &ev->id_, why)
           && fields_put_text(ev, tl_jv_get(props, "$session_id"), "properties.$session_id", TL_HAS(session), &ev->session_, why);
}

static int
batch_member(void *arg, struct tl_str name, const struct tl_jv *v)
{
    struct posthog *p = ((struct fields_reader *)arg)->self;
    int offset_min;
    if (tl_str_is(name, "api_key") || tl_str_is(name, "token")) fields_take_key(p->in, v);
    if (tl_str_is(name, "sent_at") && !fields_time(v, &p->sent_at_ms, &offset_min)) p->sent_at_ms = TL_TIME_NONE;
    return 0;
}

/* The key of an event, or of an array's first one: api_key, token, or properties.token. */
static void
find_key(struct source_input *in)
{
    struct tl_jv *root = NULL;
    if (in->origin_given || tl_json_tree(in->arena, in->body, 0, &root, NULL, NULL) != 0) return;
    const struct tl_jv *one = root->type == TL_JARRAY ? root->child : root;
    const struct tl_jv *key = tl_jv_get(one, "api_key");
    if (!key) key = tl_jv_get(one, "token");
    fields_take_key(in, key ? key : tl_jv_get(tl_jv_get(one, "properties"), "token"));
}

static int
read_some(struct posthog *p, struct tl_err *err)
{
    struct tl_json_fault fault = { 0 };
    find_key(p->in);
    int rc = tl_json_elements(p->in->json, p->in->body, fields_element, &p->reader, &fault, err);
    if (rc == TL_ETOOBIG) return tl_fail(err, rc, "more than %zu events in one body", p->in->events_max);
    return rc == TL_EINVAL ? tl_fail(err, rc, "byte %zu of the body: %s", fault.offset, tl_reason_text(fault.reason)) : rc;
}

/* data=<base64 of JSON>, as older browser clients send */
static void
open_form(struct source_input *in)
{
    struct source_pair *pair = NULL;
    if (in->body.n == 0 || in->body.p[0] == '{' || in->body.p[0] == '[') return;
    uint32_t n = fields_form(in, &pair);
    struct tl_str data = fields_pair(pair, n, "data");
    if (data.p) data = fields_base64(in->arena, data);
    if (data.p) in->body = data;
}

int
posthog_read(struct source_input *in, tl_event_each each, void *arg, struct tl_err *err)
{
    struct posthog p = { .in = in, .sent_at_ms = in->sent_at_ms, .reader = { .in = in, .each = each, .arg = arg, .map = map, .self = &p, .id = "uuid" } };
    const struct envelope e = { .list = "batch", .member = batch_member, .element = fields_element, .arg = &p.reader };
    if (in->body.n == 0) return tl_fail(err, TL_EINVAL, "the body is empty; events are sent with POST");
    open_form(in);
    return envelope_has(in, "batch") ? envelope_list(in, &e, err) : read_some(&p, err);
}
