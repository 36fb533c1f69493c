/* t_standards.c - clocks and checks at their boundaries, and the demo's planted figures, read from the rows that stitching made of events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../cli/tea_events.h"
#include "store_kit.h"
#include "tl_facts.h"

#define DAY0_MS INT64_C(1780243200000)      /* a Monday, 00:00 in Shanghai */
#define DAYS 56

/* How a standard fared in the journeys of one type: eligible and hit by tl_facts.h, in two periods. */
struct tally { const char *standard; int n[2], k[2], cancelled; };
struct counting { struct tl_store_txn *t; struct tally *tally; size_t tallies; int64_t as_of_ms; int marked, breaks[TL_BREAK_KINDS]; size_t row_bytes, facts_bytes; };
static struct tl_step steps[TL_JOURNEY_STEPS_MAX];
static struct tl_facts facts;

static void
judge(const struct tl_chance *x, struct tally *t, int period, int64_t as_of_ms)
{
    bool clock = x->due_ms != TL_TIME_NONE, ended = x->ended_ms != TL_TIME_NONE;

    if (clock && x->cancelled_ms != TL_TIME_NONE && x->cancelled_ms < x->due_ms) {
        t->cancelled++;
        return;
    }
    if (clock ? x->due_ms > as_of_ms : (strncmp(t->standard, "note", 4) == 0 || strcmp(t->standard, "ready_notice") == 0) && x->flags == 0)
        return;
    t->n[period]++;
    t->k[period] += clock ? !(ended && x->ended_ms <= x->due_ms) : (x->flags & TL_CHANCE_HIT) != 0;
}

static int
one_row(void *arg, struct tl_str key, struct tl_str row)
{
    struct counting *c = arg;
    struct tl_journey j;

    assert_int_equal(tl_rows_journey_get(key, row, steps, &j), 0);
    assert_int_equal(tl_facts_get(&j, &facts), 0);
    c->row_bytes += row.n;
    c->facts_bytes += j.facts.n;
    int period = j.start_ms >= DAY0_MS + 28 * TL_DAY_MS;
    for (uint32_t i = 0; i < facts.chance_n; i++)
        for (size_t s = 0; s < c->tallies; s++)
            if (tl_str_is(tl_store_word(c->t, facts.chance[i].standard), c->tally[s].standard))
                judge(&facts.chance[i], &c->tally[s], period, c->as_of_ms);
    for (uint32_t i = 0; i < facts.break_n; i++)
        c->breaks[facts.brk[i].kind]++;
    c->marked += (int)facts.marked_n;
    return 0;
}

static int
one_day(void *arg, const struct tl_store_day *d)
{
    struct counting *c = arg;
    struct tl_err err = {0};
    return tl_store_journeys(c->t, (uint16_t)tl_store_word_number(c->t, TL_STR("order")), d->day, one_row, c, &err);
}

static void
count(struct kit *k, struct counting *c)
{
    struct tl_err err = {0};
    struct tl_store *s = kit_read(k);

    assert_int_equal(tl_store_begin(s, &c->t, &err), 0);
    assert_int_equal(tl_store_days(c->t, (uint16_t)tl_store_word_number(c->t, TL_STR("order")), -100000, 100000, one_day, c, &err), 0);
    tl_store_end(&c->t);
    kit_read_done(k, &s);
}

static const char catalogue[] =
    "{\"journey_types\":[{\"id\":\"order\",\"key\":\"order\",\"good\":[\"order.fulfilled\"]}],"
    "\"clocks\":[{\"id\":\"wait\",\"start\":\"order.placed\",\"end\":\"order.fulfilled\",\"cancel\":\"order.cancelled\",\"key\":\"order\",\"limit_s\":480},"
    "{\"id\":\"chat\",\"start\":\"service.request\",\"end\":\"service.response\",\"key\":\"case\",\"limit_s\":15},"
    "{\"id\":\"vip\",\"start\":\"complaint.opened\",\"end\":\"complaint.assigned\",\"key\":\"case\",\"limit_s\":600,\"tiers\":[\"gold\"]},"
    "{\"id\":\"ordinary\",\"start\":\"complaint.opened\",\"end\":\"complaint.solution\",\"key\":\"case\",\"limit_s\":1800,\"except_tiers\":[\"gold\"]},"
    "{\"id\":\"mention\",\"start\":\"social.share\",\"end\":\"social.reply\",\"key\":\"order\",\"limit_s\":3600}],"
    "\"checks\":[{\"id\":\"note\",\"kind\":\"required\",\"at\":\"order.note\",\"need\":\"order.note_executed\",\"by\":\"order.fulfilled\",\"key\":\"order\"},"
    "{\"id\":\"context\",\"kind\":\"failed\",\"at\":{\"type\":\"service.call\",\"props.context\":\"*\"},\"fail\":{\"props.context\":\"no\"}}]}";

struct happens { const char *type; int64_t at_ms; const char *more; };

/* One order of one customer; more: further members of an event. */
static void
boundary(const struct happens *h, const char *standard, int n, int k, int cancelled)
{
    struct tally tally = { .standard = standard };
    struct counting c = { .tally = &tally, .tallies = 1, .as_of_ms = DAY0_MS + 40 * TL_DAY_MS };
    struct kit kit;

    kit_open(&kit, catalogue);
    for (int i = 0; h[i].type != NULL; i++) {
        char json[400];
        snprintf(json, sizeof json, "{\"id\":\"%d\",\"type\":\"%s\",\"time\":%lld,\"ids\":{\"member\":\"m\"},\"order\":\"o\",\"case\":\"c\"%s}", i, h[i].type,
                 (long long)(DAY0_MS + h[i].at_ms), h[i].more != NULL ? h[i].more : "");
        kit_log(&kit, &(struct kit_event){ json, "web", DAY0_MS + 50 * TL_DAY_MS }, 1);
    }
    kit_follow(&kit);
    count(&kit, &c);
    if (tally.n[0] != n || tally.k[0] != k || tally.cancelled != cancelled)
        fail_msg("%s %s at %lld: n %d k %d cancelled %d", standard, h[1].type, (long long)h[1].at_ms, tally.n[0], tally.k[0], tally.cancelled);
    kit_close(&kit);
}

#define GOLD ",\"tier\":\"gold\""
static void
limits_are_exact(void **state)
{
    static const struct { const char *standard, *start, *end, *more; int64_t at_ms; int k; } rows[] = {
        { "wait", "order.placed", "order.fulfilled", NULL, 180000, 0 },          { "wait", "order.placed", "order.fulfilled", NULL, 480000, 0 },
        { "wait", "order.placed", "order.fulfilled", NULL, 481000, 1 },          { "wait", "order.placed", "order.fulfilled", NULL, 480001, 1 },
        { "chat", "service.request", "service.response", NULL, 15000, 0 },       { "chat", "service.request", "service.response", NULL, 15001, 1 },
        { "vip", "complaint.opened", "complaint.assigned", GOLD, 600000, 0 },    { "vip", "complaint.opened", "complaint.assigned", GOLD, 601000, 1 },
        { "vip", "complaint.opened", "complaint.solution", GOLD, 300000, 1 },    { "ordinary", "complaint.opened", "complaint.solution", NULL, 1800000, 0 },
        { "ordinary", "complaint.opened", "complaint.solution", NULL, 1801000, 1 }, { "ordinary", "complaint.opened", "complaint.assigned", NULL, 60000, 1 },
        { "mention", "social.share", "social.reply", NULL, 3600000, 0 },         { "mention", "social.share", "social.reply", NULL, 3601000, 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        boundary((const struct happens[]){ { rows[i].start, 0, rows[i].more }, { rows[i].end, rows[i].at_ms, rows[i].more }, { NULL, 0, NULL } }, rows[i].standard, 1, rows[i].k, 0);
    boundary((const struct happens[]){ { "complaint.opened", 0, NULL }, { "complaint.assigned", 1, NULL }, { NULL, 0, NULL } }, "vip", 0, 0, 0);
    boundary((const struct happens[]){ { "complaint.opened", 0, GOLD }, { "complaint.solution", 1, GOLD }, { NULL, 0, NULL } }, "ordinary", 0, 0, 0);
    boundary((const struct happens[]){ { "order.placed", 0, NULL }, { "order.cancelled", 479999, NULL }, { NULL, 0, NULL } }, "wait", 0, 0, 1);
    boundary((const struct happens[]){ { "order.placed", 0, NULL }, { "order.cancelled", 480000, NULL }, { NULL, 0, NULL } }, "wait", 1, 1, 0);
}

static void
notes_and_context(void **state)
{
    (void)state;
    boundary((const struct happens[]){ { "order.note", 0, NULL }, { "order.fulfilled", 9000, NULL }, { NULL, 0, NULL } }, "note", 1, 1, 0);
    boundary((const struct happens[]){ { "order.note", 0, NULL }, { "order.note_confirmed", 100, NULL }, { "order.fulfilled", 9000, NULL }, { NULL, 0, NULL } }, "note", 1, 1, 0);
    boundary((const struct happens[]){ { "order.note", 0, NULL }, { "order.note_executed", 100, NULL }, { "order.fulfilled", 9000, NULL }, { NULL, 0, NULL } }, "note", 1, 0, 0);
    boundary((const struct happens[]){ { "order.note", 0, NULL }, { "order.made", 100, NULL }, { NULL, 0, NULL } }, "note", 0, 0, 0);
    boundary((const struct happens[]){ { "order.placed", 0, NULL }, { "order.fulfilled", 100, NULL }, { NULL, 0, NULL } }, "note", 0, 0, 0);
    boundary((const struct happens[]){ { "service.call", 0, ",\"props\":{\"context\":\"no\"}" }, { "x", 1, NULL }, { NULL, 0, NULL } }, "context", 1, 1, 0);
    boundary((const struct happens[]){ { "service.call", 0, ",\"props\":{\"context\":\"yes\"}" }, { "x", 1, NULL }, { NULL, 0, NULL } }, "context", 1, 0, 0);
    boundary((const struct happens[]){ { "service.call", 0, NULL }, { "x", 1, NULL }, { NULL, 0, NULL } }, "context", 0, 0, 0);
}

/* ---- the demo ---- */

enum { AT_ONCE = 500 };
struct feeding { struct kit *kit; char *json[AT_ONCE]; size_t n; };

static void
flush(struct feeding *f)
{
    struct kit_event e[AT_ONCE];

    for (size_t i = 0; i < f->n; i++)
        e[i] = (struct kit_event){ f->json[i], "till", DAY0_MS + 100 * TL_DAY_MS };
    if (f->n > 0)
        kit_log(f->kit, e, f->n);
    for (size_t i = 0; i < f->n; i++)
        free(f->json[i]);
    f->n = 0;
}

static int
feed(void *arg, struct tl_str json)
{
    struct feeding *f = arg;

    f->json[f->n++] = strndup(json.p, json.n);
    if (f->n == AT_ONCE)
        flush(f);
    return 0;
}

static int
tell_order(void *arg, const struct tea_order *o)
{
    return tea_tell_order(arg, o);
}

static int
tell_visitor(void *arg, const struct tea_visitor *v)
{
    return tea_tell_visitor(arg, v);
}

/* The real catalogue, so that it cannot drift from the figures. */
static void
copy_catalogue(struct kit *k)
{
    char command[PATH_MAX + 100], path[PATH_MAX];

    snprintf(command, sizeof command, "mkdir -p '%s' && cp schemas/catalogue/tea/*.json '%s'", tl_run_path(path, k->data, "catalogue"), path);
    assert_int_equal(system(command), 0);
}

static void
planted_figures_stand_in_the_rows(void **state)
{
    struct tally want[] = {
        { "handover_wait", { 5934, 6521 }, { 670, 616 }, 0 }, { "note_executed", { 865, 923 }, { 87, 93 }, 0 },      { "chat_reply", { 681, 828 }, { 59, 94 }, 0 },
        { "context_kept", { 170, 250 }, { 73, 100 }, 0 },     { "ready_notice", { 5934, 6521 }, { 472, 555 }, 0 },
    };
    enum { N = sizeof want / sizeof *want };
    struct tally got[N];
    struct counting c = { .tally = got, .tallies = N, .as_of_ms = DAY0_MS + 100 * TL_DAY_MS };
    struct kit kit;
    struct feeding f = { .kit = &kit };
    struct tea_story story = { .seed = 155, .day0_ms = DAY0_MS, .until_ms = INT64_MAX, .emit = feed, .arg = &f };

    (void)state;
    for (int i = 0; i < N; i++)
        got[i] = (struct tally){ .standard = want[i].standard };
    kit_open(&kit, NULL);
    follow_close(&kit.follow);
    copy_catalogue(&kit);
    kit_open_follow(&kit);
    assert_int_equal(tea_orders(155, 4000, DAYS, tell_order, &story), 0);
    assert_int_equal(tea_visitors(155, DAYS, tell_visitor, &story), 0);
    flush(&f);
    kit_rebuild(&kit);
    count(&kit, &c);
    for (int i = 0; i < N; i++)
        for (int p = 0; p < 2; p++)
            if (got[i].n[p] != want[i].n[p] || got[i].k[p] != want[i].k[p])
                fail_msg("%s, period %d: %d of %d instead of %d of %d", want[i].standard, p, got[i].k[p], got[i].n[p], want[i].k[p], want[i].n[p]);
    print_message("breaks: failed %d required %d transfers %d failure %d missing %d order %d, outcomes %d\n", c.breaks[0], c.breaks[1], c.breaks[2], c.breaks[3], c.breaks[4],
                  c.breaks[5], c.marked);
    print_message("%.2f bytes of rows an event, of which facts %.2f\n", (double)c.row_bytes / (double)story.events_n, (double)c.facts_bytes / (double)story.events_n);
    assert_int_equal(c.breaks[TL_BREAK_TRANSFERS], 0);
    assert_int_equal(c.breaks[TL_BREAK_FAILURE], 0);
    assert_int_equal(c.breaks[TL_BREAK_MISSING], 0);
    assert_int_equal(c.breaks[TL_BREAK_ORDER], 0);
    tl_buf_free(&story.json);
    kit_close(&kit);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_are_exact),
        cmocka_unit_test(notes_and_context),
        cmocka_unit_test(planted_figures_stand_in_the_rows),
    };
    return tl_hash_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
