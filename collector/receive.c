/* receive.c - the table of protocols, the write key, and gzip.
 *
 * Content-Type is never looked at: browsers send JSON as text/plain to spare a preflight, RudderStack's node client as a form. What a body is, is
 * read from its first bytes: 1f 8b is gzip, whatever the headers say. */
#include "receive.h"

#include <strings.h>

#include "tl_gzip.h"
#include "tl_hash.h"
#include "tl_time.h"

#define SEGMENT(path, call) { path, call, segment_read, 200, "\"success\":true,", "messageId", SOURCE_LIST, false, false, NULL }
#define SNOWPLOW(path, answer) { path, NULL, snowplow_read, 200, "", "eid", answer, true, true, NULL }
#define POSTHOG(path) { path, NULL, posthog_read, 200, "\"status\":1,", "uuid", SOURCE_LIST, false, false, NULL }
#define SENSORS(path, answer) { path, NULL, sensors_read, 200, "", "_track_id", answer, true, false, NULL }
static const struct source sources[] = {
    { "/v1/events", NULL, native_read, 202, "", "id", SOURCE_LIST, false, false, "ce-" },
    { "/v1/cloudevents", NULL, cloudevents_read, 202, "", "id", SOURCE_LIST, false, false, "ce-" },
    { "/pixel.gif", NULL, pixel_read, 200, "", "id", SOURCE_GIF, true, false, NULL },
    SEGMENT("/v1/batch", "batch"),
    SEGMENT("/v1/track", "track"),
    SEGMENT("/v1/identify", "identify"),
    SEGMENT("/v1/page", "page"),
    SEGMENT("/v1/screen", "screen"),
    SEGMENT("/v1/group", "group"),
    SEGMENT("/v1/alias", "alias"),
    SEGMENT("/v1/import", "batch"),
    /* the browser client's short names */
    SEGMENT("/v1/b", "batch"),
    SEGMENT("/v1/t", "track"),
    SEGMENT("/v1/i", "identify"),
    SEGMENT("/v1/p", "page"),
    SEGMENT("/v1/s", "screen"),
    SEGMENT("/v1/g", "group"),
    SEGMENT("/v1/a", "alias"),
    SEGMENT("/beacon/v1/batch", "batch"),       /* RudderStack's, when a page is left */
    SNOWPLOW("/com.snowplowanalytics.snowplow/tp2", SOURCE_OK),
    SNOWPLOW("/i", SOURCE_GIF),
    SNOWPLOW("/ice.png", SOURCE_GIF),
    POSTHOG("/batch"),
    POSTHOG("/e"),
    POSTHOG("/i/v0/e"),
    POSTHOG("/capture"),
    SENSORS("/sa", SOURCE_OK),
    SENSORS("/sa.gif", SOURCE_GIF),
};
#define SOURCES_N (sizeof sources / sizeof sources[0])

int
receive_init(struct receive *r, size_t body_max, size_t events_max, struct tl_err *err)
{
    *r = (struct receive){ .in.events_max = events_max };
    r->in.reader = tl_event_reader_new();
    r->in.json = tl_json_new(body_max);
    r->in.arena = tl_arena_new(RECEIVE_ARENA_BYTES);
    r->in.scratch = tl_arena_new(RECEIVE_ARENA_BYTES);
    if (r->in.reader && r->in.json && r->in.arena && r->in.scratch) return 0;
    receive_free(r);
    return tl_fail(err, TL_ENOMEM, "out of memory");
}

void
receive_free(struct receive *r)
{
    tl_event_reader_free(&r->in.reader);
    tl_json_free(&r->in.json);
    tl_arena_free(&r->in.arena);
    tl_arena_free(&r->in.scratch);
    tl_buf_free(&r->inflated);
}

const struct source *
receive_source(struct tl_str path)
{
    if (path.n > 1 && path.p[path.n - 1] == '/') path.n--;      /* some clients end an address with one */
    for (size_t i = 0; i < SOURCES_N; i++)
        if (tl_str_is(path, sources[i].path)) return &sources[i];
    return NULL;
}

/* ---- write key ---- */
static bool
scheme(struct tl_str *s, const char *name)
{
    size_t n = strlen(name);
    if (s->n <= n || strncasecmp(s->p, name, n) != 0 || s->p[n] != ' ') return false;
    for (s->p += n, s->n -= n; s->n > 0 && *s->p == ' '; s->p++)
        s->n--;
    return true;
}

static int
check_key(struct tl_str key, char out[RECEIVE_ORIGIN_MAX + 1], struct tl_err *err)
{
    if (key.n > RECEIVE_ORIGIN_MAX) return tl_fail(err, TL_EAUTH, "the write key is longer than %d bytes", RECEIVE_ORIGIN_MAX);
    for (size_t i = 0; i < key.n; i++)
        if ((unsigned char)key.p[i] < ' ' || (unsigned char)key.p[i] > '~')
            return tl_fail(err, TL_EAUTH, "the write key has a character that is not printable ASCII");
    memmove(out, key.p, key.n);
    out[key.n] = 0;
    return (int)key.n;
}

/* Basic is base64("<key>:"), some clients leave the colon out */
static int
basic_key(struct tl_str s, char out[RECEIVE_ORIGIN_MAX + 1], struct tl_err *err)
{
    char text[512];
    ptrdiff_t n = tl_base64(s, text, sizeof text);
    if (n < 0) return tl_fail(err, TL_EAUTH, "Authorization: Basic does not hold a write key in base64");
    const char *colon = memchr(text, ':', (size_t)n);
    return check_key((struct tl_str){ text, colon ? (size_t)(colon - text) : (size_t)n }, out, err);
}

int
receive_key(struct tl_str authorization, struct tl_str header, struct tl_str query, char out[RECEIVE_ORIGIN_MAX + 1], struct tl_err *err)
{
    out[0] = 0;
    if (scheme(&authorization, "Basic")) return basic_key(authorization, out, err);
    if (scheme(&authorization, "Bearer")) return check_key(authorization, out, err);
    if (header.n > 0) return check_key(header, out, err);
    return query.n > 0 ? check_key(query, out, err) : 0;
}

/* as native senders, beacons of RudderStack, Sensors Analytics and PostHog name it in the address */
static struct tl_str
query_key(const struct tl_http_req *rq)
{
    static const char *const names[] = { "key", "writeKey", "token", "api_key", "project" };
    struct tl_str v = { NULL, 0 };
    for (size_t i = 0; i < sizeof names / sizeof *names && v.n == 0; i++)
        v = tl_http_query(rq, names[i], 0);
    return v;
}

static int
open_key(struct receive *r, const struct tl_http_req *rq, struct tl_err *err)
{
    int n = receive_key(tl_http_header(rq, "Authorization"), tl_http_header(rq, "X-Write-Key"), query_key(rq), r->origin, err);
    if (n < 0) return n;
    r->in.origin_given = n > 0;
    r->in.origin = n > 0 ? (struct tl_str){ r->origin, (size_t)n } : TL_STR(RECEIVE_ORIGIN_DEFAULT);
    return 0;
}

/* ---- body ---- */
static int
open_body(struct receive *r, const struct tl_http_req *rq, size_t body_max, struct tl_err *err)
{
    static const uint8_t padding[TL_JSON_PADDING];
    struct tl_str body = tl_http_body(rq), encoding = tl_http_header(rq, "Content-Encoding");
    bool zlib = encoding.n == 7 && !strncasecmp(encoding.p, "deflate", 7);
    r->in.body = body;
    if (tl_http_body_cut(rq)) return tl_fail(err, TL_ETOOBIG, "the body is larger than its limit");
    if (!zlib && !tl_gzip_is(body.p, body.n)) return 0;
    tl_buf_reset(&r->inflated);
    int rc = tl_gzip_inflate(body.p, body.n, body_max, &r->inflated, err);
    if (rc != 0) return rc;
    size_t n = r->inflated.len;
    tl_buf_put(&r->inflated, padding, sizeof padding);
    if (r->inflated.failed) return tl_fail(err, TL_ENOMEM, "out of memory for the inflated body");
    r->in.body = (struct tl_str){ (const char *)r->inflated.data, n };
    return 0;
}

/* ---- query and headers ---- */
struct taking {
    struct receive *r;
    const char *begins;
    struct source_pair *pair;
    uint32_t n;
    bool too_many, no_memory;
};

static void
take_pair(void *arg, struct tl_str name, struct tl_str value)
{
    struct taking *t = arg;
    size_t n = t->begins ? strlen(t->begins) : 0;
    if (name.n < n || (n > 0 && strncasecmp(name.p, t->begins, n) != 0)) return;
    if (t->n == SOURCE_PAIRS_MAX) {
        t->too_many = true;
        return;
    }
    if (!t->pair) t->pair = tl_arena_alloc(t->r->in.arena, SOURCE_PAIRS_MAX * sizeof *t->pair);
    struct source_pair p = { { tl_arena_dup(t->r->in.arena, name.p, name.n), name.n }, { tl_arena_dup(t->r->in.arena, value.p ? value.p : "", value.n), value.n } };
    if (t->pair && p.name.p && p.value.p) t->pair[t->n++] = p;
    else t->no_memory = true;
}

static int
open_pairs(struct receive *r, const struct tl_http_req *rq, struct tl_err *err)
{
    struct taking query = { .r = r }, headers = { .r = r, .begins = r->source->headers };
    if (r->source->by_get || r->source->headers) tl_http_query_each(rq, take_pair, &query);
    if (r->source->headers) tl_http_header_each(rq, take_pair, &headers);
    r->in.param = query.pair;
    r->in.param_n = query.n;
    r->in.header = headers.pair;
    r->in.header_n = headers.n;
    r->in.content_type = tl_http_header(rq, "Content-Type");
    if (query.no_memory || headers.no_memory) return tl_fail(err, TL_ENOMEM, "out of memory reading the address and headers");
    return query.too_many || headers.too_many ? tl_fail(err, TL_EINVAL, "more than %d parameters in the address, or headers of the protocol", SOURCE_PAIRS_MAX) : 0;
}

int
receive_open(struct receive *r, const struct source *source, const struct tl_http_req *rq, size_t body_max, struct tl_err *err)
{
    r->source = source;
    r->in.call = source->call;
    r->until_logged = tl_str_is(tl_http_query(rq, "ack", 0), "logged");
    if (tl_time_parse(tl_http_header(rq, "sentAt"), &r->in.sent_at_ms, NULL) != 0 && tl_time_parse(tl_http_query(rq, "sent_at", 0), &r->in.sent_at_ms, NULL) != 0)
        r->in.sent_at_ms = TL_TIME_NONE;
    int rc = open_pairs(r, rq, err);
    if (rc == 0) rc = open_key(r, rq, err);
    return rc == 0 ? open_body(r, rq, body_max, err) : rc;
}

void
receive_close(struct receive *r)
{
    tl_arena_reset(r->in.arena);
    tl_arena_reset(r->in.scratch);
    tl_buf_free(&r->inflated);
}
