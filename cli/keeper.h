/* keeper.h - child processes: started, watched, started again when they die, stopped. One thread does it all, because a child asks to be told
 * when the thread that made it ends (PR_SET_PDEATHSIG): however this process ends, its children do too. */
#ifndef CLI_KEEPER_H
#define CLI_KEEPER_H

#include <stdbool.h>
#include "tl_err.h"

#define KEEPER_CHILDREN_MAX 4
#define KEEPER_ARGS_MAX 64
#define KEEPER_LISTEN_MAX 2

struct keeper;
struct keeper_child {
    const char *name;                    /* for messages */
    char path[4096];                     /* of the program */
    char *argv[KEEPER_ARGS_MAX];         /* borrowed, NULL-ended */
    char log[4096];                      /* its stderr and stdout go there; "": ours */
    int listen_fd[KEEPER_LISTEN_MAX];    /* > 0: listening sockets that it inherits (LISTEN_FDS): their ports stay open while it is down; borrowed. A 0 ends them */
};
/* died - child i ended and is started again in wait_ms; ended: "killed by signal 9" */
typedef void (*keeper_died)(void *arg, int i, const char *ended, int wait_ms);
int keeper_new(struct keeper **out, keeper_died died, void *arg, struct tl_err *err);
/* keeper_start - add a child and start it; returns its index, or TL_ENOMEM, TL_EIO. TL_EINVAL: too many. */
int keeper_start(struct keeper *k, const struct keeper_child *child, struct tl_err *err);
int keeper_pid(struct keeper *k, int i);                 /* 0 while it is down */
/* keeper_trust - the child has answered: from now on it is started again when it dies; before that its end is final */
void keeper_trust(struct keeper *k, int i);
/* keeper_ended - true when it ended before it was trusted; how into text[64] */
bool keeper_ended(struct keeper *k, int i, char text[64]);
int keeper_restarts(struct keeper *k);
/* keeper_stop - TERM, wait up to wait_ms, KILL */
void keeper_stop(struct keeper *k, int i, int wait_ms);
void keeper_free(struct keeper **kp);                    /* stops what still runs, last started first */

#endif
