/* evidence.h - which of a customer's events prove what a chance or a break says. */
#ifndef EVIDENCE_H
#define EVIDENCE_H

#include "tl_catalogue.h"
#include "tl_facts.h"
#include "tl_store.h"

struct evidence {
    const struct tl_kept *e;            /* borrowed; in order */
    uint32_t n;
    uint32_t name[TL_PICKS_MAX];        /* numbers of the picks by name; 0: the store has no such word */
    uint32_t score[TL_STANDARDS_MAX];   /* numbers of the scores that standards are about, by standard */
    const struct tl_catalogue *c;
};
void evidence_begin(struct evidence *v, const struct tl_catalogue *c, struct tl_store_txn *t, const struct tl_kept *e, uint32_t n);
/* each NULL when there is none (any more) */
const struct tl_kept *evidence_start(const struct evidence *v, const struct tl_standard *s, const struct tl_chance *c);
const struct tl_kept *evidence_end(const struct evidence *v, const struct tl_standard *s, const struct tl_chance *c, const struct tl_kept *start);
const struct tl_kept *evidence_of(const struct evidence *v, uint64_t id_hash);
const struct tl_kept *evidence_last(const struct evidence *v, uint32_t touchpoint, int64_t at_ms);      /* at that touchpoint and moment */

#endif
