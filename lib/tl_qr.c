/* tl_qr.c - see tl_qr.h. */
#include "tl_qr.h"

#include <errno.h>
#include <qrencode.h>

static int
encode(const char *text, QRcode **out, struct tl_err *err)
{
    size_t n = strlen(text);

    if (n == 0 || n > TL_QR_TEXT_MAX)
        return tl_fail(err, TL_EINVAL, "a code holds 1 to %d bytes, not %zu", TL_QR_TEXT_MAX, n);
    *out = QRcode_encodeData((int)n, (const unsigned char *)text, 0, QR_ECLEVEL_M);
    return *out != NULL ? 0 : tl_fail(err, errno == ENOMEM ? TL_ENOMEM : TL_EINVAL, "the text does not fit a code");
}

/* outside the code all is light */
static bool
is_dark(const QRcode *q, int row, int column)
{
    return row >= 0 && column >= 0 && row < q->width && column < q->width && (q->data[row * q->width + column] & 1) != 0;
}

int
tl_qr_text(const char *text, bool colour, struct tl_buf *out, struct tl_err *err)
{
    enum { MARGIN = 2 };
    static const char *const cells[] = { "█", "▀", "▄", " " };      /* both light, upper light, lower light, none */
    QRcode *q = NULL;
    int rc = encode(text, &q, err);

    for (int row = -MARGIN; rc == 0 && row < q->width + MARGIN; row += 2) {
        tl_buf_put_str(out, colour ? "\033[97;40m" : "");
        for (int column = -MARGIN; column < q->width + MARGIN; column++)
            tl_buf_put_str(out, cells[is_dark(q, row, column) * 2 + is_dark(q, row + 1, column)]);
        tl_buf_put_str(out, colour ? "\033[0m\n" : "\n");
    }
    QRcode_free(q);
    return rc == 0 && out->failed ? tl_fail(err, TL_ENOMEM, "out of memory") : rc;
}

/* One path: a run of dark modules of a row is a rectangle. */
int
tl_qr_svg(const char *text, struct tl_buf *out, struct tl_err *err)
{
    enum { MARGIN = 4 };
    QRcode *q = NULL;
    int rc = encode(text, &q, err), side = rc == 0 ? q->width + 2 * MARGIN : 0;

    if (rc == 0)
        tl_buf_printf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path fill=\"#000\" d=\"", side, side, side, side);
    for (int row = 0; rc == 0 && row < q->width; row++)
        for (int column = 0; column < q->width; column++) {
            int n = 0;
            while (is_dark(q, row, column + n))
                n++;
            if (n > 0)
                tl_buf_printf(out, "M%d %dh%dv1h-%dz", column + MARGIN, row + MARGIN, n, n);
            column += n;
        }
    if (rc == 0)
        tl_buf_put_str(out, "\"/></svg>");
    QRcode_free(q);
    return rc == 0 && out->failed ? tl_fail(err, TL_ENOMEM, "out of memory") : rc;
}
