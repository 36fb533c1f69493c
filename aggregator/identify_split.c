/* identify_split.c - a customer that a cut parts: see identify.h. */
#include "identify_in.h"

bool
identify_seen_before(const struct who_id *a, const struct who_id *b)
{
    return a->first_position != b->first_position ? a->first_position < b->first_position : memcmp(a->hash, b->hash, 16) < 0;
}

/* Mark (in place) what the first-seen identity still reaches. People cut links by hand: walking the links until nothing changes is soon done. */
static void
mark_reached(struct identify *w, const struct who_person *p)
{
    uint32_t first = p->first;
    bool changed = true;

    for (uint32_t i = p->first; i != WHO_NONE; i = w->id[i].next) {
        w->id[i].place = 0;
        first = identify_seen_before(&w->id[i], &w->id[first]) ? i : first;
    }
    w->id[first].place = 1;
    while (changed) {
        changed = false;
        for (uint32_t l = p->link_first; l != WHO_NONE; l = w->link[l].next) {
            struct who_id *a = &w->id[w->link[l].a], *b = &w->id[w->link[l].b];
            if (!w->link[l].dead && a->place != b->place) {
                a->place = b->place = 1;
                changed = true;
            }
        }
    }
}

/* Deal a person's identities and links out again: what is not marked goes to another. */
static void
deal_out(struct identify *w, uint32_t person, uint32_t other)
{
    uint32_t id = w->person[person].first, link = w->person[person].link_first;
    struct who_person *p = &w->person[person];

    p->first = p->last = p->link_first = p->link_last = WHO_NONE;
    while (id != WHO_NONE) {
        uint32_t next = w->id[id].next;
        identify_give_id(w, w->id[id].place ? person : other, id);
        w->id[id].moved = w->id[id].moved || !w->id[id].place;
        id = next;
    }
    while (link != WHO_NONE) {
        uint32_t next = w->link[link].next;
        identify_give_link(w, w->id[w->link[link].a].place ? person : other, link);
        link = next;
    }
}

/* Had any of those who are in this customer events refused? One that was merged since it was loaded counts too. */
static bool
is_lossy(const struct identify *w, uint32_t person)
{
    for (uint32_t s = 0; s < w->stored_n; s++)
        for (uint32_t i = 0; w->stored[s].profile.lossy && i < w->stored[s].profile.identity_n; i++)
            if (w->id[w->stored[s].base + i].person == person)
                return true;
    return false;
}

int
identify_split(struct identify *w, uint32_t person, struct tl_err *err)
{
    bool whole = true;

    mark_reached(w, &w->person[person]);
    for (uint32_t i = w->person[person].first; i != WHO_NONE; i = w->id[i].next)
        whole = whole && w->id[i].place;
    if (whole)
        return 0;
    w->must_rebuild = w->must_rebuild || is_lossy(w, person);
    uint32_t other = identify_add_person(w, *w->next_number);
    if (other == WHO_NONE)
        return identify_no_memory(err);
    ++*w->next_number;
    deal_out(w, person, other);
    w->person[person].tangled = w->person[other].tangled = true;
    return 0;
}
