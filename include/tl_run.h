/* tl_run.h - DATA and what runs on it: folder layout, run files, locks, the control token, stopping by signal.
 *
 * DATA/{log,journeys,spool,catalogue,keys,run,setup}. DATA/run/<program>.json = {"pid","http","bus"} while that program runs and holds DATA/run/<program>.lock. */
#ifndef TL_RUN_H
#define TL_RUN_H

#include <limits.h>
#include "tl_err.h"
#include "tl_mem.h"

struct tl_run_info {
    int pid;
    char http[80];              /* "http://127.0.0.1:8080" */
    char bus[80];               /* "tcp://127.0.0.1:5570", aggregator only */
    char visit[80];             /* "https://10.0.0.5:8443", where the viewer takes shoppers' phones, or "" */
};
/* tl_run_path - DATA/name into out[PATH_MAX]; returns out */
char *tl_run_path(char out[PATH_MAX], const char *data, const char *name);
/* tl_run_claim - make DATA and DATA/run, take the lock of `program`; TL_EBUSY names the pid that holds it. fd stays open for the process's life. */
int tl_run_claim(const char *data, const char *program, struct tl_err *err);
int tl_run_publish(const char *data, const char *program, const struct tl_run_info *info, struct tl_err *err);   /* atomic rename */
void tl_run_withdraw(const char *data, const char *program);
/* tl_run_find - is `program` running on data, and where? TL_ENOTFOUND when its lock is free. */
int tl_run_find(const char *data, const char *program, struct tl_run_info *info, struct tl_err *err);
/* tl_run_token - the control door's token: 32 hex characters in DATA/run/token (0600), made when `make` and absent */
int tl_run_token(const char *data, int make, char token[65], struct tl_err *err);

/* ---- signals: SIGINT and SIGTERM set a flag and wake an eventfd; SIGPIPE is ignored ---- */
int tl_run_signals(void);       /* install; returns the eventfd to poll */
bool tl_run_stopping(void);
void tl_run_stop(void);         /* as if signalled */

#endif
