/* port_owner.h - is a TCP port free, and if not, whose is it? */
#ifndef CLI_PORT_OWNER_H
#define CLI_PORT_OWNER_H

#include <stdbool.h>

/* port_free - can `port` be bound on the IPv4 or IPv6 address `host`? Port 0 is always free. */
bool port_free(const char *host, int port);
/* port_owner - "nginx (pid 123)" into out[128], or "another user's program" when /proc does not tell us. Returns out. */
char *port_owner(int port, char out[128]);

#endif
