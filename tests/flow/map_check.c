/* map_check.c - compares a map with what a log's publisher-independent count says, or with another map.
 *
 *   map_check counts EXPECTED.json NAME MAP.json VARIANTS.json    EXPECTED.NAME: cases, events, dfg_edges, variants, starts, ends, act_counts, top_edges ...
 *   map_check complete EXPECTED.json MAP.json VARIANTS.json FUNNEL.json    its dfg_complete_only and funnel_ordered
 *   map_check same MAP.json MAP.json                               equal but for what identifies the import run
 * Counts must be equal, means to the millisecond's rounding, quantiles within 1 %. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tl_json.h"

static int wrong;

static const struct tl_jv *
load(const char *path)
{
    static struct tl_arena *arena;
    struct tl_buf b = { NULL, 0, 0, false };
    struct tl_jv *root = NULL;
    struct tl_json_fault fault;
    struct tl_err err = { 0, "" };
    char chunk[65536];
    FILE *f = fopen(path, "r");
    if (!arena) arena = tl_arena_new(512u << 20);
    for (size_t n; f && (n = fread(chunk, 1, sizeof chunk, f)) > 0;) tl_buf_put(&b, chunk, n);
    if (!f || tl_json_tree(arena, (struct tl_str){ (char *)b.data, b.len }, 16, &root, &fault, &err)) {
        printf("%s cannot be read: %s\n", path, err.text);
        exit(1);
    }
    fclose(f);
    return root;                        /* b stays: raw slices point into it, and the program is short */
}

static const struct tl_jv *
member(const struct tl_jv *o, const char *name)
{
    const struct tl_jv *v = tl_jv_get(o, name);
    if (v) return v;
    printf("member %s is missing\n", name);
    exit(1);
}

static int64_t
count(const struct tl_jv *o, const char *name)
{
    return member(o, name)->integer;
}

static void
equal(const char *what, int64_t got, int64_t want)
{
    if (got == want) return;
    printf("%s: %lld, expected %lld\n", what, (long long)got, (long long)want);
    wrong = 1;
}

static void
near(const char *what, double got, double want, double tolerance)
{
    if (fabs(got - want) <= tolerance) return;
    printf("%s: %.6f, expected %.6f\n", what, got, want);
    wrong = 1;
}

static const struct tl_jv *
node(const struct tl_jv *map, struct tl_str touchpoint)
{
    for (const struct tl_jv *n = member(map, "nodes")->child; n; n = n->next)
        if (tl_str_eq(tl_jv_text(n, "touchpoint"), touchpoint)) return n;
    return NULL;
}

static const struct tl_jv *
edge(const struct tl_jv *map, struct tl_str from, struct tl_str to)
{
    for (const struct tl_jv *e = member(map, "edges")->child; e; e = e->next)
        if (tl_str_eq(tl_jv_text(e, "from"), from) && tl_str_eq(tl_jv_text(e, "to"), to)) return e;
    return NULL;
}

static int64_t
sum(const struct tl_jv *list, const char *name)
{
    int64_t n = 0;
    for (const struct tl_jv *x = list->child; x; x = x->next) n += count(x, name);
    return n;
}

static int64_t
ends(const struct tl_jv *n)
{
    const struct tl_jv *e = member(n, "ends");
    return count(e, "good") + count(e, "bad") + count(e, "lapsed") + count(e, "open");
}

/* at every node: moves in + starts = moves out + ends = steps */
static void
identities(const struct tl_jv *map)
{
    for (const struct tl_jv *n = member(map, "nodes")->child; n; n = n->next) {
        int64_t in = count(n, "other_in"), out = count(n, "other_out");
        for (const struct tl_jv *e = member(map, "edges")->child; e; e = e->next) {
            if (tl_str_eq(tl_jv_text(e, "to"), tl_jv_text(n, "touchpoint"))) in += count(e, "steps");
            if (tl_str_eq(tl_jv_text(e, "from"), tl_jv_text(n, "touchpoint"))) out += count(e, "steps");
        }
        equal("moves in + starts", in + count(n, "starts"), count(n, "steps"));
        equal("moves out + ends", out + ends(n), count(n, "steps"));
    }
    equal("moves", sum(member(map, "edges"), "steps") + count(member(map, "other"), "steps"), count(map, "steps") - count(map, "journeys"));
}

/* by_node - {touchpoint: n} against a number of each node; nodes not named must have 0 */
static void
by_node(const struct tl_jv *want, const struct tl_jv *map, const char *what, int64_t (*of)(const struct tl_jv *n))
{
    for (const struct tl_jv *n = member(map, "nodes")->child; n; n = n->next) {
        char name[200];
        struct tl_str tp = tl_jv_text(n, "touchpoint");
        snprintf(name, sizeof name, "%.*s", (int)tp.n, tp.p);
        const struct tl_jv *w = tl_jv_get(want, name);
        char text[260];
        snprintf(text, sizeof text, "%s at %s", what, name);
        equal(text, of(n), w ? w->integer : 0);
    }
    for (const struct tl_jv *w = want->child; w; w = w->next)
        if (!node(map, w->name)) printf("%.*s is missing\n", (int)w->name.n, w->name.p), wrong = 1;
}

static int64_t steps_of(const struct tl_jv *n) { return count(n, "steps"); }
static int64_t starts_of(const struct tl_jv *n) { return count(n, "starts"); }

static void
top_edge(const struct tl_jv *map, const struct tl_jv *row)
{
    const struct tl_jv *from = row->child, *to = from->next, *n = to->next, *mean = n->next, *p50 = mean->next, *p90 = p50->next;
    const struct tl_jv *e = edge(map, from->text, to->text);
    char what[300];
    snprintf(what, sizeof what, "%.*s > %.*s", (int)from->text.n, from->text.p, (int)to->text.n, to->text.p);
    if (!e) {
        printf("%s is missing\n", what);
        wrong = 1;
        return;
    }
    const struct tl_jv *w = member(e, "wait_ms");
    equal(what, count(e, "steps"), n->integer);
    near(what, member(w, "mean")->number / 1000, mean->number, 0.00051);
    near(what, member(w, "p50")->number / 1000, p50->number, 0.0100001 * p50->number + 0.0005);
    near(what, member(w, "p90")->number / 1000, p90->number, 0.0100001 * p90->number + 0.0005);
}

static void
counts(const char *name, const struct tl_jv *want, const struct tl_jv *map, const struct tl_jv *variants)
{
    equal("journeys", count(map, "journeys"), count(want, "cases"));
    equal("steps", count(map, "steps"), count(want, "events"));
    equal("touchpoints", member(map, "nodes")->children_n, count(want, "activities"));
    equal("edges", member(map, "edges")->children_n, count(want, "dfg_edges"));
    equal("moves", sum(member(map, "edges"), "steps"), count(want, "dfg_sum"));
    equal("variants", count(variants, "variants"), count(want, "variants"));
    equal("commonest variant", count(member(variants, "top")->child, "journeys"), count(want, "top_variant_count"));
    by_node(member(want, "starts"), map, "starts", starts_of);
    by_node(member(want, "ends"), map, "ends", ends);
    by_node(member(want, "act_counts"), map, "steps", steps_of);
    for (const struct tl_jv *row = member(want, "top_edges")->child; row; row = row->next) top_edge(map, row);
    identities(map);
    printf("%s: %lld journeys, %lld steps, %u edges, %lld variants\n", name, (long long)count(map, "journeys"), (long long)count(map, "steps"), member(map, "edges")->children_n,
           (long long)count(variants, "variants"));
}

static void
complete(const struct tl_jv *want, const struct tl_jv *map, const struct tl_jv *variants, const struct tl_jv *funnel)
{
    const struct tl_jv *dfg = member(want, "dfg_complete_only"), *step = member(funnel, "steps")->child;
    equal("edges", member(map, "edges")->children_n, count(dfg, "edges"));
    equal("moves", sum(member(map, "edges"), "steps"), count(dfg, "sum"));
    equal("variants", count(variants, "variants"), count(dfg, "variants"));
    for (const struct tl_jv *row = member(dfg, "top")->child; row; row = row->next) {
        struct tl_str pair = row->child->text;
        const char *arrow = memmem(pair.p, pair.n, " -> ", 4);
        const struct tl_jv *e = arrow ? edge(map, (struct tl_str){ pair.p, (size_t)(arrow - pair.p) }, (struct tl_str){ arrow + 4, pair.n - (size_t)(arrow - pair.p) - 4 }) : NULL;
        equal("a common edge", e ? count(e, "steps") : -1, row->child->next->integer);
    }
    for (const struct tl_jv *row = member(want, "funnel_ordered")->child; row; row = row->next, step = step->next) {
        equal("funnel", count(step, "journeys"), count(row, "cases"));
        if (!tl_jv_get(row, "conv")) continue;
        near("conversion", member(step, "conversion")->number, member(row, "conv")->number, 1e-12);
        near("its lower bound", member(step, "lo")->number, member(row, "lo")->number, 1e-12);
        near("its upper bound", member(step, "hi")->number, member(row, "hi")->number, 1e-12);
    }
    identities(map);
}

static void
same(const struct tl_jv *a, const struct tl_jv *b)
{
    equal("journeys", count(a, "journeys"), count(b, "journeys"));
    equal("steps", count(a, "steps"), count(b, "steps"));
    struct tl_str x = member(a, "nodes")->raw, y = member(b, "nodes")->raw;
    if (x.n != y.n || memcmp(x.p, y.p, x.n) != 0) printf("the nodes differ\n"), wrong = 1;
    x = member(a, "edges")->raw, y = member(b, "edges")->raw;
    if (x.n != y.n || memcmp(x.p, y.p, x.n) != 0) printf("the edges differ\n"), wrong = 1;
}

int
main(int argc, char **argv)
{
    if (argc == 6 && strcmp(argv[1], "counts") == 0) counts(argv[3], member(load(argv[2]), argv[3]), load(argv[4]), load(argv[5]));
    else if (argc == 6 && strcmp(argv[1], "complete") == 0) complete(load(argv[2]), load(argv[3]), load(argv[4]), load(argv[5]));
    else if (argc == 4 && strcmp(argv[1], "same") == 0) same(load(argv[2]), load(argv[3]));
    else {
        fprintf(stderr, "usage: see the top of map_check.c\n");
        return 2;
    }
    return wrong;
}
