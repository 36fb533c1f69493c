/* scratch.c - see scratch.h. */
#include "scratch.h"

#include <stdio.h>
#include <stdlib.h>

#include "follow.h"
#include "tl_hash.h"
#include "tl_phone.h"
#include "tl_run.h"
#include "tl_time.h"

bool
scratch_option(struct scratch *s, int argc, char **argv, int *i)
{
    bool dir = strcmp(argv[*i], "--scratch") == 0, until = strcmp(argv[*i], "--until") == 0;
    if ((!dir && !until) || *i + 1 >= argc)
        return false;
    if (dir)
        s->dir = argv[*i + 1];
    else
        s->until = strtoull(argv[*i + 1], NULL, 10);
    (*i)++;
    return true;
}

static int
say_progress(void *arg, const char *phase, uint64_t done, uint64_t total)
{
    (void)arg;
    printf("progress %s %llu %llu\n", phase, (unsigned long long)done, (unsigned long long)total);
    fflush(stdout);
    return tl_run_stopping() ? TL_EINTR : 0;
}

static int
make(const struct scratch *s, const struct tl_conf *conf, struct tl_err *err)
{
    char path[PATH_MAX];
    struct tl_eventlog *log = NULL;
    const struct follow_scratch want = { s->dir, conf->timezone[0] != 0 ? conf->timezone : tl_zone_local_name(), conf->identity_region[0] != 0 ? conf->identity_region : TL_REGION_DEFAULT, s->until };
    int rc = s->until > 0 ? tl_eventlog_open(&log, tl_run_path(path, conf->data, "log"), true, err) : tl_fail(err, TL_EINVAL, "--until says before which position to end");
    if (rc == 0)
        rc = follow_scratch(&want, log, say_progress, NULL, err);
    tl_eventlog_close(&log);
    return rc;
}

int
scratch_run(const struct scratch *s, const struct tl_conf *conf)
{
    struct tl_err err = { 0 };
    tl_run_signals();
    int rc = tl_hash_init() == 0 ? make(s, conf, &err) : tl_fail(&err, TL_EIO, "libsodium does not start");
    if (rc < 0)
        printf("failed %s\n", err.text);
    else
        printf("done\n");
    fflush(stdout);
    return rc < 0 ? 1 : 0;
}
