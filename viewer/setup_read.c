/* setup_read.c - see setup.h: how things stand, and the catalogue that holds. */
#include "setup_in.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "render_in.h"
#include "suggest.h"
#include "tl_eventlog.h"
#include "tl_fetch.h"
#include "tl_hash.h"
#include "tl_run.h"

#define MAKING_ARENA_BYTES (1u << 20)

void
setup_clear(const char *folder)
{
    char path[PATH_MAX + 256];
    DIR *d = opendir(folder);
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        unlink(path);
    }
    if (d) closedir(d);
}

void
setup_file_json(struct tl_jw *w, const char *name, const struct upload_look *look)
{
    if (!look->id[0]) {
        tl_jw_null(w, name);
        return;
    }
    tl_jw_open(w, name);
    tl_jw_cstr(w, "id", look->id);
    tl_jw_cstr(w, "name", look->name);
    tl_jw_int(w, "bytes", look->bytes);
    tl_jw_int(w, "have", look->have);
    tl_jw_close(w);
}

/* ---- the command ---- */

/* An imported file is in the log: it need not lie here as well. */
static void
chore_json(struct tl_jw *w, struct setup *s)
{
    static const char *const state[] = { NULL, "runs", "done", "failed" };
    struct tl_buf answer = { NULL, 0, 0, false }, said = { NULL, 0, 0, false };
    struct chore_look look;
    chore_see(s->chore, &look, &answer, &said);
    if (look.state == CHORE_DONE && strcmp(look.what, "import") == 0) upload_drop_used(s->upload);
    if (look.state == CHORE_NONE) tl_jw_null(w, "chore");
    else {
        tl_jw_open(w, "chore");
        tl_jw_cstr(w, "what", look.what);
        tl_jw_cstr(w, "about", look.about);
        tl_jw_cstr(w, "state", look.stopped && look.state == CHORE_FAILED ? "stopped" : state[look.state]);
        render_ms(w, "began", look.began_ms);
        tl_jw_int(w, "took_ms", look.took_ms);
        while (answer.len && answer.data[answer.len - 1] <= ' ') answer.len--;
        if (answer.len && answer.data[0] == '{') tl_jw_raw(w, "answer", (struct tl_str){ (const char *)answer.data, answer.len });
        else tl_jw_null(w, "answer");
        tl_jw_str(w, "said", (struct tl_str){ said.data ? (const char *)said.data : "", said.len });
        tl_jw_close(w);
    }
    tl_buf_free(&answer);
    tl_buf_free(&said);
}

/* making_json - how far the aggregator is with journeys that are being made; null when it makes none, or is not there */
static void
making_json(struct tl_jw *w, const char *data)
{
    struct tl_run_info aggregator;
    struct tl_arena *a = tl_arena_new(MAKING_ARENA_BYTES);
    struct tl_fetch *f = a && tl_run_find(data, "aggregator", &aggregator, NULL) == 0 ? tl_fetch_new(SETUP_LOOK_MS) : NULL;
    struct tl_buf b = { NULL, 0, 0, false };
    struct tl_jv *root = NULL;
    char url[100];
    int status = 0;
    if (f) snprintf(url, sizeof url, "%s/healthz", aggregator.http);
    bool told = f && tl_fetch_do(f, "GET", url, NULL, (struct tl_str){ NULL, 0 }, &status, NULL, &b, NULL) == 0 &&
                tl_json_tree(a, (struct tl_str){ (const char *)b.data, b.len }, 0, &root, NULL, NULL) == 0;
    const struct tl_jv *rebuild = told ? tl_jv_get(root, "rebuild") : NULL, *next = told ? tl_jv_get(tl_jv_get(root, "catalogue"), "next") : NULL;
    struct tl_str trouble = tl_jv_text(next, "trouble");
    if ((rebuild && rebuild->type == TL_JOBJECT) || trouble.n) {
        tl_jw_open(w, "making");
        tl_jw_str(w, "phase", tl_jv_text(rebuild, "phase"));
        tl_jw_int(w, "done", tl_jv_int(rebuild, "done", 0));
        tl_jw_int(w, "total", tl_jv_int(rebuild, "total", 0));
        tl_jw_str(w, "trouble", trouble);
        tl_jw_close(w);
    } else tl_jw_null(w, "making");
    tl_fetch_free(&f);
    tl_buf_free(&b);
    tl_arena_free(&a);
}

/* ---- the answer ---- */

/* the built-in stage models appear when a touchpoint names a stage of theirs */
static int
models_json(struct tl_jw *w, struct tl_err *err)
{
    static const char all[] = "{\"touchpoints\":[{\"id\":\"x\",\"stage\":{\"A\":\"use\",\"B\":\"grow\",\"C\":\"retention\",\"D\":\"retain\",\"E\":\"during\"}}]}";
    const struct tl_catalogue_files f = { .file = { { TL_STR("models.json"), TL_STR(all) } }, .n = 1 };
    struct tl_catalogue *c = NULL;
    int rc = tl_catalogue_parse(&f, &c, err);
    if (rc) return rc;
    tl_jw_array(w, "models");
    for (uint32_t i = 0; i < c->model_n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_str(w, "id", c->model[i].id);
        render_title(w, "title", c->model[i].title);
        tl_jw_array(w, "stages");
        for (uint32_t k = 0; k < c->model[i].stage_n; k++) {
            tl_jw_open(w, NULL);
            tl_jw_str(w, "id", c->model[i].stage[k].id);
            render_title(w, "title", c->model[i].stage[k].title);
            tl_jw_close(w);
        }
        tl_jw_end(w);
        tl_jw_close(w);
    }
    tl_jw_end(w);
    tl_catalogue_free(&c);
    return 0;
}

static void
limits_json(struct tl_jw *w)
{
    tl_jw_open(w, "limits");
    tl_jw_int(w, "file_bytes", UPLOAD_FILE_MAX);
    tl_jw_int(w, "piece_bytes", UPLOAD_PIECE_MAX);
    tl_jw_int(w, "catalogue_bytes", TL_CATALOGUE_BYTES_MAX);
    tl_jw_int(w, "events_read", SUGGEST_EVENTS_MAX);
    tl_jw_int(w, "names", SUGGEST_NAMES_MAX);
    tl_jw_int(w, "clocks", SUGGEST_CLOCKS_MAX);
    tl_jw_close(w);
}

/* which log: a draft made for another one is not of use here */
static void
log_json(struct tl_jw *w, const struct look *k)
{
    struct tl_eventlog *log = fold_log(k->fold);
    uint8_t id[16];
    char hex[33];
    if (log) {
        tl_eventlog_id(log, id);
        tl_hex(id, sizeof id, hex);
        tl_jw_cstr(w, "log", hex);
    } else tl_jw_null(w, "log");
}

int
setup_render(struct setup *s, const struct look *k, struct tl_buf *out, struct tl_err *err)
{
    struct tl_jw jw = tl_jw_to(out), *w = &jw;
    struct upload_look file;
    tl_jw_open(w, NULL);
    tl_jw_uint(w, "events", k->meta.events);
    tl_jw_uint(w, "customers", k->meta.customers);
    tl_jw_uint(w, "position", k->meta.position);
    limits_json(w);
    chore_json(w, s);
    upload_see(s->upload, &file);
    log_json(w, k);
    setup_file_json(w, "file", &file);
    making_json(w, s->data);
    int rc = models_json(w, err);
    tl_jw_close(w);
    return rc;
}

/* ---- the catalogue that holds ---- */

static int
kept(const struct look *k, struct tl_catalogue_files *f, struct tl_err *err)
{
    struct tl_store_txn *t = NULL;
    struct tl_store_catalogue c;
    struct tl_jv *root = NULL;
    if (!k->store) return TL_ENOTFOUND;
    int rc = tl_store_begin(k->store, &t, err);
    if (rc == 0) rc = tl_store_catalogue(t, &c, err);
    const char *text = rc == 0 ? tl_arena_dup(k->arena, c.body.p, c.body.n) : NULL;
    size_t n = rc == 0 ? c.body.n : 0;
    if (t) tl_store_end(&t);
    if (rc == 0 && !text) rc = tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0) rc = tl_json_tree(k->arena, (struct tl_str){ text, n }, 0, &root, NULL, err);
    return rc ? rc : tl_catalogue_files_of(root, f, err);
}

int
setup_catalogue(const struct look *k, const char *data, struct tl_buf *out, struct tl_err *err)
{
    struct tl_catalogue_files *f = tl_arena_alloc(k->arena, sizeof *f);
    char path[PATH_MAX];
    int rc = f ? kept(k, f, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == TL_ENOTFOUND) rc = tl_catalogue_files_read(tl_run_path(path, data, "catalogue"), k->arena, f, err);
    if (rc) return rc == TL_ECONFIG ? tl_fail(err, TL_EIO, "the catalogue cannot be read: run touchline check") : rc;
    struct tl_jw w = tl_jw_to(out);
    tl_jw_open(&w, NULL);
    tl_jw_cstr(&w, "hash", k->catalogue->hash);
    render_ms(&w, "activated", k->activated_ms);
    tl_catalogue_files_json(&w, f);
    tl_jw_close(&w);
    return 0;
}
