/* fuzz_segment - any bytes as a Segment body: nothing is read outside it, a body that is refused as a whole hands nothing over, every event that the
 * gate lets through survives its own encoding, and its slice is one JSON object. First byte of an input: which call; second: a write key follows. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../collector/admit.h"
#include "../../collector/receive.h"
#include "tl_hash.h"
#include "tl_time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct receive desk;
static struct admit gate;
static size_t seen;

#define must(x) must_at(x, __LINE__)

static void
must_at(bool ok, int line)
{
    if (ok) return;
    fprintf(stderr, "fuzz_segment.c:%d does not hold\n", line);
    abort();
}

static int
take(void *arg, size_t index, struct tl_event *ev, const struct tl_refusal *why, struct tl_str slice)
{
    const struct tl_str *body = arg;
    struct tl_refusal own = { 0 };
    must(index == seen++);
    must(slice.p >= body->p && slice.p + slice.n <= body->p + body->n);
    must((ev == NULL) != (why == NULL));
    if (why) must(why->reason > TL_REASON_NONE && why->reason < TL_REASON_N && why->offset <= body->n);
    if (!ev || admit_event(&gate, ev, &own) != 0) return 0;
    struct tl_buf b = { 0 };
    struct tl_event got;
    struct tl_jv *root = NULL;
    struct tl_arena *a = tl_arena_new(1 << 22);
    tl_event_encode(&b, ev);
    struct tl_cur c = tl_cur_of(b.data, b.len);
    must(!b.failed && tl_event_decode(&c, &got) == 0 && tl_cur_left(&c) == 0 && got.has == ev->has);
    must(tl_json_tree(a, got.raw, 0, &root, NULL, NULL) == 0 && root->type == TL_JOBJECT);
    tl_arena_free(&a);
    tl_buf_free(&b);
    return 0;
}

static void
key(const uint8_t *data, size_t size)
{
    char out[RECEIVE_ORIGIN_MAX + 1];
    struct tl_err err;
    struct tl_str none = { NULL, 0 };
    int n = receive_key((struct tl_str){ (const char *)data, size }, none, none, out, &err);
    must(n == TL_EAUTH || (n >= 0 && n <= RECEIVE_ORIGIN_MAX && strlen(out) == (size_t)n));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const calls[] = { "batch", "track", "page", "screen", "identify", "alias", "group" };
    struct tl_err err;
    if (!desk.in.reader && (tl_hash_init() != 0 || receive_init(&desk, 512000, 50, &err) != 0)) abort();
    if (size < 2 || size > 512000) return 0;
    if (data[1] == 'k') {
        key(data + 2, size - 2);
        return 0;
    }
    size_t n = size - 2;
    char *text = calloc(1, n + TL_JSON_PADDING);
    struct tl_str body = { text, n };
    memcpy(text, data + 2, n);
    gate = (struct admit){ .origin = TL_STR("fuzz"), .received_at_ms = INT64_C(1770000000000), .rand = tl_rand_real() };
    desk.in.body = body;
    desk.in.call = calls[data[0] % (sizeof calls / sizeof *calls)];
    desk.in.origin = TL_STR("public");
    desk.in.origin_given = false;
    desk.in.sent_at_ms = TL_TIME_NONE;
    seen = 0;
    int rc = segment_read(&desk.in, take, &body, &err);
    must(rc == 0 || rc == TL_EINVAL || rc == TL_ETOOBIG || rc == TL_ENOMEM);
    if (rc == TL_EINVAL) must(seen == 0);
    must(desk.in.origin.n <= RECEIVE_ORIGIN_MAX);
    receive_close(&desk);
    free(text);
    return 0;
}
