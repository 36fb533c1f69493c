/* replay_judge.c - see replay_judge.h. */
#include "replay_judge.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "tl_json.h"
#include "tl_port.h"
#include "tl_run.h"
#include "tl_time.h"

#define PATIENCE_MS 15000                /* of a viewer elsewhere, while nothing changes */
#define LOOK_MS 100

void
replay_result_free(struct replay_result *r)
{
    verdict_diff_free(&r->diff);
    verdict_free(&r->was);
    verdict_free(&r->now);
    *r = (struct replay_result){0};
}

/* ---- what is held against what ---- */

static bool
is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* FOLDER/NAME.expect, or the file itself when it is no folder */
static char *
expect_path(const struct replay_rules *u, const struct recording *r, char out[PATH_MAX])
{
    if (is_folder(u->expect))
        snprintf(out, PATH_MAX, "%.2000s/%.1000s.expect", u->expect, r->kind == RECORDING_FILE ? r->name : r->run);
    else
        snprintf(out, PATH_MAX, "%s", u->expect);
    return out;
}

static int64_t
as_of(const struct replay_rules *u, const struct recording *r)
{
    return r->kind == RECORDING_FILE && !u->as_of_asked ? r->event[r->event_n - 1].at_ms + REPLAY_SETTLED_MS : u->as_of_ms;
}

/* scored - the register of visits is where the replay went, too */
static bool
scored(const struct replay_rules *u, const struct recording *r)
{
    return r->kind == RECORDING_VISIT && u->source == u->viewer;
}

static int
read_was(const struct replay_rules *u, const struct recording *r, struct replay_result *x, struct tl_err *err)
{
    char path[PATH_MAX];
    int rc = 0;
    if (u->expect != NULL && !u->bless) {
        rc = verdict_read(expect_path(u, r, path), &x->was, err);
        x->missing = rc == TL_ENOTFOUND;
        x->compared = rc == 0;
        return rc == TL_ENOTFOUND ? 0 : rc;
    }
    if (u->expect != NULL || r->kind == RECORDING_FILE || u->source == NULL)
        return 0;
    x->compared = true;
    rc = verdict_of_parts(u->source, r, as_of(u, r), &x->was, err);
    return rc == 0 && scored(u, r) ? verdict_of_visit(u->source, r->name, NULL, as_of(u, r), &x->was, err) : rc;
}

static int
compare(struct replay_result *x, struct tl_err *err)
{
    verdict_diff_free(&x->diff);
    int rc = x->compared ? verdict_compare(&x->was, &x->now, &x->diff, err) : 0;
    x->same = x->compared && rc == 0 && x->diff.gone_n == 0 && x->diff.come_n == 0;
    return rc;
}

static int
look(const struct replay_rules *u, const struct recording *r, int64_t shift_ms, struct replay_result *x, struct tl_err *err)
{
    verdict_diff_free(&x->diff);
    verdict_free(&x->now);
    int rc = verdict_of_run(u->viewer, r, shift_ms, as_of(u, r) + shift_ms, &x->now, err);
    if (rc == 0 && scored(u, r))
        rc = verdict_of_visit(u->viewer, r->name, r->run, as_of(u, r) + shift_ms, &x->now, err);
    return rc == 0 ? compare(x, err) : rc;
}

/* look_until - a viewer elsewhere shows it when it has arrived: until it is the same, or nothing has changed for a while */
static int
look_until(const struct replay_rules *u, const struct recording *r, int64_t shift_ms, struct replay_result *x, struct tl_err *err)
{
    int64_t since_us = tl_clock_real()->mono_us(tl_clock_real());
    uint32_t lines = 0;
    for (;;) {
        int rc = look(u, r, shift_ms, x, err);
        int64_t now_us = tl_clock_real()->mono_us(tl_clock_real());
        if (rc != 0 || x->same || tl_run_stopping() || now_us - since_us > PATIENCE_MS * INT64_C(1000))
            return rc;
        if (x->now.n != lines)
            since_us = now_us;
        lines = x->now.n;
        usleep(LOOK_MS * 1000);
    }
}

static int
bless(const struct replay_rules *u, const struct recording *r, const struct replay_result *x, struct tl_err *err)
{
    char path[PATH_MAX], remark[200];
    snprintf(remark, sizeof remark, "what is expected of %.100s (%u events); written by touchline replay --bless", r->name, r->event_n);
    return verdict_write(expect_path(u, r, path), remark, &x->now, err);
}

int
replay_judge(const struct replay_rules *u, const struct recording *list, uint32_t n, const struct replay_sent *sent, struct replay_result *out, struct tl_err *err)
{
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && u->viewer != NULL && i < n; i++) {
        cli_progress("replay: looking at what came out, %u of %u", i, n);
        rc = read_was(u, &list[i], &out[i], err);
        if (rc == 0)
            rc = u->wait ? look_until(u, &list[i], sent->shift_ms[i], &out[i], err) : look(u, &list[i], sent->shift_ms[i], &out[i], err);
        out[i].judged = rc == 0;
        if (rc == 0 && u->bless)
            rc = bless(u, &list[i], &out[i], err);
    }
    cli_progress_end();
    return rc;
}

uint32_t
replay_differ(const struct replay_result *r, uint32_t n)
{
    uint32_t k = 0;
    for (uint32_t i = 0; i < n; i++)
        k += r[i].missing || (r[i].compared && !r[i].same);
    return k;
}

/* ---- for people ---- */

static void
tell_one(const struct recording *r, const struct replay_result *x)
{
    bool zh = cli_zh();
    const char *word = !x->judged ? (zh ? "已发送" : "sent") : x->missing ? (zh ? "没有预期文件(用 --bless 写入)" : "nothing is expected of it yet: --bless writes it") : !x->compared ? (zh ? "结果" : "came out")
                       : x->same ? (zh ? "一致" : "the same") : (zh ? "不一致" : "came out otherwise");
    printf(zh ? "%s  %u 个事件  %s\n" : "%s  %u events  %s\n", r->name, r->event_n, word);
    for (uint32_t k = 0; x->compared && k < x->diff.gone_n; k++)
        printf("  - %s\n", x->diff.gone[k]);
    for (uint32_t k = 0; x->compared && k < x->diff.come_n; k++)
        printf("  + %s\n", x->diff.come[k]);
    for (uint32_t k = 0; x->judged && !x->compared && k < x->now.n; k++)
        printf("    %s\n", x->now.line[k]);
}

void
replay_tell(const struct recording *list, const struct replay_result *r, uint32_t n, const struct replay_sent *sent)
{
    uint32_t compared = 0;
    for (uint32_t i = 0; i < n; i++) {
        tell_one(&list[i], &r[i]);
        compared += r[i].compared || r[i].missing;
    }
    uint32_t differ = replay_differ(r, n);
    if (cli_zh())
        printf("重放 %u 次,%llu 个事件;比较 %u 次:%u 次一致,%u 次不一致\n", n, (unsigned long long)sent->events, compared, compared - differ, differ);
    else
        printf("%u replayed, %llu events; %u compared: %u the same, %u not\n", n, (unsigned long long)sent->events, compared, compared - differ, differ);
}

/* ---- for programs ---- */

static void
put_lines(struct tl_jw *w, const char *name, const char *const *line, uint32_t n)
{
    tl_jw_array(w, name);
    for (uint32_t i = 0; i < n; i++)
        tl_jw_cstr(w, NULL, line[i]);
    tl_jw_end(w);
}

static void
put_one(struct tl_jw *w, const struct recording *r, const struct replay_result *x, int64_t shift_ms)
{
    static const char *const kind[] = { "visit", "journey", "file" };
    tl_jw_open(w, NULL);
    tl_jw_cstr(w, "name", r->name);
    tl_jw_cstr(w, "kind", kind[r->kind]);
    tl_jw_cstr(w, "run", r->run);
    tl_jw_uint(w, "events", r->event_n);
    tl_jw_uint(w, "left_out", r->left_out);
    tl_jw_int(w, "shift_ms", shift_ms);
    if (x->compared || x->missing)
        tl_jw_bool(w, "same", x->same);
    else
        tl_jw_null(w, "same");
    put_lines(w, "was", (const char *const *)x->was.line, x->was.n);
    put_lines(w, "now", (const char *const *)x->now.line, x->now.n);
    put_lines(w, "gone", x->diff.gone, x->diff.gone_n);
    put_lines(w, "new", x->diff.come, x->diff.come_n);
    tl_jw_close(w);
}

void
replay_tell_json(const struct recording *list, const struct replay_result *r, uint32_t n, const struct replay_sent *sent)
{
    struct tl_buf out = {0};
    struct tl_jw w = tl_jw_to(&out);
    tl_jw_open(&w, NULL);
    tl_jw_bool(&w, "same", replay_differ(r, n) == 0);
    tl_jw_uint(&w, "differ", replay_differ(r, n));
    tl_jw_uint(&w, "events", sent->events);
    tl_jw_num(&w, "late_most_ms", (double)sent->late_most_us / 1000);
    tl_jw_uint(&w, "late", sent->late_n);
    tl_jw_array(&w, "replays");
    for (uint32_t i = 0; i < n; i++)
        put_one(&w, &list[i], &r[i], sent->shift_ms[i]);
    tl_jw_end(&w);
    tl_jw_close(&w);
    printf("%.*s\n", (int)out.len, (const char *)out.data);
    tl_buf_free(&out);
}
