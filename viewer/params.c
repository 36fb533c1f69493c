/* params.c - the parameters of addresses: what each may be, and how it is read. */
#include "routes_in.h"
#include "week.h"


#include "tl_hash.h"

static int
number(struct tl_str v, int64_t max, int64_t *out)
{
    int64_t n = 0;
    if (v.n == 0 || v.n > 18) return -1;
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] < '0' || v.p[i] > '9') return -1;
        n = n * 10 + (v.p[i] - '0');
    }
    *out = n;
    return n > max ? -1 : 0;
}

static int
word(struct tl_str v, const char *const *words, int *out)
{
    for (int i = 0; words[i]; i++)
        if (tl_str_is(v, words[i])) {
            *out = i;
            return 0;
        }
    return -1;
}

static int
read_journey(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    q->journey = v;
    q->has_journey = true;
    return v.n ? 0 : -1;
}

static int
read_from(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    q->has_from = true;
    return tl_day_parse(v, &q->from_day) ? -1 : 0;
}

static int
read_to(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    q->has_to = true;
    return tl_day_parse(v, &q->to_day) ? -1 : 0;
}

bool
routes_cut(struct tl_str v, char at, struct tl_str *a, struct tl_str *b)
{
    const char *x = v.n ? memchr(v.p, at, v.n) : NULL;
    if (!x || x == v.p) return false;
    *a = (struct tl_str){ v.p, (size_t)(x - v.p) };
    *b = (struct tl_str){ x + 1, v.n - a->n - 1 };
    return true;
}

static int
read_filter(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    if (q->filter_n == ASK_FILTERS_MAX) return -1;
    struct ask_filter *f = &q->filter[q->filter_n++];
    return routes_cut(v, '=', &f->key, &f->value) ? 0 : -1;
}

static int
read_lifecycle(struct ask *q, struct tl_str v, const struct route *r)
{
    static const char *const words[] = { "all", "complete", NULL };
    int i = 0;
    (void)r;
    if (word(v, words, &i)) return -1;
    q->lifecycle = i == 0 ? ASK_LC_ALL : ASK_LC_COMPLETE;
    return 0;
}

static int
read_stream(struct ask *q, struct tl_str v, const struct route *r)
{
    static const char *const words[] = { "live", "pilot", "test", "replay", "mystery", "all", NULL };
    int i = 0;
    (void)r;
    if (word(v, words, &i)) return -1;
    q->stream = i == 5 ? ASK_STREAM_ALL : i;
    return 0;
}

static int
read_model(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    q->model = v;
    return v.n ? 0 : -1;
}

static int
read_as_of(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    if (number(v, INT64_MAX, &q->as_of_ms) == 0) return 0;
    return tl_time_parse(v, &q->as_of_ms, NULL) ? -1 : 0;
}

static int
read_nodes(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    return number(v, 1000000, &q->nodes_max);
}

static int
read_edges(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    return number(v, 1000000, &q->edges_max);
}

static int
read_node(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    if (q->node.p || !v.n) return -1;
    q->node = v;
    return 0;
}

static int
read_edge(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    if (!v.n || q->edge_to.p) return -1;
    if (q->edge_from.p) q->edge_to = v;
    else q->edge_from = v;
    return 0;
}

static int
read_end(struct ask *q, struct tl_str v, const struct route *r)
{
    static const char *const words[] = { "good", "bad", "lapsed", "open", NULL };
    (void)r;
    return word(v, words, &q->end);
}

static int
read_start(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    q->start = tl_str_is(v, "1");
    return q->start || tl_str_is(v, "0") ? 0 : -1;
}

static int
read_steps(struct ask *q, struct tl_str v, const struct route *r)
{
    struct tl_str one, rest;
    (void)r;
    for (;; v = rest) {
        bool more = routes_cut(v, ',', &one, &rest);
        if (!more) one = v;
        if (one.n == 0 || one.p[0] == ',' || q->step_n == ASK_STEPS_MAX) return -1;
        q->step[q->step_n++] = one;
        if (!more) return 0;
    }
}

static int
read_limit(struct ask *q, struct tl_str v, const struct route *r)
{
    int64_t n = 0;
    if (number(v, r->limit_max, &n) || n < 1) return -1;
    q->limit = (uint32_t)n;
    return 0;
}

static int
read_cursor(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    q->cursor = v;
    for (size_t i = 0; i < v.n; i++)
        if (!memchr("0123456789.-", v.p[i], 12)) return -1;
    return v.n && v.n < 90 ? 0 : -1;
}

static int
read_id(struct ask *q, struct tl_str v, const struct route *r)
{
    if (r->answer == ANSWER_BLUEPRINT) return q->id_value = v, v.n ? 0 : -1;
    return routes_cut(v, ':', &q->id_kind, &q->id_value) && q->id_value.n ? 0 : -1;
}

static int
read_after(struct ask *q, struct tl_str v, const struct route *r)
{
    int64_t n = 0;
    (void)r;
    return number(v, INT64_MAX, &n) ? -1 : (q->after = v, 0);
}

static int
read_raw(struct ask *q, struct tl_str v, const struct route *r)
{
    int64_t n = 0;
    (void)r;
    if (number(v, INT64_MAX, &n)) return -1;
    q->has_raw = true;
    q->raw_position = (uint64_t)n;
    return 0;
}

static int
read_format(struct ask *q, struct tl_str v, const struct route *r)
{
    static const char *const words[] = { "ndjson", "csv", "xes", "rows", NULL };
    int i = 0;
    (void)r;
    if (word(v, words, &i)) return -1;
    q->format = (enum ask_format)i;
    return 0;
}

static int
read_by_metrics(struct ask *q, struct tl_str v)
{
    static const char *const words[] = { "touchpoint", "tier", "channel", "place", "week", "segment", NULL };
    int i = 0;
    if (word(v, words, &i)) return -1;
    q->by = (enum ask_by)i;
    return 0;
}

static int
read_by(struct ask *q, struct tl_str v, const struct route *r)
{
    if (r->answer == ANSWER_METRICS) return read_by_metrics(q, v);
    (void)r;
    q->by_daypart = tl_str_is(v, "daypart");
    q->by_place = q->by_daypart || tl_str_is(v, "place");
    return q->by_place ? 0 : -1;
}

static int
read_since(struct ask *q, struct tl_str v, const struct route *r)
{
    int64_t n = 0;
    (void)r;
    if (number(v, INT64_MAX, &n)) return -1;
    q->has_since = true;
    q->since = (uint64_t)n;
    return 0;
}

static int
read_state(struct ask *q, struct tl_str v, const struct route *r)
{
    static const char *const words[] = { "open", "acknowledged", "resolved", NULL };
    (void)r;
    return word(v, words, &q->state);
}

static int
read_break(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    q->brk = v;
    return v.n ? 0 : -1;
}

static int
read_outcome(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    q->outcome = v;
    return v.n ? 0 : -1;
}

static int
read_landmark(struct ask *q, struct tl_str v, const struct route *r)
{
    int64_t days = 0;
    (void)r;
    if (number(v, 3650, &days) || days < 1) return -1;
    q->landmark_ms = days * TL_DAY_MS;
    return 0;
}

static int
read_hit(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    q->brk_kept = tl_str_is(v, "no");
    return q->brk_kept || tl_str_is(v, "yes") ? 0 : -1;
}

static int
read_week(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    q->has_week = true;
    return week_parse(v, &q->week) ? -1 : 0;
}

static int
read_lang(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    q->has_lang = true;
    q->zh = tl_str_is(v, "zh");
    return q->zh || tl_str_is(v, "en") ? 0 : -1;
}

static int
read_freeze(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    q->freeze = tl_str_is(v, "1");
    return q->freeze || tl_str_is(v, "0") ? 0 : -1;
}

static int
read_run(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    q->run = v;
    return v.n && v.n <= 60 ? 0 : -1;
}

static int
read_reader(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    q->for_outlet = tl_str_is(v, "outlet");
    return q->for_outlet || tl_str_is(v, "qa") ? 0 : -1;
}

static int
read_visit(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    q->visit = v;
    return v.n ? 0 : -1;
}

static int
read_customer(struct ask *q, struct tl_str v, const struct route *r)
{
    char hex[33] = "";
    (void)r;
    q->has_customer = v.n == 32;
    if (q->has_customer) memcpy(hex, v.p, 32);
    return q->has_customer && tl_unhex(hex, sizeof q->customer, q->customer) == 0 ? 0 : -1;
}

static int
read_began(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    if (number(v, INT64_MAX, &q->began_ms) == 0) return 0;
    return tl_time_parse(v, &q->began_ms, NULL) ? -1 : 0;
}

static int
read_variant(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    q->variant = v;
    for (size_t i = 0; i < v.n; i++)
        if (!memchr("0123456789abcdef", v.p[i], 16)) return -1;
    return v.n == 24 ? 0 : -1;
}

static int
read_scenario(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    q->scenario = v;
    return v.n ? 0 : -1;
}

static int
read_place(struct ask *q, struct tl_str v, const struct route *r)
{
    (void)r;
    if (q->place_n == ASK_PLACES_MAX || !v.n) return -1;
    q->place[q->place_n++] = v;
    return 0;
}

static int
read_each(struct ask *q, struct tl_str v, const struct route *r)
{
    int64_t n = 0;
    (void)r;
    if (number(v, 100, &n) || n < 1) return -1;
    q->each = (uint32_t)n;
    return 0;
}

const struct param params[P_N] = {
    [P_JOURNEY] = { "journey", read_journey, false, "string", "the id of a journey type; default all" },
    [P_FROM] = { "from", read_from, false, "string", "a day like 2026-03-01, in the store's time zone: journeys that start on it or later" },
    [P_TO] = { "to", read_to, false, "string", "a day like 2026-03-31, in the store's time zone: journeys that start on it or earlier" },
    [P_FILTER] = { "filter", read_filter, true, "string",
                   "KEY=VALUE, at most 16: place, channel, tier, origin or a promoted property at journey start, segment, any.channel, any.touchpoint of any step; "
                   "values of one key are alternatives, keys hold together" },
    [P_LIFECYCLE] = { "lifecycle", read_lifecycle, false, "string", "all, or complete; default: complete where a touchpoint has both start and complete" },
    [P_STREAM] = { "stream", read_stream, false, "string", "live (default), pilot, test, replay, mystery or all" },
    [P_MODEL] = { "model", read_model, false, "string", "the id of a stage model; default the first" },
    [P_AS_OF] = { "as_of", read_as_of, false, "string", "RFC 3339 time or Unix ms at which journeys are judged; default now, or the newest event's time when nothing came in for a day" },
    [P_NODES] = { "nodes", read_nodes, false, "integer", "how many touchpoints come back, the busiest first: 0 to 1000000; the rest is counted in other" },
    [P_EDGES] = { "edges", read_edges, false, "integer", "how many moves come back, the busiest first: 0 to 1000000; the rest is counted in other" },
    [P_NODE] = { "node", read_node, false, "string", "a touchpoint: journeys with a step there" },
    [P_EDGE] = { "edge", read_edge, true, "string", "twice, from and to: journeys that made this move; or once as FROM,TO when neither has a comma" },
    [P_END] = { "end", read_end, false, "string", "good, bad, lapsed or open: journeys that ended so, and at node= when it is given" },
    [P_START] = { "start", read_start, false, "string", "1: journeys that start at node=; 0" },
    [P_STEPS] = { "steps", read_steps, true, "string", "touchpoints in order, separated by commas or by repeating the parameter: 1 to 32" },
    [P_LIMIT] = { "limit", read_limit, false, "integer", "how many come back: 1 to the address's most" },
    [P_CURSOR] = { "cursor", read_cursor, false, "string", "what an answer's next said" },
    [P_ID] = { "id", read_id, false, "string", "KIND:VALUE of an identity, like email:ann@example.com; of /api/blueprint: the id of a blueprint" },
    [P_AFTER] = { "after", read_after, false, "string", "what an answer's next said" },
    [P_RAW] = { "raw", read_raw, false, "integer", "the position of one of the customer's events, the number of one item in quarantine: it comes back as it was sent" },
    [P_FORMAT] = { "format", read_format, false, "string", "ndjson (events, default), csv (steps), xes (journeys) or rows (canonical rows)" },
    [P_SINCE] = { "since", read_since, false, "integer", "what an answer's next said: only what changed after it, oldest change first" },
    [P_STATE] = { "state", read_state, false, "string", "open, acknowledged or resolved" },
    [P_BY] = { "by", read_by, false, "string",
               "of breaks: place: one cell for each place of the step hit, or daypart: for each place and daypart of the catalogue; each a family of tests of its own; "
               "of metrics: touchpoint (default), tier, channel, place, week, segment" },
    [P_BREAK] = { "break", read_break, false, "string",
                  "a cell of break points, as /api/breaks names it: TYPE:WHAT/TOUCHPOINT[/PLACE[/DAYPART]], WHAT a standard or a kind of break: the journeys it counts as hit" },
    [P_OUTCOME] = { "outcome", read_outcome, false, "string", "the id of an outcome of the catalogue; default: what the journey type holds breaks against" },
    [P_LANDMARK] = { "landmark_d", read_landmark, false, "integer",
                     "1 to 3650 days: an experience is what was known so many days after it began, and only journeys count whose outcome was open then" },
    [P_HIT] = { "hit", read_hit, false, "string", "yes (default), or no: with break=, the other journeys that its cell counts" },
    [P_WEEK] = { "week", read_week, false, "string", "an ISO week like 2026-W08; default the last one that is over" },
    [P_LANG] = { "lang", read_lang, false, "string", "zh or en; default what the browser asks for" },
    [P_FREEZE] = { "freeze", read_freeze, false, "string", "1: keep the report of a week that is over as it is now; 0" },
    [P_SCENARIO] = { "scenario", read_scenario, false, "string", "the id of a scenario of the catalogue" },
    [P_PLACE] = { "place", read_place, true, "string", "a place; several times for several, at most 64" },
    [P_EACH] = { "each", read_each, false, "integer", "visits at each place: 1 to 100; default what the scenario says" },
    [P_RUN] = { "run", read_run, false, "string", "a replay of the visit: judged by the journeys that came out of it, 60 bytes at most" },
    [P_READER] = { "reader", read_reader, false, "string", "qa (default), or outlet: without anything that tells who the shopper is" },
    [P_VISIT] = { "visit", read_visit, false, "string", "the id of a mystery visit" },
    [P_CUSTOMER] = { "customer", read_customer, false, "string", "a customer: 32 hex characters" },
    [P_BEGAN] = { "began", read_began, false, "string", "when the customer's journey started, RFC 3339 or Unix ms to the millisecond; default: the latest of its type" },
    [P_VARIANT] = { "variant", read_variant, false, "string", "the id of a way, as /api/variants names it (24 hex characters): journeys that went exactly this way" },
};
