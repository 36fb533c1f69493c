/* t_access.c - write keys, what they open, and token buckets. */
#include "../../collector/access.h"
#include "../../collector/admit.h"
#include "../../collector/limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder_kit.h"
#include "tl_hash.h"
#include "tl_keys.h"

static char path[100];

static int
make_keys_folder(void **s)
{
    assert_int_equal(tl_hash_init(), 0);
    assert_int_equal(folder_make(s), 0);
    snprintf(path, sizeof path, "%s/keys/write-keys.json", dir);
    return tl_keys_dir(dir, NULL);
}

static int
check(struct access *a, const char *key, const char *browser, const char *token, int64_t now_ms, struct access_grant *g)
{
    struct tl_err err;
    const struct access_asked asked = { tl_str_of(key), tl_str_of(browser), tl_str_of(token) };
    return access_check(a, &asked, now_ms, g, &err);
}

static void
t_wire_form(void **s)
{
    static const char *const must_refuse[] = { "", "tlw_", "tlw_web", "tlw_web_", "tlw__abc", "TLW_web_abc", "web", "tlw_a b_c", "tlw_\x01_c" };
    struct tl_str id, secret;
    (void)s;
    assert_true(tl_write_key_split(TL_STR("tlw_web.shop-1_a_b"), &id, &secret));
    assert_true(tl_str_is(id, "web.shop-1"));
    assert_true(tl_str_is(secret, "a_b"));
    for (size_t i = 0; i < sizeof must_refuse / sizeof *must_refuse; i++)
        assert_false(tl_write_key_split(tl_str_of(must_refuse[i]), &id, &secret));
}

static void
t_open_until_the_first(void **s)
{
    struct access *a = NULL;
    struct access_grant g;
    (void)s;
    assert_int_equal(access_open(&a, dir, NULL), 0);
    assert_int_equal(check(a, "whatever", NULL, NULL, 0, &g), 0);
    assert_string_equal(g.origin, "whatever");
    assert_string_equal(g.stream, "");
    assert_int_equal(check(a, "tlw_web_secret", NULL, NULL, 0, &g), 0);
    assert_string_equal(g.origin, "web");
    assert_int_equal(check(a, "replay", NULL, NULL, 0, &g), 0);
    assert_string_equal(g.stream, "replay");                                                /* of touchline replay: the one origin with a scope of its own */

    struct tl_write_keys keys = { 0 };
    char old[TL_KEYS_WIRE_BYTES], wire[TL_KEYS_WIRE_BYTES];
    struct tl_write_key *k = tl_write_keys_add(&keys, TL_STR("web"));
    snprintf(k->origin[k->origins_n++], TL_KEYS_ORIGIN_BYTES, "https://shop.example");
    snprintf(k->stream, sizeof k->stream, "pilot");
    k->rate = 7;
    tl_write_key_secret(k, TL_TIME_NONE, 0, old);
    tl_write_key_secret(k, TL_TIME_NONE, 1000, wire);
    assert_int_equal(tl_write_keys_save(path, &keys, NULL), 0);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    access_refresh(a);

    assert_int_equal(check(a, "whatever", "https://shop.example", NULL, 0, &g), TL_EAUTH);
    assert_int_equal(check(a, "public", "https://shop.example", NULL, 0, &g), TL_EAUTH);
    assert_int_equal(check(a, "replay", NULL, NULL, 0, &g), TL_EAUTH);
    assert_int_equal(check(a, "import:xes:R", NULL, NULL, 0, &g), TL_EAUTH);
    assert_int_equal(check(a, "tlw_web_secret", "https://shop.example", NULL, 0, &g), TL_EAUTH);
    assert_int_equal(check(a, wire, "https://evil.example", NULL, 0, &g), TL_EDENIED);
    assert_int_equal(check(a, wire, NULL, NULL, 0, &g), TL_EDENIED);
    assert_int_equal(check(a, wire, "https://shop.example", NULL, 5000, &g), 0);
    assert_string_equal(g.origin, "web");
    assert_string_equal(g.stream, "pilot");
    assert_int_equal(g.rate, 7);
    assert_int_equal(check(a, old, "https://shop.example", NULL, 1000, &g), 0);
    assert_int_equal(check(a, old, "https://shop.example", NULL, 1001, &g), TL_EAUTH);      /* its time after the rotation is over */

    assert_int_equal(truncate(path, 5), 0);                                                 /* half a file: what was known holds */
    access_refresh(a);
    assert_int_equal(check(a, "whatever", NULL, NULL, 0, &g), TL_EAUTH);
    assert_int_equal(tl_keys_write(path, TL_STR("{\"keys\":[]}"), NULL), 0);                /* emptied by hand: nor does that open a door */
    access_refresh(a);
    assert_int_equal(check(a, "whatever", NULL, NULL, 0, &g), TL_EAUTH);
    assert_int_equal(check(a, wire, "https://shop.example", NULL, 5000, &g), 0);
    assert_int_equal(unlink(path), 0);                                                      /* gone: no door opens */
    access_refresh(a);
    assert_int_equal(check(a, "whatever", NULL, NULL, 0, &g), TL_EAUTH);

    keys.key[0].revoked = true;
    assert_int_equal(tl_write_keys_save(path, &keys, NULL), 0);
    access_refresh(a);
    assert_int_equal(check(a, wire, "https://shop.example", NULL, 5000, &g), TL_EAUTH);
    tl_write_keys_free(&keys);
    access_close(&a);
}

static void
t_operator(void **s)
{
    char run[100], token[100];
    struct access *a = NULL;
    struct access_grant g;
    struct tl_write_keys keys = { 0 };
    (void)s;
    assert_non_null(tl_write_keys_add(&keys, TL_STR("x")));
    assert_int_equal(tl_write_keys_save(path, &keys, NULL), 0);
    tl_write_keys_free(&keys);
    snprintf(run, sizeof run, "%s/run", dir);
    snprintf(token, sizeof token, "%s/run/token", dir);
    assert_int_equal(mkdir(run, 0700), 0);
    assert_int_equal(tl_keys_write(token, TL_STR("0123456789abcdef0123456789abcdef"), NULL), 0);
    assert_int_equal(access_open(&a, dir, NULL), 0);
    assert_int_equal(check(a, "import:xes:R", NULL, "0123456789abcdef0123456789abcdef", 0, &g), 0);
    assert_string_equal(g.origin, "import:xes:R");
    assert_true(g.operator);
    assert_int_equal(check(a, "import:xes:R", NULL, "0123456789abcdef0123456789abcdee", 0, &g), TL_EAUTH);
    access_close(&a);
}

/* A registry that is not one must not be taken for an empty one. */
static void
t_bad_files(void **s)
{
    static const char *const bad[] = {
        "", "{}", "[]", "{\"keys\":[{\"id\":\"a_b\"}]}", "{\"keys\":[{\"id\":\"a\"},{\"id\":\"a\"}]}", "{\"keys\":[{\"id\":\"a\",\"secrets\":[{\"blake2b\":\"12\"}]}]}",
        "{\"keys\":[{\"id\":\"a\",\"rate\":-1}]}", "{\"keys\":[{\"id\":\"a\",\"stream\":\"a word that is far too long\"}]}",
    };
    struct access *a = NULL;
    (void)s;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(tl_keys_write(path, tl_str_of(bad[i]), NULL), 0);
        assert_int_equal(access_open(&a, dir, NULL), TL_ECONFIG);
    }
}

static void
t_collectors(void **s)
{
    char file[120];
    struct tl_peer_keys keys = { 0 }, back;
    struct tl_peer_key k = { .name = "till-7", .enabled = true, .not_after_ms = 1700000000000 };
    (void)s;
    memset(k.collector, 0xab, sizeof k.collector);
    memset(k.public_key, 0x17, sizeof k.public_key);
    assert_int_equal(tl_peer_keys_add(&keys, &k, NULL), 0);
    k.enabled = false;
    k.not_after_ms = TL_TIME_NONE;
    assert_int_equal(tl_peer_keys_add(&keys, &k, NULL), 0);
    snprintf(file, sizeof file, "%s/keys/collectors.json", dir);
    assert_int_equal(tl_peer_keys_save(file, &keys, NULL), 0);
    assert_int_equal(tl_peer_keys_load(file, &back, NULL), 0);
    assert_int_equal(back.n, 2);
    assert_string_equal(back.key[0].name, "till-7");
    assert_memory_equal(back.key[0].collector, k.collector, sizeof k.collector);
    assert_memory_equal(back.key[1].public_key, k.public_key, sizeof k.public_key);
    assert_true(tl_peer_key_live(&back.key[0], 1700000000000));
    assert_false(tl_peer_key_live(&back.key[0], 1700000000001));
    assert_false(tl_peer_key_live(&back.key[1], 0));
    tl_peer_keys_free(&keys);
    tl_peer_keys_free(&back);

    struct tl_curve_file pair = { { 1 }, { 2 }, { 3 } }, read;
    assert_int_equal(tl_curve_file_save(file, &pair, true, NULL), 0);
    assert_int_equal(tl_curve_file_load(file, &read, true, NULL), 0);
    assert_memory_equal(&read, &pair, sizeof pair);
    assert_int_equal(tl_curve_file_save(file, &pair, false, NULL), 0);
    assert_int_equal(tl_curve_file_load(file, &read, true, NULL), TL_ECONFIG);
    assert_int_equal(tl_curve_file_load("/nowhere/key", &read, true, NULL), TL_ENOTFOUND);
}

static void
t_streams(void **s)
{
    struct tl_refusal why;
    static const struct { const char *scope, *named, *want; } row[] = {
        { "live", NULL, "" }, { "live", "live", "live" }, { "live", "test", NULL }, { "test", NULL, "test" }, { "test", "test", "test" }, { "test", "live", NULL },
    };
    (void)s;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct admit a = { .origin = TL_STR("web"), .stream = tl_str_of(row[i].scope), .rand = tl_rand_real() };
        struct tl_event ev;
        tl_event_init(&ev);
        ev.type_ = TL_STR("t");
        ev.ids_[ev.ids_n++] = (struct tl_id){ TL_STR("user"), TL_STR("1") };
        ev.has = TL_HAS(type) | TL_HAS(ids);
        if (row[i].named) ev.stream_ = tl_str_of(row[i].named), ev.has |= TL_HAS(stream);
        assert_int_equal(admit_event(&a, &ev, &why), row[i].want ? 0 : TL_EINVAL);
        if (!row[i].want) assert_int_equal(why.reason, TL_REASON_STREAM_NOT_ALLOWED);
        else if (row[i].want[0]) assert_true(tl_str_is(ev.stream_, row[i].want));
        else assert_false(ev.has & TL_HAS(stream));
    }
}

static void
t_buckets(void **s)
{
    struct limit *l = limit_new();
    const struct limit_rate r = { 10, 3 };
    int64_t t = 1000000;
    (void)s;
    for (int i = 0; i < 30; i++) assert_int_equal(limit_take(l, LIMIT_KEY, TL_STR("a"), r, 1, t), 0);
    assert_int_equal(limit_take(l, LIMIT_KEY, TL_STR("a"), r, 1, t), 1);
    assert_int_equal(limit_take(l, LIMIT_KEY, TL_STR("b"), r, 1, t), 0);            /* others are others */
    assert_int_equal(limit_take(l, LIMIT_ADDRESS, TL_STR("a"), r, 1, t), 0);
    assert_int_equal(limit_take(l, LIMIT_KEY, TL_STR("a"), r, 1, t + 100000), 0);   /* a tenth of a second is one token */
    assert_int_equal(limit_take(l, LIMIT_KEY, TL_STR("a"), r, 1, t + 100000), 1);
    limit_charge(l, LIMIT_KEY, TL_STR("a"), r, 1000, t + 100000);                   /* a large body leaves a debt */
    assert_int_equal(limit_take(l, LIMIT_KEY, TL_STR("a"), r, 0, t + 100000), 101);
    assert_int_equal(limit_take(l, LIMIT_KEY, TL_STR("a"), r, 0, t + 101100000), 0);
    assert_int_equal(limit_take(l, LIMIT_KEY, TL_STR("a"), (struct limit_rate){ 0, 3 }, 1000, t), 0);
    /* a clock that goes back brings nothing; one that leaps brings a full bucket and no more; a great debt is waited for an hour at most */
    for (int i = 0; i < 30; i++) assert_int_equal(limit_take(l, LIMIT_KEY, TL_STR("c"), r, 1, t), 0);
    assert_int_equal(limit_take(l, LIMIT_KEY, TL_STR("c"), r, 1, t - 5000000), 1);
    for (int i = 0; i < 30; i++) assert_int_equal(limit_take(l, LIMIT_KEY, TL_STR("c"), r, 1, t + 7200 * INT64_C(1000000)), 0);
    assert_int_equal(limit_take(l, LIMIT_KEY, TL_STR("c"), r, 1, t + 7200 * INT64_C(1000000)), 1);
    limit_charge(l, LIMIT_KEY, TL_STR("c"), r, 1000000, t + 7200 * INT64_C(1000000));
    assert_int_equal(limit_take(l, LIMIT_KEY, TL_STR("c"), r, 1, t + 7200 * INT64_C(1000000)), 3600);
    limit_charge(l, LIMIT_KEY, (struct tl_str){ NULL, 0 }, (struct limit_rate){ 0, 1 }, 1000000, t);         /* no rate, no debt */
    for (int i = 0; i < 10; i++) assert_int_equal(limit_take(l, LIMIT_KEY, (struct tl_str){ NULL, 0 }, (struct limit_rate){ 10, 0 }, 1, t), 0);
    assert_int_equal(limit_take(l, LIMIT_KEY, (struct tl_str){ NULL, 0 }, (struct limit_rate){ 10, 0 }, 1, t), 1);
    /* over any time, what comes through is the burst and the rate */
    int taken = 0;
    for (int64_t us = 0; us < 60000000; us += 7777) taken += limit_take(l, LIMIT_FAILURE, TL_STR("n"), r, 1, t + us) == 0;
    assert_in_range(taken, 600, 631);
    /* a table that is full of others still answers */
    for (uint32_t i = 0; i < 5 * LIMIT_PLACES; i++) assert_int_equal(limit_take(l, LIMIT_ADDRESS, (struct tl_str){ (char *)&i, 4 }, r, 1, t + i), 0);
    limit_free(&l);
    limit_free(&l);
    tl_alloc_fail_at(1, false);
    assert_null(limit_new());
    tl_alloc_fail_at(0, false);
}

/* A key is for listed pages, or for any; no memory for the keys leaves no door open and no lock held. */
static void
t_pages(void **s)
{
    struct access *a = NULL;
    struct access_grant g;
    struct tl_err err = { 0 };
    struct tl_write_keys keys = { 0 };
    char two[TL_KEYS_WIRE_BYTES], any[TL_KEYS_WIRE_BYTES];
    (void)s;
    struct tl_write_key *k = tl_write_keys_add(&keys, TL_STR("two"));
    snprintf(k->origin[k->origins_n++], TL_KEYS_ORIGIN_BYTES, "https://one.example");
    snprintf(k->origin[k->origins_n++], TL_KEYS_ORIGIN_BYTES, "https://two.example");
    tl_write_key_secret(k, TL_TIME_NONE, 0, two);
    tl_write_key_secret(tl_write_keys_add(&keys, TL_STR("any")), TL_TIME_NONE, 0, any);
    assert_int_equal(tl_write_keys_save(path, &keys, NULL), 0);
    for (uint64_t n = 1; n < 5; n++) {
        tl_alloc_fail_at(n, false);
        int rc = access_open(&a, dir, &err);
        tl_alloc_fail_at(0, false);
        assert_int_equal(rc, TL_ENOMEM);
        assert_int_equal(err.code, TL_ENOMEM);
        assert_null(a);
    }
    assert_int_equal(access_open(&a, dir, NULL), 0);
    access_refresh(a);                          /* nothing has changed */
    assert_int_equal(check(a, two, "https://one.example", NULL, 0, &g), 0);
    assert_int_equal(check(a, two, "https://two.example", NULL, 0, &g), 0);
    assert_int_equal(check(a, two, "https://three.example", NULL, 0, &g), TL_EDENIED);
    assert_int_equal(check(a, two, NULL, NULL, 0, &g), TL_EDENIED);
    assert_int_equal(check(a, any, "https://three.example", NULL, 0, &g), 0);
    assert_string_equal(g.origin, "any");
    assert_int_equal(check(a, any, NULL, "not the token", 0, &g), 0);
    assert_false(g.operator);
    access_close(&a);
    access_close(&a);
    tl_write_keys_free(&keys);
    unlink(path);
}

static void
t_networks(void **s)
{
    uint8_t a[16], b[16];
    static const struct { const char *one, *other; bool same; } row[] = {
        { "192.0.2.1", "192.0.2.255", true },      { "192.0.2.1", "192.0.3.1", false },        { "2001:db8::1", "2001:db8::ffff:1", true },
        { "2001:db8::1", "2001:db8:0:1::1", false }, { "::ffff:192.0.2.9", "192.0.2.1", true }, { "", "no address", true },
    };
    (void)s;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        assert_int_equal(tl_str_eq(limit_network(tl_str_of(row[i].one), a), limit_network(tl_str_of(row[i].other), b)), row[i].same);
}

/* A file that is not at fault is read again: a key revoked while memory was short does not hold on. */
static void
t_refresh_without_memory(void **s)
{
    struct access *a = NULL;
    struct access_grant g;
    struct tl_write_keys keys = { 0 };
    (void)s;
    unlink(path);
    for (uint64_t k = 1; !a; k++) {
        tl_alloc_fail_at(k, false);
        int rc = access_open(&a, dir, NULL);
        tl_alloc_fail_at(0, false);
        assert_true((rc == 0) == (a != NULL) && (rc == 0 || rc == TL_ENOMEM) && k < 20);
    }
    assert_int_equal(check(a, "anyone", NULL, NULL, 0, &g), 0);
    assert_non_null(tl_write_keys_add(&keys, TL_STR("shop")));
    assert_int_equal(tl_write_keys_save(path, &keys, NULL), 0);
    tl_write_keys_free(&keys);
    unsigned failed = 0;
    for (uint64_t k = 1; check(a, "anyone", NULL, NULL, 0, &g) == 0; k++, failed++) {
        tl_alloc_fail_at(k, false);
        access_refresh(a);
        tl_alloc_fail_at(0, false);
        assert_true(k < 100);
    }
    assert_true(failed > 1);
    access_refresh(a);                  /* nothing new: as it was */
    assert_int_equal(check(a, "anyone", NULL, NULL, 0, &g), TL_EAUTH);
    access_close(&a);
    access_close(&a);
}

/* What a grant says: cut to what fits, of a page that is listed, and where a resent key's events go. */
static void
t_grants(void **s)
{
    char longest[ACCESS_ORIGIN_MAX + 50], secret[TL_KEYS_WIRE_BYTES], token[100];
    struct access *a = NULL;
    struct access_grant g;
    struct tl_write_keys keys = { 0 };
    struct tl_err err = { 0 };
    (void)s;
    memset(longest, 'k', sizeof longest);
    longest[sizeof longest - 1] = 0;
    unlink(path);
    assert_int_equal(access_open(&a, dir, NULL), 0);
    assert_int_equal(check(a, longest, NULL, NULL, 0, &g), 0);
    assert_int_equal(strlen(g.origin), ACCESS_ORIGIN_MAX);
    assert_int_equal(check(a, NULL, NULL, NULL, 0, &g), 0);
    assert_string_equal(g.origin, "");
    access_close(&a);
    struct tl_write_key *key = tl_write_keys_add(&keys, TL_STR("shop"));
    assert_non_null(key);
    snprintf(key->stream, sizeof key->stream, "pilot");
    key->origins_n = 2;
    snprintf(key->origin[0], sizeof key->origin[0], "https://a.example");
    snprintf(key->origin[1], sizeof key->origin[1], "https://b.example");
    tl_write_key_secret(key, TL_TIME_NONE, 0, secret);
    assert_int_equal(tl_write_keys_save(path, &keys, NULL), 0);
    tl_write_keys_free(&keys);
    snprintf(token, sizeof token, "%s/run", dir);
    mkdir(token, 0700);
    snprintf(token, sizeof token, "%s/run/token", dir);
    unlink(token);
    assert_int_equal(tl_keys_write(token, TL_STR("0123456789abcdef0123456789abcdef"), NULL), 0);
    assert_int_equal(access_open(&a, dir, NULL), 0);
    assert_int_equal(check(a, secret, "https://b.example", NULL, 0, &g), 0);
    assert_string_equal(g.stream, "pilot");
    const struct access_asked asked = { tl_str_of(secret), TL_STR("https://c.example"), { NULL, 0 } };
    assert_int_equal(access_check(a, &asked, 0, &g, &err), TL_EDENIED);
    assert_non_null(strstr(err.text, "https://a.example and other listed ones only"));
    assert_int_equal(check(a, "shop", NULL, "0123456789abcdef0123456789abcdef", 0, &g), 0);         /* the operator sends again */
    assert_true(g.operator && strcmp(g.stream, "pilot") == 0);
    assert_int_equal(check(a, "replay", NULL, "0123456789abcdef0123456789abcdef", 0, &g), 0);
    assert_string_equal(g.stream, "replay");
    access_close(&a);
}

/* A clock that goes back, a rest of hours, a debt of hours. */
static void
t_buckets_over_time(void **s)
{
    struct limit *l = limit_new();
    const struct limit_rate r = { 1, 0 };
    const int64_t hour = INT64_C(3600000000);
    (void)s;
    assert_int_equal(limit_take(l, LIMIT_KEY, TL_STR("a"), r, 1, hour), 0);         /* a burst is a second at least */
    assert_int_equal(limit_take(l, LIMIT_KEY, TL_STR("a"), r, 1, hour), 1);
    assert_int_equal(limit_take(l, LIMIT_KEY, TL_STR("a"), r, 1, 0), 1);            /* back: nothing is won, nothing lost */
    assert_int_equal(limit_take(l, LIMIT_KEY, TL_STR("a"), r, 1, 100 * hour), 0);
    assert_int_equal(limit_take(l, LIMIT_KEY, TL_STR("a"), r, 1, 100 * hour), 1);   /* the rest brought no more than the burst */
    limit_charge(l, LIMIT_KEY, TL_STR("a"), (struct limit_rate){ 0, 1 }, 1000, 100 * hour);
    assert_int_equal(limit_take(l, LIMIT_KEY, TL_STR("a"), r, 0, 100 * hour), 1);
    limit_charge(l, LIMIT_KEY, TL_STR("a"), r, 100000, 100 * hour);
    assert_int_equal(limit_take(l, LIMIT_KEY, TL_STR("a"), r, 0, 100 * hour), 3600);
    assert_int_equal(limit_take(l, LIMIT_KEY, (struct tl_str){ NULL, 0 }, r, 1, hour), 0);
    limit_free(&l);
    limit_free(&l);
    tl_alloc_fail_at(1, false);
    assert_null(limit_new());
    tl_alloc_fail_at(0, false);
    uint8_t out[16];
    assert_true(tl_str_is(limit_network((struct tl_str){ NULL, 0 }, out), "?"));
    assert_true(tl_str_is(limit_network(TL_STR("2001:db8:0000:0000:0000:0000:0000:0001:and:much:more:that:is:none"), out), "?"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_wire_form), cmocka_unit_test(t_open_until_the_first), cmocka_unit_test(t_operator), cmocka_unit_test(t_bad_files),
        cmocka_unit_test(t_pages),      cmocka_unit_test(t_collectors), cmocka_unit_test(t_streams), cmocka_unit_test(t_buckets), cmocka_unit_test(t_buckets_over_time), cmocka_unit_test(t_refresh_without_memory), cmocka_unit_test(t_grants), cmocka_unit_test(t_networks),
    };
    return cmocka_run_group_tests_name("access", tests, make_keys_folder, folder_drop);
}
