/* openapi.c - the table of addresses as an OpenAPI document. */
#include "routes_in.h"
#include "setup.h"
#include "visit_files.h"



static void
openapi_param(struct tl_jw *w, const char *name, const char *in, const char *type, const char *doc, bool repeats)
{
    tl_jw_open(w, NULL);
    tl_jw_cstr(w, "name", name);
    tl_jw_cstr(w, "in", in);
    tl_jw_bool(w, "required", strcmp(in, "path") == 0);
    tl_jw_cstr(w, "description", doc);
    tl_jw_open(w, "schema");
    tl_jw_cstr(w, "type", repeats ? "array" : type);
    if (repeats) {
        tl_jw_open(w, "items");
        tl_jw_cstr(w, "type", type);
        tl_jw_close(w);
    }
    tl_jw_close(w);
    tl_jw_close(w);
}

static void
openapi_reply(struct tl_jw *w, const char *status, const char *doc, const char *content)
{
    tl_jw_open(w, status);
    tl_jw_cstr(w, "description", doc);
    if (content) {
        tl_jw_open(w, "content");
        tl_jw_open(w, content);
        tl_jw_open(w, "schema");
        if (strcmp(content, "application/json") == 0) tl_jw_cstr(w, "type", "object");
        tl_jw_close(w);
        tl_jw_close(w);
        tl_jw_close(w);
    }
    tl_jw_close(w);
}

static void
openapi_route(struct tl_jw *w, const struct route *r)
{
    tl_jw_open(w, r->path);
    tl_jw_open(w, "get");
    tl_jw_cstr(w, "summary", r->summary);
    tl_jw_array(w, "parameters");
    if (r->answer == ANSWER_VISIT) openapi_param(w, "visit", "path", "string", "the id of a visit", false);
    else if (strchr(r->path, '{')) openapi_param(w, "customer", "path", "string", "32 hex characters: the customer's canonical hash, or that of any of its identities", false);
    for (int i = 0; i < P_N; i++)
        if (r->takes >> i & 1) openapi_param(w, params[i].name, "query", params[i].type, params[i].allowed, params[i].repeats);
    tl_jw_end(w);
    tl_jw_open(w, "responses");
    openapi_reply(w, "200", r->shape, r->answer == ANSWER_EXPORT ? "application/octet-stream" : r->answer == ANSWER_REPORT_PAGE ? "text/html" : "application/json");
    openapi_reply(w, "304", "the answer is the one whose ETag was given in If-None-Match", NULL);
    openapi_reply(w, "400", "a parameter is wrong: {error: {code, text}} names it and what it may be", "application/json");
    openapi_reply(w, "404", "there is no such journey type or customer", "application/json");
    openapi_reply(w, "503", "busy, or the answer is too large for its memory budget", "application/json");
    tl_jw_close(w);
    tl_jw_close(w);
    tl_jw_close(w);
}

/* openapi_live - the one address that is kept waiting (live.c) */
static void
openapi_live(struct tl_jw *w)
{
    tl_jw_open(w, "/api/live");
    tl_jw_open(w, "get");
    tl_jw_cstr(w, "summary", "server-sent events: how far the store has come, said when it moved and every 20 s; one event an answer, EventSource comes back by itself");
    tl_jw_array(w, "parameters");
    openapi_param(w, "since", "query", "integer", "the position that is known; Last-Event-ID says the same", false);
    tl_jw_end(w);
    tl_jw_open(w, "responses");
    openapi_reply(w, "200", "event: id POSITION, data {position, lag_ms}", "text/event-stream");
    openapi_reply(w, "503", "too many wait already", "application/json");
    tl_jw_close(w);
    tl_jw_close(w);
    tl_jw_close(w);
}

/* openapi_find - a question whose words are in the body (lookup.c) */
static void
openapi_find(struct tl_jw *w)
{
    tl_jw_open(w, "/api/customers/find");
    tl_jw_open(w, "post");
    tl_jw_cstr(w, "summary", "who has an identity: body {kind, value}, or {value} alone, tried under every usual kind. In the body, so that no address holds it");
    tl_jw_open(w, "responses");
    openapi_reply(w, "200", "{customers: [{customer, events, first, last, identities, journeys}], next}, like /api/customers; none: nobody has it", "application/json");
    openapi_reply(w, "400", "the body is wrong: {error: {code, text}} names the member and what it may be", "application/json");
    openapi_reply(w, "403", "asked by a page of another origin", "application/json");
    openapi_reply(w, "503", "busy", "application/json");
    tl_jw_close(w);
    tl_jw_close(w);
    tl_jw_close(w);
}

/* openapi_again - a quarantined event that goes once more (again.c) */
static void
openapi_again(struct tl_jw *w)
{
    tl_jw_open(w, "/api/quarantine/again");
    tl_jw_open(w, "post");
    tl_jw_cstr(w, "summary", "send a quarantined event again, from the viewer's own pages only: body {number, event}; event: the corrected one as a text, absent: as it came");
    tl_jw_open(w, "responses");
    openapi_reply(w, "202", "{accepted, quarantined: [{index, id, reason, field}], cursor}: what the collector says of it", "application/json");
    openapi_reply(w, "400", "no JSON object, or an item that was not kept whole: {error: {code, text}}", "application/json");
    openapi_reply(w, "403", "not asked by one of the viewer's own pages", "application/json");
    openapi_reply(w, "404", "the quarantine has no such item", "application/json");
    openapi_reply(w, "503", "no collector runs here, or it is busy", "application/json");
    tl_jw_close(w);
    tl_jw_close(w);
    tl_jw_close(w);
}

/* openapi_door - where control records are entered (door.c) */
static void
openapi_door(struct tl_jw *w)
{
    tl_jw_open(w, "/api/control/{kind}");
    tl_jw_open(w, "post");
    tl_jw_cstr(w, "summary", "enter a control record, from the viewer's own pages only: Origin must be this address; X-Touchline-Actor (percent-encoded) says who");
    tl_jw_array(w, "parameters");
    openapi_param(w, "kind", "path", "string", "link, unlink, visit, improvement, break, alert, opportunity, note, catalogue, or another kind that is kept; bodies: schemas/store.md, where an identity may be {hash} here", false);
    tl_jw_end(w);
    tl_jw_open(w, "responses");
    openapi_reply(w, "200", "{position, seen, same}: the record is on disk, under this log position; seen: answers hold it already, else they do once about.position is beyond it; same: the catalogue that holds already, nothing was written", "application/json");
    openapi_reply(w, "400", "the body is wrong: {error: {code, text}} names the member and what it may be", "application/json");
    openapi_reply(w, "403", "not asked by one of the viewer's own pages", "application/json");
    openapi_reply(w, "404", "there is no such kind", "application/json");
    openapi_reply(w, "413", "more than 16384 bytes; of a catalogue 4 MB", "application/json");
    openapi_reply(w, "503", "the aggregator is not there, or busy", "application/json");
    tl_jw_close(w);
    tl_jw_close(w);
    tl_jw_close(w);
}

void
routes_openapi(struct tl_buf *out, const char *version)
{
    struct tl_jw w = tl_jw_to(out);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "openapi", "3.1.0");
    tl_jw_open(&w, "info");
    tl_jw_cstr(&w, "title", "Touchline viewer");
    tl_jw_cstr(&w, "version", version);
    tl_jw_cstr(&w, "description", "Customer journeys, and the door for what people enter. Times are Unix ms UTC, days are in the store's time zone, customers are hashes. X-Touchline-Lag-Ms says how far behind the log the answer is, X-Touchline-Catalogue by which version of the catalogue it was made and since when that holds.");
    tl_jw_close(&w);
    tl_jw_open(&w, "paths");
    for (const struct route *r = routes; r->path; r++) openapi_route(&w, r);
    openapi_live(&w);
    openapi_find(&w);
    openapi_again(&w);
    openapi_door(&w);
    setup_openapi(&w);
    visit_link_openapi(&w);
    tl_jw_close(&w);
    tl_jw_close(&w);
}
