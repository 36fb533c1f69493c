/* fold_voice.c - the scores of the period asked and of the one before. */
#include "answer_voice.h"
#include "fold_findings.h"

int
voices_read(struct look *k, enum voice_by by, uint32_t key, struct voices *out, struct tl_err *err)
{
    struct analysis_arg arg = { .end = -1, .word_n = VOICE_WORDS };
    memset(out, 0, sizeof *out);
    k->sieve.lifecycle = ASK_LC_ALL;            /* scores name steps by their place among all */
    k->sieve.signals = true;                    /* a survey answered by itself counts */
    arg.word[VOICE_ASKED] = out->asked = fold_number(k, TL_STR("survey.sent"));
    arg.word[VOICE_BY] = by;
    arg.word[VOICE_KEY] = key;
    int rc = fold_period(k, &out->period, err);
    const struct period *p = &out->period;
    if (rc == 0) rc = findings_run(k, p->from_day, p->to_day, &analysis_voice, &arg, &out->part[0], err);
    if (rc == 0) rc = findings_run(k, p->before_from, p->before_to, &analysis_voice, &arg, &out->part[1], err);
    k->sieve.signals = false;
    if (rc == 0) {
        out->now = out->part[0]->part;
        out->before = out->part[1]->part;
    }
    return rc;
}

void
voices_done(struct look *k, struct voices *v)
{
    for (int i = 0; i < 2; i++) {
        fold_run_done(k, v->part[i]);
        v->part[i] = NULL;
    }
}
