/* verdict_journeys.c - see verdict.h: from a viewer's answers about customers to lines. */
#include "verdict.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "replay_event.h"
#include "tl_fetch.h"

#define ANSWER_ARENA_BYTES ((size_t)256 << 20)
#define DEPTH_MAX 16

struct judging {
    struct session *viewer;
    int64_t as_of_ms;
    struct tl_arena *arena;
    struct tl_buf body;                  /* the answer that root lies in */
    struct tl_jv *root;
    char customer[33];                   /* whose answer it is */
    struct verdict *out;
    struct tl_err *err;
};

/* ---- asking ---- */

static int
get(struct judging *g, struct tl_buf *path)
{
    tl_buf_put_u8(path, 0);
    tl_buf_reset(&g->body);
    tl_arena_reset(g->arena);
    g->root = NULL;
    int rc = path->failed ? tl_fail(g->err, TL_ENOMEM, "out of memory") : session_get(g->viewer, SESSION_VIEWER, (const char *)path->data, &g->body, g->err);
    return rc != 0 ? rc : tl_json_tree(g->arena, (struct tl_str){ (const char *)g->body.data, g->body.len }, DEPTH_MAX, &g->root, NULL, g->err);
}

static int
get_customer(struct judging *g, const char *hash)
{
    struct tl_buf path = {0};
    if (g->root != NULL && strcmp(hash, g->customer) == 0)
        return 0;
    tl_buf_printf(&path, "/api/customers/%s?limit=1&as_of=%lld", hash, (long long)g->as_of_ms);
    int rc = get(g, &path);
    snprintf(g->customer, sizeof g->customer, "%.32s", hash);
    tl_buf_free(&path);
    return rc;
}

/* find_customer - "" in hash: nobody has this identity */
static int
find_customer(struct judging *g, const char *kind, const char *value, char hash[33])
{
    struct tl_buf path = {0};
    tl_buf_printf(&path, "/api/customers?id=%s:", kind);
    tl_fetch_escape(&path, tl_str_of(value));
    int rc = get(g, &path);
    const struct tl_jv *list = rc == 0 ? tl_jv_get(g->root, "customers") : NULL;
    struct tl_str found = list != NULL && list->child != NULL ? tl_jv_text(list->child, "customer") : (struct tl_str){0};
    snprintf(hash, 33, "%.*s", (int)(found.n < 32 ? found.n : 0), found.p != NULL ? found.p : "");
    if (found.n == 32)
        snprintf(hash, 33, "%.32s", found.p);
    g->root = NULL;
    g->customer[0] = '\0';
    tl_buf_free(&path);
    return rc;
}

/* ---- one journey in words ---- */

/* 10:40, 1:02:03, 0:15.001 */
static void
put_duration(struct tl_buf *b, int64_t ms)
{
    int64_t s = llabs(ms) / 1000, rest = llabs(ms) % 1000;
    if (ms < 0)
        tl_buf_put_str(b, "-");
    if (s >= 3600)
        tl_buf_printf(b, "%lld:%02lld:%02lld", (long long)(s / 3600), (long long)(s / 60 % 60), (long long)(s % 60));
    else
        tl_buf_printf(b, "%lld:%02lld", (long long)(s / 60), (long long)(s % 60));
    if (rest != 0)
        tl_buf_printf(b, ".%03lld", (long long)rest);
}

static void
put_text(struct tl_buf *b, struct tl_str s)
{
    tl_buf_printf(b, "%.*s", (int)s.n, s.p != NULL ? s.p : "");
}

static void
put_word(struct tl_buf *b, const struct tl_jv *v, const char *name)
{
    struct tl_str s = tl_jv_text(v, name);
    put_text(b, s.n > 0 ? s : TL_STR("nothing"));
}

static bool
has_number(const struct tl_jv *v, const char *name)
{
    const struct tl_jv *n = tl_jv_get(v, name);
    return n != NULL && n->type == TL_JNUMBER;
}

static void
put_amounts(struct tl_buf *b, const struct tl_jv *brk, int64_t start_ms)
{
    struct tl_str unit = tl_jv_text(brk, "unit");
    double expected = tl_jv_number(brk, "expected", 0), actual = tl_jv_number(brk, "actual", 0);
    bool known = has_number(brk, "actual") && !tl_jv_bool(brk, "open", false);
    if (tl_str_is(unit, "ms")) {
        tl_buf_put_str(b, known ? ": took " : ": not ended");
        if (known)
            put_duration(b, (int64_t)actual);
        tl_buf_put_str(b, ", limit ");
        put_duration(b, (int64_t)expected);
    } else if (tl_str_is(unit, "time")) {
        tl_buf_put_str(b, ": due at +");
        put_duration(b, (int64_t)expected - start_ms);
        tl_buf_put_str(b, known ? ", came at +" : ", did not come");
        if (known)
            put_duration(b, (int64_t)actual - start_ms);
    } else if (tl_str_is(unit, "word")) {
        tl_buf_put_str(b, ": ");
        put_word(b, brk, "actual");
        tl_buf_put_str(b, " instead of ");
        put_word(b, brk, "expected");
    } else {
        tl_buf_printf(b, ": %.6g instead of %.6g", actual, expected);
    }
}

static int
say_break(struct judging *g, const char *head, const struct tl_jv *brk, int64_t start_ms)
{
    struct tl_buf b = {0};
    tl_buf_printf(&b, "%s: break ", head);
    put_text(&b, tl_jv_text(brk, "id"));
    tl_buf_put_str(&b, " at ");
    put_text(&b, tl_jv_text(brk, "touchpoint"));
    if (has_number(brk, "step"))
        tl_buf_printf(&b, ", step %lld", (long long)tl_jv_int(brk, "step", 0) + 1);
    if (has_number(brk, "at")) {
        tl_buf_put_str(&b, ", +");
        put_duration(&b, tl_jv_int(brk, "at", start_ms) - start_ms);
    }
    put_amounts(&b, brk, start_ms);
    tl_buf_printf(&b, ", severity %lld%s%s", (long long)tl_jv_int(brk, "severity", 0), tl_jv_bool(brk, "first", false) ? ", the first" : "",
                  tl_jv_bool(brk, "worst", false) ? ", the worst" : "");
    int rc = b.failed ? tl_fail(g->err, TL_ENOMEM, "out of memory") : verdict_add(g->out, (struct tl_str){ (const char *)b.data, b.len }, g->err);
    tl_buf_free(&b);
    return rc;
}

static int
say(struct judging *g, const char *head, const char *what, struct tl_str text)
{
    struct tl_buf b = {0};
    tl_buf_printf(&b, "%s: %s", head, what);
    put_text(&b, text);
    int rc = b.failed ? tl_fail(g->err, TL_ENOMEM, "out of memory") : verdict_add(g->out, (struct tl_str){ (const char *)b.data, b.len }, g->err);
    tl_buf_free(&b);
    return rc;
}

static int
say_steps(struct judging *g, const char *head, const struct tl_jv *j)
{
    const struct tl_jv *steps = tl_jv_get(j, "steps");
    struct tl_buf b = {0};
    for (const struct tl_jv *s = steps != NULL ? steps->child : NULL; s != NULL; s = s->next) {
        put_text(&b, tl_jv_text(s, "touchpoint"));
        tl_buf_put_str(&b, s->next != NULL ? ", " : "");
    }
    int rc = b.failed ? tl_fail(g->err, TL_ENOMEM, "out of memory") : say(g, head, "steps ", (struct tl_str){ (const char *)b.data, b.len });
    tl_buf_free(&b);
    return rc;
}

static int
say_journey(struct judging *g, const char *head, const struct tl_jv *j)
{
    const struct tl_jv *breaks = tl_jv_get(j, "breaks");
    int64_t start_ms = tl_jv_int(j, "start", 0), unknown = tl_jv_int(j, "unknown", 0);
    char text[60];
    int rc = say(g, head, "ended ", tl_jv_text(j, "outcome"));
    if (rc == 0)
        rc = say_steps(g, head, j);
    for (const struct tl_jv *b = breaks != NULL ? breaks->child : NULL; rc == 0 && b != NULL; b = b->next)
        rc = say_break(g, head, b, start_ms);
    snprintf(text, sizeof text, "%lld standards are unknown: their source is silent", (long long)unknown);
    return rc == 0 && unknown > 0 ? say(g, head, text, TL_STR("")) : rc;
}

/* ---- which journeys ---- */

static const struct tl_jv *
journey_of(const struct judging *g, const char *type, int64_t start_ms)
{
    const struct tl_jv *list = tl_jv_get(g->root, "journeys");
    for (const struct tl_jv *j = list != NULL ? list->child : NULL; j != NULL; j = j->next)
        if (tl_str_is(tl_jv_text(j, "type"), type) && tl_jv_int(j, "start", -1) == start_ms)
            return j;
    return NULL;
}

/* order, or order 2 for the second of that type */
static void
head_of(const struct recording *r, uint32_t part, char head[96])
{
    uint32_t k = 1, all = 0;
    for (uint32_t i = 0; i < r->part_n; i++) {
        bool same = strcmp(r->part[i].type, r->part[part].type) == 0;
        all += same;
        k += same && i < part;
    }
    if (all > 1)
        snprintf(head, 96, "%.63s %u", r->part[part].type, k);
    else
        snprintf(head, 96, "%.63s", r->part[part].type);
}

static int
begin(struct judging *g, struct session *viewer, int64_t as_of_ms, struct verdict *out, struct tl_err *err)
{
    *out = (struct verdict){0};
    *g = (struct judging){ .viewer = viewer, .as_of_ms = as_of_ms, .arena = tl_arena_new(ANSWER_ARENA_BYTES), .out = out, .err = err };
    return g->arena != NULL ? 0 : tl_fail(err, TL_ENOMEM, "out of memory");
}

static int
finish(struct judging *g, int rc)
{
    tl_arena_free(&g->arena);
    tl_buf_free(&g->body);
    if (rc != 0)
        verdict_free(g->out);
    return rc;
}

int
verdict_of_parts(struct session *viewer, const struct recording *r, int64_t as_of_ms, struct verdict *out, struct tl_err *err)
{
    struct judging g;
    char head[96];
    int rc = begin(&g, viewer, as_of_ms, out, err);
    for (uint32_t i = 0; rc == 0 && i < r->part_n; i++) {
        rc = get_customer(&g, r->part[i].customer);
        const struct tl_jv *j = rc == 0 ? journey_of(&g, r->part[i].type, r->part[i].start_ms) : NULL;
        head_of(r, i, head);
        if (rc == 0)
            rc = j != NULL ? say_journey(&g, head, j) : tl_fail(err, TL_ENOTFOUND, "%.60s: its %s is not there any more", r->name, head);
    }
    return finish(&g, rc);
}

static int
of_person(struct judging *g, const struct recording *r, uint32_t i, int64_t shift_ms)
{
    char head[96], value[REPLAY_IDENTITY_MAX + 1], hash[33];
    int rc = find_customer(g, "user", replay_identity(r->run, r->part[i].person, value), hash);
    head_of(r, i, head);
    if (rc == 0 && hash[0] != '\0')
        rc = get_customer(g, hash);
    const struct tl_jv *j = rc == 0 && hash[0] != '\0' ? journey_of(g, r->part[i].type, r->part[i].start_ms + shift_ms) : NULL;
    if (rc != 0)
        return rc;
    return j != NULL ? say_journey(g, head, j) : say(g, head, "did not come out", TL_STR(""));
}

/* ---- of a file: everything that came out for whoever is in it ---- */

static bool
any_own(const struct tl_jv *list)
{
    for (const struct tl_jv *j = list != NULL ? list->child : NULL; j != NULL; j = j->next)
        if (!tl_str_is(tl_jv_text(j, "type"), "all"))
            return true;
    return false;
}

/* journeys of `all` only where there are no others */
static int
add_parts(struct judging *g, struct recording *x, const char *hash)
{
    int rc = get_customer(g, hash);
    const struct tl_jv *list = rc == 0 ? tl_jv_get(g->root, "journeys") : NULL;
    bool own = any_own(list);
    struct recorded_part *more = rc == 0 ? tl_realloc(x->part, (x->part_n + (list != NULL ? list->children_n : 0) + 1) * sizeof *more) : NULL;
    if (rc == 0 && more == NULL)
        return tl_fail(g->err, TL_ENOMEM, "out of memory");
    if (more != NULL)
        x->part = more;
    for (const struct tl_jv *j = list != NULL ? list->child : NULL; j != NULL; j = j->next) {
        struct tl_str type = tl_jv_text(j, "type");
        if (own == tl_str_is(type, "all"))
            continue;
        struct recorded_part *part = &x->part[x->part_n++];
        *part = (struct recorded_part){ .start_ms = tl_jv_int(j, "start", 0) };
        snprintf(part->customer, sizeof part->customer, "%.32s", hash);
        snprintf(part->type, sizeof part->type, "%.*s", (int)type.n, type.p);
    }
    return rc;
}

static int
by_start(const void *x, const void *y)
{
    const struct recorded_part *a = x, *b = y;
    return a->start_ms != b->start_ms ? (a->start_ms < b->start_ms ? -1 : 1) : strcmp(a->type, b->type);
}

static int
of_file(struct judging *g, const struct recording *r)
{
    char hash[33], head[96], who[16], value[REPLAY_IDENTITY_MAX + 1];
    struct recording x = { .name = r->name };
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < r->person_n; i++) {
        snprintf(who, sizeof who, "c%u", i);
        rc = find_customer(g, "user", replay_identity(r->run, who, value), hash);
        if (rc == 0 && hash[0] != '\0')
            rc = add_parts(g, &x, hash);
    }
    if (rc == 0 && x.part_n > 1)
        qsort(x.part, x.part_n, sizeof *x.part, by_start);
    for (uint32_t i = 0; rc == 0 && i < x.part_n; i++) {
        rc = get_customer(g, x.part[i].customer);
        const struct tl_jv *j = rc == 0 ? journey_of(g, x.part[i].type, x.part[i].start_ms) : NULL;
        head_of(&x, i, head);
        if (j != NULL)
            rc = say_journey(g, head, j);
    }
    if (rc == 0 && x.part_n == 0)
        rc = verdict_add(g->out, TL_STR("no journey came out"), g->err);
    tl_free(x.part);
    return rc;
}

int
verdict_of_run(struct session *viewer, const struct recording *r, int64_t shift_ms, int64_t as_of_ms, struct verdict *out, struct tl_err *err)
{
    struct judging g;
    int rc = begin(&g, viewer, as_of_ms, out, err);
    if (rc == 0 && r->kind == RECORDING_FILE)
        rc = of_file(&g, r);
    for (uint32_t i = 0; rc == 0 && i < r->part_n; i++)
        rc = of_person(&g, r, i, shift_ms);
    return finish(&g, rc);
}
