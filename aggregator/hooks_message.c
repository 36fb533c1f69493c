/* hooks_message.c - see hooks_message.h. Places and the like come from events, which anybody with a write key may send: what a chat would take for markup is
 * made plain. */
#include "hooks_message.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "tl_fetch.h"
#include "tl_hash.h"
#include "tl_json.h"
#include "tl_time.h"

#define SENTENCE_BYTES 700
#define REPLY_ARENA_BYTES (1u << 20)

/* ---- lines ---- */

struct lines {
    struct tl_buf text;                              /* NUL-ended, one after the other */
    size_t at[MESSAGE_LINES_MAX];
    int n;
};

static void
plain(struct tl_buf *b, const char *s)
{
    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;
        bool marks = c < ' ' || strchr("<>`*~#\\|", c) != NULL;
        tl_buf_put_u8(b, marks ? ' ' : c == '[' ? '(' : c == ']' ? ')' : c);
    }
}

static void __attribute__((format(printf, 2, 3)))
add(struct lines *l, const char *fmt, ...)
{
    char text[SENTENCE_BYTES + 100];
    va_list ap;

    if (l->n == MESSAGE_LINES_MAX)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    l->at[l->n++] = l->text.len;
    plain(&l->text, text);
    tl_buf_put_u8(&l->text, 0);
}

static const char *
line(const struct lines *l, int i)
{
    return l->text.failed ? "" : (const char *)l->text.data + l->at[i];
}

static const char *
kind_title(unsigned kind, bool zh)
{
    static const char *const title[TL_ALERT_KINDS][2] = { { "Limit near", "将到时限" }, { "Limit passed", "已超时限" }, { "Moment of truth", "真相时刻负面体验" }, { "Low score", "低分" },
                                                          { "Complaint", "投诉" }, { "Event", "事件" }, { "Silent source", "来源静默" } };
    return title[kind < TL_ALERT_KINDS ? kind : TL_ALERT_EVENT][zh];
}

static void
say_alert(struct lines *l, const struct tl_alert *a, uint32_t count, bool zh)
{
    static const uint8_t nobody[16];
    char text[SENTENCE_BYTES], who[33];

    tl_alert_text(a, zh, text, sizeof text);
    add(l, zh ? "【%s】%s" : "%s: %s", kind_title(a->kind, zh), text);
    if (a->department.n > 0)
        add(l, zh ? "部门:%.*s" : "Department: %.*s", (int)(a->department.n < 120 ? a->department.n : 120), a->department.p);
    tl_hex(a->customer, sizeof a->customer, who);
    if (memcmp(a->customer, nobody, sizeof nobody) != 0)
        add(l, zh ? "顾客:%.8s %.*s" : "Customer: %.8s %.*s", who, (int)(a->tier.n < 40 ? a->tier.n : 40), a->tier.n ? a->tier.p : "");
    if (count > 1)
        add(l, zh ? "同一规则、同一地点又有 %u 条,这是最近一条" : "%u more of this rule and place; this is the latest", count);
}

static void
say_digest(struct lines *l, const struct digest *d, const char *day, int64_t now_ms, bool zh)
{
    char age[48];
    uint32_t n = 0;

    for (int i = 0; i < TL_ALERT_KINDS; i++)
        n += d->raised[i];
    add(l, zh ? "【每日摘要 %s】24 小时内 %u 条提醒" : "Daily digest %s: %u alerts in 24 hours", day, n);
    for (unsigned i = 0; i < TL_ALERT_KINDS; i++)
        if (d->raised[i] > 0)
            add(l, zh ? "%s:%u" : "%s: %u", kind_title(i, zh), d->raised[i]);
    add(l, zh ? "待处理 %u,已接手 %u" : "%u open, %u acknowledged", d->open, d->acknowledged);
    if (d->oldest_open_ms != TL_TIME_NONE) {
        tl_alert_duration(now_ms - d->oldest_open_ms, zh, age);
        add(l, zh ? "最早一条已等 %s" : "the oldest has waited for %s", age);
    }
}

/* ---- bodies ---- */

static void
put_markdown(struct tl_jw *w, const char *name, const struct lines *l, const char *newline, struct tl_str link, bool zh)
{
    struct tl_buf b = {0};

    for (int i = 0; i < l->n; i++) {
        tl_buf_put_str(&b, i > 0 ? newline : "**");
        tl_buf_put_str(&b, line(l, i));
        tl_buf_put_str(&b, i == 0 ? "**" : "");
    }
    if (link.n > 0)
        tl_buf_printf(&b, "%s[%s](%.*s)", newline, zh ? "查看" : "Open", (int)link.n, link.p);
    tl_jw_str(w, name, (struct tl_str){ (char *)b.data, b.failed ? 0 : b.len });
    tl_buf_free(&b);
}

static void
put_tagged(struct tl_jw *w, const char *tag, const char *text, struct tl_str href)
{
    tl_jw_array(w, NULL);
    tl_jw_open(w, NULL);
    tl_jw_cstr(w, "tag", tag);
    tl_jw_cstr(w, "text", text);
    if (href.n > 0)
        tl_jw_str(w, "href", href);
    tl_jw_close(w);
    tl_jw_end(w);
}

static void
put_post(struct tl_jw *w, const struct lines *l, struct tl_str link, bool zh)
{
    tl_jw_open(w, "content");
    tl_jw_open(w, "post");
    tl_jw_open(w, zh ? "zh_cn" : "en_us");
    tl_jw_cstr(w, "title", line(l, 0));
    tl_jw_array(w, "content");
    for (int i = l->n > 1 ? 1 : 0; i < l->n; i++)
        put_tagged(w, "text", line(l, i), (struct tl_str){0});
    if (link.n > 0)
        put_tagged(w, "a", zh ? "查看" : "Open", link);
    tl_jw_end(w);
    tl_jw_close(w);
    tl_jw_close(w);
    tl_jw_close(w);
}

/* The members of a chat's message; the caller has opened the object. */
static void
put_chat(struct tl_jw *w, const struct hook *h, const struct lines *l, struct tl_str link)
{
    bool zh = h->words != HOOK_EN;

    tl_jw_cstr(w, h->template == HOOK_FEISHU ? "msg_type" : "msgtype", h->template == HOOK_FEISHU ? "post" : "markdown");
    if (h->template == HOOK_FEISHU) {
        put_post(w, l, link, zh);
        return;
    }
    tl_jw_open(w, "markdown");
    if (h->template == HOOK_DINGTALK)
        tl_jw_cstr(w, "title", line(l, 0));
    put_markdown(w, h->template == HOOK_DINGTALK ? "text" : "content", l, h->template == HOOK_DINGTALK ? "\n\n" : "\n", link, zh);
    tl_jw_close(w);
}

void
message_alert(struct tl_buf *out, const struct hook *h, const struct tl_alert *a, uint32_t count, const char *id, struct tl_str link)
{
    struct tl_jw w = tl_jw_to(out);
    struct lines l = {0};

    tl_jw_open(&w, NULL);
    if (h->template == HOOK_JSON) {
        tl_jw_cstr(&w, "id", id);
        tl_jw_cstr(&w, "type", "alert");
        tl_jw_uint(&w, "count", count);
        tl_alert_json(&w, "alert", a);
        tl_jw_str(&w, "link", link);
    } else {
        if (h->words != HOOK_EN)
            say_alert(&l, a, count, true);
        if (h->words != HOOK_ZH)
            say_alert(&l, a, count, false);
        put_chat(&w, h, &l, link);
    }
    tl_jw_close(&w);
    tl_buf_free(&l.text);
}

static void
put_numbers(struct tl_jw *w, const struct digest *d)
{
    tl_jw_open(w, "digest");
    tl_jw_open(w, "raised");
    for (unsigned i = 0; i < TL_ALERT_KINDS; i++)
        tl_jw_uint(w, tl_alert_kind_word(i), d->raised[i]);
    tl_jw_close(w);
    tl_jw_uint(w, "open", d->open);
    tl_jw_uint(w, "acknowledged", d->acknowledged);
    if (d->oldest_open_ms == TL_TIME_NONE)
        tl_jw_null(w, "oldest_open");
    else
        tl_jw_int(w, "oldest_open", d->oldest_open_ms);
    tl_jw_close(w);
}

void
message_digest(struct tl_buf *out, const struct hook *h, const struct digest *d, const char *day, int64_t now_ms, const char *id, struct tl_str link)
{
    struct tl_jw w = tl_jw_to(out);
    struct lines l = {0};

    tl_jw_open(&w, NULL);
    if (h->template == HOOK_JSON) {
        tl_jw_cstr(&w, "id", id);
        tl_jw_cstr(&w, "type", "digest");
        tl_jw_cstr(&w, "day", day);
        put_numbers(&w, d);
        tl_jw_str(&w, "link", link);
    } else {
        if (h->words != HOOK_EN)
            say_digest(&l, d, day, now_ms, true);
        if (h->words != HOOK_ZH)
            say_digest(&l, d, day, now_ms, false);
        put_chat(&w, h, &l, link);
    }
    tl_jw_close(&w);
    tl_buf_free(&l.text);
}

/* ---- requests ---- */

static void
sign_dingtalk(struct tl_buf *url, const struct hook *h, int64_t now_ms)
{
    char text[32], sign[TL_BASE64_BYTES(32)];
    uint8_t mac[32];
    int n = snprintf(text, sizeof text, "%" PRId64 "\n", now_ms);
    const struct tl_str part[] = { { text, (size_t)n }, h->secret };

    tl_hmac256(h->secret, part, 2, mac);
    tl_base64_put(mac, sizeof mac, sign);
    tl_buf_printf(url, "%ctimestamp=%" PRId64 "&sign=", memchr(h->url.p, '?', h->url.n) != NULL ? '&' : '?', now_ms);
    tl_fetch_escape(url, tl_str_of(sign));
}

/* The key is the text, and nothing is signed with it: so the bot wants it. */
static void
sign_feishu(struct tl_buf *body, const struct hook *h, int64_t now_ms)
{
    char sign[TL_BASE64_BYTES(32)];
    uint8_t mac[32];
    struct tl_buf key = {0};

    tl_buf_printf(&key, "%" PRId64 "\n%.*s", now_ms / 1000, (int)h->secret.n, h->secret.p);
    tl_hmac256((struct tl_str){ (char *)key.data, key.len }, NULL, 0, mac);
    tl_base64_put(mac, sizeof mac, sign);
    tl_buf_printf(body, "{\"timestamp\":\"%" PRId64 "\",\"sign\":\"%s\",", now_ms / 1000, sign);
    tl_buf_free(&key);
}

static void
add_header(struct request *r, size_t *at, int *n, const char *name, const char *value)
{
    at[(*n)++] = r->headers.len;
    tl_buf_printf(&r->headers, "%s: %s", name, value);
    tl_buf_put_u8(&r->headers, 0);
}

void
message_request(struct request *r, const struct hook *h, struct tl_str body, const char *id, int64_t now_ms)
{
    char when[24], sign[80] = "sha256=";
    size_t at[MESSAGE_HEADERS_MAX];
    uint8_t mac[32];
    int n = 0;

    tl_buf_reset(&r->url);
    tl_buf_reset(&r->body);
    tl_buf_reset(&r->headers);
    tl_buf_put(&r->url, h->url.p, h->url.n);
    if (h->template == HOOK_DINGTALK && h->secret.n > 0)
        sign_dingtalk(&r->url, h, now_ms);
    tl_buf_put_u8(&r->url, 0);
    bool inside = h->template == HOOK_FEISHU && h->secret.n > 0 && body.n > 1;
    if (inside)
        sign_feishu(&r->body, h, now_ms);
    tl_buf_put(&r->body, body.p + inside, body.n - inside);      /* the members go on behind the signature */
    add_header(r, at, &n, "Content-Type", "application/json; charset=utf-8");
    add_header(r, at, &n, "X-Touchline-Id", id);
    if (h->template == HOOK_JSON && h->secret.n > 0) {
        snprintf(when, sizeof when, "%" PRId64, now_ms / 1000);
        const struct tl_str part[] = { tl_str_of(when), TL_STR("."), body };
        tl_hmac256(h->secret, part, 3, mac);
        tl_hex(mac, sizeof mac, sign + 7);
        add_header(r, at, &n, "X-Touchline-Timestamp", when);
        add_header(r, at, &n, "X-Touchline-Signature", sign);
    }
    for (int i = 0; i < n; i++)
        r->header[i] = r->headers.failed ? NULL : (const char *)r->headers.data + at[i];
    r->header[n] = NULL;
}

void
message_request_free(struct request *r)
{
    tl_buf_free(&r->url);
    tl_buf_free(&r->body);
    tl_buf_free(&r->headers);
}

/* ---- replies ---- */

static int64_t
code_in(struct tl_str reply, const struct hook *h)
{
    struct tl_arena *a = tl_arena_new(REPLY_ARENA_BYTES);
    struct tl_jv *root = NULL;
    int64_t code = -1;

    if (a != NULL && tl_json_tree(a, reply, 0, &root, NULL, NULL) == 0)
        code = h->template != HOOK_FEISHU ? tl_jv_int(root, "errcode", -1) : tl_jv_get(root, "code") != NULL ? tl_jv_int(root, "code", -1) : tl_jv_int(root, "StatusCode", -1);
    tl_arena_free(&a);
    return code;
}

bool
message_taken(const struct hook *h, int status, struct tl_str reply, char why[80])
{
    int64_t code = status / 100 == 2 && h->template != HOOK_JSON ? code_in(reply, h) : 0;

    if (status / 100 != 2)
        snprintf(why, 80, "HTTP status %d", status);
    else if (code != 0)
        snprintf(why, 80, "the robot answers code %" PRId64, code);
    else
        why[0] = '\0';
    return why[0] == '\0';
}
