/* t_kinds.c - every kind of chance at its boundaries: events go in, rows come out, and are judged as findings are, as of a moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../viewer/analysis/breaks.h"
#include "store_kit.h"
#include "tl_facts.h"

#define T0 INT64_C(1780243200000)
#define S INT64_C(1000)
#define MIN (60 * S)
#define DAY (86400 * S)
#define LATER (400 * DAY)

static const char catalogue[] =
    "{\"journey_types\":[{\"id\":\"order\",\"key\":\"order\",\"good\":[\"order.fulfilled\"]}],\"promote\":[\"props.reason\"],"
    "\"touchpoints\":[{\"id\":\"kitchen\",\"backstage\":true,\"channel\":\"store\",\"match\":{\"type\":\"make\"}}],"
    "\"clocks\":[{\"id\":\"wait\",\"start\":\"order.placed\",\"end\":\"order.fulfilled\",\"cancel\":\"order.cancelled\",\"key\":\"order\",\"limit_s\":480},"
    "{\"id\":\"vip\",\"start\":\"complaint.opened\",\"end\":\"complaint.assigned\",\"key\":\"case\",\"limit_s\":600,\"tiers\":[\"gold\"]},"
    "{\"id\":\"ordinary\",\"start\":\"complaint.opened\",\"end\":\"complaint.solution\",\"key\":\"case\",\"limit_s\":1800,\"except_tiers\":[\"gold\"]},"
    "{\"id\":\"chat\",\"start\":\"service.request\",\"end\":\"service.response\",\"key\":\"case\",\"limit_s\":15},"
    "{\"id\":\"mention\",\"start\":\"social.mention\",\"end\":\"social.reply\",\"key\":\"case\",\"limit_s\":3600}],"
    "\"checks\":[{\"id\":\"continuity\",\"kind\":\"context\",\"allowed\":0.05},"
    "{\"id\":\"reasons\",\"kind\":\"context\",\"at\":\"service.call\",\"fail\":\"never\",\"restated\":\"props.reason\",\"within_s\":3600},"
    "{\"id\":\"note\",\"kind\":\"required\",\"at\":\"order.note\",\"need\":\"order.note_executed\",\"by\":\"order.fulfilled\",\"confirm\":\"order.note_confirmed\",\"key\":\"order\"},"
    "{\"id\":\"greeting\",\"kind\":\"failed\",\"at\":{\"type\":\"standard.check\",\"props.greeting_surname\":\"*\"},\"fail\":{\"props.greeting_surname\":\"no\"}},"
    "{\"id\":\"again\",\"kind\":\"repeat\",\"at\":\"service.resolved\",\"again\":\"service.request\",\"key\":\"case\"},"
    "{\"id\":\"rework\",\"kind\":\"repeat\",\"at\":{\"type\":\"form\",\"lifecycle\":\"complete\"},\"again\":{\"type\":\"form\",\"lifecycle\":\"complete\"},\"key\":\"case\"},"
    "{\"id\":\"csat\",\"kind\":\"score\",\"score\":\"csat5\",\"lowest\":2},{\"id\":\"mood\",\"kind\":\"score\",\"score\":\"emotion\",\"lowest\":-1,\"at\":\"taste\"}],"
    "\"promises\":[{\"id\":\"delivery\",\"key\":\"order\",\"kept\":[\"promise.kept\",\"order.fulfilled\"],\"word\":[\"promise.updated\",\"order.delayed\"],\"cancel\":\"order.cancelled\"},"
    "{\"id\":\"call_back\",\"key\":\"case\",\"grace_s\":60,\"moves\":true}]}";

struct happens { const char *type; int64_t at_ms; const char *more; };      /* more: further members */
#define GOLD ",\"tier\":\"gold\""
#define NO ",\"props\":{\"context\":\"no\"}"
#define YES ",\"props\":{\"context\":\"yes\"}"
#define ON(c) ",\"channel\":\"" c "\""
#define DUE(what, ms) ",\"promise\":{\"what\":\"" what "\",\"due\":" #ms "}"
#define KEPT(what, is) ",\"promise\":{\"what\":\"" what "\",\"kept\":" is "}"

static struct tl_facts facts;
static struct tl_step steps[TL_JOURNEY_STEPS_MAX];

struct result { struct tl_store_txn *t; const struct tl_catalogue *c; const char *standard; int64_t as_of_ms; int n, k, cancelled; struct tl_break b; };

static int
one_row(void *arg, struct tl_str key, struct tl_str row)
{
    struct result *r = arg;
    struct tl_journey j;

    assert_int_equal(tl_rows_journey_get(key, row, steps, &j), 0);
    assert_int_equal(tl_facts_get(&j, &facts), 0);
    const struct tl_standard *s = &r->c->standard[tl_catalogue_standard(r->c, tl_str_of(r->standard))];
    for (uint32_t i = 0; i < facts.chance_n; i++) {
        if (!tl_str_is(tl_store_word(r->t, facts.chance[i].standard), r->standard))
            continue;
        enum chance_is is = chance_judge(s->kind, &facts.chance[i], r->as_of_ms);
        r->n += is == CHANCE_KEPT || is == CHANCE_HIT;
        r->k += is == CHANCE_HIT;
        r->cancelled += is == CHANCE_CANCELLED;
    }
    for (uint32_t i = 0; i < facts.break_n; i++)
        if (tl_str_is(tl_store_word(r->t, facts.brk[i].standard), r->standard))
            r->b = facts.brk[i];
    return 0;
}

static int
one_day(void *arg, const struct tl_store_day *d)
{
    struct result *r = arg;
    return tl_store_journeys(r->t, (uint16_t)tl_store_word_number(r->t, TL_STR("all")), d->day, one_row, r, &(struct tl_err){0});
}

/* How one standard fares in type `all` of one customer's events, as_of_ms after T0. */
static struct result
fares(const struct happens *h, const char *standard, int64_t as_of_ms)
{
    struct kit kit;
    struct tl_catalogue *c = NULL;
    char path[PATH_MAX];

    kit_open(&kit, catalogue);
    assert_int_equal(tl_catalogue_load(tl_run_path(path, kit.data, "catalogue"), &c, NULL), 0);
    for (int i = 0; h[i].type != NULL; i++) {
        char json[500];
        snprintf(json, sizeof json, "{\"id\":\"%d\",\"type\":\"%s\",\"time\":%lld,\"ids\":{\"member\":\"m\"},\"order\":\"o\",\"case\":\"c\"%s}", i, h[i].type,
                 (long long)(T0 + h[i].at_ms), h[i].more != NULL ? h[i].more : "");
        kit_log(&kit, &(struct kit_event){ json, "web", T0 + LATER }, 1);
    }
    kit_follow(&kit);
    struct tl_store *s = kit_read(&kit);
    struct result r = { .c = c, .standard = standard, .as_of_ms = T0 + as_of_ms };
    assert_int_equal(tl_store_begin(s, &r.t, NULL), 0);
    assert_int_equal(tl_store_days(r.t, (uint16_t)tl_store_word_number(r.t, TL_STR("all")), -100000, 100000, one_day, &r, NULL), 0);
    tl_store_end(&r.t);
    kit_read_done(&kit, &s);
    kit_close(&kit);
    tl_catalogue_free(&c);
    return r;
}

struct fate { struct happens h[8]; const char *standard; int64_t as_of_ms; int n, k, cancelled; };

static void
all_fare(const struct fate *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct result r = fares(t[i].h, t[i].standard, t[i].as_of_ms);
        if (r.n != t[i].n || r.k != t[i].k || r.cancelled != t[i].cancelled)
            fail_msg("row %zu, %s: n %d k %d cancelled %d instead of %d %d %d", i, t[i].standard, r.n, r.k, r.cancelled, t[i].n, t[i].k, t[i].cancelled);
    }
}
#define ALL_FARE(rows) all_fare(rows, sizeof(rows) / sizeof *(rows))

static void
context_is_kept_over_switches(void **state)
{
    static const struct fate rows[] = {
        /* one case from app over phone to store: continuity 2/2; the phone asks again: 1/2 */
        { { { "service.request", 0, ON("app") }, { "service.response", MIN, ON("phone") YES }, { "service.resolved", DAY, ON("store") } }, "continuity", LATER, 2, 0, 0 },
        { { { "service.request", 0, ON("app") }, { "service.response", MIN, ON("phone") NO }, { "service.resolved", DAY, ON("store") } }, "continuity", LATER, 2, 1, 0 },
        { { { "service.request", 0, ON("app") }, { "service.response", MIN, ON("phone") ",\"props\":{\"asked_again\":true}" } }, "continuity", LATER, 1, 1, 0 },
        /* no switch, no chance; lost context without one is none either */
        { { { "service.request", 0, ON("app") }, { "service.response", MIN, ON("app") NO } }, "continuity", LATER, 0, 0, 0 },
        /* another agent on the same channel is a switch; an unknown one is not */
        { { { "a", 0, ON("phone") ",\"agent\":\"li\"" }, { "b", MIN, ON("phone") ",\"agent\":\"wang\"" NO } }, "continuity", LATER, 1, 1, 0 },
        { { { "a", 0, ON("phone") ",\"agent\":\"li\"" }, { "b", MIN, ON("phone") NO } }, "continuity", LATER, 0, 0, 0 },
        /* backstage work and signals are no contacts */
        { { { "a", 0, ON("app") }, { "make", MIN, NULL }, { "order.note", 2 * MIN, ON("store") }, { "b", 3 * MIN, ON("app") } }, "continuity", LATER, 0, 0, 0 },
        /* the same reason told twice, within the hour; another reason, or an hour and more: none */
        { { { "service.call", 0, ON("phone") ",\"props\":{\"reason\":\"R1\"}" }, { "service.call", 3600 * S, ON("chat") ",\"props\":{\"reason\":\"R1\"}" } }, "reasons", LATER, 1, 1, 0 },
        { { { "service.call", 0, ON("phone") ",\"props\":{\"reason\":\"R1\"}" }, { "service.call", 3600 * S, ON("chat") ",\"props\":{\"reason\":\"R2\"}" } }, "reasons", LATER, 1, 0, 0 },
        { { { "service.call", 0, ON("phone") ",\"props\":{\"reason\":\"R1\"}" }, { "service.call", 3600 * S + 1, ON("chat") ",\"props\":{\"reason\":\"R1\"}" } }, "reasons", LATER, 0, 0, 0 },
    };
    (void)state;
    ALL_FARE(rows);
    struct result r = fares(rows[1].h, "continuity", LATER);
    assert_int_equal(r.b.kind, TL_BREAK_CONTEXT);
    assert_true(r.b.expected > 0 && r.b.actual > 0 && r.b.expected != r.b.actual);     /* app, phone */
}

static void
scores_and_checks(void **state)
{
    static const struct fate rows[] = {
        { { { "feedback.text", 0, ",\"scores\":{\"csat5\":2}" }, { "feedback.text", MIN, ",\"scores\":{\"csat5\":3}" } }, "csat", LATER, 2, 1, 0 },
        { { { "taste", 0, ",\"scores\":{\"emotion\":-1}" }, { "chat", MIN, ",\"scores\":{\"emotion\":-2}" }, { "taste", DAY, ",\"scores\":{\"emotion\":0}" } }, "mood", LATER, 2, 1, 0 },
        { { { "visit", 0, NULL }, { "standard.check", MIN, ",\"props\":{\"greeting_surname\":\"no\"}" } }, "greeting", LATER, 1, 1, 0 },
        { { { "visit", 0, NULL }, { "standard.check", MIN, ",\"props\":{\"greeting_surname\":\"yes\"}" } }, "greeting", LATER, 1, 0, 0 },
        { { { "visit", 0, NULL }, { "standard.check", MIN, ",\"props\":{\"tidy\":\"no\"}" } }, "greeting", LATER, 0, 0, 0 },
    };
    (void)state;
    ALL_FARE(rows);
    struct happens visits[11] = { { NULL, 0, NULL } };       /* ten visits, one greeted without the surname: conformity 9 of 10 */
    for (int i = 0; i < 10; i++)
        visits[i] = (struct happens){ "standard.check", i * DAY, i == 4 ? ",\"props\":{\"greeting_surname\":\"no\"}" : ",\"props\":{\"greeting_surname\":\"yes\"}" };
    struct result ten = fares(visits, "greeting", LATER);
    assert_true(ten.n == 10 && ten.k == 1 && ten.b.kind == TL_BREAK_FAILED && ten.b.at_ms == T0 + 4 * DAY);
    struct result r = fares(rows[0].h, "csat", LATER);
    assert_true(r.b.kind == TL_BREAK_SCORE && r.b.expected == 2000 && r.b.actual == 2000);
}

static void
a_note_with_and_without_second_confirmation(void **state)
{
    static const struct happens lost[] = { { "order.placed", 0, NULL }, { "order.note", 1, NULL }, { "order.fulfilled", 9 * MIN, NULL }, { NULL, 0, NULL } };
    static const struct happens confirmed[] = { { "order.placed", 0, NULL }, { "order.note", 1, NULL }, { "order.note_confirmed", 2, NULL }, { "order.fulfilled", 9 * MIN, NULL }, { NULL, 0, NULL } };
    static const struct happens done[] = { { "order.note", 1, NULL }, { "order.note_confirmed", 2, NULL }, { "order.note_executed", 3, NULL }, { "order.fulfilled", 9, NULL }, { NULL, 0, NULL } };
    static const struct happens before[] = { { "order.note_confirmed", 0, NULL }, { "order.note", 1, NULL }, { "order.fulfilled", 9, NULL }, { NULL, 0, NULL } };
    static const struct happens none[] = { { "order.placed", 0, NULL }, { "order.fulfilled", 9, NULL }, { NULL, 0, NULL } };
    struct result r = fares(lost, "note", LATER);

    (void)state;
    assert_true(r.n == 1 && r.k == 1 && r.b.kind == TL_BREAK_REQUIRED && r.b.expected == 2 && r.b.actual == 0);
    r = fares(confirmed, "note", LATER);
    assert_true(r.n == 1 && r.k == 1 && r.b.kind == TL_BREAK_REQUIRED && r.b.expected == 2 && r.b.actual == 1);
    r = fares(before, "note", LATER);
    assert_true(r.n == 1 && r.k == 1 && r.b.actual == 0);
    r = fares(done, "note", LATER);
    assert_true(r.n == 1 && r.k == 0);
    r = fares(none, "note", LATER);
    assert_true(r.n == 0 && r.k == 0);
}

static void
repeats_and_rework(void **state)
{
    static const struct fate rows[] = {
        { { { "service.resolved", 0, NULL }, { "service.request", 7 * DAY, NULL } }, "again", LATER, 1, 1, 0 },
        { { { "service.resolved", 0, NULL }, { "service.request", 7 * DAY + 1, NULL } }, "again", LATER, 1, 0, 0 },
        /* too late for the first, in time for the second */
        { { { "service.resolved", 0, NULL }, { "service.resolved", 8 * DAY, NULL }, { "service.request", 9 * DAY, NULL } }, "again", LATER, 2, 1, 0 },
        { { { "service.resolved", 0, NULL } }, "again", 7 * DAY - 1, 0, 0, 0 },
        { { { "service.resolved", 0, NULL } }, "again", 7 * DAY, 1, 0, 0 },
        /* rework: each completion but the last has another within the week; schedule and start are none */
        { { { "form", 0, ",\"lifecycle\":\"start\"" }, { "form", 1, ",\"lifecycle\":\"COMPLETE\"" }, { "form", 2, ",\"lifecycle\":\"start\"" }, { "form", 3, ",\"lifecycle\":\"COMPLETE\"" } }, "rework", LATER, 0, 0, 0 },
        { { { "form", 0, ",\"lifecycle\":\"start\"" }, { "form", 1, ",\"lifecycle\":\"complete\"" }, { "form", 2, ",\"lifecycle\":\"start\"" }, { "form", 3, ",\"lifecycle\":\"complete\"" } }, "rework", LATER, 2, 1, 0 },
    };
    (void)state;
    ALL_FARE(rows);
}

static void
promises_are_kept_or_not(void **state)
{
    static const struct fate rows[] = {
        { { { "promise.made", 0, DUE("delivery", 1780243800000) }, { "order.fulfilled", 10 * MIN, NULL } }, "delivery", LATER, 1, 0, 0 },
        { { { "promise.made", 0, DUE("delivery", 1780243800000) }, { "order.fulfilled", 10 * MIN + 1, NULL } }, "delivery", LATER, 1, 1, 0 },
        { { { "promise.made", 0, DUE("delivery", 1780243800000) }, { "promise.kept", 9 * MIN, KEPT("delivery", "true") } }, "delivery", LATER, 1, 0, 0 },
        { { { "promise.made", 0, DUE("delivery", 1780243800000) }, { "promise.kept", 9 * MIN, KEPT("delivery", "false") } }, "delivery", LATER, 1, 1, 0 },
        { { { "promise.made", 0, DUE("delivery", 1780243800000) }, { "promise.kept", 9 * MIN, KEPT("tidy", "true") } }, "delivery", LATER, 1, 1, 0 },
        /* silence: due at 10:00, and broken by time alone */
        { { { "promise.made", 0, DUE("delivery", 1780243800000) } }, "delivery", 10 * MIN - 1, 0, 0, 0 },
        { { { "promise.made", 0, DUE("delivery", 1780243800000) } }, "delivery", 10 * MIN, 1, 1, 0 },
        { { { "promise.made", 0, DUE("delivery", 1780243800000) }, { "order.cancelled", 10 * MIN - 1, NULL } }, "delivery", LATER, 0, 0, 1 },
        { { { "promise.made", 0, DUE("delivery", 1780243800000) }, { "order.cancelled", 10 * MIN, NULL } }, "delivery", LATER, 1, 1, 0 },
        /* other words, and words without a due time, promise nothing here */
        { { { "promise.made", 0, DUE("other", 1780243800000) } }, "delivery", LATER, 0, 0, 0 },
        { { { "promise.made", 0, ",\"promise\":{\"what\":\"delivery\"}" } }, "delivery", LATER, 0, 0, 0 },
        /* an update moves nothing, where the catalogue does not say that it does; while one is open a second is none */
        { { { "promise.made", 0, DUE("delivery", 1780243800000) }, { "promise.updated", MIN, DUE("delivery", 1780244400000) }, { "order.fulfilled", 15 * MIN, NULL } }, "delivery", LATER, 1, 1, 0 },
        { { { "promise.made", 0, DUE("delivery", 1780243800000) }, { "promise.made", MIN, DUE("delivery", 1780244400000) }, { "order.fulfilled", 15 * MIN, NULL } }, "delivery", LATER, 1, 1, 0 },
        /* where it does: by the time promised, not after; and a minute of grace */
        { { { "promise.made", 0, DUE("call_back", 1780243800000) }, { "promise.updated", 10 * MIN, DUE("call_back", 1780244400000) }, { "promise.kept", 21 * MIN, KEPT("call_back", "true") } }, "call_back", LATER, 1, 0, 0 },
        { { { "promise.made", 0, DUE("call_back", 1780243800000) }, { "promise.updated", 10 * MIN, DUE("call_back", 1780244400000) }, { "promise.kept", 21 * MIN + 1, KEPT("call_back", "true") } }, "call_back", LATER, 1, 1, 0 },
        { { { "promise.made", 0, DUE("call_back", 1780243800000) }, { "promise.updated", 10 * MIN + 1, DUE("call_back", 1780244400000) }, { "promise.kept", 15 * MIN, KEPT("call_back", "true") } }, "call_back", LATER, 1, 1, 0 },
    };
    (void)state;
    ALL_FARE(rows);
}

static void
word_is_owed_of_what_is_late(void **state)
{
    static const struct fate rows[] = {
        { { { "promise.made", 0, DUE("delivery", 1780243800000) }, { "order.fulfilled", 10 * MIN, NULL } }, "delivery_word", LATER, 0, 0, 0 },
        { { { "promise.made", 0, DUE("delivery", 1780243800000) }, { "order.fulfilled", 11 * MIN, NULL } }, "delivery_word", LATER, 1, 1, 0 },
        { { { "promise.made", 0, DUE("delivery", 1780243800000) }, { "order.delayed", 10 * MIN, NULL }, { "order.fulfilled", 11 * MIN, NULL } }, "delivery_word", LATER, 1, 0, 0 },
        { { { "promise.made", 0, DUE("delivery", 1780243800000) }, { "order.delayed", 10 * MIN + 1, NULL }, { "order.fulfilled", 11 * MIN, NULL } }, "delivery_word", LATER, 1, 1, 0 },
        { { { "promise.made", 0, DUE("delivery", 1780243800000) } }, "delivery_word", 10 * MIN - 1, 0, 0, 0 },
        { { { "promise.made", 0, DUE("delivery", 1780243800000) } }, "delivery_word", 10 * MIN, 1, 1, 0 },
        { { { "promise.made", 0, DUE("delivery", 1780243800000) }, { "order.cancelled", MIN, NULL } }, "delivery_word", LATER, 0, 0, 1 },
    };
    (void)state;
    ALL_FARE(rows);
}

/* A VIP's clock ends when somebody takes over, an ordinary one when the solution is told; silence breaks by time alone. */
static void
clocks_run_out_in_silence(void **state)
{
    static const struct fate rows[] = {
        { { { "complaint.opened", 0, GOLD } }, "vip", 10 * MIN - 1, 0, 0, 0 },
        { { { "complaint.opened", 0, GOLD } }, "vip", 10 * MIN, 1, 1, 0 },
        { { { "complaint.opened", 0, GOLD }, { "complaint.solution", 5 * MIN, NULL } }, "vip", LATER, 1, 1, 0 },
        { { { "complaint.opened", 0, GOLD }, { "complaint.assigned", 10 * MIN, NULL } }, "vip", LATER, 1, 0, 0 },
        { { { "complaint.opened", 0, GOLD }, { "complaint.assigned", 10 * MIN + 1, NULL } }, "vip", LATER, 1, 1, 0 },
        { { { "complaint.opened", 0, NULL }, { "complaint.assigned", MIN, NULL } }, "ordinary", LATER, 1, 1, 0 },
        { { { "complaint.opened", 0, NULL }, { "complaint.solution", 30 * MIN, NULL } }, "ordinary", LATER, 1, 0, 0 },
        { { { "complaint.opened", 0, NULL }, { "complaint.solution", 30 * MIN + S, NULL } }, "ordinary", LATER, 1, 1, 0 },
        { { { "order.placed", 0, NULL }, { "order.fulfilled", 8 * MIN, NULL } }, "wait", LATER, 1, 0, 0 },
        { { { "order.placed", 0, NULL }, { "order.fulfilled", 8 * MIN + S, NULL } }, "wait", LATER, 1, 1, 0 },
        { { { "service.request", 0, NULL }, { "service.response", 15 * S, NULL } }, "chat", LATER, 1, 0, 0 },
        { { { "service.request", 0, NULL }, { "service.response", 15 * S + 1, NULL } }, "chat", LATER, 1, 1, 0 },
        { { { "social.mention", 0, NULL }, { "social.reply", 60 * MIN, NULL } }, "mention", LATER, 1, 0, 0 },
        { { { "social.mention", 0, NULL }, { "social.reply", 60 * MIN + S, NULL } }, "mention", LATER, 1, 1, 0 },
    };
    (void)state;
    ALL_FARE(rows);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(context_is_kept_over_switches), cmocka_unit_test(scores_and_checks),        cmocka_unit_test(a_note_with_and_without_second_confirmation),
        cmocka_unit_test(repeats_and_rework),            cmocka_unit_test(promises_are_kept_or_not), cmocka_unit_test(word_is_owed_of_what_is_late),
        cmocka_unit_test(clocks_run_out_in_silence),
    };
    return tl_hash_init() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
