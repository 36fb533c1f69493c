/* fuzz_config.c - any bytes as touchline.conf: settings in their ranges, or a refusal with words. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tl_conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define must(x) ((x) ? (void)0 : abort())

static void
in_range(const struct tl_conf *c)
{
#define CONF_INT(name, key, def, min, max, unit, doc) must(c->name >= (min) && c->name <= (max));
#define CONF_TEXT(name, key, def, doc) must(memchr(c->name, 0, sizeof c->name));
#include "config.def"
#undef CONF_INT
#undef CONF_TEXT
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static int fd = -1;
    static char path[64];
    struct tl_conf c;
    struct tl_err err = {0};
    if (fd < 0) {
        fd = memfd_create("conf", 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    if (ftruncate(fd, 0) != 0 || pwrite(fd, data, n, 0) != (ssize_t)n)
        return 0;
    tl_conf_defaults(&c);
    int rc = tl_conf_file(&c, path, &err);
    must(rc == 0 || (rc == TL_ECONFIG && err.text[0]));
    in_range(&c);
    return 0;
}
