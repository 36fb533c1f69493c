/* tl_keys_peer.c - keys of collectors and CURVE pairs; see tl_keys.h. */
#include "tl_keys.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "tl_bus.h"
#include "tl_hash.h"
#include "tl_json.h"

bool
tl_peer_key_live(const struct tl_peer_key *key, int64_t now_ms)
{
    return key->enabled && (key->not_after_ms == TL_TIME_NONE || now_ms <= key->not_after_ms);
}

int
tl_peer_keys_add(struct tl_peer_keys *keys, const struct tl_peer_key *key, struct tl_err *err)
{
    if (keys->n == TL_KEYS_MAX)
        return tl_fail(err, TL_ENOSPC, "there are %d keys of collectors; remove old ones from collectors.json", TL_KEYS_MAX);
    struct tl_peer_key *grown = tl_realloc(keys->key, (keys->n + 1) * sizeof *grown);
    if (!grown)
        return tl_fail(err, TL_ENOMEM, "out of memory for the keys of collectors");
    keys->key = grown;
    grown[keys->n++] = *key;
    return 0;
}

void
tl_peer_keys_free(struct tl_peer_keys *keys)
{
    tl_free(keys->key);
    *keys = (struct tl_peer_keys){ 0 };
}

static bool
read_peer(const struct tl_jv *v, struct tl_peer_key *key)
{
    struct tl_str name = tl_jv_text(v, "name"), id = tl_jv_text(v, "collector"), pub = tl_jv_text(v, "public"), until = tl_jv_text(v, "not_after");
    *key = (struct tl_peer_key){ .enabled = tl_jv_bool(v, "enabled", false), .not_after_ms = TL_TIME_NONE };
    if (!tl_keys_name(name) || id.n != 2 * sizeof key->collector || pub.n != 2 * sizeof key->public_key)
        return false;
    snprintf(key->name, sizeof key->name, "%.*s", (int)name.n, name.p);
    return tl_unhex(id.p, sizeof key->collector, key->collector) == 0 && tl_unhex(pub.p, sizeof key->public_key, key->public_key) == 0 &&
           (!until.p || tl_time_parse(until, &key->not_after_ms, NULL) == 0);
}

int
tl_peer_keys_load(const char *path, struct tl_peer_keys *out, struct tl_err *err)
{
    struct tl_buf b = { 0 };
    struct tl_arena *a = NULL;
    const struct tl_jv *list = NULL;
    struct tl_peer_key key;
    *out = (struct tl_peer_keys){ 0 };
    int rc = tl_keys_list(path, "collectors", &b, &a, &list, err);
    for (const struct tl_jv *v = list ? list->child : NULL; v && rc == 0; v = v->next)
        rc = read_peer(v, &key) ? tl_peer_keys_add(out, &key, err) : tl_fail(err, TL_ECONFIG, "%s line %u: this is no key of a collector", path, v->line);
    if (rc != 0)
        tl_peer_keys_free(out);
    tl_arena_free(&a);
    tl_buf_free(&b);
    return rc == TL_ENOTFOUND ? 0 : rc;
}

static void
put_peer(struct tl_jw *w, const struct tl_peer_key *key)
{
    char hex[65], time[32];
    tl_jw_open(w, NULL);
    tl_jw_cstr(w, "name", key->name);
    tl_hex(key->collector, sizeof key->collector, hex);
    tl_jw_cstr(w, "collector", hex);
    tl_hex(key->public_key, sizeof key->public_key, hex);
    tl_jw_cstr(w, "public", hex);
    tl_jw_bool(w, "enabled", key->enabled);
    if (key->not_after_ms != TL_TIME_NONE)
        tl_jw_cstr(w, "not_after", tl_time_format(key->not_after_ms, time));
    tl_jw_close(w);
}

int
tl_peer_keys_save(const char *path, const struct tl_peer_keys *keys, struct tl_err *err)
{
    struct tl_buf b = { 0 };
    struct tl_jw w = tl_jw_to(&b);
    tl_jw_open(&w, NULL);
    tl_jw_array(&w, "collectors");
    for (size_t i = 0; i < keys->n; i++) {
        tl_buf_put_u8(&b, '\n');
        put_peer(&w, &keys->key[i]);
    }
    tl_jw_end(&w);
    tl_jw_close(&w);
    tl_buf_put_u8(&b, '\n');
    int rc = b.failed ? tl_fail(err, TL_ENOMEM, "out of memory for %s", path) : tl_keys_write(path, (struct tl_str){ (char *)b.data, b.len }, err);
    tl_buf_free(&b);
    return rc;
}

/* ---- CURVE pairs ---- */
static bool
find_hex(const char *text, const char *name, uint8_t out[TL_KEYS_CURVE_BYTES])
{
    size_t n = strlen(name);
    for (const char *at = text; at; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (strncmp(at, name, n) == 0 && at[n] == ' ')
            return strspn(at + n + 1, "0123456789abcdefABCDEF") == 2 * TL_KEYS_CURVE_BYTES && tl_unhex(at + n + 1, TL_KEYS_CURVE_BYTES, out) == 0;
    }
    return false;
}

int
tl_curve_file_load(const char *path, struct tl_curve_file *f, bool with_server, struct tl_err *err)
{
    struct tl_buf b = { 0 };
    *f = (struct tl_curve_file){ 0 };
    int rc = tl_keys_read(path, &b, err);
    const char *text = (const char *)b.data;
    if (rc == 0 && (!find_hex(text, "public", f->public_key) || !find_hex(text, "secret", f->secret_key) ||
                    (with_server && !find_hex(text, "server", f->server_key))))
        rc = tl_fail(err, TL_ECONFIG, "%s is not a key file; `touchline keys add collector` writes it", path);
    tl_buf_free(&b);
    return rc;
}

int
tl_curve_file_save(const char *path, const struct tl_curve_file *f, bool with_server, struct tl_err *err)
{
    char text[400], pub[65], sec[65], server[65];
    tl_hex(f->public_key, TL_KEYS_CURVE_BYTES, pub);
    tl_hex(f->secret_key, TL_KEYS_CURVE_BYTES, sec);
    tl_hex(f->server_key, TL_KEYS_CURVE_BYTES, server);
    int n = snprintf(text, sizeof text, "public %s\nsecret %s\n%s%s%s", pub, sec, with_server ? "server " : "", with_server ? server : "", with_server ? "\n" : "");
    return tl_keys_write(path, (struct tl_str){ text, (size_t)n }, err);
}

/* Linked, not renamed: who comes second takes the pair of who came first. */
int
tl_curve_server(const char *data, struct tl_curve_file *f, struct tl_err *err)
{
    char path[PATH_MAX - 32], fresh[PATH_MAX];
    snprintf(path, sizeof path, "%s/keys/bus.key", data);
    int rc = tl_curve_file_load(path, f, false, err);
    if (rc != TL_ENOTFOUND)
        return rc;
    snprintf(fresh, sizeof fresh, "%s.fresh.%d", path, (int)getpid());
    if (tl_bus_keypair(f->public_key, f->secret_key) != 0)
        return tl_fail(err, TL_EIO, "this libzmq knows no CURVE");
    rc = tl_keys_dir(data, err);
    if (rc == 0)
        rc = tl_curve_file_save(fresh, f, false, err);
    if (rc == 0 && link(fresh, path) != 0 && errno != EEXIST)
        rc = tl_fail(err, TL_EIO, "cannot write %s: %s", path, strerror(errno));
    unlink(fresh);
    return rc == 0 ? tl_curve_file_load(path, f, false, err) : rc;
}
