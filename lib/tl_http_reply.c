/* tl_http_reply.c - reading the parts of a request that need no HTTP library, and the two usual answers. */
#include "tl_http_inside.h"

#include <stdio.h>

struct tl_str
tl_http_method(const struct tl_http_req *rq)
{
    return tl_str_of(rq->method);
}

struct tl_str
tl_http_path(const struct tl_http_req *rq)
{
    return rq->path;
}

struct tl_str
tl_http_query(const struct tl_http_req *rq, const char *name, int n)
{
    for (size_t i = 0; i < rq->params_n; i++)
        if (tl_str_is(rq->param[i].name, name) && n-- == 0) return rq->param[i].value;
    return (struct tl_str){ NULL, 0 };
}

void
tl_http_query_each(const struct tl_http_req *rq, void (*f)(void *arg, struct tl_str name, struct tl_str value), void *arg)
{
    for (size_t i = 0; i < rq->params_n; i++)
        f(arg, rq->param[i].name, rq->param[i].value);
}

struct tl_str
tl_http_peer(const struct tl_http_req *rq)
{
    return tl_str_of(rq->conn->peer);
}

/* ---- usual answers ---- */
void
tl_http_answer_json(struct tl_http_req *rq, int status, const struct tl_buf *json)
{
    struct tl_http_reply r = { .status = status, .content_type = "application/json; charset=utf-8",
                               .body = { (const char *)json->data, json->len } };
    if (json->failed) r.status = 503, r.body = TL_STR("{\"error\":{\"code\":\"TL_ENOMEM\",\"text\":\"out of memory\"}}");
    tl_http_answer(rq, &r);
}

void
tl_http_error_reply(struct tl_http_reply *r, const struct tl_err *err, char *text)
{
    char clean[TL_ERR_TEXT_BYTES];
    snprintf(clean, sizeof clean, "%s", err->text);
    for (char *p = clean; *p; p++)      /* an error text is for people: the JSON stays plain */
        *p = *p == '"' || *p == '\\' ? '\'' : (unsigned char)*p < ' ' ? ' ' : *p;
    int n = snprintf(text, TL_HTTP_ERROR_BYTES, "{\"error\":{\"code\":\"%s\",\"text\":\"%s\"}}", tl_err_name(err->code), clean);
    *r = (struct tl_http_reply){ .status = tl_err_http(err->code), .content_type = "application/json; charset=utf-8",
                                 .body = { text, (size_t)n } };
}

void
tl_http_answer_error(struct tl_http_req *rq, const struct tl_err *err)
{
    struct tl_http_reply r;
    char text[TL_HTTP_ERROR_BYTES];
    tl_http_error_reply(&r, err, text);
    tl_http_answer(rq, &r);
}
