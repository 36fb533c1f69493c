/* fold_told.c - what events say beyond what journeys keep, from the log. See answer_person.h. */
#include "answer_person.h"

#include "tl_journey.h"

static struct tl_str
copy(struct tl_arena *a, const struct tl_event *ev, uint64_t has, struct tl_str s)
{
    char *p = (ev->has & has) && s.n ? tl_arena_dup(a, s.p, s.n) : NULL;
    return (struct tl_str){ p, p ? s.n : 0 };
}
#define COPY(field) copy(a, ev, TL_HAS(field), ev->field##_)

static int
tell(struct tl_arena *a, const struct tl_event *ev, struct person_told *o)
{
    *o = (struct person_told){ .kase = COPY(case), .order = COPY(order), .mode = COPY(mode), .initiator = COPY(initiator), .direction = COPY(direction), .actor = COPY(actor), .agent = COPY(agent),
                               .place = COPY(place), .outcome = COPY(outcome), .tier = COPY(tier), .text = COPY(text), .wait_ms = -1, .handle_ms = -1 };
    o->consents = (ev->has & TL_HAS(consent)) || ((ev->has & TL_HAS(type)) && ev->type_.n > 8 && memcmp(ev->type_.p, "consent.", 8) == 0);
    if (ev->has & TL_HAS(wait_ms)) o->wait_ms = (int64_t)ev->wait_ms_;
    if (ev->has & TL_HAS(handle_ms)) o->handle_ms = (int64_t)ev->handle_ms_;
    if ((o->has_promise = (ev->has & TL_HAS(promise)) != 0)) {
        o->promise = ev->promise_;
        o->promise.what = copy(a, ev, TL_HAS(promise), ev->promise_.what);
    }
    if ((o->has_value = (ev->has & TL_HAS(value)) != 0)) o->value = ev->value_;
    if (!(ev->has & TL_HAS(scores)) || !ev->scores_n) return 0;
    o->score = tl_arena_alloc(a, ev->scores_n * sizeof *o->score);
    if (!o->score) return TL_ENOMEM;
    for (uint32_t i = 0; i < ev->scores_n; i++) o->score[o->score_n++] = (struct tl_score){ copy(a, ev, TL_HAS(scores), ev->scores_[i].kind), ev->scores_[i].value };
    return 0;
}

int
fold_told(struct look *k, struct tl_store_txn *t, const struct tl_kept *e, uint32_t n, struct person_told **out)
{
    struct tl_eventlog *log = fold_log(k->fold);
    struct tl_buf hold = { NULL, 0, 0, false };
    struct tl_event ev;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        out[i] = NULL;
        if (!log || tl_eventlog_event(log, e[i].position, &hold, &ev, NULL)) continue;
        if (!(out[i] = tl_arena_alloc(k->arena, sizeof **out))) rc = TL_ENOMEM;
        else rc = tell(k->arena, &ev, out[i]);
        if (rc) break;
        struct contact c = { .type = fold_word(k, t, e[i].type), .channel = e[i].channel ? fold_word(k, t, e[i].channel) : (struct tl_str){ NULL, 0 }, .initiator = out[i]->initiator,
                             .direction = out[i]->direction, .mode = out[i]->mode, .actor = out[i]->actor, .step = e[i].role == TL_ROLE_STEP };
        out[i]->side = contact_side(&c);
        out[i]->near = contact_mode(&c);
    }
    tl_buf_free(&hold);
    return rc;
}
