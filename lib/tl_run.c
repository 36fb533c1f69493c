/* tl_run.c - see tl_run.h. A lock file, not the pid, says who runs: the kernel lets go of it however the process ends. */
#include "tl_run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tl_hash.h"
#include "tl_json.h"
#include "tl_port.h"

#define FILE_MAX 1024
#define TOKEN_BYTES 16

char *
tl_run_path(char out[PATH_MAX], const char *data, const char *name)
{
    if (snprintf(out, PATH_MAX, "%s/%s", data, name) >= PATH_MAX)
        out[0] = '\0';
    return out;
}

static char *
run_file(char out[PATH_MAX], const char *data, const char *program, const char *ending)
{
    if (snprintf(out, PATH_MAX, "%s/run/%s.%s", data, program, ending) >= PATH_MAX)
        out[0] = '\0';
    return out;
}

static int
make_dir(const char *path, struct tl_err *err)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return 0;
    return tl_fail(err, TL_EIO, "cannot make folder %s: %s", path, strerror(errno));
}

static ssize_t
read_file(const char *path, char *out, size_t cap)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t n = read(fd, out, cap - 1);
    close(fd);
    out[n > 0 ? n : 0] = '\0';
    return n;
}

/* written under another name, then renamed: a reader never sees half a file */
static int
write_file(const char *path, const char *text, struct tl_err *err)
{
    char temp[PATH_MAX + 16];
    snprintf(temp, sizeof temp, "%s.%d", path, (int)getpid());
    int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0)
        close(fd);
    if (!ok || rename(temp, path) < 0)
        return tl_fail(err, TL_EIO, "cannot write %s: %s", path, strerror(errno));
    return 0;
}

/* Open-file-description locks: asking who holds one does not take it, so a question never makes a start fail. */
static bool
lock_call(int fd, int command, struct flock *l)
{
    *l = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
    return fcntl(fd, command, l) == 0;
}

static int
read_info(const char *data, const char *program, struct tl_run_info *info)
{
    char path[PATH_MAX], text[FILE_MAX];
    struct tl_jv *root = NULL;
    ssize_t n = read_file(run_file(path, data, program, "json"), text, sizeof text);
    struct tl_arena *a = n > 0 ? tl_arena_new(65536) : NULL;
    *info = (struct tl_run_info){ 0 };
    if (!a || tl_json_tree(a, (struct tl_str){ text, (size_t)n }, 0, &root, NULL, NULL) != 0) {
        tl_arena_free(&a);
        return TL_ENOTFOUND;
    }
    struct tl_str http = tl_jv_text(root, "http"), bus = tl_jv_text(root, "bus"), visit = tl_jv_text(root, "visit");
    info->pid = (int)tl_jv_int(root, "pid", 0);
    snprintf(info->http, sizeof info->http, "%.*s", (int)http.n, http.p ? http.p : "");
    snprintf(info->bus, sizeof info->bus, "%.*s", (int)bus.n, bus.p ? bus.p : "");
    snprintf(info->visit, sizeof info->visit, "%.*s", (int)visit.n, visit.p ? visit.p : "");
    tl_arena_free(&a);
    return 0;
}

int
tl_run_claim(const char *data, const char *program, struct tl_err *err)
{
    char path[PATH_MAX];
    struct tl_run_info holder;
    struct flock l;
    if (make_dir(data, err) != 0 || make_dir(tl_run_path(path, data, "run"), err) != 0)
        return TL_EIO;
    int fd = open(run_file(path, data, program, "lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return tl_fail(err, TL_EIO, "cannot open %s: %s", path, strerror(errno));
    if (lock_call(fd, F_OFD_SETLK, &l))
        return 0;
    close(fd);
    read_info(data, program, &holder);
    return tl_fail(err, TL_EBUSY, "a %s is running on %s already (pid %d); stop it, or choose another folder with --data", program, data, holder.pid);
}

int
tl_run_publish(const char *data, const char *program, const struct tl_run_info *info, struct tl_err *err)
{
    char path[PATH_MAX], text[FILE_MAX];
    snprintf(text, sizeof text, "{\"pid\":%d,\"http\":\"%s\",\"bus\":\"%s\",\"visit\":\"%s\"}\n", info->pid, info->http, info->bus, info->visit);
    return write_file(run_file(path, data, program, "json"), text, err);
}

void
tl_run_withdraw(const char *data, const char *program)
{
    char path[PATH_MAX];
    unlink(run_file(path, data, program, "json"));
}

int
tl_run_find(const char *data, const char *program, struct tl_run_info *info, struct tl_err *err)
{
    char path[PATH_MAX];
    struct flock l;
    int fd = open(run_file(path, data, program, "lock"), O_RDWR | O_CLOEXEC);
    bool held = fd >= 0 && lock_call(fd, F_OFD_GETLK, &l) && l.l_type != F_UNLCK;
    if (fd >= 0)
        close(fd);
    if (!held || read_info(data, program, info) != 0)
        return tl_fail(err, TL_ENOTFOUND, "no %s is running on %s", program, data);
    return 0;
}

int
tl_run_token(const char *data, int make, char token[65], struct tl_err *err)
{
    char path[PATH_MAX];
    uint8_t secret[TOKEN_BYTES];
    ssize_t n = read_file(tl_run_path(path, data, "run/token"), token, 65);
    if (n == 2 * TOKEN_BYTES)
        return 0;
    if (!make)
        return tl_fail(err, TL_ENOTFOUND, "cannot read %s: is an aggregator running on %s?", path, data);
    tl_rand_real()->fill(tl_rand_real(), secret, sizeof secret);
    tl_hex(secret, sizeof secret, token);
    return write_file(path, token, err);
}

/* ---- signals ---- */

static atomic_bool stopping;
static int stop_fd = -1;

static void
on_signal(int sig)
{
    (void)sig;
    tl_run_stop();
}

void
tl_run_stop(void)
{
    uint64_t one = 1;
    atomic_store(&stopping, true);
    if (stop_fd >= 0 && write(stop_fd, &one, sizeof one) < 0)
        return;
}

bool
tl_run_stopping(void)
{
    return atomic_load(&stopping);
}

int
tl_run_signals(void)
{
    struct sigaction sa = { .sa_handler = on_signal };
    if (stop_fd < 0)
        stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    signal(SIGPIPE, SIG_IGN);
    return stop_fd;
}
