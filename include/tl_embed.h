/* tl_embed.h - static files carried inside a program (tools/embed.sh). */
#ifndef TL_EMBED_H
#define TL_EMBED_H

#include <stddef.h>

struct tl_embed {
    const char *name;           /* base name, "index.html" */
    const unsigned char *data;  /* a NUL follows */
    size_t len;
};
extern const struct tl_embed tl_embed_web[]; /* viewer/web and the parts of d3 it uses; ends with a row of NULLs */
extern const struct tl_embed tl_embed_sdk[]; /* touchline.js, touchline-mini.js, made from collector/sdk/js */
extern const struct tl_embed tl_embed_tea[]; /* schemas/catalogue/tea: the demo's catalogue */
extern const struct tl_embed tl_embed_line[]; /* schemas/catalogue/line */
extern const struct tl_embed tl_embed_five[]; /* schemas/catalogue/five-stages */
extern const struct tl_embed tl_embed_models[]; /* schemas/catalogue/models.json: the stage models A to E */

#endif
