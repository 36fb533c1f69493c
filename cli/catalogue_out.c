/* catalogue_out.c - see catalogue_out.h. */
#include "catalogue_out.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tl_catalogue_files.h"

static int
write_one(const char *dir, const struct tl_catalogue_file *file, struct tl_err *err)
{
    char path[PATH_MAX + TL_CATALOGUE_NAME_MAX];
    snprintf(path, sizeof path, "%s/%.*s", dir, (int)file->name.n, file->name.p);
    FILE *f = fopen(path, "wxe");
    if (f == NULL)
        return tl_fail(err, errno == EEXIST ? TL_EEXIST : TL_EIO, "cannot write %s: %s", path, errno == EEXIST ? "it exists, and may be somebody's work" : strerror(errno));
    bool ok = fwrite(file->text.p, 1, file->text.n, f) == file->text.n;
    ok = fclose(f) == 0 && ok;
    return ok ? 0 : tl_fail(err, TL_EIO, "cannot write %s: %s", path, strerror(errno));
}

int
catalogue_out(const struct tl_jv *root, const char *dir, struct tl_err *err)
{
    struct tl_catalogue_files *f = tl_alloc(sizeof *f);
    char path[PATH_MAX + TL_CATALOGUE_NAME_MAX];
    int rc = f != NULL ? tl_catalogue_files_of(root, f, err) : tl_fail(err, TL_ENOMEM, "out of memory");
    if (rc == 0 && mkdir(dir, 0777) != 0 && errno != EEXIST)
        rc = tl_fail(err, TL_EIO, "cannot make %s: %s", dir, strerror(errno));
    for (uint32_t i = 0; rc == 0 && i < f->n; i++) {         /* all or none */
        snprintf(path, sizeof path, "%s/%.*s", dir, (int)f->file[i].name.n, f->file[i].name.p);
        if (access(path, F_OK) == 0)
            rc = tl_fail(err, TL_EEXIST, "%s exists, and may be somebody's work", path);
    }
    for (uint32_t i = 0; rc == 0 && i < f->n; i++)
        rc = write_one(dir, &f->file[i], err);
    tl_free(f);
    return rc;
}
