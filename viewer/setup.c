/* setup.c - see setup.h: what is posted. What is read is in setup_read.c. */
#include "setup_in.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "door.h"
#include "tl_port.h"
#include "tl_run.h"
#include "tl_time.h"

#define TREE_BYTES (3 * SETUP_BODY_MAX)

struct posted {                         /* one request */
    struct setup *s;
    struct tl_http_req *rq;
    struct tl_arena *arena;
    struct tl_jv *root;                 /* of a JSON body */
    struct tl_buf out;
};

int
setup_new(struct setup **out, const char *data, struct tl_err *err)
{
    struct setup *s = *out = tl_alloc(sizeof *s);
    char path[PATH_MAX];
    if (!s) return tl_fail(err, TL_ENOMEM, "out of memory");
    snprintf(s->data, sizeof s->data, "%s", data);
    tl_run_path(path, data, "setup");
    if (mkdir(path, 0700) && errno != EEXIST) return tl_fail(err, TL_EIO, "cannot make %s: %s", path, strerror(errno));
    int rc = upload_new(&s->upload, tl_run_path(path, data, "setup/file"), err);
    return rc ? rc : chore_new(&s->chore, tl_run_path(path, data, "setup"), err);
}

void
setup_free(struct setup **sp)
{
    struct setup *s = *sp;
    if (!s) return;
    chore_free(&s->chore);
    upload_free(&s->upload);
    tl_free(s);
    *sp = NULL;
}

struct tl_str
setup_word(struct tl_str path)
{
    static const char at[] = SETUP_PATH;
    size_t n = sizeof at - 1;
    return path.n > n && memcmp(path.p, at, n) == 0 ? (struct tl_str){ path.p + n, path.n - n } : (struct tl_str){ NULL, 0 };
}

/* ---- what is posted ---- */

static int64_t
whole_number(struct tl_str v)
{
    int64_t n = 0;
    if (v.n == 0 || v.n > 15) return -1;
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] < '0' || v.p[i] > '9') return -1;
        n = n * 10 + (v.p[i] - '0');
    }
    return n;
}

static int
do_file(struct posted *p, struct tl_err *err)
{
    const struct upload_piece piece = { .id = tl_http_query(p->rq, "id", 0), .name = tl_http_query(p->rq, "name", 0), .bytes = tl_http_body(p->rq),
                                        .at = whole_number(tl_http_query(p->rq, "at", 0)), .whole = whole_number(tl_http_query(p->rq, "bytes", 0)) };
    struct upload_look look;
    if (piece.at < 0 || piece.whole < 0) return tl_fail(err, TL_EINVAL, "at and bytes are numbers of bytes");
    if (piece.bytes.n > UPLOAD_PIECE_MAX) return tl_fail(err, TL_ETOOBIG, "a piece has %u bytes at most", UPLOAD_PIECE_MAX);
    int rc = upload_take(p->s->upload, &piece, tl_clock_real()->wall_ms(tl_clock_real()), &look, err);
    struct tl_jw w = tl_jw_to(&p->out);
    if (rc == 0) setup_file_json(&w, NULL, &look);
    return rc;
}

static int
write_text(const char *path, struct tl_str text, struct tl_err *err)
{
    FILE *f = fopen(path, "we");
    bool good = f && fwrite(text.p ? text.p : "", 1, text.n, f) == text.n;
    if (f) good = fclose(f) == 0 && good;
    return good ? 0 : tl_fail(err, TL_EIO, "cannot write %s: %s", path, strerror(errno));
}

static int
do_import(struct posted *p, struct tl_err *err)
{
    char path[PATH_MAX], map[PATH_MAX];
    struct tl_str text = tl_jv_text(p->root, "map");
    const char *args[CHORE_ARGS_MAX + 1] = { "import", path, "--data", p->s->data, "--json", text.n ? "--map" : NULL, map };
    struct upload_look look;
    if (text.n > SETUP_MAP_MAX) return tl_fail(err, TL_ETOOBIG, "a mapping has %d bytes at most", SETUP_MAP_MAX);
    int rc = upload_path(p->s->upload, tl_jv_text(p->root, "id"), path, err);
    tl_run_path(map, p->s->data, "setup/map.json");
    if (rc == 0 && text.n) rc = write_text(map, text, err);
    upload_see(p->s->upload, &look);
    return rc ? rc : chore_start(p->s->chore, "import", look.name, args, err);
}

static int
do_undo(struct posted *p, struct tl_err *err)
{
    struct tl_str origin = tl_jv_text(p->root, "origin");
    char name[200];
    const char *args[CHORE_ARGS_MAX + 1] = { "import", "--undo", name, "--data", p->s->data };
    if (origin.n < 8 || origin.n >= sizeof name || memcmp(origin.p, "import:", 7) != 0) return tl_fail(err, TL_EINVAL, "origin: that of an import, like import:csv:tickets");
    snprintf(name, sizeof name, "%.*s", (int)origin.n, origin.p);
    return chore_start(p->s->chore, "undo", name, args, err);
}

static int
do_check(struct posted *p, struct tl_err *err)
{
    struct tl_catalogue_files *f = tl_arena_alloc(p->arena, sizeof *f);
    struct tl_catalogue_notes *notes = NULL;
    struct tl_catalogue *c = NULL;
    int rc = f ? tl_catalogue_files_of(p->root, f, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0) rc = tl_catalogue_check_files(f, &c, &notes, err);
    if (rc == 0) {
        struct tl_jw w = tl_jw_to(&p->out);
        tl_jw_open(&w, NULL);
        tl_catalogue_notes_json(&w, c, notes);
        tl_jw_close(&w);
    }
    tl_catalogue_notes_free(&notes);
    tl_catalogue_free(&c);
    return rc == TL_ECONFIG ? (err->code = TL_EINVAL) : rc;
}

/* the draft as files of a folder that holds nothing else */
static int
write_draft(struct posted *p, const struct tl_catalogue_files *f, char folder[PATH_MAX], struct tl_err *err)
{
    char path[PATH_MAX + TL_CATALOGUE_NAME_MAX + 2];
    int rc = 0;
    tl_run_path(folder, p->s->data, "setup/draft");
    setup_clear(folder);
    if (mkdir(folder, 0700) && errno != EEXIST) return tl_fail(err, TL_EIO, "cannot make %s: %s", folder, strerror(errno));
    for (uint32_t i = 0; rc == 0 && i < f->n; i++) {
        snprintf(path, sizeof path, "%s/%.*s", folder, (int)f->file[i].name.n, f->file[i].name.p);
        rc = write_text(path, f->file[i].text, err);
    }
    return rc;
}

/* day_of - a member that is a day, as an argument; "" when it is not given */
static int
day_of(const struct posted *p, const char *name, char out[16], struct tl_err *err)
{
    struct tl_str text = tl_jv_text(p->root, name);
    int32_t day = 0;
    out[0] = '\0';
    if (!text.n) return 0;
    if (tl_day_parse(text, &day)) return tl_fail(err, TL_EINVAL, "%s: a day like 2026-03-02", name);
    tl_day_format(day, out);
    return 0;
}

static int
do_diff(struct posted *p, struct tl_err *err)
{
    char folder[PATH_MAX], from[16], to[16];
    int rc = day_of(p, "from", from, err);
    if (rc == 0) rc = day_of(p, "to", to, err);
    if (rc) return rc;
    const char *args[CHORE_ARGS_MAX + 1] = { "check", "--diff", folder, "--data", p->s->data, "--json", from[0] && to[0] ? "--from" : NULL, from, "--to", to };
    struct tl_catalogue_files *f = tl_arena_alloc(p->arena, sizeof *f);
    struct tl_catalogue *c = NULL;
    struct chore_look look;
    rc = f ? tl_catalogue_files_of(p->root, f, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0) rc = tl_catalogue_parse(f, &c, err);
    char hash[33] = "";
    if (rc == 0) memcpy(hash, c->hash, sizeof hash);
    tl_catalogue_free(&c);
    chore_see(p->s->chore, &look, NULL, NULL);
    if (rc == 0 && look.state == CHORE_RUNS) rc = tl_fail(err, TL_EBUSY, "%s of %s is still running: wait for it, or stop it", look.what, look.about);     /* it may be reading that folder */
    if (rc == 0) rc = write_draft(p, f, folder, err);
    if (rc == 0) rc = chore_start(p->s->chore, "diff", hash, args, err);
    return rc == TL_ECONFIG ? (err->code = TL_EINVAL) : rc;
}

static int
do_stop(struct posted *p, struct tl_err *err)
{
    (void)err;
    chore_stop(p->s->chore);
    return 0;
}

static int
do_forget(struct posted *p, struct tl_err *err)
{
    struct chore_look look;
    (void)err;
    chore_forget(p->s->chore);
    chore_see(p->s->chore, &look, NULL, NULL);
    if (look.state != CHORE_RUNS) upload_drop(p->s->upload);
    return 0;
}

/* ---- the addresses ---- */

static const struct { const char *word; int (*post)(struct posted *p, struct tl_err *err); bool bytes; const char *summary, *shape; } posts[] = {
    { "file", do_file, true, "a piece of a file to import: id (of the page's making), name, bytes (of the whole file), at (where the piece begins); the body is the piece",
      "{id, name, bytes, have}: a piece that does not begin at have is not taken" },
    { "import", do_import, false, "{id, map}: imports the file handed over, as `touchline import` does; map: a mapping for tables, as text", "{}: /api/setup tells how it goes" },
    { "undo", do_undo, false, "{origin}: takes back what an import brought", "{}: /api/setup tells how it goes" },
    { "check", do_check, false, "{files: [{name, text}]}: reads a draft of a catalogue", "{mistakes, doubts, left_out, version, notes: [{file, line, kind, text}]}" },
    { "diff", do_diff, false, "{files: [{name, text}], from, to}: which journeys gain or lose which breaks by a draft, as `touchline check --diff` does", "{}: /api/setup tells how it goes" },
    { "stop", do_stop, false, "{}: ends the command that runs", "{}" },
    { "forget", do_forget, false, "{}: what the last command found, and a file handed over, go", "{}" },
};
enum { POSTS_N = sizeof posts / sizeof posts[0] };

static int
post(struct posted *p, struct tl_err *err)
{
    const struct door_asks a = { tl_http_header(p->rq, "Host"), tl_http_header(p->rq, "Origin"), tl_http_header(p->rq, "Sec-Fetch-Site"), tl_http_header(p->rq, "Content-Type") };
    struct tl_str word = setup_word(tl_http_path(p->rq));
    size_t i = 0;
    while (i < POSTS_N && !tl_str_is(word, posts[i].word)) i++;
    if (i == POSTS_N) return tl_fail(err, TL_ENOTFOUND, "there is no such address; /api/openapi.json lists those there are");
    int rc = door_own(&a, !posts[i].bytes, err);
    if (rc == 0 && !posts[i].bytes) {
        p->arena = tl_arena_new(TREE_BYTES);
        if (!p->arena) return tl_fail(err, TL_ENOMEM, "out of memory");
        rc = tl_json_tree(p->arena, tl_http_body(p->rq), 0, &p->root, NULL, err);
    }
    if (rc == 0) rc = posts[i].post(p, err);
    if (rc == 0 && p->out.len == 0) tl_buf_put_str(&p->out, "{}");
    return rc == 0 && p->out.failed ? tl_fail(err, TL_ENOMEM, "out of memory") : rc;
}

void
setup_answer(struct setup *s, struct tl_http_req *rq)
{
    struct posted p = { .s = s, .rq = rq };
    struct tl_err err = { 0, "" };
    if (post(&p, &err)) tl_http_answer_error(rq, &err);
    else tl_http_answer_json(rq, 200, &p.out);
    tl_buf_free(&p.out);
    tl_arena_free(&p.arena);
}

static void
reply_doc(struct tl_jw *w, const char *status, const char *doc)
{
    tl_jw_open(w, status);
    tl_jw_cstr(w, "description", doc);
    tl_jw_open(w, "content");
    tl_jw_open(w, "application/json");
    tl_jw_open(w, "schema");
    tl_jw_cstr(w, "type", "object");
    tl_jw_close(w);
    tl_jw_close(w);
    tl_jw_close(w);
    tl_jw_close(w);
}

void
setup_openapi(struct tl_jw *w)
{
    char path[64];
    for (size_t i = 0; i < POSTS_N; i++) {
        snprintf(path, sizeof path, SETUP_PATH "%s", posts[i].word);
        tl_jw_open(w, path);
        tl_jw_open(w, "post");
        tl_jw_cstr(w, "summary", posts[i].summary);
        tl_jw_open(w, "responses");
        reply_doc(w, "200", posts[i].shape);
        reply_doc(w, "400", "what was sent is wrong: {error: {code, text}}");
        reply_doc(w, "403", "not asked by one of the viewer's own pages");
        reply_doc(w, "413", "larger than its limit (/api/setup: limits)");
        reply_doc(w, "503", "another command runs, or the disk is full");
        tl_jw_close(w);
        tl_jw_close(w);
        tl_jw_close(w);
    }
}
