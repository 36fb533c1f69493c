/* disk_drive.c - log, spool, journeys and the SDK's queue file on a bad disk (disk_preload.c), many times over.
 *
 *   disk_drive cuts TARGET SHIM WORK N SEED [nosync]   N power cuts, each at an operation drawn from the whole run; then everything is opened and compared
 *   disk_drive fails TARGET SHIM WORK MODE [STEP]      the k-th operation fails with MODE (EIO ENOSPC EINTR short), for the first 12 and every STEP-th k
 *   (disk_drive write|check TARGET DIR SEED [ACKED] is what they start)
 *
 * Held to: what was acknowledged is there and right, after any cut or failure; journeys become what the log says; no program ends by a signal of its own. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "disk.h"
#include "tl_logfmt.h"
#include "tl_run.h"

/* ---- runs ---- */

struct run { const char *self, *shim, *target, *work; char dir[PATH_MAX], count[PATH_MAX]; uint64_t seed; bool nosync; };

static void
shell(const char *fmt, const char *a, const char *b)
{
    char text[2 * PATH_MAX + 64];
    snprintf(text, sizeof text, fmt, a, b);
    if (system(text) != 0)
        abort();
}

static void
fresh(const struct run *r)
{
    shell("rm -rf '%s'; mkdir -p '%s'", r->dir, r->dir);
    if (strcmp(r->target, "journeys") == 0)
        shell("cp -r '%s/base/keys' '%s/'", r->work, r->dir);
}

static void
set_fault(const struct run *r, const char *mode, long at)
{
    char text[32];
    setenv("LD_PRELOAD", r->shim, 1);
    setenv("FAULT_DIR", r->dir, 1);
    setenv("FAULT_MODE", mode, 1);
    snprintf(text, sizeof text, "%ld", at);
    setenv("FAULT_AT", text, 1);
    snprintf(text, sizeof text, "%llu", (unsigned long long)r->seed + (unsigned long long)at);
    setenv("FAULT_SEED", text, 1);
    setenv("FAULT_COUNT", r->count, 1);
    if (r->nosync)
        setenv("FAULT_NOSYNC", "1", 1);
}

/* start - a child that does verb; its status, and the last number it acknowledged. mode NULL: on a good disk */
static int
start(const struct run *r, const char *verb, const char *mode, long at, uint64_t *acked)
{
    int out[2], status = 0;
    char seed[32], number[32], text[4096] = "";
    size_t n = 0;
    if (pipe(out) != 0)
        abort();
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)r->seed);
    snprintf(number, sizeof number, "%llu", (unsigned long long)*acked);
    pid_t pid = fork();
    if (pid == 0) {
        if (mode)
            set_fault(r, mode, at);
        dup2(out[1], STDOUT_FILENO);
        if (mode)
            dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
        close(out[0]);
        execl(r->self, r->self, verb, r->target, r->dir, seed, number, (char *)NULL);
        _exit(99);
    }
    close(out[1]);
    for (ssize_t got; (got = read(out[0], text + n, sizeof text - 1 - n)) > 0;) {
        n += (size_t)got;
        text[n] = '\0';
        char *end = strrchr(text, '\n');
        if (end && strcmp(verb, "write") == 0) {
            *end = '\0';
            char *line = strrchr(text, '\n');
            *acked = strtoull(line ? line + 1 : text, NULL, 10);
            n = (size_t)snprintf(text, sizeof text, "%llu\n", (unsigned long long)*acked);
        } else if (end) {
            n = 0;
        }
    }
    close(out[0]);
    waitpid(pid, &status, 0);
    return status;
}

static long
operations(const struct run *r)
{
    uint64_t acked = 0;
    long n = 0;
    fresh(r);
    int status = start(r, "write", "cut", 0, &acked);
    FILE *f = fopen(r->count, "re");
    if (status != 0 || !f || fscanf(f, "%ld", &n) != 1 || n == 0) {
        fprintf(stderr, "%s: a run without faults failed\n", r->target);
        exit(1);
    }
    fclose(f);
    return n;
}

static void
make_base(struct run *r)
{
    char path[PATH_MAX];
    struct run base = *r;
    uint64_t acked = 0;
    snprintf(base.dir, sizeof base.dir, "%s/base", r->work);
    shell("rm -rf '%s'; mkdir -p '%s'", base.dir, base.dir);
    base.target = "log";
    if (start(&base, "write", NULL, 0, &acked) != 0)
        exit(1);
    base.target = "journeys";
    if (start(&base, "write", NULL, 0, &acked) != 0 || access(tl_run_path(path, base.dir, "keys/identity.key"), R_OK) != 0)
        exit(1);
}

static int
cuts(struct run *r, long n)
{
    long all = operations(r), failed = 0, whole = 0;
    for (long i = 0; i < n; i++) {
        uint64_t acked = 0, zero = 0;
        long at = 1 + (long)(disk_draw(r->seed, (uint64_t)i, 5) % (uint64_t)all);
        fresh(r);
        r->seed++;
        int status = start(r, "write", "cut", at, &acked);
        whole += status == 0;
        if (!(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) && status != 0) {
            fprintf(stderr, "%s: cut %ld at operation %ld: the writer ended with status %d\n", r->target, i, at, status);
            failed++;
        }
        zero = acked;
        if (start(r, "check", NULL, 0, &zero) != 0) {
            if (!r->nosync)
                fprintf(stderr, "%s: cut %ld at operation %ld, seed %llu\n", r->target, i, at, (unsigned long long)r->seed);
            failed++;
        }
    }
    printf("%s: %ld cuts over %ld operations%s: %ld failed (%ld runs ended before their cut)\n", r->target, n, all, r->nosync ? ", without syncs" : "", failed, whole);
    return r->nosync ? failed == 0 : failed != 0;
}

static int
fails(struct run *r, const char *mode, long step)
{
    long all = operations(r), failed = 0, survived = 0;
    for (long at = 1; at <= all; at += at < 12 ? 1 : step) {
        uint64_t acked = 0, again = 0;
        fresh(r);
        int status = start(r, "write", mode, at, &acked);
        survived += status == 0;
        again = acked;
        if (!WIFEXITED(status) || start(r, "check", NULL, 0, &again) != 0) {
            fprintf(stderr, "%s: operation %ld failing with %s: status %d, %llu acknowledged\n", r->target, at, mode, status, (unsigned long long)acked);
            failed++;
        }
    }
    printf("%s: of %ld operations each %ld. failing with %s: %ld wrong (%ld runs went on to their end)\n", r->target, all, step, mode, failed, survived);
    return failed != 0;
}

int
main(int argc, char **argv)
{
    const struct disk_target *t = NULL;
    tl_log_program("disk_drive");
    for (const struct disk_target *d = disk_targets; argc > 4 && d->name; d++)
        if (strcmp(d->name, argv[2]) == 0)
            t = d;
    if (!t || disk_init() < 0)
        return 2;
    if (strcmp(argv[1], "write") == 0)
        return t->write(argv[3], strtoull(argv[4], NULL, 10));
    if (strcmp(argv[1], "check") == 0)
        return t->check(argv[3], strtoull(argv[4], NULL, 10), argc > 5 ? strtoull(argv[5], NULL, 10) : 0);
    struct run r = { .self = "/proc/self/exe", .shim = argv[3], .target = argv[2], .work = argv[4], .seed = 1 };
    snprintf(r.dir, sizeof r.dir, "%s/run", r.work);
    snprintf(r.count, sizeof r.count, "%s/count", r.work);
    make_base(&r);
    if (strcmp(argv[1], "fails") == 0 && argc >= 6)
        return fails(&r, argv[5], argc > 6 ? atol(argv[6]) : 1);
    r.seed = argc > 6 ? strtoull(argv[6], NULL, 10) : 1;
    r.nosync = argc > 7;
    return argc > 5 ? cuts(&r, atol(argv[5])) : 2;
}
