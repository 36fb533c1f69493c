/* tl_json_index.h - the seam to simdjson: where the tokens of a text begin. Inside lib/ only; tl_json.cc is the one C++ file.
 *
 * simdjson's first stage validates UTF-8, finds unclosed strings and control characters inside strings, and writes the offset of every
 * bracket, comma, colon, quote that opens a string, and first byte of any other run of characters. What the tokens mean is our own walk's. */
#ifndef TL_JSON_INDEX_H
#define TL_JSON_INDEX_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tl_json_index;
struct tl_json_index *tl_json_index_new(size_t max_bytes);      /* NULL: out of memory */
void tl_json_index_free(struct tl_json_index *x);
/* tl_json_index_run - tok out: offsets in order, tok[*tok_n] = n; they live until the next run. 0, or -1 when some byte is at fault or n exceeds max_bytes. */
int tl_json_index_run(struct tl_json_index *x, const char *p, size_t n, const uint32_t **tok, uint32_t *tok_n);

/* Numbers, exactly rounded and deaf to the locale. */
double tl_json_double(const char *p, size_t n);                 /* p: a valid JSON number and a byte after it; too large is an infinity, too small 0 */
size_t tl_json_print(double v, char out[40]);                   /* finite v, shortest text that reads back; returns its length */

#ifdef __cplusplus
}
#endif
#endif
