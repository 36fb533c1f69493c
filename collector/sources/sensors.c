/* sensors.c - 神策 Sensors Analytics, as its browser, node, mini program and mobile clients speak it.
 *
 *   POST /sa?project=shop    data=<base64 of one event>  or  data_list=<base64 of an array>, &gzip=1 when the JSON was gzipped first
 *   GET  /sa.gif?data=<base64>&project=shop
 *
 *   {"type":"track","event":"OrderPlaced","distinct_id":"u1","time":1772000000000,"_track_id":4711,"properties":{...},"lib":{"$lib":"js"}}
 *
 *   theirs                                             ours
 *   track: event                                       type = event
 *   $pageview, $AppViewScreen, $MPViewScreen, leaves   type "view", touchpoint = $screen_name, else $url_path, else $title
 *   track_signup, track_id_bind, track_id_unbind       type "identity.link" (distinct_id is the user, original_id who it was before; later events
 *                                                      name the user as distinct_id alone, so it stands for both kinds)
 *   profile_set, _set_once, _increment, ...            type "identify": who, and props
 *   identities.$identity_login_id, _email, _mobile, _mp_openid, _mp_unionid    ids user, email, phone, openid, unionid; other cookie and anonymous ids: anonymous
 *   login_id, anonymous_id, else distinct_id           ids user, anonymous
 *   time + _track_id                                   id
 *   _flush_time, properties, properties.$event_session_id, lib.$lib    sent_at, props, session, channel
 *
 * Items (item_set, item_delete) are things, not people: refused as having no identity. */
#include "../fields.h"

#include <inttypes.h>
#include <stdio.h>

#include "tl_gzip.h"
#include "tl_time.h"

#define TRACK_ID_MAX 70                 /* with the time it has to fit an event's id */
#define INFLATED_MAX (512u * 1024)

struct sensors {
    struct source_input *in;
    struct fields_reader reader;
};

static bool
begins(struct tl_str s, const char *with)
{
    size_t n = strlen(with);
    return s.n >= n && memcmp(s.p, with, n) == 0;
}

/* ---- who ---- */
static const struct {
    const char *theirs, *ours;
} identities[] = {
    { "$identity_login_id", "user" },        { "$identity_email", "email" },         { "$identity_mobile", "phone" },
    { "$identity_mp_openid", "openid" },     { "$identity_mp_unionid", "unionid" },  { "$identity_cookie_id", "anonymous" },
    { "$identity_anonymous_id", "anonymous" }, { "$identity_distinct_id", "anonymous" },
};

static bool
map_identities(const struct tl_jv *root, struct tl_event *ev, struct tl_refusal *why)
{
    const struct tl_jv *all = tl_jv_get(root, "identities");
    for (size_t i = 0; i < sizeof identities / sizeof *identities; i++)
        if (!fields_put_id(ev, tl_jv_get(all, identities[i].theirs), identities[i].theirs, tl_str_of(identities[i].ours), why)) return false;
    return fields_put_id(ev, tl_jv_get(root, "login_id"), "login_id", TL_STR("user"), why)
           && fields_put_id(ev, tl_jv_get(root, "anonymous_id"), "anonymous_id", TL_STR("anonymous"), why);
}

static bool
map_who(const struct tl_jv *root, struct tl_event *ev, struct tl_refusal *why)
{
    struct tl_str type = tl_jv_text(root, "type");
    const struct tl_jv *props = tl_jv_get(root, "properties");
    bool signup = tl_str_is(type, "track_signup");
    if (!map_identities(root, ev, why)) return false;
    if (signup && !(fields_put_id(ev, tl_jv_get(root, "original_id"), "original_id", TL_STR("anonymous"), why)
                    && fields_put_id(ev, tl_jv_get(root, "distinct_id"), "distinct_id", TL_STR("anonymous"), why)))
        return false;
    if (begins(type, "item_") || (ev->ids_n > 0 && !signup)) return true;
    bool user = signup || tl_jv_bool(props, "$is_login_id", false) || tl_jv_bool(root, "$is_login_id", false);
    return fields_put_id(ev, tl_jv_get(root, "distinct_id"), "distinct_id", user ? TL_STR("user") : TL_STR("anonymous"), why);
}

/* ---- what ---- */
static void
map_view(struct tl_event *ev, const struct tl_jv *props)
{
    static const char *const names[] = { "$screen_name", "$url_path", "$title" };
    fields_known(ev, TL_HAS(type), &ev->type_, TL_STR("view"));
    for (size_t i = 0; i < sizeof names / sizeof *names && !ev->touchpoint_.p; i++)
        fields_known(ev, TL_HAS(touchpoint), &ev->touchpoint_, fields_text(tl_jv_get(props, names[i])));
}

static bool
map_type(const struct tl_jv *root, struct tl_event *ev, struct tl_refusal *why)
{
    static const char *const views[] = { "$pageview", "$WebPageLeave", "$AppViewScreen", "$AppPageLeave", "$MPViewScreen", "$MPPageLeave" };
    struct tl_str type = tl_jv_text(root, "type"), event = tl_jv_text(root, "event");
    if (tl_str_is(type, "track_signup") || begins(type, "track_id_")) fields_known(ev, TL_HAS(type), &ev->type_, TL_STR("identity.link"));
    else if (begins(type, "profile_")) fields_known(ev, TL_HAS(type), &ev->type_, TL_STR("identify"));
    else if (begins(type, "item_")) fields_known(ev, TL_HAS(type), &ev->type_, type);
    else if (!tl_str_is(type, "track")) return fields_refuse(why, type.p ? TL_REASON_FIELD_RANGE : TL_REASON_TYPE_MISSING, "type");
    for (size_t i = 0; !ev->type_.p && i < sizeof views / sizeof *views; i++)
        if (tl_str_is(event, views[i])) map_view(ev, tl_jv_get(root, "properties"));
    return ev->type_.p || fields_put_text(ev, tl_jv_get(root, "event"), "event", TL_HAS(type), &ev->type_, why);
}

static void
map_channel(const struct tl_jv *root, struct tl_event *ev)
{
    struct tl_str lib = tl_jv_text(tl_jv_get(root, "lib"), "$lib");
    if (tl_str_is(lib, "js")) fields_known(ev, TL_HAS(channel), &ev->channel_, TL_STR("web"));
    else if (tl_str_is(lib, "iOS") || tl_str_is(lib, "Android") || tl_str_is(lib, "MiniProgram") || tl_str_is(lib, "WechatMini"))
        fields_known(ev, TL_HAS(channel), &ev->channel_, TL_STR("app"));
}

/* A _track_id is a short random number: unique with its time. */
static bool
map_id(struct sensors *s, const struct tl_jv *root, struct tl_event *ev, struct tl_refusal *why)
{
    struct tl_str track = fields_text(tl_jv_get(root, "_track_id"));
    char *id = tl_arena_alloc(s->in->scratch, track.n + 24);
    if (!track.p) return true;
    if (track.n > TRACK_ID_MAX || !id) return fields_refuse(why, TL_REASON_FIELD_RANGE, "_track_id");
    int n = snprintf(id, track.n + 24, "%" PRId64 "-%.*s", ev->time_ == TL_TIME_NONE ? 0 : ev->time_, (int)track.n, track.p);
    fields_known(ev, TL_HAS(id), &ev->id_, (struct tl_str){ id, (size_t)n });
    return true;
}

static bool
map(void *self, const struct tl_jv *root, struct tl_event *ev, struct tl_refusal *why)
{
    const struct tl_jv *props = tl_jv_get(root, "properties");
    if (props && props->type == TL_JOBJECT) fields_known(ev, TL_HAS(props), &ev->props_, props->raw);
    map_channel(root, ev);
    return map_type(root, ev, why) && map_who(root, ev, why) && fields_put_time(ev, tl_jv_get(root, "time"), "time", why)
           && fields_put_sent_at(ev, tl_jv_get(root, "_flush_time"), "_flush_time", why) && map_id(self, root, ev, why)
           && fields_put_text(ev, tl_jv_get(props, "$event_session_id"), "properties.$event_session_id", TL_HAS(session), &ev->session_, why)
           && fields_put_text(ev, tl_jv_get(props, "order_id"), "properties.order_id", TL_HAS(order), &ev->order_, why);
}

/* ---- the form ---- */
static int
inflate(struct source_input *in, struct tl_str *text, struct tl_err *err)
{
    static const char padding[TL_JSON_PADDING];
    struct tl_buf b = { 0 };
    int rc = tl_gzip_inflate(text->p, text->n, INFLATED_MAX, &b, err);
    size_t n = b.len;
    tl_buf_put(&b, padding, sizeof padding);
    char *copy = rc == 0 && !b.failed ? tl_arena_dup(in->arena, b.data, b.len) : NULL;
    tl_buf_free(&b);
    *text = (struct tl_str){ copy, n };
    return rc != 0 ? rc : copy ? 0 : tl_fail(err, TL_ENOMEM, "out of memory for the inflated list");
}

static int
open_form(struct source_input *in, struct tl_str *json, struct tl_err *err)
{
    struct source_pair *pair = in->param;
    uint32_t n = in->param_n;
    *json = in->body;
    if (in->body.n > 0 && (in->body.p[0] == '{' || in->body.p[0] == '[')) return 0;
    if (in->body.n > 0) n = fields_form(in, &pair);
    struct tl_str coded = fields_pair(pair, n, "data_list");
    if (!coded.p) coded = fields_pair(pair, n, "data");
    if (!coded.p) return tl_fail(err, TL_EINVAL, "neither data nor data_list is in the form");
    *json = fields_base64(in->arena, coded);
    if (!json->p) return tl_fail(err, TL_EINVAL, "data is not base64");
    return tl_gzip_is(json->p, json->n) ? inflate(in, json, err) : 0;
}

int
sensors_read(struct source_input *in, tl_event_each each, void *arg, struct tl_err *err)
{
    struct sensors s = { .in = in, .reader = { .in = in, .each = each, .arg = arg, .map = map, .self = &s, .id = "_track_id" } };
    struct tl_json_fault fault = { 0 };
    struct tl_str json;
    int rc = open_form(in, &json, err);
    if (rc != 0) return rc;
    rc = tl_json_elements(in->json, json, fields_element, &s.reader, &fault, err);
    if (rc == TL_ETOOBIG) return tl_fail(err, rc, "more than %zu events in one body", in->events_max);
    return rc == TL_EINVAL ? tl_fail(err, rc, "byte %zu of the events: %s", fault.offset, tl_reason_text(fault.reason)) : rc;
}
