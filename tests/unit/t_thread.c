/* t_thread.c - who began a contact, how near, whose turn it is, and what became of an action item: tables, and matters told through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../viewer/analysis/thread.h"
#include "tl_time.h"

static void
who_began_is_told_or_follows_from_what_it_was(void **state)
{
    static const struct { const char *type, *channel, *initiator, *direction; bool step; enum contact_side want; } rows[] = {
        { "service.request", "phone", "company", NULL, true, SIDE_COMPANY }, { "service.response", "chat", "customer", "out", true, SIDE_CUSTOMER }, { "x", NULL, NULL, "in", true, SIDE_CUSTOMER },
        { "x", NULL, NULL, "out", true, SIDE_COMPANY }, { "service.request", NULL, NULL, NULL, true, SIDE_CUSTOMER }, { "service.response", NULL, NULL, NULL, true, SIDE_COMPANY },
        { "survey.response", NULL, NULL, NULL, false, SIDE_CUSTOMER }, { "survey.sent", NULL, NULL, NULL, false, SIDE_COMPANY }, { "complaint.opened", "phone", NULL, NULL, true, SIDE_CUSTOMER },
        { "complaint.assigned", "phone", NULL, NULL, true, SIDE_COMPANY }, { "anything", "app", NULL, NULL, true, SIDE_CUSTOMER }, { "anything", "kiosk", NULL, NULL, true, SIDE_CUSTOMER },
        { "anything", "app", NULL, NULL, false, SIDE_UNKNOWN }, { "anything", "store", NULL, NULL, true, SIDE_UNKNOWN }, { "", NULL, NULL, NULL, true, SIDE_UNKNOWN }, { ".", "web", NULL, NULL, false, SIDE_UNKNOWN },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct contact c = { .type = tl_str_of(rows[i].type), .channel = tl_str_of(rows[i].channel), .initiator = tl_str_of(rows[i].initiator), .direction = tl_str_of(rows[i].direction), .step = rows[i].step };
        if (contact_side(&c) != rows[i].want) fail_msg("%s on %s: %d", rows[i].type, rows[i].channel ? rows[i].channel : "-", contact_side(&c));
    }
}

static void
how_near_is_told_or_follows_from_the_channel(void **state)
{
    static const struct { const char *channel, *mode, *actor; enum contact_mode want; } rows[] = {
        { "store", NULL, NULL, MODE_FACE }, { "store", "nonpersonal", NULL, MODE_NONPERSONAL }, { "store", NULL, "self", MODE_NONPERSONAL }, { "phone", NULL, "human", MODE_INDIRECT },
        { "phone", NULL, "bot", MODE_NONPERSONAL }, { "chat", "face", "bot", MODE_FACE }, { "app", NULL, NULL, MODE_NONPERSONAL }, { "fax", NULL, NULL, MODE_UNKNOWN }, { NULL, NULL, NULL, MODE_UNKNOWN },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct contact c = { .type = TL_STR("x"), .channel = tl_str_of(rows[i].channel), .mode = tl_str_of(rows[i].mode), .actor = tl_str_of(rows[i].actor), .step = true };
        assert_int_equal(contact_mode(&c), rows[i].want);
    }
}

/* A matter told by its types; * before a type: the catalogue says that it ends there. */
static void
whose_turn_it_is(void **state)
{
    static const struct { const char *types[8]; enum thread_state want; } rows[] = {
        { { NULL }, THREAD_OPEN },
        { { "service.request" }, THREAD_WAITS_COMPANY },
        { { "service.request", "service.response" }, THREAD_WAITS_CUSTOMER },
        { { "service.request", "service.response", "service.request" }, THREAD_WAITS_COMPANY },
        { { "service.request", "service.resolved" }, THREAD_CLOSED },
        { { "service.request", "service.resolved", "survey.sent", "survey.response" }, THREAD_CLOSED },      /* what is asked afterwards opens nothing */
        { { "service.request", "service.resolved", "service.reopened" }, THREAD_WAITS_COMPANY },
        { { "service.request", "service.resolved", "service.request" }, THREAD_WAITS_COMPANY },
        { { "complaint.opened", "complaint.assigned" }, THREAD_WAITS_COMPANY },                              /* taken on, not answered */
        { { "complaint.opened", "complaint.assigned", "complaint.solution" }, THREAD_WAITS_CUSTOMER },
        { { "complaint.opened", "complaint.resolved", "complaint.assigned" }, THREAD_CLOSED },
        { { "order.placed", "order.fulfilled", "feedback.text" }, THREAD_CLOSED },
        { { "order.placed", "*handed" }, THREAD_CLOSED },
        { { "something", "else" }, THREAD_OPEN },
        { { "survey.sent" }, THREAD_WAITS_CUSTOMER },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum thread_state s = THREAD_OPEN;
        for (int k = 0; k < 8 && rows[i].types[k]; k++) {
            const char *type = rows[i].types[k];
            bool ends = *type == '*';
            struct contact c = { .type = tl_str_of(type + ends), .step = true };
            s = thread_next(s, contact_side(&c), contact_does(c.type), ends);
        }
        if (s != rows[i].want) fail_msg("row %zu: %s", i, thread_word(s));
    }
}

static void
what_became_of_an_item(void **state)
{
    (void)state;
    assert_int_equal(action_state(TL_TIME_NONE, TL_TIME_NONE, false, 100), ACTION_OPEN);
    assert_int_equal(action_state(100, TL_TIME_NONE, false, 100), ACTION_OPEN);      /* exactly then is in time */
    assert_int_equal(action_state(100, TL_TIME_NONE, false, 101), ACTION_OVERDUE);
    assert_int_equal(action_state(100, 100, false, 500), ACTION_DONE);
    assert_int_equal(action_state(100, 101, false, 500), ACTION_LATE);
    assert_int_equal(action_state(TL_TIME_NONE, 101, false, 500), ACTION_DONE);
    assert_int_equal(action_state(100, 50, true, 500), ACTION_BROKEN);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_began_is_told_or_follows_from_what_it_was),
        cmocka_unit_test(how_near_is_told_or_follows_from_the_channel),
        cmocka_unit_test(whose_turn_it_is),
        cmocka_unit_test(what_became_of_an_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
