/* render.c - the map and what belongs to it. */
#include "render_in.h"

#include "tl_hash.h"

const char *
render_end(enum tl_end e)
{
    static const char *const word[TL_END_N] = { "good", "bad", "lapsed", "open" };
    return word[e];
}

const char *
render_stream(uint8_t s)
{
    static const char *const word[] = { "live", "pilot", "test", "replay", "mystery" };
    return s < sizeof word / sizeof word[0] ? word[s] : "other";
}

void
render_title(struct tl_jw *w, const char *name, struct tl_title t)
{
    tl_jw_open(w, name);
    tl_jw_str(w, "zh", t.zh.p ? t.zh : t.en);
    tl_jw_str(w, "en", t.en.p ? t.en : t.zh);
    tl_jw_close(w);
}

void
render_hash(struct tl_jw *w, const char *name, const uint8_t hash[16])
{
    char hex[33];
    tl_hex(hash, 16, hex);
    tl_jw_cstr(w, name, hex);
}

void
render_ms(struct tl_jw *w, const char *name, int64_t ms)
{
    if (ms == TL_TIME_NONE) tl_jw_null(w, name);
    else tl_jw_int(w, name, ms);
}

void
render_waits(struct tl_jw *w, double mean, double p50, double p90, double p95)
{
    tl_jw_open(w, "wait_ms");
    tl_jw_num(w, "mean", mean);
    tl_jw_num(w, "p50", p50);
    tl_jw_num(w, "p90", p90);
    tl_jw_num(w, "p95", p95);
    tl_jw_close(w);
}

static void
day(struct tl_jw *w, const char *name, bool has, int32_t d)
{
    char text[16];
    if (has) tl_jw_cstr(w, name, tl_day_format(d, text));
    else tl_jw_null(w, name);
}

/* asked - the question, as part of the answer: what was asked, else null */
static void
asked(struct tl_jw *w, const struct look *k, const char *timezone)
{
    const struct ask *q = k->ask;
    tl_jw_str(w, "journey", q->journey);
    day(w, "from", q->has_from, q->from_day);
    day(w, "to", q->has_to, q->to_day);
    tl_jw_array(w, "filter");
    for (uint32_t i = 0; i < q->filter_n; i++) {
        struct tl_str whole = { q->filter[i].key.p, q->filter[i].key.n + 1 + q->filter[i].value.n };    /* KEY=VALUE, one text in the address */
        tl_jw_str(w, NULL, whole);
    }
    tl_jw_end(w);
    if (q->lifecycle == ASK_LC_DEFAULT) tl_jw_null(w, "lifecycle");
    else tl_jw_cstr(w, "lifecycle", q->lifecycle == ASK_LC_ALL ? "all" : "complete");
    render_ms(w, "as_of", q->as_of_ms);
    tl_jw_cstr(w, "timezone", timezone);
}

static void
node(struct tl_jw *w, const struct shown_node *n, const struct place *p)
{
    tl_jw_open(w, NULL);
    tl_jw_str(w, "touchpoint", n->touchpoint);
    render_title(w, "title", p->title);
    tl_jw_str(w, "stage", p->stage);
    tl_jw_str(w, "channel", p->channel);
    tl_jw_bool(w, "unassigned", p->unassigned);
    tl_jw_uint(w, "steps", n->of->steps);
    tl_jw_uint(w, "journeys", n->of->journeys);
    tl_jw_uint(w, "starts", n->of->starts);
    tl_jw_open(w, "ends");
    for (int e = 0; e < TL_END_N; e++) tl_jw_uint(w, render_end((enum tl_end)e), n->of->ends[e]);
    tl_jw_close(w);
    tl_jw_uint(w, "other_in", n->other_in);
    tl_jw_uint(w, "other_out", n->other_out);
    tl_jw_close(w);
}

void
render_map(struct tl_buf *out, const struct look *k, const char *timezone, const struct map_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    tl_jw_open(w, NULL);
    asked(w, k, timezone);
    tl_jw_uint(w, "journeys", a->journeys);
    tl_jw_uint(w, "steps", a->steps);
    tl_jw_uint(w, "customers", a->customers);
    tl_jw_array(w, "nodes");
    for (uint32_t i = 0; i < a->shown.node_n; i++) node(w, &a->shown.node[i], &a->place[i]);
    tl_jw_end(w);
    tl_jw_array(w, "edges");
    for (uint32_t i = 0; i < a->shown.edge_n; i++) {
        const struct shown_edge *e = &a->shown.edge[i];
        tl_jw_open(w, NULL);
        tl_jw_str(w, "from", a->shown.node[e->from].touchpoint);
        tl_jw_str(w, "to", a->shown.node[e->to].touchpoint);
        tl_jw_uint(w, "steps", e->of->steps);
        tl_jw_uint(w, "journeys", e->of->journeys);
        render_waits(w, e->mean_ms, e->p50_ms, e->p90_ms, e->p95_ms);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_open(w, "other");
    tl_jw_uint(w, "nodes", a->shown.other_nodes);
    tl_jw_uint(w, "edges", a->shown.other_edges);
    tl_jw_uint(w, "steps", a->shown.other_steps);
    tl_jw_close(w);
    tl_jw_open(w, "unassigned");
    tl_jw_uint(w, "nodes", a->unassigned);
    tl_jw_uint(w, "steps", a->unassigned_steps);
    tl_jw_close(w);
    tl_jw_close(w);
}

void
render_journeys(struct tl_buf *out, const struct look *k, const struct journeys_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    tl_jw_open(w, NULL);
    tl_jw_uint(w, "count", a->count);
    tl_jw_uint(w, "steps", a->steps);
    if (a->waits) render_waits(w, a->mean_ms, a->p50_ms, a->p90_ms, a->p95_ms);
    else tl_jw_null(w, "wait_ms");
    tl_jw_array(w, "histogram");
    for (uint32_t i = 0; i < a->bucket_n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_int(w, "lo_ms", a->bucket[i].lo_ms);
        if (a->bucket[i].hi_ms == INT64_MAX) tl_jw_null(w, "hi_ms");
        else tl_jw_int(w, "hi_ms", a->bucket[i].hi_ms);
        tl_jw_uint(w, "n", a->bucket[i].n);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_array(w, "journeys");
    for (uint32_t i = 0; i < a->item_n; i++) {
        const struct journey_item *j = &a->item[i];
        tl_jw_open(w, NULL);
        render_hash(w, "customer", j->customer);
        tl_jw_str(w, "type", k->ask->journey);
        tl_jw_int(w, "start", j->start_ms);
        tl_jw_int(w, "last", j->last_ms);
        tl_jw_cstr(w, "outcome", render_end(j->end));
        tl_jw_uint(w, "steps", j->steps);
        tl_jw_uint(w, "cut", j->cut);
        if (j->wait_ms < 0) tl_jw_null(w, "wait_ms");
        else tl_jw_int(w, "wait_ms", j->wait_ms);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    if (a->next[0]) tl_jw_cstr(w, "next", a->next);
    else tl_jw_null(w, "next");
    tl_jw_close(w);
}

void
render_variants(struct tl_buf *out, const struct variants_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    tl_jw_open(w, NULL);
    tl_jw_uint(w, "journeys", a->journeys);
    tl_jw_uint(w, "variants", a->variants);
    tl_jw_array(w, "top");
    for (uint32_t i = 0; i < a->top_n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_cstr(w, "id", a->top[i].id);
        tl_jw_array(w, "touchpoints");
        for (uint32_t s = 0; s < a->top[i].touchpoint_n; s++) tl_jw_str(w, NULL, a->top[i].touchpoint[s]);
        tl_jw_end(w);
        tl_jw_uint(w, "journeys", a->top[i].journeys);
        tl_jw_num(w, "share", a->top[i].share);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_close(w);
}

void
render_funnel(struct tl_buf *out, const struct look *k, const struct funnel_answer *a)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    tl_jw_open(w, NULL);
    tl_jw_uint(w, "journeys", a->journeys);
    tl_jw_array(w, "steps");
    for (uint32_t i = 0; i < k->ask->step_n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_str(w, "touchpoint", k->ask->step[i]);
        tl_jw_uint(w, "journeys", a->step[i].journeys);
        if (i == 0) {                       /* the first step's share of all journeys is no conversion */
            tl_jw_null(w, "conversion");
            tl_jw_null(w, "lo");
            tl_jw_null(w, "hi");
        } else {
            tl_jw_num(w, "conversion", a->step[i].rate.share);
            tl_jw_num(w, "lo", a->step[i].rate.lo);
            tl_jw_num(w, "hi", a->step[i].rate.hi);
        }
        if (i && a->step[i].journeys) render_waits(w, a->step[i].mean_ms, a->step[i].p50_ms, a->step[i].p90_ms, a->step[i].p95_ms);
        else tl_jw_null(w, "wait_ms");
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_jw_close(w);
}
