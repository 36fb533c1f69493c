/* tl_http_listen.h - the listening socket of tl_http, and who else holds its port. Private to lib/. */
#ifndef TL_HTTP_LISTEN_H
#define TL_HTTP_LISTEN_H

#include "tl_err.h"
#include "tl_mem.h"

/* tl_http_listen - a non-blocking listening TCP socket on bind:port (0 = any free port), or a negative TL_E*. TL_EBUSY names the program that
 * holds the port when /proc shows it. */
int tl_http_listen(const char *bind, int port, struct tl_err *err);
int tl_http_socket_port(int fd);

#endif
