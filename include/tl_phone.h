/* tl_phone.h - phone numbers as one text each (E.164), from how people and tills write them. Pure.
 *
 * +, 00 and the region's own way of dialling abroad begin a number with a country code; one without is of the default region: its trunk prefix goes, its code
 * comes. Full-width digits count; an extension stays, since those behind one switchboard are many. What fits no region's lengths is left as digits. */
#ifndef TL_PHONE_H
#define TL_PHONE_H

#include <stdint.h>

#include "tl_mem.h"

#define TL_REGION_DEFAULT "CN"
struct tl_region { char id[3]; const char *code, *trunk, *abroad; uint8_t min, max; };     /* min, max: digits of a national number without its trunk prefix */
/* tl_region_of - by ISO 3166 letters, upper case; NULL: not in the table */
const struct tl_region *tl_region_of(const char *id);
/* tl_region_list - "AE AR AT ..." */
const char *tl_region_list(void);
/* tl_phone_normal - value into out[cap]; region may be NULL: numbers without country code stay digits. Its length; 0 for no digit at all, junk (seven and more of one
 * digit, or counted up from 0 or 1), or longer than cap. */
size_t tl_phone_normal(const struct tl_region *region, struct tl_str value, char *out, size_t cap);

#endif
