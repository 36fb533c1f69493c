/* fuzz_sources.c - any bytes as a body, an address or headers of the protocols that fuzz_segment leaves: nothing is read outside them, each event or refusal is
 * handed over in its turn, and what the rules let through survives its own encoding. The first byte says which protocol, the second whether the rest is the body, the
 * parameters of the address, or headers (name NUL value NUL ...). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../collector/admit.h"
#include "../../collector/receive.h"
#include "tl_hash.h"
#include "tl_time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(x) ((x) ? (void)0 : abort())

static struct receive desk;
static struct admit gate;

static int
take(void *arg, size_t index, struct tl_event *ev, const struct tl_refusal *why, struct tl_str slice)
{
    struct tl_refusal own = { 0 };
    size_t *seen = arg;
    must(index == (*seen)++ && slice.p != NULL && (ev == NULL) != (why == NULL));
    if (why) must(why->reason > TL_REASON_NONE && why->reason < TL_REASON_N);
    if (!ev || admit_event(&gate, ev, &own) != 0) return 0;
    struct tl_buf b = { 0 };
    struct tl_event got;
    tl_event_encode(&b, ev);
    struct tl_cur c = tl_cur_of(b.data, b.len);
    must(!b.failed && tl_event_decode(&c, &got) == 0 && tl_cur_left(&c) == 0 && got.has == ev->has);
    tl_buf_free(&b);
    return 0;
}

static uint32_t
pairs(char *p, size_t n, struct source_pair *pair)
{
    uint32_t count = 0;
    for (char *end = p + n; count < SOURCE_PAIRS_MAX && p < end; count++) {
        char *name_end = memchr(p, 0, (size_t)(end - p)), *value = name_end ? name_end + 1 : end;
        char *value_end = value < end ? memchr(value, 0, (size_t)(end - value)) : NULL;
        if (!value_end) break;
        pair[count] = (struct source_pair){ { p, (size_t)(name_end - p) }, { value, (size_t)(value_end - value) } };
        p = value_end + 1;
    }
    return count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const source_read readers[] = { native_read, cloudevents_read, posthog_read, snowplow_read, sensors_read, pixel_read };
    static struct source_pair pair[SOURCE_PAIRS_MAX];
    struct tl_err err;
    size_t seen = 0;
    if (!desk.in.reader && (tl_hash_init() != 0 || receive_init(&desk, 512000, 50, &err) != 0)) abort();
    if (size < 2 || size > 512000) return 0;
    size_t n = size - 2;
    char *text = calloc(1, n + TL_JSON_PADDING);
    must(text != NULL);
    memcpy(text, data + 2, n);
    gate = (struct admit){ .origin = TL_STR("fuzz"), .received_at_ms = INT64_C(1770000000000), .rand = tl_rand_real() };
    desk.in.origin = TL_STR("public");
    desk.in.origin_given = false;
    desk.in.call = NULL;
    desk.in.sent_at_ms = data[1] & 4 ? INT64_C(1769999999000) : TL_TIME_NONE;
    desk.in.body = data[1] % 3 == 0 ? (struct tl_str){ text, n } : (struct tl_str){ text + n, 0 };
    desk.in.param_n = data[1] % 3 == 1 ? pairs(text, n, pair) : 0;
    desk.in.header_n = data[1] % 3 == 2 ? pairs(text, n, pair) : 0;
    desk.in.param = desk.in.header = pair;
    desk.in.content_type = data[1] & 8 ? TL_STR("application/cloudevents+json") : data[1] & 16 ? TL_STR("application/cloudevents-batch+json") : (struct tl_str){ NULL, 0 };
    int rc = readers[data[0] % (sizeof readers / sizeof *readers)](&desk.in, take, &seen, &err);
    must(rc == 0 || rc == TL_EINVAL || rc == TL_ETOOBIG || rc == TL_ENOMEM);
    receive_close(&desk);
    free(text);
    return 0;
}
