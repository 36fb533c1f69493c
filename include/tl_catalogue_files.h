/* tl_catalogue_files.h - a catalogue as text: the files of a folder, the `files` of a control record, what a store keeps of the version it was made with.
 *
 * One version of a catalogue is the set of its *.json files by name. What it says is its hash (tl_catalogue.h): other spacing is the same version. */
#ifndef TL_CATALOGUE_FILES_H
#define TL_CATALOGUE_FILES_H

#include "tl_catalogue.h"
#include "tl_json.h"

#define TL_CATALOGUE_FILES_MAX 64
#define TL_CATALOGUE_NAME_MAX 200            /* bytes of a file's name */
#define TL_CATALOGUE_BYTES_MAX (2u << 20)    /* of all files together */
#define TL_CATALOGUE_BODY_MAX (2 * TL_CATALOGUE_BYTES_MAX + (64u << 10))   /* the same as JSON text: every byte may be escaped */

struct tl_catalogue_file { struct tl_str name, text; };
struct tl_catalogue_files { struct tl_catalogue_file file[TL_CATALOGUE_FILES_MAX]; uint32_t n; };

/* tl_catalogue_files_read - the *.json files of a folder in name order, or one file, in the arena; none where there is nothing. TL_ECONFIG: err names the file. */
int tl_catalogue_files_read(const char *path, struct tl_arena *a, struct tl_catalogue_files *out, struct tl_err *err);
/* tl_catalogue_files_json - as the member "files": [{"name","text"}] */
void tl_catalogue_files_json(struct tl_jw *w, const struct tl_catalogue_files *f);
/* tl_catalogue_files_of - the member "files" of a body; views into its tree. TL_EINVAL: err names what is wrong: names are plain and end in .json, none twice. */
int tl_catalogue_files_of(const struct tl_jv *body, struct tl_catalogue_files *out, struct tl_err *err);
/* tl_catalogue_notes_json - as the members mistakes, doubts, left_out, version (null: it cannot be used) and notes: [{file, line, kind: mistake or doubt, text}]; c may be NULL */
void tl_catalogue_notes_json(struct tl_jw *w, const struct tl_catalogue *c, const struct tl_catalogue_notes *n);
/* tl_catalogue_check_files, tl_catalogue_parse - what tl_catalogue_check and tl_catalogue_load do, from text. f need not outlive the call. returns owned. TL_ECONFIG: err names file, line, member. */
int tl_catalogue_check_files(const struct tl_catalogue_files *f, struct tl_catalogue **out, struct tl_catalogue_notes **notes, struct tl_err *err);
int tl_catalogue_parse(const struct tl_catalogue_files *f, struct tl_catalogue **out, struct tl_err *err);
/* tl_catalogue_of_body - both: from the text of a body with "files". TL_EINVAL, TL_ECONFIG, TL_ENOMEM. */
int tl_catalogue_of_body(struct tl_str body, struct tl_catalogue **out, struct tl_err *err);

#endif
