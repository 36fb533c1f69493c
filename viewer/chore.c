/* chore.c - see chore.h. Output goes to files, not pipes: nobody has to read while it runs, and its length is known before it is read. */
#include "chore.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tl_port.h"

#define FREE_WAIT_MS 10000
#define FREE_POLL_MS 20

struct chore {
    pthread_mutex_t lock;
    char folder[PATH_MAX];
    pid_t pid;                          /* 0: none runs */
    struct chore_look look;
    int64_t ended_ms;
    int code;                           /* how it ended */
};

static int64_t
now_ms(void)
{
    return tl_clock_real()->wall_ms(tl_clock_real());
}

int
chore_new(struct chore **out, const char *folder, struct tl_err *err)
{
    struct chore *c = *out = tl_alloc(sizeof *c);
    if (!c) return tl_fail(err, TL_ENOMEM, "out of memory");
    pthread_mutex_init(&c->lock, NULL);
    snprintf(c->folder, sizeof c->folder, "%s", folder);
    return 0;
}

/* ---- starting ---- */

/* beside this program, as `make` and a package put them */
static int
program(char out[PATH_MAX], struct tl_err *err)
{
    ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 16);
    char *slash = NULL;
    if (n > 0) {
        out[n] = '\0';
        slash = strrchr(out, '/');
    }
    if (slash) memcpy(slash + 1, "touchline", sizeof "touchline");
    if (slash && access(out, X_OK) == 0) return 0;
    return tl_fail(err, TL_ENOTFOUND, "the command `touchline` does not lie beside the viewer's program: use it from a terminal instead");
}

static int
output(const struct chore *c, const char *name, struct tl_err *err)
{
    char path[PATH_MAX + 8];
    snprintf(path, sizeof path, "%s/%s", c->folder, name);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    return fd >= 0 ? fd : tl_fail(err, TL_EIO, "cannot write %s: %s", path, strerror(errno));
}

/* in the child: between fork and exec only what is safe there */
static _Noreturn void
become(const char *path, char *const *argv, int out, int said)
{
    sigset_t none;
    int null = open("/dev/null", O_RDONLY);
    prctl(PR_SET_PDEATHSIG, SIGTERM);           /* sent when the thread that forked ends: a worker of the server, which lives as long as it does */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(said, 2) < 0) _exit(126);
    close_range(3, ~0u, 0);
    execv(path, argv);
    _exit(127);
}

static int
run(struct chore *c, const char *const *args, struct tl_err *err)
{
    char path[PATH_MAX], *argv[CHORE_ARGS_MAX + 2] = { NULL };
    int n = 0, out = -1, said = -1, rc = program(path, err);
    argv[n++] = path;
    for (; args[n - 1]; n++) {
        tl_assert(n <= CHORE_ARGS_MAX);
        union { const char *text; char *arg; } as = { args[n - 1] };        /* exec takes them without changing them */
        argv[n] = as.arg;
    }
    if (rc == 0 && (out = output(c, "out", err)) < 0) rc = out;
    if (rc == 0 && (said = output(c, "said", err)) < 0) rc = said;
    pid_t pid = rc == 0 ? fork() : -1;
    if (pid == 0) become(path, argv, out, said);
    if (rc == 0 && pid < 0) rc = tl_fail(err, TL_EIO, "cannot start a process: %s", strerror(errno));
    if (out >= 0) close(out);
    if (said >= 0) close(said);
    if (rc == 0) c->pid = pid;
    return rc;
}

/* under the lock: has it ended? */
static void
reap(struct chore *c)
{
    int status = 0;
    if (!c->pid || waitpid(c->pid, &status, WNOHANG) != c->pid) return;
    c->pid = 0;
    c->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    c->look.state = c->code ? CHORE_FAILED : CHORE_DONE;
    c->ended_ms = now_ms();
}

int
chore_start(struct chore *c, const char *what, const char *about, const char *const *args, struct tl_err *err)
{
    pthread_mutex_lock(&c->lock);
    reap(c);
    int rc = c->pid ? tl_fail(err, TL_EBUSY, "%s of %s is still running: wait for it, or stop it", c->look.what, c->look.about) : run(c, args, err);
    if (rc == 0) {
        c->look = (struct chore_look){ .state = CHORE_RUNS, .began_ms = now_ms() };
        snprintf(c->look.what, sizeof c->look.what, "%s", what);
        snprintf(c->look.about, sizeof c->look.about, "%s", about);
    }
    pthread_mutex_unlock(&c->lock);
    return rc;
}

/* ---- looking ---- */

/* the last `most` bytes of a file, or with whole: all of it, unless it is longer. false: longer, or not to be read */
static bool
read_file(const struct chore *c, const char *name, size_t most, bool whole, struct tl_buf *out)
{
    char path[PATH_MAX + 8], block[16384];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", c->folder, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fstat(fd, &st) == 0 && !(whole && (size_t)st.st_size > most);
    if (good && (size_t)st.st_size > most) good = lseek(fd, st.st_size - (off_t)most, SEEK_SET) >= 0;
    for (ssize_t n = 0; good && (n = read(fd, block, sizeof block)) > 0;) tl_buf_put(out, block, (size_t)n);
    if (fd >= 0) close(fd);
    return good;
}

void
chore_see(struct chore *c, struct chore_look *look, struct tl_buf *answer, struct tl_buf *said)
{
    pthread_mutex_lock(&c->lock);
    reap(c);
    if (c->look.state != CHORE_NONE) c->look.took_ms = (c->pid ? now_ms() : c->ended_ms) - c->look.began_ms;
    if (said && c->look.state != CHORE_NONE) read_file(c, "said", CHORE_SAID_MAX, false, said);
    if (answer && c->look.state == CHORE_DONE && !read_file(c, "out", CHORE_ANSWER_MAX, true, answer)) {
        c->look.state = CHORE_FAILED;
        if (said) tl_buf_put_str(said, "what it found is larger than 8 MB: use the command from a terminal");
    }
    *look = c->look;
    pthread_mutex_unlock(&c->lock);
}

void
chore_stop(struct chore *c)
{
    pthread_mutex_lock(&c->lock);
    reap(c);
    if (c->pid) {
        kill(c->pid, SIGTERM);
        c->look.stopped = true;
    }
    pthread_mutex_unlock(&c->lock);
}

void
chore_forget(struct chore *c)
{
    pthread_mutex_lock(&c->lock);
    reap(c);
    if (!c->pid) c->look = (struct chore_look){ .state = CHORE_NONE };
    pthread_mutex_unlock(&c->lock);
}

void
chore_free(struct chore **cp)
{
    struct chore *c = *cp;
    struct chore_look look;
    if (!c) return;
    chore_stop(c);
    for (int waited = 0; chore_see(c, &look, NULL, NULL), look.state == CHORE_RUNS && waited < FREE_WAIT_MS; waited += FREE_POLL_MS) poll(NULL, 0, FREE_POLL_MS);
    if (look.state == CHORE_RUNS) kill(c->pid, SIGKILL), waitpid(c->pid, NULL, 0);
    pthread_mutex_destroy(&c->lock);
    tl_free(c);
    *cp = NULL;
}
