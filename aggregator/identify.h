/* identify.h - who an event belongs to: the graph of identities and the customers that are its components.
 *
 * Identities and links live in memory here; a source brings in what is stored of a customer when one of its identities is first met. Fed in log order,
 * the same log gives the same customer numbers: a merge keeps the smaller, a split gives the part without the first-seen identity a new one.
 * Links: each event ties its strongest identity to each of its others, unless the last control record on that pair was `unlink` (a cut). A link lives while
 * an arrival tells of it, or a person: those of visits tell of none. */
#ifndef IDENTIFY_H
#define IDENTIFY_H

#include "tl_err.h"
#include "tl_profile.h"
#include "tl_store_write.h"

#define WHO_NONE UINT32_MAX
#define WHO_HOMES_MAX TL_SHARED_HOMES_MAX         /* told with more homes than that, an identity is everybody's */
#define WHO_OTHERS_MAX TL_SHARED_OTHERS_MAX       /* or as home with more others: one person has many browsers, but not so many */

struct who { uint8_t hash[16]; uint32_t kind; };   /* one identity of an event; kind: a word's number */

struct who_id {                  /* an identity in memory, known by its index */
    uint8_t hash[16];
    uint64_t first_position;
    uint32_t kind, person;
    uint32_t next;               /* of the same person */
    uint32_t place;              /* in the customer's identity list: made by identify_places */
    uint32_t events;             /* free for the caller */
    bool moved : 1;              /* new, or with another customer than stored */
    bool shared : 1;             /* everybody's: events tie it to nobody */
    uint8_t homes;               /* told with so many homes, and as home with so many others */
    uint16_t others;
};
struct who_link { uint32_t a, b, next, told_n /* arrivals that tell of it */; uint64_t first_position; bool manual, dead, back /* told with b as home */; };
struct who_person {              /* a customer in memory, known by its index */
    uint64_t number;
    uint32_t first, last;        /* identities, by next */
    uint32_t link_first, link_last;
    uint32_t stored;             /* index of what was loaded, or WHO_NONE */
    bool gone;                   /* merged into another */
    bool tangled;                /* merged or split since loaded: stored events must be dealt out again */
};
struct who_stored { uint64_t number; uint32_t base; struct tl_profile profile; uint32_t person; };   /* identity i of the profile is identity base + i */

/* Where stored customers come from. find: TL_ENOTFOUND when no customer has that identity. NULL functions: nothing is stored. */
struct who_source {
    int (*find)(void *arg, const uint8_t hash[16], uint64_t *number, struct tl_err *err);
    int (*load)(void *arg, uint64_t number, struct tl_profile *p, struct tl_err *err);     /* p's lists live until identify_reset */
    void *arg;
};

struct identify {
    struct who_id *id; uint32_t id_n, id_cap;
    struct who_person *person; uint32_t person_n, person_cap;
    struct who_link *link; uint32_t link_n, link_cap;
    struct who_stored *stored; uint32_t stored_n, stored_cap;
    uint64_t *slot;              /* identities by hash: index + 1, and 32 bits of the hash, so that a stranger is told without looking at it */
    uint32_t mask;
    uint32_t *link_slot, link_mask;
    struct who_tie { uint8_t a[16], b[16]; enum tl_tie tie; } *tie; uint32_t tie_n, tie_cap;
    uint32_t *tie_slot, tie_mask;
    struct who_source source;
    uint64_t *next_number;       /* borrowed: the number the next customer gets */
    struct who_found { uint8_t hash[16]; uint64_t position; } *found; uint32_t found_n, found_cap;   /* everybody's since the last reset: to be remembered by the caller */
    bool must_rebuild;           /* a customer was split who has refused events: only the log can tell */
};
struct identify *identify_new(const struct who_source *source, uint64_t *next_number);
void identify_free(struct identify **wp);
void identify_reset(struct identify *w);             /* forget all but the ties */
void identify_forget_ties(struct identify *w);
/* TL_TIE_SHARED: of one identity with itself */
int identify_tie(struct identify *w, const uint8_t a[16], const uint8_t b[16], enum tl_tie tie);      /* what a control record said; 0 or TL_ENOMEM */

/* identify_expect - a hint: identify_event will soon ask for this one, whose place in memory is likely far away */
void identify_expect(const struct identify *w, const uint8_t hash[16]);
/* identify_event - the home identity of an event with these identities, strongest first: *home indexes id[]. alone: it ties none of them (a visit's). 0, TL_ENOMEM, the
 * source's errors. */
int identify_event(struct identify *w, const struct who *ids, uint32_t n, uint64_t position, bool alone, uint32_t *home, struct tl_err *err);
/* identify_retell - an arrival that was told before, now alone or no more alone: its links are taken back, or given; its home's customer is tangled */
int identify_retell(struct identify *w, const struct who *ids, uint32_t n, uint64_t position, bool alone, uint32_t *home, struct tl_err *err);
/* the two are, or are not, one customer; remember identify_tie */
int identify_link(struct identify *w, const struct who *a, const struct who *b, uint64_t position, struct tl_err *err);
int identify_unlink(struct identify *w, const struct who *a, const struct who *b, struct tl_err *err);
/* identify_places - the person's identities by (first position, hash) into list, which must have room for identify_count; sets their place */
uint32_t identify_count(const struct identify *w, uint32_t person);
void identify_places(struct identify *w, uint32_t person, uint32_t *list);

#endif
