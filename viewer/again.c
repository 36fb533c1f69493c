/* again.c - see again.h. */
#include "again.h"

#include <stdio.h>

#include "door.h"
#include "tl_again.h"
#include "tl_fetch.h"
#include "tl_run.h"

#define ARENA_BYTES (8u << 20)          /* for a tree of AGAIN_BODY_MAX bytes */

struct again {
    uint64_t number;
    struct tl_str event;
    bool given, found, whole;           /* given: an event came; else it goes as it is kept */
    char origin[200];
    struct tl_buf text, kept;           /* what is sent; the item's bytes */
};

/* {"number": 12, "event": "{...}"}; the event is a text, so that what is wrong in it is said by its reader */
static int
read_body(struct tl_str body, struct tl_arena *a, struct again *g, struct tl_err *err)
{
    struct tl_jv *root = NULL;
    if (body.n > AGAIN_BODY_MAX) return tl_fail(err, TL_ETOOBIG, "a corrected event has %d bytes at most", AGAIN_BODY_MAX);
    if (tl_json_tree(a, body, 0, &root, NULL, NULL) != 0 || root->type != TL_JOBJECT) return tl_fail(err, TL_EINVAL, "the body is no JSON object {\"number\", \"event\"}");
    int64_t number = tl_jv_int(root, "number", 0);
    const struct tl_jv *event = tl_jv_get(root, "event");
    if (number == 0) return tl_fail(err, TL_EINVAL, "number is missing: which item, as the list shows it");
    if (number < 0) return tl_fail(err, TL_EINVAL, "item %lld was refused in stitching and is in the log: touchline rebuild tries it again", (long long)number);
    if (event && event->type != TL_JTEXT) return tl_fail(err, TL_EINVAL, "event is the corrected event as a text");
    g->number = (uint64_t)number;
    g->given = event != NULL;
    if (event) g->event = event->text;
    return 0;
}

static int
keep_item(void *arg, uint64_t number, const struct tl_refused *r)
{
    struct again *g = arg;
    if (number != g->number) return 1;
    g->found = true;
    g->whole = tl_again_whole(r);
    snprintf(g->origin, sizeof g->origin, "%.*s", (int)r->origin.n, r->origin.n ? r->origin.p : "");
    tl_buf_put(&g->kept, r->bytes.p, r->bytes.n);
    return 1;
}

static int
make_event(struct again *g, struct tl_eventlog *log, struct tl_err *err)
{
    if (!log) return tl_fail(err, TL_ENOTFOUND, "there is no log yet, so nothing is in quarantine");
    int rc = tl_eventlog_refused(log, g->number + 1, keep_item, g, err);
    if (rc < 0) return rc;
    if (!g->found) return tl_fail(err, TL_ENOTFOUND, "the quarantine has no item %llu", (unsigned long long)g->number);
    if (!g->given && !g->whole) return tl_fail(err, TL_EINVAL, "item %llu was not kept whole: give the event", (unsigned long long)g->number);
    struct tl_arena *a = tl_arena_new(ARENA_BYTES);
    struct tl_str bytes = g->given ? g->event : (struct tl_str){ (const char *)g->kept.data, g->kept.len };
    bool good = a && !g->kept.failed && tl_again_event(log, g->number, bytes, a, &g->text);
    tl_arena_free(&a);
    return good ? 0 : tl_fail(err, TL_EINVAL, "this is not one JSON object: look for a missing quote, comma or brace");
}

static int
send_event(const char *data, const struct again *g, int *status, struct tl_buf *answer, struct tl_err *err)
{
    struct tl_run_info collector;
    char token[65], url[120], bearer[240], proof[120];
    const char *headers[] = { bearer, proof, "Content-Type: application/x-ndjson", NULL };
    if (tl_run_find(data, "collector", &collector, NULL)) return tl_fail(err, TL_ENET, "no collector runs on this folder: start one, or use touchline quarantine replay");
    int rc = tl_run_token(data, 0, token, err);
    if (rc) return rc;
    snprintf(url, sizeof url, "%s/v1/events", collector.http);
    snprintf(bearer, sizeof bearer, "Authorization: Bearer %s", g->origin);
    snprintf(proof, sizeof proof, "X-Touchline-Token: %s", token);
    struct tl_fetch *f = tl_fetch_new(AGAIN_WAIT_MS);
    rc = f ? tl_fetch_do(f, "POST", url, headers, (struct tl_str){ (const char *)g->text.data, g->text.len }, status, NULL, answer, err)
           : tl_fail(err, TL_ENOMEM, "out of memory");
    tl_fetch_free(&f);
    return rc == TL_ENET ? tl_fail(err, rc, "the collector did not answer: sending it again is safe, it counts once") : rc;
}

void
again_answer(const char *data, struct tl_eventlog *log, struct tl_http_req *rq)
{
    struct door_asks from = { tl_http_header(rq, "Host"), tl_http_header(rq, "Origin"), tl_http_header(rq, "Sec-Fetch-Site"), tl_http_header(rq, "Content-Type") };
    struct again g = { 0 };
    struct tl_buf answer = { NULL, 0, 0, false };
    struct tl_err err = { 0, "" };
    struct tl_arena *a = tl_arena_new(ARENA_BYTES);
    int status = 0, rc = door_own(&from, true, &err);
    if (rc == 0) rc = a ? read_body(tl_http_body(rq), a, &g, &err) : tl_fail(&err, TL_ENOMEM, "out of memory");
    if (rc == 0) rc = make_event(&g, log, &err);
    if (rc == 0) rc = send_event(data, &g, &status, &answer, &err);
    if (rc == 0) tl_http_answer_json(rq, status, &answer);
    else tl_http_answer_error(rq, &err);
    tl_buf_free(&answer);
    tl_buf_free(&g.text);
    tl_buf_free(&g.kept);
    tl_arena_free(&a);
}
