/* serve.c - the viewer. The include list is the table of contents, in the order a question passes. */
#include "pages.h"
#include "routes.h"
#include "fold.h"
#include "again.h"
#include "answer.h"
#include "answers.h"
#include "answer_backtrack.h"
#include "answer_confirmed.h"
#include "answer_improvements.h"
#include "answer_lanes.h"
#include "answer_status.h"
#include "answer_visits.h"
#include "answer_visit_plan.h"
#include "answer_recorded.h"
#include "diff.h"
#include "suggest.h"
#include "export.h"
#include "render.h"
#include "live.h"
#include "door.h"
#include "visit_door.h"
#include "visit_files.h"
#include "setup.h"
#include "lookup.h"
#include "answer_identity.h"
#include "answer_shared.h"
#include "answer_channels.h"
#include "render_pain.h"
#include "render_voice.h"
#include "report_make.h"
#include "render_blueprint.h"

#include "serve.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tl_count.h"
#include "tl_hash.h"
#include "tl_keys.h"
#include "tl_logfmt.h"
#include "tl_port.h"
#include "tl_run.h"
#include "tl_visit_link.h"

#define WORKERS 2
#define QUEUE_MAX 256           /* questions that wait; more are answered 503 */
#define PARAMS_MAX 96
#define DEGRADED_MS 60000       /* lag from which /healthz says degraded */

struct serve {
    struct tl_conf conf;
    struct fold *fold;
    struct fold *before;        /* DATA/before, a store to compare with; NULL: there is none */
    struct pages *pages;
    struct answers *answers;    /* of findings, kept while nothing new came in */
    struct tl_http *http;
    struct tl_http *phones;     /* viewer.visit_bind: /visit/ alone; NULL: not asked for */
    struct visit_door *visits;
    struct tl_buf tls_cert, tls_key;
    struct live *live;
    struct setup *setup;
    struct tl_arena *live_arena;
    char zone[256];             /* of an empty store: what one made now would have */
    pthread_t worker[WORKERS];
    int worker_n;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct waiting { struct tl_http_req *rq; bool longs; } queue[QUEUE_MAX];    /* in the order in which they came */
    uint32_t queued;
    int longs;                  /* workers at one that takes long: one is left for what somebody waits for with a hand on the mouse */
    bool stopping;
};

struct job {                    /* one question, on a worker */
    struct serve *s;
    struct tl_http_req *rq;
    const struct route *route;
    struct ask ask;
    struct look look;
    struct tl_arena *arena;
    struct tl_buf body;
    int file_fd;
};

static int64_t
now_ms(void)
{
    return tl_clock_real()->wall_ms(tl_clock_real());
}

static const char *
zone_of(const struct job *j)
{
    return j->look.store ? tl_store_timezone(j->look.store) : j->s->zone;
}

/* ---- what each address does: fold, then render ---- */

static int
do_about(struct job *j, struct tl_err *err)
{
    struct tl_run_info collector = { 0 };
    struct tl_store_day *day = NULL;
    uint32_t n = 0;
    struct tl_run_info other = { 0 };
    const struct tl_conf *c = &j->s->conf;
    if (!c->viewer_other_data[0] || tl_run_find(c->viewer_other_data, "viewer", &other, NULL)) other.http[0] = '\0';
    if (tl_run_find(c->data, "collector", &collector, NULL)) collector.http[0] = '\0';
    int rc = fold_days(&j->look, &day, &n, err);
    struct about a = { .version = SERVE_VERSION, .data = c->data, .timezone = zone_of(j), .collector = collector.http, .other = other.http, .other_data = c->viewer_other_data,
                       .has_days = n > 0, .first_day = n ? day[0].day : 0, .last_day = n ? day[n - 1].day : 0 };
    if (rc == 0) render_about(&j->body, &j->look, &a);
    return rc;
}

static int
do_map(struct job *j, struct tl_err *err)
{
    struct map_answer a;
    int rc = fold_map(&j->look, &a, err);
    if (rc == 0) render_map(&j->body, &j->look, zone_of(j), &a);
    return rc;
}

static int
do_metrics(struct job *j, struct tl_err *err)
{
    struct metrics_answer a;
    int rc = fold_metrics(&j->look, &a, err);
    if (rc == 0) render_metrics(&j->body, &j->look, &a);
    return rc;
}

static int
do_journeys(struct job *j, struct tl_err *err)
{
    struct journeys_answer a;
    int rc = fold_journeys(&j->look, &a, err);
    if (rc == 0) render_journeys(&j->body, &j->look, &a);
    return rc;
}

static int
do_variants(struct job *j, struct tl_err *err)
{
    struct variants_answer a;
    int rc = fold_variants(&j->look, &a, err);
    if (rc == 0) render_variants(&j->body, &a);
    return rc;
}

static int
do_rework(struct job *j, struct tl_err *err)
{
    struct rework_answer a;
    int rc = fold_rework(&j->look, &a, err);
    if (rc == 0) render_rework(&j->body, &a);
    return rc;
}

static int
do_funnel(struct job *j, struct tl_err *err)
{
    struct funnel_answer a;
    int rc = fold_funnel(&j->look, &a, err);
    if (rc == 0) render_funnel(&j->body, &j->look, &a);
    return rc;
}

static int
do_customers(struct job *j, struct tl_err *err)
{
    struct customers_answer a;
    int rc = fold_customers(&j->look, &a, err);
    if (rc == 0) render_customers(&j->body, &a);
    return rc;
}

static int
do_customer(struct job *j, struct tl_err *err)
{
    struct customer_answer a;
    struct tl_buf hold = { NULL, 0, 0, false };
    struct tl_str raw = { NULL, 0 };
    int rc = j->ask.has_raw ? fold_raw(&j->look, &hold, &raw, err) : fold_customer(&j->look, &a, err);
    if (rc == 0 && j->ask.has_raw) render_raw(&j->body, j->ask.raw_position, raw);
    else if (rc == 0) render_customer(&j->body, &j->look, &a);
    tl_buf_free(&hold);
    return rc;
}

static int
do_quarantine(struct job *j, struct tl_err *err)
{
    struct quarantine_answer a;
    struct tl_buf whole = { NULL, 0, 0, false };
    struct refused_item item;
    int rc = j->ask.has_raw ? fold_refused(&j->look, &whole, &item, err) : fold_quarantine(&j->look, &a, err);
    if (rc == 0 && j->ask.has_raw) render_refused(&j->body, &item);
    else if (rc == 0) render_quarantine(&j->body, &a);
    tl_buf_free(&whole);
    return rc;
}

static int
do_breaks(struct job *j, struct tl_err *err)
{
    struct breaks_answer a;
    int rc = fold_breaks(&j->look, &a, err);
    if (rc == 0) rc = fold_status(&j->look, &a, err);
    if (rc == 0) render_breaks(&j->body, &j->look, &a);
    return rc;
}

static int
do_confirmed(struct job *j, struct tl_err *err)
{
    struct confirmed_answer a;
    int rc = fold_confirmed(&j->look, &a, err);
    if (rc == 0) render_confirmed(&j->body, &j->look, &a);
    fold_confirmed_end(&a);
    return rc;
}

static int
do_backtrack(struct job *j, struct tl_err *err)
{
    struct backtrack_answer a;
    struct backtrack_walks one;
    int rc = j->ask.has_customer ? fold_backtrack_one(&j->look, &one, err) : fold_backtrack(&j->look, &a, err);
    if (rc == 0 && j->ask.has_customer) render_backtrack_one(&j->body, &j->look, &one);
    else if (rc == 0) render_backtrack(&j->body, &j->look, &a);
    return rc;
}

static int
do_diff(struct job *j, struct tl_err *err)
{
    struct diff_answer a;
    int rc = fold_diff(&j->look, j->s->before, &a, err);
    if (rc == 0) render_diff(&j->body, &a);
    return rc;
}

static int
do_suggest(struct job *j, struct tl_err *err)
{
    struct suggest_answer a;
    int rc = fold_suggest(&j->look, &a, err);
    if (rc == 0) render_suggest(&j->body, &a);
    fold_suggest_free(&a);
    return rc;
}

static int
do_setup(struct job *j, struct tl_err *err)
{
    return setup_render(j->s->setup, &j->look, &j->body, err);
}

static int
do_catalogue(struct job *j, struct tl_err *err)
{
    return setup_catalogue(&j->look, j->s->conf.data, &j->body, err);
}

static int
do_moments(struct job *j, struct tl_err *err)
{
    struct moments_answer a;
    int rc = fold_moments(&j->look, &a, err);
    if (rc == 0) render_moments(&j->body, &j->look, &a);
    return rc;
}

static int
do_alerts(struct job *j, struct tl_err *err)
{
    struct alerts_answer a;
    int rc = fold_alerts(&j->look, &a, err);
    if (rc == 0) render_alerts(&j->body, &j->look, &a);
    return rc;
}

static int
do_visits(struct job *j, struct tl_err *err)
{
    struct visits_answer a;
    int rc = fold_visits(&j->look, &a, err);
    if (rc == 0) render_visits(&j->body, &j->look, &a);
    return rc;
}

static int
do_visit(struct job *j, struct tl_err *err)
{
    struct visit_answer a;
    int rc = fold_visit(&j->look, &a, err);
    if (rc == 0) render_visit(&j->body, &j->look, &a.card, j->ask.for_outlet);
    return rc;
}

static int
do_recorded(struct job *j, struct tl_err *err)
{
    struct recorded_answer a;
    int rc = fold_recorded(&j->look, &a, err);
    if (rc == 0) render_recorded(&j->body, &j->look, &a);
    return rc;
}

static int
do_scenarios(struct job *j, struct tl_err *err)
{
    (void)err;
    render_scenarios(&j->body, j->look.catalogue);
    return 0;
}

static int
do_visit_plan(struct job *j, struct tl_err *err)
{
    struct visit_plan_answer a;
    int rc = fold_visit_plan(&j->look, &a, err);
    if (rc == 0) render_visit_plan(&j->body, &a);
    return rc;
}

static int
do_improvements(struct job *j, struct tl_err *err)
{
    struct improvements_answer a;
    int rc = fold_improvements(&j->look, &a, err);
    if (rc == 0) render_improvements(&j->body, &j->look, &a);
    return rc;
}

static int
do_emotion(struct job *j, struct tl_err *err)
{
    struct emotion_answer a;
    int rc = fold_emotion(&j->look, &a, err);
    if (rc == 0) render_emotion(&j->body, &j->look, &a);
    return rc;
}

/* A report is of one kind of journey: not said which, it is the catalogue's first own type. */
static int
own_type(struct job *j, struct tl_err *err)
{
    const struct tl_catalogue *c = j->look.catalogue;
    if (j->ask.has_journey || c->type_n < 2) return 0;
    const char *id = tl_arena_dup(j->arena, c->type[1].id.p, c->type[1].id.n);
    if (!id) return tl_fail(err, TL_ENOMEM, "out of memory");
    j->ask.journey = (struct tl_str){ id, c->type[1].id.n };
    fold_look_end(&j->look);
    return fold_look(j->s->fold, &j->ask, now_ms(), j->arena, &j->look, err);
}

static int
do_report(struct job *j, struct tl_err *err)
{
    struct tl_err not_kept = { 0, "" };
    struct tl_str site = tl_http_header(j->rq, "Sec-Fetch-Site"), lang = tl_http_header(j->rq, "Accept-Language");
    if (j->ask.freeze && site.n && !tl_str_is(site, "same-origin") && !tl_str_is(site, "none")) return tl_fail(err, TL_EDENIED, "a page elsewhere cannot have a report kept");
    if (!j->ask.has_lang) j->ask.zh = lang.n > 1 && memcmp(lang.p, "zh", 2) == 0;
    int rc = own_type(j, err);
    if (rc == 0) rc = report_make(&j->look, j->route->answer == ANSWER_REPORT_PAGE, &j->body, &not_kept, err);
    if (rc == 0 && not_kept.text[0]) tl_log(TL_WARN, "report_not_kept", "text=\"%s\"", not_kept.text);
    return rc;
}

static int
do_coverage(struct job *j, struct tl_err *err)
{
    struct coverage_answer a;
    int rc = fold_coverage(&j->look, &a, err);
    if (rc == 0) render_coverage(&j->body, &j->look, &a);
    return rc;
}

static int
do_blueprint(struct job *j, struct tl_err *err)
{
    struct blueprint_answer a;
    int rc = fold_blueprint(&j->look, &a, err);
    if (rc == 0) render_blueprint(&j->body, &j->look, &a);
    return rc;
}

static int
do_heatmap(struct job *j, struct tl_err *err)
{
    struct heatmap_answer a;
    int rc = fold_heatmap(&j->look, &a, err);
    if (rc == 0) render_heatmap(&j->body, &j->look, &a);
    return rc;
}

static int
do_impact(struct job *j, struct tl_err *err)
{
    struct impacts_answer a;
    int rc = fold_impact(&j->look, &a, err);
    if (rc == 0) render_impact(&j->body, &j->look, &a);
    return rc;
}

static int
do_channels(struct job *j, struct tl_err *err)
{
    struct channels_answer a;
    int rc = fold_channels(&j->look, &a, err);
    if (rc == 0) render_channels(&j->body, &j->look, &a);
    return rc;
}

static int
do_shared(struct job *j, struct tl_err *err)
{
    struct shared_answer a;
    int rc = fold_shared(&j->look, &a, err);
    if (rc == 0) render_shared(&j->body, &a);
    return rc;
}

static int
do_consistency(struct job *j, struct tl_err *err)
{
    struct consistencies_answer a;
    int rc = fold_consistency(&j->look, &a, err);
    if (rc == 0) render_consistency(&j->body, &j->look, &a);
    return rc;
}

static int
do_flows(struct job *j, struct tl_err *err)
{
    struct flows_answer a;
    int rc = fold_flows(&j->look, &a, err);
    if (rc == 0) render_flows(&j->body, &j->look, &a);
    return rc;
}

static int
do_quotes(struct job *j, struct tl_err *err)
{
    struct quotes_answer a;
    int rc = fold_quotes(&j->look, &a, err);
    if (rc == 0) render_quotes(&j->body, &j->look, &a);
    return rc;
}

static int
do_opportunities(struct job *j, struct tl_err *err)
{
    struct opportunities_answer a;
    int rc = fold_opportunities(&j->look, &a, err);
    if (rc == 0) render_opportunities(&j->body, &a);
    return rc;
}

static int
do_facets(struct job *j, struct tl_err *err)
{
    struct facets_answer a;
    int rc = fold_facets(&j->look, &a, err);
    if (rc == 0) render_facets(&j->body, &j->look, &a);
    return rc;
}

static int
do_export(struct job *j, struct tl_err *err)
{
    return export_make(&j->look, &j->file_fd, err);
}

static int
do_openapi(struct job *j, struct tl_err *err)
{
    (void)err;
    routes_openapi(&j->body, SERVE_VERSION);
    return 0;
}

static int (*const does[])(struct job *j, struct tl_err *err) = {
    [ANSWER_ABOUT] = do_about, [ANSWER_MAP] = do_map, [ANSWER_JOURNEYS] = do_journeys, [ANSWER_VARIANTS] = do_variants, [ANSWER_FUNNEL] = do_funnel, [ANSWER_REWORK] = do_rework,
    [ANSWER_METRICS] = do_metrics, [ANSWER_CUSTOMERS] = do_customers, [ANSWER_CUSTOMER] = do_customer, [ANSWER_QUARANTINE] = do_quarantine,
    [ANSWER_EXPORT] = do_export, [ANSWER_OPENAPI] = do_openapi,
    [ANSWER_BREAKS] = do_breaks, [ANSWER_DIFF] = do_diff, [ANSWER_SUGGEST] = do_suggest, [ANSWER_SETUP] = do_setup, [ANSWER_CATALOGUE] = do_catalogue, [ANSWER_MOMENTS] = do_moments,
    [ANSWER_ALERTS] = do_alerts,
    [ANSWER_CONFIRMED] = do_confirmed, [ANSWER_VISIT] = do_visit, [ANSWER_BACKTRACK] = do_backtrack,
    [ANSWER_IMPROVEMENTS] = do_improvements, [ANSWER_VISITS] = do_visits,
    [ANSWER_RECORDED] = do_recorded,
    [ANSWER_SCENARIOS] = do_scenarios, [ANSWER_VISIT_PLAN] = do_visit_plan,
    [ANSWER_EMOTION] = do_emotion,
    [ANSWER_REPORT] = do_report, [ANSWER_REPORT_PAGE] = do_report,
    [ANSWER_COVERAGE] = do_coverage, [ANSWER_BLUEPRINT] = do_blueprint,
    [ANSWER_SHARED] = do_shared, [ANSWER_CHANNELS] = do_channels,
    [ANSWER_HEATMAP] = do_heatmap, [ANSWER_IMPACT] = do_impact, [ANSWER_CONSISTENCY] = do_consistency,
    [ANSWER_FLOWS] = do_flows, [ANSWER_QUOTES] = do_quotes, [ANSWER_OPPORTUNITIES] = do_opportunities, [ANSWER_FACETS] = do_facets,
};

/* ---- a question on a worker ---- */

struct query { struct route_param p[PARAMS_MAX]; size_t n; };

static void
query_add(void *arg, struct tl_str name, struct tl_str value)
{
    struct query *q = arg;
    if (q->n < PARAMS_MAX) q->p[q->n] = (struct route_param){ name, value };
    q->n++;
}

/* is_dear - answers that look at every journey of the store, and hang on nothing but it */
static bool
is_dear(enum answer a)
{
    return a == ANSWER_BREAKS || a == ANSWER_CHANNELS || a == ANSWER_CONFIRMED || a == ANSWER_BACKTRACK || a == ANSWER_MOMENTS || a == ANSWER_HEATMAP || a == ANSWER_IMPACT || a == ANSWER_CONSISTENCY || a == ANSWER_EMOTION || a == ANSWER_METRICS || a == ANSWER_QUOTES;
}

/* is_long - answers over every journey that nobody waits for with a hand on the mouse: pages ask for them beside what they show */
static bool
is_long(enum answer a)
{
    return is_dear(a) || a == ANSWER_IMPROVEMENTS || a == ANSWER_FLOWS || a == ANSWER_REPORT || a == ANSWER_DIFF || a == ANSWER_SUGGEST || a == ANSWER_EXPORT;
}

static int
dear(struct job *j, const struct query *q, struct tl_err *err)
{
    struct tl_buf name = { NULL, 0, 0, false };
    uint8_t hash[32];
    fold_stamp(&j->look, &name);
    tl_buf_put_str(&name, j->route->path);
    for (size_t i = 0; i < q->n; i++) {
        tl_buf_put_text(&name, q->p[i].name);
        tl_buf_put_text(&name, q->p[i].value);
    }
    tl_hash256(name.data, name.len, hash);
    bool named = !name.failed;
    tl_buf_free(&name);
    if (named && answers_get(j->s->answers, hash, &j->body)) return 0;
    int rc = does[j->route->answer](j, err);
    if (rc == 0 && named && !j->body.failed) answers_put(j->s->answers, hash, &j->body);
    return rc;
}

static bool
is_lookup(struct tl_http_req *rq)
{
    return tl_str_is(tl_http_method(rq), "POST") && tl_str_is(tl_http_path(rq), LOOKUP_PATH);
}

/* lookup - who has the identity that the body names: answered like /api/customers. A page elsewhere may not ask; programs name no Origin. */
static int
lookup(struct job *j, struct tl_err *err)
{
    struct door_asks a = { tl_http_header(j->rq, "Host"), tl_http_header(j->rq, "Origin"), tl_http_header(j->rq, "Sec-Fetch-Site"), tl_http_header(j->rq, "Content-Type") };
    struct tl_str none;
    int rc = a.origin.n || a.site.n ? door_own(&a, true, err) : 0;
    if (rc) return rc;
    j->route = routes_find(TL_STR("/api/customers"), &none);
    rc = routes_read(j->route, none, NULL, 0, &j->ask, err);
    if (rc == 0) rc = lookup_read(tl_http_body(j->rq), j->arena, &j->ask, err);
    if (rc == 0) rc = fold_look(j->s->fold, &j->ask, now_ms(), j->arena, &j->look, err);
    if (rc == 0) rc = do_customers(j, err);
    return rc == 0 && j->body.failed ? tl_fail(err, TL_ENOMEM, "out of memory") : rc;
}

static int
question(struct job *j, struct tl_err *err)
{
    struct query q = { .n = 0 };
    struct tl_str rest;
    if (is_lookup(j->rq)) return lookup(j, err);
    j->route = routes_find(tl_http_path(j->rq), &rest);
    if (!j->route) return tl_fail(err, TL_ENOTFOUND, "there is no such address; /api/openapi.json lists those there are");
    tl_http_query_each(j->rq, query_add, &q);
    if (q.n > PARAMS_MAX) return tl_fail(err, TL_EINVAL, "more than %d parameters", PARAMS_MAX);
    int rc = routes_read(j->route, rest, q.p, q.n, &j->ask, err);
    if (rc == 0) rc = fold_look(j->s->fold, &j->ask, now_ms(), j->arena, &j->look, err);
    if (rc == 0) rc = is_dear(j->route->answer) ? dear(j, &q, err) : does[j->route->answer](j, err);
    if (rc == 0 && j->body.failed) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    return rc;
}

/* etag - of the body: two answers are the same when their bytes are */
static void
etag_of(const struct tl_buf *body, char etag[40])
{
    uint8_t h[32];
    tl_hash256(body->data, body->len, h);
    etag[0] = '"';
    tl_hex(h, 16, etag + 1);
    memcpy(etag + 33, "\"", 2);
}

/* version_of - which catalogue the answer was made by, and since when: HASH, or HASH; activated=2026-03-02T10:00:00Z */
static void
version_of(const struct look *k, char out[80])
{
    char at[40] = "";
    int n = snprintf(out, 80, "%s", k->catalogue->hash);
    if (k->activated_ms != TL_TIME_NONE && n > 0 && n < 80) snprintf(out + n, 80 - (size_t)n, "; activated=%s", tl_time_format(k->activated_ms, at));
}

static void
reply(struct job *j, int64_t lag_ms, const char *version)
{
    char etag[40], lag[24];
    struct tl_http_reply r = { .status = 200, .content_type = "application/json" };
    snprintf(lag, sizeof lag, "%lld", (long long)lag_ms);
    pages_guard(&r);
    pages_header(&r, "X-Touchline-Lag-Ms", lag);
    pages_header(&r, "X-Touchline-Catalogue", version);
    if (j->route->answer == ANSWER_EXPORT) {
        r.content_type = export_type(j->ask.format);
        r.file_fd = j->file_fd;
        pages_header(&r, "Content-Disposition", export_disposition(j->ask.format));
        pages_header(&r, "Cache-Control", "no-store");
    } else {
        etag_of(&j->body, etag);
        pages_header(&r, "ETag", etag);
        pages_header(&r, "Cache-Control", "no-cache");
        if (j->route->answer == ANSWER_REPORT_PAGE) {
            r.content_type = "text/html; charset=utf-8";
            pages_header(&r, "Vary", "Accept-Language");
        }
        r.body = (struct tl_str){ (const char *)j->body.data, j->body.len };
        if (pages_etag_is(j->rq, etag)) {
            r.status = 304;
            r.body = (struct tl_str){ NULL, 0 };
        }
    }
    tl_http_answer(j->rq, &r);
}

/* reached - do the journeys hold what stands at that position of the log? */
static bool
reached(void *arg, uint64_t position)
{
    struct serve *s = arg;
    struct ask all;
    struct look k;
    struct tl_str none;
    struct tl_arena *arena = tl_arena_new(1u << 20);
    bool is = arena && routes_read(routes_find(TL_STR("/api/map"), &none), none, NULL, 0, &all, NULL) == 0 && fold_look(s->fold, &all, now_ms(), arena, &k, NULL) == 0;
    if (is) {
        is = k.store && k.meta.position > position;
        fold_look_end(&k);
    }
    tl_arena_free(&arena);
    return is;
}

/* names - for the door: the identity behind a hash */
static int
names(void *arg, const uint8_t hash[16], struct tl_buf *hold, struct tl_str *kind, struct tl_str *value, struct tl_err *err)
{
    struct serve *s = arg;
    struct ask all;
    struct look k;
    struct tl_str none;
    struct tl_arena *arena = tl_arena_new(FOLD_ARENA_BYTES);
    int rc = arena ? routes_read(routes_find(TL_STR("/api/map"), &none), none, NULL, 0, &all, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0 && (rc = fold_look(s->fold, &all, now_ms(), arena, &k, err)) == 0) {
        rc = fold_identity_name(&k, hash, hold, kind, value, err);
        fold_look_end(&k);
    }
    tl_arena_free(&arena);
    return rc;
}

/* where phones reach this viewer: what is set, else where it listens for them, else this machine alone */
static bool
phones_at(const struct serve *s, char out[320])
{
    const struct tl_conf *c = &s->conf;
    const char *bind = s->phones ? c->viewer_visit_bind : c->viewer_bind;
    size_t n = strlen(c->viewer_visit_url);
    while (n && c->viewer_visit_url[n - 1] == '/') n--;
    if (n) snprintf(out, 320, "%.*s", (int)(n < 300 ? n : 300), c->viewer_visit_url);
    else snprintf(out, 320, strchr(bind, ':') ? "%s://[%.250s]:%d" : "%s://%.250s:%d", s->phones && c->viewer_tls_cert[0] ? "https" : "http", bind, s->phones ? serve_visit_port(s) : serve_port(s));
    return n || (s->phones && tl_conf_loopback("", bind, NULL) != 0 && !tl_visit_link_nowhere(bind));
}

/* visit - the shopper's page and what it sends; what QA's pages ask of a visit beside answers */
static void
visit(struct serve *s, struct tl_http_req *rq, struct tl_arena *arena)
{
    char here[320];
    struct ask all;
    struct look k = { .lag_ms = 0 };
    struct tl_str none;
    struct tl_err err = { 0, "" };
    int rc = routes_read(routes_find(TL_STR("/api/map"), &none), none, NULL, 0, &all, &err);
    if (rc == 0) rc = fold_look(s->fold, &all, now_ms(), arena, &k, &err);
    if (rc == 0 && tl_str_is(tl_http_path(rq), VISIT_EVIDENCE_PATH)) visit_evidence_answer(&k, rq);
    else if (rc == 0 && tl_str_is(tl_http_path(rq), VISIT_LINK_PATH)) visit_link_answer(&k, rq, here, !phones_at(s, here));
    else if (rc == 0) visit_door_answer(s->visits, &k, rq);
    else tl_http_answer_error(rq, &err);
    if (rc == 0) fold_look_end(&k);
    tl_arena_reset(arena);
}

static void
answer(struct serve *s, struct tl_http_req *rq, struct tl_arena *arena)
{
    if (door_kind(tl_http_path(rq)).p) {
        tl_count_add(V_REQUESTS, 1);
        door_answer(s->conf.data, rq, reached, names, s);
        return;
    }
    if (tl_str_is(tl_http_path(rq), AGAIN_PATH)) {
        tl_count_add(V_REQUESTS, 1);
        again_answer(s->conf.data, fold_log(s->fold), rq);
        return;
    }
    if (visit_door_is(tl_http_path(rq)) || tl_str_is(tl_http_path(rq), VISIT_EVIDENCE_PATH) || tl_str_is(tl_http_path(rq), VISIT_LINK_PATH)) {
        tl_count_add(V_REQUESTS, 1);
        visit(s, rq, arena);
        return;
    }
    if (setup_word(tl_http_path(rq)).p) {
        tl_count_add(V_REQUESTS, 1);
        setup_answer(s->setup, rq);
        return;
    }
    struct job j = { .s = s, .rq = rq, .arena = arena };
    struct tl_err err = { 0, "" };
    int rc = question(&j, &err);
    int64_t lag_ms = j.look.lag_ms;
    char version[80] = "";
    if (rc == 0) version_of(&j.look, version);
    if (j.look.fold) fold_look_end(&j.look);         /* nothing of the store is held while bytes go out */
    tl_count_add(V_REQUESTS, 1);
    if (rc == 0) reply(&j, lag_ms, version);
    else {
        if (tl_err_http(rc) >= 500) tl_log(TL_WARN, "answer_failed", "code=%s text=\"%s\"", tl_err_name(rc), err.text);
        if (!err.text[0]) tl_fail(&err, rc, "the store could not be read (%s)", tl_err_name(rc));
        tl_http_answer_error(rq, &err);
    }
    tl_buf_free(&j.body);
    tl_arena_reset(arena);
}

/* next - the question to take now: the first, but for those that take long while all workers but one are at such; s->queued: none */
static uint32_t
next(const struct serve *s)
{
    uint32_t at = 0;
    while (at < s->queued && s->queue[at].longs && s->longs >= WORKERS - 1) at++;
    return at;
}

static void *
work(void *arg)
{
    struct serve *s = arg;
    struct tl_arena *arena = tl_arena_new(FOLD_ARENA_BYTES);
    tl_assert(arena != NULL);
    pthread_mutex_lock(&s->lock);
    for (;;) {
        uint32_t at = next(s);
        if (at == s->queued && (s->queued || !s->stopping)) {
            pthread_cond_wait(&s->more, &s->lock);
            continue;
        }
        if (at == s->queued) break;
        struct waiting w = s->queue[at];
        memmove(&s->queue[at], &s->queue[at + 1], (--s->queued - at) * sizeof s->queue[0]);
        s->longs += w.longs;
        pthread_mutex_unlock(&s->lock);
        answer(s, w.rq, arena);
        pthread_mutex_lock(&s->lock);
        s->longs -= w.longs;
        if (w.longs) pthread_cond_broadcast(&s->more);
    }
    pthread_mutex_unlock(&s->lock);
    tl_arena_free(&arena);
    return NULL;
}

/* ---- on the HTTP loop ---- */

static void
healthz(struct serve *s, struct tl_http_req *rq)
{
    struct ask all;
    struct look k = { .lag_ms = 0 };
    struct tl_err err = { 0, "" };
    struct tl_buf b = { NULL, 0, 0, false };
    struct tl_arena *arena = tl_arena_new(1u << 20);
    struct tl_str none;
    int rc = arena ? routes_read(routes_find(TL_STR("/api/map"), &none), none, NULL, 0, &all, &err) : TL_ENOMEM;
    if (rc == 0) rc = fold_look(s->fold, &all, now_ms(), arena, &k, &err);
    const char *status = rc ? "failed" : !k.store ? "empty" : k.lag_ms > DEGRADED_MS ? "degraded" : "ok";
    tl_buf_printf(&b, "{\"status\":\"%s\",\"position\":%llu,\"lag_ms\":%lld}", status, (unsigned long long)k.meta.position, (long long)k.lag_ms);
    if (rc == 0) fold_look_end(&k);
    tl_http_answer_json(rq, rc ? 503 : 200, &b);
    tl_buf_free(&b);
    tl_arena_free(&arena);
}

/* news - for live.c: how far the store has come */
static bool
news(void *arg, uint64_t *position, int64_t *lag_ms)
{
    struct serve *s = arg;
    struct ask all;
    struct look k = { .lag_ms = 0 };
    struct tl_str none;
    int rc = routes_read(routes_find(TL_STR("/api/map"), &none), none, NULL, 0, &all, NULL);
    if (rc == 0) rc = fold_look(s->fold, &all, now_ms(), s->live_arena, &k, NULL);
    *position = rc == 0 ? k.meta.position : 0;
    *lag_ms = k.lag_ms;
    if (rc == 0) fold_look_end(&k);
    tl_arena_reset(s->live_arena);
    return rc == 0;
}

static void
metrics(struct tl_http_req *rq)
{
    struct tl_buf b = { NULL, 0, 0, false };
    tl_count_render("viewer", &b);
    struct tl_http_reply r = { .status = 200, .content_type = "text/plain; version=0.0.4", .body = { (const char *)b.data, b.len } };
    tl_http_answer(rq, &r);
    tl_buf_free(&b);
}

static void
enqueue(struct serve *s, struct tl_http_req *rq)
{
    struct tl_str rest;
    struct tl_err err = { 0, "" };
    pthread_mutex_lock(&s->lock);
    const struct route *r = routes_find(tl_http_path(rq), &rest);
    bool full = s->queued == QUEUE_MAX || s->stopping;
    if (!full) {
        s->queue[s->queued++] = (struct waiting){ rq, r && is_long(r->answer) };
        pthread_cond_broadcast(&s->more);
    }
    pthread_mutex_unlock(&s->lock);
    if (!full) return;
    tl_fail(&err, TL_EBUSY, "too many questions wait for an answer: ask again in a second");
    tl_http_answer_error(rq, &err);
}

/* host_is_ours - a page elsewhere can make its own name resolve to this machine and then read what is here: such a name has a dot and is no address */
static bool
host_is_ours(struct tl_str host)
{
    bool dot = false, letter = false;
    if (host.n && host.p[0] == '[') return true;
    while (host.n && host.p[host.n - 1] >= '0' && host.p[host.n - 1] <= '9' && memchr(host.p, ':', host.n)) host.n--;
    if (host.n && host.p[host.n - 1] == ':') host.n--;
    for (size_t i = 0; i < host.n; i++) {
        dot |= host.p[i] == '.';
        letter |= host.p[i] != '.' && (host.p[i] < '0' || host.p[i] > '9');
    }
    return !dot || !letter || (host.n > 10 && memcmp(host.p + host.n - 10, ".localhost", 10) == 0);
}

static void
refuse_host(struct tl_http_req *rq)
{
    struct tl_http_reply r = { .status = 403, .content_type = "application/json",
                               .body = TL_STR("{\"error\":{\"code\":\"TL_EAUTH\",\"text\":\"the viewer answers under localhost, an address or a name without dots only\"}}") };
    tl_http_answer(rq, &r);
}

static void
handle(void *arg, int loop, struct tl_http_req *rq)
{
    struct serve *s = arg;
    struct tl_err err = { 0, "" };
    struct tl_str method = tl_http_method(rq), path = tl_http_path(rq);
    (void)loop;
    if (!host_is_ours(tl_http_header(rq, "Host"))) {
        refuse_host(rq);
    } else if (tl_str_is(path, LIVE_PATH) && tl_str_is(method, "GET")) {
        live_take(s->live, rq);
    } else if (visit_door_is(path) || (tl_str_is(path, VISIT_EVIDENCE_PATH) && tl_str_is(method, "GET"))) {
        enqueue(s, rq);
    } else if (tl_str_is(path, VISIT_LINK_PATH) || door_kind(path).p || setup_word(path).p || tl_str_is(path, AGAIN_PATH)) {
        if (tl_str_is(method, "POST")) enqueue(s, rq);
        else tl_http_answer_error(rq, (tl_fail(&err, TL_EMETHOD, "records are entered with POST"), &err));
    } else if (is_lookup(rq)) {
        enqueue(s, rq);
    } else if (!tl_str_is(method, "GET") && !tl_str_is(method, "HEAD")) {
        tl_fail(&err, TL_EMETHOD, "the viewer only reads, but for " DOOR_PATH "KIND and " SETUP_PATH "WORD: GET");
        tl_http_answer_error(rq, &err);
    } else if ((path.n >= 5 && memcmp(path.p, "/api/", 5) == 0) || tl_str_is(path, "/report")) {
        enqueue(s, rq);
    } else if (tl_str_is(path, "/healthz")) {
        healthz(s, rq);
    } else if (tl_str_is(path, "/metrics")) {
        metrics(rq);
    } else if (!pages_answer(s->pages, rq)) {
        tl_fail(&err, TL_ENOTFOUND, "there is no such page");
        tl_http_answer_error(rq, &err);
    }
}

/* of viewer.visit_bind: /visit/ and nothing else, under whatever name phones know it by */
static void
handle_phone(void *arg, int loop, struct tl_http_req *rq)
{
    (void)loop;
    if (visit_door_is(tl_http_path(rq))) enqueue(arg, rq);
    else visit_door_refuse(rq);
}

/* ---- start and stop ---- */

static int
workers_start(struct serve *s, struct tl_err *err)
{
    for (; s->worker_n < WORKERS; s->worker_n++)
        if (pthread_create(&s->worker[s->worker_n], NULL, work, s)) return tl_fail(err, TL_ENOMEM, "cannot start a thread");
    return 0;
}

static int
phones_start(struct serve *s, struct tl_err *err)
{
    const struct tl_conf *c = &s->conf;
    struct tl_http_cfg cfg = { .bind = c->viewer_visit_bind, .port = (int)c->viewer_visit_port, .threads = 1, .body_max = VISIT_DOOR_BODY_MAX, .body_budget = 8 * VISIT_DOOR_BODY_MAX,
                               .connections_max = 256, .deadline_ms = 15000, .handler = handle_phone, .arg = s };
    if (!c->viewer_visit_bind[0]) return 0;
    int rc = visit_door_check(c, err);
    if (rc == 0 && c->viewer_tls_cert[0]) {
        rc = tl_keys_read(c->viewer_tls_cert, &s->tls_cert, err);
        if (rc == 0) rc = tl_keys_read(c->viewer_tls_key, &s->tls_key, err);
        cfg.tls_cert = (const char *)s->tls_cert.data;
        cfg.tls_key = (const char *)s->tls_key.data;
    }
    return rc == 0 ? tl_http_start(&s->phones, &cfg, err) : rc;
}

int
serve_start(struct serve **out, const struct tl_conf *conf, struct tl_err *err)
{
    struct serve *s = tl_alloc(sizeof *s);
    char before[PATH_MAX];
    if (!s) return tl_fail(err, TL_ENOMEM, "out of memory");
    s->conf = *conf;
    snprintf(s->zone, sizeof s->zone, "%s", conf->timezone[0] ? conf->timezone : tl_zone_local_name());
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->more, NULL);
    int rc = tl_conf_loopback("viewer.bind", conf->viewer_bind, err);
    if (rc == 0) rc = fold_new(&s->fold, conf->data, (size_t)conf->viewer_cache_mb << 20, err);
    if (rc == 0 && access(tl_run_path(before, conf->data, "before/journeys"), F_OK) == 0)
        rc = fold_new(&s->before, tl_run_path(before, conf->data, "before"), (size_t)conf->viewer_cache_mb << 20, err);
    if (rc == 0) rc = pages_new(&s->pages, err);
    if (rc == 0) s->answers = answers_new();
    if (rc == 0 && !s->answers) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0) rc = setup_new(&s->setup, conf->data, err);
    if (rc == 0) rc = visit_door_new(&s->visits, conf, err);
    if (rc == 0) rc = workers_start(s, err);
    if (rc == 0 && !(s->live_arena = tl_arena_new(1u << 20))) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0) rc = live_start(&s->live, news, s, err);
    struct tl_http_cfg cfg = { .bind = s->conf.viewer_bind, .port = (int)conf->viewer_port, .threads = 1, .body_max = SETUP_BODY_MAX, .body_budget = 3 * SETUP_BODY_MAX,
                               .connections_max = 1024, .deadline_ms = 5000, .handler = handle, .arg = s };
    if (rc == 0) rc = tl_http_inherited(err);
    if (rc > 0) cfg.listen_fd = rc, rc = 0;
    if (rc == 0) rc = tl_http_start(&s->http, &cfg, err);
    if (rc == 0) rc = phones_start(s, err);
    *out = s;
    if (rc) serve_stop(out);
    return rc;
}

int
serve_port(const struct serve *s)
{
    return tl_http_port(s->http);
}

int
serve_visit_port(const struct serve *s)
{
    return s->phones ? tl_http_port(s->phones) : 0;
}

void
serve_stop(struct serve **sp)
{
    struct serve *s = *sp;
    if (!s) return;
    if (s->http) tl_http_quiesce(s->http);
    if (s->phones) tl_http_quiesce(s->phones);
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_broadcast(&s->more);
    pthread_mutex_unlock(&s->lock);
    while (s->worker_n > 0) pthread_join(s->worker[--s->worker_n], NULL);
    setup_free(&s->setup);
    live_stop(&s->live);
    if (s->http) tl_http_stop(&s->http);
    if (s->phones) tl_http_stop(&s->phones);
    visit_door_free(&s->visits);
    tl_buf_free(&s->tls_cert);
    tl_buf_free(&s->tls_key);
    tl_arena_free(&s->live_arena);
    answers_free(&s->answers);
    pages_free(&s->pages);
    fold_free(&s->fold);
    fold_free(&s->before);
    pthread_cond_destroy(&s->more);
    pthread_mutex_destroy(&s->lock);
    tl_free(s);
    *sp = NULL;
}
