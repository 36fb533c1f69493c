/* json_at.c - one value of a JSON text, for tests in the shell.
 *
 *   json_at PATH... <answer.json     a line for each path: texts bare, numbers rounded to 6 digits after the point, lists and objects as they stand,
 *                                    "-" for what is not there
 * A path: members by `.name`, items by `[number]`, `[name=text]` (the first that has it) or `[name=text,other=text]`, `.#` how many. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tl_json.h"

#define ARENA_BYTES (256ull << 20)

/* does the item's member have this text? members of members: a.b */
static bool
has(const struct tl_jv *item, const char *name, size_t name_n, const char *text, size_t text_n)
{
    char part[64];
    const char *dot = memchr(name, '.', name_n);
    size_t n = dot != NULL ? (size_t)(dot - name) : name_n;
    snprintf(part, sizeof part, "%.*s", (int)n, name);
    const struct tl_jv *v = tl_jv_get(item, part);
    if (v == NULL)
        return false;
    if (dot != NULL)
        return has(v, dot + 1, name_n - n - 1, text, text_n);
    struct tl_str s = v->type == TL_JTEXT ? v->text : v->raw;
    return s.n == text_n && memcmp(s.p, text, text_n) == 0;
}

static bool
fits(const struct tl_jv *item, const char *rule, size_t n)
{
    while (n > 0) {
        const char *comma = memchr(rule, ',', n);
        size_t one = comma != NULL ? (size_t)(comma - rule) : n;
        const char *is = memchr(rule, '=', one);
        if (is == NULL || !has(item, rule, (size_t)(is - rule), is + 1, one - (size_t)(is - rule) - 1))
            return false;
        rule += one + (comma != NULL);
        n -= one + (comma != NULL);
    }
    return true;
}

static const struct tl_jv *
item(const struct tl_jv *list, const char *rule, size_t n)
{
    unsigned at = 0;
    bool number = n > 0 && strspn(rule, "0123456789") >= n;
    if (number)
        sscanf(rule, "%u", &at);
    for (const struct tl_jv *v = list->type == TL_JARRAY ? list->child : NULL; v != NULL; v = v->next)
        if (number ? at-- == 0 : fits(v, rule, n))
            return v;
    return NULL;
}

static void
print(const struct tl_jv *v)
{
    if (v == NULL)
        printf("-\n");
    else if (v->type == TL_JTEXT)
        printf("%.*s\n", (int)v->text.n, v->text.p);
    else if (v->type == TL_JNUMBER && !v->is_int)
        printf("%.6f\n", fabs(v->number) < 5e-7 ? 0 : v->number);
    else
        printf("%.*s\n", (int)v->raw.n, v->raw.p);
}

static void
walk(const struct tl_jv *v, const char *path)
{
    char name[128];
    while (v != NULL && *path != '\0') {
        if (strcmp(path, ".#") == 0) {
            printf("%u\n", v->children_n);
            return;
        }
        size_t n = *path == '[' ? strcspn(path, "]") : 1 + strcspn(path + 1, ".[");
        if (*path == '[')
            v = item(v, path + 1, n - 1);
        else {
            snprintf(name, sizeof name, "%.*s", (int)n - 1, path + 1);
            v = tl_jv_get(v, name);
        }
        path += n + (*path == '[' && path[n] == ']');
    }
    print(v);
}

int
main(int argc, char **argv)
{
    struct tl_buf b = {0};
    struct tl_jv *root = NULL;
    struct tl_err err = {0};
    char chunk[65536];
    size_t n;
    struct tl_arena *arena = tl_arena_new(ARENA_BYTES);
    while ((n = fread(chunk, 1, sizeof chunk, stdin)) > 0)
        tl_buf_put(&b, chunk, n);
    if (arena == NULL || tl_json_tree(arena, (struct tl_str){ (const char *)b.data, b.len }, 24, &root, NULL, &err) != 0) {
        fprintf(stderr, "json_at: %s\n", err.text);
        return 1;
    }
    for (int i = 1; i < argc; i++)
        walk(root, argv[i]);
    tl_arena_free(&arena);
    tl_buf_free(&b);
    return 0;
}
