/* up_demo.c - see up_demo.h. Ports are those of `up` plus 100, so that the demo and a store of one's own run side by side. */
#include "cli.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "up_demo.h"

static char *const settings[] = {
    (char *)"--data=./demo-data",      (char *)"--timezone=Asia/Shanghai",          (char *)"--collector.port=8180",
    (char *)"--aggregator.port=8181",  (char *)"--aggregator.bus=tcp://127.0.0.1:5670", (char *)"--viewer.port=8190",
    (char *)"--viewer.other_data=./data",
};
#define SETTINGS_N (sizeof settings / sizeof settings[0])

char **
up_demo_take(int *argc, char **argv, bool *demo)
{
    char **with = calloc((size_t)*argc + SETTINGS_N + 1, sizeof *with);
    int n = 0;
    *demo = false;
    for (int i = 1; i < *argc; i++)
        *demo |= strcmp(argv[i], "--demo") == 0;
    if (!*demo || !with) {
        free(with);
        return argv;
    }
    with[n++] = argv[0];
    for (size_t i = 0; i < SETTINGS_N; i++)
        with[n++] = settings[i];
    for (int i = 1; i < *argc; i++)
        if (strcmp(argv[i], "--demo") != 0)
            with[n++] = argv[i];
    *argc = n;
    return with;
}

int
up_demo_start(const char *data, int *pid, struct tl_err *err)
{
    int parent = getpid();
    *pid = fork();
    if (*pid < 0)
        return tl_fail(err, TL_EIO, "cannot start the program that sends the demo: %s", strerror(errno));
    if (*pid > 0)
        return 0;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() == parent)
        execl("/proc/self/exe", "touchline", "simulate", "--data", data, "--live", (char *)NULL);
    _exit(127);
}

void
up_demo_stop(int pid)
{
    if (pid <= 0)
        return;
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
}
