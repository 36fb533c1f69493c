/* identify_in.h - what identify.c (events), identify_split.c (cutting customers apart) and identify_ties.c (what was said by hand) share. */
#ifndef IDENTIFY_IN_H
#define IDENTIFY_IN_H

#include "identify.h"

/* GROW - room for one more in w->list; false when out of memory */
#define GROW(w, list) identify_grow((void **)&(w)->list, (w)->list##_n, &(w)->list##_cap, sizeof *(w)->list)
bool identify_grow(void **list, uint32_t n, uint32_t *cap, size_t item);
int identify_no_memory(struct tl_err *err);
uint32_t identify_add_person(struct identify *w, uint64_t number);              /* WHO_NONE: out of memory */
void identify_give_id(struct identify *w, uint32_t person, uint32_t id);
void identify_give_link(struct identify *w, uint32_t person, uint32_t link);
bool identify_seen_before(const struct who_id *a, const struct who_id *b);      /* by (first position, hash) */
/* identify_split - a link of this customer has died: what the first-seen identity no longer reaches becomes another customer */
int identify_split(struct identify *w, uint32_t person, struct tl_err *err);
enum tl_tie identify_said(const struct identify *w, const uint8_t *a, const uint8_t *b);    /* the last word on the pair */
bool identify_is_cut(const struct identify *w, const uint8_t *a, const uint8_t *b);
/* ---- identities that are everybody's (identify_shared.c) ---- */
bool identify_is_shared(const struct identify *w, const uint8_t *hash);
void identify_tally(struct identify *w, const struct who_link *l, bool told);             /* its ends are told with one more, or one less */
int identify_told(struct identify *w, const struct who_link *l, struct tl_err *err);      /* told for the first time: does that make one of its ends everybody's? */

#endif
