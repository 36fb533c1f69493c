/* t_alerts.c - what was raised: kept, found by change, counted, dropped when there are too many; sentences in both languages. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tl_alerts.h"
#include "tl_hash.h"
#include "tl_journey.h"
#include "tl_time.h"

struct box { char data[64]; struct tl_alerts *alerts; };

static int
setup(void **state)
{
    struct box *b = calloc(1, sizeof *b);
    struct tl_err err = {0};
    snprintf(b->data, sizeof b->data, "/tmp/t_alerts_XXXXXX");
    assert_non_null(mkdtemp(b->data));
    assert_int_equal(tl_hash_init(), 0);
    assert_int_equal(tl_alerts_open(&b->alerts, b->data, false, &err), 0);
    *state = b;
    return 0;
}

static int
teardown(void **state)
{
    struct box *b = *state;
    char path[200];
    tl_alerts_close(&b->alerts);
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/alerts/%s", b->data, i ? "data.mdb" : "lock.mdb");
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/alerts", b->data);
    rmdir(path);
    rmdir(b->data);
    free(b);
    return 0;
}

static struct tl_alert
example(uint64_t id)
{
    struct tl_alert a = { .id = id, .kind = TL_ALERT_NEAR, .severity = 2, .started_ms = 0, .due_ms = 600000, .at_ms = 480000, .raised_ms = 480001, .ended_ms = TL_TIME_NONE,
                          .journey = TL_STR("order"), .journey_ms = -5, .rule = TL_STR("vip_complaint"), .title_zh = TL_STR("VIP 投诉 10 分钟内专人对接"),
                          .title_en = TL_STR("VIP complaint taken within 10 minutes"), .touchpoint = TL_STR("remedy"), .touchpoint_zh = TL_STR("补救"), .touchpoint_en = TL_STR("Remedy"),
                          .place = TL_STR("S07"), .department = TL_STR("客服 Customer service") };
    a.customer[15] = 7;
    return a;
}

static void
put(struct box *b, struct tl_alert a)
{
    struct tl_alerts_txn *t = NULL;
    struct tl_err err = {0};
    uint64_t gone = 0;
    assert_int_equal(tl_alerts_begin(b->alerts, true, &t, &err), 0);
    if (tl_alerts_put(t, &a, &gone, &err))
        fail_msg("%s", err.text);
    assert_int_equal(tl_alerts_commit(&t, &err), 0);
}

static int
note_id(void *arg, const struct tl_alert *a)
{
    struct tl_buf *out = arg;
    tl_buf_printf(out, "%d%s ", (int)a->id, a->state == TL_ALERT_RESOLVED ? "r" : "");
    return 0;
}

static void
ids(struct box *b, bool newest, uint64_t since, const char *want)
{
    struct tl_alerts_txn *t = NULL;
    struct tl_buf out = {0};
    assert_int_equal(tl_alerts_begin(b->alerts, false, &t, NULL), 0);
    assert_int_equal(newest ? tl_alerts_newest(t, note_id, &out, NULL) : tl_alerts_since(t, since, note_id, &out, NULL), 0);
    tl_alerts_abort(&t);
    tl_buf_put_u8(&out, 0);
    assert_string_equal((char *)out.data, want);
    tl_buf_free(&out);
}

static void
everything_comes_back(void **state)
{
    struct box *b = *state;
    struct tl_alerts_txn *t = NULL;
    struct tl_alert a = example(9), r;
    put(b, a);
    tl_alerts_close(&b->alerts);
    assert_int_equal(tl_alerts_open(&b->alerts, b->data, false, NULL), 0);
    assert_int_equal(tl_alerts_begin(b->alerts, false, &t, NULL), 0);
    assert_int_equal(tl_alerts_get(t, 9, &r, NULL), 0);
    assert_int_equal(tl_alerts_get(t, 8, &r, NULL), TL_ENOTFOUND);
    assert_int_equal(tl_alerts_get(t, 9, &r, NULL), 0);
    assert_true(tl_str_eq(r.title_zh, a.title_zh) && tl_str_eq(r.place, a.place) && tl_str_eq(r.department, a.department) && tl_str_eq(r.journey, a.journey));
    assert_true(r.kind == a.kind && r.due_ms == a.due_ms && r.ended_ms == TL_TIME_NONE && r.journey_ms == -5 && r.customer[15] == 7 && r.severity == 2 && r.number == 1 && r.change == 1);
    assert_null(r.note.p);
    tl_alerts_abort(&t);
}

static void
changes_are_told_in_their_order(void **state)
{
    struct box *b = *state;
    struct tl_alerts_counts c;
    struct tl_alerts_txn *t = NULL;
    struct tl_alert second = example(2), visit = example(4);
    for (uint64_t i = 1; i <= 3; i++)
        put(b, example(i));
    second.state = TL_ALERT_RESOLVED;
    visit.stream = TL_STREAM_MYSTERY;
    put(b, second);
    put(b, visit);
    ids(b, false, 0, "1 3 2r 4 ");
    ids(b, false, 3, "2r 4 ");
    ids(b, false, 5, "");
    ids(b, false, UINT64_MAX, "");
    ids(b, true, 0, "4 2r 3 1 ");
    assert_int_equal(tl_alerts_begin(b->alerts, false, &t, NULL), 0);
    tl_alerts_count(t, &c);
    assert_int_equal(tl_alerts_last_change(t), 5);
    tl_alerts_abort(&t);
    assert_true(c.n[0][TL_ALERT_OPEN] == 2 && c.n[0][TL_ALERT_RESOLVED] == 1 && c.n[1][TL_ALERT_OPEN] == 1 && c.n[0][TL_ALERT_ACKNOWLEDGED] == 0);
}

static void
nothing_of_an_aborted_round_stays(void **state)
{
    struct box *b = *state;
    struct tl_alerts_txn *t = NULL;
    struct tl_alert a = example(1);
    uint64_t gone;
    assert_int_equal(tl_alerts_begin(b->alerts, true, &t, NULL), 0);
    assert_int_equal(tl_alerts_put(t, &a, &gone, NULL), 0);
    tl_alerts_abort(&t);
    ids(b, true, 0, "");
}

static void
memos_are_kept(void **state)
{
    struct box *b = *state;
    struct tl_alerts_txn *t = NULL;
    struct tl_str v;
    assert_int_equal(tl_alerts_begin(b->alerts, true, &t, NULL), 0);
    assert_int_equal(tl_alerts_memo_put(t, TL_STR("digest"), TL_STR("20000"), NULL), 0);
    assert_int_equal(tl_alerts_memo_put(t, TL_STR("group/x"), TL_STR("1"), NULL), 0);
    assert_int_equal(tl_alerts_memo_put(t, TL_STR("group/x"), (struct tl_str){0}, NULL), 0);
    assert_int_equal(tl_alerts_commit(&t, NULL), 0);
    assert_int_equal(tl_alerts_begin(b->alerts, false, &t, NULL), 0);
    assert_int_equal(tl_alerts_memo_get(t, TL_STR("digest"), &v), 0);
    assert_true(tl_str_is(v, "20000"));
    assert_int_equal(tl_alerts_memo_get(t, TL_STR("group/x"), &v), TL_ENOTFOUND);
    tl_alerts_abort(&t);
}

static void
sentences(void **state)
{
    (void)state;
    struct tl_alert a = example(1), bare = { .rule = TL_STR("r"), .kind = TL_ALERT_PASSED, .due_ms = 86400000 + 3600000 };
    char out[300], small[20], d[48];
    tl_alert_text(&a, true, out, sizeof out);
    assert_string_equal(out, "VIP 投诉 10 分钟内专人对接:时限 10:00 已过 8:00(补救 · S07)");
    tl_alert_text(&a, false, out, sizeof out);
    assert_string_equal(out, "VIP complaint taken within 10 minutes: 8:00 of 10:00 have passed (Remedy · S07)");
    tl_alert_text(&bare, false, out, sizeof out);
    assert_string_equal(out, "r: over the limit of 1 d 1:00:00");
    bare = (struct tl_alert){ .rule = TL_STR("r"), .kind = TL_ALERT_MOMENT, .started_ms = 1795331335000, .at_ms = TL_TIME_NONE, .due_ms = TL_TIME_NONE };
    tl_alert_text(&bare, false, out, sizeof out);       /* nothing is reckoned from times that are not */
    assert_string_equal(out, "r: a bad experience at a moment of truth");
    tl_alert_text(&a, true, small, sizeof small);       /* "VIP 投诉 10 分" is 18 bytes, the next character does not fit */
    assert_string_equal(small, "VIP 投诉 10 分");
    tl_alert_duration(59999, false, d);
    assert_string_equal(d, "0:59");
    for (unsigned k = 0; k < TL_ALERT_KINDS; k++)
        assert_int_equal(tl_alert_word_of(tl_str_of(tl_alert_kind_word(k)), tl_alert_kind_word, TL_ALERT_KINDS), (int)k);
    assert_int_equal(tl_alert_word_of(TL_STR("none"), tl_alert_state_word, TL_ALERT_STATES), -1);
}

/* A page that was killed while it looked keeps no pages of the store for ever. */
static void
a_reader_that_died_is_forgotten(void **state)
{
    struct box *b = *state;
    int ready[2];
    char c = 0;

    tl_alerts_close(&b->alerts);
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct tl_alerts *a = NULL;
        struct tl_alerts_txn *t = NULL;
        bool good = tl_alerts_open(&a, b->data, true, NULL) == 0 && tl_alerts_begin(a, false, &t, NULL) == 0;
        good = good && write(ready[1], "y", 1) == 1;
        while (good)
            pause();                                /* with its transaction open */
        _exit(1);
    }
    close(ready[1]);
    assert_true(read(ready[0], &c, 1) == 1 && c == 'y');
    close(ready[0]);
    assert_int_equal(tl_alerts_open(&b->alerts, b->data, false, NULL), 0);
    assert_int_equal(tl_alerts_tend(b->alerts, INT64_C(10000000)), 0);      /* it lives */
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_int_equal(tl_alerts_tend(b->alerts, INT64_C(14000000)), 0);      /* too soon to look */
    assert_int_equal(tl_alerts_tend(b->alerts, INT64_C(15000000)), 1);
    assert_int_equal(tl_alerts_tend(b->alerts, INT64_C(30000000)), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_reader_that_died_is_forgotten, setup, teardown),
        cmocka_unit_test_setup_teardown(everything_comes_back, setup, teardown), cmocka_unit_test_setup_teardown(changes_are_told_in_their_order, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_of_an_aborted_round_stays, setup, teardown), cmocka_unit_test_setup_teardown(memos_are_kept, setup, teardown), cmocka_unit_test(sentences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
