/* fold_period.c - see fold_period.h. */
#include "fold_period.h"

#include "week.h"

int
fold_period(const struct look *k, struct period *out, struct tl_err *err)
{
    struct tl_zone *z = NULL;
    int rc = tl_zone_open(&z, k->store ? tl_store_timezone(k->store) : "UTC", err);
    if (rc) return rc;
    out->today = tl_zone_day(z, k->as_of_ms);
    tl_zone_free(&z);
    out->to_day = k->ask->has_to ? k->ask->to_day : k->ask->has_from ? out->today : week_monday(out->today) - 1;
    out->from_day = k->ask->has_from ? k->ask->from_day : out->to_day - 27;
    if (out->from_day > out->to_day) return tl_fail(err, TL_EINVAL, "parameter from is later than as_of");
    int64_t back = ((int64_t)out->to_day - out->from_day + 7) / 7 * 7;
    if (back > 36500) return tl_fail(err, TL_EINVAL, "parameters from and to: at most 100 years");
    out->before_from = out->from_day - (int32_t)back;
    out->before_to = out->to_day - (int32_t)back;
    return 0;
}
