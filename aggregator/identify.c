/* identify.c - see identify.h. Tables are arrays and indexes: in a rebuild every identity of the store is here. */
#include "identify_in.h"

#include <stdlib.h>

#include "tl_hash.h"

bool
identify_grow(void **list, uint32_t n, uint32_t *cap, size_t item)
{
    if (n < *cap)
        return true;
    uint32_t more = *cap < 64 ? 128 : *cap + *cap / 2;
    void *p = tl_realloc(*list, more * item);
    if (p == NULL)
        return false;
    *list = p;
    *cap = more;
    return true;
}

int
identify_no_memory(struct tl_err *err)
{
    return tl_fail(err, TL_ENOMEM, "out of memory for identities");
}

struct identify *
identify_new(const struct who_source *source, uint64_t *next_number)
{
    struct identify *w = tl_alloc(sizeof *w);

    if (w != NULL) {
        w->source = *source;
        w->next_number = next_number;
    }
    return w;
}

void
identify_free(struct identify **wp)
{
    struct identify *w = wp != NULL ? *wp : NULL;

    if (w == NULL)
        return;
    tl_free(w->id);
    tl_free(w->person);
    tl_free(w->link);
    tl_free(w->stored);
    tl_free(w->slot);
    tl_free(w->link_slot);
    tl_free(w->tie);
    tl_free(w->tie_slot);
    tl_free(w->found);
    tl_free(w);
    *wp = NULL;
}

void
identify_reset(struct identify *w)
{
    w->id_n = w->person_n = w->link_n = w->stored_n = w->found_n = 0;
    if (w->slot != NULL)
        memset(w->slot, 0, (w->mask + 1) * sizeof *w->slot);
    if (w->link_slot != NULL)
        memset(w->link_slot, 0, (w->link_mask + 1) * sizeof *w->link_slot);
    w->must_rebuild = false;
}

void
identify_forget_ties(struct identify *w)
{
    w->tie_n = 0;
    if (w->tie_slot != NULL)
        memset(w->tie_slot, 0, (w->tie_mask + 1) * sizeof *w->tie_slot);
}

/* ---- identities by hash ---- */

#define SLOT_ID(v) ((uint32_t)(v))

static uint32_t
id_slot(const struct identify *w, const uint8_t hash[16])
{
    uint64_t h;

    memcpy(&h, hash, 8);    /* keyed already */
    uint32_t i = (uint32_t)h & w->mask, tag = (uint32_t)(h >> 32);
    for (; w->slot[i] != 0; i = (i + 1) & w->mask)
        if ((uint32_t)(w->slot[i] >> 32) == tag && memcmp(w->id[SLOT_ID(w->slot[i]) - 1].hash, hash, 16) == 0)
            break;
    return i;
}

void
identify_expect(const struct identify *w, const uint8_t hash[16])
{
    uint64_t h;

    memcpy(&h, hash, 8);
    if (w->slot != NULL)
        __builtin_prefetch(&w->slot[(uint32_t)h & w->mask]);
}

static void
put_slot(struct identify *w, uint32_t id)
{
    uint64_t h;

    memcpy(&h, w->id[id].hash, 8);
    w->slot[id_slot(w, w->id[id].hash)] = (h & UINT64_C(0xFFFFFFFF00000000)) | (id + 1);
}

static bool
room_for_ids(struct identify *w)
{
    if (!GROW(w, id))
        return false;
    if (w->slot != NULL && w->id_n < w->mask / 2)
        return true;
    uint32_t slots = w->slot == NULL ? 4096 : (w->mask + 1) * 2;
    uint64_t *slot = tl_alloc(slots * sizeof *slot);
    if (slot == NULL)
        return false;
    tl_free(w->slot);
    w->slot = slot;
    w->mask = slots - 1;
    for (uint32_t i = 0; i < w->id_n; i++)
        put_slot(w, i);
    return true;
}

static uint32_t
add_id(struct identify *w, const uint8_t hash[16], uint32_t kind, uint64_t position, bool moved)
{
    if (!room_for_ids(w))
        return WHO_NONE;
    struct who_id *id = &w->id[w->id_n];
    memset(id, 0, sizeof *id);
    memcpy(id->hash, hash, 16);
    id->kind = kind;
    id->first_position = position;
    id->person = id->next = WHO_NONE;
    id->moved = moved;
    id->shared = w->tie_n > 0 && identify_is_shared(w, hash);
    put_slot(w, w->id_n);
    return w->id_n++;
}

/* ---- customers ---- */

uint32_t
identify_add_person(struct identify *w, uint64_t number)
{
    if (!GROW(w, person))
        return WHO_NONE;
    struct who_person *p = &w->person[w->person_n];
    memset(p, 0, sizeof *p);
    p->number = number;
    p->first = p->last = p->link_first = p->link_last = p->stored = WHO_NONE;
    return w->person_n++;
}

void
identify_give_id(struct identify *w, uint32_t person, uint32_t id)
{
    struct who_person *p = &w->person[person];

    w->id[id].person = person;
    w->id[id].next = WHO_NONE;
    if (p->last == WHO_NONE)
        p->first = id;
    else
        w->id[p->last].next = id;
    p->last = id;
}

void
identify_give_link(struct identify *w, uint32_t person, uint32_t link)
{
    struct who_person *p = &w->person[person];

    w->link[link].next = WHO_NONE;
    if (p->link_last == WHO_NONE)
        p->link_first = link;
    else
        w->link[p->link_last].next = link;
    p->link_last = link;
}

/* ---- links by pair ---- */

static uint32_t
link_slot(const struct identify *w, uint32_t a, uint32_t b)
{
    uint32_t low = a < b ? a : b, high = a < b ? b : a;
    uint32_t i = (uint32_t)tl_mix64((uint64_t)high << 32 | low) & w->link_mask;

    for (; w->link_slot[i] != 0; i = (i + 1) & w->link_mask) {
        const struct who_link *l = &w->link[w->link_slot[i] - 1];
        if ((l->a == a && l->b == b) || (l->a == b && l->b == a))
            break;
    }
    return i;
}

static bool
room_for_links(struct identify *w)
{
    if (!GROW(w, link))
        return false;
    if (w->link_slot != NULL && w->link_n < w->link_mask / 3 * 2)
        return true;
    uint32_t slots = w->link_slot == NULL ? 1024 : (w->link_mask + 1) * 2;
    uint32_t *slot = tl_alloc(slots * sizeof *slot);
    if (slot == NULL)
        return false;
    tl_free(w->link_slot);
    w->link_slot = slot;
    w->link_mask = slots - 1;
    for (uint32_t i = 0; i < w->link_n; i++)
        w->link_slot[link_slot(w, w->link[i].a, w->link[i].b)] = i + 1;
    return true;
}

/* tell - one arrival more tells of the link, with `home` as its home; the first one counts for both ends */
static int
tell(struct identify *w, struct who_link *l, uint32_t home, struct tl_err *err)
{
    if (l->told_n++ > 0)
        return 0;
    l->back = l->a != home;
    return identify_told(w, l, err);
}

/* A link of a person; an old one revives. Told by an arrival: a is its home. */
static int
add_link(struct identify *w, uint32_t a, uint32_t b, uint64_t position, bool manual, struct tl_err *err)
{
    if (!room_for_links(w))
        return identify_no_memory(err);
    uint32_t i = link_slot(w, a, b);
    struct who_link *l = w->link_slot[i] != 0 ? &w->link[w->link_slot[i] - 1] : &w->link[w->link_n];
    if (w->link_slot[i] == 0 || l->dead) {
        bool found = w->link_slot[i] != 0;
        uint32_t next = found ? l->next : WHO_NONE;
        *l = (struct who_link){ .a = a, .b = b, .next = next, .first_position = position, .manual = manual };
        if (!found) {
            w->link_slot[i] = ++w->link_n;
            identify_give_link(w, w->id[a].person, w->link_n - 1);
        }
        return manual ? 0 : tell(w, l, a, err);
    }
    if (manual && !l->manual)
        w->person[w->id[a].person].tangled = true;     /* its profile changes, though no event came */
    l->manual = l->manual || manual;
    return manual ? 0 : tell(w, l, a, err);
}

/* ---- what is stored ---- */

static int
load_person(struct identify *w, uint64_t number, struct tl_err *err)
{
    struct tl_profile profile;
    int rc = w->source.load(w->source.arg, number, &profile, err);

    if (rc != 0)
        return rc;
    uint32_t person = GROW(w, stored) ? identify_add_person(w, number) : WHO_NONE, base = w->id_n;
    if (person == WHO_NONE)
        return identify_no_memory(err);
    w->stored[w->stored_n] = (struct who_stored){ number, base, profile, person };
    w->person[person].stored = w->stored_n++;
    for (uint32_t i = 0; i < profile.identity_n; i++) {
        uint32_t id = add_id(w, profile.identity[i].hash, profile.identity[i].kind, profile.identity[i].first_position, false);
        if (id == WHO_NONE)
            return identify_no_memory(err);
        identify_give_id(w, person, id);
    }
    for (uint32_t i = 0; rc == 0 && i < profile.link_n; i++) {
        const struct tl_profile_link *l = &profile.link[i];
        rc = add_link(w, base + l->a, base + l->b, l->first_position, true, err);
        if (rc != 0)
            break;
        struct who_link *made = &w->link[w->link_n - 1];
        *made = (struct who_link){ .a = made->a, .b = made->b, .next = made->next, .first_position = made->first_position, .manual = l->manual, .told_n = l->told_n, .back = l->back };
        if (l->told_n > 0)
            identify_tally(w, made, true);
    }
    return rc;
}

/* The identity in memory, loaded with its customer when stored, made (without customer) when new. */
static int
find_id(struct identify *w, const struct who *who, uint64_t position, bool make, uint32_t *out, struct tl_err *err)
{
    uint64_t number = 0;

    *out = WHO_NONE;
    if (w->slot != NULL) {
        uint32_t i = SLOT_ID(w->slot[id_slot(w, who->hash)]);
        if (i != 0) {
            *out = i - 1;
            return 0;
        }
    }
    int rc = w->source.find != NULL ? w->source.find(w->source.arg, who->hash, &number, err) : TL_ENOTFOUND;
    if (rc == 0) {
        rc = load_person(w, number, err);
        uint32_t i = rc == 0 && w->slot != NULL ? SLOT_ID(w->slot[id_slot(w, who->hash)]) : 0;
        if (rc == 0 && i == 0)
            rc = tl_fail(err, TL_ECORRUPT, "an identity is missing in its customer's profile: run touchline rebuild");
        *out = i - 1;
        return rc;
    }
    if (rc != TL_ENOTFOUND || !make)
        return rc == TL_ENOTFOUND ? 0 : rc;
    *out = add_id(w, who->hash, who->kind, position, true);
    return *out == WHO_NONE ? identify_no_memory(err) : 0;
}

/* ---- merging and splitting ---- */

static void
merge(struct identify *w, uint32_t pa, uint32_t pb)
{
    uint32_t keep = w->person[pa].number < w->person[pb].number ? pa : pb, go = keep == pa ? pb : pa;
    struct who_person *k = &w->person[keep], *g = &w->person[go];

    for (uint32_t i = g->first; i != WHO_NONE; i = w->id[i].next) {
        w->id[i].person = keep;
        w->id[i].moved = true;
    }
    w->id[k->last].next = g->first;
    k->last = g->last;
    if (k->link_last == WHO_NONE)
        k->link_first = g->link_first;
    else
        w->link[k->link_last].next = g->link_first;
    if (g->link_last != WHO_NONE)
        k->link_last = g->link_last;
    g->gone = g->tangled = k->tangled = true;
    g->first = g->last = g->link_first = g->link_last = WHO_NONE;
}

/* Bring two identities together, at least one of which may have no customer yet. */
static void
unite(struct identify *w, uint32_t a, uint32_t b)
{
    uint32_t pa = w->id[a].person, pb = w->id[b].person;

    if (pa == WHO_NONE && pb == WHO_NONE)
        return;
    if (pa == WHO_NONE)
        identify_give_id(w, pb, a);
    else if (pb == WHO_NONE)
        identify_give_id(w, pa, b);
    else if (pa != pb)
        merge(w, pa, pb);
}

static int
settle(struct identify *w, uint32_t id, struct tl_err *err)
{
    if (w->id[id].person != WHO_NONE)
        return 0;
    uint32_t person = identify_add_person(w, *w->next_number);
    if (person == WHO_NONE)
        return identify_no_memory(err);
    ++*w->next_number;
    identify_give_id(w, person, id);
    return 0;
}

/* ---- events and control records ---- */

/* apart - what events tell of the two ties them not: cut by hand, or one of them is everybody's */
static bool
apart(const struct identify *w, uint32_t a, uint32_t b)
{
    return w->id[a].shared || w->id[b].shared || identify_is_cut(w, w->id[a].hash, w->id[b].hash);
}

int
identify_event(struct identify *w, const struct who *ids, uint32_t n, uint64_t position, bool alone, uint32_t *home, struct tl_err *err)
{
    uint32_t id[TL_EVENT_IDS_MAX] = {0};
    int rc = 0;

    for (uint32_t i = 0; rc == 0 && i < n; i++)
        rc = find_id(w, &ids[i], position, true, &id[i], err);
    for (uint32_t i = 1; rc == 0 && i < n; i++)
        if (!alone && !apart(w, id[0], id[i]))
            unite(w, id[0], id[i]);
    /* the home's own customer first, then those of its others, some of whom only the cut keeps apart */
    rc = rc == 0 ? settle(w, id[0], err) : rc;
    for (uint32_t i = 1; rc == 0 && i < n; i++) {
        bool cut = alone || apart(w, id[0], id[i]);
        if (!cut)
            unite(w, id[0], id[i]);
        rc = cut ? settle(w, id[i], err) : add_link(w, id[0], id[i], position, false, err);
    }
    *home = id[0];
    return rc;
}

/* An arrival fewer tells of this link. */
static int
take_back(struct identify *w, uint32_t a, uint32_t b, struct tl_err *err)
{
    uint32_t i = w->link_slot != NULL ? w->link_slot[link_slot(w, a, b)] : 0;
    struct who_link *l = i != 0 ? &w->link[i - 1] : NULL;

    if (l == NULL || l->dead || l->told_n == 0 || --l->told_n > 0)
        return 0;
    identify_tally(w, l, false);
    if (l->manual)
        return 0;
    l->dead = true;
    return identify_split(w, w->id[a].person, err);
}

int
identify_retell(struct identify *w, const struct who *ids, uint32_t n, uint64_t position, bool alone, uint32_t *home, struct tl_err *err)
{
    uint32_t id[TL_EVENT_IDS_MAX] = {0};
    int rc = 0;

    for (uint32_t i = 0; rc == 0 && i < n; i++)
        rc = find_id(w, &ids[i], position, true, &id[i], err);
    for (uint32_t i = 0; rc == 0 && i < n; i++)
        rc = settle(w, id[i], err);
    for (uint32_t i = 1; rc == 0 && i < n; i++) {
        if (alone) {
            rc = take_back(w, id[0], id[i], err);
        } else if (!apart(w, id[0], id[i])) {
            unite(w, id[0], id[i]);
            rc = add_link(w, id[0], id[i], position, false, err);
        }
    }
    if (rc == 0)
        w->person[w->id[id[0]].person].tangled = true;
    *home = id[0];
    return rc;
}

int
identify_link(struct identify *w, const struct who *a, const struct who *b, uint64_t position, struct tl_err *err)
{
    uint32_t ia = WHO_NONE, ib = WHO_NONE;
    int rc = find_id(w, a, position, true, &ia, err);

    if (rc == 0)
        rc = find_id(w, b, position, true, &ib, err);
    if (rc != 0 || ia == ib)
        return rc;
    unite(w, ia, ib);
    rc = settle(w, ia, err);
    if (rc != 0)
        return rc;
    unite(w, ia, ib);
    return add_link(w, ia, ib, position, true, err);
}

int
identify_unlink(struct identify *w, const struct who *a, const struct who *b, struct tl_err *err)
{
    uint32_t ia = WHO_NONE, ib = WHO_NONE;
    int rc = find_id(w, a, 0, false, &ia, err);

    if (rc == 0)
        rc = find_id(w, b, 0, false, &ib, err);
    if (rc != 0 || ia == WHO_NONE || ib == WHO_NONE || w->link_slot == NULL)
        return rc;
    uint32_t l = w->link_slot[link_slot(w, ia, ib)];
    if (l == 0 || w->link[l - 1].dead)
        return 0;
    if (w->link[l - 1].told_n > 0)
        identify_tally(w, &w->link[l - 1], false);
    w->link[l - 1].dead = true;
    w->person[w->id[ia].person].tangled = true;     /* its profile changes, though nobody may be parted */
    return identify_split(w, w->id[ia].person, err);
}

uint32_t
identify_count(const struct identify *w, uint32_t person)
{
    uint32_t n = 0;

    for (uint32_t i = w->person[person].first; i != WHO_NONE; i = w->id[i].next)
        n++;
    return n;
}

static int
by_first_seen(const void *pa, const void *pb, void *arg)
{
    const struct who_id *id = arg, *a = &id[*(const uint32_t *)pa], *b = &id[*(const uint32_t *)pb];
    return identify_seen_before(a, b) ? -1 : identify_seen_before(b, a);
}

void
identify_places(struct identify *w, uint32_t person, uint32_t *list)
{
    uint32_t n = 0, sorted = 1;

    for (uint32_t i = w->person[person].first; i != WHO_NONE; i = w->id[i].next)
        list[n++] = i;
    /* nearly always in order already: identities are met by position */
    while (sorted < n && identify_seen_before(&w->id[list[sorted - 1]], &w->id[list[sorted]]))
        sorted++;
    if (sorted < n)
        qsort_r(list, n, sizeof *list, by_first_seen, w->id);
    for (uint32_t i = 0; i < n; i++)
        w->id[list[i]].place = i;
}
