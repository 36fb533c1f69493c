/* voice_cells.h - scores in cells (kind x touchpoint x group), and what is said of a cell: means, shares, NPS, who answered. Pure. */
#ifndef VOICE_CELLS_H
#define VOICE_CELLS_H

#include "differ.h"
#include "score.h"
#include "voice.h"

#define VOICE_ANY UINT32_MAX            /* of a cell's touchpoint or group: whatever it is */

struct voice_cell {
    uint32_t kind, touchpoint, group;   /* VOICE_ANY where cells were not told apart by it */
    const struct voice_row *row;        /* n of them, by (customer, time, score); memory of the list */
    size_t n;
};
struct voice_cells { struct voice_cell *cell; size_t cell_n; struct voice_row *row; };
/* voice_cells - rows told up to as_of, in cells by (kind, touchpoint, group). *out owned (voice_cells_free). 0, TL_ENOMEM. */
int voice_cells(const struct voice *v, bool by_touchpoint, bool by_group, int64_t as_of_ms, struct voice_cells *out);
void voice_cells_free(struct voice_cells *c);
/* voice_cell - NULL: there is none */
const struct voice_cell *voice_cell(const struct voice_cells *c, uint32_t kind, uint32_t touchpoint, uint32_t group);

/* ---- what is said of a cell; order of customers changes no digit. cell NULL: nobody said anything. ---- */
struct voice_mean { uint64_t n; struct score_mean of; struct interval mean; };     /* in units of the scale; every customer's own mean counts once */
int voice_mean(const struct voice_cell *c, struct voice_mean *out);                /* 0, TL_ENOMEM */
/* voice_share - scores from lo_milli on, with the design effect of customers who answered more than once (1 when none did) */
int voice_share(const struct voice_cell *c, int32_t lo_milli, struct share *out);
/* voice_nps - promoters from 9, detractors below 7. de as above; var: of the net share, de included. */
struct voice_nps { uint64_t n, promoters, passives, detractors, customers; double de, var; struct interval nps; };
int voice_nps(const struct voice_cell *c, struct voice_nps *out);
uint64_t voice_customers(const struct voice_cell *c);
/* voice_counts - how often each value was given, ascending; *out in room for c->n. Returns how many values. */
struct voice_value { int32_t milli; uint64_t n; };
size_t voice_counts(const struct voice_cell *c, struct voice_value *out);

/* Means against each other, by Welch: unknown when either has fewer than 2 customers. */
struct interval voice_mean_change(const struct score_mean *now, const struct score_mean *before);
/* NPS against NPS: now - before; unknown when either has no answer. Both with n >= SCORE_NPS_MIN before a verdict is due. */
struct interval voice_nps_change(const struct voice_nps *now, const struct voice_nps *before);

/* Who answered: of the journeys that were asked there, or, where nobody ever was, of those with a step there. */
struct voice_response { bool asked; uint64_t rated; struct share share; };         /* rated: journeys with a score, asked or not */
/* ask: number of the word survey.sent; touchpoint, group: as of a cell. Journeys with a score, but at no touchpoint, have no share. */
struct voice_response voice_response(const struct voice *v, const struct voice_cells *c, uint32_t kind, uint32_t ask, uint32_t touchpoint, uint32_t group);

#endif
