/* answer.c - see answer.h. Browsers hide every answer, and Retry-After in it, from a page of another origin unless these headers are there:
 * so they are on errors and on addresses that do not exist, too. */
#include "answer.h"

#include <inttypes.h>
#include <stdio.h>

#include "source.h"
#include "tl_hash.h"

#define JSON_TYPE "application/json; charset=utf-8"
#define PREFLIGHT_AGE_S "86400"
#define FILE_AGE "public, max-age=3600"

static void
put(struct tl_http_reply *r, const char *name, const char *value)
{
    tl_assert(r->headers_n < TL_HTTP_HEADERS_MAX);
    r->header[r->headers_n].name = name;
    r->header[r->headers_n++].value = value;
}

static void
put_cors(struct tl_http_reply *r, const struct tl_http_req *rq)
{
    struct tl_str origin = tl_http_header(rq, "Origin");
    if (!origin.p) return;
    put(r, "Access-Control-Allow-Origin", origin.p);        /* a header's value ends with a NUL */
    put(r, "Access-Control-Allow-Credentials", "true");
    put(r, "Access-Control-Expose-Headers", "Retry-After");
    put(r, "Vary", "Origin");
}

void
answer_preflight(struct tl_http_req *rq)
{
    struct tl_http_reply r = { .status = 204 };
    struct tl_str asked = tl_http_header(rq, "Access-Control-Request-Headers");
    put_cors(&r, rq);
    put(&r, "Access-Control-Allow-Methods", "GET, POST, OPTIONS");
    if (asked.p) put(&r, "Access-Control-Allow-Headers", asked.p);
    put(&r, "Access-Control-Max-Age", PREFLIGHT_AGE_S);
    tl_http_answer(rq, &r);
}

static void
answer_after(struct tl_http_req *rq, int status, const char *content_type, const struct tl_buf *b, int wait_s)
{
    char wait[16];
    struct tl_http_reply r = { .status = b->failed ? 503 : status, .content_type = content_type, .body = { (const char *)b->data, b->len } };
    put_cors(&r, rq);
    snprintf(wait, sizeof wait, "%d", wait_s);
    if (r.status == 503 || r.status == 429) put(&r, "Retry-After", wait);
    tl_http_answer(rq, &r);
}

void
answer_text(struct tl_http_req *rq, int status, const char *content_type, const struct tl_buf *b)
{
    answer_after(rq, status, content_type, b, 1);
}

void
answer_limited(struct tl_http_req *rq, const struct tl_err *err, int wait_s)
{
    struct tl_buf b = { 0 };
    struct tl_jw w = tl_jw_to(&b);
    tl_jw_open(&w, NULL);
    tl_jw_open(&w, "error");
    tl_jw_cstr(&w, "code", tl_err_name(err->code));
    tl_jw_cstr(&w, "text", err->text);
    tl_jw_close(&w);
    tl_jw_close(&w);
    answer_after(rq, tl_err_http(err->code), JSON_TYPE, &b, wait_s);
    tl_buf_free(&b);
}

void
answer_error(struct tl_http_req *rq, const struct tl_err *err)
{
    answer_limited(rq, err, 1);
}

static const uint8_t pixel[43] = {
    'G', 'I', 'F', '8', '9', 'a', 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, '!', 0xf9, 4, 1, 0, 0, 0, 0, ',', 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 'D', 1, 0, ';',
};

/* For clients that look at the status alone. */
static void
answer_plain(struct tl_http_req *rq, const struct source *s)
{
    bool gif = s->answer == SOURCE_GIF;
    struct tl_http_reply r = { .status = s->status, .content_type = gif ? "image/gif" : "text/plain; charset=utf-8", .body_static = true,
                               .body = gif ? (struct tl_str){ (const char *)pixel, sizeof pixel } : TL_STR("ok") };
    put_cors(&r, rq);
    if (gif) put(&r, "Cache-Control", "no-cache, no-store, must-revalidate");
    tl_http_answer(rq, &r);
}

static void
answer_taken(struct tl_http_req *rq, const struct source *s, uint32_t accepted_n, struct tl_str list, const char *cursor)
{
    char small[512];
    struct tl_buf large = { 0 };
    struct tl_str body = { small, 0 };
    if (s->answer != SOURCE_LIST) {
        answer_plain(rq, s);
        return;
    }
    if (list.n < sizeof small - 256) {
        body.n = (size_t)snprintf(small, sizeof small, "{%s\"accepted\":%" PRIu32 ",\"quarantined\":[%.*s],\"cursor\":%s}", s->answer_head, accepted_n,
                                  (int)list.n, list.p ? list.p : "", cursor);
    } else {
        tl_buf_printf(&large, "{%s\"accepted\":%" PRIu32 ",\"quarantined\":[", s->answer_head, accepted_n);
        tl_buf_put(&large, list.p, list.n);
        tl_buf_printf(&large, "],\"cursor\":%s}", cursor);
        body = (struct tl_str){ (char *)large.data, large.len };
    }
    struct tl_http_reply r = { .status = large.failed ? 503 : s->status, .content_type = JSON_TYPE, .body = body };
    put_cors(&r, rq);
    if (large.failed) put(&r, "Retry-After", "1");
    tl_http_answer(rq, &r);
    tl_buf_free(&large);
}

void
answer_ticket(const struct ticket *t, uint64_t epoch, const struct tl_err *err)
{
    char cursor[48];
    if (err) {
        answer_error(t->request, err);
        return;
    }
    snprintf(cursor, sizeof cursor, "\"%016" PRIx64 "-%" PRIu64 "\"", epoch, t->seq);
    answer_taken(t->request, t->source, t->accepted_n, (struct tl_str){ (char *)t->list.data, t->list.len }, cursor);
}

void
answer_nothing(struct tl_http_req *rq, const void *source)
{
    answer_taken(rq, source, 0, (struct tl_str){ NULL, 0 }, "null");
}

void
answer_file(struct tl_http_req *rq, const struct tl_embed *f, const char *content_type)
{
    char etag[24];
    struct tl_http_reply r = { .status = 200, .content_type = content_type, .body = { (const char *)f->data, f->len }, .body_static = true };
    snprintf(etag, sizeof etag, "\"%08x-%zx\"", tl_crc32c(0, f->data, f->len), f->len);
    put_cors(&r, rq);
    put(&r, "Cache-Control", FILE_AGE);
    put(&r, "ETag", etag);
    if (tl_str_is(tl_http_header(rq, "If-None-Match"), etag)) {
        r.status = 304;
        r.body = (struct tl_str){ "", 0 };
    }
    tl_http_answer(rq, &r);
}
