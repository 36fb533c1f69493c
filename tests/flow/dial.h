/* dial.h - plain connections to a port of this machine, for programs that misbehave on purpose. */
#ifndef FLOW_DIAL_H
#define FLOW_DIAL_H

#include <stdbool.h>
#include <stdint.h>

int64_t dial_now_us(void);
/* dial - a connection to 127.0.0.1:port, or -1. from: the last three bytes of the own address in 127.0.0.0/8, 0: any; wait: until it is connected */
int dial(int port, uint32_t from, bool wait);
/* dial_small - the same, over segments of mss bytes: much of a large answer then stays with who sends it */
int dial_small(int port, int mss);
/* dial_closed - has the other side hung up? What it said is read away. */
bool dial_closed(int fd);
/* dial_files - as many descriptors as may be */
void dial_files(void);

#endif
