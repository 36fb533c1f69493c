/* doctor_visits.h - what `touchline doctor` says of mystery visits: evidence that is not what was taken, visits that cannot be right, and whether phones reach the page. */
#ifndef CLI_DOCTOR_VISITS_H
#define CLI_DOCTOR_VISITS_H

#include "tl_conf.h"

/* tell(arg, "ok" | "warn" | "BAD", text) */
void doctor_visits(const char *data, const struct tl_conf *conf, bool quick, void (*tell)(void *arg, const char *mark, const char *text), void *arg);

#endif
