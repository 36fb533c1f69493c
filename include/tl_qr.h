/* tl_qr.h - a text as a code to scan (QR, ISO/IEC 18004), for a terminal and for a page. Only lib/tl_qr.c includes qrencode.h. */
#ifndef TL_QR_H
#define TL_QR_H

#include "tl_err.h"
#include "tl_mem.h"

#define TL_QR_TEXT_MAX 400              /* bytes */

/* tl_qr_text - appended to out, two rows of modules a line, light ones drawn: for a terminal of light letters on a dark ground (colour: say so with escapes, for any
 * terminal). Error correction M, margin 2. 0, TL_EINVAL (empty, or over TL_QR_TEXT_MAX), TL_ENOMEM. */
int tl_qr_text(const char *text, bool colour, struct tl_buf *out, struct tl_err *err);
/* tl_qr_svg - the same as one <svg> with a light ground and a margin of 4, one user unit a module */
int tl_qr_svg(const char *text, struct tl_buf *out, struct tl_err *err);

#endif
