/* report_words.c - text and numbers of the sheet. */
#include "report_page.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

const char *
sheet_say(const struct sheet *s, const char *zh, const char *en)
{
    return s->zh ? zh : en;
}

void
sheet_put(struct sheet *s, const char *html)
{
    tl_buf_put_str(s->out, html);
}

void
sheet_text(struct sheet *s, struct tl_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        switch (text.p[i]) {
        case '<': tl_buf_put_str(s->out, "&lt;"); break;
        case '>': tl_buf_put_str(s->out, "&gt;"); break;
        case '&': tl_buf_put_str(s->out, "&amp;"); break;
        case '"': tl_buf_put_str(s->out, "&quot;"); break;
        default: tl_buf_put_u8(s->out, (uint8_t)text.p[i]);
        }
    }
}

struct tl_str
sheet_words(const struct sheet *s, const struct tl_jv *title, struct tl_str otherwise)
{
    struct tl_str a = tl_jv_text(title, s->zh ? "zh" : "en"), b = tl_jv_text(title, s->zh ? "en" : "zh");
    return a.n ? a : b.n ? b : otherwise;
}

void
sheet_printf(struct sheet *s, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    tl_buf_put_str(s->out, text);
}

char *
sheet_number(double v, int digits, bool sign, char out[48])
{
    char plain[40];
    size_t n = 0;
    double rounded = round(fabs(v) * pow(10, digits));
    snprintf(plain, sizeof plain, "%.*f", digits, rounded / pow(10, digits));
    size_t whole = strcspn(plain, ".");
    if (v < 0 && rounded > 0) n += (size_t)snprintf(out, 48, "−");
    else if (sign && rounded > 0) out[n++] = '+';
    for (size_t i = 0; plain[i] && n < 44; i++) {
        if (i && i < whole && (whole - i) % 3 == 0) out[n++] = ',';
        out[n++] = plain[i];
    }
    out[n] = '\0';
    return out;
}

bool
sheet_has(const struct tl_jv *o, const char *name)
{
    const struct tl_jv *v = tl_jv_get(o, name);
    return v && v->type == TL_JNUMBER;
}

void
sheet_range(struct sheet *s, const struct tl_jv *o, double scale, int digits, bool sign)
{
    char a[48], b[48];
    if (!sheet_has(o, "lo") || !sheet_has(o, "hi")) return;
    sheet_printf(s, sign ? "(%s … %s)" : "(%s–%s)", sheet_number(scale * tl_jv_number(o, "lo", 0), digits, sign, a), sheet_number(scale * tl_jv_number(o, "hi", 0), digits, sign, b));
}
