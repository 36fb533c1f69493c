/* t_stitch.c - from log to rows: the same set of events gives the same canonical rows in any order, with copies, in any batches and rounds, merged
 * early or late, and those rows are the oracle's; a store built in bulk has the live one's bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "oracle_stitch.h"
#include "store_kit.h"
#include "tl_db.h"

static const char catalogue[] =
    "{\"touchpoints\":[{\"id\":\"menu\",\"key\":true,\"match\":{\"type\":\"app.*\",\"channel\":\"app\"}},"
    "{\"id\":\"make\",\"backstage\":true,\"channel\":\"store\",\"match\":{\"type\":\"made\"}},{\"id\":\"view\"},{\"id\":\"door.in\"},{\"id\":\"door.out\"}],"
    "\"journey_types\":[{\"id\":\"order\",\"key\":\"order\",\"gap_d\":3,\"good\":[\"order.fulfilled\"],\"bad\":[\"complaint\"],\"required\":[\"menu\",\"make\",\"order.fulfilled\"]},"
    "{\"id\":\"visit\",\"gap_d\":1,\"start\":[\"door.in\"],\"good\":[\"door.out\"],\"blueprint\":\"plan\"}],"
    "\"blueprints\":[{\"id\":\"plan\",\"journey\":\"visit\",\"steps\":[{\"touchpoint\":\"door.in\"},{\"touchpoint\":\"menu\",\"one_of\":\"see\"},{\"touchpoint\":\"make\",\"one_of\":\"see\"},"
    "{\"touchpoint\":\"door.out\"},{\"touchpoint\":\"view\",\"need\":\"optional\"}]}],"
    "\"clocks\":[{\"id\":\"wait\",\"start\":\"view\",\"end\":\"made\",\"cancel\":\"door.out\",\"key\":\"order\",\"limit_s\":86400,\"on\":\"make\"},"
    "{\"id\":\"talk\",\"start\":[\"call\",{\"type\":\"app.page\",\"channel\":\"app\"}],\"end\":\"order.fulfilled\",\"key\":\"case\",\"limit_s\":3600,\"tiers\":[\"gold\"]},"
    "{\"id\":\"stay\",\"start\":\"door.in\",\"end\":[\"door.out\",\"menu\"],\"limit_s\":600,\"except_tiers\":[\"silver\"],\"channels\":[\"web\",\"app\"]}],"
    "\"checks\":[{\"id\":\"noted\",\"kind\":\"required\",\"at\":\"view\",\"need\":\"order.note\",\"by\":\"order.fulfilled\",\"confirm\":\"call\",\"key\":\"order\",\"class\":\"basic\"},"
    "{\"id\":\"called\",\"kind\":\"failed\",\"at\":\"call\",\"critical\":true},"
    "{\"id\":\"asked\",\"kind\":\"failed\",\"at\":{\"type\":\"view\",\"outcome\":\"*\"},\"fail\":{\"outcome\":\"escalated\"}},"
    "{\"id\":\"again\",\"kind\":\"repeat\",\"at\":\"complaint\",\"again\":\"view\",\"key\":\"order\"},{\"id\":\"passes\",\"kind\":\"transfers\"},"
    "{\"id\":\"carried\",\"kind\":\"context\"},{\"id\":\"grim\",\"kind\":\"score\",\"score\":\"csat5\",\"lowest\":2,\"key\":\"order\"}],"
    "\"promises\":[{\"id\":\"pick\",\"what\":\"w1\",\"key\":\"order\",\"grace_s\":60,\"cancel\":\"complaint\"},{\"id\":\"any\",\"what\":\"*\",\"moves\":true,\"notice\":false}],"
    "\"outcomes\":[{\"id\":\"low\",\"when\":{\"scores.csat5\":{\"max\":2}}},{\"id\":\"back\",\"when\":\"door.in\",\"of\":\"customer\"}]}";
static const struct o_type types[] = {
    { "all", NULL, INT64_C(30) * 86400000, NULL, NULL, NULL },
    { "order", "order", INT64_C(3) * 86400000, NULL, "order.fulfilled", "complaint" },
    { "visit", NULL, 86400000, "door.in", "door.out", NULL },
};

static uint64_t seed;

static uint64_t
below(uint64_t n)
{
    seed += UINT64_C(0x9E3779B97F4A7C15);
    return tl_mix64(seed) % n;
}

/* One of the texts, or nothing at one in `rare`. */
static void
maybe(char *out, size_t cap, uint64_t rare, const char *const *texts)
{
    uint64_t n = 0;

    while (texts[n] != NULL)
        n++;
    snprintf(out, cap, "%s", below(rare) == 0 ? texts[below(n)] : "");
}

static int
role_of(const char *type)
{
    return !strcmp(type, "order.note") || !strncmp(type, "promise.", 8) ? O_SIGNAL : !strcmp(type, "consent.grant") ? O_SILENT : O_STEP;
}

static void
some_event(struct o_event *e, int number, int people)
{
    static const char *const kinds[] = { "member", "phone", "anonymous", "device", "card" };
    static const char *const typ[] = { "view", "view", "app.menu", "app.page", "made", "order.fulfilled", "complaint", "door.in", "door.out", "order.note", "consent.grant", "call",
                                       "promise.made", "promise.made", "promise.updated", "promise.kept" };
    static const char *const origins[] = { "web", "web", "web", "till", "import:xes:run" };
    memset(e, 0, sizeof *e);
    snprintf(e->id, sizeof e->id, "e%d", number);
    snprintf(e->origin, sizeof e->origin, "%s", origins[below(5)]);
    snprintf(e->type, sizeof e->type, "%s", typ[below(16)]);
    uint64_t person = below((uint64_t)people), kind = below(5);
    e->ids_n = below(4) == 0 ? 2 + (int)below(2) : 1;
    for (int i = 0; i < e->ids_n; i++) {
        snprintf(e->ids[i][0], sizeof e->ids[i][0], "%s", kinds[(kind + (uint64_t)i) % 5]);
        snprintf(e->ids[i][1], sizeof e->ids[i][1], "7770%d%d", (int)person, (int)below(2));
        if (below(40) == 0)
            snprintf(e->ids[i][1], sizeof e->ids[i][1], "888001");
    }
    e->received_ms = INT64_C(1780000000000) + (int64_t)below(86400000) * 40;
    e->has_time = below(12) != 0;
    e->time_ms = e->received_ms - (int64_t)(below(3) == 0 ? below(5) * 86400000 : below(200) * 1000);
    if (below(3) == 0) {        /* many events at one moment */
        e->has_time = true;
        e->time_ms = INT64_C(1780000000000) + (int64_t)below(40) * 3600000;
    }
    e->has_sent = below(2) == 0;
    e->sent_ms = e->received_ms - (int64_t)(below(2) == 0 ? below(400000) : below(2000)) + (int64_t)(below(9) == 0 ? 7200000 : 0);
    maybe(e->session, sizeof e->session, 2, (const char *const[]){ "s1", "s2", "s3", NULL });
    e->has_seq = e->session[0] != 0 && below(5) != 0;
    e->seq = e->has_seq ? below(12) : 0;
    maybe(e->order, sizeof e->order, 3, (const char *const[]){ "o1", "o2", NULL });
    maybe(e->kase, sizeof e->kase, 3, (const char *const[]){ "c1", "c2", NULL });
    maybe(e->journey, sizeof e->journey, 8, (const char *const[]){ "j1", "o1", NULL });
    maybe(e->lifecycle, sizeof e->lifecycle, 3, (const char *const[]){ "start", "COMPLETE", "schedule", "paused", NULL });
    maybe(e->outcome, sizeof e->outcome, 5, (const char *const[]){ "ok", "fail", "timeout", "escalated", "transferred", NULL });
    maybe(e->place, sizeof e->place, 4, (const char *const[]){ "S01", "S02", NULL });
    maybe(e->tier, sizeof e->tier, 4, (const char *const[]){ "gold", "silver", NULL });
    maybe(e->channel, sizeof e->channel, 2, (const char *const[]){ "app", "web", "store", NULL });
    maybe(e->stream, sizeof e->stream, 10, (const char *const[]){ "test", "pilot", "replay", NULL });
    maybe(e->agent, sizeof e->agent, 2, (const char *const[]){ "a1", "a2", NULL });
    maybe(e->context, sizeof e->context, 3, (const char *const[]){ "no", "yes", NULL });
    e->kept = -1;
    if (!strncmp(e->type, "promise.", 8)) {
        maybe(e->what, sizeof e->what, 1, (const char *const[]){ "w1", "w1", "w2", "", NULL });
        e->has_due = strcmp(e->type, "promise.kept") != 0 && below(5) != 0;
        e->due_ms = e->has_due ? INT64_C(1780000000000) + (int64_t)below(86400000) * 40 : 0;
        e->kept = !strcmp(e->type, "promise.kept") ? (int)below(3) - 1 : -1;
    }
    if (!strcmp(e->origin, "import:xes:run") && role_of(e->type) != O_STEP)
        snprintf(e->type, sizeof e->type, "view");
    e->score = below(8) == 0 ? 1 + (int)below(5) : 0;
    e->wait_ms = below(5) == 0 ? (int64_t)below(100000) : -1;
    e->role = role_of(e->type);
    o_json(e);
}

enum { EVENTS = 160, ALL = 260, CUTS = 6, VISITS = 4, SAYINGS = 3 };
static struct o_event world[ALL], work[ALL];
static struct o_cut cuts[CUTS];
static struct o_visit visits[VISITS];

/* Events, copies of some (received again, later or earlier), and other payloads under the ids of some. */
static int
make_world(int people)
{
    int n = EVENTS;

    for (int i = 0; i < EVENTS; i++)
        some_event(&world[i], i, people);
    for (int i = 0; i < 60; i++, n++) {
        world[n] = world[below(EVENTS)];
        world[n].received_ms += (int64_t)below(100000) - 50000;
    }
    for (int i = 0; i < 20; i++, n++) {
        struct o_event *of = &world[below(EVENTS)];
        some_event(&world[n], 0, people);
        memmove(world[n].id, of->id, sizeof world[n].id);
        memmove(world[n].origin, of->origin, sizeof world[n].origin);
        if (below(2) == 0) {    /* differing in nothing that is kept but one thing, or in nothing but the slice */
            int64_t received = of->received_ms + (int64_t)below(1000);
            world[n] = *of;
            world[n].received_ms = received;
            snprintf(world[n].tier, sizeof world[n].tier, "%s", below(2) ? "gold" : "bronze");
        }
        if (!strcmp(world[n].origin, "import:xes:run"))
            snprintf(world[n].type, sizeof world[n].type, "view");
        world[n].role = role_of(world[n].type);
        o_json(&world[n]);
    }
    return n;
}

static int
make_cuts(int n)
{
    int made = 0;

    for (int tries = 0; made < CUTS && tries < 200; tries++) {
        const struct o_event *e = &world[below((uint64_t)n)], *f = below(3) == 0 ? &world[below((uint64_t)n)] : e;
        int a = (int)below((uint64_t)e->ids_n), b = (int)below((uint64_t)f->ids_n);
        if (e == f && a == b)
            continue;
        memcpy(cuts[made].a, e->ids[a], sizeof cuts[made].a);
        memcpy(cuts[made].b, f->ids[b], sizeof cuts[made].b);
        if (!strcmp(cuts[made].a[0], cuts[made].b[0]) && !strcmp(cuts[made].a[1], cuts[made].b[1]))
            continue;
        cuts[made].link = e != f ? below(4) != 0 : below(3) == 0;
        made++;
    }
    return made;
}

static void
log_cut(struct kit *k, const struct o_cut *c)
{
    char body[256];

    snprintf(body, sizeof body, "{\"a\":{\"kind\":\"%s\",\"value\":\"%s\"},\"b\":{\"kind\":\"%s\",\"value\":\"%s\"}}", c->a[0], c->a[1], c->b[0], c->b[1]);
    kit_control(k, c->link ? "link" : "unlink", body);
}

/* Somebody of the world, or an order, for some days of it. */
static void
some_visit(struct o_visit *v, int n)
{
    memset(v, 0, sizeof *v);
    v->who_n = (int)below(3);
    for (int i = 0; i < v->who_n; i++) {
        const struct o_event *e = &world[below((uint64_t)n)];
        memcpy(v->who[i], e->ids[below((uint64_t)e->ids_n)], sizeof v->who[i]);
    }
    if (v->who_n == 0 || below(4) == 0)
        snprintf(v->order, sizeof v->order, "o%d", 1 + (int)below(2));
    v->from_ms = INT64_C(1780000000000) + (int64_t)below(3000000) * 1000;
    v->to_ms = v->from_ms + (int64_t)below(400000) * 1000;
    v->withdrawn = below(4) == 0;
}

static void
log_visit(struct kit *k, int number, const struct o_visit *v)
{
    struct tl_buf b = {0};
    char from[32];

    tl_buf_printf(&b, "{\"id\":\"v%d\",\"from\":\"%s\",\"to\":%lld,\"withdrawn\":%s", number, tl_time_format(v->from_ms, from), (long long)v->to_ms, v->withdrawn ? "true" : "false");
    for (int i = 0; i < v->who_n; i++)
        tl_buf_printf(&b, "%s{\"kind\":\"%s\",\"value\":\"%s\"}", i ? "," : ",\"identities\":[", v->who[i][0], v->who[i][1]);
    tl_buf_put_str(&b, v->who_n ? "]" : "");
    if (v->order[0] != 0)
        tl_buf_printf(&b, ",\"orders\":[\"%s\"]", v->order);
    tl_buf_put_str(&b, "}");
    tl_buf_put_u8(&b, 0);
    kit_control(k, "visit", (const char *)b.data);
    tl_buf_free(&b);
}

/* The k-th thing said of visits: each is said SAYINGS times, and the last is what holds. */
static void
say_visit(struct kit *k, int said, int visits_n, int n)
{
    struct o_visit other;

    if (said / visits_n == SAYINGS - 1) {
        log_visit(k, said % visits_n, &visits[said % visits_n]);
        return;
    }
    some_visit(&other, n);
    log_visit(k, said % visits_n, &other);
}

/* Feed the world in a random order, in random batches, with rounds and control records at random places. */
static void
feed(struct kit *k, int n, int cuts_n, int visits_n, bool rounds)
{
    int order[ALL], cut = 0, said = 0;

    for (int i = 0; i < n; i++)
        order[i] = i;
    for (int i = n - 1; i > 0; i--) {
        int x = (int)below((uint64_t)i + 1), t = order[i];
        order[i] = order[x];
        order[x] = t;
    }
    for (int i = 0; i < n;) {
        struct kit_event batch[40];
        size_t m = 0;
        for (uint64_t want = 1 + below(40); m < want && i < n; i++, m++)
            batch[m] = (struct kit_event){ world[order[i]].json, world[order[i]].origin, world[order[i]].received_ms };
        kit_log(k, batch, m);
        while (cut < cuts_n && below(4) == 0)
            log_cut(k, &cuts[cut++]);
        while (said < visits_n * SAYINGS && below(4) == 0)
            say_visit(k, said++, visits_n, n);
        if (rounds && below(2) == 0)
            kit_follow(k);
    }
    while (cut < cuts_n)
        log_cut(k, &cuts[cut++]);
    while (said < visits_n * SAYINGS)
        say_visit(k, said++, visits_n, n);
    kit_follow(k);
}

/* Every byte of every database of the current store. */
static void
dump(struct kit *k, struct tl_buf *out)
{
    static const char *const dbs[] = { "meta", "ident", "cut", "cust", "journey", "dayrev", "refused", "dict", "note", "due", "span", NULL };
    char path[PATH_MAX], name[64] = "";
    struct tl_db *db = NULL;
    struct tl_db_txn *t = NULL;
    struct tl_err err = {0};

    follow_close(&k->follow);
    FILE *f = fopen(tl_run_path(path, k->data, "journeys/current"), "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%63s", name), 1);
    fclose(f);
    tl_run_path(path, k->data, "journeys");
    strcat(strcat(path, "/"), name);
    assert_int_equal(tl_db_open(&db, path, TL_DB_READONLY, 0, dbs, &err), 0);
    assert_int_equal(tl_db_begin(db, false, &t, &err), 0);
    for (int i = 0; dbs[i] != NULL; i++) {
        struct tl_db_cursor *c = NULL;
        struct tl_str key, v;
        assert_int_equal(tl_db_cursor_open(t, i, &c, &err), 0);
        for (int rc = tl_db_seek(c, (struct tl_str){0}, &key, &v, NULL); rc == 0; rc = tl_db_next(c, &key, &v, NULL)) {
            tl_buf_printf(out, "%s ", dbs[i]);
            tl_buf_put_text(out, key);
            tl_buf_put_text(out, v);
        }
        tl_db_cursor_close(&c);
    }
    tl_db_abort(&t);
    tl_db_close(&db);
    kit_open_follow(k);
}

static void
same_text(const char *want, const char *got, const char *what)
{
    size_t i = 0, line = 0;

    if (strcmp(want, got) == 0)
        return;
    for (; want[i] != 0 && want[i] == got[i]; i++)
        line = want[i] == '\n' ? i + 1 : line;
    fprintf(stderr, "%s, seed %llu:\nwant %.*s\ngot  %.*s\n", what, (unsigned long long)seed, (int)strcspn(want + line, "\n"), want + line, (int)strcspn(got + line, "\n"), got + line);
    fail();
}

static void
tell_difference(uint64_t world_number, const struct tl_buf *live, const struct tl_buf *built)
{
    size_t i = 0;

    while (i < live->len && i < built->len && live->data[i] == built->data[i])
        i++;
    fprintf(stderr, "world %llu: live (%zu bytes) and built (%zu bytes) differ at %zu, after: ", (unsigned long long)world_number, live->len, built->len, i);
    for (size_t k = i > 60 ? i - 60 : 0; k < i + 20 && k < live->len; k++)
        fprintf(stderr, live->data[k] >= 32 && live->data[k] < 127 ? "%c" : "\\%02x", live->data[k]);
    fprintf(stderr, "\n");
    fail();
}

static void
one_world(uint64_t s)
{
    struct tl_zone *zone = NULL;
    struct kit k;

    seed = s * 1000003;
    int people = 2 + (int)below(12), n = make_world(people), cuts_n = s % 3 == 0 ? 0 : make_cuts(n), visits_n = s % 2 == 0 ? 0 : 1 + (int)below(VISITS);
    for (int i = 0; i < visits_n; i++)
        some_visit(&visits[i], n);
    assert_int_equal(tl_zone_open(&zone, "Asia/Shanghai", NULL), 0);
    memcpy(work, world, sizeof work);
    char *want = o_rows(work, n, cuts, cuts_n, visits, visits_n, types, 3, zone);
    for (int times = 0; times < 2; times++) {
        struct tl_buf live = {0}, built = {0};
        kit_open(&k, catalogue);
        feed(&k, n, cuts_n, visits_n, times == 0);
        char *got = kit_rows(&k);
        same_text(want, got, times == 0 ? "in many rounds" : "in one round");
        tl_free(got);
        dump(&k, &live);
        kit_rebuild(&k);
        got = kit_rows(&k);
        same_text(want, got, "built in bulk");
        tl_free(got);
        dump(&k, &built);
        if (live.len != built.len || memcmp(live.data, built.data, live.len) != 0)
            tell_difference(s, &live, &built);
        tl_buf_free(&live);
        tl_buf_free(&built);
        kit_close(&k);
    }
    tl_free(want);
    tl_zone_free(&zone);
}

static void
rows_depend_on_the_set_alone(void **state)
{
    const char *worlds = getenv("STITCH_WORLDS");
    uint64_t n = worlds != NULL ? strtoull(worlds, NULL, 10) : 8;

    (void)state;
    const char *from = getenv("STITCH_FROM");

    for (uint64_t s = from != NULL ? strtoull(from, NULL, 10) : 1; s <= n; s++)
        one_world(s);
}

/* Whichever allocation of a round or a rebuild fails: nothing of it is written, and the next try gives what an untroubled store has. */
static void
memory_failing_anywhere_leaves_the_store_whole(void **state)
{
    const struct follow_limits limits = {0};
    struct kit k, calm;
    int failed = 0, stopped = 0;

    (void)state;
    seed = 4243;
    int n = make_world(6);
    kit_open(&k, catalogue);
    kit_open(&calm, catalogue);
    for (int i = 0; i < n; i += 2) {
        struct tl_err err = {0};
        struct kit_event batch[2];
        for (int b = 0; b < 2; b++)
            batch[b] = (struct kit_event){ world[(i + b) % n].json, world[(i + b) % n].origin, world[(i + b) % n].received_ms };
        kit_log(&k, batch, 2);
        kit_log(&calm, batch, 2);
        tl_alloc_fail_at((uint64_t)i / 2 + 1, i % 4 == 0);
        int64_t taken = follow_round(k.follow, &limits, &err);
        tl_alloc_fail_at(0, false);
        failed += taken < 0;
        if (taken < 0)
            assert_int_equal(taken, TL_ENOMEM);
        if (i % 20 == 0)
            kit_follow(&k);
    }
    kit_follow(&k);
    for (uint64_t at = 1; at < 200; at += 3) {
        struct tl_err err = {0};
        tl_alloc_fail_at(at, at % 2 == 0);
        int rc = follow_rebuild(k.follow, NULL, NULL, &err);
        tl_alloc_fail_at(0, false);
        stopped += rc != 0;
    }
    if (failed <= 10 || stopped <= 20)
        fail_msg("only %d rounds and %d rebuilds failed", failed, stopped);
    kit_follow(&k);
    kit_follow(&calm);
    char *a = kit_rows(&k), *b = kit_rows(&calm);
    same_text(b, a, "after failures");
    tl_free(a);
    tl_free(b);
    kit_close(&k);
    kit_close(&calm);
}

/* The first 10,000 steps stand in the row, the rest is counted. */
static void
a_journey_too_long_is_cut_and_says_so(void **state)
{
    enum { STEPS = TL_JOURNEY_STEPS_MAX + 50, BATCH = 2010 };
    static char json[BATCH][120];
    static struct kit_event e[BATCH];
    struct kit k;

    (void)state;
    kit_open(&k, NULL);
    for (int i = 0; i < STEPS; i++) {
        snprintf(json[i % BATCH], sizeof json[0], "{\"id\":\"%d\",\"type\":\"%s\",\"time\":%lld,\"ids\":{\"member\":\"m1\"}}", i, i % 2 ? "a" : "b", 1770000000000LL + i);
        e[i % BATCH] = (struct kit_event){ json[i % BATCH], "web", 1900000000000 };
        if (i % BATCH == BATCH - 1)
            kit_log(&k, e, BATCH);
    }
    kit_follow(&k);
    char *rows = kit_rows(&k);
    assert_non_null(strstr(rows, "\"cut\":50,"));
    assert_non_null(strstr(rows, "\"start\":1770000009999,"));
    assert_null(strstr(rows, "\"start\":1770000010000,"));
    assert_non_null(strstr(rows, "\"last\":1770000010049,"));
    tl_free(rows);
    kit_close(&k);
}

static void
an_undone_run_leaves_nothing(void **state)
{
    struct kit k, other;
    const struct kit_event kept[] = {
        { "{\"id\":\"1\",\"type\":\"view\",\"time\":\"2026-03-01T10:00:00Z\",\"ids\":{\"member\":\"m1\"}}", "web", 1900000000000 },
        { "{\"id\":\"2\",\"type\":\"call\",\"time\":\"2026-03-02T10:00:00Z\",\"ids\":{\"phone\":\"13800000000\"}}", "web", 1900000000000 },
    };
    const struct kit_event run[] = {
        { "{\"id\":\"x\",\"type\":\"step\",\"time\":\"2026-03-01T12:00:00Z\",\"ids\":{\"member\":\"m1\",\"phone\":\"13800000000\"}}", "import:csv:r", 1900000000000 },
    };
    (void)state;
    kit_open(&k, NULL);
    kit_open(&other, NULL);
    kit_log(&k, kept, 1);
    kit_log(&k, run, 1);
    kit_log(&k, kept + 1, 1);
    kit_follow(&k);
    kit_control(&k, "undo", "{\"origin\":\"import:csv:r\"}");
    kit_follow(&k);
    kit_log(&other, kept, 2);
    kit_follow(&other);
    char *a = kit_rows(&k), *b = kit_rows(&other);
    same_text(b, a, "after undo");
    tl_free(a);
    /* imported again after the undo, it counts */
    kit_log(&k, run, 1);
    kit_log(&other, run, 1);
    kit_follow(&k);
    kit_follow(&other);
    a = kit_rows(&k);
    tl_free(b);
    b = kit_rows(&other);
    same_text(b, a, "imported again");
    assert_non_null(strstr(a, "import:csv:r"));
    tl_free(a);
    tl_free(b);
    kit_close(&k);
    kit_close(&other);
}

static void
another_log_or_catalogue_is_rebuilt_for(void **state)
{
    struct kit k;
    char path[PATH_MAX];
    const struct kit_event e[] = {
        { "{\"id\":\"1\",\"type\":\"a\",\"time\":\"2026-03-01T10:00:00Z\",\"ids\":{\"member\":\"m1\"}}", "web", 1900000000000 },
        { "{\"id\":\"2\",\"type\":\"b\",\"time\":\"2026-03-01T18:00:00Z\",\"ids\":{\"member\":\"m1\"}}", "web", 1900000000000 },
    };
    (void)state;
    kit_open(&k, NULL);
    kit_log(&k, e, 2);
    kit_follow(&k);
    assert_null(follow_wants_rebuild(k.follow));
    follow_close(&k.follow);
    mkdir(tl_run_path(path, k.data, "catalogue"), 0700);
    FILE *f = fopen(tl_run_path(path, k.data, "catalogue/x.json"), "w");
    fputs("{\"journey_types\":[{\"id\":\"night\",\"start\":[\"b\"]}]}", f);
    fclose(f);
    kit_open_follow(&k);
    assert_non_null(follow_wants_rebuild(k.follow));
    kit_follow(&k);
    assert_null(follow_wants_rebuild(k.follow));
    char *rows = kit_rows(&k);
    assert_non_null(strstr(rows, "\"journey\":\"night\""));
    tl_free(rows);
    /* changed under a running aggregator: in force with the next rebuild, and not at all when it cannot be read */
    f = fopen(tl_run_path(path, k.data, "catalogue/x.json"), "w");
    fputs("{\"journey_types\":[{\"id\":\"day\",\"start\":[\"a\"]}]}", f);
    fclose(f);
    kit_rebuild(&k);
    assert_null(follow_wants_rebuild(k.follow));
    rows = kit_rows(&k);
    assert_non_null(strstr(rows, "\"journey\":\"day\""));
    assert_null(strstr(rows, "\"journey\":\"night\""));
    tl_free(rows);
    struct tl_err err = {0};
    f = fopen(tl_run_path(path, k.data, "catalogue/y.json"), "w");
    fputs("{\"journey\":1}", f);
    fclose(f);
    assert_int_equal(follow_rebuild(k.follow, NULL, NULL, &err), TL_ECONFIG);
    kit_log(&k, e, 1);
    kit_follow(&k);
    kit_close(&k);
}

/* A flipped byte in the live store is met, told and mended from the log. */
static void
a_damaged_store_is_made_again(void **state)
{
    struct kit k;
    char path[PATH_MAX];
    const struct follow_limits limits = {0};
    struct tl_err err = {0};
    const struct kit_event e[] = {
        { "{\"id\":\"1\",\"type\":\"aaaa\",\"time\":\"2026-03-01T10:00:00Z\",\"ids\":{\"member\":\"m1\"}}", "web", 1900000000000 },
        { "{\"id\":\"2\",\"type\":\"bbbb\",\"time\":\"2026-03-01T18:00:00Z\",\"ids\":{\"member\":\"m1\"}}", "web", 1900000000000 },
    };
    (void)state;
    kit_open(&k, NULL);
    kit_log(&k, e, 1);
    kit_follow(&k);
    follow_close(&k.follow);
    /* every stored copy of the profile: version, not lossy, one event */
    FILE *f = fopen(tl_run_path(path, k.data, "journeys/journeys.1/data.mdb"), "r+b");
    assert_non_null(f);
    static uint8_t page[1 << 20];
    size_t n = fread(page, 1, sizeof page, f);
    for (size_t i = 0; i + 16 < n; i++)
        if (memcmp(page + i, "\0\0\0\0\0\0\0\1\0\0\0\0\2\0\1", 15) == 0)
            page[i + 14] ^= 64;
    rewind(f);
    assert_int_equal(fwrite(page, 1, n, f), n);
    fclose(f);
    kit_open_follow(&k);
    kit_log(&k, e + 1, 1);
    assert_true(follow_round(k.follow, &limits, &err) < 0);
    assert_non_null(follow_wants_rebuild(k.follow));
    kit_follow(&k);
    char *rows = kit_rows(&k);
    assert_non_null(strstr(rows, "\"aaaa\""));
    assert_non_null(strstr(rows, "\"bbbb\""));
    tl_free(rows);
    kit_close(&k);
}

static int
log_more(void *arg, const char *phase, uint64_t done, uint64_t total)
{
    static int n;
    char json[160];
    struct kit_event e = { json, "web", 1900000000000 };

    (void)total;
    snprintf(json, sizeof json, "{\"id\":\"late%d\",\"type\":\"%s\",\"time\":\"2026-03-02T10:00:0%dZ\",\"ids\":{\"member\":\"m%d\"}}", n, phase, n % 10, n % 3);
    n++;
    kit_log(arg, &e, 1);
    return done == UINT64_MAX ? -1 : 0;
}

static int
stop_it(void *arg, const char *phase, uint64_t done, uint64_t total)
{
    (void)arg;
    (void)phase;
    (void)done;
    (void)total;
    return TL_EINTR;
}

static void
what_comes_during_a_rebuild_is_in(void **state)
{
    struct kit k;
    struct tl_err err = {0};
    const struct kit_event e = { "{\"id\":\"1\",\"type\":\"a\",\"time\":\"2026-03-01T10:00:00Z\",\"ids\":{\"member\":\"m1\"}}", "web", 1900000000000 };

    (void)state;
    kit_open(&k, NULL);
    kit_log(&k, &e, 1);
    kit_follow(&k);
    assert_int_equal(follow_rebuild(k.follow, stop_it, NULL, &err), TL_EINTR);      /* stopped: the live store goes on */
    assert_int_equal(follow_rebuild(k.follow, log_more, &k, &err), 0);
    assert_int_equal(follow_position(k.follow), tl_eventlog_end(k.log));
    char *rows = kit_rows(&k);
    assert_non_null(strstr(rows, "late0"));
    assert_non_null(strstr(rows, "late1"));
    tl_free(rows);
    kit_close(&k);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_depend_on_the_set_alone),
        cmocka_unit_test(memory_failing_anywhere_leaves_the_store_whole),
        cmocka_unit_test(a_journey_too_long_is_cut_and_says_so),
        cmocka_unit_test(an_undone_run_leaves_nothing),
        cmocka_unit_test(another_log_or_catalogue_is_rebuilt_for),
        cmocka_unit_test(a_damaged_store_is_made_again),
        cmocka_unit_test(what_comes_during_a_rebuild_is_in),
    };
    return tl_hash_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
