/* tl_conf.c - see tl_conf.h. */
#include "tl_conf.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define LINE_BYTES 1024

struct row {
    const char *key, *def_text, *unit, *doc;
    bool text;
    int64_t def, min, max;
    size_t offset;
};

static const struct row rows[] = {
#define CONF_INT(name, key, def, min, max, unit, doc) { key, NULL, unit, doc, false, def, min, max, offsetof(struct tl_conf, name) },
#define CONF_TEXT(name, key, def, doc) { key, def, "", doc, true, 0, 0, 0, offsetof(struct tl_conf, name) },
#include "config.def"
#undef CONF_INT
#undef CONF_TEXT
};
#define ROWS_N (sizeof rows / sizeof rows[0])
#define TEXT_BYTES sizeof(((struct tl_conf *)0)->data)

static void
put_int(struct tl_conf *c, const struct row *r, int64_t v)
{
    memcpy((char *)c + r->offset, &v, sizeof v);
}

static void
put_text(struct tl_conf *c, const struct row *r, const char *v)
{
    snprintf((char *)c + r->offset, TEXT_BYTES, "%s", v);
}

void
tl_conf_defaults(struct tl_conf *c)
{
    memset(c, 0, sizeof *c);
    for (size_t i = 0; i < ROWS_N; i++) {
        if (rows[i].text)
            put_text(c, &rows[i], rows[i].def_text);
        else
            put_int(c, &rows[i], rows[i].def);
    }
    const char *data = getenv("TOUCHLINE_DATA");
    if (data && *data)
        snprintf(c->data, sizeof c->data, "%s", data);
}

/* "spool.max_mb", "spool-max-mb" and "spool_max_mb" are one key */
static bool
same_key(const char *a, const char *b, size_t b_n)
{
    size_t i = 0;
    for (; a[i] && i < b_n; i++) {
        char x = a[i] == '.' || a[i] == '_' ? '-' : a[i], y = b[i] == '.' || b[i] == '_' ? '-' : b[i];
        if (x != y)
            return false;
    }
    return a[i] == '\0' && i == b_n;
}

static const struct row *
find(const char *key, size_t key_n)
{
    for (size_t i = 0; i < ROWS_N; i++)
        if (same_key(rows[i].key, key, key_n))
            return &rows[i];
    return NULL;
}

static int
set(struct tl_conf *c, const struct row *r, const char *value, const char *where, struct tl_err *err)
{
    char *end;
    if (r->text) {
        if (strlen(value) >= TEXT_BYTES)
            return tl_fail(err, TL_ECONFIG, "%s: %s is longer than %zu bytes", where, r->key, TEXT_BYTES - 1);
        put_text(c, r, value);
        return 0;
    }
    errno = 0;
    int64_t v = strtoll(value, &end, 10);
    if (errno || end == value || *end || v < r->min || v > r->max)
        return tl_fail(err, TL_ECONFIG, "%s: %s = \"%.40s\" is not a whole number from %" PRId64 " to %" PRId64 " (%s)", where, r->key, value, r->min, r->max, r->unit);
    put_int(c, r, v);
    return 0;
}

int
tl_conf_set(struct tl_conf *c, const char *key, const char *value, const char *where, struct tl_err *err)
{
    const struct row *r = find(key, strlen(key));
    if (!r)
        return tl_fail(err, TL_ECONFIG, "%s: there is no setting \"%.60s\"; --help lists them all", where, key);
    return set(c, r, value, where, err);
}

static char *
trim(char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    size_t n = strlen(s);
    while (n > 0 && isspace((unsigned char)s[n - 1]))
        s[--n] = '\0';
    return s;
}

int
tl_conf_file(struct tl_conf *c, const char *path, struct tl_err *err)
{
    char line[LINE_BYTES], where[300];
    FILE *f = fopen(path, "re");
    int rc = 0;
    if (!f)
        return tl_fail(err, TL_ENOTFOUND, "cannot read settings file %s: %s", path, strerror(errno));
    for (int n = 1; rc == 0 && fgets(line, sizeof line, f); n++) {
        char *text = trim(line), *eq = strchr(text, '=');
        snprintf(where, sizeof where, "%s line %d", path, n);
        if (*text == '\0' || *text == '#')
            continue;
        if (!eq) {
            rc = tl_fail(err, TL_ECONFIG, "%s: write `key = value`", where);
            break;
        }
        *eq = '\0';
        rc = tl_conf_set(c, trim(text), trim(eq + 1), where, err);
    }
    fclose(f);
    return rc;
}

/* --key value, --key=value: fills key (length key_n) and value, and returns how many arguments it took; 0: not an option of ours */
static int
option(int argc, char **argv, int i, const struct row **r, const char **value)
{
    const char *a = argv[i];
    if (a[0] != '-' || a[1] != '-' || a[2] == '\0')
        return 0;
    const char *eq = strchr(a + 2, '=');
    *r = find(a + 2, eq ? (size_t)(eq - a - 2) : strlen(a + 2));
    *value = eq ? eq + 1 : i + 1 < argc ? argv[i + 1] : NULL;
    return *r ? (eq ? 1 : 2) : 0;
}

static int
args_config_file(struct tl_conf *c, int *argc, char **argv, struct tl_err *err)
{
    int out = 1, rc = 0;
    for (int i = 1; i < *argc; i++) {
        if (strcmp(argv[i], "--config") == 0) {
            if (i + 1 >= *argc)
                return tl_fail(err, TL_ECONFIG, "--config wants a file");
            rc = rc ? rc : tl_conf_file(c, argv[++i], err);
        } else {
            argv[out++] = argv[i];
        }
    }
    *argc = out;
    return rc;
}

int
tl_conf_args(struct tl_conf *c, int *argc, char **argv, struct tl_err *err)
{
    const struct row *r = NULL;
    const char *value = NULL;
    int out = 1, rc = args_config_file(c, argc, argv, err);
    for (int i = 1; rc == 0 && i < *argc; i++) {
        int took = option(*argc, argv, i, &r, &value);
        if (took == 0) {
            argv[out++] = argv[i];
            continue;
        }
        if (!value)
            return tl_fail(err, TL_ECONFIG, "--%s wants a value", r->key);
        rc = set(c, r, value, "command line", err);
        i += took - 1;
    }
    if (rc == 0)
        *argc = out;
    return rc;
}

void
tl_conf_help(struct tl_buf *b)
{
    for (size_t i = 0; i < ROWS_N; i++) {
        const struct row *r = &rows[i];
        if (r->text)
            tl_buf_printf(b, "  --%-24s %s%s%s%s\n", r->key, r->doc, *r->def_text ? " [" : "", r->def_text, *r->def_text ? "]" : "");
        else
            tl_buf_printf(b, "  --%-24s %s [%" PRId64 " %s, %" PRId64 "..%" PRId64 "]\n", r->key, r->doc, r->def, r->unit, r->min, r->max);
    }
}

int
tl_conf_loopback(const char *key, const char *addr, struct tl_err *err)
{
    struct in_addr v4;
    if (strcmp(addr, "localhost") == 0 || strcmp(addr, "::1") == 0)
        return 0;
    if (inet_pton(AF_INET, addr, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127)
        return 0;
    return tl_fail(err, TL_ECONFIG, "%s = %s is not a loopback address: without transport security and logins only 127.x.x.x, ::1 and localhost are served; "
                   "put a TLS proxy on this machine in front", key, addr);
}

bool
tl_conf_bus_loopback(const char *endpoint)
{
    char host[256];
    const char *at = strncmp(endpoint, "tcp://", 6) == 0 ? endpoint + 6 : NULL, *colon = at ? strrchr(at, ':') : NULL;
    if (!colon)
        return false;
    bool bracket = *at == '[' && colon > at && colon[-1] == ']';
    snprintf(host, sizeof host, "%.*s", (int)(colon - at) - 2 * bracket, at + bracket);
    return tl_conf_loopback("", host, NULL) == 0;
}
