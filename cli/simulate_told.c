/* simulate_told.c - see simulate_told.h. One line of numbers, in the order of struct told. */
#include "simulate_told.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tl_run.h"
#include "tl_time.h"

#define NUMBERS "%" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64

int
told_read(const char *data, struct told *t)
{
    char path[PATH_MAX];
    FILE *f = fopen(tl_run_path(path, data, "demo"), "re");
    int n = f ? fscanf(f, NUMBERS, &t->seed, &t->customers, &t->days, &t->until_ms, &t->told_ms) : 0;
    if (f)
        fclose(f);
    return n == 5 ? 0 : TL_ENOTFOUND;
}

int
told_write(const char *data, const struct told *t, struct tl_err *err)
{
    char path[PATH_MAX], made[PATH_MAX + 8];
    snprintf(made, sizeof made, "%s.new", tl_run_path(path, data, "demo"));
    FILE *f = fopen(made, "we");
    bool ok = f && fprintf(f, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n", t->seed, t->customers, t->days, t->until_ms, t->told_ms) > 0;
    ok = f && fclose(f) == 0 && ok && rename(made, path) == 0;
    return ok ? 0 : tl_fail(err, TL_EIO, "cannot write %s: %s", path, strerror(errno));
}

int
told_join(const char *data, struct told *asked, bool any_until, struct tl_err *err)
{
    struct told there;
    char when[32];
    if (told_read(data, &there) != 0)
        return 0;
    if (there.seed != asked->seed || there.customers != asked->customers || there.days != asked->days || (!any_until && there.until_ms != asked->until_ms))
        return tl_fail(err, TL_EEXIST, "%s holds another demo: --seed %" PRId64 " --customers %" PRId64 " --days %" PRId64 ", its weeks end %.10s; choose another folder with --data",
                       data, there.seed, there.customers, there.days, tl_time_format(there.until_ms + 8 * 3600000, when));
    *asked = there;
    return 0;
}
