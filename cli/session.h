/* session.h - the three programs as a command needs them: running ones are used, missing ones are started on free ports and stopped at the end.
 *
 * Whoever starts programs on a folder holds DATA/run/session.lock while they run; another command waits until they run, or until the lock is free.
 * What a session started is started again when it dies. A program's own lines go to DATA/run/PROGRAM.log (for `up`: to stderr). */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "tl_err.h"
#include "tl_mem.h"

enum session_program { SESSION_COLLECTOR, SESSION_AGGREGATOR, SESSION_VIEWER, SESSION_PROGRAMS };
#define SESSION_NEED(p) (1u << (p))

struct session;
struct session_cfg {
    const char *command;                 /* for messages: "import" */
    const char *data;                    /* --data; NULL: TOUCHLINE_DATA, else ./data */
    const char *url;                     /* --url: speak to this program, start nothing; NULL */
    unsigned needs;                      /* SESSION_NEED() of each */
    bool make;                           /* the folder may be made */
    bool own_ports;                      /* `up`: args say the ports; all of needs must be free to start; lines go to stderr */
    char *const *args;                   /* further arguments for each program, NULL-ended; may be NULL */
    int listen_fd[SESSION_PROGRAMS][2];  /* > 0: listening sockets that the program inherits; borrowed until session_close */
};
const char *session_data(const char *data);              /* the folder that --data, TOUCHLINE_DATA or the default name */
const char *session_program_name(enum session_program p);/* "collector" */

/* session_program_path - the program's file, beside this one. TL_ENOTFOUND. */
int session_program_path(enum session_program p, char out[4096], struct tl_err *err);

/* session_open - returns when everything needed answers. TL_ENOTFOUND: no such folder; TL_EBUSY: another `up` has it; TL_EIO: a program did not start, with its last words. */
int session_open(struct session **out, const struct session_cfg *cfg, struct tl_err *err);
/* session_url - where a program answers now, into url[80]; returns url ("" while it is down). Any thread. */
char *session_url(struct session *s, enum session_program p, char url[80]);
/* session_token - the folder's token into token[65]; returns token, "" when there is none or it is another machine's */
char *session_token(struct session *s, char token[65]);
bool session_is_own(const struct session *s);            /* it started a program */
bool session_needs(const struct session *s, enum session_program p);   /* it must run while this session lasts */
int session_restarts(struct session *s);                 /* programs that died and were started again */
/* session_get - GET path from a program; body appended to out. TL_ENET, or the code that fits the answer's status with its text. */
int session_get(struct session *s, enum session_program p, const char *path, struct tl_buf *out, struct tl_err *err);
/* session_get_to - GET path, written to fd as it comes */
int session_get_to(struct session *s, enum session_program p, const char *path, int fd, uint64_t *written, struct tl_err *err);
/* session_post - POST a JSON body to a program; the answer appended to out */
int session_post(struct session *s, enum session_program p, const char *path, struct tl_str body, struct tl_buf *out, struct tl_err *err);
/* session_control - POST /control/<kind> at the aggregator with the folder's token */
int session_control(struct session *s, const char *kind, struct tl_str body, struct tl_buf *out, struct tl_err *err);
/* session_metric - one value of /metrics */
int session_metric(struct session *s, enum session_program p, const char *name, int64_t *value, struct tl_err *err);
/* session_settle - wait until the log holds all that the collector acknowledged and the journeys all that the log holds; tells how far on a terminal.
 * Only with a folder (no url). TL_EINTR when stopped; TL_EBUSY: no progress for a minute. */
int session_settle(struct session *s, struct tl_err *err);
void session_close(struct session **sp);                 /* stops what it started, in order: collector, viewer, aggregator */

#endif
