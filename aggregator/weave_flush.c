/* weave_flush.c - a round: from what was fed to what is stored, customer by customer in ascending number. */
#include <stdlib.h>

#include "weave_visits.h"
#include "weave_work.h"

/* Take a tangled customer's stored events back among what was fed, and its rows out; one that is gone leaves nothing behind. */
static int
untangle(struct weave *w, uint32_t s, struct tl_err *err)
{
    struct weave_work *x = w->work;
    const struct who_stored *st = &w->who->stored[s];
    int rc = 0;

    x->kept.n = x->kept.block_n = 0;
    rc = tl_store_w_events(w->store, st->number, &x->kept, err);
    x->blocks[s] = x->kept.block_n;
    for (uint32_t i = 0; rc == 0 && i < x->kept.n; i++) {
        rc = weave_room((void **)&w->fresh, w->fresh_n + 1, &w->fresh_cap, sizeof *w->fresh, err);
        if (rc != 0)
            return rc;
        w->fresh[w->fresh_n].kept = x->kept.event[i];
        w->fresh[w->fresh_n++].id = st->base + x->kept.event[i].home;
    }
    for (uint32_t i = 0; rc == 0 && i < st->profile.journey_n; i++)
        rc = weave_drop_row(w, st->number, &st->profile.journey[i], err);
    tl_store_w_head(w->store)->events -= st->profile.events;
    if (rc == 0 && w->who->person[st->person].gone)
        rc = tl_store_w_dues(w->store, st->number, NULL, 0, err);
    return rc == 0 && w->who->person[st->person].gone ? tl_store_w_customer_del(w->store, st->number, err) : rc;
}

static int
by_number(const void *pa, const void *pb)
{
    const struct item *a = pa, *b = pb;
    return a->number != b->number ? (a->number < b->number ? -1 : 1) : a->position < b->position ? -1 : a->position > b->position;
}

static int
list_items(struct weave *w, struct tl_err *err)
{
    struct weave_work *x = w->work;
    int rc = ROOM(x, item, w->fresh_n);

    x->item_n = 0;
    for (uint32_t i = 0; rc == 0 && i < w->fresh_n; i++) {
        uint32_t person = w->who->id[w->fresh[i].id].person;
        x->item[x->item_n++] = (struct item){ w->who->person[person].number, w->fresh[i].kept.position, i, person };
    }
    if (rc == 0 && x->item_n > 1)
        qsort(x->item, x->item_n, sizeof *x->item, by_number);
    return rc;
}

static int
by_turn(const void *pa, const void *pb)
{
    const struct turn *a = pa, *b = pb;
    return a->number < b->number ? -1 : a->number > b->number;
}

/* Every customer in memory, by number; counts who came and who went. */
static int
list_turns(struct weave *w, struct tl_err *err)
{
    struct weave_work *x = w->work;
    int rc = ROOM(x, turn, w->who->person_n);

    x->turn_n = 0;
    for (uint32_t i = 0; rc == 0 && i < w->who->person_n; i++) {
        const struct who_person *p = &w->who->person[i];
        if (p->gone && p->stored != WHO_NONE)
            tl_store_w_head(w->store)->customers--;
        if (p->gone)
            continue;
        if (p->stored == WHO_NONE)
            tl_store_w_head(w->store)->customers++;
        x->turn[x->turn_n++] = (struct turn){ p->number, i };
    }
    if (rc == 0 && x->turn_n > 1)
        qsort(x->turn, x->turn_n, sizeof *x->turn, by_turn);
    return rc;
}

/* Merged customers: whoever came in may have lost events. */
static bool
was_lossy(const struct identify *who, uint32_t person)
{
    for (uint32_t s = 0; s < who->stored_n; s++) {
        const struct who_stored *st = &who->stored[s];
        for (uint32_t i = st->base; st->profile.lossy && i < st->base + st->profile.identity_n; i++)
            if (who->id[i].person == person)
                return true;
    }
    return false;
}

/* Nothing to write of a customer who was only looked up. */
static bool
untouched(const struct weave *w, const struct who_person *p, uint32_t n, uint32_t links_n, uint32_t ids_n)
{
    if (n > 0 || p->tangled || p->stored == WHO_NONE)
        return false;
    const struct tl_profile *stored = &w->who->stored[p->stored].profile;
    return stored->identity_n == ids_n && stored->link_n == links_n;
}

static int
take_turn(struct weave *w, uint32_t person, const struct item *item, uint32_t n, struct tl_err *err)
{
    struct weave_work *x = w->work;
    const struct who_person *p = &w->who->person[person];
    const struct who_stored *st = p->stored != WHO_NONE ? &w->who->stored[p->stored] : NULL;
    int rc = weave_identities(w, person, err);

    if (rc == 0)
        rc = ROOM(x, one, n);
    if (rc == 0)
        rc = weave_links(w, person, err);
    if (rc != 0 || untouched(w, p, n, x->link_n, x->identity_n))
        return rc;
    for (uint32_t i = 0; i < n; i++) {
        struct weave_fresh *f = &w->fresh[item[i].fresh];
        f->kept.home = w->who->id[f->id].place;
        x->one[i] = &f->kept;
    }
    bool plain = st != NULL && !p->tangled;
    return weave_customer(w, person, x->one, n, plain ? &st->profile : NULL, !plain && st != NULL ? x->blocks[p->stored] : 0, p->tangled && was_lossy(w->who, person), err);
}

static int
by_hash(const void *pa, const void *pb, void *arg)
{
    const struct who_id *id = arg;
    return memcmp(id[*(const uint32_t *)pa].hash, id[*(const uint32_t *)pb].hash, 16);
}

int
weave_idents(struct weave *w, struct tl_err *err)
{
    struct weave_work *x = w->work;
    struct identify *who = w->who;
    uint32_t n = 0;
    int rc = 0;

    for (uint32_t i = 0; i < who->id_n; i++)
        n += who->id[i].moved;
    rc = ROOM(x, id, n);
    if (rc != 0 || n == 0)
        return rc;
    n = 0;
    for (uint32_t i = 0; i < who->id_n; i++)
        if (who->id[i].moved)
            x->id[n++] = i;
    qsort_r(x->id, n, sizeof *x->id, by_hash, who->id);
    for (uint32_t i = 0; rc == 0 && i < n; i++)
        rc = tl_store_w_ident_put(w->store, who->id[x->id[i]].hash, who->person[who->id[x->id[i]].person].number, err);
    return rc;
}

int
weave_flush(struct weave *w, struct tl_err *err)
{
    struct weave_work *x = w->work;
    uint32_t at = 0;
    int rc = ROOM(x, blocks, w->who->stored_n);

    for (uint32_t s = 0; rc == 0 && s < w->who->stored_n; s++)
        if (w->who->person[w->who->stored[s].person].tangled)
            rc = untangle(w, s, err);
    for (uint32_t i = 0; rc == 0 && i < w->fresh_n; i++)
        rc = weave_visits_mend(w, &w->fresh[i].kept, err);
    if (rc == 0)
        rc = list_items(w, err);
    if (rc == 0)
        rc = list_turns(w, err);
    for (uint32_t i = 0; rc == 0 && i < x->turn_n; i++) {
        uint32_t from = at;
        while (at < x->item_n && x->item[at].number == x->turn[i].number)
            at++;
        rc = take_turn(w, x->turn[i].person, x->item + from, at - from, err);
    }
    if (rc == 0)
        rc = weave_visits_flush(w, err);
    return rc == 0 ? weave_idents(w, err) : rc;
}
