/* tl_http_uri.h - percent-decoding of a request target. Private to lib/. Allocates nothing. */
#ifndef TL_HTTP_URI_H
#define TL_HTTP_URI_H

#include "tl_mem.h"

struct tl_http_param {
    struct tl_str name, value;
};
/* tl_http_uri_params_n - at most so many parameters can uri hold; 0 without '?' */
size_t tl_http_uri_params_n(const char *uri);
/* tl_http_uri_split - decode uri in place: path, and its parameters in order into params (room for tl_http_uri_params_n). Returns how many.
 * A '%' without two hex digits stays as it is; '+' is a space in the query only. */
size_t tl_http_uri_split(char *uri, struct tl_str *path, struct tl_http_param *params);

#endif
