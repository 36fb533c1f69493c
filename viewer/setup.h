/* setup.h - from nothing to a map, for a page: a file is handed over and imported, a draft of a catalogue is checked and held against the live one. Publishing it is
 * a control record (door.h).
 *
 *   POST /api/setup/file     a piece of a file (upload.h)                      -> {id, name, bytes, have}
 *   POST /api/setup/import   {"id", "map"?}     `touchline import` of it; map: a mapping file's content
 *   POST /api/setup/undo     {"origin"}         `touchline import --undo`
 *   POST /api/setup/check    {"files"}          everything there is to say of these files, at once; nothing is kept
 *   POST /api/setup/diff     {"files","from"?,"to"?}  `touchline check --diff`
 *   POST /api/setup/stop     {}                 ends the command that runs
 *   POST /api/setup/forget   {}                 what the last command found, and a file handed over, go
 *   GET  /api/setup          how all of this stands, and what the store has received
 * One command runs at a time (chore.h); who looks sees the same. All is kept in DATA/setup; a file goes when its import is done, with the next one, and when the viewer starts and ends. */
#ifndef SETUP_H
#define SETUP_H

#include "fold.h"
#include "tl_catalogue_files.h"
#include "tl_http.h"
#include "upload.h"

#define SETUP_PATH "/api/setup/"
#define SETUP_BODY_MAX TL_CATALOGUE_BODY_MAX    /* bytes of the largest body: the files of a catalogue */
#define SETUP_MAP_MAX 65536                     /* of a mapping */
#define SETUP_LOOK_MS 1000                      /* for the aggregator to say how far it is */

struct setup;
/* setup_new - makes DATA/setup. returns owned. TL_EIO, TL_ENOMEM. */
int setup_new(struct setup **out, const char *data, struct tl_err *err);
/* setup_word - the word after SETUP_PATH; {NULL,0} when it is no such address */
struct tl_str setup_word(struct tl_str path);
/* setup_answer - answers a POST of one of the viewer's own pages. Blocks for as long as a file's piece is written, or files are checked. */
void setup_answer(struct setup *s, struct tl_http_req *rq);
/* setup_render - the answer of GET /api/setup */
int setup_render(struct setup *s, const struct look *k, struct tl_buf *out, struct tl_err *err);
/* setup_catalogue - the answer of GET /api/catalogue: the files of the version that holds, as the store keeps them, else those of DATA/catalogue */
int setup_catalogue(const struct look *k, const char *data, struct tl_buf *out, struct tl_err *err);
/* setup_openapi - the addresses that are posted to */
void setup_openapi(struct tl_jw *w);
void setup_free(struct setup **sp);             /* ends a command that runs */

#endif
