/* spool_list.c - what a stopped collector's spool holds, one line an item: "E <id> <type> <origin>" or "Q <reason> <field> <id> <bytes>". */
#include <stdio.h>

#include "../../collector/spool.h"
#include "tl_hash.h"
#include "tl_wire.h"

static void
print(const char *before, struct tl_str s)
{
    printf("%s%.*s", before, (int)(s.p ? s.n : 1), s.p ? s.p : "-");
}

static void
list_record(struct tl_str payload)
{
    struct tl_cur c = tl_cur_of(payload.p, payload.n);
    int kind;
    uint32_t n = 0;
    if (tl_wire_open(&c, &kind, &n) != 0) printf("? not a payload\n");
    for (uint32_t i = 0; i < n; i++) {
        struct tl_event ev;
        struct tl_refused r;
        tl_event_init(&ev);
        if (kind == TL_KIND_EVENTS && tl_wire_next_event(&c, &ev) == 0) {
            print("E ", ev.id_);
            print(" ", ev.type_);
            print(" ", ev.origin_);
        } else if (kind == TL_KIND_QUARANTINE && tl_wire_next_refused(&c, &r) == 0) {
            print("Q ", r.reason);
            print(" ", r.field.n ? r.field : TL_STR("-"));
            print(" ", r.id.n ? r.id : TL_STR("-"));
            printf(" %llu", (unsigned long long)r.bytes_n);
        } else {
            printf("? damaged item");
            i = n;
        }
        printf("\n");
    }
}

int
main(int argc, char **argv)
{
    struct spool *s = NULL;
    struct tl_err err;
    struct tl_buf b = { 0 };
    struct spool_cfg cfg = { .dir = argc > 1 ? argv[1] : "data/spool", .max_bytes = UINT64_C(1) << 40, .segment_bytes = 64 << 20, .keep_s = 86400 };
    if (tl_hash_init() != 0 || spool_open(&s, &cfg, tl_io_posix(), tl_clock_real(), tl_rand_real(), &err) != 0) {
        fprintf(stderr, "spool_list: %s\n", err.text);
        return 1;
    }
    for (uint64_t seq = spool_first(s); seq <= spool_durable(s); seq++) {
        tl_buf_reset(&b);
        if (spool_read(s, seq, &b, &err) != 0) printf("? %s\n", err.text);
        list_record((struct tl_str){ (char *)b.data, b.len });
    }
    tl_buf_free(&b);
    spool_close(&s);
    return 0;
}
