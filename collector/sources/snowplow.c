/* snowplow.c - Snowplow's tracker protocol (version 2 payloads): a POST with a list, or one event in a query.
 *
 *   POST /com.snowplowanalytics.snowplow/tp2  {"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/...","data":[{"e":"pv","eid":"...","dtm":"1772..."}]}
 *   GET  /i?e=pv&eid=...&url=...              answered with a pixel; /ice.png too
 *
 *   theirs                                      ours
 *   e=pv, pp (page ping)                        type "view", touchpoint = page, else the path of url; a ping makes the step before it longer
 *   e=se                                        type = se_ca "." se_ac
 *   e=ue                                        type = the name in the schema of ue_pr (JSON) or ue_px (base64), props = its data
 *   e=tr, ti                                    type "transaction", "transaction.item"; order = tr_id, ti_id
 *   eid, dtm, stm                               id, time, sent_at
 *   uid; duid, else tnuid, nuid                 ids user, anonymous
 *   sid, p=web|mob|app|iot                      session, channel
 *   client_session in co, cx                    session, seq (mobile trackers)
 *
 * All their values are texts. A body that cannot be read is quarantined and answered 200: the tracker would send it first for ever, and nothing after it. */
#include "../envelope.h"
#include "../fields.h"

#define TEXT(m) fields_text(tl_jv_get(root, m))

struct snowplow {
    struct source_input *in;
    struct fields_reader reader;
};

/* JSON that travels inside a text, plain or in base64. NULL: neither is there, or it is no JSON. */
static const struct tl_jv *
inner(struct snowplow *s, const struct tl_jv *root, const char *plain, const char *coded)
{
    struct tl_jv *v = NULL;
    struct tl_str text = TEXT(plain);
    if (!text.p && TEXT(coded).p) text = fields_base64(s->in->scratch, TEXT(coded));
    return text.p && tl_json_tree(s->in->scratch, text, 0, &v, NULL, NULL) == 0 ? v : NULL;
}

/* "iglu:com.acme/button_press/jsonschema/1-0-0" -> "button_press" */
static struct tl_str
schema_name(struct tl_str schema)
{
    const char *from = schema.n ? memchr(schema.p, '/', schema.n) : NULL;
    if (!from) return schema;
    from++;
    const char *end = schema.p + schema.n;
    const char *to = memchr(from, '/', (size_t)(end - from));
    return (struct tl_str){ from, (size_t)((to ? to : end) - from) };
}

static bool
has_name(const struct tl_jv *self_describing, const char *name)
{
    return tl_str_is(schema_name(tl_jv_text(self_describing, "schema")), name);
}

/* "https://shop.example/menu?x=1" -> "/menu" */
static struct tl_str
url_path(struct tl_str url)
{
    if (url.n == 0) return (struct tl_str){ NULL, 0 };
    const char *end = url.p + url.n, *at = memchr(url.p, ':', url.n);
    if (!at || end - at < 3 || at[1] != '/' || at[2] != '/') return (struct tl_str){ NULL, 0 };
    at = memchr(at + 3, '/', (size_t)(end - at - 3));
    if (!at) return TL_STR("/");
    size_t n = 0;
    while (at + n < end && at[n] != '?' && at[n] != '#')
        n++;
    return (struct tl_str){ at, n };
}

static bool
map_unstructured(struct snowplow *s, const struct tl_jv *root, struct tl_event *ev, struct tl_refusal *why)
{
    const struct tl_jv *outer = inner(s, root, "ue_pr", "ue_px"), *event = tl_jv_get(outer, "data"), *data = tl_jv_get(event, "data");
    struct tl_str name = schema_name(tl_jv_text(event, "schema"));
    if (!name.p) return fields_refuse(why, TL_REASON_TYPE_MISSING, "ue_pr");
    fields_known(ev, TL_HAS(type), &ev->type_, name);
    if (data && data->type == TL_JOBJECT) fields_known(ev, TL_HAS(props), &ev->props_, data->raw);
    return true;
}

static bool
map_structured(struct snowplow *s, const struct tl_jv *root, struct tl_event *ev, struct tl_refusal *why)
{
    struct tl_str category = TEXT("se_ca"), action = TEXT("se_ac");
    char *name = tl_arena_alloc(s->in->scratch, category.n + action.n + 2);
    if (!action.p || !name) return fields_refuse(why, TL_REASON_TYPE_MISSING, "se_ac");
    if (category.n > 0) memcpy(name, category.p, category.n);
    name[category.n] = '.';
    memcpy(name + category.n + 1, action.p, action.n);
    fields_known(ev, TL_HAS(type), &ev->type_, category.n > 0 ? (struct tl_str){ name, category.n + 1 + action.n } : action);
    fields_known(ev, TL_HAS(props), &ev->props_, root->raw);
    return true;
}

static bool
map_view(struct snowplow *s, const struct tl_jv *root, struct tl_event *ev, struct tl_refusal *why)
{
    struct tl_str page = TEXT("page");
    (void)s, (void)why;
    fields_known(ev, TL_HAS(type), &ev->type_, TL_STR("view"));
    fields_known(ev, TL_HAS(touchpoint), &ev->touchpoint_, page.p ? page : url_path(TEXT("url")));
    return true;
}

static bool
map_transaction(struct snowplow *s, const struct tl_jv *root, struct tl_event *ev, struct tl_refusal *why)
{
    (void)s, (void)why;
    fields_known(ev, TL_HAS(type), &ev->type_, TL_STR("transaction"));
    fields_known(ev, TL_HAS(order), &ev->order_, TEXT("tr_id"));
    fields_known(ev, TL_HAS(props), &ev->props_, root->raw);
    return true;
}

static bool
map_item(struct snowplow *s, const struct tl_jv *root, struct tl_event *ev, struct tl_refusal *why)
{
    (void)s, (void)why;
    fields_known(ev, TL_HAS(type), &ev->type_, TL_STR("transaction.item"));
    fields_known(ev, TL_HAS(order), &ev->order_, TEXT("ti_id"));
    fields_known(ev, TL_HAS(props), &ev->props_, root->raw);
    return true;
}

static const struct {
    const char *e;
    bool (*map)(struct snowplow *s, const struct tl_jv *root, struct tl_event *ev, struct tl_refusal *why);
} kinds[] = { { "pv", map_view }, { "pp", map_view }, { "se", map_structured }, { "ue", map_unstructured }, { "tr", map_transaction }, { "ti", map_item } };

static void
map_client_session(struct snowplow *s, const struct tl_jv *root, struct tl_event *ev)
{
    const struct tl_jv *all = tl_jv_get(inner(s, root, "co", "cx"), "data");
    for (const struct tl_jv *v = all && all->type == TL_JARRAY ? all->child : NULL; v; v = v->next) {
        const struct tl_jv *data = tl_jv_get(v, "data");
        int64_t n = tl_jv_int(data, "eventIndex", -1);
        if (!has_name(v, "client_session")) continue;
        fields_known(ev, TL_HAS(session), &ev->session_, tl_jv_text(data, "sessionId"));
        fields_known_id(ev, TL_STR("anonymous"), tl_jv_text(data, "userId"));
        if (n >= 0) ev->seq_ = (uint64_t)n, ev->has |= TL_HAS(seq);
    }
}

static void
map_who(const struct tl_jv *root, struct tl_event *ev)
{
    static const char *const names[] = { "duid", "tnuid", "nuid" };
    struct tl_str p = TEXT("p");
    fields_known_id(ev, TL_STR("user"), TEXT("uid"));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (TEXT(names[i]).p) {
            fields_known_id(ev, TL_STR("anonymous"), TEXT(names[i]));
            break;
        }
    if (tl_str_is(p, "web")) fields_known(ev, TL_HAS(channel), &ev->channel_, TL_STR("web"));
    if (tl_str_is(p, "mob") || tl_str_is(p, "app")) fields_known(ev, TL_HAS(channel), &ev->channel_, TL_STR("app"));
    if (tl_str_is(p, "iot")) fields_known(ev, TL_HAS(channel), &ev->channel_, TL_STR("iot"));
}

static bool
map(void *self, const struct tl_jv *root, struct tl_event *ev, struct tl_refusal *why)
{
    struct tl_str e = TEXT("e");
    size_t i = 0, n = sizeof kinds / sizeof *kinds;
    while (i < n && !tl_str_is(e, kinds[i].e))
        i++;
    if (i == n) return fields_refuse(why, e.p ? TL_REASON_FIELD_RANGE : TL_REASON_TYPE_MISSING, "e");
    map_who(root, ev);
    fields_known(ev, TL_HAS(id), &ev->id_, TEXT("eid"));
    fields_known(ev, TL_HAS(session), &ev->session_, TEXT("sid"));
    map_client_session(self, root, ev);
    return kinds[i].map(self, root, ev, why) && fields_put_time(ev, tl_jv_get(root, "dtm"), "dtm", why) && fields_put_sent_at(ev, tl_jv_get(root, "stm"), "stm", why);
}

static int
ignore(void *arg, struct tl_str name, const struct tl_jv *v)
{
    (void)arg, (void)name, (void)v;
    return 0;
}

int
snowplow_read(struct source_input *in, tl_event_each each, void *arg, struct tl_err *err)
{
    struct snowplow s = { .in = in, .reader = { .in = in, .each = each, .arg = arg, .map = map, .self = &s, .id = "eid" } };
    const struct envelope e = { .list = "data", .member = ignore, .element = fields_element, .arg = &s.reader };
    if (in->body.n > 0) return envelope_list(in, &e, err);
    struct tl_str one = fields_pairs_json(in->arena, in->param, in->param_n);
    return one.p ? fields_element(&s.reader, 0, one, 0, NULL) : tl_fail(err, TL_ENOMEM, "out of memory");
}
