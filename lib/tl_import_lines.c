/* tl_import_lines.c - a text file line by line, from a window that holds a line whole; one longer than the window is passed over to its end. */
#include "tl_import_rows.h"

#include "tl_decode.h"

#define WINDOW_BYTES (512u * 1024)

struct lines {
    struct tl_import_source *src;
    struct tl_decode *file;
    struct tl_err *err;
    char *data;
    size_t begin, end;
    bool eof, passing;
    uint64_t number;
};

static int
fill(struct lines *l)
{
    memmove(l->data, l->data + l->begin, l->end - l->begin);
    l->end -= l->begin;
    l->begin = 0;
    while (!l->eof && l->end + TL_DECODE_ROOM_BYTES <= WINDOW_BYTES) {
        ssize_t n = tl_decode_read(l->file, l->data + l->end, WINDOW_BYTES - l->end, l->err);
        if (n < 0)
            return (int)n;
        l->eof = n == 0;
        l->end += (size_t)n;
        l->src->bytes_read += (uint64_t)n;
    }
    return 0;
}

/* 1: a line, or what the window holds of one; 0: the end */
static int
next_line(struct lines *l, struct tl_str *text, bool *cut)
{
    for (;;) {
        const char *nl = l->end > l->begin ? memchr(l->data + l->begin, '\n', l->end - l->begin) : NULL;
        bool full = l->begin == 0 && l->end + TL_DECODE_ROOM_BYTES > WINDOW_BYTES;
        if (nl == NULL && !l->eof && !full) {
            int rc = fill(l);
            if (rc != 0)
                return rc;
            continue;
        }
        if (l->begin == l->end)
            return 0;
        size_t end = nl != NULL ? (size_t)(nl - l->data) : l->end;
        bool skipped = l->passing;
        *text = (struct tl_str){ l->data + l->begin, end - l->begin };
        *cut = nl == NULL && l->eof;
        l->begin = nl != NULL ? end + 1 : end;
        l->passing = nl == NULL;
        l->number += !skipped;
        if (!skipped)
            return 1;
    }
}

static struct tl_str
trimmed(struct tl_str s)
{
    while (s.n > 0 && strchr(" \t\r", s.p[s.n - 1]) != NULL && s.p[s.n - 1] != '\0')
        s.n--;
    while (s.n > 0 && (*s.p == ' ' || *s.p == '\t')) {
        s.p++;
        s.n--;
    }
    return s;
}

int
tl_import_lines(struct tl_import_source *src, const char *encoding, int (*line)(void *arg, struct tl_str text, uint64_t number, bool cut), void *arg, struct tl_err *err)
{
    struct lines l = { .src = src, .err = err };
    struct tl_str text;
    bool cut = false;
    int rc = tl_decode_open(&l.file, src->path, encoding, err);
    if (rc == 0 && (l.data = tl_alloc(WINDOW_BYTES)) == NULL)
        rc = tl_fail(err, TL_ENOMEM, "out of memory for reading %s", src->path);
    if (rc == 0 && (rc = fill(&l)) == 0 && l.end >= 3 && memcmp(l.data, "\xef\xbb\xbf", 3) == 0)
        l.begin = 3;
    while (rc == 0 && (rc = next_line(&l, &text, &cut)) > 0) {
        text = trimmed(text);
        rc = text.n > 0 ? line(arg, text, l.number, cut) : 0;
    }
    tl_decode_close(&l.file);
    tl_free(l.data);
    return rc;
}
