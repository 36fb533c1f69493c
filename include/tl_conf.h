/* tl_conf.h - settings of all programs: one table, schemas/config.def, gives names, ranges, help and the manual.
 *
 * Sources, later wins: defaults, file (key = value lines, # comments), command line (--key value or --key=value; dots and underscores may be dashes).
 * Unknown key or bad range: refused, naming file, line, key and allowed range. */
#ifndef TL_CONF_H
#define TL_CONF_H

#include <stdint.h>
#include "tl_err.h"
#include "tl_mem.h"

struct tl_conf {
#define CONF_INT(name, key, def, min, max, unit, doc) int64_t name;
#define CONF_TEXT(name, key, def, doc) char name[256];
#include "config.def"
#undef CONF_INT
#undef CONF_TEXT
};
void tl_conf_defaults(struct tl_conf *c);
int tl_conf_file(struct tl_conf *c, const char *path, struct tl_err *err);                     /* TL_ECONFIG, TL_ENOTFOUND */
int tl_conf_set(struct tl_conf *c, const char *key, const char *value, const char *where, struct tl_err *err);
/* tl_conf_args - every --key of the table is taken out of argv (argc updated); others stay. --config FILE is read first. */
int tl_conf_args(struct tl_conf *c, int *argc, char **argv, struct tl_err *err);
void tl_conf_help(struct tl_buf *b);
/* tl_conf_loopback - TL_ECONFIG unless addr is a loopback address ("127.x.x.x", "::1", "localhost"): says that others need transport security first */
int tl_conf_loopback(const char *key, const char *addr, struct tl_err *err);

/* tl_conf_bus_loopback - is "tcp://HOST:PORT" on this machine alone? */
bool tl_conf_bus_loopback(const char *endpoint);

#endif
