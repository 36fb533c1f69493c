/* tl_decode.h - a file read as UTF-8, whatever its encoding: gzip undone, then iconv(3) of the C library. */
#ifndef TL_DECODE_H
#define TL_DECODE_H

#include <sys/types.h>
#include "tl_err.h"
#include "tl_mem.h"

#define TL_DECODE_ROOM_BYTES 8          /* least that a read is given room for: a character must fit */

struct tl_decode;
/* tl_decode_open - encoding as iconv names it (GB18030, GBK, BIG5, WINDOWS-1252, SHIFT_JIS, UTF-16), borrowed; NULL or UTF-8: bytes as they are.
 * 0, TL_ECONFIG (unknown encoding), TL_ENOTFOUND, TL_EIO, TL_ENOMEM. */
int tl_decode_open(struct tl_decode **out, const char *path, const char *encoding, struct tl_err *err);
/* tl_decode_read - up to n (at least TL_DECODE_ROOM_BYTES) bytes of UTF-8 into p: how many, 0 at the end; TL_EINVAL (damaged gzip), TL_EIO. A byte that is no text in
 * the encoding becomes 0xff, which no UTF-8 holds: the reader of the row tells. */
ssize_t tl_decode_read(struct tl_decode *d, void *p, size_t n, struct tl_err *err);
void tl_decode_close(struct tl_decode **dp);
bool tl_decode_known(const char *encoding);
bool tl_decode_is_utf8(const char *encoding);        /* NULL is UTF-8 */
/* tl_decode_would_read - is this text whole in that encoding, with something beyond ASCII in it? */
bool tl_decode_would_read(const char *encoding, struct tl_str text);

#endif
