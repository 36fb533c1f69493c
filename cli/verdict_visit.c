/* verdict_visit.c - see verdict.h: from a visit's scorecard to lines. Nothing in them hangs on when it was, only on how long things took. */
#include "verdict.h"

#include <stdio.h>

#include "tl_fetch.h"

#define ANSWER_ARENA_BYTES ((size_t)64 << 20)
#define DEPTH_MAX 16

static int
say(struct verdict *out, const struct tl_buf *b, struct tl_err *err)
{
    return b->failed ? tl_fail(err, TL_ENOMEM, "out of memory") : verdict_add(out, (struct tl_str){ (const char *)b->data, b->len }, err);
}

static void
put_text(struct tl_buf *b, const struct tl_jv *v, const char *name)
{
    struct tl_str s = tl_jv_text(v, name);
    tl_buf_printf(b, "%.*s", (int)s.n, s.p != NULL ? s.p : "");
}

static int
say_score(const struct tl_jv *root, struct verdict *out, struct tl_err *err)
{
    struct tl_buf b = {0};
    const struct tl_jv *score = tl_jv_get(root, "score"), *value = tl_jv_get(score, "value");
    tl_buf_put_str(&b, "score: ");
    if (value != NULL && value->type == TL_JNUMBER)
        tl_buf_printf(&b, "%.1f of 100", 100 * value->number);
    else
        tl_buf_put_str(&b, "none");
    tl_buf_printf(&b, ", yes %lld, no %lld, not applicable %lld, open %lld%s", (long long)tl_jv_int(score, "yes", 0), (long long)tl_jv_int(score, "no", 0), (long long)tl_jv_int(score, "na", 0),
                  (long long)tl_jv_int(score, "open", 0), tl_jv_bool(score, "failed", false) ? ", a critical item failed" : "");
    int rc = say(out, &b, err);
    tl_buf_free(&b);
    return rc;
}

static int
say_items(const struct tl_jv *root, struct verdict *out, struct tl_err *err)
{
    const struct tl_jv *sections = tl_jv_get(root, "sections");
    int rc = 0;
    for (const struct tl_jv *s = sections != NULL ? sections->child : NULL; s != NULL; s = s->next) {
        const struct tl_jv *items = tl_jv_get(s, "items");
        for (const struct tl_jv *i = items != NULL ? items->child : NULL; rc == 0 && i != NULL; i = i->next) {
            struct tl_buf b = {0};
            tl_buf_put_str(&b, "score: item ");
            put_text(&b, i, "id");
            tl_buf_put_str(&b, " ");
            put_text(&b, i, "answer");
            if (tl_jv_text(i, "answer").n == 0)
                tl_buf_put_str(&b, "open");
            rc = say(out, &b, err);
            tl_buf_free(&b);
        }
    }
    return rc;
}

static int
say_timings(const struct tl_jv *root, struct verdict *out, struct tl_err *err)
{
    const struct tl_jv *list = tl_jv_get(root, "timings");
    int rc = 0;
    for (const struct tl_jv *t = list != NULL ? list->child : NULL; rc == 0 && t != NULL; t = t->next) {
        struct tl_buf b = {0};
        tl_buf_put_str(&b, "clock: ");
        put_text(&b, t, "id");
        tl_buf_put_str(&b, " ");
        put_text(&b, t, "is");
        if (!tl_str_is(tl_jv_text(t, "is"), "running"))     /* what still runs is longer at every look */
            tl_buf_printf(&b, ", %.0f s of %.0f s", tl_jv_number(t, "took_ms", 0) / 1000, tl_jv_number(t, "limit_ms", 0) / 1000);
        rc = say(out, &b, err);
        tl_buf_free(&b);
    }
    return rc;
}

static int
say_fit(const struct tl_jv *root, struct verdict *out, struct tl_err *err)
{
    const struct tl_jv *a = tl_jv_get(root, "alignment");
    struct tl_buf b = {0};
    if (a == NULL || a->type != TL_JOBJECT)
        return 0;
    tl_buf_printf(&b, "plan: fits %.1f of 100, %lld edits", 100 * tl_jv_number(a, "fitness", 0), (long long)tl_jv_int(a, "edits", 0));
    int rc = say(out, &b, err);
    tl_buf_free(&b);
    return rc;
}

int
verdict_of_visit(struct session *viewer, const char *visit, const char *run, int64_t as_of_ms, struct verdict *out, struct tl_err *err)
{
    struct tl_buf path = {0}, body = {0};
    struct tl_arena *a = tl_arena_new(ANSWER_ARENA_BYTES);
    struct tl_jv *root = NULL;
    tl_buf_put_str(&path, "/api/visits/");
    tl_fetch_escape(&path, tl_str_of(visit));
    tl_buf_printf(&path, "?as_of=%lld", (long long)as_of_ms);
    if (run != NULL) {
        tl_buf_put_str(&path, "&run=");
        tl_fetch_escape(&path, tl_str_of(run));
    }
    tl_buf_put_u8(&path, 0);
    int rc = a == NULL || path.failed ? tl_fail(err, TL_ENOMEM, "out of memory") : session_get(viewer, SESSION_VIEWER, (const char *)path.data, &body, err);
    if (rc == 0)
        rc = tl_json_tree(a, (struct tl_str){ (const char *)body.data, body.len }, DEPTH_MAX, &root, NULL, err);
    if (rc == 0)
        rc = say_score(root, out, err);
    if (rc == 0)
        rc = say_items(root, out, err);
    if (rc == 0)
        rc = say_timings(root, out, err);
    if (rc == 0)
        rc = say_fit(root, out, err);
    tl_arena_free(&a);
    tl_buf_free(&path);
    tl_buf_free(&body);
    return rc;
}
