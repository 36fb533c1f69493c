/* t_policy.c - field policies: files taken and refused, and events before and after, written by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../collector/policy.h"
#include "tl_hash.h"

static char dir[] = "/tmp/touchline-policy-XXXXXX";

static int
make_dir(void **state)
{
    char path[200];
    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/keys", dir);
    return mkdir(path, 0700);
}

static int
remove_dir(void **state)
{
    char path[200];
    (void)state;
    static const char *const files[] = { "policy.json", "keys/policy.key", "keys", "" };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, files[i]);
        remove(path);
    }
    return 0;
}

static int
open_text(struct policy **p, const char *text, struct tl_err *err)
{
    char path[200];
    snprintf(path, sizeof path, "%s/policy.json", dir);
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
    int rc = policy_open(p, dir, "", err);
    return rc == 0 ? policy_key(*p, dir, err) : rc;
}

static void
files_refused(void **state)
{
    static const struct { const char *text, *says; } row[] = {
        { "", "policy.json" }, { "[]", "one object" }, { "{\"*\":[]}", "policy.json:1: \"*\" is no object" }, { "{\"\":{}}", "no type" }, { "{\"a*b\":{}}", "no type" },
        { "{\n\"*\":{\n\"idz.phone\":\"hash\"}}", "policy.json:3: \"idz.phone\" is no field" }, { "{\"*\":{\"type\":\"drop\"}}", "no field" },
        { "{\"*\":{\"ids.\":\"drop\"}}", "no field" }, { "{\"*\":{\"time\":\"drop\"}}", "no field" },
        { "{\"*\":{\"text\":\"remove\"}}", "\"keep\", \"hash\", \"drop\"" }, { "{\"*\":{\"text\":true}}", "says neither" }, { "{\"*\":{\"value\":\"hash\"}}", "no text" },
        { "{\"*\":{\"text\":\"drop\",\"text\":\"keep\"}}", "policy.json" },
    };
    struct policy *p;
    struct tl_err err;
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        assert_int_equal(open_text(&p, row[i].text, &err), TL_ECONFIG);
        assert_null(p);
        if (!strstr(err.text, row[i].says)) fail_msg("%s: said %s", row[i].text, err.text);
    }
    char path[200];
    snprintf(path, sizeof path, "%s/policy.json", dir);
    unlink(path);
    assert_int_equal(policy_open(&p, dir, "", &err), 0);
    assert_null(p);
    assert_int_equal(policy_open(&p, dir, path, &err), TL_EIO);
}

/* ev as read from text, after the policy, as its raw slice; #KIND:VALUE# in want stands for the hash */
static void
expand(const char *want, const uint8_t *key, char *out)
{
    for (const char *p = want; *p;) {
        const char *end = *p == '#' ? strchr(p + 1, '#') : NULL;
        if (!end) {
            *out++ = *p++;
            continue;
        }
        uint8_t hash[16], text[200];
        size_t n = (size_t)(end - p - 1);
        memcpy(text, p + 1, n);
        *(uint8_t *)memchr(text, ':', n) = 0;
        tl_hash128(key, text, n, hash);
        tl_hex(hash, 16, out);
        out += 32;
        p = end + 1;
    }
    *out = 0;
}

static void
applies(const char *policy, const char *event, const char *want)
{
    static char text[40000], expected[40000];
    uint8_t key[TL_KEY_BYTES] = { 0 };
    struct policy *p;
    struct tl_err err;
    struct tl_event ev;
    struct tl_refusal why;
    struct policy_desk desk = { 0 };
    char path[200];
    struct tl_event_reader *reader = tl_event_reader_new();
    struct tl_arena *arena = tl_arena_new(1 << 20);
    if (open_text(&p, policy, &err) != 0) fail_msg("%s", err.text);
    snprintf(path, sizeof path, "%s/keys/policy.key", dir);
    tl_key_load(path, 0, key, NULL);
    snprintf(text, sizeof text, "%s", event);
    assert_int_equal(tl_event_read(reader, arena, (struct tl_str){ text, strlen(event) }, &ev, &why), 0);
    int rc = policy_apply(p, &desk, &ev);
    if (!want) {
        assert_int_equal(rc, 0);
        assert_ptr_equal(ev.raw.p, text);
    } else {
        expand(want, key, expected);
        assert_int_equal(rc, 1);
        if (!tl_str_is(ev.raw, expected)) fail_msg("%s\n  gives %.*s\n  not   %s", event, (int)ev.raw.n, ev.raw.p, expected);
        struct tl_event again;
        static char kept[40000];
        snprintf(kept, sizeof kept, "%.*s", (int)ev.raw.n, ev.raw.p);
        assert_int_equal(tl_event_read(reader, arena, (struct tl_str){ kept, ev.raw.n }, &again, &why), 0);     /* the typed fields are those of the slice */
        assert_int_equal(again.ids_n, ev.ids_n);
        for (uint32_t i = 0; i < ev.ids_n; i++)
            assert_true(tl_str_eq(again.ids_[i].kind, ev.ids_[i].kind) && tl_str_eq(again.ids_[i].value, ev.ids_[i].value));
        assert_int_equal(again.has, ev.has & ~TL_HAS(sent_at));
        assert_true(tl_str_eq(again.text_, ev.text_) || !(ev.has & TL_HAS(text)));
    }
    policy_free(&p);
    policy_desk_free(&desk);
    tl_event_reader_free(&reader);
    tl_arena_free(&arena);
}

static void
events(void **state)
{
    (void)state;
    const char *by_type = "{\"*\":{\"ids.phone\":\"hash\",\"props.card\":\"drop\"},\"survey.*\":{\"text\":\"drop\"},\"survey.kept\":{\"text\":\"keep\",\"ids.phone\":\"keep\",\"props\":\"keep\"}}";
    applies("{}", "{\"type\":\"a\",\"ids\":{\"phone\":\"138\"}}", NULL);
    applies("{\"b\":{\"ids.phone\":\"drop\"}}", "{\"type\":\"a\",\"ids\":{\"phone\":\"138\"}}", NULL);
    applies("{\"a*\":{\"ids.phone\":\"keep\"}}", "{\"type\":\"a\",\"ids\":{\"phone\":\"138\"}}", NULL);
    /* a phone is normalised, its kind changes, what the schema does not know stays behind */
    applies(by_type, "{\"type\":\"a\",\"ids\":{\"member\":\"m1\",\"phone\":\"138-0000 1111\"},\"phone\":\"138-0000 1111\",\"props\":{\"card\":\"4111\",\"n\":1}}",
            "{\"type\":\"a\",\"ids\":{\"member\":\"m1\",\"phone_hash\":\"#phone:13800001111#\"},\"props\":{\"n\":1}}");
    /* the same value in props, as text and as a number; not a part of a text */
    applies(by_type, "{\"type\":\"a\",\"ids\":{\"phone\":\"13800001111\"},\"order\":\"13800001111\",\"props\":{\"to\":[\"13800001111\",{\"n\":13800001111}],\"say\":\"x 13800001111\"}}",
            "{\"type\":\"a\",\"ids\":{\"phone_hash\":\"#phone:13800001111#\"},\"order\":\"#phone:13800001111#\",\"props\":{\"to\":[\"#phone:13800001111#\",{\"n\":\"#phone:13800001111#\"}],\"say\":\"x 13800001111\"}}");
    /* the most exact type wins, in it the most exact field */
    applies(by_type, "{\"type\":\"survey.x\",\"ids\":{\"phone\":\"1\"},\"text\":\"my secret\",\"props\":{\"card\":1}}", "{\"type\":\"survey.x\",\"ids\":{\"phone_hash\":\"#phone:1#\"},\"props\":{}}");
    applies(by_type, "{\"type\":\"survey.kept\",\"ids\":{\"phone\":\"1\"},\"text\":\"my secret\",\"props\":{\"card\":1}}",
            "{\"type\":\"survey.kept\",\"ids\":{\"phone\":\"1\"},\"text\":\"my secret\",\"props\":{\"card\":1}}");
    applies("{\"*\":{\"props\":\"drop\",\"props.sku\":\"keep\",\"props.to.city\":\"hash\"}}", "{\"type\":\"a\",\"ids\":{\"user\":\"u\"},\"props\":{\"sku\":\"s\",\"to\":{\"city\":\"杭州\",\"street\":\"x\"},\"list\":[{\"a\":1}]}}",
            "{\"type\":\"a\",\"ids\":{\"user\":\"u\"},\"props\":{\"sku\":\"s\",\"to\":{\"city\":\"#props.to.city:杭州#\"}}}");
    /* an object is hashed as a whole: its members' names may tell, too */
    applies("{\"*\":{\"props.to\":\"hash\"}}", "{\"type\":\"a\",\"ids\":{\"user\":\"u\"},\"props\":{\"to\":{\"li@x.cn\":1}}}", "{\"type\":\"a\",\"ids\":{\"user\":\"u\"},\"props\":{\"to\":\"#props.to:{\"li@x.cn\":1}#\"}}");
    /* all of one kind; e-mail is normalised; a value that is none goes */
    applies("{\"*\":{\"ids\":\"hash\",\"ids.device\":\"drop\"}}", "{\"type\":\"a\",\"time\":\"2026-03-01T10:00:00+08:00\",\"ids\":{\"email\":\" Li@X.cn\",\"device\":\"d\",\"phone\":\"none\"},\"props\":{\"e\":\" Li@X.cn\",\"d\":\"d\",\"p\":\"none\"}}",
            "{\"type\":\"a\",\"time\":\"2026-03-01T10:00:00.000+08:00\",\"ids\":{\"email_hash\":\"#email:li@x.cn#\"},\"props\":{\"e\":\"#email:li@x.cn#\"}}");
    applies("{\"*\":{\"ids\":\"drop\"}}", "{\"type\":\"a\",\"ids\":{\"email\":\"li@x.cn\"}}", "{\"type\":\"a\"}");
    applies("{\"*\":{\"agent\":\"hash\",\"place\":\"drop\",\"value\":\"drop\",\"scores\":\"drop\",\"consent\":\"drop\",\"promise\":\"drop\"}}",
            "{\"type\":\"a\",\"ids\":{\"user\":\"u\"},\"agent\":\"li\",\"place\":\"S1\",\"value\":{\"amount_minor\":5,\"currency\":\"CNY\"},\"scores\":{\"nps\":9},\"promise\":{\"what\":\"x\"},\"consent\":{\"a\":true}}",
            "{\"type\":\"a\",\"ids\":{\"user\":\"u\"},\"agent\":\"#agent:li#\"}");
    /* when it was sent is not the event's: one sent again is the same bytes */
    applies("{\"*\":{\"text\":\"drop\"}}", "{\"type\":\"a\",\"sent_at\":\"2026-03-01T10:00:00Z\",\"ids\":{\"user\":\"u\"},\"text\":\"x\",\"seq\":3}", "{\"type\":\"a\",\"seq\":3,\"ids\":{\"user\":\"u\"}}");
    applies("{\"*\":{\"text\":\"drop\"}}", "{\"touchpoint\":\"door\",\"ids\":{\"user\":\"u\"},\"text\":\"x\"}", "{\"touchpoint\":\"door\",\"ids\":{\"user\":\"u\"}}");
}

/* A member's name as long as one may be neither escapes a rule nor ends the program. */
static void
long_names(void **state)
{
    static char event[20000], want[20000];
    char name[2001];
    (void)state;
    memset(name, 'n', 2000);
    name[2000] = 0;
    snprintf(event, sizeof event, "{\"type\":\"a\",\"ids\":{\"user\":\"u\"},\"props\":{\"%s\":{\"%s\":{\"%s\":\"x\"}},\"k\":{\"a\":1}}}", name, name, name);
    snprintf(want, sizeof want, "{\"type\":\"a\",\"ids\":{\"user\":\"u\"},\"props\":{\"k\":{\"a\":1}}}");
    applies("{\"*\":{\"props\":\"drop\",\"props.k.a\":\"keep\"}}", event, want);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(files_refused), cmocka_unit_test(events), cmocka_unit_test(long_names) };
    tl_hash_init();
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
