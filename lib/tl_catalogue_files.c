/* tl_catalogue_files.c - the *.json files of a catalogue's folder, in name order, as trees. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tl_catalogue_in.h"

#define FILE_BYTES_MAX (8 << 20)

static int
read_file(struct reader *r, const char *dir, const char *name)
{
    char path[4096];
    struct file *f = &r->file[r->file_n];
    int rc = 0;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    snprintf(f->name, sizeof f->name, "%s", name);
    r->now = f;
    FILE *in = fopen(path, "rb");
    if (in == NULL)
        return tl_fail(r->err, TL_ECONFIG, "catalogue file %s: %s", name, strerror(errno));
    long size = fseek(in, 0, SEEK_END) == 0 ? ftell(in) : -1;
    char *text = size >= 0 && size <= FILE_BYTES_MAX ? tl_arena_alloc(r->c->arena, (size_t)size + 1) : NULL;
    rewind(in);
    size_t n = text != NULL ? fread(text, 1, (size_t)size, in) : 0;
    fclose(in);
    if (text == NULL)
        return tl_fail(r->err, TL_ECONFIG, "catalogue file %s cannot be read, or is larger than %d bytes", name, FILE_BYTES_MAX);
    struct tl_json_fault fault = {0};
    struct tl_err why = {0};
    rc = tl_json_tree(r->c->arena, (struct tl_str){ text, n }, 0, &f->root, &fault, &why);
    if (rc != 0)
        return tl_fail(r->err, TL_ECONFIG, "catalogue file %s: %.180s", name, why.text);
    r->file_n++;
    return cat_members(r, f->root, "touchpoints stage_models journey_types roles promote clocks checks outcomes");
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

int
cat_files(struct reader *r, const char *dir)
{
    struct dirent **list = NULL;
    int n = scandir(dir, &list, json_file, by_bytes), rc = 0;

    if (n < 0)
        return errno == ENOENT ? 0 : tl_fail(r->err, TL_ECONFIG, "catalogue folder %s: %s", dir, strerror(errno));
    if (n > CAT_FILES_MAX)
        rc = tl_fail(r->err, TL_ECONFIG, "catalogue folder %s holds more than %d files", dir, CAT_FILES_MAX);
    for (int i = 0; rc == 0 && i < n; i++)
        rc = read_file(r, dir, list[i]->d_name);
    for (int i = 0; i < n; i++)
        free(list[i]);
    free(list);
    return rc;
}
