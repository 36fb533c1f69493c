/* t_ties.c - what people said of pairs of identities: told from both ends, the latest first, the trail bounded and counted, alike live and rebuilt; and the door's
 * way of putting identities in place of their hashes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store_kit.h"

#include "../../viewer/door_who.h"

#define A "{\"kind\":\"member\",\"value\":\"M1\"}"
#define B "{\"kind\":\"phone\",\"value\":\"+8613912345678\"}"

struct heard { struct tl_store_said said[100]; uint32_t n; };

static int
hear(void *arg, const struct tl_store_said *s)
{
    struct heard *h = arg;
    h->said[h->n++] = *s;
    return 0;
}

static void
hash_of(struct kit *k, const char *kind, const char *value, uint8_t hash[16])
{
    char path[PATH_MAX];
    uint8_t key[TL_KEY_BYTES];

    assert_int_equal(tl_key_load(tl_run_path(path, k->data, "keys/identity.key"), 0, key, NULL), 0);
    tl_identity_hash(key, tl_str_of(kind), tl_str_of(value), hash);
}

static struct heard
said_of(struct kit *k, const char *kind, const char *value)
{
    struct heard h = {0};
    struct tl_store *s = kit_read(k);
    struct tl_store_txn *t = NULL;
    uint8_t hash[16];

    hash_of(k, kind, value, hash);
    assert_int_equal(tl_store_begin(s, &t, NULL), 0);
    assert_int_equal(tl_store_said(t, hash, hear, &h, NULL), 0);
    tl_store_end(&t);
    kit_read_done(k, &s);
    return h;
}

static void
the_latest_word_holds_and_earlier_ones_are_told(void **state)
{
    struct kit k;
    uint8_t phone[16];

    (void)state;
    kit_open(&k, NULL);
    kit_control(&k, "link", "{\"a\":" A ",\"b\":" B "}");
    kit_follow(&k);
    kit_control(&k, "unlink", "{\"a\":" B ",\"b\":" A "}");
    kit_control(&k, "link", "{\"a\":" A ",\"b\":" B "}");
    kit_follow(&k);
    hash_of(&k, "phone", "+8613912345678", phone);
    for (int turn = 0; turn < 2; turn++) {
        struct heard a = said_of(&k, "member", "M1"), b = said_of(&k, "phone", "+8613912345678");
        static const enum tl_tie want[] = { TL_TIE_LINK, TL_TIE_CUT, TL_TIE_LINK };
        assert_int_equal(a.n, 3);
        assert_int_equal(b.n, 3);
        assert_memory_equal(a.said[0].other, phone, 16);
        for (uint32_t i = 0; i < 3; i++) {
            assert_int_equal(a.said[i].tie, want[i]);
            assert_int_equal(a.said[i].position, 3 - i);
            assert_int_equal(a.said[i].holds, i == 0);
            assert_int_equal(a.said[i].earlier, 0);
            assert_int_equal(b.said[i].position, 3 - i);
        }
        kit_rebuild(&k);
    }
    kit_close(&k);
}

static void
the_trail_is_bounded_and_what_it_leaves_out_is_counted(void **state)
{
    struct kit k;

    (void)state;
    kit_open(&k, NULL);
    for (int i = 0; i < 80; i++) {
        kit_control(&k, i % 2 ? "unlink" : "link", "{\"a\":" A ",\"b\":" B "}");
        if (i % 7 == 0) kit_follow(&k);
    }
    kit_follow(&k);
    for (int turn = 0; turn < 2; turn++) {
        struct heard h = said_of(&k, "member", "M1");
        assert_int_equal(h.n, TL_TIE_TRAIL_MAX);
        for (uint32_t i = 0; i < h.n; i++) {
            assert_int_equal(h.said[i].position, 80 - i);
            assert_int_equal(h.said[i].tie, i % 2 ? TL_TIE_LINK : TL_TIE_CUT);
            assert_int_equal(h.said[i].earlier, i + 1 == h.n ? 80 - TL_TIE_TRAIL_MAX : 0);
        }
        kit_rebuild(&k);
    }
    kit_close(&k);
}

/* Two of many events each, linked and cut again and again: rows are those of the set of events and the last word. */
static void
big_customers_merge_and_part(void **state)
{
    enum { EACH = 3000, PART = 500 };
    struct kit k;
    static char text[PART][160];
    static struct kit_event e[PART];

    (void)state;
    kit_open(&k, NULL);
    for (int at = 0; at < 2 * EACH; at += PART) {
        for (int i = 0; i < PART; i++) {
            int n = at + i;
            snprintf(text[i], sizeof text[i], "{\"id\":\"e%d\",\"type\":\"t%d\",\"ids\":{\"%s\":\"%s\"},\"time\":%d000}", n, n % 7, n % 2 ? "member" : "phone", n % 2 ? "M1" : "+8613912345678", 1767571200 + n * 60);
            e[i] = (struct kit_event){ text[i], "shop", 1790000000000 };
        }
        kit_log(&k, e, PART);
    }
    kit_follow(&k);
    char *apart = kit_rows(&k);
    kit_control(&k, "link", "{\"a\":" A ",\"b\":" B "}");
    kit_follow(&k);
    char *one = kit_rows(&k);
    assert_string_not_equal(apart, one);
    kit_control(&k, "unlink", "{\"a\":" A ",\"b\":" B "}");
    kit_follow(&k);
    char *again = kit_rows(&k);
    assert_string_equal(apart, again);
    kit_control(&k, "link", "{\"a\":" B ",\"b\":" A "}");
    kit_rebuild(&k);
    char *made = kit_rows(&k);
    assert_string_equal(one, made);
    tl_free(apart);
    tl_free(one);
    tl_free(again);
    tl_free(made);
    kit_close(&k);
}

/* ---- the door ---- */

static int
names(void *arg, const uint8_t hash[16], struct tl_buf *hold, struct tl_str *kind, struct tl_str *value, struct tl_err *err)
{
    (void)arg;
    if (hash[0] != 0xab) return tl_fail(err, TL_ENOTFOUND, "nobody");
    tl_buf_put_str(hold, "memberM\"1");
    *kind = (struct tl_str){ (char *)hold->data, 6 };
    *value = (struct tl_str){ (char *)hold->data + 6, 3 };
    return 0;
}

#define HEX "abababababababababababababababab"

static void
hashes_become_identities_on_the_way_to_the_log(void **state)
{
    static const struct { const char *body, *want; int rc; } rows[] = {
        { "{\"a\":{\"hash\":\"" HEX "\"},\"b\":{\"kind\":\"card\",\"value\":\"7\"},\"reason\":\"x\"}",
          "{\"a\":{\"kind\":\"member\",\"value\":\"M\\\"1\"},\"b\":{\"kind\":\"card\",\"value\":\"7\"},\"reason\":\"x\"}", 0 },
        { "{\"id\":{\"hash\":\"" HEX "\"},\"text\":\"hash\"}", "{\"id\":{\"kind\":\"member\",\"value\":\"M\\\"1\"},\"text\":\"hash\"}", 0 },
        { "{\"c\":{\"hash\":\"" HEX "\"}}", "{\"c\":{\"hash\":\"" HEX "\"}}", 0 }, { "{}", "{}", 0 },
        { "{\"a\":{\"hash\":\"00abababababababababababababababab\"}}", NULL, TL_EINVAL }, { "{\"a\":{\"hash\":\"zzababababababababababababababab\"}}", NULL, TL_EINVAL },
        { "{\"a\":{\"hash\":\"00ababababababababababababababab\"}}", NULL, TL_ENOTFOUND }, { "{\"a\":{\"hash\":\"\"}}", NULL, TL_EINVAL }, { "[]", NULL, TL_EINVAL },
        { "{\"a\":", NULL, TL_EINVAL }, { "", NULL, TL_EINVAL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tl_buf out = {0};
        struct tl_err err = {0};
        int rc = door_who_put(tl_str_of(rows[i].body), names, NULL, &out, &err);
        if (rc != rows[i].rc) fail_msg("%s: %d %s", rows[i].body, rc, err.text);
        tl_buf_put_u8(&out, 0);
        if (rc == 0) assert_string_equal((char *)out.data, rows[i].want);
        else assert_true(strlen(err.text) > 5);
        tl_buf_free(&out);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_latest_word_holds_and_earlier_ones_are_told),
        cmocka_unit_test(the_trail_is_bounded_and_what_it_leaves_out_is_counted),
        cmocka_unit_test(big_customers_merge_and_part),
        cmocka_unit_test(hashes_become_identities_on_the_way_to_the_log),
    };
    tl_hash_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
