/* t_receive.c - write keys, the table of protocols, and the gate that all events pass. */
#include "../../collector/receive.h"
#include "../../collector/admit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tl_hash.h"
#include "tl_time.h"

static void
t_keys_taken(void **s)
{
    static const struct { const char *authorization, *header, *query, *want; } must_accept[] = {
        { NULL, NULL, NULL, "" },
        { "Basic d2s6", NULL, NULL, "wk" },                     /* wk: */
        { "Basic d2s=", NULL, NULL, "wk" },                     /* wk */
        { "basic   d2s6cGFzcw==", "other", NULL, "wk" },        /* wk:pass */
        { "Bearer abc", NULL, "q", "abc" },
        { "Digest x", "h", "q", "h" },
        { NULL, "h", "q", "h" },
        { NULL, NULL, "import:xes:RUN", "import:xes:RUN" },
        { "Basic Og==", NULL, NULL, "" },                       /* : */
    };
    char key[RECEIVE_ORIGIN_MAX + 1];
    struct tl_err err;
    (void)s;
    for (size_t i = 0; i < sizeof must_accept / sizeof *must_accept; i++) {
        int n = receive_key(tl_str_of(must_accept[i].authorization), tl_str_of(must_accept[i].header), tl_str_of(must_accept[i].query), key, &err);
        assert_int_equal(n, (int)strlen(must_accept[i].want));
        assert_string_equal(key, must_accept[i].want);
    }
}

static void
t_keys_refused(void **s)
{
    char key[RECEIVE_ORIGIN_MAX + 1], big[1001];
    struct tl_err err;
    struct tl_str none = { NULL, 0 };
    (void)s;
    memset(big, 'Q', 1000);
    big[1000] = 0;
    memcpy(big, "Basic ", 6);
    assert_int_equal(receive_key(TL_STR("Basic d2s*"), none, none, key, &err), TL_EAUTH);
    assert_int_equal(receive_key(tl_str_of(big), none, none, key, &err), TL_EAUTH);
    assert_int_equal(receive_key(none, tl_str_of(big), none, key, &err), TL_EAUTH);
    assert_int_equal(receive_key(none, TL_STR("a\nb"), none, key, &err), TL_EAUTH);
    assert_int_equal(receive_key(none, none, TL_STR("schl\xc3\xbcssel"), key, &err), TL_EAUTH);
}

static void
t_sources(void **s)
{
    (void)s;
    assert_string_equal(receive_source(TL_STR("/v1/events"))->id_name, "id");
    assert_string_equal(receive_source(TL_STR("/v1/t"))->call, "track");
    assert_string_equal(receive_source(TL_STR("/v1/import/"))->call, "batch");
    assert_ptr_equal(receive_source(TL_STR("/e/"))->read, posthog_read);
    assert_null(receive_source(TL_STR("/")));
    assert_null(receive_source(TL_STR("/v1/events//")));
    assert_string_equal(receive_source(TL_STR("/v1/batch"))->id_name, "messageId");
    assert_null(receive_source(TL_STR("/V1/events")));
}

static struct tl_event
event(void)
{
    struct tl_event ev;
    tl_event_init(&ev);
    ev.type_ = TL_STR("order.placed");
    ev.ids_[ev.ids_n++] = (struct tl_id){ TL_STR("user"), TL_STR("4711") };
    ev.has = TL_HAS(type) | TL_HAS(ids);
    return ev;
}

static void
t_admit(void **s)
{
    struct admit a = { .origin = TL_STR("shop"), .received_at_ms = 1000000, .rand = tl_rand_real() };
    struct tl_refusal why = { 0 };
    struct tl_event ev = event();
    (void)s;
    assert_int_equal(tl_hash_init(), 0);
    assert_int_equal(admit_event(&a, &ev, &why), 0);
    assert_true(tl_str_is(ev.origin_, "shop"));
    assert_int_equal(ev.id_.n, 36);
    assert_int_equal(ev.received_at_, 1000000);

    ev = event();
    ev.stream_ = TL_STR("replay");
    ev.id_ = TL_STR("e-1");
    ev.has |= TL_HAS(stream) | TL_HAS(id);
    assert_int_equal(admit_event(&a, &ev, &why), TL_EINVAL);
    assert_int_equal(why.reason, TL_REASON_STREAM_NOT_ALLOWED);
    assert_string_equal(why.field, "stream");
    assert_string_equal(why.id, "e-1");
    a.origin = TL_STR("import:ndjson:run");
    assert_int_equal(admit_event(&a, &ev, &why), 0);

    ev = event();
    ev.time_ = 1000000 + TL_EVENT_AHEAD_MS + 1;
    ev.has |= TL_HAS(time);
    assert_int_equal(admit_event(&a, &ev, &why), TL_EINVAL);
    assert_int_equal(why.reason, TL_REASON_TIME_RANGE);
    ev.time_--;
    assert_int_equal(admit_event(&a, &ev, &why), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_keys_taken), cmocka_unit_test(t_keys_refused), cmocka_unit_test(t_sources), cmocka_unit_test(t_admit),
    };
    return cmocka_run_group_tests_name("receive", tests, NULL, NULL);
}
