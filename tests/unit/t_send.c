/* t_send.c - the sender against a collector that is slow, busy, gone and back: every event is answered once, bodies are the same bytes again. */
#include "send_kit.h"

static void
everything_arrives_once(void **state)
{
    (void)state;
    struct door *d = door_new();
    struct sender *s = NULL;
    struct sender_counts c;
    struct tl_err err;
    d->busy_first = 5;
    door_settle(d);
    const struct sender_cfg cfg = { .url = d->url, .key = "import:csv:run" };
    assert_int_equal(sender_open(&s, &cfg, &err), 0);
    for (unsigned i = 0; i < 10000; i++)
        assert_int_equal(put(s, i, i % 400, &err), 0);
    assert_int_equal(sender_flush(s, &err), 0);
    assert_int_equal(put(s, 10000, 10, &err), 0);
    assert_int_equal(sender_close(&s, &c, &err), 0);
    door_settle(d);
    assert_null(s);
    assert_int_equal(c.events, 10001);
    assert_int_equal(c.accepted, 10001);
    assert_int_equal(c.resent, 5);
    for (unsigned i = 0; i < 10001; i++)
        assert_int_equal(d->seen[i], 1);
    assert_true(d->bytes_max <= SENDER_BODY_BYTES);
    assert_true(d->events_max <= SENDER_BODY_EVENTS);
    assert_string_equal(d->authorization, "Bearer import:csv:run");
    door_free(d);
}

static uint64_t refused_lines;

static void
refused(void *arg, uint64_t line, struct tl_str id, struct tl_str reason, struct tl_str field)
{
    (void)arg;
    assert_int_equal(line, 1000);
    assert_true(tl_str_is(id, "i"));
    assert_true(tl_str_is(reason, "field_range"));
    assert_true(tl_str_is(field, "time"));
    refused_lines++;
}

static void
refused_events_are_told_by_line(void **state)
{
    (void)state;
    struct door *d = door_new();
    struct sender *s = NULL;
    struct sender_counts c;
    d->refuse_first_event = true;
    door_settle(d);
    const struct sender_cfg cfg = { .url = d->url, .key = "k", .refused = refused };
    assert_int_equal(sender_open(&s, &cfg, NULL), 0);
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(put(s, i, 5, NULL), 0);
    assert_int_equal(sender_close(&s, &c, NULL), 0);
    assert_int_equal(refused_lines, 1);
    assert_int_equal(c.quarantined, 1);
    assert_int_equal(c.accepted, 9);
    door_free(d);
}

static void
a_plain_no_ends_it(void **state)
{
    (void)state;
    struct door *d = door_new();
    struct sender *s = NULL;
    struct tl_err err = {0};
    d->status = 401;
    door_settle(d);
    const struct sender_cfg cfg = { .url = d->url, .key = "k" };
    assert_int_equal(sender_open(&s, &cfg, NULL), 0);
    put(s, 1, 5, NULL);
    assert_int_equal(sender_close(&s, NULL, &err), TL_EINVAL);
    assert_non_null(strstr(err.text, "401"));
    door_free(d);
}

static void
nobody_there(void **state)
{
    (void)state;
    struct sender *s = NULL;
    struct tl_err err = {0};
    const struct sender_cfg cfg = { .url = "http://127.0.0.1:1", .key = "k", .patience_s = 1 };
    assert_int_equal(sender_open(&s, &cfg, NULL), 0);
    put(s, 1, 5, NULL);
    assert_int_equal(sender_close(&s, NULL, &err), TL_ENET);
    assert_non_null(strstr(err.text, "127.0.0.1:1"));
}

struct again { struct door *door; char url[80]; };

static void
find_again(void *arg, char url[80])
{
    struct again *a = arg;
    snprintf(url, 80, "%s", a->url);
}

/* the collector is stopped in the middle, and comes back elsewhere */
static void
it_moves(void **state)
{
    (void)state;
    struct door *first = door_new(), *second = door_new();
    struct again a = { .door = second };
    struct sender *s = NULL;
    struct sender_counts c;
    struct tl_err err;
    snprintf(a.url, sizeof a.url, "%s", second->url);
    const struct sender_cfg cfg = { .url = first->url, .key = "k", .find = find_again, .arg = &a };
    assert_int_equal(sender_open(&s, &cfg, NULL), 0);
    for (unsigned i = 0; i < 6000; i++) {
        if (i == 3000)
            tl_http_stop(&first->http);
        assert_int_equal(put(s, i, 100, &err), 0);
    }
    assert_int_equal(sender_close(&s, &c, &err), 0);
    assert_int_equal(c.events, 6000);
    door_settle(second);
    for (unsigned i = 0; i < 6000; i++)
        assert_in_range(first->seen[i] + second->seen[i], 1, 2);    /* an answer lost on the way: the body goes again */
    free(first);
    door_free(second);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_arrives_once), cmocka_unit_test(refused_events_are_told_by_line), cmocka_unit_test(a_plain_no_ends_it),
        cmocka_unit_test(nobody_there), cmocka_unit_test(it_moves),
    };
    tl_hash_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
