/* t_hooks.c - messages about alerts: shapes and signatures of the four receivers, settings that are refused, grouping, retries, restarts, digests - under a simulated
 * clock and network. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../aggregator/hooks.h"
#include "../../aggregator/hooks_message.h"
#include "tl_hash.h"
#include "tl_journey.h"
#include "tl_json.h"

#define NOON INT64_C(1772323200000)     /* 2026-03-01T00:00:00Z */

/* ---- shapes and signatures, against vectors made elsewhere ---- */

static struct tl_alert
example(uint64_t id, const char *place)
{
    struct tl_alert a = { .id = id, .kind = TL_ALERT_PASSED, .severity = 3, .due_ms = 600000, .at_ms = 600001, .ended_ms = TL_TIME_NONE, .journey = TL_STR("order"),
                          .rule = TL_STR("vip_complaint"), .title_zh = TL_STR("VIP 投诉 10 分钟内专人对接"), .title_en = TL_STR("VIP complaint taken within 10 minutes"),
                          .place = tl_str_of(place), .department = TL_STR("客服") };
    a.customer[0] = 0xA7;
    return a;
}

static struct hook
receiver(enum hook_template t)
{
    return (struct hook){ .id = TL_STR("r"), .url = TL_STR("https://example.com/send?access_token=x"), .secret = TL_STR("SECabc"), .template = t, .words = HOOK_ZH, .kinds = ~0u, .least_severity = 1 };
}

static struct tl_jv *
parse(struct tl_arena *a, const struct tl_buf *b)
{
    struct tl_jv *root = NULL;
    struct tl_err err = {0};
    if (tl_json_tree(a, (struct tl_str){ (char *)b->data, b->len }, 0, &root, NULL, &err))
        fail_msg("%.*s: %s", (int)b->len, (char *)b->data, err.text);
    return root;
}

static bool
says(struct tl_str text, const char *what)
{
    return text.n && memmem(text.p, text.n, what, strlen(what)) != NULL;
}

static void
each_receiver_gets_its_shape(void **state)
{
    (void)state;
    struct tl_arena *arena = tl_arena_new(1 << 20);
    for (int t = HOOK_WECOM; t <= HOOK_JSON; t++) {
        struct hook h = receiver((enum hook_template)t);
        struct tl_alert a = example(7, "S07](http://bad)<b>");
        struct tl_buf b = {0};
        struct request r = {0};
        message_alert(&b, &h, &a, 3, "r-1", TL_STR("http://pages/alerts#0000000000000007"));
        message_request(&r, &h, (struct tl_str){ (char *)b.data, b.len }, "r-1", NOON);
        const struct tl_jv *root = parse(arena, &r.body);
        if (t == HOOK_WECOM) {
            struct tl_str text = tl_jv_text(tl_jv_get(root, "markdown"), "content");
            assert_true(tl_str_is(tl_jv_text(root, "msgtype"), "markdown") && says(text, "已超过 10:00 的时限") && says(text, "部门:客服") && says(text, "又有 3 条") && text.n < 4096);
            assert_true(says(text, "[查看](http://pages/alerts#0000000000000007)"));
            assert_false(says(text, "](http://bad)") || says(text, "<b>"));        /* markup from an event is plain text */
        } else if (t == HOOK_DINGTALK) {
            assert_true(says(tl_jv_text(tl_jv_get(root, "markdown"), "text"), "VIP 投诉") && says(tl_jv_text(tl_jv_get(root, "markdown"), "title"), "已超时限"));
            assert_string_equal((char *)r.url.data, "https://example.com/send?access_token=x&timestamp=1772323200000&sign=JVVOWST45zM4B5KUH1PXrUWuWtvgubnQgbEwRkiYls0%3D");
        } else if (t == HOOK_FEISHU) {
            assert_true(tl_str_is(tl_jv_text(root, "timestamp"), "1772323200") && tl_str_is(tl_jv_text(root, "sign"), "5mFcSGczDqO+SzliUQ7scsI5OY2Aze/VAHN5OYEyX5U="));
            const struct tl_jv *post = tl_jv_get(tl_jv_get(tl_jv_get(root, "content"), "post"), "zh_cn");
            assert_true(tl_str_is(tl_jv_text(root, "msg_type"), "post") && says(tl_jv_text(post, "title"), "VIP 投诉") && tl_jv_get(post, "content")->child->child->type == TL_JOBJECT);
        } else {
            assert_true(tl_str_is(tl_jv_text(root, "id"), "r-1") && tl_str_is(tl_jv_text(tl_jv_get(root, "alert"), "id"), "0000000000000007") && tl_jv_int(root, "count", 0) == 3);
            assert_string_equal(r.header[1], "X-Touchline-Id: r-1");
            assert_string_equal(r.header[2], "X-Touchline-Timestamp: 1772323200");
        }
        message_request_free(&r);
        tl_buf_free(&b);
        tl_arena_reset(arena);
    }
    tl_arena_free(&arena);
}

static void
signatures_are_those_of_others(void **state)
{
    (void)state;
    struct hook h = receiver(HOOK_JSON);
    struct request r = {0};
    uint8_t mac[32];
    char hex[65], long_key[131];
    const struct tl_str jefe[] = { TL_STR("what do ya want "), TL_STR("for nothing?") }, larger = TL_STR("Test Using Larger Than Block-Size Key - Hash Key First");
    h.secret = TL_STR("key");
    message_request(&r, &h, TL_STR("{\"a\":1}"), "x", NOON);
    assert_string_equal(r.header[3], "X-Touchline-Signature: sha256=7a4894845c3f25c023620fe40830b4cd215e984cd5ecdf088fbf0d1ce4bceea6");
    h.secret = (struct tl_str){0};
    message_request(&r, &h, TL_STR("{\"a\":1}"), "x", NOON);
    assert_null(r.header[2]);
    tl_hmac256(TL_STR("Jefe"), jefe, 2, mac);                   /* RFC 4231 */
    tl_hex(mac, 32, hex);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(long_key, 0xaa, sizeof long_key);
    tl_hmac256((struct tl_str){ long_key, sizeof long_key }, &larger, 1, mac);
    tl_hex(mac, 32, hex);
    assert_string_equal(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    message_request_free(&r);
}

static void
answers_are_judged(void **state)
{
    (void)state;
    static const struct { enum hook_template t; int status; const char *reply; bool taken; } rows[] = {
        { HOOK_WECOM, 200, "{\"errcode\":0,\"errmsg\":\"ok\"}", true }, { HOOK_WECOM, 200, "{\"errcode\":45009,\"errmsg\":\"api freq out of limit\"}", false },
        { HOOK_DINGTALK, 200, "{\"errcode\":310000,\"errmsg\":\"sign not match\"}", false }, { HOOK_DINGTALK, 200, "{\"errcode\":0}", true }, { HOOK_FEISHU, 200, "{\"code\":0}", true },
        { HOOK_FEISHU, 200, "{\"StatusCode\":0}", true }, { HOOK_FEISHU, 200, "{\"code\":19021,\"msg\":\"sign match fail\"}", false }, { HOOK_FEISHU, 200, "not JSON", false },
        { HOOK_JSON, 204, "", true }, { HOOK_JSON, 302, "", false }, { HOOK_JSON, 500, "{\"errcode\":0}", false }, { HOOK_WECOM, 404, "{\"errcode\":0}", false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct hook h = receiver(rows[i].t);
        char why[80];
        if (message_taken(&h, rows[i].status, tl_str_of(rows[i].reply), why) != rows[i].taken)
            fail_msg("row %zu: %s", i, why);
        assert_int_equal(why[0] == '\0', rows[i].taken);
    }
}

/* ---- a folder ---- */

struct box {
    char data[64], path[100];
    struct tl_alerts *alerts;
    struct hooks *hooks;
    int64_t now_ms, mono_us;
    uint64_t alerts_n;
    /* the network */
    int status;                         /* what is answered; 0: nobody is there */
    int posts;
    struct tl_buf ids;                  /* of what was taken: "id count;" */
    char last_id[64];
};

static void
write_settings(struct box *b, const char *text, mode_t mode)
{
    FILE *f = fopen(b->path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    chmod(b->path, mode);
}

static void
open_box(struct box *b, bool again)
{
    const struct hooks_cfg cfg = { b->path, 900000, 9, "UTC" };
    if (again) {
        hooks_free(&b->hooks);
        tl_alerts_close(&b->alerts);
    }
    assert_int_equal(tl_alerts_open(&b->alerts, b->data, false, NULL), 0);
    assert_int_equal(hooks_new(&b->hooks, b->alerts, &cfg, NULL), 0);
}

static void
make_box(struct box *b, const char *settings)
{
    memset(b, 0, sizeof *b);
    snprintf(b->data, sizeof b->data, "/tmp/t_hooks_XXXXXX");
    assert_non_null(mkdtemp(b->data));
    snprintf(b->path, sizeof b->path, "%s/webhooks.json", b->data);
    write_settings(b, settings, 0600);
    b->now_ms = NOON;
    b->mono_us = 1000000;
    b->status = 200;
    open_box(b, false);
}

static void
end_box(struct box *b)
{
    char path[160];
    hooks_free(&b->hooks);
    tl_alerts_close(&b->alerts);
    tl_buf_free(&b->ids);
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/alerts/%s", b->data, i ? "data.mdb" : "lock.mdb");
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/alerts", b->data);
    rmdir(path);
    unlink(b->path);
    rmdir(b->data);
}

static int
post(void *self, const char *url, const char *const *headers, struct tl_str body, int *status, int *retry_after_s, struct tl_buf *reply, struct tl_err *err)
{
    struct box *b = self;
    struct tl_arena *a = tl_arena_new(1 << 20);
    struct tl_jv *root = NULL;
    (void)url;
    b->posts++;
    assert_int_equal(tl_json_tree(a, body, 0, &root, NULL, NULL), 0);
    snprintf(b->last_id, sizeof b->last_id, "%s", headers[1] + strlen("X-Touchline-Id: "));
    if (b->status == 200)
        tl_buf_printf(&b->ids, "%.*s %lld;", (int)tl_jv_text(root, "type").n, tl_jv_text(root, "type").p, (long long)tl_jv_int(root, "count", tl_jv_int(tl_jv_get(tl_jv_get(root, "digest"), "raised"), "passed", -1)));
    tl_arena_free(&a);
    *status = b->status;
    *retry_after_s = -1;
    tl_buf_put_str(reply, "{}");
    return b->status ? 0 : tl_fail(err, TL_ENET, "Connection refused");
}

static void
pages(void *self, char url[200])
{
    (void)self;
    snprintf(url, 200, "http://127.0.0.1:8090");
}

/* step every second for so long */
static void
run(struct box *b, int64_t seconds)
{
    const struct hooks_port port = { b, post, pages };
    struct tl_err err = {0};
    for (int64_t s = 0; s < seconds; s++) {
        int wait = hooks_step(b->hooks, &port, b->now_ms, b->mono_us, &err);
        if (wait < 0)
            fail_msg("%s", err.text);
        b->now_ms += 1000;
        b->mono_us += 1000000;
    }
}

static void
raise_stream(struct box *b, const char *place, uint8_t stream, const char *department)
{
    struct tl_alerts_txn *t = NULL;
    struct tl_alert a = example(++b->alerts_n, place);
    uint64_t gone = 0;
    a.raised_ms = b->now_ms;
    a.stream = stream;
    a.department = tl_str_of(department);
    assert_int_equal(tl_alerts_begin(b->alerts, true, &t, NULL), 0);
    assert_int_equal(tl_alerts_put(t, &a, &gone, NULL), 0);
    assert_int_equal(tl_alerts_commit(&t, NULL), 0);
}

static void
raise_alert(struct box *b, const char *place)
{
    raise_stream(b, place, TL_STREAM_LIVE, "客服");
}

static void
taken(struct box *b, const char *want)
{
    tl_buf_put_u8(&b->ids, 0);
    assert_string_equal((char *)b->ids.data, want);
    tl_buf_reset(&b->ids);
}

#define ONE "{\"webhooks\":[{\"id\":\"r\",\"url\":\"http://127.0.0.1:9/x\",\"template\":\"json\",\"secret\":\"k\"}]}"

static void
one_message_a_rule_and_place_in_a_quarter_of_an_hour(void **state)
{
    (void)state;
    struct box b;
    make_box(&b, ONE);
    run(&b, 1);
    raise_alert(&b, "S07");
    raise_alert(&b, "S03");
    run(&b, 3);
    taken(&b, "alert 1;alert 1;");
    for (int i = 0; i < 5; i++)
        raise_alert(&b, "S07");
    run(&b, 890);
    taken(&b, "");
    open_box(&b, true);                 /* the window goes on where it was */
    run(&b, 5);
    taken(&b, "");
    run(&b, 10);
    taken(&b, "alert 5;");
    raise_alert(&b, "S07");             /* the message at the end began another window */
    run(&b, 60);
    taken(&b, "");
    b.now_ms -= 3 * 3600000;            /* a clock set back neither delays nor doubles it */
    run(&b, 860);
    taken(&b, "alert 1;");
    run(&b, 1900);
    raise_alert(&b, "S07");
    run(&b, 2);
    taken(&b, "alert 1;");
    end_box(&b);
}

static void
a_dead_receiver_is_asked_again_with_the_same_id(void **state)
{
    (void)state;
    struct box b;
    char first[64];
    make_box(&b, ONE);
    run(&b, 1);
    b.status = 0;
    raise_alert(&b, "S07");
    run(&b, 1);
    assert_int_equal(b.posts, 1);
    snprintf(first, sizeof first, "%s", b.last_id);
    run(&b, 3600);
    assert_in_range(b.posts, 8, 16);    /* 1, 2, 4 ... s, then every quarter of an hour */
    b.status = 503;
    open_box(&b, true);
    run(&b, 1);
    assert_string_equal(b.last_id, first);
    b.status = 200;
    run(&b, 10);
    assert_string_equal(b.last_id, first);
    taken(&b, "alert 1;");
    int posts = b.posts;
    run(&b, 100);
    assert_int_equal(b.posts, posts);
    b.status = 0;
    raise_alert(&b, "S01");
    run(&b, 2);
    b.now_ms += INT64_C(25) * 3600000;  /* somebody sets the clock: nothing is older for that */
    run(&b, 10);
    b.now_ms -= INT64_C(25) * 3600000;
    b.status = 200;
    run(&b, 10);
    taken(&b, "alert 1;");
    b.status = 0;
    raise_alert(&b, "S02");
    run(&b, 2);
    b.now_ms += INT64_C(25) * 3600000;  /* a day later nobody wants it */
    b.mono_us += INT64_C(25) * 3600000000;
    b.status = 200;
    run(&b, 5);
    taken(&b, "");
    end_box(&b);
}

static void
the_queue_is_bounded(void **state)
{
    (void)state;
    struct box b;
    char place[24];
    make_box(&b, ONE);
    run(&b, 1);
    b.status = 0;
    struct tl_alerts_txn *t = NULL;
    uint64_t gone = 0;
    assert_int_equal(tl_alerts_begin(b.alerts, true, &t, NULL), 0);
    for (int i = 0; i < HOOK_WAITING_MAX + 20; i++) {
        snprintf(place, sizeof place, "P%d", i);
        struct tl_alert a = example(++b.alerts_n, place);
        a.raised_ms = b.now_ms;
        assert_int_equal(tl_alerts_put(t, &a, &gone, NULL), 0);
    }
    assert_int_equal(tl_alerts_commit(&t, NULL), 0);
    run(&b, 8);
    b.status = 200;
    for (int i = 0; i < 60 && b.ids.len == 0; i++)
        run(&b, 1);
    assert_string_equal(b.last_id, "r-21");     /* the first twenty made room */
    end_box(&b);
}

static void
each_gets_what_is_theirs(void **state)
{
    (void)state;
    struct box b;
    make_box(&b, "{\"webhooks\":[{\"id\":\"shops\",\"url\":\"http://127.0.0.1:9/x\",\"template\":\"json\",\"departments\":[\"门店\"]},"
                 "{\"id\":\"qa\",\"url\":\"http://127.0.0.1:9/x\",\"template\":\"json\",\"audience\":\"qa\"}]}");
    run(&b, 1);
    raise_stream(&b, "S01", TL_STREAM_LIVE, "客服");
    run(&b, 2);
    taken(&b, "");
    raise_stream(&b, "S01", TL_STREAM_LIVE, "门店");
    run(&b, 2);
    assert_string_equal(b.last_id, "shops-1");
    raise_stream(&b, "S02", TL_STREAM_MYSTERY, "门店");
    run(&b, 2);
    assert_string_equal(b.last_id, "qa-2");
    taken(&b, "alert 1;alert 1;");
    /* another receiver: what was raised in the last quarter of an hour; the one that went leaves nothing behind */
    write_settings(&b, ONE, 0600);
    b.status = 0;
    run(&b, 3);
    b.status = 200;
    write_settings(&b, "{\"webhooks\":[]}", 0600);
    run(&b, 2000);
    write_settings(&b, ONE, 0600);
    run(&b, 20);
    taken(&b, "");
    end_box(&b);
}

static void
a_digest_a_day(void **state)
{
    (void)state;
    struct box b;
    make_box(&b, "{\"webhooks\":[{\"id\":\"r\",\"url\":\"http://127.0.0.1:9/x\",\"template\":\"json\",\"digest\":true}]}");
    run(&b, 1);
    raise_alert(&b, "S07");
    run(&b, 2);
    taken(&b, "alert 1;");
    b.now_ms = NOON + 9 * 3600000 - 5000;
    run(&b, 5);
    taken(&b, "");
    run(&b, 2);
    taken(&b, "digest 1;");
    open_box(&b, true);
    run(&b, 10);
    b.now_ms -= 2 * 3600000;            /* nine o'clock comes twice */
    run(&b, 2 * 3600 + 10);
    taken(&b, "");
    b.now_ms = NOON + 24 * 3600000 + 15 * 3600000;      /* nothing ran at nine: later the same day */
    run(&b, 3);
    taken(&b, "digest 0;");
    b.now_ms += INT64_C(40) * 86400000; /* a clock far ahead, set right again */
    run(&b, 2);
    taken(&b, "digest 0;");
    b.now_ms -= INT64_C(40) * 86400000;
    run(&b, 2);
    taken(&b, "");
    b.now_ms += 86400000;
    run(&b, 2);
    taken(&b, "digest 0;");
    end_box(&b);
}

static void
bad_settings_are_told(void **state)
{
    (void)state;
    static const struct { const char *text; mode_t mode; const char *says; } rows[] = {
        { ONE, 0644, "others may read it: chmod 600" }, { "{", 0600, "not valid JSON" }, { "{}", 0600, "\"webhooks\" is missing" }, { "[]", 0600, "an object is wanted" },
        { "{\"webhooks\":[{\"id\":\"a\",\"template\":\"json\",\"url\":\"http://example.com/x\"}]}", 0600, "neither https:// nor http:// on this machine" },
        { "{\"webhooks\":[{\"id\":\"a\",\"template\":\"json\",\"url\":\"http://127.0.0.1:80@example.com/\"}]}", 0600, "neither https" },
        { "{\"webhooks\":[{\"id\":\"a\",\"template\":\"json\",\"url\":\"http://localhost.example.com/\"}]}", 0600, "neither https" },
        { "{\"webhooks\":[{\"id\":\"a\",\"template\":\"json\",\"url\":\"file:///etc/passwd\"}]}", 0600, "neither https" },
        { "{\"webhooks\":[{\"id\":\"a b\",\"template\":\"json\",\"url\":\"https://x/\"}]}", 0600, "\"id\" is missing, or not" },
        { "{\"webhooks\":[{\"id\":\"a\",\"url\":\"https://x/y\"}]}", 0600, "\"template\" of \"a\" is missing" },
        { "{\"webhooks\":[{\"id\":\"a\",\"template\":\"slack\",\"url\":\"https://x/y\"}]}", 0600, "one of wecom, dingtalk, feishu, json" },
        { "{\"webhooks\":[{\"id\":\"a\",\"template\":\"wecom\",\"url\":\"https://x/y\",\"secret\":\"s3cret\"}]}", 0600, "has no secret" },
        { "{\"webhooks\":[{\"id\":\"a\",\"template\":\"json\",\"url\":\"https://x/y\",\"kinds\":[\"late\"]}]}", 0600, "a kind is one of near" },
        { "{\"webhooks\":[{\"id\":\"a\",\"template\":\"json\",\"url\":\"https://x/y\",\"audience\":\"all\"}]}", 0600, "one of departments, qa" },
        { "{\"webhooks\":[\n{\"id\":\"a\",\"template\":\"json\",\"url\":\"https://x/y\",\"severty\":2}]}", 0600, "line 2: unknown member \"severty\"" },
        { "{\"webhooks\":[{\"id\":\"a\",\"template\":\"json\",\"url\":\"https://x/y\"},{\"id\":\"a\",\"template\":\"json\",\"url\":\"https://x/y\"}]}", 0600, "described twice" },
        { "{\"webhooks\":[],\"pages\":\"ftp://x\"}", 0600, "\"pages\" is the address" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct box b;
        make_box(&b, ONE);
        struct hooks_conf *c = NULL;
        struct tl_err err = {0};
        write_settings(&b, rows[i].text, rows[i].mode);
        assert_int_equal(hooks_conf_read(b.path, &c, &err), TL_ECONFIG);
        if (!strstr(err.text, rows[i].says) || strstr(err.text, "s3cret"))
            fail_msg("row %zu: %s", i, err.text);
        end_box(&b);
    }
    struct box b;
    make_box(&b, ONE);
    run(&b, 1);
    write_settings(&b, "{", 0600);      /* the receivers before stay */
    raise_alert(&b, "S07");
    run(&b, 2);
    taken(&b, "alert 1;");
    assert_non_null(strstr(hooks_trouble(b.hooks), "not valid JSON"));
    unlink(b.path);
    run(&b, 1);
    assert_string_equal(hooks_trouble(b.hooks), "");
    end_box(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_receiver_gets_its_shape), cmocka_unit_test(signatures_are_those_of_others), cmocka_unit_test(answers_are_judged),
        cmocka_unit_test(one_message_a_rule_and_place_in_a_quarter_of_an_hour), cmocka_unit_test(a_dead_receiver_is_asked_again_with_the_same_id), cmocka_unit_test(the_queue_is_bounded),
        cmocka_unit_test(each_gets_what_is_theirs), cmocka_unit_test(a_digest_a_day), cmocka_unit_test(bad_settings_are_told),
    };
    assert_int_equal(tl_hash_init(), 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
