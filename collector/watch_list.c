/* watch_list.c - which folders are watched: pairs on the command line, and a file. */
#include "watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tl_import.h"
#include "tl_mapping.h"

#define FILE_BYTES_MAX (256 * 1024)
#define SETTLE_MAX_S 3600
#define TOLD "allowed: dir (required), map, name, settle_s"

static int
add(struct watch_list *l, const char *where, struct tl_err *err)
{
    if (l->n == WATCH_DIRS_MAX)
        return tl_fail(err, TL_ECONFIG, "%s: at most %d folders are watched by one collector", where, WATCH_DIRS_MAX);
    l->at[l->n++] = (struct watch_dir){ .settle_s = -1 };
    return 0;
}

static int
put_text(char *out, size_t room, const char *key, struct tl_str v, struct tl_err *err)
{
    if (v.n == 0 || v.n >= room)
        return tl_fail(err, TL_ECONFIG, "%s takes 1 to %zu bytes", key, room - 1);
    snprintf(out, room, "%.*s", (int)v.n, v.p);
    return 0;
}

/* the option's value, after = or as the next word; NULL: not this option */
static const char *
value_of(const char *name, char **argv, int *i, int argc)
{
    size_t n = strlen(name);
    if (strncmp(argv[*i], name, n) != 0 || (argv[*i][n] != '\0' && argv[*i][n] != '='))
        return NULL;
    if (argv[*i][n] == '=')
        return argv[*i] + n + 1;
    return *i + 1 < argc ? argv[++*i] : "";
}

int
watch_list_args(struct watch_list *l, int *argc, char **argv, struct tl_err *err)
{
    int kept = 1, rc = 0;
    for (int i = 1; i < *argc && rc == 0; i++) {
        int at = i;
        const char *dir = value_of("--watch", argv, &i, *argc), *map = dir == NULL ? value_of("--map", argv, &i, *argc) : NULL;
        if (dir != NULL) {
            rc = add(l, "--watch", err);
            if (rc == 0)
                rc = put_text(l->at[l->n - 1].dir, sizeof l->at[0].dir, "--watch DIR", tl_str_of(dir), err);
        } else if (map != NULL) {
            if (l->n == 0 || l->at[l->n - 1].map[0] != '\0')
                rc = tl_fail(err, TL_ECONFIG, "--map FILE stands behind the --watch DIR that it is for");
            else
                rc = put_text(l->at[l->n - 1].map, sizeof l->at[0].map, "--map FILE", tl_str_of(map), err);
        } else {
            argv[kept++] = argv[at];
        }
    }
    *argc = rc == 0 ? kept : *argc;
    return rc;
}

/* ---- the file ---- */
static int
wrong(const char *path, const struct tl_jv *v, const char *what, struct tl_err *err)
{
    return tl_fail(err, TL_ECONFIG, "%s:%u: \"%.*s\" %s", path, v->line, (int)(v->name.n < 40 ? v->name.n : 40), v->name.p ? v->name.p : "", what);
}

static int
read_map(struct watch_dir *d, const char *path, const struct tl_jv *v, struct tl_err *err)
{
    const char *slash = strrchr(path, '/');
    bool beside = v->text.n > 0 && v->text.p[0] != '/' && slash != NULL;
    int n = snprintf(d->map, sizeof d->map, "%.*s%.*s", beside ? (int)(slash - path) + 1 : 0, path, (int)v->text.n, v->text.p);
    return v->text.n > 0 && n < (int)sizeof d->map ? 0 : wrong(path, v, "must name a mapping file", err);
}

static int
read_member(struct watch_dir *d, const char *path, const struct tl_jv *v, struct tl_err *err)
{
    if (tl_str_is(v->name, "settle_s")) {
        d->settle_s = v->is_int && v->integer >= 0 && v->integer <= SETTLE_MAX_S ? v->integer : -1;
        return d->settle_s >= 0 ? 0 : wrong(path, v, "must be a number from 0 to 3600", err);
    }
    if (v->type != TL_JTEXT)
        return wrong(path, v, "is not allowed here or is no text; " TOLD, err);
    if (tl_str_is(v->name, "dir"))
        return put_text(d->dir, sizeof d->dir, "dir", v->text, NULL) == 0 ? 0 : wrong(path, v, "must name a folder", err);
    if (tl_str_is(v->name, "map"))
        return read_map(d, path, v, err);
    if (tl_str_is(v->name, "name"))
        return put_text(d->name, sizeof d->name, "name", v->text, NULL) == 0 ? 0 : wrong(path, v, "takes 1 to 63 bytes", err);
    return wrong(path, v, "is not allowed here; " TOLD, err);
}

static int
read_list(struct watch_list *l, const char *path, const struct tl_jv *root, struct tl_err *err)
{
    const struct tl_jv *list = tl_jv_get(root, "watch");
    int rc = 0;
    if (root->type != TL_JOBJECT || root->children_n != 1 || list == NULL || list->type != TL_JARRAY)
        return tl_fail(err, TL_ECONFIG, "%s: must be {\"watch\": [{\"dir\": \"/srv/pos\", \"map\": \"pos.json\"}]}", path);
    for (const struct tl_jv *e = list->child; e != NULL && rc == 0; e = e->next) {
        if (e->type != TL_JOBJECT)
            return wrong(path, e, "must be a list of objects; " TOLD, err);
        rc = add(l, path, err);
        for (const struct tl_jv *v = rc == 0 ? e->child : NULL; v != NULL && rc == 0; v = v->next)
            rc = read_member(&l->at[l->n - 1], path, v, err);
        if (rc == 0 && l->at[l->n - 1].dir[0] == '\0')
            rc = wrong(path, e, "names no \"dir\"", err);
    }
    return rc;
}

int
watch_list_file(struct watch_list *l, const char *path, struct tl_err *err)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return tl_fail(err, TL_ENOTFOUND, "cannot open %s, which collector.watch names: %s", path, strerror(errno));
    struct tl_arena *a = tl_arena_new(8u << 20);
    char *text = a != NULL ? tl_arena_alloc(a, FILE_BYTES_MAX) : NULL;
    size_t n = text != NULL ? fread(text, 1, FILE_BYTES_MAX, f) : 0;
    struct tl_jv *root = NULL;
    struct tl_json_fault fault;
    struct tl_err why = {0};
    fclose(f);
    int rc = text == NULL ? tl_fail(err, TL_ENOMEM, "out of memory") : 0;
    if (rc == 0 && tl_json_tree(a, (struct tl_str){ text, n }, 0, &root, &fault, &why) != 0)
        rc = tl_fail(err, TL_ECONFIG, "%s: %s", path, why.text);
    if (rc == 0)
        rc = read_list(l, path, root, err);
    tl_arena_free(&a);
    return rc;
}

/* ---- both ---- */
static bool
plain(const char *name)
{
    for (const char *p = name; *p != '\0'; p++)
        if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || *p == '.' || *p == '_' || *p == '-'))
            return false;
    return name[0] != '\0' && name[0] != '.';
}

int
watch_list_check(struct watch_list *l, int64_t settle_s, struct tl_err *err)
{
    for (uint32_t i = 0; i < l->n; i++) {
        struct watch_dir *d = &l->at[i];
        struct tl_mapping *m = NULL;
        char run[TL_IMPORT_RUN_BYTES_MAX + 1];
        if (d->settle_s < 0)
            d->settle_s = settle_s;
        while (strlen(d->dir) > 1 && d->dir[strlen(d->dir) - 1] == '/')
            d->dir[strlen(d->dir) - 1] = '\0';
        tl_import_run_name(d->map[0] != '\0' ? d->map : d->dir, run);
        if (d->name[0] == '\0')
            snprintf(d->name, sizeof d->name, "%s", run);
        if (!plain(d->name))
            return tl_fail(err, TL_ECONFIG, "the name \"%s\" of a watched folder takes letters, digits, - _ and .", d->name);
        for (uint32_t k = 0; k < i; k++)
            if (strcmp(l->at[k].name, d->name) == 0 || strcmp(l->at[k].dir, d->dir) == 0)
                return tl_fail(err, TL_ECONFIG, "two watched folders are %s: give each a folder and a \"name\" of its own in the file that collector.watch names",
                               strcmp(l->at[k].dir, d->dir) == 0 ? d->dir : d->name);
        int rc = d->map[0] != '\0' ? tl_mapping_read(&m, d->map, err) : 0;
        tl_mapping_free(&m);
        if (rc != 0)
            return rc;
    }
    return 0;
}
