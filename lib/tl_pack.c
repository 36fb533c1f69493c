/* tl_pack.c - see tl_pack.h. */
#include "tl_pack.h"

#include <msgpack.h>

/* ---- writing ---- */

static int
write_bytes(void *out, const char *p, size_t n)
{
    tl_buf_put(out, p, n);
    return 0;
}

static msgpack_packer
packer(struct tl_buf *out)
{
    msgpack_packer pk;
    msgpack_packer_init(&pk, out, write_bytes);
    return pk;
}

static msgpack_packer
named(struct tl_buf *out, const char *name)
{
    msgpack_packer pk = packer(out);
    msgpack_pack_str_with_body(&pk, name, strlen(name));
    return pk;
}

void
tl_pack_map(struct tl_buf *out, uint32_t members_n)
{
    msgpack_packer pk = packer(out);
    msgpack_pack_map(&pk, members_n);
}

void
tl_pack_text(struct tl_buf *out, const char *name, struct tl_str v)
{
    msgpack_packer pk = named(out, name);
    if (v.p)
        msgpack_pack_str_with_body(&pk, v.p, v.n);
    else
        msgpack_pack_nil(&pk);
}

void
tl_pack_bytes(struct tl_buf *out, const char *name, struct tl_str v)
{
    msgpack_packer pk = named(out, name);
    msgpack_pack_bin_with_body(&pk, v.p, v.n);
}

void
tl_pack_int(struct tl_buf *out, const char *name, int64_t v)
{
    msgpack_packer pk = named(out, name);
    msgpack_pack_int64(&pk, v);
}

void
tl_pack_uint(struct tl_buf *out, const char *name, uint64_t v)
{
    msgpack_packer pk = named(out, name);
    msgpack_pack_uint64(&pk, v);
}

/* ---- reading: skim, then unpack what was found sound ---- */

/* What a first byte says: bytes of the value itself, and values that follow it. Lengths are read big-endian behind it. */
struct node {
    uint64_t body, children;
};

static uint64_t
length(struct tl_cur *c, unsigned bytes)
{
    return bytes == 1 ? tl_cur_u8(c) : bytes == 2 ? tl_cur_be16(c) : tl_cur_be32(c);
}

static struct node
skim_node(struct tl_cur *c)
{
    static const uint8_t fixed[] = { 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 2, 3, 5, 9, 17 };  /* ca float .. d8 fixext 16 */
    uint8_t b = tl_cur_u8(c);
    if (b < 0x80 || b >= 0xe0 || b == 0xc0 || b == 0xc2 || b == 0xc3)
        return (struct node){ 0, 0 };
    if (b < 0x90)
        return (struct node){ 0, 2 * (uint64_t)(b & 15) };
    if (b < 0xa0)
        return (struct node){ 0, b & 15 };
    if (b < 0xc0)
        return (struct node){ b & 31, 0 };
    if (b >= 0xca && b <= 0xd8)
        return (struct node){ fixed[b - 0xca], 0 };
    if (b >= 0xc4 && b <= 0xc6)
        return (struct node){ length(c, 1u << (b - 0xc4)), 0 };
    if (b >= 0xc7 && b <= 0xc9)
        return (struct node){ length(c, 1u << (b - 0xc7)) + 1, 0 };
    if (b >= 0xd9 && b <= 0xdb)
        return (struct node){ length(c, 1u << (b - 0xd9)), 0 };
    if (b == 0xdc || b == 0xdd)
        return (struct node){ 0, length(c, b == 0xdc ? 2 : 4) };
    if (b == 0xde || b == 0xdf)
        return (struct node){ 0, 2 * length(c, b == 0xde ? 2 : 4) };
    c->bad = true;              /* c1 is never used */
    return (struct node){ 0, 0 };
}

static int
skim(struct tl_str in)
{
    struct tl_cur c = tl_cur_of(in.p, in.n);
    uint64_t left[TL_PACK_DEPTH_MAX + 1] = { 1 };
    int depth = 0;
    for (uint32_t nodes = 0; depth >= 0; nodes++) {
        if (left[depth] == 0) {
            depth--;
            continue;
        }
        left[depth]--;
        struct node n = skim_node(&c);
        if (c.bad || n.body > tl_cur_left(&c) || n.children > tl_cur_left(&c))
            return TL_ETRUNC;
        if (nodes > TL_PACK_NODES_MAX)
            return TL_ERANGE;
        tl_cur_bytes(&c, (size_t)n.body);
        if (n.children == 0)
            continue;
        if (++depth > TL_PACK_DEPTH_MAX)
            return TL_ERANGE;
        left[depth] = n.children;
    }
    return tl_cur_left(&c) ? TL_ETRUNC : 0;
}

static struct tl_pack_member
member_of(const msgpack_object_kv *kv)
{
    struct tl_pack_member m = { .name = { kv->key.via.str.ptr, kv->key.via.str.size } };
    const msgpack_object *v = &kv->val;
    if (v->type == MSGPACK_OBJECT_STR)
        m.text = (struct tl_str){ v->via.str.ptr, v->via.str.size };
    else if (v->type == MSGPACK_OBJECT_BIN)
        m.text = (struct tl_str){ v->via.bin.ptr, v->via.bin.size };
    m.is_int = v->type == MSGPACK_OBJECT_POSITIVE_INTEGER || v->type == MSGPACK_OBJECT_NEGATIVE_INTEGER;
    m.integer = m.is_int ? v->via.i64 : 0;
    return m;
}

int
tl_pack_read(struct tl_str in, int (*each)(void *arg, const struct tl_pack_member *m), void *arg)
{
    msgpack_unpacked u;
    size_t at = 0;
    int rc = skim(in);
    if (rc != 0)
        return rc;
    msgpack_unpacked_init(&u);
    if (msgpack_unpack_next(&u, in.p, in.n, &at) != MSGPACK_UNPACK_SUCCESS)
        rc = TL_ENOMEM;
    else if (u.data.type != MSGPACK_OBJECT_MAP)
        rc = TL_ERANGE;
    for (uint32_t i = 0; rc == 0 && i < u.data.via.map.size; i++) {
        const msgpack_object_kv *kv = &u.data.via.map.ptr[i];
        struct tl_pack_member m = { .is_int = false };
        if (kv->key.type != MSGPACK_OBJECT_STR)
            rc = TL_ERANGE;
        else
            m = member_of(kv);
        rc = rc ? rc : each(arg, &m);
    }
    msgpack_unpacked_destroy(&u);
    return rc;
}
