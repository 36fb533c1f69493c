/* t_link.c - the link thread over the real bus, against an aggregator of a few lines: all records in order and once, an aggregator that comes back on
 * another port, BYE at the end. */
#include "link_kit.h"

static void
t_link(void **s)
{
    struct world w = { .lock = PTHREAD_MUTEX_INITIALIZER };
    struct link_cfg cfg = {
        .publish = { .collector = "collector-number", .epoch = 7, .read = read_record, .arg = &w },
        .extent = extent, .acked = acked, .tick = tick, .resolve = resolve, .mono_us = mono_us,
    };
    struct link *l = NULL;
    (void)s;
    assert_int_equal(tl_hash_init(), 0);
    atomic_store(&w.durable, 100);
    assert_int_equal(link_start(&l, &cfg, NULL), 0);
    usleep(50000);
    assert_false(link_up(l));                   /* nobody knows an aggregator */

    struct peer p = peer_open(&w, 0);
    serve(&p, 100, 0);
    atomic_store(&w.durable, 150);
    link_wake(l);
    serve(&p, 150, 0);
    serve(&p, 0, 100);
    assert_true(link_up(l));
    assert_int_equal(atomic_load(&w.acked), 150);

    tl_bus_close(&p.bus);                       /* gone, and back elsewhere with what it had committed */
    atomic_store(&w.durable, 200);
    link_wake(l);
    struct peer q = peer_open(&w, 150);
    serve(&q, 200, 0);
    serve(&q, 0, 100);
    assert_int_equal(atomic_load(&w.acked), 200);

    link_stop(&l);
    serve(&q, 0, 100);
    assert_true(q.bye);
    tl_bus_close(&q.bus);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(t_link) };
    return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
