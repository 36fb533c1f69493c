/* tl_catalogue_files.c - the *.json files of a catalogue's folder, in name order, as trees; or one file. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tl_catalogue_in.h"

#define FILE_BYTES_MAX (8 << 20)
#define SECTION_NAMES "touchpoints stage_models journey_types roles promote clocks checks outcomes tiers segments dayparts promises blueprints"

static char *
read_whole(struct reader *r, const char *path, size_t *n)
{
    FILE *in = fopen(path, "rb");

    if (in == NULL) {
        cat_wrong(r, NULL, "%s", strerror(errno));
        return NULL;
    }
    long size = fseek(in, 0, SEEK_END) == 0 ? ftell(in) : -1;
    char *text = size >= 0 && size <= FILE_BYTES_MAX ? tl_arena_alloc(r->c->arena, (size_t)size + 1) : NULL;
    rewind(in);
    *n = text != NULL ? fread(text, 1, (size_t)size, in) : 0;
    fclose(in);
    if (text == NULL)
        cat_wrong(r, NULL, "cannot be read, or is larger than %d bytes", FILE_BYTES_MAX);
    return text;
}

/* where the text stops being JSON */
static void
not_json(struct reader *r, struct tl_str text, const struct tl_json_fault *fault, const struct tl_err *why)
{
    struct tl_jv at = { .line = 1 };
    const char *colon = strchr(why->text, ':');

    for (size_t i = 0; i < fault->offset && i < text.n; i++)
        at.line += text.p[i] == '\n';
    cat_wrong(r, &at, "%s", strncmp(why->text, "line ", 5) == 0 && colon != NULL ? colon + 2 : why->text);
}

static void
read_file(struct reader *r, const char *path, const char *name)
{
    struct file *f = &r->file[r->file_n];
    struct tl_json_fault fault = {0};
    struct tl_err why = {0};
    size_t n = 0;

    snprintf(f->name, sizeof f->name, "%s", name);
    r->now = f;
    char *text = read_whole(r, path, &n);
    if (text == NULL)
        return;
    if (tl_json_tree(r->c->arena, (struct tl_str){ text, n }, 0, &f->root, &fault, &why) != 0) {
        not_json(r, (struct tl_str){ text, n }, &fault, &why);
        return;
    }
    r->file_n++;
    cat_members(r, f->root, SECTION_NAMES);
}

static int
json_file(const struct dirent *e)
{
    size_t n = strlen(e->d_name);
    return n > 5 && n < 256 && e->d_name[0] != '.' && strcmp(e->d_name + n - 5, ".json") == 0;
}

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int
read_folder(struct reader *r, const char *dir, struct tl_err *err)
{
    char path[4096];
    struct dirent **list = NULL;
    int n = scandir(dir, &list, json_file, by_bytes), rc = 0;

    if (n < 0)
        return errno == ENOENT ? 0 : tl_fail(err, TL_ECONFIG, "catalogue folder %s: %s", dir, strerror(errno));
    if (n > CAT_FILES_MAX)
        rc = tl_fail(err, TL_ECONFIG, "catalogue folder %s holds more than %d files", dir, CAT_FILES_MAX);
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, list[i]->d_name);
        if (rc == 0)
            read_file(r, path, list[i]->d_name);
        free(list[i]);
    }
    free(list);
    return rc;
}

int
cat_files(struct reader *r, const char *path, struct tl_err *err)
{
    struct stat st;
    const char *slash = strrchr(path, '/');

    if (stat(path, &st) != 0 || S_ISDIR(st.st_mode))
        return read_folder(r, path, err);
    read_file(r, path, slash != NULL ? slash + 1 : path);
    return 0;
}
