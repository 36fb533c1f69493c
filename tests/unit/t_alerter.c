/* t_alerter.c - each moment alerts once, whatever the clock does, wherever the program stops, however the store is written: random worlds against a slow oracle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../aggregator/alerts.h"
#include "tl_hash.h"
#include "tl_time.h"

#define HOUR INT64_C(3600000)
#define ROWS 24

struct row { struct tl_due d; bool there; };
struct known { bool raised; uint8_t state; const char *why; };      /* the oracle's */
struct world {
    char data[64];
    struct tl_alerts *store;
    struct alerts *alerts;
    struct row row[ROWS];
    struct known known[ROWS];
    uint64_t serial, touched[4 * ROWS];
    uint32_t touched_n;
    bool touched_all;
    int64_t now_ms, mono_us;
    int64_t until_ms;                   /* how far the till has told */
    int silences;                       /* alerts of it */
    uint64_t seed;
};

static uint64_t
below(struct world *w, uint64_t n)
{
    w->seed += UINT64_C(0x9E3779B97F4A7C15);
    return tl_mix64(w->seed) % n;
}

/* ---- the store, as the alerter sees it ---- */

static int
window(void *self, int64_t from_ms, int64_t to_ms, int (*each)(void *arg, const struct tl_due *d), void *arg, struct tl_err *err)
{
    struct world *w = self;
    (void)err;
    for (int i = 0; i < ROWS; i++) {
        const struct row *r = &w->row[i];
        int rc = r->there && r->d.at_ms > from_ms && r->d.at_ms <= to_ms ? each(arg, &r->d) : 0;
        if (rc)
            return rc;
    }
    return 0;
}

static int
get(void *self, uint64_t id, struct tl_due *out, struct tl_err *err)
{
    struct world *w = self;
    (void)err;
    for (int i = 0; i < ROWS; i++)
        if (w->row[i].there && w->row[i].d.id == id) {
            *out = w->row[i].d;
            return 0;
        }
    return TL_ENOTFOUND;
}

static const uint64_t *
touched(void *self, uint32_t *n, bool *all)
{
    struct world *w = self;
    *n = w->touched_n;
    *all = w->touched_all;
    return w->touched;
}

static void
told(void *self)
{
    struct world *w = self;
    w->touched_n = 0;
    w->touched_all = false;
}

static int
describe(void *self, const struct tl_due *d, struct tl_alert *a, struct tl_err *err)
{
    (void)self;
    (void)d;
    (void)err;
    a->rule = TL_STR("rule");
    return 0;
}

static void
describe_done(void *self)
{
    (void)self;
}

/* rows of odd places ask a source, all the same one */
static int
heard(void *self, const struct tl_due *d, int64_t *until_ms, char name[ALERTS_SOURCE_BYTES], struct tl_err *err)
{
    struct world *w = self;
    (void)err;
    *until_ms = d->place ? w->until_ms : ALERTS_EVER;
    strcpy(name, "till");
    return 0;
}

static int
source_until(void *self, struct tl_str name, int64_t *until_ms, struct tl_err *err)
{
    struct world *w = self;
    (void)err;
    assert_true(tl_str_is(name, "till"));
    *until_ms = w->until_ms;
    return 0;
}

static int
describe_source(void *self, const struct tl_due *d, const char *name, int64_t until_ms, struct tl_alert *a, struct tl_err *err)
{
    (void)until_ms;
    describe(self, d, a, err);
    a->rule = tl_str_of(name);
    return 0;
}

static struct alerts_source
source(struct world *w)
{
    return (struct alerts_source){ .self = w, .serial = w->serial, .window = window, .get = get, .touched = touched, .told = told, .describe = describe, .describe_done = describe_done, .heard = heard,
                                   .source = source_until, .describe_source = describe_source };
}

/* ---- the oracle: by the words of schemas/alerts.md 2, over all rows, every time ---- */

static void
expect(struct world *w)
{
    for (int i = 0; i < ROWS; i++) {
        const struct tl_due *d = &w->row[i].d;
        struct known *k = &w->known[i];
        bool due = w->row[i].there && d->at_ms <= w->now_ms && d->at_ms > w->now_ms - 24 * HOUR;
        bool waits = d->place && w->until_ms < (d->kind == TL_ALERT_NEAR ? d->started_ms : d->kind == TL_ALERT_PASSED ? d->due_ms : INT64_MIN);
        if (!due || k->raised || waits || (d->kind == TL_ALERT_NEAR && d->due_ms < w->now_ms) ||
            (d->kind == TL_ALERT_PASSED && d->ended_ms != TL_TIME_NONE && w->now_ms - d->ended_ms > 15 * 60000))
            continue;
        *k = (struct known){ true, TL_ALERT_OPEN, NULL };
        struct known *warning = d->kind == TL_ALERT_PASSED ? &w->known[i - 1] : NULL;       /* pairs stand side by side */
        if (warning && warning->raised && warning->state != TL_ALERT_RESOLVED)
            *warning = (struct known){ true, TL_ALERT_RESOLVED, "passed" };
    }
    for (int i = 0; i < ROWS; i++) {
        struct known *k = &w->known[i];
        if (k->raised && !w->row[i].there && k->state != TL_ALERT_RESOLVED)
            *k = (struct known){ true, TL_ALERT_RESOLVED, "gone" };
        else if (k->raised && w->row[i].there && k->state == TL_ALERT_RESOLVED && strcmp(k->why, "gone") == 0)
            *k = (struct known){ true, TL_ALERT_OPEN, NULL };
    }
}

static int
count_one(void *arg, const struct tl_alert *a)
{
    ((int *)arg)[a->kind == TL_ALERT_SILENT]++;
    return 0;
}

static void
compare(struct world *w)
{
    struct tl_alerts_txn *t = NULL;
    struct tl_alert a;
    int n[2] = { 0 }, want = 0;
    assert_int_equal(tl_alerts_begin(w->store, false, &t, NULL), 0);
    assert_int_equal(tl_alerts_newest(t, count_one, n, NULL), 0);
    for (int i = 0; i < ROWS; i++) {
        const struct known *k = &w->known[i];
        int rc = tl_alerts_get(t, w->row[i].d.id, &a, NULL);
        assert_int_equal(rc, k->raised ? 0 : TL_ENOTFOUND);
        want += k->raised;
        if (!k->raised)
            continue;
        assert_int_equal(a.state, k->state);
        assert_true(k->why ? tl_str_is(a.resolved, k->why) : a.resolved.n == 0);
    }
    assert_int_equal(n[0], want);
    w->silences = n[1];
    assert_int_equal(tl_alerts_last_number(t), want + n[1]);       /* a number for each raising: nothing was raised twice */
    tl_alerts_abort(&t);
}

static void
look(struct world *w)
{
    struct tl_err err = {0};
    const struct alerts_source s = source(w);
    if (alerts_look(w->alerts, &s, w->now_ms, w->mono_us, &err) < 0)
        fail_msg("%s", err.text);
    expect(w);
    compare(w);
}

/* ---- worlds ---- */

static void
open_world(struct world *w, bool again)
{
    if (again) {
        alerts_free(&w->alerts);
        tl_alerts_close(&w->store);
    }
    assert_int_equal(tl_alerts_open(&w->store, w->data, false, NULL), 0);
    w->alerts = alerts_new(w->store);
    assert_non_null(w->alerts);
    w->serial++;
    w->touched_n = 0;                   /* what a process knew ends with it */
    w->touched_all = false;
}

static void
make_world(struct world *w, uint64_t seed)
{
    memset(w, 0, sizeof *w);
    w->seed = seed;
    w->now_ms = INT64_C(1772323200000);
    w->mono_us = 5000000;
    snprintf(w->data, sizeof w->data, "/tmp/t_alerter_XXXXXX");
    assert_non_null(mkdtemp(w->data));
    for (int i = 0; i < ROWS; i += 2) {
        int64_t at = w->now_ms - 30 * HOUR + (int64_t)below(w, 40 * (uint64_t)HOUR), limit = 1000 + (int64_t)below(w, (uint64_t)HOUR);
        uint64_t near_id = 1000 + 2 * below(w, 1u << 30), passed_id = near_id + 1;
        w->row[i].d = (struct tl_due){ .id = near_id, .pair = passed_id, .kind = TL_ALERT_NEAR, .at_ms = at, .started_ms = at - 4 * limit, .due_ms = at + limit, .ended_ms = TL_TIME_NONE };
        w->row[i + 1].d = w->row[i].d;
        w->row[i + 1].d.id = passed_id;
        w->row[i + 1].d.pair = near_id;
        w->row[i + 1].d.kind = below(w, 4) ? TL_ALERT_PASSED : TL_ALERT_MOMENT;
        w->row[i + 1].d.at_ms = at + limit + 1;
        w->row[i].there = w->row[i + 1].there = below(w, 2);
        w->row[i].d.place = w->row[i + 1].d.place = i % 8 == 0;
        if (below(w, 4) == 0)
            w->row[i + 1].d.ended_ms = at + 2 * limit;
    }
    w->until_ms = w->now_ms;
    open_world(w, false);
}

static void
end_world(struct world *w)
{
    char path[128];
    alerts_free(&w->alerts);
    tl_alerts_close(&w->store);
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/alerts/%s", w->data, i ? "data.mdb" : "lock.mdb");
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/alerts", w->data);
    rmdir(path);
    rmdir(w->data);
}

static void
advance(struct world *w, int64_t ms)
{
    w->now_ms += ms;
    w->mono_us += ms * 1000;
}

static void
write_row(struct world *w)
{
    uint64_t i = below(w, ROWS);
    w->row[i].there = !w->row[i].there;
    if (w->touched_n < sizeof w->touched / sizeof *w->touched)
        w->touched[w->touched_n++] = w->row[i].d.id;
    else
        w->touched_all = true;
}

static void
anything_happens(struct world *w)
{
    switch (below(w, 12)) {
    case 0: case 1: case 2: advance(w, (int64_t)below(w, 3000)); break;
    case 3: case 4: advance(w, (int64_t)below(w, 20 * 60000)); break;
    case 5: w->now_ms += (int64_t)below(w, 3 * (uint64_t)HOUR) - 90 * 60000; break;          /* somebody sets the clock */
    case 6: if (below(w, 4) == 0) w->now_ms += (below(w, 2) ? 1 : -1) * 48 * HOUR; break;
    case 7: open_world(w, true); break;
    case 8: w->serial++; w->touched_n = 0; break;       /* built anew */
    case 9: w->until_ms = w->now_ms > w->until_ms ? w->now_ms : w->until_ms; break;      /* the till speaks */
    default: write_row(w); break;
    }
}

static void
each_moment_alerts_once(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct world w;
        make_world(&w, seed);
        look(&w);
        for (int i = 0; i < 60; i++) {
            uint64_t n = 1 + below(&w, 3);
            while (n--)
                anything_happens(&w);
            look(&w);
        }
        end_world(&w);
    }
}

static void
a_day_old_is_quiet_and_a_wrong_clock_loses_nothing(void **state)
{
    (void)state;
    struct world w;
    make_world(&w, 3);
    for (int i = 0; i < ROWS; i++) {
        w.row[i].there = i < 4;
        w.row[i].d.at_ms = w.now_ms - 24 * HOUR + (i < 2 ? 0 : 1);     /* exactly a day old; a millisecond younger */
        w.row[i].d.due_ms = w.now_ms + HOUR;
        w.row[i].d.kind = TL_ALERT_MOMENT;
    }
    look(&w);
    assert_false(w.known[0].raised || w.known[1].raised);
    assert_true(w.known[2].raised && w.known[3].raised);
    w.row[4].there = true;
    w.row[4].d.at_ms = w.now_ms + 60000;
    w.touched[w.touched_n++] = w.row[4].d.id;
    w.now_ms += 48 * HOUR;              /* wrong for a while: by now the moment looks two days old */
    look(&w);
    assert_false(w.known[4].raised);
    w.now_ms -= 48 * HOUR;
    look(&w);
    assert_false(w.known[4].raised);
    advance(&w, 60000);
    look(&w);
    assert_true(w.known[4].raised);
    end_world(&w);
}

static void
silence_of_a_source_is_told_once(void **state)
{
    (void)state;
    struct world w;
    make_world(&w, 9);
    for (int i = 0; i < ROWS; i++) {
        w.row[i].there = i == 1 || i == 3 || i == 5;
        w.row[i].d.kind = TL_ALERT_PASSED;
        w.row[i].d.place = 1;
        w.row[i].d.started_ms = w.now_ms - HOUR;
        w.row[i].d.due_ms = w.now_ms + i * 60000;
        w.row[i].d.at_ms = w.row[i].d.due_ms + 1;
        w.row[i].d.ended_ms = TL_TIME_NONE;
    }
    w.until_ms = w.now_ms;
    advance(&w, 60001);
    look(&w);
    assert_false(w.known[1].raised);    /* nobody has told up to then; a minute of silence is none */
    assert_int_equal(w.silences, 0);
    for (int i = 0; i < 10; i++) {
        advance(&w, 60000);
        look(&w);
    }
    assert_int_equal(w.silences, 1);    /* three customers wait for it: one alert */
    open_world(&w, true);
    look(&w);
    assert_int_equal(w.silences, 1);
    assert_false(w.known[1].raised || w.known[3].raised);
    w.until_ms += 3 * 60000;            /* it has told up to the second limit */
    look(&w);
    assert_true(w.known[1].raised && w.known[3].raised && !w.known[5].raised);
    assert_int_equal(w.silences, 2);    /* and is silent again */
    w.until_ms = w.now_ms;
    look(&w);
    assert_true(w.known[5].raised);
    assert_int_equal(w.silences, 2);
    struct tl_alerts_txn *t = NULL;
    struct tl_alerts_counts c;
    assert_int_equal(tl_alerts_begin(w.store, false, &t, NULL), 0);
    tl_alerts_count(t, &c);
    tl_alerts_abort(&t);
    assert_int_equal(c.n[0][TL_ALERT_RESOLVED], 2);
    end_world(&w);
}

static uint8_t
state_of(struct world *w, uint64_t id, struct tl_buf *owner)
{
    struct tl_alerts_txn *t = NULL;
    struct tl_alert a;
    assert_int_equal(tl_alerts_begin(w->store, false, &t, NULL), 0);
    assert_int_equal(tl_alerts_get(t, id, &a, NULL), 0);
    tl_buf_reset(owner);
    tl_buf_put(owner, a.assignee.p, a.assignee.n);
    tl_buf_put_u8(owner, 0);
    tl_alerts_abort(&t);
    return a.state;
}

static void
people_take_them_on(void **state)
{
    (void)state;
    struct world w;
    struct tl_buf owner = {0};
    const struct alerts_said taken = { TL_STR("acknowledged"), TL_STR("Wang"), TL_STR("calling"), TL_STR("desk"), 7 }, done = { .status = TL_STR("done"), .owner = TL_STR("Wang") },
                             open = { .status = TL_STR("open") };
    make_world(&w, 5);
    for (int i = 0; i < ROWS; i++)
        w.row[i].there = false;
    w.row[1].there = true;
    w.row[1].d.at_ms = w.now_ms;
    w.row[1].d.place = 0;
    w.row[1].d.ended_ms = TL_TIME_NONE;
    uint64_t id = w.row[1].d.id;
    look(&w);
    assert_int_equal(alerts_say(w.alerts, id, &taken, NULL), 1);
    assert_int_equal(alerts_say(w.alerts, id, &taken, NULL), 0);        /* said again: nothing new */
    assert_int_equal(alerts_say(w.alerts, 77, &taken, NULL), TL_ENOTFOUND);
    assert_int_equal(state_of(&w, id, &owner), TL_ALERT_ACKNOWLEDGED);
    assert_string_equal((char *)owner.data, "Wang");
    assert_int_equal(alerts_say(w.alerts, id, &open, NULL), 1);
    assert_int_equal(state_of(&w, id, &owner), TL_ALERT_OPEN);
    assert_int_equal(alerts_say(w.alerts, id, &done, NULL), 1);
    assert_int_equal(state_of(&w, id, &owner), TL_ALERT_RESOLVED);
    assert_int_equal(alerts_say(w.alerts, id, &taken, NULL), 1);        /* done too early */
    w.row[1].there = false;             /* the cause goes away: nobody's word changes that */
    w.touched[w.touched_n++] = id;
    const struct alerts_source s = source(&w);
    assert_int_equal(alerts_look(w.alerts, &s, w.now_ms, w.mono_us, NULL), 1);
    assert_int_equal(alerts_say(w.alerts, id, &open, NULL), 1);
    assert_int_equal(state_of(&w, id, &owner), TL_ALERT_RESOLVED);
    tl_buf_free(&owner);
    end_world(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each_moment_alerts_once), cmocka_unit_test(a_day_old_is_quiet_and_a_wrong_clock_loses_nothing),
                                        cmocka_unit_test(silence_of_a_source_is_told_once), cmocka_unit_test(people_take_them_on) };
    assert_int_equal(tl_hash_init(), 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
