/* t_tea.c - the demo tells what was planted: the facts are counted again from the events alone, as a stranger would, and compared with known figures of seed 155. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "../../cli/tea_events.h"
#include "tl_time.h"

#define DAYS 56
#define CUSTOMERS 4000
#define ORDERS_A_CUSTOMER 64
#define DAY0_MS INT64_C(1767542400000)      /* Monday 2026-01-05 00:00 in Shanghai */

/* What one order looks like from outside. */
struct seen {
    int64_t placed_ms, handed_ms, request_ms, response_ms, call_ms, complaint_ms, fix_ms;
    int store, stars;
    char tier;
    bool note, executed, confirmed, ready, context_yes, apology;
};
static struct seen seen[CUSTOMERS][ORDERS_A_CUSTOMER];
static int visitor_day_failed[DAYS];
static uint64_t events_n, visitors_n;

static const char *
value_of(const char *json, const char *name)
{
    static char out[4][200];
    static int turn;
    char key[40];
    char *o = out[turn++ & 3];
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *at = strstr(json, key);
    if (!at)
        return "";
    at += strlen(key);
    bool quoted = *at == '"';
    size_t n = strcspn(at + quoted, quoted ? "\"" : ",}");
    snprintf(o, 200, "%.*s", (int)n, at + quoted);
    return o;
}

static void
see_order(const char *json, int64_t at_ms)
{
    int c = 0, k = 0;
    if (sscanf(value_of(json, "order"), "u%d-%d", &c, &k) != 2)
        return;
    struct seen *s = &seen[c][k];
    const char *type = value_of(json, "type"), *channel = value_of(json, "channel"), *place = value_of(json, "place");
    if (*place)
        s->store = atoi(place + 1);
    s->tier = *value_of(json, "tier");
    if (!strcmp(type, "order.placed"))
        s->placed_ms = at_ms;
    else if (!strcmp(type, "order.fulfilled"))
        s->handed_ms = at_ms;
    else if (!strcmp(type, "order.note"))
        s->note = true;
    else if (!strcmp(type, "order.note_executed"))
        s->executed = true;
    else if (!strcmp(type, "order.note_confirmed"))
        s->confirmed = true;
    else if (!strcmp(type, "order.ready"))
        s->ready = true;
    else if (!strcmp(type, "service.request") && !strcmp(channel, "chat"))
        s->request_ms = at_ms;
    else if (!strcmp(type, "service.response"))
        s->response_ms = at_ms;
    else if (!strcmp(type, "service.request"))
        s->call_ms = at_ms, s->context_yes = !strcmp(value_of(json, "context"), "yes");
    else if (!strcmp(type, "complaint.opened"))
        s->complaint_ms = at_ms;
    else if (!strcmp(type, "recovery.apology"))
        s->apology = true;
    else if (!strcmp(type, "recovery.fix"))
        s->fix_ms = at_ms;
    else if (!strcmp(type, "feedback.text"))
        s->stars = atoi(value_of(json, "csat5"));
}

static int
see(void *arg, struct tl_str json)
{
    int64_t at_ms;
    (void)arg;
    char text[2000];
    assert_true(json.n < sizeof text);
    snprintf(text, sizeof text, "%.*s", (int)json.n, json.p);
    assert_int_equal(tl_time_parse(tl_str_of(value_of(text, "time")), &at_ms, NULL), 0);
    events_n++;
    see_order(text, at_ms);
    if (!strcmp(value_of(text, "type"), "payment.failed"))
        visitor_day_failed[(at_ms - DAY0_MS) / 86400000]++;
    if (*value_of(text, "order") == 'v' && strstr(text, "view.menu"))
        visitors_n++;
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

static int
setup(void **state)
{
    struct tea_story story = { .seed = 155, .day0_ms = DAY0_MS, .until_ms = DAY0_MS + 200 * TL_DAY_MS, .emit = see };
    (void)state;
    int rc = tea_orders(155, CUSTOMERS, DAYS, tell_order, &story);
    rc = rc ? rc : tea_visitors(155, DAYS, tell_visitor, &story);
    tl_buf_free(&story.json);
    return rc;
}

/* ---- questions about one order, asked of what was seen ---- */

static int
day_of(const struct seen *s)
{
    return (int)((s->placed_ms - DAY0_MS) / TL_DAY_MS);
}

static char
daypart_of(const struct seen *s)
{
    int minute = (int)((s->placed_ms - DAY0_MS) % TL_DAY_MS / 60000);
    return minute < 660 ? 'm' : minute < 810 ? 'l' : minute < 1050 ? 'a' : 'e';
}

static bool late(const struct seen *s) { return s->handed_ms - s->placed_ms > 480000; }
static bool missed(const struct seen *s) { return s->note && !s->executed; }
static bool slow(const struct seen *s) { return s->response_ms - s->request_ms > 15000; }
static bool asked_again(const struct seen *s) { return s->call_ms && !s->context_yes; }
static bool no_notice(const struct seen *s) { return !s->ready; }
static bool good_remedy(const struct seen *s) { return s->apology && s->fix_ms && s->fix_ms - s->complaint_ms <= 1800000; }
static bool unhappy(const struct seen *s) { return (s->complaint_ms && s->complaint_ms - s->handed_ms <= 72 * 3600000) || (s->stars > 0 && s->stars <= 2); }

static bool any(const struct seen *s) { return s->placed_ms != 0; }
static bool lunch_s03(const struct seen *s) { return s->store == 3 && daypart_of(s) == 'l'; }
static bool lunch_s07(const struct seen *s) { return s->store == 7 && daypart_of(s) == 'l'; }
static bool lunch_s08(const struct seen *s) { return s->store == 8 && daypart_of(s) == 'l'; }
static bool elsewhere(const struct seen *s) { return !lunch_s03(s) && !lunch_s07(s) && !lunch_s08(s); }
static bool with_note(const struct seen *s) { return s->note; }
static bool rechecked(const struct seen *s) { return s->confirmed; }
static bool with_chat(const struct seen *s) { return s->request_ms != 0; }
static bool evening_chat(const struct seen *s) { return s->request_ms && daypart_of(s) == 'e'; }
static bool with_call(const struct seen *s) { return s->call_ms != 0; }
static bool with_complaint(const struct seen *s) { return s->complaint_ms != 0; }
static bool mature(const struct seen *s) { return day_of(s) <= 52; }

static void
count(int from_day, int to_day, bool (*in)(const struct seen *), bool (*hit)(const struct seen *), int *k, int *n)
{
    *k = *n = 0;
    for (int c = 0; c < CUSTOMERS; c++)
        for (int i = 0; i < ORDERS_A_CUSTOMER; i++) {
            const struct seen *s = &seen[c][i];
            if (!s->placed_ms || day_of(s) < from_day || day_of(s) >= to_day || !in(s))
                continue;
            ++*n;
            *k += hit(s);
        }
}

static const struct {
    const char *name;
    bool (*in)(const struct seen *), (*hit)(const struct seen *);
    int k1, n1, k2, n2;         /* weeks 1-4, weeks 5-8 */
} figures[] = {
    { "wait", any, late, 670, 5934, 616, 6521 },
    { "wait, lunch at S03", lunch_s03, late, 290, 625, 140, 860 },
    { "wait, lunch at S07", lunch_s07, late, 239, 543, 302, 681 },
    { "wait, lunch at S08", lunch_s08, late, 3, 26, 4, 16 },
    { "wait elsewhere", elsewhere, late, 138, 4740, 170, 4964 },
    { "note", with_note, missed, 87, 865, 93, 923 },
    { "note at S05", rechecked, missed, 6, 131, 1, 133 },
    { "chat reply", with_chat, slow, 59, 681, 94, 828 },
    { "chat reply in the evening", evening_chat, slow, 40, 141, 68, 165 },
    { "asked again", with_call, asked_again, 73, 170, 100, 250 },
    { "no ready notice", any, no_notice, 472, 5934, 555, 6521 },
    { "unhappy, mature", mature, unhappy, 485, 5934, 460, 5786 },
};

static void
test_planted_figures(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        int k, n;
        print_message("%s\n", figures[i].name);
        count(0, 28, figures[i].in, figures[i].hit, &k, &n);
        assert_int_equal(k, figures[i].k1);
        assert_int_equal(n, figures[i].n1);
        count(28, 56, figures[i].in, figures[i].hit, &k, &n);
        assert_int_equal(k, figures[i].k2);
        assert_int_equal(n, figures[i].n2);
    }
}

static void
test_world(void **state)
{
    static const int stores[TEA_STORES] = { 1874, 1892, 1615, 1839, 2000, 1732, 1360, 143 };
    int got[TEA_STORES + 1] = { 0 }, gold = 0, silver = 0, exact = 0, above = 0;
    (void)state;
    for (int c = 0; c < CUSTOMERS; c++)
        for (int i = 0; i < ORDERS_A_CUSTOMER && seen[c][i].placed_ms; i++) {
            const struct seen *s = &seen[c][i];
            got[s->store]++;
            gold += s->tier == 'g';
            silver += s->tier == 's';
            exact += s->handed_ms - s->placed_ms == 480000;
            above += s->handed_ms - s->placed_ms == 481000;
        }
    for (int i = 0; i < TEA_STORES; i++)
        assert_int_equal(got[i + 1], stores[i]);
    assert_int_equal(gold, 2725);
    assert_int_equal(silver, 3313);
    assert_int_equal(exact, 40);
    assert_int_equal(above, 4);
    assert_int_equal(visitors_n, 4480);
    assert_in_range(events_n, 195000, 225000);
    print_message("%llu events\n", (unsigned long long)events_n);
    assert_true(tea_fnv("tier") == UINT64_C(0x1e6f84ef2eb65989));
    assert_true(tea_mix(0) == UINT64_C(0xe220a8397b1dcdaf));
    assert_true(tea_draw(155, "tier", 0, 0) == 0.5973878610370157);
    assert_true(tea_draw(155, "late", 0, 0) == 0.19011455936961308);
}

static void
test_payment_fails_after_the_release(void **state)
{
    int before = 0, after = 0;
    (void)state;
    for (int d = 0; d < 28; d++)
        before += visitor_day_failed[d];
    for (int d = 28; d <= 52; d++)
        after += visitor_day_failed[d];
    assert_int_equal(before, 175);
    assert_int_equal(after, 388);
}

/* not back: no order placed by the customer within 14 days after the hand-over */
static bool
not_back(int c, int i)
{
    const struct seen *s = &seen[c][i];
    return i + 1 >= ORDERS_A_CUSTOMER || !seen[c][i + 1].placed_ms || seen[c][i + 1].placed_ms > s->handed_ms + 14 * TL_DAY_MS;
}

static const struct {
    const char *name;
    bool (*in)(const struct seen *), (*bad)(const struct seen *);
    bool stays_away;            /* outcome: not back (days 0-41), else unhappy (days 0-52) */
    int table[3][4];            /* gold, silver, regular: bad&fail, bad&ok, other&fail, other&ok */
} moments[] = {
    { "hand-over", any, late, true, { { 75, 447, 91, 1287 }, { 87, 159, 543, 1609 }, { 122, 77, 2379, 2197 } } },
    { "hand-over, damage", any, late, false, { { 159, 489, 98, 1799 }, { 67, 241, 155, 2655 }, { 60, 206, 406, 5385 } } },
    { "ready notice", any, no_notice, true, { { 10, 143, 156, 1591 }, { 53, 145, 577, 1623 }, { 207, 194, 2294, 2080 } } },
    { "chat", with_chat, slow, true, { { 1, 9, 18, 199 }, { 12, 18, 61, 181 }, { 35, 30, 288, 230 } } },
    { "chat, damage", with_chat, slow, false, { { 0, 14, 36, 253 }, { 4, 38, 24, 288 }, { 9, 81, 57, 603 } } },
    { "note, damage", with_note, missed, false, { { 23, 17, 26, 288 }, { 21, 22, 22, 424 }, { 42, 45, 46, 723 } } },
    { "asked again, damage", with_call, asked_again, false, { { 12, 30, 4, 51 }, { 8, 24, 5, 63 }, { 24, 59, 8, 99 } } },
    { "good remedy", with_complaint, good_remedy, true, { { 2, 50, 16, 40 }, { 7, 30, 17, 26 }, { 37, 59, 54, 29 } } },
};

static void
test_moments(void **state)
{
    (void)state;
    for (size_t m = 0; m < sizeof moments / sizeof moments[0]; m++) {
        int table[3][4] = { { 0 } };
        print_message("%s\n", moments[m].name);
        for (int c = 0; c < CUSTOMERS; c++)
            for (int i = 0; i < ORDERS_A_CUSTOMER && seen[c][i].placed_ms; i++) {
                const struct seen *s = &seen[c][i];
                if (day_of(s) > (moments[m].stays_away ? 41 : 52) || !moments[m].in(s))
                    continue;
                bool fail = moments[m].stays_away ? not_back(c, i) : unhappy(s);
                table[s->tier == 'g' ? 0 : s->tier == 's' ? 1 : 2][(moments[m].bad(s) ? 0 : 2) + (fail ? 0 : 1)]++;
            }
        assert_memory_equal(table, moments[m].table, sizeof table);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_planted_figures), cmocka_unit_test(test_world), cmocka_unit_test(test_payment_fails_after_the_release), cmocka_unit_test(test_moments),
    };
    return cmocka_run_group_tests_name("tea", tests, setup, NULL);
}
