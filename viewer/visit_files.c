/* visit_files.c - see visit_files.h. */
#include "visit_files.h"

#include <stdio.h>

#include "door.h"
#include "pages.h"
#include "tl_evidence.h"
#include "tl_qr.h"
#include "tl_visit_link.h"

#define PART_ARENA_BYTES (1u << 20)

static int
visit_named(struct look *k, struct tl_str id, struct tl_visit *v, struct tl_err *err)
{
    struct tl_store_txn *t = NULL;
    struct tl_note n;
    int rc = k->store ? tl_store_begin(k->store, &t, err) : TL_ENOTFOUND;
    if (rc == 0) rc = tl_store_note(t, "visit", id, &n, err);
    if (rc == 0) rc = tl_visit_of_note(k->arena, &n, v);
    if (t) tl_store_end(&t);
    return rc == TL_ENOTFOUND ? tl_fail(err, rc, "there is no visit \"%.*s\"", (int)(id.n < 80 ? id.n : 80), id.p ? id.p : "") : rc;
}

/* ---- photos ---- */

static const struct tl_visit_evidence *
evidence_named(const struct tl_visit *v, struct tl_str name)
{
    for (uint32_t i = 0; i < v->evidence_n; i++)
        if (tl_str_eq(v->evidence[i].name, name)) return &v->evidence[i];
    return NULL;
}

void
visit_evidence_answer(struct look *k, struct tl_http_req *rq)
{
    struct tl_str id = tl_http_query(rq, "visit", 0), name = tl_http_query(rq, "name", 0);
    const struct tl_visit_evidence *e = NULL;
    struct tl_visit v;
    struct tl_buf file = { NULL, 0, 0, false };
    struct tl_err err = { 0, "" };
    int rc = visit_named(k, id, &v, &err);
    if (rc == 0 && !(e = evidence_named(&v, name))) rc = tl_fail(&err, TL_ENOTFOUND, "the visit has no such evidence");
    if (rc == 0) rc = tl_evidence_read(fold_data(k->fold), v.id, e, &file, &err);
    if (rc) tl_http_answer_error(rq, &err);
    else {
        const char *type = tl_evidence_type(file.data, file.len);
        struct tl_http_reply r = { .status = 200, .content_type = type ? type : "application/octet-stream", .body = { (const char *)file.data, file.len } };
        pages_guard(&r);
        pages_header(&r, "Cache-Control", "private, no-cache");
        tl_http_answer(rq, &r);
    }
    tl_buf_free(&file);
}

/* ---- a link ---- */

static int
enter(struct look *k, struct tl_http_req *rq, struct tl_str id, int64_t expires_ms, const char *hash, int *status, struct tl_buf *said, struct tl_err *err)
{
    struct tl_buf body = { NULL, 0, 0, false };
    struct tl_jw w = tl_jw_to(&body);
    tl_jw_open(&w, NULL);
    tl_jw_str(&w, "id", id);
    tl_jw_bool(&w, "merge", true);
    tl_jw_open(&w, "link");
    tl_jw_cstr(&w, "hash", hash);
    tl_jw_int(&w, "expires", expires_ms);
    tl_jw_close(&w);
    tl_jw_close(&w);
    int rc = door_enter(fold_data(k->fold), TL_STR("visit"), (struct tl_str){ (const char *)body.data, body.len }, tl_http_header(rq, "X-Touchline-Actor"), status, said, err);
    tl_buf_free(&body);
    return rc;
}

static int
asked(struct look *k, struct tl_http_req *rq, struct tl_arena *a, struct tl_str *id, int64_t *hours, struct tl_err *err)
{
    struct door_asks asks = { tl_http_header(rq, "Host"), tl_http_header(rq, "Origin"), tl_http_header(rq, "Sec-Fetch-Site"), tl_http_header(rq, "Content-Type") };
    struct tl_jv *root = NULL;
    struct tl_visit v;
    int rc = door_own(&asks, true, err);
    if (rc == 0) rc = tl_json_tree(a, tl_http_body(rq), 0, &root, NULL, err);
    if (rc) return rc;
    *id = tl_jv_text(root, "id");
    *hours = tl_jv_int(root, "hours", TL_VISIT_LINK_HOURS);
    if (*hours < 1 || *hours > TL_VISIT_LINK_HOURS_MAX) return tl_fail(err, TL_EINVAL, "hours is a number from 1 to %d", TL_VISIT_LINK_HOURS_MAX);
    if ((rc = visit_named(k, *id, &v, err))) return rc;
    if (v.state == TL_VISIT_WITHDRAWN || v.state == TL_VISIT_FINISHED) return tl_fail(err, TL_EEXIST, "this visit is %s: there is nothing left to send", tl_visit_state_word(v.state));
    return 0;
}

static int
render(const char *url, int64_t expires_ms, bool here_only, struct tl_buf *out, struct tl_err *err)
{
    struct tl_buf svg = { NULL, 0, 0, false };
    int rc = tl_qr_svg(url, &svg, err);
    if (rc == 0) {
        struct tl_jw w = tl_jw_to(out);
        tl_jw_open(&w, NULL);
        tl_jw_cstr(&w, "url", url);
        tl_jw_str(&w, "svg", (struct tl_str){ (const char *)svg.data, svg.len });
        tl_jw_int(&w, "expires", expires_ms);
        tl_jw_bool(&w, "here_only", here_only);
        tl_jw_close(&w);
    }
    tl_buf_free(&svg);
    return rc;
}

void
visit_link_answer(struct look *k, struct tl_http_req *rq, const char *here, bool here_only)
{
    struct tl_arena *a = tl_arena_new(PART_ARENA_BYTES);
    struct tl_buf said = { NULL, 0, 0, false };
    struct tl_err err = { 0, "" };
    struct tl_str id = { NULL, 0 };
    char token[TL_VISIT_TOKEN_CHARS + 1], hash[65], url[TL_QR_TEXT_MAX];
    int64_t hours = 0;
    int status = 200, rc = a ? asked(k, rq, a, &id, &hours, &err) : tl_fail(&err, TL_ENOMEM, "out of memory");
    if (rc == 0) {
        tl_visit_link_make(token, hash);
        snprintf(url, sizeof url, "%.300s" TL_VISIT_LINK_PATH "%s", here, token);
        rc = enter(k, rq, id, k->now_ms + hours * 3600000, hash, &status, &said, &err);
    }
    if (rc == 0 && status == 200) {
        tl_buf_reset(&said);
        rc = render(url, k->now_ms + hours * 3600000, here_only, &said, &err);
    }
    if (rc) tl_http_answer_error(rq, &err);
    else tl_http_answer_json(rq, status, &said);
    tl_buf_free(&said);
    tl_arena_free(&a);
}

void
visit_link_openapi(struct tl_jw *w)
{
    static const struct { const char *status, *says; } replies[] = {
        { "200", "{url, svg, expires, here_only}: the token is told this once; svg: the address as a code to scan; here_only: no address for phones is set" },
        { "400", "hours is out of range" }, { "403", "not asked by one of the viewer's own pages" }, { "404", "there is no such visit" }, { "409", "the visit is finished or withdrawn" }, { "503", "the aggregator is not there, or busy" },
    };
    tl_jw_open(w, VISIT_LINK_PATH);
    tl_jw_open(w, "post");
    tl_jw_cstr(w, "summary", "a new one-time link for the shopper of a visit, {\"id\", \"hours\"} (default 72), from the viewer's own pages only; the link before it ends");
    tl_jw_open(w, "responses");
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
        tl_jw_open(w, replies[i].status);
        tl_jw_cstr(w, "description", replies[i].says);
        tl_jw_close(w);
    }
    tl_jw_close(w);
    tl_jw_close(w);
    tl_jw_close(w);
}
