/* settings.c - see settings.h.
 *
 *   GET  /v1/projects/<key>/settings     Segment's browser client: where to send (here), and that it shall not report on itself
 *   POST /v1/m                           its report on itself, should it send one: read by nobody, answered
 *   GET  /sourceConfig                   RudderStack's browser client: the source is on, and has no destinations that run in the page
 *   POST /flags/, /decide/               PostHog's: there are no feature flags here, and no recordings
 *   GET  /array/<key>/config             the same, asked another way */
#include "settings.h"

#include "answer.h"
#include <stdio.h>

#include "tl_json.h"

#define JSON_TYPE "application/json; charset=utf-8"

/* Between two texts, not empty and without a slash; {NULL, 0}: the path is another one. */
static struct tl_str
between(struct tl_str path, const char *before, const char *behind)
{
    size_t b = strlen(before), e = strlen(behind);
    if (path.n <= b + e || memcmp(path.p, before, b) != 0 || memcmp(path.p + path.n - e, behind, e) != 0) return (struct tl_str){ NULL, 0 };
    struct tl_str s = { path.p + b, path.n - b - e };
    return memchr(s.p, '/', s.n) ? (struct tl_str){ NULL, 0 } : s;
}

static void
put_segment(struct tl_jw *w, const struct tl_http_req *rq, struct tl_str key)
{
    char host[300];
    struct tl_str h = tl_http_header(rq, "Host");
    snprintf(host, sizeof host, "%.*s/v1", (int)(h.n < 255 ? h.n : 255), h.p ? h.p : "");
    tl_jw_open(w, "integrations");
    tl_jw_open(w, "Segment.io");
    tl_jw_str(w, "apiKey", key);
    tl_jw_cstr(w, "apiHost", host);
    tl_jw_cstr(w, "protocol", "http");
    tl_jw_close(w);
    tl_jw_close(w);
    tl_jw_open(w, "plan");
    tl_jw_close(w);
    tl_jw_open(w, "metrics");
    tl_jw_int(w, "sampleRate", 0);
    tl_jw_close(w);
}

static void
put_rudder(struct tl_jw *w, const struct tl_http_req *rq, struct tl_str key)
{
    struct tl_str asked = tl_http_query(rq, "writeKey", 0);
    (void)key;
    tl_jw_open(w, "source");
    tl_jw_cstr(w, "id", "touchline");
    tl_jw_cstr(w, "name", "Touchline");
    tl_jw_str(w, "writeKey", asked.p ? asked : TL_STR(""));
    tl_jw_bool(w, "enabled", true);
    tl_jw_cstr(w, "workspaceId", "touchline");
    tl_jw_open(w, "config");
    tl_jw_close(w);
    tl_jw_array(w, "destinations");
    tl_jw_end(w);
    tl_jw_open(w, "connections");
    tl_jw_close(w);
    tl_jw_close(w);
}

static void
put_posthog(struct tl_jw *w, const struct tl_http_req *rq, struct tl_str key)
{
    static const char *const off[] = { "sessionRecording", "surveys", "heatmaps", "capturePerformance", "autocaptureExceptions", "hasFeatureFlags" };
    (void)rq, (void)key;
    tl_jw_open(w, "featureFlags");
    tl_jw_close(w);
    tl_jw_open(w, "flags");
    tl_jw_close(w);
    tl_jw_open(w, "featureFlagPayloads");
    tl_jw_close(w);
    tl_jw_bool(w, "errorsWhileComputingFlags", false);
    tl_jw_array(w, "supportedCompression");
    tl_jw_str(w, NULL, TL_STR("gzip-js"));
    tl_jw_end(w);
    for (size_t i = 0; i < sizeof off / sizeof *off; i++)
        tl_jw_bool(w, off[i], false);
}

static void
put_success(struct tl_jw *w, const struct tl_http_req *rq, struct tl_str key)
{
    (void)rq, (void)key;
    tl_jw_bool(w, "success", true);
}

static const struct {
    const char *path, *behind;          /* behind: a key stands between the two */
    void (*put)(struct tl_jw *w, const struct tl_http_req *rq, struct tl_str key);
} pages[] = {
    { "/v1/projects/", "/settings", put_segment }, { "/v1/m", NULL, put_success },       { "/sourceConfig", NULL, put_rudder },
    { "/sourceConfig/", NULL, put_rudder },        { "/flags/", NULL, put_posthog },     { "/decide/", NULL, put_posthog },
    { "/array/", "/config", put_posthog },
};

bool
settings_answer(struct tl_http_req *rq, struct tl_str path)
{
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        struct tl_str key = { NULL, 0 };
        struct tl_buf b = { 0 };
        if (pages[i].behind) key = between(path, pages[i].path, pages[i].behind);
        if (pages[i].behind ? !key.p : !tl_str_is(path, pages[i].path)) continue;
        struct tl_jw w = tl_jw_to(&b);
        tl_jw_open(&w, NULL);
        pages[i].put(&w, rq, key);
        tl_jw_close(&w);
        answer_text(rq, 200, JSON_TYPE, &b);
        tl_buf_free(&b);
        return true;
    }
    return false;
}
