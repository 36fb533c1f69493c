/* fuzz_rows.c - any bytes as an event block, a journey row, a profile: no crash, nothing read beyond them; what is read goes back to bytes that read alike. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tl_order.h"
#include "tl_profile.h"
#include "tl_rows.h"

static struct tl_step steps[TL_JOURNEY_STEPS_MAX];

static void
block(struct tl_str bytes)
{
    static struct tl_kept *e, *again;
    static uint32_t cap, again_cap;
    struct tl_buf b = {0};
    uint32_t n = 0, m = 0;

    if (tl_rows_block_get(bytes, &e, &n, &cap) == 0 && n > 0) {
        uint32_t took = tl_rows_block_put(&b, e, n);
        if (b.len > TL_BLOCK_BYTES || tl_rows_block_get((struct tl_str){ (char *)b.data, b.len }, &again, &m, &again_cap) != 0 || m != took)
            abort();
        for (uint32_t i = 0; i < m; i++)
            if (e[i].position != again[i].position || e[i].id_hash != again[i].id_hash || tl_kept_differs(&e[i], &again[i]))
                abort();
        tl_order_events(e, n);
    }
    tl_buf_free(&b);
}

static void
row(struct tl_str bytes)
{
    struct tl_journey j;
    struct tl_str key = { bytes.p, bytes.n < TL_JOURNEY_KEY_BYTES ? bytes.n : TL_JOURNEY_KEY_BYTES };

    if (tl_rows_journey_get(key, (struct tl_str){ bytes.p + key.n, bytes.n - key.n }, steps, &j) == 0)
        tl_journey_end(&j, TL_JOURNEY_STEPS_MAX, 0);
}

static void
profile(struct tl_str bytes)
{
    static struct tl_arena *a;
    struct tl_profile p;

    if (a == NULL)
        a = tl_arena_new(1u << 24);
    tl_arena_reset(a);
    (void)tl_profile_get(bytes, a, &p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0)
        return 0;
    struct tl_str bytes = { (const char *)data + 1, n - 1 };
    if (data[0] % 3 == 0)
        block(bytes);
    else if (data[0] % 3 == 1)
        row(bytes);
    else
        profile(bytes);
    return 0;
}
