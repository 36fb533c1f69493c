/* taken.h - for tests of the importers: a file on disk, a sink that keeps what it is given, and questions about it. */
#ifndef TESTS_TAKEN_H
#define TESTS_TAKEN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tl_import.h"
#include "tl_event.h"
#include "tl_hash.h"
#include "tl_json.h"
#include "tl_port.h"

#define TAKEN_MAX 4096

struct taken {
    char *json[TAKEN_MAX];
    uint64_t line[TAKEN_MAX];
    size_t n;
    char bad[64][160];
    uint64_t bad_line[64];
    size_t bad_n;
    char mapping[4096];
    struct tl_arena *arena;
    struct tl_import_source src;
    struct tl_err err;
    int rc;
};

static inline int
taken_event(void *arg, struct tl_str json, uint64_t line, struct tl_err *err)
{
    struct taken *t = arg;
    (void)err;
    assert_true(t->n < TAKEN_MAX);
    t->line[t->n] = line;
    t->json[t->n++] = tl_strdup(json);
    return 0;
}

static inline void
taken_bad(void *arg, uint64_t line, const char *why)
{
    struct taken *t = arg;
    if (t->bad_n == 64)
        return;
    t->bad_line[t->bad_n] = line;
    snprintf(t->bad[t->bad_n++], 160, "%s", why);
}

static inline void
taken_mapping(void *arg, struct tl_str text)
{
    struct taken *t = arg;
    snprintf(t->mapping, sizeof t->mapping, "%.*s", (int)text.n, text.p);
}

static inline void
taken_free(struct taken *t)
{
    for (size_t i = 0; i < t->n; i++)
        tl_free(t->json[i]);
    tl_arena_free(&t->arena);
    free(t);
}

/* a temporary file with these bytes; the caller unlinks and frees the path */
static inline char *
taken_file(const void *bytes, size_t n)
{
    char *path = strdup("/tmp/t_import_XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), (ssize_t)n);
    close(fd);
    return path;
}

static inline struct tl_import_sink
taken_sink(struct taken *t)
{
    return (struct tl_import_sink){ .event = taken_event, .bad = taken_bad, .mapping = taken_mapping, .arg = t };
}

/* member i's value by name, as parsed */
static inline const struct tl_jv *
taken_at(struct taken *t, size_t i, const char *name)
{
    struct tl_jv *root = NULL;
    if (t->arena == NULL)
        t->arena = tl_arena_new(64 * 1024 * 1024);
    assert_true(i < t->n);
    assert_int_equal(tl_json_tree(t->arena, tl_str_of(t->json[i]), 0, &root, NULL, NULL), 0);
    const struct tl_jv *v = root;
    char path[128];
    snprintf(path, sizeof path, "%s", name);
    for (char *save = NULL, *p = strtok_r(path, "/", &save); p != NULL && v != NULL; p = strtok_r(NULL, "/", &save))
        v = tl_jv_get(v, p);
    return v;
}

static inline void
taken_is(struct taken *t, size_t i, const char *name, const char *json)
{
    const struct tl_jv *v = taken_at(t, i, name);
    if (json == NULL) {
        assert_null(v);
        return;
    }
    assert_non_null(v);
    char raw[512];
    snprintf(raw, sizeof raw, "%.*s", (int)v->raw.n, v->raw.p);
    assert_string_equal(raw, json);
}

/* the collector's own reader takes every event */
static inline void
taken_all_valid(struct taken *t)
{
    struct tl_event_reader *r = tl_event_reader_new();
    struct tl_arena *a = tl_arena_new(1024 * 1024);
    for (size_t i = 0; i < t->n; i++) {
        size_t n = strlen(t->json[i]);
        char *padded = tl_alloc(n + TL_JSON_PADDING);
        struct tl_event ev;
        struct tl_refusal why = {0};
        memcpy(padded, t->json[i], n);
        if (tl_event_read(r, a, (struct tl_str){ padded, n }, &ev, &why) != 0 || tl_event_check(&ev, INT64_C(4102444800000), &why) != 0)
            fail_msg("%s: %s %s", t->json[i], tl_reason_word(why.reason), why.field);
        tl_free(padded);
        tl_arena_reset(a);
    }
    tl_arena_free(&a);
    tl_event_reader_free(&r);
}

static inline bool
taken_has_id(struct taken *t, const char *id_json)
{
    for (size_t i = 0; i < t->n; i++)
        if (strncmp(t->json[i] + 6, id_json, strlen(id_json)) == 0)
            return true;
    return false;
}

#endif
