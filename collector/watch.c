/* watch.c - see watch.h. The thread: looks at the folders one after the other, tells when a file is whole, and makes it ours. */
#include "watch_in.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tl_count.h"
#include "tl_hash.h"
#include "tl_logfmt.h"
#include "tl_port.h"
#include "tl_run.h"

#define ARENA_BYTES (1u << 20)
#define READY_MAX 256                   /* taken between two looks at a folder */
#define NICE 10                         /* HTTP first */
#define NAME_LONG 200                   /* longer names are shortened: a report's ending must fit */

struct ready { char name[256]; int64_t mtime_ns; };

/* ---- names ---- */
void
watch_path(char out[PATH_MAX], const char *dir, const char *sub, const char *name)
{
    snprintf(out, PATH_MAX, "%.3000s%s%.10s/%.260s", dir, sub[0] ? "/" : "", sub, name);
}

static bool
is_free(const char *dir, const char *sub, const char *name)
{
    char path[PATH_MAX], report[PATH_MAX];
    watch_path(path, dir, sub, name);
    snprintf(report, sizeof report, "%.4000s.report.json", path);
    return access(path, F_OK) != 0 && access(report, F_OK) != 0;
}

void
watch_free_name(const char *dir, const char *sub, const char *name, char out[300])
{
    char numbered[280];
    snprintf(numbered, sizeof numbered, "%.250s", name);
    for (unsigned i = 2; !is_free(dir, sub, numbered); i++)
        snprintf(numbered, sizeof numbered, "%.250s.%u", name, i);
    snprintf(out, 300, "%s/%s", sub, numbered);
}

static bool
ends_in(const char *name, const char *ending)
{
    size_t n = strlen(name), k = strlen(ending);
    return n >= k && strcmp(name + n - k, ending) == 0;
}

/* what programs call a file that they have not finished */
static bool
is_unfinished(const char *name)
{
    static const char *const endings[] = { "~", ".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".swp", ".lock", ".report.json" };
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (ends_in(name, endings[i]))
            return true;
    return name[0] == '.';
}

static void
shortened(const char *name, char out[256])
{
    static const uint8_t key[TL_KEY_BYTES] = "touchline watch: long names";
    size_t n = strlen(name);
    if (n <= NAME_LONG)
        snprintf(out, 256, "%s", name);
    else
        snprintf(out, 256, "%.130s~%016llx%s", name, (unsigned long long)tl_hash64(key, name, n), name + n - 40);
}

/* ---- telling and waiting ---- */
void
watch_tell(struct watch *w, struct watch_folder *f, enum watch_state state, const char *file, const char *why)
{
    pthread_mutex_lock(&w->lock);
    f->state = state;
    snprintf(f->file, sizeof f->file, "%s", file);
    snprintf(f->why, sizeof f->why, "%s", why);
    pthread_mutex_unlock(&w->lock);
}

bool
watch_sleep(struct watch *w, int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&w->lock);
    while (!atomic_load(&w->stopping) && pthread_cond_timedwait(&w->wake, &w->lock, &until) != ETIMEDOUT)
        continue;
    pthread_mutex_unlock(&w->lock);
    return !atomic_load(&w->stopping);
}

static void
failing(struct watch *w, struct watch_folder *f, const char *file, const struct tl_err *err)
{
    if (f->state != WATCH_FAILING)
        tl_log(TL_ERROR, "watch_failing", "watch=%s error=\"%s\"", f->cfg->name, err->text);
    watch_tell(w, f, WATCH_FAILING, file, err->text);
}

/* ---- is it whole? ---- */
static struct watch_seen *
seen_of(struct watch_folder *f, uint64_t key)
{
    for (uint32_t i = 0; i < f->seen_n; i++)
        if (f->seen[i].key == key)
            return &f->seen[i];
    if (f->seen_n == WATCH_SEEN_MAX)
        return NULL;
    f->seen[f->seen_n] = (struct watch_seen){ .key = key, .size = UINT64_MAX };
    return &f->seen[f->seen_n++];
}

static int64_t
mtime_of(const struct stat *st)
{
    return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

/* Unchanged for settle_s of our own clock. An empty file is about to be written. */
static bool
is_whole(struct watch_folder *f, const char *name, const struct stat *st, int64_t now_us)
{
    static const uint8_t key[TL_KEY_BYTES] = "touchline watch: files seen";
    struct watch_seen *s = seen_of(f, tl_hash64(key, name, strlen(name)) ^ tl_mix64((uint64_t)st->st_ino));
    if (s == NULL)
        return false;
    s->there = true;
    if (s->size != (uint64_t)st->st_size || s->mtime_ns != mtime_of(st)) {
        s->size = (uint64_t)st->st_size;
        s->mtime_ns = mtime_of(st);
        s->since_us = now_us;
    }
    return st->st_size > 0 && now_us - s->since_us >= f->cfg->settle_s * 1000000;
}

static void
forget_gone(struct watch_folder *f)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->seen_n; i++)
        if (f->seen[i].there) {
            f->seen[n] = f->seen[i];
            f->seen[n++].there = false;
        }
    f->seen_n = n;
}

static int
by_time(const void *x, const void *y)
{
    const struct ready *a = x, *b = y;
    return a->mtime_ns != b->mtime_ns ? (a->mtime_ns < b->mtime_ns ? -1 : 1) : strcmp(a->name, b->name);
}

/* the oldest whole files of a folder; how many, -1: it cannot be read */
static int
find_ready(struct watch_folder *f, struct ready *ready, uint32_t *waiting_n)
{
    DIR *d = opendir(f->cfg->dir);
    int n = 0;
    int64_t now_us = tl_clock_real()->mono_us(tl_clock_real());
    *waiting_n = 0;
    if (d == NULL)
        return -1;
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        struct stat st;
        if (is_unfinished(e->d_name) || fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
            continue;
        (*waiting_n)++;
        if (!is_whole(f, e->d_name, &st, now_us) || n == READY_MAX)
            continue;
        snprintf(ready[n].name, sizeof ready[n].name, "%s", e->d_name);
        ready[n++].mtime_ns = mtime_of(&st);
    }
    closedir(d);
    forget_gone(f);
    qsort(ready, (size_t)n, sizeof *ready, by_time);
    return n;
}

/* ---- making it ours ---- */
static int
claim(struct watch_folder *f, const char *name, char ours[256], struct tl_err *err)
{
    char from[PATH_MAX], to[PATH_MAX], free_name[300];
    shortened(name, ours);
    watch_free_name(f->cfg->dir, "taking", ours, free_name);
    snprintf(ours, 256, "%.255s", free_name + sizeof "taking/" - 1);
    watch_path(from, f->cfg->dir, "", name);
    watch_path(to, f->cfg->dir, "taking", ours);
    if (rename(from, to) == 0)
        return 0;
    return errno == ENOENT ? TL_ENOTFOUND : tl_fail(err, TL_EIO, "cannot move %s into %s/taking: %s", name, f->cfg->dir, strerror(errno));
}

static int
take(struct watch *w, struct watch_folder *f, const char *name)
{
    struct tl_err err = {0};
    int rc = watch_take(w, f, name, &err);
    if (rc == 0)
        watch_tell(w, f, WATCH_IDLE, "", "");
    else if (rc != TL_EBUSY)
        failing(w, f, name, &err);
    return rc;
}

/* what was under way when the last process ended, and what was taken back */
static int
take_begun(struct watch *w, struct watch_folder *f)
{
    char path[PATH_MAX], name[256];
    int rc = 0;
    snprintf(path, sizeof path, "%.3000s/taking", f->cfg->dir);
    DIR *d = opendir(path);
    for (struct dirent *e; d != NULL && rc == 0 && (e = readdir(d)) != NULL;) {
        snprintf(name, sizeof name, "%s", e->d_name);
        if (name[0] == '.' || ends_in(name, ".part"))
            continue;
        if (!ends_in(name, ".report.json")) {
            rc = take(w, f, name);
            continue;
        }
        name[strlen(name) - (sizeof ".report.json" - 1)] = '\0';
        watch_path(path, f->cfg->dir, "taking", name);
        if (access(path, F_OK) != 0)
            watch_finish(f, name);
    }
    if (d != NULL)
        closedir(d);
    return rc;
}

/* done, and yet more came through a descriptor that was open all the time */
static void
take_back_grown(struct watch_folder *f)
{
    char path[PATH_MAX], to[PATH_MAX];
    struct stat st;
    for (uint32_t i = 0; i < WATCH_GROWN_MAX && i < f->done_n; i++) {
        struct watch_done *d = &f->done[i];
        watch_path(path, f->cfg->dir, "done", d->name);
        if (d->name[0] == '\0' || stat(path, &st) != 0 || (uint64_t)st.st_ino != d->ino || (uint64_t)st.st_size <= d->size)
            continue;
        watch_path(to, f->cfg->dir, "taking", d->name);
        if (access(to, F_OK) != 0 && rename(path, to) == 0)
            d->name[0] = '\0';
    }
}

/* ---- the folders ---- */
static int
make_folders(const struct watch_folder *f, struct tl_err *err)
{
    static const char *const subs[] = { "taking", "done", "bad" };
    char path[PATH_MAX];
    struct stat st;
    if (stat(f->cfg->dir, &st) != 0 || !S_ISDIR(st.st_mode))
        return tl_fail(err, TL_EIO, "%s is no folder that can be read: %s", f->cfg->dir, strerror(errno));
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%.3000s/%s", f->cfg->dir, subs[i]);
        if (mkdir(path, 0755) != 0 && errno != EEXIST)
            return tl_fail(err, TL_EIO, "cannot make %s: %s", path, strerror(errno));
    }
    return 0;
}

static void
look_at(struct watch *w, struct watch_folder *f, struct ready *ready)
{
    struct tl_err err = {0};
    char ours[256];
    uint32_t waiting_n = 0;
    int rc = make_folders(f, &err), n = 0;
    if (rc == 0) {
        take_back_grown(f);
        rc = take_begun(w, f);
        if (rc != 0)
            return;
        if ((n = find_ready(f, ready, &waiting_n)) < 0)
            rc = tl_fail(&err, TL_EIO, "cannot read %s: %s", f->cfg->dir, strerror(errno));
    }
    pthread_mutex_lock(&w->lock);
    f->waiting_n = waiting_n;
    pthread_mutex_unlock(&w->lock);
    for (int i = 0; i < n && rc == 0 && !atomic_load(&w->stopping); i++) {
        rc = claim(f, ready[i].name, ours, &err);
        if (rc == 0 && take(w, f, ours) != 0)
            return;
        if (rc == TL_ENOTFOUND)          /* renamed, or taken away, since it was seen */
            rc = 0;
    }
    if (rc != 0)
        failing(w, f, "", &err);
    else if (f->state == WATCH_FAILING)
        watch_tell(w, f, WATCH_IDLE, "", "");
}

static void
count_waiting(struct watch *w)
{
    int64_t n = 0;
    for (uint32_t i = 0; i < w->n; i++)
        n += w->folder[i].waiting_n;
    tl_count_set(C_WATCH_WAITING, n);
}

static void *
watch_main(void *arg)
{
    struct watch *w = arg;
    struct ready *ready = tl_alloc(READY_MAX * sizeof *ready);
    setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE);
    while (ready != NULL && !atomic_load(&w->stopping)) {
        for (uint32_t i = 0; i < w->n && !atomic_load(&w->stopping); i++)
            look_at(w, &w->folder[i], ready);
        count_waiting(w);
        watch_sleep(w, w->cfg.list->poll_ms);
    }
    tl_free(ready);
    return NULL;
}

/* ---- start and stop ---- */
static int
open_folder(struct watch_folder *f, const struct watch_dir *cfg, const char *data, struct tl_err *err)
{
    char path[PATH_MAX];
    f->cfg = cfg;
    tl_run_path(path, data, "watch");
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return tl_fail(err, TL_EIO, "cannot make %s: %s", path, strerror(errno));
    snprintf(f->state_dir, sizeof f->state_dir, "%.3900s/%s", path, cfg->name);
    if (mkdir(f->state_dir, 0700) != 0 && errno != EEXIST)
        return tl_fail(err, TL_EIO, "cannot make %s: %s", f->state_dir, strerror(errno));
    f->seen = tl_alloc(WATCH_SEEN_MAX * sizeof *f->seen);
    return f->seen != NULL ? watch_register_open(&f->known, f->state_dir, err) : tl_fail(err, TL_ENOMEM, "out of memory");
}

int
watch_start(struct watch **out, const struct watch_cfg *cfg, struct tl_err *err)
{
    struct watch *w = tl_alloc(sizeof *w);
    pthread_condattr_t monotonic;
    *out = w;
    if (w == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory");
    w->cfg = *cfg;
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&w->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    w->reader = tl_event_reader_new();
    w->arena = tl_arena_new(ARENA_BYTES);
    w->folder = tl_alloc(cfg->list->n * sizeof *w->folder);
    int rc = w->reader == NULL || w->arena == NULL || w->folder == NULL ? tl_fail(err, TL_ENOMEM, "out of memory") : 0;
    for (; rc == 0 && w->n < cfg->list->n; w->n++)
        rc = open_folder(&w->folder[w->n], &cfg->list->at[w->n], cfg->data, err);
    if (rc == 0 && pthread_create(&w->thread, NULL, watch_main, w) != 0)
        rc = tl_fail(err, TL_ENOMEM, "no thread for watched folders");
    w->started = rc == 0;
    return rc;
}

void
watch_end(struct watch *w)
{
    if (w == NULL || !w->started)
        return;
    pthread_mutex_lock(&w->lock);
    atomic_store(&w->stopping, true);
    pthread_cond_broadcast(&w->wake);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    w->started = false;
}

void
watch_stop(struct watch **wp)
{
    struct watch *w = *wp;
    *wp = NULL;
    if (w == NULL)
        return;
    watch_end(w);
    for (uint32_t i = 0; i < w->n; i++) {
        watch_register_close(&w->folder[i].known);
        tl_free(w->folder[i].seen);
    }
    tl_free(w->folder);
    tl_event_reader_free(&w->reader);
    tl_arena_free(&w->arena);
    body_free(&w->body);
    policy_desk_free(&w->own);
    tl_buf_free(&w->padded);
    pthread_cond_destroy(&w->wake);
    pthread_mutex_destroy(&w->lock);
    tl_free(w);
}

/* ---- health ---- */
void
watch_health(struct watch *w, struct tl_jw *out)
{
    static const char *const states[] = { "idle", "taking", "waiting", "failing" };
    tl_jw_array(out, "watch");
    pthread_mutex_lock(&w->lock);
    for (uint32_t i = 0; i < w->n; i++) {
        const struct watch_folder *f = &w->folder[i];
        tl_jw_open(out, NULL);
        tl_jw_cstr(out, "name", f->cfg->name);
        tl_jw_cstr(out, "dir", f->cfg->dir);
        tl_jw_cstr(out, "state", states[f->state]);
        if (f->file[0])
            tl_jw_cstr(out, "file", f->file);
        if (f->why[0])
            tl_jw_cstr(out, "why", f->why);
        tl_jw_uint(out, "waiting", f->waiting_n);
        tl_jw_close(out);
    }
    pthread_mutex_unlock(&w->lock);
    tl_jw_end(out);
}

bool
watch_failing(struct watch *w)
{
    bool any = false;
    pthread_mutex_lock(&w->lock);
    for (uint32_t i = 0; i < w->n; i++)
        any = any || w->folder[i].state == WATCH_FAILING;
    pthread_mutex_unlock(&w->lock);
    return any;
}
