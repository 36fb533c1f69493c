/* t_notes.c - control records that are kept: the latest wins, withdrawn ones go, rounds and rebuilds agree, and no visitor's identity stands in journeys/. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store_kit.h"
#include "tl_note.h"

static int
list_note(void *arg, const struct tl_note *n)
{
    tl_buf_printf(arg, "%.*s %.*s %llu-%llu %lld-%lld %.*s %.*s\n", (int)n->kind.n, n->kind.p, (int)n->id.n, n->id.p, (unsigned long long)n->first_position,
                  (unsigned long long)n->last_position, (long long)n->first_ms, (long long)n->last_ms, (int)n->actor.n, n->actor.p, (int)n->body.n, n->body.p);
    return 0;
}

/* Every note of the store as text, with the revision before it. */
static char *
notes(struct kit *k)
{
    static const char *const kinds[] = { "break", "improvement", "visit", "alert", "opportunity" };
    struct tl_store *s = kit_read(k);
    struct tl_store_txn *t = NULL;
    struct tl_store_meta m;
    struct tl_buf b = {0};

    assert_int_equal(tl_store_begin(s, &t, NULL), 0);
    assert_int_equal(tl_store_meta(t, &m, NULL), 0);
    tl_buf_printf(&b, "%llu\n", (unsigned long long)m.notes);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        assert_int_equal(tl_store_notes(t, kinds[i], list_note, &b, NULL), 0);
    tl_store_end(&t);
    kit_read_done(k, &s);
    tl_buf_put_u8(&b, 0);
    return (char *)b.data;
}

static void
control_at(struct kit *k, const char *kind, const char *actor, int64_t ms, const char *body)
{
    uint64_t position = 0;

    assert_int_equal(tl_eventlog_begin(k->log, NULL), 0);
    assert_int_equal(tl_eventlog_append_control(k->log, kind, actor, ms, tl_str_of(body), &position, NULL), 0);
    assert_int_equal(tl_eventlog_commit(k->log, NULL), 0);
}

static void
expect_notes(struct kit *k, const char *want)
{
    char *is = notes(k);
    assert_string_equal(is, want);
    tl_free(is);
}

static void
t_latest_wins(void **state)
{
    struct kit k;
    (void)state;

    kit_open(&k, NULL);
    expect_notes(&k, "0\n");
    control_at(&k, "break", "ann", 10, "{\"cell\":\"order:wait/make\",\"status\":\"open\"}");
    control_at(&k, "note", "ann", 11, "{\"id\":{\"kind\":\"user\",\"value\":\"u1\"},\"text\":\"t\"}");
    kit_follow(&k);
    expect_notes(&k, "1\nbreak order:wait/make 1-1 10-10 ann {\"cell\":\"order:wait/make\",\"status\":\"open\"}\n");
    control_at(&k, "break", "bo", 12, "{\"cell\":\"order:wait/make\",\"status\":\"fixed\"}");
    control_at(&k, "alert", "bo", 13, "{\"id\":\"a\",\"status\":\"done\"}");
    control_at(&k, "alert", "bo", 14, "{\"id\":\"b\",\"status\":\"done\"}");
    control_at(&k, "alert", "bo", 15, "{\"id\":\"a\",\"withdrawn\":true}");
    kit_follow(&k);
    static const char after[] = "6\nbreak order:wait/make 1-3 10-12 bo {\"cell\":\"order:wait/make\",\"status\":\"fixed\"}\nalert b 5-5 14-14 bo {\"id\":\"b\",\"status\":\"done\"}\n";
    expect_notes(&k, after);
    kit_rebuild(&k);
    expect_notes(&k, after);
    control_at(&k, "alert", "cy", 16, "{\"id\":\"a\",\"status\":\"open\"}");
    kit_follow(&k);
    char *is = notes(&k);
    assert_non_null(strstr(is, "alert a 4-7 13-16 cy {\"id\":\"a\",\"status\":\"open\"}\n"));
    tl_free(is);
    kit_close(&k);
}

static void
t_one_note(void **state)
{
    struct kit k;
    struct tl_store_txn *t = NULL;
    struct tl_note n;
    (void)state;

    kit_open(&k, NULL);
    control_at(&k, "improvement", "ann", 10, "{\"id\":\"I1\",\"withdrawn\":true}");
    control_at(&k, "improvement", "ann", 10, "{\"id\":\"I12\",\"title\":\"t\"}");
    kit_follow(&k);
    struct tl_store *s = kit_read(&k);
    assert_int_equal(tl_store_begin(s, &t, NULL), 0);
    assert_int_equal(tl_store_note(t, "improvement", TL_STR("I1"), &n, NULL), 0);
    assert_true(n.withdrawn && n.last_position == 1);
    assert_int_equal(tl_store_note(t, "improvement", TL_STR("I12"), &n, NULL), 0);
    assert_true(!n.withdrawn && n.first_position == 2 && tl_str_is(n.id, "I12") && tl_str_is(n.kind, "improvement"));
    assert_int_equal(tl_store_note(t, "improvement", TL_STR("I"), &n, NULL), TL_ENOTFOUND);
    assert_int_equal(tl_store_note(t, "break", TL_STR("I1"), &n, NULL), TL_ENOTFOUND);
    tl_store_end(&t);
    kit_read_done(&k, &s);
    kit_close(&k);
}

/* Two people's numbers are in the log; in journeys/ only their hashes. */
static void
t_visitors_are_hashed(void **state)
{
    struct kit k;
    struct tl_store_txn *t = NULL;
    struct tl_note n;
    uint8_t key[TL_KEY_BYTES], hash[16];
    char path[PATH_MAX], hex[33];
    (void)state;

    kit_open(&k, NULL);
    kit_control(&k, "visit", "{ \"id\" : \"v0\",\"identities\":[{\"kind\":\"phone\",\"value\":\"+86 138 0013 8000\"}, {\"kind\":\"user\",\"value\":\"u90000\"}],\"from\":1,\"to\":2,\"place\":\"S01\"}");
    kit_follow(&k);
    struct tl_store *s = kit_read(&k);
    assert_int_equal(tl_store_begin(s, &t, NULL), 0);
    assert_int_equal(tl_store_note(t, "visit", TL_STR("v0"), &n, NULL), 0);
    struct tl_buf text = {0};
    list_note(&text, &n);
    tl_buf_put_u8(&text, 0);
    assert_null(strstr((char *)text.data, "u90000"));
    assert_null(strstr((char *)text.data, "8000"));
    assert_non_null(strstr((char *)text.data, "\"from\":1,\"to\":2,\"place\":\"S01\"}"));
    assert_int_equal(tl_key_load(tl_run_path(path, k.data, "keys/identity.key"), 0, key, NULL), 0);
    tl_identity_hash(key, TL_STR("phone"), TL_STR("+8613800138000"), hash);
    tl_hex(hash, 16, hex);
    assert_non_null(strstr((char *)text.data, hex));
    tl_buf_free(&text);
    tl_store_end(&t);
    kit_read_done(&k, &s);
    kit_close(&k);
}

/* A body that the door would have refused (another program's log) changes nothing. */
static void
t_unreadable(void **state)
{
    static const char *const bodies[] = { "", "{", "[]", "{}", "{\"id\":1}", "{\"id\":\"\"}", "{\"id\":{\"kind\":\"a\"}}", "{\"cell\":\"x\"}" };
    struct kit k;
    (void)state;

    kit_open(&k, NULL);
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        kit_control(&k, i % 2 ? "visit" : "improvement", bodies[i]);
    kit_follow(&k);
    expect_notes(&k, "0\n");
    kit_close(&k);
}

/* A kept record's row: every field comes back; a name too long has no key; each cut and a later version are told. */
static void
t_note_rows(void **state)
{
    (void)state;
    char key[TL_NOTE_KEY_BYTES_MAX], longest[TL_NOTE_KEY_BYTES_MAX];
    struct tl_buf b = { 0 };
    struct tl_note got, n = { .withdrawn = true, .first_position = 3, .last_position = 300, .first_ms = -5, .last_ms = 1700000000000, .actor = TL_STR("me"), .body = TL_STR("{}") };
    memset(longest, 'i', sizeof longest);
    assert_string_equal(tl_note_key(TL_STR("break")), "cell");
    assert_null(tl_note_key(TL_STR("link")));
    assert_int_equal(tl_note_db_key(TL_STR("visit"), (struct tl_str){ longest, sizeof longest }, key).n, 0);
    assert_int_equal(tl_note_db_key(TL_STR("visit"), TL_STR(""), key).n, 6);
    struct tl_str k = tl_note_db_key(TL_STR("visit"), TL_STR("v1"), key);
    tl_note_put(&b, &n);
    for (size_t cut = 0; cut < b.len; cut++)
        assert_int_equal(tl_note_get(k, (struct tl_str){ (char *)b.data, cut }, &got), TL_ETRUNC);
    assert_int_equal(tl_note_get(k, (struct tl_str){ (char *)b.data, b.len }, &got), 0);
    assert_true(tl_str_is(got.kind, "visit") && tl_str_is(got.id, "v1") && got.withdrawn && got.first_position == 3 && got.last_position == 300);
    assert_true(got.first_ms == -5 && got.last_ms == n.last_ms && tl_str_is(got.actor, "me") && tl_str_is(got.body, "{}"));
    assert_int_equal(tl_note_get(TL_STR("visit"), (struct tl_str){ (char *)b.data, b.len }, &got), TL_ETRUNC);
    assert_int_equal(tl_note_get((struct tl_str){ NULL, 0 }, (struct tl_str){ (char *)b.data, b.len }, &got), TL_ETRUNC);
    b.data[0]++;
    assert_int_equal(tl_note_get(k, (struct tl_str){ (char *)b.data, b.len }, &got), TL_EVERSION);
    tl_buf_free(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_note_rows), cmocka_unit_test(t_latest_wins), cmocka_unit_test(t_one_note), cmocka_unit_test(t_visitors_are_hashed), cmocka_unit_test(t_unreadable),
    };
    return tl_hash_init() == 0 ? cmocka_run_group_tests_name("notes", tests, NULL, NULL) : 1;
}
