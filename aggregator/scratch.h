/* scratch.h - `touchline-aggregator --scratch DIR --until N`: one store is made beside a running aggregator, of the same log, by another catalogue. Holds no
 * lock of DATA, opens no address, and writes nothing but DIR. Lines on stdout say how far it is: `progress PHASE DONE TOTAL`, in the end `done` or `failed TEXT`. */
#ifndef SCRATCH_H
#define SCRATCH_H

#include "tl_conf.h"

struct scratch { const char *dir; uint64_t until; };
/* scratch_option - takes argv[*i] and its value when they are its own */
bool scratch_option(struct scratch *s, int argc, char **argv, int *i);
int scratch_run(const struct scratch *s, const struct tl_conf *conf);    /* the exit code */

#endif
