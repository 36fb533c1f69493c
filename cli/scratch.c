/* scratch.c - see scratch.h. The copy is LMDB's own, of one moment; the other store is made by `touchline-aggregator --scratch`, up to the same position. */
#include "scratch.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup.h"
#include "cli.h"
#include "keeper.h"
#include "session.h"
#include "tl_hash.h"
#include "tl_port.h"
#include "tl_run.h"
#include "tl_store.h"

#define PREFIX "scratch."
#define LOOK_US 20000
#define STOP_MS 10000
#define BYTES_AN_EVENT 120          /* of a store that is being made; as a rebuild asks for */

/* ---- folders ---- */

void
scratch_remove_all(const char *path)
{
    char sub[PATH_MAX];
    DIR *d = opendir(path);
    for (struct dirent *e = d != NULL ? readdir(d) : NULL; e != NULL; e = readdir(d))
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 && snprintf(sub, sizeof sub, "%s/%s", path, e->d_name) < (int)sizeof sub && unlink(sub) != 0)
            scratch_remove_all(sub);
    if (d != NULL)
        closedir(d);
    rmdir(path);
}

/* what commands that were killed have left */
static void
remove_left(const char *data)
{
    char path[PATH_MAX];
    DIR *d = opendir(data);
    for (struct dirent *e = d != NULL ? readdir(d) : NULL; e != NULL; e = readdir(d)) {
        long pid = strncmp(e->d_name, PREFIX, sizeof PREFIX - 1) == 0 ? strtol(e->d_name + sizeof PREFIX - 1, NULL, 10) : 0;
        if (pid > 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH)
            scratch_remove_all(tl_run_path(path, data, e->d_name));
    }
    if (d != NULL)
        closedir(d);
}

static int
make_folder(const struct scratch *s, const char *name, struct tl_err *err)
{
    char path[PATH_MAX];
    tl_run_path(path, s->dir, name);
    return mkdir(path, 0700) == 0 ? 0 : tl_fail(err, TL_EIO, "cannot make %s: %s", path, strerror(errno));
}

static int
write_file(const struct scratch *s, const char *name, const void *p, size_t n, struct tl_err *err)
{
    char path[PATH_MAX];
    FILE *f = fopen(tl_run_path(path, s->dir, name), "wxe");
    bool ok = f != NULL && chmod(path, 0600) == 0 && fwrite(p, 1, n, f) == n;
    if (f != NULL)
        ok = fclose(f) == 0 && ok;
    return ok ? 0 : tl_fail(err, TL_EIO, "cannot write %s: %s", path, strerror(errno));
}

static int
write_rules(const struct scratch *s, const char *data, const struct tl_catalogue_files *files, struct tl_err *err)
{
    uint8_t key[TL_KEY_BYTES];
    char path[PATH_MAX], name[TL_CATALOGUE_NAME_MAX + 32];
    int rc = tl_key_load(tl_run_path(path, data, "keys/identity.key"), 0, key, err);
    if (rc == 0)
        rc = make_folder(s, "keys", err);
    if (rc == 0)
        rc = write_file(s, "keys/identity.key", key, sizeof key, err);
    if (rc == 0)
        rc = make_folder(s, "catalogue", err);
    for (uint32_t i = 0; rc == 0 && i < files->n; i++) {
        snprintf(name, sizeof name, "catalogue/%.*s", (int)files->file[i].name.n, files->file[i].name.p);
        rc = write_file(s, name, files->file[i].text.p, files->file[i].text.n, err);
    }
    return rc;
}

/* ---- the store as it is ---- */

struct moment { uint64_t position; char zone[64], region[3]; };

static int
look(const struct scratch *s, struct moment *m, struct tl_err *err)
{
    char path[PATH_MAX];
    struct tl_store *store = NULL;
    struct tl_store_txn *t = NULL;
    struct tl_store_meta meta = {0};
    int rc = tl_store_open_read(&store, tl_run_path(path, s->dir, "before/journeys"), err);
    if (rc == 0)
        rc = tl_store_begin(store, &t, err);
    if (rc == 0)
        rc = tl_store_meta(t, &meta, err);
    m->position = meta.position;
    if (rc == 0)
        snprintf(m->zone, sizeof m->zone, "%s", tl_store_timezone(store));
    memcpy(m->region, meta.region, sizeof m->region);
    tl_store_end(&t);
    tl_store_close(&store);
    return rc;
}

/* the copy and the other store are each about as large as the live one */
static int
check_disk(const char *data, struct tl_err *err)
{
    char path[PATH_MAX];
    struct tl_store *store = NULL;
    struct tl_store_txn *t = NULL;
    struct tl_store_meta m = {0};
    int rc = tl_store_open_read(&store, tl_run_path(path, data, "journeys"), err);
    if (rc == 0)
        rc = tl_store_begin(store, &t, err);
    if (rc == 0)
        rc = tl_store_meta(t, &m, err);
    tl_store_end(&t);
    tl_store_close(&store);
    int64_t have = tl_io_posix()->free_bytes(tl_io_posix(), data);
    uint64_t want = 2 * m.position * BYTES_AN_EVENT;
    if (rc == 0 && have >= 0 && (uint64_t)have < want)
        rc = tl_fail(err, TL_ENOSPC, "a comparison needs about %llu MB of disk, %llu MB are free", (unsigned long long)(want >> 20), (unsigned long long)(have >> 20));
    return rc;
}

/* everything that was sent is in it */
static int
settle(const char *data, struct tl_err *err)
{
    const struct session_cfg cfg = { .command = "check", .data = data, .needs = SESSION_NEED(SESSION_AGGREGATOR) };
    struct session *s = NULL;
    int rc = session_open(&s, &cfg, err);
    if (rc == 0)
        rc = session_settle(s, err);
    session_close(&s);
    return rc;
}

/* ---- the other one ---- */

/* the last line that the program wrote */
static void
last_line(const char *path, char out[TL_ERR_TEXT_BYTES])
{
    char text[4096];
    FILE *f = fopen(path, "rbe");
    out[0] = '\0';
    if (f == NULL)
        return;
    if (fseek(f, -(long)sizeof text + 1, SEEK_END) != 0)
        rewind(f);
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    while (n > 0 && text[n - 1] != '\n')        /* half a line is being written */
        n--;
    text[n > 0 ? n - 1 : 0] = '\0';
    char *line = strrchr(text, '\n');
    snprintf(out, TL_ERR_TEXT_BYTES, "%.250s", line != NULL ? line + 1 : text);
}

static int
watch(struct keeper *k, int child, const char *log, struct tl_err *err)
{
    char ended[64], line[TL_ERR_TEXT_BYTES], phase[24];
    unsigned long long done = 0, total = 0;
    for (;;) {
        bool over = keeper_ended(k, child, ended);
        last_line(log, line);
        if (over)
            break;
        if (sscanf(line, "progress %23s %llu %llu", phase, &done, &total) == 3)
            cli_progress("making journeys by the other catalogue, %s: %llu of %llu", phase, done, total);
        if (tl_run_stopping()) {
            keeper_stop(k, child, STOP_MS);
            return tl_fail(err, TL_EINTR, "stopped; nothing was changed");
        }
        usleep(LOOK_US);
    }
    cli_progress_end();
    if (strcmp(line, "done") == 0)
        return 0;
    return tl_fail(err, TL_EIO, "%s", strncmp(line, "failed ", 7) == 0 ? line + 7 : ended);
}

static int
make_other(const struct scratch *s, const char *data, const struct moment *m, struct tl_err *err)
{
    struct keeper_child c = { .name = "aggregator" };
    struct keeper *k = NULL;
    char until[32];
    snprintf(until, sizeof until, "%llu", (unsigned long long)m->position);
    int rc = session_program_path(SESSION_AGGREGATOR, c.path, err);
    char *argv[] = { c.path, (char *)"--data", (char *)data, (char *)"--timezone", (char *)m->zone, (char *)"--identity.region", (char *)m->region, (char *)"--scratch", (char *)s->dir, (char *)"--until", until, NULL };
    memcpy(c.argv, argv, sizeof argv);
    tl_run_path(c.log, s->dir, "aggregator.log");
    if (rc == 0)
        rc = keeper_new(&k, NULL, NULL, err);
    int child = rc == 0 ? keeper_start(k, &c, err) : rc;
    if (rc == 0)
        rc = child < 0 ? child : watch(k, child, c.log, err);
    keeper_free(&k);
    return rc;
}

int
scratch_make(struct scratch *s, const char *data, const struct tl_catalogue_files *files, struct tl_err *err)
{
    struct moment m = {0};
    char name[64], before[PATH_MAX];
    s->dir[0] = '\0';
    int rc = settle(data, err);
    remove_left(data);
    if (rc == 0)
        rc = check_disk(data, err);
    if (rc != 0)
        return rc;
    snprintf(name, sizeof name, PREFIX "%d", (int)getpid());
    tl_run_path(s->dir, data, name);
    rc = mkdir(s->dir, 0700) == 0 ? 0 : tl_fail(err, TL_EIO, "cannot make %s: %s", s->dir, strerror(errno));
    if (rc == 0)
        rc = make_folder(s, "before", err);
    if (rc == 0)
        rc = backup_journeys(data, tl_run_path(before, s->dir, "before"), err);
    if (rc == 0)
        rc = look(s, &m, err);
    if (rc == 0)
        rc = write_rules(s, data, files, err);
    return rc == 0 ? make_other(s, data, &m, err) : rc;
}

void
scratch_remove(struct scratch *s)
{
    if (s->dir[0] != '\0')
        scratch_remove_all(s->dir);
    s->dir[0] = '\0';
}
