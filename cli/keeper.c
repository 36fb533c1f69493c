/* keeper.c - see keeper.h. */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "tl_mem.h"
#include "tl_port.h"

#define LOOK_MS 5                   /* while something starts or stops */
#define REST_MS 100                 /* while all is well */
#define AGAIN_FIRST_MS 50
#define AGAIN_MOST_MS 5000
#define LIVED_WELL_US 1000000
#define HANDED_FD 3                 /* where LISTEN_FDS begins */
#define STOP_MS 10000

enum state { CHILD_WANTED, CHILD_RUNS, CHILD_ENDED /* for good */, CHILD_STOPPING, CHILD_STOPPED };

struct child {
    struct keeper_child is;
    enum state state;
    bool trusted;
    pid_t pid;
    int wait_ms;                 /* before the next start */
    int64_t due_us, started_us;
    char ended[64];
    char **env;                  /* ours, and the two lines of LISTEN_FDS; owned. NULL: ours */
    char listen_pid[32];
};

struct keeper {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool closing;
    int n, restarts;
    struct child child[KEEPER_CHILDREN_MAX];
    keeper_died died;
    void *arg;
    pid_t parent;
};

static int64_t
now_us(void)
{
    return tl_clock_real()->mono_us(tl_clock_real());
}

/* ---- the keeper's thread ---- */
/* Out of the way first: one of them may stand where another one goes. */
static void
hand_over(const int *listen_fd)
{
    int aside[KEEPER_LISTEN_MAX] = { 0 };
    for (int i = 0; i < KEEPER_LISTEN_MAX && listen_fd[i] > 0; i++)
        aside[i] = fcntl(listen_fd[i], F_DUPFD_CLOEXEC, HANDED_FD + KEEPER_LISTEN_MAX);
    for (int i = 0; i < KEEPER_LISTEN_MAX && listen_fd[i] > 0; i++)
        dup2(aside[i], HANDED_FD + i);
}

static void
become(struct child *c, pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0);               /* Ctrl-C is the parent's, which stops the programs in order */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(127);
    int in = open("/dev/null", O_RDONLY);
    int out = c->is.log[0] != '\0' ? open(c->is.log, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
    if (in >= 0)
        dup2(in, STDIN_FILENO);
    if (out >= 0) {
        dup2(out, STDOUT_FILENO);
        dup2(out, STDERR_FILENO);
    }
    if (c->env != NULL) {
        hand_over(c->is.listen_fd);
        snprintf(c->listen_pid, sizeof c->listen_pid, "LISTEN_PID=%d", (int)getpid());
        execve(c->is.path, c->is.argv, c->env);
    } else {
        execv(c->is.path, c->is.argv);
    }
    dprintf(STDERR_FILENO, "cannot start %s: %s\n", c->is.path, strerror(errno));
    _exit(127);
}

static void
start_child(struct keeper *k, struct child *c)
{
    c->started_us = now_us();
    c->pid = fork();
    if (c->pid == 0)
        become(c, k->parent);
    c->state = c->pid > 0 ? CHILD_RUNS : CHILD_ENDED;
    if (c->pid < 0) {
        snprintf(c->ended, sizeof c->ended, "cannot fork: %s", strerror(errno));
        c->pid = 0;
    }
    pthread_cond_broadcast(&k->changed);
}

static void
describe(int status, char out[64])
{
    if (WIFSIGNALED(status))
        snprintf(out, 64, "killed by signal %d", WTERMSIG(status));
    else
        snprintf(out, 64, "ended with code %d", WEXITSTATUS(status));
}

/* with the lock held */
static void
after_end(struct keeper *k, int i)
{
    struct child *c = &k->child[i];
    c->pid = 0;
    if (c->state == CHILD_STOPPING) {
        c->state = CHILD_STOPPED;
    } else if (!c->trusted) {
        c->state = CHILD_ENDED;
    } else {
        bool lived_well = now_us() - c->started_us > LIVED_WELL_US;
        c->wait_ms = lived_well || c->wait_ms == 0 ? AGAIN_FIRST_MS : c->wait_ms * 2 < AGAIN_MOST_MS ? c->wait_ms * 2 : AGAIN_MOST_MS;
        c->state = CHILD_WANTED;
        c->due_us = now_us() + c->wait_ms * INT64_C(1000);
        k->restarts++;
        if (k->died != NULL)
            k->died(k->arg, i, c->ended, c->wait_ms);
    }
    pthread_cond_broadcast(&k->changed);
}

static bool
all_well(const struct keeper *k)
{
    for (int i = 0; i < k->n; i++)
        if (k->child[i].state != CHILD_STOPPED && (k->child[i].state != CHILD_RUNS || !k->child[i].trusted))
            return false;
    return true;
}

static void
wait_a_moment(struct keeper *k)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (all_well(k) ? REST_MS : LOOK_MS) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_cond_timedwait(&k->changed, &k->lock, &until);
}

static void *
keep(void *arg)
{
    struct keeper *k = arg;
    pthread_mutex_lock(&k->lock);
    while (!k->closing) {
        for (int i = 0; i < k->n; i++) {
            struct child *c = &k->child[i];
            int status;
            if (c->state == CHILD_WANTED && now_us() >= c->due_us)
                start_child(k, c);
            if (c->pid > 0 && waitpid(c->pid, &status, WNOHANG) == c->pid) {
                describe(status, c->ended);
                after_end(k, i);
            }
        }
        wait_a_moment(k);
    }
    pthread_mutex_unlock(&k->lock);
    return NULL;
}

/* ---- the caller's side ---- */
int
keeper_new(struct keeper **out, keeper_died died, void *arg, struct tl_err *err)
{
    struct keeper *k = tl_alloc(sizeof *k);
    *out = NULL;
    if (k == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory");
    k->died = died;
    k->arg = arg;
    k->parent = getpid();
    pthread_mutex_init(&k->lock, NULL);
    pthread_cond_init(&k->changed, NULL);
    if (pthread_create(&k->thread, NULL, keep, k) != 0) {
        tl_free(k);
        return tl_fail(err, TL_ENOMEM, "cannot start a thread");
    }
    *out = k;
    return 0;
}

/* made before the fork: between fork and exec nothing may be allocated */
static char **
make_env(struct child *c)
{
    static char one[] = "LISTEN_FDS=1", two[] = "LISTEN_FDS=2";
    size_t n = 0, out = 0;
    while (environ[n] != NULL)
        n++;
    char **env = tl_alloc((n + 3) * sizeof *env);
    for (size_t i = 0; env != NULL && i < n; i++)
        if (strncmp(environ[i], "LISTEN_", 7) != 0)
            env[out++] = environ[i];
    if (env != NULL) {
        env[out++] = c->is.listen_fd[1] > 0 ? two : one;
        env[out] = c->listen_pid;
    }
    return env;
}

int
keeper_start(struct keeper *k, const struct keeper_child *child, struct tl_err *err)
{
    pthread_mutex_lock(&k->lock);
    int i = k->n < KEEPER_CHILDREN_MAX ? k->n : -1;
    if (i >= 0) {
        k->child[i] = (struct child){ .is = *child, .state = CHILD_WANTED };
        if (child->listen_fd[0] > 0)
            k->child[i].env = make_env(&k->child[i]);
        k->n++;
        pthread_cond_broadcast(&k->changed);
        while (k->child[i].state == CHILD_WANTED)
            pthread_cond_wait(&k->changed, &k->lock);
    }
    pthread_mutex_unlock(&k->lock);
    return i >= 0 ? i : tl_fail(err, TL_EINVAL, "too many child processes");
}

int
keeper_pid(struct keeper *k, int i)
{
    pthread_mutex_lock(&k->lock);
    int pid = k->child[i].state == CHILD_RUNS ? k->child[i].pid : 0;
    pthread_mutex_unlock(&k->lock);
    return pid;
}

void
keeper_trust(struct keeper *k, int i)
{
    pthread_mutex_lock(&k->lock);
    k->child[i].trusted = true;
    pthread_mutex_unlock(&k->lock);
}

bool
keeper_ended(struct keeper *k, int i, char text[64])
{
    pthread_mutex_lock(&k->lock);
    bool ended = k->child[i].state == CHILD_ENDED;
    if (ended)
        memcpy(text, k->child[i].ended, 64);
    pthread_mutex_unlock(&k->lock);
    return ended;
}

int
keeper_restarts(struct keeper *k)
{
    pthread_mutex_lock(&k->lock);
    int n = k->restarts;
    pthread_mutex_unlock(&k->lock);
    return n;
}

void
keeper_stop(struct keeper *k, int i, int wait_ms)
{
    pthread_mutex_lock(&k->lock);
    struct child *c = &k->child[i];
    int64_t until_us = now_us() + wait_ms * INT64_C(1000);
    if (c->pid == 0) {
        c->state = CHILD_STOPPED;
    } else {
        c->state = CHILD_STOPPING;
        kill(c->pid, SIGTERM);
        pthread_cond_broadcast(&k->changed);
    }
    while (c->state == CHILD_STOPPING) {
        wait_a_moment(k);
        if (c->state == CHILD_STOPPING && now_us() > until_us) {
            kill(c->pid, SIGKILL);
            until_us = now_us() + wait_ms * INT64_C(1000);
        }
    }
    pthread_mutex_unlock(&k->lock);
}

void
keeper_free(struct keeper **kp)
{
    struct keeper *k = *kp;
    if (k == NULL)
        return;
    for (int i = k->n; i-- > 0;)
        keeper_stop(k, i, STOP_MS);
    pthread_mutex_lock(&k->lock);
    k->closing = true;
    pthread_cond_broadcast(&k->changed);
    pthread_mutex_unlock(&k->lock);
    pthread_join(k->thread, NULL);
    for (int i = 0; i < k->n; i++)
        tl_free(k->child[i].env);
    pthread_cond_destroy(&k->changed);
    pthread_mutex_destroy(&k->lock);
    tl_free(k);
    *kp = NULL;
}
