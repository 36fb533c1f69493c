/* check_maps.c - compares what `touchline` says of a log with figures reckoned elsewhere.
 *
 *   check_maps all GOLDEN NAME MAP.json VARIANTS.json EXPORT.xes        every figure of GOLDEN's member NAME
 *   check_maps complete GOLDEN MAP.json VARIANTS.json FUNNEL.json EXPORT.xes
 *   check_maps same A.json B.json         two maps are equal but for as_of
 * Counts and means are to be exact, quantiles within 1 % (or 1 ms). Ends with 1 when any figure differs, having said which. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tl_import.h"
#include "tl_draft.h"
#include "tl_hash.h"
#include "tl_json.h"

#define ARENA_BYTES (1024ull << 20)

static int wrong, checked;
static struct tl_arena *arena;

static void
check(bool good, const char *what, const char *which, double have, double want)
{
    checked++;
    if (good)
        return;
    wrong++;
    printf("%s %s: have %.10g, want %.10g\n", what, which, have, want);
}

static void
equal(const char *what, const char *which, int64_t have, int64_t want)
{
    check(have == want, what, which, (double)have, (double)want);
}

static const struct tl_jv *
load(const char *path)
{
    struct tl_buf b = {0};
    struct tl_jv *root = NULL;
    struct tl_err err = {0};
    char chunk[65536];
    size_t n;
    FILE *f = fopen(path, "rb");
    while (f != NULL && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
        tl_buf_put(&b, chunk, n);
    if (f != NULL)
        fclose(f);
    char *kept = tl_arena_dup(arena, b.data, b.len);
    if (f == NULL || kept == NULL || tl_json_tree(arena, (struct tl_str){ kept, b.len }, 12, &root, NULL, &err) != 0) {
        printf("%s: %s\n", path, f == NULL ? "cannot be opened" : err.text);
        exit(1);
    }
    tl_buf_free(&b);
    return root;
}

static char *
name_of(struct tl_str s)
{
    return tl_arena_dup(arena, s.p, s.n);
}

/* ---- journeys, as the exported file tells them ---- */
struct steps {                                   /* of one journey at one touchpoint */
    char *touchpoint;
    uint32_t journeys, again;
};
struct told {
    struct steps at[4096];
    uint32_t n, journeys, again;
    struct { uint32_t at, count; } now[4096];    /* of the journey at hand */
    uint32_t now_n;
    char journey[160];
};

static void
end_journey(struct told *t)
{
    bool again = false;
    for (uint32_t i = 0; i < t->now_n; i++) {
        t->at[t->now[i].at].journeys++;
        t->at[t->now[i].at].again += t->now[i].count > 1;
        again |= t->now[i].count > 1;
    }
    t->journeys += t->now_n > 0;
    t->again += again;
    t->now_n = 0;
}

static void
take_step(struct told *t, const char *touchpoint)
{
    uint32_t k = 0;
    while (k < t->n && strcmp(t->at[k].touchpoint, touchpoint) != 0)
        k++;
    if (k == t->n && k < 4096)
        t->at[t->n++].touchpoint = strdup(touchpoint);
    uint32_t i = 0;
    while (i < t->now_n && t->now[i].at != k)
        i++;
    if (i == t->now_n) {
        t->now[t->now_n].at = k;
        t->now[t->now_n++].count = 0;
    }
    t->now[i].count++;
}

static int
take_event(void *arg, struct tl_str json, uint64_t line, struct tl_err *err)
{
    struct told *t = arg;
    struct tl_arena *a = tl_arena_new(1 << 20);
    struct tl_jv *root = NULL;
    char touchpoint[200], journey[160];
    (void)line;
    if (a == NULL || tl_json_tree(a, json, 0, &root, NULL, err) != 0)
        return TL_EINVAL;
    snprintf(journey, sizeof journey, "%.*s", (int)tl_jv_text(root, "journey").n, tl_jv_text(root, "journey").p);
    snprintf(touchpoint, sizeof touchpoint, "%.*s", (int)tl_jv_text(root, "type").n, tl_jv_text(root, "type").p);
    if (strcmp(journey, t->journey) != 0) {
        end_journey(t);
        snprintf(t->journey, sizeof t->journey, "%s", journey);
    }
    take_step(t, touchpoint);
    tl_arena_free(&a);
    return 0;
}

static void
say_bad(void *arg, uint64_t line, const char *why)
{
    (void)arg;
    wrong++;
    printf("export line %llu: %s\n", (unsigned long long)line, why);
}

static struct told *
read_export(const char *path)
{
    struct told *t = calloc(1, sizeof *t);
    struct tl_import_source src = { .path = path, .run = "x" };
    const struct tl_import_sink sink = { .event = take_event, .bad = say_bad, .arg = t };
    struct tl_err err = {0};
    if (tl_import_xes(&src, &sink, &err) != 0) {
        printf("%s: %s\n", path, err.text);
        exit(1);
    }
    end_journey(t);
    return t;
}

static const struct steps *
told_at(const struct told *t, const char *touchpoint)
{
    static const struct steps none;
    for (uint32_t i = 0; i < t->n; i++)
        if (strcmp(t->at[i].touchpoint, touchpoint) == 0)
            return &t->at[i];
    return &none;
}

/* ---- the map ---- */
static const struct tl_jv *
node(const struct tl_jv *map, const char *touchpoint)
{
    for (const struct tl_jv *n = tl_jv_get(map, "nodes")->child; n != NULL; n = n->next)
        if (tl_str_is(tl_jv_text(n, "touchpoint"), touchpoint))
            return n;
    return NULL;
}

static const struct tl_jv *
edge(const struct tl_jv *map, const char *from, const char *to)
{
    for (const struct tl_jv *e = tl_jv_get(map, "edges")->child; e != NULL; e = e->next)
        if (tl_str_is(tl_jv_text(e, "from"), from) && tl_str_is(tl_jv_text(e, "to"), to))
            return e;
    return NULL;
}

static int64_t
ends_at(const struct tl_jv *n)
{
    int64_t sum = 0;
    for (const struct tl_jv *e = n != NULL ? tl_jv_get(n, "ends")->child : NULL; e != NULL; e = e->next)
        sum += e->integer;
    return sum;
}

static int64_t
sum_of(const struct tl_jv *list, const char *member)
{
    int64_t sum = 0;
    for (const struct tl_jv *v = list->child; v != NULL; v = v->next)
        sum += tl_jv_int(v, member, 0);
    return sum;
}

/* in + starts = steps = out + ends at each node; edges = steps - journeys */
static void
check_identities(const struct tl_jv *map)
{
    const struct tl_jv *edges = tl_jv_get(map, "edges");
    for (const struct tl_jv *n = tl_jv_get(map, "nodes")->child; n != NULL; n = n->next) {
        int64_t in = tl_jv_int(n, "other_in", 0), out = tl_jv_int(n, "other_out", 0), steps = tl_jv_int(n, "steps", -1);
        char *name = name_of(tl_jv_text(n, "touchpoint"));
        for (const struct tl_jv *e = edges->child; e != NULL; e = e->next) {
            in += tl_str_is(tl_jv_text(e, "to"), name) ? tl_jv_int(e, "steps", 0) : 0;
            out += tl_str_is(tl_jv_text(e, "from"), name) ? tl_jv_int(e, "steps", 0) : 0;
        }
        equal("in + starts", name, in + tl_jv_int(n, "starts", 0), steps);
        equal("out + ends", name, out + ends_at(n), steps);
    }
    equal("edges", "= steps - journeys", sum_of(edges, "steps") + tl_jv_int(tl_jv_get(map, "other"), "steps", 0),
          tl_jv_int(map, "steps", 0) - tl_jv_int(map, "journeys", 0));
}

static int64_t
starts_at(const struct tl_jv *n)
{
    return tl_jv_int(n, "starts", -1);
}

static int64_t
steps_at(const struct tl_jv *n)
{
    return tl_jv_int(n, "steps", -1);
}

/* {touchpoint: number}; touchpoints that are not named have 0 */
static void
check_nodes(const char *what, const struct tl_jv *map, const struct tl_jv *want, int64_t (*of)(const struct tl_jv *n))
{
    for (const struct tl_jv *w = want->child; w != NULL; w = w->next)
        equal(what, name_of(w->name), of(node(map, name_of(w->name))), w->integer);
    for (const struct tl_jv *n = tl_jv_get(map, "nodes")->child; n != NULL; n = n->next)
        if (tl_jv_get(want, name_of(tl_jv_text(n, "touchpoint"))) == NULL)
            equal(what, name_of(tl_jv_text(n, "touchpoint")), of(n), 0);
}

static void
near(const char *what, const char *which, double have_ms, double want_s)
{
    double want_ms = want_s * 1000;
    check(fabs(have_ms - want_ms) <= fmax(want_ms * 0.01, 1.0), what, which, have_ms, want_ms);
}

static void
check_top_edges(const struct tl_jv *map, const struct tl_jv *top)
{
    for (const struct tl_jv *e = top->child; e != NULL; e = e->next) {
        const struct tl_jv *from = e->child, *to = from->next, *count = to->next, *mean = count->next, *p50 = mean->next, *p90 = p50->next;
        const struct tl_jv *have = edge(map, name_of(from->text), name_of(to->text)), *wait = tl_jv_get(have, "wait_ms");
        char which[300];
        snprintf(which, sizeof which, "%.*s -> %.*s", (int)from->text.n, from->text.p, (int)to->text.n, to->text.p);
        equal("flow", which, tl_jv_int(have, "steps", -1), count->integer);
        double mean_ms = tl_jv_number(wait, "mean", NAN);
        check(fabs(mean_ms - mean->number * 1000) <= 0.5 + 1e-9, "mean wait", which, mean_ms, mean->number * 1000);   /* goldens are rounded to a ms */
        near("p50", which, tl_jv_number(wait, "p50", NAN), p50->number);
        near("p90", which, tl_jv_number(wait, "p90", NAN), p90->number);
    }
}

static void
check_all(const struct tl_jv *want, const char *const *path)
{
    const struct tl_jv *map = load(path[0]), *variants = load(path[1]);
    struct told *told = read_export(path[2]);
    const struct tl_jv *top = tl_jv_get(variants, "top");
    equal("journeys", "", tl_jv_int(map, "journeys", -1), tl_jv_int(want, "cases", 0));
    equal("customers", "", tl_jv_int(map, "customers", -1), tl_jv_int(want, "cases", 0));
    equal("steps", "", tl_jv_int(map, "steps", -1), tl_jv_int(want, "events", 0));
    equal("nodes", "", tl_jv_get(map, "nodes")->children_n, tl_jv_int(want, "activities", 0));
    equal("edges", "", tl_jv_get(map, "edges")->children_n, tl_jv_int(want, "dfg_edges", 0));
    equal("flows", "", sum_of(tl_jv_get(map, "edges"), "steps"), tl_jv_int(want, "dfg_sum", 0));
    equal("variants", "", tl_jv_int(variants, "variants", -1), tl_jv_int(want, "variants", 0));
    equal("commonest variant", "", top->child != NULL ? tl_jv_int(top->child, "journeys", -1) : -1, tl_jv_int(want, "top_variant_count", 0));
    equal("journeys exported", "", told->journeys, tl_jv_int(want, "cases", 0));
    equal("journeys with rework", "", told->again, tl_jv_int(want, "rework_cases_any", 0));
    check_nodes("starts", map, tl_jv_get(want, "starts"), starts_at);
    check_nodes("ends", map, tl_jv_get(want, "ends"), ends_at);
    check_nodes("steps", map, tl_jv_get(want, "act_counts"), steps_at);
    check_identities(map);
    check_top_edges(map, tl_jv_get(want, "top_edges"));
    free(told);
}

static void
check_funnel(const struct tl_jv *funnel, const struct tl_jv *want)
{
    const struct tl_jv *have = tl_jv_get(funnel, "steps")->child;
    for (const struct tl_jv *w = want->child; w != NULL; w = w->next, have = have != NULL ? have->next : NULL) {
        char *name = name_of(tl_jv_text(w, "step"));
        equal("funnel", name, tl_jv_int(have, "journeys", -1), tl_jv_int(w, "cases", 0));
        if (tl_jv_get(w, "conv") == NULL)
            continue;
        check(fabs(tl_jv_number(have, "conversion", NAN) - tl_jv_number(w, "conv", 0)) < 1e-9, "conversion", name, tl_jv_number(have, "conversion", NAN), tl_jv_number(w, "conv", 0));
        check(fabs(tl_jv_number(have, "lo", NAN) - tl_jv_number(w, "lo", 0)) < 1e-6, "lower bound", name, tl_jv_number(have, "lo", NAN), tl_jv_number(w, "lo", 0));
        check(fabs(tl_jv_number(have, "hi", NAN) - tl_jv_number(w, "hi", 0)) < 1e-6, "upper bound", name, tl_jv_number(have, "hi", NAN), tl_jv_number(w, "hi", 0));
    }
}

static void
check_complete(const struct tl_jv *golden, const char *const *path)
{
    const struct tl_jv *map = load(path[0]), *variants = load(path[1]), *funnel = load(path[2]), *want = tl_jv_get(golden, "dfg_complete_only");
    struct told *told = read_export(path[3]);
    equal("edges", "", tl_jv_get(map, "edges")->children_n, tl_jv_int(want, "edges", 0));
    equal("flows", "", sum_of(tl_jv_get(map, "edges"), "steps"), tl_jv_int(want, "sum", 0));
    equal("variants", "", tl_jv_int(variants, "variants", -1), tl_jv_int(want, "variants", 0));
    for (const struct tl_jv *e = tl_jv_get(want, "top")->child; e != NULL; e = e->next) {
        char *text = name_of(e->child->text), *arrow = strstr(text, " -> ");
        *arrow = '\0';
        equal("flow", arrow + 4, tl_jv_int(edge(map, text, arrow + 4), "steps", -1), e->child->next->integer);
    }
    for (const struct tl_jv *r = tl_jv_get(golden, "rework_complete_only")->child; r != NULL; r = r->next) {
        const struct steps *s = told_at(told, name_of(r->name));
        equal("rework", name_of(r->name), s->again, r->child->integer);
        equal("journeys at", name_of(r->name), s->journeys, r->child->next->integer);
        equal("journeys of node", name_of(r->name), tl_jv_int(node(map, name_of(r->name)), "journeys", -1), r->child->next->integer);
    }
    check_funnel(funnel, tl_jv_get(golden, "funnel_ordered"));
    check_identities(map);
    free(told);
}

static void
check_same(const struct tl_jv *a, const struct tl_jv *b)
{
    for (const struct tl_jv *v = a->child; v != NULL; v = v->next) {
        const struct tl_jv *other = tl_jv_get(b, name_of(v->name));
        if (!tl_str_is(v->name, "as_of"))
            check(other != NULL && tl_str_eq(v->raw, other->raw), "member", name_of(v->name), 0, 1);
    }
}

int
main(int argc, char **argv)
{
    arena = tl_arena_new(ARENA_BYTES);
    tl_hash_init();
    if (argc == 7 && strcmp(argv[1], "all") == 0)
        check_all(tl_jv_get(load(argv[2]), argv[3]), (const char *const *)argv + 4);
    else if (argc == 7 && strcmp(argv[1], "complete") == 0)
        check_complete(load(argv[2]), (const char *const *)argv + 3);
    else if (argc == 4 && strcmp(argv[1], "same") == 0)
        check_same(load(argv[2]), load(argv[3]));
    else
        return 2;
    printf("%d figures checked, %d differ\n", checked, wrong);
    tl_arena_free(&arena);
    return wrong != 0;
}
