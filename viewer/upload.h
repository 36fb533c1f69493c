/* upload.h - a file that a page hands over piece by piece, into DATA/setup/file. One at a time.
 *
 *   POST ...?id=ID&name=log.xes.gz&bytes=300&at=0    body: the first piece      -> have 100
 *   POST ...?id=ID&name=log.xes.gz&bytes=300&at=100  body: the next             -> have 200
 * A piece that does not begin where the file ends is not taken, and the answer says where it does end: so a piece may be sent again, and none is missed. */
#ifndef UPLOAD_H
#define UPLOAD_H

#include <limits.h>
#include "tl_err.h"
#include "tl_mem.h"

#define UPLOAD_FILE_MAX INT64_C(2000000000)      /* bytes of one file */
#define UPLOAD_PIECE_MAX (1u << 20)             /* bytes of one piece */
#define UPLOAD_NAME_MAX 200
#define UPLOAD_IDLE_MS 30000                    /* one that nobody goes on with for so long gives way to another */
#define UPLOAD_SPARE_BYTES (INT64_C(64) << 20)  /* of the disk, left free */

struct upload_look { char id[40], name[UPLOAD_NAME_MAX + 1]; int64_t bytes, have; };      /* id "": there is none */
struct upload_piece { struct tl_str id, name, bytes; int64_t at, whole; };                 /* whole: bytes of the file */

struct upload;
/* upload_new - folder is made empty. returns owned. TL_ENOMEM, TL_EIO. */
int upload_new(struct upload **out, const char *folder, struct tl_err *err);
/* upload_take - *look: the file as it is then. TL_EINVAL (id, name, sizes), TL_ETOOBIG, TL_ENOSPC, TL_EBUSY (another is being handed over), TL_EIO. Any thread. */
int upload_take(struct upload *u, const struct upload_piece *p, int64_t now_ms, struct upload_look *look, struct tl_err *err);
void upload_see(struct upload *u, struct upload_look *look);
/* upload_path - of the file, once it is whole. TL_ENOTFOUND. */
int upload_path(struct upload *u, struct tl_str id, char path[PATH_MAX], struct tl_err *err);
void upload_drop(struct upload *u);             /* the file goes */
void upload_drop_used(struct upload *u);        /* only one whose path was asked for */
void upload_free(struct upload **up);           /* the file goes, too */

#endif
