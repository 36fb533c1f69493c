/* visits_show.c - `touchline visits show` and `touchline visits link`: one visit with its evidence proved, and the shopper's link. See visits.h. */
#include <stdlib.h>
#include <unistd.h>

#include "tl_conf.h"
#include "tl_evidence.h"
#include "tl_qr.h"
#include "tl_run.h"
#include "tl_store.h"
#include "tl_fetch.h"
#include "tl_time.h"
#include "tl_visit_link.h"
#include "visits.h"

static const char *
say(const char *en, const char *zh)
{
    return cli_zh() ? zh : en;
}

/* ---- show ---- */

static int
read_visit(const char *data, const char *id, struct tl_arena *a, struct tl_visit *v, struct tl_err *err)
{
    char path[PATH_MAX];
    struct tl_store *s = NULL;
    struct tl_store_txn *t = NULL;
    struct tl_note n;
    int rc = tl_store_open_read(&s, tl_run_path(path, data, "journeys"), err);
    if (rc == 0)
        rc = tl_store_begin(s, &t, err);
    if (rc == 0 && (rc = tl_store_note(t, "visit", tl_str_of(id), &n, err)) == TL_ENOTFOUND)
        tl_fail(err, rc, "there is no visit \"%.120s\"; `touchline visits` lists them", id);
    if (rc == 0)
        rc = tl_visit_of_note(a, &n, v);
    tl_store_end(&t);
    tl_store_close(&s);
    return rc;
}

static void
print_line(const char *name, struct tl_str value)
{
    if (value.n > 0)
        printf("%s: %.*s\n", name, (int)value.n, value.p);
}

/* in the words of whoever must act on it */
static const char *
evidence_words(enum tl_evidence_state s)
{
    static const char *const words[][2] = { { "as it was taken", "与记录一致" }, { "MISSING: restore it from a backup", "文件缺失:请从备份恢复" },
                                            { "CHANGED after the visit: it proves nothing", "暗访后被改动:不能作为证据" }, { "cannot be read", "无法读取" } };
    return words[s][cli_zh()];
}

static int
print_visit(const char *data, const struct tl_visit *v)
{
    char a[32], b[32];
    int bad = 0;
    print_line(say("visit", "暗访"), v->id);
    print_line(say("scenario", "剧本"), v->scenario);
    print_line(say("place", "门店"), v->place);
    print_line(say("slot", "时段"), v->slot);
    print_line(say("state", "状态"), tl_str_of(tl_visit_state_word(v->state)));
    if (v->from_ms != TL_TIME_NONE)
        printf("%s: %s - %s\n", say("time", "时间"), tl_time_format(v->from_ms, a), tl_time_format(v->to_ms, b));
    printf("%s: %u; %s:", say("identities", "身份数"), v->hash_n, say("orders", "订单"));
    for (uint32_t i = 0; i < v->order_n; i++)
        printf(" %.*s", (int)v->order[i].n, v->order[i].p);
    printf("\n");
    for (uint32_t i = 0; i < v->stamp_n; i++)
        printf("  %s  %.*s\n", tl_time_format(v->stamp[i].ms, a), (int)v->stamp[i].what.n, v->stamp[i].what.p);
    for (uint32_t i = 0; i < v->answer_n; i++)
        printf("  %-4s %.*s%s%.*s\n", tl_visit_value_word(v->answer[i].value), (int)v->answer[i].item.n, v->answer[i].item.p, v->answer[i].note.n > 0 ? ": " : "", (int)v->answer[i].note.n,
               v->answer[i].note.n > 0 ? v->answer[i].note.p : "");
    for (uint32_t i = 0; i < v->evidence_n; i++) {
        enum tl_evidence_state s = tl_evidence_check(data, v->id, &v->evidence[i]);
        bad += s != TL_EVIDENCE_WHOLE;
        printf("  %.*s (%llu KB) %s\n", (int)v->evidence[i].name.n, v->evidence[i].name.p, (unsigned long long)(v->evidence[i].bytes + 1023) / 1024, evidence_words(s));
    }
    if (v->left_out > 0)
        printf(say("%u parts came beyond the most that a visit may have, and were left out\n", "超出单次暗访上限,有 %u 项未收\n"), v->left_out);
    print_line(say("note", "备注"), v->note);
    return bad;
}

int
visits_show(int argc, char **argv)
{
    const char *data = NULL;
    bool json = false;
    const struct cli_option options[] = { { "--data", CLI_TEXT, &data }, { "--json", CLI_FLAG, &json }, { NULL, CLI_FLAG, NULL } };
    struct tl_arena *a = tl_arena_new(16u << 20);
    struct tl_err err = {0};
    struct visiting_desk d = {0};
    struct tl_visit v;
    struct tl_buf path = {0}, body = {0};
    int n = 0, bad = 0, rc = a != NULL ? 0 : tl_fail(&err, TL_ENOMEM, "out of memory");
    if (cli_parse(argc, argv, options, &n) != 0 || n != 2) {
        tl_arena_free(&a);
        return n != 2 ? cli_usage("visits", "after show comes the id of a visit") : CLI_USAGE;
    }
    if (rc == 0 && json) {
        tl_buf_put_str(&path, "/api/visits/");
        tl_fetch_escape(&path, tl_str_of(argv[2]));
        tl_buf_put_u8(&path, 0);
        rc = visits_open(&d, data, &err);
        if (rc == 0)
            rc = session_get(d.session, SESSION_VIEWER, (const char *)path.data, &body, &err);
        if (rc == 0)
            fwrite(body.data, 1, body.len, stdout);
        visits_close(&d);
    } else if (rc == 0 && (rc = read_visit(session_data(data), argv[2], a, &v, &err)) == 0)
        bad = print_visit(session_data(data), &v);
    tl_buf_free(&path);
    tl_buf_free(&body);
    tl_arena_free(&a);
    return rc != 0 ? cli_fail("visits", &err) : bad > 0 ? CLI_FAILED : CLI_OK;
}

/* ---- link ---- */

/* where phones reach the viewer: what is said, else the setting, else where it listens for them, else this machine alone */
static void
base_of(const struct visiting_desk *d, const char *said, char out[300], bool *here_only)
{
    struct tl_conf c;
    char path[PATH_MAX];
    struct tl_run_info viewer = {0};
    tl_conf_defaults(&c);
    tl_conf_file(&c, tl_run_path(path, d->data, "touchline.conf"), NULL);
    if (tl_run_find(d->data, "viewer", &viewer, NULL) != 0)
        viewer = (struct tl_run_info){0};
    const char *base = said != NULL ? said : c.viewer_visit_url[0] != '\0' ? c.viewer_visit_url : viewer.visit[0] != '\0' ? viewer.visit : viewer.http;
    *here_only = base == viewer.http || tl_visit_link_nowhere(base);
    size_t n = strlen(base);
    while (n > 0 && base[n - 1] == '/')
        n--;
    snprintf(out, 300, "%.*s", (int)n, base);
}

static int
enter_link(struct visiting_desk *d, const char *id, int64_t hours, char token[TL_VISIT_TOKEN_CHARS + 1], int64_t *expires, struct tl_err *err)
{
    const struct tl_jv *visit = NULL;
    char hash[65];
    struct tl_buf body = {0};
    int rc = visits_find(d, id, &visit, err);
    if (rc == 0 && tl_str_is(tl_jv_text(visit, "state"), "finished"))
        rc = tl_fail(err, TL_EEXIST, "%s is finished: its page would only say \"received\"", id);
    if (rc != 0)
        return rc;
    tl_visit_link_make(token, hash);
    *expires = d->now_ms + hours * 3600000;
    struct tl_jw w = tl_jw_to(&body);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "id", id);
    tl_jw_bool(&w, "merge", true);
    tl_jw_open(&w, "link");
    tl_jw_cstr(&w, "hash", hash);
    tl_jw_int(&w, "expires", *expires);
    tl_jw_close(&w);
    tl_jw_close(&w);
    rc = visits_enter(d, (struct tl_str){ (const char *)body.data, body.len }, true, err);
    tl_buf_free(&body);
    return rc;
}

static int
print_link(const char *url, int64_t expires, bool here_only, bool plain, struct tl_err *err)
{
    struct tl_buf code = {0};
    char time[32];
    int rc = plain ? 0 : tl_qr_text(url, isatty(STDOUT_FILENO) == 1, &code, err);
    if (rc == 0) {
        if (!plain)
            fwrite(code.data, 1, code.len, stdout);
        printf("%s\n", url);
        fprintf(stderr, say("may be opened until %s, and sent once; whoever has it is the shopper\n", "有效期至 %s,只能提交一次;持有链接者即为神秘客\n"), tl_time_format(expires, time));
    }
    if (rc == 0 && here_only)
        fprintf(stderr, "%s\n", say("this link works on this machine alone: set viewer.visit_bind with viewer.tls_cert and viewer.tls_key, or viewer.visit_url behind a proxy (viewer/README.md)",
                                    "此链接只能在本机打开:请设置 viewer.visit_bind 与 viewer.tls_cert、viewer.tls_key,或在反向代理后设置 viewer.visit_url(viewer/README.md)"));
    tl_buf_free(&code);
    return rc;
}

int
visits_link(int argc, char **argv)
{
    const char *data = NULL, *said = NULL;
    int64_t hours = TL_VISIT_LINK_HOURS, expires = 0;
    bool plain = false, here_only = false;
    const struct cli_option options[] = { { "--data", CLI_TEXT, &data }, { "--hours", CLI_INT, &hours }, { "--url", CLI_TEXT, &said }, { "--text", CLI_FLAG, &plain }, { NULL, CLI_FLAG, NULL } };
    struct visiting_desk d = {0};
    struct tl_err err = {0};
    char token[TL_VISIT_TOKEN_CHARS + 1], base[300], url[400];
    int n = 0;
    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    if (n != 2)
        return cli_usage("visits", "after link comes the id of a visit");
    if (hours < 1 || hours > TL_VISIT_LINK_HOURS_MAX)
        return cli_usage("visits", "--hours is 1 to %d", TL_VISIT_LINK_HOURS_MAX);
    int rc = visits_open(&d, data, &err);
    if (rc == 0)
        rc = enter_link(&d, argv[2], hours, token, &expires, &err);
    if (rc == 0) {
        base_of(&d, said, base, &here_only);
        snprintf(url, sizeof url, "%s" TL_VISIT_LINK_PATH "%s", base, token);
        rc = print_link(url, expires, here_only, plain, &err);
    }
    visits_close(&d);
    return rc == 0 ? CLI_OK : cli_fail("visits", &err);
}
