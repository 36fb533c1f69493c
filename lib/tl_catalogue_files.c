/* tl_catalogue_files.c - the *.json files of a catalogue: from a folder, from and into the body of a control record. See tl_catalogue_files.h. */
#include "tl_catalogue_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define BODY_ARENA_BYTES (64u << 20)

/* ---- a folder ---- */

static int
read_file(const char *path, const char *name, struct tl_arena *a, size_t *bytes, struct tl_catalogue_file *out, struct tl_err *err)
{
    FILE *in = fopen(path, "rb");

    if (in == NULL)
        return tl_fail(err, TL_ECONFIG, "catalogue file %s: %s", name, strerror(errno));
    long size = fseek(in, 0, SEEK_END) == 0 ? ftell(in) : -1;
    char *text = size >= 0 && *bytes + (size_t)size <= TL_CATALOGUE_BYTES_MAX ? tl_arena_alloc(a, (size_t)size + 1) : NULL;
    rewind(in);
    size_t n = text != NULL ? fread(text, 1, (size_t)size, in) : 0;
    fclose(in);
    *out = (struct tl_catalogue_file){ { tl_arena_dup(a, name, strlen(name)), strlen(name) }, { text, n } };
    if (text == NULL || out->name.p == NULL)
        return tl_fail(err, TL_ECONFIG, "catalogue file %s cannot be read, or makes the catalogue larger than %u bytes", name, TL_CATALOGUE_BYTES_MAX);
    *bytes += n;
    return 0;
}

static bool
good_name(struct tl_str name)
{
    return name.n > 5 && name.n <= TL_CATALOGUE_NAME_MAX && name.p[0] != '.' && memcmp(name.p + name.n - 5, ".json", 5) == 0 && memchr(name.p, '/', name.n) == NULL;
}

static int
json_file(const struct dirent *e)
{
    return good_name(tl_str_of(e->d_name));
}

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int
read_folder(const char *dir, struct tl_arena *a, struct tl_catalogue_files *out, struct tl_err *err)
{
    char path[4096];
    struct dirent **list = NULL;
    size_t bytes = 0;
    int n = scandir(dir, &list, json_file, by_bytes), rc = 0;

    if (n < 0)
        return errno == ENOENT ? 0 : tl_fail(err, TL_ECONFIG, "catalogue folder %s: %s", dir, strerror(errno));
    if (n > TL_CATALOGUE_FILES_MAX)
        rc = tl_fail(err, TL_ECONFIG, "catalogue folder %s holds more than %d files", dir, TL_CATALOGUE_FILES_MAX);
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, list[i]->d_name);
        if (rc == 0)
            rc = read_file(path, list[i]->d_name, a, &bytes, &out->file[out->n++], err);
        free(list[i]);
    }
    free(list);
    return rc;
}

int
tl_catalogue_files_read(const char *path, struct tl_arena *a, struct tl_catalogue_files *out, struct tl_err *err)
{
    struct stat st;
    const char *slash = strrchr(path, '/');
    size_t bytes = 0;

    out->n = 0;
    if (stat(path, &st) != 0 || S_ISDIR(st.st_mode))
        return read_folder(path, a, out, err);
    return read_file(path, slash != NULL ? slash + 1 : path, a, &bytes, &out->file[out->n++], err);
}

/* ---- a body ---- */

void
tl_catalogue_files_json(struct tl_jw *w, const struct tl_catalogue_files *f)
{
    tl_jw_array(w, "files");
    for (uint32_t i = 0; i < f->n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_str(w, "name", f->file[i].name);
        tl_jw_str(w, "text", f->file[i].text);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}

static int
file_of(const struct tl_jv *v, const struct tl_catalogue_files *before, struct tl_catalogue_file *out, struct tl_err *err)
{
    const struct tl_jv *text = tl_jv_get(v, "text");

    out->name = tl_jv_text(v, "name");
    if (out->name.p == NULL || !good_name(out->name))
        return tl_fail(err, TL_EINVAL, "a file of a catalogue has a \"name\" like touchpoints.json, of 6 to %d bytes and without /", TL_CATALOGUE_NAME_MAX);
    if (text == NULL || text->type != TL_JTEXT)
        return tl_fail(err, TL_EINVAL, "file %.*s of the catalogue has no \"text\"", (int)out->name.n, out->name.p);
    out->text = text->text;
    for (uint32_t i = 0; i < before->n; i++)
        if (tl_str_eq(before->file[i].name, out->name))
            return tl_fail(err, TL_EINVAL, "file %.*s comes twice", (int)out->name.n, out->name.p);
    return 0;
}

static int
by_name(const void *x, const void *y)
{
    return tl_str_cmp(((const struct tl_catalogue_file *)x)->name, ((const struct tl_catalogue_file *)y)->name);
}

int
tl_catalogue_files_of(const struct tl_jv *body, struct tl_catalogue_files *out, struct tl_err *err)
{
    const struct tl_jv *files = tl_jv_get(body, "files");
    size_t bytes = 0;
    int rc = 0;

    out->n = 0;
    if (files == NULL || files->type != TL_JARRAY || files->children_n > TL_CATALOGUE_FILES_MAX)
        return tl_fail(err, TL_EINVAL, "\"files\" is a list of at most %d objects {\"name\",\"text\"}", TL_CATALOGUE_FILES_MAX);
    for (const struct tl_jv *v = files->child; rc == 0 && v != NULL; v = v->next) {
        rc = file_of(v, out, &out->file[out->n], err);
        bytes += rc == 0 ? out->file[out->n].text.n : 0;
        out->n += rc == 0;
    }
    if (rc == 0 && bytes > TL_CATALOGUE_BYTES_MAX)
        rc = tl_fail(err, TL_ETOOBIG, "a catalogue has at most %u bytes, this one %zu", TL_CATALOGUE_BYTES_MAX, bytes);
    if (out->n > 1)
        qsort(out->file, out->n, sizeof out->file[0], by_name);
    return rc;
}

int
tl_catalogue_of_body(struct tl_str body, struct tl_catalogue **out, struct tl_err *err)
{
    struct tl_arena *a = tl_arena_new(BODY_ARENA_BYTES);
    struct tl_catalogue_files *f = a != NULL ? tl_arena_alloc(a, sizeof *f) : NULL;
    struct tl_jv *root = NULL;
    int rc = f != NULL ? tl_json_tree(a, body, 0, &root, NULL, err) : tl_fail(err, TL_ENOMEM, "no memory for the catalogue");

    if (rc == 0)
        rc = tl_catalogue_files_of(root, f, err);
    if (rc == 0)
        rc = tl_catalogue_parse(f, out, err);
    tl_arena_free(&a);
    return rc;
}

void
tl_catalogue_notes_json(struct tl_jw *w, const struct tl_catalogue *c, const struct tl_catalogue_notes *n)
{
    tl_jw_uint(w, "mistakes", n->wrong_n);
    tl_jw_uint(w, "doubts", n->doubt_n);
    tl_jw_uint(w, "left_out", n->left_out_n);
    if (c != NULL)
        tl_jw_cstr(w, "version", c->hash);
    else
        tl_jw_null(w, "version");
    tl_jw_array(w, "notes");
    for (uint32_t i = 0; i < n->note_n; i++) {
        tl_jw_open(w, NULL);
        tl_jw_cstr(w, "file", n->note[i].file);
        tl_jw_uint(w, "line", n->note[i].line);
        tl_jw_cstr(w, "kind", n->note[i].doubt ? "doubt" : "mistake");
        tl_jw_cstr(w, "text", n->note[i].text);
        tl_jw_close(w);
    }
    tl_jw_end(w);
}
