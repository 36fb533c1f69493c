/* check_diff.c - see check_diff.h. Two stores are made (scratch.h), a viewer is started on them, and its /api/diff is the answer. */
#include "check_diff.h"

#include <unistd.h>

#include "cli.h"
#include "scratch.h"
#include "session.h"
#include "tl_fetch.h"
#include "tl_run.h"
#include "tl_time.h"
#include "view.h"

#define FILES_ARENA_BYTES (4 * TL_CATALOGUE_BYTES_MAX)
#define ANSWER_ARENA_BYTES (256u << 20)

/* ---- for people ---- */

static const char *
say(const char *en, const char *zh)
{
    return cli_zh() ? zh : en;
}

static struct tl_str
in_words(const struct tl_jv *title, struct tl_str fallback)
{
    struct tl_str zh = tl_jv_text(title, "zh"), en = tl_jv_text(title, "en");
    struct tl_str first = cli_zh() ? zh : en, second = cli_zh() ? en : zh;
    return first.n > 0 ? first : second.n > 0 ? second : fallback;
}

static void
print_findings(const struct tl_jv *list, const char *heading, FILE *out)
{
    for (const struct tl_jv *c = list != NULL ? list->child : NULL; c != NULL; c = c->next) {
        struct tl_str name = in_words(tl_jv_get(c, "name"), tl_jv_text(c, "id")), at = in_words(tl_jv_get(c, "title"), tl_jv_text(c, "touchpoint"));
        fprintf(out, "%s: %.*s, %.*s (%.*s)\n", heading, (int)at.n, at.p, (int)name.n, name.p, (int)tl_jv_text(c, "id").n, tl_jv_text(c, "id").p);
    }
}

static void
put_side(struct cli_table *t, const struct tl_jv *s)
{
    char k[32], n[32];
    cli_table_cell(t, "%s/%s", cli_count((uint64_t)tl_jv_int(s, "hits", 0), k), cli_count((uint64_t)tl_jv_int(s, "n", 0), n));
}

static void
put_moved(struct cli_table *t, const struct tl_jv *m)
{
    char n[32];
    cli_table_cell(t, "%s", cli_count((uint64_t)tl_jv_int(m, "journeys", 0), n));
}

static void
print_cells(const struct tl_jv *cells, FILE *out)
{
    const char *names[] = { say("touchpoint", "触点"), say("standard", "标准"), say("before", "之前"), say("after", "之后"), say("journeys gaining", "新增断点的旅程"), say("losing", "消除断点的旅程") };
    struct cli_table *t = cli_table_new(6);
    for (int i = 0; i < 6; i++) {
        if (i >= 2)
            cli_table_right(t, i);
        cli_table_cell(t, "%s", names[i]);
    }
    for (const struct tl_jv *c = cells->child; c != NULL; c = c->next) {
        if (!tl_jv_bool(c, "changed", false))
            continue;
        cli_table_text(t, in_words(tl_jv_get(c, "title"), tl_jv_text(c, "touchpoint")));
        cli_table_text(t, in_words(tl_jv_get(c, "name"), tl_jv_text(c, "id")));
        put_side(t, tl_jv_get(c, "before"));
        put_side(t, tl_jv_get(c, "after"));
        put_moved(t, tl_jv_get(c, "gaining"));
        put_moved(t, tl_jv_get(c, "losing"));
    }
    cli_table_print(t, out);
    cli_table_free(&t);
}

static void
print_examples(const struct tl_jv *cell, const char *member, const char *word, FILE *out)
{
    const struct tl_jv *list = tl_jv_get(tl_jv_get(cell, member), "examples");
    struct tl_str id = tl_jv_text(cell, "id");
    char at[32];
    for (const struct tl_jv *j = list != NULL ? list->child : NULL; j != NULL; j = j->next)
        fprintf(out, "  %s %.*s: %.*s %s\n", word, (int)id.n, id.p, (int)tl_jv_text(j, "customer").n, tl_jv_text(j, "customer").p, tl_time_format(tl_jv_int(j, "start", 0), at));
}

static bool
any_changed(const struct tl_jv *cells)
{
    const struct tl_jv *c = cells != NULL ? cells->child : NULL;
    while (c != NULL && !tl_jv_bool(c, "changed", false))
        c = c->next;
    return c != NULL;
}

static void
print_type(const struct tl_jv *t, FILE *out)
{
    const struct tl_jv *cells = tl_jv_get(t, "cells"), *n = tl_jv_get(t, "journeys"), *found = tl_jv_get(t, "findings");
    struct tl_str name = tl_jv_text(t, "journey"), from = tl_jv_text(t, "from"), to = tl_jv_text(t, "to");
    char before[32], after[32];
    bool had = tl_jv_bool(t, "known_before", true), has = tl_jv_bool(t, "known_after", true);
    fprintf(out, "\n%.*s%s, %.*s .. %.*s: ", (int)name.n, name.p, had && has ? "" : has ? say(" (new)", "(新)") : say(" (gone)", "(已删除)"), (int)from.n, from.p, (int)to.n, to.p);
    fprintf(out, say("%s journeys before, %s after\n", "之前 %s 条旅程,之后 %s 条\n"), cli_count((uint64_t)tl_jv_int(n, "before", 0), before),
            cli_count((uint64_t)tl_jv_int(n, "after", 0), after));
    if (!any_changed(cells)) {
        fprintf(out, "%s\n", say("no journey gains or loses a break", "没有旅程新增或消除断点"));
        return;
    }
    print_findings(tl_jv_get(found, "appear"), say("finding that appears", "新出现的断点"), out);
    print_findings(tl_jv_get(found, "vanish"), say("finding that vanishes", "消失的断点"), out);
    print_cells(cells, out);
    for (const struct tl_jv *c = cells->child; c != NULL; c = c->next) {
        print_examples(c, "gaining", say("gains", "新增"), out);
        print_examples(c, "losing", say("loses", "消除"), out);
    }
}

static int
print(const struct tl_buf *body, bool json, struct tl_err *err)
{
    if (json) {
        printf("%.*s\n", (int)body->len, (const char *)body->data);
        return 0;
    }
    struct tl_arena *a = tl_arena_new(ANSWER_ARENA_BYTES);
    struct tl_jv *root = NULL;
    char at[32];
    int rc = a == NULL ? tl_fail(err, TL_ENOMEM, "out of memory") : tl_json_tree(a, (struct tl_str){ (const char *)body->data, body->len }, VIEW_DEPTH, &root, NULL, err);
    if (rc == 0) {
        printf(say("catalogue %.*s instead of %.*s, both judged at %s\n", "目录 %.*s 替换 %.*s,评判时间均为 %s\n"), (int)tl_jv_text(root, "after").n, tl_jv_text(root, "after").p,
               (int)tl_jv_text(root, "before").n, tl_jv_text(root, "before").p, tl_time_format(tl_jv_int(root, "as_of", 0), at));
        for (const struct tl_jv *t = tl_jv_get(root, "types")->child; t != NULL; t = t->next)
            print_type(t, stdout);
    }
    tl_arena_free(&a);
    return rc;
}

/* ---- asking ---- */

static void
put(struct tl_buf *path, const char *name, const char *value)
{
    if (value == NULL)
        return;
    tl_buf_put_str(path, memchr(path->data, '?', path->len) != NULL ? "&" : "?");
    tl_buf_put_str(path, name);
    tl_buf_put_u8(path, '=');
    tl_fetch_escape(path, tl_str_of(value));
}

static int
ask(const struct scratch *s, const struct check_diff *q, struct tl_buf *body, struct tl_err *err)
{
    const struct session_cfg cfg = { .command = "check", .data = s->dir, .needs = SESSION_NEED(SESSION_VIEWER) };
    struct session *viewer = NULL;
    struct tl_buf path = {0};
    tl_buf_put_str(&path, "/api/diff");
    put(&path, "journey", q->journey);
    put(&path, "from", q->from);
    put(&path, "to", q->to);
    put(&path, "as_of", q->as_of);
    tl_buf_put_u8(&path, 0);
    int rc = path.failed ? tl_fail(err, TL_ENOMEM, "out of memory") : session_open(&viewer, &cfg, err);
    if (rc == 0)
        rc = session_get(viewer, SESSION_VIEWER, (const char *)path.data, body, err);
    session_close(&viewer);
    tl_buf_free(&path);
    return rc;
}

int
check_diff(const struct check_diff *q, struct tl_err *err)
{
    struct tl_arena *a = tl_arena_new(FILES_ARENA_BYTES);
    struct tl_catalogue_files *f = a != NULL ? tl_arena_alloc(a, sizeof *f) : NULL;
    struct scratch s = {0};
    struct tl_buf body = {0};
    int rc = f != NULL ? tl_catalogue_files_read(q->path, a, f, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    tl_run_signals();
    if (rc == 0)
        rc = scratch_make(&s, session_data(q->data), f, err);
    if (rc == 0)
        rc = ask(&s, q, &body, err);
    scratch_remove(&s);
    if (rc == 0)
        rc = print(&body, q->json, err);
    tl_buf_free(&body);
    tl_arena_free(&a);
    return rc;
}
