/* up_demo.h - what `touchline up --demo` adds to `up`: the demo's folder, ports, time zone and catalogue, and the program that sends it. */
#ifndef CLI_UP_DEMO_H
#define CLI_UP_DEMO_H

#include "tl_err.h"

/* up_demo_take - when argv holds --demo: takes it out, and puts the demo's settings before the others, so that those win. argc is updated;
 * returns argv, or a new one (never freed: it lives as long as the program). *demo says whether it was there. */
char **up_demo_take(int *argc, char **argv, bool *demo);
/* up_demo_start - sends the demo into the folder, then live orders, from a child that dies with this process. 0 or TL_EIO. */
int up_demo_start(const char *data, int *pid, struct tl_err *err);
void up_demo_stop(int pid);

#endif
