/* fuzz_control.c - any bytes as the body of a control record, its kind by the first byte: refused with words, or taken; a visit that is taken is read, and added
 * to itself changes nothing more. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../aggregator/control.h"
#include "tl_hash.h"
#include "tl_time.h"
#include "tl_visit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define must(x) ((x) ? (void)0 : abort())

static void
visit(struct tl_str body)
{
    static struct tl_arena *a;
    struct tl_visit v;
    struct tl_buf once = {0}, twice = {0};
    if (a == NULL)
        a = tl_arena_new(1u << 24);
    tl_arena_reset(a);
    int rc = tl_visit_read(a, body, &v);
    must(rc == 0 || rc == TL_EINVAL || rc == TL_ENOMEM);
    if (rc == 0) {
        must(v.stamp_n <= TL_VISIT_STAMPS_MAX && v.answer_n <= TL_VISIT_ANSWERS_MAX && v.evidence_n <= TL_VISIT_EVIDENCE_MAX && v.order_n <= TL_VISIT_ORDERS_MAX);
        must(v.from_ms == TL_TIME_NONE || v.to_ms == TL_TIME_NONE || v.from_ms <= v.to_ms);
    }
    if (tl_visit_merge(a, (struct tl_str){ NULL, 0 }, body, &once) == 0 && tl_visit_merge(a, (struct tl_str){ (char *)once.data, once.len }, body, &twice) == 0)
        must(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
    tl_buf_free(&once);
    tl_buf_free(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char *const kinds[] = { "visit", "link", "unlink", "note", "undo", "gap", "catalogue", "improvement", "break", "alert", "opportunity", "nothing" };
    struct tl_err err = {0};
    const char *word = NULL;
    char hex[CONTROL_COLLECTOR_MAX + 1];
    if (n == 0)
        return 0;
    tl_hash_init();
    struct tl_str kind = tl_str_of(kinds[data[0] % (sizeof kinds / sizeof *kinds)]), body = { (const char *)data + 1, n - 1 };
    int rc = control_check(kind, body, &word, &err);
    must(rc == 0 ? word != NULL : err.text[0] != 0);
    if (rc == 0 && tl_str_is(kind, "gap"))
        must(control_collector(body, hex, &err) == 0);
    if (tl_str_is(kind, "visit"))
        visit(body);
    return 0;
}
