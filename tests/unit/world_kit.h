/* world_kit.h - a small world drawn from a seed: people, their events with copies and conflicts, what is said of them, visits; and a catalogue that makes
 * everything of them that a store can hold. `world_feed` gives it to a store in a random order, in random batches and rounds. */
#ifndef WORLD_KIT_H
#define WORLD_KIT_H

#include "oracle_stitch.h"
#include "store_kit.h"

static const char world_catalogue[] =
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

static inline uint64_t
below(uint64_t n)
{
    seed += UINT64_C(0x9E3779B97F4A7C15);
    return tl_mix64(seed) % n;
}

/* One of the texts, or nothing at one in `rare`. */
static inline void
maybe(char *out, size_t cap, uint64_t rare, const char *const *texts)
{
    uint64_t n = 0;

    while (texts[n] != NULL)
        n++;
    snprintf(out, cap, "%s", below(rare) == 0 ? texts[below(n)] : "");
}

static inline int
role_of(const char *type)
{
    return !strcmp(type, "order.note") || !strncmp(type, "promise.", 8) ? O_SIGNAL : !strcmp(type, "consent.grant") ? O_SILENT : O_STEP;
}

static inline void
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
static struct o_event world[ALL];
static struct o_cut cuts[CUTS];
static struct o_visit visits[VISITS];

/* Events, copies of some (received again, later or earlier), and other payloads under the ids of some. */
static inline int
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

static inline int
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

static inline void
log_cut(struct kit *k, const struct o_cut *c)
{
    char body[1024];

    snprintf(body, sizeof body, "{\"a\":{\"kind\":\"%s\",\"value\":\"%s\"},\"b\":{\"kind\":\"%s\",\"value\":\"%s\"}}", c->a[0], c->a[1], c->b[0], c->b[1]);
    kit_control(k, c->link ? "link" : "unlink", body);
}

/* Somebody of the world, or an order, for some days of it. */
static inline void
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

static inline void
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
static inline void
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
static inline void
world_feed(struct kit *k, int n, int cuts_n, int visits_n, bool rounds)
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

static inline void
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

static inline void
log_both(struct kit *k, struct kit *calm, int from, int n)
{
    struct kit_event batch[8];

    for (int i = 0; i < n; i++)
        batch[i] = (struct kit_event){ world[from + i].json, world[from + i].origin, world[from + i].received_ms };
    kit_log(k, batch, (size_t)n);
    kit_log(calm, batch, (size_t)n);
}

static inline void
expect_same_rows(struct kit *k, struct kit *calm, const char *what)
{
    char *a = kit_rows(k), *b = kit_rows(calm);

    same_text(b, a, what);
    tl_free(a);
    tl_free(b);
}

/* Two stores of the same log: some events, ties, a visit. */
static inline void
small_world(struct kit *k, struct kit *calm)
{
    seed = 4242;
    int n = make_world(4), cuts_n = make_cuts(n);
    kit_open(k, world_catalogue);
    kit_open(calm, world_catalogue);
    for (int i = 0; i < 24; i += 8)
        log_both(k, calm, i * 9, 8);
    for (int c = 0; c < cuts_n; c++) {
        log_cut(k, &cuts[c]);
        log_cut(calm, &cuts[c]);
    }
    some_visit(&visits[0], n);
    log_visit(k, 0, &visits[0]);
    log_visit(calm, 0, &visits[0]);
    kit_follow(k);
    kit_follow(calm);
}

#endif
