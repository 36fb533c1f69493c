/* likes.c - see likes.h. */
#include "likes.h"

#include "analysis/cell.h"

/* wanted - about how many more rows, at the same rates and the same mix, until `times` as many are there */
static uint64_t
wanted(uint64_t n, double times)
{
    double more = (double)n * (times - 1);
    return more < 1 ? 1 : more > 1e15 ? (uint64_t)1e15 : (uint64_t)more + 1;
}

static uint64_t
arm_wanted(uint64_t n, uint64_t have)
{
    return have ? wanted(n, (double)STRATA_ARM_MIN / (double)have) : STRATA_ARM_MIN;
}

struct verdict
likes_verdict(const struct strata *judged, const struct strata_gate *g, double q, uint32_t tests, uint32_t found)
{
    uint64_t n = g->exposed + g->others;
    struct verdict v = verdict_of(&judged->rd, n, 2 * STRATA_ARM_MIN);
    uint64_t more = v.more ? v.more : 1;
    if (g->missing == STRATA_FEW_EXPOSED) return (struct verdict){ VERDICT_TOO_LITTLE, arm_wanted(n, g->exposed) };
    if (g->missing == STRATA_FEW_OTHERS) return (struct verdict){ VERDICT_TOO_LITTLE, arm_wanted(n, g->others) };
    if (g->missing == STRATA_FEW_OUTCOMES && g->mantel_fleiss > 0) return (struct verdict){ VERDICT_TOO_LITTLE, wanted(n, STRATA_MANTEL_FLEISS_MIN / g->mantel_fleiss) };
    if (g->missing != STRATA_ENOUGH) return (struct verdict){ VERDICT_TOO_LITTLE, more };
    if (v.word == VERDICT_SUPPORTED && q > CELL_Q_MAX)      /* not among so many tests */
        return (struct verdict){ VERDICT_TOO_LITTLE, wanted(n, verdict_times_for_p(judged->cmh_de.p / 2, CELL_Q_MAX * (found + 1) / tests / 2)) };
    return v;
}
