/* quote_mask.h - what customers write may name them: numbers and addresses in a text are covered before anybody reads it. Pure. */
#ifndef QUOTE_MASK_H
#define QUOTE_MASK_H

#include "tl_mem.h"

#define QUOTE_DIGITS_MIN 6          /* so many digits in a row, spaces, dots and dashes between them aside, are a telephone, a card, an order */

/* quote_mask - text into out, which has room for max bytes: runs of digits and words with an @ become one U+2026 each, line breaks and other controls a space, and what
 * turns the direction of writing is left out. Cut at a character when it is longer. Returns the bytes written; *cut says whether some are missing. */
size_t quote_mask(struct tl_str text, char *out, size_t max, bool *cut);

#endif
