/* replay_target.c - see replay_target.h. A folder that is new gets the catalogue of where the journeys come from, so that they are judged by the same rules. */
#include "replay_target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tl_catalogue_files.h"
#include "tl_run.h"
#include "tl_store.h"

#define ARENA_BYTES (16u << 20)

/* ---- the catalogue of a new folder ---- */

/* of_store - the version that a store was made with */
static int
of_store(const char *data, struct tl_arena *a, struct tl_catalogue_files *out, struct tl_err *err)
{
    char path[PATH_MAX];
    struct tl_store *store = NULL;
    struct tl_store_txn *t = NULL;
    struct tl_store_catalogue c;
    struct tl_jv *body = NULL;
    int rc = tl_store_open_read(&store, tl_run_path(path, data, "journeys"), err);
    if (rc == 0)
        rc = tl_store_begin(store, &t, err);
    if (rc == 0)
        rc = tl_store_catalogue(t, &c, err);
    const char *text = rc == 0 ? tl_arena_dup(a, c.body.p, c.body.n) : NULL;
    if (rc == 0)
        rc = text != NULL ? tl_json_tree(a, (struct tl_str){ text, c.body.n }, 0, &body, NULL, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0)
        rc = tl_catalogue_files_of(body, out, err);
    if (t != NULL)
        tl_store_end(&t);
    tl_store_close(&store);
    return rc;
}

static int
write_files(const char *folder, const struct tl_catalogue_files *files, struct tl_err *err)
{
    char dir[PATH_MAX], path[PATH_MAX + TL_CATALOGUE_NAME_MAX + 2];
    tl_run_path(dir, folder, "catalogue");
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return tl_fail(err, TL_EIO, "cannot make %.150s: %s", folder, strerror(errno));
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return tl_fail(err, TL_EIO, "cannot make %.150s: %s", dir, strerror(errno));
    for (uint32_t i = 0; i < files->n; i++) {
        const struct tl_catalogue_file *f = &files->file[i];
        snprintf(path, sizeof path, "%s/%.*s", dir, (int)f->name.n, f->name.p);
        FILE *out = fopen(path, "wxe");
        bool good = out != NULL && fwrite(f->text.p, 1, f->text.n, out) == f->text.n;
        if (out != NULL)
            good = fclose(out) == 0 && good;
        if (!good)
            return tl_fail(err, TL_EIO, "cannot write %.150s: %s", path, strerror(errno));
    }
    return 0;
}

static bool
is_new(const char *folder)
{
    char path[PATH_MAX];
    return access(tl_run_path(path, folder, "log"), F_OK) != 0 && access(tl_run_path(path, folder, "catalogue"), F_OK) != 0;
}

static int
give_catalogue(const char *folder, const struct replay_where *w, struct tl_err *err)
{
    char path[PATH_MAX];
    struct tl_catalogue_files *files = tl_alloc(sizeof *files);
    struct tl_arena *a = tl_arena_new(ARENA_BYTES);
    int rc = files != NULL && a != NULL ? 0 : tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0 && w->catalogue != NULL)
        rc = access(w->catalogue, R_OK) == 0 ? tl_catalogue_files_read(w->catalogue, a, files, err) : tl_fail(err, TL_ENOTFOUND, "there is no catalogue at %.150s", w->catalogue);
    else if (rc == 0 && of_store(w->data, a, files, err) != 0)
        rc = tl_catalogue_files_read(tl_run_path(path, w->data, "catalogue"), a, files, err);
    if (rc == 0)
        rc = write_files(folder, files, err);
    tl_arena_free(&a);
    tl_free(files);
    return rc;
}

/* ---- open, close ---- */

static int
make_scratch(struct replay_target *t, struct tl_err *err)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(t->folder.dir, sizeof t->folder.dir, "%.200s/touchline-replay.%d", tmp != NULL && tmp[0] != '\0' ? tmp : "/tmp", (int)getpid());
    if (mkdir(t->folder.dir, 0700) == 0)
        return 0;
    int rc = tl_fail(err, TL_EIO, "cannot make %.150s: %s", t->folder.dir, strerror(errno));
    t->folder.dir[0] = '\0';
    return rc;
}

static int
open_folder(struct replay_target *t, const char *folder, const struct replay_where *w, struct tl_err *err)
{
    const struct session_cfg cfg = { .command = "replay", .data = folder, .make = true,
                                     .needs = SESSION_NEED(SESSION_COLLECTOR) | SESSION_NEED(SESSION_AGGREGATOR) | SESSION_NEED(SESSION_VIEWER) };
    int rc = 0;
    if (is_new(folder) || w->scratch)
        rc = give_catalogue(folder, w, err);
    else if (w->catalogue != NULL)
        rc = tl_fail(err, TL_EINVAL, "%.100s has a catalogue already: --catalogue is for a new folder; `touchline activate` changes one", folder);
    if (rc == 0)
        rc = session_open(&t->session, &cfg, err);
    t->owned = rc == 0;
    return rc;
}

static int
open_elsewhere(struct replay_target *t, const struct replay_where *w, struct tl_err *err)
{
    const struct session_cfg cfg = { .command = "replay", .url = w->viewer };
    t->elsewhere = true;
    snprintf(t->url, sizeof t->url, "%s", w->to);
    if (strlen(w->to) >= sizeof t->url || strncmp(w->to, "http", 4) != 0)
        return tl_fail(err, TL_EINVAL, "--to is a collector's address, like http://127.0.0.1:8080");
    return w->viewer != NULL ? session_open(&t->viewer, &cfg, err) : 0;
}

int
replay_target_open(struct replay_target *t, const struct replay_where *w, struct session *same, struct tl_err *err)
{
    int rc = 0;
    *t = (struct replay_target){ .session = same };
    if (w->to != NULL)
        return open_elsewhere(t, w, err);
    if (w->scratch)
        rc = make_scratch(t, err);
    if (rc == 0 && (w->scratch || w->into != NULL))
        rc = open_folder(t, w->scratch ? t->folder.dir : w->into, w, err);
    if (rc != 0)
        return rc;
    t->viewer = t->session;
    session_url(t->session, SESSION_COLLECTOR, t->url);
    session_token(t->session, t->token);
    return 0;
}

void
replay_target_close(struct replay_target *t)
{
    if (t->elsewhere)
        session_close(&t->viewer);
    if (t->owned)
        session_close(&t->session);
    scratch_remove(&t->folder);
    *t = (struct replay_target){0};
}
