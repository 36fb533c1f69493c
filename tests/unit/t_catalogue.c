/* t_catalogue.c - a catalogue is read whole or refused with file, line and what is allowed; events find their touchpoint and role. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cases_catalogue.h"
#include "store_kit.h"
#include "tl_catalogue.h"
#include "tl_json.h"


static void
put_file(const char *name, const char *text)
{
    char path[256];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void
drop_file(const char *name)
{
    char path[256];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    unlink(path);
}

static struct tl_event
event(const char *type, const char *channel, const char *props)
{
    struct tl_event ev = { .has = TL_HAS(type) };

    ev.type_ = tl_str_of(type);
    if (channel != NULL) {
        ev.has |= TL_HAS(channel);
        ev.channel_ = tl_str_of(channel);
    }
    if (props != NULL) {
        ev.has |= TL_HAS(props);
        ev.props_ = tl_str_of(props);
    }
    return ev;
}

static void
an_absent_folder_is_the_empty_catalogue(void **state)
{
    struct tl_catalogue *c = NULL;
    struct tl_err err = {0};

    (void)state;
    assert_int_equal(tl_catalogue_load("/nowhere/at/all", &c, &err), 0);
    assert_int_equal(c->type_n, 1);
    assert_true(tl_str_is(c->type[0].id, "all"));
    assert_true(c->type[0].gap_ms == TL_GAP_DEFAULT_MS);
    struct tl_event ev = event("anything", NULL, NULL);
    assert_null(tl_catalogue_match(c, &ev, NULL));
    assert_int_equal(tl_catalogue_role(c, &ev, NULL), TL_ROLE_STEP);
    ev = event("consent.grant", NULL, NULL);
    assert_int_equal(tl_catalogue_role(c, &ev, NULL), TL_ROLE_SILENT);
    ev = event("survey.response", NULL, NULL);
    assert_int_equal(tl_catalogue_role(c, &ev, NULL), TL_ROLE_SIGNAL);
    tl_catalogue_free(&c);
    tl_catalogue_free(&c);
}

static void
events_find_their_touchpoint(void **state)
{
    struct tl_catalogue *c = NULL;
    struct tl_err err = {0};
    struct tl_arena *a = tl_arena_new(1 << 20);
    static const struct { const char *type, *channel, *props, *want; } rows[] = {
        { "order.placed", "app", NULL, "payment" },   { "payment.failed", NULL, NULL, "payment" },     { "order.placed", "store", NULL, "counter" },
        { "app.menu", "app", NULL, "app_any" },       { "app.menu", "app", "{\"tab\":{\"name\":\"tea\"}}", "tea_menu" },
        { "app.menu", "app", "{\"tab\":{\"name\":\"coffee\"}}", "app_any" },  { "app.menu", "app", "{\"tab\":7}", "app_any" },
        { "retry", NULL, "{\"n\":3}", "third" },      { "other", NULL, NULL, NULL },                   { "counter", NULL, NULL, "counter" },
    };

    (void)state;
    put_file("1.json", "{\"touchpoints\":[{\"id\":\"payment\",\"match\":[{\"type\":\"order.placed\"},{\"type\":\"payment.failed\"}]},"
                       "{\"id\":\"counter\",\"role\":\"signal\",\"match\":{\"type\":\"order.placed\",\"channel\":\"store\"}},{\"id\":\"app_any\",\"match\":{\"type\":\"app.*\"}}]}");
    put_file("2.json", "{\"touchpoints\":[{\"id\":\"tea_menu\",\"match\":{\"type\":\"app.*\",\"props.tab.name\":\"tea\"}},{\"id\":\"third\",\"match\":{\"props.n\":3}}],"
                       "\"roles\":{\"payment.failed\":\"silent\"},\"promote\":[\"props.n\"]}");
    int rc = tl_catalogue_load(dir, &c, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tl_event ev = event(rows[i].type, rows[i].channel, rows[i].props);
        struct tl_props props = { .arena = a };
        const struct tl_touchpoint *tp = tl_catalogue_match(c, &ev, &props);
        assert_int_equal(tp == NULL, rows[i].want == NULL);
        assert_true(tp == NULL || tl_str_is(tp->id, rows[i].want));
    }
    struct tl_event ev = event("order.placed", "store", NULL);
    assert_int_equal(tl_catalogue_role(c, &ev, tl_catalogue_match(c, &ev, NULL)), TL_ROLE_SIGNAL);
    ev = event("payment.failed", NULL, NULL);
    assert_int_equal(tl_catalogue_role(c, &ev, tl_catalogue_match(c, &ev, NULL)), TL_ROLE_SILENT);
    ev.has |= TL_HAS(touchpoint);
    ev.touchpoint_ = TL_STR("app_any");
    assert_true(tl_str_is(tl_catalogue_match(c, &ev, NULL)->id, "app_any"));      /* what the event says wins */
    tl_catalogue_free(&c);
    tl_arena_free(&a);
    drop_file("1.json");
    drop_file("2.json");
}

static void
the_hash_is_of_the_content(void **state)
{
    struct tl_catalogue *a = NULL, *b = NULL, *c = NULL;
    struct tl_err err = {0};

    (void)state;
    put_file("x.json", "{\"journey_types\":[{\"id\":\"order\",\"key\":\"order\",\"gap_d\":3}]}");
    assert_int_equal(tl_catalogue_load(dir, &a, &err), 0);
    put_file("x.json", "{ \"journey_types\" : [\n {\"gap_d\":3.0,\"key\":\"order\", \"id\":\"order\"} ]}");
    assert_int_equal(tl_catalogue_load(dir, &b, &err), 0);
    put_file("x.json", "{\"journey_types\":[{\"id\":\"order\",\"key\":\"order\",\"gap_d\":4}]}");
    assert_int_equal(tl_catalogue_load(dir, &c, &err), 0);
    assert_string_equal(a->hash, b->hash);
    assert_string_not_equal(a->hash, c->hash);
    tl_catalogue_free(&a);
    tl_catalogue_free(&b);
    tl_catalogue_free(&c);
    drop_file("x.json");
}

/* Is it among what is said, as "line N: text" or a part of it? */
static bool
is_told(const struct tl_catalogue_notes *notes, const char *told)
{
    char text[700];

    for (uint32_t i = 0; i < notes->note_n; i++) {
        snprintf(text, sizeof text, "line %u: %s", notes->note[i].line, notes->note[i].text);
        if (!notes->note[i].doubt && strstr(text, told) != NULL && strcmp(notes->note[i].file, "x.json") == 0)
            return true;
    }
    return false;
}

static void
mistakes_are_explained(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof catalogue_refuse / sizeof *catalogue_refuse; i++) {
        struct tl_catalogue *c = NULL;
        struct tl_catalogue_notes *notes = NULL;
        struct tl_err err = {0};
        put_file("x.json", catalogue_refuse[i].text);
        assert_int_equal(tl_catalogue_load(dir, &c, &err), TL_ECONFIG);
        assert_null(c);
        assert_non_null(strstr(err.text, "x.json"));
        assert_int_equal(tl_catalogue_check(dir, &c, &notes, &err), 0);
        assert_null(c);
        assert_true(notes->wrong_n > 0);
        if (!is_told(notes, catalogue_refuse[i].told))
            fail_msg("%s: %s", catalogue_refuse[i].text, err.text);
        tl_catalogue_notes_free(&notes);
    }
    drop_file("x.json");
}

/* Several mistakes in several files, one of them no JSON at all: each is told, by file and line. */
static void
all_mistakes_are_told(void **state)
{
    struct tl_catalogue *c = NULL;
    struct tl_catalogue_notes *notes = NULL;
    struct tl_err err = {0};
    static const struct { const char *file; uint32_t line; } want[] = { { "a.json", 2 }, { "a.json", 3 }, { "b.json", 2 }, { "c.json", 2 }, { "c.json", 2 }, { "c.json", 2 } };

    (void)state;
    put_file("c.json", "{\"clocks\":[{\"id\":\"c\",\"start\":\"a\",\"end\":\"b\",\n\"limit_s\":-1}, {\"id\":\"d\",\"start\":\"a\",\"end\":\"b\",\"limit_s\":1,\"allowed\":0}],\"x\":1}");
    put_file("a.json", "{\"touchpoints\":[\n{\"title\":\"x\"},\n{\"id\":\"b\",\"channel\":\"fax\"}]}");
    put_file("b.json", "{\n}}");
    assert_int_equal(tl_catalogue_check(dir, &c, &notes, &err), 0);
    assert_null(c);
    assert_int_equal(notes->wrong_n, 6);
    for (uint32_t i = 0, n = 0; i < notes->note_n; i++) {
        if (notes->note[i].doubt)
            continue;
        assert_string_equal(notes->note[i].file, want[n].file);
        assert_int_equal(notes->note[i].line, want[n++].line);
    }
    tl_catalogue_notes_free(&notes);
    tl_catalogue_notes_free(&notes);
    assert_int_equal(tl_catalogue_load(dir, &c, &err), TL_ECONFIG);
    assert_non_null(strstr(err.text, "a.json, line 2:"));
    assert_non_null(strstr(err.text, "and 5 more"));
    drop_file("a.json");
    drop_file("b.json");
    drop_file("c.json");
}

/* What is legal but may not be meant is told, and the catalogue is taken. */
static void
doubts_are_told(void **state)
{
    static const struct { const char *text, *told; } rows[] = {
        { "{\"touchpoints\":[{\"id\":\"a\",\"title\":{\"zh\":\"甲\"}}]}", "has no English" },
        { "{\"touchpoints\":[{\"id\":\"a\",\"title\":{\"en\":\"A\"}}]}", "has no Chinese" },
        { "{\"touchpoints\":[{\"id\":\"a\"}]}", "has no title" },
        { "{\"stage_models\":[{\"id\":\"M\",\"stages\":[{\"id\":\"s\"}]}],\"touchpoints\":[{\"id\":\"a\",\"title\":\"A\"}]}", "no stage under model \"M\"" },
        { "{\"touchpoints\":[{\"id\":\"a\",\"title\":\"A\",\"key\":true}]}", "key touchpoint \"a\" has no owner" },
        { "{\"clocks\":[{\"id\":\"c\",\"title\":\"C\",\"start\":\"a\",\"end\":\"b\",\"limit_s\":1}]}", "standard \"c\" has no owner" },
        { "{\"touchpoints\":[{\"id\":\"a\",\"title\":\"A\"}],\"clocks\":[{\"id\":\"c\",\"title\":\"C\",\"owner\":\"x\",\"start\":\"a\",\"end\":\"b\",\"limit_s\":1,\"on\":\"q\"}]}", "\"on\" names \"q\"" },
        { "{\"touchpoints\":[{\"id\":\"a\",\"title\":\"A\"}],\"journey_types\":[{\"id\":\"o\",\"title\":\"O\",\"required\":[\"q\"]}]}", "every journey will miss it" },
        { "{\"touchpoints\":[{\"id\":\"a\",\"title\":\"A\",\"match\":{\"type\":\"x\"}},{\"id\":\"b\",\"title\":\"B\",\"match\":{\"channel\":\"app\"}}]}", "the one that comes first wins" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tl_catalogue *c = NULL;
        struct tl_catalogue_notes *notes = NULL;
        struct tl_err err = {0};
        put_file("x.json", rows[i].text);
        assert_int_equal(tl_catalogue_check(dir, &c, &notes, &err), 0);
        if (c == NULL || notes->wrong_n != 0 || notes->doubt_n != 1 || strstr(notes->note[0].text, rows[i].told) == NULL)
            fail_msg("%s: %u mistakes, %u doubts: %s", rows[i].text, notes->wrong_n, notes->doubt_n, notes->note_n > 0 ? notes->note[0].text : "");
        tl_catalogue_notes_free(&notes);
        tl_catalogue_free(&c);
    }
    drop_file("x.json");
}

static struct tl_str
attribute(void *arg, struct tl_str field)
{
    const char *const *pairs = arg;             /* key, value, ..., NULL */

    for (; *pairs != NULL; pairs += 2)
        if (tl_str_is(field, pairs[0]))
            return tl_str_of(pairs[1]);
    return (struct tl_str){0};
}

static void
groups_tell_customers_and_hours_apart(void **state)
{
    struct tl_catalogue *c = NULL;
    struct tl_err err = {0};
    static const struct { int32_t minute; int want; } minutes[] = { { 0, 2 }, { 119, 2 }, { 120, -1 }, { 689, -1 }, { 690, 0 }, { 809, 0 }, { 810, 1 }, { 1049, 1 }, { 1050, -1 }, { 1320, 2 }, { 1439, 2 } };
    static const char *const gold[] = { "tier", "gold", "place", "S03", NULL }, *const plain[] = { "tier", "regular", "channel", "app", "props.spent", "250", NULL },
                      *const poor[] = { "channel", "app", "props.spent", "99", NULL }, *const none[] = { NULL };

    (void)state;
    put_file("x.json", "{\"promote\":[\"props.spent\"],\"tiers\":[{\"id\":\"gold\",\"vip\":true},{\"id\":\"regular\",\"rank\":3}],"
                       "\"dayparts\":[{\"id\":\"lunch\",\"from\":\"11:30\",\"to\":\"13:30\"},{\"id\":\"pm\",\"from\":\"13:30\",\"to\":\"17:30\"},{\"id\":\"night\",\"from\":\"22:00\",\"to\":\"02:00\"}],"
                       "\"segments\":[{\"id\":\"vip\",\"when\":{\"tier\":\"gold\",\"place\":\"S*\"}},{\"id\":\"good\",\"when\":[{\"tier\":\"gold\"},{\"channel\":\"app\",\"props.spent\":{\"min\":100}}]}]}");
    assert_int_equal(tl_catalogue_load(dir, &c, &err), 0);
    for (size_t i = 0; i < sizeof minutes / sizeof *minutes; i++)
        assert_int_equal(tl_catalogue_daypart(c, minutes[i].minute), minutes[i].want);
    assert_int_equal(c->tier[1].rank, 3);
    assert_true(c->tier[0].vip && c->tier[0].rank == 1 && !c->tier[1].vip);
    const struct tl_segment *vip = &c->segment[tl_catalogue_segment(c, TL_STR("vip"))], *good = &c->segment[1];
    assert_true(tl_segment_holds(vip, attribute, (void *)(uintptr_t)gold) && tl_segment_holds(good, attribute, (void *)(uintptr_t)gold));
    assert_true(!tl_segment_holds(vip, attribute, (void *)(uintptr_t)plain) && tl_segment_holds(good, attribute, (void *)(uintptr_t)plain));
    assert_false(tl_segment_holds(good, attribute, (void *)(uintptr_t)poor));
    assert_false(tl_segment_holds(good, attribute, (void *)(uintptr_t)none));
    tl_catalogue_free(&c);
    drop_file("x.json");
}

static bool
in_both(const struct tl_title *t)
{
    return t->zh.n > 0 && t->en.n > 0;
}

/* What is shipped has no doubts; the blueprint of 27 has a goal, an owner and three texts at each touchpoint, in both languages, and a stage under every model. */
static void
shipped_catalogues_are_whole(void **state)
{
    static const struct { const char *path; uint32_t touchpoints, models; } rows[] = {
        { "schemas/catalogue/tea", 27, 5 }, { "schemas/catalogue/line", 9, 5 }, { "schemas/catalogue/five-stages", 17, 2 }, { "schemas/catalogue/models.json", 0, 5 },
    };
    static const char *const stages[5][5] = { { "认知", "评估", "购买", "使用", "忠诚" }, { "吸引", "获取", "成长", "保留", "推荐" }, { "获客", "激活", "留存", "增值", "推荐" },
                                              { "吸引", "获取", "发展", "保留", "恢复" }, { "售前", "售中", "售后", NULL, NULL } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tl_catalogue *c = NULL;
        struct tl_catalogue_notes *notes = NULL;
        struct tl_err err = {0};
        assert_int_equal(tl_catalogue_check(rows[i].path, &c, &notes, &err), 0);
        if (c == NULL || notes->note_n > 0)
            fail_msg("%s: %s", rows[i].path, notes->note_n > 0 ? notes->note[0].text : err.text);
        assert_int_equal(c->touchpoint_n, rows[i].touchpoints);
        assert_int_equal(c->model_n, rows[i].models);
        for (uint32_t t = 0; i == 0 && t < c->touchpoint_n; t++) {
            const struct tl_touchpoint *tp = &c->touchpoint[t];
            assert_true(in_both(&tp->title) && in_both(&tp->goal) && in_both(&tp->standard.script) && in_both(&tp->standard.visual) && in_both(&tp->standard.response) && tp->owner.n > 0);
            assert_true(tl_str_eq(c->blueprint[0].step[t].touchpoint, tp->id) && in_both(&c->blueprint[0].step[t].action));
        }
        for (uint32_t m = 0; i == 3 && m < 5; m++)
            for (uint32_t s = 0; s < c->model[m].stage_n; s++)
                assert_true(tl_str_is(c->model[m].stage[s].title.zh, stages[m][s]) && in_both(&c->model[m].stage[s].goal) && c->model[m].stage_n == (m == 4 ? 3 : 5));
        tl_catalogue_notes_free(&notes);
        tl_catalogue_free(&c);
    }
}

/* The example of the manual is a whole catalogue, and nothing is to be said of it. */
static void
the_manuals_example_is_good(void **state)
{
    struct tl_catalogue *c = NULL;
    struct tl_catalogue_notes *notes = NULL;
    struct tl_err err = {0};
    static char text[65536];
    FILE *f = fopen("schemas/catalogue.md", "rb");

    (void)state;
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    fclose(f);
    char *from = strstr(text, "```json\n"), *to = from != NULL ? strstr(from + 8, "\n```") : NULL;
    assert_non_null(to);
    *to = 0;
    put_file("x.json", from + 8);
    assert_int_equal(tl_catalogue_check(dir, &c, &notes, &err), 0);
    if (c == NULL || notes->note_n > 0)
        fail_msg("line %u: %s", notes->note_n > 0 ? notes->note[0].line : 0, notes->note_n > 0 ? notes->note[0].text : err.text);
    tl_catalogue_notes_free(&notes);
    tl_catalogue_free(&c);
    drop_file("x.json");
}

/* A to E need no description; one of the same id in the catalogue is used instead; none is there that no touchpoint names. */
static void
built_in_models_come_when_named(void **state)
{
    struct tl_catalogue *c = NULL;
    struct tl_err err = {0};

    (void)state;
    put_file("x.json", "{\"stage_models\":[{\"id\":\"E\",\"stages\":[{\"id\":\"mine\"}]}],\"touchpoints\":[{\"id\":\"a\",\"stage\":{\"D\":\"recover\",\"E\":\"mine\"}},{\"id\":\"b\",\"stage\":{\"B\":\"grow\"}}]}");
    assert_int_equal(tl_catalogue_load(dir, &c, &err), 0);
    assert_int_equal(c->model_n, 3);
    assert_true(tl_str_is(c->model[0].id, "E") && tl_str_is(c->model[1].id, "B") && tl_str_is(c->model[2].id, "D"));
    assert_int_equal(c->model[0].stage_n, 1);
    assert_true(tl_str_is(c->touchpoint[0].stage[2], "recover") && tl_str_is(c->touchpoint[1].stage[1], "grow") && c->touchpoint[1].stage[2].p == NULL);
    tl_catalogue_free(&c);
    drop_file("x.json");
}

/* Memory may end at any point: an error, no leak, no crash; a catalogue beyond its limits is refused with words, soon. */
static void
limits_hold(void **state)
{
    struct tl_catalogue *c = NULL;
    struct tl_err err = {0};
    static char text[400000];
    size_t n = (size_t)sprintf(text, "{\"touchpoints\":[");
    uint64_t k = 0;

    (void)state;
    for (int i = 0; i <= TL_TOUCHPOINTS_MAX; i++)
        n += (size_t)sprintf(text + n, "%s{\"id\":\"t%d\"}", i > 0 ? "," : "", i);
    sprintf(text + n, "]}");
    put_file("x.json", text);
    assert_int_equal(tl_catalogue_load(dir, &c, &err), TL_ECONFIG);
    assert_non_null(strstr(err.text, "more than 5000 touchpoints"));
    n = (size_t)sprintf(text, "{\"touchpoints\":[{\"id\":\"a\",\"match\":[");
    for (int i = 0; i <= TL_RULES_MAX; i++)
        n += (size_t)sprintf(text + n, "%s{\"type\":\"t%d\"}", i > 0 ? "," : "", i);
    sprintf(text + n, "]}]}");
    put_file("x.json", text);
    assert_int_equal(tl_catalogue_load(dir, &c, &err), TL_ECONFIG);
    assert_non_null(strstr(err.text, "4001 rules"));
    drop_file("x.json");
    do {
        tl_alloc_fail_at(++k, true);
        int rc = tl_catalogue_load("schemas/catalogue/tea", &c, &err);
        tl_alloc_fail_at(0, false);
        assert_true(rc == 0 ? c != NULL : c == NULL && rc != 0);
    } while (c == NULL);
    tl_catalogue_free(&c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_absent_folder_is_the_empty_catalogue), cmocka_unit_test(events_find_their_touchpoint),
        cmocka_unit_test(the_hash_is_of_the_content),              cmocka_unit_test(mistakes_are_explained),
        cmocka_unit_test(doubts_are_told),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(the_manuals_example_is_good),
        cmocka_unit_test(shipped_catalogues_are_whole),            cmocka_unit_test(built_in_models_come_when_named),
        cmocka_unit_test(all_mistakes_are_told),                   cmocka_unit_test(groups_tell_customers_and_hours_apart),
    };
    if (tl_hash_init() != 0 || folder_make(NULL) != 0)
        return 1;
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    return folder_drop(NULL) == 0 ? rc : 1;
}
