/* simulate_visits.c - see simulate_visits.h. What was sent is let arrive before a record that comes after it is entered: another way would be another demo. */
#include "simulate_visits.h"

static int
enter(struct visiting *v, const char *kind, struct tl_str body, struct tl_err *err)
{
    struct tl_buf answer = { 0 };
    int rc = v->story->json.failed ? tl_fail(err, TL_ENOMEM, "out of memory") : session_control(v->session, kind, body, &answer, err);
    tl_buf_free(&answer);
    return rc;
}

typedef struct tl_str (*record_of)(struct tea_story *s, int visit);

/* enter_visits - those of one round, or of all (-1), that have begun */
static int
enter_visits(struct visiting *v, int round, record_of record, struct tl_err *err)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < TEA_VISITS; i++)
        if ((round < 0 || i / TEA_STORES == round) && tea_visit(i).day < v->days && v->story->day0_ms + tea_visit_begins_ms(i) <= v->story->until_ms)
            rc = enter(v, "visit", record(v->story, i), err);
    return rc;
}

static int
enter_round(struct visiting *v, int round, struct tl_err *err)
{
    return enter_visits(v, round, tea_visit_record, err);
}

int
simulate_improvements(struct visiting *v, struct tl_err *err)
{
    int rc = 0;
    struct tl_str body;
    for (int n = 0; v->fresh && rc == 0 && (body = tea_improvement_record(v->story, n, v->days)).p; n++)
        rc = enter(v, "improvement", body, err);
    return rc;
}

int
simulate_before(struct visiting *v, struct tl_err *err)
{
    return v->fresh ? enter_round(v, 0, err) : 0;
}

static int
arrive(struct visiting *v, struct tl_err *err)
{
    int rc = sender_flush(v->sender, err);
    return rc == 0 && v->fresh ? session_settle(v->session, err) : rc;
}

/* tell - events of a round with from < time <= until */
static int
tell(struct visiting *v, int round, bool first_half, bool second_half)
{
    struct tea_story *s = v->story;
    int64_t until_ms = s->until_ms, told_ms = *v->told_ms;
    int rc = 0;
    for (int i = round * TEA_STORES; rc == 0 && i < (round + 1) * TEA_STORES; i++) {
        if (tea_visit(i).day >= v->days)
            break;
        int64_t cut_ms = s->day0_ms + tea_visit_begins_ms(i);
        if (!second_half && cut_ms < until_ms)
            s->until_ms = cut_ms;
        if (!first_half && cut_ms > told_ms)
            *v->told_ms = cut_ms;
        rc = tea_tell_visit(s, i);
        s->until_ms = until_ms;
        *v->told_ms = told_ms;
    }
    return rc;
}

int
simulate_visits(struct visiting *v, struct tl_err *err)
{
    int rc = tell(v, 0, true, true);
    if (rc == 0)
        rc = tell(v, 1, true, !v->fresh);
    if (rc == 0)
        rc = tell(v, 2, true, true);
    if (rc == 0)
        rc = arrive(v, err);
    if (!v->fresh || rc != 0)
        return rc;
    rc = enter_round(v, 1, err);
    if (rc == 0)
        rc = tell(v, 1, false, true);
    if (rc == 0)
        rc = enter_round(v, 2, err);
    if (rc == 0)
        rc = enter_visits(v, -1, tea_visit_answers, err);
    return rc == 0 ? arrive(v, err) : rc;
}
