/* map_fold - G7 and G8: a map with waits folded from rows, and one whose partials are cached, against a plain pass over packed rows.
 *
 *   map_fold FOLDER JOURNEYS      prints JSON: ns of CPU and of wall an event, ms of a cached map
 *
 * A year of journeys of about 10 steps over 27 touchpoints. The floor: the steps alone as bytes (count; touchpoint, varint of ms since the step before) in
 * one array; each step counts its move, sums its wait and puts it into the move's histogram, whose buckets are those of the map. No checksums, no filter,
 * no customers, no days. Medians of 5, floor and folds in turn, so that what else runs on the machine slows both. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../viewer/answer.h"
#include "tl_hash.h"
#include "tl_logfmt.h"
#include "tl_store_write.h"
#include "tl_time.h"

#define DAYS 365
#define TOUCHPOINTS 27
#define STEPS_MAX 15
#define FIRST_DAY 20000
#define ROUNDS 5

static uint64_t seed = 9;

static uint64_t
rnd(uint64_t n)
{
    seed += UINT64_C(0x9E3779B97F4A7C15);
    return tl_mix64(seed) % n;
}

/* ---- one year of journeys, the same every time ---- */
static void
journey_make(struct tl_journey *j, struct tl_step *s, int day, uint64_t *customer)
{
    uint32_t at = (uint32_t)rnd(5);
    *customer += 1 + rnd(300);
    *j = (struct tl_journey){ .day = FIRST_DAY + day, .customer = *customer, .start_ms = (FIRST_DAY + (int64_t)day) * TL_DAY_MS + (int64_t)rnd((uint64_t)TL_DAY_MS),
                              .tag = (uint32_t)rnd(1u << 30), .outcome = (uint8_t)rnd(3), .step = s, .attrs_n = 1, .steps_n = 6 + (uint32_t)rnd(9) };
    j->attr[0].value = (uint32_t)rnd(8);
    int64_t ms = j->start_ms;
    for (uint32_t k = 0; k < j->steps_n; k++) {
        s[k] = (struct tl_step){ .touchpoint = at, .channel = (uint16_t)(at % 4), .start_ms = ms, .end_ms = ms, .wait_ms = -1 };
        ms += (int64_t)rnd(UINT64_C(1) << (8 + rnd(20)));
        at = (at + (uint32_t)(rnd(4) ? 1 + rnd(2) : rnd(TOUCHPOINTS))) % TOUCHPOINTS;
    }
    j->last_ms = s[j->steps_n - 1].end_ms;
}

/* ---- the floor ---- */
struct floor_cell { uint64_t n, sum_ms; uint32_t bucket[TL_HIST_BUCKETS]; };

static struct tl_buf packed;
static size_t steps_n;

static void
floor_make(int journeys)
{
    struct tl_journey j;
    struct tl_step s[STEPS_MAX];
    seed = 9;
    for (int d = 0; d < DAYS; d++) {
        uint64_t customer = 1;
        for (int i = 0; i < journeys / DAYS; i++) {
            journey_make(&j, s, d, &customer);
            tl_buf_put_u8(&packed, (uint8_t)j.steps_n);
            for (uint32_t k = 0; k < j.steps_n; k++) {
                tl_buf_put_u8(&packed, (uint8_t)s[k].touchpoint);
                tl_buf_put_varint(&packed, (uint64_t)(s[k].start_ms - s[k ? k - 1 : 0].start_ms));
            }
            steps_n += j.steps_n;
        }
    }
}

static inline uint64_t
varint(const uint8_t **p)
{
    uint64_t v = 0;
    for (int shift = 0;; shift += 7) {
        uint8_t b = *(*p)++;
        v |= (uint64_t)(b & 127) << shift;
        if (b < 128) return v;
    }
}

static uint64_t
floor_pass(void)
{
    static struct floor_cell cell[TOUCHPOINTS * TOUCHPOINTS];
    memset(cell, 0, sizeof cell);
    for (const uint8_t *p = packed.data, *end = p + packed.len; p < end;) {
        uint32_t n = *p++, before = 0;
        for (uint32_t k = 0; k < n; k++) {
            uint32_t at = *p++;
            uint64_t dt = varint(&p);
            if (k) {
                struct floor_cell *c = &cell[before * TOUCHPOINTS + at];
                c->n++;
                c->sum_ms += dt;
                c->bucket[waits_bucket((int64_t)dt)]++;
            }
            before = at;
        }
    }
    return cell[1].n;
}

/* ---- the store ---- */
static int
store_make(const char *dir, int journeys)
{
    struct tl_err err = { 0, "" };
    struct tl_store_head head = { .zone = "UTC", .position = 5, .journeys = (uint64_t)journeys, .newest_event_ms = (FIRST_DAY + DAYS + 60) * TL_DAY_MS, .newest_live_ms = TL_TIME_NONE };
    struct tl_store_w *w = NULL;
    struct tl_buf row = { NULL, 0, 0, false };
    uint32_t tp[TOUCHPOINTS], channel[4], place[8], key_place = 0;
    char text[24];
    int rc = tl_store_w_make(&w, dir, &head, &err);
    if (rc == 0) rc = tl_store_w_begin(w, &err);
    if (rc) goto done;
    uint16_t all = (uint16_t)tl_store_w_word(w, TL_STR("all"));
    key_place = tl_store_w_word(w, TL_STR("place"));
    for (int i = 0; i < 4; i++) channel[i] = tl_store_w_word(w, (snprintf(text, sizeof text, "ch%d", i), tl_str_of(text)));
    for (int i = 0; i < 8; i++) place[i] = tl_store_w_word(w, (snprintf(text, sizeof text, "S%d", i), tl_str_of(text)));
    for (int i = 0; i < TOUCHPOINTS; i++) tp[i] = tl_store_w_word(w, (snprintf(text, sizeof text, "tp%02d", i), tl_str_of(text)));
    tl_store_w_bulk(w, true);
    seed = 9;
    for (int d = 0; rc == 0 && d < DAYS; d++) {
        uint64_t revision = 0, customer = 1;
        for (int i = 0; rc == 0 && i < journeys / DAYS; i++) {
            struct tl_journey j;
            struct tl_step s[STEPS_MAX];
            uint8_t key[TL_JOURNEY_KEY_BYTES];
            journey_make(&j, s, d, &customer);
            j.type = all;
            j.attr[0] = (struct tl_attr){ key_place, place[j.attr[0].value] };
            for (uint32_t k = 0; k < j.steps_n; k++) s[k].channel = (uint16_t)channel[s[k].channel], s[k].touchpoint = tp[s[k].touchpoint];
            tl_rows_journey_key(&j, key);
            tl_buf_reset(&row);
            tl_rows_journey_put(&row, &j);
            struct tl_str view = { (const char *)row.data, row.len };
            revision += tl_store_row_hash(key, view);
            rc = tl_store_w_row_append(w, key, view, &err);
        }
        if (rc == 0) rc = tl_store_w_day(w, all, FIRST_DAY + d, revision, journeys / DAYS, &err);
    }
    if (rc == 0) rc = tl_store_w_commit(w, &err);
    if (rc == 0) rc = tl_store_w_swing(&w, &err);
done:
    if (rc) fprintf(stderr, "map_fold: %s\n", err.text);
    tl_buf_free(&row);
    return rc;
}

/* ---- measuring ---- */
struct cost { double cpu_s, wall_s; };

static double
clock_s(clockid_t c)
{
    struct timespec t;
    clock_gettime(c, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
by_cost(const void *x, const void *y)
{
    const struct cost *a = x, *b = y;
    return (a->wall_s > b->wall_s) - (a->wall_s < b->wall_s);
}

static struct cost
begin(void)
{
    return (struct cost){ clock_s(CLOCK_PROCESS_CPUTIME_ID), clock_s(CLOCK_MONOTONIC) };
}

static struct cost
since(struct cost b)
{
    return (struct cost){ clock_s(CLOCK_PROCESS_CPUTIME_ID) - b.cpu_s, clock_s(CLOCK_MONOTONIC) - b.wall_s };
}

static struct cost
map_once(struct fold *f, struct tl_arena *a, const char *place)
{
    struct ask q = { .journey = TL_STR("all"), .from_day = INT32_MIN, .to_day = INT32_MAX, .as_of_ms = TL_TIME_NONE, .nodes_max = -1, .edges_max = -1, .end = -1, .lifecycle = ASK_LC_ALL,
                     .filter = { { TL_STR("place"), tl_str_of(place) } }, .filter_n = place != NULL };
    struct look k;
    struct map_answer m;
    struct tl_err err = { 0, "" };
    struct cost b = begin();
    if (fold_look(f, &q, 1, a, &k, &err) || fold_map(&k, &m, &err)) {
        fprintf(stderr, "map_fold: %s\n", err.text);
        exit(1);
    }
    fold_look_end(&k);
    tl_arena_reset(a);
    return since(b);
}

static void
line(const char *what, struct cost *c, double n, const char *unit, double scale)
{
    qsort(c, ROUNDS, sizeof *c, by_cost);
    printf("{\"bench\":\"map_fold\",\"what\":\"%s\",\"cpu_%s\":%.2f,\"wall_%s\":%.2f}\n", what, unit, c[ROUNDS / 2].cpu_s * scale / n, unit, c[ROUNDS / 2].wall_s * scale / n);
}

int
main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: map_fold FOLDER JOURNEYS\n");
        return 2;
    }
    char dir[4096];
    int status = 0, journeys = atoi(argv[2]);
    struct cost floor_c[ROUNDS], cold[ROUNDS], filtered[ROUNDS], hot[ROUNDS];
    snprintf(dir, sizeof dir, "%s/journeys", argv[1]);
    tl_hash_init();
    tl_log_level(TL_WARN);
    pid_t child = fork();                       /* an environment is open once in a process */
    if (child == 0) _exit(store_make(dir, journeys) != 0);
    waitpid(child, &status, 0);
    if (status) return 1;
    waits_ready();
    floor_make(journeys);
    struct tl_arena *a = tl_arena_new(FOLD_ARENA_BYTES);
    for (int i = 0; i < ROUNDS; i++) {
        struct fold *f = NULL;
        char place[] = "S0";
        place[1] = (char)('0' + i);
        if (fold_new(&f, argv[1], 64 << 20, NULL)) return 1;
        struct cost b = begin();
        volatile uint64_t keep = floor_pass();
        (void)keep;
        floor_c[i] = since(b);
        cold[i] = map_once(f, a, NULL);
        filtered[i] = map_once(f, a, place);
        map_once(f, a, NULL);
        hot[i] = map_once(f, a, NULL);
        fold_free(&f);
    }
    line("floor", floor_c, (double)steps_n, "ns_event", 1e9);
    line("map", cold, (double)steps_n, "ns_event", 1e9);
    line("map_filtered", filtered, (double)steps_n, "ns_event", 1e9);
    line("map_cached", hot, 1, "ms", 1e3);
    tl_arena_free(&a);
    tl_buf_free(&packed);
    return 0;
}
