/* oracle_stitch.h - journeys made the slow way, from the words of schemas/journeys.md and of the event's contract: every set by comparing all pairs,
 * every order by repeated exchange. Shares with the code only the hash of texts, which the total order names. Writes canonical rows. */
#ifndef ORACLE_STITCH_H
#define ORACLE_STITCH_H

#include <stdio.h>
#include <stdlib.h>

#include "tl_hash.h"
#include "tl_json.h"
#include "tl_rows.h"
#include "tl_time.h"

#define O_IDS 3
enum { O_STEP, O_SIGNAL, O_SILENT };

struct o_event {
    char id[24], origin[16], type[24], ids[O_IDS][2][24];
    int ids_n;
    bool has_time, has_sent, has_seq;
    int64_t time_ms, sent_ms, received_ms;
    char session[16], order[16], kase[16], journey[16], lifecycle[16], outcome[16], place[16], tier[16], channel[16], stream[8];
    int64_t wait_ms;
    uint64_t seq;
    int score;                  /* csat5, 0 = none */
    char agent[8], what[8], context[8];     /* promise.what; props.context */
    bool has_due;
    int64_t due_ms;
    int kept;                   /* -1 not said */
    char json[1024];
    /* made */
    int group, role;
    bool out;
    int64_t at_ms;
};
struct o_cut { char a[2][24], b[2][24]; bool link; };
/* A registered visit: two identities at most, an order ("" = none). */
struct o_visit { char who[2][2][24], order[16]; int who_n; int64_t from_ms, to_ms; bool withdrawn; };
struct o_lines { char *line[20000]; int n; };

static inline bool
o_promises(const struct o_event *e)
{
    return e->what[0] != 0 || e->has_due || e->kept >= 0;
}

static inline void
o_json(struct o_event *e)
{
    struct tl_buf b = {0};
    struct tl_jw w = tl_jw_to(&b);

    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "id", e->id);
    tl_jw_cstr(&w, "type", e->type);
    if (e->has_time) tl_jw_int(&w, "time", e->time_ms);
    if (e->has_sent) tl_jw_int(&w, "sent_at", e->sent_ms);
    if (e->has_seq) tl_jw_uint(&w, "seq", e->seq);
    tl_jw_open(&w, "ids");
    for (int i = 0; i < e->ids_n; i++) tl_jw_cstr(&w, e->ids[i][0], e->ids[i][1]);
    tl_jw_close(&w);
    const struct { const char *name, *v; } f[] = { { "session", e->session }, { "order", e->order }, { "case", e->kase }, { "journey", e->journey },
        { "lifecycle", e->lifecycle }, { "outcome", e->outcome }, { "place", e->place }, { "tier", e->tier }, { "channel", e->channel }, { "stream", e->stream } };
    for (size_t i = 0; i < sizeof f / sizeof *f; i++)
        if (f[i].v[0] != 0) tl_jw_cstr(&w, f[i].name, f[i].v);
    if (e->wait_ms >= 0) tl_jw_int(&w, "wait_ms", e->wait_ms);
    if (e->score > 0) { tl_jw_open(&w, "scores"); tl_jw_int(&w, "csat5", e->score); tl_jw_close(&w); }
    if (e->agent[0] != 0) tl_jw_cstr(&w, "agent", e->agent);
    if (e->context[0] != 0) { tl_jw_open(&w, "props"); tl_jw_cstr(&w, "context", e->context); tl_jw_close(&w); }
    if (o_promises(e)) {
        tl_jw_open(&w, "promise");
        if (e->what[0] != 0) tl_jw_cstr(&w, "what", e->what);
        if (e->has_due) tl_jw_int(&w, "due", e->due_ms);
        if (e->kept >= 0) tl_jw_bool(&w, "kept", e->kept > 0);
        tl_jw_close(&w);
    }
    tl_jw_close(&w);
    tl_assert(!b.failed && b.len < sizeof e->json);
    memcpy(e->json, b.data, b.len);
    e->json[b.len] = 0;
    tl_buf_free(&b);
}

static inline int
o_rank(const char *kind)
{
    static const char *const order[] = { "member", "user", "phone", "email", "*", "anonymous", "device" };
    for (int i = 0; i < 7; i++) if (strcmp(kind, order[i]) == 0) return i;
    return 4;
}

static inline int
o_home(const struct o_event *e)
{
    int best = 0;
    for (int i = 1; i < e->ids_n; i++) {
        int d = o_rank(e->ids[i][0]) - o_rank(e->ids[best][0]);
        if (d == 0) d = strcmp(e->ids[i][0], e->ids[best][0]);
        if (d == 0) d = strcmp(e->ids[i][1], e->ids[best][1]);
        if (d < 0) best = i;
    }
    return best;
}

struct o_node { const char *kind, *value; int group; };
struct o_graph { struct o_node node[4000]; int n; };

static inline int
o_node_of(struct o_graph *g, const char *kind, const char *value)
{
    for (int i = 0; i < g->n; i++)
        if (strcmp(g->node[i].kind, kind) == 0 && strcmp(g->node[i].value, value) == 0) return i;
    g->node[g->n] = (struct o_node){ kind, value, g->n };
    return g->n++;
}

/* The last word said on a pair: 0 none, 1 cut, 2 link. */
static inline int
o_said(const struct o_cut *cut, int n, const struct o_node *x, const struct o_node *y)
{
    int said = 0;
    for (int i = 0; i < n; i++) {
        bool ab = !strcmp(cut[i].a[0], x->kind) && !strcmp(cut[i].a[1], x->value) && !strcmp(cut[i].b[0], y->kind) && !strcmp(cut[i].b[1], y->value);
        bool ba = !strcmp(cut[i].b[0], x->kind) && !strcmp(cut[i].b[1], x->value) && !strcmp(cut[i].a[0], y->kind) && !strcmp(cut[i].a[1], y->value);
        if (ab || ba) said = cut[i].link ? 2 : 1;
    }
    return said;
}

static inline bool
o_join(struct o_graph *g, int a, int b)
{
    int low = g->node[a].group < g->node[b].group ? g->node[a].group : g->node[b].group;
    bool moved = g->node[a].group != low || g->node[b].group != low;
    g->node[a].group = g->node[b].group = low;
    return moved;
}

/* Does this arrival belong to a visit? Its time is what it says, moved by the error of its clock when that is a minute or more, and never after its receipt. */
static inline bool
o_visited(const struct o_event *e, const struct o_visit *v, int visits)
{
    int64_t skew = e->has_sent ? e->received_ms - e->sent_ms : 0, t = e->received_ms;
    if (e->has_time && e->time_ms + (skew >= 60000 || skew <= -60000 ? skew : 0) < t) t = e->time_ms + (skew >= 60000 || skew <= -60000 ? skew : 0);
    for (int i = 0; i < visits; i++) {
        if (v[i].withdrawn || t < v[i].from_ms - 15 * 60 * 1000 || t > v[i].to_ms + INT64_C(72) * 60 * 60 * 1000) continue;
        if (v[i].order[0] != 0 && !strcmp(e->order, v[i].order)) return true;
        for (int w = 0; w < v[i].who_n; w++)
            for (int k = 0; k < e->ids_n; k++)
                if (!strcmp(v[i].who[w][0], e->ids[k][0]) && !strcmp(v[i].who[w][1], e->ids[k][1])) return true;
    }
    return false;
}

/* Components by relabelling until nothing moves. */
static inline void
o_components(struct o_graph *g, struct o_event *e, int n, const struct o_cut *cut, int cuts, const struct o_visit *visit, int visits)
{
    bool moved = true;
    g->n = 0;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < e[i].ids_n; k++) o_node_of(g, e[i].ids[k][0], e[i].ids[k][1]);
    for (int i = 0; i < cuts; i++)
        if (cut[i].link) { o_node_of(g, cut[i].a[0], cut[i].a[1]); o_node_of(g, cut[i].b[0], cut[i].b[1]); }
    while (moved) {
        moved = false;
        for (int i = 0; i < n; i++) {
            if (e[i].stream[0] != 0 || o_visited(&e[i], visit, visits)) continue;      /* it ties nobody */
            int home = o_node_of(g, e[i].ids[o_home(&e[i])][0], e[i].ids[o_home(&e[i])][1]);
            for (int k = 0; k < e[i].ids_n; k++) {
                int other = o_node_of(g, e[i].ids[k][0], e[i].ids[k][1]);
                if (other != home && o_said(cut, cuts, &g->node[home], &g->node[other]) != 1) moved |= o_join(g, home, other);
            }
        }
        for (int i = 0; i < cuts; i++) {
            int a = o_node_of(g, cut[i].a[0], cut[i].a[1]), b = o_node_of(g, cut[i].b[0], cut[i].b[1]);
            if (o_said(cut, cuts, &g->node[a], &g->node[b]) == 2) moved |= o_join(g, a, b);
        }
    }
    for (int i = 0; i < n; i++) e[i].group = g->node[o_node_of(g, e[i].ids[o_home(&e[i])][0], e[i].ids[o_home(&e[i])][1])].group;
}

static inline void
o_say(struct o_lines *l, const struct tl_buf *b)
{
    l->line[l->n++] = strndup((const char *)b->data, b->len);
}

/* One payload for each (origin, id) of a customer, received when its first copy was. */
static inline void
o_dedup(struct o_event *e, int n, struct o_lines *l)
{
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++) {
            if (i == k || e[i].group != e[k].group || strcmp(e[i].id, e[k].id) != 0 || strcmp(e[i].origin, e[k].origin) != 0) continue;
            uint8_t hi[32], hk[32];
            tl_hash256(e[i].json, strlen(e[i].json), hi);
            tl_hash256(e[k].json, strlen(e[k].json), hk);
            int d = memcmp(hi, hk, 32);
            if (d == 0) {
                if (e[k].received_ms < e[i].received_ms) e[i].received_ms = e[k].received_ms;
                if (k < i) e[i].out = true;
            } else if (d > 0) {
                bool first = true;      /* a lost payload is told once, whatever its copies */
                for (int x = 0; x < i; x++)
                    first = first && !(e[x].group == e[i].group && strcmp(e[x].json, e[i].json) == 0 && strcmp(e[x].origin, e[i].origin) == 0);
                if (first && !e[i].out) {
                    struct tl_buf b = {0};
                    struct tl_jw w = tl_jw_to(&b);
                    tl_jw_open(&w, NULL);
                    tl_jw_cstr(&w, "row", "refused");
                    tl_jw_cstr(&w, "reason", "dup_conflict");
                    tl_jw_cstr(&w, "id", e[i].id);
                    tl_jw_close(&w);
                    o_say(l, &b);
                    tl_buf_free(&b);
                }
                e[i].out = true;
            }
        }
}

static inline bool
o_session(const struct o_event *a, const struct o_event *b)
{
    return a == b || (a->group == b->group && a->session[0] != 0 && strcmp(a->session, b->session) == 0 && strcmp(a->origin, b->origin) == 0);
}

static inline uint64_t
o_session_hash(const struct o_event *e)
{
    return e->session[0] != 0 ? tl_kept_hash('s', tl_str_of(e->origin), tl_str_of(e->session)) : 0;
}

static inline uint64_t
o_id_hash(const struct o_event *e)
{
    return tl_kept_hash('i', tl_str_of(e->origin), tl_str_of(e->id)) & TL_KEPT_ID_MASK;
}

static inline int64_t
o_place(const struct o_event *e, int n, const struct o_event *x)
{
    int64_t offset = INT64_MAX, t;
    for (int i = 0; i < n; i++)
        if (!e[i].out && o_session(&e[i], x) && e[i].has_sent && e[i].received_ms - e[i].sent_ms < offset) offset = e[i].received_ms - e[i].sent_ms;
    if (offset == INT64_MAX || (offset < 60000 && offset > -60000)) offset = 0;
    t = x->has_time ? x->time_ms + offset : x->received_ms;
    return t < x->received_ms ? t : x->received_ms;
}

static inline bool
o_along(const struct o_event *a, const struct o_event *b)   /* a at or before b in the sequence of their session */
{
    if (a == b) return true;
    if (a->seq != b->seq) return a->seq < b->seq;
    int64_t ta = a->has_time ? a->time_ms : a->received_ms, tb = b->has_time ? b->time_ms : b->received_ms;
    return ta != tb ? ta < tb : o_id_hash(a) < o_id_hash(b);
}

static inline void
o_times(struct o_event *e, int n)
{
    for (int i = 0; i < n; i++) {
        if (e[i].out) continue;
        e[i].at_ms = o_place(e, n, &e[i]);
        for (int k = 0; e[i].has_seq && k < n; k++)
            if (!e[k].out && e[k].has_seq && o_session(&e[k], &e[i]) && o_along(&e[k], &e[i]) && o_place(e, n, &e[k]) > e[i].at_ms) e[i].at_ms = o_place(e, n, &e[k]);
    }
}

static inline bool
o_before(const struct o_event *a, const struct o_event *b)
{
    if (a->at_ms != b->at_ms) return a->at_ms < b->at_ms;
    if (o_session_hash(a) != o_session_hash(b)) return o_session_hash(a) < o_session_hash(b);
    uint64_t sa = a->has_seq ? a->seq : 0, sb = b->has_seq ? b->seq : 0;
    return sa != sb ? sa < sb : o_id_hash(a) < o_id_hash(b);
}

/* ---- the rules of the test's catalogue (t_stitch.c) ---- */
struct o_type { const char *name, *key; int64_t gap_ms; const char *start, *good, *bad; };

static inline const char *
o_touchpoint(const struct o_event *e)
{
    if (strncmp(e->type, "app.", 4) == 0 && strcmp(e->channel, "app") == 0) return "menu";
    return strcmp(e->type, "made") == 0 ? "make" : e->type;
}

static inline bool
o_marks(const struct o_event *e, const char *marker)
{
    return marker != NULL && (strcmp(e->type, marker) == 0 || strcmp(o_touchpoint(e), marker) == 0);
}

static inline const char *
o_thread(const struct o_type *t, const struct o_event *e)
{
    if (e->journey[0] != 0) return e->journey;
    return t->key != NULL && strcmp(t->key, "order") == 0 && e->order[0] != 0 ? e->order : NULL;
}

#include "oracle_facts.h"

struct o_run { const struct o_event *e[600]; int n; const char *thread; bool journey; bool closed; };

static inline void
o_attr(struct tl_jw *w, const char *name, const char *v)
{
    if (v != NULL && v[0] != 0) tl_jw_cstr(w, name, v);
}

static inline const char *
o_life(const char *s)
{
    return s[0] == 0 ? "none" : strcasecmp(s, "start") == 0 ? "start" : strcasecmp(s, "complete") == 0 ? "complete" : strcasecmp(s, "schedule") == 0 ? "schedule" : "other";
}

struct o_step { const struct o_event *first, *last; int64_t end_ms, wait_ms; const char *life; unsigned flags; };

static inline unsigned
o_flags(const struct o_event *e)
{
    bool failed = !strcmp(e->outcome, "fail") || !strcmp(e->outcome, "timeout") || !strcmp(e->outcome, "abandoned");
    return (e->has_time ? 0u : TL_STEP_TIME_MISSING) | (failed ? TL_STEP_FAIL : 0u) | (strcmp(o_touchpoint(e), "make") == 0 ? TL_STEP_BACKSTAGE : 0u);
}

static inline const char *
o_life_of_both(const char *a, const char *b)
{
    if (strcmp(a, b) == 0) return a;
    if (!strcmp(a, "complete") || !strcmp(b, "complete") || !strcmp(a, "span") || !strcmp(b, "span")) return "span";
    return !strcmp(a, "start") || !strcmp(b, "start") ? "start" : "other";
}

static inline int
o_steps(const struct o_run *r, struct o_step *s, int *step)
{
    int n = 0;
    for (int i = 0; i < r->n; i++) {
        const struct o_event *e = r->e[i];
        if (e->role != O_STEP) continue;
        bool table = strncmp(e->origin, "import:", 7) == 0;
        if (n > 0 && !strcmp(o_touchpoint(s[n - 1].last), o_touchpoint(e)) && !strcmp(s[n - 1].last->kase, e->kase) && !table && strncmp(s[n - 1].last->origin, "import:", 7) != 0) {
            s[n - 1].end_ms = e->at_ms;
            s[n - 1].life = o_life_of_both(s[n - 1].life, o_life(e->lifecycle));
            s[n - 1].flags |= o_flags(e);
            if (s[n - 1].wait_ms < 0) s[n - 1].wait_ms = e->wait_ms;
            s[n - 1].last = e;
            step[i] = n - 1;
            continue;
        }
        s[n] = (struct o_step){ e, e, e->at_ms, e->wait_ms, o_life(e->lifecycle), o_flags(e) };
        if (n > 0 && s[n - 1].first->at_ms == e->at_ms) s[n].flags |= TL_STEP_TIE;
        step[i] = n++;
    }
    return n;
}

static inline void
o_journey(const struct o_type *t, const struct o_run *r, const struct o_event **all, int all_n, const char *customer, const struct tl_zone *zone, struct o_lines *l)
{
    static struct o_step s[600];
    struct tl_buf b = {0};
    struct tl_jw w = tl_jw_to(&b);
    char day[16];
    const char *outcome = "undecided", *channel = NULL, *place = NULL, *tier = NULL;
    static int step[600];
    int n = o_steps(r, s, step);
    const struct o_event *closed = NULL;
    struct o_told told = { all, all_n, (const struct o_event **)(uintptr_t)r->e, step, r->n };

    for (int i = 0; i < r->n; i++) {
        const struct o_event *e = r->e[i];
        if (!strcmp(outcome, "undecided") && o_marks(e, t->good)) { outcome = "good"; closed = e; }
        else if (!strcmp(outcome, "undecided") && o_marks(e, t->bad)) outcome = "bad";
        const char *ch = e->channel[0] != 0 ? e->channel : !strcmp(o_touchpoint(e), "make") ? "store" : NULL;
        if (e->role == O_STEP && channel == NULL) channel = ch;
        if (e->role == O_STEP && place == NULL && e->place[0] != 0) place = e->place;
        if (tier == NULL && e->tier[0] != 0) tier = e->tier;
    }
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "row", "journey");
    tl_jw_cstr(&w, "journey", t->name);
    tl_jw_cstr(&w, "day", tl_day_format(tl_zone_day(zone, r->e[0]->at_ms), day));
    tl_jw_cstr(&w, "customer", customer);
    tl_jw_int(&w, "start", r->e[0]->at_ms);
    tl_jw_int(&w, "last", r->e[r->n - 1]->at_ms);
    tl_jw_cstr(&w, "outcome", outcome);
    tl_jw_cstr(&w, "stream", r->e[0]->stream[0] != 0 ? r->e[0]->stream : "live");
    tl_jw_open(&w, "attributes");
    o_attr(&w, "channel", channel);
    o_attr(&w, "origin", r->e[0]->origin);
    o_attr(&w, "place", place);
    o_attr(&w, "tier", tier);
    tl_jw_close(&w);
    tl_jw_array(&w, "steps");
    for (int i = 0; i < n; i++) {
        const char *ch = s[i].first->channel[0] != 0 ? s[i].first->channel : !strcmp(o_touchpoint(s[i].first), "make") ? "store" : "";
        tl_jw_open(&w, NULL);
        tl_jw_cstr(&w, "touchpoint", o_touchpoint(s[i].first));
        o_attr(&w, "channel", ch);
        tl_jw_cstr(&w, "lifecycle", s[i].life);
        tl_jw_int(&w, "start", s[i].first->at_ms);
        tl_jw_int(&w, "end", s[i].end_ms);
        if (s[i].wait_ms >= 0) tl_jw_int(&w, "wait", s[i].wait_ms);
        if (s[i].flags != 0) tl_jw_uint(&w, "flags", s[i].flags);
        tl_jw_close(&w);
    }
    tl_jw_end(&w);
    o_facts(&w, &told, closed, t->name);
    tl_jw_close(&w);
    o_say(l, &b);
    tl_buf_free(&b);
}

/* Live events that met the customer's outcome "back", in order. */
static inline void
o_outcomes_line(const struct o_event **e, int n, const char *customer, struct o_lines *l)
{
    struct tl_buf b = {0};
    struct tl_jw w = tl_jw_to(&b);
    int found = 0;

    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "row", "outcomes");
    tl_jw_cstr(&w, "customer", customer);
    tl_jw_array(&w, "outcomes");
    for (int i = 0; i < n; i++) {
        if (e[i]->stream[0] != 0 || !o_type(e[i], "door.in")) continue;
        tl_jw_open(&w, NULL);
        tl_jw_cstr(&w, "outcome", "back");
        tl_jw_int(&w, "at", e[i]->at_ms);
        tl_jw_close(&w);
        found++;
    }
    tl_jw_end(&w);
    tl_jw_close(&w);
    if (found > 0) o_say(l, &b);
    tl_buf_free(&b);
}

static inline void
o_event_line(const struct o_event *e, const char *customer, struct o_lines *l)
{
    static const char *const roles[] = { "step", "signal", "silent" };
    struct tl_buf b = {0};
    struct tl_jw w = tl_jw_to(&b);

    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "row", "event");
    tl_jw_cstr(&w, "customer", customer);
    tl_jw_int(&w, "at", e->at_ms);
    tl_jw_cstr(&w, "id", e->id);
    tl_jw_cstr(&w, "origin", e->origin);
    tl_jw_cstr(&w, "type", e->type);
    tl_jw_cstr(&w, "touchpoint", o_touchpoint(e));
    o_attr(&w, "channel", e->channel[0] != 0 ? e->channel : !strcmp(o_touchpoint(e), "make") ? "store" : NULL);
    o_attr(&w, "tier", e->tier);
    o_attr(&w, "place", e->place);
    tl_jw_cstr(&w, "stream", e->stream[0] != 0 ? e->stream : "live");
    tl_jw_cstr(&w, "role", roles[e->role]);
    tl_jw_cstr(&w, "lifecycle", o_life(e->lifecycle));
    tl_jw_cstr(&w, "outcome", e->outcome[0] != 0 ? e->outcome : "none");
    if (e->score > 0) {
        tl_jw_array(&w, "scores");
        tl_jw_open(&w, NULL);
        tl_jw_cstr(&w, "score", "csat5");
        tl_jw_int(&w, "milli", e->score * 1000);
        tl_jw_close(&w);
        tl_jw_end(&w);
    }
    if (e->agent[0] != 0) tl_jw_uint(&w, "agent", (uint32_t)tl_kept_hash('a', tl_str_of(e->agent), (struct tl_str){0}));
    if (o_promises(e)) {
        tl_jw_open(&w, "promise");
        tl_jw_uint(&w, "what", e->what[0] != 0 ? (uint32_t)tl_kept_hash('w', tl_str_of(e->what), (struct tl_str){0}) : 0);
        if (e->has_due) tl_jw_int(&w, "due", e->due_ms);
        if (e->kept >= 0) tl_jw_bool(&w, "kept", e->kept > 0);
        tl_jw_close(&w);
    }
    tl_jw_close(&w);
    o_say(l, &b);
    tl_buf_free(&b);
}

/* Where an event goes that a keyed type does not thread: to the run that begins next, or to what happened last, whichever is nearer, within the gap. */
static inline int
o_lead(const struct o_type *t, const struct o_event **e, int n, const int *given, int i)
{
    int after = -1, before = -1;
    int64_t ahead = INT64_MAX, behind = INT64_MAX;

    for (int k = n - 1; k > i; k--) {
        int first = 0;
        while (given[k] >= 0 && given[first] != given[k]) first++;
        if (given[k] >= 0 && first == k) { after = given[k]; ahead = e[k]->at_ms - e[i]->at_ms; }
    }
    for (int k = 0; k < i; k++)
        if (given[k] >= 0) { before = given[k]; behind = e[i]->at_ms - e[k]->at_ms; }
    if (ahead <= behind) return ahead <= t->gap_ms ? after : -1;
    return behind <= t->gap_ms ? before : -1;
}

/* One type, one stream of one customer's events in order. */
static inline void
o_runs(const struct o_type *t, const struct o_event **e, int n, const char *customer, const struct tl_zone *zone, struct o_lines *l)
{
    static struct o_run run[600];
    static int given[600], final[600];
    int runs = 0, open = -1;

    for (int i = 0; i < n; i++) {
        const char *thread = o_thread(t, e[i]);
        int at = -1;
        given[i] = -1;
        if (e[i]->role == O_SILENT) continue;
        if (thread != NULL) {
            for (int k = 0; k < runs; k++)
                if (run[k].thread != NULL && !strcmp(run[k].thread, thread) && run[k].journey == (e[i]->journey[0] != 0)) at = k;
            if (at < 0) { run[at = runs++] = (struct o_run){ .thread = thread, .journey = e[i]->journey[0] != 0 }; }
        } else if (t->key != NULL && t->start == NULL) {
            continue;
        } else {
            bool starts = o_marks(e[i], t->start);
            bool near = open >= 0 && e[i]->at_ms - run[open].e[run[open].n - 1]->at_ms <= t->gap_ms;
            if (near && !starts && (e[i]->role == O_SIGNAL || !run[open].closed)) at = open;
            else if (t->start != NULL && !starts) continue;
            else { run[at = open = runs++] = (struct o_run){0}; }
        }
        given[i] = at;
        run[at].e[run[at].n++] = e[i];
        if (o_marks(e[i], t->good) || o_marks(e[i], t->bad)) run[at].closed = true;
    }
    for (int i = 0; i < n; i++)
        final[i] = given[i] < 0 && e[i]->role != O_SILENT && t->key != NULL && t->start == NULL ? o_lead(t, e, n, given, i) : given[i];
    for (int k = 0; k < runs; k++) {
        run[k].n = 0;
        for (int i = 0; i < n; i++)
            if (final[i] == k) run[k].e[run[k].n++] = e[i];
        o_journey(t, &run[k], e, n, customer, zone, l);
    }
}

static inline int
o_by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All canonical rows of these events, one text. e is changed. */
static inline char *
o_rows(struct o_event *e, int n, const struct o_cut *cut, int cuts, const struct o_visit *visit, int visits, const struct o_type *type, int types, const struct tl_zone *zone)
{
    static struct o_graph g;
    static struct o_lines l;
    static const char *const streams[] = { "", "test", "pilot", "replay", "mystery" };
    struct tl_buf out = {0};

    l.n = 0;
    o_components(&g, e, n, cut, cuts, visit, visits);
    o_dedup(e, n, &l);
    for (int i = 0; i < n; i++)
        if (e[i].stream[0] == 0 && o_visited(&e[i], visit, visits)) strcpy(e[i].stream, "mystery");
    o_times(e, n);
    for (int group = 0; group < g.n; group++) {
        const struct o_event *list[600];
        char customer[64] = "";
        int m = 0;
        for (int i = 0; i < g.n; i++) {
            char name[64];
            snprintf(name, sizeof name, "%s:%s", g.node[i].kind, g.node[i].value);
            if (g.node[i].group == group && (customer[0] == 0 || strcmp(name, customer) < 0)) snprintf(customer, sizeof customer, "%s", name);
        }
        for (int i = 0; i < n; i++)
            if (e[i].group == group && !e[i].out) { list[m++] = &e[i]; o_event_line(&e[i], customer, &l); }
        for (int a = 0; a < m; a++)
            for (int b = 0; b + 1 < m; b++)
                if (o_before(list[b + 1], list[b])) { const struct o_event *x = list[b]; list[b] = list[b + 1]; list[b + 1] = x; }
        o_outcomes_line(list, m, customer, &l);
        for (int t = 0; t < types; t++)
            for (int s = 0; s < 5; s++) {
                const struct o_event *some[600];
                int k = 0;
                for (int i = 0; i < m; i++)
                    if (!strcmp(list[i]->stream, streams[s])) some[k++] = list[i];
                o_runs(&type[t], some, k, customer, zone, &l);
            }
    }
    qsort(l.line, (size_t)l.n, sizeof *l.line, o_by_text);
    for (int i = 0; i < l.n; i++) {
        tl_buf_put_str(&out, l.line[i]);
        tl_buf_put(&out, "\n", 1);
        free(l.line[i]);
    }
    tl_buf_put_u8(&out, 0);
    return (char *)out.data;
}

#endif
