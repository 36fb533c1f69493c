/* t_profile.c - what is kept of a customer and of a control record: it comes back as it was put, and no cut or flipped byte is taken for one, or read beyond. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "nth_kit.h"
#include "tl_hash.h"
#include "tl_note.h"
#include "tl_profile.h"

enum { MOST = 9 };
static struct tl_store_identity identities[MOST];
static struct tl_profile_link links[MOST];
static struct tl_profile_journey journeys[MOST];
static struct tl_profile_outcome outcomes[MOST];
static uint64_t seed = 31;

static uint64_t
any(void)
{
    return seed = tl_mix64(seed + UINT64_C(0x9E3779B97F4A7C15));
}

static int64_t
some_ms(void)
{
    return (int64_t)(any() >> (any() % 64)) * (any() % 2 ? 1 : -1);
}

static struct tl_profile
some_profile(void)
{
    struct tl_profile p = { .lossy = any() % 2, .events = any() >> 20, .first_ms = some_ms(), .last_ms = some_ms(), .identity = identities, .link = links,
                            .journey = journeys, .outcome = outcomes };
    uint64_t position = 0;

    p.identity_n = 1 + (uint32_t)(any() % (MOST - 1));
    p.link_n = (uint32_t)(any() % MOST);
    p.journey_n = (uint32_t)(any() % MOST);
    p.outcome_n = (uint32_t)(any() % MOST);
    memset(identities, 0, sizeof identities);
    memset(links, 0, sizeof links);
    memset(journeys, 0, sizeof journeys);
    for (uint32_t i = 0; i < p.identity_n; i++) {
        for (int b = 0; b < 16; b++)
            identities[i].hash[b] = (uint8_t)any();
        identities[i].kind = (uint32_t)(any() % 50);
        identities[i].first_position = position += any() % 1000;
        identities[i].events = any() % 100;
    }
    for (uint32_t i = 0; i < p.link_n; i++) {
        links[i].a = (uint32_t)(any() % p.identity_n);
        links[i].b = (uint32_t)(any() % p.identity_n);
        links[i].manual = any() % 2;
        links[i].back = any() % 2;
        links[i].first_position = any() % 1000;
        links[i].told_n = (uint32_t)(any() % 1000);
    }
    for (uint32_t i = 0; i < p.journey_n; i++)
        journeys[i] = (struct tl_profile_journey){ .type = (uint16_t)any(), .day = (int32_t)(any() % 40000) - 20000, .start_ms = some_ms(), .tag = (uint32_t)any(), .row_hash = any() };
    for (uint32_t i = 0; i < p.outcome_n; i++) {
        memset(&outcomes[i], 0, sizeof outcomes[i]);
        outcomes[i].outcome = (uint32_t)(any() % 100);
        outcomes[i].at_ms = some_ms();
    }
    return p;
}

static void
expect_profile(const struct tl_profile *a, const struct tl_profile *b)
{
    assert_int_equal(a->lossy, b->lossy);
    assert_int_equal(a->events, b->events);
    assert_int_equal(a->first_ms, b->first_ms);
    assert_int_equal(a->last_ms, b->last_ms);
    assert_int_equal(a->identity_n, b->identity_n);
    assert_int_equal(a->link_n, b->link_n);
    assert_int_equal(a->journey_n, b->journey_n);
    assert_int_equal(a->outcome_n, b->outcome_n);
    for (uint32_t i = 0; i < a->identity_n; i++)
        assert_true(memcmp(a->identity[i].hash, b->identity[i].hash, 16) == 0 && a->identity[i].kind == b->identity[i].kind &&
                    a->identity[i].first_position == b->identity[i].first_position && a->identity[i].events == b->identity[i].events);
    for (uint32_t i = 0; i < a->link_n; i++)
        assert_true(a->link[i].a == b->link[i].a && a->link[i].b == b->link[i].b && a->link[i].manual == b->link[i].manual && a->link[i].back == b->link[i].back &&
                    a->link[i].first_position == b->link[i].first_position && a->link[i].told_n == b->link[i].told_n);
    for (uint32_t i = 0; i < a->journey_n; i++)
        assert_true(a->journey[i].type == b->journey[i].type && a->journey[i].day == b->journey[i].day && a->journey[i].start_ms == b->journey[i].start_ms &&
                    a->journey[i].tag == b->journey[i].tag && a->journey[i].row_hash == b->journey[i].row_hash);
    for (uint32_t i = 0; i < a->outcome_n; i++)
        assert_true(a->outcome[i].outcome == b->outcome[i].outcome && a->outcome[i].at_ms == b->outcome[i].at_ms);
}

/* the bytes alone, so that a sanitizer sees a step beyond them */
static int
get_exact(const uint8_t *bytes, size_t n, struct tl_arena *a, struct tl_profile *p)
{
    char *exact = malloc(n > 0 ? n : 1);
    if (n > 0)
        memcpy(exact, bytes, n);
    int rc = tl_profile_get((struct tl_str){ exact, n }, a, p);
    free(exact);
    return rc;
}

static void
profiles(void **state)
{
    struct tl_arena *a = tl_arena_new(1 << 20);
    (void)state;
    for (int turn = 0; turn < 200; turn++) {
        struct tl_profile p = some_profile(), back;
        struct tl_buf b = {0};
        tl_profile_put(&b, &p);
        assert_false(b.failed);
        assert_int_equal(get_exact(b.data, b.len, a, &back), 0);
        expect_profile(&p, &back);
        for (size_t cut = 0; cut < b.len; cut++)
            assert_int_equal(get_exact(b.data, cut, a, &back), TL_ETRUNC);
        for (int flip = 0; flip < 100; flip++) {        /* another profile, or none */
            size_t at = any() % b.len;
            uint8_t was = b.data[at];
            b.data[at] ^= (uint8_t)(1u << any() % 8);
            int rc = get_exact(b.data, b.len, a, &back);
            assert_true(rc == 0 || rc == TL_ETRUNC || rc == TL_EVERSION);
            for (uint32_t i = 0; rc == 0 && i < back.link_n; i++)
                assert_true(back.link[i].a < back.identity_n && back.link[i].b < back.identity_n);
            b.data[at] = was;
        }
        tl_buf_free(&b);
        tl_arena_reset(a);
    }
    tl_arena_free(&a);
}

/* no list fits into memory, the second does not, ... */
static void
profiles_without_memory(void **state)
{
    struct tl_profile p = some_profile(), back;
    struct tl_buf b = {0};
    int failed = 0, rc = TL_ENOMEM;
    (void)state;
    tl_profile_put(&b, &p);
    for (size_t room = 0; rc != 0; room += 16) {
        struct tl_arena *a = tl_arena_new(room);
        rc = tl_profile_get((struct tl_str){ (char *)b.data, b.len }, a, &back);
        assert_true(rc == 0 || rc == TL_ENOMEM);
        failed += rc != 0;
        tl_arena_free(&a);
    }
    assert_true(failed > 4);
    tl_buf_free(&b);
}

static void
notes(void **state)
{
    char key[TL_NOTE_KEY_BYTES_MAX], longest[TL_NOTE_KEY_BYTES_MAX];
    struct tl_note n = { .kind = TL_STR("visit"), .id = TL_STR("v 1"), .actor = TL_STR("somebody"), .body = TL_STR("{\"id\":\"v 1\"}"), .withdrawn = true,
                         .first_position = 7, .last_position = 900, .first_ms = -5, .last_ms = 1800000000000 }, back;
    struct tl_buf b = {0};
    (void)state;
    memset(longest, 'x', sizeof longest);
    struct tl_str k = tl_note_db_key(n.kind, n.id, key), none = tl_note_db_key(n.kind, (struct tl_str){0}, longest);
    assert_int_equal(none.n, n.kind.n + 1);
    assert_int_equal(tl_note_db_key(n.kind, (struct tl_str){ longest, sizeof longest }, key).n, 0);
    k = tl_note_db_key(n.kind, n.id, key);
    tl_note_put(&b, &n);
    assert_int_equal(tl_note_get(k, (struct tl_str){ (char *)b.data, b.len }, &back), 0);
    assert_true(tl_str_eq(back.kind, n.kind) && tl_str_eq(back.id, n.id) && tl_str_eq(back.actor, n.actor) && tl_str_eq(back.body, n.body));
    assert_true(back.withdrawn && back.first_position == 7 && back.last_position == 900 && back.first_ms == -5 && back.last_ms == 1800000000000);
    for (size_t cut = 0; cut < b.len; cut++)
        assert_int_equal(tl_note_get(k, (struct tl_str){ (char *)b.data, cut }, &back), TL_ETRUNC);
    assert_int_equal(tl_note_get((struct tl_str){ "visit", 5 }, (struct tl_str){ (char *)b.data, b.len }, &back), TL_ETRUNC);
    assert_int_equal(tl_note_get((struct tl_str){0}, (struct tl_str){ (char *)b.data, b.len }, &back), TL_ETRUNC);
    b.data[0]++;
    assert_int_equal(tl_note_get(k, (struct tl_str){ (char *)b.data, b.len }, &back), TL_EVERSION);
    assert_string_equal(tl_note_key(TL_STR("break")), "cell");
    assert_null(tl_note_key(TL_STR("visits")));
    tl_buf_free(&b);
}

/* both ways of a checksum are one */
static void
checksums(void **state)
{
    uint8_t bytes[300];
    (void)state;
    assert_int_equal(tl_crc32c(0, "123456789", 9), 0xE3069283u);
    assert_int_equal(tl_crc32c_by_table(0, "123456789", 9), 0xE3069283u);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)any();
    for (size_t from = 0; from < 9; from++)
        for (size_t n = 0; from + n <= sizeof bytes; n += 7)
            assert_int_equal(tl_crc32c(77, bytes + from, n), tl_crc32c_by_table(77, bytes + from, n));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(profiles), cmocka_unit_test(profiles_without_memory), cmocka_unit_test(notes), cmocka_unit_test(checksums),
    };
    return tl_hash_init() == 0 ? cmocka_run_group_tests_name("profile", tests, NULL, NULL) : 1;
}
