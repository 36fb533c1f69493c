/* tl_import_format.c - what a file is, and what its run is called. */
#include "tl_import.h"

#include <stdio.h>
#include <strings.h>
#include "tl_gzip.h"
#include "tl_hash.h"

static const char *const words[TL_IMPORT_FORMATS] = { "xes", "csv", "ndjson" };

const char *
tl_import_format_word(enum tl_import_format f)
{
    return words[f];
}

static bool
ends_in(const char *path, size_t n, const char *ending)
{
    size_t k = strlen(ending);
    return n > k && strncasecmp(path + n - k, ending, k) == 0;
}

static size_t
without_gz(const char *path)
{
    size_t n = strlen(path);
    return ends_in(path, n, ".gz") ? n - 3 : n;
}

int
tl_import_format_of(const char *path, enum tl_import_format *format, struct tl_err *err)
{
    static const struct { const char *ending; enum tl_import_format format; } endings[] = {
        { ".xes", TL_IMPORT_XES }, { ".xml", TL_IMPORT_XES }, { ".csv", TL_IMPORT_CSV }, { ".tsv", TL_IMPORT_CSV }, { ".txt", TL_IMPORT_CSV },
        { ".ndjson", TL_IMPORT_NDJSON }, { ".jsonl", TL_IMPORT_NDJSON }, { ".json", TL_IMPORT_NDJSON },
    };
    size_t n = without_gz(path);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (ends_in(path, n, endings[i].ending)) {
            *format = endings[i].format;
            return 0;
        }
    struct tl_gzip_file *f = NULL;
    char head[256];
    int rc = tl_gzip_open(&f, path, err);
    ssize_t got = rc == 0 ? tl_gzip_read(f, head, sizeof head, err) : rc;
    tl_gzip_close(&f);
    if (got < 0)
        return (int)got;
    size_t i = 0;
    while (i < (size_t)got && strchr(" \t\r\n\xef\xbb\xbf", head[i]) != NULL && head[i] != '\0')
        i++;
    *format = i == (size_t)got ? TL_IMPORT_CSV : head[i] == '<' ? TL_IMPORT_XES : head[i] == '{' ? TL_IMPORT_NDJSON : TL_IMPORT_CSV;
    return 0;
}

/* Only letters, digits, . _ - stay, because a run's name is part of a write key. Where others stood, eight digits of a hash keep names apart. */
void
tl_import_run_name(const char *path, char out[TL_IMPORT_RUN_BYTES_MAX + 1])
{
    static const uint8_t key[TL_KEY_BYTES] = "touchline import: names of runs";
    const char *base = strrchr(path, '/');
    bool changed = false;
    base = base != NULL ? base + 1 : path;
    size_t n = without_gz(base), k = 0;
    static const char *const endings[] = { ".xes", ".xml", ".csv", ".tsv", ".txt", ".ndjson", ".jsonl", ".json" };
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (ends_in(base, n, endings[i])) {
            n -= strlen(endings[i]);
            break;
        }
    for (size_t i = 0; i < n && k < TL_IMPORT_RUN_BYTES_MAX - 9; i++) {
        unsigned char c = (unsigned char)base[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
        changed |= !plain;
        if (plain || (k > 0 && out[k - 1] != '_'))
            out[k++] = plain ? (char)c : '_';
    }
    if (changed || k == 0 || n > k) {
        uint8_t hash[16];
        char hex[33];
        tl_hash128(key, base, n, hash);
        tl_hex(hash, 4, hex);
        k += (size_t)snprintf(out + k, 10, "%s%s", k > 0 && out[k - 1] != '_' ? "-" : "", hex);
    }
    out[k] = '\0';
}

int
tl_import_format_named(const char *word, const char *path, enum tl_import_format *format, struct tl_err *err)
{
    if (word == NULL)
        return tl_import_format_of(path, format, err);
    for (int f = 0; f < TL_IMPORT_FORMATS; f++)
        if (strcmp(word, words[f]) == 0) {
            *format = (enum tl_import_format)f;
            return 0;
        }
    return tl_fail(err, TL_EINVAL, "--format is xes, csv or ndjson");
}
