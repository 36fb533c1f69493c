/* t_commit.c - group commit against a disk made of a list: order, no answer before its sync, splitting, a disk that fills up, a sync that fails. */
#include "../../collector/commit.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "nth_call.h"
#include "tl_wire.h"

NTH_CODE(NTH_OTHER, pthread_create, (pthread_t * t, const pthread_attr_t *a, void *(*f)(void *), void *arg), (t, a, f, arg))

struct disk {
    pthread_mutex_t lock;
    uint64_t appended, durable, full_at, syncs;
    uint64_t events, refused;
    size_t largest;
    bool sync_fails;
    atomic_int answered, refused_answers, broken, in_order;
    atomic_long now_us;
};

static int
append(void *arg, struct tl_str payload, uint64_t *seq, struct tl_err *err)
{
    struct disk *d = arg;
    struct tl_cur c = tl_cur_of(payload.p, payload.n);
    int kind;
    uint32_t n;
    if (d->full_at && d->appended + 1 >= d->full_at) return tl_fail(err, TL_ENOSPC, "full");
    assert_int_equal(tl_wire_open(&c, &kind, &n), 0);
    for (uint32_t i = 0; i < n; i++) {          /* every item is whole and none is between two records */
        struct tl_str item = tl_cur_text(&c);
        assert_false(c.bad);
        assert_true(item.n > 0);
    }
    assert_int_equal(tl_cur_left(&c), 0);
    *(kind == TL_KIND_EVENTS ? &d->events : &d->refused) += n;
    if (payload.n > d->largest) d->largest = payload.n;
    *seq = ++d->appended;
    return 0;
}

static int
sync_disk(void *arg, uint64_t *durable, struct tl_err *err)
{
    struct disk *d = arg;
    (void)durable;
    d->syncs++;
    if (d->sync_fails) return tl_fail(err, TL_EIO, "sync failed");
    usleep(200);
    d->durable = d->appended;
    return 0;
}

static void
answer(void *arg, struct ticket *t, const struct tl_err *err)
{
    struct disk *d = arg;
    if (!err) assert_true(t->seq > 0 && t->seq <= d->durable);
    atomic_fetch_add(err ? &d->refused_answers : &d->answered, 1);
    ticket_free(&t);
}

static void
committed(void *arg, bool broken)
{
    struct disk *d = arg;
    if (broken) atomic_store(&d->broken, 1);
}

static int64_t
mono_us(void *arg)
{
    struct disk *d = arg;
    return atomic_load(&d->now_us);
}

static struct commit *
start(struct disk *d)
{
    struct commit *c = NULL;
    struct commit_cfg cfg = { append, sync_disk, answer, committed, mono_us, d, 1000000 };
    assert_int_equal(commit_start(&c, &cfg, NULL), 0);
    return c;
}

/* A body of n items of item_bytes each; the codec's bytes do not matter here, only their lengths. */
static struct body
body(uint32_t events_n, uint32_t refused_n, size_t item_bytes)
{
    struct body b = { .events_n = events_n, .refused_n = refused_n };
    char *filler = calloc(1, item_bytes);
    for (uint32_t i = 0; i < events_n; i++)
        tl_buf_put_text(&b.events, (struct tl_str){ filler, item_bytes });
    for (uint32_t i = 0; i < refused_n; i++)
        tl_buf_put_text(&b.refused, (struct tl_str){ filler, item_bytes });
    free(filler);
    return b;
}

static int
add(struct commit *c, struct body *b, bool until_logged)
{
    struct ticket *t = ticket_new(NULL, NULL, b);
    t->until_logged = until_logged;
    int rc = commit_add(c, b, t, NULL);
    if (rc != 0) ticket_free(&t);
    body_free(b);
    return rc;
}

struct sender {
    struct commit *c;
    int n;
};

static void *
sender_main(void *arg)
{
    struct sender *s = arg;
    for (int i = 0; i < s->n; i++) {
        struct body b = body((uint32_t)(i % 7) + 1, (uint32_t)(i % 3), (size_t)(i * 37 % 900) + 1);
        assert_int_equal(add(s->c, &b, false), 0);
    }
    return NULL;
}

static void
t_many_senders(void **s)
{
    struct disk d = { .lock = PTHREAD_MUTEX_INITIALIZER };
    struct commit *c = start(&d);
    struct sender me = { c, 500 };
    pthread_t t[4];
    uint64_t events = 0, refused = 0;
    (void)s;
    for (int i = 0; i < 4; i++)
        pthread_create(&t[i], NULL, sender_main, &me);
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    commit_stop(c);
    commit_free(&c);
    for (int i = 0; i < 500; i++)
        events += (uint64_t)(i % 7) + 1, refused += (uint64_t)(i % 3);
    assert_int_equal(d.answered, 2000);
    assert_int_equal(d.events, 4 * events);
    assert_int_equal(d.refused, 4 * refused);
    assert_true(d.syncs < 2000);
    assert_true(d.largest <= COMMIT_RECORD_BYTES);
}

static void
t_large_bodies_are_split(void **s)
{
    struct disk d = { .lock = PTHREAD_MUTEX_INITIALIZER };
    struct commit *c = start(&d);
    struct body b = body(40, 20, 32000);
    (void)s;
    assert_int_equal(add(c, &b, false), 0);
    commit_stop(c);
    commit_free(&c);
    assert_int_equal(d.answered, 1);
    assert_int_equal(d.events, 40);
    assert_int_equal(d.refused, 20);
    assert_true(d.appended >= 8);
    assert_true(d.largest <= COMMIT_RECORD_BYTES);
}

static void
t_disk_full(void **s)
{
    struct disk d = { .lock = PTHREAD_MUTEX_INITIALIZER, .full_at = 1 };
    struct commit *c = start(&d);
    struct body b = body(1, 1, 100);
    (void)s;
    assert_int_equal(add(c, &b, false), 0);
    while (atomic_load(&d.refused_answers) == 0)
        usleep(100);
    assert_int_equal(commit_last_error(c), TL_ENOSPC);
    atomic_fetch_add(&d.now_us, COMMIT_ERROR_US);
    assert_int_equal(commit_last_error(c), 0);
    d.full_at = 0;                              /* room again: it goes on by itself */
    b = body(2, 0, 100);
    assert_int_equal(add(c, &b, false), 0);
    commit_stop(c);
    assert_int_equal(commit_last_error(c), 0);
    commit_free(&c);
    assert_int_equal(d.answered, 1);
    assert_int_equal(d.events, 2);
    assert_int_equal(d.broken, 0);
}

static void
t_sync_fails(void **s)
{
    struct disk d = { .lock = PTHREAD_MUTEX_INITIALIZER, .sync_fails = true };
    struct commit *c = start(&d);
    struct body b = body(1, 0, 100);
    (void)s;
    assert_int_equal(add(c, &b, false), 0);
    while (atomic_load(&d.refused_answers) == 0)
        usleep(100);
    assert_int_equal(d.broken, 1);
    b = body(1, 0, 100);
    assert_int_equal(add(c, &b, false), TL_EBUSY);
    commit_stop(c);
    commit_free(&c);
    assert_int_equal(d.answered, 0);

    d = (struct disk){ .lock = PTHREAD_MUTEX_INITIALIZER, .sync_fails = true, .full_at = 1 };       /* a new segment whose own sync fails: nothing was appended */
    c = start(&d);
    b = body(1, 0, 100);
    assert_int_equal(add(c, &b, false), 0);
    while (atomic_load(&d.refused_answers) == 0)
        usleep(100);
    assert_int_equal(d.broken, 1);
    commit_stop(c);
    commit_free(&c);
}

static void
t_until_logged(void **s)
{
    struct disk d = { .lock = PTHREAD_MUTEX_INITIALIZER };
    struct commit *c = start(&d);
    struct body b = body(1, 0, 100);
    (void)s;
    assert_int_equal(add(c, &b, true), 0);
    usleep(20000);
    assert_int_equal(d.answered, 0);
    commit_logged(c, 1);
    while (atomic_load(&d.answered) < 1)
        usleep(100);
    b = body(1, 0, 100);
    assert_int_equal(add(c, &b, true), 0);
    usleep(20000);
    commit_tick(c);
    assert_int_equal(d.answered, 1);
    while (atomic_load(&d.answered) < 2) {      /* waited long enough: it is durable, and that is what the answer says */
        atomic_fetch_add(&d.now_us, 1000000);
        commit_tick(c);
        usleep(100);
    }
    b = body(1, 0, 100);
    assert_int_equal(add(c, &b, true), 0);
    commit_stop(c);
    commit_free(&c);
    assert_int_equal(d.answered, 3);
}

/* Every allocation of the way in fails once: the body is then either taken whole or not at all, and the round it would have joined stays sound. */
static void
t_out_of_memory(void **s)
{
    struct disk d = { .lock = PTHREAD_MUTEX_INITIALIZER };
    struct commit *c = start(&d);
    uint64_t taken = 0, events = 0, refused = 0;
    (void)s;
    for (uint64_t k = 1; k < 40; k++) {
        struct body b = body(30, 9, 30000);
        tl_alloc_fail_at(k, false);
        struct ticket *t = ticket_new(NULL, NULL, &b);
        int rc = t ? commit_add(c, &b, t, NULL) : TL_ENOMEM;
        tl_alloc_fail_at(0, false);
        assert_true(rc == 0 || rc == TL_ENOMEM);
        if (rc != 0) ticket_free(&t);
        taken += rc == 0, events += rc == 0 ? 30 : 0, refused += rc == 0 ? 9 : 0;
        body_free(&b);
    }
    commit_stop(c);
    commit_free(&c);
    assert_true(taken > 0 && taken < 39);
    assert_int_equal(d.answered, taken);
    assert_int_equal(d.events, events);
    assert_int_equal(d.refused, refused);
}

/* No memory or no thread for it: nothing is begun, and the next start goes. A body larger than two records leaves no memory behind. */
static void
t_start_fails(void **s)
{
    struct disk d = { .lock = PTHREAD_MUTEX_INITIALIZER };
    struct commit_cfg cfg = { append, sync_disk, answer, committed, mono_us, &d, 1000000 };
    struct commit *c = NULL;
    struct tl_err err = { 0 };
    (void)s;
    commit_free(&c);
    tl_alloc_fail_at(1, false);
    assert_int_equal(commit_start(&c, &cfg, &err), TL_ENOMEM);
    tl_alloc_fail_at(0, false);
    assert_int_equal(err.code, TL_ENOMEM);
    nth_only("pthread_create", 1, EAGAIN, false);
    assert_int_equal(commit_start(&c, &cfg, &err), TL_ENOMEM);
    nth_done();
    assert_non_null(strstr(err.text, "no thread"));
    assert_null(c);
    c = start(&d);
    commit_logged(c, 7);
    commit_logged(c, 3);                        /* an older word changes nothing */
    for (int i = 0; i < 7; i++) {
        struct body b = i == 3 ? body(1, 0, 600000) : body(0, 1, 10);
        assert_int_equal(add(c, &b, true), 0);  /* in the log already: answered at once */
        while (atomic_load(&d.answered) < i + 1)
            usleep(100);
    }
    commit_stop(c);
    struct body late = body(1, 0, 10);
    assert_int_equal(add(c, &late, false), TL_EBUSY);
    commit_free(&c);
    assert_int_equal(d.answered, 7);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_many_senders), cmocka_unit_test(t_large_bodies_are_split), cmocka_unit_test(t_disk_full), cmocka_unit_test(t_sync_fails),
        cmocka_unit_test(t_until_logged), cmocka_unit_test(t_out_of_memory), cmocka_unit_test(t_start_fails),
    };
    return cmocka_run_group_tests_name("commit", tests, NULL, NULL);
}
