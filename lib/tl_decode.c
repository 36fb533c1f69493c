/* tl_decode.c - see tl_decode.h. What iconv has not used of the raw bytes (half a character) stays in front for the next turn. */
#include "tl_decode.h"

#include <errno.h>
#include <iconv.h>
#include <strings.h>

#include "tl_gzip.h"

#define RAW_BYTES (32 * 1024)
#define NO_CONVERSION ((iconv_t)-1)

struct tl_decode {
    struct tl_gzip_file *file;
    iconv_t cd;                          /* NO_CONVERSION: UTF-8 */
    size_t begin, end;                   /* of what is left in raw */
    bool eof;
    char raw[RAW_BYTES];
};

bool
tl_decode_is_utf8(const char *encoding)
{
    return encoding == NULL || strcasecmp(encoding, "UTF-8") == 0 || strcasecmp(encoding, "UTF8") == 0;
}

/* iconv's own additions to a name ("//IGNORE") would hide what cannot be read */
static iconv_t
conversion(const char *encoding)
{
    return strchr(encoding, '/') != NULL || *encoding == '\0' ? NO_CONVERSION : iconv_open("UTF-8", encoding);
}

bool
tl_decode_known(const char *encoding)
{
    iconv_t cd = tl_decode_is_utf8(encoding) ? NO_CONVERSION : conversion(encoding);
    if (cd != NO_CONVERSION)
        iconv_close(cd);
    return tl_decode_is_utf8(encoding) || cd != NO_CONVERSION;
}

int
tl_decode_open(struct tl_decode **out, const char *path, const char *encoding, struct tl_err *err)
{
    struct tl_decode *d = tl_alloc(sizeof *d);
    *out = NULL;
    if (d == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory for reading %s", path);
    d->cd = tl_decode_is_utf8(encoding) ? NO_CONVERSION : conversion(encoding);
    int rc = !tl_decode_is_utf8(encoding) && d->cd == NO_CONVERSION ? tl_fail(err, TL_ECONFIG, "the encoding \"%s\" is not known here; `iconv -l` lists those that are", encoding)
                                                          : tl_gzip_open(&d->file, path, err);
    if (rc != 0)
        tl_decode_close(&d);
    *out = d;
    return rc;
}

void
tl_decode_close(struct tl_decode **dp)
{
    struct tl_decode *d = *dp;
    if (d == NULL)
        return;
    tl_gzip_close(&d->file);
    if (d->cd != NO_CONVERSION)
        iconv_close(d->cd);
    tl_free(d);
    *dp = NULL;
}

static int
more(struct tl_decode *d, struct tl_err *err)
{
    memmove(d->raw, d->raw + d->begin, d->end - d->begin);
    d->end -= d->begin;
    d->begin = 0;
    ssize_t n = tl_gzip_read(d->file, d->raw + d->end, RAW_BYTES - d->end, err);
    if (n < 0)
        return (int)n;
    d->eof = n == 0;
    d->end += (size_t)n;
    return 0;
}

/* a byte that cannot be read becomes 0xff */
static void
mark(struct tl_decode *d, char **out, size_t *room)
{
    *(*out)++ = (char)0xff;
    (*room)--;
    d->begin++;
    iconv(d->cd, NULL, NULL, NULL, NULL);
}

ssize_t
tl_decode_read(struct tl_decode *d, void *p, size_t n, struct tl_err *err)
{
    char *out = p;
    size_t room = n;
    if (d->cd == NO_CONVERSION)
        return tl_gzip_read(d->file, p, n, err);
    while (room >= TL_DECODE_ROOM_BYTES && !(d->eof && d->begin == d->end)) {
        char *in = d->raw + d->begin;
        size_t left = d->end - d->begin;
        size_t rc = left > 0 ? iconv(d->cd, &in, &left, &out, &room) : 0;
        int why = rc == (size_t)-1 ? errno : 0;
        d->begin = (size_t)(in - d->raw);
        if (why == E2BIG)
            break;
        if (why == EILSEQ || (why == EINVAL && d->eof)) {
            mark(d, &out, &room);
            continue;
        }
        int got = more(d, err);
        if (got != 0)
            return got;
        if (d->eof && out > (char *)p)
            break;
    }
    return (ssize_t)(n - room);
}

bool
tl_decode_would_read(const char *encoding, struct tl_str text)
{
    char out[512], *in = (char *)(uintptr_t)text.p, *to = out;
    size_t left = text.n, room = sizeof out;
    bool beyond = false;
    iconv_t cd = conversion(encoding);
    for (size_t i = 0; i < text.n; i++)
        beyond |= (unsigned char)text.p[i] >= 0x80;
    while (cd != NO_CONVERSION && left > 0) {
        size_t rc = iconv(cd, &in, &left, &to, &room);
        if (rc == (size_t)-1 && errno != E2BIG)
            break;
        to = out;
        room = sizeof out;
    }
    if (cd != NO_CONVERSION)
        iconv_close(cd);
    return cd != NO_CONVERSION && beyond && left == 0;
}
