/* fold_report.c - the weekly report: the week's figures, findings and work, all judged at one moment.
 *
 *   as_of   a week that is over is judged when its journeys have had their time: its end + the longer of the type's gap and the damage outcome's horizon (14 days at
 *           most), so that whoever asks first, the same page is made; before that, at the look's own as_of, and it says so */
#include <stdlib.h>

#include "answer_report.h"
#include "fold_findings.h"
#include "tl_alerts.h"
#include "week.h"

static int64_t
ripe_after_ms(const struct look *k)
{
    const struct tl_journey_type *type = &k->catalogue->type[k->type];
    int damage = type->damage.n ? tl_catalogue_outcome(k->catalogue, type->damage) : -1;
    int64_t ms = type->gap_ms, horizon = damage < 0 ? 0 : k->catalogue->outcome[damage].horizon_ms, most = REPORT_RIPE_DAYS_MAX * TL_DAY_MS;
    if (horizon > ms) ms = horizon;
    return ms < most ? ms : most;
}

int
report_when(struct look *k, struct report_answer *out, struct tl_err *err)
{
    struct tl_zone *z = NULL;
    int rc = tl_zone_open(&z, k->store ? tl_store_timezone(k->store) : "UTC", err);
    if (rc) return rc;
    int32_t today = tl_zone_day(z, k->as_of_ms);
    out->monday = k->ask->has_week ? k->ask->week : week_monday(today) - 7;
    int64_t end_ms = tl_zone_day_start_ms(z, out->monday + 7);
    tl_zone_free(&z);
    out->ripe_ms = end_ms + ripe_after_ms(k);
    out->over = k->as_of_ms >= end_ms;
    out->ripe = k->as_of_ms >= out->ripe_ms;
    if (out->monday > today) return tl_fail(err, TL_EINVAL, "parameter week: it has not begun at as_of");
    if (out->ripe && k->ask->as_of_ms == TL_TIME_NONE) k->as_of_ms = k->sieve.as_of_ms = out->ripe_ms;
    return 0;
}

/* ---- alerts ---- */

struct raised { int64_t from_ms, to_ms; struct report_answer *out; };

static int
raised(void *arg, const struct tl_alert *a)
{
    struct raised *r = arg;
    if (a->stream != TL_STREAM_LIVE || a->raised_ms < r->from_ms || a->raised_ms >= r->to_ms) return 0;
    r->out->alerts++;
    r->out->alerts_open += a->state != TL_ALERT_RESOLVED;
    return 0;
}

static int
alerts(struct look *k, struct report_answer *out, struct tl_err *err)
{
    struct tl_alerts *all = fold_alerts_open(k->fold);
    struct tl_alerts_txn *t = NULL;
    struct tl_zone *z = NULL;
    if (!all) return 0;
    int rc = tl_zone_open(&z, k->store ? tl_store_timezone(k->store) : "UTC", err);
    if (rc) return rc;
    struct raised r = { tl_zone_day_start_ms(z, out->monday), tl_zone_day_start_ms(z, out->monday + 7), out };
    tl_zone_free(&z);
    rc = tl_alerts_begin(all, false, &t, err);
    if (rc) return rc;
    rc = tl_alerts_newest(t, raised, &r, err);
    tl_alerts_abort(&t);
    out->has_alerts = rc == 0;
    return rc;
}

/* ---- all of it ---- */

int
fold_report(struct look *k, struct report_answer *out, struct tl_err *err)
{
    const struct ask *asked = k->ask;
    struct ask week = *asked;
    week.has_journey = week.has_from = week.has_to = true;
    week.from_day = out->monday;
    week.to_day = out->monday + 6;
    week.by = ASK_BY_NONE;
    k->ask = &week;
    struct findings told;               /* held while all parts read it: one fold, not one for each */
    int rc = findings_begin(k, &told, err);
    if (rc == 0) rc = fold_period(k, &out->period, err);
    if (rc == 0) rc = report_figures(k, out, err);
    if (rc == 0) rc = fold_emotion(k, &out->emotion, err);
    if (rc == 0) rc = fold_breaks(k, &out->breaks, err);
    if (rc == 0) rc = report_open(k, out, err);
    if (rc == 0) rc = fold_moments(k, &out->moments, err);
    if (rc == 0) rc = alerts(k, out, err);
    findings_end(k, &told);
    k->ask = asked;
    return rc;
}
