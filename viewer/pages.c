/* pages.c - static files: everything a page needs comes from here, so the content policy can be 'self' alone. */
#include "pages.h"

#include <stdio.h>

#include "tl_embed.h"
#include "tl_gzip.h"
#include "tl_hash.h"

#define FILES_MAX 192
#define SMALL_BYTES 400         /* not worth deflating */

struct file { const struct tl_embed *of; const char *type; char etag[40]; struct tl_buf packed; };
struct pages { struct file file[FILES_MAX]; size_t file_n; };

static const struct { const char *path, *file; bool below; } page[] = {
    { "/", "index.html", false }, { "/customers/", "customer.html", true }, { "/quarantine", "quarantine.html", false },
    { "/breaks", "page.html", false }, { "/moments", "page.html", false }, { "/alerts", "page.html", false },
    { "/improvements", "page.html", false }, { "/heatmap", "page.html", false },
    { "/coverage", "page.html", false }, { "/blueprint", "page.html", false }, { "/handbook", "page.html", false }, { "/dashboard", "page.html", false },
    { "/setup", "setup.html", false }, { "/funnel", "page.html", false }, { "/variants", "page.html", false }, { "/impact", "page.html", false }, { "/player", "page.html", false },
    { "/visits", "page.html", false }, { "/visit", "page.html", false }, { "/backtrack", "page.html", false },
};

static const char *
type_of(const char *name)
{
    static const struct { const char *ending, *type; } row[] = {
        { ".html", "text/html; charset=utf-8" }, { ".js", "text/javascript; charset=utf-8" }, { ".css", "text/css; charset=utf-8" },
        { ".svg", "image/svg+xml" }, { ".json", "application/json" }, { ".png", "image/png" }, { ".woff2", "font/woff2" },
    };
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        size_t e = strlen(row[i].ending);
        if (n > e && strcmp(name + n - e, row[i].ending) == 0) return row[i].type;
    }
    return "application/octet-stream";
}

static int
file_add(struct pages *p, const struct tl_embed *e, struct tl_err *err)
{
    struct file *f = &p->file[p->file_n++];
    uint8_t h[32];
    f->of = e;
    f->type = type_of(e->name);
    tl_hash256(e->data, e->len, h);
    f->etag[0] = '"';
    tl_hex(h, 12, f->etag + 1);
    memcpy(f->etag + 25, "\"", 2);
    if (e->len < SMALL_BYTES || strncmp(f->type, "image/png", 9) == 0) return 0;
    return tl_gzip_deflate(e->data, e->len, &f->packed, err);
}

int
pages_new(struct pages **out, struct tl_err *err)
{
    struct pages *p = tl_alloc(sizeof *p);
    int rc = p ? 0 : tl_fail(err, TL_ENOMEM, "out of memory");
    for (const struct tl_embed *e = tl_embed_web; rc == 0 && e->name; e++) {
        tl_assert(p->file_n < FILES_MAX);
        rc = file_add(p, e, err);
    }
    if (rc) pages_free(&p);
    *out = p;
    return rc;
}

void
pages_free(struct pages **pp)
{
    struct pages *p = *pp;
    for (size_t i = 0; p && i < p->file_n; i++) tl_buf_free(&p->file[i].packed);
    tl_free(p);
    *pp = NULL;
}

void
pages_header(struct tl_http_reply *r, const char *name, const char *value)
{
    tl_assert(r->headers_n < TL_HTTP_HEADERS_MAX);
    r->header[r->headers_n].name = name;
    r->header[r->headers_n++].value = value;
}

void
pages_guard(struct tl_http_reply *r)
{
    pages_header(r, "Content-Security-Policy", "default-src 'self'");
    pages_header(r, "X-Content-Type-Options", "nosniff");
    pages_header(r, "Referrer-Policy", "no-referrer");
}

static bool
list_has(struct tl_str list, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= list.n; i++)
        if (memcmp(list.p + i, word, n) == 0) return true;
    return false;
}

bool
pages_etag_is(struct tl_http_req *rq, const char *etag)
{
    struct tl_str asked = tl_http_header(rq, "If-None-Match");
    return asked.n && (tl_str_is(asked, "*") || list_has(asked, etag));
}

static const struct file *
find(const struct pages *p, struct tl_str path)
{
    struct tl_str name = { path.p + 1, path.n - 1 };
    for (size_t i = 0; i < sizeof page / sizeof page[0]; i++) {
        size_t n = strlen(page[i].path);
        if (page[i].below ? path.n > n && memcmp(path.p, page[i].path, n) == 0 : tl_str_is(path, page[i].path)) name = tl_str_of(page[i].file);
    }
    for (size_t i = 0; i < p->file_n; i++)
        if (tl_str_is(name, p->file[i].of->name)) return &p->file[i];
    return NULL;
}

bool
pages_answer(const struct pages *p, struct tl_http_req *rq)
{
    struct tl_str path = tl_http_path(rq);
    const struct file *f = path.n && path.p[0] == '/' ? find(p, path) : NULL;
    if (!f) return false;
    struct tl_http_reply r = { .status = 200, .content_type = f->type, .body = { (const char *)f->of->data, f->of->len }, .body_static = true };
    pages_guard(&r);
    pages_header(&r, "ETag", f->etag);
    pages_header(&r, "Cache-Control", "no-cache");
    pages_header(&r, "Vary", "Accept-Encoding");
    if (pages_etag_is(rq, f->etag)) {
        r.status = 304;
        r.body = (struct tl_str){ NULL, 0 };
    } else if (f->packed.len && list_has(tl_http_header(rq, "Accept-Encoding"), "gzip")) {
        pages_header(&r, "Content-Encoding", "gzip");
        r.body = (struct tl_str){ (const char *)f->packed.data, f->packed.len };
    }
    tl_http_answer(rq, &r);
    return true;
}
