/* t_fold.c - folds over a real store against the same journeys sieved naively in memory: any period, filter, lifecycle, stream and as_of; hot and cold;
 * after rows changed; after a swing; with a cache too small for anything. And every click: as many journeys listed as the map counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../viewer/analysis/matches.h"
#include "../../viewer/answer.h"
#include "folder_kit.h"
#include "tl_count.h"
#include "tl_hash.h"
#include "tl_store_write.h"

#define JOURNEYS 2600
#define STEPS_MAX 9
#define DAYS 100
#define TOUCHPOINTS 7
#define GAP_MS TL_GAP_DEFAULT_MS

static char data[64], journeys_dir[96];
/* An environment is open once in a process, so another one writes, as in life; what both must know is shared. */
static struct shared {
    struct tl_journey journey[JOURNEYS];
    struct tl_step step[JOURNEYS][STEPS_MAX];
    uint64_t row_hash[JOURNEYS];
    int both_n;                         /* touchpoints 0 .. both_n - 1 have both start and complete */
    uint32_t word_all, word_place, word_s[3], word_tp[TOUCHPOINTS], word_channel[3];
} *sh;
static struct tl_journey *journey;
static struct tl_step (*step)[STEPS_MAX];
static uint64_t *row_hash;
#define word_all sh->word_all
#define word_place sh->word_place
#define word_s sh->word_s
#define word_tp sh->word_tp
#define word_channel sh->word_channel
static uint64_t seed = 5;
static int to_writer = -1, from_writer = -1;
static pid_t writer;
static const int64_t start_of_days = INT64_C(20000) * 86400000;      /* 2024-10-04 */

static uint64_t
rnd(uint64_t n)
{
    seed += UINT64_C(0x9E3779B97F4A7C15);
    return tl_mix64(seed) % n;
}

/* ---- a store ---- */

static void
words_make(struct tl_store_w *w)
{
    char text[24];
    for (int i = 0; i < 3; i++) word_channel[i] = tl_store_w_word(w, tl_str_of(i == 0 ? "app" : i == 1 ? "store" : "chat"));
    word_all = tl_store_w_word(w, TL_STR("all"));
    word_place = tl_store_w_word(w, TL_STR("place"));
    for (int i = 0; i < 3; i++) word_s[i] = tl_store_w_word(w, (snprintf(text, sizeof text, "S%d", i), tl_str_of(text)));
    for (int i = 0; i < TOUCHPOINTS; i++) {
        word_tp[i] = tl_store_w_word(w, (snprintf(text, sizeof text, "tp%d", i), tl_str_of(text)));
        tl_store_w_lifecycle(w, word_tp[i], TL_LC_COMPLETE);
        if (i < sh->both_n) tl_store_w_lifecycle(w, word_tp[i], TL_LC_START);
    }
}

static void
journey_make(int i)
{
    struct tl_journey *j = &journey[i];
    int64_t at = start_of_days + (int64_t)rnd(DAYS * UINT64_C(86400000));
    *j = (struct tl_journey){ .type = (uint16_t)word_all, .customer = 1 + (uint64_t)i / 2, .start_ms = at, .tag = (uint32_t)i, .day = (int32_t)(at / 86400000),
                              .outcome = (uint8_t)rnd(3), .stream = rnd(8) ? TL_STREAM_LIVE : TL_STREAM_TEST, .step = step[i] };
    if (rnd(4)) j->attr[j->attrs_n++] = (struct tl_attr){ word_place, word_s[rnd(3)] };
    j->steps_n = 1 + (uint32_t)rnd(STEPS_MAX);
    for (uint32_t k = 0; k < j->steps_n; k++) {
        uint32_t tp = (uint32_t)rnd(TOUCHPOINTS);
        step[i][k] = (struct tl_step){ .touchpoint = word_tp[tp], .channel = (uint16_t)word_channel[rnd(3)], .start_ms = at, .end_ms = at + (int64_t)rnd(50000), .wait_ms = -1,
                                       .lifecycle = (uint8_t)(tp < 2 && rnd(2) ? TL_LC_START : rnd(5) ? TL_LC_COMPLETE : TL_LC_NONE) };
        if (rnd(12) == 0 && tp > 1) step[i][k].lifecycle = TL_LC_START;
        at += (int64_t)rnd(UINT64_C(1) << (10 + rnd(19)));
    }
    j->last_ms = step[i][j->steps_n - 1].end_ms;
}

static void
row_write(struct tl_store_w *w, int i)
{
    struct tl_buf row = { NULL, 0, 0, false };
    uint8_t key[TL_JOURNEY_KEY_BYTES];
    struct tl_err err = { 0, "" };
    tl_rows_journey_key(&journey[i], key);
    tl_rows_journey_put(&row, &journey[i]);
    struct tl_str view = { (const char *)row.data, row.len };
    row_hash[i] = tl_store_row_hash(key, view);
    if (tl_store_w_row_put(w, key, view, row_hash[i], &err)) fail_msg("%s", err.text);
    tl_buf_free(&row);
}

static void
customers_write(struct tl_store_w *w)
{
    struct tl_err err = { 0, "" };
    for (uint64_t c = 1; c <= (JOURNEYS + 1) / 2; c++) {
        struct tl_store_identity id = { .kind = word_place, .first_position = c, .events = 2 };
        for (int b = 0; b < 16; b++) id.hash[b] = (uint8_t)(tl_mix64(c) >> (b % 8 * 8));
        struct tl_profile p = { .events = 2, .first_ms = 1, .last_ms = 2, .identity = &id, .identity_n = 1 };
        if (tl_store_w_profile_put(w, c, &p, &err)) fail_msg("%s", err.text);
    }
}

static void
write_all(void)
{
    struct tl_err err = { 0, "" };
    struct tl_store_head head = { .zone = "UTC", .position = 5, .next_customer = JOURNEYS, .journeys = JOURNEYS, .events = 4000, .newest_event_ms = start_of_days + 60 * TL_DAY_MS,
                                  .newest_live_ms = TL_TIME_NONE };
    struct tl_store_w *w = NULL;
    if (tl_store_w_make(&w, journeys_dir, &head, &err) || tl_store_w_begin(w, &err)) fail_msg("%s", err.text);
    words_make(w);
    for (int i = 0; i < JOURNEYS; i++) {
        if (!journey[i].type) journey_make(i);
        row_write(w, i);
    }
    customers_write(w);
    if (tl_store_w_commit(w, &err) || tl_store_w_swing(&w, &err)) fail_msg("%s", err.text);
}

/* store_change - journey i is made anew, maybe on another day */
static void
write_changed(int from, int n)
{
    struct tl_err err = { 0, "" };
    struct tl_store_w *w = NULL;
    if (tl_store_w_open(&w, journeys_dir, &err) || tl_store_w_begin(w, &err)) fail_msg("%s", err.text);
    for (int i = from; i < from + n; i++) {
        uint8_t key[TL_JOURNEY_KEY_BYTES];
        tl_rows_journey_key(&journey[i], key);
        if (tl_store_w_row_del(w, key, row_hash[i], &err)) fail_msg("%s", err.text);
        journey_make(i);
        row_write(w, i);
    }
    tl_store_w_head(w)->position++;
    if (tl_store_w_commit(w, &err)) fail_msg("%s", err.text);
    tl_store_w_close(&w);
}

/* one more touchpoint has now been seen to start; no row changes */
static void
write_both(void)
{
    struct tl_err err = { 0, "" };
    struct tl_store_w *w = NULL;
    if (tl_store_w_open(&w, journeys_dir, &err) || tl_store_w_begin(w, &err)) fail_msg("%s", err.text);
    tl_store_w_lifecycle(w, word_tp[sh->both_n++], TL_LC_START);
    tl_store_w_head(w)->position++;
    if (tl_store_w_commit(w, &err)) fail_msg("%s", err.text);
    tl_store_w_close(&w);
}

static void
writer_run(int in, int out)
{
    int from = 0;
    while (read(in, &from, sizeof from) == (ssize_t)sizeof from) {
        if (from == -1) write_all();
        else if (from == -2) write_both();
        else write_changed(from, 3);
        if (write(out, &from, sizeof from) < 0) break;
    }
    _exit(0);
}

static void
order(int from)
{
    assert_int_equal(write(to_writer, &from, sizeof from), sizeof from);
    assert_int_equal(read(from_writer, &from, sizeof from), sizeof from);
}

static void
store_make(void)
{
    order(-1);
}

static void
store_change(int from)
{
    order(from);
}

/* ---- the naive way ---- */

static bool
naive_attr(const struct tl_journey *j, const struct ask_filter *f)
{
    for (uint32_t i = 0; i < j->attrs_n; i++)
        if (j->attr[i].key == word_place && f->value.n == 2 && j->attr[i].value == word_s[(f->value.p[1] - '0') % 3] && f->value.p[1] < '3') return true;
    return false;
}

static bool
naive_asked(const struct tl_journey *j, const struct ask *q, int64_t as_of)
{
    if (q->stream != ASK_STREAM_ALL && q->stream != j->stream) return false;
    if (j->day < q->from_day || j->day > q->to_day || j->start_ms > as_of) return false;
    bool place = false, places = false;
    for (uint32_t i = 0; i < q->filter_n; i++) {
        if (tl_str_is(q->filter[i].key, "place")) places = true, place |= naive_attr(j, &q->filter[i]);
        else {
            bool any = false;
            for (uint32_t k = 0; k < j->steps_n; k++) any |= j->step[k].channel == word_channel[1];     /* any.channel=store */
            if (!any) return false;
        }
    }
    return place == places;
}

static bool
naive_step(const struct tl_step *s, const struct ask *q)
{
    bool done = s->lifecycle != TL_LC_START, both = false;
    for (int i = 0; i < sh->both_n; i++) both |= s->touchpoint == word_tp[i];
    return q->lifecycle == ASK_LC_ALL || done || (q->lifecycle == ASK_LC_DEFAULT && !both);
}

static void *
naive(const struct analysis *an, const struct analysis_arg *arg, const struct ask *q, int64_t as_of)
{
    void *acc = an->begin(arg);
    for (int i = 0; i < JOURNEYS; i++) {
        struct tl_step kept[STEPS_MAX];
        struct tl_journey j = journey[i];
        if (!naive_asked(&j, q, as_of)) continue;
        j.steps_n = 0;
        j.step = kept;
        for (uint32_t k = 0; k < journey[i].steps_n; k++)
            if (naive_step(&step[i][k], q)) kept[j.steps_n++] = step[i][k];
        enum tl_end e = j.outcome == TL_GOOD ? TL_END_GOOD : j.outcome == TL_BAD ? TL_END_BAD : as_of - j.last_ms > GAP_MS ? TL_END_LAPSED : TL_END_OPEN;
        if (j.steps_n) assert_int_equal(an->journey(acc, &j, e), 0);
    }
    void *p = an->finish(acc);
    an->abandon(acc);
    return p;
}

static void
same_map(const struct map *a, const struct map *b)
{
    assert_int_equal(a->journeys, b->journeys);
    assert_int_equal(a->steps, b->steps);
    assert_memory_equal(a->ends, b->ends, sizeof a->ends);
    assert_int_equal(a->node_n, b->node_n);
    assert_int_equal(a->edge_n, b->edge_n);
    assert_int_equal(a->waits_n, b->waits_n);
    if (a->node_n) assert_memory_equal(a->node, b->node, a->node_n * sizeof *a->node);
    if (a->edge_n) assert_memory_equal(a->edge, b->edge, a->edge_n * sizeof *a->edge);
    if (a->waits_n) assert_memory_equal(a->bucket, b->bucket, a->waits_n * sizeof *a->bucket);
    if (a->waits_n) assert_memory_equal(a->count, b->count, a->waits_n * sizeof *a->count);
    assert_int_equal(tl_bitmap_count(a->customers), tl_bitmap_count(b->customers));
}

static struct ask
ask_any(void)
{
    static const struct ask_filter f[] = { { { "place", 5 }, { "S0", 2 } }, { { "place", 5 }, { "S2", 2 } }, { { "any.channel", 11 }, { "store", 5 } }, { { "place", 5 }, { "S9", 2 } } };
    struct ask q = { .journey = TL_STR("all"), .from_day = INT32_MIN, .to_day = INT32_MAX, .stream = (int)rnd(3) - 1, .as_of_ms = TL_TIME_NONE, .nodes_max = -1, .edges_max = -1, .end = -1,
                     .lifecycle = (enum ask_lifecycle)rnd(3), .limit = 7 };
    if (rnd(2)) q.from_day = 20000 + (int32_t)rnd(DAYS);
    if (rnd(2)) q.to_day = (q.from_day == INT32_MIN ? 20000 : q.from_day) + (int32_t)rnd(DAYS);
    if (rnd(2)) q.as_of_ms = start_of_days + (int64_t)rnd((DAYS + 40) * UINT64_C(86400000));
    for (uint64_t n = rnd(4); n > 0; n--) q.filter[q.filter_n++] = f[rnd(4)];
    return q;
}

static void
looks_equal_the_naive(struct fold *f, int asks)
{
    struct tl_arena *a = tl_arena_new(FOLD_ARENA_BYTES);
    for (int i = 0; i < asks; i++) {
        struct ask q = ask_any();
        struct look k;
        struct tl_err err = { 0, "" };
        struct fold_part *sum = NULL, *again = NULL;
        if (fold_look(f, &q, start_of_days, a, &k, &err) || fold_run(&k, &analysis_map, NULL, &sum, &err) || fold_run(&k, &analysis_map, NULL, &again, &err)) fail_msg("%s", err.text);
        assert_true(q.as_of_ms == TL_TIME_NONE ? k.as_of_ms == start_of_days + 60 * TL_DAY_MS : k.as_of_ms == q.as_of_ms);
        struct map *want = naive(&analysis_map, NULL, &q, k.as_of_ms);
        same_map(sum->part, want);
        same_map(again->part, want);
        map_free(&want);
        fold_run_done(&k, sum);
        fold_run_done(&k, again);
        fold_look_end(&k);
        tl_arena_reset(a);
    }
    tl_arena_free(&a);
}

static struct fold *
fold_open(size_t cache_bytes)
{
    struct fold *f = NULL;
    struct tl_err err = { 0, "" };
    if (fold_new(&f, data, cache_bytes, &err)) fail_msg("%s", err.text);
    return f;
}

/* ---- tests ---- */

static void
nothing_yet_is_empty_then_found(void **state)
{
    (void)state;
    struct fold *f = fold_open(1 << 20);
    struct tl_arena *a = tl_arena_new(FOLD_ARENA_BYTES);
    struct ask q = { .journey = TL_STR("all"), .from_day = INT32_MIN, .to_day = INT32_MAX, .as_of_ms = start_of_days + 300 * TL_DAY_MS, .nodes_max = -1, .edges_max = -1, .end = -1, .stream = ASK_STREAM_ALL, .lifecycle = ASK_LC_ALL };
    struct look k;
    struct map_answer m;
    assert_int_equal(fold_look(f, &q, 5, a, &k, NULL), 0);
    assert_int_equal(fold_map(&k, &m, NULL), 0);
    assert_true(m.journeys == 0 && m.shown.node_n == 0 && k.store == NULL);
    fold_look_end(&k);
    store_make();
    assert_int_equal(fold_look(f, &q, 5, a, &k, NULL), 0);
    assert_int_equal(fold_map(&k, &m, NULL), 0);
    assert_int_equal(m.journeys, JOURNEYS);
    assert_int_equal(m.customers, (JOURNEYS + 1) / 2);
    fold_look_end(&k);
    tl_arena_free(&a);
    fold_free(&f);
}

static void
folds_equal_the_naive(void **state)
{
    (void)state;
    struct fold *f = fold_open(64 << 20);
    looks_equal_the_naive(f, 300);
    int64_t made = tl_count_get(V_PARTIALS_MADE);
    struct tl_arena *a = tl_arena_new(FOLD_ARENA_BYTES);
    struct ask q = { .journey = TL_STR("all"), .from_day = INT32_MIN, .to_day = INT32_MAX, .as_of_ms = TL_TIME_NONE, .stream = ASK_STREAM_ALL, .end = -1 };
    for (int i = 0; i < 3; i++) {
        struct look k;
        struct fold_part *sum = NULL;
        assert_int_equal(fold_look(f, &q, 5, a, &k, NULL), 0);
        assert_int_equal(fold_run(&k, &analysis_map, NULL, &sum, NULL), 0);
        fold_run_done(&k, sum);
        fold_look_end(&k);
        if (i == 0) made = tl_count_get(V_PARTIALS_MADE);
        assert_int_equal(tl_count_get(V_PARTIALS_MADE), made);      /* asked again: nothing is folded again */
    }
    tl_arena_free(&a);
    fold_free(&f);
}

static void
changed_rows_are_seen(void **state)
{
    (void)state;
    struct fold *f = fold_open(64 << 20);
    for (int i = 0; i < 12; i++) {
        looks_equal_the_naive(f, 12);
        store_change((int)rnd(JOURNEYS - 3));
    }
    looks_equal_the_naive(f, 12);
    store_make();                                   /* the same rows in another folder */
    looks_equal_the_naive(f, 12);
    fold_free(&f);
}

static void
a_lifecycle_seen_later_counts(void **state)
{
    (void)state;
    struct fold *f = fold_open(64 << 20);
    for (int i = 0; i < 3; i++) {
        looks_equal_the_naive(f, 15);
        order(-2);
    }
    looks_equal_the_naive(f, 15);
    fold_free(&f);
}

static void
a_small_cache_is_only_slower(void **state)
{
    (void)state;
    struct fold *f = fold_open(30000);
    looks_equal_the_naive(f, 60);
    assert_true(tl_count_get(V_CACHE_BYTES) < 100000);
    fold_free(&f);
}

/* list_all - pages to the end; returns how many came */
static uint64_t
list_all(struct fold *f, struct ask q, struct tl_arena *a, uint64_t *count)
{
    uint64_t n = 0;
    char cursor[96] = "";
    int64_t before = INT64_MIN;
    for (;;) {
        struct look k;
        struct journeys_answer out;
        struct tl_err err = { 0, "" };
        q.cursor = cursor[0] ? tl_str_of(cursor) : (struct tl_str){ NULL, 0 };
        if (fold_look(f, &q, 5, a, &k, &err) || fold_journeys(&k, &out, &err)) fail_msg("%s", err.text);
        for (uint32_t i = 0; i < out.item_n; i++) {
            assert_true(out.item[i].start_ms >= before);
            before = out.item[i].start_ms;
        }
        n += out.item_n;
        *count = out.count;
        snprintf(cursor, sizeof cursor, "%s", out.next);
        fold_look_end(&k);
        tl_arena_reset(a);
        if (!cursor[0]) return n;
    }
}

static void
a_click_lists_what_was_counted(void **state)
{
    (void)state;
    struct fold *f = fold_open(64 << 20);
    struct tl_arena *a = tl_arena_new(FOLD_ARENA_BYTES), *b = tl_arena_new(FOLD_ARENA_BYTES);
    struct ask q = { .journey = TL_STR("all"), .from_day = 20010, .to_day = 20080, .as_of_ms = TL_TIME_NONE, .nodes_max = 5, .edges_max = 12, .end = -1, .limit = 37 };
    struct look k;
    struct map_answer m;
    uint64_t count = 0;
    assert_int_equal(fold_look(f, &q, 5, b, &k, NULL), 0);
    assert_int_equal(fold_map(&k, &m, NULL), 0);
    fold_look_end(&k);
    assert_true(m.shown.node_n == 5 && m.shown.edge_n == 12 && m.shown.other_nodes == TOUCHPOINTS - 5);
    uint64_t moves = m.shown.other_steps, in[5] = { 0 }, out[5] = { 0 };
    for (uint32_t i = 0; i < m.shown.edge_n; i++) {
        struct ask e = q;
        e.edge_from = m.shown.node[m.shown.edge[i].from].touchpoint;
        e.edge_to = m.shown.node[m.shown.edge[i].to].touchpoint;
        assert_int_equal(list_all(f, e, a, &count), m.shown.edge[i].of->journeys);
        assert_int_equal(count, m.shown.edge[i].of->journeys);
        moves += m.shown.edge[i].of->steps;
        out[m.shown.edge[i].from] += m.shown.edge[i].of->steps;
        in[m.shown.edge[i].to] += m.shown.edge[i].of->steps;
    }
    assert_int_equal(moves, m.steps - m.journeys);
    for (uint32_t i = 0; i < m.shown.node_n; i++) {
        const struct shown_node *n = &m.shown.node[i];
        struct ask e = q;
        uint64_t ends = 0;
        e.node = n->touchpoint;
        assert_int_equal(list_all(f, e, a, &count), n->of->journeys);
        e.start = true;
        assert_int_equal(list_all(f, e, a, &count), n->of->starts);
        e.start = false;
        for (e.end = 0; e.end < TL_END_N; e.end++) {
            assert_int_equal(list_all(f, e, a, &count), n->of->ends[e.end]);
            ends += n->of->ends[e.end];
        }
        assert_int_equal(in[i] + n->other_in + n->of->starts, n->of->steps);
        assert_int_equal(out[i] + n->other_out + ends, n->of->steps);
    }
    q.node = TL_STR("not there");
    assert_int_equal(list_all(f, q, a, &count), 0);
    tl_arena_free(&a);
    tl_arena_free(&b);
    fold_free(&f);
}

static void
wrong_questions_are_refused(void **state)
{
    (void)state;
    struct fold *f = fold_open(1 << 20);
    struct tl_arena *a = tl_arena_new(FOLD_ARENA_BYTES);
    struct look k;
    struct tl_err err = { 0, "" };
    struct ask q = { .journey = TL_STR("order"), .from_day = INT32_MIN, .to_day = INT32_MAX, .as_of_ms = TL_TIME_NONE, .end = -1 };
    assert_int_equal(fold_look(f, &q, 5, a, &k, &err), TL_ENOTFOUND);
    assert_non_null(strstr(err.text, "known: all"));
    q.journey = TL_STR("all");
    q.filter[0] = (struct ask_filter){ TL_STR("colour"), TL_STR("red") };
    q.filter_n = 1;
    assert_int_equal(fold_look(f, &q, 5, a, &k, &err), TL_EINVAL);
    assert_non_null(strstr(err.text, "place, channel, tier"));
    q.filter_n = 0;
    q.model = TL_STR("Z");
    assert_int_equal(fold_look(f, &q, 5, a, &k, &err), TL_EINVAL);
    tl_arena_free(&a);
    fold_free(&f);
}

static int
setup(void **state)
{
    if (tl_hash_init() || folder_make(state)) return -1;
    snprintf(data, sizeof data, "%s", dir);
    snprintf(journeys_dir, sizeof journeys_dir, "%s/journeys", dir);
    sh = mmap(NULL, sizeof *sh, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    journey = sh->journey;
    step = sh->step;
    row_hash = sh->row_hash;
    sh->both_n = 2;
    int down[2], up[2];
    if (sh == MAP_FAILED || pipe(down) || pipe(up) || (writer = fork()) < 0) return -1;
    if (writer == 0) {
        close(down[1]);
        close(up[0]);
        writer_run(down[0], up[1]);
    }
    close(down[0]);
    close(up[1]);
    to_writer = down[1];
    from_writer = up[0];
    return 0;
}

static int
teardown(void **state)
{
    close(to_writer);
    waitpid(writer, NULL, 0);
    return folder_drop(state);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_yet_is_empty_then_found), cmocka_unit_test(folds_equal_the_naive), cmocka_unit_test(changed_rows_are_seen), cmocka_unit_test(a_lifecycle_seen_later_counts),
        cmocka_unit_test(a_small_cache_is_only_slower), cmocka_unit_test(a_click_lists_what_was_counted), cmocka_unit_test(wrong_questions_are_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
