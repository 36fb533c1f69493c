/* t_stats_removal.c - removal effects: the toy, published paths, and removal done by really taking the touchpoint out. */
#include "stats_kit.h"

#include "tl_removal.h"
#include "tl_mem.h"

static void
test_toy(void **state)
{
    struct tl_removal *r = tl_removal_new(3);
    double effect[3], converts;
    (void)state;
    tl_removal_add(r, (uint32_t[]){ 0, 1, 2 }, 3, 1, 0);
    tl_removal_add(r, (uint32_t[]){ 0 }, 1, 0, 1);
    tl_removal_add(r, (uint32_t[]){ 1, 2 }, 2, 0, 1);
    assert_int_equal(tl_removal_effects(r, effect, &converts, NULL), 0);
    near(converts, 1.0 / 3, 1e-15);
    near(effect[0], 0.5, 1e-15);
    near(effect[1], 1, 1e-15);
    near(effect[2], 1, 1e-15);
    tl_removal_free(&r);
    assert_null(r);
}

enum { M = 7, PATHS = 300 };
struct path { uint32_t step[12]; size_t n; uint64_t won, lost; };

static void
random_paths(struct path *p, uint64_t *seed)
{
    for (int i = 0; i < PATHS; i++) {
        p[i].n = (size_t)(stats_random(seed) * 12);
        for (size_t k = 0; k < p[i].n; k++) p[i].step[k] = (uint32_t)(stats_random(seed) * M);
        p[i].won = (uint64_t)(stats_random(seed) * 5);
        p[i].lost = 1 + (uint64_t)(stats_random(seed) * 9);
    }
}

/* Chance to convert by walking the chain until nothing is left in it; whoever steps on `without` is lost. */
static double
walked(const struct path *p, uint32_t without)
{
    double go[M + 1][M + 2] = { { 0 } }, at[M + 1] = { 0 }, won = 0;
    for (int i = 0; i < PATHS; i++) {
        uint32_t from = M;
        for (size_t k = 0; k < p[i].n; from = p[i].step[k++]) go[from][p[i].step[k]] += (double)(p[i].won + p[i].lost);
        go[from][M] += (double)p[i].won;
        go[from][M + 1] += (double)p[i].lost;
    }
    at[M] = 1;
    for (int turn = 0; turn < 2000; turn++) {
        double next[M + 1] = { 0 };
        for (uint32_t i = 0; i <= M; i++) {
            double sum = 0;
            for (int j = 0; j < M + 2; j++) sum += go[i][j];
            for (uint32_t j = 0; j < M && sum > 0; j++) next[j] += j == without ? 0 : at[i] * go[i][j] / sum;
            if (sum > 0) won += at[i] * go[i][M] / sum;
        }
        memcpy(at, next, sizeof at);
    }
    return won;
}

static void
test_against_walking(void **state)
{
    static struct path p[PATHS];
    uint64_t seed = 2;
    (void)state;
    for (int run = 0; run < 3; run++) {
        struct tl_removal *r = tl_removal_new(M), *looped = tl_removal_new(M);
        double effect[M], same[M], converts, all = walked(p, 99), won = 0, paths = 0;
        random_paths(p, &seed);
        all = walked(p, 99);
        for (int i = 0; i < PATHS; i++) {
            uint32_t twice[24];
            size_t n = 0;
            for (size_t k = 0; k < p[i].n; k++) {               /* touchpoint 3 always visited twice in a row: a self-loop changes nothing */
                twice[n++] = p[i].step[k];
                if (p[i].step[k] == 3) twice[n++] = 3;
            }
            tl_removal_add(r, p[i].step, p[i].n, p[i].won, p[i].lost);
            tl_removal_add(looped, twice, n, p[i].won, p[i].lost);
            won += (double)p[i].won, paths += (double)(p[i].won + p[i].lost);
        }
        assert_int_equal(tl_removal_effects(r, effect, &converts, NULL), 0);
        near(converts, won / paths, 1e-12);                     /* order 1 on complete paths gives the share observed */
        near(converts, all, 1e-9);
        for (uint32_t s = 0; s < M; s++) near(effect[s], 1 - walked(p, s) / all, 1e-9);
        assert_int_equal(tl_removal_effects(looped, same, &converts, NULL), 0);
        for (uint32_t s = 0; s < M; s++) near(same[s], effect[s], 1e-12);
        tl_removal_free(&r);
        tl_removal_free(&looped);
    }
}

static void
test_edges(void **state)
{
    double effect[2] = { 9, 9 }, converts = 9;
    struct tl_err err;
    (void)state;
    assert_null(tl_removal_new(0));
    assert_null(tl_removal_new(TL_REMOVAL_TOUCHPOINTS_MAX + 1));
    struct tl_removal *r = tl_removal_new(2);
    assert_int_equal(tl_removal_effects(r, effect, &converts, NULL), 0);           /* no path at all */
    assert_true(effect[0] == 0 && effect[1] == 0 && converts == 0);
    tl_removal_add(r, (uint32_t[]){ 1 }, 1, 0, 4);                                 /* nobody converted, 0 never passed */
    assert_int_equal(tl_removal_effects(r, effect, &converts, NULL), 0);
    assert_true(effect[0] == 0 && effect[1] == 0 && converts == 0);
    tl_removal_add(r, NULL, 0, 3, 1);                                              /* all who converted came straight */
    assert_int_equal(tl_removal_effects(r, effect, &converts, NULL), 0);
    near(converts, 0.375, 1e-15);
    assert_true(effect[1] == 0);
    tl_alloc_fail_at(1, true);
    assert_int_equal(tl_removal_effects(r, effect, &converts, &err), TL_ENOMEM);
    assert_null(tl_removal_new(2));
    tl_alloc_fail_at(0, false);
    tl_removal_free(&r);
}

static const struct { const char *name; double effect, conversions; } golden[12] = {
    { "alpha", .558399, 5344.95 }, { "beta", .264039, 2527.35 },  { "delta", .000482, 4.61 },     { "epsilon", .062639, 599.57 },
    { "eta", .349026, 3340.85 },   { "gamma", .017880, 171.15 },  { "iota", .405835, 3884.61 },   { "kappa", .028663, 274.36 },
    { "lambda", .134022, 1282.85 }, { "mi", .000180, 1.72 },      { "theta", .206010, 1971.91 }, { "zeta", .039811, 381.06 } };

static uint32_t
channel(const char *word)
{
    for (uint32_t i = 0; i < 12; i++)
        if (!strcmp(word, golden[i].name)) return i;
    fail_msg("unknown channel %s", word);
    return 0;
}

/* Reads "a > b > b,conversions,value,nulls". */
static void
add_line(struct tl_removal *r, char *line)
{
    uint32_t step[512];
    size_t n = 0;
    char *rest = strchr(line, ','), *value = strchr(rest + 1, ','), *nulls = strchr(value + 1, ','), *save = NULL;
    *rest = 0;
    for (char *w = strtok_r(line, " >", &save); w && n < 512; w = strtok_r(NULL, " >", &save)) step[n++] = channel(w);
    tl_removal_add(r, step, n, (uint64_t)atof(rest + 1), (uint64_t)atof(nulls + 1));
}

/* 88,387 published paths, where they lie beside the project (REAL_LOGS, default ../shared/data). */
static void
test_published(void **state)
{
    const char *dir = getenv("REAL_LOGS");
    char path[1024], line[16384];
    double effect[12], converts, sum = 0;
    (void)state;
    snprintf(path, sizeof path, "%s/attribution_paths.csv", dir ? dir : "../shared/data");
    FILE *f = fopen(path, "r");
    if (!f) {
        print_message("skipped: no %s\n", path);
        skip();
    }
    struct tl_removal *r = tl_removal_new(12);
    assert_non_null(fgets(line, sizeof line, f));
    while (fgets(line, sizeof line, f)) add_line(r, line);
    fclose(f);
    assert_int_equal(tl_removal_effects(r, effect, &converts, NULL), 0);
    near(converts, 0.22384513559686378, 1e-12);
    for (int i = 0; i < 12; i++) {
        near(effect[i], golden[i].effect, 5.1e-7);
        sum += effect[i];
    }
    for (int i = 0; i < 12; i++) near(effect[i] / sum * 19785, golden[i].conversions, 0.0051);
    tl_removal_free(&r);
}

int
main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(test_toy), cmocka_unit_test(test_against_walking), cmocka_unit_test(test_edges), cmocka_unit_test(test_published) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
