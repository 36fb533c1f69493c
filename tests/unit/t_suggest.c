/* t_suggest.c - a draft from events: the field that threads, places, waits and limits against straight counting, the valley of gaps, roles by shape, ends by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "../../viewer/suggest.h"
#include "tl_time.h"

#define S INT64_C(1000)
#define MIN (60 * S)
#define HOUR (60 * MIN)
#define DAY (24 * HOUR)
enum { OPEN = 1, PAY, SHIP, RATE, ASK, REPLY, LOGIN, WORDS };

static struct tl_kept kept[64];
static uint32_t kept_n;
static uint64_t position;

static void
event(uint32_t type, int64_t at_ms, uint64_t order, uint64_t matter)
{
    kept[kept_n++] = (struct tl_kept){ .type = type, .touchpoint = type, .at_ms = at_ms, .order_hash = order, .case_hash = matter, .position = ++position, .lifecycle = TL_LC_NONE };
}

/* one customer with two orders twenty days apart: open, pay after wait_ms, ship an hour later; the first is rated, the second asked about */
static void
customer(uint64_t c, int64_t wait_ms)
{
    kept_n = 0;
    for (int o = 0; o < 2; o++) {
        int64_t at = (int64_t)c * HOUR + o * 20 * DAY;
        uint64_t order = 1000 + 2 * c + (uint64_t)o;
        event(OPEN, at, order, 0);
        event(PAY, at + wait_ms, order, 0);
        event(SHIP, at + wait_ms + HOUR, order, 0);
        if (o == 0) {
            event(RATE, at + wait_ms + 2 * HOUR, order, 0);
            kept[kept_n - 1].scores_n = 1;
        } else {
            event(ASK, at + wait_ms + 3 * HOUR, 0, order);
            event(REPLY, at + wait_ms + 3 * HOUR + MIN, 0, order);
        }
    }
    for (uint32_t i = 0; i < kept_n; i++) kept[i].channel = kept[i].type == ASK ? 60 : 50;
}

static enum tl_role
role_of(void *arg, uint32_t word)
{
    (void)arg;
    return word == LOGIN ? TL_ROLE_SILENT : TL_ROLE_STEP;
}

#define CUSTOMERS 100
static int64_t
wait_of(uint64_t c)
{
    return (int64_t)(c * 37 % 101 + 1) * MIN;
}

static const struct suggest_draft *
draft_of(struct suggest **s, enum suggest_key key, int64_t gap_ms)
{
    position = 0;
    *s = suggest_new(70, key, gap_ms);
    assert_non_null(*s);
    for (int pass = 0; pass < 3; pass++) {
        for (uint64_t c = 1; c <= CUSTOMERS; c++) {
            customer(c, wait_of(c));
            assert_int_equal(suggest_feed(*s, c, kept, kept_n), 0);
        }
        assert_int_equal(suggest_next(*s, role_of, NULL), 0);
    }
    return suggest_end(*s);
}

static const struct suggest_name *
name(const struct suggest_draft *d, uint32_t word)
{
    for (uint32_t i = 0; i < d->name_n; i++)
        if (d->name[i].word == word) return &d->name[i];
    fail_msg("no name %u", word);
    return NULL;
}

static const struct suggest_clock *
waiting(const struct suggest_draft *d, uint32_t a, uint32_t b)
{
    for (uint32_t i = 0; i < d->clock_n; i++)
        if (d->name[d->clock[i].start].word == a && d->name[d->clock[i].end].word == b) return &d->clock[i];
    return NULL;
}

static int
by_size(const void *x, const void *y)
{
    const int64_t *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

static void
orders_are_found(void **state)
{
    struct suggest *s = NULL;
    (void)state;
    const struct suggest_draft *d = draft_of(&s, SUGGEST_KEYS, 0);
    assert_int_equal(d->events, CUSTOMERS * 9);
    assert_int_equal(d->customers, CUSTOMERS);
    assert_int_equal(d->key, SUGGEST_BY_ORDER);
    assert_int_equal(d->journeys, 2 * CUSTOMERS);
    /* the gap: inside an order two hours at most, between two of them twenty days less that */
    assert_true(d->valley);
    assert_true(d->gap_ms > 2 * HOUR && d->gap_ms < 20 * DAY - 5 * HOUR);
    assert_int_equal(d->at_gap, 2 * CUSTOMERS);
    assert_int_equal(d->at_half, 2 * CUSTOMERS);
    /* names: what they are and where they stand */
    assert_int_equal(name(d, RATE)->role, TL_ROLE_SIGNAL);
    assert_true(name(d, RATE)->by_shape && !name(d, PAY)->by_shape);
    assert_int_equal(name(d, OPEN)->channel, 50);
    assert_int_equal(name(d, ASK)->channel, 60);
    assert_true(name(d, OPEN)->place < 1e-9 && name(d, SHIP)->place > 1 - 1e-9 && fabs(name(d, PAY)->place - .5) < 1e-9);
    assert_int_equal(name(d, OPEN)->first, 2 * CUSTOMERS);
    assert_int_equal(name(d, SHIP)->last, 2 * CUSTOMERS);
    assert_int_equal(name(d, OPEN)->position, 1);
    assert_int_equal(name(d, OPEN)->customer, 1);
    assert_true(name(d, ASK)->place < 0);       /* of no order */
    suggest_free(&s);
}

static void
limits_are_the_quantile(void **state)
{
    struct suggest *s = NULL;
    int64_t wait[2 * CUSTOMERS];
    (void)state;
    const struct suggest_draft *d = draft_of(&s, SUGGEST_KEYS, 0);
    const struct suggest_clock *pay = waiting(d, OPEN, PAY), *reply = waiting(d, ASK, REPLY);
    for (uint64_t i = 0; i < 2 * CUSTOMERS; i++) wait[i] = wait_of(i / 2 + 1);
    qsort(wait, 2 * CUSTOMERS, sizeof *wait, by_size);
    assert_non_null(pay);
    assert_int_equal(pay->key, SUGGEST_BY_ORDER);
    assert_int_equal(pay->starts, 2 * CUSTOMERS);
    assert_int_equal(pay->ended, 2 * CUSTOMERS);
    double p90 = (double)wait[9 * 2 * CUSTOMERS / 10 - 1];
    assert_true((double)pay->limit_ms >= p90 && (double)pay->limit_ms <= 1.02 * p90 + 1);
    assert_true(pay->over <= .1);
    assert_non_null(reply);
    assert_int_equal(reply->key, SUGGEST_BY_CASE);
    assert_int_equal(reply->starts, CUSTOMERS);
    assert_true(reply->limit_ms >= MIN && reply->limit_ms <= MIN * 102 / 100);
    assert_null(waiting(d, SHIP, ASK));         /* nothing threads these */
    suggest_free(&s);
    /* a type that says its key and gap keeps them */
    d = draft_of(&s, SUGGEST_BY_CASE, 5 * DAY);
    assert_int_equal(d->key, SUGGEST_BY_CASE);
    assert_true(d->gap_ms == 5 * DAY && !d->valley);
    suggest_free(&s);
}

static void
nothing_gives_an_empty_draft(void **state)
{
    struct suggest *s = suggest_new(0, SUGGEST_KEYS, 0);
    (void)state;
    for (int pass = 0; pass < 4; pass++) assert_int_equal(suggest_next(s, role_of, NULL), 0);
    const struct suggest_draft *d = suggest_end(s);
    assert_true(d->name_n == 0 && d->clock_n == 0 && !d->valley);
    assert_true(d->gap_ms == TL_GAP_DEFAULT_MS);
    suggest_free(&s);
}

static void
rare_names_are_counted_out(void **state)
{
    struct suggest *s = suggest_new(SUGGEST_NAMES_MAX + 50, SUGGEST_KEYS, 0);
    (void)state;
    for (int pass = 0; pass < 3; pass++) {
        for (uint32_t w = 1; w <= SUGGEST_NAMES_MAX + 50; w++)
            for (uint32_t again = 0; again < (w <= SUGGEST_NAMES_MAX ? 2 : 1); again++) {
                kept_n = 0;
                event(w, (int64_t)w * S, 0, 0);
                assert_int_equal(suggest_feed(s, w, kept, 1), 0);
            }
        assert_int_equal(suggest_next(s, role_of, NULL), 0);
    }
    const struct suggest_draft *d = suggest_end(s);
    assert_int_equal(d->name_n, SUGGEST_NAMES_MAX);
    assert_int_equal(d->names_left_out, 50);
    assert_int_equal(d->events_left_out, 50);
    suggest_free(&s);
}

/* ---- gaps ---- */

static void
a_valley_is_deep_and_between_two_peaks(void **state)
{
    struct gap_hist h = { { 0 } };
    int64_t gap_ms = -1;
    (void)state;
    assert_false(gap_valley(&h, 0, GAP_BINS, &gap_ms));
    for (int i = 0; i < 1000; i++) gap_add(&h, MIN + i % 50 * S);
    assert_false(gap_valley(&h, 0, GAP_BINS, &gap_ms));        /* one peak */
    assert_true(gap_ms == -1);
    for (int i = 0; i < 300; i++) gap_add(&h, 3 * DAY + i * 10 * MIN);
    assert_true(gap_valley(&h, 0, GAP_BINS, &gap_ms));
    assert_true(gap_ms > 2 * MIN && gap_ms < 3 * DAY);
    assert_false(gap_valley(&h, gap_bin(4 * DAY), GAP_BINS, &gap_ms));      /* not where it is looked for */
    struct gap_hist flat = { { 0 } };
    for (int i = 0; i < GAP_BINS; i++) flat.n[i] = 100;
    assert_false(gap_valley(&flat, 0, GAP_BINS, &gap_ms));
    for (int i = 0; i < GAP_BINS; i++)
        if (gap_bin(gap_bin_ms(i)) != i) fail_msg("bin %d begins at %lld, which is of bin %d", i, (long long)gap_bin_ms(i), gap_bin(gap_bin_ms(i)));
}

/* ---- names ---- */

static void
ends_are_told_by_words(void **state)
{
    static const struct { const char *name; enum suggest_end is; } row[] = {
        { "order.fulfilled", SUGGEST_END_GOOD }, { "A_APPROVED", SUGGEST_END_GOOD }, { "orderCompleted", SUGGEST_END_GOOD }, { "W_Completeren aanvraag", SUGGEST_END_NONE },
        { "nabellen incomplete dossiers", SUGGEST_END_NONE }, { "complaint.assigned", SUGGEST_END_NONE }, { "payment.failed", SUGGEST_END_BAD }, { "O_CANCELLED", SUGGEST_END_BAD },
        { "订单完成", SUGGEST_END_GOOD }, { "取消订单", SUGGEST_END_BAD }, { "", SUGGEST_END_NONE },
    };
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct suggest_name late = { .role = TL_ROLE_STEP, .place = .9, .journeys = 10, .last = 1 }, early = late;
        early.place = .3;
        if (suggest_end_of(&late, tl_str_of(row[i].name)) != row[i].is) fail_msg("%s", row[i].name);
        assert_int_equal(suggest_end_of(&early, tl_str_of(row[i].name)), SUGGEST_END_NONE);
        late.last = 9;
        if (row[i].is == SUGGEST_END_NONE) assert_int_equal(suggest_end_of(&late, tl_str_of(row[i].name)), SUGGEST_END_UNKNOWN);
    }
    assert_string_equal(suggest_stage("A", 0), "awareness");
    assert_string_equal(suggest_stage("A", 1), "loyalty");
    assert_string_equal(suggest_stage("E", .34), "during");
    assert_string_equal(suggest_stage("E", 1), "after");
}

/* the files are a catalogue without a mistake, whatever names were seen */
static void
the_files_are_a_catalogue(void **state)
{
    struct suggest *s = NULL;
    const struct suggest_draft *d = draft_of(&s, SUGGEST_KEYS, 0);
    char long_name[121];
    struct suggest_word word[WORDS] = { { .name = TL_STR("") } };
    const struct tl_str seen[] = { TL_STR("a \"quoted\" \\ name"), TL_STR("支付"), TL_STR("with\ttab and\nline"), { long_name, 120 }, TL_STR("*"), TL_STR("x*"), TL_STR("order.placed*more") };
    struct suggest_answer a = { .journey = TL_STR("order"), .draft = d, .word = word };
    struct tl_arena *arena = tl_arena_new(1u << 22);
    struct tl_catalogue *c = NULL;
    struct tl_err err = { 0 };
    (void)state;
    memset(long_name, 'n', 120);
    for (uint32_t i = 0; i < d->name_n; i++) word[i] = (struct suggest_word){ .name = seen[i], .channel = TL_STR("app"), .end = i == 0 ? SUGGEST_END_GOOD : SUGGEST_END_NONE };
    assert_int_equal(suggest_files(&a, arena, &err), 0);
    assert_int_equal(a.files.n, 3);
    if (tl_catalogue_parse(&a.files, &c, &err) != 0) fail_msg("%s", err.text);
    assert_int_equal(c->touchpoint_n, d->name_n);
    assert_int_equal(c->standard_n, d->clock_n);
    assert_int_equal(c->type_n, 2);
    assert_int_equal(c->type[1].good_n, 1);
    tl_catalogue_free(&c);
    tl_arena_free(&arena);
    suggest_free(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_are_found), cmocka_unit_test(limits_are_the_quantile), cmocka_unit_test(nothing_gives_an_empty_draft),
        cmocka_unit_test(rare_names_are_counted_out), cmocka_unit_test(a_valley_is_deep_and_between_two_peaks), cmocka_unit_test(ends_are_told_by_words),
        cmocka_unit_test(the_files_are_a_catalogue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
