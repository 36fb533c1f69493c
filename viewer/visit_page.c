/* visit_page.c - the shopper's page in one answer: visit.html with its style, its script and the visit put in. See visit_in.h.
 *
 * Nothing else is fetched, so that the page lives on with a poor line; its policy names the hashes of that style and that script (CSP level 2), and no others run. */
#include <stdio.h>

#include "tl_embed.h"
#include "tl_evidence.h"
#include "tl_hash.h"
#include "tl_time.h"
#include "visit_in.h"

#define POLICY_BYTES 400

struct visit_page { struct tl_str html, css, js; char policy[POLICY_BYTES]; };

static struct tl_str
embedded(const char *name)
{
    for (const struct tl_embed *e = tl_embed_web; e->name; e++)
        if (strcmp(e->name, name) == 0) return (struct tl_str){ (const char *)e->data, e->len };
    return (struct tl_str){ NULL, 0 };
}

static void
sha256_of(struct tl_str text, char out[TL_BASE64_BYTES(32)])
{
    uint8_t h[32];
    tl_sha256(text.p, text.n, h);
    tl_base64_put(h, sizeof h, out);
}

struct visit_page *
visit_page_new(void)
{
    struct visit_page *p = tl_alloc(sizeof *p);
    char style[TL_BASE64_BYTES(32)], script[TL_BASE64_BYTES(32)];
    if (!p) return NULL;
    p->html = embedded("visit.html");
    p->css = embedded("visit.css");
    p->js = embedded("visit_phone.js");
    tl_assert(p->html.n && p->css.n && p->js.n);
    sha256_of(p->css, style);
    sha256_of(p->js, script);
    snprintf(p->policy, sizeof p->policy, "default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; img-src blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", style, script);
    return p;
}

void
visit_page_free(struct visit_page **pp)
{
    tl_free(*pp);
    *pp = NULL;
}

const char *
visit_page_policy(const struct visit_page *p)
{
    return p->policy;
}

struct tl_str
visit_page_over(void)
{
    return TL_STR("<!doctype html><html lang=\"zh\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">"
                  "<title>链接无效</title><main><h1>链接无效或已过期</h1><p>请向派您出访的人索取新的链接。</p><p lang=\"en\">This link is not valid, or over. Ask whoever sent you for a new one.</p></main></html>");
}

/* ---- the visit, for the script ---- */

static void
put_title(struct tl_jw *w, const char *name, struct tl_title t)
{
    if (!t.zh.p && !t.en.p) return;
    tl_jw_open(w, name);
    tl_jw_str(w, "zh", t.zh.p ? t.zh : t.en);
    tl_jw_str(w, "en", t.en.p ? t.en : t.zh);
    tl_jw_close(w);
}

static void
put_item(struct tl_jw *w, const struct tl_scenario_item *t)
{
    tl_jw_open(w, NULL);
    tl_jw_str(w, "id", t->id);
    put_title(w, "title", t->title.zh.p || t->title.en.p ? t->title : (struct tl_title){ t->id, t->id });
    tl_jw_bool(w, "na", t->na);
    tl_jw_bool(w, "evidence", t->evidence);
    tl_jw_close(w);
}

static void
put_steps(struct tl_jw *w, const struct look *k, const struct tl_scenario *s)
{
    tl_jw_array(w, "steps");
    for (uint32_t i = 0; s && i < s->step_n; i++) {
        tl_jw_open(w, NULL);
        put_title(w, "title", fold_title(k, s->step[i].touchpoint));
        put_title(w, "action", s->step[i].action);
        tl_jw_array(w, "items");
        for (uint32_t n = 0; n < s->step[i].item_n; n++) put_item(w, &s->item[s->step[i].item_first + n]);
        tl_jw_end(w);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

static void
put_stamps(struct tl_jw *w, const struct tl_scenario *s)
{
    static const struct { const char *id, *zh, *en; } usual[] = { { "enter", "进店", "Came in" }, { "order", "下单", "Ordered" }, { "receive", "取到", "Received" }, { "leave", "离店", "Left" } };
    tl_jw_array(w, "stamps");
    for (uint32_t i = 0; i < (s ? s->stamp_n : 4); i++) {
        struct tl_title title = s ? s->stamp[i].title : (struct tl_title){ tl_str_of(usual[i].zh), tl_str_of(usual[i].en) };
        struct tl_str id = s ? s->stamp[i].id : tl_str_of(usual[i].id);
        tl_jw_open(w, NULL);
        tl_jw_str(w, "id", id);
        put_title(w, "title", title.zh.p || title.en.p ? title : (struct tl_title){ id, id });
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

/* put_when - the planned day and hours by the store's clock; a whole day has none */
static void
put_when(struct tl_jw *w, const struct look *k, const struct tl_visit *v)
{
    int32_t day = tl_zone_day(k->zone, v->from_ms);
    char text[16];
    tl_jw_cstr(w, "day", tl_day_format(day, text));
    if (v->to_ms - v->from_ms >= TL_DAY_MS - 3600000) return;
    const int64_t at[] = { v->from_ms, v->to_ms };
    for (int i = 0; i < 2; i++) {
        int64_t s = at[i] / 1000 + tl_zone_offset_s(k->zone, at[i]);
        snprintf(text, sizeof text, "%02d:%02d", (int)(s / 3600 % 24), (int)(s / 60 % 60));
        tl_jw_cstr(w, i ? "to" : "from", text);
    }
}

static void
put_visit(struct tl_buf *out, const struct look *k, const struct visit_guest *g)
{
    struct tl_jw w = tl_jw_to(out);
    const struct tl_scenario *s = g->scenario;
    char key[TL_EVIDENCE_VISIT_BYTES];
    tl_evidence_folder(g->visit.id, key);       /* of the visit, not the link: a new link finds what the phone kept */
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "key", key);
    tl_jw_bool(&w, "received", g->received);
    if (!g->received) {
        put_title(&w, "title", s ? s->title : (struct tl_title){ { NULL, 0 }, { NULL, 0 } });
        if (s) put_title(&w, "persona", s->persona);
        if (s) put_title(&w, "goal", s->goal);
        tl_jw_str(&w, "place", g->visit.place);
        if (g->visit.state == TL_VISIT_PLANNED && g->visit.from_ms > 0) put_when(&w, k, &g->visit);
        put_stamps(&w, s);
        put_steps(&w, k, s);
    }
    tl_jw_close(&w);
}

/* ---- the page ---- */

/* "<" would end the block of data, or open another */
static void
put_data(struct tl_buf *out, const struct tl_buf *json)
{
    for (size_t i = 0; i < json->len; i++)
        if (json->data[i] == '<') tl_buf_put_str(out, "\\u003c");
        else tl_buf_put_u8(out, json->data[i]);
}

int
visit_page_make(const struct visit_page *p, struct look *k, const struct visit_guest *g, struct tl_buf *out, struct tl_err *err)
{
    static const char *const marks[] = { "/*STYLE*/", "/*VISIT*/", "/*SCRIPT*/" };
    struct tl_buf json = { NULL, 0, 0, false };
    const char *at = p->html.p, *end = p->html.p + p->html.n;
    int rc = fold_zone(k, err);
    if (rc) return rc;
    put_visit(&json, k, g);
    for (int i = 0; i < 3; i++) {
        const char *mark = memmem(at, (size_t)(end - at), marks[i], strlen(marks[i]));
        tl_assert(mark != NULL);
        tl_buf_put(out, at, (size_t)(mark - at));
        if (i == 0) tl_buf_put(out, p->css.p, p->css.n);
        else if (i == 1) put_data(out, &json);
        else tl_buf_put(out, p->js.p, p->js.n);
        at = mark + strlen(marks[i]);
    }
    tl_buf_put(out, at, (size_t)(end - at));
    bool failed = json.failed || out->failed;
    tl_buf_free(&json);
    return failed ? tl_fail(err, TL_ENOMEM, "out of memory") : 0;
}
