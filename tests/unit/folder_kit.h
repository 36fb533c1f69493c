/* folder_kit.h - a temporary folder for the tests of one program, and its removal with all that is in it. */
#ifndef FOLDER_KIT_H
#define FOLDER_KIT_H

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char dir[64];                /* "" while there is none */

/* kit_remove - path and what is below it, as far as it goes; links are not followed */
static inline void
kit_remove(const char *path)
{
    char sub[PATH_MAX];
    DIR *d = opendir(path);

    for (struct dirent *e = d != NULL ? readdir(d) : NULL; e != NULL; e = readdir(d))
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            if (snprintf(sub, sizeof sub, "%s/%s", path, e->d_name) < (int)sizeof sub && unlink(sub) != 0)
                kit_remove(sub);
        }
    if (d != NULL)
        closedir(d);
    rmdir(path);
}

/* folder_make, folder_drop - for cmocka's setup and teardown, of each test or of all */
static inline int
folder_make(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/touchline-test-XXXXXX");
    return mkdtemp(dir) != NULL ? 0 : -1;
}

static inline int
folder_drop(void **state)
{
    (void)state;
    kit_remove(dir);
    return access(dir, F_OK) == 0 ? -1 : 0;
}

#endif
