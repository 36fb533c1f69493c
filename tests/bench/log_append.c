/* log_append - G4: intake and log take batches and acknowledge them; to be held against floor_append with the same bytes.
 *
 *   log_append FOLDER EVENTS_A_BATCH EVENT_BYTES BATCHES_A_ROUND ROUNDS   prints JSON: batch bytes, bytes, rounds and events a second
 *
 * No bus: frames are handed to intake as the bus would, so that the figure is that of decoding, append, commit and ACK alone. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../../aggregator/log.h"
#include "tl_hash.h"

static uint64_t acked;

static void
net_send(void *self, const uint8_t *route, size_t route_n, const struct tl_str *frame, int frames_n)
{
    struct tl_wire_head h;
    (void)self, (void)route, (void)route_n;
    if (frames_n == 2 && frame[0].p[3] == TL_ACK && tl_wire_get_head(frame[1].p, frame[1].n, &h) == 0)
        acked = h.seq;
}

static double
now_s(clockid_t which)
{
    struct timespec t;
    clock_gettime(which, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
make_batch(struct tl_buf *b, uint32_t n, size_t bytes)
{
    static char raw[32768];
    memset(raw, 'x', sizeof raw);
    tl_wire_begin(b, TL_KIND_EVENTS);
    for (uint32_t i = 0; i < n; i++) {
        struct tl_event ev = { .has = TL_HAS(id) | TL_HAS(type) | TL_HAS(time) | TL_HAS(received_at) | TL_HAS(ids) | TL_HAS(session) | TL_HAS(seq) };
        ev.id_ = (struct tl_str){ raw + 10, 24 };
        ev.type_ = (struct tl_str){ raw + 50, 12 };
        ev.session_ = (struct tl_str){ raw + 70, 16 };
        ev.time_ = ev.received_at_ = 1700000000000 + i;
        ev.seq_ = i;
        ev.ids_n = 1;
        ev.ids_[0] = (struct tl_id){ { raw + 90, 6 }, { raw + 100, 12 } };
        ev.raw = (struct tl_str){ raw, bytes };
        tl_wire_put_event(b, &ev);
    }
    tl_wire_end(b, n);
}

static int
put(struct intake *in, enum tl_wire_type type, const struct tl_wire_head *h, struct tl_str payload)
{
    uint8_t f0[4], f1[TL_WIRE_HEAD_BYTES];
    tl_wire_put_type(f0, type);
    tl_wire_put_head(f1, h);
    const struct tl_str frame[] = { { (char *)f0, sizeof f0 }, { (char *)f1, sizeof f1 }, payload };
    return intake_take(in, (const uint8_t *)"bench", 5, frame, type == TL_BATCH ? 3 : 2, NULL);
}

int
main(int argc, char **argv)
{
    if (argc < 6) {
        fprintf(stderr, "usage: log_append FOLDER EVENTS_A_BATCH EVENT_BYTES BATCHES_A_ROUND ROUNDS\n");
        return 2;
    }
    uint32_t events = (uint32_t)atol(argv[2]);
    uint64_t each = strtoul(argv[4], NULL, 10), rounds = strtoul(argv[5], NULL, 10);
    struct tl_eventlog *l = NULL;
    struct tl_err err = { 0 };
    struct tl_buf b = { 0 };
    tl_hash_init();
    if (tl_eventlog_open(&l, argv[1], false, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    const struct intake_log log = log_port(l);
    const struct intake_net net = { NULL, net_send };
    struct intake *in = intake_new(&log, &net, tl_clock_real());
    struct tl_wire_head h = { .aux = 1, .version_min = 1, .version_max = 1 };
    tl_rand_real()->fill(tl_rand_real(), h.collector, sizeof h.collector);
    put(in, TL_HELLO, &h, (struct tl_str){ NULL, 0 });
    make_batch(&b, events, strtoul(argv[3], NULL, 10));
    struct tl_str payload = { (char *)b.data, b.len };
    tl_wire_describe(&h, payload);
    double from = now_s(CLOCK_MONOTONIC), cpu = now_s(CLOCK_PROCESS_CPUTIME_ID);
    for (uint64_t r = 0; r < rounds; r++) {
        for (uint64_t i = 0; i < each; i++) {
            h.seq++;
            if (put(in, TL_BATCH, &h, payload) < 0)
                return 1;
        }
        if (intake_commit(in, &err) < 0) {
            fprintf(stderr, "%s\n", err.text);
            return 1;
        }
    }
    double s = now_s(CLOCK_MONOTONIC) - from;
    cpu = now_s(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    if (acked != rounds * each)
        return 1;
    printf("{\"bench\":\"log_append\",\"batch_bytes\":%zu,\"batches_a_round\":%llu,\"mb_s\":%.2f,\"rounds_s\":%.1f,\"events_s\":%.0f,\"cpu_ns_event\":%.0f}\n", b.len,
           (unsigned long long)each, (double)(b.len * each * rounds) / s / 1e6, (double)rounds / s, (double)(events * each * rounds) / s,
           cpu * 1e9 / (double)(events * each * rounds));
    intake_free(&in);
    tl_eventlog_close(&l);
    tl_buf_free(&b);
    return 0;
}
