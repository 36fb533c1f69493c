/* tl_again.c - see tl_again.h. */
#include "tl_again.h"

#include "tl_hash.h"

bool
tl_again_whole(const struct tl_refused *r)
{
    return r->bytes.n == r->bytes_n && !tl_str_is(r->reason, "poison_batch") && !tl_str_is(r->reason, "spool_damaged");
}

bool
tl_again_event(struct tl_eventlog *log, uint64_t number, struct tl_str bytes, struct tl_arena *arena, struct tl_buf *out)
{
    struct tl_jv *root = NULL;
    uint8_t id[16];
    char hex[33];
    tl_arena_reset(arena);
    tl_buf_reset(out);
    if (bytes.n == 0 || tl_json_tree(arena, bytes, 0, &root, NULL, NULL) != 0 || root->type != TL_JOBJECT)
        return false;
    tl_eventlog_id(log, id);
    tl_hex(id, sizeof id, hex);
    const struct tl_jv *own = tl_jv_get(root, "id");
    const char *brace = memchr(bytes.p, '{', bytes.n);
    tl_buf_put_u8(out, '{');
    if (own == NULL)
        tl_buf_printf(out, "\"id\":\"quarantine-%.16s-%llu\"%s", hex, (unsigned long long)number, root->child != NULL ? "," : "");
    for (const char *p = brace + 1; p < bytes.p + bytes.n; p++)     /* between tokens only: inside a text they would be no JSON */
        tl_buf_put_u8(out, *p == '\n' || *p == '\r' ? ' ' : (uint8_t)*p);
    return !out->failed;
}
