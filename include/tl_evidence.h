/* tl_evidence.h - what mystery shoppers photographed: files beside the store, named by their hash, so that a changed one shows.
 *
 * DATA/evidence/VISIT/NAME: VISIT is the BLAKE2b-128 of the visit's id in hex; NAME the first half of the file's BLAKE2b-256 in hex, and the ending of its type. The
 * visit's record holds name, whole hash and size (tl_visit.h). A file is on disk under its name before its record is entered. */
#ifndef TL_EVIDENCE_H
#define TL_EVIDENCE_H

#include <limits.h>

#include "tl_err.h"
#include "tl_mem.h"
#include "tl_visit.h"

#define TL_EVIDENCE_DIR "evidence"
#define TL_EVIDENCE_FILE_MAX (2u << 20)         /* bytes of one file; the shopper's page shrinks photos to half of it */
#define TL_EVIDENCE_VISIT_MAX (32u << 20)       /* bytes of one visit; TL_VISIT_EVIDENCE_MAX files */
#define TL_EVIDENCE_NAME_BYTES 48
#define TL_EVIDENCE_VISIT_BYTES 33

struct tl_evidence { char name[TL_EVIDENCE_NAME_BYTES], hash[65]; const char *type; uint64_t bytes; };
/* tl_evidence_type - "image/jpeg" ... by the first bytes; NULL: no picture that is taken (JPEG, PNG, WebP, GIF), nor a PDF */
const char *tl_evidence_type(const void *p, size_t n);
/* tl_evidence_folder - the visit's folder name */
void tl_evidence_folder(struct tl_str visit, char out[TL_EVIDENCE_VISIT_BYTES]);
/* tl_evidence_put - write a file of a visit, synced; the same bytes again are the same file. total_max: bytes of all evidence. TL_EINVAL (no type that is taken, empty),
 * TL_ETOOBIG (file, visit or all of them: err says which), TL_ENOSPC, TL_EIO. */
int tl_evidence_put(const char *data, struct tl_str visit, const void *p, size_t n, uint64_t total_max, struct tl_evidence *out, struct tl_err *err);

enum tl_evidence_state { TL_EVIDENCE_WHOLE, TL_EVIDENCE_MISSING, TL_EVIDENCE_CHANGED, TL_EVIDENCE_UNREADABLE };
/* tl_evidence_check - is the file what the record says? */
enum tl_evidence_state tl_evidence_check(const char *data, struct tl_str visit, const struct tl_visit_evidence *e);
const char *tl_evidence_state_word(enum tl_evidence_state s);            /* "whole" */
/* tl_evidence_read - the file's bytes, when they are what the record says. 0, TL_ENOTFOUND, TL_ECORRUPT (changed), TL_EIO, TL_ENOMEM. */
int tl_evidence_read(const char *data, struct tl_str visit, const struct tl_visit_evidence *e, struct tl_buf *out, struct tl_err *err);
/* tl_evidence_sum - files and bytes of all visits; 0 and 0 without the folder */
int tl_evidence_sum(const char *data, uint64_t *files, uint64_t *bytes, struct tl_err *err);

#endif
