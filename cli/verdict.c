/* verdict.c - see verdict.h: lists of lines, files of them, and how two differ. */
#include "verdict.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LINE_BYTES_MAX 65536

void
verdict_free(struct verdict *v)
{
    for (uint32_t i = 0; i < v->n; i++)
        tl_free(v->line[i]);
    tl_free(v->line);
    *v = (struct verdict){0};
}

/* Names come from events: nothing of theirs may steer a terminal or break a line. */
int
verdict_add(struct verdict *v, struct tl_str line, struct tl_err *err)
{
    if (v->n % 32 == 0) {
        char **more = tl_realloc(v->line, (v->n + 32) * sizeof *more);
        if (more == NULL)
            return tl_fail(err, TL_ENOMEM, "out of memory");
        v->line = more;
    }
    char *copy = tl_strdup(line);
    if (copy == NULL)
        return tl_fail(err, TL_ENOMEM, "out of memory");
    for (char *p = copy; *p != '\0'; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = '?';
    v->line[v->n++] = copy;
    return 0;
}

/* ---- files ---- */

int
verdict_read(const char *path, struct verdict *out, struct tl_err *err)
{
    FILE *f = fopen(path, "re");
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    int rc = 0;
    *out = (struct verdict){0};
    if (f == NULL)
        return tl_fail(err, errno == ENOENT ? TL_ENOTFOUND : TL_EIO, "cannot read %.150s: %s", path, strerror(errno));
    while (rc == 0 && (n = getline(&line, &cap, f)) >= 0) {
        while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r' || line[n - 1] == ' '))
            n--;
        if (n > LINE_BYTES_MAX)
            rc = tl_fail(err, TL_EINVAL, "%.150s: a line of more than %d bytes", path, LINE_BYTES_MAX);
        else if (n > 0 && line[0] != '#')
            rc = verdict_add(out, (struct tl_str){ line, (size_t)n }, err);
    }
    free(line);
    if (rc == 0 && ferror(f))
        rc = tl_fail(err, TL_EIO, "cannot read %.150s", path);
    fclose(f);
    if (rc != 0)
        verdict_free(out);
    return rc;
}

int
verdict_write(const char *path, const char *remark, const struct verdict *v, struct tl_err *err)
{
    char part[4200];
    int n = snprintf(part, sizeof part, "%s.part", path);
    FILE *f = n < (int)sizeof part ? fopen(part, "we") : NULL;
    if (f == NULL)
        return tl_fail(err, TL_EIO, "cannot write %.150s: %s", path, strerror(errno));
    fprintf(f, "# %s\n", remark);
    for (uint32_t i = 0; i < v->n; i++)
        fprintf(f, "%s\n", v->line[i]);
    bool good = !ferror(f);
    good = fclose(f) == 0 && good && rename(part, path) == 0;
    if (!good)
        unlink(part);
    return good ? 0 : tl_fail(err, TL_EIO, "cannot write %.150s: %s", path, strerror(errno));
}

/* ---- how two differ: as bags of lines, told in their own order ---- */

static int
by_line(const void *x, const void *y)
{
    return strcmp(**(char **const *)x, **(char **const *)y);
}

/* places of v's lines, sorted by what they say */
static char ***
sorted(const struct verdict *v)
{
    char ***list = tl_alloc((v->n + 1) * sizeof *list);
    for (uint32_t i = 0; list != NULL && i < v->n; i++)
        list[i] = &v->line[i];
    if (list != NULL && v->n > 1)
        qsort(list, v->n, sizeof *list, by_line);
    return list;
}

static void
list_marked(const struct verdict *v, const bool *mark, const char **out, uint32_t *n)
{
    for (uint32_t i = 0; i < v->n; i++)
        if (!mark[i])
            out[(*n)++] = v->line[i];
}

/* match - marks in both what the other has too */
static void
match(const struct verdict *a, char ***sa, bool *in_a, const struct verdict *b, char ***sb, bool *in_b)
{
    for (uint32_t i = 0, k = 0; i < a->n && k < b->n;) {
        int d = strcmp(*sa[i], *sb[k]);
        if (d == 0) {
            in_a[sa[i] - a->line] = true;
            in_b[sb[k] - b->line] = true;
        }
        i += d <= 0;
        k += d >= 0;
    }
}

int
verdict_compare(const struct verdict *a, const struct verdict *b, struct verdict_diff *out, struct tl_err *err)
{
    char ***sa = sorted(a), ***sb = sorted(b);
    bool *in_a = tl_alloc(a->n + 1), *in_b = tl_alloc(b->n + 1);
    *out = (struct verdict_diff){ .gone = tl_alloc((a->n + 1) * sizeof *out->gone), .come = tl_alloc((b->n + 1) * sizeof *out->come) };
    bool good = sa != NULL && sb != NULL && in_a != NULL && in_b != NULL && out->gone != NULL && out->come != NULL;
    if (good) {
        match(a, sa, in_a, b, sb, in_b);
        list_marked(a, in_a, out->gone, &out->gone_n);
        list_marked(b, in_b, out->come, &out->come_n);
    } else {
        verdict_diff_free(out);
    }
    tl_free(sa);
    tl_free(sb);
    tl_free(in_a);
    tl_free(in_b);
    return good ? 0 : tl_fail(err, TL_ENOMEM, "out of memory");
}

void
verdict_diff_free(struct verdict_diff *d)
{
    tl_free(d->gone);
    tl_free(d->come);
    *d = (struct verdict_diff){0};
}
