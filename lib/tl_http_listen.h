/* tl_http_listen.h - the listening socket of tl_http, and who else holds its port. Private to lib/. */
#ifndef TL_HTTP_LISTEN_H
#define TL_HTTP_LISTEN_H

#include "tl_http.h"

int tl_http_socket_port(int fd);

#endif
