/* fire.h - the real programs under numbered events: start, find, drain and stop them; senders that note what was promised (for kill_check). */
#ifndef FLOW_FIRE_H
#define FLOW_FIRE_H

#include <stdbool.h>
#include <sys/types.h>

#include "tl_fetch.h"
#include "tl_run.h"

#define FIRE_PROGRAMS_MAX 5                  /* [0] is the aggregator */

struct fire_program {
    const char *name, *data;
    pid_t pid;
    struct tl_run_info info;            /* http: written once, before any sender starts; later starts keep the port */
    char port[8];
};
extern struct fire_program fire_program[FIRE_PROGRAMS_MAX];
extern int fire_programs_n;
extern const char *fire_bus;            /* what collectors outside the aggregator's folder connect to; NULL: the aggregator's own */

/* fire_open - an aggregator and a collector in `data`; each further word of `word` (NULL ends it) is the folder of one more collector, or a --SETTING of all.
 * The history goes to the file `history`. */
void fire_open(const char *build, const char *data, const char *history, char **word);
void fire_close(void);
void fire_die(const char *what, const char *why);        /* kills all, exits 1 */
void fire_nap_ms(long ms);

void fire_launch(struct fire_program *p);
void fire_await(struct tl_fetch *f, struct fire_program *p);        /* until it answers */
void fire_await_drained(struct tl_fetch *f);             /* until every spool is empty and journeys/ has all of the log */
void fire_stop(struct fire_program *p);                  /* SIGTERM; it must end with 0 */
/* fire_backlog - records in the spool of a collector that the log has not; -1 without an answer */
long long fire_backlog(struct tl_fetch *f, const struct fire_program *p);

/* fire_send - four senders from now on; each body waits pause_ms around; fire_sent ends them and returns the events acknowledged */
void fire_send(int pause_ms);
unsigned long long fire_acked(void);
unsigned long long fire_sent(void);

#endif
