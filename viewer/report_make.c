/* report_make.c - see report_make.h.
 *
 *   plain question (no filter, no as_of, live)   kept: its bytes, and a note when what the rows say now is something else
 *                                                none kept: made; kept at once when the week is ripe, or when it is over and freeze=1
 *   any other                                    made, never kept */
#include "report_make.h"

#include <stdio.h>

#include "render_report.h"
#include "report_keep.h"
#include "report_page.h"
#include "week.h"

#define BEHIND_MS 60000          /* of stitching, as /healthz calls it degraded */

struct made { struct report_answer *answer; struct tl_buf json; char week[16]; };

static int
make(struct look *k, struct made *m, struct tl_err *err)
{
    int rc = fold_report(k, m->answer, err);
    if (rc == 0) render_report(&m->json, k, m->answer);
    return rc == 0 && m->json.failed ? tl_fail(err, TL_ENOMEM, "out of memory") : rc;
}

static struct tl_str
view(const struct tl_buf *b)
{
    return (struct tl_str){ (const char *)b->data, b->len };
}

static int
page_of(struct tl_arena *a, struct tl_str json, bool zh, bool final, struct tl_buf *out, struct tl_err *err)
{
    struct tl_jv *root = NULL;
    int rc = tl_json_tree(a, json, REPORT_PAGE_DEPTH, &root, NULL, err);
    if (rc == 0) report_page(out, root, zh, final);
    return rc == 0 && out->failed ? tl_fail(err, TL_ENOMEM, "out of memory") : rc;
}

/* ---- keeping ---- */

static bool
plain(const struct look *k)
{
    return !k->ask->filter_n && k->ask->as_of_ms == TL_TIME_NONE && k->ask->stream == TL_STREAM_LIVE;
}

static int
keep(struct look *k, struct made *m, struct report_kept *kept, struct tl_err *err)
{
    struct tl_buf zh = { NULL, 0, 0, false }, en = zh;
    int rc = page_of(k->arena, view(&m->json), true, true, &zh, err);
    if (rc == 0) rc = page_of(k->arena, view(&m->json), false, true, &en, err);
    *kept = (struct report_kept){ .report = view(&m->json), .zh = view(&zh), .en = view(&en), .made_ms = k->now_ms, .final = m->answer->ripe };
    if (rc == 0) rc = report_keep(fold_data(k->fold), k->ask->journey, m->week, k->arena, kept, err);
    tl_buf_free(&zh);
    tl_buf_free(&en);
    return rc;
}

/* changed - what the rows say now, judged at the kept report's moment, is something else */
static int
changed(struct look *k, struct made *m, const struct report_kept *kept, bool *out, struct tl_err *err)
{
    struct tl_jv *was = NULL, *is = NULL;
    int rc = tl_json_tree(k->arena, kept->report, REPORT_PAGE_DEPTH, &was, NULL, err);
    if (rc == 0) {
        k->as_of_ms = k->sieve.as_of_ms = tl_jv_int(was, "as_of", k->as_of_ms);
        rc = make(k, m, err);
    }
    if (rc == 0) rc = tl_json_tree(k->arena, view(&m->json), REPORT_PAGE_DEPTH, &is, NULL, err);
    if (rc) return rc;
    const struct tl_jv *a = tl_jv_get(was, "findings"), *b = tl_jv_get(is, "findings");
    *out = !a || !b || !tl_str_eq(a->raw, b->raw);
    return 0;
}

/* ---- answers ---- */

static void
answer_json(struct tl_buf *out, const struct made *m, const struct report_kept *kept, bool moved, struct tl_str report)
{
    struct tl_jw w = tl_jw_to(out);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "week", m->week);
    tl_jw_bool(&w, "provisional", !m->answer->ripe && !kept->made_ms);
    if (kept->made_ms) {
        tl_jw_open(&w, "kept");
        tl_jw_int(&w, "made_at", kept->made_ms);
        tl_jw_bool(&w, "final", kept->final);
        tl_jw_cstr(&w, "hash", kept->hash);
        tl_jw_close(&w);
    } else tl_jw_null(&w, "kept");
    tl_jw_bool(&w, "changed", moved);
    tl_jw_raw(&w, "report", report);
    tl_jw_close(&w);
}

/* answer_page - the page as kept; its note is the one thing that may be put in */
static void
answer_page(struct tl_buf *out, struct tl_str page, bool zh, bool moved)
{
    const char *at = memmem(page.p, page.n, REPORT_NOTE_MARK, sizeof REPORT_NOTE_MARK - 1);
    size_t before = moved && at ? (size_t)(at - page.p) : page.n;
    tl_buf_put(out, page.p, before);
    if (before == page.n) return;
    tl_buf_put_str(out, zh ? "<p class=\"note\">冻结之后数据或规则有变动:重新计算的数字与本页不同。</p>" : "<p class=\"note\">Data or rules have changed since this was frozen: counted again, the figures differ.</p>");
    tl_buf_put(out, at, page.n - before);
}

static int
answer(struct look *k, struct made *m, const struct report_kept *kept, bool moved, bool page, struct tl_buf *out, struct tl_err *err)
{
    if (!page) answer_json(out, m, kept, moved, kept->made_ms ? kept->report : view(&m->json));
    else if (kept->made_ms) answer_page(out, k->ask->zh ? kept->zh : kept->en, k->ask->zh, moved);
    else return page_of(k->arena, view(&m->json), k->ask->zh, false, out, err);
    return out->failed ? tl_fail(err, TL_ENOMEM, "out of memory") : 0;
}

static int
kept_or_made(struct look *k, struct made *m, struct report_kept *kept, bool *moved, struct tl_err *not_kept, struct tl_err *err)
{
    int rc = plain(k) ? report_kept_read(fold_data(k->fold), k->ask->journey, m->week, k->arena, kept, err) : TL_ENOTFOUND;
    if (rc == 0) return changed(k, m, kept, moved, err);
    if (rc != TL_ENOTFOUND) return rc;
    rc = make(k, m, err);
    bool behind = k->lag_ms > BEHIND_MS;                /* rows still to come: not the moment to keep anything */
    bool empty = !m->answer->figure_n || !m->answer->figure[0].n;       /* a week without a journey: nothing to keep, however many weeks are asked for */
    if (rc || !plain(k) || !k->store || behind || empty || !(m->answer->ripe || (m->answer->over && k->ask->freeze))) return rc;
    if (keep(k, m, kept, not_kept) == 0) return 0;
    memset(kept, 0, sizeof *kept);
    return k->ask->freeze ? tl_fail(err, not_kept->code, "%s", not_kept->text) : 0;
}

int
report_make(struct look *k, bool page, struct tl_buf *out, struct tl_err *not_kept, struct tl_err *err)
{
    struct made m = { .answer = tl_arena_alloc(k->arena, sizeof *m.answer) };
    struct report_kept kept = { .made_ms = 0 };
    bool moved = false;
    if (!m.answer) return tl_fail(err, TL_ENOMEM, "out of memory");
    int rc = report_when(k, m.answer, err);
    week_text(m.answer->monday, m.week);
    if (rc == 0 && k->ask->freeze && !plain(k)) rc = tl_fail(err, TL_EINVAL, "parameter freeze goes with no filter, as_of or stream: what is kept is the whole week");
    if (rc == 0 && k->ask->freeze && !m.answer->over) rc = tl_fail(err, TL_EINVAL, "parameter freeze: week %s is not over yet", m.week);
    if (rc == 0) rc = kept_or_made(k, &m, &kept, &moved, not_kept, err);
    if (rc == 0) rc = answer(k, &m, &kept, moved, page, out, err);
    tl_buf_free(&m.json);
    return rc;
}
