/* door.c - see door.h. What the aggregator says of a record, its refusals too, goes back to the page as it came. */
#include "door.h"

#include <poll.h>
#include <stdio.h>

#include "tl_fetch.h"
#include "tl_json.h"
#include "tl_note.h"
#include "tl_run.h"

#define ACTOR_MAX 100
#define SEEN_POLL_MS 20

struct tl_str
door_kind(struct tl_str path)
{
    static const char door[] = DOOR_PATH;
    size_t n = sizeof door - 1;
    return path.n > n && memcmp(path.p, door, n) == 0 ? (struct tl_str){ path.p + n, path.n - n } : (struct tl_str){ NULL, 0 };
}

static bool
is_own(struct tl_str origin, struct tl_str host)
{
    static const char *const scheme[] = { "http://", "https://" };
    for (int i = 0; i < 2; i++) {
        size_t n = strlen(scheme[i]);
        if (host.n && origin.n == n + host.n && memcmp(origin.p, scheme[i], n) == 0 && memcmp(origin.p + n, host.p, host.n) == 0) return true;
    }
    return false;
}

static bool
is_json(struct tl_str type)
{
    static const char json[] = "application/json";
    size_t n = sizeof json - 1;
    return type.n >= n && memcmp(type.p, json, n) == 0 && (type.n == n || type.p[n] == ';' || type.p[n] == ' ');
}

int
door_allows(struct tl_str kind, const struct door_asks *a, struct tl_err *err)
{
    if (!tl_note_key(kind) && !door_who(kind) && !tl_str_is(kind, "catalogue"))
        return tl_fail(err, TL_ENOTFOUND, "pages enter no such record; a page may enter link, unlink, visit, improvement, break, alert, opportunity, note, catalogue and what else is kept");
    return door_own(a, true, err);
}

int
door_own(const struct door_asks *a, bool json, struct tl_err *err)
{
    if ((a->site.n && !tl_str_is(a->site, "same-origin")) || !is_own(a->origin, a->host))
        return tl_fail(err, TL_EDENIED, "records are taken from the viewer's own pages only (Origin must be this address); a program uses `touchline` or the aggregator's /control/ with the token");
    return !json || is_json(a->type) ? 0 : tl_fail(err, TL_EINVAL, "send Content-Type: application/json");
}

/* actor_header - a header carries no letters beyond ASCII: the page sends them percent-encoded */
static void
actor_header(struct tl_str name, char *out, size_t cap)
{
    char text[3 * ACTOR_MAX];
    size_t n = (size_t)snprintf(out, cap, "X-Touchline-Actor: "), from = n, sent = name.n < sizeof text ? name.n : sizeof text;
    if (sent) memcpy(text, name.p, sent);
    struct tl_str actor = tl_http_percent(text, sent, false);
    for (size_t i = 0; i < actor.n && n < cap - 1 && n - from < ACTOR_MAX; i++)
        if ((unsigned char)actor.p[i] >= ' ' && actor.p[i] != 127) out[n++] = actor.p[i];
    out[n] = '\0';
    if (n == from) snprintf(out + n, cap - n, "viewer");
}

int
door_enter(const char *data, struct tl_str kind, struct tl_str body, struct tl_str who, int *status, struct tl_buf *answer, struct tl_err *err)
{
    struct tl_run_info aggregator;
    char token[65], url[200], bearer[100], actor[160];
    const char *headers[] = { bearer, actor, "Content-Type: application/json", NULL };
    if (tl_run_find(data, "aggregator", &aggregator, NULL)) return tl_fail(err, TL_ENET, "the aggregator is not running: nothing can be entered");
    int rc = tl_run_token(data, 0, token, err);
    if (rc) return rc;
    snprintf(url, sizeof url, "%s/control/%.*s", aggregator.http, (int)kind.n, kind.p);
    snprintf(bearer, sizeof bearer, "Authorization: Bearer %s", token);
    actor_header(who, actor, sizeof actor);
    struct tl_fetch *f = tl_fetch_new(DOOR_WAIT_MS);
    rc = f ? tl_fetch_do(f, "POST", url, headers, body, status, NULL, answer, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    tl_fetch_free(&f);
    return rc == TL_ENET ? tl_fail(err, rc, "the aggregator did not answer: nothing is known of the record; look whether it is there") : rc;
}

/* add_seen - {"position":7} -> {"position":7,"seen":true} */
static void
add_seen(struct tl_buf *answer, bool (*reached)(void *arg, uint64_t position), void *arg)
{
    struct tl_arena *a = tl_arena_new(1u << 16);
    struct tl_jv *root = NULL;
    bool seen = false;
    if (a && tl_json_tree(a, (struct tl_str){ (const char *)answer->data, answer->len }, 0, &root, NULL, NULL) == 0) {
        int64_t position = tl_jv_int(root, "position", 0);
        const char *same = tl_jv_bool(root, "same", false) ? ",\"same\":true" : "";
        for (int waited = 0; !(seen = reached(arg, (uint64_t)position)) && waited < DOOR_SEEN_MS; waited += SEEN_POLL_MS) poll(NULL, 0, SEEN_POLL_MS);
        tl_buf_reset(answer);
        tl_buf_printf(answer, "{\"position\":%lld,\"seen\":%s%s}", (long long)position, seen ? "true" : "false", same);
    }
    tl_arena_free(&a);
}

void
door_answer(const char *data, struct tl_http_req *rq, bool (*reached)(void *arg, uint64_t position), door_names names, void *arg)
{
    struct tl_str kind = door_kind(tl_http_path(rq));
    struct door_asks a = { tl_http_header(rq, "Host"), tl_http_header(rq, "Origin"), tl_http_header(rq, "Sec-Fetch-Site"), tl_http_header(rq, "Content-Type") };
    struct tl_buf answer = { NULL, 0, 0, false }, named = { NULL, 0, 0, false };
    struct tl_str body = tl_http_body(rq);
    struct tl_err err = { 0, "" };
    int status = 0, rc = door_allows(kind, &a, &err);
    if (rc == 0 && !body.n) rc = tl_fail(&err, TL_EINVAL, "there is no body");
    size_t most = tl_str_is(kind, "catalogue") ? DOOR_CATALOGUE_MAX : DOOR_BODY_MAX;
    if (rc == 0 && body.n > most) rc = tl_fail(&err, TL_ETOOBIG, "a record of this kind has %zu bytes at most", most);
    if (rc == 0 && door_who(kind)) {
        rc = door_who_put(body, names, arg, &named, &err);
        body = (struct tl_str){ (const char *)named.data, named.len };
    }
    if (rc == 0) rc = door_enter(data, kind, body, tl_http_header(rq, "X-Touchline-Actor"), &status, &answer, &err);
    if (rc == 0 && status == 200) add_seen(&answer, reached, arg);
    if (rc == 0) tl_http_answer_json(rq, status, &answer);
    else tl_http_answer_error(rq, &err);
    tl_buf_free(&answer);
    tl_buf_free(&named);
}
