/* tl_wire.c - frames and payloads of TLP/1, byte by byte. The contract, with offsets, is schemas/wire.md. */
#include "tl_wire.h"

#include "tl_hash.h"

static const char wire_types[] = { TL_HELLO, TL_WELCOME, TL_BATCH, TL_ACK, TL_RESYNC, TL_REJECT, TL_BYE };

/* ---- F0 and F1 ---- */

void
tl_wire_put_type(uint8_t f0[4], enum tl_wire_type type)
{
    memcpy(f0, "TL1", 3);
    f0[3] = (uint8_t)type;
}

int
tl_wire_get_type(const void *f0, size_t n, enum tl_wire_type *type)
{
    const uint8_t *b = f0;
    if (n != 4)
        return TL_ETRUNC;
    if (memcmp(b, "TL1", 3) != 0 || !memchr(wire_types, b[3], sizeof wire_types))
        return TL_EVERSION;
    *type = (enum tl_wire_type)b[3];
    return 0;
}

static uint8_t *
put_be(uint8_t *at, uint64_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
    return at + bytes;
}

void
tl_wire_put_head(uint8_t f1[TL_WIRE_HEAD_BYTES], const struct tl_wire_head *h)
{
    uint8_t *at = f1;
    memset(f1, 0, TL_WIRE_HEAD_BYTES);
    memcpy(at, h->collector, sizeof h->collector);
    at = put_be(at + sizeof h->collector, h->epoch, 8);
    at = put_be(at, h->partition, 2);
    at = put_be(at, h->codec, 1);
    at = put_be(at, h->flags, 1);
    at = put_be(at, h->seq, 8);
    at = put_be(at, h->n_events, 4);
    at = put_be(at, h->raw_len, 4);
    at = put_be(at, h->crc, 4);
    at = put_be(at, h->aux, 8);
    at = put_be(at, h->version_min, 1);
    put_be(at, h->version_max, 1);
}

int
tl_wire_get_head(const void *f1, size_t n, struct tl_wire_head *h)
{
    struct tl_cur c = tl_cur_of(f1, n);
    if (n != TL_WIRE_HEAD_BYTES)
        return TL_ETRUNC;
    memcpy(h->collector, tl_cur_bytes(&c, sizeof h->collector).p, sizeof h->collector);
    h->epoch = tl_cur_be64(&c);
    h->partition = tl_cur_be16(&c);
    h->codec = tl_cur_u8(&c);
    h->flags = tl_cur_u8(&c);
    h->seq = tl_cur_be64(&c);
    h->n_events = tl_cur_be32(&c);
    h->raw_len = tl_cur_be32(&c);
    h->crc = tl_cur_be32(&c);
    h->aux = tl_cur_be64(&c);
    h->version_min = tl_cur_u8(&c);
    h->version_max = tl_cur_u8(&c);
    return 0;
}

int
tl_wire_check_batch(const struct tl_wire_head *h, const void *f2, size_t n)
{
    if (n == 0 || n > TL_WIRE_BATCH_MAX || h->raw_len > TL_WIRE_RAW_MAX || h->seq == 0)
        return TL_ERANGE;
    if (h->codec > TL_CODEC_ZSTD || (h->codec == TL_CODEC_RAW && h->raw_len != n))
        return TL_ERANGE;
    return tl_crc32c(0, f2, n) == h->crc ? 0 : TL_ECORRUPT;
}

int
tl_wire_describe(struct tl_wire_head *h, struct tl_str payload)
{
    struct tl_cur c = tl_cur_of(payload.p, payload.n);
    int kind = 0, rc = tl_wire_open(&c, &kind, &h->n_events);
    if (rc != 0)
        return rc;
    h->codec = TL_CODEC_RAW;
    h->flags = kind == TL_KIND_QUARANTINE ? TL_WIRE_FLAG_QUARANTINE : 0;
    h->raw_len = (uint32_t)payload.n;
    h->crc = tl_crc32c(0, payload.p, payload.n);
    return 0;
}

/* ---- payload ---- */

/* The count is known last but stands first: a varint padded to three bytes leaves room for any count that fits in a payload. */
static void
put_count(uint8_t at[3], uint32_t n)
{
    at[0] = (uint8_t)(n | 0x80);
    at[1] = (uint8_t)(n >> 7 | 0x80);
    at[2] = (uint8_t)(n >> 14 & 0x7f);
}

void
tl_wire_begin(struct tl_buf *out, int kind)
{
    uint8_t prefix[TL_WIRE_PREFIX_BYTES] = { TL_WIRE_PAYLOAD_VERSION, (uint8_t)kind };
    put_count(prefix + 2, 0);
    tl_buf_reset(out);
    tl_buf_put(out, prefix, sizeof prefix);
}

void
tl_wire_end(struct tl_buf *out, uint32_t n)
{
    if (out->failed)
        return;
    tl_assert(out->len >= TL_WIRE_PREFIX_BYTES);
    if (n >> 21)
        out->failed = true;
    else
        put_count(out->data + 2, n);
}

int
tl_wire_open(struct tl_cur *c, int *kind, uint32_t *n)
{
    uint8_t version = tl_cur_u8(c);
    *kind = tl_cur_u8(c);
    uint64_t count = tl_cur_varint(c);
    if (c->bad)
        return TL_ETRUNC;
    if (version != TL_WIRE_PAYLOAD_VERSION)
        return TL_EVERSION;
    if ((*kind != TL_KIND_EVENTS && *kind != TL_KIND_QUARANTINE) || count > tl_cur_left(c))
        return TL_ERANGE;
    *n = (uint32_t)count;
    return 0;
}

void
tl_wire_put_event(struct tl_buf *out, const struct tl_event *ev)
{
    tl_event_encode(out, ev);
}

int
tl_wire_next_event(struct tl_cur *c, struct tl_event *ev)
{
    return tl_event_decode(c, ev);
}

static size_t
varint_bytes(uint64_t v)
{
    size_t n = 1;
    for (; v >= 0x80; v >>= 7)
        n++;
    return n;
}

static size_t
text_bytes(struct tl_str s)
{
    return varint_bytes(s.n) + s.n;
}

void
tl_wire_put_refused(struct tl_buf *out, const struct tl_refused *r)
{
    struct tl_str bytes = r->bytes;
    if (bytes.n > TL_WIRE_REFUSED_BYTES_MAX)
        bytes.n = TL_WIRE_REFUSED_BYTES_MAX;
    uint64_t zigzag = ((uint64_t)r->received_at_ms << 1) ^ (uint64_t)(r->received_at_ms >> 63);
    tl_buf_put_varint(out, varint_bytes(zigzag) + text_bytes(r->origin) + text_bytes(r->reason) + text_bytes(r->field) + text_bytes(r->id)
                               + varint_bytes(r->offset) + varint_bytes(r->bytes_n) + text_bytes(bytes));
    tl_buf_put_varint(out, zigzag);
    tl_buf_put_text(out, r->origin);
    tl_buf_put_text(out, r->reason);
    tl_buf_put_text(out, r->field);
    tl_buf_put_text(out, r->id);
    tl_buf_put_varint(out, r->offset);
    tl_buf_put_varint(out, r->bytes_n);
    tl_buf_put_text(out, bytes);
}

int
tl_wire_next_refused(struct tl_cur *c, struct tl_refused *r)
{
    struct tl_str record = tl_cur_text(c);
    struct tl_cur in = tl_cur_of(record.p, record.n);
    if (c->bad)
        return TL_ETRUNC;
    r->received_at_ms = tl_cur_zigzag(&in);
    r->origin = tl_cur_text(&in);
    r->reason = tl_cur_text(&in);
    r->field = tl_cur_text(&in);
    r->id = tl_cur_text(&in);
    r->offset = tl_cur_varint(&in);
    r->bytes_n = tl_cur_varint(&in);
    r->bytes = tl_cur_text(&in);
    if (in.bad)
        return TL_ETRUNC;
    return r->bytes.n > TL_WIRE_REFUSED_BYTES_MAX || r->bytes_n < r->bytes.n ? TL_ERANGE : 0;
}
