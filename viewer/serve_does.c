/* serve_does.c - what each address does: fold, then render. See serve_in.h. */
#include "serve_in.h"

#include "answer_backtrack.h"
#include "answer_confirmed.h"
#include "answer_lanes.h"
#include "answer_status.h"
#include "answer_visits.h"
#include "answer_visit_plan.h"
#include "answer_recorded.h"
#include "diff.h"
#include "suggest.h"
#include "export.h"
#include "answer_shared.h"
#include "answer_channels.h"
#include "render_pain.h"
#include "render_voice.h"
#include "report_make.h"
#include "render_blueprint.h"


#include "tl_logfmt.h"
#include "tl_run.h"

static const char *
zone_of(const struct job *j)
{
    return j->look.store ? tl_store_timezone(j->look.store) : j->s->zone;
}

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
    return fold_look(j->s->fold, &j->ask, serve_now_ms(), j->arena, &j->look, err);
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

int
serve_does(struct job *j, struct tl_err *err)
{
    return does[j->route->answer](j, err);
}

int
serve_who(struct job *j, struct tl_err *err)
{
    return do_customers(j, err);
}
