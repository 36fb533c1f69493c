/* tl_pack.h - msgpack maps, for records that outlive a version of the program and that other programs may read: control records, quarantined items.
 * Only lib/tl_pack.c includes msgpack.h. Hot rows have layouts of their own (tl_event.h, tl_rows.h).
 *
 * A reader skips members it does not know. Bytes are skimmed before msgpack-c sees them, because it believes the lengths it is told: depth, members and
 * lengths are bounded by what is really there. Format: msgpack specification, 2013 (str and bin are distinct). */
#ifndef TL_PACK_H
#define TL_PACK_H

#include "tl_err.h"
#include "tl_mem.h"

#define TL_PACK_DEPTH_MAX 8
#define TL_PACK_NODES_MAX 4096

/* ---- writing: a map of n members, then n times one of these; check out->failed at the end ---- */
void tl_pack_map(struct tl_buf *out, uint32_t members_n);
void tl_pack_text(struct tl_buf *out, const char *name, struct tl_str v);      /* absent is nil */
void tl_pack_bytes(struct tl_buf *out, const char *name, struct tl_str v);
void tl_pack_int(struct tl_buf *out, const char *name, int64_t v);
void tl_pack_uint(struct tl_buf *out, const char *name, uint64_t v);

/* ---- reading ---- */
struct tl_pack_member {
    struct tl_str name;
    struct tl_str text;         /* str and bin, borrowed from the input; else absent */
    bool is_int;                /* a number inside int64 or uint64 */
    int64_t integer;            /* as int64; a uint64 above INT64_MAX wraps: read it back as uint64_t */
};
/* tl_pack_read - calls each(arg, member) for every member of the one map that fills `in`. each returns 0, or a code that ends the reading and is returned.
 * TL_ETRUNC (cut short, or bytes behind the map), TL_ERANGE (not a map with text names, too deep, too many), TL_ENOMEM. */
int tl_pack_read(struct tl_str in, int (*each)(void *arg, const struct tl_pack_member *m), void *arg);

#endif
