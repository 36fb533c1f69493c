/* session.c - see session.h. */
#include "session.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli.h"
#include "keeper.h"
#include "tl_fetch.h"
#include "tl_json.h"
#include "tl_port.h"
#include "tl_run.h"

#define START_MS 30000
#define HTTP_MS 120000
#define LOG_BYTES_MAX (4 * 1024 * 1024)
#define ARGS_OWN 8

struct program {
    bool needed, own;
    int child;                           /* of the keeper, when own */
    char path[PATH_MAX];
};

struct session {
    struct session_cfg cfg;
    char data[PATH_MAX], url[80], config[PATH_MAX];
    struct program program[SESSION_PROGRAMS];
    struct keeper *keeper;
    struct tl_fetch *fetch;
    pthread_mutex_t fetch_lock, revive_lock;
};

static const char *const names[SESSION_PROGRAMS] = { "collector", "aggregator", "viewer" };
/* what one-shot commands start: any free ports */
static char *const free_ports[SESSION_PROGRAMS][3] = {
    { (char *)"--collector.port=0", NULL }, { (char *)"--aggregator.port=0", (char *)"--aggregator.bus=tcp://127.0.0.1:*", NULL }, { (char *)"--viewer.port=0", NULL },
};

const char *
session_program_name(enum session_program p)
{
    return names[p];
}

const char *
session_data(const char *data)
{
    const char *env = getenv("TOUCHLINE_DATA");
    return data != NULL ? data : env != NULL && env[0] != '\0' ? env : "./data";
}

/* ---- starting ---- */
static void
own_path(char out[PATH_MAX])
{
    ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 1);
    out[n > 0 ? n : 0] = '\0';
}

/* beside this program */
int
session_program_path(enum session_program p, char out[PATH_MAX], struct tl_err *err)
{
    char self[PATH_MAX];
    own_path(self);
    char *slash = strrchr(self, '/');
    if (slash != NULL)
        *slash = '\0';
    if (snprintf(out, PATH_MAX, "%s/touchline-%s", self, names[p]) >= PATH_MAX || access(out, X_OK) != 0)
        return tl_fail(err, TL_ENOTFOUND, "%s is not there; it belongs beside `touchline` (run make)", out);
    return 0;
}

/* last_words - what a program's log says of its end: the text of its last fatal line, else its last line */
static void
last_words(const char *path, char *out, size_t cap)
{
    char text[4096];
    FILE *f = fopen(path, "rb");
    out[0] = '\0';
    if (f == NULL)
        return;
    if (fseek(f, -(long)sizeof text + 1, SEEK_END) != 0)
        rewind(f);
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    while (n > 0 && text[n - 1] == '\n')
        n--;
    text[n] = '\0';
    char *line = strrchr(text, '\n'), *fatal = NULL;
    for (char *at = text; (at = strstr(at, "event=fatal")) != NULL; at++)
        fatal = at;
    const char *said = fatal != NULL ? strstr(fatal, " text=\"") : NULL;
    if (said != NULL)
        snprintf(out, cap, "%.*s", (int)strcspn(said + 7, "\"\n"), said + 7);
    else
        snprintf(out, cap, "%.*s", (int)cap - 1, line != NULL ? line + 1 : text);
}

static void
log_path(const struct session *s, enum session_program p, char out[PATH_MAX])
{
    char name[64];
    struct stat st;
    snprintf(name, sizeof name, "run/%s.log", names[p]);
    tl_run_path(out, s->data, name);
    if (stat(out, &st) == 0 && st.st_size > LOG_BYTES_MAX)
        unlink(out);
}

static int
start(struct session *s, enum session_program p, struct tl_err *err)
{
    struct keeper_child c = { .name = names[p], .listen_fd = { s->cfg.listen_fd[p][0], s->cfg.listen_fd[p][1] } };
    int n = 0;
    if (session_program_path(p, s->program[p].path, err) != 0)
        return TL_ENOTFOUND;
    snprintf(c.path, sizeof c.path, "%s", s->program[p].path);
    c.argv[n++] = s->program[p].path;
    if (s->config[0] != '\0') {
        c.argv[n++] = (char *)"--config";
        c.argv[n++] = s->config;
    }
    c.argv[n++] = (char *)"--data";
    c.argv[n++] = s->data;
    for (char *const *a = s->cfg.own_ports ? NULL : free_ports[p]; a != NULL && *a != NULL; a++)
        c.argv[n++] = *a;
    for (char *const *a = s->cfg.args; a != NULL && *a != NULL && n < KEEPER_ARGS_MAX - 1; a++)
        c.argv[n++] = *a;
    if (!s->cfg.own_ports)
        log_path(s, p, c.log);
    int child = keeper_start(s->keeper, &c, err);
    s->program[p].child = child;
    s->program[p].own = child >= 0;
    return child >= 0 ? 0 : child;
}

static int
healthy(struct session *s, enum session_program p)
{
    struct tl_run_info info;
    char url[160];
    int status = 0;
    struct tl_buf body = {0};
    if (tl_run_find(s->data, names[p], &info, NULL) != 0 || (s->program[p].own && info.pid != keeper_pid(s->keeper, s->program[p].child)))
        return 0;
    snprintf(url, sizeof url, "%s/healthz", info.http);
    pthread_mutex_lock(&s->fetch_lock);
    int rc = tl_fetch_do(s->fetch, "GET", url, NULL, (struct tl_str){0}, &status, NULL, &body, NULL);
    pthread_mutex_unlock(&s->fetch_lock);
    tl_buf_free(&body);
    return rc == 0 && status != 0;
}

static int
did_not_start(struct session *s, enum session_program p, const char *ended, struct tl_err *err)
{
    char path[PATH_MAX], line[200];
    if (s->cfg.own_ports)
        return tl_fail(err, TL_EIO, "the %s did not start (%s); its reason stands above", names[p], ended);
    log_path(s, p, path);
    last_words(path, line, sizeof line);
    return tl_fail(err, TL_EIO, "the %s did not start (%s): %s", names[p], ended, line);
}

static int start_missing(struct session *s, struct tl_err *err);

static int
wait_healthy(struct session *s, enum session_program p, struct tl_err *err)
{
    int64_t until_us = tl_clock_real()->mono_us(tl_clock_real()) + START_MS * INT64_C(1000);
    struct tl_run_info info;
    char ended[64];
    while (!healthy(s, p)) {
        /* one that ran when we looked may have been on its way out: the command that kept it was killed */
        int rc = !s->program[p].own && !s->cfg.own_ports && tl_run_find(s->data, names[p], &info, NULL) != 0 ? start_missing(s, err) : 0;
        if (rc != 0)
            return rc;
        if (s->program[p].own && keeper_ended(s->keeper, s->program[p].child, ended))
            return did_not_start(s, p, ended, err);
        if (tl_run_stopping())
            return tl_fail(err, TL_EINTR, "stopped");
        if (tl_clock_real()->mono_us(tl_clock_real()) > until_us)
            return did_not_start(s, p, "no answer for 30 s", err);
        usleep(2000);
    }
    if (s->program[p].own)
        keeper_trust(s->keeper, s->program[p].child);
    return 0;
}

static bool
all_run(const struct session *s)
{
    struct tl_run_info info;
    for (int p = 0; p < SESSION_PROGRAMS; p++)
        if (s->program[p].needed && tl_run_find(s->data, names[p], &info, NULL) != 0)
            return false;
    return true;
}

/* the folder's lock for those who start programs. 1: all that is needed runs already; 0: the lock is ours */
static int
claim(struct session *s, struct tl_err *err)
{
    for (int tries = 0;; tries++) {
        if (!s->cfg.own_ports && all_run(s))
            return 1;
        int rc = tl_run_claim(s->data, "session", err);
        if (rc != TL_EBUSY)
            return rc;
        struct tl_run_info holder = {0};
        tl_run_find(s->data, "session", &holder, NULL);
        if (s->cfg.own_ports)
            return tl_fail(err, TL_EBUSY, "another touchline command (pid %d) has %s; stop it, or choose another folder with --data", holder.pid, s->data);
        if (tl_run_stopping())
            return tl_fail(err, TL_EINTR, "stopped");
        if (tries == 20)
            fprintf(stderr, "touchline %s: waiting for another touchline command (pid %d) on %s\n", s->cfg.command, holder.pid, s->data);
        usleep(50000);
    }
}

static void
tell_died(void *arg, int i, const char *ended, int wait_ms)
{
    struct session *s = arg;
    for (int p = 0; p < SESSION_PROGRAMS; p++)
        if (s->program[p].own && s->program[p].child == i)
            fprintf(stderr, "touchline %s: the %s %s; starting it again in %d ms\n", s->cfg.command, names[p], ended, wait_ms);
}

static int
start_missing(struct session *s, struct tl_err *err)
{
    /* the aggregator first: the others look for it when they start */
    static const enum session_program order[SESSION_PROGRAMS] = { SESSION_AGGREGATOR, SESSION_VIEWER, SESSION_COLLECTOR };
    struct tl_run_info mine = { .pid = (int)getpid() }, info;
    int rc = s->keeper == NULL ? claim(s, err) : 0;
    if (rc != 0)
        return rc == 1 ? 0 : rc;
    if (s->keeper == NULL) {
        tl_run_publish(s->data, "session", &mine, NULL);
        rc = keeper_new(&s->keeper, tell_died, s, err);
    }
    for (int i = 0; i < SESSION_PROGRAMS && rc == 0; i++)
        if (s->program[order[i]].needed && !s->program[order[i]].own && tl_run_find(s->data, names[order[i]], &info, NULL) != 0) {
            rc = start(s, order[i], err);
            if (rc == 0 && order[i] == SESSION_AGGREGATOR)
                rc = wait_healthy(s, order[i], err);
        }
    return rc;
}

/* the folder's own settings hold for whoever starts a program on it, unless another file is named */
static void
find_config(struct session *s)
{
    for (char *const *a = s->cfg.args; a != NULL && *a != NULL; a++)
        if (strcmp(*a, "--config") == 0)
            return;
    if (access(tl_run_path(s->config, s->data, "touchline.conf"), R_OK) != 0)
        s->config[0] = '\0';
}

static int
check_folder(struct session *s, struct tl_err *err)
{
    struct stat st;
    if (stat(s->data, &st) == 0)
        return S_ISDIR(st.st_mode) ? 0 : tl_fail(err, TL_ENOTFOUND, "%s is not a folder", s->data);
    if (s->cfg.make)
        return 0;
    return tl_fail(err, TL_ENOTFOUND, "there is no store at %s; name its folder with --data DIR or TOUCHLINE_DATA, or speak to a running one with --url URL",
                   s->data);
}

int
session_open(struct session **out, const struct session_cfg *cfg, struct tl_err *err)
{
    struct session *s = tl_alloc(sizeof *s);
    *out = NULL;
    if (s == NULL || (s->fetch = tl_fetch_new(HTTP_MS)) == NULL) {
        tl_free(s);
        return tl_fail(err, TL_ENOMEM, "out of memory");
    }
    s->cfg = *cfg;
    pthread_mutex_init(&s->fetch_lock, NULL);
    pthread_mutex_init(&s->revive_lock, NULL);
    for (unsigned p = 0; p < SESSION_PROGRAMS; p++)
        s->program[p].needed = cfg->url == NULL && (cfg->needs & SESSION_NEED(p)) != 0;
    snprintf(s->data, sizeof s->data, "%s", session_data(cfg->data));
    if (cfg->url != NULL)
        snprintf(s->url, sizeof s->url, "%.*s", (int)(strlen(cfg->url) - (strlen(cfg->url) > 0 && cfg->url[strlen(cfg->url) - 1] == '/')), cfg->url);
    find_config(s);
    tl_run_signals();
    int rc = cfg->url != NULL ? 0 : check_folder(s, err);
    if (rc == 0 && cfg->url == NULL)
        rc = start_missing(s, err);
    for (enum session_program p = 0; p < SESSION_PROGRAMS && rc == 0; p++)
        if (s->program[p].needed)
            rc = wait_healthy(s, p, err);
    *out = s;
    if (rc != 0)
        session_close(out);
    return rc;
}

void
session_close(struct session **sp)
{
    static const enum session_program order[SESSION_PROGRAMS] = { SESSION_COLLECTOR, SESSION_VIEWER, SESSION_AGGREGATOR };
    struct session *s = *sp;
    if (s == NULL)
        return;
    for (int i = 0; i < SESSION_PROGRAMS && s->keeper != NULL; i++)
        if (s->program[order[i]].own)
            keeper_stop(s->keeper, s->program[order[i]].child, 15000);
    if (s->keeper != NULL)
        tl_run_withdraw(s->data, "session");
    keeper_free(&s->keeper);
    tl_fetch_free(&s->fetch);
    pthread_mutex_destroy(&s->fetch_lock);
    pthread_mutex_destroy(&s->revive_lock);
    tl_free(s);
    *sp = NULL;
}

/* what another command started may be stopped by it while we still need it: then we start our own */
static void
revive(struct session *s)
{
    struct tl_err err;
    pthread_mutex_lock(&s->revive_lock);
    if (s->url[0] == '\0' && s->keeper == NULL && !s->cfg.own_ports && !tl_run_stopping() && !all_run(s) && start_missing(s, &err) == 0)
        for (enum session_program p = 0; p < SESSION_PROGRAMS; p++)
            if (s->program[p].needed)
                wait_healthy(s, p, &err);
    pthread_mutex_unlock(&s->revive_lock);
}

/* ---- speaking to them ---- */
char *
session_url(struct session *s, enum session_program p, char url[80])
{
    struct tl_run_info info;
    url[0] = '\0';
    if (s->url[0] != '\0')
        snprintf(url, 80, "%s", s->url);
    else {
        if (s->program[p].needed && tl_run_find(s->data, names[p], &info, NULL) != 0)
            revive(s);
        if (tl_run_find(s->data, names[p], &info, NULL) == 0)
            memcpy(url, info.http, 80);
    }
    return url;
}

bool
session_needs(const struct session *s, enum session_program p)
{
    return s->program[p].needed;
}

char *
session_token(struct session *s, char token[65])
{
    if (s->url[0] != '\0' || tl_run_token(s->data, 0, token, NULL) != 0)
        token[0] = '\0';
    return token;
}

bool
session_is_own(const struct session *s)
{
    return s->keeper != NULL;
}

int
session_restarts(struct session *s)
{
    return s->keeper != NULL ? keeper_restarts(s->keeper) : 0;
}

static int
code_of(int status)
{
    switch (status) {
    case 404: return TL_ENOTFOUND;
    case 401: case 403: return TL_EAUTH;
    case 409: return TL_EEXIST;
    case 429: case 503: return TL_EBUSY;
    default: return status < 500 ? TL_EINVAL : TL_EIO;
    }
}

/* the text of {"error":{"code","text"}}, or the body's beginning */
static int
answered_error(int status, const struct tl_buf *body, size_t begin, const char *url, struct tl_err *err)
{
    struct tl_arena *a = tl_arena_new(1024 * 1024);
    struct tl_jv *root = NULL;
    struct tl_str text = { (const char *)body->data + begin, body->len - begin };
    if (a != NULL && tl_json_tree(a, text, 0, &root, NULL, NULL) == 0 && tl_jv_text(tl_jv_get(root, "error"), "text").n > 0)
        text = tl_jv_text(tl_jv_get(root, "error"), "text");
    int rc = tl_fail(err, code_of(status), "%.*s (HTTP %d from %.60s)", (int)(text.n < 160 ? text.n : 160), text.p != NULL ? text.p : "", status, url);
    tl_arena_free(&a);
    return rc;
}

static int
full_url(struct session *s, enum session_program p, const char *path, struct tl_buf *url, struct tl_err *err)
{
    char base[80];
    session_url(s, p, base);
    if (base[0] == '\0')
        return tl_fail(err, TL_ENET, "no %s is running on %s", names[p], s->data);
    tl_buf_put_str(url, base);
    tl_buf_put_str(url, path);
    tl_buf_put_u8(url, 0);
    return url->failed ? tl_fail(err, TL_ENOMEM, "out of memory") : 0;
}

static int
ask(struct session *s, enum session_program p, const char *method, const char *path, const char *const *headers, struct tl_str body, struct tl_buf *out,
    struct tl_err *err)
{
    struct tl_buf url = {0};
    int status = 0, rc = full_url(s, p, path, &url, err);
    size_t begin = out->len;
    if (rc == 0) {
        pthread_mutex_lock(&s->fetch_lock);
        rc = tl_fetch_do(s->fetch, method, (const char *)url.data, headers, body, &status, NULL, out, err);
        pthread_mutex_unlock(&s->fetch_lock);
    }
    if (rc == 0 && status / 100 != 2)
        rc = answered_error(status, out, begin, (const char *)url.data, err);
    tl_buf_free(&url);
    return rc;
}

int
session_get(struct session *s, enum session_program p, const char *path, struct tl_buf *out, struct tl_err *err)
{
    return ask(s, p, "GET", path, NULL, (struct tl_str){0}, out, err);
}

int
session_get_to(struct session *s, enum session_program p, const char *path, int fd, uint64_t *written, struct tl_err *err)
{
    struct tl_buf url = {0}, other = {0};
    int status = 0, rc = full_url(s, p, path, &url, err);
    if (rc == 0) {
        pthread_mutex_lock(&s->fetch_lock);
        rc = tl_fetch_to_fd(s->fetch, (const char *)url.data, fd, &status, written, &other, err);
        pthread_mutex_unlock(&s->fetch_lock);
    }
    if (rc == 0 && status / 100 != 2)
        rc = answered_error(status, &other, 0, (const char *)url.data, err);
    tl_buf_free(&url);
    tl_buf_free(&other);
    return rc;
}

/* who enters it: TOUCHLINE_ACTOR, else the login's name; printable ASCII only, since it goes into a header */
static void
actor(char *out, size_t cap)
{
    const char *name = getenv("TOUCHLINE_ACTOR");
    if (name == NULL || *name == '\0')
        name = getenv("USER");
    size_t n = (size_t)snprintf(out, cap, "X-Touchline-Actor: ");
    for (; name != NULL && *name != '\0' && n < cap - 1; name++)
        if (*name > ' ' && *name < 127)
            out[n++] = *name;
    out[n] = '\0';
}

int
session_control(struct session *s, const char *kind, struct tl_str body, struct tl_buf *out, struct tl_err *err)
{
    char token[65], header[120], path[80], who[120];
    const char *headers[] = { header, "Content-Type: application/json", who, NULL };
    int rc = tl_run_token(s->data, 0, token, err);
    if (rc != 0)
        return rc;
    snprintf(header, sizeof header, "Authorization: Bearer %s", token);
    snprintf(path, sizeof path, "/control/%s", kind);
    actor(who, sizeof who);
    return ask(s, SESSION_AGGREGATOR, "POST", path, headers, body, out, err);
}

int
session_post(struct session *s, enum session_program p, const char *path, struct tl_str body, struct tl_buf *out, struct tl_err *err)
{
    const char *headers[] = { "Content-Type: application/json", NULL };
    return ask(s, p, "POST", path, headers, body, out, err);
}

int
session_metric(struct session *s, enum session_program p, const char *name, int64_t *value, struct tl_err *err)
{
    struct tl_buf b = {0};
    int rc = session_get(s, p, "/metrics", &b, err);
    tl_buf_put_u8(&b, 0);
    size_t n = strlen(name);
    for (const char *at = rc == 0 && !b.failed ? (const char *)b.data : NULL; at != NULL; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (strncmp(at, name, n) == 0 && (at[n] == ' ' || at[n] == '{')) {
            const char *blank = strchr(at, ' ');
            *value = blank != NULL ? (int64_t)strtod(blank, NULL) : 0;
            tl_buf_free(&b);
            return 0;
        }
    }
    tl_buf_free(&b);
    return rc != 0 ? rc : tl_fail(err, TL_ENOTFOUND, "the %s has no metric %s", names[p], name);
}
