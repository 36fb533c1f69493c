/* shipped.c - see shipped.h. */
#include "shipped.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include "tl_run.h"

static const struct { const char *name; const struct tl_embed *file; } catalogues[] = {
    { "tea", tl_embed_tea },                /* 27 touchpoints: order in the app, pick up, share, after-sales */
    { "line", tl_embed_line },              /* browse online, try in the store, community, feedback */
    { "five-stages", tl_embed_five },       /* the touchpoints of the five stages of model A */
};
enum { CATALOGUES = sizeof catalogues / sizeof catalogues[0] };

int
shipped_write(const char *data, const struct tl_embed *file, struct tl_err *err)
{
    char dir[PATH_MAX], path[PATH_MAX + 300];
    tl_run_path(dir, data, "catalogue");
    if ((mkdir(data, 0700) < 0 && errno != EEXIST) || (mkdir(dir, 0700) < 0 && errno != EEXIST))
        return tl_fail(err, TL_EIO, "cannot make %s: %s", dir, strerror(errno));
    for (const struct tl_embed *e = file; e->name; e++) {
        snprintf(path, sizeof path, "%s/%s", dir, e->name);
        FILE *f = fopen(path, "wx");
        bool ok = f && fwrite(e->data, 1, e->len, f) == e->len;
        if (!f || fclose(f) != 0 || !ok)
            return tl_fail(err, TL_EIO, "cannot write %s: %s", path, strerror(errno));
    }
    return 0;
}

static bool
holds_json(const char *dir)
{
    bool found = false;
    const struct dirent *e = NULL;
    DIR *d = opendir(dir);
    while (d && !found && (e = readdir(d)) != NULL) {
        size_t n = strlen(e->d_name);
        found = n > 5 && strcmp(e->d_name + n - 5, ".json") == 0;
    }
    if (d) closedir(d);
    return found;
}

int
shipped_init(const char *data, const char *name, struct tl_err *err)
{
    char dir[PATH_MAX];
    int i = 0;
    while (i < CATALOGUES && strcmp(catalogues[i].name, name) != 0)
        i++;
    if (i == CATALOGUES)
        return tl_fail(err, TL_ENOTFOUND, "no catalogue \"%.60s\" is shipped; there are tea line five-stages", name);
    if (holds_json(tl_run_path(dir, data, "catalogue")))
        return tl_fail(err, TL_EEXIST, "%s holds a catalogue already; nothing was changed", dir);
    return shipped_write(data, catalogues[i].file, err);
}
