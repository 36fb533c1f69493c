/* identify_shared.c - identities that are everybody's: a till's tablet, the shop's own number, "guest". See identify.h.
 *
 * An arrival links its home to each of its others. One that is told with more than WHO_HOMES_MAX homes, or as home with more than WHO_OTHERS_MAX others, is no
 * person's: all that events tell of it ties nobody from then on, and what they told before neither. Whether that happens follows from the set of links told, not from
 * their order. What a person linked by hand holds. It stays so: a cut or a visit that later takes one of those links away does not make it a person's again. */
#include "identify_in.h"

void
identify_tally(struct identify *w, const struct who_link *l, bool told)
{
    uint32_t home = l->back ? l->b : l->a, other = l->back ? l->a : l->b;

    w->id[home].others = (uint16_t)(w->id[home].others + (told ? 1 : w->id[home].others > 0 ? -1 : 0));
    w->id[other].homes = (uint8_t)(w->id[other].homes + (told ? 1 : w->id[other].homes > 0 ? -1 : 0));
}

/* Part everybody whom the dead links held together. */
static int
split_all(struct identify *w, uint32_t person, struct tl_err *err)
{
    uint32_t made = 0;
    int rc = 0;

    do {
        made = w->person_n;
        rc = identify_split(w, person, err);
        person = made;
    } while (rc == 0 && w->person_n > made);
    return rc;
}

static int
share(struct identify *w, uint32_t id, uint64_t position, struct tl_err *err)
{
    uint32_t person = w->id[id].person;

    if (!GROW(w, found) || identify_tie(w, w->id[id].hash, w->id[id].hash, TL_TIE_SHARED) != 0)
        return identify_no_memory(err);
    memcpy(w->found[w->found_n].hash, w->id[id].hash, 16);
    w->found[w->found_n++].position = position;
    w->id[id].shared = true;
    for (uint32_t i = w->person[person].link_first; i != WHO_NONE; i = w->link[i].next) {
        struct who_link *l = &w->link[i];
        if (l->dead || l->told_n == 0 || (l->a != id && l->b != id))
            continue;
        identify_tally(w, l, false);
        l->told_n = 0;
        l->dead = !l->manual;
    }
    w->person[person].tangled = true;
    return split_all(w, person, err);
}

int
identify_told(struct identify *w, const struct who_link *l, struct tl_err *err)
{
    uint32_t home = l->back ? l->b : l->a, other = l->back ? l->a : l->b;
    uint64_t position = l->first_position;

    identify_tally(w, l, true);
    int rc = w->id[other].homes > WHO_HOMES_MAX ? share(w, other, position, err) : 0;
    return rc == 0 && w->id[home].others > WHO_OTHERS_MAX ? share(w, home, position, err) : rc;
}

bool
identify_is_shared(const struct identify *w, const uint8_t *hash)
{
    return identify_said(w, hash, hash) == TL_TIE_SHARED;
}
