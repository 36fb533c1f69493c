/* manifest.h - what a backup holds: a line "<BLAKE2b-256> <bytes> <path>" for each file, in order of path, and at the end "mac <keyed BLAKE2b-128>" of all
 * lines before it. And the copying of files as both sides of a backup need it. */
#ifndef CLI_MANIFEST_H
#define CLI_MANIFEST_H

#include "tl_err.h"
#include "tl_hash.h"
#include "tl_mem.h"

#define MANIFEST_NAME "manifest"

/* manifest_write - of every file below dir; synced, and so is every folder. *bytes: of all files. TL_EINVAL: a name with a line break; TL_ERANGE: folders too deep. */
int manifest_write(const char *dir, const uint8_t key[TL_KEY_BYTES], uint64_t *bytes, struct tl_err *err);
/* manifest_check - the MAC, then every file's size and hash, and that no other file is there. TL_EAUTH (another key, or altered), TL_ECORRUPT names the file, TL_EINVAL, TL_ERANGE. */
int manifest_check(const char *dir, const uint8_t key[TL_KEY_BYTES], uint64_t *bytes, struct tl_err *err);
/* manifest_copy - files and folders below from into to (made, 0700); files 0600 and synced. skip: names not copied, NULL-ended. An absent from is 0. */
int manifest_copy(const char *from, const char *to, const char *const *skip, struct tl_err *err);
int manifest_copy_file(const char *from, const char *to, struct tl_err *err);    /* one, as manifest_copy does. TL_ENOTFOUND: no from */
int manifest_sync(const char *dir, struct tl_err *err);           /* dir and every folder below it; their files are synced already */
int manifest_sync_dir(const char *dir, struct tl_err *err);

#endif
