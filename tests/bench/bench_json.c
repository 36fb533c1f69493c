/* bench_json - what one event costs between body and batch: split, validate, read, check, encode, decode. Prints ns an event, median of 5. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tl_event.h"

#define EVENTS 100
#define ROUNDS 400
#define BODY_CAP (TL_EVENT_BODY_BYTES_MAX + TL_JSON_PADDING)

struct pass {
    bool check, encode;
    struct tl_buf out;
    size_t taken_n;
};

static double
now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int
take(void *arg, size_t index, struct tl_event *ev, const struct tl_refusal *why, struct tl_str slice)
{
    struct pass *p = arg;
    struct tl_refusal own;
    (void)index;
    (void)slice;
    if (why || (p->check && tl_event_check(ev, INT64_C(1800000000000), &own) != 0))
        return 0;
    p->taken_n++;
    if (p->encode)
        tl_event_encode(&p->out, ev);
    return 0;
}

static size_t
put_event(char *out, size_t cap, int i)
{
    return (size_t)snprintf(out, cap,
        "{\"id\":\"ld-%012d\",\"type\":\"order.step\",\"touchpoint\":\"checkout-%d\",\"channel\":\"app\",\"time\":\"2026-03-%02dT10:%02d:00.500+08:00\","
        "\"sent_at\":\"2026-03-%02dT10:%02d:01.250+08:00\",\"session\":\"s-%06d\",\"seq\":%d,\"ids\":{\"member\":\"M%07d\",\"device\":\"dev-%08d\"},"
        "\"order\":\"o-%07d\",\"lifecycle\":\"complete\",\"outcome\":\"ok\",\"wait_ms\":%d,\"value\":{\"amount_minor\":%d,\"currency\":\"CNY\"},"
        "\"props\":{\"screen\":\"cart\",\"items\":[{\"sku\":\"A-%05d\",\"n\":2},{\"sku\":\"B-%05d\",\"n\":1}],\"coupon\":null,\"rate\":0.85,\"app\":\"4.12.%d\"}}",
        i, i % 20, i % 28 + 1, i % 60, i % 28 + 1, i % 60, i * 79, i, i * 7919, i * 31, i * 7, i * 37, 100 + i, i, i + 1, i % 9);
}

static struct tl_str
make_body(char *buf, bool array)
{
    size_t n = 0;
    if (array)
        buf[n++] = '[';
    for (int i = 0; i < EVENTS; i++) {
        n += put_event(buf + n, BODY_CAP - n, i);
        buf[n++] = array ? ',' : '\n';
    }
    if (array)
        buf[n - 1] = ']';
    return (struct tl_str){ buf, n };
}

static int
by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void
run(const char *name, struct tl_event_reader *r, struct tl_arena *a, struct tl_str body, struct pass *p)
{
    double ns[5];
    for (int k = 0; k < 5; k++) {
        double t0 = now_ns();
        for (int i = 0; i < ROUNDS; i++) {
            tl_buf_reset(&p->out);
            tl_event_body(r, a, body, 2500, take, p, NULL);
            tl_arena_reset(a);
        }
        ns[k] = (now_ns() - t0) / (ROUNDS * EVENTS);
    }
    qsort(ns, 5, sizeof *ns, by_value);
    printf("%-34s %7.0f ns/event  (%zu bytes an event)\n", name, ns[2], body.n / EVENTS);
}

static void
run_decode(struct tl_str batch)
{
    double ns[5];
    uint64_t sum = 0;
    for (int k = 0; k < 5; k++) {
        double t0 = now_ns();
        for (int i = 0; i < ROUNDS; i++) {
            struct tl_cur c = tl_cur_of(batch.p, batch.n);
            struct tl_event ev;
            while (tl_cur_left(&c) && tl_event_decode(&c, &ev) == 0)
                sum += ev.has;
        }
        ns[k] = (now_ns() - t0) / (ROUNDS * EVENTS);
    }
    qsort(ns, 5, sizeof *ns, by_value);
    printf("%-34s %7.0f ns/event  (%zu bytes encoded)%s\n", "decode", ns[2], batch.n / EVENTS, sum ? "" : "!");
}

int
main(void)
{
    struct tl_event_reader *r = tl_event_reader_new();
    struct tl_arena *a = tl_arena_new(1 << 20);
    char *buf = malloc(BODY_CAP);
    if (!r || !a || !buf)
        return 1;
    for (int array = 0; array < 2; array++) {
        struct tl_str body = make_body(buf, array);
        struct pass p = { 0 };
        run(array ? "array: read" : "lines: read", r, a, body, &p);
        p.check = true;
        run("  + check", r, a, body, &p);
        p.encode = true;
        run("  + encode", r, a, body, &p);
        if (p.taken_n != 15 * ROUNDS * EVENTS)
            return fprintf(stderr, "only %zu events taken\n", p.taken_n), 1;
        if (array)
            run_decode((struct tl_str){ (const char *)p.out.data, p.out.len });
        tl_buf_free(&p.out);
    }
    free(buf);
    tl_arena_free(&a);
    tl_event_reader_free(&r);
    return 0;
}
