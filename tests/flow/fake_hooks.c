/* fake_hooks.c - receivers of alerts as their makers describe them, for t_alerts.sh.
 *
 *   fake_hooks DIR     listens on a free port of 127.0.0.1, which it writes to DIR/port; ends with its standard input. While DIR/down exists every answer is 500.
 * /wecom?key=K, /dingtalk?access_token=T&timestamp&sign, /feishu and /json each prove signature and shape and write a line to DIR/<name> for what they take:
 * id, what it says. What they refuse goes to DIR/refused. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tl_hash.h"
#include "tl_http.h"
#include "tl_json.h"
#include "tl_port.h"

#define SECRET "SEC0123456789"
#define SKEW_MS (INT64_C(3600) * 1000)

static const char *dir;

static void
note(const char *file, struct tl_str id, struct tl_str text)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", dir, file);
    FILE *f = fopen(path, "ae");
    if (!f)
        return;
    fprintf(f, "%.*s\t", (int)id.n, id.n ? id.p : "");
    for (size_t i = 0; i < text.n; i++)
        fputc(text.p[i] == '\n' ? ' ' : text.p[i], f);
    fputc('\n', f);
    fclose(f);
}

static bool
is_down(void)
{
    char path[400];
    snprintf(path, sizeof path, "%s/down", dir);
    return access(path, F_OK) == 0;
}

static bool
near_now(int64_t ms)
{
    int64_t by = ms - tl_clock_real()->wall_ms(tl_clock_real());
    return by < SKEW_MS && by > -SKEW_MS;
}

static struct tl_str
answer_wecom(struct tl_http_req *rq, const struct tl_jv *root)
{
    bool shaped = tl_str_is(tl_http_query(rq, "key", 0), "K") && tl_str_is(tl_jv_text(root, "msgtype"), "markdown");
    return shaped ? tl_jv_text(tl_jv_get(root, "markdown"), "content") : (struct tl_str){0};
}

static struct tl_str
answer_dingtalk(struct tl_http_req *rq, const struct tl_jv *root)
{
    char text[64], want[64];
    uint8_t mac[32];
    struct tl_str when = tl_http_query(rq, "timestamp", 0), sign = tl_http_query(rq, "sign", 0);
    int n = snprintf(text, sizeof text, "%.*s\n%s", (int)when.n, when.n ? when.p : "", SECRET);
    const struct tl_str part = { text, (size_t)n };
    tl_hmac256(TL_STR(SECRET), &part, 1, mac);
    tl_base64_put(mac, sizeof mac, want);
    bool shaped = tl_str_is(tl_http_query(rq, "access_token", 0), "T") && tl_str_is(sign, want) && near_now(when.n ? strtoll(when.p, NULL, 10) : 0) &&
                  tl_str_is(tl_jv_text(root, "msgtype"), "markdown") && tl_jv_text(tl_jv_get(root, "markdown"), "title").n > 0;
    return shaped ? tl_jv_text(tl_jv_get(root, "markdown"), "text") : (struct tl_str){0};
}

static struct tl_str
answer_feishu(struct tl_http_req *rq, const struct tl_jv *root)
{
    char key[64], want[64];
    uint8_t mac[32];
    struct tl_str when = tl_jv_text(root, "timestamp");
    (void)rq;
    int n = snprintf(key, sizeof key, "%.*s\n%s", (int)when.n, when.n ? when.p : "", SECRET);
    tl_hmac256((struct tl_str){ key, (size_t)n }, NULL, 0, mac);
    tl_base64_put(mac, sizeof mac, want);
    bool shaped = tl_str_is(tl_jv_text(root, "sign"), want) && near_now(1000 * (when.n ? strtoll(when.p, NULL, 10) : 0)) && tl_str_is(tl_jv_text(root, "msg_type"), "post");
    const struct tl_jv *post = tl_jv_get(tl_jv_get(tl_jv_get(root, "content"), "post"), "zh_cn");
    const struct tl_jv *lines = tl_jv_get(post, "content");
    return shaped && lines && lines->type == TL_JARRAY ? tl_jv_text(post, "title") : (struct tl_str){0};
}

static struct tl_str
answer_json(struct tl_http_req *rq, const struct tl_jv *root)
{
    char hex[80] = "sha256=";
    uint8_t mac[32];
    struct tl_str when = tl_http_header(rq, "X-Touchline-Timestamp"), id = tl_http_header(rq, "X-Touchline-Id");
    const struct tl_str part[] = { when, TL_STR("."), tl_http_body(rq) };
    tl_hmac256(TL_STR(SECRET), part, 3, mac);
    tl_hex(mac, sizeof mac, hex + 7);
    bool shaped = tl_str_is(tl_http_header(rq, "X-Touchline-Signature"), hex) && near_now(1000 * (when.n ? strtoll(when.p, NULL, 10) : 0)) && tl_str_eq(id, tl_jv_text(root, "id"));
    const struct tl_jv *alert = tl_jv_get(root, "alert");
    return shaped ? tl_str_is(tl_jv_text(root, "type"), "digest") ? TL_STR("digest") : tl_jv_text(alert, "id") : (struct tl_str){0};
}

static const struct { const char *path, *good; struct tl_str (*answer)(struct tl_http_req *rq, const struct tl_jv *root); } receivers[] = {
    { "/wecom", "{\"errcode\":0,\"errmsg\":\"ok\"}", answer_wecom },
    { "/dingtalk", "{\"errcode\":0,\"errmsg\":\"ok\"}", answer_dingtalk },
    { "/feishu", "{\"code\":0,\"msg\":\"success\",\"data\":{}}", answer_feishu },
    { "/json", "", answer_json },
};

static void
handle(void *arg, int loop, struct tl_http_req *rq)
{
    struct tl_arena *a = tl_arena_new(1 << 20);
    struct tl_jv *root = NULL;
    struct tl_http_reply r = { .status = 500, .content_type = "application/json" };
    size_t i = 0;
    (void)arg;
    (void)loop;
    while (i < 4 && !tl_str_is(tl_http_path(rq), receivers[i].path))
        i++;
    if (i < 4 && !is_down() && tl_str_is(tl_http_method(rq), "POST") && tl_json_tree(a, tl_http_body(rq), 0, &root, NULL, NULL) == 0) {
        struct tl_str text = receivers[i].answer(rq, root);
        r.status = 200;
        r.body = tl_str_of(text.n ? receivers[i].good : "{\"errcode\":310000,\"code\":19021}");
        note(text.n ? receivers[i].path + 1 : "refused", tl_http_header(rq, "X-Touchline-Id"), text.n ? text : tl_http_body(rq));
        r.status = text.n ? 200 : 400;
    }
    tl_http_answer(rq, &r);
    tl_arena_free(&a);
}

int
main(int argc, char **argv)
{
    struct tl_err err = { 0, "" };
    struct tl_http *http = NULL;
    char path[400], c;
    const struct tl_http_cfg cfg = { .bind = "127.0.0.1", .threads = 1, .body_max = 65536, .body_budget = 1 << 20, .connections_max = 64, .deadline_ms = 5000, .handler = handle };
    if (argc != 2 || tl_hash_init() != 0 || tl_http_start(&http, &cfg, &err) != 0) {
        fprintf(stderr, "fake_hooks: %s\n", argc != 2 ? "fake_hooks DIR" : err.text);
        return 1;
    }
    dir = argv[1];
    snprintf(path, sizeof path, "%s/port", dir);
    FILE *f = fopen(path, "we");
    if (!f || fprintf(f, "%d\n", tl_http_port(http)) < 0 || fclose(f) != 0)
        return 1;
    while (read(STDIN_FILENO, &c, 1) > 0) {}
    tl_http_stop(&http);
    return 0;
}
